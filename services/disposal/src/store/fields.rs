//! Reading and writing the columns of a row by name.

use cordon_context::{Id, IdKind, Refusal, Region, Timestamp};
use cordon_store::{CorruptRow, Failure, bulk};
use sea_orm::{ConnectionTrait, QueryResult, TryGetable, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::delivery_query::Query;

/// A row that is being read; an unreadable column names its place.
pub(crate) struct Fields<'a> {
    row: &'a QueryResult,
    table: &'static str,
    id: Uuid,
}

impl<'a> Fields<'a> {
    /// Takes a row whose identifier stands in the column `key`.
    pub(crate) fn new(row: &'a QueryResult, table: &'static str, key: &str) -> Result<Self, Failure> {
        Ok(Self { row, table, id: row.try_get("", key)? })
    }

    fn corrupt(&self, column: &'static str) -> Failure {
        CorruptRow::new(self.table, column, self.id.to_string()).into()
    }

    pub(crate) fn get<T: TryGetable>(&self, column: &str) -> Result<T, Failure> {
        Ok(self.row.try_get("", column)?)
    }

    pub(crate) fn id<K: IdKind>(&self, column: &str) -> Result<Id<K>, Failure> {
        Ok(Id::from_uuid(self.get(column)?))
    }

    pub(crate) fn id_if<K: IdKind>(&self, column: &str) -> Result<Option<Id<K>>, Failure> {
        Ok(self.get::<Option<Uuid>>(column)?.map(Id::from_uuid))
    }

    pub(crate) fn time(&self, column: &str) -> Result<Timestamp, Failure> {
        Ok(Timestamp::from_millis(self.get(column)?))
    }

    pub(crate) fn time_if(&self, column: &str) -> Result<Option<Timestamp>, Failure> {
        Ok(self.get::<Option<i64>>(column)?.map(Timestamp::from_millis))
    }

    pub(crate) fn count(&self, column: &'static str) -> Result<u32, Failure> {
        u32::try_from(self.get::<i32>(column)?).map_err(|_source| self.corrupt(column))
    }

    pub(crate) fn count_if(&self, column: &'static str) -> Result<Option<u32>, Failure> {
        self.get::<Option<i32>>(column)?
            .map(|count| u32::try_from(count).map_err(|_source| self.corrupt(column)))
            .transpose()
    }

    pub(crate) fn region(&self, column: &'static str) -> Result<Region, Failure> {
        Region::from_number(self.count(column)?).map_err(|_source| self.corrupt(column))
    }

    pub(crate) fn word<T>(&self, column: &'static str, read: impl Fn(&str) -> Option<T>) -> Result<T, Failure> {
        read(&self.get::<String>(column)?).ok_or_else(|| self.corrupt(column))
    }

    pub(crate) fn word_if<T>(
        &self,
        column: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Failure> {
        self.get::<Option<String>>(column)?.map(|word| read(&word).ok_or_else(|| self.corrupt(column))).transpose()
    }

    /// Reads a word by its serde name.
    pub(crate) fn named<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, Failure> {
        let word = serde_json::Value::String(self.get(column)?);
        serde_json::from_value(word).map_err(|_source| self.corrupt(column))
    }

    pub(crate) fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, Failure> {
        serde_json::from_str(&self.get::<String>(column)?).map_err(|_source| self.corrupt(column))
    }

    pub(crate) fn json_if<T: DeserializeOwned>(&self, column: &'static str) -> Result<Option<T>, Failure> {
        self.get::<Option<String>>(column)?
            .map(|text| serde_json::from_str(&text).map_err(|_source| self.corrupt(column)))
            .transpose()
    }
}

/// A column with its value, on its way into the database.
pub(crate) type Column = (&'static str, Value);

/// A value as JSON text.
pub(crate) fn json(value: &impl Serialize) -> Result<Value, Failure> {
    serde_json::to_string(value)
        .map(Value::from)
        .map_err(|source| Failure::internal("a column could not be written down", source))
}

/// A word by its serde name.
pub(crate) fn named(word: &impl Serialize) -> Result<Value, Failure> {
    match serde_json::to_value(word) {
        Ok(serde_json::Value::String(word)) => Ok(word.into()),
        Ok(other) => Ok(other.to_string().into()),
        Err(source) => Err(Failure::internal("a column could not be written down", source)),
    }
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
    let mut query = Query::new("UPDATE ").text(table).text(" SET version = ").value(version + 1);
    for (name, value) in columns {
        if name != "id" && name != "version" {
            query = query.text(", ").text(name).text(" = ").value(value);
        }
    }
    let changed = query.text(" WHERE id = ").value(row).text(" AND version = ").value(version).run(connection).await?;
    if changed == 1 { Ok(()) } else { Err(Refusal::conflict().into()) }
}
