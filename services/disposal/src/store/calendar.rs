//! Rows of the working-day calendar, and of who takes part in a case.

use cordon_calendar::WorkingDays;
use cordon_context::{CaseId, OrganisationId, Timestamp};
use cordon_disposal_contract::{CalendarYear, DayKind, YearState};
use cordon_policies::{Grant, act, on};
use cordon_store::sql::{COUNT, Sql};
use cordon_store::{Failure, Tx};
use sea_orm::{ConnectionTrait, QueryResult};

use super::fields::{id, json};

const COLUMNS: &str = "year, state, days, version";

/// Reads one year; none if it was never set.
pub(crate) async fn year<C: ConnectionTrait>(connection: &C, year: i32) -> Result<Option<CalendarYear>, Failure> {
    Sql::select(COLUMNS, "calendar_year").with("year = ", year).one(connection, read).await
}

/// All years together, for counting working days.
pub(crate) async fn all<C: ConnectionTrait>(connection: &C) -> Result<WorkingDays, Failure> {
    let years = Sql::select(COLUMNS, "calendar_year").text("1 = 1").all(connection, read).await?;
    let days = years.into_iter().flat_map(|year| year.days);
    Ok(WorkingDays::with_exceptions(days.map(|day| (day.date, day.kind == DayKind::MakeUpWorkday))))
}

fn read(row: &QueryResult) -> Result<CalendarYear, Failure> {
    let year: i32 = row.try_get("", "year")?;
    let unreadable = |column| cordon_store::CorruptRow::new("calendar_year", column, year.to_string());
    let state: String = row.try_get("", "state")?;
    let days: String = row.try_get("", "days")?;
    Ok(CalendarYear {
        year,
        state: YearState::from_name(&state).ok_or_else(|| unreadable("state"))?,
        days: serde_json::from_str(&days).map_err(|_source| unreadable("days"))?,
        version: row.try_get("", "version")?,
    })
}

/// Writes a year that was read at `year.version`; it gets the next version.
pub(crate) async fn write(
    tx: &Tx,
    _grant: &Grant<act::Modify, on::Calendar>,
    year: &mut CalendarYear,
) -> Result<(), Failure> {
    let write = if year.version == 0 {
        Sql::new("INSERT INTO calendar_year (year, state, days, version) VALUES ")
            .list([year.year.into(), year.state.name().into(), json(&year.days)?, 1_i64.into()])
            .text(" ON CONFLICT DO NOTHING")
    } else {
        Sql::new("UPDATE calendar_year SET state = ")
            .bind(year.state.name())
            .with(", days = ", json(&year.days)?)
            .with(", version = ", year.version + 1)
            .with(" WHERE year = ", year.year)
            .with(" AND version = ", year.version)
    };
    write.run_one(tx.connection()).await?;
    year.version += 1;
    Ok(())
}

/// Notes that the alarm about the year after this one was raised; false if it was raised since `since`.
pub(crate) async fn alarm(tx: &Tx, year: i32, since: Timestamp) -> Result<bool, Failure> {
    let changed = Sql::new("UPDATE calendar_year SET alarmed_at = ")
        .bind(tx.now().millis())
        .with(" WHERE year = ", year)
        .with(" AND (alarmed_at IS NULL OR alarmed_at < ", since.millis())
        .text(")")
        .run(tx.connection())
        .await?;
    Ok(changed == 1)
}

/// Replaces who takes part in a case.
pub(crate) async fn set_parties(tx: &Tx, case: CaseId, parties: &[OrganisationId]) -> Result<(), Failure> {
    Sql::new("DELETE FROM case_party WHERE case_id = ").bind(case.uuid()).run(tx.connection()).await?;
    let rows = parties.iter().map(|party| vec![("case_id", id(case)), ("organisation", id(*party))]).collect();
    super::fields::insert_all(tx.connection(), "case_party", rows).await
}

/// Whether an organisation takes part in a case.
pub(crate) async fn takes_part<C: ConnectionTrait>(
    connection: &C,
    case: CaseId,
    organisation: OrganisationId,
) -> Result<bool, Failure> {
    let parts = Sql::select(COUNT, "case_party")
        .with("case_id = ", case.uuid())
        .with(" AND organisation = ", organisation.uuid());
    Ok(parts.count(connection).await? > 0)
}
