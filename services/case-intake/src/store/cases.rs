//! Rows of cases, with their reports and participants.

use std::collections::BTreeMap;

use cordon_case_intake_contract::{Case, CaseFilter, CaseStatus, FraudType};
use cordon_context::{
    CaseId, Cursor, OrganisationId, Page, PageRequest, Refusal, Region, ReportId, Scope, SubjectId, Timestamp,
};
use cordon_policies::{Grant, act, on};
use cordon_store::sql::{COUNT, Direction, Reading, Sql, region_value};
use cordon_store::{Failure, bulk};
use sea_orm::{ConnectionTrait, QueryResult, Value};

use super::reach::CASES;
use crate::domain::bulletin::CaseFacts;

const COLUMNS: &str = "c.id, c.number, c.title, c.status, c.status_before_merge, c.fraud_type, c.region, c.organisation, \
     c.filing_number, c.opened_at, c.ended_at, c.version, \
     (SELECT COUNT(*) FROM case_report x WHERE x.case_id = c.id) AS report_count, \
     (SELECT CAST(COALESCE(SUM(y.loss_cents), 0) AS BIGINT) FROM case_report x JOIN report y ON y.id = x.report_id \
     WHERE x.case_id = c.id) AS loss_cents";

const REPORTS: &str = "case_report x JOIN report r ON r.id = x.report_id";
const VICTIMS: &str = "COUNT(DISTINCT r.victim_subject) \
     + COALESCE(SUM(CASE WHEN r.victim_subject IS NULL AND r.duplicate_of IS NULL THEN 1 ELSE 0 END), 0)";

fn read(row: &QueryResult) -> Result<Case, Failure> {
    let reading = Reading::of(row, "case_file");
    let count: i64 = reading.get("report_count")?;
    Ok(Case {
        id: reading.id("id")?,
        number: reading.get("number")?,
        title: reading.get("title")?,
        status: reading.word("status", CaseStatus::from_name)?,
        fraud_type: reading.word("fraud_type", FraudType::from_name)?,
        region: reading.region("region")?,
        organisation: reading.id("organisation")?,
        participants: Vec::new(),
        filing_number: reading.get("filing_number")?,
        report_count: u64::try_from(count).unwrap_or(0),
        loss_cents: reading.get("loss_cents")?,
        merged_into: Vec::new(),
        opened_at: reading.time("opened_at")?,
        ended_at: reading.time_if("ended_at")?,
        version: reading.get("version")?,
    })
}

/// Adds what lies in other tables to cases that were read.
async fn complete<C: ConnectionTrait>(connection: &C, mut cases: Vec<Case>) -> Result<Vec<Case>, Failure> {
    if cases.is_empty() {
        return Ok(cases);
    }
    let ids: Vec<CaseId> = cases.iter().map(|case| case.id).collect();
    let pairs = Sql::select("case_id, organisation", "case_participant").text("case_id IN ").ids(&ids);
    let mut participants: BTreeMap<CaseId, Vec<OrganisationId>> = BTreeMap::new();
    for (case, organisation) in pairs.text(" ORDER BY case_id, organisation").all_pairs(connection).await? {
        participants.entry(case).or_default().push(organisation);
    }
    let pairs = Sql::select("DISTINCT l.member, l.lead", "case_merge_link l JOIN case_merge m ON m.id = l.merge_id")
        .text("m.undone_at IS NULL AND l.member IN ")
        .ids(&ids);
    let mut leads: BTreeMap<CaseId, Vec<CaseId>> = BTreeMap::new();
    for (member, lead) in pairs.text(" ORDER BY l.member, l.lead").all_pairs(connection).await? {
        leads.entry(member).or_default().push(lead);
    }
    for case in &mut cases {
        case.participants = participants.remove(&case.id).unwrap_or_default();
        case.merged_into = leads.remove(&case.id).unwrap_or_default();
    }
    Ok(cases)
}

