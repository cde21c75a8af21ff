//! Personal fields are shown in the clear: with a reason, and never without an entry in the ledger.

use cordon_case_intake_contract::{
    RevealAnswer, RevealClue, RevealFinding, RevealReport, RevealTraceBack, RevealedAnswer, RevealedClue,
    RevealedFinding, RevealedReport, RevealedTraceBack,
};
use cordon_context::{CallContext, OrganisationId, Refusal};
use cordon_policies::{act, on};
use cordon_store::{AuditRecord, Failure};
use serde_json::json;

use crate::domain::content::{Content, place_of};
use crate::domain::text::{LONGEST_LINE, checked};
use crate::intake::Intake;
use crate::sealing::{CLUE_CONTENT, ITEM_ANSWER, TRACE_FORM};
use crate::store;

/// Writes to the ledger that something is about to be shown, before it is.
async fn note(
    intake: &Intake,
    ctx: &CallContext,
    action: &'static str,
    object: String,
    organisation: OrganisationId,
    purpose: String,
) -> Result<(), Failure> {
    intake
        .database
        .write(ctx, move |mut tx| async move {
            tx.record(AuditRecord::new(action, object, json!({ "purpose": purpose })).of_organisation(organisation));
            tx.commit(()).await
        })
        .await
}

/// Shows a report's victim and text.
pub(crate) async fn reveal_report(
    intake: &Intake,
    ctx: CallContext,
    input: RevealReport,
) -> Result<RevealedReport, Failure> {
    let grant = intake.authorize::<act::Reveal, on::Report>(&ctx)?;
    let RevealReport { report, purpose } = input;
    let purpose = checked("purpose", &purpose, LONGEST_LINE)?;
    let stored = store::reports::by_ids(intake.database.reader(), grant.scope(), &[report]).await?.pop();
    let stored = stored.ok_or_else(Refusal::not_found)?;
    let content = intake.open_report(&stored)?;
    note(intake, &ctx, "report.reveal", report.to_string(), stored.organisation, purpose).await?;
    Ok(RevealedReport { report, victim_phone: content.victim_phone, text: content.text })
}

/// Shows one identifier.
pub(crate) async fn reveal_finding(
    intake: &Intake,
    ctx: CallContext,
    input: RevealFinding,
) -> Result<RevealedFinding, Failure> {
    let grant = intake.authorize::<act::Reveal, on::Report>(&ctx)?;
    let RevealFinding { finding, purpose } = input;
    let purpose = checked("purpose", &purpose, LONGEST_LINE)?;
    let (report, ordinal) = place_of(finding).ok_or_else(Refusal::not_found)?;
    let stored = store::reports::by_ids(intake.database.reader(), grant.scope(), &[report]).await?.pop();
    let stored = stored.ok_or_else(Refusal::not_found)?;
    let Content { text, found, .. } = intake.open_report(&stored)?;
    let found = found.into_iter().nth(ordinal).ok_or_else(Refusal::not_found)?;
    note(intake, &ctx, "finding.reveal", finding.to_string(), stored.organisation, purpose).await?;
    let start = usize::try_from(found.span.0).unwrap_or(usize::MAX);
    let length = usize::try_from(found.span.1.saturating_sub(found.span.0)).unwrap_or(0);
    let as_written = text.chars().skip(start).take(length).collect();
    Ok(RevealedFinding { finding, kind: found.kind, value: found.value, as_written })
}

/// Shows the answer to one item of a clue query.
pub(crate) async fn reveal_answer(
    intake: &Intake,
    ctx: CallContext,
    input: RevealAnswer,
) -> Result<RevealedAnswer, Failure> {
    let grant = intake.authorize::<act::Reveal, on::ClueQuery>(&ctx)?;
    let RevealAnswer { item, purpose } = input;
    let purpose = checked("purpose", &purpose, LONGEST_LINE)?;
    let reader = intake.database.reader();
    let query = store::clue_queries::query_of_item(reader, item).await?;
    let query = store::clue_queries::by_id(reader, grant.scope(), query).await?;
    let stored = query.items.into_iter().find(|stored| stored.id == item).ok_or_else(Refusal::not_found)?;
    // An answer whose time is over is gone, and does not exist for anybody.
    let outcome = stored.outcome.filter(|_| !stored.expired && !is_past(intake, query.expires_at));
    let outcome = outcome.ok_or_else(Refusal::not_found)?;
    let text = match &stored.answer {
        Some(answer) => intake.sealer.open(ITEM_ANSWER, item.uuid(), answer)?,
        None => String::new(),
    };
    note(intake, &ctx, "clue_query.reveal_answer", item.to_string(), query.organisation, purpose).await?;
    Ok(RevealedAnswer { item, outcome, text })
}

fn is_past(intake: &Intake, moment: Option<cordon_context::Timestamp>) -> bool {
    moment.is_some_and(|moment| moment <= intake.clock.now())
}

/// Shows the text of a clue.
pub(crate) async fn reveal_clue(intake: &Intake, ctx: CallContext, input: RevealClue) -> Result<RevealedClue, Failure> {
    let grant = intake.authorize::<act::Reveal, on::Clue>(&ctx)?;
    let RevealClue { clue, purpose } = input;
    let purpose = checked("purpose", &purpose, LONGEST_LINE)?;
    let stored = store::clues::by_id(intake.database.reader(), grant.scope(), clue).await?;
    let content = intake.open_content(CLUE_CONTENT, clue.uuid(), &stored.content)?;
    note(intake, &ctx, "clue.reveal", clue.to_string(), stored.organisation, purpose).await?;
    Ok(RevealedClue { clue, text: content.text })
}

/// Shows a filed trace-back form.
pub(crate) async fn reveal_trace_back(
    intake: &Intake,
    ctx: CallContext,
    input: RevealTraceBack,
) -> Result<RevealedTraceBack, Failure> {
    let grant = intake.authorize::<act::Reveal, on::Bulletin>(&ctx)?;
    let RevealTraceBack { trace_back, purpose } = input;
    let purpose = checked("purpose", &purpose, LONGEST_LINE)?;
    let stored = store::bulletins::trace_back(intake.database.reader(), grant.scope(), trace_back).await?;
    let form = stored.form.as_ref().ok_or_else(Refusal::not_found)?;
    let form = intake.sealer.open(TRACE_FORM, trace_back.uuid(), form)?;
    note(intake, &ctx, "trace_back.reveal", trace_back.to_string(), stored.enterprise, purpose).await?;
    Ok(RevealedTraceBack { trace_back, form })
}
