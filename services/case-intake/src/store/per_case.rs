//! The same part of a list for each of several cases, in one statement.

use std::collections::BTreeMap;

use cordon_context::{CaseId, Cursor, Page, PageRequest, Scope};
use cordon_store::Failure;
use cordon_store::sql::{Reading, Sql};
use sea_orm::{ConnectionTrait, QueryResult};

use super::reach::{CLUE_QUERIES, REPORTS};
use super::{clue_queries, reports};

/// The reports of each case within a scope, newest first.
pub(crate) async fn reports<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    cases: &[CaseId],
    page: &PageRequest,
) -> Result<Vec<(CaseId, Page<reports::StoredReport>)>, Failure> {
    const SOURCE: &str = "report r JOIN case_report cr ON cr.report_id = r.id WHERE cr.case_id IN ";
    let totals = if page.count {
        let sql = Sql::new("SELECT cr.case_id AS of_case, COUNT(*) AS total FROM ").text(SOURCE).ids(cases);
        let sql = sql.text(" AND ").within(scope, &REPORTS).text(" GROUP BY cr.case_id");
        totals(sql, connection, cases).await?
    } else {
        BTreeMap::new()
    };
    let sql = Sql::new("SELECT * FROM (SELECT cr.case_id AS of_case, ROW_NUMBER() OVER (PARTITION BY cr.case_id ")
        .text("ORDER BY r.received_at DESC, r.id DESC) AS place, ")
        .text(reports::COLUMNS)
        .text(" FROM ")
        .text(SOURCE)
        .ids(cases)
        .text(" AND ")
        .within(scope, &REPORTS);
    let sql = match &page.after {
        Some(after) => sql
            .with(" AND (r.received_at < ", after.key)
            .with(" OR (r.received_at = ", after.key)
            .with(" AND r.id < ", after.id)
            .text("))"),
        None => sql,
    };
    let rows = numbered(sql, page).all(connection, |row| Ok((case_of(row, "report")?, reports::read(row)?))).await?;
    let place = |report: &reports::StoredReport| Cursor { key: report.received_at.millis(), id: report.id.uuid() };
    Ok(cut(rows, page, &totals, cases, place))
}

/// The clue queries of each case within a scope, newest first.
pub(crate) async fn clue_queries<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    cases: &[CaseId],
    page: &PageRequest,
) -> Result<Vec<(CaseId, Page<clue_queries::StoredQuery>)>, Failure> {
    const SOURCE: &str = "clue_query q WHERE q.case_id IN ";
    let totals = if page.count {
        let sql = Sql::new("SELECT q.case_id AS of_case, COUNT(*) AS total FROM ").text(SOURCE).ids(cases);
        let sql = sql.text(" AND ").within(scope, &CLUE_QUERIES).text(" GROUP BY q.case_id");
        totals(sql, connection, cases).await?
    } else {
        BTreeMap::new()
    };
    let sql = Sql::new("SELECT * FROM (SELECT q.case_id AS of_case, ROW_NUMBER() OVER (PARTITION BY q.case_id ")
        .text("ORDER BY q.created_at DESC, q.id DESC) AS place, ")
        .text(clue_queries::COLUMNS)
        .text(" FROM ")
        .text(SOURCE)
        .ids(cases)
        .text(" AND ")
        .within(scope, &CLUE_QUERIES);
    let sql = match &page.after {
        Some(after) => sql
            .with(" AND (q.created_at < ", after.key)
            .with(" OR (q.created_at = ", after.key)
            .with(" AND q.id < ", after.id)
            .text("))"),
        None => sql,
    };
    let rows = numbered(sql, page).all(connection, clue_queries::read).await?;
    let rows = clue_queries::complete(connection, rows).await?;
    let place = |query: &clue_queries::StoredQuery| Cursor { key: query.created_at.millis(), id: query.id.uuid() };
    Ok(cut(rows.into_iter().map(|query| (query.case, query)).collect(), page, &totals, cases, place))
}

/// Ends a statement that numbers the rows of each case, with one row more than wanted of each.
fn numbered(sql: Sql, page: &PageRequest) -> Sql {
    sql.with(") AS numbered WHERE place <= ", i64::from(page.limit()) + 1).text(" ORDER BY of_case, place")
}

async fn totals<C: ConnectionTrait>(
    sql: Sql,
    connection: &C,
    cases: &[CaseId],
) -> Result<BTreeMap<CaseId, u64>, Failure> {
    let mut totals: BTreeMap<CaseId, u64> = cases.iter().map(|case| (*case, 0)).collect();
    let counted = sql
        .all(connection, |row| {
            let total: i64 = row.try_get("", "total")?;
            Ok((case_of(row, "case_file")?, u64::try_from(total).unwrap_or(0)))
        })
        .await?;
    totals.extend(counted);
    Ok(totals)
}

fn case_of(row: &QueryResult, table: &'static str) -> Result<CaseId, Failure> {
    Reading::keyed(row, table, "of_case").id("of_case")
}

fn cut<T>(
    rows: Vec<(CaseId, T)>,
    page: &PageRequest,
    totals: &BTreeMap<CaseId, u64>,
    cases: &[CaseId],
    place: impl Fn(&T) -> Cursor + Copy,
) -> Vec<(CaseId, Page<T>)> {
    let mut lists: BTreeMap<CaseId, Vec<T>> = cases.iter().map(|case| (*case, Vec::new())).collect();
    for (case, row) in rows {
        lists.entry(case).or_default().push(row);
    }
    let pages = lists.into_iter().map(|(case, rows)| (case, Page::cut(rows, page, totals.get(&case).copied(), place)));
    pages.collect()
}
