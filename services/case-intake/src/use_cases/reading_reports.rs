//! Reports and findings are read.

use std::collections::BTreeMap;

use cordon_case_intake_contract::{Channel, Finding, PageOfCase, Report, ReportCases, ReportFilter};
use cordon_context::{CallContext, CaseId, Cursor, FindingId, Page, PageRequest, ReportId};
use cordon_policies::{act, on};
use cordon_store::Failure;

use crate::domain::content::place_of;
use crate::domain::text::{LONGEST_LINE, check_count, checked};
use crate::intake::{Intake, aside, source_key};
use crate::store;
use crate::store::report_search::ResolvedFilter;

/// The most things that one batched read may name.
pub(crate) const LARGEST_BATCH: usize = 1_000;

/// Loads reports.
pub(crate) async fn reports_by_ids(
    intake: &Intake,
    ctx: CallContext,
    ids: Vec<ReportId>,
) -> Result<Vec<Report>, Failure> {
    let grant = intake.authorize::<act::Read, on::Report>(&ctx)?;
    check_count("ids", ids.len(), 0, LARGEST_BATCH)?;
    let reports = store::reports::by_ids(intake.database.reader(), grant.scope(), &ids).await?;
    intake.present(intake.database.reader(), grant.scope(), reports).await
}

/// Finds reports.
pub(crate) async fn search_reports(
    intake: &Intake,
    ctx: CallContext,
    filter: ReportFilter,
    page: PageRequest,
) -> Result<Page<Report>, Failure> {
    let grant = intake.authorize::<act::Read, on::Report>(&ctx)?;
    let mut filter = resolve(intake, filter)?;
    // A case that the reader may not see must not show through what it holds.
    if let Some(case) = filter.plain.case {
        let cases = intake.case_scope(&ctx)?;
        if store::cases::visible(intake.database.reader(), cases.scope(), &[case]).await?.is_empty() {
            filter.plain.case = Some(CaseId::from_uuid(uuid::Uuid::nil()));
        }
    }
    let by_value = filter.subjects.is_some() || filter.victims.is_some();
    let searched = if by_value { grant.scope().without_addressed() } else { grant.scope().clone() };
    let now = intake.clock.now();
    let found = store::report_search::search(intake.database.reader(), &searched, &filter, &page, now).await?;
    let Page { edges, has_next, total } = found;
    let (places, reports): (Vec<Cursor>, Vec<_>) = edges.into_iter().unzip();
    let reports = intake.present(intake.database.reader(), grant.scope(), reports).await?;
    Ok(Page { edges: places.into_iter().zip(reports).collect(), has_next, total })
}

/// Lists the same part of the reports of several cases.
pub(crate) async fn reports_of_cases(
    intake: &Intake,
    ctx: CallContext,
    cases: Vec<CaseId>,
    page: PageRequest,
) -> Result<Vec<PageOfCase<Report>>, Failure> {
    let grant = intake.authorize::<act::Read, on::Report>(&ctx)?;
    check_count("cases", cases.len(), 0, LARGEST_BATCH)?;
    // A case that the reader may not see must not show through what it holds.
    let within = intake.case_scope(&ctx)?;
    let reader = intake.database.reader();
    let cases = store::cases::visible(reader, within.scope(), &cases).await?;
    let mut pages = Vec::with_capacity(cases.len());
    let mut all = Vec::new();
    for (case, Page { edges, has_next, total }) in
        store::per_case::reports(reader, grant.scope(), &cases, &page).await?
    {
        let (places, reports): (Vec<Cursor>, Vec<_>) = edges.into_iter().unzip();
        all.extend(reports);
        pages.push((case, places, has_next, total));
    }
    let mut reports = intake.present(reader, grant.scope(), all).await?.into_iter();
    let pages = pages.into_iter().map(|(case, places, has_next, total)| {
        let edges = places.into_iter().zip(reports.by_ref()).collect();
        PageOfCase { case, page: Page { edges, has_next, total } }
    });
    Ok(pages.collect())
}

