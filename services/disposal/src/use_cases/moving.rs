//! Moving a task along: the state machine decides, and row, timeline, ledger and events follow together.

use cordon_context::{CallContext, Scope};
use cordon_disposal_contract::events::{self, TaskHappened};
use cordon_disposal_contract::{Escalation, LegalBasis, Light, TaskAction, TaskState};
use cordon_events::NewEvent;
use cordon_policies::{ActionName, Grant, ResourceName};
use cordon_store::{AuditRecord, Failure, Tx};
use serde_json::{Value, json};

use crate::domain::content_hash::digest_of;
use crate::domain::deadlines::Timing;
use crate::domain::rules::RuleViolation;
use crate::domain::task_machine::{Second, TaskEvent, TaskFacts, TaskStep, transition};
use crate::service::{Disposal, Standing as _};
use crate::store::orders::{self, StoredOrder};
use crate::store::tasks::{self, Hold, StoredTask};
use crate::store::timeline::{self, Happening};
use crate::use_cases::payload;

/// A step that somebody wants to take with a task.
pub(crate) struct Move {
    /// What shall happen.
    pub(crate) event: TaskEvent,
    /// What is known.
    pub(crate) facts: TaskFacts,
    /// What else belongs on the timeline; holds no personal data.
    pub(crate) detail: Value,
    /// The digest of what was handed in.
    pub(crate) digest: String,
}

impl Disposal {
    /// The facts about an actor and a task that hold for every event; the caller adds what belongs to its own.
    pub(crate) fn facts(&self, ctx: &CallContext, task: &StoredTask, order: &StoredOrder) -> TaskFacts {
        let actor = &ctx.actor;
        let executor = task.is_executed_by(actor);
        TaskFacts {
            action: task.action,
            executor,
            ever_executor: executor,
            requester: order.is_led_by(actor),
            desk: actor.holds(cordon_context::Role::CommandDesk)
                || actor.holds(cordon_context::Role::RegulatorOfficer)
                || actor.holds(cordon_context::Role::MinistryCommander),
            system: actor.is_system(),
            current_generation: true,
            evidence_complete: true,
            evidence_timely: true,
            refusal: task.refusal,
            basis_holds: order.basis_holds(self.now()) || order.paperwork_may_follow(self.now()),
            reversible: self.is_reversible(task),
            own_measure: task.own_measure,
            checks_others: false,
            other_holders: false,
            upheld: false,
            undone: false,
            second: Second::Nobody,
            protected: false,
        }
    }

    /// Takes the step, lets `change` set what belongs to it, and writes everything that follows.
    pub(crate) async fn move_task<A: ActionName, R: ResourceName>(
        &self,
        tx: &mut Tx,
        grant: &Grant<A, R>,
        task: &mut StoredTask,
        step: Move,
        change: impl FnOnce(&mut StoredTask) + Send,
    ) -> Result<TaskStep, Failure> {
        let Move { event, facts, detail, digest } = step;
        let step = transition(task.state, event, &facts).map_err(cordon_context::Refusal::from)?;
        let now = tx.now();
        let before = task.executor;
        self.mark_missed(tx, grant, task).await?;
        if step.new_generation {
            task.generation += 1;
            task.generation_at = now;
            task.refusal = None;
            task.retry_at = None;
            task.failures = 0;
            task.payload_digest = None;
            // What an earlier generation claimed to have done did not hold, or was not its to do.
            task.executed_at = None;
            task.effective_from = None;
            task.effective_to = None;
            self.set_deadlines(task);
        }
        task.state = step.to;
        task.entered_at = now;
        task.desk_reason = None;
        match step.to {
            // From here on the target may be cut off for this organ, so another organ's release must wait for it.
            TaskState::Executing | TaskState::Executed | TaskState::VerifyFailed | TaskState::InForce => {
                if facts.action == TaskAction::Impose {
                    task.hold = Hold::Active;
                }
            }
            TaskState::ReleaseOrdered => {
                task.hold = Hold::Lifted;
                task.renewal = None;
            }
            TaskState::Desk => {
                task.executor = None;
                task.hold = Hold::None;
            }
            TaskState::Issued
            | TaskState::Received
            | TaskState::Rejected
            | TaskState::Failed
            | TaskState::Withdrawn => task.hold = Hold::None,
            TaskState::Released | TaskState::Done => {}
        }
        change(task);
        let same_duty = !step.new_generation && step.from.waits_for_executor() && step.to.waits_for_executor();
        self.wind_clock(task, now, same_duty);
        if task.state == TaskState::Issued && step.new_generation {
            payload::fix(self, tx, task).await?;
        }
        tasks::update(tx, grant, task).await?;
        let happening = Happening {
            order: task.order,
            task: Some(task.id),
            appeal: None,
            event: event.name(),
            from: Some(step.from.name()),
            to: Some(step.to.name()),
            refused_by: None,
            detail: detail.clone(),
            payload_digest: digest.clone(),
        };
        timeline::add(tx, vec![happening]).await?;
        tx.record(
            AuditRecord::new(
                event.name(),
                task.id.to_string(),
                json!({ "from": step.from, "to": step.to, "generation": task.generation, "detail": digest_of(&detail), "payload": digest }),
            )
            .of_organisation(task.requester),
        );
        if matches!(step.to, TaskState::ReleaseOrdered | TaskState::Withdrawn) {
            self.stop_is_gone(tx, task).await?;
        }
        emit(tx, events::TASK_PROGRESSED, task, Some(step.from), before);
        if step.new_generation && task.state == TaskState::Issued {
            emit(tx, events::TASK_ASSIGNED, task, Some(step.from), before);
        }
        if task.state == TaskState::Desk {
            emit(tx, events::TASK_AT_DESK, task, Some(step.from), before);
        }
        Ok(step)
    }

