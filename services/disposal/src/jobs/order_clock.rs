//! The clocks of orders: a review that nobody gave, and the paperwork of an emergency that did not follow.

use cordon_context::{OrderId, Scope};
use cordon_disposal_contract::{Escalation, OrderStage, events};
use cordon_policies::{Grant, act, on};
use cordon_store::{Failure, Tx};
use serde_json::json;

use super::Pass;
use super::superiors::Above;
use crate::service::Disposal;
use crate::store::orders;
use crate::use_cases::dispose::{event_of, happened};

/// Looks at every clock that is due.
pub(crate) async fn run(service: &Disposal) -> Result<usize, Failure> {
    let pass = Pass::new(service, "orders");
    let due = orders::due(service.parts.database.reader(), service.now(), pass.at_most()).await?;
    let above = Above::new(service);
    pass.each(due, |order| look(service, &above, order)).await
}

async fn look(service: &Disposal, above: &Above<'_>, order: OrderId) -> Result<bool, Failure> {
    let scope = Scope::system("deadline");
    let mut order = orders::load(service.parts.database.reader(), &scope, order).await?;
    if order.next_alarm.is_none_or(|at| at > service.now()) {
        return Ok(false);
    }
    // What an enterprise did not confirm ends whether or not anybody can be asked.
    let reported = if order.is_own_measure() { Escalation::None } else { Escalation::Enterprise };
    let upwards = above.of(order.requester, reported).await;
    let work = move |service: Disposal, grant: Grant<act::Modify, on::Order>, mut tx: Tx| async move {
        let stage = order.stage;
        if stage == OrderStage::PendingReview {
            order.next_alarm = None;
            orders::update(&tx, &grant, &mut order).await?;
            let detail = json!({ "due": order.review_due });
            happened(&mut tx, &order, "order.review_overdue", Some(stage), detail, String::new()).await?;
            upwards.tell(&mut tx, &grant, event_of(events::DEADLINE_MISSED, &order)).await?;
            return tx.commit(true).await;
        }
        if order.is_own_measure() && order.review_due.is_some() {
            service.lapse(&mut tx, &grant, &mut order).await?;
            return tx.commit(true).await;
        }
        let Some(emergency) = &mut order.emergency else {
            order.next_alarm = None;
            orders::update(&tx, &grant, &mut order).await?;
            return tx.commit(true).await;
        };
        // First the superior hears of it; an hour later the requester is warned that the measures will be released.
        let warned = emergency.escalated_at.is_some();
        let event = if warned { "order.release_warning" } else { "order.paperwork_overdue" };
        let detail = json!({ "paperwork_due": emergency.paperwork_due });
        emergency.escalated_at = emergency.escalated_at.or(Some(tx.now()));
        order.next_alarm = if warned { None } else { service.paperwork_alarm(&order) };
        orders::update(&tx, &grant, &mut order).await?;
        happened(&mut tx, &order, event, Some(stage), detail, String::new()).await?;
        upwards.tell(&mut tx, &grant, event_of(events::PAPERWORK_OVERDUE, &order)).await?;
        tx.commit(true).await
    };
    service.step("deadline", work).await
}
