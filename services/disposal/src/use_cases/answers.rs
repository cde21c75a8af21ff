//! The answers of executors. Each is taken once per task, generation and receipt; late, repeated, reordered and foreign ones
//! change nothing and stay on the timeline.

use cordon_context::{CallContext, OrganisationId, Reach, Scope, Timestamp};
use cordon_disposal_contract::{
    AcknowledgeTask, AnswerTo, BeginTask, Evidence, ExecuteTask, FailTask, Measure, PhoneFunction, Receipt,
    ReceiptKind, RefusalCode, RefuseTask, ReleaseReason, Task, TaskAction, TaskState,
};
use cordon_policies::{Grant, act, on};
use cordon_store::{Failure, Tx};
use serde::Serialize;
use serde_json::{Value, json};

use crate::domain::content_hash::digest_of;
use crate::domain::rules::RuleViolation;
use crate::domain::task_machine::{TaskEvent, TaskFacts};
use crate::service::Disposal;
use crate::store::orders::{self, StoredOrder};
use crate::store::tasks::{self, StoredTask};
use crate::store::{items, receipts, releases};
use crate::use_cases::attempts::Target;
use crate::use_cases::dispose::check_text;
use crate::use_cases::moving::{Move, refuse};
use crate::use_cases::release::Undoing;

/// How far the clocks of an executor and of the platform may differ.
pub(crate) const CLOCK_SKEW: std::time::Duration = std::time::Duration::from_mins(5);

/// An answer before it is known whether it counts.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) to: AnswerTo,
    pub(crate) event: TaskEvent,
    pub(crate) kind: ReceiptKind,
    pub(crate) evidence: Option<Evidence>,
    pub(crate) refusal: Option<cordon_disposal_contract::RefusalCode>,
    pub(crate) note: Option<String>,
    pub(crate) partial: bool,
    pub(crate) retry_at: Option<Timestamp>,
    pub(crate) digest: String,
}

impl Answer {
    pub(crate) fn new(to: AnswerTo, event: TaskEvent, kind: ReceiptKind, input: &impl Serialize) -> Self {
        let digest = digest_of(&(kind, input));
        Self { to, event, kind, evidence: None, refusal: None, note: None, partial: false, retry_at: None, digest }
    }
}

/// A task to which somebody answered.
pub(crate) enum Answered {
    /// The same answer was taken before.
    Before(Box<StoredTask>),
    /// It may count.
    Now(Box<StoredTask>, Box<StoredOrder>, TaskFacts),
}

impl Disposal {
    /// 签收.
    pub(crate) async fn acknowledge_task(&self, ctx: &CallContext, input: AcknowledgeTask) -> Result<Task, Failure> {
        self.answer(ctx, Answer::new(input.answer, TaskEvent::Acknowledge, ReceiptKind::Acknowledged, &input)).await
    }

    /// The execution has begun.
    pub(crate) async fn begin_task(&self, ctx: &CallContext, input: BeginTask) -> Result<Task, Failure> {
        self.answer(ctx, Answer::new(input.answer, TaskEvent::Begin, ReceiptKind::Begun, &input)).await
    }

    /// 已执行.
    pub(crate) async fn execute_task(&self, ctx: &CallContext, input: ExecuteTask) -> Result<Task, Failure> {
        let answer = Answer::new(input.answer, TaskEvent::Execute, ReceiptKind::Executed, &input);
        let ExecuteTask { answer: _, evidence, partial, note } = input;
        self.answer(ctx, Answer { evidence: Some(evidence), partial, note, ..answer }).await
    }

    /// 退件.
    pub(crate) async fn refuse_task(&self, ctx: &CallContext, input: RefuseTask) -> Result<Task, Failure> {
        check_text("text", &input.text)?;
        let answer = Answer::new(input.answer, TaskEvent::Refuse, ReceiptKind::Refused, &input);
        self.answer(ctx, Answer { refusal: Some(input.code), note: Some(input.text), ..answer }).await
    }

    /// The execution failed.
    pub(crate) async fn fail_task(&self, ctx: &CallContext, input: FailTask) -> Result<Task, Failure> {
        check_text("reason", &input.reason)?;
        let answer = Answer::new(input.answer, TaskEvent::Fail, ReceiptKind::Failed, &input);
        self.answer(ctx, Answer { note: Some(input.reason), retry_at: input.retry_at, ..answer }).await
    }

