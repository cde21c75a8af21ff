//! Appeals on which somebody was silent past a deadline: marked at once by whoever comes first, the clock or the late step.

use cordon_disposal_contract::{Escalation, events};
use cordon_events::NewEvent;
use cordon_policies::{ActionName, Grant, on};
use cordon_store::{Failure, Tx};
use serde_json::json;

use crate::domain::deadlines::minutes_long;
use crate::service::Disposal;
use crate::store::appeals::StoredAppeal;
use crate::use_cases::lateness::Upwards;

/// One step further up.
pub(crate) const fn further_up(escalation: Escalation) -> Escalation {
    match escalation {
        Escalation::None => Escalation::Enterprise,
        Escalation::Enterprise => Escalation::Authority,
        Escalation::Authority | Escalation::Ministry => Escalation::Ministry,
    }
}

impl Disposal {
    /// Marks an appeal as late, one step further up than before, and writes it with what there is to say about it.
    pub(crate) async fn mark_appeal_late<A: ActionName>(
        &self,
        tx: &mut Tx,
        grant: &Grant<A, on::Appeal>,
        stored: &mut StoredAppeal,
        upwards: Upwards,
    ) -> Result<(), Failure> {
        let deadlines = &self.parts.settings.deadlines;
        let next = further_up(stored.escalation);
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
        self.write_appeal(tx, grant, stored, "appeal.deadline", Some(state), detail, String::new()).await?;
        let appeal = &stored.appeal;
        let event = NewEvent {
            topic: events::DEADLINE_MISSED.to_owned(),
            subject: appeal.id.to_string(),
            audience: vec![appeal.competent],
            payload: json!({
                "appeal": appeal.id, "state": state, "competent": appeal.competent, "region": appeal.region,
                "escalation": next, "own_measure": stored.own_measure,
            }),
        };
        upwards.tell(tx, grant, event).await
    }

    /// An appeal is about to move: a deadline that it missed is marked first, as no later look would find it.
    pub(crate) async fn mark_appeal_missed<A: ActionName>(
        &self,
        tx: &mut Tx,
        grant: &Grant<A, on::Appeal>,
        stored: &mut StoredAppeal,
    ) -> Result<(), Failure> {
        if stored.next_alarm.is_none_or(|at| at > tx.now()) {
            return Ok(());
        }
        let upwards = Upwards::Later { late: stored.appeal.competent, escalation: further_up(stored.escalation) };
        self.mark_appeal_late(tx, grant, stored, upwards).await
    }
}
