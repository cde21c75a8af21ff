//! The working-day table.

use cordon_case_intake_contract::{CalendarDay, SetCalendarDay};
use cordon_policies::{Grant, act, on};
use cordon_store::{CorruptRow, Failure};
use sea_orm::ConnectionTrait;

use super::sql::Sql;

/// The days of a year, or all of them, in order.
pub(crate) async fn days<C: ConnectionTrait>(connection: &C, year: Option<i32>) -> Result<Vec<CalendarDay>, Failure> {
    let mut sql = Sql::new("SELECT day, working, name FROM calendar_day WHERE 1 = 1");
    if let Some(year) = year {
        sql.with(" AND day >= ", format!("{year:04}-01-01")).with(" AND day <= ", format!("{year:04}-12-31"));
    }
    let rows = sql.ordered(" ORDER BY day").all(connection).await?;
    rows.iter()
        .map(|row| {
            let day: String = row.try_get("", "day")?;
            Ok(CalendarDay {
                date: day.parse().map_err(|_source| CorruptRow::new("calendar_day", "day", day.as_str()))?,
                working: row.try_get("", "working")?,
                name: row.try_get("", "name")?,
            })
        })
        .collect()
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
        None => {
            let mut sql = Sql::new("DELETE FROM calendar_day");
            sql.with(" WHERE day = ", text);
            sql
        }
        Some(working) => {
            let mut sql = Sql::new("INSERT INTO calendar_day (day, working, name) VALUES (");
            sql.bind(text).with(", ", *working).with(", ", name.as_str());
            sql.push(") ON CONFLICT (day) DO UPDATE SET working = excluded.working, name = excluded.name");
            sql
        }
    };
    sql.run(connection).await?;
    Ok(())
}
