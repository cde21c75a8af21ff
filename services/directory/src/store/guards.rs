//! Counts of attempts, by the fingerprint of what was typed.

use cordon_context::Timestamp;
use cordon_store::sql::Sql;
use cordon_store::{Failure, Tx};
use sea_orm::Value;

use crate::domain::guard::Guard;

/// What is known of earlier attempts; holds the row until the transaction ends, so that attempts are counted one after another.
pub(crate) async fn hold(tx: &Tx, login_index: &[u8]) -> Result<Option<Guard>, Failure> {
    let held = Sql::new("UPDATE sign_in_guard SET failures = failures WHERE login_index = ")
        .bind(login_index.to_vec())
        .run(tx.connection())
        .await?;
    if held == 0 {
        return Ok(None);
    }
    Sql::select("failures, last_at, locked_until", "sign_in_guard")
        .with("login_index = ", login_index.to_vec())
        .one(tx.connection(), |row| {
            Ok(Guard {
                failures: u32::try_from(row.try_get::<i32>("", "failures")?).unwrap_or(0),
                last_at: Timestamp::from_millis(row.try_get("", "last_at")?),
                locked_until: row.try_get::<Option<i64>>("", "locked_until")?.map(Timestamp::from_millis),
            })
        })
        .await
}

/// Keeps a count.
pub(crate) async fn put(tx: &Tx, login_index: &[u8], guard: &Guard) -> Result<(), Failure> {
    Sql::new("INSERT INTO sign_in_guard (login_index, failures, last_at, locked_until) VALUES ")
        .list([
            Value::from(login_index.to_vec()),
            i32::try_from(guard.failures).unwrap_or(i32::MAX).into(),
            guard.last_at.millis().into(),
            guard.locked_until.map(Timestamp::millis).into(),
        ])
        .text(" ON CONFLICT (login_index) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at, locked_until = excluded.locked_until")
        .run(tx.connection())
        .await?;
    Ok(())
}

/// Forgets the count of an account.
pub(crate) async fn forget(tx: &Tx, login_index: &[u8]) -> Result<(), Failure> {
    Sql::new("DELETE FROM sign_in_guard WHERE login_index = ").bind(login_index.to_vec()).run(tx.connection()).await?;
    Ok(())
}

/// Deletes counts that would not count any more.
pub(crate) async fn sweep(tx: &Tx, last_before: Timestamp) -> Result<u64, Failure> {
    Sql::new("DELETE FROM sign_in_guard WHERE last_at < ").bind(last_before.millis()).run(tx.connection()).await
}
