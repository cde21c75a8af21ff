//! Which roles exist where, which exclude each other, and which are the two sides of four eyes.

use cordon_context::{Bilingual, OrganisationKind, Refusal, Role, Timestamp};

/// A role over a span of time; open-ended without an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) role: Role,
    pub(crate) from: Timestamp,
    pub(crate) to: Option<Timestamp>,
    /// Whether the role is lent, not given.
    pub(crate) lent: bool,
}

impl Span {
    fn meets(&self, other: &Self) -> bool {
        let begins_before_end = |from: Timestamp, to: Option<Timestamp>| to.is_none_or(|to| from < to);
        begins_before_end(self.from, other.to) && begins_before_end(other.from, self.to)
    }
}

/// Administration, security and audit: three duties that nobody holds two of, and nobody holds beside work on content.
pub(crate) const fn is_administrative(role: Role) -> bool {
    matches!(role, Role::SystemAdmin | Role::SecurityAdmin | Role::Auditor)
}

/// Whether a person of such an organisation can hold the role; roles of programs and jobs are held by no person.
pub(crate) const fn fits(role: Role, kind: OrganisationKind) -> bool {
    match role {
        Role::PoliceApprover | Role::PoliceDutyLead | Role::PoliceHandler => matches!(kind, OrganisationKind::Police),
        Role::Analyst => matches!(kind, OrganisationKind::Police | OrganisationKind::Ministry),
        Role::RegulatorApprover | Role::RegulatorOfficer => {
            matches!(kind, OrganisationKind::CommAuthority | OrganisationKind::Ministry)
        }
        Role::AppealOfficer => kind.is_state_organ(),
        Role::MinistryCommander | Role::MinistryViewer => matches!(kind, OrganisationKind::Ministry),
        Role::HotlineClerk => kind.is_state_organ() || matches!(kind, OrganisationKind::PlatformOperator),
        Role::EnterpriseDuty | Role::EnterpriseLegal | Role::EnterpriseManager => kind.is_enterprise(),
        Role::GroupReviewer => matches!(kind, OrganisationKind::CarrierGroup),
        Role::CommandDesk | Role::SecurityAdmin | Role::SystemAdmin => {
            matches!(kind, OrganisationKind::PlatformOperator)
        }
        Role::Auditor => matches!(kind, OrganisationKind::PlatformOperator | OrganisationKind::Ministry),
        Role::EnterpriseSystem | Role::System => false,
    }
}

/// Whether its holder may lend a role; administration is never lent, so that every use of it has one name.
pub(crate) const fn may_be_lent(role: Role) -> bool {
    !is_administrative(role) && !matches!(role, Role::EnterpriseSystem | Role::System)
}

/// Whether two roles are the two sides of one decision: who drafts and who approves, who decides and who hears the appeal.
const fn are_two_sides(one: Role, other: Role) -> bool {
    matches!(
        (one, other),
        (Role::PoliceHandler, Role::PoliceApprover)
            | (Role::PoliceApprover, Role::PoliceHandler)
            | (Role::RegulatorOfficer, Role::RegulatorApprover)
            | (Role::RegulatorApprover, Role::RegulatorOfficer)
            | (Role::AppealOfficer, Role::PoliceApprover | Role::RegulatorApprover)
            | (Role::PoliceApprover | Role::RegulatorApprover, Role::AppealOfficer)
    )
}

/// Whether a role may come to a person beside what they hold at the same time.
///
/// Two sides of one decision may be given to the same person for good, by name, because services compare the persons of each
/// decision; but a loan must not quietly make somebody both.
pub(crate) fn check(wanted: &Span, held: &[Span]) -> Result<(), Refusal> {
    for other in held.iter().filter(|other| other.meets(wanted)) {
        if other.role == wanted.role {
            return Err(Refusal::rule(
                "role.already_held",
                Bilingual::new("该人员在此期间已拥有此角色", "the person holds this role in that time already"),
            ));
        }
        if is_administrative(wanted.role) || is_administrative(other.role) {
            return Err(Refusal::rule(
                "role.separation_of_duties",
                Bilingual::new(
                    "系统管理、安全管理、审计三权分立，且不得与业务角色兼任",
                    "administration, security and audit exclude each other and every role that works on content",
                ),
            ));
        }
        if (wanted.lent || other.lent) && are_two_sides(wanted.role, other.role) {
            return Err(Refusal::rule(
                "delegation.two_sides",
                Bilingual::new(
                    "委托不得使同一人同时成为起草与审批（或决定与复核）双方",
                    "a loan must not make one person both sides of a decision",
                ),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn span(role: Role, from: i64, to: Option<i64>, lent: bool) -> Span {
        Span { role, from: Timestamp::from_millis(from), to: to.map(Timestamp::from_millis), lent }
    }

    #[test]
    fn the_three_duties_exclude_each_other_and_everything_else() {
        for one in [Role::SystemAdmin, Role::SecurityAdmin, Role::Auditor] {
            for other in Role::ALL {
                let outcome = check(&span(one, 0, None, false), &[span(*other, 0, None, false)]);
                assert!(outcome.is_err(), "{one} beside {other}");
                assert!(
                    check(&span(*other, 0, None, false), &[span(one, 0, None, false)]).is_err(),
                    "{other} beside {one}"
                );
            }
        }
        // The negative control: content roles live side by side.
        assert!(
            check(&span(Role::PoliceDutyLead, 0, None, false), &[span(Role::PoliceHandler, 0, None, false)]).is_ok()
        );
    }

    #[test]
    fn a_duty_that_ended_before_excludes_nothing() {
        let before = span(Role::Auditor, 0, Some(10), false);
        assert!(check(&span(Role::SystemAdmin, 10, None, false), &[before]).is_ok());
        assert!(check(&span(Role::SystemAdmin, 9, None, false), &[before]).is_err());
    }

    #[test]
    fn only_a_loan_is_refused_for_being_the_other_side() {
        let handler = span(Role::PoliceHandler, 0, None, false);
        assert!(check(&span(Role::PoliceApprover, 0, Some(9), false), &[handler]).is_ok());
        let refused = check(&span(Role::PoliceApprover, 0, Some(9), true), &[handler]).unwrap_err();
        assert_eq!(refused.rule.as_deref(), Some("delegation.two_sides"));
    }

    #[test]
    fn every_role_of_a_person_has_a_place_and_programs_have_none() {
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
        for role in Role::ALL {
            let somewhere = KINDS.iter().any(|kind| fits(*role, *kind));
            assert_eq!(somewhere, !matches!(role, Role::EnterpriseSystem | Role::System), "{role}");
        }
        assert!(!fits(Role::PoliceApprover, OrganisationKind::CarrierBranch));
        assert!(!fits(Role::SecurityAdmin, OrganisationKind::Police));
    }

    proptest! {
        /// Spans that do not overlap never matter, whatever they hold.
        #[test]
        fn what_does_not_overlap_is_never_refused(a in 0_usize..20, b in 0_usize..20, from in 0_i64..1_000, length in 1_i64..1_000) {
            let (a, b) = (Role::ALL[a % Role::ALL.len()], Role::ALL[b % Role::ALL.len()]);
            let earlier = span(a, from, Some(from + length), false);
            prop_assert!(check(&span(b, from + length, None, true), &[earlier]).is_ok());
        }
    }
}
