//! A bulletin is approved, sent, concluded or taken back.

use cordon_case_intake_contract::{Bulletin, BulletinStep, MoveBulletin, topic};
use cordon_context::{CallContext, Scope};
use cordon_events::NewEvent;
use cordon_policies::{act, on};
use cordon_store::{AuditRecord, Failure};
use serde_json::json;

use crate::domain::bulletin::{self, Step as Move, is_known_to_addressees};
use crate::domain::clue_query::check_four_eyes;
use crate::domain::text::{LONGEST_NOTE, checked};
use crate::intake::{Intake, check_version, person_of};
use crate::store;
use crate::store::bulletins::BulletinChange;
use crate::store::history::{self, Step};
use crate::use_cases::case_opening::check_still_open;

/// Moves a bulletin one step on.
pub(crate) async fn move_bulletin(intake: &Intake, ctx: CallContext, input: MoveBulletin) -> Result<Bulletin, Failure> {
    let scope: Scope = match &input.step {
        BulletinStep::Approve => intake.authorize::<act::Approve, on::Bulletin>(&ctx)?.scope().clone(),
        BulletinStep::Send | BulletinStep::Close { .. } | BulletinStep::Withdraw { .. } => {
            intake.authorize::<act::Modify, on::Bulletin>(&ctx)?.scope().clone()
        }
    };
    let note = match &input.step {
        BulletinStep::Close { finding } => Some(checked("finding", finding, LONGEST_NOTE)?),
        BulletinStep::Withdraw { reason } => Some(checked("reason", reason, LONGEST_NOTE)?),
        BulletinStep::Approve | BulletinStep::Send => None,
    };
    let days = intake.working_days().await?;
    let period = intake.settings.bulletins.trace_back_working_days;
    intake
        .database
        .write_once(&ctx, "case_intake.move_bulletin", &input.clone(), move |mut tx| async move {
            let MoveBulletin { bulletin: id, version, step } = input;
            let now = tx.now();
            let before = store::bulletins::by_id(tx.connection(), &scope, id, now).await?;
            check_version(version, before.version)?;
            let name = Move::of(&step);
            let status = bulletin::next(before.status, name)?;
            if matches!(step, BulletinStep::Approve | BulletinStep::Send) {
                check_still_open(tx.connection(), before.case).await?;
            }
            let party = tx.context().actor.party();
            let mut change = BulletinChange { status: Some(status), ..BulletinChange::default() };
            match step {
                BulletinStep::Approve => {
                    check_four_eyes("bulletin.four_eyes", &before.drafted_by, &party)?;
                    change.approved_by = Some(party);
                }
                BulletinStep::Send => change.sent = Some((now, days.same_time_after(now, period))),
                BulletinStep::Close { .. } => change.finding.clone_from(&note),
                BulletinStep::Withdraw { .. } => {}
            }
            store::bulletins::apply(tx.connection(), &scope, id, version, change).await?;
            let after = store::bulletins::by_id(tx.connection(), &scope, id, now).await?;
            let entry = Step {
                object: id.uuid(),
                step: name.name(),
                from: Some(before.status.name()),
                to: status.name(),
                note: note.as_deref(),
            };
            history::append(&tx, entry).await?;
            let record = json!({ "from": before.status, "to": status });
            let record = AuditRecord::new(format!("bulletin.{}", name.name()), id.to_string(), record);
            tx.record(record.of_organisation(before.organisation));
            let mut audience = vec![after.organisation];
            if is_known_to_addressees(status) {
                audience.push(after.authority);
                audience.extend(&after.enterprises);
            }
            tx.emit(NewEvent {
                topic: topic::BULLETIN_MOVED.to_owned(),
                subject: id.to_string(),
                audience,
                payload: json!({ "bulletin": id, "case": after.case, "status": status, "due_at": after.due_at }),
            });
            tx.commit(after.into_bulletin(person_of)).await
        })
        .await
}
