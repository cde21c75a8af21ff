//! Rows of reports and of what was found in them.

use std::collections::BTreeMap;

use cordon_case_intake_contract::{Channel, FraudType, ReportStatus};
use cordon_context::{CaseId, ImportId, OrganisationId, Region, ReportId, Scope, SubjectId, Timestamp};
use cordon_policies::{Grant, act, on};
use cordon_store::bulk::{Batch, Existing};
use cordon_store::sql::{COUNT, MOST_PAIRS, Reading, Sql, region_value};
use cordon_store::{Failure, bulk};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Value};
use uuid::Uuid;

use super::reach::REPORTS;

pub(super) const COLUMNS: &str = "r.id, r.organisation, r.channel, r.external_id, r.received_at, r.region, r.fraud_type, \
     r.taxonomy_version, r.loss_cents, r.content, r.duplicate_of, r.import_id, r.status, r.handler, r.due_at, r.version";

/// A report as it is stored, its content still sealed.
#[derive(Clone, Debug)]
pub(crate) struct StoredReport {
    pub id: ReportId,
    pub organisation: OrganisationId,
    pub channel: Channel,
    pub external_id: String,
    pub received_at: Timestamp,
    pub region: Region,
    pub fraud_type: FraudType,
    pub taxonomy_version: String,
    pub loss_cents: i64,
    pub content: Vec<u8>,
    pub duplicate_of: Option<ReportId>,
    pub import: Option<ImportId>,
    pub status: ReportStatus,
    pub handler: Option<OrganisationId>,
    pub due_at: Option<Timestamp>,
    pub version: i64,
}

/// A report that is ready to be stored.
#[derive(Clone, Debug)]
pub(crate) struct ReportToStore {
    pub id: ReportId,
    pub source_key: [u8; 16],
    pub organisation: OrganisationId,
    pub channel: Channel,
    pub external_id: String,
    pub received_at: Timestamp,
    pub region: Region,
    pub fraud_type: FraudType,
    pub loss_cents: i64,
    pub victim_subject: Option<Uuid>,
    pub content: Vec<u8>,
    pub fingerprint: Uuid,
    pub import: Option<ImportId>,
    pub status: ReportStatus,
    pub due_at: Option<Timestamp>,
    /// What its text names, each once.
    pub subjects: Vec<Uuid>,
}

const INSERTED: &[&str] = &[
    "id",
    "source_key",
    "organisation",
    "channel",
    "external_id",
    "received_at",
    "region",
    "fraud_type",
    "loss_cents",
    "victim_subject",
    "content",
    "import_id",
    "status",
    "due_at",
];

pub(super) fn read(row: &QueryResult) -> Result<StoredReport, Failure> {
    let reading = Reading::of(row, "report");
    Ok(StoredReport {
        id: reading.id("id")?,
        organisation: reading.id("organisation")?,
        channel: reading.word("channel", Channel::from_name)?,
        external_id: reading.get("external_id")?,
        received_at: reading.time("received_at")?,
        region: reading.region("region")?,
        fraud_type: reading.word("fraud_type", FraudType::from_name)?,
        taxonomy_version: reading.get("taxonomy_version")?,
        loss_cents: reading.get("loss_cents")?,
        content: reading.get("content")?,
        duplicate_of: reading.id_if("duplicate_of")?,
        import: reading.id_if("import_id")?,
        status: reading.word("status", ReportStatus::from_name)?,
        handler: reading.id_if("handler")?,
        due_at: reading.time_if("due_at")?,
        version: reading.get("version")?,
    })
}

/// Reports in the shape of statements, with the keys by which they are found in the order of their tables, so that the pages of
/// these are met one after the other and not at random.
pub(crate) struct PackedReports {
    /// Rising.
    ids: Vec<ReportId>,
    rows: Batch,
    findings: Vec<(Uuid, Uuid)>,
    victims: Vec<(Uuid, Uuid)>,
    skeletons: Vec<(Uuid, Uuid)>,
}

