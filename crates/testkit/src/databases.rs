//! A fresh database of each kind for one test.

use std::str::FromStr as _;
use std::sync::Arc;

use cordon_context::{Clock, ManualClock};
use cordon_store::{Database, DatabaseSettings};
use sea_orm_migration::MigratorTrait;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Executor as _};
use tempfile::TempDir;

/// A database that disappears with this value.
pub struct TestDatabase {
    /// The migrated database.
    pub database: Database,
    /// How it was opened, to open it again after a pretended restart.
    pub settings: DatabaseSettings,
    /// `sqlite` or `postgres`, for messages.
    pub backend: &'static str,
    _folder: Option<TempDir>,
}

/// The PostgreSQL server that tests may use, from `CORDON_TEST_POSTGRES`; `make test` starts one and sets it.
pub fn postgres_url() -> Option<String> {
    std::env::var("CORDON_TEST_POSTGRES").ok().filter(|url| !url.is_empty())
}

/// A migrated SQLite database, and a migrated PostgreSQL database where a server is known.
pub async fn test_databases<M: MigratorTrait>(service: &'static str, clock: Arc<dyn Clock>) -> Vec<TestDatabase> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let settings = DatabaseSettings {
        url: format!("sqlite:{}", folder.path().join(format!("{service}.db")).display()),
        max_connections: 4,
    };
    let mut databases = vec![open::<M>(service, settings, "sqlite", Some(folder), Arc::clone(&clock)).await];
    if let Some(server) = postgres_url() {
        let settings = DatabaseSettings { url: fresh_postgres(&server).await, max_connections: 4 };
        databases.push(open::<M>(service, settings, "postgres", None, clock).await);
    }
    databases
}

/// As [`test_databases`], with a clock of its own for each, so that moving one does not move the other.
pub async fn test_databases_apart<M: MigratorTrait>(service: &'static str) -> Vec<(TestDatabase, ManualClock)> {
    let mut databases = Vec::new();
    let count = 1 + usize::from(postgres_url().is_some());
    for place in 0..count {
        let clock = crate::clock();
        let mut both = test_databases::<M>(service, Arc::new(clock.clone())).await;
        databases.push((both.swap_remove(place), clock));
    }
    databases
}

async fn open<M: MigratorTrait>(
    service: &'static str,
    settings: DatabaseSettings,
    backend: &'static str,
    folder: Option<TempDir>,
    clock: Arc<dyn Clock>,
) -> TestDatabase {
    let database = Database::open(&settings, service, clock).await.expect("a database");
    cordon_migrations::apply::<M>(&database).await.expect("migrations");
    TestDatabase { database, settings, backend, _folder: folder }
}

/// Makes an empty database on the server and gives its address; the server is a scratch one and goes away as a whole.
pub async fn fresh_postgres(server: &str) -> String {
    let name = format!("t_{:016x}", rand::random::<u64>());
    let options = PgConnectOptions::from_str(server).expect("an address of a PostgreSQL server");
    let mut connection = options.connect().await.expect("a PostgreSQL server");
    let statement = format!("CREATE DATABASE {name}");
    connection.execute(sqlx::AssertSqlSafe(statement)).await.expect("a new database");
    let (base, query) =
        server.split_once('?').map_or((server, String::new()), |(base, query)| (base, format!("?{query}")));
    let (host, _database) = base.rsplit_once('/').expect("an address with a database");
    format!("{host}/{name}{query}")
}
