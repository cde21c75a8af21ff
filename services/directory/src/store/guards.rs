//! Counts of attempts, by the fingerprint of what was typed.

use cordon_context::Timestamp;
use cordon_store::{Failure, Tx};
use sea_orm::{FromQueryResult, Value};

use super::sql::Sql;
use crate::domain::guard::Guard;

#[derive(FromQueryResult)]
struct GuardRow {
    failures: i32,
    last_at: i64,
    locked_until: Option<i64>,
}

/// What is known of earlier attempts; holds the row until the transaction ends, so that attempts are counted one after another.
pub(crate) async fn hold(tx: &Tx, login_index: &[u8]) -> Result<Option<Guard>, Failure> {
    let held = Sql::new("UPDATE sign_in_guard SET failures = failures WHERE login_index = ")
        .bind(login_index.to_vec())
        .execute(tx.connection())
        .await?;
    if held == 0 {
        return Ok(None);
    }
    let row: Option<GuardRow> =
        Sql::new("SELECT failures, last_at, locked_until FROM sign_in_guard WHERE login_index = ")
            .bind(login_index.to_vec())
            .one(tx.connection())
            .await?;
    Ok(row.map(|row| Guard {
        failures: u32::try_from(row.failures).unwrap_or(0),
        last_at: Timestamp::from_millis(row.last_at),
        locked_until: row.locked_until.map(Timestamp::from_millis),
    }))
}

/// Keeps a count.
pub(crate) async fn put(tx: &Tx, login_index: &[u8], guard: &Guard) -> Result<(), Failure> {
    Sql::new("INSERT INTO sign_in_guard (login_index, failures, last_at, locked_until) VALUES ")
        .bind_all([
            Value::from(login_index.to_vec()),
            i32::try_from(guard.failures).unwrap_or(i32::MAX).into(),
            guard.last_at.millis().into(),
            guard.locked_until.map(Timestamp::millis).into(),
        ])
        .text(" ON CONFLICT (login_index) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at, locked_until = excluded.locked_until")
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Forgets the count of an account.
pub(crate) async fn forget(tx: &Tx, login_index: &[u8]) -> Result<(), Failure> {
    Sql::new("DELETE FROM sign_in_guard WHERE login_index = ")
        .bind(login_index.to_vec())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Deletes counts that would not count any more.
pub(crate) async fn sweep(tx: &Tx, last_before: Timestamp) -> Result<u64, Failure> {
    Ok(Sql::new("DELETE FROM sign_in_guard WHERE last_at < ")
        .bind(last_before.millis())
        .execute(tx.connection())
        .await?)
}
