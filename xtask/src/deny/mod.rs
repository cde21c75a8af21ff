//! Licences, sources, bans and duplicates of every crate in the lock file, checked without a network and without a further tool.
//! The rules are those of `deny.toml`, the file of cargo-deny, so that there is one list; see `docs/adr/0005-offline-licence-checks.md`.

mod licence;
mod rules;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

pub(crate) use rules::Rules;

use crate::process;

/// One crate of the resolved graph.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    source: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
    workspace_members: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<DependencyKind>,
}

#[derive(Debug, Deserialize)]
struct DependencyKind {
    kind: Option<String>,
}

/// Checks the lock file; runs cargo-deny too, where it is installed.
pub(crate) fn run(root: &Path) -> Result<()> {
    let rules = Rules::read(&root.join("deny.toml"))?;
    let output = Command::new(process::cargo())
        .args(["metadata", "--format-version", "1", "--locked"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(root)
        .output()
        .context("cannot run cargo metadata")?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let metadata: Metadata = serde_json::from_slice(&output.stdout).context("cargo metadata is not understood")?;
    let shipped = metadata.shipped();
    let packages: Vec<&Package> =
        metadata.packages.iter().filter(|package| shipped.contains(package.id.as_str())).collect();
    let found = rules.findings(&packages);
    for finding in &found {
        crate::say(finding);
    }
    if !found.is_empty() {
        bail!("{} crates break a rule of deny.toml", found.len());
    }
    crate::say(&format!("{} crates keep the rules of deny.toml", packages.len()));
    if process::exists("cargo-deny") {
        process::run(
            Command::new(process::cargo())
                .args(["deny", "--offline", "check", "bans", "licenses", "sources"])
                .current_dir(root),
        )?;
    }
    Ok(())
}

impl Metadata {
    /// The crates that end up in a binary or build it: all that members reach without going through a dev-dependency.
    fn shipped(&self) -> BTreeSet<&str> {
        let nodes: BTreeMap<&str, &Node> = self.resolve.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
        let mut reached = BTreeSet::new();
        let mut waiting: Vec<&str> = self.workspace_members.iter().map(String::as_str).collect();
        while let Some(id) = waiting.pop() {
            if !reached.insert(id) {
                continue;
            }
            let dependencies = nodes.get(id).map(|node| node.deps.as_slice()).unwrap_or_default();
            waiting.extend(
                dependencies
                    .iter()
                    .filter(|dependency| dependency.dep_kinds.iter().any(|kind| kind.kind.as_deref() != Some("dev")))
                    .map(|dependency| dependency.pkg.as_str()),
            );
        }
        reached
    }
}
