//! A clue query is approved, issued, used, closed or taken back.

use cordon_case_intake_contract::{ClueQuery, ClueQueryStep, MoveClueQuery, topic};
use cordon_context::{Bilingual, CallContext, Refusal, Scope};
use cordon_events::NewEvent;
use cordon_policies::{act, on};
use cordon_store::{AuditRecord, Failure};
use serde_json::json;

use crate::domain::clue_query::{self, Step as Move, check_four_eyes, due_at};
use crate::domain::text::{LONGEST_LINE, LONGEST_NOTE, checked, checked_option};
use crate::intake::{Intake, check_version};
use crate::store;
use crate::store::clue_queries::QueryChange;
use crate::store::history::{self, Step};
use crate::use_cases::case_opening::check_still_open;
use crate::use_cases::reading_queries::present;

/// Moves a query one step on. Approving takes the right to approve, using it the right to verify, the rest the right to modify.
pub(crate) async fn move_clue_query(
    intake: &Intake,
    ctx: CallContext,
    input: MoveClueQuery,
) -> Result<ClueQuery, Failure> {
    let scope: Scope = match &input.step {
        ClueQueryStep::Approve { .. } => intake.authorize::<act::Approve, on::ClueQuery>(&ctx)?.scope().clone(),
        ClueQueryStep::Use { .. } => intake.authorize::<act::Verify, on::ClueQuery>(&ctx)?.scope().clone(),
        ClueQueryStep::Issue | ClueQueryStep::Close | ClueQueryStep::Withdraw { .. } => {
            intake.authorize::<act::Modify, on::ClueQuery>(&ctx)?.scope().clone()
        }
    };
    let note = match &input.step {
        ClueQueryStep::Approve { document_number } => Some(checked("document_number", document_number, LONGEST_LINE)?),
        ClueQueryStep::Use { note, .. } => checked_option("note", note.as_deref(), LONGEST_NOTE)?,
        ClueQueryStep::Withdraw { reason } => Some(checked("reason", reason, LONGEST_NOTE)?),
        ClueQueryStep::Issue | ClueQueryStep::Close => None,
    };
    let days = intake.working_days().await?;
    let inner = intake.clone();
    intake
        .database
        .write_once(&ctx, "case_intake.move_clue_query", &input.clone(), move |mut tx| async move {
            let MoveClueQuery { query: id, version, step } = input;
            let before = store::clue_queries::by_id(tx.connection(), &scope, id).await?;
            check_version(version, before.version)?;
            let name = Move::of(&step);
            let status = clue_query::next(before.status, name)?;
            if matches!(step, ClueQueryStep::Approve { .. } | ClueQueryStep::Issue) {
                check_still_open(tx.connection(), before.case).await?;
            }
            let party = tx.context().actor.party();
            let mut change = QueryChange { status: Some(status), ..QueryChange::default() };
            match step {
                ClueQueryStep::Approve { .. } => {
                    check_four_eyes("clue_query.four_eyes", &before.drafted_by, &party)?;
                    change.approved_by = Some(party);
                    change.document_number.clone_from(&note);
                }
                ClueQueryStep::Issue => {
                    change.issued_at = Some(tx.now());
                    change.due_at = Some(due_at(before.urgency, tx.now(), &inner.settings.clue_queries, &days));
                }
                ClueQueryStep::Use { quality, .. } => change.quality = Some(checked_quality(quality)?),
                ClueQueryStep::Close | ClueQueryStep::Withdraw { .. } => {}
            }
            store::clue_queries::apply(tx.connection(), &scope, id, version, change).await?;
            let after = store::clue_queries::by_id(tx.connection(), &scope, id).await?;
            let entry = Step {
                object: id.uuid(),
                step: name.name(),
                from: Some(before.status.name()),
                to: status.name(),
                note: note.as_deref(),
            };
            history::append(&tx, entry).await?;
            let record = json!({ "from": before.status, "to": status, "document_number": after.document_number });
            tx.record(
                AuditRecord::new(format!("clue_query.{}", name.name()), id.to_string(), record)
                    .of_organisation(before.organisation),
            );
            // The enterprise hears of a query only once it was issued to it.
            let addressee = after.issued_at.map(|_| after.addressee);
            tx.emit(NewEvent {
                topic: topic::CLUE_QUERY_MOVED.to_owned(),
                subject: id.to_string(),
                audience: [Some(after.organisation), addressee].into_iter().flatten().collect(),
                payload: json!({ "query": id, "case": after.case, "status": status, "due_at": after.due_at }),
            });
            let actor = tx.context().actor.clone();
            let answer = present(&inner, &actor, after)?;
            tx.commit(answer).await
        })
        .await
}

fn checked_quality(quality: u8) -> Result<u8, Refusal> {
    if (1..=5).contains(&quality) {
        return Ok(quality);
    }
    Err(Refusal::invalid(
        "quality",
        "clue_query.quality",
        Bilingual::new("质量评分为 1 到 5", "quality runs from 1 to 5"),
    ))
}
