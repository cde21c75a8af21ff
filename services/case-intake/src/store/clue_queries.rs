//! Rows of clue queries and their items.

use std::collections::BTreeMap;

use cordon_case_intake_contract::{AnswerOutcome, ClueQueryFilter, ClueQueryStatus, ClueQueryType, Urgency};
use cordon_context::{
    CaseId, ClueQueryId, Cursor, Id, OrganisationId, Page, PageRequest, QueryItemId, Refusal, Region, Scope, SubjectId,
    Timestamp,
};
use cordon_identifier::Kind;
use cordon_policies::{Grant, act, on};
use cordon_store::sql::{COUNT, Direction, Reading, Sql, region_value};
use cordon_store::{Failure, bulk};
use sea_orm::{ConnectionTrait, QueryResult};

use super::reach::CLUE_QUERIES;

pub(super) const COLUMNS: &str = "q.id, q.number, q.case_id, q.organisation, q.region, q.addressee, q.urgency, q.status, q.drafted_by, \
     q.approved_by, q.document_number, q.due_at, q.answered_at, q.missed_at, q.quality, q.created_at, q.issued_at, \
     q.expires_at, q.version";

const ITEM_COLUMNS: &str = "id, query_id, query_type, subject, kind, value, outcome, answer, answered_at, expired";

/// A query as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct StoredQuery {
    pub id: ClueQueryId,
    pub number: String,
    pub case: CaseId,
    pub organisation: OrganisationId,
    pub region: Region,
    pub addressee: OrganisationId,
    pub urgency: Urgency,
    pub status: ClueQueryStatus,
    pub drafted_by: String,
    pub approved_by: Option<String>,
    pub document_number: Option<String>,
    pub due_at: Option<Timestamp>,
    pub answered_at: Option<Timestamp>,
    pub quality: Option<u8>,
    pub created_at: Timestamp,
    pub issued_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    pub version: i64,
    pub items: Vec<StoredItem>,
}

/// An item as it is stored, its values still sealed.
#[derive(Clone, Debug)]
pub(crate) struct StoredItem {
    pub id: QueryItemId,
    pub query: ClueQueryId,
    pub query_type: ClueQueryType,
    pub subject: SubjectId,
    pub kind: Kind,
    pub value: Vec<u8>,
    pub outcome: Option<AnswerOutcome>,
    pub answer: Option<Vec<u8>>,
    pub answered_at: Option<Timestamp>,
    pub expired: bool,
}

pub(super) fn read(row: &QueryResult) -> Result<StoredQuery, Failure> {
    let reading = Reading::of(row, "clue_query");
    let quality: Option<i32> = reading.get("quality")?;
    Ok(StoredQuery {
        id: reading.id("id")?,
        number: reading.get("number")?,
        case: reading.id("case_id")?,
        organisation: reading.id("organisation")?,
        region: reading.region("region")?,
        addressee: reading.id("addressee")?,
        urgency: reading.word("urgency", Urgency::from_name)?,
        status: reading.word("status", ClueQueryStatus::from_name)?,
        drafted_by: reading.get("drafted_by")?,
        approved_by: reading.get("approved_by")?,
        document_number: reading.get("document_number")?,
        due_at: reading.time_if("due_at")?,
        answered_at: reading.time_if("answered_at")?,
        quality: quality.and_then(|quality| u8::try_from(quality).ok()),
        created_at: reading.time("created_at")?,
        issued_at: reading.time_if("issued_at")?,
        expires_at: reading.time_if("expires_at")?,
        version: reading.get("version")?,
        items: Vec::new(),
    })
}

fn read_item(row: &QueryResult) -> Result<StoredItem, Failure> {
    let reading = Reading::of(row, "clue_query_item");
    Ok(StoredItem {
        id: reading.id("id")?,
        query: reading.id("query_id")?,
        query_type: reading.word("query_type", ClueQueryType::from_name)?,
        subject: reading.id("subject")?,
        kind: reading.word("kind", |name| name.parse().ok())?,
        value: reading.get("value")?,
        outcome: reading.word_if("outcome", AnswerOutcome::from_name)?,
        answer: reading.get("answer")?,
        answered_at: reading.time_if("answered_at")?,
        expired: reading.get("expired")?,
    })
}

