//! Rows of clues.

use cordon_case_intake_contract::{ClueFilter, ClueKind, ClueStatus};
use cordon_context::{
    CaseId, ClueId, Cursor, Id, OrganisationId, Page, PageRequest, Refusal, Region, Scope, SubjectId, Timestamp,
};
use cordon_policies::{Grant, act, on};
use cordon_store::sql::{COUNT, Direction, Reading, Sql, json_text, region_value};
use cordon_store::{Failure, bulk};
use sea_orm::{ConnectionTrait, QueryResult};

use super::reach::CLUES;

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
    let reading = Reading::of(row, "clue");
    Ok(StoredClue {
        id: reading.id("id")?,
        number: reading.get("number")?,
        kind: reading.word("kind", ClueKind::from_name)?,
        organisation: reading.id("organisation")?,
        addressee: reading.id("addressee")?,
        region: reading.region("region")?,
        status: reading.word("status", ClueStatus::from_name)?,
        content: reading.get("content")?,
        subjects: reading.json("subjects")?,
        case: reading.id_if("case_id")?,
        feedback: reading.get("feedback")?,
        feedback_due_at: reading.time("feedback_due_at")?,
        feedback_sent_at: reading.time_if("feedback_sent_at")?,
        submitted_at: reading.time("submitted_at")?,
        version: reading.get("version")?,
    })
}

/// Loads clues within a scope.
pub(crate) async fn by_ids<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    ids: &[ClueId],
) -> Result<Vec<StoredClue>, Failure> {
    Sql::select(COLUMNS, "clue u").by_ids("u.id", ids, scope, &CLUES).all(connection, read).await
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
    let found = |columns| {
        let sql = Sql::select(columns, "clue u")
            .within(scope, &CLUES)
            .with_some(" AND u.organisation = ", organisation.map(Id::uuid))
            .with_some(" AND u.addressee = ", addressee.map(Id::uuid))
            .with_any(" AND u.kind IN ", kinds.iter().map(|kind| kind.name()))
            .with_any(" AND u.status IN ", statuses.iter().map(|status| status.name()));
        let Some(overdue) = overdue else { return sql };
        sql.text(if *overdue { " AND " } else { " AND NOT " })
            .with("(COALESCE(u.feedback_sent_at, ", now.millis())
            .text(") > u.feedback_due_at)")
    };
    let total = found(COUNT).total(connection, page).await?;
    let clues =
        found(COLUMNS).page("u.submitted_at", "u.id", Direction::Descending, page).all(connection, read).await?;
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
    let mut sql = Sql::new("UPDATE clue AS u SET version = version + 1")
        .with_some(", status = ", status.map(ClueStatus::name))
        .with_some(", case_id = ", case.map(Id::uuid));
    if let Some((content, subjects)) = content {
        sql = sql.with(", content = ", content).with(", subjects = ", json_text(&subjects)?);
    }
    if let Some((feedback, sent_at)) = feedback {
        sql = sql.with(", feedback = ", feedback).with(", feedback_sent_at = ", sent_at.millis());
    }
    sql.text(" WHERE ")
        .by_ids("u.id", &[id], scope, &CLUES)
        .with(" AND u.version = ", version)
        .run_one(connection)
        .await
}

/// Clues whose feedback is late and was not noted as late yet.
pub(crate) async fn newly_late<C: ConnectionTrait>(
    connection: &C,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<StoredClue>, Failure> {
    Sql::select(COLUMNS, "clue u")
        .with("u.missed_at IS NULL AND u.feedback_sent_at IS NULL AND u.feedback_due_at < ", now.millis())
        .with(" ORDER BY u.feedback_due_at LIMIT ", i64::from(limit))
        .all(connection, read)
        .await
}

/// Notes that feedback is late, once for each.
pub(crate) async fn note_late<C: ConnectionTrait>(
    connection: &C,
    now: Timestamp,
    ids: &[ClueId],
) -> Result<u64, Failure> {
    let sql = Sql::new("UPDATE clue SET missed_at = ").bind(now.millis());
    sql.text(" WHERE missed_at IS NULL AND id IN ").ids(ids).run(connection).await
}
