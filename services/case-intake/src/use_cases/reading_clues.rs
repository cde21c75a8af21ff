//! Clues are read.

use cordon_case_intake_contract::{Clue, ClueFilter};
use cordon_context::{CallContext, ClueId, Page, PageRequest};
use cordon_policies::{act, on};
use cordon_store::Failure;

use crate::domain::mask::masked_text;
use crate::domain::text::check_count;
use crate::intake::{Intake, aside};
use crate::sealing::CLUE_CONTENT;
use crate::store;
use crate::store::clues::StoredClue;
use crate::use_cases::reading_reports::LARGEST_BATCH;

/// Loads clues.
pub(crate) async fn clues_by_ids(intake: &Intake, ctx: CallContext, ids: Vec<ClueId>) -> Result<Vec<Clue>, Failure> {
    let grant = intake.authorize::<act::Read, on::Clue>(&ctx)?;
    check_count("ids", ids.len(), 0, LARGEST_BATCH)?;
    let clues = store::clues::by_ids(intake.database.reader(), grant.scope(), &ids).await?;
    let worker = intake.clone();
    aside(move || clues.into_iter().map(|clue| present(&worker, clue)).collect()).await
}

/// Finds clues.
pub(crate) async fn search_clues(
    intake: &Intake,
    ctx: CallContext,
    filter: ClueFilter,
    page: PageRequest,
) -> Result<Page<Clue>, Failure> {
    let grant = intake.authorize::<act::Read, on::Clue>(&ctx)?;
    let now = intake.clock.now();
    let Page { edges, has_next, total } =
        store::clues::search(intake.database.reader(), grant.scope(), &filter, &page, now).await?;
    let worker = intake.clone();
    let edges = aside(move || edges.into_iter().map(|(place, clue)| Ok((place, present(&worker, clue)?))).collect());
    Ok(Page { edges: edges.await?, has_next, total })
}

/// The clue as others see it.
pub(crate) fn present(intake: &Intake, clue: StoredClue) -> Result<Clue, Failure> {
    let StoredClue {
        id,
        number,
        kind,
        organisation,
        addressee,
        region,
        status,
        content,
        subjects,
        case,
        feedback,
        feedback_due_at,
        feedback_sent_at,
        submitted_at,
        version,
    } = clue;
    let content = intake.open_content(CLUE_CONTENT, id.uuid(), &content)?;
    Ok(Clue {
        id,
        number,
        kind,
        organisation,
        addressee,
        region,
        status,
        text_masked: masked_text(&content.text, &content.found),
        subjects,
        case,
        feedback,
        feedback_due_at,
        overdue: feedback_sent_at.unwrap_or_else(|| intake.clock.now()) > feedback_due_at,
        submitted_at,
        version,
    })
}
