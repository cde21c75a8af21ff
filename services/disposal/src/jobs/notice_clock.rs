//! The clocks of notices: one that was not given in time, and one whose postponement must be looked at again.

use cordon_context::{NoticeId, Scope};
use cordon_disposal_contract::{Escalation, NoticeState};
use cordon_policies::{Grant, act, on};
use cordon_store::{Failure, Tx};
use serde_json::json;

use super::Pass;
use super::superiors::Above;
use crate::domain::deadlines::minutes_long;
use crate::service::Disposal;
use crate::store::notices;
use crate::use_cases::notices::{noted, tell_overdue};

/// Looks at every clock that is due.
pub(crate) async fn run(service: &Disposal) -> Result<usize, Failure> {
    let pass = Pass::new(service, "notices");
    let due = notices::alarms(service.parts.database.reader(), service.now(), pass.at_most()).await?;
    let above = Above::new(service);
    pass.each(due, |notice| look(service, &above, notice)).await
}

async fn look(service: &Disposal, above: &Above<'_>, notice: NoticeId) -> Result<bool, Failure> {
    let scope = Scope::system("deadline");
    let mut stored = notices::load(service.parts.database.reader(), &scope, notice).await?;
    if stored.next_alarm.is_none_or(|at| at > service.now()) {
        return Ok(false);
    }
    let from = stored.notice.state;
    // A postponement that is over concerns the giver alone, and so does a notice that was given meanwhile.
    let reported = if from == NoticeState::Due { Escalation::Authority } else { Escalation::None };
    let upwards = above.of(stored.notice.giver, reported).await;
    let grace = minutes_long(service.parts.settings.deadlines.notice);
    let work = move |_service: Disposal, grant: Grant<act::Modify, on::Notice>, mut tx: Tx| async move {
        if from == NoticeState::Deferred {
            // The postponement is over unless somebody asks for it anew: the holder must be told.
            stored.notice.state = NoticeState::Due;
            stored.notice.due = tx.now().plus(grace);
            stored.next_alarm = Some(stored.notice.due);
            notices::update(&tx, &grant, &mut stored).await?;
            let detail = json!({ "due": stored.notice.due });
            noted(&mut tx, &stored, "notice.review_due", Some(from), detail, String::new()).await?;
            return tx.commit(true).await;
        }
        stored.next_alarm = None;
        stored.notice.overdue = stored.notice.overdue || from != NoticeState::Sent;
        notices::update(&tx, &grant, &mut stored).await?;
        if from != NoticeState::Sent {
            tell_overdue(&mut tx, &grant, &stored, from, upwards).await?;
        }
        tx.commit(true).await
    };
    service.step("deadline", work).await
}