impl PackedReports {
    /// Shapes reports whose identifiers are fresh and rise.
    pub(crate) fn new(backend: DbBackend, reports: Vec<ReportToStore>) -> Self {
        let ids = reports.iter().map(|report| report.id).collect();
        let mut findings = Vec::with_capacity(reports.len() * 3);
        let mut victims = Vec::with_capacity(reports.len());
        let mut skeletons = Vec::with_capacity(reports.len());
        for report in &reports {
            let id = report.id.uuid();
            findings.extend(report.subjects.iter().map(|subject| (*subject, id)));
            victims.extend(report.victim_subject.map(|subject| (subject, id)));
            skeletons.push((report.fingerprint, id));
        }
        findings.sort_unstable();
        victims.sort_unstable();
        skeletons.sort_unstable();
        let rows = Batch::new(backend, "report", INSERTED, reports.into_iter().map(row), Existing::Keep);
        Self { ids, rows, findings, victims, skeletons }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }
}

fn row(report: ReportToStore) -> Vec<Value> {
    let ReportToStore {
        id,
        source_key,
        organisation,
        channel,
        external_id,
        received_at,
        region,
        fraud_type,
        loss_cents,
        victim_subject,
        content,
        fingerprint: _,
        import,
        status,
        due_at,
        subjects: _,
    } = report;
    vec![
        id.uuid().into(),
        source_key.to_vec().into(),
        organisation.uuid().into(),
        channel.name().into(),
        external_id.into(),
        received_at.millis().into(),
        region_value(region).into(),
        fraud_type.name().into(),
        loss_cents.into(),
        victim_subject.into(),
        content.into(),
        import.map(cordon_context::Id::uuid).into(),
        status.name().into(),
        due_at.map(Timestamp::millis).into(),
    ]
}

/// What an insert did.
pub(crate) struct Inserted {
    /// The reports that were new, rising.
    pub new: Vec<ReportId>,
    /// How many subjects their texts name.
    pub findings: u64,
    /// How many of them say nearly the same as an earlier report of the same organisation.
    pub near_duplicates: u64,
}

/// Stores reports with what was found in them, and marks those whose skeleton an earlier report of the same organisation has. A
/// report that its organisation holds already, by channel and number, stays as it is.
pub(crate) async fn insert<C: ConnectionTrait>(
    connection: &C,
    _proof: &Grant<act::Create, on::Report>,
    reports: PackedReports,
) -> Result<Inserted, Failure> {
    let PackedReports { ids, rows, mut findings, mut victims, mut skeletons } = reports;
    let Some((first, last)) = ids.first().copied().zip(ids.last().copied()) else {
        return Ok(Inserted { new: Vec::new(), findings: 0, near_duplicates: 0 });
    };
    let inserted = rows.insert(connection).await?;
    let all_new = usize::try_from(inserted) == Ok(ids.len());
    let new = if all_new { ids } else { present(connection, first, last).await? };
    if !all_new {
        for keys in [&mut findings, &mut victims, &mut skeletons] {
            keys.retain(|(_, report)| new.binary_search(&ReportId::from_uuid(*report)).is_ok());
        }
    }
    let near_duplicates = mark_near_duplicates(connection, &skeletons).await?;
    bulk::insert_pairs(connection, "skeleton", ["fingerprint", "report_id"], &skeletons).await?;
    bulk::insert_pairs(connection, "victim", ["subject", "report_id"], &victims).await?;
    let findings = bulk::insert_pairs(connection, "finding", ["subject", "report_id"], &findings).await?;
    Ok(Inserted { new, findings, near_duplicates })
}

async fn present<C: ConnectionTrait>(
    connection: &C,
    first: ReportId,
    last: ReportId,
) -> Result<Vec<ReportId>, Failure> {
    let sql = Sql::select("r.id", "report r").with("r.id BETWEEN ", first.uuid()).with(" AND ", last.uuid());
    let sql = sql.text(" ORDER BY r.id");
    sql.all_ids(connection).await
}

