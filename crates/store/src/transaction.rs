//! The one way to write.

use std::future::Future;

use cordon_context::{CallContext, Code, Refusal, Timestamp};
use cordon_events::NewEvent;
use sea_orm::{
    ConnectionTrait as _, DatabaseTransaction, QueryResult, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait as _,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing::Instrument as _;

use crate::idempotency::{self, Before};
use crate::{AuditRecord, Backend, Database, Failure};

/// A transaction of one use case: its changes, what the ledger will say of them and what others will hear.
pub struct Tx {
    pub(crate) transaction: DatabaseTransaction,
    pub(crate) database: Database,
    context: CallContext,
    now: Timestamp,
    /// Each with the call of which it speaks, where that is not the transaction's own.
    pub(crate) records: Vec<(Option<CallContext>, AuditRecord)>,
    pub(crate) events: Vec<NewEvent>,
}

/// A finished use case's answer, on its way to be committed.
pub struct Committed<T> {
    tx: Tx,
    value: T,
}

impl Tx {
    async fn begin(database: &Database, context: CallContext) -> Result<Self, Failure> {
        let now = database.inner.clock.now();
        if now > context.deadline {
            return Err(Refusal::new(Code::DeadlineExceeded).into());
        }
        let transaction = database.begin().await?;
        Ok(Self { transaction, database: database.clone(), context, now, records: Vec::new(), events: Vec::new() })
    }

    /// The connection on which the use case's statements run.
    pub fn connection(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    /// The moment of this transaction; all its rows carry the same.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Who asked, under which trace.
    pub fn context(&self) -> &CallContext {
        &self.context
    }

    /// Adds what the audit ledger will say; it is chained at commit.
    pub fn record(&mut self, record: AuditRecord) {
        self.records.push((None, record));
    }

    /// As [`Tx::record`], of another call than the one for which this transaction runs.
    pub(crate) fn record_of(&mut self, context: CallContext, record: AuditRecord) {
        self.records.push((Some(context), record));
    }

    /// Adds what others will hear; it gets its position at commit.
    pub fn emit(&mut self, event: NewEvent) {
        self.events.push(event);
    }

    /// Hands the answer over; everything is committed together once the use case has returned it.
    ///
    /// # Errors
    ///
    /// None today; a use case ends with `?` all the same, so that a check here reaches every one of them.
    pub async fn commit<T>(self, value: T) -> Result<Committed<T>, Failure> {
        Ok(Committed { tx: self, value })
    }

    async fn finish(mut self) -> Result<(), Failure> {
        let spoke = !self.events.is_empty();
        let entries = self.write_trail().await?;
        let Self { transaction, database, .. } = self;
        transaction.commit().await?;
        if entries > 0 {
            database.inner.entries.send_modify(|count| *count = count.saturating_add(entries));
        }
        if spoke {
            database.inner.commits.notify_waiters();
            database.inner.commits.notify_one();
        }
        Ok(())
    }
}

impl Database {
    /// Runs a use case that changes rows, in a task of its own: whoever waits for the answer may hang up.
    ///
    /// The closure gets the transaction and gives it back with [`Tx::commit`]; if it ends with an error, nothing is kept.
    ///
    /// # Errors
    ///
    /// Whatever the use case refuses, and the database's own failures.
    pub async fn write<T, F, Fut>(&self, context: &CallContext, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce(Tx) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Committed<T>, Failure>> + Send + 'static,
    {
        let database = self.clone();
        let context = context.clone();
        self.in_own_task(async move {
            let tx = Tx::begin(&database, context).await?;
            let Committed { tx, value } = work(tx).await?;
            tx.finish().await?;
            Ok(value)
        })
        .await
    }

    /// As [`Database::write`], and with the call's idempotency key the effect happens once: the same key with the same input
    /// gives the stored answer, with another input it is refused.
    ///
    /// # Errors
    ///
    /// As [`Database::write`], and a refusal if the key was used with another input.
    pub async fn write_once<I, T, F, Fut>(
        &self,
        context: &CallContext,
        operation: &'static str,
        input: &I,
        work: F,
    ) -> Result<T, Failure>
    where
        I: Serialize + Sync,
        T: Serialize + DeserializeOwned + Send + 'static,
        F: FnOnce(Tx) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Committed<T>, Failure>> + Send + 'static,
    {
        let Some(key) = context.idempotency_key.clone() else {
            return self.write(context, work).await;
        };
        let claim = idempotency::Claim::new(self, &context.actor, operation, key, input)?;
        let database = self.clone();
        let context = context.clone();
        self.in_own_task(async move {
            let tx = Tx::begin(&database, context).await?;
            match claim.stake(&tx).await? {
                Before::Answered(answer) => Ok(answer),
                Before::Nothing => {
                    let Committed { tx, value } = work(tx).await?;
                    let text = serde_json::to_vec(&value)
                        .map_err(|source| Failure::internal("an answer could not be written down", source))?;
                    claim.answer(&tx, &text).await?;
                    tx.finish().await?;
                    Ok(value)
                }
            }
        })
        .await
    }

    async fn begin(&self) -> Result<DatabaseTransaction, Failure> {
        let options = TransactionOptions {
            isolation_level: None,
            access_mode: None,
            // A deferred transaction fails at once when it has to wait for the lock; an immediate one waits.
            sqlite_transaction_mode: (self.inner.backend == Backend::Sqlite)
                .then_some(SqliteTransactionMode::Immediate),
        };
        Ok(self.inner.writer.begin_with_options(options).await?)
    }

    /// Runs a statement of the store's own housekeeping as every other write runs: in a transaction, and in a task that whoever
    /// waits for it cannot cut. Tells how many rows it changed.
    pub(crate) async fn change_rows(&self, statement: Statement) -> Result<u64, Failure> {
        let database = self.clone();
        self.in_own_task(async move {
            let transaction = database.begin().await?;
            let changed = transaction.execute_raw(statement).await?.rows_affected();
            transaction.commit().await?;
            Ok(changed)
        })
        .await
    }

    /// As [`Database::change_rows`], with the rows that the statement returns.
    pub(crate) async fn changed_rows(&self, statement: Statement) -> Result<Vec<QueryResult>, Failure> {
        let database = self.clone();
        self.in_own_task(async move {
            let transaction = database.begin().await?;
            let rows = transaction.query_all_raw(statement).await?;
            transaction.commit().await?;
            Ok(rows)
        })
        .await
    }

    async fn in_own_task<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Failure>> + Send + 'static,
    ) -> Result<T, Failure> {
        let task = self.inner.writes.spawn_on(work.in_current_span(), &self.inner.runtime);
        task.await.unwrap_or_else(|_panic_or_stop| Err(Failure::Panicked))
    }
}
