//! What `make bench` measures. Every number stands beside a baseline of the same run, so that a slow machine is seen as one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::cordon::{Build, Installation};
use crate::process;

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
    example(root, "cordon-identifier", "extract_bench", &[file])?;

    crate::say("\n==> start and idle memory");
    let installation = Installation::new(root, Build::Release)?;
    process::run(installation.command(&["migrate"]).stdout(Stdio::null()))?;
    process::run(installation.command(&["seed", "demo", "--without-reports"]).stdout(Stdio::null()))?;
    let server = installation.serve()?;
    // Idle is what is left when the work of the start is done; background jobs have had their first turn by then.
    std::thread::sleep(Duration::from_secs(5));
    let resident = server.resident_kib()?;
    crate::say(&format!("ready after {} ms (bar: 1,000 ms)", server.ready_after.as_millis()));
    crate::say(&format!("idle: {} MiB resident (bar: 100 MiB)", resident / 1_024));

    crate::say("\n==> import");
    example(root, "cordon-case-intake", "import_bench", &[file, &large_rows.to_string()])?;
    Ok(())
}

/// The drill's reports where they are there, else the ones of the demonstration.
fn usual_reports(root: &Path) -> PathBuf {
    let drill = root.join("../shared/data/drill/reports.csv");
    if drill.is_file() { drill } else { root.join("demo/reports.csv") }
}

fn example(root: &Path, package: &str, name: &str, arguments: &[&str]) -> Result<()> {
    let mut command = Command::new(process::cargo());
    command.args(["run", "--quiet", "--release", "--package", package, "--example", name, "--"]).args(arguments);
    process::run(command.current_dir(root))
}
