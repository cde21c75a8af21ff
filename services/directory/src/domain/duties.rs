//! Which roles exist where, which exclude each other, and which are the two sides of four eyes.

use cordon_context::{Bilingual, OrganisationKind, Refusal, Role, Timestamp};
use cordon_policies::Authorizer;

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
    cordon_policies::is_for_people(role) && cordon_policies::fits(role, kind)
}

/// Whether its holder may lend a role; administration is never lent, so that every use of it has one name.
pub(crate) const fn may_be_lent(role: Role) -> bool {
    !is_administrative(role) && cordon_policies::is_for_people(role)
}

/// Whether a role may come to a person beside what they hold at the same time.
///
/// Two sides of one decision may be given to the same person for good, by name, because services compare the persons of each
/// decision; but a loan must not quietly make somebody both. What the two sides are follows from the policy.
pub(crate) fn check(wanted: &Span, held: &[Span], policy: &Authorizer) -> Result<(), Refusal> {
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
        if (wanted.lent || other.lent) && policy.are_two_sides(wanted.role, other.role) {
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

    use super::{Authorizer, Refusal, Role, Span, Timestamp};

    fn check(wanted: &Span, held: &[Span]) -> Result<(), Refusal> {
        static POLICY: std::sync::LazyLock<Authorizer> = std::sync::LazyLock::new(|| Authorizer::embedded().unwrap());
        super::check(wanted, held, &POLICY)
    }

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
    fn the_two_sides_are_those_of_the_policy() {
        for (one, other) in [
            (Role::PoliceHandler, Role::PoliceApprover),
            (Role::PoliceDutyLead, Role::PoliceApprover),
            (Role::Analyst, Role::PoliceApprover),
            (Role::RegulatorOfficer, Role::MinistryCommander),
            (Role::PoliceApprover, Role::AppealOfficer),
        ] {
            for (lent, held) in [(one, other), (other, one)] {
                let refused = check(&span(lent, 0, Some(9), true), &[span(held, 0, None, false)]).unwrap_err();
                assert_eq!(refused.rule.as_deref(), Some("delegation.two_sides"), "{lent} beside {held}");
            }
        }
        // The negative control: a loan of something else.
        assert!(check(&span(Role::Analyst, 0, Some(9), true), &[span(Role::PoliceHandler, 0, None, false)]).is_ok());
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
