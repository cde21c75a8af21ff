//! Rows of bulletins and their trace-backs.

use std::collections::BTreeMap;

use cordon_case_intake_contract::{
    Bulletin, BulletinFilter, BulletinStatus, BulletinTrigger, Liability, TraceBackStatus,
};
use cordon_context::{
    BulletinId, CaseId, Cursor, Id, OrganisationId, Page, PageRequest, Refusal, Region, Scope, SubjectId, Timestamp,
    TraceBackId,
};
use cordon_identifier::Kind;
use cordon_policies::{Grant, act, on};
use cordon_store::sql::{COUNT, Direction, Reading, Sql, json_text, region_value};
use cordon_store::{Failure, bulk};
use sea_orm::{ConnectionTrait, QueryResult};

use super::reach::{BULLETINS, TRACE_BACKS};

const COLUMNS: &str = "b.id, b.number, b.case_id, b.organisation, b.region, b.authority, b.triggers, b.title, b.text, b.status, \
     b.drafted_by, b.approved_by, b.due_at, b.finding, b.created_at, b.sent_at, b.version";

const TRACE_COLUMNS: &str = "t.id, t.bulletin_id, t.enterprise, t.subject, t.kind, t.value, t.status, t.due_at, t.liability, \
     t.form, t.filed_at, t.version, b.organisation, b.case_id";

const TRACES: &str = "trace_back t JOIN bulletin b ON b.id = t.bulletin_id";

/// A bulletin as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct StoredBulletin {
    pub id: BulletinId,
    pub number: String,
    pub case: CaseId,
    pub organisation: OrganisationId,
    pub region: Region,
    pub authority: OrganisationId,
    pub triggers: Vec<BulletinTrigger>,
    pub title: String,
    pub text: String,
    pub status: BulletinStatus,
    pub drafted_by: String,
    pub approved_by: Option<String>,
    pub due_at: Option<Timestamp>,
    pub finding: Option<String>,
    pub created_at: Timestamp,
    pub sent_at: Option<Timestamp>,
    pub version: i64,
    pub enterprises: Vec<OrganisationId>,
    /// Whether a trace-back is late, or was.
    pub overdue: bool,
}

impl StoredBulletin {
    /// The bulletin as others see it.
    pub(crate) fn into_bulletin(self, person: impl Fn(&str) -> Option<cordon_context::PersonId>) -> Bulletin {
        Bulletin {
            id: self.id,
            number: self.number,
            case: self.case,
            organisation: self.organisation,
            authority: self.authority,
            enterprises: self.enterprises,
            triggers: self.triggers,
            title: self.title,
            text: self.text,
            status: self.status,
            drafted_by: person(&self.drafted_by),
            approved_by: self.approved_by.as_deref().and_then(person),
            due_at: self.due_at,
            overdue: self.overdue,
            finding: self.finding,
            created_at: self.created_at,
            sent_at: self.sent_at,
            version: self.version,
        }
    }
}

/// A trace-back as it is stored, its values still sealed.
#[derive(Clone, Debug)]
pub(crate) struct StoredTraceBack {
    pub id: TraceBackId,
    pub bulletin: BulletinId,
    /// The organisation that wrote the bulletin.
    pub organisation: OrganisationId,
    pub case: CaseId,
    pub enterprise: OrganisationId,
    pub subject: SubjectId,
    pub kind: Kind,
    pub value: Vec<u8>,
    pub status: TraceBackStatus,
    pub due_at: Option<Timestamp>,
    pub liability: Option<Liability>,
    pub form: Option<Vec<u8>>,
    pub filed_at: Option<Timestamp>,
    pub version: i64,
}

