//! The baseline of the import benchmark: inserts the raw rows of a CSV file into one table without looking at them, in one
//! transaction per 2,000 rows as an import does, and prints how many milliseconds that took.
//!
//! `cargo run --release -p cordon-store --example bulk_insert -- REPORTS.CSV`

#![expect(clippy::print_stdout, reason = "a measuring program prints its result")]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use cordon_context::SystemClock;
use cordon_store::bulk::insert_rows;
use cordon_store::{Database, DatabaseSettings};
use sea_orm::{ConnectionTrait as _, TransactionTrait as _, Value};

const COLUMNS: &[&str] = &["c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7"];
const ROWS_IN_A_TRANSACTION: usize = 2_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args_os().nth(1).map(PathBuf::from).ok_or("usage: bulk_insert REPORTS.CSV")?;
    let folder = tempfile::tempdir()?;
    let settings = DatabaseSettings {
        url: format!("sqlite:{}?mode=rwc", folder.path().join("baseline.db").display()),
        max_connections: 2,
    };
    let database = Database::open(&settings, "baseline", Arc::new(SystemClock)).await?;
    let connection = database.migrator();
    let columns: Vec<String> = COLUMNS.iter().map(|column| format!("{column} TEXT")).collect();
    connection.execute_unprepared(&format!("CREATE TABLE raw ({})", columns.join(", "))).await?;

    let started = Instant::now();
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(&path)?;
    let mut records = reader.records();
    let mut inserted = 0;
    loop {
        let chunk = records.by_ref().take(ROWS_IN_A_TRANSACTION).collect::<Result<Vec<_>, _>>()?;
        if chunk.is_empty() {
            break;
        }
        let transaction = connection.begin().await?;
        let rows = chunk.iter().map(|record| {
            (0..COLUMNS.len()).map(|at| Value::from(record.get(at).unwrap_or_default().to_owned())).collect()
        });
        inserted += insert_rows(&transaction, "raw", COLUMNS, rows).await?;
        transaction.commit().await?;
    }
    println!("{inserted} rows in {} ms", started.elapsed().as_millis());
    Ok(())
}
