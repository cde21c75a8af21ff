//! Clue queries are read.

use cordon_case_intake_contract::{ClueQuery, ClueQueryFilter, ClueQueryStatus, PageOfCase, QueryItem};
use cordon_context::{Actor, CallContext, CaseId, ClueQueryId, Page, PageRequest};
use cordon_identifier::Identifier;
use cordon_policies::{act, on};
use cordon_store::Failure;

use crate::domain::text::check_count;
use crate::intake::{Intake, acts_for, person_of};
use crate::sealing::ITEM_VALUE;
use crate::store;
use crate::store::clue_queries::{StoredItem, StoredQuery};
use crate::use_cases::reading_reports::LARGEST_BATCH;

/// Loads queries.
pub(crate) async fn clue_queries_by_ids(
    intake: &Intake,
    ctx: CallContext,
    ids: Vec<ClueQueryId>,
) -> Result<Vec<ClueQuery>, Failure> {
    let grant = intake.authorize::<act::Read, on::ClueQuery>(&ctx)?;
    check_count("ids", ids.len(), 0, LARGEST_BATCH)?;
    let queries = store::clue_queries::by_ids(intake.database.reader(), grant.scope(), &ids).await?;
    queries.into_iter().map(|query| present(intake, &ctx.actor, query)).collect()
}

/// Finds queries.
pub(crate) async fn search_clue_queries(
    intake: &Intake,
    ctx: CallContext,
    filter: ClueQueryFilter,
    page: PageRequest,
) -> Result<Page<ClueQuery>, Failure> {
    let grant = intake.authorize::<act::Read, on::ClueQuery>(&ctx)?;
    let now = intake.clock.now();
    let Page { edges, has_next, total } =
        store::clue_queries::search(intake.database.reader(), grant.scope(), &filter, &page, now).await?;
    let edges = edges.into_iter().map(|(place, query)| Ok((place, present(intake, &ctx.actor, query)?)));
    Ok(Page { edges: edges.collect::<Result<Vec<_>, Failure>>()?, has_next, total })
}

/// Lists the same part of the queries of several cases.
pub(crate) async fn clue_queries_of_cases(
    intake: &Intake,
    ctx: CallContext,
    cases: Vec<CaseId>,
    page: PageRequest,
) -> Result<Vec<PageOfCase<ClueQuery>>, Failure> {
    let grant = intake.authorize::<act::Read, on::ClueQuery>(&ctx)?;
    check_count("cases", cases.len(), 0, LARGEST_BATCH)?;
    let found = store::per_case::clue_queries(intake.database.reader(), grant.scope(), &cases, &page).await?;
    let pages = found.into_iter().map(|(case, Page { edges, has_next, total })| {
        let edges = edges.into_iter().map(|(place, query)| Ok((place, present(intake, &ctx.actor, query)?)));
        Ok(PageOfCase { case, page: Page { edges: edges.collect::<Result<Vec<_>, Failure>>()?, has_next, total } })
    });
    pages.collect()
}

/// The query as this reader sees it: only the enterprise that is asked has the values in the clear, because it must look them up.
pub(crate) fn present(intake: &Intake, reader: &Actor, query: StoredQuery) -> Result<ClueQuery, Failure> {
    let StoredQuery {
        id,
        number,
        case,
        organisation,
        region: _,
        addressee,
        urgency,
        status,
        drafted_by,
        approved_by,
        document_number,
        due_at,
        answered_at,
        quality,
        created_at,
        issued_at,
        expires_at,
        version,
        items,
    } = query;
    let clear = issued_at.is_some() && acts_for(reader, addressee) && status != ClueQueryStatus::Withdrawn;
    let now = intake.clock.now();
    let late = due_at.is_some_and(|due| answered_at.unwrap_or(now) > due);
    Ok(ClueQuery {
        id,
        number,
        case,
        organisation,
        addressee,
        urgency,
        status,
        drafted_by: person_of(&drafted_by),
        approved_by: approved_by.as_deref().and_then(person_of),
        document_number,
        items: items.into_iter().map(|item| present_item(intake, item, clear)).collect::<Result<Vec<_>, _>>()?,
        due_at,
        overdue: late && status != ClueQueryStatus::Withdrawn,
        quality,
        created_at,
        issued_at,
        expires_at,
        version,
    })
}

fn present_item(intake: &Intake, item: StoredItem, clear: bool) -> Result<QueryItem, Failure> {
    let StoredItem { id, query, query_type, subject, kind, value, outcome, answer: _, answered_at, expired } = item;
    let value: String = intake.sealer.open(ITEM_VALUE, id.uuid(), &value)?;
    let value = if clear { value } else { masked(kind, &value) };
    Ok(QueryItem { id, query, query_type, subject, kind, value, outcome, answered_at, expired })
}

/// A stored value as everybody may see it.
pub(crate) fn masked(kind: cordon_identifier::Kind, value: &str) -> String {
    match Identifier::parse(kind, value) {
        Ok(identifier) => identifier.masked(),
        Err(_) if kind.is_personal() => "*".repeat(value.chars().count()),
        Err(_) => value.to_owned(),
    }
}
