//! Does what `docs/guides/first-hour.md` says, command by command, and compares what comes out with what the page shows.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and the shell needs the path"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{Installation, rows};

/// A command of the guide and the lines that it shows as its answer.
#[derive(Debug, PartialEq, Eq)]
struct Step {
    line: usize,
    command: String,
    shown: Vec<String>,
}

/// Reads the `console` blocks: `$ ` begins a command, `> ` goes on with it, anything else is what it answers.
fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut inside = false;
    for (index, line) in page.lines().enumerate() {
        if let Some(fence) = line.strip_prefix("```") {
            inside = fence.trim() == "console";
            continue;
        }
        if !inside {
            continue;
        }
        if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step { line: index + 1, command: command.to_owned(), shown: Vec::new() });
            continue;
        }
        let step = steps.last_mut().expect("a block begins with a command");
        match line.strip_prefix("> ").or_else(|| (line == ">").then_some("")) {
            Some(more) => step.command = format!("{}\n{more}", step.command),
            None => step.shown.push(line.to_owned()),
        }
    }
    steps
}

/// Whether a line is as shown, where `…` stands for anything.
fn fits(shown: &str, said: &str) -> bool {
    let mut parts = shown.split('…');
    let Some(mut rest) = said.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

/// Runs the commands in one shell and gives what each of them printed.
fn run(steps: &[Step], installation: &Installation, base: &str) -> Vec<String> {
    let mut script = String::from("set -euo pipefail\n");
    for (number, step) in steps.iter().enumerate() {
        script += &format!("printf '\\n@@{number}@@\\n'\n{}\n", step.command);
    }
    let cordon = installation.command(&[]);
    let programs = Path::new(env!("CARGO_BIN_EXE_cordon")).parent().unwrap().display().to_string();
    let path = format!("{programs}:{}", std::env::var("PATH").unwrap());
    // From a file, so that no command can read the rest of the script as its input.
    let file = installation.folder().join("guide.sh");
    fs::write(&file, script).unwrap();
    let mut shell = Command::new("bash");
    shell.arg(&file).current_dir(installation.folder()).env_clear();
    shell.envs(cordon.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.env("PATH", path).env("CORDON", base).env("DATA", installation.folder().join("data"));
    let output = shell.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}\n{said}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    (0..steps.len())
        .map(|number| {
            let (_before, after) = said.split_once(&format!("\n@@{number}@@\n")).unwrap();
            after.split(&format!("\n@@{}@@\n", number + 1)).next().unwrap_or_default().trim_end().to_owned()
        })
        .collect()
}

#[tokio::test]
async fn the_journey_of_the_first_hour_is_as_the_guide_tells_it() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/guides/first-hour.md");
    let steps = steps(&fs::read_to_string(page).unwrap());
    assert!(steps.len() > 20, "the guide lost its commands");
    for rows in rows() {
        let installation = Installation::new(rows).await;
        installation.seed();
        let server = installation.serve();
        for (step, said) in steps.iter().zip(run(&steps, &installation, &server.base)) {
            if step.shown.is_empty() {
                continue;
            }
            let said_lines: Vec<&str> = said.lines().collect();
            let same = step.shown.len() == said_lines.len()
                && step.shown.iter().zip(&said_lines).all(|(shown, said)| fits(shown, said));
            assert!(
                same,
                "{rows:?}, line {} of the guide: {}\nshown:\n{}\nsaid:\n{said}",
                step.line,
                step.command,
                step.shown.join("\n")
            );
        }
    }
}

#[test]
fn what_differs_from_the_guide_is_seen() {
    assert!(fits("{\"status\":\"DONE\",\"id\":\"…\"}", "{\"status\":\"DONE\",\"id\":\"ord_1\"}"));
    assert!(!fits("{\"status\":\"DONE\",\"id\":\"…\"}", "{\"status\":\"REFUSED\",\"id\":\"ord_1\"}"));
    assert!(!fits("one", "one more"));
    assert!(fits("… of … rows", "3 of 5 rows"));
    let page = "text\n```console\n$ a\n> b\nsaid\n$ c\n```\n```text\n$ d\n```\n";
    let expected = [
        Step { line: 3, command: "a\nb".to_owned(), shown: vec!["said".to_owned()] },
        Step { line: 6, command: "c".to_owned(), shown: Vec::new() },
    ];
    assert_eq!(steps(page), expected);
}
