//! Cases are read, with every identifier in them.

use std::collections::BTreeMap;

use cordon_case_intake_contract::{Case, CaseFilter, CaseIdentifier, SubjectValue, SubjectsForDisposal};
use cordon_context::{CallContext, CaseId, Page, PageRequest, Refusal, SubjectId};
use cordon_identifier::Identifier;
use cordon_policies::{act, on};
use cordon_store::{AuditRecord, Failure};
use serde_json::json;

use crate::domain::content::{Opened, identifiers_of};
use crate::domain::text::{LONGEST_LINE, check_count, checked};
use crate::intake::{Intake, KnownSubject};
use crate::store;
use crate::store::cases::ResolvedFilter;
use crate::use_cases::reading_reports::LARGEST_BATCH;

/// Loads cases.
pub(crate) async fn cases_by_ids(intake: &Intake, ctx: CallContext, ids: Vec<CaseId>) -> Result<Vec<Case>, Failure> {
    let grant = intake.case_scope(&ctx)?;
    check_count("ids", ids.len(), 0, LARGEST_BATCH)?;
    let mut cases = store::cases::by_ids(intake.database.reader(), grant.scope(), &ids).await?;
    hide_leads(intake, &ctx, &mut cases).await?;
    Ok(cases)
}

/// Finds cases.
pub(crate) async fn search_cases(
    intake: &Intake,
    ctx: CallContext,
    mut filter: CaseFilter,
    page: PageRequest,
) -> Result<Page<Case>, Failure> {
    let grant = intake.case_scope(&ctx)?;
    let identifier = filter.identifier.take().map(|text| checked("identifier", &text, LONGEST_LINE)).transpose()?;
    let subjects = identifier.map(|text| intake.subjects_of_text(&text)).transpose()?;
    let filter = ResolvedFilter { plain: filter, subjects };
    let Page { edges, has_next, total } =
        store::cases::search(intake.database.reader(), grant.scope(), &filter, &page).await?;
    let (places, mut cases): (Vec<_>, Vec<_>) = edges.into_iter().unzip();
    hide_leads(intake, &ctx, &mut cases).await?;
    Ok(Page { edges: places.into_iter().zip(cases).collect(), has_next, total })
}

/// A lead beyond the reader's reach does not show.
async fn hide_leads(intake: &Intake, ctx: &CallContext, cases: &mut [Case]) -> Result<(), Failure> {
    let named: Vec<CaseId> = cases.iter().flat_map(|case| case.merged_into.iter().copied()).collect();
    if named.is_empty() {
        return Ok(());
    }
    let grant = intake.case_scope(ctx)?;
    let visible = store::cases::visible(intake.database.reader(), grant.scope(), &named).await?;
    for case in cases {
        case.merged_into.retain(|lead| visible.binary_search(lead).is_ok());
    }
    Ok(())
}

/// Lists the distinct identifiers of one case, or says that there is no such case.
pub(crate) async fn case_identifiers(
    intake: &Intake,
    ctx: CallContext,
    case: CaseId,
) -> Result<Vec<CaseIdentifier>, Failure> {
    let grant = intake.case_scope(&ctx)?;
    if store::cases::visible(intake.database.reader(), grant.scope(), &[case]).await?.is_empty() {
        return Err(Refusal::not_found().into());
    }
    list(intake, &[case]).await
}

/// Lists the distinct identifiers of several cases.
pub(crate) async fn identifiers_by_cases(
    intake: &Intake,
    ctx: CallContext,
    cases: Vec<CaseId>,
) -> Result<Vec<CaseIdentifier>, Failure> {
    let grant = intake.case_scope(&ctx)?;
    check_count("cases", cases.len(), 0, 100)?;
    let cases = store::cases::visible(intake.database.reader(), grant.scope(), &cases).await?;
    list(intake, &cases).await
}

async fn list(intake: &Intake, cases: &[CaseId]) -> Result<Vec<CaseIdentifier>, Failure> {
    let reports = store::reports::of_cases(intake.database.reader(), cases).await?;
    let worker = intake.clone();
    // A case may hold thousands of reports, and each is opened.
    let listed = tokio::task::spawn_blocking(move || {
        let mut opened: BTreeMap<CaseId, Vec<Opened>> = BTreeMap::new();
        for (case, report) in reports {
            let content = worker.open_report(&report)?;
            let report = Opened { report: report.id, received_at: report.received_at, content };
            opened.entry(case).or_default().push(report);
        }
        let lists = opened.iter().flat_map(|(case, reports)| identifiers_of(*case, reports, &worker.protected));
        Ok::<_, Failure>(lists.collect())
    });
    listed.await.map_err(|_panic| Failure::Panicked)?
}

/// Gives the values of subjects that a person chose; only from cases whose identifiers the caller may have in the clear, and
/// never without an entry in the ledger. What lies beyond the caller's reach is left out.
pub(crate) async fn subjects_for_disposal(
    intake: &Intake,
    ctx: CallContext,
    input: SubjectsForDisposal,
) -> Result<Vec<SubjectValue>, Failure> {
    let grant = intake.authorize::<act::Reveal, on::Case>(&ctx)?;
    let SubjectsForDisposal { case, subjects } = input;
    check_count("subjects", subjects.len(), 1, 10_000)?;
    let reader = intake.database.reader();
    let named = match case {
        Some(case) => vec![case],
        None => store::reports::cases_of_subjects(reader, &subjects).await?,
    };
    let cases = store::cases::visible(reader, grant.scope(), &named).await?;
    let known = intake.known_subjects(reader, &cases, &subjects).await?;
    let given: Vec<_> = known.iter().map(|known| known.subject).collect();
    let object = cases.first().map_or_else(|| "cas_none".to_owned(), ToString::to_string);
    let record = json!({ "cases": cases, "subjects": given, "purpose": "disposal" });
    intake
        .database
        .write(&ctx, move |mut tx| async move {
            tx.record(AuditRecord::new("case.subjects_for_disposal", object, record));
            tx.commit(()).await
        })
        .await?;
    Ok(values(intake, known))
}

/// Gives the values of subjects so that routing can be asked; they reach no person, so reading the case is enough.
pub(crate) async fn subjects_for_routing(
    intake: &Intake,
    ctx: CallContext,
    subjects: Vec<SubjectId>,
) -> Result<Vec<SubjectValue>, Failure> {
    let grant = intake.case_scope(&ctx)?;
    check_count("subjects", subjects.len(), 0, LARGEST_BATCH)?;
    let reader = intake.database.reader();
    let named = store::reports::cases_of_subjects(reader, &subjects).await?;
    let cases = store::cases::visible(reader, grant.scope(), &named).await?;
    let known = intake.known_subjects(reader, &cases, &subjects).await?;
    Ok(values(intake, known))
}

fn values(intake: &Intake, known: Vec<KnownSubject>) -> Vec<SubjectValue> {
    known
        .into_iter()
        .map(|known| {
            let identifier = Identifier::parse(known.kind, &known.value).ok();
            SubjectValue {
                subject: known.subject,
                kind: known.kind,
                protected: identifier.and_then(|identifier| intake.protected.check(&identifier).cloned()),
                value: known.value,
                masked: known.masked,
                cases: known.cases,
                victims_own: known.victims_own,
            }
        })
        .collect()
}
