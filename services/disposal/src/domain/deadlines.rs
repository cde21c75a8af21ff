//! How long each step may take, how far a deadline is used up, and when to look again.

use std::time::Duration;

use cordon_context::Timestamp;
use cordon_disposal_contract::{Escalation, Light, Pace, TaskAction, TaskState, Urgency};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Minutes per urgency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PerUrgency {
    /// 特急, in minutes.
    pub flash: u32,
    /// 紧急, in minutes.
    pub urgent: u32,
    /// 一般, in minutes.
    pub routine: u32,
}

impl PerUrgency {
    const fn of(flash: u32, urgent: u32, routine: u32) -> Self {
        Self { flash, urgent, routine }
    }

    /// The time for this urgency.
    pub(crate) fn time(&self, urgency: Urgency) -> Duration {
        let minutes = match urgency {
            Urgency::Flash => self.flash,
            Urgency::Urgent => self.urgent,
            Urgency::Routine => self.routine,
        };
        minutes_long(minutes)
    }
}

/// How long each step may take; every number is a proposal that an installation may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Deadlines {
    /// From submission to the review.
    pub review: PerUrgency,
    /// From issue to the receipt.
    pub acknowledge: PerUrgency,
    /// From issue to the execution, for numbers, cards, ports and lines.
    pub execute_number: PerUrgency,
    /// From issue to the execution, for domains, addresses, links and applications.
    pub execute_web: PerUrgency,
    /// From issue to the execution, for accounts.
    pub execute_account: PerUrgency,
    /// From the decision to the release, for numbers and accounts, in minutes.
    pub release: u32,
    /// From the decision to the release, where it was a mistake, in minutes.
    pub release_by_mistake: u32,
    /// From the decision to the release, for the web, in minutes.
    pub release_web: u32,
    /// From a release that other holders must consent to, to their answer, in minutes.
    pub consent: u32,
    /// From the execution to its verification, in minutes.
    pub verify: u32,
    /// From the execution to the notice, in minutes.
    pub notice: u32,
    /// From a refusal to the requester's answer, in minutes.
    pub answer_refusal: u32,
    /// How long a task may wait at the exception desk, in minutes.
    pub desk: u32,
    /// From the emergency issue to the paperwork, in minutes.
    pub paperwork: u32,
    /// From the end of the paperwork's time to the warning that the measures will be released, in minutes.
    pub paperwork_release_warning: u32,
    /// From the record of an enterprise's own measure to its confirmation by a named person, in minutes; then it is released.
    pub own_confirm: u32,
    /// From an appeal against what an enterprise's model found to the limited resumption if it is not decided, in hours.
    pub limited_resume_hours: u32,
    /// How long before the end of a measure its requester is reminded, in minutes.
    pub expiry_reminder: u32,
    /// From a missed deadline to its report to the authority, in minutes.
    pub escalate_to_authority: u32,
    /// From a missed deadline to its report to the ministry, in minutes.
    pub escalate_to_ministry: u32,
    /// Working days to accept an appeal or not.
    pub appeal_accept_workdays: u32,
    /// Working days to decide an appeal against an enterprise's own measure.
    pub appeal_verify_enterprise_workdays: u32,
    /// Working days to decide an appeal against an instruction.
    pub appeal_verify_instruction_workdays: u32,
    /// Working days by which the decision may be extended once.
    pub appeal_extension_workdays: u32,
    /// Working days to answer the appellant once the appeal is decided or not heard.
    pub appeal_reply_workdays: u32,
    /// The waits before a failed execution is tried again, in minutes; the last one repeats.
    pub retry_minutes: [u32; 4],
    /// The longest time for which a notice may be put off before it is looked at again, in days.
    pub deferral_days: u32,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            review: PerUrgency::of(10, 30, 240),
            acknowledge: PerUrgency::of(10, 30, 120),
            execute_number: PerUrgency::of(30, 120, 1_440),
            execute_web: PerUrgency::of(60, 240, 1_440),
            execute_account: PerUrgency::of(120, 1_440, 4_320),
            release: 120,
            release_by_mistake: 30,
            release_web: 240,
            consent: 120,
            verify: 1_440,
            notice: 1_440,
            answer_refusal: 240,
            desk: 30,
            paperwork: 1_440,
            paperwork_release_warning: 60,
            own_confirm: 1_440,
            limited_resume_hours: 72,
            expiry_reminder: 72 * 60,
            escalate_to_authority: 60,
            escalate_to_ministry: 240,
            appeal_accept_workdays: 1,
            appeal_verify_enterprise_workdays: 3,
            appeal_verify_instruction_workdays: 5,
            appeal_extension_workdays: 5,
            appeal_reply_workdays: 1,
            retry_minutes: [5, 15, 60, 240],
            deferral_days: 90,
        }
    }
}

/// Minutes as a duration.
pub(crate) fn minutes_long(minutes: u32) -> Duration {
    Duration::from_secs(u64::from(minutes) * 60)
}

/// What the deadline of a task depends on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    /// Impose or release.
    pub(crate) action: TaskAction,
    /// How fast it is wanted.
    pub(crate) urgency: Urgency,
    /// Which table it follows.
    pub(crate) pace: Pace,
    /// When the present generation was issued, or the release decided.
    pub(crate) issued_at: Timestamp,
    /// Whether a release undoes a mistake.
    pub(crate) by_mistake: bool,
}

impl Deadlines {
    /// Until when a task must be acknowledged.
    pub(crate) fn acknowledge_due(&self, timing: &Timing) -> Timestamp {
        let due = timing.issued_at.plus(self.acknowledge.time(timing.urgency));
        due.min(self.execute_due(timing))
    }

