//! A transaction that nobody finished must not swallow the writes of whoever gets the connection next.
//!
//! A request that is cut while its `BEGIN` is on the way leaves the connection inside a transaction that the pool knows nothing
//! of. The tests put a connection into that state by hand, so that they fail every time and not one time in twelve.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::str::FromStr as _;
use std::sync::Arc;

use cordon_store::{Database, DatabaseSettings};
use cordon_testkit::{clock, fresh_postgres, postgres_url};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sqlx::{ConnectOptions as _, Executor as _};

const TABLE: &str = "CREATE TABLE acknowledged (id BIGINT PRIMARY KEY)";
const INSERT: &str = "INSERT INTO acknowledged (id) VALUES (1)";
const COUNT: &str = "SELECT COUNT(*) FROM acknowledged";

/// Poisons the only connection, writes through it, and counts what another connection sees of the acknowledged write.
async fn seen_on_postgres(pool: &PgPool, url: &str) -> i64 {
    pool.execute(TABLE).await.unwrap();
    let mut connection = pool.acquire().await.unwrap();
    connection.execute("BEGIN").await.unwrap();
    drop(connection);
    let acknowledged = pool.execute(INSERT).await.unwrap();
    assert_eq!(acknowledged.rows_affected(), 1);
    let mut observer = PgConnectOptions::from_str(url)
        .unwrap()
        .options([("search_path", "directory,public")])
        .connect()
        .await
        .unwrap();
    sqlx::query_scalar(COUNT).fetch_one(&mut observer).await.unwrap()
}

async fn seen_on_sqlite(pool: &SqlitePool, url: &str) -> i64 {
    pool.execute(TABLE).await.unwrap();
    let mut connection = pool.acquire().await.unwrap();
    connection.execute("BEGIN").await.unwrap();
    drop(connection);
    let acknowledged = pool.execute(INSERT).await.unwrap();
    assert_eq!(acknowledged.rows_affected(), 1);
    let mut observer = SqliteConnectOptions::from_str(url).unwrap().connect().await.unwrap();
    sqlx::query_scalar(COUNT).fetch_one(&mut observer).await.unwrap()
}

#[tokio::test]
async fn postgres_connections_come_back_clean() {
    let Some(server) = postgres_url() else { return eprintln!("skipped: no PostgreSQL server") };
    let settings = DatabaseSettings { url: fresh_postgres(&server).await, max_connections: 1 };
    let database = Database::open(&settings, "directory", Arc::new(clock())).await.unwrap();
    assert_eq!(seen_on_postgres(database.migrator().get_postgres_connection_pool(), &settings.url).await, 1);
}

#[tokio::test]
async fn without_the_hook_postgres_loses_an_acknowledged_write() {
    let Some(server) = postgres_url() else { return eprintln!("skipped: no PostgreSQL server") };
    let url = fresh_postgres(&server).await;
    let pool = PgPoolOptions::new().max_connections(1).connect(&url).await.unwrap();
    assert_eq!(seen_on_postgres(&pool, &url).await, 0);
}

#[tokio::test]
async fn sqlite_connections_come_back_clean() {
    let folder = tempfile::tempdir().unwrap();
    let settings =
        DatabaseSettings { url: format!("sqlite:{}", folder.path().join("a.db").display()), max_connections: 1 };
    let database = Database::open(&settings, "directory", Arc::new(clock())).await.unwrap();
    assert_eq!(seen_on_sqlite(database.migrator().get_sqlite_connection_pool(), &settings.url).await, 1);
}

#[tokio::test]
async fn without_the_hook_sqlite_loses_an_acknowledged_write() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}?mode=rwc", folder.path().join("b.db").display());
    let options = SqliteConnectOptions::from_str(&url).unwrap().journal_mode(sqlx::sqlite::SqliteJournalMode::Wal);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    assert_eq!(seen_on_sqlite(&pool, &url).await, 0);
}

#[tokio::test]
async fn a_server_that_acknowledges_before_it_writes_is_refused() {
    let Some(server) = postgres_url() else { return eprintln!("skipped: no PostgreSQL server") };
    let url = fresh_postgres(&server).await;
    let mut connection = PgConnectOptions::from_str(&url).unwrap().connect().await.unwrap();
    let name = url.rsplit('/').next().unwrap().split('?').next().unwrap();
    connection
        .execute(sqlx::AssertSqlSafe(format!("ALTER DATABASE {name} SET synchronous_commit = off")))
        .await
        .unwrap();
    let settings = DatabaseSettings { url, max_connections: 1 };
    let refused = Database::open(&settings, "directory", Arc::new(clock())).await.unwrap_err();
    assert!(refused.to_string().contains("synchronous_commit"), "{refused}");
}
