//! What the requester does with a task that was refused or failed: send it out again, or take it off the table.

use cordon_context::{Action, CallContext, OrganisationLevel, Resource, Scope};
use cordon_disposal_contract::{ApprovalKind, DropTask, ReissueTask, Task, TaskAction, TaskState};
use cordon_policies::{ActionName, Grant, ResourceName, act, on};
use cordon_store::{Failure, Tx};
use serde_json::json;

use crate::domain::content_hash::digest_of;
use crate::domain::task_machine::{Second, TaskEvent, TaskFacts, takes_second};
use crate::service::Disposal;
use crate::store::orders::StoredOrder;
use crate::store::tasks::StoredTask;
use crate::store::{items, timeline};
use crate::use_cases::attempts::Target;
use crate::use_cases::dispose::check_text;
use crate::use_cases::moving::{Move, task_with_order};

/// What the first of two says who want to send a task out again.
const ASKED: &str = "task.ask_reissue";

impl Disposal {
    /// Sends a task out again, as a new generation; or, if it takes two, asks for it first and lets an approver agree.
    pub(crate) async fn reissue_task(&self, ctx: &CallContext, input: ReissueTask) -> Result<Task, Failure> {
        let digest = digest_of(&input);
        if self.parts.gate.permits(&ctx.actor, Action::Approve, Resource::Order) {
            let grant = self.grant::<act::Approve, on::Order>(ctx)?;
            return self.settle(ctx, grant, input.task, TaskEvent::Reissue, input.reason, digest).await;
        }
        self.settle_as_requester(ctx, input.task, TaskEvent::Reissue, input.reason, digest).await
    }

    /// Takes a task off the table.
    pub(crate) async fn drop_task(&self, ctx: &CallContext, input: DropTask) -> Result<Task, Failure> {
        let digest = digest_of(&input);
        self.settle_as_requester(ctx, input.task, TaskEvent::Drop, input.reason, digest).await
    }

    /// Settles it by the duty to keep orders; or, for what an enterprise did on its own finding, by the one to answer for that.
    async fn settle_as_requester(
        &self,
        ctx: &CallContext,
        task: cordon_context::TaskId,
        event: TaskEvent,
        reason: String,
        digest: String,
    ) -> Result<Task, Failure> {
        if self.parts.gate.permits(&ctx.actor, Action::Modify, Resource::ProtectiveMeasure) {
            let grant = self.grant::<act::Modify, on::ProtectiveMeasure>(ctx)?;
            return self.settle(ctx, grant, task, event, reason, digest).await;
        }
        let grant = self.grant::<act::Modify, on::Order>(ctx)?;
        self.settle(ctx, grant, task, event, reason, digest).await
    }

    async fn settle<A: ActionName, R: ResourceName>(
        &self,
        ctx: &CallContext,
        grant: Grant<A, R>,
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
                let checks_others = service.did_not(&tx, &task, &[TaskEvent::Refuse.name()]).await?;
                let mut facts = TaskFacts { checks_others, ..service.facts(tx.context(), &task, &order) };
                if event == TaskEvent::Reissue && !task.state.is_terminal() && facts.requester {
                    facts = service.reissue_facts(&tx, &task, &order, facts).await?;
                    // Nobody else of an enterprise could agree to it.
                    let ask = !task.own_measure && takes_second(&facts) && facts.second == Second::Nobody;
                    if ask && !asked(&tx, &task).await?.1 {
                        let detail = json!({ "reason": reason.trim() });
                        service.note_task(&mut tx, &grant, &mut task, ASKED, detail, kept).await?;
                        let now = tx.now();
                        return tx.commit(task.into_task(now)).await;
                    }
                }
                let step = Move { event, facts, detail: json!({ "reason": reason.trim() }), digest: kept };
                let step = service.move_task(&mut tx, &grant, &mut task, step, |_task| {}).await?;
                if step.to == TaskState::Done && task.action == TaskAction::Release {
                    // The number is gone, and the measure with it.
                    service.complete_release(&mut tx, &task).await?;
                }
                let task = task.shown_to(&tx.context().actor, tx.now());
                tx.commit(task).await
            })
            .await;
        self.noting(ctx, Target::Task(task), event.name(), digest, outcome).await
    }

    /// What sending out again depends on: who asked before, and whether the target is protected by now.
    async fn reissue_facts(
        &self,
        tx: &Tx,
        task: &StoredTask,
        order: &StoredOrder,
        facts: TaskFacts,
    ) -> Result<TaskFacts, Failure> {
        let actor = &tx.context().actor;
        let (by_others, _own) = asked(tx, task).await?;
        let second = if !by_others || !self.parts.gate.permits(actor, Action::Approve, Resource::Order) {
            Second::Nobody
        } else if actor.level.reaches(OrganisationLevel::Province) {
            Second::Province
        } else {
            Second::Approver
        };
        let item = items::load(tx.connection(), &Scope::system("send a task out again"), task.item).await?;
        let agreed = order.approvals.iter().any(|stored| {
            stored.approval.kind == ApprovalKind::Protected
                && !stored.approval.void
                && stored.approval.content_hash == order.content_hash
        });
        let shield = self.shields(tx.connection(), std::slice::from_ref(&item)).await?;
        let protected = !agreed && (item.item.protected.is_some() || shield.iter().any(Option::is_some));
        Ok(TaskFacts { second, protected, ..facts })
    }
}

/// Whether somebody else, and whether the actor, asked to send a task out again since it was given back.
async fn asked(tx: &Tx, task: &StoredTask) -> Result<(bool, bool), Failure> {
    let parties = timeline::parties(tx.connection(), task.id, &[ASKED], task.entered_at).await?;
    let own = tx.context().actor.party();
    Ok((parties.iter().any(|party| *party != own), parties.contains(&own)))
}
