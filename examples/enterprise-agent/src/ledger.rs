//! This enterprise's own ledger. What is written here is on disk before anybody is told of it.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Row as _, Sqlite, Transaction};

const TABLES: &[&str] = &[
    // Webhook messages that were taken; the same identifier again is acknowledged and has no effect.
    "CREATE TABLE IF NOT EXISTS message (id TEXT PRIMARY KEY, at INTEGER NOT NULL)",
    // Tasks that have to be looked at.
    "CREATE TABLE IF NOT EXISTS todo (task TEXT PRIMARY KEY, at INTEGER NOT NULL)",
    // What was done: one row for each task and generation, whatever happens to messages and answers.
    "CREATE TABLE IF NOT EXISTS effect (task TEXT NOT NULL, generation INTEGER NOT NULL, action TEXT NOT NULL, outcome TEXT NOT NULL,
        bss_order TEXT NOT NULL, stop_type TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (task, generation))",
    // How a target stood before an effect, so that an effect without an order can be taken back.
    "CREATE TABLE IF NOT EXISTS earlier (task TEXT NOT NULL, generation INTEGER NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL,
        before TEXT NOT NULL, PRIMARY KEY (task, generation))",
    // Answers to the platform: kept until the platform has taken or refused them.
    "CREATE TABLE IF NOT EXISTS answer (receipt TEXT PRIMARY KEY, place INTEGER NOT NULL, task TEXT NOT NULL,
        generation INTEGER NOT NULL, operation TEXT NOT NULL, input TEXT NOT NULL, state TEXT NOT NULL, reason TEXT)",
    // What this enterprise serves, and whether it is in service.
    "CREATE TABLE IF NOT EXISTS resource (kind TEXT NOT NULL, value TEXT NOT NULL, state TEXT NOT NULL, ported_to TEXT,
        PRIMARY KEY (kind, value))",
];

/// The ledger.
#[derive(Clone)]
pub(crate) struct Ledger {
    pool: SqlitePool,
}

/// One number, account or name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resource {
    pub(crate) state: String,
    pub(crate) ported_to: Option<String>,
}

/// What was done for one generation of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Effect {
    pub(crate) task: String,
    pub(crate) generation: i64,
    pub(crate) action: String,
    /// `executed`, `refused`, `disowned`, or `undone` if it was executed and taken back.
    pub(crate) outcome: String,
    pub(crate) bss_order: String,
    pub(crate) stop_type: String,
    /// Milliseconds since 1970.
    pub(crate) at: i64,
}

/// An answer that the platform does not have yet.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) receipt: String,
    pub(crate) task: String,
    pub(crate) generation: i64,
    pub(crate) operation: String,
    pub(crate) input: serde_json::Value,
}

impl Ledger {
    /// Opens or makes the ledger.
    pub(crate) async fn open(file: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A confirmed execution must survive a power cut: every commit waits for the disk.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(std::time::Duration::from_secs(10));
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await;
        let pool = pool.with_context(|| format!("cannot open the ledger {} / 无法打开台账", file.display()))?;
        for statement in TABLES {
            sqlx::query(*statement).execute(&pool).await?;
        }
        Ok(Self { pool })
    }

    /// Closes the ledger in order.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }

