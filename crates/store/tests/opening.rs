//! What opening a database makes, who may read it, and what the database says of itself.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::str::FromStr as _;
use std::sync::Arc;

use cordon_migrations::directory::Migrator;
use cordon_store::{AuditRecord, Database, DatabaseSettings, Opening, StoreError};
use cordon_testkit::{call, clock, fresh_postgres, postgres_url, test_databases};
use serde_json::json;
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn settings(file: &Path) -> DatabaseSettings {
    DatabaseSettings { url: format!("sqlite:{}?mode=rwc", file.display()), max_connections: 2 }
}

#[tokio::test]
async fn nobody_else_may_read_what_a_database_writes() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("data");
    let file = folder.join("directory.db");
    let database = Database::open(&settings(&file), "directory", Arc::new(clock())).await.unwrap();
    cordon_migrations::apply::<Migrator>(&database).await.unwrap();
    let actor = cordon_context::Actor::system("test");
    database
        .write(&call(&actor), |mut tx| async move {
            tx.record(AuditRecord::new("thing.create", "thg_1", json!({})));
            tx.commit(()).await
        })
        .await
        .unwrap();
    assert_eq!(mode(&folder), 0o700);
    let files = database.files();
    assert_eq!(files.len(), 3, "the file, its log and its index");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }

    // The negative control: left to itself SQLite lets others read.
    let plain = place.path().join("plain.db");
    let options = SqliteConnectOptions::from_str(&format!("sqlite:{}", plain.display())).unwrap();
    let _connection = options.create_if_missing(true).connect().await.unwrap();
    assert_ne!(mode(&plain) & 0o077, 0);
    // And whoever has set a mode of their own keeps it; `cordon doctor` speaks of it.
    let before = Database::open(&settings(&plain), "directory", Arc::new(clock())).await.unwrap();
    assert_ne!(mode(before.files().first().unwrap()) & 0o077, 0);
}

#[tokio::test]
async fn whoever_only_looks_makes_neither_files_nor_schemas() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("data/directory.db");
    let looked = Database::open_as(&settings(&file), "directory", Arc::new(clock()), Opening::Existing).await;
    assert!(looked.is_err());
    assert!(!place.path().join("data").exists());
    Database::open(&settings(&file), "directory", Arc::new(clock())).await.unwrap();
    Database::open_as(&settings(&file), "directory", Arc::new(clock()), Opening::Existing).await.unwrap();

    if let Some(server) = postgres_url() {
        let settings = DatabaseSettings { url: fresh_postgres(&server).await, max_connections: 2 };
        for _twice in 0..2 {
            let looked = Database::open_as(&settings, "case-intake", Arc::new(clock()), Opening::Existing).await;
            assert!(matches!(looked, Err(StoreError::NoSchema(schema)) if schema == "case_intake"));
        }
        Database::open(&settings, "case-intake", Arc::new(clock())).await.unwrap();
        Database::open_as(&settings, "case-intake", Arc::new(clock()), Opening::Existing).await.unwrap();
    }
}

#[tokio::test]
async fn a_database_answers_what_it_was_asked_to_keep() {
    for test in test_databases::<Migrator>("directory", Arc::new(clock())).await {
        let safeguards = test.database.safeguards().await.unwrap();
        assert!(safeguards.len() >= 4, "{}", test.backend);
        for safeguard in safeguards {
            assert!(safeguard.holds, "{}: {safeguard:?}", test.backend);
        }
    }
}

#[tokio::test]
async fn a_journal_that_was_changed_behind_the_program_is_seen_and_not_mended_by_looking() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("directory.db");
    drop(Database::open(&settings(&file), "directory", Arc::new(clock())).await.unwrap());
    let options = SqliteConnectOptions::from_str(&format!("sqlite:{}", file.display())).unwrap();
    let mut connection = options.connect().await.unwrap();
    let begun = std::time::Instant::now();
    // The pool of the first database closes its connections in the background.
    while sqlx::query("PRAGMA journal_mode = delete").execute(&mut connection).await.is_err() {
        assert!(begun.elapsed() < std::time::Duration::from_secs(20));
    }
    let looked = Database::open_as(&settings(&file), "directory", Arc::new(clock()), Opening::Existing).await.unwrap();
    let safeguards = looked.safeguards().await.unwrap();
    let broken: Vec<_> = safeguards.iter().filter(|safeguard| !safeguard.holds).collect();
    assert!(matches!(broken.as_slice(), [one] if one.name == "journal_mode" && one.found == "delete"), "{broken:?}");
}