fn read(row: &QueryResult) -> Result<StoredBulletin, Failure> {
    let reading = Reading::of(row, "bulletin");
    Ok(StoredBulletin {
        id: reading.id("id")?,
        number: reading.get("number")?,
        case: reading.id("case_id")?,
        organisation: reading.id("organisation")?,
        region: reading.region("region")?,
        authority: reading.id("authority")?,
        triggers: reading.json("triggers")?,
        title: reading.get("title")?,
        text: reading.get("text")?,
        status: reading.word("status", BulletinStatus::from_name)?,
        drafted_by: reading.get("drafted_by")?,
        approved_by: reading.get("approved_by")?,
        due_at: reading.time_if("due_at")?,
        finding: reading.get("finding")?,
        created_at: reading.time("created_at")?,
        sent_at: reading.time_if("sent_at")?,
        version: reading.get("version")?,
        enterprises: Vec::new(),
        overdue: false,
    })
}

fn read_trace(row: &QueryResult) -> Result<StoredTraceBack, Failure> {
    let reading = Reading::of(row, "trace_back");
    Ok(StoredTraceBack {
        id: reading.id("id")?,
        bulletin: reading.id("bulletin_id")?,
        organisation: reading.id("organisation")?,
        case: reading.id("case_id")?,
        enterprise: reading.id("enterprise")?,
        subject: reading.id("subject")?,
        kind: reading.word("kind", |name| name.parse().ok())?,
        value: reading.get("value")?,
        status: reading.word("status", TraceBackStatus::from_name)?,
        due_at: reading.time_if("due_at")?,
        liability: reading.word_if("liability", Liability::from_name)?,
        form: reading.get("form")?,
        filed_at: reading.time_if("filed_at")?,
        version: reading.get("version")?,
    })
}

/// Whether a task is late at a moment, or was when it was filed.
pub(crate) fn is_late(due_at: Option<Timestamp>, done_at: Option<Timestamp>, now: Timestamp) -> bool {
    due_at.is_some_and(|due| done_at.unwrap_or(now) > due)
}

async fn complete<C: ConnectionTrait>(
    connection: &C,
    mut bulletins: Vec<StoredBulletin>,
    now: Timestamp,
) -> Result<Vec<StoredBulletin>, Failure> {
    if bulletins.is_empty() {
        return Ok(bulletins);
    }
    let rows = Sql::select("t.bulletin_id, t.enterprise, t.due_at, t.filed_at", "trace_back t")
        .text("t.bulletin_id IN ")
        .list(bulletins.iter().map(|bulletin| bulletin.id.uuid()))
        .text(" ORDER BY t.bulletin_id, t.ordinal")
        .all(connection, |row| {
            let row = Reading::keyed(row, "trace_back", "bulletin_id");
            let late = is_late(row.time_if("due_at")?, row.time_if("filed_at")?, now);
            Ok((row.id("bulletin_id")?, row.id("enterprise")?, late))
        })
        .await?;
    let mut tasks: BTreeMap<BulletinId, (Vec<OrganisationId>, bool)> = BTreeMap::new();
    for (bulletin, enterprise, late) in rows {
        let (enterprises, overdue) = tasks.entry(bulletin).or_default();
        if !enterprises.contains(&enterprise) {
            enterprises.push(enterprise);
        }
        *overdue |= late;
    }
    for bulletin in &mut bulletins {
        let (enterprises, overdue) = tasks.remove(&bulletin.id).unwrap_or_default();
        bulletin.enterprises = enterprises;
        bulletin.overdue = overdue;
    }
    Ok(bulletins)
}

/// Loads bulletins within a scope.
pub(crate) async fn by_ids<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    ids: &[BulletinId],
    now: Timestamp,
) -> Result<Vec<StoredBulletin>, Failure> {
    let sql = Sql::select(COLUMNS, "bulletin b").by_ids("b.id", ids, scope, &BULLETINS);
    let bulletins = sql.all(connection, read).await?;
    complete(connection, bulletins, now).await
}

/// Loads one bulletin within a scope, or says that there is none.
pub(crate) async fn by_id<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    id: BulletinId,
    now: Timestamp,
) -> Result<StoredBulletin, Failure> {
    by_ids(connection, scope, &[id], now).await?.pop().ok_or_else(|| Refusal::not_found().into())
}

