//! The clock of appeals against what an enterprise's model found: undecided for too long, the target comes back in part.

use cordon_context::AppealId;
use cordon_policies::{Grant, act, on};
use cordon_store::{Failure, Tx};

use super::Pass;
use crate::service::Disposal;
use crate::store::appeals;

/// Looks at every clock that is due.
pub(crate) async fn run(service: &Disposal) -> Result<usize, Failure> {
    let pass = Pass::new(service, "limited resume");
    let due = appeals::limited_resumes(service.parts.database.reader(), service.now(), pass.at_most()).await?;
    pass.each(due, |appeal| look(service, appeal)).await
}

async fn look(service: &Disposal, appeal: AppealId) -> Result<bool, Failure> {
    let work = move |service: Disposal, grant: Grant<act::Modify, on::Appeal>, mut tx: Tx| async move {
        let mut stored = appeals::load(tx.connection(), grant.scope(), appeal).await?;
        if stored.appeal.limited_resume_due.is_none_or(|due| due > tx.now()) {
            return tx.commit(false).await;
        }
        service.resume_in_part(&mut tx, &grant, &mut stored).await?;
        tx.commit(true).await
    };
    service.step("deadline", work).await
}
