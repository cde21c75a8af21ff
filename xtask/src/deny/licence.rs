use std::collections::BTreeSet;

/// Whether an SPDX expression can be kept by choosing only allowed licences; `A/B` is the old spelling of `A OR B`.
pub(super) fn is_allowed(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut reader = Reader { words: spaced.split_whitespace().collect(), next: 0, allowed, is_malformed: false };
    let verdict = reader.either();
    verdict && !reader.is_malformed && reader.next == reader.words.len()
}

struct Reader<'a> {
    words: Vec<&'a str>,
    next: usize,
    allowed: &'a BTreeSet<String>,
    is_malformed: bool,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&str> {
        self.words.get(self.next).copied()
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.peek() == Some(word);
        self.next += usize::from(found);
        found
    }

    /// Takes the next word, which must be a name.
    fn word(&mut self) -> String {
        let word = self.peek().unwrap_or_default().to_owned();
        self.is_malformed |= matches!(word.as_str(), "" | "(" | ")" | "AND" | "OR" | "WITH");
        self.next += 1;
        word
    }

    fn either(&mut self) -> bool {
        let mut verdict = self.both();
        while self.take("OR") {
            let next = self.both();
            verdict = verdict || next;
        }
        verdict
    }

    fn both(&mut self) -> bool {
        let mut verdict = self.one();
        while self.take("AND") {
            let next = self.one();
            verdict = verdict && next;
        }
        verdict
    }

    fn one(&mut self) -> bool {
        if self.take("(") {
            let verdict = self.either();
            self.is_malformed |= !self.take(")");
            return verdict;
        }
        // "Or any later version" is kept by keeping this version.
        let mut name = self.word().trim_end_matches('+').to_owned();
        if self.take("WITH") {
            name = format!("{name} WITH {}", self.word());
        }
        self.allowed.contains(&name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expression: &str) -> bool {
        let allowed = ["MIT", "Apache-2.0", "ISC", "Apache-2.0 WITH LLVM-exception"];
        is_allowed(expression, &allowed.iter().map(|&name| name.to_owned()).collect())
    }

    #[test]
    fn one_allowed_choice_is_enough_and_every_part_counts() {
        for right in [
            "MIT",
            "MIT OR GPL-3.0",
            "GPL-3.0/MIT",
            "Apache-2.0 AND ISC",
            "(MIT OR GPL-3.0) AND ISC",
            "ISC+",
            "Apache-2.0 WITH LLVM-exception OR GPL-2.0",
        ] {
            assert!(check(right), "{right}");
        }
        for wrong in [
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "GPL-3.0 OR AGPL-3.0",
            "GPL-2.0 WITH Classpath-exception-2.0",
            "",
            "MIT MIT",
            "(MIT",
            "MIT OR",
            "MIT OR OR MIT",
            "MIT)",
        ] {
            assert!(!check(wrong), "{wrong}");
        }
    }
}