/// Marks new reports, by fingerprint and identifier in this order, whose fingerprint an earlier report has, one that is stored already
/// or one of the new ones. The organisation is in the fingerprint. Tells how many there are.
async fn mark_near_duplicates<C: ConnectionTrait>(connection: &C, skeletons: &[(Uuid, Uuid)]) -> Result<u64, Failure> {
    let backend = connection.get_database_backend();
    let mut marked = 0;
    for skeletons in skeletons.chunk_by(|one, other| one.0 == other.0).collect::<Vec<_>>().chunks(MOST_PAIRS) {
        let groups: Vec<(Uuid, Uuid)> = skeletons.iter().filter_map(|group| group.first().copied()).collect();
        // Nothing new is among the stored ones yet.
        let stored: BTreeMap<Uuid, Uuid> = Sql::new(
            "SELECT p.a, (SELECT s.report_id FROM skeleton s WHERE s.fingerprint = p.a ORDER BY s.report_id LIMIT 1) AS b FROM ",
        )
        .pairs(backend, &groups)
        .text(" AS p WHERE EXISTS (SELECT 1 FROM skeleton s WHERE s.fingerprint = p.a)")
        .all(connection, |row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
        .await?
        .into_iter()
        .collect();
        let twins: Vec<(Uuid, Uuid)> = skeletons
            .iter()
            .flat_map(|group| {
                let stored = group.first().and_then(|(fingerprint, _)| stored.get(fingerprint));
                let first = stored.or_else(|| group.first().map(|(_, first)| first)).copied();
                group.iter().skip(usize::from(stored.is_none())).filter_map(move |(_, report)| Some((*report, first?)))
            })
            .collect();
        for twins in twins.chunks(MOST_PAIRS) {
            let sql = Sql::new("UPDATE report SET duplicate_of = p.b FROM ").pairs(backend, twins);
            marked += sql.text(" AS p WHERE report.id = p.a").run(connection).await?;
        }
    }
    Ok(marked)
}

/// How many of these source keys an organisation holds already.
pub(crate) async fn count_existing<C: ConnectionTrait>(
    connection: &C,
    organisation: OrganisationId,
    source_keys: &[[u8; 16]],
) -> Result<u64, Failure> {
    let sql = Sql::select(COUNT, "report r").text("r.source_key IN ").list(source_keys.iter().map(|key| key.to_vec()));
    sql.with(" AND r.organisation = ", organisation.uuid()).count(connection).await
}

/// The report that an organisation holds under a source key.
pub(crate) async fn by_source<C: ConnectionTrait>(
    connection: &C,
    organisation: OrganisationId,
    source_key: [u8; 16],
) -> Result<Option<StoredReport>, Failure> {
    let sql = Sql::select(COLUMNS, "report r").with("r.source_key = ", source_key.to_vec());
    sql.with(" AND r.organisation = ", organisation.uuid()).one(connection, read).await
}

/// Loads reports within a scope.
pub(crate) async fn by_ids<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    ids: &[ReportId],
) -> Result<Vec<StoredReport>, Failure> {
    Sql::select(COLUMNS, "report r").by_ids("r.id", ids, scope, &REPORTS).all(connection, read).await
}

/// Which of these reports lie within a scope.
pub(crate) async fn visible<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    ids: &[ReportId],
) -> Result<Vec<ReportId>, Failure> {
    Sql::select("r.id", "report r").by_ids("r.id", ids, scope, &REPORTS).all_ids(connection).await
}

/// Loads the reports of a case that the caller has been let into, oldest first.
pub(crate) async fn of_cases<C: ConnectionTrait>(
    connection: &C,
    cases: &[CaseId],
) -> Result<Vec<(CaseId, StoredReport)>, Failure> {
    Sql::new("SELECT cr.case_id, ")
        .text(COLUMNS)
        .text(" FROM case_report cr JOIN report r ON r.id = cr.report_id WHERE cr.case_id IN ")
        .ids(cases)
        .text(" ORDER BY r.received_at, r.id")
        .all(connection, |row| Ok((CaseId::from_uuid(row.try_get("", "case_id")?), read(row)?)))
        .await
}

