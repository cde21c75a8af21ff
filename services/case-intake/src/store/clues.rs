//! Rows of clues.

use cordon_case_intake_contract::{ClueFilter, ClueKind, ClueStatus};
use cordon_context::{
    CaseId, ClueId, Cursor, OrganisationId, Page, PageRequest, Refusal, Region, Scope, SubjectId, Timestamp,
};
use cordon_policies::{Grant, act, on};
use cordon_store::{Failure, bulk};
use sea_orm::{ConnectionTrait, QueryResult};

use super::reach::{CLUES, push_scope};
use super::sql::{Reading, Sql, json_text, region_value, uuids};

const COLUMNS: &str = "u.id, u.number, u.kind, u.organisation, u.addressee, u.region, u.status, u.content, u.subjects, u.case_id, \
     u.feedback, u.feedback_due_at, u.feedback_sent_at, u.submitted_at, u.version";

/// A clue as it is stored, its content still sealed.
#[derive(Clone, Debug)]
pub(crate) struct StoredClue {
    pub id: ClueId,
    pub number: String,
    pub kind: ClueKind,
    pub organisation: OrganisationId,
    pub addressee: OrganisationId,
    pub region: Region,
    pub status: ClueStatus,
    pub content: Vec<u8>,
    pub subjects: Vec<SubjectId>,
    pub case: Option<CaseId>,
    pub feedback: Option<String>,
    pub feedback_due_at: Timestamp,
    pub feedback_sent_at: Option<Timestamp>,
    pub submitted_at: Timestamp,
    pub version: i64,
}

fn read(row: &QueryResult) -> Result<StoredClue, Failure> {
    let reading = Reading::of("clue", row)?;
    Ok(StoredClue {
        id: ClueId::from_uuid(reading.id),
        number: reading.get("number")?,
        kind: reading.named("kind", ClueKind::from_name)?,
        organisation: OrganisationId::from_uuid(reading.get("organisation")?),
        addressee: OrganisationId::from_uuid(reading.get("addressee")?),
        region: reading.region("region")?,
        status: reading.named("status", ClueStatus::from_name)?,
        content: reading.get("content")?,
        subjects: reading.json("subjects")?,
        case: reading.get::<Option<uuid::Uuid>>("case_id")?.map(CaseId::from_uuid),
        feedback: reading.get("feedback")?,
        feedback_due_at: Timestamp::from_millis(reading.get("feedback_due_at")?),
        feedback_sent_at: reading.get::<Option<i64>>("feedback_sent_at")?.map(Timestamp::from_millis),
        submitted_at: Timestamp::from_millis(reading.get("submitted_at")?),
        version: reading.get("version")?,
    })
}

/// Loads clues within a scope.
pub(crate) async fn by_ids<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    ids: &[ClueId],
) -> Result<Vec<StoredClue>, Failure> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(" FROM clue u WHERE u.id").bind_list(uuids(ids));
    push_scope(&mut sql, scope, &CLUES);
    sql.all(connection).await?.iter().map(read).collect()
}

/// Loads one clue within a scope, or says that there is none.
pub(crate) async fn by_id<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    id: ClueId,
) -> Result<StoredClue, Failure> {
    by_ids(connection, scope, &[id]).await?.pop().ok_or_else(|| Refusal::not_found().into())
}