    async fn answer(&self, ctx: &CallContext, answer: Answer) -> Result<Task, Failure> {
        let grant = self.grant_answer(ctx)?;
        let (target, event, digest) = (Target::Task(answer.to.task), answer.event.name(), answer.digest.clone());
        let service = self.clone();
        let outcome = self
            .parts
            .database
            .write(ctx, move |mut tx| async move {
                let task = match service.answered(&tx, &grant, &answer).await? {
                    Answered::Before(task) => *task,
                    Answered::Now(mut task, order, facts) => {
                        service.take(&mut tx, &grant, &mut task, &order, facts, answer).await?;
                        *task
                    }
                };
                let now = tx.now();
                let task = task.shown_to(&tx.context().actor, now);
                tx.commit(task).await
            })
            .await;
        self.noting(ctx, target, event, digest, outcome).await
    }

    /// Finds the task to which somebody answers, and whether the same answer was taken before.
    pub(crate) async fn answered(
        &self,
        tx: &Tx,
        grant: &Grant<act::Execute, on::Task>,
        answer: &Answer,
    ) -> Result<Answered, Failure> {
        let ctx = tx.context();
        let (task, within) = match tasks::load(tx.connection(), grant.scope(), answer.to.task).await {
            Ok(task) => (task, true),
            Err(Failure::Refused(refusal)) => {
                // Whoever had the task before may know that it exists, and learns why the answer no longer counts.
                let organisations = addressed(grant.scope());
                let earlier = tasks::ever_addressed(tx.connection(), &[answer.to.task], &organisations).await?;
                if earlier.is_empty() {
                    return Err(refusal.into());
                }
                let scope = Scope::system("an answer of an earlier executor");
                (tasks::load(tx.connection(), &scope, answer.to.task).await?, false)
            }
            Err(error) => return Err(error),
        };
        if let Some(refusal) = ctx.proof.refusal() {
            return Err(refusal.into());
        }
        if let Some(digest) = receipts::digest_of(tx.connection(), &answer.to).await? {
            if digest != answer.digest {
                return Err(refuse(RuleViolation::TASK_RECEIPT));
            }
            if within {
                return Ok(Answered::Before(Box::new(task)));
            }
        }
        let order = orders::load(tx.connection(), &Scope::system("the order of a task"), task.order).await?;
        let undone = task.state == TaskState::Withdrawn && releases::is_released(tx.connection(), task.id).await?;
        let facts = TaskFacts {
            undone,
            executor: within && task.is_executed_by(&ctx.actor),
            ever_executor: true,
            current_generation: answer.to.generation == task.generation,
            evidence_complete: answer
                .evidence
                .as_ref()
                .is_none_or(|evidence| is_complete(evidence, answer.partial, &task)),
            evidence_timely: answer.evidence.as_ref().is_none_or(|evidence| is_timely(evidence, &task, tx.now())),
            ..self.facts(ctx, &task, &order)
        };
        Ok(Answered::Now(Box::new(task), Box::new(order), facts))
    }

