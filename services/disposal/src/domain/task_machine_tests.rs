//! The machine against a model that was written from the table of the field, not from the code.

use proptest::prelude::*;

use super::*;

/// Everything that a sequence of events can do to one task, told as plain history instead of as a table.
#[derive(Clone, Debug)]
struct Model {
    action: TaskAction,
    /// Whether the task is in somebody's hands, and how far it got.
    place: Place,
    generation: i32,
    mismatch: bool,
    /// Whether a release has to go out.
    undoing: bool,
    /// Why it was given back last.
    objection: Option<RefusalCode>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    AtDesk,
    Sent,
    Signed,
    Working,
    Broken,
    GivenBack,
    Claimed,
    Disputed,
    Holding,
    Lifting,
    Gone(Ending),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Ending {
    Lifted,
    TakenBack,
    Finished,
}

#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is one thing that can be wrong")]
struct Attempt {
    event: TaskEvent,
    /// 0 executor, 1 requester, 2 desk, 3 system, 4 stranger, 5 an executor of an earlier generation.
    who: u8,
    generation_lag: i32,
    evidence: bool,
    timely: bool,
    basis: bool,
    reversible: bool,
    others: bool,
    upheld: bool,
    undone: bool,
    code: RefusalCode,
    second: Second,
    protected: bool,
}

impl Model {
    /// Applies an attempt; false means that nothing may happen.
    fn attempt(&mut self, attempt: &Attempt) -> bool {
        let imposing = self.action == TaskAction::Impose;
        let executor_answers = attempt.who == 0 && attempt.generation_lag == 0;
        let may_end = attempt.who == 1 || attempt.who == 3;
        let next = match (attempt.event, self.place) {
            (TaskEvent::Acknowledge, Place::Sent) if executor_answers => Place::Signed,
            (TaskEvent::Begin, Place::Signed | Place::Broken | Place::Disputed) if executor_answers => Place::Working,
            (TaskEvent::Execute, Place::Signed | Place::Working | Place::Broken | Place::Disputed)
                if executor_answers && attempt.evidence && attempt.timely =>
            {
                Place::Claimed
            }
            // Carried out although it was taken back: the task stays so, and the effect is undone, once.
            (TaskEvent::Execute, Place::Gone(Ending::TakenBack))
                if executor_answers
                    && imposing
                    && attempt.evidence
                    && attempt.timely
                    && attempt.reversible
                    && !attempt.undone =>
            {
                self.undoing = true;
                return true;
            }
            (TaskEvent::Refuse, Place::Sent | Place::Signed) if executor_answers => {
                self.mismatch = attempt.code == RefusalCode::Mismatch;
                self.objection = Some(attempt.code);
                Place::GivenBack
            }
            (TaskEvent::PassOn, Place::Sent | Place::Signed) if executor_answers => {
                self.generation += 1;
                Place::Sent
            }
            (TaskEvent::PassToDesk, Place::Sent | Place::Signed) if executor_answers => {
                self.generation += 1;
                Place::AtDesk
            }
            (TaskEvent::Fail, Place::Signed | Place::Working) if executor_answers => Place::Broken,
            (TaskEvent::VerifyPassed, Place::Claimed)
                if ![0, 5].contains(&attempt.who) && attempt.generation_lag == 0 =>
            {
                if imposing {
                    Place::Holding
                } else {
                    Place::Gone(Ending::Finished)
                }
            }
            (TaskEvent::VerifyFailed, Place::Claimed)
                if ![0, 5].contains(&attempt.who) && attempt.generation_lag == 0 =>
            {
                Place::Disputed
            }
            (TaskEvent::Route, Place::AtDesk) if attempt.who == 2 => {
                self.generation += 1;
                Place::Sent
            }
            (TaskEvent::Undeliverable, Place::Sent) if attempt.who == 3 && attempt.generation_lag == 0 => {
                self.generation += 1;
                Place::AtDesk
            }
            (TaskEvent::Reissue, Place::GivenBack | Place::Broken | Place::Disputed)
                if attempt.who == 1 && (attempt.basis || !imposing) && self.may_go_again(attempt) =>
            {
                self.generation += 1;
                self.mismatch = false;
                self.objection = None;
                Place::Sent
            }
            (TaskEvent::Drop, Place::GivenBack | Place::Broken | Place::AtDesk) if attempt.who == 1 => {
                if imposing {
                    Place::Gone(Ending::TakenBack)
                } else if matches!(attempt.code, RefusalCode::NumberUnknown | RefusalCode::AlreadyClosed) {
                    Place::Gone(Ending::Finished)
                } else {
                    return false;
                }
            }
            (TaskEvent::Withdraw, Place::AtDesk | Place::Sent | Place::Signed | Place::GivenBack)
                if attempt.who == 1 && imposing =>
            {
                Place::Gone(Ending::TakenBack)
            }
            (TaskEvent::Withdraw, Place::Working | Place::Disputed | Place::Broken)
                if may_end && imposing && !attempt.reversible =>
            {
                // Not carried out, and it could not be undone: nobody may carry it out any more.
                self.generation += 1;
                Place::Gone(Ending::TakenBack)
            }
            (
                TaskEvent::Withdraw,
                Place::Working | Place::Claimed | Place::Disputed | Place::Broken | Place::Holding,
            )
            | (TaskEvent::OrderRelease, Place::Claimed | Place::Disputed | Place::Holding)
                if may_end && imposing && (attempt.reversible || attempt.upheld) =>
            {
                self.undoing = true;
                Place::Lifting
            }
            (TaskEvent::Expire, Place::Claimed | Place::Disputed | Place::Holding)
                if attempt.who == 3 && imposing && (attempt.reversible || attempt.upheld) =>
            {
                self.undoing = true;
                Place::Lifting
            }
            (TaskEvent::CompleteRelease, Place::Lifting) if attempt.who == 3 && imposing && !attempt.others => {
                Place::Gone(Ending::Lifted)
            }
            // The whole measure ends: what would have brought a part of it back is not wanted any more.
            (
                TaskEvent::Overtake,
                Place::AtDesk
                | Place::Sent
                | Place::Signed
                | Place::Working
                | Place::Claimed
                | Place::Disputed
                | Place::GivenBack
                | Place::Broken,
            ) if attempt.who == 3 && self.action == TaskAction::LimitedResume => Place::Gone(Ending::TakenBack),
            _ => return false,
        };
        self.place = next;
        true
    }

