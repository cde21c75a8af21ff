//! Rows of the working-day calendar, and of who takes part in a case.

use cordon_context::{CaseId, OrganisationId, Refusal, Timestamp};
use cordon_disposal_contract::{CalendarYear, YearState};
use cordon_policies::{Grant, act, on};
use cordon_store::{Failure, Tx};
use sea_orm::{ConnectionTrait, QueryResult};

use super::delivery_query::Query;
use super::fields::{id, json};
use crate::domain::working_days::Calendar;

/// Reads one year; none if it was never set.
pub(crate) async fn year<C: ConnectionTrait>(connection: &C, year: i32) -> Result<Option<CalendarYear>, Failure> {
    let row = Query::new("SELECT year, state, days, version FROM calendar_year WHERE year = ")
        .value(year)
        .one(connection)
        .await?;
    row.as_ref().map(read).transpose()
}

/// All years together, for counting working days.
pub(crate) async fn all<C: ConnectionTrait>(connection: &C) -> Result<Calendar, Failure> {
    let rows = Query::new("SELECT year, state, days, version FROM calendar_year").all(connection).await?;
    let years = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(Calendar::of(years.into_iter().flat_map(|year| year.days)))
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
    let written = if year.version == 0 {
        Query::new("INSERT INTO calendar_year (year, state, days, version) VALUES (")
            .value(year.year)
            .text(", ")
            .value(year.state.name())
            .text(", ")
            .value(json(&year.days)?)
            .text(", 1) ON CONFLICT DO NOTHING")
            .run(tx.connection())
            .await?
    } else {
        Query::new("UPDATE calendar_year SET state = ")
            .value(year.state.name())
            .text(", days = ")
            .value(json(&year.days)?)
            .text(", version = ")
            .value(year.version + 1)
            .text(" WHERE year = ")
            .value(year.year)
            .text(" AND version = ")
            .value(year.version)
            .run(tx.connection())
            .await?
    };
    if written != 1 {
        return Err(Refusal::conflict().into());
    }
    year.version += 1;
    Ok(())
}

/// Notes that the alarm about the year after this one was raised; false if it was raised since `since`.
pub(crate) async fn alarm(tx: &Tx, year: i32, since: Timestamp) -> Result<bool, Failure> {
    let changed = Query::new("UPDATE calendar_year SET alarmed_at = ")
        .value(tx.now().millis())
        .text(" WHERE year = ")
        .value(year)
        .text(" AND (alarmed_at IS NULL OR alarmed_at < ")
        .value(since.millis())
        .text(")")
        .run(tx.connection())
        .await?;
    Ok(changed == 1)
}

/// Replaces who takes part in a case.
pub(crate) async fn set_parties(tx: &Tx, case: CaseId, parties: &[OrganisationId]) -> Result<(), Failure> {
    Query::new("DELETE FROM case_party WHERE case_id = ").value(case.uuid()).run(tx.connection()).await?;
    let rows = parties.iter().map(|party| vec![("case_id", id(case)), ("organisation", id(*party))]).collect();
    super::fields::insert_all(tx.connection(), "case_party", rows).await
}

/// Whether an organisation takes part in a case.
pub(crate) async fn takes_part<C: ConnectionTrait>(
    connection: &C,
    case: CaseId,
    organisation: OrganisationId,
) -> Result<bool, Failure> {
    let row = Query::new("SELECT COUNT(*) AS total FROM case_party WHERE case_id = ")
        .value(case.uuid())
        .text(" AND organisation = ")
        .value(organisation.uuid())
        .one(connection)
        .await?;
    Ok(super::orders::fields_total(row)? > 0)
}
