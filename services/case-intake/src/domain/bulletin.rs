//! How a major-case bulletin moves on, and what makes a case a major one.

use cordon_case_intake_contract::{BulletinStatus, BulletinStep, BulletinTrigger};
use cordon_context::{Refusal, Region};

use super::machine::{Transition, follow, refused};
use crate::settings::BulletinSettings;

/// The steps of a bulletin, without what they carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Approve,
    Send,
    FileLast,
    Close,
    Withdraw,
}

impl Step {
    pub(crate) const fn of(step: &BulletinStep) -> Self {
        match step {
            BulletinStep::Approve => Self::Approve,
            BulletinStep::Send => Self::Send,
            BulletinStep::Close { .. } => Self::Close,
            BulletinStep::Withdraw { .. } => Self::Withdraw,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Send => "send",
            Self::FileLast => "file_last",
            Self::Close => "close",
            Self::Withdraw => "withdraw",
        }
    }
}

/// What may follow what. A bulletin that was sent cannot be taken back, only concluded.
const TABLE: &[Transition<BulletinStatus, Step>] = &[
    (BulletinStatus::Draft, Step::Approve, BulletinStatus::Approved),
    (BulletinStatus::Draft, Step::Withdraw, BulletinStatus::Withdrawn),
    (BulletinStatus::Approved, Step::Send, BulletinStatus::Sent),
    (BulletinStatus::Approved, Step::Withdraw, BulletinStatus::Withdrawn),
    (BulletinStatus::Sent, Step::FileLast, BulletinStatus::Found),
    (BulletinStatus::Found, Step::Close, BulletinStatus::Closed),
];

/// The state that a step leads to.
pub(crate) fn next(from: BulletinStatus, step: Step) -> Result<BulletinStatus, Refusal> {
    follow(TABLE, from, step).ok_or_else(|| refused("bulletin.transition", from, step))
}

/// Whether authority and enterprises may know of the bulletin.
pub(crate) const fn is_known_to_addressees(status: BulletinStatus) -> bool {
    matches!(status, BulletinStatus::Sent | BulletinStatus::Found | BulletinStatus::Closed)
}

/// What a case's reports count together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CaseFacts {
    /// What the reports lost.
    pub loss_cents: i64,
    /// How many different victims there are.
    pub victims: u64,
    /// The regions of the reports.
    pub regions: Vec<Region>,
}

/// The triggers that follow from what the reports count; serious harm and a decision are for a person to name.
pub(crate) fn triggers(facts: &CaseFacts, settings: &BulletinSettings) -> Vec<BulletinTrigger> {
    let mut met = Vec::new();
    if facts.loss_cents >= settings.loss_cents {
        met.push(BulletinTrigger::Loss);
    }
    if facts.victims >= u64::from(settings.victims) {
        met.push(BulletinTrigger::Victims);
    }
    let mut provinces: Vec<Region> = facts.regions.iter().map(|region| region.province()).collect();
    provinces.sort_unstable();
    provinces.dedup();
    if u32::try_from(provinces.len()).unwrap_or(u32::MAX) >= settings.provinces {
        met.push(BulletinTrigger::CrossProvince);
    }
    met
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::machine::check;
    use super::*;

    const STEPS: [Step; 5] = [Step::Approve, Step::Send, Step::FileLast, Step::Close, Step::Withdraw];

    fn model(from: BulletinStatus, step: Step) -> Option<BulletinStatus> {
        use BulletinStatus as S;
        match step {
            Step::Approve => (from == S::Draft).then_some(S::Approved),
            Step::Send => (from == S::Approved).then_some(S::Sent),
            Step::FileLast => (from == S::Sent).then_some(S::Found),
            Step::Close => (from == S::Found).then_some(S::Closed),
            Step::Withdraw => (from == S::Draft || from == S::Approved).then_some(S::Withdrawn),
        }
    }

    #[test]
    fn table_is_sound() {
        check::is_sound(TABLE, BulletinStatus::Draft, BulletinStatus::ALL);
    }

    proptest! {
        #[test]
        fn table_agrees_with_the_reference_model(steps in prop::collection::vec(prop::sample::select(&STEPS[..]), 0..20)) {
            check::walk(TABLE, BulletinStatus::Draft, &steps, model);
        }
    }

    #[test]
    fn triggers_follow_from_what_the_reports_count() {
        let settings = BulletinSettings::default();
        let regions = |codes: &[&str]| codes.iter().map(|code| code.parse().unwrap()).collect::<Vec<Region>>();
        let quiet =
            CaseFacts { loss_cents: settings.loss_cents - 1, victims: 9, regions: regions(&["440300", "440100"]) };
        assert_eq!(triggers(&quiet, &settings), []);
        let loud = CaseFacts { loss_cents: settings.loss_cents, victims: 10, regions: regions(&["440300", "430100"]) };
        assert_eq!(
            triggers(&loud, &settings),
            [BulletinTrigger::Loss, BulletinTrigger::Victims, BulletinTrigger::CrossProvince]
        );
    }
}
