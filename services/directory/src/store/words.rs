//! Closed vocabularies and lists as they stand in rows.

use cordon_context::{Region, Role};
use cordon_store::{CorruptRow, Failure};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Writes a value of a closed vocabulary as its word.
pub(super) fn word_of(value: &impl Serialize) -> Result<String, Failure> {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => Ok(word),
        Ok(_) => Err(Failure::internal("a value is no word", std::fmt::Error)),
        Err(source) => Err(Failure::internal("a word could not be written", source)),
    }
}

/// Reads a word back.
pub(super) fn from_word<T: DeserializeOwned>(
    word: &str,
    table: &'static str,
    column: &'static str,
    row: impl ToString,
) -> Result<T, CorruptRow> {
    serde_json::from_value(Value::String(word.to_owned()))
        .map_err(|_source| CorruptRow::new(table, column, row.to_string()))
}

/// Writes a list or an object as JSON text.
pub(super) fn json_of(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|source| Failure::internal("a value could not be written", source))
}

/// Reads JSON text back.
pub(super) fn from_json<T: DeserializeOwned>(
    text: &str,
    table: &'static str,
    column: &'static str,
    row: impl ToString,
) -> Result<T, CorruptRow> {
    serde_json::from_str(text).map_err(|_source| CorruptRow::new(table, column, row.to_string()))
}

/// Reads a role's name back.
pub(super) fn role(name: &str, table: &'static str, row: impl ToString) -> Result<Role, CorruptRow> {
    Role::from_name(name).ok_or_else(|| CorruptRow::new(table, "role", row.to_string()))
}

/// Reads a region's number back.
pub(super) fn region(number: i32, table: &'static str, row: impl ToString) -> Result<Region, CorruptRow> {
    let refused = || CorruptRow::new(table, "region", row.to_string());
    let number = u32::try_from(number).map_err(|_negative| refused())?;
    Region::from_number(number).map_err(|_too_large| refused())
}

/// A region as it is stored: six digits always fit.
pub(super) fn region_number(region: Region) -> i32 {
    i32::try_from(region.number()).unwrap_or(0)
}