pub(super) async fn complete<C: ConnectionTrait>(
    connection: &C,
    mut queries: Vec<StoredQuery>,
) -> Result<Vec<StoredQuery>, Failure> {
    if queries.is_empty() {
        return Ok(queries);
    }
    let rows = Sql::select(ITEM_COLUMNS, "clue_query_item")
        .text("query_id IN ")
        .list(queries.iter().map(|query| query.id.uuid()))
        .text(" ORDER BY query_id, ordinal")
        .all(connection, read_item)
        .await?;
    let mut items: BTreeMap<ClueQueryId, Vec<StoredItem>> = BTreeMap::new();
    for item in rows {
        items.entry(item.query).or_default().push(item);
    }
    for query in &mut queries {
        query.items = items.remove(&query.id).unwrap_or_default();
    }
    Ok(queries)
}

/// Loads queries within a scope.
pub(crate) async fn by_ids<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    ids: &[ClueQueryId],
) -> Result<Vec<StoredQuery>, Failure> {
    let sql = Sql::select(COLUMNS, "clue_query q").by_ids("q.id", ids, scope, &CLUE_QUERIES);
    let queries = sql.all(connection, read).await?;
    complete(connection, queries).await
}

/// Loads one query within a scope, or says that there is none.
pub(crate) async fn by_id<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    id: ClueQueryId,
) -> Result<StoredQuery, Failure> {
    by_ids(connection, scope, &[id]).await?.pop().ok_or_else(|| Refusal::not_found().into())
}

/// The query to which an item belongs.
pub(crate) async fn query_of_item<C: ConnectionTrait>(
    connection: &C,
    item: QueryItemId,
) -> Result<ClueQueryId, Failure> {
    let sql = Sql::select("query_id", "clue_query_item").with("id = ", item.uuid());
    sql.all_ids(connection).await?.pop().ok_or_else(|| Refusal::not_found().into())
}

/// Finds queries within a scope, newest first.
pub(crate) async fn search<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    filter: &ClueQueryFilter,
    page: &PageRequest,
    now: Timestamp,
) -> Result<Page<StoredQuery>, Failure> {
    let ClueQueryFilter { case, addressee, statuses, urgencies, overdue } = filter;
    let found = |columns| {
        let sql = Sql::select(columns, "clue_query q")
            .within(scope, &CLUE_QUERIES)
            .with_some(" AND q.case_id = ", case.map(Id::uuid))
            .with_some(" AND q.addressee = ", addressee.map(Id::uuid))
            .with_any(" AND q.status IN ", statuses.iter().map(|status| status.name()))
            .with_any(" AND q.urgency IN ", urgencies.iter().map(|urgency| urgency.name()));
        let Some(overdue) = overdue else { return sql };
        sql.text(if *overdue { " AND " } else { " AND NOT " })
            .text("(q.due_at IS NOT NULL AND q.status <> 'withdrawn'")
            .with(" AND COALESCE(q.answered_at, ", now.millis())
            .text(") > q.due_at)")
    };
    let total = found(COUNT).total(connection, page).await?;
    let queries =
        found(COLUMNS).page("q.created_at", "q.id", Direction::Descending, page).all(connection, read).await?;
    let queries = complete(connection, queries).await?;
    Ok(Page::cut(queries, page, total, |query| Cursor { key: query.created_at.millis(), id: query.id.uuid() }))
}

/// Stores a new query with its items.
pub(crate) async fn insert<C: ConnectionTrait>(
    connection: &C,
    _proof: &Grant<act::Create, on::ClueQuery>,
    query: StoredQuery,
) -> Result<(), Failure> {
    let row = vec![
        query.id.uuid().into(),
        query.number.into(),
        query.case.uuid().into(),
        query.organisation.uuid().into(),
        region_value(query.region).into(),
        query.addressee.uuid().into(),
        query.urgency.name().into(),
        query.status.name().into(),
        query.drafted_by.into(),
        query.created_at.millis().into(),
    ];
    let columns = &[
        "id",
        "number",
        "case_id",
        "organisation",
        "region",
        "addressee",
        "urgency",
        "status",
        "drafted_by",
        "created_at",
    ];
    bulk::insert_rows(connection, "clue_query", columns, [row]).await?;
    let items = (0_i32..).zip(query.items).map(|(ordinal, item)| {
        vec![
            item.id.uuid().into(),
            item.query.uuid().into(),
            ordinal.into(),
            item.query_type.name().into(),
            item.subject.uuid().into(),
            item.kind.code().into(),
            item.value.into(),
        ]
    });
    let columns = &["id", "query_id", "ordinal", "query_type", "subject", "kind", "value"];
    let items: Vec<_> = items.collect();
    bulk::insert_rows(connection, "clue_query_item", columns, items).await?;
    Ok(())
}

/// What changes in a query beside its version.
#[derive(Clone, Debug, Default)]
pub(crate) struct QueryChange {
    pub status: Option<ClueQueryStatus>,
    pub approved_by: Option<String>,
    pub document_number: Option<String>,
    pub issued_at: Option<Timestamp>,
    pub due_at: Option<Timestamp>,
    pub answered_at: Option<Timestamp>,
    pub quality: Option<u8>,
}

