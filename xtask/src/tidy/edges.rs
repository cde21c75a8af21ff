use serde::Deserialize;
use std::collections::BTreeMap;

use super::{Finding, Tree};

/// The ground crates in the order in which they may stand on each other are those under `crates/`; what each layer may use of
/// our own crates is this table. A new edge takes a line here and an ADR.
const LAYERS: &[(&str, &[&str])] = &[
    ("crates/context", &[]),
    ("crates/identifier", &["crates/context"]),
    // The test kit makes migrated databases, so it alone stands above the migrations.
    ("crates/testkit", &["crates/", "migrations"]),
    ("crates/", &["crates/"]),
    ("policies", &["crates/"]),
    ("migrations", &["crates/"]),
    // A contract says what others may know of a service, in values that can cross a process.
    ("services/*/contract", &["crates/context", "crates/identifier", "crates/rpc", "crates/events"]),
    ("services/*", &["crates/", "policies", "migrations", "services/*/contract"]),
    ("graphql", &["crates/", "policies", "services/*/contract"]),
    // A firm's engineer copies an example: it must not need our crates, except for what a firm gets.
    ("examples/", &[]),
    ("cordon", &["crates/", "policies", "migrations", "services/*", "services/*/contract", "graphql"]),
    ("xtask", &["crates/", "policies", "graphql", "migrations", "services/*", "services/*/contract", "cordon"]),
];

/// Of the ground, these are closed to a layer that may use the others.
const CLOSED: &[(&str, &[&str])] = &[
    ("graphql", &["crates/store", "crates/vault", "crates/ledger", "crates/outbound"]),
    ("policies", &["crates/store", "crates/vault", "crates/web", "crates/rpc"]),
    ("crates/context", &["crates/"]),
];

/// Only these layers may use a foreign crate that shapes everything it touches.
const FOREIGN: &[(&str, &[&str])] = &[
    ("actix-web", &["crates/web", "crates/rpc", "graphql", "cordon", "examples/"]),
    ("actix-ws", &["graphql"]),
    ("async-graphql", &["crates/guard", "graphql"]),
    ("casbin", &["policies"]),
    ("meilisearch-sdk", &["crates/search"]),
    ("redis", &["crates/events", "crates/web"]),
    ("sea-orm", &["crates/store", "services/*", "migrations"]),
    ("sea-orm-migration", &["crates/store", "crates/testkit", "migrations", "cordon"]),
    ("sqlx", &["crates/store", "crates/testkit", "examples/"]),
    ("tantivy", &["crates/search"]),
    ("anyhow", &["cordon", "examples/", "xtask", "crates/testkit"]),
];

/// Our crates depend on each other in one direction.
pub(super) fn between_our_crates(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    let crates = manifests(tree, &mut found);
    let folders: BTreeMap<&str, &str> =
        crates.iter().map(|(folder, manifest)| (manifest.package.name.as_str(), *folder)).collect();
    for (folder, manifest) in &crates {
        let path = format!("{folder}/Cargo.toml");
        for name in manifest.dependencies.keys() {
            let Some(target) = folders.get(name.as_str()) else { continue };
            if !may_use(folder, target) {
                found.push(Finding::on("edge", &path, format!("{folder} must not depend on {target}")));
            }
        }
        // Tests may use the test kit and run a service for real; a crate below the services still knows none of them.
        for name in manifest.dev_dependencies.keys() {
            let Some(target) = folders.get(name.as_str()) else { continue };
            let below = folder.starts_with("crates/") || folder.ends_with("/contract") || *folder == "policies";
            if below && (target.starts_with("services/") || ["cordon", "graphql"].contains(target)) {
                found.push(Finding::on(
                    "edge",
                    &path,
                    format!("even the tests of {folder} must not depend on {target}"),
                ));
            }
        }
    }
    found
}

/// A foreign crate that shapes its surroundings stays in its layer.
pub(super) fn to_foreign_crates(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (folder, manifest) in manifests(tree, &mut Vec::new()) {
        for name in manifest.dependencies.keys() {
            let Some((_name, layers)) = FOREIGN.iter().find(|(foreign, _layers)| foreign == name) else { continue };
            if !layers.iter().any(|layer| is_in(folder, layer)) {
                found.push(Finding::on(
                    "edge",
                    &format!("{folder}/Cargo.toml"),
                    format!("{folder} must not depend on {name}"),
                ));
            }
        }
    }
    found
}

/// Within a service only the `store` module touches the database library, so that no query is written without a scope.
pub(super) fn of_the_orm(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in tree.with_extension("rs") {
        let Some((_service, inside)) = path.strip_prefix("services/").and_then(|rest| rest.split_once("/src/")) else {
            continue;
        };
        if inside.starts_with("store/") || inside == "store.rs" || inside.starts_with("contract/") {
            continue;
        }
        for (index, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if code.contains("sea_orm") || code.contains("sqlx::") {
                found.push(Finding::at(
                    "orm-place",
                    path,
                    index + 1,
                    "only the store module of a service touches the database library",
                ));
            }
        }
    }
    found
}

#[derive(Debug, Deserialize)]
struct Manifest {
    package: Package,
    #[serde(default)]
    dependencies: BTreeMap<String, toml::Value>,
    #[serde(default, rename = "dev-dependencies")]
    dev_dependencies: BTreeMap<String, toml::Value>,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
}

