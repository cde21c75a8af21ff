//! Submitting a draft or a returned order for review.

use cordon_context::{CallContext, Refusal};
use cordon_disposal_contract::{Order, OrderStep, events};
use cordon_policies::{Grant, act, on};
use cordon_store::Failure;
use serde_json::json;

use crate::domain::content_hash::digest_of;
use crate::domain::order_machine::{OrderEvent, transition};
use crate::service::{Disposal, Standing as _};
use crate::store::orders;
use crate::use_cases::attempts::Target;
use crate::use_cases::dispose::{emit, happened};
use crate::use_cases::order_steps::shown;

impl Disposal {
    /// Submits for review.
    pub(crate) async fn submit_order(&self, ctx: &CallContext, input: OrderStep) -> Result<Order, Failure> {
        let grant = self.grant::<act::Modify, on::Order>(ctx)?;
        let digest = digest_of(&input);
        let target = Target::Order(input.order);
        let outcome = self.try_submit(ctx, grant, input, digest.clone()).await;
        self.noting(ctx, target, OrderEvent::Submit.name(), digest, outcome).await
    }

    async fn try_submit(
        &self,
        ctx: &CallContext,
        grant: Grant<act::Modify, on::Order>,
        input: OrderStep,
        digest: String,
    ) -> Result<Order, Failure> {
        let person = ctx.actor.named_person()?;
        let service = self.clone();
        let asked = input.clone();
        self.parts
            .database
            .write_once(ctx, "disposal.submit_order", &asked, move |mut tx| async move {
                let mut order = orders::load(tx.connection(), grant.scope(), input.order).await?;
                service.shield(&tx, &grant, &mut order).await?;
                let facts = service.order_facts(tx.context(), &order);
                let step = transition(order.stage, OrderEvent::Submit, &facts).map_err(Refusal::from)?;
                if !order.authors.contains(&person) {
                    order.authors.push(person);
                }
                service.submitted(&mut order, step.to, tx.now());
                orders::update(&tx, &grant, &mut order).await?;
                happened(&mut tx, &order, OrderEvent::Submit.name(), Some(step.from), json!({}), digest).await?;
                emit(&mut tx, events::ORDER_SUBMITTED, &order);
                let order = shown(tx.connection(), order).await?;
                tx.commit(order).await
            })
            .await
    }
}
