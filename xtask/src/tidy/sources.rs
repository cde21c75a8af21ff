use super::{Finding, Tree};

/// Words that promise work instead of doing it; spelled in two parts, so that this file does not flag itself.
const PROMISES: [&str; 4] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];

/// Nothing promises work: it is done, or the documentation says that it is not there.
pub(super) fn unfinished_work(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    let is_data = |path: &str| path.rsplit('.').next().is_some_and(|extension| ["csv", "json"].contains(&extension));
    for (path, text) in tree.all().filter(|(path, _text)| !is_data(path)) {
        for (index, line) in text.lines().enumerate() {
            if let Some(word) = PROMISES.iter().find(|word| has_word(line, word)) {
                found.push(Finding::at(
                    "unfinished",
                    path,
                    index + 1,
                    format!("{word}: finish it, or document that it is not there"),
                ));
            }
        }
    }
    found
}

fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(start, _word)| {
        let before = line.get(..start).and_then(|text| text.chars().next_back());
        let after = line.get(start + word.len()..).and_then(|text| text.chars().next());
        [before, after].into_iter().flatten().all(|c| !c.is_ascii_alphanumeric() && c != '_')
    })
}

/// A lint is expected with a reason, never switched off.
pub(super) fn allow_attributes(tree: &Tree) -> Vec<Finding> {
    let attributes = [concat!("#[al", "low("), concat!("#![al", "low("), concat!("cfg_attr(te", "st, allow(")];
    lines_with(tree, "allow-attribute", "use #[expect(lint, reason = \"…\")]", |line| {
        attributes.iter().any(|attribute| line.contains(attribute))
    })
}

/// Comments say why; they are not decoration.
pub(super) fn banners(tree: &Tree) -> Vec<Finding> {
    lines_with(tree, "banner", "a section banner is a sign that the file wants to be two", |line| {
        let Some(comment) = line.trim_start().strip_prefix("//") else { return false };
        let comment = comment.trim_start_matches(['/', '!']).trim();
        ["----", "====", "****", "####"].iter().any(|rule| comment.starts_with(rule))
    })
}

/// Every library says in its first paragraph what it is for, and in another one what it must not know.
pub(super) fn crate_purposes(tree: &Tree) -> Vec<Finding> {
    tree.with_extension("rs")
        .filter(|(path, _text)| path.ends_with("/src/lib.rs"))
        .filter_map(|(path, text)| {
            let head: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim).collect();
            let paragraphs: Vec<String> = head
                .split(|line| line.is_empty())
                .filter(|lines| !lines.is_empty())
                .map(|lines| lines.join(" "))
                .collect();
            let message = if paragraphs.len() < 2 {
                "the crate says in two paragraphs what it is for and what it must not know"
            } else if !paragraphs.iter().skip(1).any(|paragraph| paragraph.to_lowercase().contains("must not")) {
                "no paragraph says what the crate must not know"
            } else {
                return None;
            };
            Some(Finding::on("crate-purpose", path, message))
        })
        .collect()
}

/// A row of the database is never what goes out: it derives neither serialization nor a GraphQL object.
pub(super) fn row_derives(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in tree.with_extension("rs") {
        for (start, _attribute) in text.match_indices("#[derive(") {
            let list = text.get(start..).and_then(|rest| rest.split(")]").next()).unwrap_or_default();
            let names: Vec<&str> = list
                .trim_start_matches("#[derive(")
                .split(',')
                .map(|name| name.trim().rsplit("::").next().unwrap_or(name))
                .collect();
            let is_row = ["DeriveEntityModel", "FromQueryResult", "DeriveModel"].iter().any(|row| names.contains(row));
            if let Some(name) =
                names.iter().find(|name| ["Serialize", "Deserialize", "SimpleObject"].contains(&name.trim()))
                && is_row
            {
                let line = text.get(..start).map_or(0, |before| before.lines().count()) + 1;
                found.push(Finding::at("row-derive", path, line, format!("a database row derives {}", name.trim())));
            }
        }
    }
    found
}

fn lines_with(tree: &Tree, rule: &'static str, message: &str, is_wrong: impl Fn(&str) -> bool) -> Vec<Finding> {
    tree.with_extension("rs")
        .flat_map(|(path, text)| text.lines().enumerate().map(move |(index, line)| (path, index, line)))
        .filter(|(_path, _index, line)| is_wrong(line))
        .map(|(path, index, _line)| Finding::at(rule, path, index + 1, message))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promises_are_flagged_as_words_only() {
        let wrong = format!("// {}: later\nlet x = 1; // {}\n", PROMISES[0], PROMISES[1]);
        let tree = Tree::of(&[("a.rs", &wrong), ("b.md", &wrong), ("c.rs", concat!("let MASTO", "DON = 1;\n"))]);
        assert_eq!(unfinished_work(&tree).len(), 4);
    }

    #[test]
    fn switched_off_lints_are_flagged() {
        let wrong = concat!("#[al", "low(dead_code)]\nfn a() {}\n#![al", "low(x)]\n");
        let tree = Tree::of(&[("a.rs", wrong), ("b.rs", "#[expect(dead_code, reason = \"r\")]\n")]);
        assert_eq!(allow_attributes(&tree).len(), 2);
    }

    #[test]
    fn banners_are_flagged() {
        let tree = Tree::of(&[("a.rs", "    // ---- queries ----\n/// A list:\n/// - one\n")]);
        assert_eq!(banners(&tree).len(), 1);
    }

    #[test]
    fn a_library_without_its_two_paragraphs_is_flagged() {
        for wrong in ["", "//! One paragraph.\n", "//! One.\n//!\n//! Two.\n"] {
            let tree = Tree::of(&[("crates/a/src/lib.rs", wrong)]);
            assert_eq!(crate_purposes(&tree).len(), 1, "{wrong:?}");
        }
        let tree = Tree::of(&[("crates/a/src/lib.rs", "//! One.\n//!\n//! It must not know two.\n")]);
        assert_eq!(crate_purposes(&tree), []);
    }

    #[test]
    fn rows_that_go_out_are_flagged() {
        let tree = Tree::of(&[(
            "services/a/src/store/row.rs",
            concat!(
                "#[de",
                "rive(Clone, DeriveEntityModel,\n    serde::Serialize)]\nstruct A;\n#[derive(FromQueryResult)]\nstruct B;\n#[derive(Serialize)]\nstruct C;\n"
            ),
        )]);
        assert_eq!(row_derives(&tree).len(), 1);
    }
}
