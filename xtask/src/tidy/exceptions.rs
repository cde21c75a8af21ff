use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::{Finding, Tree};

pub(super) const PATH: &str = "xtask/tidy-exceptions.toml";

/// A tolerated size may be this part of the real one above it, so that not every change of a file touches the list.
const SLACK: usize = 20;

/// Places that are known to break a rule. The list may only shrink: an entry that is not needed any more, or that allows more
/// lines than there are, is a finding itself, and `count` must say how many entries there are, so that adding one is a change
/// of a number that a reviewer sees.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exceptions {
    count: usize,
    #[serde(default)]
    exception: Vec<Exception>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    rule: String,
    path: String,
    /// For budgets: how many lines are tolerated.
    lines: Option<usize>,
    reason: String,
}

impl Exceptions {
    pub(super) fn read(tree: &Tree) -> Result<Self> {
        match tree.text(PATH) {
            Some(text) => toml::from_str(text).with_context(|| format!("{PATH} is malformed")),
            None => Ok(Self::default()),
        }
    }

    /// Removes what is excepted and adds what is wrong with the exceptions.
    pub(super) fn apply(&self, found: Vec<Finding>) -> Vec<Finding> {
        let mut left: Vec<Finding> =
            found.iter().filter(|finding| !self.exception.iter().any(|e| e.covers(finding))).cloned().collect();
        if self.count != self.exception.len() {
            left.push(Finding::on(
                "exceptions",
                PATH,
                format!("count says {}, there are {} entries", self.count, self.exception.len()),
            ));
        }
        for exception in &self.exception {
            let covered: Vec<&Finding> = found.iter().filter(|finding| exception.covers(finding)).collect();
            let Exception { rule, path, lines, reason } = exception;
            if covered.is_empty() {
                left.push(Finding::on(
                    "exceptions",
                    PATH,
                    format!("the entry {rule} for {path} is not needed, remove it"),
                ));
            }
            if reason.trim().is_empty() {
                left.push(Finding::on("exceptions", PATH, format!("the entry {rule} for {path} gives no reason")));
            }
            if let (Some(lines), Some(size)) = (lines, covered.iter().filter_map(|finding| finding.size).max())
                && *lines > size + size / SLACK
            {
                left.push(Finding::on(
                    "exceptions",
                    PATH,
                    format!("{path} has {size} lines by now, lower {lines} to that"),
                ));
            }
        }
        left
    }
}

impl Exception {
    fn covers(&self, finding: &Finding) -> bool {
        self.rule == finding.rule
            && self.path == finding.path
            && finding.size.is_none_or(|size| self.lines.is_some_and(|lines| size <= lines))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(exceptions: &str, found: Vec<Finding>) -> Vec<String> {
        let tree = Tree::of(&[(PATH, exceptions)]);
        Exceptions::read(&tree).unwrap().apply(found).iter().map(ToString::to_string).collect()
    }

    fn big(size: usize) -> Finding {
        Finding::sized("file-budget", "a.rs", size, "too long")
    }

    const ENTRY: &str =
        "count = 1\n[[exception]]\nrule = \"file-budget\"\npath = \"a.rs\"\nlines = 700\nreason = \"one table\"\n";

    #[test]
    fn an_entry_covers_its_place_up_to_its_size() {
        assert_eq!(left(ENTRY, vec![big(700)]), Vec::<String>::new());
        assert_eq!(left(ENTRY, vec![big(701)]).len(), 2);
    }

    #[test]
    fn an_entry_may_only_shrink() {
        assert_eq!(left(ENTRY, vec![big(690)]), Vec::<String>::new());
        assert!(left(ENTRY, vec![big(650)])[0].contains("lower 700"));
        assert!(left(ENTRY, vec![])[0].contains("not needed"));
    }

    #[test]
    fn a_further_entry_must_change_the_count() {
        assert!(left(&ENTRY.replace("count = 1", "count = 0"), vec![big(700)])[0].contains("count says 0"));
    }

    #[test]
    fn without_an_entry_a_finding_stays() {
        assert_eq!(left("count = 0\n", vec![big(700)]).len(), 1);
    }
}
