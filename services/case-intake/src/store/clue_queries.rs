//! Rows of clue queries and their items.

use std::collections::BTreeMap;

use cordon_case_intake_contract::{AnswerOutcome, ClueQueryFilter, ClueQueryStatus, ClueQueryType, Urgency};
use cordon_context::{
    CaseId, ClueQueryId, Cursor, OrganisationId, Page, PageRequest, QueryItemId, Refusal, Region, Scope, SubjectId,
    Timestamp,
};
use cordon_identifier::Kind;
use cordon_policies::{Grant, act, on};
use cordon_store::{Failure, bulk};
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use super::reach::{CLUE_QUERIES, push_scope};
use super::sql::{Reading, Sql, region_value, uuids};

const COLUMNS: &str = "q.id, q.number, q.case_id, q.organisation, q.region, q.addressee, q.urgency, q.status, q.drafted_by, \
     q.approved_by, q.document_number, q.due_at, q.answered_at, q.missed_at, q.quality, q.created_at, q.issued_at, \
     q.expires_at, q.version";

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

fn read(row: &QueryResult) -> Result<StoredQuery, Failure> {
    let reading = Reading::of("clue_query", row)?;
    let quality: Option<i32> = reading.get("quality")?;
    let moment = |value: Option<i64>| value.map(Timestamp::from_millis);
    Ok(StoredQuery {
        id: ClueQueryId::from_uuid(reading.id),
        number: reading.get("number")?,
        case: CaseId::from_uuid(reading.get("case_id")?),
        organisation: OrganisationId::from_uuid(reading.get("organisation")?),
        region: reading.region("region")?,
        addressee: OrganisationId::from_uuid(reading.get("addressee")?),
        urgency: reading.named("urgency", Urgency::from_name)?,
        status: reading.named("status", ClueQueryStatus::from_name)?,
        drafted_by: reading.get("drafted_by")?,
        approved_by: reading.get("approved_by")?,
        document_number: reading.get("document_number")?,
        due_at: moment(reading.get("due_at")?),
        answered_at: moment(reading.get("answered_at")?),
        quality: quality.and_then(|quality| u8::try_from(quality).ok()),
        created_at: Timestamp::from_millis(reading.get("created_at")?),
        issued_at: moment(reading.get("issued_at")?),
        expires_at: moment(reading.get("expires_at")?),
        version: reading.get("version")?,
        items: Vec::new(),
    })
}

fn read_item(row: &QueryResult) -> Result<StoredItem, Failure> {
    let reading = Reading::of("clue_query_item", row)?;
    Ok(StoredItem {
        id: QueryItemId::from_uuid(reading.id),
        query: ClueQueryId::from_uuid(reading.get("query_id")?),
        query_type: reading.named("query_type", ClueQueryType::from_name)?,
        subject: SubjectId::from_uuid(reading.get("subject")?),
        kind: reading.named("kind", |name| name.parse().ok())?,
        value: reading.get("value")?,
        outcome: reading.named_option("outcome", AnswerOutcome::from_name)?,
        answer: reading.get("answer")?,
        answered_at: reading.get::<Option<i64>>("answered_at")?.map(Timestamp::from_millis),
        expired: reading.get("expired")?,
    })
}