/// Finds bulletins within a scope, newest first.
pub(crate) async fn search<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    filter: &BulletinFilter,
    page: &PageRequest,
    now: Timestamp,
) -> Result<Page<StoredBulletin>, Failure> {
    let BulletinFilter { case, statuses, overdue } = filter;
    let found = |columns| {
        let sql = Sql::select(columns, "bulletin b")
            .within(scope, &BULLETINS)
            .with_some(" AND b.case_id = ", case.map(Id::uuid))
            .with_any(" AND b.status IN ", statuses.iter().map(|status| status.name()));
        let Some(overdue) = overdue else { return sql };
        sql.text(if *overdue { " AND " } else { " AND NOT " })
            .text("EXISTS (SELECT 1 FROM trace_back l WHERE l.bulletin_id = b.id AND l.due_at IS NOT NULL")
            .with(" AND COALESCE(l.filed_at, ", now.millis())
            .text(") > l.due_at)")
    };
    let total = found(COUNT).total(connection, page).await?;
    let bulletins =
        found(COLUMNS).page("b.created_at", "b.id", Direction::Descending, page).all(connection, read).await?;
    let bulletins = complete(connection, bulletins, now).await?;
    Ok(Page::cut(bulletins, page, total, |bulletin| Cursor {
        key: bulletin.created_at.millis(),
        id: bulletin.id.uuid(),
    }))
}

/// Which trace-backs are wanted.
pub(crate) enum Which<'a> {
    Ids(&'a [TraceBackId]),
    Bulletins(&'a [BulletinId]),
}

/// Loads trace-backs within a scope.
pub(crate) async fn trace_backs<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    which: Which<'_>,
) -> Result<Vec<StoredTraceBack>, Failure> {
    let sql = Sql::select(TRACE_COLUMNS, TRACES);
    let sql = match which {
        Which::Ids(ids) => sql.by_ids("t.id", ids, scope, &TRACE_BACKS),
        Which::Bulletins(bulletins) => sql.by_ids("t.bulletin_id", bulletins, scope, &TRACE_BACKS),
    };
    sql.text(" ORDER BY t.bulletin_id, t.ordinal").all(connection, read_trace).await
}

/// Loads one trace-back within a scope, or says that there is none.
pub(crate) async fn trace_back<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    id: TraceBackId,
) -> Result<StoredTraceBack, Failure> {
    trace_backs(connection, scope, Which::Ids(&[id])).await?.pop().ok_or_else(|| Refusal::not_found().into())
}

/// A trace-back that is about to be stored.
pub(crate) struct NewTraceBack {
    pub id: TraceBackId,
    pub enterprise: OrganisationId,
    pub subject: SubjectId,
    pub kind: Kind,
    pub value: Vec<u8>,
}

/// Stores a new bulletin with its trace-backs.
pub(crate) async fn insert<C: ConnectionTrait>(
    connection: &C,
    _proof: &Grant<act::Create, on::Bulletin>,
    bulletin: StoredBulletin,
    trace_backs: Vec<NewTraceBack>,
) -> Result<(), Failure> {
    let id = bulletin.id;
    let row = vec![
        id.uuid().into(),
        bulletin.number.into(),
        bulletin.case.uuid().into(),
        bulletin.organisation.uuid().into(),
        region_value(bulletin.region).into(),
        bulletin.authority.uuid().into(),
        json_text(&bulletin.triggers)?.into(),
        bulletin.title.into(),
        bulletin.text.into(),
        bulletin.status.name().into(),
        bulletin.drafted_by.into(),
        bulletin.created_at.millis().into(),
    ];
    let columns = &[
        "id",
        "number",
        "case_id",
        "organisation",
        "region",
        "authority",
        "triggers",
        "title",
        "text",
        "status",
        "drafted_by",
        "created_at",
    ];
    bulk::insert_rows(connection, "bulletin", columns, [row]).await?;
    let rows: Vec<_> = (0_i32..)
        .zip(trace_backs)
        .map(|(ordinal, task)| {
            let NewTraceBack { id: task, enterprise, subject, kind, value } = task;
            vec![
                task.uuid().into(),
                id.uuid().into(),
                ordinal.into(),
                enterprise.uuid().into(),
                subject.uuid().into(),
                kind.code().into(),
                value.into(),
                TraceBackStatus::Open.name().into(),
            ]
        })
        .collect();
    let columns = &["id", "bulletin_id", "ordinal", "enterprise", "subject", "kind", "value", "status"];
    bulk::insert_rows(connection, "trace_back", columns, rows).await?;
    Ok(())
}

