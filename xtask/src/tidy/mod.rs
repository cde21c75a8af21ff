//! Rules of the repository that no compiler knows. Each rule is a function from a [`Tree`] to findings, so that its tests can
//! hand it a tree that must be flagged.

mod budgets;
mod documents;
mod edges;
mod exceptions;
mod manifests;
mod names;
mod schema;
mod sources;
mod tree;

use std::path::Path;

use anyhow::{Result, bail};

use exceptions::Exceptions;
pub(crate) use tree::Tree;

/// Where a rule is broken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(crate) rule: &'static str,
    pub(crate) path: String,
    pub(crate) line: Option<usize>,
    /// For budgets: how many lines there are.
    pub(crate) size: Option<usize>,
    pub(crate) message: String,
}

impl Finding {
    fn at(rule: &'static str, path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { rule, path: path.to_owned(), line: Some(line), size: None, message: message.into() }
    }

    fn on(rule: &'static str, path: &str, message: impl Into<String>) -> Self {
        Self { rule, path: path.to_owned(), line: None, size: None, message: message.into() }
    }

    fn sized(rule: &'static str, path: &str, size: usize, message: impl Into<String>) -> Self {
        Self { rule, path: path.to_owned(), line: None, size: Some(size), message: message.into() }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {} [{}]", self.path, self.message, self.rule),
            None => write!(f, "{}: {} [{}]", self.path, self.message, self.rule),
        }
    }
}

const RULES: &[fn(&Tree) -> Vec<Finding>] = &[
    budgets::files,
    budgets::crates,
    documents::one_sentence_per_line,
    documents::paths_exist,
    documents::crates_are_on_the_map,
    edges::between_our_crates,
    edges::to_foreign_crates,
    edges::of_the_orm,
    manifests::lints_are_inherited,
    manifests::versions_are_central,
    names::grab_bags,
    schema::descriptions,
    sources::allow_attributes,
    sources::banners,
    sources::crate_purposes,
    sources::row_derives,
    sources::unfinished_work,
];

/// Everything in the tree that breaks a rule and is not excepted, sorted by place.
pub(crate) fn findings(tree: &Tree) -> Result<Vec<Finding>> {
    let found = RULES.iter().flat_map(|rule| rule(tree)).collect();
    let mut left = Exceptions::read(tree)?.apply(found);
    left.sort();
    Ok(left)
}

/// Checks the repository and prints what it finds.
pub(crate) fn run(root: &Path) -> Result<()> {
    let found = findings(&Tree::read(root)?)?;
    for finding in &found {
        crate::say(&finding.to_string());
    }
    if !found.is_empty() {
        bail!("{} places break a rule of the repository", found.len());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_repository_is_tidy() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let found = findings(&Tree::read(root).unwrap()).unwrap();
        let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert!(lines.is_empty(), "\n{}", lines.join("\n"));
    }
}