    /// Sets the deadline of the state that a task is in, and when its clock is looked at next.
    ///
    /// While the same executor still has to act in the same generation, no answer takes back how far its lateness was reported.
    pub(crate) fn wind_clock(&self, task: &mut StoredTask, now: cordon_context::Timestamp, same_duty: bool) {
        let deadlines = &self.parts.settings.deadlines;
        let due = match task.state {
            // What has to be done again has the whole time again, also when it is begun or fails once more.
            TaskState::VerifyFailed => Some(deadlines.execute_due(&Timing { issued_at: now, ..task.timing() })),
            TaskState::Executing | TaskState::Failed if same_duty => task.due.max(Some(task.execute_due)),
            state => deadlines.due(state, task.acknowledge_due, task.execute_due, now),
        };
        if due != task.due {
            task.alarmed = Light::Green;
            if !same_duty {
                task.escalation = Escalation::None;
            }
        }
        task.due = due;
        task.next_alarm = self.next_look(task, now);
    }

    /// When the clock of a task is looked at next: at the next mark of its deadline, or when a failed execution is tried again.
    pub(crate) fn next_look(
        &self,
        task: &StoredTask,
        now: cordon_context::Timestamp,
    ) -> Option<cordon_context::Timestamp> {
        let deadlines = &self.parts.settings.deadlines;
        let mark = task.due.and_then(|due| {
            // A step that begins past its deadline is told of at once; no mark may be left ahead.
            let untold = due <= now && task.alarmed != Light::Overdue;
            if untold { Some(now) } else { deadlines.next_alarm(task.clock_from(), due, now) }
        });
        let retry = task.retry_at.filter(|at| task.state == TaskState::Failed && *at > now);
        match (mark, retry) {
            (Some(mark), Some(retry)) => Some(mark.min(retry)),
            (mark, retry) => mark.or(retry),
        }
    }

    /// Sets the deadlines of a generation that is issued now.
    pub(crate) fn set_deadlines(&self, task: &mut StoredTask) {
        let deadlines = &self.parts.settings.deadlines;
        task.acknowledge_due = deadlines.acknowledge_due(&task.timing());
        task.execute_due = deadlines.execute_due(&task.timing());
    }
}

impl Disposal {
    /// Until when a measure holds that took effect then: for its days, and never longer than its legal basis.
    pub(crate) fn end_of(
        &self,
        task: &StoredTask,
        order: &StoredOrder,
        from: cordon_context::Timestamp,
    ) -> Option<cordon_context::Timestamp> {
        if !self.is_reversible(task) {
            // What cannot be undone does not end.
            return None;
        }
        let days = task.days.map(|days| from.plus(days_long(days)));
        let basis = order.legal_basis.as_ref().and_then(|basis| basis.valid_to);
        days.into_iter().chain(basis).min()
    }

