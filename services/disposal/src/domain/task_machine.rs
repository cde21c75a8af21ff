//! The state machine of a task: a table and one pure function.
//!
//! A row says which event leads from which states to which state, and which guards must hold. What is in no row is refused. No
//! row leaves a terminal state, so nothing that was withdrawn, released or done comes back; what an executor carried out all the
//! same is undone by a release, and the task stays withdrawn.

use cordon_disposal_contract::{RefusalCode, TaskAction, TaskState};

use super::rules::RuleViolation;

/// What somebody wants to happen to a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum TaskEvent {
    /// The executor has it.
    Acknowledge,
    /// The executor began.
    Begin,
    /// The executor carried it out.
    Execute,
    /// The executor refuses.
    Refuse,
    /// The executor says it is another's, and somebody else is known.
    PassOn,
    /// The executor says it is another's, and nobody else is known or it was passed on too often.
    PassToDesk,
    /// The executor failed.
    Fail,
    /// Somebody else saw that it holds.
    VerifyPassed,
    /// Somebody else saw that it does not hold.
    VerifyFailed,
    /// The desk gave it to an executor.
    Route,
    /// It could not be delivered.
    Undeliverable,
    /// The requester sends it out again.
    Reissue,
    /// The requester takes it off the table.
    Drop,
    /// The order is withdrawn.
    Withdraw,
    /// The measure shall end.
    OrderRelease,
    /// The measure's time is over.
    Expire,
    /// The release was carried out and confirmed.
    CompleteRelease,
    /// A limited resumption is overtaken by the end of its measure.
    Overtake,
}

impl TaskEvent {
    /// Every event, for tests.
    #[cfg(test)]
    pub(crate) const ALL: &'static [Self] = &[
        Self::Acknowledge,
        Self::Begin,
        Self::Execute,
        Self::Refuse,
        Self::PassOn,
        Self::PassToDesk,
        Self::Fail,
        Self::VerifyPassed,
        Self::VerifyFailed,
        Self::Route,
        Self::Undeliverable,
        Self::Reissue,
        Self::Drop,
        Self::Withdraw,
        Self::OrderRelease,
        Self::Expire,
        Self::CompleteRelease,
        Self::Overtake,
    ];

    /// The name on the timeline and in the ledger.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Acknowledge => "task.acknowledge",
            Self::Begin => "task.begin",
            Self::Execute => "task.execute",
            Self::Refuse => "task.refuse",
            Self::PassOn | Self::PassToDesk => "task.disown",
            Self::Fail => "task.fail",
            Self::VerifyPassed | Self::VerifyFailed => "task.verify",
            Self::Route => "task.route",
            Self::Undeliverable => "task.undeliverable",
            Self::Reissue => "task.reissue",
            Self::Drop => "task.drop",
            Self::Withdraw => "task.withdraw",
            Self::OrderRelease => "release.order",
            Self::Expire => "task.expire",
            Self::CompleteRelease => "release.complete",
            Self::Overtake => "task.overtake",
        }
    }
}

/// What must be known to decide; gathered by the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is the answer to one question of a rule")]
pub(crate) struct TaskFacts {
    /// Impose or release.
    pub(crate) action: TaskAction,
    /// Whether the actor acts for the present executor.
    pub(crate) executor: bool,
    /// Whether the actor's organisation executed or executes it in any generation.
    pub(crate) ever_executor: bool,
    /// Whether the actor acts for the requester or an organ above it.
    pub(crate) requester: bool,
    /// Whether the actor sits at the desk.
    pub(crate) desk: bool,
    /// Whether a job of the platform acts.
    pub(crate) system: bool,
    /// Whether the answer is about the present generation.
    pub(crate) current_generation: bool,
    /// Whether the evidence is complete.
    pub(crate) evidence_complete: bool,
    /// Whether the time of execution is possible.
    pub(crate) evidence_timely: bool,
    /// The code of the last refusal in this generation.
    pub(crate) refusal: Option<RefusalCode>,
    /// Whether the legal basis holds now.
    pub(crate) basis_holds: bool,
    /// Whether the measure can be undone.
    pub(crate) reversible: bool,
    /// Whether an enterprise took the measure on its own finding, so that nobody else asked for it.
    pub(crate) own_measure: bool,
    /// Whether the actor is a person of that enterprise who did not hand in what is to be checked.
    pub(crate) checks_others: bool,
    /// Whether other organs still hold the same measure.
    pub(crate) other_holders: bool,
    /// Whether an appeal was upheld, so that even what cannot be undone is made good by hand.
    pub(crate) upheld: bool,
    /// Whether what was carried out after a withdrawal is being undone already.
    pub(crate) undone: bool,
    /// Who agrees to send out again what the executor objected to.
    pub(crate) second: Second,
    /// Whether the target is protected by now and nobody at province level agreed to that.
    pub(crate) protected: bool,
}

