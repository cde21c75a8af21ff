//! Writing the columns of a row by name.

use cordon_context::{Id, IdKind, Timestamp};
use cordon_store::sql::{Sql, json_text, word_text};
use cordon_store::{Failure, bulk};
use sea_orm::{ConnectionTrait, Value};
use serde::Serialize;
use uuid::Uuid;

/// A column with its value, on its way into the database.
pub(crate) type Column = (&'static str, Value);

/// A value as JSON text.
pub(crate) fn json(value: &impl Serialize) -> Result<Value, Failure> {
    json_text(value).map(Value::from)
}

/// A word by its serde name.
pub(crate) fn named(word: &impl Serialize) -> Result<Value, Failure> {
    word_text(word).map(Value::from)
}

/// A value that may be absent, as JSON text.
pub(crate) fn json_if<T: Serialize>(value: Option<&T>) -> Result<Value, Failure> {
    value.map_or_else(|| Ok(Value::from(None::<String>)), json)
}

/// An identifier as a column value.
pub(crate) fn id<K: IdKind>(id: Id<K>) -> Value {
    id.uuid().into()
}

/// An identifier that may be absent.
pub(crate) fn id_if<K: IdKind>(id: Option<Id<K>>) -> Value {
    id.map(Id::uuid).into()
}

/// A moment as a column value.
pub(crate) fn time(moment: Timestamp) -> Value {
    moment.millis().into()
}

/// A moment that may be absent.
pub(crate) fn time_if(moment: Option<Timestamp>) -> Value {
    moment.map(Timestamp::millis).into()
}

/// A count as a column value; what no database can hold is cut.
pub(crate) fn count(count: u32) -> Value {
    i32::try_from(count).unwrap_or(i32::MAX).into()
}

/// Inserts one row.
pub(crate) async fn insert<C: ConnectionTrait>(
    connection: &C,
    table: &'static str,
    columns: Vec<Column>,
) -> Result<(), Failure> {
    insert_all(connection, table, vec![columns]).await
}

/// Inserts rows that all have the same columns.
pub(crate) async fn insert_all<C: ConnectionTrait>(
    connection: &C,
    table: &'static str,
    rows: Vec<Vec<Column>>,
) -> Result<(), Failure> {
    let Some(first) = rows.first() else { return Ok(()) };
    let names: Vec<&'static str> = first.iter().map(|(name, _)| *name).collect();
    let values: Vec<Vec<Value>> =
        rows.into_iter().map(|row| row.into_iter().map(|(_, value)| value).collect()).collect();
    bulk::insert_rows(connection, table, &names, values).await?;
    Ok(())
}

/// Writes a row whose version was read; if somebody else was faster, nothing is written and it is a conflict.
pub(crate) async fn update<C: ConnectionTrait>(
    connection: &C,
    table: &'static str,
    row: Uuid,
    version: i64,
    columns: Vec<Column>,
) -> Result<(), Failure> {
    let mut sql = Sql::new("UPDATE ").text(table).with(" SET version = ", version + 1);
    for (name, value) in columns {
        if name != "id" && name != "version" {
            sql = sql.text(", ").text(name).with(" = ", value);
        }
    }
    sql.with(" WHERE id = ", row).with(" AND version = ", version).run_one(connection).await
}
