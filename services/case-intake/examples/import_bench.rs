//! Measures the import: how long until reports and identifiers are stored, against a bulk insert of the same raw rows. Fails where
//! the bar is missed.
//!
//! ```text
//! cargo run --release -p cordon-case-intake --example import_bench -- reports.csv
//! ```
#![expect(clippy::print_stdout, reason = "a measuring program speaks to its terminal")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use cordon_case_intake::{CaseIntake, CaseIntakeSettings, ImportMode, ImportSource, Parts};
use cordon_case_intake_contract::Accept;
use cordon_context::{CallContext, Clock, OrganisationKind, OrganisationLevel, Role, SystemClock};
use cordon_identifier::ProtectedList;
use cordon_migrations::case_intake::Migrator;
use cordon_policies::{Authorizer, Gate, LoggedDenials};
use cordon_rpc::Link;
use cordon_store::{Database, DatabaseSettings};
use cordon_vault::{LocalKeyService, Suite, Vault};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, QueryBuilder, Sqlite};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// The rows of one transaction of the bulk insert.
const CHUNK: usize = 2_000;

/// How many times as long the import may take.
const BAR: f64 = 4.0;

/// The turns that count.
const ROUNDS: usize = 15;

#[tokio::main]
async fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let file = PathBuf::from(arguments.next().ok_or("name a file of reports")?);
    let folder = tempfile::tempdir()?;
    // Both run in turns, so that a slow moment of the machine meets both; the first turn warms the file cache and the allocator.
    let mut turns = Vec::new();
    for round in 0..=ROUNDS {
        let raw = insert_raw(&folder.path().join(format!("raw-{round}.db")), &file).await?;
        let service = service(&folder.path().join(format!("round-{round}"))).await?;
        let begun = Instant::now();
        let counts = import_file(&service, &file).await?;
        let whole = begun.elapsed();
        println!("round {round}: raw rows {} ms, import {} ms, {counts}", raw.as_millis(), whole.as_millis());
        if round > 0 {
            turns.push((raw, whole));
        }
    }
    let middle = |mut numbers: Vec<f64>| {
        numbers.sort_by(f64::total_cmp);
        numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
    };
    let millis = |pick: fn(&(Duration, Duration)) -> Duration| {
        middle(turns.iter().map(|turn| pick(turn).as_secs_f64() * 1_000.0).collect())
    };
    println!("bulk insert of the raw rows: {:.0} ms (median)", millis(|turn| turn.0));
    println!("import until reports and identifiers are stored: {:.0} ms (median)", millis(|turn| turn.1));
    let ratio = middle(turns.iter().map(|(raw, whole)| whole.as_secs_f64() / raw.as_secs_f64()).collect());
    println!("ratio: {ratio:.2} (median of {ROUNDS} turns; bar: {BAR})");
    if ratio > BAR { Err(format!("the import takes more than {BAR} times as long").into()) } else { Ok(()) }
}

async fn service(folder: &Path) -> Outcome<CaseIntake> {
    std::fs::create_dir_all(folder)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let settings =
        DatabaseSettings { url: format!("sqlite:{}", folder.join("intake.db").display()), max_connections: 4 };
    let database = Database::open(&settings, "case-intake", Arc::clone(&clock)).await?;
    cordon_migrations::apply::<Migrator>(&database).await?;
    let keys = LocalKeyService::open_or_create(&folder.join("keys"), Suite::Aes256GcmSha256)?;
    let gate = Gate::new(Arc::new(Authorizer::embedded()?), Arc::new(LoggedDenials));
    Ok(cordon_case_intake::build(Parts {
        database,
        gate: Arc::new(gate),
        vault: Arc::new(Vault::new(Arc::new(keys), "case-intake")),
        clock,
        // An import asks the directory nothing.
        directory: Link::local(jsonrpsee::Methods::new()),
        protected: Arc::new(ProtectedList::built_in().clone()),
        settings: CaseIntakeSettings::default(),
    }))
}

async fn import_file(service: &CaseIntake, file: &Path) -> Outcome<String> {
    let actor = cordon_testkit::actor(
        "clerk",
        "bench",
        OrganisationKind::Police,
        OrganisationLevel::Province,
        "000000",
        &[Role::HotlineClerk],
    );
    let ctx: CallContext = cordon_testkit::call(&actor);
    let source = ImportSource { path: file.to_owned(), file_name: "reports.csv".to_owned() };
    let chunks = Arc::new(AtomicU64::new(0));
    let heard = Arc::clone(&chunks);
    let progress = move |_progress| {
        heard.fetch_add(1, Ordering::Relaxed);
    };
    let import = service.import_reports(&ctx, source, ImportMode::Commit(Accept::GoodRows), progress).await?;
    let counts = import.committed;
    Ok(format!(
        "{} new, {} broken, {} findings, {} chunks",
        counts.new,
        counts.broken,
        counts.findings,
        chunks.load(Ordering::Relaxed)
    ))
}

/// Inserts the rows as they are, in transactions of the same size, by the bulk insert of the database driver's own manual.
async fn insert_raw(path: &Path, file: &Path) -> Outcome<Duration> {
    const COLUMNS: &[&str] =
        &["report_id", "received_at", "channel", "region", "fraud_type", "loss_cents", "victim_phone", "text"];
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .page_size(8192)
        .pragma("cache_size", "-16000")
        .pragma("wal_autocheckpoint", "4000");
    let mut connection = options.connect().await?;
    let names = COLUMNS.join(", ");
    let columns = COLUMNS.iter().map(|name| format!("{name} TEXT NOT NULL")).collect::<Vec<_>>().join(", ");
    connection.execute(AssertSqlSafe(format!("CREATE TABLE raw ({columns})"))).await?;
    let begun = Instant::now();
    let mut reader = csv::Reader::from_path(file)?;
    let mut records = reader.records();
    loop {
        let chunk: Vec<csv::StringRecord> = records.by_ref().take(CHUNK).collect::<Result<_, _>>()?;
        if chunk.is_empty() {
            return Ok(begun.elapsed());
        }
        let mut transaction = connection.begin().await?;
        let mut insert = QueryBuilder::<Sqlite>::new(format!("INSERT INTO raw ({names}) "));
        insert.push_values(&chunk, |mut row, record| {
            for cell in record {
                row.push_bind(cell.to_owned());
            }
        });
        insert.build().execute(&mut *transaction).await?;
        transaction.commit().await?;
    }
}