/// Who stands behind a step that takes two persons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Second {
    /// The actor alone, or somebody without the duty to approve.
    Nobody,
    /// Somebody else asked before, and the actor may approve orders.
    Approver,
    /// As before, and the actor does so at province level or above.
    Province,
}

/// What follows from a step that is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TaskStep {
    /// The state before.
    pub(crate) from: TaskState,
    /// The state after.
    pub(crate) to: TaskState,
    /// Whether a new generation begins, so that answers to the old one no longer count.
    pub(crate) new_generation: bool,
    /// Whether a release must be issued because something may have been carried out already.
    pub(crate) needs_release: bool,
}

#[derive(Clone, Copy, Debug)]
enum Guard {
    Executor,
    Generation,
    Evidence,
    Verifier,
    Requester,
    Desk,
    System,
    Basis,
    ReleaseRight,
    Reversible,
    NoOtherHolders,
    Limited,
    Imposing,
    Droppable,
    Undoable,
    SecondReissuer,
}

struct Row {
    event: TaskEvent,
    from: &'static [TaskState],
    to: To,
    guards: &'static [Guard],
}

#[derive(Clone, Copy)]
enum To {
    /// Always this state.
    State(TaskState),
    /// This state in a new generation.
    Again(TaskState),
    /// The first for a measure, the second for its release.
    ByAction(TaskState, TaskState),
    /// As if a release had been ordered, since something may have been carried out already.
    Undo,
    /// Undone if it can be; what cannot be undone ends in a new generation, so that nobody carries it out any more.
    Stop,
    /// The state stays, and what was carried out all the same is undone.
    Compensate,
}

use Guard as G;
use TaskEvent as E;
use TaskState as S;