/// The reports of cases in which subjects are found: case, report and subject.
pub(crate) async fn of_subjects<C: ConnectionTrait>(
    connection: &C,
    cases: &[CaseId],
    subjects: &[SubjectId],
) -> Result<Vec<(CaseId, ReportId, SubjectId)>, Failure> {
    Sql::new(
        "SELECT cr.case_id, f.report_id, f.subject FROM finding f JOIN case_report cr ON cr.report_id = f.report_id \
         WHERE f.subject IN ",
    )
    .ids(subjects)
    .text(" AND cr.case_id IN ")
    .ids(cases)
    .text(" ORDER BY cr.case_id, f.report_id")
    .all(connection, |row| {
        let row = Reading::keyed(row, "finding", "report_id");
        Ok((row.id("case_id")?, row.id("report_id")?, row.id("subject")?))
    })
    .await
}

/// Which of these subjects are victims' own numbers in cases.
pub(crate) async fn victims_of_cases<C: ConnectionTrait>(
    connection: &C,
    cases: &[CaseId],
    subjects: &[SubjectId],
) -> Result<Vec<SubjectId>, Failure> {
    let sql = Sql::new(
        "SELECT DISTINCT v.subject FROM victim v JOIN case_report cr ON cr.report_id = v.report_id WHERE v.subject IN ",
    );
    sql.ids(subjects).text(" AND cr.case_id IN ").ids(cases).all_ids(connection).await
}

/// The cases that name subjects, whoever may see them.
pub(crate) async fn cases_of_subjects<C: ConnectionTrait>(
    connection: &C,
    subjects: &[SubjectId],
) -> Result<Vec<CaseId>, Failure> {
    let sql = Sql::new(
        "SELECT DISTINCT cr.case_id FROM finding f JOIN case_report cr ON cr.report_id = f.report_id WHERE f.subject IN ",
    );
    sql.ids(subjects).all_ids(connection).await
}

/// Moves a report.
pub(crate) struct ReportMove {
    pub id: ReportId,
    pub version: i64,
    pub status: ReportStatus,
    pub due_at: Option<Timestamp>,
    pub handler: Option<OrganisationId>,
    pub duplicate_of: Option<ReportId>,
}

/// Writes a move, if nobody else was faster.
pub(crate) async fn apply<C: ConnectionTrait>(
    connection: &C,
    proof: &Grant<act::Modify, on::Report>,
    change: ReportMove,
) -> Result<(), Failure> {
    let ReportMove { id, version, status, due_at, handler, duplicate_of } = change;
    let sql = Sql::new("UPDATE report AS r SET version = version + 1, missed_at = NULL")
        .with(", status = ", status.name())
        .with(", due_at = ", due_at.map(Timestamp::millis))
        .with(", handler = ", handler.map(cordon_context::Id::uuid))
        .with(", duplicate_of = ", duplicate_of.map(cordon_context::Id::uuid));
    let sql = sql.text(" WHERE ").by_ids("r.id", &[id], proof.scope(), &REPORTS);
    sql.with(" AND r.version = ", version).run_one(connection).await
}

/// Reports whose next step is late and was not noted as late yet.
pub(crate) async fn newly_late<C: ConnectionTrait>(
    connection: &C,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<StoredReport>, Failure> {
    Sql::select(COLUMNS, "report r")
        .with("r.due_at IS NOT NULL AND r.missed_at IS NULL AND r.due_at < ", now.millis())
        .with(" ORDER BY r.due_at LIMIT ", i64::from(limit))
        .all(connection, read)
        .await
}

/// Notes that steps are late, once for each.
pub(crate) async fn note_late<C: ConnectionTrait>(
    connection: &C,
    now: Timestamp,
    ids: &[ReportId],
) -> Result<u64, Failure> {
    let sql = Sql::new("UPDATE report SET missed_at = ").bind(now.millis());
    sql.text(" WHERE missed_at IS NULL AND id IN ").ids(ids).run(connection).await
}
