//! The folded view of a text: one entry per visible character, with its place in the original.

use crate::fold;

/// A text with width, case and styles folded and invisible characters left out.
pub(super) struct Folded<'t> {
    text: &'t str,
    chars: Vec<char>,
    at: Vec<usize>,
}

impl<'t> Folded<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        // Most characters of these texts take three bytes; the rest of the room is never touched.
        let mut chars = Vec::with_capacity(text.len() / 2 + 8);
        let mut at = Vec::with_capacity(text.len() / 2 + 8);
        for (offset, c) in text.char_indices() {
            if let Some(folded) = fold::lower(c) {
                chars.push(folded);
                at.push(offset);
            }
        }
        Self { text, chars, at }
    }

    pub(super) fn len(&self) -> usize {
        self.chars.len()
    }

    pub(super) fn chars(&self) -> &[char] {
        &self.chars
    }

    /// Gives the folded character at a place; past the end it is NUL, which is part of nothing.
    pub(super) fn at(&self, index: usize) -> char {
        self.chars.get(index).copied().unwrap_or('\0')
    }

    /// Gives the character before a place, NUL at the beginning.
    pub(super) fn before(&self, index: usize) -> char {
        index.checked_sub(1).map_or('\0', |index| self.at(index))
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> &[char] {
        self.chars.get(start..end).unwrap_or_default()
    }

    /// Says whether the original character is ASCII, which folded punctuation is not.
    pub(super) fn is_plain(&self, index: usize) -> bool {
        self.at.get(index).and_then(|&offset| self.text.as_bytes().get(offset)).is_some_and(u8::is_ascii)
    }

    /// Gives the first byte of a folded character in the original.
    pub(super) fn byte_start(&self, index: usize) -> usize {
        self.at.get(index).copied().unwrap_or(self.text.len())
    }

    /// Gives the byte after the folded character before `end`.
    pub(super) fn byte_end(&self, end: usize) -> usize {
        let Some(offset) = end.checked_sub(1).and_then(|last| self.at.get(last)).copied() else { return 0 };
        let width = self.text.get(offset..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        offset + width
    }

    pub(super) fn original(&self, start: usize, end: usize) -> &'t str {
        self.text.get(self.byte_start(start)..self.byte_end(end)).unwrap_or_default()
    }
}

/// Letters of scripts that are written with spaces; Chinese and its neighbors are not, so a name next to them ends there.
pub(super) fn is_spaced_letter(c: char) -> bool {
    u32::from(c) > 0x7F && u32::from(c) < 0x2E80 && c.is_alphabetic()
}

/// Letters of Chinese, Japanese and Korean.
pub(super) fn is_ideograph(c: char) -> bool {
    u32::from(c) >= 0x2E80 && c.is_alphanumeric()
}