const TABLE: &[Row] = &[
    Row {
        event: E::Acknowledge,
        from: &[S::Issued],
        to: To::State(S::Received),
        guards: &[G::Executor, G::Generation],
    },
    Row {
        event: E::Begin,
        from: &[S::Received, S::Failed, S::VerifyFailed],
        to: To::State(S::Executing),
        guards: &[G::Executor, G::Generation],
    },
    Row {
        event: E::Execute,
        from: &[S::Received, S::Executing, S::Failed, S::VerifyFailed],
        to: To::State(S::Executed),
        guards: &[G::Executor, G::Generation, G::Evidence],
    },
    Row {
        event: E::Execute,
        from: &[S::Withdrawn],
        to: To::Compensate,
        guards: &[G::Executor, G::Undoable, G::Evidence],
    },
    Row {
        event: E::Refuse,
        from: &[S::Issued, S::Received],
        to: To::State(S::Rejected),
        guards: &[G::Executor, G::Generation],
    },
    Row {
        event: E::PassOn,
        from: &[S::Issued, S::Received],
        to: To::Again(S::Issued),
        guards: &[G::Executor, G::Generation],
    },
    Row {
        event: E::PassToDesk,
        from: &[S::Issued, S::Received],
        to: To::Again(S::Desk),
        guards: &[G::Executor, G::Generation],
    },
    Row {
        event: E::Fail,
        from: &[S::Received, S::Executing],
        to: To::State(S::Failed),
        guards: &[G::Executor, G::Generation],
    },
    Row {
        event: E::VerifyPassed,
        from: &[S::Executed],
        to: To::ByAction(S::InForce, S::Done),
        guards: &[G::Generation, G::Verifier],
    },
    Row {
        event: E::VerifyFailed,
        from: &[S::Executed],
        to: To::State(S::VerifyFailed),
        guards: &[G::Generation, G::Verifier],
    },
    Row { event: E::Route, from: &[S::Desk], to: To::Again(S::Issued), guards: &[G::Desk] },
    Row { event: E::Undeliverable, from: &[S::Issued], to: To::Again(S::Desk), guards: &[G::System, G::Generation] },
    Row {
        event: E::Reissue,
        from: &[S::Rejected, S::Failed, S::VerifyFailed],
        to: To::Again(S::Issued),
        guards: &[G::Requester, G::Basis, G::SecondReissuer],
    },
    Row {
        event: E::Drop,
        from: &[S::Rejected, S::Failed, S::Desk],
        to: To::ByAction(S::Withdrawn, S::Done),
        guards: &[G::Requester, G::Droppable],
    },
    Row {
        event: E::Withdraw,
        from: &[S::Desk, S::Issued, S::Received, S::Rejected],
        to: To::State(S::Withdrawn),
        guards: &[G::Requester, G::Imposing],
    },
    Row {
        event: E::Withdraw,
        from: &[S::Executing, S::VerifyFailed, S::Failed],
        to: To::Stop,
        guards: &[G::ReleaseRight, G::Imposing],
    },
    Row {
        event: E::Withdraw,
        from: &[S::Executed, S::InForce],
        to: To::Undo,
        guards: &[G::ReleaseRight, G::Imposing, G::Reversible],
    },
    Row {
        event: E::OrderRelease,
        from: &[S::Executed, S::VerifyFailed, S::InForce],
        to: To::Undo,
        guards: &[G::ReleaseRight, G::Imposing, G::Reversible],
    },
    Row {
        event: E::Expire,
        from: &[S::Executed, S::VerifyFailed, S::InForce],
        to: To::Undo,
        guards: &[G::System, G::Imposing, G::Reversible],
    },
    Row {
        event: E::CompleteRelease,
        from: &[S::ReleaseOrdered],
        to: To::State(S::Released),
        guards: &[G::System, G::Imposing, G::NoOtherHolders],
    },
    Row {
        event: E::Overtake,
        from: &[S::Desk, S::Issued, S::Received, S::Executing, S::Executed, S::VerifyFailed, S::Rejected, S::Failed],
        to: To::State(S::Withdrawn),
        guards: &[G::System, G::Limited],
    },
];

/// Says what follows from an event in a state, or which rule forbids it.
pub(crate) fn transition(state: TaskState, event: TaskEvent, facts: &TaskFacts) -> Result<TaskStep, RuleViolation> {
    let Some(row) = TABLE.iter().find(|row| row.event == event && row.from.contains(&state)) else {
        // A person learns more from the precise rule than from "not in this state".
        return Err(match event {
            E::Execute if state == S::Rejected && facts.refusal == Some(RefusalCode::Mismatch) => {
                RuleViolation::TASK_MISMATCH
            }
            _ if state.is_terminal() => RuleViolation::TASK_TERMINAL,
            _ if is_answer(event) && !facts.executor && !facts.ever_executor => RuleViolation::TASK_EXECUTOR,
            _ if is_answer(event) && !facts.current_generation => RuleViolation::TASK_GENERATION,
            _ => RuleViolation::TASK_STATE,
        });
    };
    for guard in row.guards {
        check(*guard, facts)?;
    }
    let (to, new_generation, needs_release) = match row.to {
        To::State(to) => (to, false, false),
        To::Again(to) => (to, true, false),
        To::ByAction(impose, release) => {
            (if facts.action == TaskAction::Impose { impose } else { release }, false, false)
        }
        To::Stop if !facts.reversible => (S::Withdrawn, true, false),
        To::Undo | To::Stop => (S::ReleaseOrdered, false, true),
        To::Compensate => (state, false, true),
    };
    Ok(TaskStep { from: state, to, new_generation, needs_release })
}

