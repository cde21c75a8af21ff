//! How a report moves on, and when the next step is due.

use std::time::Duration;

use cordon_calendar::WorkingDays;
use cordon_case_intake_contract::{ReportStatus, ReportStep};
use cordon_context::{Bilingual, Refusal, Timestamp};

use super::machine::{Transition, follow, refused};
use crate::settings::ReportPeriods;

/// The steps of a report, without what they carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Deduplicate,
    Verify,
    Dispatch,
    Handle,
    TraceBack,
    Reply,
    Close,
}

impl Step {
    pub(crate) const fn of(step: &ReportStep) -> Self {
        match step {
            ReportStep::Deduplicate { .. } => Self::Deduplicate,
            ReportStep::Verify => Self::Verify,
            ReportStep::Dispatch { .. } => Self::Dispatch,
            ReportStep::Handle => Self::Handle,
            ReportStep::TraceBack => Self::TraceBack,
            ReportStep::Reply => Self::Reply,
            ReportStep::Close { .. } => Self::Close,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Deduplicate => "deduplicate",
            Self::Verify => "verify",
            Self::Dispatch => "dispatch",
            Self::Handle => "handle",
            Self::TraceBack => "trace_back",
            Self::Reply => "reply",
            Self::Close => "close",
        }
    }
}

/// What may follow what. A report that is no fraud or a repetition may be closed before it is dispatched, with a reason; one
/// that was dispatched ends with an answer to the person who reported.
const TABLE: &[Transition<ReportStatus, Step>] = &[
    (ReportStatus::Received, Step::Deduplicate, ReportStatus::Deduplicated),
    (ReportStatus::Received, Step::Close, ReportStatus::Closed),
    (ReportStatus::Deduplicated, Step::Verify, ReportStatus::Verified),
    (ReportStatus::Deduplicated, Step::Close, ReportStatus::Closed),
    (ReportStatus::Verified, Step::Dispatch, ReportStatus::Dispatched),
    (ReportStatus::Verified, Step::Close, ReportStatus::Closed),
    (ReportStatus::Dispatched, Step::Dispatch, ReportStatus::Dispatched),
    (ReportStatus::Dispatched, Step::Handle, ReportStatus::Handled),
    (ReportStatus::Handled, Step::TraceBack, ReportStatus::TracedBack),
    (ReportStatus::Handled, Step::Reply, ReportStatus::Replied),
    (ReportStatus::TracedBack, Step::Reply, ReportStatus::Replied),
    (ReportStatus::Replied, Step::Close, ReportStatus::Closed),
];

/// The state that a step leads to.
pub(crate) fn next(from: ReportStatus, step: Step) -> Result<ReportStatus, Refusal> {
    follow(TABLE, from, step).ok_or_else(|| refused("report.transition", from, step))
}

/// When the step after this state is due, if one is owed.
pub(crate) fn due_at(
    status: ReportStatus,
    now: Timestamp,
    received_at: Timestamp,
    periods: &ReportPeriods,
    days: &WorkingDays,
) -> Option<Timestamp> {
    match status {
        ReportStatus::Received | ReportStatus::Deduplicated => {
            Some(days.same_time_after(now, periods.screen_working_days))
        }
        ReportStatus::Verified => Some(days.same_time_after(now, periods.dispatch_working_days)),
        ReportStatus::Dispatched => Some(days.same_time_after(now, periods.handle_working_days)),
        ReportStatus::Handled | ReportStatus::TracedBack => {
            Some(received_at.plus(Duration::from_hours(24 * u64::from(periods.reply_calendar_days))))
        }
        ReportStatus::Replied | ReportStatus::Closed => None,
    }
}

/// Refuses to take a report as a repetition of itself or of one that came later.
pub(crate) fn check_duplicate(of_itself: bool, earlier: bool) -> Result<(), Refusal> {
    if of_itself || !earlier {
        return Err(Refusal::rule(
            "report.duplicate_of_earlier",
            Bilingual::new("只能标记为更早举报的重复", "a report can only repeat an earlier one"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::machine::check;
    use super::*;

    const STEPS: [Step; 7] =
        [Step::Deduplicate, Step::Verify, Step::Dispatch, Step::Handle, Step::TraceBack, Step::Reply, Step::Close];

    /// The reference: a report's place on one line, and what a step needs there.
    fn model(from: ReportStatus, step: Step) -> Option<ReportStatus> {
        let place = ReportStatus::ALL.iter().position(|status| *status == from)?;
        let target = match step {
            Step::Deduplicate if place == 0 => 1,
            Step::Verify if place == 1 => 2,
            Step::Dispatch if place == 2 || place == 3 => 3,
            Step::Handle if place == 3 => 4,
            Step::TraceBack if place == 4 => 5,
            Step::Reply if place == 4 || place == 5 => 6,
            Step::Close if place < 3 || place == 6 => 7,
            _ => return None,
        };
        ReportStatus::ALL.get(target).copied()
    }

    #[test]
    fn table_is_sound() {
        check::is_sound(TABLE, ReportStatus::Received, ReportStatus::ALL);
    }

    proptest! {
        #[test]
        fn table_agrees_with_the_reference_model(steps in prop::collection::vec(prop::sample::select(&STEPS[..]), 0..40)) {
            check::walk(TABLE, ReportStatus::Received, &steps, model);
        }

        #[test]
        fn closed_reports_never_move(step in prop::sample::select(&STEPS[..])) {
            let refused = next(ReportStatus::Closed, step).unwrap_err();
            prop_assert_eq!(refused.rule.as_deref(), Some("report.transition"));
        }
    }
}
