//! Giving an order back to its drafter, with the reason.

use cordon_context::{CallContext, Refusal};
use cordon_disposal_contract::{Order, OrderReason, events};
use cordon_policies::{Grant, act, on};
use cordon_store::Failure;
use serde_json::json;

use crate::domain::content_hash::digest_of;
use crate::domain::order_machine::{OrderEvent, OrderFacts, transition};
use crate::service::Disposal;
use crate::store::orders;
use crate::use_cases::attempts::Target;
use crate::use_cases::dispose::{emit, happened};
use crate::use_cases::order_steps::shown;

impl Disposal {
    /// Gives an order back.
    pub(crate) async fn return_order(&self, ctx: &CallContext, input: OrderReason) -> Result<Order, Failure> {
        let grant = self.grant::<act::Approve, on::Order>(ctx)?;
        let (target, digest) = (Target::Order(input.order), digest_of(&input));
        let outcome = self.try_return(ctx, grant, input, digest.clone()).await;
        self.noting(ctx, target, OrderEvent::Return.name(), digest, outcome).await
    }

    async fn try_return(
        &self,
        ctx: &CallContext,
        grant: Grant<act::Approve, on::Order>,
        input: OrderReason,
        digest: String,
    ) -> Result<Order, Failure> {
        let service = self.clone();
        let asked = input.clone();
        self.parts
            .database
            .write_once(ctx, "disposal.return_order", &asked, move |mut tx| async move {
                let mut order = orders::load(tx.connection(), grant.scope(), input.order).await?;
                let reason = !input.reason.trim().is_empty();
                let facts = OrderFacts { reason, ..service.order_facts(tx.context(), &order) };
                let step = transition(order.stage, OrderEvent::Return, &facts).map_err(Refusal::from)?;
                order.stage = step.to;
                order.review_due = None;
                order.next_alarm = None;
                order.returned_reason = Some(input.reason.trim().to_owned());
                orders::void_approvals(&tx, &grant, &mut order).await?;
                orders::update(&tx, &grant, &mut order).await?;
                let detail = json!({ "reason": order.returned_reason });
                happened(&mut tx, &order, OrderEvent::Return.name(), Some(step.from), detail, digest).await?;
                emit(&mut tx, events::ORDER_RETURNED, &order);
                let order = shown(tx.connection(), order).await?;
                tx.commit(order).await
            })
            .await
    }
}