/// Finds clues within a scope, newest first.
pub(crate) async fn search<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    filter: &ClueFilter,
    page: &PageRequest,
    now: Timestamp,
) -> Result<Page<StoredClue>, Failure> {
    let ClueFilter { organisation, addressee, kinds, statuses, overdue } = filter;
    let mut from = Sql::new(" FROM clue u WHERE 1 = 1");
    push_scope(&mut from, scope, &CLUES);
    if let Some(organisation) = organisation {
        from.with(" AND u.organisation = ", organisation.uuid());
    }
    if let Some(addressee) = addressee {
        from.with(" AND u.addressee = ", addressee.uuid());
    }
    if !kinds.is_empty() {
        from.push(" AND u.kind").bind_list(kinds.iter().map(|kind| kind.name()));
    }
    if !statuses.is_empty() {
        from.push(" AND u.status").bind_list(statuses.iter().map(|status| status.name()));
    }
    if let Some(overdue) = overdue {
        from.push(if *overdue { " AND " } else { " AND NOT " });
        from.with("(COALESCE(u.feedback_sent_at, ", now.millis()).push(") > u.feedback_due_at)");
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
    sql.push_page("u.submitted_at", "u.id", page);
    let clues = sql.all(connection).await?.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(clues, page, total, |clue| Cursor { key: clue.submitted_at.millis(), id: clue.id.uuid() }))
}

/// Stores a new clue.
pub(crate) async fn insert<C: ConnectionTrait>(
    connection: &C,
    _proof: &Grant<act::Create, on::Clue>,
    clue: StoredClue,
) -> Result<(), Failure> {
    let row = vec![
        clue.id.uuid().into(),
        clue.number.into(),
        clue.kind.name().into(),
        clue.organisation.uuid().into(),
        clue.addressee.uuid().into(),
        region_value(clue.region).into(),
        clue.status.name().into(),
        clue.content.into(),
        json_text(&clue.subjects)?.into(),
        clue.feedback_due_at.millis().into(),
        clue.submitted_at.millis().into(),
    ];
    let columns = &[
        "id",
        "number",
        "kind",
        "organisation",
        "addressee",
        "region",
        "status",
        "content",
        "subjects",
        "feedback_due_at",
        "submitted_at",
    ];
    bulk::insert_rows(connection, "clue", columns, [row]).await?;
    Ok(())
}

/// What changes in a clue beside its version.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClueChange {
    pub status: Option<ClueStatus>,
    pub content: Option<(Vec<u8>, Vec<SubjectId>)>,
    pub case: Option<CaseId>,
    pub feedback: Option<(String, Timestamp)>,
}

/// Writes a change, if nobody else was faster.
pub(crate) async fn apply<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    id: ClueId,
    version: i64,
    change: ClueChange,
) -> Result<(), Failure> {
    let ClueChange { status, content, case, feedback } = change;
    let mut sql = Sql::new("UPDATE clue AS u SET version = version + 1");
    if let Some(status) = status {
        sql.with(", status = ", status.name());
    }
    if let Some((content, subjects)) = content {
        sql.with(", content = ", content).with(", subjects = ", json_text(&subjects)?);
    }
    if let Some(case) = case {
        sql.with(", case_id = ", case.uuid());
    }
    if let Some((feedback, sent_at)) = feedback {
        sql.with(", feedback = ", feedback).with(", feedback_sent_at = ", sent_at.millis());
    }
    sql.with(" WHERE u.id = ", id.uuid()).with(" AND u.version = ", version);
    push_scope(&mut sql, scope, &CLUES);
    sql.run_one(connection).await
}

/// Clues whose feedback is late and was not noted as late yet.
pub(crate) async fn newly_late<C: ConnectionTrait>(
    connection: &C,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<StoredClue>, Failure> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(" FROM clue u WHERE u.missed_at IS NULL AND u.feedback_sent_at IS NULL");
    sql.with(" AND u.feedback_due_at < ", now.millis());
    sql.push(" ORDER BY u.feedback_due_at").with(" LIMIT ", i64::from(limit));
    sql.all(connection).await?.iter().map(read).collect()
}

/// Notes that feedback is late, once for each.
pub(crate) async fn note_late<C: ConnectionTrait>(
    connection: &C,
    now: Timestamp,
    ids: &[ClueId],
) -> Result<u64, Failure> {
    let mut sql = Sql::new("UPDATE clue SET missed_at = ");
    sql.bind(now.millis()).push(" WHERE missed_at IS NULL AND id").bind_list(uuids(ids));
    sql.run(connection).await
}
