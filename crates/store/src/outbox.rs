//! The rows in which a service keeps what it has to tell, and what it has already heard.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cordon_context::{EventId, OrganisationId, Refusal, Timestamp};
use cordon_events::{Claimed, Event, NewEvent, Outbox, OutboxError};
use sea_orm::{ConnectionTrait as _, QueryResult, Statement, Value};
use tokio::sync::Notify;

use crate::{Backend, CorruptRow, Database, Failure, Tx};

const COLUMNS: &str = "position, id, topic, subject, audience, payload, at, fence, attempts";

impl Database {
    /// The events after a position, in the order of their commits and without gaps.
    ///
    /// # Errors
    ///
    /// The database's own, or `FEED_EXPIRED` if an event after the position is forgotten already.
    pub async fn changes(&self, after: i64, limit: u32) -> Result<Vec<Event>, Failure> {
        let mut events = self.kept_changes(after, limit).await?;
        if events.is_empty() {
            let last = self.last_position().await?;
            if last <= after {
                return Ok(events);
            }
            // Unless they were written just now, they were forgotten.
            events = self.kept_changes(after, limit).await?;
            if events.is_empty() {
                return Err(Refusal::feed_expired(last.saturating_add(1)).into());
            }
        }
        // Positions have no gaps; where one is missing, it was told long ago and deleted.
        let mut expected = after.max(0);
        for event in &events {
            expected = expected.saturating_add(1);
            if event.position != expected {
                return Err(Refusal::feed_expired(event.position).into());
            }
        }
        Ok(events)
    }

    /// The events after a position that are still there.
    async fn kept_changes(&self, after: i64, limit: u32) -> Result<Vec<Event>, Failure> {
        let rows = self
            .reader()
            .query_all_raw(Statement::from_sql_and_values(
                self.inner.backend.db_backend(),
                format!("SELECT {COLUMNS} FROM outbox WHERE position > $1 ORDER BY position LIMIT $2"),
                [after.into(), Value::from(i64::from(limit))],
            ))
            .await?;
        rows.iter().map(|row| Ok(self.claimed(row)?.event)).collect()
    }

    /// The position of the newest event; zero before the first.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn last_position(&self) -> Result<i64, Failure> {
        let row = self
            .reader()
            .query_one_raw(Statement::from_sql_and_values(
                self.inner.backend.db_backend(),
                // The newest event may have been forgotten.
                "SELECT position FROM ledger_chain WHERE chain = $1",
                [self.inner.service.into()],
            ))
            .await?;
        Ok(row.map(|row| row.try_get("", "position")).transpose()?.unwrap_or(0))
    }

    fn claimed(&self, row: &QueryResult) -> Result<Claimed, Failure> {
        let id: uuid::Uuid = row.try_get("", "id")?;
        let unreadable = |column| CorruptRow::new("outbox", column, id.to_string());
        let audience: String = row.try_get("", "audience")?;
        let audience: Vec<OrganisationId> =
            serde_json::from_str(&audience).map_err(|_source| unreadable("audience"))?;
        let payload: String = row.try_get("", "payload")?;
        let payload = serde_json::from_str(&payload).map_err(|_source| unreadable("payload"))?;
        let attempts: i32 = row.try_get("", "attempts")?;
        Ok(Claimed {
            event: Event {
                id: EventId::from_uuid(id),
                service: self.inner.service.to_owned(),
                position: row.try_get("", "position")?,
                at: Timestamp::from_millis(row.try_get("", "at")?),
                content: NewEvent {
                    topic: row.try_get("", "topic")?,
                    subject: row.try_get("", "subject")?,
                    audience,
                    payload,
                },
            },
            fence: row.try_get("", "fence")?,
            attempts: u32::try_from(attempts).unwrap_or(0),
        })
    }

    async fn run(&self, sql: &str, values: Vec<Value>) -> Result<u64, Failure> {
        let statement = Statement::from_sql_and_values(self.inner.backend.db_backend(), sql, values);
        self.change_rows(statement).await
    }

    async fn try_claim(&self, now: Timestamp, lease: Duration, limit: u32) -> Result<Vec<Claimed>, Failure> {
        // On PostgreSQL a second relay passes over what the first one is about to take; SQLite has one writer anyway.
        let passing_over = match self.inner.backend {
            Backend::Sqlite => "",
            Backend::Postgres => " FOR UPDATE SKIP LOCKED",
        };
        let sql = format!(
            "UPDATE outbox SET lease_until = $1, fence = fence + 1, attempts = attempts + 1 WHERE position IN (\
             SELECT position FROM outbox WHERE delivered_at IS NULL AND due <= $2 AND lease_until <= $2 \
             ORDER BY position LIMIT $3{passing_over}) RETURNING {COLUMNS}"
        );
        let values = vec![now.plus(lease).millis().into(), now.millis().into(), Value::from(i64::from(limit))];
        let statement = Statement::from_sql_and_values(self.inner.backend.db_backend(), sql, values);
        let rows = self.changed_rows(statement).await?;
        let mut claimed = rows.iter().map(|row| self.claimed(row)).collect::<Result<Vec<_>, _>>()?;
        claimed.sort_by_key(|claimed| claimed.event.position);
        Ok(claimed)
    }

    fn outbox_failed(&self, failure: Failure) -> OutboxError {
        OutboxError { service: self.inner.service, source: Box::new(failure) }
    }
}

#[async_trait]
impl Outbox for Database {
    async fn claim(&self, now: Timestamp, lease: Duration, limit: u32) -> Result<Vec<Claimed>, OutboxError> {
        self.try_claim(now, lease, limit).await.map_err(|failure| self.outbox_failed(failure))
    }

    async fn complete(&self, delivered: &[(EventId, i64)]) -> Result<u64, OutboxError> {
        let now = self.inner.clock.now().millis();
        let mut fitted = 0;
        for (id, fence) in delivered {
            fitted += self
                .run(
                    "UPDATE outbox SET delivered_at = $1 WHERE id = $2 AND fence = $3 AND delivered_at IS NULL",
                    vec![now.into(), id.uuid().into(), (*fence).into()],
                )
                .await
                .map_err(|failure| self.outbox_failed(failure))?;
        }
        Ok(fitted)
    }

    async fn give_back(&self, id: EventId, fence: i64, due: Timestamp) -> Result<(), OutboxError> {
        self.run(
            "UPDATE outbox SET lease_until = 0, due = $1 WHERE id = $2 AND fence = $3 AND delivered_at IS NULL",
            vec![due.millis().into(), id.uuid().into(), fence.into()],
        )
        .await
        .map(|_rows| ())
        .map_err(|failure| self.outbox_failed(failure))
    }

    fn committed(&self) -> Arc<Notify> {
        self.watch_commits()
    }
}

impl Tx {
    /// Whether a consumer sees this event for the first time; the answer holds once this transaction commits.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn first_time(&self, consumer: &str, event: EventId) -> Result<bool, Failure> {
        let statement = Statement::from_sql_and_values(
            self.database.inner.backend.db_backend(),
            "INSERT INTO inbox (consumer, event, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            [consumer.into(), event.uuid().into(), self.now().millis().into()],
        );
        Ok(self.transaction.execute_raw(statement).await?.rows_affected() == 1)
    }
}
