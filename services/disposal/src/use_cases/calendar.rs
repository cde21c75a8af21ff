//! The working-day calendar: read by everybody, edited by whoever runs the platform.

use std::collections::HashSet;

use chrono::Datelike as _;
use cordon_calendar::{KnownYear, known_years};
use cordon_context::{Bilingual, CallContext, Refusal};
use cordon_disposal_contract::{CalendarDay, CalendarYear, DayKind, SetCalendarYear, YearState};
use cordon_policies::{act, on};
use cordon_store::{AuditRecord, Failure};
use serde_json::json;

use crate::service::Disposal;
use crate::store::calendar;

/// Writes the years that the platform starts with, where nobody has set them.
pub(crate) async fn prepare(service: &Disposal) -> Result<(), Failure> {
    for known in known_years() {
        let CalendarYear { year, state, days, .. } = as_set(known);
        if calendar::year(service.parts.database.reader(), year).await?.is_some() {
            continue;
        }
        let ctx = service.system("calendar");
        let grant = service.grant::<act::Modify, on::Calendar>(&ctx)?;
        let written = service
            .parts
            .database
            .write(&ctx, move |mut tx| async move {
                let mut entry = CalendarYear { year, state, days, version: 0 };
                calendar::write(&tx, &grant, &mut entry).await?;
                tx.record(AuditRecord::new(
                    "calendar.prepare",
                    format!("calendar_{year}"),
                    json!({ "days": entry.days.len() }),
                ));
                tx.commit(()).await
            })
            .await;
        match written {
            // Another process was faster.
            Err(Failure::Refused(_)) | Ok(()) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn as_set(known: KnownYear) -> CalendarYear {
    let KnownYear { year, published, days } = known;
    let kind = |working| if working { DayKind::MakeUpWorkday } else { DayKind::Holiday };
    let days =
        days.into_iter().map(|day| CalendarDay { date: day.date, kind: kind(day.working), name: day.name.to_owned() });
    let state = if published { YearState::Published } else { YearState::Provisional };
    CalendarYear { year, state, days: days.collect(), version: 0 }
}

impl Disposal {
    /// Gives the days of a year that differ; version 0 means that nobody has set it.
    pub(crate) async fn calendar_year(&self, ctx: &CallContext, year: i32) -> Result<CalendarYear, Failure> {
        let _grant = self.grant::<act::Read, on::Calendar>(ctx)?;
        let found = calendar::year(self.parts.database.reader(), year).await?;
        Ok(found.unwrap_or(CalendarYear { year, state: YearState::Provisional, days: Vec::new(), version: 0 }))
    }

    /// Replaces the days of a year.
    pub(crate) async fn set_calendar_year(
        &self,
        ctx: &CallContext,
        input: SetCalendarYear,
    ) -> Result<CalendarYear, Failure> {
        let grant = self.grant::<act::Modify, on::Calendar>(ctx)?;
        if !(2_020..=2_100).contains(&input.year) {
            let text = Bilingual::new("年份须在 2020 至 2100 之间", "the year lies between 2020 and 2100");
            return Err(Refusal::invalid("year", "calendar.year", text).into());
        }
        let mut seen = HashSet::new();
        for (place, day) in input.days.iter().enumerate() {
            if day.date.year() != input.year || !seen.insert(day.date) {
                let text = Bilingual::new("日期不属于该年或重复", "the day lies in another year or is named twice");
                return Err(Refusal::invalid(format!("days.{place}"), "calendar.day", text).into());
            }
        }
        let asked = input.clone();
        self.parts
            .database
            .write_once(ctx, "disposal.set_calendar_year", &asked, move |mut tx| async move {
                let SetCalendarYear { year, version, state, mut days } = input;
                days.sort_by_key(|day| day.date);
                let mut entry = CalendarYear { year, state, days, version };
                calendar::write(&tx, &grant, &mut entry).await?;
                let detail = json!({ "state": entry.state, "days": entry.days.len(), "version": entry.version });
                tx.record(AuditRecord::new("calendar.set", format!("calendar_{year}"), detail));
                tx.commit(entry).await
            })
            .await
    }
}