/// Loads cases within a scope.
pub(crate) async fn by_ids<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    ids: &[CaseId],
) -> Result<Vec<Case>, Failure> {
    let sql = Sql::select(COLUMNS, "case_file c").by_ids("c.id", ids, scope, &CASES);
    let cases = sql.all(connection, read).await?;
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
    let found = |columns| {
        let mut sql = Sql::select(columns, "case_file c")
            .within(scope, &CASES)
            .with_some(" AND c.number = ", number.as_deref().map(str::trim))
            .with_any(" AND c.status IN ", statuses.iter().map(|status| status.name()))
            .with_any(" AND c.fraud_type IN ", fraud_types.iter().map(|fraud_type| fraud_type.name()))
            .with_some(" AND c.opened_at >= ", opened_from.map(Timestamp::millis))
            .with_some(" AND c.opened_at < ", opened_to.map(Timestamp::millis));
        if let Some(region) = region {
            sql = sql.text(" AND ").in_region("c.region", *region);
        }
        if let Some(participant) = participant {
            sql = sql
                .text(" AND EXISTS (SELECT 1 FROM case_participant p WHERE p.case_id = c.id")
                .with(" AND p.organisation = ", participant.uuid())
                .text(")");
        }
        for subjects in [subjects.as_deref(), subject.as_ref().map(std::slice::from_ref)].into_iter().flatten() {
            sql = sql
                .text(" AND c.id IN (SELECT x.case_id FROM case_report x JOIN finding f ON f.report_id = x.report_id")
                .text(" WHERE f.subject IN ")
                .ids(subjects)
                .text(")");
        }
        if let Some(report) = report {
            sql = sql
                .with(" AND c.id IN (SELECT x.case_id FROM case_report x WHERE x.report_id = ", report.uuid())
                .text(")");
        }
        sql
    };
    let total = found(COUNT).total(connection, page).await?;
    let cases = found(COLUMNS).page("c.opened_at", "c.id", Direction::Descending, page).all(connection, read).await?;
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
    let sql = Sql::new("DELETE FROM case_report WHERE case_id = ").bind(case.uuid());
    sql.text(" AND report_id IN ").ids(reports).run(connection).await
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
    let sql = Sql::new("DELETE FROM case_participant WHERE case_id = ").bind(case.uuid());
    sql.text(" AND organisation IN ").ids(organisations).run(connection).await
}

/// What changes in a case beside its version.
#[derive(Clone, Debug, Default)]
pub(crate) struct CaseChange {
    pub status: Option<CaseStatus>,
    pub filing_number: Option<String>,
    pub ended_at: Option<Timestamp>,
    /// Takes the end back, because the case goes on.
    pub goes_on: bool,
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
    let CaseChange { status, filing_number, ended_at, goes_on, remember_status } = change;
    Sql::new("UPDATE case_file AS c SET version = version + 1")
        .text(if remember_status { ", status_before_merge = c.status" } else { "" })
        .text(if goes_on { ", ended_at = NULL" } else { "" })
        .with_some(", status = ", status.map(CaseStatus::name))
        .with_some(", filing_number = ", filing_number)
        .with_some(", ended_at = ", ended_at.map(Timestamp::millis))
        .text(" WHERE ")
        .by_ids("c.id", &[id], proof.scope(), &CASES)
        .with(" AND c.version = ", version)
        .run_one(connection)
        .await
}

/// Lets cases without a merger that holds go back to where they were, and names them.
pub(crate) async fn restore<C: ConnectionTrait>(
    connection: &C,
    _proof: &Grant<act::Modify, on::Case>,
    members: &[CaseId],
) -> Result<Vec<CaseId>, Failure> {
    let sql = Sql::new(
        "UPDATE case_file SET version = version + 1, status = COALESCE(status_before_merge, 'case_intake'), \
         status_before_merge = NULL WHERE status = 'merged' AND NOT EXISTS (SELECT 1 FROM case_merge_link l \
         JOIN case_merge m ON m.id = l.merge_id WHERE m.undone_at IS NULL AND l.member = case_file.id) AND id IN ",
    );
    sql.ids(members).text(" RETURNING id").all_ids(connection).await
}

/// What a case's reports count together.
pub(crate) async fn facts<C: ConnectionTrait>(connection: &C, case: CaseId) -> Result<CaseFacts, Failure> {
    let mut facts = CaseFacts::default();
    let losses = Sql::select("r.region, CAST(SUM(r.loss_cents) AS BIGINT) AS loss", REPORTS)
        .with("x.case_id = ", case.uuid())
        .text(" GROUP BY r.region")
        .all(connection, |row| Ok((row.try_get::<i32>("", "region")?, row.try_get::<i64>("", "loss")?)))
        .await?;
    for (region, loss) in losses {
        facts.loss_cents = facts.loss_cents.saturating_add(loss);
        facts.regions.extend(u32::try_from(region).ok().and_then(|number| Region::from_number(number).ok()));
    }
    // One script reaches many victims, so that a repeated text says nothing about a report that names its victim; a report
    // without a victim's number counts as a victim of its own unless it repeats another one.
    let victims = Sql::select(VICTIMS, REPORTS).with("x.case_id = ", case.uuid());
    facts.victims = victims.count(connection).await?;
    Ok(facts)
}

/// The cases of reports, within a scope: report and case.
pub(crate) async fn of_reports<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    reports: &[ReportId],
) -> Result<Vec<(ReportId, CaseId)>, Failure> {
    Sql::select("x.report_id, c.id", "case_report x JOIN case_file c ON c.id = x.case_id")
        .by_ids("x.report_id", reports, scope, &CASES)
        .text(" ORDER BY x.report_id, c.id")
        .all_pairs(connection)
        .await
}

/// Which of these cases lie within a scope.
pub(crate) async fn visible<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    ids: &[CaseId],
) -> Result<Vec<CaseId>, Failure> {
    Sql::select("c.id", "case_file c")
        .by_ids("c.id", ids, scope, &CASES)
        .text(" ORDER BY c.id")
        .all_ids(connection)
        .await
}
