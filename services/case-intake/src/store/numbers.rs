//! Running numbers.

use cordon_store::sql::Sql;
use cordon_store::{CorruptRow, Failure};
use sea_orm::ConnectionTrait;

/// The next number of a sequence; a transaction that is undone gives it back.
pub(crate) async fn next<C: ConnectionTrait>(connection: &C, name: &str) -> Result<i64, Failure> {
    Sql::new("INSERT INTO running_number (name, value) VALUES (")
        .bind(name)
        .text(", 1) ON CONFLICT (name) DO UPDATE SET value = running_number.value + 1 RETURNING value")
        .value(connection)
        .await?
        .ok_or_else(|| CorruptRow::new("running_number", "value", name).into())
}
