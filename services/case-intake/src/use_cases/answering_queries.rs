//! An enterprise answers a clue query.

use std::collections::BTreeSet;

use cordon_case_intake_contract::{AnswerClueQuery, AnswerOutcome, ClueQuery, ClueQueryStatus, ItemAnswer, topic};
use cordon_context::{Bilingual, CallContext, Refusal};
use cordon_events::NewEvent;
use cordon_ledger::Outcome;
use cordon_policies::{act, on};
use cordon_store::{AuditRecord, Failure};
use serde_json::json;

use crate::domain::clue_query::{self, Step as Move};
use crate::domain::text::{LONGEST_TEXT, check_count, checked, checked_option};
use crate::intake::{Intake, check_version};
use crate::sealing::ITEM_ANSWER;
use crate::store;
use crate::store::clue_queries::QueryChange;
use crate::store::history::{self, Step};
use crate::use_cases::reading_queries::present;

/// Stores answers to some or all items. An answer that comes when the query does not take one any more is refused, and the
/// attempt stands in the query's history.
pub(crate) async fn answer_clue_query(
    intake: &Intake,
    ctx: CallContext,
    input: AnswerClueQuery,
) -> Result<ClueQuery, Failure> {
    let grant = intake.authorize::<act::Execute, on::ClueQuery>(&ctx)?;
    check_count("answers", input.answers.len(), 1, 200)?;
    let answers = input.answers.iter().map(checked_answer).collect::<Result<Vec<_>, Refusal>>()?;
    let (id, version, scope) = (input.query, input.version, grant.scope().clone());
    let inner = intake.clone();
    let answered = intake
        .database
        .write_once(&ctx, "case_intake.answer_clue_query", &input, move |mut tx| async move {
            let before = store::clue_queries::by_id(tx.connection(), grant.scope(), id).await?;
            // Asked first, so that an answer that came too late is told so whatever version its sender saw.
            clue_query::next(before.status, Move::AnswerAll)?;
            check_version(version, before.version)?;
            let mut answered: BTreeSet<_> =
                before.items.iter().filter(|item| item.outcome.is_some_and(is_final)).map(|item| item.id).collect();
            for (item, outcome, text) in answers {
                if !before.items.iter().any(|known| known.id == item) {
                    return Err(Refusal::not_found().into());
                }
                let sealed = text.map(|text| inner.sealer.seal(ITEM_ANSWER, item.uuid(), &text)).transpose()?;
                store::clue_queries::answer(tx.connection(), &grant, item, outcome, sealed, tx.now()).await?;
                if is_final(outcome) {
                    answered.insert(item);
                } else {
                    answered.remove(&item);
                }
            }
            let whole = answered.len() == before.items.len();
            let name = if whole { Move::AnswerAll } else { Move::AnswerSome };
            let status = clue_query::next(before.status, name)?;
            let change =
                QueryChange { status: Some(status), answered_at: whole.then_some(tx.now()), ..QueryChange::default() };
            store::clue_queries::apply(tx.connection(), grant.scope(), before.id, before.version, change).await?;
            let after = store::clue_queries::by_id(tx.connection(), grant.scope(), before.id).await?;
            let entry = Step {
                object: before.id.uuid(),
                step: name.name(),
                from: Some(before.status.name()),
                to: status.name(),
                note: None,
            };
            history::append(&tx, entry).await?;
            let record =
                json!({ "from": before.status, "to": status, "answered": answered.len(), "items": before.items.len() });
            tx.record(
                AuditRecord::new("clue_query.answer", before.id.to_string(), record)
                    .of_organisation(before.organisation),
            );
            tx.emit(NewEvent {
                topic: topic::CLUE_QUERY_MOVED.to_owned(),
                subject: before.id.to_string(),
                audience: vec![after.organisation, after.addressee],
                payload: json!({ "query": before.id, "case": after.case, "status": status }),
            });
            let actor = tx.context().actor.clone();
            let answer = present(&inner, &actor, after)?;
            tx.commit(answer).await
        })
        .await;
    if let Err(Failure::Refused(refusal)) = &answered
        && refusal.rule.as_deref() == Some(clue_query::TRANSITION)
    {
        let seen = store::clue_queries::by_id(intake.database.reader(), &scope, id).await?;
        note_attempt(intake, &ctx, &seen.id.uuid(), seen.id.to_string(), seen.status).await?;
    }
    answered
}

/// Whether nothing more is to come for an item.
const fn is_final(outcome: AnswerOutcome) -> bool {
    matches!(outcome, AnswerOutcome::Full | AnswerOutcome::None)
}

type CheckedAnswer = (cordon_context::QueryItemId, AnswerOutcome, Option<String>);

fn checked_answer(answer: &ItemAnswer) -> Result<CheckedAnswer, Refusal> {
    let ItemAnswer { item, outcome, text } = answer;
    let text = match outcome {
        AnswerOutcome::Full | AnswerOutcome::Partial => Some(checked("answers.text", text, LONGEST_TEXT)?),
        AnswerOutcome::None => {
            if checked_option("answers.text", Some(text), LONGEST_TEXT)?.is_some() {
                return Err(Refusal::invalid(
                    "answers.text",
                    "clue_query.nothing_known",
                    Bilingual::new("答复为“无”时不得填写内容", "an answer of nothing has no text"),
                ));
            }
            None
        }
    };
    Ok((*item, *outcome, text))
}

async fn note_attempt(
    intake: &Intake,
    ctx: &CallContext,
    object: &uuid::Uuid,
    name: String,
    status: ClueQueryStatus,
) -> Result<(), Failure> {
    let object = *object;
    intake
        .database
        .write(ctx, move |mut tx| async move {
            let status = status.name();
            let entry = Step { object, step: "answer_refused", from: Some(status), to: status, note: None };
            history::append(&tx, entry).await?;
            let record = AuditRecord::new("clue_query.answer", name, json!({ "status": status }));
            tx.record(record.with_outcome(Outcome::Refused));
            tx.commit(()).await
        })
        .await
}
