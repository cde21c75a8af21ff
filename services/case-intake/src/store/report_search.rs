//! Searching reports.

use cordon_case_intake_contract::ReportFilter;
use cordon_context::{Cursor, Page, PageRequest, Scope, SubjectId, Timestamp};
use cordon_store::Failure;
use sea_orm::ConnectionTrait;

use super::reach::{REPORTS, push_region, push_scope};
use super::reports::{COLUMNS, StoredReport, read};
use super::sql::{Sql, uuids};

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

fn conditions(scope: &Scope, filter: &ResolvedFilter, now: Timestamp) -> Sql {
    let mut sql = Sql::new(" FROM report r WHERE 1 = 1");
    push_scope(&mut sql, scope, &REPORTS);
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
    if let Some(subjects) = subjects {
        sql.push(" AND r.id IN (SELECT f.report_id FROM finding f WHERE f.subject")
            .bind_list(uuids(subjects))
            .push(")");
    }
    if let Some(victims) = victims {
        sql.push(" AND r.victim_subject").bind_list(uuids(victims));
    }
    if let Some(keys) = source_keys {
        sql.push(" AND r.source_key").bind_list(keys.iter().map(|key| key.to_vec()));
    }
    if !channels.is_empty() {
        sql.push(" AND r.channel").bind_list(channels.iter().map(|channel| channel.name()));
    }
    if !fraud_types.is_empty() {
        sql.push(" AND r.fraud_type").bind_list(fraud_types.iter().map(|fraud_type| fraud_type.name()));
    }
    if !statuses.is_empty() {
        sql.push(" AND r.status").bind_list(statuses.iter().map(|status| status.name()));
    }
    if let Some(region) = region {
        push_region(&mut sql, "r.region", *region);
    }
    if let Some(from) = received_from {
        sql.with(" AND r.received_at >= ", from.millis());
    }
    if let Some(to) = received_to {
        sql.with(" AND r.received_at < ", to.millis());
    }
    if let Some(case) = case {
        sql.with(" AND r.id IN (SELECT cr.report_id FROM case_report cr WHERE cr.case_id = ", case.uuid()).push(")");
    }
    if let Some(import) = import {
        sql.with(" AND r.import_id = ", import.uuid());
    }
    match overdue {
        Some(true) => {
            sql.with(" AND r.due_at < ", now.millis());
        }
        Some(false) => {
            sql.with(" AND (r.due_at IS NULL OR r.due_at >= ", now.millis()).push(")");
        }
        None => {}
    }
    sql
}

/// Finds reports within a scope, newest first.
pub(crate) async fn search<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    filter: &ResolvedFilter,
    page: &PageRequest,
    now: Timestamp,
) -> Result<Page<StoredReport>, Failure> {
    let from = conditions(scope, filter, now);
    let total = if page.count {
        let mut sql = Sql::new("SELECT COUNT(*) AS count");
        sql.append(from.clone());
        Some(sql.count(connection).await?)
    } else {
        None
    };
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).append(from);
    sql.push_page("r.received_at", "r.id", page);
    let rows = sql.all(connection).await?;
    let rows = rows.iter().map(read).collect::<Result<Vec<_>, Failure>>()?;
    Ok(Page::cut(rows, page, total, |report| Cursor { key: report.received_at.millis(), id: report.id.uuid() }))
}
