//! Withdrawing an order. Once it was approved it takes two people; what may have been carried out already becomes a release.

use cordon_context::{Action, CallContext, Refusal, Resource};
use cordon_disposal_contract::{
    Approval, ApprovalKind, Order, OrderReason, OrderStage, ReleaseReason, TaskState, events,
};
use cordon_policies::{Grant, act, on};
use cordon_store::{Failure, Tx};
use serde_json::json;

use crate::domain::content_hash::digest_of;
use crate::domain::order_machine::{OrderEvent, OrderFacts, Withdrawal, transition};
use crate::domain::task_machine::{TaskEvent, TaskFacts};
use crate::service::{Disposal, Standing as _};
use crate::store::orders::{self, StoredApproval, StoredOrder};
use crate::store::tasks;
use crate::use_cases::attempts::Target;
use crate::use_cases::dispose::{check_text, emit, happened};
use crate::use_cases::order_steps::shown;
use crate::use_cases::release::Decision;

impl Disposal {
    /// Withdraws an order, or, if it was approved, asks for it first and lets another person agree.
    pub(crate) async fn withdraw_order(&self, ctx: &CallContext, input: OrderReason) -> Result<Order, Failure> {
        let (id, digest) = (input.order, digest_of(&input));
        // Drafting and approving organs may both withdraw. Who may approve reaches further, and keeps that reach who may draft too.
        let outcome = if self.parts.gate.permits(&ctx.actor, Action::Approve, Resource::Order) {
            let grant = self.grant::<act::Approve, on::Order>(ctx)?;
            self.try_withdraw(ctx, grant, input, digest.clone()).await
        } else {
            let grant = self.grant::<act::Modify, on::Order>(ctx)?;
            self.try_withdraw(ctx, grant, input, digest.clone()).await
        };
        self.noting(ctx, Target::Order(id), OrderEvent::Withdraw.name(), digest, outcome).await
    }

    async fn try_withdraw<A: cordon_policies::ActionName>(
        &self,
        ctx: &CallContext,
        grant: Grant<A, on::Order>,
        input: OrderReason,
        digest: String,
    ) -> Result<Order, Failure> {
        let person = ctx.actor.named_person()?;
        check_text("reason", &input.reason)?;
        let service = self.clone();
        let asked = input.clone();
        self.parts
            .database
            .write_once(ctx, "disposal.withdraw_order", &asked, move |mut tx| async move {
                let mut order = orders::load(tx.connection(), grant.scope(), input.order).await?;
                let facts = OrderFacts { reason: true, ..service.order_facts(tx.context(), &order) };
                let first_of_two = matches!(order.stage, OrderStage::Approved | OrderStage::Issued)
                    && facts.withdrawal == Withdrawal::Nobody
                    && (facts.own || facts.superior);
                if first_of_two {
                    let actor = tx.context().actor.clone();
                    let approval = Approval {
                        kind: ApprovalKind::Withdrawal,
                        person,
                        organisation: actor.organisation,
                        level: actor.level,
                        at: tx.now(),
                        content_hash: order.content_hash.clone(),
                        void: false,
                    };
                    orders::update(&tx, &grant, &mut order).await?;
                    let approver = facts.approver;
                    orders::insert_approval(&tx, &grant, &mut order, StoredApproval { approval, approver }).await?;
                    let (stage, detail) = (order.stage, json!({ "reason": input.reason.trim() }));
                    happened(&mut tx, &order, "order.ask_withdrawal", Some(stage), detail, digest).await?;
                    let order = shown(tx.connection(), order).await?;
                    return tx.commit(order).await;
                }
                let step = transition(order.stage, OrderEvent::Withdraw, &facts).map_err(Refusal::from)?;
                order.stage = step.to;
                order.review_due = None;
                order.next_alarm = None;
                orders::update(&tx, &grant, &mut order).await?;
                let detail = json!({ "reason": input.reason.trim() });
                happened(&mut tx, &order, OrderEvent::Withdraw.name(), Some(step.from), detail, digest.clone()).await?;
                emit(&mut tx, events::ORDER_WITHDRAWN, &order);
                if step.from == OrderStage::Issued {
                    let why = ReleaseReason::OrderWithdrawn;
                    service.withdraw_tasks(&mut tx, &order, why, &input.reason, &digest).await?;
                }
                let order = shown(tx.connection(), order).await?;
                tx.commit(order).await
            })
            .await
    }

    /// Ends every task of an order that is taken back, or that lapsed.
    pub(crate) async fn withdraw_tasks(
        &self,
        tx: &mut Tx,
        order: &StoredOrder,
        why: ReleaseReason,
        reason: &str,
        digest: &str,
    ) -> Result<(), Failure> {
        let ctx = self.system("withdrawal");
        let grant = self.grant::<act::Modify, on::Task>(&ctx)?;
        for mut task in tasks::of_order(tx.connection(), order.id).await? {
            if task.state.is_terminal() || task.state == TaskState::ReleaseOrdered {
                continue;
            }
            let facts = TaskFacts { requester: true, ..self.facts(tx.context(), &task, order) };
            if !facts.reversible && matches!(task.state, TaskState::Executed | TaskState::InForce) {
                // What was carried out and cannot be undone stays; that it does is on the timeline and not passed over in silence.
                let detail = json!({ "reason": reason.trim(), "stays": "irreversible" });
                self.note_task(tx, &grant, &mut task, "task.withdraw", detail, digest.to_owned()).await?;
                continue;
            }
            let decision = Decision {
                event: TaskEvent::Withdraw,
                reason: why,
                note: Some(reason.trim().to_owned()),
                by_mistake: false,
                digest: digest.to_owned(),
            };
            self.end_task(tx, &grant, &mut task, order, facts, decision).await?;
        }
        Ok(())
    }
}
