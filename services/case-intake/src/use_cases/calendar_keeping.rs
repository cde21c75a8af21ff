//! The working-day table is read and edited.

use chrono::Datelike as _;
use cordon_case_intake_contract::{CalendarDay, SetCalendarDay};
use cordon_context::CallContext;
use cordon_policies::{act, on};
use cordon_store::{AuditRecord, Failure};
use serde_json::json;

use crate::domain::text::checked;
use crate::intake::Intake;
use crate::store;

/// Lists the days of a year that differ from the plain week, those of the settings included; the table goes before them.
pub(crate) async fn calendar_days(intake: &Intake, ctx: CallContext, year: i32) -> Result<Vec<CalendarDay>, Failure> {
    intake.authorize::<act::Read, on::Calendar>(&ctx)?;
    list(intake, year).await
}

async fn list(intake: &Intake, year: i32) -> Result<Vec<CalendarDay>, Failure> {
    let mut days = store::calendar::days(intake.database.reader(), Some(year)).await?;
    let calendar = &intake.settings.calendar;
    let fixed = calendar.rest.iter().map(|day| (*day, false)).chain(calendar.work.iter().map(|day| (*day, true)));
    for (date, working) in fixed.filter(|(date, _)| date.year() == year) {
        if !days.iter().any(|day| day.date == date) {
            let name = if working { "调休上班" } else { "放假" };
            days.push(CalendarDay { date, working, name: name.to_owned() });
        }
    }
    days.sort_by_key(|day| day.date);
    Ok(days)
}

/// Enters a day or takes it out, and answers the year.
pub(crate) async fn set_calendar_day(
    intake: &Intake,
    ctx: CallContext,
    mut input: SetCalendarDay,
) -> Result<Vec<CalendarDay>, Failure> {
    let grant = intake.authorize::<act::Modify, on::Calendar>(&ctx)?;
    if input.working.is_some() {
        input.name = checked("name", &input.name, 64)?;
    }
    let year = input.date.year();
    intake
        .database
        .write_once(&ctx, "case_intake.set_calendar_day", &input.clone(), move |mut tx| async move {
            store::calendar::set(tx.connection(), &grant, &input).await?;
            let record = json!({ "working": input.working, "name": input.name });
            tx.record(AuditRecord::new("calendar.set", format!("day_{}", input.date), record));
            tx.commit(()).await
        })
        .await?;
    list(intake, year).await
}
