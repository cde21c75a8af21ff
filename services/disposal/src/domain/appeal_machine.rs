//! The state machine of an appeal: a table and one pure function.

use cordon_disposal_contract::{AppealOutcome, AppealState};

use super::rules::RuleViolation;

/// What somebody wants to happen to an appeal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum AppealEvent {
    /// Something is missing.
    RequestSupplement,
    /// What was missing is there.
    Supplement,
    /// It is heard.
    Accept,
    /// It is not heard.
    Decline,
    /// An officer gets it.
    Assign,
    /// The officer begins.
    BeginVerification,
    /// The time to decide is extended.
    Extend,
    /// It is decided.
    Decide,
    /// What was decided is carried out.
    Carried,
    /// The appellant is answered.
    Reply,
    /// It is closed.
    Close,
}

impl AppealEvent {
    /// Every event, for tests.
    #[cfg(test)]
    pub(crate) const ALL: &'static [Self] = &[
        Self::RequestSupplement,
        Self::Supplement,
        Self::Accept,
        Self::Decline,
        Self::Assign,
        Self::BeginVerification,
        Self::Extend,
        Self::Decide,
        Self::Carried,
        Self::Reply,
        Self::Close,
    ];

    /// The name on the timeline and in the ledger.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::RequestSupplement => "appeal.request_supplement",
            Self::Supplement => "appeal.supplement",
            Self::Accept => "appeal.accept",
            Self::Decline => "appeal.decline",
            Self::Assign => "appeal.assign",
            Self::BeginVerification => "appeal.begin_verification",
            Self::Extend => "appeal.extend",
            Self::Decide => "appeal.decide",
            Self::Carried => "appeal.carried_out",
            Self::Reply => "appeal.reply",
            Self::Close => "appeal.close",
        }
    }
}

/// What must be known to decide; gathered by the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is the answer to one question of a rule")]
pub(crate) struct AppealFacts {
    /// Whether the actor acts for the competent organ.
    pub(crate) competent: bool,
    /// Whether the actor acts for the organ that registered it.
    pub(crate) receiver: bool,
    /// Whether the actor has the appeal.
    pub(crate) officer: bool,
    /// Whether the person who would hear it drafted, approved or executed the measure, or decided the appeal under review.
    pub(crate) involved: bool,
    /// Whether the person who would hear it has that duty at the competent organ and may act.
    pub(crate) fit: bool,
    /// Whether the time to decide was extended before.
    pub(crate) extended: bool,
    /// Whether a job of the platform acts.
    pub(crate) system: bool,
    /// What was or is being decided.
    pub(crate) outcome: Option<AppealOutcome>,
}

#[derive(Clone, Copy, Debug)]
enum Guard {
    Competent,
    Receiver,
    Officer,
    Independent,
    Fit,
    NotExtended,
    NotTheOfficer,
    System,
}

struct Row {
    event: AppealEvent,
    from: &'static [AppealState],
    to: To,
    guards: &'static [Guard],
}

#[derive(Clone, Copy)]
enum To {
    State(AppealState),
    Same,
    /// Decided, or carried out at once if everything stays as it is.
    Decided,
}

use AppealEvent as E;
use AppealState as S;
use Guard as G;

