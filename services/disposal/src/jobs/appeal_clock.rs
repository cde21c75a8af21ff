//! The clocks of appeals: silence past a deadline is escalated and is a fact for the scorecard; it never releases by itself.

use cordon_context::{AppealId, Scope};
use cordon_disposal_contract::{Escalation, events};
use cordon_events::NewEvent;
use cordon_policies::{Grant, act, on};
use cordon_store::{Failure, Tx};
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
    let scope = Scope::system("deadline");
    let mut stored = appeals::load(service.parts.database.reader(), &scope, appeal).await?;
    if stored.next_alarm.is_none_or(|at| at > service.now()) {
        return Ok(false);
    }
    let next = next_of(stored.escalation);
    // Who stands above is asked before the transaction, which must not wait for the directory.
    let above = above.of(stored.appeal.competent, next).await?;
    let work = move |service: Disposal, grant: Grant<act::Modify, on::Appeal>, mut tx: Tx| async move {
        let deadlines = &service.parts.settings.deadlines;
        let wait = match next {
            Escalation::None | Escalation::Enterprise => Some(minutes_long(deadlines.escalate_to_authority)),
            Escalation::Authority => Some(minutes_long(deadlines.escalate_to_ministry)),
            Escalation::Ministry => None,
        };
        stored.escalation = next;
        stored.appeal.overdue = true;
        stored.next_alarm = wait.map(|wait| tx.now().plus(wait));
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
    };
    service.step("deadline", work).await
}

/// One step further up.
const fn next_of(escalation: Escalation) -> Escalation {
    match escalation {
        Escalation::None => Escalation::Enterprise,
        Escalation::Enterprise => Escalation::Authority,
        Escalation::Authority | Escalation::Ministry => Escalation::Ministry,
    }
}
