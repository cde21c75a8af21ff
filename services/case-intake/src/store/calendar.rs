//! The working-day table.

use cordon_case_intake_contract::{CalendarDay, SetCalendarDay};
use cordon_policies::{Grant, act, on};
use cordon_store::sql::Sql;
use cordon_store::{CorruptRow, Failure};
use sea_orm::ConnectionTrait;

/// The days of a year, or all of them, in order.
pub(crate) async fn days<C: ConnectionTrait>(connection: &C, year: Option<i32>) -> Result<Vec<CalendarDay>, Failure> {
    let sql = Sql::select("day, working, name", "calendar_day")
        .text("1 = 1")
        .with_some(" AND day >= ", year.map(|year| format!("{year:04}-01-01")))
        .with_some(" AND day <= ", year.map(|year| format!("{year:04}-12-31")));
    sql.text(" ORDER BY day")
        .all(connection, |row| {
            let day: String = row.try_get("", "day")?;
            Ok(CalendarDay {
                date: day.parse().map_err(|_source| CorruptRow::new("calendar_day", "day", day.as_str()))?,
                working: row.try_get("", "working")?,
                name: row.try_get("", "name")?,
            })
        })
        .await
}

/// Enters a day or takes it out.
pub(crate) async fn set<C: ConnectionTrait>(
    connection: &C,
    _proof: &Grant<act::Modify, on::Calendar>,
    day: &SetCalendarDay,
) -> Result<(), Failure> {
    let SetCalendarDay { date, working, name } = day;
    let text = date.format("%Y-%m-%d").to_string();
    let sql = match working {
        None => Sql::new("DELETE FROM calendar_day WHERE day = ").bind(text),
        Some(working) => Sql::new("INSERT INTO calendar_day (day, working, name) VALUES (")
            .bind(text)
            .with(", ", *working)
            .with(", ", name.as_str())
            .text(") ON CONFLICT (day) DO UPDATE SET working = excluded.working, name = excluded.name"),
    };
    sql.run(connection).await?;
    Ok(())
}
