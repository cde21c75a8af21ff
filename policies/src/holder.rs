//! Who can hold a role at all, whatever it is good for.

use cordon_context::{Actor, ActorKind, OrganisationKind, Role};

/// Whether an organisation of this kind is a place for the role; a role that was given elsewhere gives nothing.
pub const fn fits(role: Role, kind: OrganisationKind) -> bool {
    match role {
        Role::PoliceApprover | Role::PoliceDutyLead | Role::PoliceHandler => matches!(kind, OrganisationKind::Police),
        Role::Analyst => matches!(kind, OrganisationKind::Police | OrganisationKind::Ministry),
        Role::RegulatorApprover | Role::RegulatorOfficer => {
            matches!(kind, OrganisationKind::CommAuthority | OrganisationKind::Ministry)
        }
        Role::AppealOfficer => kind.is_state_organ(),
        Role::MinistryCommander | Role::MinistryViewer => matches!(kind, OrganisationKind::Ministry),
        Role::HotlineClerk => kind.is_state_organ() || matches!(kind, OrganisationKind::PlatformOperator),
        Role::EnterpriseDuty | Role::EnterpriseLegal | Role::EnterpriseManager | Role::EnterpriseSystem => {
            kind.is_enterprise()
        }
        Role::GroupReviewer => matches!(kind, OrganisationKind::CarrierGroup),
        Role::CommandDesk | Role::SecurityAdmin | Role::System | Role::SystemAdmin => {
            matches!(kind, OrganisationKind::PlatformOperator)
        }
        Role::Auditor => matches!(kind, OrganisationKind::PlatformOperator | OrganisationKind::Ministry),
    }
}

/// Whether people hold the role, and not programs or jobs.
pub const fn is_for_people(role: Role) -> bool {
    !matches!(role, Role::EnterpriseSystem | Role::System)
}

/// Whether the role of this actor counts.
pub(crate) fn counts(role: Role, actor: &Actor) -> bool {
    let job = matches!(actor.kind, ActorKind::System { .. });
    job == (role == Role::System) && fits(role, actor.organisation_kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [OrganisationKind; 11] = [
        OrganisationKind::Ministry,
        OrganisationKind::CommAuthority,
        OrganisationKind::Police,
        OrganisationKind::CarrierGroup,
        OrganisationKind::CarrierBranch,
        OrganisationKind::Mvno,
        OrganisationKind::InternetFirm,
        OrganisationKind::Registrar,
        OrganisationKind::AccessProvider,
        OrganisationKind::AppStore,
        OrganisationKind::PlatformOperator,
    ];

    #[test]
    fn every_role_has_a_place_and_none_is_at_home_everywhere() {
        for role in Role::ALL.iter().copied() {
            assert!(KINDS.iter().any(|kind| fits(role, *kind)), "{role}");
            assert!(KINDS.iter().any(|kind| !fits(role, *kind)), "{role}");
        }
        assert!(!fits(Role::PoliceApprover, OrganisationKind::CarrierBranch));
        assert!(!fits(Role::SecurityAdmin, OrganisationKind::Police));
    }

    #[test]
    fn a_person_is_no_job() {
        let mut actor = Actor::system("test");
        assert!(counts(Role::System, &actor));
        assert!(!counts(Role::SystemAdmin, &actor));
        actor.kind = ActorKind::Client { client: cordon_context::ApiClientId::from_uuid(uuid::Uuid::nil()) };
        assert!(!counts(Role::System, &actor));
        assert!(counts(Role::SystemAdmin, &actor));
    }
}
