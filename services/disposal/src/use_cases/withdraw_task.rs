//! Withdrawing one task of an order that is out: a wrong number among many. It takes two people, like the withdrawal of the whole;
//! what may have been carried out already becomes a release.

use cordon_context::{Action, CallContext, Refusal, Resource};
use cordon_disposal_contract::{ReleaseReason, Task, TaskState, WithdrawTask};
use cordon_policies::{ActionName, Grant, act, on};
use cordon_store::{Failure, Tx};
use serde_json::{Value, json};

use crate::domain::content_hash::digest_of;
use crate::domain::rules::RuleViolation;
use crate::domain::task_machine::{TaskEvent, transition};
use crate::service::{Disposal, Standing as _};
use crate::store::tasks::StoredTask;
use crate::store::timeline;
use crate::use_cases::attempts::Target;
use crate::use_cases::dispose::check_text;
use crate::use_cases::moving::{refuse, task_with_order};
use crate::use_cases::release::Decision;

/// What the first of two says who want to withdraw a task.
const ASKED: &str = "task.ask_withdrawal";

/// Who asked to withdraw a task before.
#[derive(Default)]
struct Asked {
    /// The actor.
    by_actor: bool,
    /// Somebody else.
    by_others: bool,
    /// Somebody else who may approve orders.
    by_approver: bool,
}

impl Disposal {
    /// Withdraws a task as it was read: the first person asks for it, another one agrees.
    pub(crate) async fn withdraw_task(&self, ctx: &CallContext, input: WithdrawTask) -> Result<Task, Failure> {
        let (task, digest) = (input.task, digest_of(&input));
        let approver = self.parts.gate.permits(&ctx.actor, Action::Approve, Resource::Order);
        // Who may approve reaches further, and keeps that reach who may draft too.
        let outcome = if approver {
            let grant = self.grant::<act::Approve, on::Order>(ctx)?;
            self.try_withdraw_task(ctx, grant, input, approver, digest.clone()).await
        } else {
            let grant = self.grant::<act::Modify, on::Order>(ctx)?;
            self.try_withdraw_task(ctx, grant, input, approver, digest.clone()).await
        };
        self.noting(ctx, Target::Task(task), TaskEvent::Withdraw.name(), digest, outcome).await
    }

    async fn try_withdraw_task<A: ActionName>(
        &self,
        ctx: &CallContext,
        grant: Grant<A, on::Order>,
        input: WithdrawTask,
        approver: bool,
        digest: String,
    ) -> Result<Task, Failure> {
        ctx.actor.named_person()?;
        check_text("reason", &input.reason)?;
        let (service, asked) = (self.clone(), input.clone());
        self.parts
            .database
            .write_once(ctx, "disposal.withdraw_task", &asked, move |mut tx| async move {
                let (mut task, order) = task_with_order(&tx, grant.scope(), input.task).await?;
                if task.version != input.version {
                    // It went on since it was read; perhaps nothing is left to withdraw.
                    return Err(Refusal::conflict().into());
                }
                if matches!(task.state, TaskState::Executed | TaskState::InForce) {
                    return Err(refuse(RuleViolation::TASK_WITHDRAW_EXECUTED));
                }
                let facts = service.facts(tx.context(), &task, &order);
                if !facts.requester {
                    return Err(refuse(RuleViolation::TASK_REQUESTER));
                }
                // What could not be withdrawn anyway is not asked for.
                transition(task.state, TaskEvent::Withdraw, &facts).map_err(Refusal::from)?;
                let before = asked_before(&tx, &task).await?;
                if !before.by_others {
                    if before.by_actor {
                        return Err(refuse(RuleViolation::TASK_WITHDRAW));
                    }
                    let detail = json!({ "reason": input.reason.trim(), "approver": approver });
                    service.note_task(&mut tx, &grant, &mut task, ASKED, detail, digest).await?;
                } else if before.by_approver || approver {
                    let decision = Decision {
                        event: TaskEvent::Withdraw,
                        reason: ReleaseReason::OrderWithdrawn,
                        note: Some(input.reason.trim().to_owned()),
                        by_mistake: false,
                        digest,
                    };
                    service.end_task(&mut tx, &grant, &mut task, &order, facts, decision).await?;
                } else {
                    return Err(refuse(RuleViolation::TASK_WITHDRAW));
                }
                let now = tx.now();
                tx.commit(task.into_task(now)).await
            })
            .await
    }
}

/// Who asked to withdraw it since its present generation went out; an earlier wish was about another executor.
async fn asked_before(tx: &Tx, task: &StoredTask) -> Result<Asked, Failure> {
    let own = tx.context().actor.party();
    let mut asked = Asked::default();
    for (party, detail) in timeline::said(tx.connection(), task.id, ASKED, task.generation_at).await? {
        let approver = detail.get("approver").and_then(Value::as_bool).unwrap_or_default();
        if party == own {
            asked.by_actor = true;
        } else {
            asked.by_others = true;
            asked.by_approver |= approver;
        }
    }
    Ok(asked)
}
