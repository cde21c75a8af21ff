//! How a clue query moves on, and when its answers are due.

use std::time::Duration;

use cordon_calendar::WorkingDays;
use cordon_case_intake_contract::{ClueQueryStatus, ClueQueryStep, Urgency};
use cordon_context::{Bilingual, Refusal, Timestamp};

use super::machine::{Transition, follow, refused};
use crate::settings::ClueQuerySettings;

/// The steps of a query, without what they carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Approve,
    Issue,
    AnswerSome,
    AnswerAll,
    Use,
    Close,
    Withdraw,
}

impl Step {
    pub(crate) const fn of(step: &ClueQueryStep) -> Self {
        match step {
            ClueQueryStep::Approve { .. } => Self::Approve,
            ClueQueryStep::Issue => Self::Issue,
            ClueQueryStep::Use { .. } => Self::Use,
            ClueQueryStep::Close => Self::Close,
            ClueQueryStep::Withdraw { .. } => Self::Withdraw,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Issue => "issue",
            Self::AnswerSome => "answer_some",
            Self::AnswerAll => "answer_all",
            Self::Use => "use",
            Self::Close => "close",
            Self::Withdraw => "withdraw",
        }
    }
}

/// What may follow what. An answered query may be answered again until it is used, because a partial answer is completed and a
/// wrong one corrected.
const TABLE: &[Transition<ClueQueryStatus, Step>] = &[
    (ClueQueryStatus::Draft, Step::Approve, ClueQueryStatus::Approved),
    (ClueQueryStatus::Draft, Step::Withdraw, ClueQueryStatus::Withdrawn),
    (ClueQueryStatus::Approved, Step::Issue, ClueQueryStatus::Issued),
    (ClueQueryStatus::Approved, Step::Withdraw, ClueQueryStatus::Withdrawn),
    (ClueQueryStatus::Issued, Step::AnswerSome, ClueQueryStatus::PartlyAnswered),
    (ClueQueryStatus::Issued, Step::AnswerAll, ClueQueryStatus::Answered),
    (ClueQueryStatus::Issued, Step::Withdraw, ClueQueryStatus::Withdrawn),
    (ClueQueryStatus::PartlyAnswered, Step::AnswerSome, ClueQueryStatus::PartlyAnswered),
    (ClueQueryStatus::PartlyAnswered, Step::AnswerAll, ClueQueryStatus::Answered),
    (ClueQueryStatus::PartlyAnswered, Step::Use, ClueQueryStatus::Used),
    (ClueQueryStatus::PartlyAnswered, Step::Withdraw, ClueQueryStatus::Withdrawn),
    (ClueQueryStatus::Answered, Step::AnswerAll, ClueQueryStatus::Answered),
    (ClueQueryStatus::Answered, Step::Use, ClueQueryStatus::Used),
    (ClueQueryStatus::Used, Step::Close, ClueQueryStatus::Closed),
];

/// The rule that forbids a step in the present state.
pub(crate) const TRANSITION: &str = "clue_query.transition";

/// The state that a step leads to.
pub(crate) fn next(from: ClueQueryStatus, step: Step) -> Result<ClueQueryStatus, Refusal> {
    follow(TABLE, from, step).ok_or_else(|| refused(TRANSITION, from, step))
}

/// Refuses that whoever wrote a thing also agrees to it.
pub(crate) fn check_four_eyes(rule: &'static str, drafted_by: &str, approver: &str) -> Result<(), Refusal> {
    if drafted_by == approver {
        return Err(Refusal::rule(
            rule,
            Bilingual::new("起草人不能审批自己起草的内容", "whoever drafted it cannot approve it"),
        ));
    }
    Ok(())
}

/// When the answers are due.
pub(crate) fn due_at(
    urgency: Urgency,
    issued_at: Timestamp,
    settings: &ClueQuerySettings,
    days: &WorkingDays,
) -> Timestamp {
    match urgency {
        Urgency::Flash => issued_at.plus(Duration::from_mins(settings.flash_minutes.into())),
        Urgency::Urgent => issued_at.plus(Duration::from_mins(settings.urgent_minutes.into())),
        Urgency::Routine => days.same_time_after(issued_at, settings.routine_working_days),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::machine::check;
    use super::*;

    const STEPS: [Step; 7] =
        [Step::Approve, Step::Issue, Step::AnswerSome, Step::AnswerAll, Step::Use, Step::Close, Step::Withdraw];

    fn model(from: ClueQueryStatus, step: Step) -> Option<ClueQueryStatus> {
        use ClueQueryStatus as S;
        let waiting = from == S::Issued || from == S::PartlyAnswered;
        match step {
            Step::Approve => (from == S::Draft).then_some(S::Approved),
            Step::Issue => (from == S::Approved).then_some(S::Issued),
            Step::AnswerSome => waiting.then_some(S::PartlyAnswered),
            Step::AnswerAll => (waiting || from == S::Answered).then_some(S::Answered),
            Step::Use => (from == S::PartlyAnswered || from == S::Answered).then_some(S::Used),
            Step::Close => (from == S::Used).then_some(S::Closed),
            Step::Withdraw => (waiting || from == S::Draft || from == S::Approved).then_some(S::Withdrawn),
        }
    }

    #[test]
    fn table_is_sound() {
        check::is_sound(TABLE, ClueQueryStatus::Draft, ClueQueryStatus::ALL);
    }

    proptest! {
        #[test]
        fn table_agrees_with_the_reference_model(steps in prop::collection::vec(prop::sample::select(&STEPS[..]), 0..30)) {
            check::walk(TABLE, ClueQueryStatus::Draft, &steps, model);
        }

        #[test]
        fn nothing_is_issued_without_approval(steps in prop::collection::vec(prop::sample::select(&STEPS[..]), 0..30)) {
            let mut at = ClueQueryStatus::Draft;
            let mut approved = false;
            for step in steps {
                if let Ok(to) = next(at, step) {
                    approved |= step == Step::Approve;
                    at = to;
                }
                prop_assert!(approved || matches!(at, ClueQueryStatus::Draft | ClueQueryStatus::Withdrawn));
            }
        }
    }

    #[test]
    fn urgency_sets_the_deadline() {
        let friday = Timestamp::parse_rfc3339("2026-11-20T10:00:00+08:00").unwrap();
        let week = WorkingDays::default();
        let settings = ClueQuerySettings::default();
        let due = |urgency| due_at(urgency, friday, &settings, &week).to_rfc3339();
        assert_eq!(due(Urgency::Flash), "2026-11-20T12:00:00.000+08:00");
        assert_eq!(due(Urgency::Urgent), "2026-11-20T18:00:00.000+08:00");
        assert_eq!(due(Urgency::Routine), "2026-11-25T10:00:00.000+08:00");
    }
}
