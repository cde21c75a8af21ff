//! Measures the import: how long until reports and identifiers are stored, against a bulk insert of the same raw rows, and by how
//! much a file of many rows makes the process grow.
//!
//! ```text
//! cargo run --release -p cordon-case-intake --example import_bench -- reports.csv [rows of the large file]
//! ```
#![expect(clippy::print_stdout, reason = "a measuring program speaks to its terminal")]

use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
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

/// The turns that count.
const ROUNDS: usize = 15;

#[tokio::main]
async fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let file = PathBuf::from(arguments.next().ok_or("name a file of reports")?);
    let large = arguments.next().map(|rows| rows.parse::<u64>()).transpose()?;
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
    println!("ratio: {ratio:.2} (median of {ROUNDS} turns; bar: 4)");
    if let Some(rows) = large.filter(|rows| *rows > 0) {
        let path = folder.path().join("large.csv");
        repeat(&file, &path, rows)?;
        grow(folder.path(), "large", &path).await?;
        // As many bytes in rows of the greatest length: memory must follow neither the rows nor their length.
        let path = folder.path().join("long.csv");
        write_long_rows(&path, rows / 100)?;
        grow(folder.path(), "long", &path).await?;
    }
    Ok(())
}

/// Imports a file and tells by how much the process grew at most.
async fn grow(folder: &Path, name: &str, file: &Path) -> Outcome<()> {
    let service = service(&folder.join(name)).await?;
    // Sets the highest mark back to what is resident now.
    std::fs::write("/proc/self/clear_refs", "5")?;
    let before = resident("VmRSS")?;
    let begun = Instant::now();
    let counts = import_file(&service, file).await?;
    let peak = resident("VmHWM")?;
    println!("{name}: {} MiB in {} s, {counts}", std::fs::metadata(file)?.len() >> 20, begun.elapsed().as_secs());
    println!(
        "{name}: resident before {} MiB, peak {} MiB, growth {} MiB (bar: 64)",
        before / 1024,
        peak / 1024,
        peak.saturating_sub(before) / 1024
    );
    Ok(())
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

/// Writes a file of so many rows by repeating another one, with numbers of its own so that every row is new.
fn repeat(from: &Path, to: &Path, rows: u64) -> Outcome<()> {
    let mut output = BufWriter::new(File::create(to)?);
    let mut written = 0;
    let mut round = 0;
    while written < rows {
        let mut lines = BufReader::new(File::open(from)?).lines();
        let header = lines.next().transpose()?.ok_or("the file is empty")?;
        if round == 0 {
            writeln!(output, "{header}")?;
        }
        for line in lines {
            if written == rows {
                break;
            }
            writeln!(output, "{round}-{}", line?)?;
            written += 1;
        }
        round += 1;
    }
    Ok(output.flush()?)
}

/// Writes a file of rows whose texts are as long as a text may be.
fn write_long_rows(to: &Path, rows: u64) -> Outcome<()> {
    let mut output = BufWriter::new(File::create(to)?);
    writeln!(output, "report_id,received_at,channel,region,fraud_type,loss_cents,victim_phone,text")?;
    let words = "对方自称客服让我转账到他说的账户后来就联系不上了".repeat(800);
    for row in 0..rows {
        writeln!(output, "L{row},2026-08-08T00:19:04+08:00,96110,440300,fake_customer_service,0,,{row}{words}")?;
    }
    Ok(output.flush()?)
}

/// A line of the process's status, in KiB.
fn resident(name: &str) -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with(name)).ok_or("no such line in /proc/self/status")?;
    Ok(line.split_whitespace().nth(1).ok_or("an empty line in /proc/self/status")?.parse()?)
}
