//! Releases that wait for holders of whom none is left, such as one whose execution failed after all.

use cordon_context::{ReleaseId, Scope};
use cordon_disposal_contract::ReleaseState;
use cordon_policies::{Grant, act, on};
use cordon_store::{Failure, Tx};

use super::Pass;
use crate::service::Disposal;
use crate::store::{releases, task_holds};
use crate::use_cases::moving::task_with_order;
use crate::use_cases::release::other_holds;

/// Sends the releases out for which nothing is waited any more.
pub(crate) async fn run(service: &Disposal) -> Result<usize, Failure> {
    let pass = Pass::new(service, "releases");
    let forgotten = releases::forgotten(service.parts.database.reader(), pass.at_most()).await?;
    pass.each(forgotten, |release| send(service, release)).await
}

async fn send(service: &Disposal, release: ReleaseId) -> Result<bool, Failure> {
    let work = move |service: Disposal, grant: Grant<act::Create, on::Release>, mut tx: Tx| async move {
        let scope = Scope::system("a release that nobody holds up");
        let found = releases::load(tx.connection(), &scope, tx.context().actor.organisation, release).await?;
        task_holds::lock_holds(&tx, &found.subject_index, found.measure).await?;
        let (task, order) = task_with_order(&tx, &scope, found.task).await?;
        if found.state != ReleaseState::WaitingHolders || !other_holds(tx.connection(), &task).await?.is_empty() {
            return tx.commit(false).await;
        }
        service.issue_release(&mut tx, &grant, &task, &order, found.by_mistake).await?;
        tx.commit(true).await
    };
    service.step("release", work).await
}
