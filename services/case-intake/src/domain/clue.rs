//! How a clue from an enterprise moves on.

use cordon_case_intake_contract::{Assessment, ClueStatus, ClueStep};
use cordon_context::Refusal;

use super::machine::{Transition, follow, refused};

/// The steps of a clue, without what they carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Receive,
    Adopt,
    DoNotAdopt,
    AskForMore,
    Supplement,
    Act,
    SendFeedback,
}

impl Step {
    pub(crate) const fn of(step: &ClueStep) -> Self {
        match step {
            ClueStep::Receive => Self::Receive,
            ClueStep::Supplement { .. } => Self::Supplement,
            ClueStep::Act { .. } => Self::Act,
            ClueStep::SendFeedback { .. } => Self::SendFeedback,
        }
    }

    pub(crate) const fn of_assessment(assessment: Assessment) -> Self {
        match assessment {
            Assessment::Adopted => Self::Adopt,
            Assessment::NotAdopted => Self::DoNotAdopt,
            Assessment::MoreNeeded => Self::AskForMore,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Receive => "receive",
            Self::Adopt => "adopt",
            Self::DoNotAdopt => "do_not_adopt",
            Self::AskForMore => "ask_for_more",
            Self::Supplement => "supplement",
            Self::Act => "act",
            Self::SendFeedback => "send_feedback",
        }
    }
}

/// What may follow what. Every way ends with feedback to the enterprise: it is owed for a clue that was not adopted, too.
const TABLE: &[Transition<ClueStatus, Step>] = &[
    (ClueStatus::Submitted, Step::Receive, ClueStatus::Received),
    (ClueStatus::Received, Step::Adopt, ClueStatus::Adopted),
    (ClueStatus::Received, Step::DoNotAdopt, ClueStatus::NotAdopted),
    (ClueStatus::Received, Step::AskForMore, ClueStatus::MoreNeeded),
    (ClueStatus::MoreNeeded, Step::Supplement, ClueStatus::Received),
    (ClueStatus::MoreNeeded, Step::DoNotAdopt, ClueStatus::NotAdopted),
    (ClueStatus::Adopted, Step::Act, ClueStatus::Acted),
    (ClueStatus::Acted, Step::SendFeedback, ClueStatus::FeedbackSent),
    (ClueStatus::NotAdopted, Step::SendFeedback, ClueStatus::FeedbackSent),
];

/// The state that a step leads to.
pub(crate) fn next(from: ClueStatus, step: Step) -> Result<ClueStatus, Refusal> {
    follow(TABLE, from, step).ok_or_else(|| refused("clue.transition", from, step))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::machine::check;
    use super::*;

    const STEPS: [Step; 7] = [
        Step::Receive,
        Step::Adopt,
        Step::DoNotAdopt,
        Step::AskForMore,
        Step::Supplement,
        Step::Act,
        Step::SendFeedback,
    ];

    fn model(from: ClueStatus, step: Step) -> Option<ClueStatus> {
        use ClueStatus as S;
        match step {
            Step::Receive => (from == S::Submitted).then_some(S::Received),
            Step::Adopt => (from == S::Received).then_some(S::Adopted),
            Step::DoNotAdopt => (from == S::Received || from == S::MoreNeeded).then_some(S::NotAdopted),
            Step::AskForMore => (from == S::Received).then_some(S::MoreNeeded),
            Step::Supplement => (from == S::MoreNeeded).then_some(S::Received),
            Step::Act => (from == S::Adopted).then_some(S::Acted),
            Step::SendFeedback => (from == S::Acted || from == S::NotAdopted).then_some(S::FeedbackSent),
        }
    }

    #[test]
    fn table_is_sound() {
        check::is_sound(TABLE, ClueStatus::Submitted, ClueStatus::ALL);
    }

    proptest! {
        #[test]
        fn table_agrees_with_the_reference_model(steps in prop::collection::vec(prop::sample::select(&STEPS[..]), 0..30)) {
            check::walk(TABLE, ClueStatus::Submitted, &steps, model);
        }
    }
}
