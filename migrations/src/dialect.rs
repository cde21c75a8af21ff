//! The few words in which SQLite and PostgreSQL differ.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Runs statements in order, with `{uuid}` and `{bytes}` replaced by the database's names for these types.
pub(crate) async fn run_all(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    let (uuid, bytes) = match manager.get_database_backend() {
        DbBackend::Postgres => ("UUID", "BYTEA"),
        _ => ("BLOB", "BLOB"),
    };
    for statement in statements {
        let statement = statement.replace("{uuid}", uuid).replace("{bytes}", bytes);
        manager.get_connection().execute_unprepared(&statement).await?;
    }
    Ok(())
}
