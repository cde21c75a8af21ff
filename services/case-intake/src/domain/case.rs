//! How a case moves on.

use cordon_case_intake_contract::{CaseStatus, CaseStep};
use cordon_context::{Bilingual, CaseId, Refusal};

use super::machine::{Transition, follow, refused};

/// The steps of a case, without what they carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    File,
    DoNotFile,
    Withdraw,
    Close,
    Merge,
}

impl Step {
    pub(crate) const fn of(step: &CaseStep) -> Self {
        match step {
            CaseStep::File { .. } => Self::File,
            CaseStep::DoNotFile { .. } => Self::DoNotFile,
            CaseStep::Withdraw { .. } => Self::Withdraw,
            CaseStep::Close { .. } => Self::Close,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::DoNotFile => "do_not_file",
            Self::Withdraw => "withdraw",
            Self::Close => "close",
            Self::Merge => "merge",
        }
    }
}

/// What may follow what. A case that was not filed may be filed after a review; a merged one moves only by unmerging.
const TABLE: &[Transition<CaseStatus, Step>] = &[
    (CaseStatus::Intake, Step::File, CaseStatus::Filed),
    (CaseStatus::Intake, Step::DoNotFile, CaseStatus::NotFiled),
    (CaseStatus::Intake, Step::Withdraw, CaseStatus::Withdrawn),
    (CaseStatus::Intake, Step::Merge, CaseStatus::Merged),
    (CaseStatus::NotFiled, Step::File, CaseStatus::Filed),
    (CaseStatus::Filed, Step::Withdraw, CaseStatus::Withdrawn),
    (CaseStatus::Filed, Step::Close, CaseStatus::Closed),
    (CaseStatus::Filed, Step::Merge, CaseStatus::Merged),
    // A member may join further leads.
    (CaseStatus::Merged, Step::Merge, CaseStatus::Merged),
];

/// The state that a step leads to.
pub(crate) fn next(from: CaseStatus, step: Step) -> Result<CaseStatus, Refusal> {
    follow(TABLE, from, step).ok_or_else(|| refused("case.transition", from, step))
}

/// Whether reports, participants and orders may still be added.
pub(crate) const fn is_open(status: CaseStatus) -> bool {
    matches!(status, CaseStatus::Intake | CaseStatus::Filed)
}

/// Whether what was done on the strength of the case has to be looked at again.
pub(crate) const fn revokes(status: CaseStatus) -> bool {
    matches!(status, CaseStatus::Withdrawn | CaseStatus::NotFiled)
}

/// Refuses to change a case that has ended or was merged.
pub(crate) fn check_open(status: CaseStatus) -> Result<(), Refusal> {
    if is_open(status) {
        return Ok(());
    }
    Err(Refusal::rule(
        "case.open",
        Bilingual::new("案件已结束或已并案，不能再变更", "the case has ended or was merged and cannot be changed"),
    ))
}

/// Refuses a merger that would name a case twice or make a ring: a lead must not be a member, here or through other mergers.
pub(crate) fn check_merger(leads: &[CaseId], members: &[CaseId], links: &[(CaseId, CaseId)]) -> Result<(), Refusal> {
    let ring = || {
        Refusal::rule(
            "case.merge_ring",
            Bilingual::new("并案不能互相包含", "a case cannot be merged into itself, directly or through others"),
        )
    };
    let distinct = |cases: &[CaseId]| {
        let mut sorted = cases.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        sorted.len() == cases.len()
    };
    if !distinct(leads) || !distinct(members) {
        return Err(ring());
    }
    // Everything above the leads; a member must not be among them.
    let mut above = leads.to_vec();
    let mut seen = 0;
    while let Some(case) = above.get(seen).copied() {
        seen += 1;
        for (lead, member) in links {
            if *member == case && !above.contains(lead) {
                above.push(*lead);
            }
        }
    }
    if members.iter().any(|member| above.contains(member)) { Err(ring()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use cordon_context::{Id, Timestamp};
    use proptest::prelude::*;

    use super::super::machine::check;
    use super::*;

    const STEPS: [Step; 5] = [Step::File, Step::DoNotFile, Step::Withdraw, Step::Close, Step::Merge];

    fn model(from: CaseStatus, step: Step) -> Option<CaseStatus> {
        let open = is_open(from);
        match step {
            Step::File => (from == CaseStatus::Intake || from == CaseStatus::NotFiled).then_some(CaseStatus::Filed),
            Step::DoNotFile => (from == CaseStatus::Intake).then_some(CaseStatus::NotFiled),
            Step::Withdraw => open.then_some(CaseStatus::Withdrawn),
            Step::Close => (from == CaseStatus::Filed).then_some(CaseStatus::Closed),
            Step::Merge => (open || from == CaseStatus::Merged).then_some(CaseStatus::Merged),
        }
    }

    #[test]
    fn table_is_sound() {
        check::is_sound(TABLE, CaseStatus::Intake, CaseStatus::ALL);
    }

    proptest! {
        #[test]
        fn table_agrees_with_the_reference_model(steps in prop::collection::vec(prop::sample::select(&STEPS[..]), 0..20)) {
            check::walk(TABLE, CaseStatus::Intake, &steps, model);
        }

        #[test]
        fn mergers_never_make_a_ring(pairs in prop::collection::vec((0_usize..6, 0_usize..6), 0..20)) {
            let root = CaseId::new(Timestamp::from_millis(1)).uuid();
            let cases: Vec<CaseId> = (0..6).map(|n| Id::derived(root, &n.to_string())).collect();
            let mut links: Vec<(CaseId, CaseId)> = Vec::new();
            for (lead, member) in pairs {
                let (lead, member) = (cases[lead], cases[member]);
                if check_merger(&[lead], &[member], &links).is_ok() {
                    links.push((lead, member));
                }
            }
            // Taking away cases that nothing is above must empty the relation, or there is a ring.
            while !links.is_empty() {
                let before = links.len();
                let tops: Vec<CaseId> = cases.iter().copied().filter(|case| !links.iter().any(|(_, member)| member == case)).collect();
                links.retain(|(lead, _)| !tops.contains(lead));
                prop_assert!(links.len() < before, "a ring");
            }
        }
    }

    #[test]
    fn naming_a_case_twice_is_refused() {
        let case = CaseId::new(Timestamp::from_millis(1));
        let other = CaseId::new(Timestamp::from_millis(2));
        assert!(check_merger(&[case], &[case], &[]).is_err());
        assert!(check_merger(&[case, case], &[other], &[]).is_err());
        assert!(check_merger(&[case], &[other], &[]).is_ok());
    }
}