/// Writes a change, if nobody else was faster.
pub(crate) async fn apply<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    id: ClueQueryId,
    version: i64,
    change: QueryChange,
) -> Result<(), Failure> {
    let QueryChange { status, approved_by, document_number, issued_at, due_at, answered_at, quality } = change;
    let sql = Sql::new("UPDATE clue_query AS q SET version = version + 1")
        .with_some(", status = ", status.map(ClueQueryStatus::name))
        .with_some(", approved_by = ", approved_by)
        .with_some(", document_number = ", document_number)
        .with_some(", issued_at = ", issued_at.map(Timestamp::millis))
        .with_some(", due_at = ", due_at.map(Timestamp::millis))
        .with_some(", answered_at = COALESCE(q.answered_at, ", answered_at.map(Timestamp::millis))
        .text(if answered_at.is_some() { ")" } else { "" })
        .with_some(", quality = ", quality.map(i32::from));
    sql.text(" WHERE ")
        .by_ids("q.id", &[id], scope, &CLUE_QUERIES)
        .with(" AND q.version = ", version)
        .run_one(connection)
        .await
}

/// Writes the answer to an item.
pub(crate) async fn answer<C: ConnectionTrait>(
    connection: &C,
    _proof: &Grant<act::Execute, on::ClueQuery>,
    item: QueryItemId,
    outcome: AnswerOutcome,
    answer: Option<Vec<u8>>,
    now: Timestamp,
) -> Result<(), Failure> {
    Sql::new("UPDATE clue_query_item SET outcome = ")
        .bind(outcome.name())
        .with(", answer = ", answer)
        .with(", answered_at = ", now.millis())
        .with(" WHERE id = ", item.uuid())
        .run_one(connection)
        .await
}

/// Sets from when on the answers of an ended case's queries are out of view.
pub(crate) async fn set_expiry<C: ConnectionTrait>(
    connection: &C,
    case: CaseId,
    at: Timestamp,
) -> Result<u64, Failure> {
    let sql = Sql::new("UPDATE clue_query SET expires_at = ").bind(at.millis());
    sql.with(" WHERE case_id = ", case.uuid()).run(connection).await
}

/// Takes the expiry back because the case goes on; what has expired already stays out of view.
pub(crate) async fn clear_expiry<C: ConnectionTrait>(
    connection: &C,
    case: CaseId,
    now: Timestamp,
) -> Result<u64, Failure> {
    let sql = Sql::new("UPDATE clue_query SET expires_at = NULL WHERE case_id = ").bind(case.uuid());
    sql.with(" AND expires_at > ", now.millis()).run(connection).await
}

/// Destroys the answers whose time is over and names their queries.
pub(crate) async fn expire<C: ConnectionTrait>(
    connection: &C,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<ClueQueryId>, Failure> {
    let ids: Vec<ClueQueryId> = Sql::select("q.id", "clue_query q")
        .text("q.expires_at IS NOT NULL AND EXISTS (SELECT 1 FROM clue_query_item i WHERE i.query_id = q.id AND NOT i.expired)")
        .with(" AND q.expires_at <= ", now.millis())
        .with(" ORDER BY q.expires_at LIMIT ", i64::from(limit))
        .all_ids(connection)
        .await?;
    if !ids.is_empty() {
        let sql = Sql::new("UPDATE clue_query_item SET expired = ").bind(true);
        sql.text(", answer = NULL WHERE query_id IN ").ids(&ids).run(connection).await?;
    }
    Ok(ids)
}

/// Queries whose answers are late and were not noted as late yet.
pub(crate) async fn newly_late<C: ConnectionTrait>(
    connection: &C,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<StoredQuery>, Failure> {
    Sql::select(COLUMNS, "clue_query q")
        .text("q.due_at IS NOT NULL AND q.missed_at IS NULL AND q.answered_at IS NULL")
        .with(" AND q.status IN ('issued', 'partly_answered') AND q.due_at < ", now.millis())
        .with(" ORDER BY q.due_at LIMIT ", i64::from(limit))
        .all(connection, read)
        .await
}

/// Notes that answers are late, once for each.
pub(crate) async fn note_late<C: ConnectionTrait>(
    connection: &C,
    now: Timestamp,
    ids: &[ClueQueryId],
) -> Result<u64, Failure> {
    let sql = Sql::new("UPDATE clue_query SET missed_at = ").bind(now.millis());
    sql.text(" WHERE missed_at IS NULL AND id IN ").ids(ids).run(connection).await
}
