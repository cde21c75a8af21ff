//! What Node builds and runs: the GraphiQL page and the audits of the HTTP interface.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::cordon::{Build, Installation};
use crate::process;

/// Builds the self-hosted GraphiQL page into `frontend/graphiql/dist`.
pub(crate) fn build_graphiql(root: &Path) -> Result<()> {
    let folder = root.join("frontend/graphiql");
    install(&folder)?;
    process::run(Command::new("npm").args(["run", "--silent", "build"]).current_dir(&folder))
}

/// Runs the audits of graphql-http against a server of its own.
pub(crate) fn audit(root: &Path) -> Result<()> {
    let folder = root.join("e2e/audit");
    install(&folder)?;
    process::run(Command::new("node").arg("self-test.js").current_dir(&folder))?;
    let installation = Installation::new(root, Build::Debug)?;
    let _server = installation.serve()?;
    process::run(
        Command::new("node").arg("audit.js").arg(format!("{}/graphql", installation.url())).current_dir(&folder),
    )
}

/// Installs exactly what the lock file says, unless that is there already.
fn install(folder: &Path) -> Result<()> {
    let lock = fs::read(folder.join("package-lock.json")).context("a lock file is committed")?;
    let mark = folder.join("node_modules/.installed-lock");
    if fs::read(&mark).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    process::run(Command::new("npm").args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(folder))?;
    fs::write(&mark, lock).context("cannot note what is installed")
}
