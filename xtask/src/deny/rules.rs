use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::{Package, licence};

/// The part of `deny.toml` that can be judged from the lock file alone.
#[derive(Debug, Deserialize)]
pub(crate) struct Rules {
    licenses: Licences,
    bans: Bans,
    sources: Sources,
}

#[derive(Debug, Deserialize)]
struct Licences {
    allow: BTreeSet<String>,
    #[serde(default)]
    exceptions: Vec<LicenceException>,
}

#[derive(Debug, Deserialize)]
struct LicenceException {
    #[serde(rename = "crate")]
    name: String,
    allow: BTreeSet<String>,
}

#[derive(Debug, Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

#[derive(Debug, Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    /// The crate is fine, two versions of it are not.
    #[serde(default, rename = "deny-multiple-versions")]
    duplicates_only: bool,
    #[serde(default)]
    reason: String,
}

#[derive(Debug, Deserialize)]
struct Sources {
    #[serde(rename = "allow-registry")]
    allow_registry: BTreeSet<String>,
}

impl Rules {
    /// Reads `deny.toml`.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("{} is malformed", path.display()))
    }

    /// Every crate that breaks a rule, in words.
    pub(crate) fn findings(&self, packages: &[&Package]) -> Vec<String> {
        let mut found: Vec<String> = packages.iter().filter_map(|package| self.licence(package)).collect();
        found.extend(packages.iter().filter_map(|package| self.source(package)));
        let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for package in packages {
            versions.entry(&package.name).or_default().push(&package.version);
        }
        for ban in &self.bans.deny {
            let Some(versions) = versions.get(ban.name.as_str()) else { continue };
            if !ban.duplicates_only {
                found.push(format!("{} {} is banned: {}", ban.name, versions.join(", "), ban.reason));
            } else if versions.len() > 1 {
                found.push(format!("{} comes in versions {}", ban.name, versions.join(", ")));
            }
        }
        found
    }

    fn licence(&self, package: &Package) -> Option<String> {
        // Our own crates have no source and the workspace's licence.
        package.source.as_ref()?;
        let Package { name, version, .. } = package;
        let Some(expression) = &package.license else {
            return Some(format!("{name} {version} names no licence"));
        };
        let mut allowed = self.licenses.allow.clone();
        for exception in self.licenses.exceptions.iter().filter(|exception| exception.name == *name) {
            allowed.extend(exception.allow.iter().cloned());
        }
        (!licence::is_allowed(expression, &allowed)).then(|| format!("{name} {version} has the licence {expression}"))
    }

    fn source(&self, package: &Package) -> Option<String> {
        let source = package.source.as_ref()?;
        let registry = source.trim_start_matches("registry+").trim_start_matches("sparse+");
        (!self.sources.allow_registry.contains(registry))
            .then(|| format!("{} {} comes from {source}", package.name, package.version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

    fn package(name: &str, version: &str, license: Option<&str>, source: Option<&str>) -> Package {
        Package {
            id: format!("{name}@{version}"),
            name: name.to_owned(),
            version: version.to_owned(),
            license: license.map(str::to_owned),
            source: source.map(str::to_owned),
        }
    }

    fn check(packages: &[Package]) -> Vec<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let rules = Rules::read(&root.join("deny.toml")).unwrap();
        rules.findings(&packages.iter().collect::<Vec<_>>())
    }

    #[test]
    fn a_crate_that_keeps_the_rules_passes() {
        assert_eq!(
            check(&[
                package("serde", "1.0.0", Some("MIT OR Apache-2.0"), Some(REGISTRY)),
                package("cordon", "0.1.0", Some("Apache-2.0"), None),
            ]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn licences_sources_bans_and_duplicates_are_flagged() {
        let git = "git+https://github.com/someone/fork#abc";
        for (packages, words) in [
            (vec![package("copyleft", "1.0.0", Some("AGPL-3.0"), Some(REGISTRY))], "AGPL-3.0"),
            (vec![package("silent", "1.0.0", None, Some(REGISTRY))], "no licence"),
            (vec![package("forked", "1.0.0", Some("MIT"), Some(git))], "comes from git+"),
            (vec![package("openssl", "0.10.0", Some("Apache-2.0"), Some(REGISTRY))], "banned"),
            (vec![package("native-tls", "0.2.0", Some("MIT"), Some(REGISTRY))], "banned"),
            (
                vec![
                    package("tokio", "1.0.0", Some("MIT"), Some(REGISTRY)),
                    package("tokio", "2.0.0", Some("MIT"), Some(REGISTRY)),
                ],
                "versions 1.0.0, 2.0.0",
            ),
        ] {
            let found = check(&packages);
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].contains(words), "{found:?}");
        }
    }
}
