//! Finds identifiers in free text, in one pass from left to right, and says for each why it was found.

mod chain;
mod disguise;
mod folded;
mod label;
mod name;
mod number;
mod rules;
mod scan;

use serde::{Deserialize, Serialize};

use self::folded::Folded;
pub use self::rules::{RULES, RuleText, rule_text};
use self::scan::Scan;
use crate::{Identifier, ProtectedEntry, ProtectedList};

/// What the sender did to a value so that machines would not see it, and what was undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disguise {
    /// Full-width digits, letters or signs.
    FullWidth,
    /// Digits written in Chinese.
    ChineseDigits,
    /// Circled, raised or otherwise styled digits.
    StyledDigits,
    /// Spaces, hyphens or dots between the digits of a number.
    Separators,
    /// A dot in brackets, or written as a word in brackets.
    BracketedDot,
    /// A Chinese full stop, or the word for a dot, in place of a dot.
    ChineseDot,
    /// `hxxp` in place of `http`.
    BrokenScheme,
    /// The country code before a number.
    CountryCode,
    /// Capital letters where the value has small ones.
    UpperCase,
    /// Invisible characters within the value.
    Invisible,
    /// A name in another script, brought to its ASCII form.
    OtherScript,
}

impl Disguise {
    /// Every disguise, in the order in which they are told.
    pub const ALL: [Self; 11] = [
        Self::FullWidth,
        Self::ChineseDigits,
        Self::StyledDigits,
        Self::Separators,
        Self::BracketedDot,
        Self::ChineseDot,
        Self::BrokenScheme,
        Self::CountryCode,
        Self::UpperCase,
        Self::Invisible,
        Self::OtherScript,
    ];
}

/// One identifier found in a text, with the place and the reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Extraction {
    /// What was found, in normal form; of a page address, its host.
    pub identifier: Identifier,
    /// The whole page address, if the host stood in one.
    pub url: Option<Identifier>,
    /// First character, counted in characters of the original text.
    pub start: usize,
    /// Character after the last one.
    pub end: usize,
    /// First byte in the original text.
    pub byte_start: usize,
    /// Byte after the last one.
    pub byte_end: usize,
    /// How sure the rule is, from 0 to 100.
    pub confidence: u8,
    /// Stable code of the rule that found it; `rule_text` explains it.
    pub rule: &'static str,
    /// What was undone to reach the normal form.
    pub disguises: Vec<Disguise>,
    /// Why it must not become a target without a second approval, if it is official.
    pub protected: Option<ProtectedEntry>,
}

/// Finds the identifiers in a text, marking those that the built-in list protects.
pub fn extract(text: &str) -> Vec<Extraction> {
    extract_with(text, ProtectedList::built_in())
}

/// Finds the identifiers in a text, marking those that a given list protects.
pub fn extract_with(text: &str, protected: &ProtectedList) -> Vec<Extraction> {
    let folded = Folded::new(text);
    let found = Scan::new(&folded).run();
    let mut extractions = Vec::with_capacity(found.len());
    // Findings come in order, so characters are counted once, from one finding to the next.
    let mut counted = (0, 0);
    for finding in found {
        let byte_start = folded.byte_start(finding.start);
        let byte_end = folded.byte_end(finding.end);
        let start = count(text, &mut counted, byte_start);
        let end = count(text, &mut counted, byte_end);
        let disguises = disguise::of(&folded, &finding);
        let protected = protected.check(&finding.identifier).cloned();
        extractions.push(Extraction {
            identifier: finding.identifier,
            url: finding.url,
            start,
            end,
            byte_start,
            byte_end,
            confidence: finding.rule.confidence,
            rule: finding.rule.code,
            disguises,
            protected,
        });
    }
    extractions
}

/// Counts characters up to a byte, going on from the last count.
fn count(text: &str, counted: &mut (usize, usize), byte: usize) -> usize {
    let (from, characters) = *counted;
    let characters = characters + text.get(from..byte).map_or(0, |between| between.chars().count());
    *counted = (byte, characters);
    characters
}
