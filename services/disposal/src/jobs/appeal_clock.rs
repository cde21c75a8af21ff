//! The clocks of appeals: silence past a deadline is escalated and is a fact for the scorecard; it never releases by itself.

use cordon_context::{AppealId, Scope};
use cordon_policies::{Grant, act, on};
use cordon_store::{Failure, Tx};

use super::Pass;
use super::superiors::Above;
use crate::service::Disposal;
use crate::store::appeals;
use crate::use_cases::appeal_late::further_up;

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
    let next = further_up(stored.escalation);
    // Who stands above is asked before the transaction, which must not wait for the directory.
    let upwards = above.of(stored.appeal.competent, next).await;
    let work = move |service: Disposal, grant: Grant<act::Modify, on::Appeal>, mut tx: Tx| async move {
        service.mark_appeal_late(&mut tx, &grant, &mut stored, upwards).await?;
        tx.commit(true).await
    };
    service.step("deadline", work).await
}
