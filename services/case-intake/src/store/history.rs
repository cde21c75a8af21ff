//! Histories: what happened to a thing, step by step.

use cordon_case_intake_contract::HistoryEntry;
use cordon_context::{OrganisationId, Timestamp};
use cordon_store::{Failure, Tx};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::sql::Sql;

/// One step to be written down.
pub(crate) struct Step<'a> {
    pub object: Uuid,
    pub step: &'a str,
    pub from: Option<&'a str>,
    pub to: &'a str,
    pub note: Option<&'a str>,
}

/// Writes a step behind the others of its object, with who did it and when.
pub(crate) async fn append(tx: &Tx, step: Step<'_>) -> Result<(), Failure> {
    let Step { object, step, from, to, note } = step;
    let actor = &tx.context().actor;
    let mut sql = Sql::new(
        "INSERT INTO history_entry (object_id, sequence, at, step, from_status, to_status, party, organisation, note) VALUES (",
    );
    sql.bind(object)
        .with(", (SELECT COALESCE(MAX(h.sequence), 0) + 1 FROM history_entry h WHERE h.object_id = ", object);
    sql.with("), ", tx.now().millis()).with(", ", step).with(", ", from.map(str::to_owned)).with(", ", to);
    sql.with(", ", actor.party()).with(", ", actor.organisation.uuid()).with(", ", note.map(str::to_owned)).push(")");
    sql.run(tx.connection()).await?;
    Ok(())
}

/// The history of an object into which the caller has been let.
pub(crate) async fn of<C: ConnectionTrait>(connection: &C, object: Uuid) -> Result<Vec<HistoryEntry>, Failure> {
    let mut sql = Sql::new(
        "SELECT sequence, at, step, from_status, to_status, party, organisation, note FROM history_entry WHERE object_id = ",
    );
    sql.bind(object).push(" ORDER BY sequence");
    let rows = sql.all(connection).await?;
    rows.iter()
        .map(|row| {
            Ok(HistoryEntry {
                sequence: row.try_get("", "sequence")?,
                at: Timestamp::from_millis(row.try_get("", "at")?),
                step: row.try_get("", "step")?,
                from: row.try_get("", "from_status")?,
                to: row.try_get("", "to_status")?,
                party: row.try_get("", "party")?,
                organisation: OrganisationId::from_uuid(row.try_get("", "organisation")?),
                note: row.try_get("", "note")?,
            })
        })
        .collect()
}