    /// Takes resources from a CSV file with the columns kind, value, state, ported_to; those that are known stay as they are.
    pub(crate) async fn load(&self, file: &Path) -> Result<u64> {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read {} / 无法读取资源表", file.display()))?;
        let mut transaction = self.pool.begin().await?;
        let mut new = 0;
        for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate().skip(1) {
            if line.trim().is_empty() {
                continue;
            }
            let mut cells = line.split(',').map(str::trim);
            let (Some(kind), Some(value), state, ported) = (cells.next(), cells.next(), cells.next(), cells.next())
            else {
                anyhow::bail!(
                    "row {} of the resource file has too few columns / 资源表第 {} 行列数不足",
                    index + 1,
                    index + 1
                );
            };
            let state = state.filter(|state| !state.is_empty()).unwrap_or("active");
            let ported = ported.filter(|ported| !ported.is_empty());
            let done = sqlx::query(
                "INSERT INTO resource (kind, value, state, ported_to) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            )
            .bind(kind)
            .bind(value)
            .bind(state)
            .bind(ported)
            .execute(&mut *transaction)
            .await?;
            new += done.rows_affected();
        }
        transaction.commit().await?;
        Ok(new)
    }

    /// Notes a message and the task it names, both or neither; false if the message was taken before.
    pub(crate) async fn take_message(&self, id: &str, task: Option<&str>, now: i64) -> Result<bool> {
        let mut transaction = self.pool.begin().await?;
        let new = sqlx::query("INSERT INTO message (id, at) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(id)
            .bind(now)
            .execute(&mut *transaction)
            .await?
            .rows_affected()
            == 1;
        if new && let Some(task) = task {
            note(&mut transaction, task, now).await?;
        }
        transaction.commit().await?;
        Ok(new)
    }

    /// Notes a task that has to be looked at.
    pub(crate) async fn note_task(&self, task: &str, now: i64) -> Result<()> {
        let mut transaction = self.pool.begin().await?;
        note(&mut transaction, task, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Tasks that have to be looked at, oldest first.
    pub(crate) async fn todo(&self) -> Result<Vec<String>> {
        let rows = sqlx::query("SELECT task FROM todo ORDER BY at, task LIMIT 500").fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok(row.try_get("task")?)).collect()
    }

    /// Crosses a task off.
    pub(crate) async fn done(&self, task: &str) -> Result<()> {
        sqlx::query("DELETE FROM todo WHERE task = ?").bind(task).execute(&self.pool).await?;
        Ok(())
    }

    /// The newest generation of a task that had an effect here.
    pub(crate) async fn newest(&self, task: &str) -> Result<Option<Effect>> {
        let row = sqlx::query("SELECT * FROM effect WHERE task = ? ORDER BY generation DESC LIMIT 1")
            .bind(task)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(effect_of).transpose()
    }

    /// What this enterprise knows of a target.
    pub(crate) async fn resource(&self, kind: &str, value: &str) -> Result<Option<Resource>> {
        let row = sqlx::query("SELECT state, ported_to FROM resource WHERE kind = ? AND value = ?")
            .bind(kind)
            .bind(value)
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| Ok(Resource { state: row.try_get("state")?, ported_to: row.try_get("ported_to")? })).transpose()
    }

    /// Does what a generation of a task asks for, once, and queues the answers, all in one transaction.
    ///
    /// If this generation had its effect before, nothing happens; if a newer one had, nothing happens either.
    pub(crate) async fn execute(
        &self,
        effect: &Effect,
        target: Option<(&str, &str, &str)>,
        answers: &[Answer],
    ) -> Result<bool> {
        let mut transaction = self.pool.begin().await?;
        let done = sqlx::query(
            "INSERT INTO effect (task, generation, action, outcome, bss_order, stop_type, at)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE NOT EXISTS (SELECT 1 FROM effect WHERE task = ?1 AND generation >= ?2)",
        )
        .bind(&effect.task)
        .bind(effect.generation)
        .bind(&effect.action)
        .bind(&effect.outcome)
        .bind(&effect.bss_order)
        .bind(&effect.stop_type)
        .bind(effect.at)
        .execute(&mut *transaction)
        .await?
        .rows_affected()
            == 1;
        if done {
            if let Some((kind, value, state)) = target {
                sqlx::query(
                    "INSERT INTO earlier (task, generation, kind, value, before) VALUES (?1, ?2, ?3, ?4,
                     COALESCE((SELECT state FROM resource WHERE kind = ?3 AND value = ?4), 'active'))",
                )
                .bind(&effect.task)
                .bind(effect.generation)
                .bind(kind)
                .bind(value)
                .execute(&mut *transaction)
                .await?;
                // Here a real enterprise places the order in its business support system; the ledger row is its proof.
                sqlx::query(
                    "INSERT INTO resource (kind, value, state) VALUES (?1, ?2, ?3)
                     ON CONFLICT (kind, value) DO UPDATE SET state = ?3",
                )
                .bind(kind)
                .bind(value)
                .bind(state)
                .execute(&mut *transaction)
                .await?;
            }
            for (place, answer) in answers.iter().enumerate() {
                sqlx::query(
                    "INSERT INTO answer (receipt, place, task, generation, operation, input, state)
                     VALUES (?, ?, ?, ?, ?, ?, 'pending') ON CONFLICT DO NOTHING",
                )
                .bind(&answer.receipt)
                .bind(i64::try_from(place).unwrap_or(0))
                .bind(&answer.task)
                .bind(answer.generation)
                .bind(&answer.operation)
                .bind(answer.input.to_string())
                .execute(&mut *transaction)
                .await?;
            }
        }
        transaction.commit().await?;
        Ok(done)
    }

    /// Answers that the platform does not have yet, in the order in which they were given.
    pub(crate) async fn pending(&self) -> Result<Vec<Answer>> {
        let rows = sqlx::query(
            "SELECT receipt, task, generation, operation, input FROM answer WHERE state = 'pending' ORDER BY rowid, place LIMIT 500",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                let input: String = row.try_get("input")?;
                Ok(Answer {
                    receipt: row.try_get("receipt")?,
                    task: row.try_get("task")?,
                    generation: row.try_get("generation")?,
                    operation: row.try_get("operation")?,
                    input: serde_json::from_str(&input)?,
                })
            })
            .collect()
    }