    /// Whether a task's measure can be undone.
    pub(crate) fn is_reversible(&self, task: &StoredTask) -> bool {
        self.measures.rule(task.subject.kind, task.measure).is_some_and(|rule| rule.reversible)
    }
}

/// Days as a duration.
pub(crate) fn days_long(days: u32) -> std::time::Duration {
    std::time::Duration::from_secs(u64::from(days) * 86_400)
}

impl StoredOrder {
    /// Whether the legal basis holds at a moment.
    pub(crate) fn basis_holds(&self, now: cordon_context::Timestamp) -> bool {
        self.legal_basis.as_ref().is_some_and(|basis| holds(basis, now))
    }

    /// Whether it may stand without a legal basis: an emergency, as long as its paperwork is not due.
    pub(crate) fn paperwork_may_follow(&self, now: cordon_context::Timestamp) -> bool {
        self.emergency
            .as_ref()
            .is_some_and(|emergency| emergency.paperwork_at.is_none() && now <= emergency.paperwork_due)
    }
}

/// Whether a document holds at a moment.
pub(crate) fn holds(basis: &LegalBasis, now: cordon_context::Timestamp) -> bool {
    basis.issued_at <= now && basis.valid_to.is_none_or(|end| end > now)
}

/// Loads a task within reach together with its order.
pub(crate) async fn task_with_order(
    tx: &Tx,
    scope: &Scope,
    task: cordon_context::TaskId,
) -> Result<(StoredTask, StoredOrder), Failure> {
    let task = tasks::load(tx.connection(), scope, task).await?;
    let order = orders::load(tx.connection(), &Scope::system("the order of a task within reach"), task.order).await?;
    Ok((task, order))
}

/// Tells of a task: to its requester, to its executor, and to the executor that it had before.
pub(crate) fn emit(
    tx: &mut Tx,
    topic: &str,
    task: &StoredTask,
    from: Option<TaskState>,
    before: Option<cordon_context::OrganisationId>,
) {
    tx.emit(event_of(topic, task, from, before));
}

/// The event that tells of a task.
pub(crate) fn event_of(
    topic: &str,
    task: &StoredTask,
    from: Option<TaskState>,
    before: Option<cordon_context::OrganisationId>,
) -> NewEvent {
    let mut audience = vec![task.requester];
    audience.extend(task.executor);
    audience.extend(before);
    audience.sort_unstable();
    audience.dedup();
    let happened = TaskHappened {
        task: task.id,
        generation: task.generation,
        action: task.action,
        item: task.item,
        order: task.order,
        order_number: task.order_number.clone(),
        requester: task.requester,
        region: task.region,
        case: task.case,
        executor: task.executor,
        measure: task.measure,
        urgency: task.urgency,
        from,
        to: task.state,
        due: task.due,
        escalation: task.escalation,
        attempt: task.failures,
        own_measure: task.own_measure,
    };
    NewEvent { topic: topic.to_owned(), subject: task.id.to_string(), audience, payload: json!(happened) }
}

/// A rule as a failure.
pub(crate) fn refuse(rule: RuleViolation) -> Failure {
    cordon_context::Refusal::from(rule).into()
}

impl Disposal {
    /// Writes a task that changed without moving, with what there is to say about it.
    pub(crate) async fn note_task<A: ActionName, R: ResourceName>(
        &self,
        tx: &mut Tx,
        grant: &Grant<A, R>,
        task: &mut StoredTask,
        event: &'static str,
        detail: Value,
        digest: String,
    ) -> Result<(), Failure> {
        tasks::update(tx, grant, task).await?;
        let happening = Happening {
            order: task.order,
            task: Some(task.id),
            appeal: None,
            event,
            from: Some(task.state.name()),
            to: Some(task.state.name()),
            refused_by: None,
            detail: detail.clone(),
            payload_digest: digest.clone(),
        };
        timeline::add(tx, vec![happening]).await?;
        let payload = json!({ "state": task.state, "detail": digest_of(&detail), "payload": digest });
        tx.record(AuditRecord::new(event, task.id.to_string(), payload).of_organisation(task.requester));
        Ok(())
    }
}
