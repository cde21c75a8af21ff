//! Searching reports.

use cordon_case_intake_contract::ReportFilter;
use cordon_context::{Cursor, Id, Page, PageRequest, Scope, SubjectId, Timestamp};
use cordon_store::Failure;
use cordon_store::sql::{COUNT, Direction, Sql};
use sea_orm::ConnectionTrait;

use super::reach::REPORTS;
use super::reports::{COLUMNS, StoredReport, read};

/// A filter whose personal values are turned into fingerprints already.
pub(crate) struct ResolvedFilter {
    pub plain: ReportFilter,
    /// Any of these subjects stands in the text; empty if nothing in the filter reads as an identifier.
    pub subjects: Option<Vec<SubjectId>>,
    /// The victim's number is one of these subjects.
    pub victims: Option<Vec<SubjectId>>,
    /// The report has one of these source keys.
    pub source_keys: Option<Vec<[u8; 16]>>,
}

fn select(columns: &'static str, scope: &Scope, filter: &ResolvedFilter, now: Timestamp) -> Sql {
    let ResolvedFilter { plain, subjects, victims, source_keys } = filter;
    let ReportFilter {
        identifier: _,
        channels,
        region,
        fraud_types,
        statuses,
        received_from,
        received_to,
        case,
        external_id: _,
        victim_phone: _,
        import,
        overdue,
    } = plain;
    let mut sql = Sql::select(columns, "report r").within(scope, &REPORTS);
    if let Some(subjects) = subjects {
        sql = sql.text(" AND r.id IN (SELECT f.report_id FROM finding f WHERE f.subject IN ").ids(subjects).text(")");
    }
    if let Some(victims) = victims {
        sql = sql.text(" AND r.id IN (SELECT v.report_id FROM victim v WHERE v.subject IN ").ids(victims).text(")");
    }
    if let Some(keys) = source_keys {
        sql = sql.text(" AND r.source_key IN ").list(keys.iter().map(|key| key.to_vec()));
    }
    sql = sql
        .with_any(" AND r.channel IN ", channels.iter().map(|channel| channel.name()))
        .with_any(" AND r.fraud_type IN ", fraud_types.iter().map(|fraud_type| fraud_type.name()))
        .with_any(" AND r.status IN ", statuses.iter().map(|status| status.name()))
        .with_some(" AND r.received_at >= ", received_from.map(Timestamp::millis))
        .with_some(" AND r.received_at < ", received_to.map(Timestamp::millis))
        .with_some(" AND r.import_id = ", import.map(Id::uuid));
    if let Some(region) = region {
        sql = sql.text(" AND ").in_region("r.region", *region);
    }
    if let Some(case) = case {
        sql = sql
            .with(" AND r.id IN (SELECT cr.report_id FROM case_report cr WHERE cr.case_id = ", case.uuid())
            .text(")");
    }
    match overdue {
        Some(true) => sql.with(" AND r.due_at < ", now.millis()),
        Some(false) => sql.with(" AND (r.due_at IS NULL OR r.due_at >= ", now.millis()).text(")"),
        None => sql,
    }
}

/// Finds reports within a scope, newest first.
pub(crate) async fn search<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    filter: &ResolvedFilter,
    page: &PageRequest,
    now: Timestamp,
) -> Result<Page<StoredReport>, Failure> {
    let total = select(COUNT, scope, filter, now).total(connection, page).await?;
    let found = select(COLUMNS, scope, filter, now).page("r.received_at", "r.id", Direction::Descending, page);
    let rows = found.all(connection, read).await?;
    Ok(Page::cut(rows, page, total, |report| Cursor { key: report.received_at.millis(), id: report.id.uuid() }))
}
