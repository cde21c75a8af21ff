//! The shape of every service's tables, as a list of steps that only ever grows.
//!
//! Each service has a folder and a `Migrator`; all of them begin with the tables of `ground`. Steps run forward, one replica
//! at a time, before a service starts.
//!
//! This crate must not know what rows mean; it only makes and changes tables.

#![expect(
    elided_lifetimes_in_paths,
    reason = "the trait of the migration library leaves the lifetime out, and async_trait wants the same"
)]

pub mod case_intake;
mod dialect;
pub mod directory;
pub mod disposal;
mod ground;

use cordon_store::{Backend, Database};
use sea_orm_migration::MigratorTrait;
use sea_orm_migration::sea_orm::{ConnectionTrait as _, DbErr, TransactionTrait as _};

/// Brings a service's tables up to date; of several replicas that start at once, one does it and the others wait.
///
/// # Errors
///
/// The database's own.
pub async fn apply<M: MigratorTrait>(database: &Database) -> Result<(), DbErr> {
    match database.backend() {
        Backend::Sqlite => M::up(database.migrator(), None).await,
        Backend::Postgres => {
            // The lock ends with this transaction, whatever happens to the process.
            let lock = database.migrator().begin().await?;
            lock.execute_unprepared("SET LOCAL idle_in_transaction_session_timeout = 0").await?;
            lock.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
            lock.execute_unprepared(&format!(
                "SELECT pg_advisory_xact_lock(hashtext('cordon-{}'))",
                database.service()
            ))
            .await?;
            let migrated = M::up(database.migrator(), None).await;
            lock.commit().await?;
            migrated
        }
    }
}

/// How many steps a service's tables still lack; looks without changing anything.
///
/// # Errors
///
/// The database's own.
pub async fn pending<M: MigratorTrait>(database: &Database) -> Result<usize, DbErr> {
    let manager = sea_orm_migration::SchemaManager::new(database.migrator());
    if !manager.has_table("seaql_migrations").await? {
        return Ok(M::migrations().len());
    }
    Ok(M::get_pending_migrations(database.migrator()).await?.len())
}
