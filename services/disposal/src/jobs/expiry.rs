//! The end of measures: a reminder 72 hours before, and an automatic release when nobody renewed.

use cordon_context::TaskId;
use cordon_disposal_contract::{ReleaseReason, TaskState, events};
use cordon_policies::{Grant, act, on};
use cordon_store::{Failure, Tx};
use serde_json::json;

use super::Pass;
use crate::domain::deadlines::minutes_long;
use crate::domain::task_machine::TaskEvent;
use crate::service::Disposal;
use crate::store::{task_due, tasks};
use crate::use_cases::moving::{emit, task_with_order};
use crate::use_cases::release::Decision;

/// Reminds and releases.
pub(crate) async fn run(service: &Disposal) -> Result<usize, Failure> {
    let reader = service.parts.database.reader();
    let now = service.now();
    let pass = Pass::new(service, "expiry");
    let ended = task_due::ended(reader, now, pass.at_most()).await?;
    let done = pass.each(ended, |task| release(service, task)).await?;
    let soon = now.plus(minutes_long(service.parts.settings.deadlines.expiry_reminder));
    let pass = Pass::new(service, "expiry reminder");
    let ending = task_due::ending(reader, soon, pass.at_most()).await?;
    Ok(done + pass.each(ending, |task| remind(service, task)).await?)
}

/// Whether a measure is in force, or may be because it was carried out.
const fn runs(state: TaskState) -> bool {
    matches!(state, TaskState::Executed | TaskState::VerifyFailed | TaskState::InForce)
}

async fn release(service: &Disposal, task: TaskId) -> Result<bool, Failure> {
    let work = move |service: Disposal, grant: Grant<act::Create, on::Release>, mut tx: Tx| async move {
        let (mut task, order) = task_with_order(&tx, grant.scope(), task).await?;
        if !runs(task.state) || task.effective_to.is_none_or(|end| end > tx.now()) {
            return tx.commit(false).await;
        }
        let facts = service.facts(tx.context(), &task, &order);
        let decision = Decision {
            event: TaskEvent::Expire,
            reason: ReleaseReason::Expired,
            note: None,
            by_mistake: false,
            digest: String::new(),
        };
        service.decide_release(&mut tx, &grant, &mut task, &order, facts, decision).await?;
        tx.commit(true).await
    };
    service.step("expiry", work).await
}

async fn remind(service: &Disposal, task: TaskId) -> Result<bool, Failure> {
    let work = move |service: Disposal, grant: Grant<act::Modify, on::Task>, mut tx: Tx| async move {
        let mut task = tasks::load(tx.connection(), grant.scope(), task).await?;
        if !runs(task.state) || task.reminded {
            return tx.commit(false).await;
        }
        task.reminded = true;
        let detail = json!({ "effective_to": task.effective_to });
        service.note_task(&mut tx, &grant, &mut task, "task.expiry_reminder", detail, String::new()).await?;
        emit(&mut tx, events::EXPIRY_NEAR, &task, Some(task.state), None);
        tx.commit(true).await
    };
    service.step("expiry", work).await
}