fn manifests<'a>(tree: &'a Tree, found: &mut Vec<Finding>) -> Vec<(&'a str, Manifest)> {
    let mut crates = Vec::new();
    for folder in tree.crate_folders() {
        let path = format!("{folder}/Cargo.toml");
        match toml::from_str(tree.text(&path).unwrap_or_default()) {
            Ok(manifest) => crates.push((folder, manifest)),
            Err(error) => found.push(Finding::on("edge", &path, error.to_string())),
        }
    }
    crates
}

fn may_use(folder: &str, target: &str) -> bool {
    if folder.starts_with("services/") && !folder.ends_with("/contract") && target == format!("{folder}/contract") {
        return true;
    }
    let closed =
        CLOSED.iter().any(|(layer, targets)| *layer == folder && targets.iter().any(|closed| is_in(target, closed)));
    let open = LAYERS
        .iter()
        .find(|(layer, _targets)| is_in(folder, layer))
        .is_some_and(|(_layer, targets)| targets.iter().any(|open| is_in(target, open)));
    open && !closed && target != "crates/testkit"
}

/// Whether a folder belongs to a layer: by its exact path, by a prefix that ends in a slash, or by a pattern with one star that
/// stands for one part of the path.
fn is_in(folder: &str, layer: &str) -> bool {
    if layer.ends_with('/') {
        return folder.starts_with(layer);
    }
    let mut folder = folder.split('/');
    let mut layer = layer.split('/');
    loop {
        match (folder.next(), layer.next()) {
            (None, None) => return true,
            (Some(_part), Some("*")) => {}
            (Some(part), Some(expected)) if part == expected => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(name: &str, dependencies: &[&str]) -> String {
        let lines: Vec<String> = dependencies.iter().map(|name| format!("{name}.workspace = true")).collect();
        format!("[package]\nname = \"{name}\"\n\n[dependencies]\n{}\n", lines.join("\n"))
    }

    fn check(edges: &[(&str, &str, &[&str])]) -> Vec<String> {
        let files: Vec<(String, String)> = edges
            .iter()
            .map(|(folder, name, dependencies)| (format!("{folder}/Cargo.toml"), manifest(name, dependencies)))
            .collect();
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let tree = Tree::of(&files);
        between_our_crates(&tree).into_iter().chain(to_foreign_crates(&tree)).map(|finding| finding.message).collect()
    }

    const OURS: &[(&str, &str, &[&str])] = &[
        ("crates/context", "context", &[]),
        ("crates/store", "store", &["context", "sea-orm"]),
        ("services/disposal/contract", "disposal-contract", &["context"]),
        ("services/disposal", "disposal", &["disposal-contract", "store", "sea-orm"]),
        ("graphql", "graphql", &["disposal-contract", "async-graphql"]),
    ];

    fn with(folder: &'static str, name: &'static str, dependencies: &'static [&'static str]) -> Vec<String> {
        let mut edges: Vec<_> = OURS.iter().copied().filter(|(existing, _, _)| *existing != folder).collect();
        edges.push((folder, name, dependencies));
        check(&edges)
    }

    #[test]
    fn the_layers_as_they_are_meant_pass() {
        assert_eq!(check(OURS), Vec::<String>::new());
        assert_eq!(with("cordon", "cordon", &["disposal", "graphql", "store", "actix-web"]), Vec::<String>::new());
        assert_eq!(with("services/linkage", "linkage", &["disposal-contract"]), Vec::<String>::new());
    }

    type Edge = (&'static str, &'static str, &'static [&'static str]);

    #[test]
    fn edges_against_the_direction_are_flagged() {
        let wrong: [Edge; 9] = [
            ("crates/context", "context", &["store"]),
            ("crates/store", "store", &["disposal-contract"]),
            ("services/linkage", "linkage", &["disposal"]),
            ("services/disposal/contract", "disposal-contract", &["store"]),
            ("graphql", "graphql", &["disposal"]),
            ("graphql", "graphql", &["store"]),
            ("services/disposal", "disposal", &["graphql"]),
            ("examples/agent", "agent", &["context"]),
            ("unplanned", "unplanned", &["context"]),
        ];
        for (folder, name, dependencies) in wrong {
            assert_eq!(with(folder, name, dependencies).len(), 1, "{folder} -> {dependencies:?}");
        }
    }

    #[test]
    fn foreign_crates_outside_their_layer_are_flagged() {
        let wrong: [Edge; 5] = [
            ("graphql", "graphql", &["sea-orm"]),
            ("services/disposal/contract", "disposal-contract", &["actix-web"]),
            ("services/disposal", "disposal", &["casbin"]),
            ("crates/web", "web", &["async-graphql"]),
            ("crates/events", "events", &["anyhow"]),
        ];
        for (folder, name, dependencies) in wrong {
            assert_eq!(with(folder, name, dependencies).len(), 1, "{folder} -> {dependencies:?}");
        }
    }

    #[test]
    fn the_database_library_outside_the_store_module_is_flagged() {
        let tree = Tree::of(&[
            ("services/disposal/src/store/orders.rs", "use sea_orm::Set;\n"),
            ("services/disposal/src/use_cases/approve.rs", "use sea_orm::Set;\n// sea_orm is fine here\n"),
            ("crates/store/src/connect.rs", "use sea_orm::Database;\n"),
        ]);
        assert_eq!(of_the_orm(&tree).len(), 1);
    }
}