    /// Until when a task must be executed; it counts from the issue, not from the receipt, so that a late receipt gains nothing.
    pub(crate) fn execute_due(&self, timing: &Timing) -> Timestamp {
        let time = match (timing.action, timing.pace) {
            (TaskAction::Release, _) if timing.by_mistake => minutes_long(self.release_by_mistake),
            (TaskAction::Release, Pace::Web) => minutes_long(self.release_web),
            (TaskAction::Release, Pace::Number | Pace::Account) | (TaskAction::LimitedResume, _) => {
                minutes_long(self.release)
            }
            (TaskAction::Impose, Pace::Number) => self.execute_number.time(timing.urgency),
            (TaskAction::Impose, Pace::Web) => self.execute_web.time(timing.urgency),
            (TaskAction::Impose, Pace::Account) => self.execute_account.time(timing.urgency),
        };
        timing.issued_at.plus(time)
    }

    /// Until when the step of a state that is entered now is due; none where nothing is waited for.
    pub(crate) fn due(
        &self,
        state: TaskState,
        acknowledge: Timestamp,
        execute: Timestamp,
        now: Timestamp,
    ) -> Option<Timestamp> {
        match state {
            TaskState::Desk => Some(now.plus(minutes_long(self.desk))),
            TaskState::Issued => Some(acknowledge),
            TaskState::Received | TaskState::Executing | TaskState::Failed | TaskState::VerifyFailed => Some(execute),
            TaskState::Executed => Some(now.plus(minutes_long(self.verify))),
            TaskState::Rejected => Some(now.plus(minutes_long(self.answer_refusal))),
            TaskState::InForce
            | TaskState::ReleaseOrdered
            | TaskState::Released
            | TaskState::Withdrawn
            | TaskState::Done => None,
        }
    }

    /// When a failed execution is tried again.
    pub(crate) fn retry_at(&self, failures: u32, now: Timestamp) -> Timestamp {
        let place = usize::try_from(failures.saturating_sub(1)).unwrap_or(usize::MAX).min(self.retry_minutes.len() - 1);
        now.plus(minutes_long(self.retry_minutes.get(place).copied().unwrap_or(5)))
    }

    /// To whom a deadline that was missed at `due` is reported by now.
    pub(crate) fn escalation(&self, due: Timestamp, now: Timestamp) -> Escalation {
        if now < due {
            Escalation::None
        } else if now < due.plus(minutes_long(self.escalate_to_authority)) {
            Escalation::Enterprise
        } else if now < due.plus(minutes_long(self.escalate_to_ministry)) {
            Escalation::Authority
        } else {
            Escalation::Ministry
        }
    }

    /// When the clock of a step has to be looked at next: at half, at four fifths, at its end, and at each escalation after it.
    pub(crate) fn next_alarm(&self, entered: Timestamp, due: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let marks = [
            part(entered, due, 5),
            part(entered, due, 8),
            due,
            due.plus(minutes_long(self.escalate_to_authority)),
            due.plus(minutes_long(self.escalate_to_ministry)),
        ];
        marks.into_iter().find(|mark| *mark > now)
    }
}

/// How far the time from `entered` to `due` is used up.
pub(crate) fn light(entered: Timestamp, due: Option<Timestamp>, now: Timestamp) -> Light {
    let Some(due) = due else { return Light::Green };
    if now >= due {
        Light::Overdue
    } else if now >= part(entered, due, 8) {
        Light::Red
    } else if now >= part(entered, due, 5) {
        Light::Yellow
    } else {
        Light::Green
    }
}

/// The moment at which so many tenths of the time are used up.
fn part(entered: Timestamp, due: Timestamp, tenths: i64) -> Timestamp {
    let whole = due.millis().saturating_sub(entered.millis()).max(0);
    Timestamp::from_millis(entered.millis().saturating_add(whole / 10 * tenths))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timing(urgency: Urgency) -> Timing {
        Timing {
            action: TaskAction::Impose,
            urgency,
            pace: Pace::Number,
            issued_at: Timestamp::from_millis(0),
            by_mistake: false,
        }
    }

    #[test]
    fn a_flash_stop_is_due_in_thirty_minutes_and_lights_up_on_the_way() {
        let deadlines = Deadlines::default();
        let issued = Timestamp::from_millis(0);
        let due = deadlines.execute_due(&timing(Urgency::Flash));
        assert_eq!(due, issued.plus(minutes_long(30)));
        for (minute, expected) in [(0, Light::Green), (15, Light::Yellow), (24, Light::Red), (30, Light::Overdue)] {
            assert_eq!(light(issued, Some(due), issued.plus(minutes_long(minute))), expected, "minute {minute}");
        }
    }

    #[test]
    fn a_missed_deadline_climbs_from_enterprise_to_ministry() {
        let deadlines = Deadlines::default();
        let due = Timestamp::from_millis(0).plus(minutes_long(30));
        let at = |minute| deadlines.escalation(due, Timestamp::from_millis(0).plus(minutes_long(minute)));
        assert_eq!(at(29), Escalation::None);
        assert_eq!(at(30), Escalation::Enterprise);
        assert_eq!(at(90), Escalation::Authority);
        assert_eq!(at(270), Escalation::Ministry);
    }

    #[test]
    fn the_next_look_is_always_ahead_until_nothing_is_left() {
        let deadlines = Deadlines::default();
        let (entered, due) = (Timestamp::from_millis(0), Timestamp::from_millis(0).plus(minutes_long(10)));
        let mut now = entered;
        let mut looks = 0;
        while let Some(next) = deadlines.next_alarm(entered, due, now) {
            assert!(next > now);
            now = next;
            looks += 1;
        }
        assert_eq!(looks, 5);
    }
}