fn resolve(intake: &Intake, mut filter: ReportFilter) -> Result<ResolvedFilter, Failure> {
    let text = |field: &'static str, value: &mut Option<String>| -> Result<Option<String>, Failure> {
        Ok(value.take().map(|value| checked(field, &value, LONGEST_LINE)).transpose()?)
    };
    let subjects =
        text("identifier", &mut filter.identifier)?.map(|text| intake.subjects_of_text(&text)).transpose()?;
    let victims =
        text("victim_phone", &mut filter.victim_phone)?.map(|text| intake.subjects_of_phone(&text)).transpose()?;
    let source_keys = text("external_id", &mut filter.external_id)?.map(|external_id| {
        let channels = if filter.channels.is_empty() { Channel::ALL } else { filter.channels.as_slice() };
        channels.iter().map(|channel| source_key(channel.name(), &external_id)).collect()
    });
    Ok(ResolvedFilter { plain: filter, subjects, victims, source_keys })
}

/// Loads the findings of reports, in the order of the text.
pub(crate) async fn findings_by_reports(
    intake: &Intake,
    ctx: CallContext,
    reports: Vec<ReportId>,
) -> Result<Vec<Finding>, Failure> {
    let grant = intake.authorize::<act::Read, on::Report>(&ctx)?;
    check_count("reports", reports.len(), 0, LARGEST_BATCH)?;
    let reports = store::reports::by_ids(intake.database.reader(), grant.scope(), &reports).await?;
    let worker = intake.clone();
    aside(move || {
        let mut findings = Vec::new();
        for report in reports {
            let content = worker.open_report(&report)?;
            let found = content.found.iter().enumerate();
            findings.extend(found.map(|(ordinal, found)| found.to_finding(report.id, ordinal, &worker.protected)));
        }
        Ok(findings)
    })
    .await
}

/// Loads findings.
pub(crate) async fn findings_by_ids(
    intake: &Intake,
    ctx: CallContext,
    ids: Vec<FindingId>,
) -> Result<Vec<Finding>, Failure> {
    let grant = intake.authorize::<act::Read, on::Report>(&ctx)?;
    check_count("ids", ids.len(), 0, LARGEST_BATCH)?;
    let mut wanted: BTreeMap<ReportId, Vec<usize>> = BTreeMap::new();
    for (report, ordinal) in ids.into_iter().filter_map(place_of) {
        wanted.entry(report).or_default().push(ordinal);
    }
    let reports: Vec<ReportId> = wanted.keys().copied().collect();
    let mut findings = Vec::new();
    for report in store::reports::by_ids(intake.database.reader(), grant.scope(), &reports).await? {
        let content = intake.open_report(&report)?;
        for ordinal in wanted.remove(&report.id).unwrap_or_default() {
            if let Some(found) = content.found.get(ordinal) {
                findings.push(found.to_finding(report.id, ordinal, &intake.protected));
            }
        }
    }
    Ok(findings)
}

/// Names the cases within reach that took reports in.
pub(crate) async fn cases_of_reports(
    intake: &Intake,
    ctx: CallContext,
    reports: Vec<ReportId>,
) -> Result<Vec<ReportCases>, Failure> {
    let readable = intake.authorize::<act::Read, on::Report>(&ctx)?;
    let cases = intake.case_scope(&ctx)?;
    check_count("reports", reports.len(), 0, LARGEST_BATCH)?;
    let reports = store::reports::visible(intake.database.reader(), readable.scope(), &reports).await?;
    let mut joined: BTreeMap<ReportId, Vec<CaseId>> = reports.iter().map(|report| (*report, Vec::new())).collect();
    for (report, case) in store::cases::of_reports(intake.database.reader(), cases.scope(), &reports).await? {
        joined.entry(report).or_default().push(case);
    }
    Ok(joined.into_iter().map(|(report, cases)| ReportCases { report, cases }).collect())
}
