//! Histories: what happened to a thing, step by step.

use cordon_case_intake_contract::HistoryEntry;
use cordon_store::sql::{Reading, Sql};
use cordon_store::{Failure, Tx};
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

const COLUMNS: &str = "object_id, sequence, at, step, from_status, to_status, party, organisation, note";

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
    Sql::new(
        "INSERT INTO history_entry (object_id, sequence, at, step, from_status, to_status, party, organisation, note) VALUES (",
    )
    .bind(object)
    .with(", (SELECT COALESCE(MAX(h.sequence), 0) + 1 FROM history_entry h WHERE h.object_id = ", object)
    .with("), ", tx.now().millis())
    .with(", ", step)
    .with(", ", from)
    .with(", ", to)
    .with(", ", actor.party())
    .with(", ", actor.organisation.uuid())
    .with(", ", note)
    .text(")")
    .run(tx.connection())
    .await?;
    Ok(())
}

/// The histories of objects into which the caller has been let, each in its order.
pub(crate) async fn of_all<C: ConnectionTrait>(
    connection: &C,
    objects: &[Uuid],
) -> Result<Vec<(Uuid, HistoryEntry)>, Failure> {
    Sql::select(COLUMNS, "history_entry")
        .text("object_id IN ")
        .list(objects.iter().copied())
        .text(" ORDER BY object_id, sequence")
        .all(connection, |row| Ok((row.try_get("", "object_id")?, read(row)?)))
        .await
}

fn read(row: &QueryResult) -> Result<HistoryEntry, Failure> {
    let row = Reading::keyed(row, "history_entry", "object_id");
    Ok(HistoryEntry {
        sequence: row.get("sequence")?,
        at: row.time("at")?,
        step: row.get("step")?,
        from: row.get("from_status")?,
        to: row.get("to_status")?,
        party: row.get("party")?,
        organisation: row.id("organisation")?,
        note: row.get("note")?,
    })
}
