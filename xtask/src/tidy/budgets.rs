use super::{Finding, Tree};

const FILE: usize = 600;
const TEST_FILE: usize = 1_000;
const CRATE: usize = 12_000;
const HAND_WRITTEN: [&str; 4] = ["rs", "js", "jsx", "ts"];

/// Files stay short enough to be read in one go.
pub(super) fn files(tree: &Tree) -> Vec<Finding> {
    HAND_WRITTEN
        .iter()
        .flat_map(|extension| tree.with_extension(extension))
        .filter_map(|(path, text)| {
            let size = text.lines().count();
            let limit = if is_test(path) { TEST_FILE } else { FILE };
            (size > limit).then(|| {
                Finding::sized(
                    "file-budget",
                    path,
                    size,
                    format!("{size} lines, more than {limit}; split it by meaning"),
                )
            })
        })
        .collect()
}

/// Crates stay small enough to be known by one person; tests, comments and blank lines are not counted.
pub(super) fn crates(tree: &Tree) -> Vec<Finding> {
    tree.crate_folders()
        .into_iter()
        .filter_map(|folder| {
            let size: usize = tree
                .with_extension("rs")
                .filter(|(path, _text)| !is_test(path) && tree.crate_of(path) == Some(folder))
                .map(|(_path, text)| lines_of_code(text))
                .sum();
            (size > CRATE).then(|| {
                Finding::sized(
                    "crate-budget",
                    folder,
                    size,
                    format!("{size} lines of code, more than {CRATE}; that takes an ADR"),
                )
            })
        })
        .collect()
}

fn lines_of_code(text: &str) -> usize {
    let shipped = text.lines().take_while(|line| *line != "#[cfg(test)]").map(str::trim_start);
    shipped.filter(|line| !line.is_empty() && !line.starts_with("//")).count()
}

fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs") || path.ends_with("_tests.rs") || path.contains("/benches/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_is_flagged_and_a_test_may_be_longer() {
        let long = "fn a() {}\n".repeat(601);
        let tree = Tree::of(&[("crates/a/src/lib.rs", &long), ("crates/a/tests/a.rs", &long), ("docs/a.md", &long)]);
        let paths: Vec<String> = files(&tree).into_iter().map(|finding| finding.path).collect();
        assert_eq!(paths, ["crates/a/src/lib.rs"]);
    }

    #[test]
    fn a_large_crate_is_flagged() {
        let part = "fn a() {}\n".repeat(6_001);
        let manifest = "[package]\nname = \"a\"\n";
        let tree = Tree::of(&[
            ("crates/a/Cargo.toml", manifest),
            ("crates/a/src/lib.rs", &part),
            ("crates/a/src/b.rs", &part),
            ("crates/b/Cargo.toml", manifest),
            ("crates/b/src/lib.rs", &part),
            ("crates/b/src/d.rs", &"/// Words.\n\n".repeat(6_001)),
            ("crates/b/src/c.rs", &format!("#[cfg(test)]\nmod tests {{\n{part}}}\n")),
        ]);
        let paths: Vec<String> = crates(&tree).into_iter().map(|finding| finding.path).collect();
        assert_eq!(paths, ["crates/a"]);
    }
}
