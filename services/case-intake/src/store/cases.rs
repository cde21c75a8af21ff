//! Rows of cases, with their reports and participants.

use std::collections::BTreeMap;

use cordon_case_intake_contract::{Case, CaseFilter, CaseStatus, FraudType};
use cordon_context::{
    CaseId, Cursor, OrganisationId, Page, PageRequest, Refusal, Region, ReportId, Scope, SubjectId, Timestamp,
};
use cordon_policies::{Grant, act, on};
use cordon_store::{Failure, bulk};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use super::reach::{CASES, push_region, push_scope};
use super::sql::{Reading, Sql, region_value, uuids};
use crate::domain::bulletin::CaseFacts;

const COLUMNS: &str = "c.id, c.number, c.title, c.status, c.status_before_merge, c.fraud_type, c.region, c.organisation, \
     c.filing_number, c.opened_at, c.ended_at, c.version, \
     (SELECT COUNT(*) FROM case_report x WHERE x.case_id = c.id) AS report_count, \
     (SELECT CAST(COALESCE(SUM(y.loss_cents), 0) AS BIGINT) FROM case_report x JOIN report y ON y.id = x.report_id \
     WHERE x.case_id = c.id) AS loss_cents";

fn read(row: &QueryResult) -> Result<Case, Failure> {
    let reading = Reading::of("case_file", row)?;
    let count: i64 = reading.get("report_count")?;
    Ok(Case {
        id: CaseId::from_uuid(reading.id),
        number: reading.get("number")?,
        title: reading.get("title")?,
        status: reading.named("status", CaseStatus::from_name)?,
        fraud_type: reading.named("fraud_type", FraudType::from_name)?,
        region: reading.region("region")?,
        organisation: OrganisationId::from_uuid(reading.get("organisation")?),
        participants: Vec::new(),
        filing_number: reading.get("filing_number")?,
        report_count: u64::try_from(count).unwrap_or(0),
        loss_cents: reading.get("loss_cents")?,
        merged_into: Vec::new(),
        opened_at: Timestamp::from_millis(reading.get("opened_at")?),
        ended_at: reading.get::<Option<i64>>("ended_at")?.map(Timestamp::from_millis),
        version: reading.get("version")?,
    })
}

/// Adds what lies in other tables to cases that were read.
async fn complete<C: ConnectionTrait>(connection: &C, mut cases: Vec<Case>) -> Result<Vec<Case>, Failure> {
    if cases.is_empty() {
        return Ok(cases);
    }
    let ids: Vec<CaseId> = cases.iter().map(|case| case.id).collect();
    let mut participants: BTreeMap<Uuid, Vec<OrganisationId>> = BTreeMap::new();
    let mut sql = Sql::new("SELECT case_id, organisation FROM case_participant WHERE case_id");
    sql.bind_list(uuids(&ids)).push(" ORDER BY case_id, organisation");
    for row in &sql.all(connection).await? {
        let organisation = OrganisationId::from_uuid(row.try_get("", "organisation")?);
        participants.entry(row.try_get("", "case_id")?).or_default().push(organisation);
    }
    let mut leads: BTreeMap<Uuid, Vec<CaseId>> = BTreeMap::new();
    let mut sql = Sql::new(
        "SELECT DISTINCT l.member, l.lead FROM case_merge_link l JOIN case_merge m ON m.id = l.merge_id \
         WHERE m.undone_at IS NULL AND l.member",
    );
    sql.bind_list(uuids(&ids)).push(" ORDER BY l.member, l.lead");
    for row in &sql.all(connection).await? {
        leads.entry(row.try_get("", "member")?).or_default().push(CaseId::from_uuid(row.try_get("", "lead")?));
    }
    for case in &mut cases {
        case.participants = participants.remove(&case.id.uuid()).unwrap_or_default();
        case.merged_into = leads.remove(&case.id.uuid()).unwrap_or_default();
    }
    Ok(cases)
}

/// Loads cases within a scope.
pub(crate) async fn by_ids<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    ids: &[CaseId],
) -> Result<Vec<Case>, Failure> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(" FROM case_file c WHERE c.id").bind_list(uuids(ids));
    push_scope(&mut sql, scope, &CASES);
    let cases = sql.all(connection).await?.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    complete(connection, cases).await
}

/// Loads one case within a scope, or says that there is none.
pub(crate) async fn by_id<C: ConnectionTrait>(connection: &C, scope: &Scope, id: CaseId) -> Result<Case, Failure> {
    by_ids(connection, scope, &[id]).await?.pop().ok_or_else(|| Refusal::not_found().into())
}

/// A filter whose personal values are turned into fingerprints already.
pub(crate) struct ResolvedFilter {
    pub plain: CaseFilter,
    /// A report of the case names any of these subjects.
    pub subjects: Option<Vec<SubjectId>>,
}

