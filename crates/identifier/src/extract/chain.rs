//! Chains of digit groups: what stands together, what stands between, and which windows of groups have how many digits.

use super::folded::Folded;
use crate::{fold, normal_form};

/// A chain of groups is cut here; the rest is read as another chain.
const MOST_GROUPS: usize = 24;
/// Separators between two groups of one number, as in `) - `.
const MOST_SEPARATORS: usize = 3;

/// Digits that stand together.
#[derive(Clone, Copy)]
pub(super) struct Group {
    pub(super) start: usize,
    pub(super) end: usize,
    /// The sign before it; NUL where another style of digits stands directly before it.
    pub(super) separator: char,
}

impl Group {
    pub(super) fn digits(&self) -> usize {
        self.end - self.start
    }
}

/// Groups that may be parts of one number.
pub(super) struct Chain<'f, 't> {
    pub(super) text: &'f Folded<'t>,
    pub(super) groups: Vec<Group>,
}

/// Says whether a name goes on after its digits, as in `25.shop.example` and `23-win.example`.
fn begins_name(text: &Folded<'_>, end: usize) -> bool {
    match text.at(end) {
        '.' | '-' => text.at(end + 1).is_ascii_alphabetic(),
        '[' | '(' | '{' => matches!(text.at(end + 1), '.' | 'd'),
        _ => false,
    }
}

/// Gives a digit for a digit of any style.
pub(super) fn digit_of(c: char) -> Option<char> {
    if c.is_ascii_digit() { Some(c) } else { fold::chinese_digit(c) }
}

impl<'f, 't> Chain<'f, 't> {
    pub(super) fn gather(text: &'f Folded<'t>, start: usize) -> Self {
        let mut chain = Self { text, groups: Vec::new() };
        let mut at = start;
        let mut separator = '\0';
        while chain.groups.len() < MOST_GROUPS {
            let mut end = at;
            while digit_of(text.at(end)).is_some() {
                end += 1;
            }
            // A word that begins with digits is no group, save for the letter at the end of an identity number.
            let letters = text.at(end).is_ascii_alphabetic() || text.at(end) == '_';
            let identity = text.at(end) == 'x' && !text.at(end + 1).is_ascii_alphanumeric();
            if at != start && ((letters && !identity) || begins_name(text, end)) {
                break;
            }
            chain.split(at, end, separator);
            let mut next = end;
            while next - end < MOST_SEPARATORS && normal_form::is_separator(text.at(next)) {
                next += 1;
            }
            if next == end || digit_of(text.at(next)).is_none() || letters {
                break;
            }
            separator = text.at(end);
            if separator == ' ' && next > end + 1 {
                // ` - ` is a hyphen with spaces around it.
                separator = text.at(end + 1);
            }
            at = next;
        }
        chain
    }

    /// Adds a run of digits. Chinese digits next to others usually belong to a word (`张三13800138000`), unless the whole is a number.
    fn split(&mut self, start: usize, end: usize, separator: char) {
        let run = self.text.slice(start, end);
        let uniform = run.iter().all(char::is_ascii_digit) || !run.iter().any(char::is_ascii_digit);
        if uniform || (run.len() == 11 && run.first().copied().and_then(digit_of) == Some('1')) {
            self.groups.push(Group { start, end, separator });
            return;
        }
        let mut separator = separator;
        let mut from = start;
        for at in start + 1..=end {
            if at == end || self.text.at(at).is_ascii_digit() != self.text.at(from).is_ascii_digit() {
                self.groups.push(Group { start: from, end: at, separator });
                separator = '\0';
                from = at;
            }
        }
    }

    pub(super) fn group(&self, index: usize) -> Option<Group> {
        self.groups.get(index).copied()
    }

    pub(super) fn range(&self, first: usize, last: usize) -> &[Group] {
        self.groups.get(first..=last).unwrap_or_default()
    }

    /// Gives the last group of the window that begins at `first` and has exactly this many digits.
    pub(super) fn window(&self, first: usize, digits: usize) -> Option<usize> {
        let mut sum = 0;
        for (offset, group) in self.groups.get(first..)?.iter().enumerate() {
            sum += group.digits();
            if sum >= digits {
                return (sum == digits).then_some(first + offset);
            }
        }
        None
    }

    /// Writes the digits of a window.
    pub(super) fn collect(&self, first: usize, last: usize) -> String {
        let groups = self.range(first, last);
        groups.iter().flat_map(|group| self.text.slice(group.start, group.end)).filter_map(|&c| digit_of(c)).collect()
    }

    /// Says whether a hyphen stands after the first group of a window.
    pub(super) fn has_hyphens(&self, first: usize) -> bool {
        self.group(first + 1).is_some_and(|next| next.separator == '-')
    }

    /// Says whether one and the same sign stands between all groups of a window.
    pub(super) fn is_even(&self, first: usize, last: usize) -> bool {
        let inner = self.groups.get(first + 1..=last).unwrap_or_default();
        inner.windows(2).all(|pair| matches!(pair, [left, right] if left.separator == right.separator))
    }

    pub(super) fn lengths_are(&self, first: usize, last: usize, lengths: &[usize]) -> bool {
        let groups = self.range(first, last);
        groups.len() == lengths.len() && groups.iter().zip(lengths).all(|(group, &length)| group.digits() == length)
    }

    /// Says whether the group after `last` hangs on to it by a sign that makes one number of both.
    pub(super) fn goes_on(&self, last: usize) -> bool {
        self.group(last + 1).is_some_and(|next| matches!(next.separator, '.' | '-' | '/' | '_'))
    }

    pub(super) fn hangs_on(&self, first: usize) -> bool {
        first > 0 && self.group(first).is_some_and(|group| matches!(group.separator, '.' | '-' | '/' | '_'))
    }
}