    /// Marks an answer: the platform took it, or refused it for good.
    pub(crate) async fn settle(&self, receipt: &str, state: &str, reason: Option<&str>) -> Result<()> {
        sqlx::query("UPDATE answer SET state = ?, reason = ? WHERE receipt = ?")
            .bind(state)
            .bind(reason)
            .bind(receipt)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Takes the effect of a generation back, unless something was done to the same target afterwards; tells whether it was.
    pub(crate) async fn undo(&self, task: &str, generation: i64) -> Result<bool> {
        let mut transaction = self.pool.begin().await?;
        let undone = sqlx::query(
            "UPDATE resource SET state = (SELECT before FROM earlier WHERE task = ?1 AND generation = ?2)
             WHERE (kind, value) = (SELECT kind, value FROM earlier WHERE task = ?1 AND generation = ?2)
             AND NOT EXISTS (SELECT 1 FROM earlier AS later JOIN earlier AS own ON own.task = ?1 AND own.generation = ?2
                             AND later.kind = own.kind AND later.value = own.value AND later.rowid > own.rowid)",
        )
        .bind(task)
        .bind(generation)
        .execute(&mut *transaction)
        .await?
        .rows_affected()
            == 1;
        if undone {
            sqlx::query("UPDATE effect SET outcome = 'undone' WHERE task = ? AND generation = ?")
                .bind(task)
                .bind(generation)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(undone)
    }

    /// Puts the answers of one generation back on their way, because the platform still waits for them.
    pub(crate) async fn answer_again(&self, task: &str, generation: i64) -> Result<u64> {
        let done =
            sqlx::query("UPDATE answer SET state = 'pending' WHERE task = ? AND generation = ? AND state = 'taken'")
                .bind(task)
                .bind(generation)
                .execute(&self.pool)
                .await?;
        Ok(done.rows_affected())
    }
}

async fn note(transaction: &mut Transaction<'_, Sqlite>, task: &str, now: i64) -> Result<()> {
    sqlx::query("INSERT INTO todo (task, at) VALUES (?, ?) ON CONFLICT DO NOTHING")
        .bind(task)
        .bind(now)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

fn effect_of(row: &sqlx::sqlite::SqliteRow) -> Result<Effect> {
    Ok(Effect {
        task: row.try_get("task")?,
        generation: row.try_get("generation")?,
        action: row.try_get("action")?,
        outcome: row.try_get("outcome")?,
        bss_order: row.try_get("bss_order")?,
        stop_type: row.try_get("stop_type")?,
        at: row.try_get("at")?,
    })
}