async fn complete<C: ConnectionTrait>(
    connection: &C,
    mut queries: Vec<StoredQuery>,
) -> Result<Vec<StoredQuery>, Failure> {
    if queries.is_empty() {
        return Ok(queries);
    }
    let mut sql = Sql::new(
        "SELECT id, query_id, query_type, subject, kind, value, outcome, answer, answered_at, expired FROM clue_query_item \
         WHERE query_id",
    );
    sql.bind_list(queries.iter().map(|query| query.id.uuid()));
    let mut items: BTreeMap<ClueQueryId, Vec<StoredItem>> = BTreeMap::new();
    for row in &sql.ordered(" ORDER BY query_id, ordinal").all(connection).await? {
        let item = read_item(row)?;
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
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(" FROM clue_query q WHERE q.id").bind_list(uuids(ids));
    push_scope(&mut sql, scope, &CLUE_QUERIES);
    let queries = sql.all(connection).await?.iter().map(read).collect::<Result<Vec<_>, _>>()?;
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
    let mut sql = Sql::new("SELECT query_id FROM clue_query_item WHERE id = ");
    sql.bind(item.uuid());
    let row = sql.one(connection).await?.ok_or_else(Refusal::not_found)?;
    Ok(ClueQueryId::from_uuid(row.try_get("", "query_id")?))
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
    let mut from = Sql::new(" FROM clue_query q WHERE 1 = 1");
    push_scope(&mut from, scope, &CLUE_QUERIES);
    if let Some(case) = case {
        from.with(" AND q.case_id = ", case.uuid());
    }
    if let Some(addressee) = addressee {
        from.with(" AND q.addressee = ", addressee.uuid());
    }
    if !statuses.is_empty() {
        from.push(" AND q.status").bind_list(statuses.iter().map(|status| status.name()));
    }
    if !urgencies.is_empty() {
        from.push(" AND q.urgency").bind_list(urgencies.iter().map(|urgency| urgency.name()));
    }
    if let Some(overdue) = overdue {
        from.push(if *overdue { " AND " } else { " AND NOT " });
        from.push("(q.due_at IS NOT NULL AND q.status <> 'withdrawn' AND COALESCE(q.answered_at, ");
        from.bind(now.millis()).push(") > q.due_at)");
    }
    let total = if page.count {
        let mut sql = Sql::new("SELECT COUNT(*) AS count");
        sql.append(from.clone());
        Some(sql.count(connection).await?)
    } else {
        None
    };
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).append(from);
    sql.push_page("q.created_at", "q.id", page);
    let queries = sql.all(connection).await?.iter().map(read).collect::<Result<Vec<_>, _>>()?;
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
    let mut sql = Sql::new("UPDATE clue_query AS q SET version = version + 1");
    if let Some(status) = status {
        sql.with(", status = ", status.name());
    }
    if let Some(approved_by) = approved_by {
        sql.with(", approved_by = ", approved_by);
    }
    if let Some(document_number) = document_number {
        sql.with(", document_number = ", document_number);
    }
    if let Some(issued_at) = issued_at {
        sql.with(", issued_at = ", issued_at.millis());
    }
    if let Some(due_at) = due_at {
        sql.with(", due_at = ", due_at.millis());
    }
    if let Some(answered_at) = answered_at {
        sql.with(", answered_at = COALESCE(q.answered_at, ", answered_at.millis()).push(")");
    }
    if let Some(quality) = quality {
        sql.with(", quality = ", i32::from(quality));
    }
    sql.with(" WHERE q.id = ", id.uuid()).with(" AND q.version = ", version);
    push_scope(&mut sql, scope, &CLUE_QUERIES);
    sql.run_one(connection).await
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
    let mut sql = Sql::new("UPDATE clue_query_item SET outcome = ");
    sql.bind(outcome.name()).with(", answer = ", answer).with(", answered_at = ", now.millis());
    sql.with(" WHERE id = ", item.uuid());
    sql.run_one(connection).await
}

/// Sets from when on the answers of an ended case's queries are out of view.
pub(crate) async fn set_expiry<C: ConnectionTrait>(
    connection: &C,
    case: CaseId,
    at: Timestamp,
) -> Result<u64, Failure> {
    let mut sql = Sql::new("UPDATE clue_query SET expires_at = ");
    sql.bind(at.millis()).with(" WHERE case_id = ", case.uuid());
    sql.run(connection).await
}

/// Destroys the answers whose time is over and names their queries.
pub(crate) async fn expire<C: ConnectionTrait>(
    connection: &C,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<ClueQueryId>, Failure> {
    let mut sql = Sql::new(
        "SELECT q.id FROM clue_query q WHERE q.expires_at IS NOT NULL AND EXISTS (SELECT 1 FROM clue_query_item i \
         WHERE i.query_id = q.id AND NOT i.expired)",
    );
    sql.with(" AND q.expires_at <= ", now.millis()).push(" ORDER BY q.expires_at").with(" LIMIT ", i64::from(limit));
    let rows = sql.all(connection).await?;
    let ids = rows.iter().map(|row| Ok(row.try_get("", "id")?)).collect::<Result<Vec<Uuid>, Failure>>()?;
    if !ids.is_empty() {
        let mut sql = Sql::new("UPDATE clue_query_item SET expired = ");
        sql.bind(true).push(", answer = NULL WHERE query_id").bind_list(ids.iter().copied());
        sql.run(connection).await?;
    }
    Ok(ids.into_iter().map(ClueQueryId::from_uuid).collect())
}

/// Queries whose answers are late and were not noted as late yet.
pub(crate) async fn newly_late<C: ConnectionTrait>(
    connection: &C,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<StoredQuery>, Failure> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(
        " FROM clue_query q WHERE q.due_at IS NOT NULL AND q.missed_at IS NULL AND q.answered_at IS NULL \
         AND q.status IN ('issued', 'partly_answered')",
    );
    sql.with(" AND q.due_at < ", now.millis()).push(" ORDER BY q.due_at").with(" LIMIT ", i64::from(limit));
    sql.all(connection).await?.iter().map(read).collect()
}

/// Notes that answers are late, once for each.
pub(crate) async fn note_late<C: ConnectionTrait>(
    connection: &C,
    now: Timestamp,
    ids: &[ClueQueryId],
) -> Result<u64, Failure> {
    let mut sql = Sql::new("UPDATE clue_query SET missed_at = ");
    sql.bind(now.millis()).push(" WHERE missed_at IS NULL AND id").bind_list(uuids(ids));
    sql.run(connection).await
}
