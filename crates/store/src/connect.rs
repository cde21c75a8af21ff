//! Opening a service's database.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use cordon_context::{Clock, Timestamp};
use cordon_vault::Vault;
use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DbBackend, SqlxPostgresConnector, SqlxSqliteConnector, Statement,
};
use serde::{Deserialize, Serialize};
use sqlx::Executor as _;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tokio::sync::{Notify, watch};
use tokio_util::task::TaskTracker;

use crate::denials::Denials;
use crate::{Failure, private};

const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(8);
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Where a service keeps its rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseSettings {
    /// `sqlite:PATH` or `postgres://…`.
    pub url: String,
    /// How many connections may be open at once; SQLite adds one that writes.
    #[serde(default = "default_connections")]
    pub max_connections: u32,
}

fn default_connections() -> u32 {
    8
}

/// Which database stands behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// One file, one writer.
    Sqlite,
    /// A server; one schema for each service.
    Postgres,
}

/// Whether what is not there yet may be made; a command that only looks must not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// Makes files, folders and schemas.
    Making,
    /// Fails where nothing is.
    Existing,
}

/// A database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address is neither SQLite's nor PostgreSQL's.
    #[error("the database address begins neither with sqlite: nor with postgres://")]
    UnknownAddress,
    /// The server acknowledges what it has not written; a crash would lose acknowledged orders.
    #[error("PostgreSQL runs with {setting} = {value}; acknowledged writes could be lost")]
    Unsafe {
        /// The setting's name.
        setting: &'static str,
        /// Its present value.
        value: String,
    },
    /// The file could not be made.
    #[error("the file {} cannot be made", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the machine answered.
        #[source]
        source: std::io::Error,
    },
    /// The server has no schema of the service's name, and nothing was to be made.
    #[error("there is no schema {0}; run cordon migrate first")]
    NoSchema(String),
    /// The database did not answer.
    #[error("the database did not answer")]
    Unreachable(#[from] sqlx::Error),
}

/// One service's database: cheap to clone, shared by all its use cases.
#[derive(Clone)]
pub struct Database {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) service: &'static str,
    pub(crate) backend: Backend,
    pub(crate) writer: DatabaseConnection,
    pub(crate) reader: DatabaseConnection,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) commits: Arc<Notify>,
    pub(crate) writes: TaskTracker,
    /// Where writes run: on the program's own runtime, not on that of a web worker, which ends before an orderly stop does.
    pub(crate) runtime: tokio::runtime::Handle,
    pub(crate) policy_version: OnceLock<String>,
    pub(crate) answers: OnceLock<Arc<Vault>>,
    pub(crate) file: Option<PathBuf>,
    pub(crate) denials: Denials,
    pub(crate) entries: watch::Sender<u64>,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("service", &self.inner.service)
            .field("backend", &self.inner.backend)
            .finish_non_exhaustive()
    }
}

impl Database {
    /// Opens a service's database, makes what is not there yet, and checks that it keeps what it acknowledges.
    ///
    /// # Errors
    ///
    /// Fails if the address is unknown, the database does not answer, or the server is set up to lose acknowledged writes.
    pub async fn open(
        settings: &DatabaseSettings,
        service: &'static str,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StoreError> {
        Self::open_as(settings, service, clock, Opening::Making).await
    }

    /// As [`Database::open`], and makes nothing if it is only to look: neither a file nor a schema, nor another journal mode.
    ///
    /// # Errors
    ///
    /// As [`Database::open`], and if there is nothing to look at.
    pub async fn open_as(
        settings: &DatabaseSettings,
        service: &'static str,
        clock: Arc<dyn Clock>,
        opening: Opening,
    ) -> Result<Self, StoreError> {
        let mut file = None;
        let (backend, writer, reader) = if settings.url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(&settings.url)?;
            file = file_of(&options, &settings.url);
            let (writer, reader) = open_sqlite(settings, options, file.as_deref(), opening).await?;
            (Backend::Sqlite, writer, reader)
        } else if settings.url.starts_with("postgres:") || settings.url.starts_with("postgresql:") {
            let pool = open_postgres(settings, service, opening).await?;
            (Backend::Postgres, pool.clone(), pool)
        } else {
            return Err(StoreError::UnknownAddress);
        };
        let commits = Arc::new(Notify::new());
        let writes = TaskTracker::new();
        Ok(Self {
            inner: Arc::new(Inner {
                service,
                backend,
                writer,
                reader,
                clock,
                commits,
                writes,
                runtime: tokio::runtime::Handle::current(),
                policy_version: OnceLock::new(),
                answers: OnceLock::new(),
                file,
                denials: Denials::default(),
                entries: watch::Sender::new(0),
            }),
        })
    }

    /// Connections for queries outside a transaction; on SQLite they cannot write.
    pub fn reader(&self) -> &DatabaseConnection {
        &self.inner.reader
    }

    /// The one connection through which migrations run.
    pub fn migrator(&self) -> &DatabaseConnection {
        &self.inner.writer
    }

    /// The service whose rows these are.
    pub fn service(&self) -> &'static str {
        self.inner.service
    }

    /// Which database stands behind.
    pub fn backend(&self) -> Backend {
        self.inner.backend
    }

    /// The clock by which rows are stamped.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.clock
    }

    /// What time the database server has; none for a file, which has no clock of its own.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn server_time(&self) -> Result<Option<Timestamp>, Failure> {
        match self.inner.backend {
            Backend::Sqlite => Ok(None),
            Backend::Postgres => {
                let sql = "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::BIGINT AS now";
                let row = self.reader().query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
                Ok(row.map(|row| row.try_get("", "now")).transpose()?.map(Timestamp::from_millis))
            }
        }
    }

    /// Names the vault that seals the answers kept under idempotency keys; a service does so once, when it is built.
    ///
    /// Without a vault no answer can be kept, and a write that comes with a key is refused.
    pub fn seal_answers(&self, vault: Arc<Vault>) {
        // Whoever comes first stays: all vaults of a service hold the same keys.
        let _set_before = self.inner.answers.set(vault);
    }

    /// Wakes up whenever a write with events was committed in this process.
    pub fn watch_commits(&self) -> Arc<Notify> {
        Arc::clone(&self.inner.commits)
    }

    /// How many ledger entries this process has committed since it opened the database; changes with each of them.
    pub fn watch_entries(&self) -> watch::Receiver<u64> {
        self.inner.entries.subscribe()
    }

    /// Waits until writes that have begun are through and refused attempts are written down; for an orderly stop.
    pub async fn drain(&self) {
        self.inner.denials.hurry.cancel();
        self.inner.writes.close();
        self.inner.writes.wait().await;
    }
}