/// Whether sending a task out again takes two persons: the executor objected to what was ordered, not to how it was sent. The
/// end of a measure is never made harder.
pub(crate) fn takes_second(facts: &TaskFacts) -> bool {
    let objection = matches!(
        facts.refusal,
        Some(
            RefusalCode::Mismatch | RefusalCode::Whitelisted | RefusalCode::DocumentMissing | RefusalCode::BeyondPower
        )
    );
    facts.action == TaskAction::Impose && (facts.protected || objection)
}

const fn is_answer(event: TaskEvent) -> bool {
    matches!(event, E::Acknowledge | E::Begin | E::Execute | E::Refuse | E::PassOn | E::PassToDesk | E::Fail)
}

fn check(guard: Guard, facts: &TaskFacts) -> Result<(), RuleViolation> {
    let demand = |holds: bool, rule: RuleViolation| if holds { Ok(()) } else { Err(rule) };
    match guard {
        G::Executor => demand(facts.executor, RuleViolation::TASK_EXECUTOR),
        G::Generation => demand(facts.current_generation, RuleViolation::TASK_GENERATION),
        G::Evidence => {
            demand(facts.evidence_complete, RuleViolation::TASK_EVIDENCE)?;
            demand(facts.evidence_timely, RuleViolation::TASK_EVIDENCE_TIME)
        }
        // What nobody but the executor asked for, another person of it may check.
        G::Verifier => demand(
            (!facts.ever_executor && !facts.executor) || (facts.own_measure && facts.checks_others),
            RuleViolation::TASK_VERIFIER,
        ),
        G::Requester => demand(facts.requester, RuleViolation::TASK_REQUESTER),
        G::Desk => demand(facts.desk, RuleViolation::TASK_DESK),
        G::System => demand(facts.system, RuleViolation::TASK_SYSTEM),
        // An end needs no document: it must come even after the one for the measure has run out.
        G::Basis => demand(facts.basis_holds || facts.action != TaskAction::Impose, RuleViolation::ORDER_BASIS_EXPIRED),
        G::ReleaseRight => demand(facts.requester || facts.system, RuleViolation::RELEASE_WHO),
        G::Reversible => demand(facts.reversible || facts.upheld, RuleViolation::RELEASE_IRREVERSIBLE),
        G::NoOtherHolders => demand(!facts.other_holders, RuleViolation::RELEASE_HOLDERS),
        G::SecondReissuer => {
            let second = takes_second(facts);
            let protected = facts.protected || facts.refusal == Some(RefusalCode::Whitelisted);
            demand(!second || !protected || facts.second == Second::Province, RuleViolation::TASK_REISSUE_PROTECTED)?;
            demand(!second || facts.second != Second::Nobody, RuleViolation::TASK_REISSUE)
        }
        G::Limited => demand(facts.action == TaskAction::LimitedResume, RuleViolation::TASK_STATE),
        G::Imposing => demand(facts.action == TaskAction::Impose, RuleViolation::TASK_STATE),
        G::Droppable => {
            let gone = matches!(facts.refusal, Some(RefusalCode::NumberUnknown | RefusalCode::AlreadyClosed));
            // What an enterprise did by itself was carried out before it was recorded, so that it ends by a release.
            let never_done = facts.action == TaskAction::Impose && !facts.own_measure;
            demand(never_done || gone, RuleViolation::RELEASE_DROP)?;
            demand(!facts.own_measure || facts.checks_others, RuleViolation::TASK_DROP)
        }
        G::Undoable => demand(
            facts.action == TaskAction::Impose && facts.current_generation && facts.reversible && !facts.undone,
            RuleViolation::TASK_TERMINAL,
        ),
    }
}

#[cfg(test)]
#[path = "task_machine_tests.rs"]
mod tests;
