//! A case is opened from reports.

use cordon_case_intake_contract::{Case, OpenCase, topic};
use cordon_context::{Bilingual, CallContext, CaseId, Refusal, Region, ReportId, Scope};
use cordon_policies::{act, on};
use cordon_store::{AuditRecord, Connection, Failure};
use serde_json::json;

use crate::addressees::{self, participant};
use crate::domain::case;
use crate::domain::numbering::{Series, number, sequence_name};
use crate::domain::text::{LONGEST_LINE, check_count, checked};
use crate::intake::{Intake, case_event};
use crate::store;
use crate::store::cases::NewCase;
use crate::store::history::{self, Step};

/// The most reports with which a case is opened or changed in one call.
pub(crate) const MOST_REPORTS: usize = 500;

/// The most organisations that are named in one call.
pub(crate) const MOST_PARTICIPANTS: usize = 100;

/// Opens a case.
pub(crate) async fn open_case(intake: &Intake, ctx: CallContext, input: OpenCase) -> Result<Case, Failure> {
    let grant = intake.authorize::<act::Create, on::Case>(&ctx)?;
    let readable = intake.authorize::<act::Read, on::Report>(&ctx)?;
    let title = checked("title", &input.title, LONGEST_LINE)?;
    let region = competent(ctx.actor.region, input.region)?;
    check_count("reports", input.reports.len(), 1, MOST_REPORTS)?;
    check_count("participants", input.participants.len(), 0, MOST_PARTICIPANTS)?;
    let named = input.participants.iter().copied().map(participant).collect();
    let known = addressees::check(intake, &ctx, named).await;
    intake
        .database
        .write_once(&ctx, "case_intake.open_case", &input.clone(), move |mut tx| async move {
            let OpenCase { title: _, fraud_type, region: _, reports, participants } = input;
            let organisation = tx.context().actor.organisation;
            let reports = all_visible(tx.connection(), readable.scope(), reports).await?;
            known?;
            let name = sequence_name(Series::Case, region, tx.now());
            let number = number(&name, store::numbers::next(tx.connection(), &name).await?);
            let id = CaseId::new(tx.now());
            let new = NewCase { id, number, title, fraud_type, region, organisation, opened_at: tx.now() };
            store::cases::insert(tx.connection(), &grant, new).await?;
            store::cases::add_reports(tx.connection(), id, &reports, tx.now()).await?;
            let everybody: Vec<_> = participants.into_iter().chain([organisation]).collect();
            store::cases::add_participants(tx.connection(), id, &everybody).await?;
            let case = store::cases::by_id(tx.connection(), &Scope::system("the case just opened"), id).await?;
            let step = Step { object: id.uuid(), step: "open", from: None, to: case.status.name(), note: None };
            history::append(&tx, step).await?;
            let record = json!({ "number": case.number, "reports": reports.len(), "participants": case.participants });
            tx.record(AuditRecord::new("case.open", id.to_string(), record));
            tx.emit(case_event(&case, topic::CASE_OPENED));
            tx.commit(case).await
        })
        .await
}

/// The region of the case: the actor's, or one within it.
fn competent(actors: Region, wanted: Option<Region>) -> Result<Region, Refusal> {
    let region = wanted.unwrap_or(actors);
    if actors.contains(region) {
        return Ok(region);
    }
    Err(Refusal::invalid(
        "region",
        "case.competence",
        Bilingual::new("案件所在地超出本机关管辖区域", "the region lies outside the organ's own"),
    ))
}

/// The reports without repetition, if the caller may see every one of them.
pub(crate) async fn all_visible<C: Connection>(
    connection: &C,
    scope: &Scope,
    mut reports: Vec<ReportId>,
) -> Result<Vec<ReportId>, Failure> {
    reports.sort_unstable();
    reports.dedup();
    let visible = store::reports::visible(connection, scope, &reports).await?;
    if visible.len() == reports.len() { Ok(reports) } else { Err(Refusal::not_found().into()) }
}

/// Refuses what needs a case that goes on.
pub(crate) fn check_open(case: &Case) -> Result<(), Refusal> {
    case::check_open(case.status)
}

/// Refuses what goes out on the strength of a case that has ended since it was written.
pub(crate) async fn check_still_open<C: Connection>(connection: &C, case: CaseId) -> Result<(), Failure> {
    let scope = Scope::system("the case of what is about to go out");
    Ok(check_open(&store::cases::by_id(connection, &scope, case).await?)?)
}
