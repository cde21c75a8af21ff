//! The pass over a text: at each word or number the readers are asked in a fixed order, and what one takes is gone for the rest.

use super::folded::{Folded, is_ideograph, is_spaced_letter};
use super::label::{self, Label, Labelled};
use super::rules::RuleText;
use crate::{Identifier, Kind, fold};

/// One finding, in places of the folded text.
pub(super) struct Finding {
    pub(super) identifier: Identifier,
    pub(super) url: Option<Identifier>,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Where the host of a page address stands; the whole finding otherwise.
    pub(super) host: (usize, usize),
    pub(super) rule: &'static RuleText,
    pub(super) country_code: bool,
}

/// A pass over one text.
pub(super) struct Scan<'f, 't> {
    pub(super) text: &'f Folded<'t>,
    found: Vec<Finding>,
    /// A dotted run that was read and refused ends here; names that begin within it are not tried again.
    pub(super) refused_until: usize,
    /// The last finding ends here; what is taken is not read again.
    pub(super) taken_until: usize,
}

impl<'f, 't> Scan<'f, 't> {
    pub(super) fn new(text: &'f Folded<'t>) -> Self {
        Self { text, found: Vec::new(), refused_until: 0, taken_until: 0 }
    }

    pub(super) fn run(mut self) -> Vec<Finding> {
        let mut at = 0;
        while at < self.text.len() {
            let c = self.text.at(at);
            let next = if c.is_ascii_alphabetic() || is_spaced_letter(c) {
                self.word(at)
            } else if c.is_ascii_digit() {
                self.digits(at)
            } else if fold::chinese_digit(c).is_some() {
                self.number(at, None)
            } else if matches!(c, '.' | '[' | '。' | '点') && is_ideograph(self.text.before(at)) {
                self.ideographic_name(at)
            } else {
                at + 1
            };
            // Every reader moves on; this keeps the pass finite even if one should not.
            at = next.max(at + 1);
        }
        self.found
    }

    /// Keeps a finding and gives the place to go on from.
    pub(super) fn take(&mut self, finding: Finding) -> usize {
        let end = finding.end;
        self.taken_until = end;
        self.found.push(finding);
        end
    }

    pub(super) fn label(&self, at: usize) -> Option<Labelled> {
        label::before(self.text.chars(), at)
    }

    /// Gives the end of the run of letters, digits, underscores and hyphens that begins here, without hyphens at its end.
    pub(super) fn word_end(&self, start: usize) -> usize {
        let mut end = start;
        let mut solid = start;
        loop {
            // No name is longer, and a bound keeps the pass linear.
            if end - start > 64 {
                return solid;
            }
            let c = self.text.at(end);
            if c.is_ascii_alphanumeric() || c == '_' {
                solid = end + 1;
            } else if c != '-' {
                return solid;
            }
            end += 1;
        }
    }

    /// Gives the end of the run of letters, digits and underscores that begins here.
    fn solid_end(&self, start: usize) -> usize {
        let mut end = start;
        while self.text.at(end).is_ascii_alphanumeric()
            || self.text.at(end) == '_'
            || is_spaced_letter(self.text.at(end))
        {
            end += 1;
        }
        end
    }

