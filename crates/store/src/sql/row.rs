//! How values stand in rows.

use cordon_context::{Id, IdKind, Region, Timestamp};
use sea_orm::{QueryResult, TryGetable};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::{CorruptRow, Failure};

/// A row that is being read column by column; a value that does not fit its meaning names its place.
///
/// Methods that end in `_if` read a column that may be empty; for the others an empty column does not fit.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    row: &'a QueryResult,
    table: &'static str,
    key: &'static str,
}

impl<'a> Reading<'a> {
    /// Takes a row whose identifier stands in the column `id`.
    pub fn of(row: &'a QueryResult, table: &'static str) -> Self {
        Self::keyed(row, table, "id")
    }

    /// Takes a row whose identifier stands in the column `key`.
    pub fn keyed(row: &'a QueryResult, table: &'static str, key: &'static str) -> Self {
        Self { row, table, key }
    }

    /// Names this row as the one with an unreadable column.
    pub fn corrupt(&self, column: &'static str) -> Failure {
        let id = self.row.try_get::<Uuid>("", self.key).map_or_else(|_unreadable| String::new(), |id| id.to_string());
        CorruptRow::new(self.table, column, id).into()
    }

    /// Reads a column as it is.
    pub fn get<T: TryGetable>(&self, column: &'static str) -> Result<T, Failure> {
        Ok(self.row.try_get("", column)?)
    }

    /// Reads an identifier.
    pub fn id<K: IdKind>(&self, column: &'static str) -> Result<Id<K>, Failure> {
        Ok(Id::from_uuid(self.get(column)?))
    }

    /// As [`Self::id`].
    pub fn id_if<K: IdKind>(&self, column: &'static str) -> Result<Option<Id<K>>, Failure> {
        Ok(self.get::<Option<Uuid>>(column)?.map(Id::from_uuid))
    }

    /// Reads a moment.
    pub fn time(&self, column: &'static str) -> Result<Timestamp, Failure> {
        Ok(Timestamp::from_millis(self.get(column)?))
    }

    /// As [`Self::time`].
    pub fn time_if(&self, column: &'static str) -> Result<Option<Timestamp>, Failure> {
        Ok(self.get::<Option<i64>>(column)?.map(Timestamp::from_millis))
    }

    /// Reads a number that is not negative.
    pub fn count(&self, column: &'static str) -> Result<u32, Failure> {
        self.required(column, self.count_if(column)?)
    }

    /// As [`Self::count`].
    pub fn count_if(&self, column: &'static str) -> Result<Option<u32>, Failure> {
        self.fitting(column, self.get::<Option<i32>>(column)?, |count| u32::try_from(count).ok())
    }

    /// Reads a region.
    pub fn region(&self, column: &'static str) -> Result<Region, Failure> {
        self.required(column, self.region_if(column)?)
    }

    /// As [`Self::region`].
    pub fn region_if(&self, column: &'static str) -> Result<Option<Region>, Failure> {
        self.fitting(column, self.count_if(column)?, |number| Region::from_number(number).ok())
    }

    /// Reads a word of a closed vocabulary.
    pub fn word<T>(&self, column: &'static str, find: impl Fn(&str) -> Option<T>) -> Result<T, Failure> {
        self.required(column, self.word_if(column, find)?)
    }

    /// As [`Self::word`].
    pub fn word_if<T>(&self, column: &'static str, find: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Failure> {
        self.fitting(column, self.get::<Option<String>>(column)?, |word| find(&word))
    }

    /// Reads a word that [`word_text`] wrote.
    pub fn named<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, Failure> {
        self.word(column, |word| serde_json::from_value(word.into()).ok())
    }

    /// Reads what [`json_text`] wrote.
    pub fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, Failure> {
        self.word(column, |text| serde_json::from_str(text).ok())
    }

    /// As [`Self::json`].
    pub fn json_if<T: DeserializeOwned>(&self, column: &'static str) -> Result<Option<T>, Failure> {
        self.word_if(column, |text| serde_json::from_str(text).ok())
    }

    fn required<T>(&self, column: &'static str, value: Option<T>) -> Result<T, Failure> {
        value.ok_or_else(|| self.corrupt(column))
    }

    fn fitting<V, T>(
        &self,
        column: &'static str,
        value: Option<V>,
        find: impl Fn(V) -> Option<T>,
    ) -> Result<Option<T>, Failure> {
        value.map(|value| self.required(column, find(value))).transpose()
    }
}

/// A value as JSON text.
pub fn json_text<T: Serialize + ?Sized>(value: &T) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|source| Failure::internal("a value could not be written down", source))
}

/// A value of a closed vocabulary as the word by which serde knows it.
pub fn word_text(value: &impl Serialize) -> Result<String, Failure> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        Ok(_other) => Err(Failure::internal("a value is no word", std::fmt::Error)),
        Err(source) => Err(Failure::internal("a word could not be written down", source)),
    }
}

/// A region as a column value.
pub fn region_value(region: Region) -> i32 {
    number(region.number())
}

/// The number of a region as a column value: six digits always fit.
pub(super) fn number(region: u32) -> i32 {
    i32::try_from(region).unwrap_or(i32::MAX)
}
