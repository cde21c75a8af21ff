//! Missed deadlines: marked at once by whoever comes first, the clock or the step that is late, and reported to those above.

use cordon_context::{OrganisationId, Timestamp};
use cordon_disposal_contract::{Escalation, Light, events};
use cordon_events::NewEvent;
use cordon_policies::{ActionName, Grant, ResourceName};
use cordon_store::{Failure, Tx};
use serde_json::json;

use crate::domain::deadlines;
use crate::service::Disposal;
use crate::store::late_reports::{self, LateReport};
use crate::store::tasks::StoredTask;
use crate::use_cases::moving::event_of;

/// How those who stand above somebody late hear of it.
#[derive(Clone, Debug)]
pub(crate) enum Upwards {
    /// They are known, and are told together with the others.
    Known(Vec<OrganisationId>),
    /// They are told as soon as the directory says who they are; nothing else waits for that.
    Later {
        /// Who is late.
        late: OrganisationId,
        /// How far up it is reported.
        escalation: Escalation,
    },
}

impl Upwards {
    /// Tells of a missed deadline.
    pub(crate) async fn tell<A: ActionName, R: ResourceName>(
        self,
        tx: &mut Tx,
        grant: &Grant<A, R>,
        mut event: NewEvent,
    ) -> Result<(), Failure> {
        match self {
            Self::Known(above) => event.audience.extend(above),
            Self::Later { late, escalation } => {
                late_reports::add(tx, grant, &LateReport { late, escalation, event: event.clone() }).await?;
            }
        }
        event.audience.sort_unstable();
        event.audience.dedup();
        tx.emit(event);
        Ok(())
    }
}

/// How late a task is, and what of that nobody was told of yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lateness {
    /// How far its deadline is used up.
    pub(crate) light: Light,
    /// To whom it is reported by now.
    pub(crate) escalation: Escalation,
    /// Whether the light is worse than what was told.
    pub(crate) worse: bool,
    /// Whether it was missed, and nobody was told.
    pub(crate) first_miss: bool,
    /// Whether there is something to report.
    pub(crate) reported: bool,
    /// Who is late.
    pub(crate) late: OrganisationId,
}

impl Disposal {
    /// How late a task is that has this deadline.
    pub(crate) fn lateness(&self, task: &StoredTask, due: Timestamp, now: Timestamp) -> Lateness {
        let escalation = self.parts.settings.deadlines.escalation(due, now);
        let light = deadlines::light(task.clock_from(), Some(due), now);
        let first_miss = light == Light::Overdue && task.alarmed != Light::Overdue;
        let higher = escalation > task.escalation;
        Lateness {
            light,
            escalation,
            worse: light > task.alarmed,
            first_miss,
            reported: first_miss || higher && escalation > Escalation::Enterprise,
            late: task.executor.filter(|_| task.state.waits_for_executor()).unwrap_or(task.requester),
        }
    }

    /// Marks a task, and writes it with what there is to say about it.
    pub(crate) async fn mark_late<A: ActionName, R: ResourceName>(
        &self,
        tx: &mut Tx,
        grant: &Grant<A, R>,
        task: &mut StoredTask,
        lateness: Lateness,
        upwards: Upwards,
    ) -> Result<(), Failure> {
        let Lateness { light, escalation, first_miss, reported, .. } = lateness;
        task.alarmed = task.alarmed.max(light);
        task.escalation = task.escalation.max(escalation);
        // The requester's own lateness is nobody else's fault and no mark against the executor.
        task.overdue = task.overdue || (first_miss && task.state.waits_for_executor());
        let detail = json!({ "light": light, "escalation": escalation, "due": task.due, "state": task.state });
        self.note_task(tx, grant, task, "task.deadline", detail, String::new()).await?;
        if reported {
            let event = event_of(events::DEADLINE_MISSED, task, Some(task.state), None);
            upwards.tell(tx, grant, event).await?;
        }
        Ok(())
    }

    /// A task is about to move: a deadline that it missed is marked first, as no later look would find it.
    pub(crate) async fn mark_missed<A: ActionName, R: ResourceName>(
        &self,
        tx: &mut Tx,
        grant: &Grant<A, R>,
        task: &mut StoredTask,
    ) -> Result<(), Failure> {
        let now = tx.now();
        let Some(due) = task.due.filter(|due| *due <= now) else { return Ok(()) };
        let lateness = self.lateness(task, due, now);
        if !lateness.reported {
            return Ok(());
        }
        let upwards = Upwards::Later { late: lateness.late, escalation: lateness.escalation };
        self.mark_late(tx, grant, task, lateness, upwards).await
    }
}