    /// Reads what begins with a letter.
    fn word(&mut self, start: usize) -> usize {
        if let Some(end) = self.web(start) {
            return end;
        }
        let solid = self.solid_end(start);
        // `QQ123456` and `TEL13800138000`: the label is glued to the number.
        let mut digits = start;
        while self.text.at(digits).is_ascii_alphabetic() {
            digits += 1;
        }
        let numbered = digits < solid && self.text.slice(digits, solid).iter().all(char::is_ascii_digit);
        let account = || matches!(self.label(start), Some(Labelled { label: Label::Wechat | Label::Platform(_), .. }));
        if numbered && !account() {
            let glued = match self.text.slice(start, digits) {
                ['q', 'q'] => Some(Label::Qq),
                ['q'] if self.text.before(start) == '加' => Some(Label::Qq),
                ['t', 'e', 'l'] | ['c', 'a', 'l', 'l'] | ['p', 'h', 'o', 'n', 'e'] => Some(Label::Phone),
                ['i', 'm', 'e', 'i'] => Some(Label::Imei),
                ['i', 'c', 'c', 'i', 'd'] => Some(Label::Iccid),
                ['v'] | ['v' | 'w', 'x'] | ['t', 'g'] | ['i', 'd'] if self.digit_count(digits) == 11 => {
                    Some(Label::Wechat)
                }
                _ => None,
            };
            if let Some(label) = glued {
                return self.number(digits, Some(Labelled { label, strong: true }));
            }
        }
        if let Some(end) = self.labelled_name(start) {
            return end;
        }
        solid.max(start + 1)
    }

    fn digit_count(&self, start: usize) -> usize {
        let mut end = start;
        while self.text.at(end).is_ascii_digit() {
            end += 1;
        }
        end - start
    }

    /// Reads what begins with a digit.
    fn digits(&mut self, start: usize) -> usize {
        if let Some(end) = self.web(start) {
            return end;
        }
        let solid = self.solid_end(start);
        let letters = self.text.slice(start, solid).iter().position(|c| !c.is_ascii_digit());
        let Some(first_letter) = letters.map(|offset| start + offset) else {
            return self.number(start, None);
        };
        if let Some(end) = self.mixed(start, solid) {
            return end;
        }
        // `13800138000qq123456`: the number ends where a glued label begins; `…002x` is an identity number.
        let tail = self.text.slice(first_letter, solid);
        let tail_letters = tail.iter().take_while(|c| c.is_ascii_alphabetic()).count();
        let identity = tail == ['x'];
        let glued = tail
            .get(..tail_letters)
            .is_some_and(|word| matches!(word, ['q', 'q'] | ['v'] | ['v' | 'w', 'x'] | ['t', 'e', 'l']));
        if identity || glued {
            return self.number(start, None);
        }
        solid
    }

    /// Reads a run of digits and letters as a code that may hold both.
    fn mixed(&mut self, start: usize, end: usize) -> Option<usize> {
        let length = end - start;
        if !(3..=40).contains(&length) {
            return None;
        }
        let label = self.label(start);
        let original = self.text.original(start, end);
        let found = match (label.map(|labelled| labelled.label), length) {
            (Some(Label::Other), _) => None,
            (Some(Label::Iccid), 19..=20) => {
                read(Kind::Iccid, original).map(|identifier| (identifier, super::rules::ICCID_LABELLED))
            }
            (label, 18) => credit_code(original, label == Some(Label::CreditCode)),
            _ => None,
        };
        if let Some((identifier, rule)) = found {
            return Some(self.take(Finding {
                identifier,
                url: None,
                start,
                end,
                host: (start, end),
                rule,
                country_code: false,
            }));
        }
        if matches!(label, Some(Labelled { label: Label::Platform(_), .. })) {
            return self.labelled_name(start);
        }
        None
    }
}

/// Reads a credit code; one whose check character does not fit counts only after its label.
fn credit_code(original: &str, labelled: bool) -> Option<(Identifier, &'static RuleText)> {
    use super::rules::{CREDIT_CHECKED, CREDIT_LABELLED, CREDIT_UNCHECKED};
    let identifier = Identifier::parse(Kind::CreditCode, original).ok()?;
    match (identifier.warnings().is_empty(), labelled) {
        (true, true) => Some((identifier, CREDIT_LABELLED)),
        (true, false) => Some((identifier, CREDIT_CHECKED)),
        (false, true) => Some((identifier, CREDIT_UNCHECKED)),
        (false, false) => None,
    }
}

/// Reads a value of a kind, whose violations are of no interest here.
pub(super) fn read(kind: Kind, text: &str) -> Option<Identifier> {
    Identifier::parse(kind, text).ok()
}
