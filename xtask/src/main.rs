//! The chores of the repository, each runnable alone: `cargo xtask help` lists them.
//!
//! It must not be needed to run Cordon, and must not need a script beside it.

mod bench;
mod cordon;
mod deny;
mod generate;
mod postgres;
mod process;
mod suite;
mod tidy;
mod web_pages;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};

/// Chores of the Cordon repository.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Runs every check and test, as `make test` does.
    Test,
    /// Checks the formatting of all crates.
    Fmt,
    /// Checks the rules of the repository that no compiler knows.
    Tidy,
    /// Checks licences, sources, bans and duplicates of all dependencies, offline.
    Deny,
    /// Lints all crates, with warnings as errors.
    Clippy,
    /// Builds the documentation of all crates, with links that lead nowhere as errors.
    Doc,
    /// Writes the generated files: GraphQL schema, policy matrix, error codes, example configuration.
    Gen {
        /// Only compare, and fail if a file is not current.
        #[arg(long)]
        check: bool,
    },
    /// Builds the self-hosted GraphiQL page.
    Graphiql,
    /// Runs the GraphQL-over-HTTP audits against a server started for them.
    Audit,
    /// Runs the tests of all crates on SQLite and PostgreSQL.
    Tests,
    /// Measures extraction, start, memory and import, each beside a baseline of the same run.
    Bench {
        /// The reports to import; those of the demonstration if not given.
        #[arg(long, value_name = "FILE")]
        reports: Option<PathBuf>,
        /// Also import a file of so many rows, made by repeating the reports, and see how memory grows.
        #[arg(long, value_name = "ROWS", default_value_t = 0)]
        large: usize,
    },
    /// Starts or stops a PostgreSQL server for tests.
    Postgres {
        #[command(subcommand)]
        action: PostgresAction,
    },
}

#[derive(Subcommand)]
enum PostgresAction {
    /// Starts a server that stays, and prints its address for CORDON_TEST_POSTGRES.
    Start,
    /// Stops that server and removes its data.
    Stop,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let root = root()?;
    match Arguments::parse().chore {
        Chore::Test => suite::run(&root),
        Chore::Fmt => suite::fmt(&root),
        Chore::Tidy => tidy::run(&root),
        Chore::Deny => deny::run(&root),
        Chore::Clippy => suite::clippy(&root),
        Chore::Doc => suite::doc(&root),
        Chore::Gen { check } => generate::run(&root, check),
        Chore::Graphiql => web_pages::build_graphiql(&root),
        Chore::Audit => web_pages::audit(&root),
        Chore::Tests => suite::tests(&root),
        Chore::Bench { reports, large } => bench::run(&root, reports, large),
        Chore::Postgres { action: PostgresAction::Start } => postgres::start(&root),
        Chore::Postgres { action: PostgresAction::Stop } => postgres::stop(&root),
    }
}

fn root() -> Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().map(Path::to_path_buf).context("xtask has no workspace around it")
}

/// Speaks to the terminal.
#[expect(clippy::print_stdout, reason = "printing is what a chore is for")]
pub(crate) fn say(text: &str) {
    println!("{text}");
}
