//! Finds identifiers in free text, in one pass from left to right, and says for each why it was found.

use serde::{Deserialize, Serialize};

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

/// A rule of extraction in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleText {
    /// Stable code.
    pub code: &'static str,
    /// In Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
}

/// Every rule, for screens that explain a finding.
pub const RULES: &[RuleText] = &[];

/// Explains a rule by its code.
pub fn rule_text(code: &str) -> Option<&'static RuleText> {
    RULES.iter().find(|rule| rule.code == code)
}

/// Finds the identifiers in a text, marking those that the built-in list protects.
pub fn extract(text: &str) -> Vec<Extraction> {
    extract_with(text, ProtectedList::built_in())
}

/// Finds the identifiers in a text, marking those that a given list protects.
pub fn extract_with(text: &str, protected: &ProtectedList) -> Vec<Extraction> {
    let _ = (text, protected);
    Vec::new()
}
