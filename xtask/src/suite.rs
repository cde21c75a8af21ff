//! What `make test` runs, in an order in which the cheap checks speak first and the tests last.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use crate::{deny, generate, postgres, process, tidy, web_pages};

/// One check with what it needs to be on the machine.
struct Step {
    name: &'static str,
    needs: &'static [&'static str],
    run: fn(&Path) -> Result<()>,
}

const STEPS: &[Step] = &[
    Step { name: "fmt", needs: &["cargo-fmt"], run: fmt },
    Step { name: "tidy", needs: &[], run: tidy::run },
    Step { name: "deny", needs: &[], run: deny::run },
    Step { name: "clippy", needs: &["cargo-clippy"], run: clippy },
    Step { name: "gen --check", needs: &[], run: |root| generate::run(root, true) },
    Step { name: "graphiql", needs: &["node", "npm"], run: web_pages::build_graphiql },
    Step { name: "audit", needs: &["node", "npm"], run: web_pages::audit },
    Step { name: "cargo test", needs: &[], run: tests },
];

/// Runs every check, also after one has failed, and fails if one has.
pub(crate) fn run(root: &Path) -> Result<()> {
    let mut summary = Vec::new();
    let mut failed = 0_usize;
    for step in STEPS {
        let missing: Vec<&str> = step.needs.iter().copied().filter(|program| !process::exists(program)).collect();
        if !missing.is_empty() {
            // A machine that stands for all must not pass by leaving out; on a developer's own the summary says it.
            let is_ci = env::var_os("CI").is_some_and(|value| !value.is_empty());
            failed += usize::from(is_ci);
            summary.push(format!("NOT RUN   {:<12} {} is not installed", step.name, missing.join(", ")));
            continue;
        }
        crate::say(&format!("\n==> {}", step.name));
        let started = Instant::now();
        let verdict = match (step.run)(root) {
            Ok(()) => "ok",
            Err(error) => {
                crate::say(&format!("{error:#}"));
                failed += 1;
                "FAILED"
            }
        };
        summary.push(format!("{verdict:<9} {:<12} {:>4} s", step.name, started.elapsed().as_secs()));
    }
    crate::say(&format!("\n{}", summary.join("\n")));
    if failed > 0 {
        bail!("{failed} of {} checks did not pass", STEPS.len());
    }
    Ok(())
}

/// The formatting of every crate.
pub(crate) fn fmt(root: &Path) -> Result<()> {
    process::run(Command::new(process::cargo()).args(["fmt", "--all", "--check"]).current_dir(root))
}

/// Lints of everything, as errors.
pub(crate) fn clippy(root: &Path) -> Result<()> {
    let mut command = Command::new(process::cargo());
    command.args(["clippy", "--workspace", "--all-targets", "--features", "xtask/generate", "--quiet"]);
    process::run(command.args(["--", "-D", "warnings"]).current_dir(root))
}

/// The documentation of every crate; a link that leads nowhere is an error.
pub(crate) fn doc(root: &Path) -> Result<()> {
    let mut command = Command::new(process::cargo());
    process::run(command.args(["doc", "--workspace", "--no-deps", "--quiet"]).current_dir(root))
}

/// The tests of every crate, with a PostgreSQL server for those that ask for one.
pub(crate) fn tests(root: &Path) -> Result<()> {
    let server = postgres::Server::start()?;
    let mut command = Command::new(process::cargo());
    command.args(["test", "--workspace", "--no-fail-fast"]).env("CORDON_TEST_POSTGRES", server.url());
    let mut child = command.current_dir(root).stdout(Stdio::piped()).spawn().context("cannot start cargo test")?;
    let mut total = Total::default();
    for line in BufReader::new(child.stdout.take().context("cargo test has no output")?).lines() {
        let line = line?;
        total.add(&line);
        crate::say(&line);
    }
    let status = child.wait()?;
    crate::say(&format!("{} tests passed, {} failed", total.passed, total.failed));
    if !status.success() {
        bail!("cargo test: {status}");
    }
    if total.passed == 0 {
        bail!("cargo test ran no test");
    }
    Ok(())
}

/// The sum over all test programs.
#[derive(Debug, Default, PartialEq, Eq)]
struct Total {
    passed: u64,
    failed: u64,
}

impl Total {
    fn add(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else { return };
        let count = |word: &str| {
            let part = result.split([';', '.']).find_map(|part| part.trim().strip_suffix(word));
            part.and_then(|number| number.trim().parse::<u64>().ok()).unwrap_or(0)
        };
        self.passed += count("passed");
        self.failed += count("failed");
    }
}

#[cfg(test)]
mod tests {
    use super::Total;

    #[test]
    fn results_of_all_test_programs_are_summed() {
        let mut total = Total::default();
        for line in [
            "running 3 tests",
            "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s",
            "test result: FAILED. 12 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s",
        ] {
            total.add(line);
        }
        assert_eq!(total, Total { passed: 15, failed: 1 });
    }
}