const TABLE: &[Row] = &[
    Row {
        event: E::RequestSupplement,
        from: &[S::Submitted],
        to: To::State(S::SupplementNeeded),
        guards: &[G::Competent, G::Independent],
    },
    Row { event: E::Supplement, from: &[S::SupplementNeeded], to: To::State(S::Submitted), guards: &[G::Receiver] },
    Row { event: E::Accept, from: &[S::Submitted], to: To::State(S::Accepted), guards: &[G::Competent] },
    Row {
        event: E::Decline,
        from: &[S::Submitted, S::SupplementNeeded],
        to: To::State(S::NotAccepted),
        guards: &[G::Competent, G::Independent],
    },
    Row {
        event: E::Assign,
        from: &[S::Accepted, S::Assigned, S::Verifying],
        to: To::State(S::Assigned),
        guards: &[G::Competent, G::Independent, G::Fit],
    },
    Row {
        event: E::BeginVerification,
        from: &[S::Assigned],
        to: To::State(S::Verifying),
        guards: &[G::Officer, G::Independent],
    },
    Row {
        event: E::Extend,
        from: &[S::Accepted, S::Assigned, S::Verifying],
        to: To::Same,
        guards: &[G::Competent, G::NotExtended, G::NotTheOfficer],
    },
    Row { event: E::Decide, from: &[S::Verifying], to: To::Decided, guards: &[G::Officer, G::Independent] },
    Row { event: E::Carried, from: &[S::Decided], to: To::State(S::Executed), guards: &[G::System] },
    Row {
        event: E::Reply,
        from: &[S::Executed, S::NotAccepted],
        to: To::State(S::Replied),
        guards: &[G::Competent, G::Independent],
    },
    Row { event: E::Close, from: &[S::Replied], to: To::State(S::Closed), guards: &[G::Competent] },
];

/// Says to which state an event leads, or which rule forbids it.
pub(crate) fn transition(
    state: AppealState,
    event: AppealEvent,
    facts: AppealFacts,
) -> Result<AppealState, RuleViolation> {
    let row =
        TABLE.iter().find(|row| row.event == event && row.from.contains(&state)).ok_or(RuleViolation::APPEAL_STATE)?;
    for guard in row.guards {
        let (holds, rule) = match guard {
            G::Competent => (facts.competent, RuleViolation::APPEAL_COMPETENT),
            G::Receiver => (facts.receiver || facts.competent, RuleViolation::APPEAL_COMPETENT),
            G::Officer => (facts.officer, RuleViolation::APPEAL_OFFICER),
            G::Independent => (!facts.involved, RuleViolation::APPEAL_DECIDER),
            G::Fit => (facts.fit, RuleViolation::APPEAL_HEARER),
            G::NotExtended => (!facts.extended, RuleViolation::APPEAL_EXTENDED),
            G::NotTheOfficer => (!facts.officer, RuleViolation::APPEAL_EXTENDER),
            G::System => (facts.system, RuleViolation::TASK_SYSTEM),
        };
        if !holds {
            return Err(rule);
        }
    }
    Ok(match row.to {
        To::State(to) => to,
        To::Same => state,
        To::Decided if facts.outcome == Some(AppealOutcome::Maintain) => S::Executed,
        To::Decided => S::Decided,
    })
}

