//! The clocks of appeals: silence past a deadline is escalated and is a fact for the scorecard; it never releases by itself.

use cordon_context::AppealId;
use cordon_disposal_contract::{Escalation, events};
use cordon_events::NewEvent;
use cordon_policies::{act, on};
use cordon_store::Failure;
use serde_json::json;

use super::Pass;
use super::superiors::Above;
use crate::domain::deadlines::minutes_long;
use crate::service::Disposal;
use crate::store::appeals;

/// Looks at every clock that is due.
pub(crate) async fn run(service: &Disposal) -> Result<usize, Failure> {
    let pass = Pass::new(service, "appeals");
    let due = appeals::alarms(service.parts.database.reader(), service.now(), pass.at_most()).await?;
    let above = Above::new(service);
    pass.each(due, |appeal| look(service, &above, appeal)).await
}

async fn look(service: &Disposal, above: &Above<'_>, appeal: AppealId) -> Result<bool, Failure> {
    let ctx = service.system("deadline");
    let grant = service.grant::<act::Modify, on::Appeal>(&ctx)?;
    let service = service.clone();
    let seen = appeals::load(service.parts.database.reader(), grant.scope(), appeal).await?;
    let above = above.of(seen.appeal.competent, next_of(seen.escalation)).await?;
    service
        .clone()
        .parts
        .database
        .write(&ctx, move |mut tx| async move {
            let mut stored = appeals::load(tx.connection(), grant.scope(), appeal).await?;
            let now = tx.now();
            if stored.next_alarm.is_none_or(|at| at > now) {
                return tx.commit(false).await;
            }
            let deadlines = &service.parts.settings.deadlines;
            let next = next_of(stored.escalation);
            let wait = match next {
                Escalation::None | Escalation::Enterprise => Some(minutes_long(deadlines.escalate_to_authority)),
                Escalation::Authority => Some(minutes_long(deadlines.escalate_to_ministry)),
                Escalation::Ministry => None,
            };
            stored.escalation = next;
            stored.appeal.overdue = true;
            stored.next_alarm = wait.map(|wait| now.plus(wait));
            let state = stored.appeal.state;
            let detail = json!({ "escalation": next, "accept_due": stored.appeal.accept_due, "verify_due": stored.appeal.verify_due });
            service
                .write_appeal(&mut tx, &grant, &mut stored, "appeal.deadline", Some(state), detail, String::new())
                .await?;
            tx.emit(NewEvent {
                topic: events::DEADLINE_MISSED.to_owned(),
                subject: appeal.to_string(),
                audience: std::iter::once(stored.appeal.competent).chain(above).collect(),
                payload: json!({
                    "appeal": appeal, "state": state, "competent": stored.appeal.competent, "region": stored.appeal.region,
                    "escalation": next, "own_measure": stored.own_measure,
                }),
            });
            tx.commit(true).await
        })
        .await
}

/// One step further up.
const fn next_of(escalation: Escalation) -> Escalation {
    match escalation {
        Escalation::None => Escalation::Enterprise,
        Escalation::Enterprise => Escalation::Authority,
        Escalation::Authority | Escalation::Ministry => Escalation::Ministry,
    }
}
