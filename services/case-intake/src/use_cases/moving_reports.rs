//! A report moves one step on.

use cordon_case_intake_contract::{MoveReport, Report, ReportStep, topic};
use cordon_context::{CallContext, Refusal};
use cordon_events::NewEvent;
use cordon_policies::{act, on};
use cordon_store::{AuditRecord, Failure};
use serde_json::json;

use crate::addressees::{self, Named};
use crate::domain::report::{self, Step, due_at};
use crate::domain::text::{LONGEST_NOTE, checked, checked_option};
use crate::intake::{Intake, check_version};
use crate::store;
use crate::store::history;
use crate::store::reports::ReportMove;

/// Moves a report.
pub(crate) async fn move_report(intake: &Intake, ctx: CallContext, input: MoveReport) -> Result<Report, Failure> {
    let grant = intake.authorize::<act::Modify, on::Report>(&ctx)?;
    let mut note = checked_option("note", input.note.as_deref(), LONGEST_NOTE)?;
    if let ReportStep::Close { reason } = &input.step {
        note = Some(checked("reason", reason, LONGEST_NOTE)?);
    }
    let mut named = Vec::new();
    if let ReportStep::Dispatch { handler: organisation } = &input.step {
        // Reports are handled by organs, hotlines and enterprises alike.
        named.push(Named { field: "handler", rule: "report.handler", organisation: *organisation, fits: |_kind| true });
    }
    let known = addressees::check(intake, &ctx, named).await;
    let days = intake.working_days().await?;
    let inner = intake.clone();
    intake
        .database
        .write_once(&ctx, "case_intake.move_report", &input.clone(), move |mut tx| async move {
            let MoveReport { report: id, version, step, note: _ } = input;
            let before = store::reports::by_ids(tx.connection(), grant.scope(), &[id]).await?.pop();
            let before = before.ok_or_else(Refusal::not_found)?;
            check_version(version, before.version)?;
            let name = Step::of(&step);
            let status = report::next(before.status, name)?;
            known?;
            let mut change = ReportMove {
                id,
                version,
                status,
                due_at: due_at(status, tx.now(), before.received_at, &inner.settings.reports, &days),
                handler: before.handler,
                duplicate_of: before.duplicate_of,
            };
            match step {
                ReportStep::Deduplicate { duplicate_of: Some(earlier) } => {
                    let seen = store::reports::by_ids(tx.connection(), grant.scope(), &[earlier]).await?.pop();
                    let seen = seen.ok_or_else(Refusal::not_found)?;
                    report::check_duplicate(seen.id == id, seen.id < id)?;
                    change.duplicate_of = Some(earlier);
                }
                ReportStep::Dispatch { handler } => change.handler = Some(handler),
                ReportStep::Deduplicate { duplicate_of: None }
                | ReportStep::Verify
                | ReportStep::Handle
                | ReportStep::TraceBack
                | ReportStep::Reply
                | ReportStep::Close { .. } => {}
            }
            let handler = change.handler;
            store::reports::apply(tx.connection(), &grant, change).await?;
            let step = history::Step {
                object: id.uuid(),
                step: name.name(),
                from: Some(before.status.name()),
                to: status.name(),
                note: note.as_deref(),
            };
            history::append(&tx, step).await?;
            let record = json!({ "from": before.status, "to": status, "handler": handler });
            tx.record(
                AuditRecord::new(format!("report.{}", name.name()), id.to_string(), record)
                    .of_organisation(before.organisation),
            );
            tx.emit(NewEvent {
                topic: topic::REPORT_MOVED.to_owned(),
                subject: id.to_string(),
                audience: [Some(before.organisation), handler].into_iter().flatten().collect(),
                payload: json!({ "report": id, "status": status }),
            });
            let after = store::reports::by_ids(tx.connection(), grant.scope(), &[id]).await?;
            let after =
                inner.present(tx.connection(), grant.scope(), after).await?.pop().ok_or_else(Refusal::not_found)?;
            tx.commit(after).await
        })
        .await
}
