//! An alarm while the calendar of the next year is not there late in the year: deadlines in working days would be wrong.

use chrono::Datelike as _;
use cordon_context::Actor;
use cordon_disposal_contract::{YearState, events};
use cordon_events::NewEvent;
use cordon_store::{AuditRecord, Failure};
use serde_json::json;

use crate::service::Disposal;
use crate::store::calendar;

/// How often the alarm is repeated.
const AGAIN: std::time::Duration = std::time::Duration::from_hours(24);

/// Raises the alarm at most once a day.
pub(crate) async fn run(service: &Disposal) -> Result<usize, Failure> {
    let now = service.now();
    let today = now.china_date();
    if today.month() < service.parts.settings.calendar_alarm_month {
        return Ok(0);
    }
    let next = today.year() + 1;
    let found = calendar::year(service.parts.database.reader(), next).await?;
    if found.is_some_and(|year| year.state == YearState::Published) {
        return Ok(0);
    }
    let ctx = service.system("calendar");
    let raised = service
        .parts
        .database
        .write(&ctx, move |mut tx| async move {
            let raised = calendar::alarm(&tx, today.year(), now.minus(AGAIN)).await?;
            if raised {
                tx.record(AuditRecord::new("calendar.missing", format!("calendar_{next}"), json!({ "year": next })));
                tx.emit(NewEvent {
                    topic: events::CALENDAR_MISSING.to_owned(),
                    subject: format!("calendar_{next}"),
                    audience: vec![Actor::platform_organisation()],
                    payload: json!({ "year": next }),
                });
            }
            tx.commit(raised).await
        })
        .await?;
    if raised {
        tracing::error!(calendar.year = next, "the working days of the next year are not published in the calendar");
    }
    Ok(usize::from(raised))
}
