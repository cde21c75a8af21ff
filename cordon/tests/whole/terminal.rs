//! What a person sees of long work on a terminal, and what a pipe must not get.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::Command;

use crate::support::{Installation, rows};

/// Runs a command on a terminal of its own and gives everything that was shown there.
fn shown(installation: &Installation, arguments: &[&str]) -> String {
    let inner = installation.command(arguments);
    let words: Vec<_> =
        std::iter::once(inner.get_program()).chain(inner.get_args()).map(|word| word.to_str()).collect();
    let line = words.into_iter().map(|word| format!("'{}'", word.unwrap())).collect::<Vec<_>>().join(" ");
    let mut command = Command::new("script");
    command.args(["-qec", &line, "/dev/null"]).current_dir(inner.get_current_dir().unwrap()).env_clear();
    command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("TERM", "xterm");
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{arguments:?}: {text}");
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn long_work_shows_progress_to_a_person_and_nothing_to_a_pipe() {
    for rows in rows() {
        let installation = Installation::new(rows).await;
        for (arguments, counted) in [
            (&["migrate"][..], "3/3"),
            (&["seed", "demo"], "6/6"),
            (&["audit", "export-heads", "heads.json"], "核对 / comparing"),
            (&["audit", "verify", "--heads", "heads.json"], "核对 / comparing"),
        ] {
            let shown = shown(&installation, arguments);
            assert!(shown.contains(counted), "{rows:?} {arguments:?}: {shown}");
            // Every one of them may be repeated; a pipe gets the answer only.
            let piped = installation.run(arguments);
            assert!(piped.status.success() && piped.stderr.is_empty(), "{rows:?} {arguments:?}: {piped:?}");
            let answer = String::from_utf8(piped.stdout).unwrap();
            assert!(!answer.is_empty() && !answer.contains(counted), "{rows:?} {arguments:?}: {answer}");
        }
    }
}
