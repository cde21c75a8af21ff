//! What was told and heard long ago is forgotten; what is still to be told never is.

use cordon_context::Timestamp;
use sea_orm::{ConnectionTrait as _, Statement, Value};

use crate::{Database, Failure};

/// So many rows are looked at and deleted in one statement, so that writers do not wait for it.
const BATCH: i64 = 500;

/// Forgets events that were delivered before a moment, and what consumers noted of them; tells how many rows there were.
///
/// `databases` are all between which events travel: a consumer's note must outlive every event that may be delivered again, or
/// the event would take effect twice.
///
/// # Errors
///
/// The databases' own.
pub async fn forget_events(databases: &[Database], before: Timestamp) -> Result<u64, Failure> {
    let mut forgotten = 0;
    let mut heard_before = before;
    for database in databases {
        forgotten += database.forget_delivered(before).await?;
        if let Some(undelivered) = database.oldest_undelivered().await? {
            heard_before = heard_before.min(undelivered);
        }
    }
    for database in databases {
        forgotten += database.forget_heard(heard_before).await?;
    }
    Ok(forgotten)
}

impl Database {
    /// Goes through old events in the order of their positions; it stops at the first that is not old.
    async fn forget_delivered(&self, before: Timestamp) -> Result<u64, Failure> {
        let backend = self.inner.backend.db_backend();
        let (mut after, mut forgotten) = (0_i64, 0);
        loop {
            let sql = "SELECT position, at FROM outbox WHERE position > $1 ORDER BY position LIMIT $2";
            let values = [after.into(), BATCH.into()];
            let rows = self.reader().query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
            let mut last = None;
            for row in &rows {
                let at: i64 = row.try_get("", "at")?;
                if at >= before.millis() {
                    break;
                }
                last = Some(row.try_get::<i64>("", "position")?);
            }
            let Some(last) = last else { return Ok(forgotten) };
            let sql = "DELETE FROM outbox WHERE position > $1 AND position <= $2 AND delivered_at < $3";
            forgotten += self.delete(sql, vec![after.into(), last.into(), before.millis().into()]).await?;
            after = last;
        }
    }

    /// When the oldest event happened that is still to be delivered to somebody.
    async fn oldest_undelivered(&self) -> Result<Option<Timestamp>, Failure> {
        let sql = "SELECT MIN(at) AS at FROM outbox WHERE delivered_at IS NULL";
        let statement = Statement::from_string(self.inner.backend.db_backend(), sql);
        // Asked where events are written, so that none that was just claimed is missed.
        let row = self.inner.writer.query_one_raw(statement).await?;
        let at: Option<i64> = row.map(|row| row.try_get("", "at")).transpose()?.flatten();
        Ok(at.map(Timestamp::from_millis))
    }

    async fn forget_heard(&self, before: Timestamp) -> Result<u64, Failure> {
        let sql = "DELETE FROM inbox WHERE (consumer, event) IN \
                   (SELECT consumer, event FROM inbox WHERE at < $1 ORDER BY at LIMIT $2)";
        let mut forgotten = 0;
        loop {
            let some = self.delete(sql, vec![before.millis().into(), BATCH.into()]).await?;
            forgotten += some;
            if some == 0 {
                return Ok(forgotten);
            }
        }
    }

    async fn delete(&self, sql: &str, values: Vec<Value>) -> Result<u64, Failure> {
        let statement = Statement::from_sql_and_values(self.inner.backend.db_backend(), sql, values);
        self.change_rows(statement).await
    }
}
