//! The clock of appeals against what an enterprise's model found: undecided for too long, the target comes back in part.

use cordon_context::AppealId;
use cordon_policies::{act, on};
use cordon_store::Failure;

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
    let ctx = service.system("deadline");
    let grant = service.grant::<act::Modify, on::Appeal>(&ctx)?;
    let service = service.clone();
    service
        .clone()
        .parts
        .database
        .write(&ctx, move |mut tx| async move {
            let mut stored = appeals::load(tx.connection(), grant.scope(), appeal).await?;
            if stored.appeal.limited_resume_due.is_none_or(|due| due > tx.now()) {
                return tx.commit(false).await;
            }
            service.resume_in_part(&mut tx, &grant, &mut stored).await?;
            tx.commit(true).await
        })
        .await
}
