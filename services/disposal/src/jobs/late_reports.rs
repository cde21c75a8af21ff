//! What those who stand above somebody late could not be told at once, because it was not known who they are.

use cordon_context::EventId;
use cordon_policies::{Grant, act, on};
use cordon_store::{Failure, Tx};

use super::Pass;
use super::superiors::Above;
use crate::service::Disposal;
use crate::store::late_reports;

/// Makes the reports that wait.
pub(crate) async fn run(service: &Disposal) -> Result<usize, Failure> {
    let pass = Pass::new(service, "late reports");
    let waiting = late_reports::waiting(service.parts.database.reader(), pass.at_most()).await?;
    let above = Above::new(service);
    pass.each(waiting, |report| make(service, &above, report)).await
}

async fn make(service: &Disposal, above: &Above<'_>, report: EventId) -> Result<bool, Failure> {
    let found = late_reports::find(service.parts.database.reader(), report).await?;
    let Some(late_reports::LateReport { late, escalation, mut event }) = found else { return Ok(false) };
    // The others were told at once; who stands above is asked before the transaction.
    let mut above = above.known(late, escalation).await?;
    above.retain(|organ| !event.audience.contains(organ));
    event.audience = above;
    let work = move |_service: Disposal, grant: Grant<act::Modify, on::Task>, mut tx: Tx| async move {
        late_reports::made(&tx, &grant, report).await?;
        if !event.audience.is_empty() {
            tx.emit(event);
        }
        tx.commit(true).await
    };
    service.step("deadline", work).await
}
