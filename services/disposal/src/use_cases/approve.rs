//! Agreeing to an order, and to the protected targets in it. Once every consent is there, the order is issued at once.

use cordon_context::{CallContext, Refusal};
use cordon_disposal_contract::{Approval, ApprovalKind, ApproveOrder, Order, OrderStage, events};
use cordon_policies::{Grant, ResourceName, act, on};
use cordon_store::Failure;
use serde_json::json;

use crate::domain::content_hash::digest_of;
use crate::domain::order_machine::{OrderEvent, OrderFacts, transition};
use crate::service::{Disposal, Standing as _, cause};
use crate::store::orders::{self, StoredApproval};
use crate::use_cases::attempts::Target;
use crate::use_cases::dispose::{emit, happened};
use crate::use_cases::order_steps::shown;

impl Disposal {
    /// Agrees to an order as it was read.
    pub(crate) async fn approve_order(&self, ctx: &CallContext, input: ApproveOrder) -> Result<Order, Failure> {
        let grant = self.grant::<act::Approve, on::Order>(ctx)?;
        self.agree(ctx, grant, input, OrderEvent::Approve, ApprovalKind::Order).await
    }

    /// Agrees to the protected targets of an order.
    pub(crate) async fn approve_protected(&self, ctx: &CallContext, input: ApproveOrder) -> Result<Order, Failure> {
        let grant = self.grant::<act::Approve, on::ProtectedItem>(ctx)?;
        self.agree(ctx, grant, input, OrderEvent::ApproveProtected, ApprovalKind::Protected).await
    }

    async fn agree<R: ResourceName>(
        &self,
        ctx: &CallContext,
        grant: Grant<act::Approve, R>,
        input: ApproveOrder,
        event: OrderEvent,
        kind: ApprovalKind,
    ) -> Result<Order, Failure> {
        let (target, digest) = (Target::Order(input.order), digest_of(&input));
        let id = input.order;
        let outcome = self.try_agree(ctx, grant, input, event, kind, digest.clone()).await;
        let order = self.noting(ctx, target, event.name(), digest, outcome).await?;
        if order.stage != OrderStage::Approved {
            return Ok(order);
        }
        // The consent stands whatever happens now; a job issues the order if this process does not.
        if let Err(error) = self.issue_order(id).await {
            tracing::warn!(error = cause(&error), order.id = %id, "an approved order waits to be issued");
            return Ok(order);
        }
        let scope = cordon_context::Scope::system("show the order that was just issued");
        let reader = self.parts.database.reader();
        shown(reader, orders::load(reader, &scope, id).await?).await
    }

    async fn try_agree<R: ResourceName>(
        &self,
        ctx: &CallContext,
        grant: Grant<act::Approve, R>,
        input: ApproveOrder,
        event: OrderEvent,
        kind: ApprovalKind,
        digest: String,
    ) -> Result<Order, Failure> {
        let person = ctx.actor.named_person()?;
        let service = self.clone();
        let asked = input.clone();
        let operation =
            if kind == ApprovalKind::Order { "disposal.approve_order" } else { "disposal.approve_protected" };
        self.parts
            .database
            .write_once(ctx, operation, &asked, move |mut tx| async move {
                let mut order = orders::load(tx.connection(), grant.scope(), input.order).await?;
                service.shield(&tx, &grant, &mut order).await?;
                let facts = OrderFacts {
                    content_read: input.content_hash == order.content_hash,
                    ..service.order_facts(tx.context(), &order)
                };
                let step = transition(order.stage, event, &facts).map_err(Refusal::from)?;
                let actor = tx.context().actor.clone();
                let approval = Approval {
                    kind,
                    person,
                    organisation: actor.organisation,
                    level: actor.level,
                    at: tx.now(),
                    content_hash: order.content_hash.clone(),
                    void: false,
                };
                order.stage = step.to;
                if step.to == OrderStage::Approved {
                    order.review_due = None;
                    order.next_alarm = None;
                }
                // The version is what keeps two simultaneous consents apart.
                orders::update(&tx, &grant, &mut order).await?;
                let approver = facts.approver;
                orders::insert_approval(&tx, &grant, &mut order, StoredApproval { approval, approver }).await?;
                let detail = json!({ "content": order.content_hash, "note": input.note });
                happened(&mut tx, &order, event.name(), Some(step.from), detail, digest).await?;
                if step.to == OrderStage::Approved {
                    emit(&mut tx, events::ORDER_APPROVED, &order);
                }
                let order = shown(tx.connection(), order).await?;
                tx.commit(order).await
            })
            .await
    }
}
