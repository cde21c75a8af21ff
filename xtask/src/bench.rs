//! What `make bench` measures. Every number stands beside a baseline of the same run, so that a slow machine is seen as one.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::cordon::{Build, Installation, Server};
use crate::process;

/// Who imports.
const CLERK: &str = "hotline.clerk";

/// Measures extraction, start, idle memory and import of `reports`, and the growth of memory over a file of so many rows.
pub(crate) fn run(root: &Path, reports: Option<PathBuf>, large_rows: usize) -> Result<()> {
    let reports = reports.unwrap_or_else(|| usual_reports(root));
    if !reports.is_file() {
        bail!("{} does not exist", reports.display());
    }
    let reports = fs::canonicalize(reports)?;
    let file = reports.to_str().context("the path of the reports is not text")?;
    crate::say(&format!("reports: {file}"));

    crate::say("\n==> extraction");
    example(root, "cordon-identifier", "extract_bench", file)?;

    crate::say("\n==> start and idle memory");
    let installation = Installation::new(root, Build::Release)?;
    process::run(installation.command(&["migrate"]).stdout(Stdio::null()))?;
    process::run(installation.command(&["seed", "demo", "--without-reports"]).stdout(Stdio::null()))?;
    let server = installation.serve()?;
    // Idle is what is left when the work of the start is done; background jobs have had their first turn by then.
    std::thread::sleep(Duration::from_secs(5));
    let (resident, _peak) = server.memory_kib()?;
    crate::say(&format!("ready after {} ms (bar: 1,000 ms)", server.ready_after.as_millis()));
    crate::say(&format!("idle: {} MiB resident (bar: 100 MiB)", resident / 1_024));

    crate::say("\n==> import");
    let baseline = baseline(root, file)?;
    let import = import(&installation, file)?;
    crate::say(&format!("bulk insert of the raw rows: {} ms", baseline.as_millis()));
    crate::say(&format!("import until reports and identifiers are stored: {} ms", import.as_millis()));
    crate::say(&format!("ratio: {:.2} (bar: 4)", import.as_secs_f64() / baseline.as_secs_f64().max(0.001)));

    if large_rows > 0 {
        crate::say(&format!("\n==> memory over {large_rows} rows"));
        memory(&installation, &server, &reports, large_rows)?;
    }
    Ok(())
}

/// The drill's reports where they are there, else the ones of the demonstration.
fn usual_reports(root: &Path) -> PathBuf {
    let drill = root.join("../shared/data/drill/reports.csv");
    if drill.is_file() { drill } else { root.join("demo/reports.csv") }
}

fn example(root: &Path, package: &str, name: &str, file: &str) -> Result<()> {
    let mut command = Command::new(process::cargo());
    command.args(["run", "--quiet", "--release", "--package", package, "--example", name, "--", file]);
    process::run(command.current_dir(root))
}

fn baseline(root: &Path, file: &str) -> Result<Duration> {
    let mut command = Command::new(process::cargo());
    command.args(["run", "--quiet", "--release", "--package", "cordon-store", "--example", "bulk_insert", "--", file]);
    let line = process::output(command.current_dir(root))?;
    let millis = line.split_whitespace().rev().nth(1).and_then(|word| word.parse().ok());
    Ok(Duration::from_millis(millis.context("the baseline prints its time")?))
}

fn import(installation: &Installation, file: &str) -> Result<Duration> {
    let server = installation.url();
    let arguments = ["import", "reports", file, "--as", CLERK, "--accept", "good-rows", "--server", &server];
    let started = Instant::now();
    process::run(
        installation.command(&arguments).env("CORDON_PASSWORD", installation.demo_password()?).stdout(Stdio::null()),
    )?;
    Ok(started.elapsed())
}

fn memory(installation: &Installation, server: &Server, reports: &Path, rows: usize) -> Result<()> {
    let large = std::env::temp_dir().join(format!("cordon-large-{}.csv", std::process::id()));
    let written = repeat(reports, &large, rows);
    let outcome = written.and_then(|()| {
        let (_resident, before) = server.memory_kib()?;
        let time = import(installation, large.to_str().context("the temporary folder's path is not text")?)?;
        let (_resident, after) = server.memory_kib()?;
        crate::say(&format!("imported in {} s", time.as_secs()));
        crate::say(&format!("peak grew by {} MiB (bar: 64 MiB)", after.saturating_sub(before) / 1_024));
        Ok(())
    });
    drop(fs::remove_file(&large));
    outcome
}

/// Writes a file of `rows` rows by repeating the rows of another one.
fn repeat(from: &Path, to: &Path, rows: usize) -> Result<()> {
    let text = fs::read_to_string(from)?;
    let (header, body) = text.split_once('\n').context("the file has no rows")?;
    let lines: Vec<&str> = body.lines().collect();
    if lines.is_empty() || lines.iter().any(|line| line.matches('"').count() % 2 == 1) {
        bail!("{} has no rows, or rows of several lines", from.display());
    }
    let mut file = std::io::BufWriter::new(fs::File::create(to)?);
    writeln!(file, "{header}")?;
    for line in lines.iter().cycle().take(rows) {
        writeln!(file, "{line}")?;
    }
    file.flush().context("cannot write the large file")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_repeated_to_the_row() {
        let folder = tempfile::tempdir().unwrap();
        let (small, large) = (folder.path().join("small.csv"), folder.path().join("large.csv"));
        fs::write(&small, "a,b\n1,2\n3,\"4,5\"\n").unwrap();
        repeat(&small, &large, 5).unwrap();
        assert_eq!(fs::read_to_string(&large).unwrap(), "a,b\n1,2\n3,\"4,5\"\n1,2\n3,\"4,5\"\n1,2\n");
        fs::write(&small, "a,b\n1,\"two\nlines\"\n").unwrap();
        assert!(repeat(&small, &large, 5).is_err());
    }
}
