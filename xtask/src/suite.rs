//! What `make test` runs, in an order in which the cheap checks speak first and the tests last.

use std::env;
use std::ffi::OsStr;
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

/// Names the checks, separated by commas, that a developer's machine may leave out for want of their programs.
const SKIP: &str = "CORDON_TEST_SKIP";

/// What becomes of a check on this machine.
#[derive(Debug, PartialEq, Eq)]
enum Chance {
    Runs,
    /// Its programs are missing, and somebody said that it may be left out.
    Excused(String),
    /// Its programs are missing.
    Fails(String),
}

/// Which checks may be left out here.
fn excused() -> Result<Vec<String>> {
    // A machine that stands for all must not pass by leaving out.
    if env::var_os("CI").is_some_and(|value| !value.is_empty()) {
        return Ok(Vec::new());
    }
    excused_by(env::var_os(SKIP).as_deref())
}

fn excused_by(value: Option<&OsStr>) -> Result<Vec<String>> {
    let text = value.map(OsStr::to_string_lossy).unwrap_or_default();
    let names: Vec<String> =
        text.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
    let known = || STEPS.iter().filter(|step| !step.needs.is_empty()).map(|step| step.name);
    if let Some(unknown) = names.iter().find(|name| known().all(|known| known != name.as_str())) {
        bail!("{SKIP} names {unknown:?}; it can name {}", known().collect::<Vec<_>>().join(", "));
    }
    Ok(names)
}

fn chance(step: &Step, excused: &[String], exists: impl Fn(&str) -> bool) -> Chance {
    let missing: Vec<&str> = step.needs.iter().copied().filter(|program| !exists(program)).collect();
    if missing.is_empty() {
        return Chance::Runs;
    }
    let absent = format!("{} is not installed", missing.join(", "));
    if excused.iter().any(|name| name == step.name) {
        return Chance::Excused(absent);
    }
    let mut advice: Vec<&str> = missing.into_iter().map(remedy).collect();
    advice.dedup();
    Chance::Fails(format!("{absent}: {}, or leave the check out with {SKIP}={}", advice.join(" and "), step.name))
}

/// How a program comes onto a machine.
fn remedy(program: &str) -> &'static str {
    match program {
        "cargo-fmt" => "run `rustup component add rustfmt`",
        "cargo-clippy" => "run `rustup component add clippy`",
        "node" | "npm" => "install Node 20.19 or newer with npm, see https://nodejs.org",
        _ => "install it",
    }
}

/// Runs every check, also after one has failed, and fails if one has.
pub(crate) fn run(root: &Path) -> Result<()> {
    let excused = excused()?;
    let mut summary = Vec::new();
    let mut failed = 0_usize;
    for step in STEPS {
        match chance(step, &excused, process::exists) {
            Chance::Runs => {}
            Chance::Excused(why) => {
                summary.push(format!("LEFT OUT  {:<12} {why}", step.name));
                continue;
            }
            Chance::Fails(why) => {
                failed += 1;
                summary.push(format!("NOT RUN   {:<12} {why}", step.name));
                continue;
            }
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
    use std::ffi::OsStr;

    use super::{Chance, STEPS, Total, chance, excused_by};

    #[test]
    fn a_check_without_its_programs_fails_and_says_what_to_install() {
        for step in STEPS {
            let bare = chance(step, &[], |_program| false);
            if step.needs.is_empty() {
                assert_eq!(bare, Chance::Runs, "{}", step.name);
                continue;
            }
            let Chance::Fails(why) = bare else { panic!("{} passes without {:?}", step.name, step.needs) };
            let advice = if step.needs.contains(&"node") { "https://nodejs.org" } else { "rustup component add" };
            assert!(why.contains(advice) && why.contains(&format!("CORDON_TEST_SKIP={}", step.name)), "{why}");
            assert_eq!(why.matches(advice).count(), 1, "{why}");
            // Only who names it may leave it out, and only for want of its programs.
            let named = [step.name.to_owned()];
            assert!(matches!(chance(step, &named, |_program| false), Chance::Excused(_)), "{}", step.name);
            assert_eq!(chance(step, &named, |_program| true), Chance::Runs, "{}", step.name);
            assert!(matches!(chance(step, &["other".to_owned()], |_program| false), Chance::Fails(_)));
        }
    }

    #[test]
    fn only_checks_that_need_programs_can_be_left_out() {
        let by = |text: &str| excused_by(Some(OsStr::new(text)));
        assert_eq!(by(" graphiql, audit,").unwrap(), ["graphiql", "audit"]);
        assert!(excused_by(None).unwrap().is_empty() && by("").unwrap().is_empty());
        for unknown in ["cargo test", "tidy", "1", "graphiql audit"] {
            let refused = by(unknown).unwrap_err().to_string();
            assert!(refused.contains("fmt, clippy, graphiql, audit"), "{refused}");
        }
    }

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
