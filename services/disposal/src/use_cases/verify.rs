//! Confirming or disputing an execution, by somebody other than the executor.

use cordon_context::{CallContext, Code, Refusal, VerificationId};
use cordon_disposal_contract::{Task, TaskAction, TaskState, Verification, VerifyTask};
use cordon_policies::{Grant, act, on};
use cordon_store::Failure;
use serde_json::json;

use crate::domain::content_hash::digest_of;
use crate::domain::task_machine::{TaskEvent, TaskFacts};
use crate::service::Disposal;
use crate::store::{receipts, tasks};
use crate::use_cases::attempts::Target;
use crate::use_cases::moving::{Move, task_with_order};

impl Disposal {
    /// Confirms or disputes.
    pub(crate) async fn verify_task(&self, ctx: &CallContext, input: VerifyTask) -> Result<Task, Failure> {
        let (target, digest) = (Target::Task(input.task), digest_of(&input));
        let outcome = match self.grant::<act::Verify, on::Task>(ctx) {
            Ok(grant) => match self.try_verify(ctx, grant, input.clone(), digest.clone()).await {
                // Whoever checks what its own enterprise did by itself may have executed this one, which another asked for.
                Err(Failure::Refused(refusal)) if refusal.code == Code::NotFound => {
                    Err(self.independent(ctx, input.task, refusal.into()).await)
                }
                outcome => outcome,
            },
            Err(denied) => Err(self.independent(ctx, input.task, denied).await),
        };
        self.noting(ctx, target, TaskEvent::VerifyPassed.name(), digest, outcome).await
    }

    async fn try_verify(
        &self,
        ctx: &CallContext,
        grant: Grant<act::Verify, on::Task>,
        input: VerifyTask,
        digest: String,
    ) -> Result<Task, Failure> {
        let service = self.clone();
        let asked = input.clone();
        self.parts
            .database
            .write_once(ctx, "disposal.verify_task", &asked, move |mut tx| async move {
                let (mut task, order) = task_with_order(&tx, grant.scope(), input.task).await?;
                let actor = tx.context().actor.clone();
                let mut organisations = actor.branches.clone();
                organisations.push(actor.organisation);
                let ever = tasks::ever_addressed(tx.connection(), &[task.id], &organisations).await?;
                let facts = TaskFacts {
                    ever_executor: !ever.is_empty(),
                    checks_others: service.checks_others(&tx, &task).await?,
                    current_generation: input.generation == task.generation,
                    ..service.facts(tx.context(), &task, &order)
                };
                let event = if input.passed { TaskEvent::VerifyPassed } else { TaskEvent::VerifyFailed };
                let detail = json!({ "passed": input.passed, "method": input.method, "generation": input.generation });
                let step = Move { event, facts, detail, digest };
                let step = service.move_task(&mut tx, &grant, &mut task, step, |_task| {}).await?;
                let verification = Verification {
                    id: VerificationId::new(tx.now()),
                    task: task.id,
                    generation: task.generation,
                    passed: input.passed,
                    method: input.method,
                    person: actor.person(),
                    organisation: actor.organisation,
                    at: tx.now(),
                    note: input.note,
                };
                receipts::insert_verification(&tx, &grant, &verification).await?;
                if step.to == TaskState::VerifyFailed && task.action == TaskAction::LimitedResume {
                    service.not_resumed(&mut tx, &grant, &task).await?;
                }
                if step.to == TaskState::Done && task.action == TaskAction::Release {
                    service.complete_release(&mut tx, &task).await?;
                }
                let now = tx.now();
                tx.commit(task.into_task(now)).await
            })
            .await
    }

    /// What an executor is told that tries to confirm its own execution: the rule, not merely that it is not allowed.
    async fn independent(&self, ctx: &CallContext, task: cordon_context::TaskId, denied: Failure) -> Failure {
        let Ok(grant) = self.grant::<act::Execute, on::Task>(ctx) else { return denied };
        match tasks::load(self.parts.database.reader(), grant.scope(), task).await {
            Ok(task) if task.is_executed_by(&ctx.actor) => {
                Refusal::from(crate::domain::rules::RuleViolation::TASK_VERIFIER).into()
            }
            Ok(_) => denied,
            Err(error) => error,
        }
    }
}