/// What changes in a bulletin beside its version.
#[derive(Clone, Debug, Default)]
pub(crate) struct BulletinChange {
    pub status: Option<BulletinStatus>,
    pub approved_by: Option<String>,
    pub sent: Option<(Timestamp, Timestamp)>,
    pub finding: Option<String>,
}

/// Writes a change, if nobody else was faster.
pub(crate) async fn apply<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    id: BulletinId,
    version: i64,
    change: BulletinChange,
) -> Result<(), Failure> {
    let BulletinChange { status, approved_by, sent, finding } = change;
    Sql::new("UPDATE bulletin AS b SET version = version + 1")
        .with_some(", status = ", status.map(BulletinStatus::name))
        .with_some(", approved_by = ", approved_by)
        .with_some(", sent_at = ", sent.map(|(sent_at, _)| sent_at.millis()))
        .with_some(", due_at = ", sent.map(|(_, due_at)| due_at.millis()))
        .with_some(", finding = ", finding)
        .text(" WHERE ")
        .by_ids("b.id", &[id], scope, &BULLETINS)
        .with(" AND b.version = ", version)
        .run_one(connection)
        .await?;
    if let Some((_, due_at)) = sent {
        let sql = Sql::new("UPDATE trace_back SET due_at = ").bind(due_at.millis());
        sql.with(" WHERE bulletin_id = ", id.uuid()).run(connection).await?;
    }
    Ok(())
}

/// Files a trace-back, if nobody else was faster, and tells how many of its bulletin are still open.
pub(crate) async fn file<C: ConnectionTrait>(
    connection: &C,
    _proof: &Grant<act::Execute, on::Bulletin>,
    task: &StoredTraceBack,
    liability: Liability,
    form: Vec<u8>,
    now: Timestamp,
) -> Result<u64, Failure> {
    Sql::new("UPDATE trace_back SET version = version + 1, status = 'filed', liability = ")
        .bind(liability.name())
        .with(", form = ", form)
        .with(", filed_at = ", now.millis())
        .with(" WHERE id = ", task.id.uuid())
        .with(" AND version = ", task.version)
        .run_one(connection)
        .await?;
    Sql::select(COUNT, "trace_back")
        .with("status = 'open' AND bulletin_id = ", task.bulletin.uuid())
        .count(connection)
        .await
}

/// Notes that every trace-back of a bulletin was filed.
pub(crate) async fn all_filed<C: ConnectionTrait>(
    connection: &C,
    _proof: &Grant<act::Execute, on::Bulletin>,
    id: BulletinId,
) -> Result<bool, Failure> {
    let sql = Sql::new("UPDATE bulletin SET version = version + 1, status = 'found' WHERE status = 'sent' AND id = ");
    Ok(sql.bind(id.uuid()).run(connection).await? == 1)
}

/// Trace-backs that are late and were not noted as late yet.
pub(crate) async fn newly_late<C: ConnectionTrait>(
    connection: &C,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<StoredTraceBack>, Failure> {
    Sql::select(TRACE_COLUMNS, TRACES)
        .with("t.missed_at IS NULL AND t.status = 'open' AND t.due_at < ", now.millis())
        .with(" ORDER BY t.due_at LIMIT ", i64::from(limit))
        .all(connection, read_trace)
        .await
}

/// Notes that trace-backs are late, once for each.
pub(crate) async fn note_late<C: ConnectionTrait>(
    connection: &C,
    now: Timestamp,
    ids: &[TraceBackId],
) -> Result<u64, Failure> {
    let sql = Sql::new("UPDATE trace_back SET missed_at = ").bind(now.millis());
    sql.text(" WHERE missed_at IS NULL AND id IN ").ids(ids).run(connection).await
}