/// Finds cases within a scope, newest first.
pub(crate) async fn search<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    filter: &ResolvedFilter,
    page: &PageRequest,
) -> Result<Page<Case>, Failure> {
    let ResolvedFilter { plain, subjects } = filter;
    let CaseFilter {
        number,
        statuses,
        fraud_types,
        region,
        participant,
        identifier: _,
        subject,
        report,
        opened_from,
        opened_to,
    } = plain;
    let mut from = Sql::new(" FROM case_file c WHERE 1 = 1");
    push_scope(&mut from, scope, &CASES);
    if let Some(number) = number {
        from.with(" AND c.number = ", number.trim());
    }
    if !statuses.is_empty() {
        from.push(" AND c.status").bind_list(statuses.iter().map(|status| status.name()));
    }
    if !fraud_types.is_empty() {
        from.push(" AND c.fraud_type").bind_list(fraud_types.iter().map(|fraud_type| fraud_type.name()));
    }
    if let Some(region) = region {
        push_region(&mut from, "c.region", *region);
    }
    if let Some(participant) = participant {
        from.push(" AND EXISTS (SELECT 1 FROM case_participant p WHERE p.case_id = c.id");
        from.with(" AND p.organisation = ", participant.uuid()).push(")");
    }
    for subjects in [subjects.as_deref(), subject.as_ref().map(std::slice::from_ref)].into_iter().flatten() {
        from.push(" AND c.id IN (SELECT x.case_id FROM case_report x JOIN finding f ON f.report_id = x.report_id WHERE f.subject");
        from.bind_list(uuids(subjects)).push(")");
    }
    if let Some(report) = report {
        from.with(" AND c.id IN (SELECT x.case_id FROM case_report x WHERE x.report_id = ", report.uuid()).push(")");
    }
    if let Some(moment) = opened_from {
        from.with(" AND c.opened_at >= ", moment.millis());
    }
    if let Some(moment) = opened_to {
        from.with(" AND c.opened_at < ", moment.millis());
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
    sql.push_page("c.opened_at", "c.id", page);
    let cases = sql.all(connection).await?.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let cases = complete(connection, cases).await?;
    Ok(Page::cut(cases, page, total, |case| Cursor { key: case.opened_at.millis(), id: case.id.uuid() }))
}

/// A case that is about to be opened.
pub(crate) struct NewCase {
    pub id: CaseId,
    pub number: String,
    pub title: String,
    pub fraud_type: FraudType,
    pub region: Region,
    pub organisation: OrganisationId,
    pub opened_at: Timestamp,
}

/// Stores a new case.
pub(crate) async fn insert<C: ConnectionTrait>(
    connection: &C,
    _proof: &Grant<act::Create, on::Case>,
    case: NewCase,
) -> Result<(), Failure> {
    let NewCase { id, number, title, fraud_type, region, organisation, opened_at } = case;
    let row = vec![
        id.uuid().into(),
        number.into(),
        title.into(),
        CaseStatus::Intake.name().into(),
        fraud_type.name().into(),
        region_value(region).into(),
        organisation.uuid().into(),
        opened_at.millis().into(),
    ];
    let columns = &["id", "number", "title", "status", "fraud_type", "region", "organisation", "opened_at"];
    bulk::insert_rows(connection, "case_file", columns, [row]).await?;
    Ok(())
}

/// Puts reports in; those that are in already stay.
pub(crate) async fn add_reports<C: ConnectionTrait>(
    connection: &C,
    case: CaseId,
    reports: &[ReportId],
    now: Timestamp,
) -> Result<u64, Failure> {
    let rows: Vec<Vec<Value>> =
        reports.iter().map(|report| vec![case.uuid().into(), report.uuid().into(), now.millis().into()]).collect();
    Ok(bulk::insert_new_rows(connection, "case_report", &["case_id", "report_id", "added_at"], rows).await?)
}

/// Takes reports out.
pub(crate) async fn remove_reports<C: ConnectionTrait>(
    connection: &C,
    case: CaseId,
    reports: &[ReportId],
) -> Result<u64, Failure> {
    let mut sql = Sql::new("DELETE FROM case_report WHERE case_id = ");
    sql.bind(case.uuid()).push(" AND report_id").bind_list(uuids(reports));
    sql.run(connection).await
}

/// Lets organisations take part.
pub(crate) async fn add_participants<C: ConnectionTrait>(
    connection: &C,
    case: CaseId,
    organisations: &[OrganisationId],
) -> Result<u64, Failure> {
    let rows: Vec<Vec<Value>> =
        organisations.iter().map(|organisation| vec![case.uuid().into(), organisation.uuid().into()]).collect();
    Ok(bulk::insert_new_rows(connection, "case_participant", &["case_id", "organisation"], rows).await?)
}

/// Lets organisations take part no more.
pub(crate) async fn remove_participants<C: ConnectionTrait>(
    connection: &C,
    case: CaseId,
    organisations: &[OrganisationId],
) -> Result<u64, Failure> {
    let mut sql = Sql::new("DELETE FROM case_participant WHERE case_id = ");
    sql.bind(case.uuid()).push(" AND organisation").bind_list(uuids(organisations));
    sql.run(connection).await
}

/// What changes in a case beside its version.
#[derive(Clone, Debug, Default)]
pub(crate) struct CaseChange {
    pub status: Option<CaseStatus>,
    pub filing_number: Option<String>,
    pub ended_at: Option<Timestamp>,
    /// Keeps the present state, to go back to it when the merger is undone.
    pub remember_status: bool,
}

/// Writes a change, if nobody else was faster.
pub(crate) async fn apply<C: ConnectionTrait>(
    connection: &C,
    proof: &Grant<act::Modify, on::Case>,
    id: CaseId,
    version: i64,
    change: CaseChange,
) -> Result<(), Failure> {
    let CaseChange { status, filing_number, ended_at, remember_status } = change;
    let mut sql = Sql::new("UPDATE case_file AS c SET version = version + 1");
    if remember_status {
        sql.push(", status_before_merge = c.status");
    }
    if let Some(status) = status {
        sql.with(", status = ", status.name());
    }
    if let Some(filing_number) = filing_number {
        sql.with(", filing_number = ", filing_number);
    }
    if let Some(ended_at) = ended_at {
        sql.with(", ended_at = ", ended_at.millis());
    }
    sql.with(" WHERE c.id = ", id.uuid()).with(" AND c.version = ", version);
    push_scope(&mut sql, proof.scope(), &CASES);
    sql.run_one(connection).await
}

/// Lets cases without a merger that holds go back to where they were, and names them.
pub(crate) async fn restore<C: ConnectionTrait>(
    connection: &C,
    _proof: &Grant<act::Modify, on::Case>,
    members: &[CaseId],
) -> Result<Vec<CaseId>, Failure> {
    let mut sql = Sql::new(
        "UPDATE case_file SET version = version + 1, status = COALESCE(status_before_merge, 'case_intake'), \
         status_before_merge = NULL WHERE status = 'merged' AND NOT EXISTS (SELECT 1 FROM case_merge_link l \
         JOIN case_merge m ON m.id = l.merge_id WHERE m.undone_at IS NULL AND l.member = case_file.id) AND id",
    );
    sql.bind_list(uuids(members)).push(" RETURNING id");
    let rows = sql.all(connection).await?;
    rows.iter().map(|row| Ok(CaseId::from_uuid(row.try_get("", "id")?))).collect()
}

/// What a case's reports count together.
pub(crate) async fn facts<C: ConnectionTrait>(connection: &C, case: CaseId) -> Result<CaseFacts, Failure> {
    let mut sql = Sql::new(
        "SELECT r.region, CAST(SUM(r.loss_cents) AS BIGINT) AS loss FROM case_report x JOIN report r ON r.id = x.report_id \
         WHERE x.case_id = ",
    );
    sql.bind(case.uuid()).push(" GROUP BY r.region");
    let mut facts = CaseFacts::default();
    for row in &sql.all(connection).await? {
        let loss: i64 = row.try_get("", "loss")?;
        let region: i32 = row.try_get("", "region")?;
        facts.loss_cents = facts.loss_cents.saturating_add(loss);
        facts.regions.extend(u32::try_from(region).ok().and_then(|number| Region::from_number(number).ok()));
    }
    // A report without a victim's number counts as a victim of its own.
    let mut sql = Sql::new(
        "SELECT COUNT(DISTINCT r.victim_subject) + COALESCE(SUM(CASE WHEN r.victim_subject IS NULL THEN 1 ELSE 0 END), 0) AS count \
         FROM case_report x JOIN report r ON r.id = x.report_id WHERE r.duplicate_of IS NULL AND x.case_id = ",
    );
    sql.bind(case.uuid());
    facts.victims = sql.count(connection).await?;
    Ok(facts)
}

/// The cases of reports, within a scope: report and case.
pub(crate) async fn of_reports<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    reports: &[ReportId],
) -> Result<Vec<(ReportId, CaseId)>, Failure> {
    let mut sql =
        Sql::new("SELECT x.report_id, c.id FROM case_report x JOIN case_file c ON c.id = x.case_id WHERE x.report_id");
    sql.bind_list(uuids(reports));
    push_scope(&mut sql, scope, &CASES);
    let rows = sql.ordered(" ORDER BY x.report_id, c.id").all(connection).await?;
    rows.iter()
        .map(|row| Ok((ReportId::from_uuid(row.try_get("", "report_id")?), CaseId::from_uuid(row.try_get("", "id")?))))
        .collect()
}

/// Which of these cases lie within a scope.
pub(crate) async fn visible<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    ids: &[CaseId],
) -> Result<Vec<CaseId>, Failure> {
    let mut sql = Sql::new("SELECT c.id FROM case_file c WHERE c.id");
    sql.bind_list(uuids(ids));
    push_scope(&mut sql, scope, &CASES);
    let rows = sql.ordered(" ORDER BY c.id").all(connection).await?;
    rows.iter().map(|row| Ok(CaseId::from_uuid(row.try_get("", "id")?))).collect()
}
