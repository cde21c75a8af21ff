use super::{Finding, Tree};

/// Names that say nothing about what is inside, so that everything ends up there.
const GRAB_BAGS: [&str; 10] =
    ["common", "utils", "util", "helpers", "misc", "shared", "core", "base", "types", "models"];

/// No folder, file or module is a grab bag.
pub(super) fn grab_bags(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for extension in ["rs", "js", "jsx", "ts"] {
        for (path, text) in tree.with_extension(extension) {
            let stem = path.rsplit_once('.').map_or(path, |(stem, _extension)| stem);
            if let Some(name) = stem.split('/').find(|part| GRAB_BAGS.contains(part)) {
                found.push(Finding::on("grab-bag", path, format!("the name {name} says nothing; name the thing")));
            }
            if extension == "rs" {
                found.extend(inline_modules(path, text));
            }
        }
    }
    for folder in tree.crate_folders() {
        let name = folder.rsplit('/').next().unwrap_or(folder);
        if GRAB_BAGS.contains(&name) {
            found.push(Finding::on("grab-bag", folder, format!("the crate name {name} says nothing; name the thing")));
        }
    }
    found
}

fn inline_modules<'a>(path: &'a str, text: &'a str) -> impl Iterator<Item = Finding> + 'a {
    text.lines().enumerate().filter_map(move |(index, line)| {
        let rest = line.trim_start();
        let rest = rest.strip_prefix("pub(crate) ").or_else(|| rest.strip_prefix("pub ")).unwrap_or(rest);
        let name = rest.strip_prefix("mod ")?.trim_end_matches(['{', ';', ' ']);
        GRAB_BAGS.contains(&name).then(|| {
            Finding::at("grab-bag", path, index + 1, format!("the module name {name} says nothing; name the thing"))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grab_bags_are_flagged_wherever_they_stand() {
        let tree = Tree::of(&[
            ("crates/utils/Cargo.toml", "[package]\n"),
            ("crates/a/src/helpers.rs", ""),
            ("crates/a/src/models/order.rs", ""),
            ("crates/a/src/lib.rs", "mod clock;\npub(crate) mod misc {\n}\n"),
            ("frontend/src/shared/a.ts", ""),
        ]);
        assert_eq!(grab_bags(&tree).len(), 5);
    }

    #[test]
    fn names_that_contain_one_are_fine() {
        let tree =
            Tree::of(&[("crates/a/src/base32.rs", "mod data_types;\n"), ("crates/score/Cargo.toml", "[package]\n")]);
        assert_eq!(grab_bags(&tree), []);
    }
}