    /// The field: who orders has to mend what the executor objects to, and nobody decides alone that it was mended.
    fn may_go_again(&self, attempt: &Attempt) -> bool {
        let from_province = attempt.second == Second::Province;
        match self.objection {
            _ if self.action != TaskAction::Impose => true,
            _ if attempt.protected => from_province,
            Some(RefusalCode::Whitelisted) => from_province,
            Some(RefusalCode::Mismatch | RefusalCode::DocumentMissing | RefusalCode::BeyondPower) => {
                attempt.second != Second::Nobody
            }
            _ => true,
        }
    }

    fn state(&self) -> TaskState {
        match self.place {
            Place::AtDesk => TaskState::Desk,
            Place::Sent => TaskState::Issued,
            Place::Signed => TaskState::Received,
            Place::Working => TaskState::Executing,
            Place::Broken => TaskState::Failed,
            Place::GivenBack => TaskState::Rejected,
            Place::Claimed => TaskState::Executed,
            Place::Disputed => TaskState::VerifyFailed,
            Place::Holding => TaskState::InForce,
            Place::Lifting => TaskState::ReleaseOrdered,
            Place::Gone(Ending::Lifted) => TaskState::Released,
            Place::Gone(Ending::TakenBack) => TaskState::Withdrawn,
            Place::Gone(Ending::Finished) => TaskState::Done,
        }
    }
}

fn attempt() -> impl Strategy<Value = Attempt> {
    // Mostly plausible attempts, so that sequences get far; the rest is late, duplicated, reordered or from the wrong party.
    let event = prop_oneof![
        2 => Just(TaskEvent::Acknowledge),
        2 => Just(TaskEvent::Begin),
        3 => Just(TaskEvent::Execute),
        3 => Just(TaskEvent::VerifyPassed),
        8 => proptest::sample::select(TaskEvent::ALL.to_vec()),
    ];
    let mostly = || prop_oneof![9 => Just(true), 1 => Just(false)];
    (
        event,
        prop_oneof![5 => Just(None), 2 => (0_u8..6).prop_map(Some)],
        prop_oneof![8 => Just(0), 1 => Just(1), 1 => Just(-1)],
        mostly(),
        mostly(),
        mostly(),
        mostly(),
        prop_oneof![9 => Just(false), 1 => Just(true)],
        (prop_oneof![9 => Just(false), 1 => Just(true)], prop_oneof![3 => Just(false), 1 => Just(true)]),
        proptest::sample::select(RefusalCode::ALL.to_vec()),
        (
            proptest::sample::select(vec![Second::Nobody, Second::Approver, Second::Province]),
            prop_oneof![9 => Just(false), 1 => Just(true)],
        ),
    )
        .prop_map(
            |(
                event,
                who,
                generation_lag,
                evidence,
                timely,
                basis,
                reversible,
                others,
                (upheld, undone),
                code,
                (second, protected),
            )| {
                let right = match event {
                    TaskEvent::VerifyPassed | TaskEvent::VerifyFailed | TaskEvent::Route => 2,
                    TaskEvent::Reissue | TaskEvent::Drop | TaskEvent::Withdraw | TaskEvent::OrderRelease => 1,
                    TaskEvent::Undeliverable | TaskEvent::Expire | TaskEvent::CompleteRelease | TaskEvent::Overtake => {
                        3
                    }
                    TaskEvent::Acknowledge
                    | TaskEvent::Begin
                    | TaskEvent::Execute
                    | TaskEvent::Refuse
                    | TaskEvent::PassOn
                    | TaskEvent::PassToDesk
                    | TaskEvent::Fail => 0,
                };
                let who = who.unwrap_or(right);
                Attempt {
                    event,
                    who,
                    generation_lag,
                    evidence,
                    timely,
                    basis,
                    reversible,
                    others,
                    upheld,
                    undone,
                    code,
                    second,
                    protected,
                }
            },
        )
}

fn facts(action: TaskAction, attempt: &Attempt, refusal: Option<RefusalCode>) -> TaskFacts {
    TaskFacts {
        action,
        executor: attempt.who == 0,
        ever_executor: attempt.who == 0 || attempt.who == 5,
        requester: attempt.who == 1,
        desk: attempt.who == 2,
        system: attempt.who == 3,
        current_generation: attempt.generation_lag == 0,
        evidence_complete: attempt.evidence,
        evidence_timely: attempt.timely,
        refusal,
        basis_holds: attempt.basis,
        reversible: attempt.reversible,
        own_measure: false,
        checks_others: false,
        other_holders: attempt.others,
        upheld: attempt.upheld,
        undone: attempt.undone,
        second: attempt.second,
        protected: attempt.protected,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn every_sequence_ends_where_the_reference_model_says(
        action in proptest::sample::select(TaskAction::ALL.to_vec()),
        at_desk in any::<bool>(),
        attempts in proptest::collection::vec(attempt(), 1..60),
    ) {
        let place = if at_desk { Place::AtDesk } else { Place::Sent };
        let mut model = Model { action, place, generation: 1, mismatch: false, undoing: false, objection: None };
        let mut state = model.state();
        let mut generation = 1;
        for attempt in &attempts {
            let refusal = match attempt.event {
                // Dropping a release depends on the last refusal; the attempt carries which one it was.
                TaskEvent::Drop => Some(attempt.code),
                _ => model.objection,
            };
            let outcome = transition(state, attempt.event, &facts(action, attempt, refusal));
            model.undoing = false;
            let allowed = model.attempt(attempt);
            prop_assert_eq!(outcome.is_ok(), allowed, "{:?} in {:?}: {:?}", attempt, state, outcome);
            match outcome {
                Ok(step) => {
                    prop_assert_eq!(step.from, state);
                    prop_assert!(!state.is_terminal() || step.to == state, "{:?} came back", state);
                    state = step.to;
                    generation += i32::from(step.new_generation);
                    prop_assert_eq!(step.needs_release, model.undoing);
                }
                Err(rule) => {
                    let text = rule.text();
                    prop_assert!(text.en != "a rule forbids this", "{} has no words", rule.0);
                    if attempt.event == TaskEvent::Execute && model.mismatch && state == TaskState::Rejected {
                        prop_assert_eq!(rule, RuleViolation::TASK_MISMATCH);
                    }
                }
            }
            prop_assert_eq!(state, model.state());
            prop_assert_eq!(generation, model.generation);
        }
    }
}

/// Without this the model could be as blind as the machine: each protection is switched off in turn and must be missed.
#[test]
fn each_guard_refuses_alone_by_its_own_rule() {
    let good = TaskFacts {
        action: TaskAction::Impose,
        executor: true,
        ever_executor: true,
        requester: false,
        desk: false,
        system: false,
        current_generation: true,
        evidence_complete: true,
        evidence_timely: true,
        refusal: None,
        basis_holds: true,
        reversible: true,
        own_measure: false,
        checks_others: false,
        other_holders: false,
        upheld: false,
        undone: false,
        second: Second::Nobody,
        protected: false,
    };
    let verifier = TaskFacts { executor: false, ever_executor: false, desk: true, ..good };
    let requester = TaskFacts { executor: false, ever_executor: false, requester: true, ..good };
    let gone = TaskFacts { action: TaskAction::Release, refusal: Some(RefusalCode::NumberUnknown), ..requester };
    let system = TaskFacts { executor: false, ever_executor: false, system: true, ..good };
    let stranger = TaskFacts { executor: false, ever_executor: false, ..good };
    let cases = [
        (S::Issued, E::Acknowledge, good, stranger, RuleViolation::TASK_EXECUTOR),
        (
            S::Issued,
            E::Acknowledge,
            good,
            TaskFacts { current_generation: false, ..good },
            RuleViolation::TASK_GENERATION,
        ),
        (S::Executing, E::Execute, good, TaskFacts { evidence_complete: false, ..good }, RuleViolation::TASK_EVIDENCE),
        (
            S::Executing,
            E::Execute,
            good,
            TaskFacts { evidence_timely: false, ..good },
            RuleViolation::TASK_EVIDENCE_TIME,
        ),
        (S::Executed, E::VerifyPassed, verifier, good, RuleViolation::TASK_VERIFIER),
        (
            S::Executed,
            E::VerifyPassed,
            verifier,
            TaskFacts { ever_executor: true, ..verifier },
            RuleViolation::TASK_VERIFIER,
        ),
        // Another person of the enterprise that acted by itself may check it, and only what it did by itself.
        (
            S::Executed,
            E::VerifyPassed,
            TaskFacts { own_measure: true, checks_others: true, ..good },
            TaskFacts { own_measure: true, ..good },
            RuleViolation::TASK_VERIFIER,
        ),
        (
            S::Executed,
            E::VerifyPassed,
            TaskFacts { own_measure: true, checks_others: true, ..good },
            TaskFacts { checks_others: true, ..good },
            RuleViolation::TASK_VERIFIER,
        ),
        (S::Desk, E::Route, verifier, requester, RuleViolation::TASK_DESK),
        (S::Rejected, E::Reissue, requester, stranger, RuleViolation::TASK_REQUESTER),
        (
            S::Rejected,
            E::Reissue,
            requester,
            TaskFacts { basis_holds: false, ..requester },
            RuleViolation::ORDER_BASIS_EXPIRED,
        ),
        (
            S::Rejected,
            E::Reissue,
            TaskFacts { refusal: Some(RefusalCode::Mismatch), second: Second::Approver, ..requester },
            TaskFacts { refusal: Some(RefusalCode::Mismatch), ..requester },
            RuleViolation::TASK_REISSUE,
        ),
        (
            S::Rejected,
            E::Reissue,
            TaskFacts { refusal: Some(RefusalCode::Whitelisted), second: Second::Province, ..requester },
            TaskFacts { refusal: Some(RefusalCode::Whitelisted), second: Second::Approver, ..requester },
            RuleViolation::TASK_REISSUE_PROTECTED,
        ),
        (
            S::Rejected,
            E::Reissue,
            TaskFacts { protected: true, second: Second::Province, ..requester },
            TaskFacts { protected: true, ..requester },
            RuleViolation::TASK_REISSUE_PROTECTED,
        ),
        // What an enterprise did by itself: it ends by a release, and who gave that back does not take it off the table alone.
        (
            S::Rejected,
            E::Drop,
            TaskFacts { own_measure: true, checks_others: true, ..gone },
            TaskFacts { own_measure: true, ..gone },
            RuleViolation::TASK_DROP,
        ),
        (
            S::Failed,
            E::Drop,
            requester,
            TaskFacts { own_measure: true, checks_others: true, ..requester },
            RuleViolation::RELEASE_DROP,
        ),
        (S::InForce, E::OrderRelease, requester, good, RuleViolation::RELEASE_WHO),
        (
            S::InForce,
            E::OrderRelease,
            requester,
            TaskFacts { reversible: false, ..requester },
            RuleViolation::RELEASE_IRREVERSIBLE,
        ),
        (S::InForce, E::Expire, system, requester, RuleViolation::TASK_SYSTEM),
        (S::Executed, E::Expire, system, requester, RuleViolation::TASK_SYSTEM),
        (S::Withdrawn, E::Execute, good, stranger, RuleViolation::TASK_EXECUTOR),
        (S::Withdrawn, E::Execute, good, TaskFacts { undone: true, ..good }, RuleViolation::TASK_TERMINAL),
        (S::Withdrawn, E::Execute, good, TaskFacts { reversible: false, ..good }, RuleViolation::TASK_TERMINAL),
        (S::Withdrawn, E::Execute, good, TaskFacts { current_generation: false, ..good }, RuleViolation::TASK_TERMINAL),
        (S::Withdrawn, E::Execute, good, TaskFacts { evidence_complete: false, ..good }, RuleViolation::TASK_EVIDENCE),
        (
            S::InForce,
            E::OrderRelease,
            TaskFacts { reversible: false, upheld: true, ..requester },
            TaskFacts { reversible: false, ..requester },
            RuleViolation::RELEASE_IRREVERSIBLE,
        ),
        (
            S::VerifyFailed,
            E::Reissue,
            TaskFacts { action: TaskAction::Release, basis_holds: false, ..requester },
            TaskFacts { basis_holds: false, ..requester },
            RuleViolation::ORDER_BASIS_EXPIRED,
        ),
        (
            S::Executed,
            E::Withdraw,
            requester,
            TaskFacts { reversible: false, ..requester },
            RuleViolation::RELEASE_IRREVERSIBLE,
        ),
        (
            S::ReleaseOrdered,
            E::CompleteRelease,
            system,
            TaskFacts { other_holders: true, ..system },
            RuleViolation::RELEASE_HOLDERS,
        ),
    ];
    for (state, event, allowed, refused, rule) in cases {
        assert!(transition(state, event, &allowed).is_ok(), "{event:?} in {state:?}");
        assert_eq!(transition(state, event, &refused), Err(rule), "{event:?} in {state:?}");
    }
}

#[test]
fn nothing_leaves_a_terminal_state() {
    for row in TABLE {
        let stays = matches!(row.to, To::Compensate);
        assert!(stays || row.from.iter().all(|state| !state.is_terminal()), "{:?}", row.event);
    }
}

#[test]
fn what_was_not_carried_out_and_cannot_be_undone_is_withdrawn_in_a_new_generation() {
    let facts = TaskFacts {
        action: TaskAction::Impose,
        executor: false,
        ever_executor: false,
        requester: true,
        desk: false,
        system: false,
        current_generation: true,
        evidence_complete: true,
        evidence_timely: true,
        refusal: None,
        basis_holds: true,
        reversible: false,
        own_measure: false,
        checks_others: false,
        other_holders: false,
        upheld: false,
        undone: false,
        second: Second::Nobody,
        protected: false,
    };
    for state in [S::Executing, S::Failed, S::VerifyFailed] {
        let step = transition(state, E::Withdraw, &facts).unwrap();
        assert_eq!((step.to, step.new_generation, step.needs_release), (S::Withdrawn, true, false), "{state:?}");
        let step = transition(state, E::Withdraw, &TaskFacts { reversible: true, ..facts }).unwrap();
        assert_eq!((step.to, step.new_generation, step.needs_release), (S::ReleaseOrdered, false, true), "{state:?}");
    }
}
