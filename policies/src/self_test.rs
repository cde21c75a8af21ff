//! What must hold of any policy before it is used: duties that must exist, and separations that must not fall.

use cordon_context::{Action, Resource, Role};

use crate::engine::Engine;
use crate::row::ScopeWord;
use crate::table::Table;

/// Why a policy is not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SelfTestError {
    #[error("the evaluated policy has {0} rows of {1}")]
    Rows(usize, usize),
    #[error("{0} must be allowed to {1} {2}")]
    MustAllow(Role, Action, Resource),
    #[error("{0} must not be allowed to {1} {2}")]
    MustDeny(Role, Action, Resource),
    #[error("the engine allows the impossible request {0:?}")]
    Impossible([&'static str; 4]),
    #[error("{0} may both draft and approve {1}")]
    BothSides(Role, Resource),
    #[error("{0} would reach every row of {1}")]
    TooWide(Role, Resource),
}

/// Without these the main job stands still.
const MUST_ALLOW: &[(Role, Action, Resource)] = &[
    (Role::PoliceHandler, Action::Create, Resource::Order),
    (Role::PoliceApprover, Action::Approve, Resource::Order),
    (Role::EnterpriseDuty, Action::Execute, Resource::Task),
    (Role::CommandDesk, Action::Decide, Resource::ExceptionDesk),
    (Role::AppealOfficer, Action::Decide, Resource::Appeal),
    (Role::SecurityAdmin, Action::Create, Resource::RoleAssignment),
    (Role::SystemAdmin, Action::Create, Resource::Organisation),
    (Role::Auditor, Action::Read, Resource::Ledger),
    (Role::System, Action::Create, Resource::Task),
];

/// Canaries beside the general rules below.
const MUST_DENY: &[(Role, Action, Resource)] = &[
    (Role::PoliceHandler, Action::Approve, Resource::Order),
    (Role::PoliceApprover, Action::Create, Resource::Order),
    (Role::PoliceDutyLead, Action::Approve, Resource::EmergencyOrder),
    (Role::SystemAdmin, Action::Create, Resource::RoleAssignment),
    (Role::SystemAdmin, Action::Modify, Resource::RoleAssignment),
    (Role::SecurityAdmin, Action::Create, Resource::Organisation),
    (Role::EnterpriseManager, Action::Create, Resource::RoleAssignment),
    (Role::CommandDesk, Action::Decide, Resource::Appeal),
    (Role::EnterpriseDuty, Action::Verify, Resource::Task),
];

const IMPOSSIBLE: &[[&str; 4]] = &[
    ["", "", "", ""],
    ["auditor", "", "read", "all"],
    ["auditor", "ledger", "read", ""],
    ["auditor", "ledger", "*", "all"],
    ["nobody", "ledger", "read", "all"],
    ["auditor", "order", "read", "all"],
];

/// What holds the content of the work, which administrators and auditors must not see.
const CONTENT: &[Resource] = &[
    Resource::Appeal,
    Resource::Bulletin,
    Resource::Case,
    Resource::Clue,
    Resource::ClueQuery,
    Resource::EmergencyOrder,
    Resource::Notice,
    Resource::Order,
    Resource::ProtectedItem,
    Resource::ProtectiveMeasure,
    Resource::Release,
    Resource::Report,
    Resource::Task,
];

/// What is drafted by one duty and approved by another.
const FOUR_EYES: &[Resource] = &[
    Resource::Bulletin,
    Resource::ClueQuery,
    Resource::EmergencyOrder,
    Resource::Order,
    Resource::Protected,
    Resource::ProtectedItem,
    Resource::ProtectiveMeasure,
];

const ENTERPRISE: &[Role] = &[
    Role::EnterpriseDuty,
    Role::EnterpriseLegal,
    Role::EnterpriseManager,
    Role::EnterpriseSystem,
    Role::GroupReviewer,
];

/// Tests a policy that is about to be used.
pub(crate) fn check(engine: &Engine, table: &Table, rows: usize) -> Result<(), SelfTestError> {
    if table.rows() == 0 || table.rows() != rows {
        return Err(SelfTestError::Rows(table.rows(), rows));
    }
    if let Some(words) = IMPOSSIBLE.iter().find(|words| engine.allows(**words)) {
        return Err(SelfTestError::Impossible(*words));
    }
    for (role, action, resource) in MUST_ALLOW.iter().copied() {
        let asked = ScopeWord::ALL
            .iter()
            .any(|scope| engine.allows([role.name(), resource.name(), action.name(), scope.name()]));
        if !asked || !table.allows(role, resource, action) {
            return Err(SelfTestError::MustAllow(role, action, resource));
        }
    }
    let content = [Role::Auditor, Role::SecurityAdmin, Role::SystemAdmin].into_iter().flat_map(|role| {
        CONTENT.iter().flat_map(move |resource| Action::ALL.iter().map(move |action| (role, *action, *resource)))
    });
    let machine = Resource::ALL.iter().flat_map(|resource| {
        [Action::Approve, Action::Decide, Action::Reveal].map(|action| (Role::System, action, *resource))
    });
    let ledger = Role::ALL
        .iter()
        .filter(|role| !matches!(role, Role::Auditor | Role::System))
        .flat_map(|role| Action::ALL.iter().map(move |action| (*role, *action, Resource::Ledger)));
    for (role, action, resource) in MUST_DENY.iter().copied().chain(content).chain(machine).chain(ledger) {
        if table.allows(role, resource, action) {
            return Err(SelfTestError::MustDeny(role, action, resource));
        }
    }
    for role in Role::ALL.iter().copied() {
        for resource in FOUR_EYES.iter().copied() {
            if table.allows(role, resource, Action::Create) && table.allows(role, resource, Action::Approve) {
                return Err(SelfTestError::BothSides(role, resource));
            }
        }
    }
    for role in ENTERPRISE.iter().copied() {
        for resource in Resource::ALL.iter().copied() {
            let open = matches!(resource, Resource::Organisation | Resource::Calendar);
            for action in Action::ALL.iter().copied() {
                let wide = table.scopes(role, resource, action).any(|scope| {
                    matches!(scope, ScopeWord::All | ScopeWord::Region | ScopeWord::Instructed | ScopeWord::OwnCase)
                });
                if wide && !(open && action == Action::Read) {
                    return Err(SelfTestError::TooWide(role, resource));
                }
            }
        }
    }
    Ok(())
}

/// Whether `first` begins what `second` decides about: a draft and its approval, a measure and the appeal against it.
pub(crate) fn are_two_sides(table: &Table, first: Role, second: Role) -> bool {
    let drafts = FOUR_EYES.iter().any(|resource| {
        table.allows(first, *resource, Action::Create) && table.allows(second, *resource, Action::Approve)
    });
    let measures = table.allows(first, Resource::Order, Action::Approve)
        || table.allows(first, Resource::EmergencyOrder, Action::Create);
    drafts || (measures && table.allows(second, Resource::Appeal, Action::Decide))
}