    async fn take(
        &self,
        tx: &mut Tx,
        grant: &Grant<act::Execute, on::Task>,
        task: &mut StoredTask,
        order: &StoredOrder,
        facts: TaskFacts,
        answer: Answer,
    ) -> Result<(), Failure> {
        let now = tx.now();
        let failures = task.failures + u32::from(answer.kind == ReceiptKind::Failed);
        let planned = self.parts.settings.deadlines.retry_at(failures, now);
        let step = Move { event: answer.event, facts, detail: detail_of(&answer), digest: answer.digest.clone() };
        let (refusal, evidence, partial) = (answer.refusal, answer.evidence.clone(), answer.partial);
        let retry_at = answer.retry_at.filter(|at| *at > now).unwrap_or(planned);
        let end = evidence.as_ref().and_then(|evidence| self.end_of(task, order, evidence.executed_at));
        let imposes = task.action == TaskAction::Impose;
        let outcome = self
            .move_task(tx, grant, task, step, move |task| match task.state {
                TaskState::Rejected => task.refusal = refusal,
                TaskState::Executed => {
                    task.executed_at = evidence.map(|evidence| evidence.executed_at);
                    task.effective_from = task.executed_at;
                    // From the execution on, not from its check: a check that nobody makes must not make a measure endless.
                    task.effective_to = end.filter(|_| imposes);
                    task.reminded = false;
                    task.partial = partial;
                    task.retry_at = None;
                }
                TaskState::Withdrawn => task.executed_at = evidence.map(|evidence| evidence.executed_at),
                TaskState::Failed => {
                    task.failures = failures;
                    task.retry_at = Some(retry_at);
                }
                _ => {}
            })
            .await?;
        if outcome.to == TaskState::Rejected
            && refusal == Some(RefusalCode::NumberUnknown)
            && let Some(by) = task.executor
        {
            // Another executor may have said that the number went there; the next order must not believe it.
            let item = items::load(tx.connection(), &Scope::system("unlearn where a number is"), task.item).await?;
            let identifier = item.open(&self.parts.vault)?;
            self.parts.router.unlearn_ported(tx, &identifier, by).await?;
        }
        let receipt = receipt_of(answer, tx, task.executor);
        receipts::insert(tx, grant, &receipt).await?;
        if imposes && !task.own_measure && (outcome.to == TaskState::Executed || outcome.needs_release) {
            self.stopped_again(tx, grant, task).await?;
        }
        if outcome.to == TaskState::Executed {
            match task.action {
                TaskAction::Impose => self.make_notice_due(tx, task, order).await?,
                TaskAction::LimitedResume => self.resumed_in_part(tx, grant, task, order).await?,
                TaskAction::Release => {}
            }
        }
        if outcome.needs_release {
            // It was carried out although it was withdrawn: that is evidence, and it is undone.
            let undoing = Undoing { reason: ReleaseReason::OrderWithdrawn, note: None, by_mistake: true };
            self.undo(tx, grant, task, order, undoing).await?;
            self.stop_is_gone(tx, task).await?;
        }
        Ok(())
    }
}

/// The receipt that is kept of an answer.
pub(crate) fn receipt_of(answer: Answer, tx: &Tx, executor: Option<OrganisationId>) -> Receipt {
    let Answer { to, event: _, kind, evidence, refusal, note, partial: _, retry_at: _, digest } = answer;
    Receipt {
        id: to.receipt,
        task: to.task,
        generation: to.generation,
        kind,
        organisation: executor.unwrap_or(tx.context().actor.organisation),
        at: tx.now(),
        evidence,
        refusal,
        note,
        digest,
    }
}

fn detail_of(answer: &Answer) -> Value {
    json!({
        "receipt": answer.to.receipt,
        "generation": answer.to.generation,
        "code": answer.refusal,
        "partial": answer.partial,
        "evidence": answer.evidence,
        "note": answer.note,
    })
}

fn addressed(scope: &Scope) -> Vec<OrganisationId> {
    scope
        .reaches()
        .iter()
        .flat_map(|reach| match reach {
            Reach::Addressed(organisations) => organisations.clone(),
            Reach::Organisation(organisation) => vec![*organisation],
            Reach::All | Reach::Region(_) | Reach::Instructed(_) | Reach::OwnCase(_) => Vec::new(),
        })
        .collect()
}

/// Whether evidence names an order, a stop type, and every one of these functions.
pub(crate) fn evidence_names_all(evidence: &Evidence, functions: &[PhoneFunction]) -> bool {
    let named = !evidence.bss_order.trim().is_empty() && !evidence.stop_type.trim().is_empty();
    named && functions.iter().all(|function| evidence.functions.contains(function))
}

fn is_complete(evidence: &Evidence, partial: bool, task: &StoredTask) -> bool {
    let named = evidence_names_all(evidence, &[]);
    let taken = |function| evidence.functions.contains(function);
    let functions = task.measure != Measure::RestrictFunctions
        || task.action != TaskAction::Impose
        // Fewer functions than were ordered are a part, and it has to be said that they are.
        || if partial { task.functions.iter().any(taken) } else { task.functions.iter().all(taken) };
    named && functions
}

fn is_timely(evidence: &Evidence, task: &StoredTask, now: Timestamp) -> bool {
    evidence.executed_at.plus(CLOCK_SKEW) >= task.generation_at && evidence.executed_at <= now.plus(CLOCK_SKEW)
}