impl Backend {
    /// The same, in the words of the query builder.
    pub fn db_backend(self) -> DbBackend {
        match self {
            Self::Sqlite => DbBackend::Sqlite,
            Self::Postgres => DbBackend::Postgres,
        }
    }
}

/// The file behind an address, if it is not one in memory.
fn file_of(options: &SqliteConnectOptions, url: &str) -> Option<PathBuf> {
    let in_memory = url.contains(":memory:") || url.contains("mode=memory");
    (!in_memory).then(|| options.get_filename().to_owned())
}

async fn open_sqlite(
    settings: &DatabaseSettings,
    options: SqliteConnectOptions,
    file: Option<&Path>,
    opening: Opening,
) -> Result<(DatabaseConnection, DatabaseConnection), StoreError> {
    let options = match opening {
        Opening::Making => {
            if let Some(file) = file {
                private::prepare(file).map_err(|source| StoreError::File { path: file.to_owned(), source })?;
            }
            options.create_if_missing(true).journal_mode(SqliteJournalMode::Wal)
        }
        Opening::Existing => options.create_if_missing(false),
    };
    let options = options
        // Sealed rows are long: a larger page holds more of them and is written with fewer calls.
        .page_size(8192)
        // A confirmed order survives a power cut, not only a crash of this process.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(true)
        // There are several readers, and what one of them has not kept lies in the cache of the system.
        .pragma("cache_size", "-1000")
        .pragma("temp_store", "memory");
    // Indexes by fingerprint are written all over: a larger cache keeps their pages until the commit, and a longer log copies each
    // of them into the file once for several commits.
    let writing = options.clone().pragma("cache_size", "-16000").pragma("wal_autocheckpoint", "4000");
    let hooked = |pool: SqlitePoolOptions| {
        pool.acquire_timeout(ACQUIRE_TIMEOUT).after_release(|connection, _meta| {
            Box::pin(async move {
                // A request that was cut while it began a transaction must not hand that transaction to the next one.
                // Without a transaction SQLite answers with an error, which is the good case.
                let _none_open = connection.execute("ROLLBACK").await;
                Ok(true)
            })
        })
    };
    let writer = hooked(SqlitePoolOptions::new().max_connections(1).min_connections(1)).connect_with(writing).await?;
    let reader = hooked(SqlitePoolOptions::new().max_connections(settings.max_connections))
        .connect_with(options.pragma("query_only", "on"))
        .await?;
    Ok((SqlxSqliteConnector::from_sqlx_sqlite_pool(writer), SqlxSqliteConnector::from_sqlx_sqlite_pool(reader)))
}

async fn open_postgres(
    settings: &DatabaseSettings,
    service: &str,
    opening: Opening,
) -> Result<DatabaseConnection, StoreError> {
    let schema = service.replace('-', "_");
    let options = PgConnectOptions::from_str(&settings.url)?.application_name(&format!("cordon-{service}")).options([
        ("search_path", schema.as_str()),
        ("statement_timeout", "30s"),
        ("idle_in_transaction_session_timeout", "10s"),
        ("client_min_messages", "error"),
        ("TimeZone", "UTC"),
        // Rows are locked and read again after the wait; a snapshot of the whole transaction would not see what it waited for.
        ("default_transaction_isolation", "read committed"),
    ]);
    let pool = PgPoolOptions::new()
        .max_connections(settings.max_connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .after_release(|connection, _meta| {
            Box::pin(async move {
                connection.execute("ROLLBACK").await?;
                Ok(true)
            })
        })
        .connect_with(options)
        .await?;
    for setting in ["synchronous_commit", "fsync", "full_page_writes"] {
        let value: String = sqlx::query_scalar("SELECT current_setting($1)").bind(setting).fetch_one(&pool).await?;
        if value == "off" {
            return Err(StoreError::Unsafe { setting, value });
        }
    }
    match opening {
        Opening::Making => {
            // The name comes from a constant of the program, never from input.
            let statement = format!("CREATE SCHEMA IF NOT EXISTS {schema}");
            pool.execute(sqlx::AssertSqlSafe(statement)).await?;
        }
        Opening::Existing => {
            let there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $1)")
                .bind(&schema)
                .fetch_one(&pool)
                .await?;
            if !there {
                return Err(StoreError::NoSchema(schema));
            }
        }
    }
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
}
