//! What `make bench` measures. Every time stands beside a baseline of the same run, so that a slow machine is seen as one; every
//! bar is judged, and a missed one fails the run.

mod files;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::cordon::{Build, Installation};
use crate::process;

/// How long the server has to come to rest.
const REST: Duration = Duration::from_secs(5);

/// Measures extraction, start, idle memory and import of `reports`, and the growth of memory over a file of so many rows.
pub(crate) fn run(root: &Path, reports: Option<PathBuf>, large_rows: usize) -> Result<()> {
    let reports = reports.unwrap_or_else(|| usual_reports(root));
    if !reports.is_file() {
        bail!("{} does not exist", reports.display());
    }
    let reports = fs::canonicalize(reports)?;
    let file = reports.to_str().context("the path of the reports is not text")?;
    crate::say(&format!("reports: {file}"));
    let mut missed = Vec::new();

    crate::say("\n==> extraction");
    if example(root, "cordon-identifier", "extract_bench", &[file]).is_err() {
        missed.push("extraction".to_owned());
    }

    crate::say("\n==> import");
    if example(root, "cordon-case-intake", "import_bench", &[file]).is_err() {
        missed.push("import".to_owned());
    }

    crate::say("\n==> the server: start, idle memory, growth of memory by an upload and its import");
    let folder = tempfile::tempdir()?;
    let large = folder.path().join("large.csv");
    files::repeat(&reports, &large, large_rows)?;
    // As many bytes in rows of the greatest length: memory must follow neither the rows nor their length.
    let long = folder.path().join("long.csv");
    files::write_long_rows(&long, large_rows / 100)?;
    for (name, file) in [("large", &large), ("long", &long)] {
        let installation = Installation::new(root, Build::Release)?;
        process::run(installation.command(&["migrate"]).stdout(Stdio::null()))?;
        process::run(installation.command(&["seed", "demo", "--without-reports"]).stdout(Stdio::null()))?;
        let server = installation.serve()?;
        judge(&mut missed, "ready after", u64::try_from(server.ready_after.as_millis())?, 1_000, "ms");
        // Idle is what is left when the work of the start is done; background jobs have had their first turn by then.
        std::thread::sleep(REST);
        let idle = server.forget_peak()?;
        judge(&mut missed, "resident when idle", idle >> 10, 100, "MiB");
        let arguments = [
            "import",
            "reports",
            file.to_str().context("the path is not text")?,
            "--as",
            "hotline.clerk",
            "--accept",
            "good-rows",
            "--server",
        ];
        let url = installation.url();
        let mut import = installation.command(&arguments);
        process::run(import.arg(&url).env("CORDON_PASSWORD", installation.demo_password()?))?;
        let growth = server.peak_kib()?.saturating_sub(idle) >> 10;
        judge(&mut missed, &format!("growth by the file of {name} rows"), growth, 64, "MiB");
    }
    if missed.is_empty() { Ok(()) } else { bail!("missed: {}", missed.join(", ")) }
}

/// Says how a number stands to its bar.
fn judge(missed: &mut Vec<String>, what: &str, number: u64, bar: u64, unit: &str) {
    let verdict = if number <= bar { "ok" } else { "MISSED" };
    crate::say(&format!("{what}: {number} {unit} (bar: {bar}): {verdict}"));
    if number > bar {
        missed.push(what.to_owned());
    }
}

/// The drill's reports where they are there, else the ones of the demonstration.
fn usual_reports(root: &Path) -> PathBuf {
    let drill = root.join("../shared/data/drill/reports.csv");
    if drill.is_file() { drill } else { root.join("demo/reports.csv") }
}

/// Runs a measuring program, which fails where its bar is missed.
fn example(root: &Path, package: &str, name: &str, arguments: &[&str]) -> Result<()> {
    let mut command = Command::new(process::cargo());
    command.args(["run", "--quiet", "--release", "--package", package, "--example", name, "--"]).args(arguments);
    process::run(command.current_dir(root))
}