/// Whether a review may be asked for: the appellant was answered, and the answer was not full relief.
pub(crate) fn reviewable(
    state: AppealState,
    outcome: Option<AppealOutcome>,
    is_review: bool,
) -> Result<(), RuleViolation> {
    if is_review {
        return Err(RuleViolation::APPEAL_REVIEWED);
    }
    let answered = matches!(state, S::Replied | S::Closed);
    if answered && outcome != Some(AppealOutcome::Release) { Ok(()) } else { Err(RuleViolation::APPEAL_STATE) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn facts() -> impl Strategy<Value = AppealFacts> {
        let mostly = || prop_oneof![9 => Just(true), 1 => Just(false)];
        let rarely = || prop_oneof![9 => Just(false), 1 => Just(true)];
        (
            mostly(),
            any::<bool>(),
            mostly(),
            rarely(),
            rarely(),
            mostly(),
            mostly(),
            proptest::sample::select(AppealOutcome::ALL.to_vec()),
        )
            .prop_map(|(competent, receiver, officer, involved, extended, system, fit, outcome)| AppealFacts {
                competent,
                receiver,
                officer,
                involved,
                fit,
                extended,
                system,
                outcome: Some(outcome),
            })
    }

    /// The order of steps as a person would say it: how far the appeal must have come for an event to make sense.
    fn says_the_field(state: AppealState, event: AppealEvent, facts: AppealFacts) -> Option<AppealState> {
        let hearing = [S::Accepted, S::Assigned, S::Verifying];
        match event {
            E::RequestSupplement if state == S::Submitted && facts.competent && !facts.involved => {
                Some(S::SupplementNeeded)
            }
            E::Supplement if state == S::SupplementNeeded && (facts.receiver || facts.competent) => Some(S::Submitted),
            E::Accept if state == S::Submitted && facts.competent => Some(S::Accepted),
            E::Decline
                if [S::Submitted, S::SupplementNeeded].contains(&state) && facts.competent && !facts.involved =>
            {
                Some(S::NotAccepted)
            }
            E::Assign if hearing.contains(&state) && facts.competent && !facts.involved && facts.fit => {
                Some(S::Assigned)
            }
            E::BeginVerification if state == S::Assigned && facts.officer && !facts.involved => Some(S::Verifying),
            E::Extend if hearing.contains(&state) && facts.competent && !facts.extended && !facts.officer => {
                Some(state)
            }
            E::Decide if state == S::Verifying && facts.officer && !facts.involved => {
                Some(if facts.outcome == Some(AppealOutcome::Maintain) { S::Executed } else { S::Decided })
            }
            E::Carried if state == S::Decided && facts.system => Some(S::Executed),
            E::Reply if [S::Executed, S::NotAccepted].contains(&state) && facts.competent && !facts.involved => {
                Some(S::Replied)
            }
            E::Close if state == S::Replied && facts.competent => Some(S::Closed),
            _ => None,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn every_sequence_follows_the_steps_of_the_field(
            attempts in proptest::collection::vec((proptest::sample::select(E::ALL.to_vec()), facts()), 1..60),
        ) {
            let mut state = S::Submitted;
            for (event, facts) in attempts {
                let outcome = transition(state, event, facts);
                prop_assert_eq!(outcome.ok(), says_the_field(state, event, facts));
                state = outcome.unwrap_or(state);
            }
        }
    }

    #[test]
    fn who_decided_the_measure_cannot_hear_the_appeal() {
        let officer = AppealFacts {
            competent: true,
            receiver: false,
            officer: true,
            involved: false,
            fit: true,
            extended: false,
            system: false,
            outcome: Some(AppealOutcome::Release),
        };
        assert_eq!(transition(S::Verifying, E::Decide, officer), Ok(S::Decided));
        let involved = AppealFacts { involved: true, ..officer };
        for (state, event) in [
            (S::Verifying, E::Decide),
            (S::Submitted, E::Decline),
            (S::Submitted, E::RequestSupplement),
            (S::Executed, E::Reply),
        ] {
            assert!(transition(state, event, officer).is_ok(), "{event:?}");
            assert_eq!(transition(state, event, involved), Err(RuleViolation::APPEAL_DECIDER), "{event:?}");
        }
        let unfit = AppealFacts { fit: false, ..officer };
        assert_eq!(transition(S::Verifying, E::Assign, officer), Ok(S::Assigned));
        assert_eq!(transition(S::Verifying, E::Assign, unfit), Err(RuleViolation::APPEAL_HEARER));
    }

    #[test]
    fn a_review_comes_once_and_only_after_less_than_full_relief() {
        assert_eq!(reviewable(S::Replied, Some(AppealOutcome::Maintain), false), Ok(()));
        assert_eq!(reviewable(S::Replied, None, false), Ok(()));
        assert_eq!(reviewable(S::Replied, Some(AppealOutcome::Release), false), Err(RuleViolation::APPEAL_STATE));
        assert_eq!(reviewable(S::Verifying, None, false), Err(RuleViolation::APPEAL_STATE));
        assert_eq!(reviewable(S::Closed, Some(AppealOutcome::Maintain), true), Err(RuleViolation::APPEAL_REVIEWED));
    }
}
