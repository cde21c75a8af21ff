//! The clocks of tasks: yellow at half, red at four fifths, overdue at the end, and then up from the enterprise to the ministry.
//!
//! A missed deadline is a fact for the enterprise's scorecard. The flag stays; no step of the executor takes it off.

use cordon_context::{Scope, TaskId};
use cordon_disposal_contract::{Escalation, TaskState, events};
use cordon_policies::{Grant, act, on};
use cordon_store::{Failure, Tx};

use super::Pass;
use super::superiors::Above;
use crate::service::Disposal;
use crate::store::{task_due, tasks};
use crate::use_cases::moving::emit;

/// Looks at every clock that is due.
pub(crate) async fn run(service: &Disposal) -> Result<usize, Failure> {
    let pass = Pass::new(service, "tasks");
    let due = task_due::alarms(service.parts.database.reader(), service.now(), pass.at_most()).await?;
    let above = Above::new(service);
    pass.each(due, |task| look(service, &above, task)).await
}

async fn look(service: &Disposal, above: &Above<'_>, task: TaskId) -> Result<bool, Failure> {
    let scope = Scope::system("deadline");
    let mut task = tasks::load(service.parts.database.reader(), &scope, task).await?;
    let now = service.now();
    let Some(due) = task.due.filter(|_| task.next_alarm.is_some_and(|at| at <= now)) else {
        return Ok(false);
    };
    let lateness = service.lateness(&task, due, now);
    // Who stands above is asked before the transaction, which must not wait for the directory; and only if they are told.
    let upwards = above.of(lateness.late, if lateness.reported { lateness.escalation } else { Escalation::None }).await;
    let work = move |service: Disposal, grant: Grant<act::Modify, on::Task>, mut tx: Tx| async move {
        let try_again = task.state == TaskState::Failed && task.retry_at.is_some_and(|at| at <= now);
        if try_again {
            task.retry_at = None;
        }
        task.alarmed = task.alarmed.max(lateness.light);
        task.next_alarm = service.next_look(&task, now);
        service.mark_late(&mut tx, &grant, &mut task, lateness, upwards).await?;
        if !lateness.reported && lateness.worse && task.state != TaskState::InForce {
            emit(&mut tx, events::DEADLINE_NEAR, &task, Some(task.state), None);
        }
        if try_again {
            // The plan says that now is the time; the executor is told once more, in the same generation.
            emit(&mut tx, events::TASK_ASSIGNED, &task, Some(task.state), None);
        }
        tx.commit(true).await
    };
    service.step("deadline", work).await
}
