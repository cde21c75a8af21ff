use super::{Finding, Tree};

/// Every crate takes the lints of the workspace.
pub(super) fn lints_are_inherited(tree: &Tree) -> Vec<Finding> {
    each(tree, |manifest| {
        let inherits = manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool);
        if inherits == Some(true) {
            Vec::new()
        } else {
            vec!["the lints of the workspace are not taken over".to_owned()]
        }
    })
}

/// Versions stand in the root manifest only, so that a crate has one version everywhere.
pub(super) fn versions_are_central(tree: &Tree) -> Vec<Finding> {
    each(tree, |manifest| {
        ["dependencies", "dev-dependencies", "build-dependencies"]
            .iter()
            .filter_map(|section| manifest.get(section)?.as_table())
            .flatten()
            .filter(|(_name, entry)| entry.get("workspace").and_then(toml::Value::as_bool) != Some(true))
            .map(|(name, _entry)| format!("{name} takes its version not from the workspace"))
            .collect()
    })
}

fn each(tree: &Tree, check: impl Fn(&toml::Value) -> Vec<String>) -> Vec<Finding> {
    let mut found = Vec::new();
    for folder in tree.crate_folders() {
        let path = format!("{folder}/Cargo.toml");
        match toml::from_str::<toml::Value>(tree.text(&path).unwrap_or_default()) {
            Ok(manifest) => {
                found.extend(check(&manifest).into_iter().map(|message| Finding::on("manifest", &path, message)));
            }
            Err(error) => found.push(Finding::on("manifest", &path, error.to_string())),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_with_its_own_lints_or_versions_is_flagged() {
        let tree = Tree::of(&[
            ("a/Cargo.toml", "[package]\nname = \"a\"\n[dependencies]\nserde = \"1\"\ntoml.workspace = true\n"),
            ("b/Cargo.toml", "[package]\nname = \"b\"\n[lints]\nworkspace = true\n"),
        ]);
        assert_eq!(lints_are_inherited(&tree).len(), 1);
        assert_eq!(versions_are_central(&tree).len(), 1);
    }
}
