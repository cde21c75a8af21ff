//! What the requester does with a task that was refused or failed: send it out again, or take it off the table.

use cordon_context::CallContext;
use cordon_disposal_contract::{DropTask, ReissueTask, Task, TaskAction, TaskState};
use cordon_policies::{Grant, act, on};
use cordon_store::Failure;
use serde_json::json;

use crate::domain::content_hash::digest_of;
use crate::domain::task_machine::TaskEvent;
use crate::service::Disposal;
use crate::use_cases::attempts::Target;
use crate::use_cases::dispose::check_text;
use crate::use_cases::moving::{Move, task_with_order};

impl Disposal {
    /// Sends a task out again, as a new generation.
    pub(crate) async fn reissue_task(&self, ctx: &CallContext, input: ReissueTask) -> Result<Task, Failure> {
        let grant = self.grant::<act::Modify, on::Order>(ctx)?;
        let digest = digest_of(&input);
        self.settle(ctx, grant, input.task, TaskEvent::Reissue, input.reason, digest).await
    }

    /// Takes a task off the table.
    pub(crate) async fn drop_task(&self, ctx: &CallContext, input: DropTask) -> Result<Task, Failure> {
        let grant = self.grant::<act::Modify, on::Order>(ctx)?;
        let digest = digest_of(&input);
        self.settle(ctx, grant, input.task, TaskEvent::Drop, input.reason, digest).await
    }

    async fn settle(
        &self,
        ctx: &CallContext,
        grant: Grant<act::Modify, on::Order>,
        task: cordon_context::TaskId,
        event: TaskEvent,
        reason: String,
        digest: String,
    ) -> Result<Task, Failure> {
        check_text("reason", &reason)?;
        let service = self.clone();
        let kept = digest.clone();
        let operation = if event == TaskEvent::Reissue { "disposal.reissue_task" } else { "disposal.drop_task" };
        let outcome = self
            .parts
            .database
            .write_once(ctx, operation, &(task, reason.clone()), move |mut tx| async move {
                let (mut task, order) = task_with_order(&tx, grant.scope(), task).await?;
                let facts = service.facts(tx.context(), &task, &order);
                let step = Move { event, facts, detail: json!({ "reason": reason.trim() }), digest: kept };
                let step = service.move_task(&mut tx, &grant, &mut task, step, |_task| {}).await?;
                if step.to == TaskState::Done && task.action == TaskAction::Release {
                    // The number is gone, and the measure with it.
                    service.complete_release(&mut tx, &task).await?;
                }
                let now = tx.now();
                tx.commit(task.into_task(now)).await
            })
            .await;
        self.noting(ctx, Target::Task(task), event.name(), digest, outcome).await
    }
}
