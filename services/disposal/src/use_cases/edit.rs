//! Changing an order before it is issued; whatever was agreed to before is void.

use cordon_context::{Bilingual, CallContext, OrganisationLevel, Refusal};
use cordon_disposal_contract::{EditOrder, Order};
use cordon_policies::{act, on};
use cordon_store::Failure;
use serde_json::json;

use crate::domain::content_hash::digest_of;
use crate::domain::order_machine::{OrderEvent, transition};
use crate::service::{Disposal, Standing as _};
use crate::store::{items, orders};
use crate::use_cases::attempts::Target;
use crate::use_cases::dispose::{check_basis, check_duration, check_text, content_hash, happened};
use crate::use_cases::order_steps::shown;

impl Disposal {
    /// Changes a draft, or takes an order back to a draft by changing it.
    pub(crate) async fn edit_order(&self, ctx: &CallContext, input: EditOrder) -> Result<Order, Failure> {
        let grant = self.grant::<act::Modify, on::Order>(ctx)?;
        let (target, digest) = (Target::Order(input.order), digest_of(&input));
        let outcome = self.try_edit(ctx, grant, input, digest.clone()).await;
        self.noting(ctx, target, OrderEvent::Edit.name(), digest, outcome).await
    }

    async fn try_edit(
        &self,
        ctx: &CallContext,
        grant: cordon_policies::Grant<act::Modify, on::Order>,
        input: EditOrder,
        digest: String,
    ) -> Result<Order, Failure> {
        let person = ctx.actor.named_person()?;
        let service = self.clone();
        let asked = input.clone();
        self.parts
            .database
            .write_once(ctx, "disposal.edit_order", &asked, move |mut tx| async move {
                let EditOrder { order, version, legal_basis, urgency, reason, duration_days, remove_items } = input;
                let mut order = orders::load(tx.connection(), grant.scope(), order).await?;
                if order.version != version {
                    return Err(Refusal::conflict().into());
                }
                let facts = service.order_facts(tx.context(), &order);
                let step = transition(order.stage, OrderEvent::Edit, &facts).map_err(Refusal::from)?;
                if let Some(basis) = legal_basis {
                    check_basis(&basis)?;
                    order.legal_basis = Some(basis);
                }
                if let Some(reason) = reason {
                    check_text("reason", &reason)?;
                    reason.trim().clone_into(&mut order.reason);
                }
                check_duration(duration_days)?;
                order.urgency = urgency.unwrap_or(order.urgency);
                order.duration_days = duration_days.or(order.duration_days);
                items::remove(&tx, &grant, order.id, &remove_items).await?;
                let left = items::of_order(tx.connection(), order.id).await?;
                if left.is_empty() {
                    let text = Bilingual::new("指令至少保留一个对象", "an order keeps at least one target");
                    return Err(Refusal::invalid("remove_items", "order.no_items", text).into());
                }
                order.item_count = u32::try_from(left.len()).unwrap_or(u32::MAX);
                order.needs_protected = left.iter().any(|item| item.item.protected.is_some());
                order.approval_level = level_of(&service, &left);
                order.content_hash = content_hash(&order, &left)?;
                if !order.authors.contains(&person) {
                    order.authors.push(person);
                }
                order.stage = step.to;
                order.review_due = None;
                order.next_alarm = None;
                if step.voids_approvals {
                    orders::void_approvals(&tx, &grant, &mut order).await?;
                }
                orders::update(&tx, &grant, &mut order).await?;
                let cut = left
                    .iter()
                    .filter_map(|item| service.cut_to(order.duration_days, item.item.subject.kind, item.measures()))
                    .min();
                let detail = json!({ "items": order.item_count, "content": order.content_hash, "cut_to_days": cut });
                happened(&mut tx, &order, OrderEvent::Edit.name(), Some(step.from), detail, digest).await?;
                let order = shown(tx.connection(), order).await?;
                tx.commit(order).await
            })
            .await
    }
}

fn level_of(service: &Disposal, items: &[items::StoredItem]) -> OrganisationLevel {
    let wanted = items.iter().flat_map(|item| item.measures().iter().map(|measure| (item.item.subject.kind, *measure)));
    service.measures.approval_level(wanted)
}
