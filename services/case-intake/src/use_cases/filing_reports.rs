//! A clerk, a form or a program enters one report.

use cordon_case_intake_contract::{BadRowCode, FileReport, Report, topic};
use cordon_context::{CallContext, Refusal, Scope};
use cordon_events::NewEvent;
use cordon_policies::{act, on};
use cordon_store::{AuditRecord, Failure};
use serde_json::json;

use crate::domain::content::new_report_id;
use crate::domain::report::due_at;
use crate::domain::row::{self, Column, NewReport};
use crate::intake::{Intake, aside, source_key};
use crate::store;
use crate::store::history::{self, Step};
use crate::store::reports::PackedReports;

/// Stores a report and what its text names. The same channel and number from the same organisation answer the report that is
/// there already, unchanged.
pub(crate) async fn file_report(intake: &Intake, ctx: CallContext, input: FileReport) -> Result<Report, Failure> {
    let grant = intake.authorize::<act::Create, on::Report>(&ctx)?;
    let report = checked(intake, input.clone())?;
    let days = intake.working_days().await?;
    let organisation = ctx.actor.organisation;
    let key = source_key(report.channel.name(), &report.external_id);
    let (received_at, now) = (report.received_at, intake.clock.now());
    let id = new_report_id(now);
    let worker = intake.clone();
    // Extraction of a long text takes a moment and must hold up neither other calls nor the database.
    let mut prepared = aside(move || worker.prepare(id, organisation, report)).await?;
    prepared.due_at = due_at(prepared.status, now, received_at, &intake.settings.reports, &days);
    let (status, findings) = (prepared.status, prepared.subjects.len());
    let packed = PackedReports::new(intake.database.backend().db_backend(), vec![prepared]);
    let inner = intake.clone();
    intake
        .database
        .write_once(&ctx, "case_intake.file_report", &input, move |mut tx| async move {
            let own = Scope::of(vec![cordon_context::Reach::Organisation(organisation)]);
            let inserted = store::reports::insert(tx.connection(), &grant, packed).await?;
            if inserted.new.contains(&id) {
                let step = Step { object: id.uuid(), step: "file", from: None, to: status.name(), note: None };
                history::append(&tx, step).await?;
                tx.record(AuditRecord::new("report.file", id.to_string(), json!({ "subjects": findings })));
                tx.emit(NewEvent {
                    topic: topic::REPORTS_STORED.to_owned(),
                    subject: id.to_string(),
                    audience: vec![organisation],
                    payload: json!({ "report": id, "count": 1, "findings": findings }),
                });
            }
            let stored = store::reports::by_source(tx.connection(), organisation, key).await?;
            let stored = stored.ok_or_else(Refusal::not_found)?;
            let answer = inner.present(tx.connection(), &own, vec![stored]).await?.pop();
            let answer = answer.ok_or_else(Refusal::not_found)?;
            tx.commit(answer).await
        })
        .await
}

fn checked(intake: &Intake, input: FileReport) -> Result<NewReport, Refusal> {
    let FileReport { channel, external_id, received_at, region, fraud_type, loss_cents, victim_phone, text } = input;
    let now = intake.clock.now();
    let named = |column: Column| {
        move |code: BadRowCode| {
            Refusal::invalid(column.name(), format!("report.{}", code.name().to_lowercase()), code.text())
        }
    };
    for (column, cell) in [(Column::ReportId, external_id.as_str()), (Column::Text, text.as_str())] {
        if cell.chars().any(crate::domain::text::is_control) {
            return Err(named(column)(BadRowCode::ControlCharacter));
        }
    }
    Ok(NewReport {
        channel,
        external_id: row::read_external_id(external_id.trim()).map_err(named(Column::ReportId))?,
        received_at: row::check_time(received_at.unwrap_or(now), now).map_err(named(Column::ReceivedAt))?,
        region,
        fraud_type,
        loss_cents: row::check_amount(loss_cents).map_err(named(Column::LossCents))?,
        victim_phone: row::read_phone(victim_phone.as_deref().unwrap_or_default().trim())
            .map_err(named(Column::VictimPhone))?,
        text: row::read_text(text.trim()).map_err(named(Column::Text))?,
    })
}
