use super::{Finding, Tree};

const MAP: &str = "ARCHITECTURE.md";

/// Every relative link in a page, and every path that the map names, exists.
pub(super) fn paths_exist(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in tree.with_extension("md") {
        for (line, content) in prose(text) {
            for target in links(content) {
                if !tree.has(&resolved(path, target)) {
                    found.push(Finding::at("document-path", path, line, format!("the link to {target} leads nowhere")));
                }
            }
            if path == MAP {
                for named in code_spans(content).filter(|span| is_path(span)) {
                    if !tree.has(named) {
                        found.push(Finding::at("document-path", path, line, format!("{named} does not exist")));
                    }
                }
            }
        }
    }
    found
}

/// Every crate is on the map.
pub(super) fn crates_are_on_the_map(tree: &Tree) -> Vec<Finding> {
    let Some(map) = tree.text(MAP) else {
        return if tree.has("Cargo.toml") {
            vec![Finding::on("document-path", MAP, "the map is missing")]
        } else {
            Vec::new()
        };
    };
    tree.crate_folders()
        .into_iter()
        .filter(|folder| !map.contains(&format!("`{folder}/`")) && !map.contains(&format!("`{folder}`")))
        .map(|folder| Finding::on("document-path", MAP, format!("{folder} is not on the map")))
        .collect()
}

/// A sentence has a line of its own, so that a change of one sentence is a change of one line.
pub(super) fn one_sentence_per_line(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in tree.with_extension("md") {
        for (line, content) in prose(text) {
            if !content.trim_start().starts_with('|') && holds_two_sentences(content) {
                found.push(Finding::at("one-sentence", path, line, "one sentence per line"));
            }
        }
    }
    found
}

/// The lines outside fenced blocks, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            return None;
        }
        (!fenced).then_some((index + 1, line))
    })
}

fn holds_two_sentences(line: &str) -> bool {
    // A numbered item or heading begins with a number and a full stop, which ends no sentence.
    let line = line.trim_start_matches(['#', ' ']).trim_start_matches(|c: char| c.is_ascii_digit());
    let line = line.strip_prefix('.').unwrap_or(line);
    let plain: String = line.split('`').step_by(2).collect::<Vec<_>>().join("code");
    let latin = [". ", "! ", "? "].iter().any(|end| {
        plain.match_indices(end).any(|(at, end)| {
            let next = plain.get(at + end.len()..).and_then(|rest| rest.chars().next());
            let before = plain.get(..at).unwrap_or_default();
            let abbreviation = ["e.g", "i.e", "etc", "vs", "No"].iter().any(|short| before.ends_with(short));
            !abbreviation && next.is_some_and(char::is_uppercase)
        })
    });
    let chinese = ["。", "！", "？"].iter().any(|end| {
        plain.match_indices(end).any(|(at, end)| {
            plain
                .get(at + end.len()..)
                .is_some_and(|rest| !rest.trim().is_empty() && !rest.starts_with(['”', '）', '」', '"']))
        })
    });
    latin || chinese
}

/// The targets of `[text](target)` that are files of this repository.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("](").filter_map(move |(at, _open)| {
        let target = line.get(at + 2..)?.split(')').next()?;
        let target = target.split('#').next()?;
        let is_foreign = target.contains("://") || target.starts_with("mailto:") || target.is_empty();
        (!is_foreign).then_some(target)
    })
}

fn resolved(page: &str, target: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn code_spans(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// Whether a piece of code is meant as a path of this repository.
fn is_path(span: &str) -> bool {
    let plain = span.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
    plain && span.contains('/') && !span.starts_with('/') && !span.starts_with("target/") && !span.starts_with("data/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_named_paths_that_lead_nowhere_are_flagged() {
        let tree = Tree::of(&[
            (
                MAP,
                "See `crates/here/` and `crates/gone/`, [docs](docs/a.md), [gone](docs/b.md#part).\n```text\n`crates/no`\n```\n",
            ),
            ("docs/a.md", "[up](../ARCHITECTURE.md), [web](https://example.org/x), [lost](c.md)\n"),
            ("crates/here/src/lib.rs", ""),
        ]);
        let messages: Vec<String> = paths_exist(&tree).into_iter().map(|finding| finding.message).collect();
        assert_eq!(
            messages,
            ["the link to docs/b.md leads nowhere", "crates/gone/ does not exist", "the link to c.md leads nowhere"]
        );
    }

    #[test]
    fn a_crate_that_is_not_on_the_map_is_flagged() {
        let tree = Tree::of(&[
            (MAP, "`crates/a/` is here\n"),
            ("crates/a/Cargo.toml", "[package]\n"),
            ("crates/b/Cargo.toml", "[package]\n"),
        ]);
        assert_eq!(crates_are_on_the_map(&tree).len(), 1);
    }

    #[test]
    fn two_sentences_on_a_line_are_flagged() {
        for wrong in ["One. Two.", "First? Second.", "一句。两句。", "Use `a.b`. Then go."] {
            assert!(holds_two_sentences(wrong), "{wrong}");
        }
        for right in [
            "One, e.g. Two.",
            "1. First step.",
            "# 1. Heading",
            "Use `A. B` here.",
            "一句“引用。”",
            "Version 1.5 works.",
            "See A. b",
        ] {
            assert!(!holds_two_sentences(right), "{right}");
        }
    }
}
