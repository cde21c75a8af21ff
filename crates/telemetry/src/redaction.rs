//! Removes what looks like a phone, card or identity number from a line of text.

use std::borrow::Cow;
use std::io::{self, Write};
use std::ops::Range;

use tracing_subscriber::fmt::MakeWriter;

/// What stands in the place of a removed number inside text.
pub const REPLACEMENT: &str = "[number removed]";

/// A token with letters that is at least this long is a digest or an id, in which a run of digits is chance.
const ID_LENGTH: usize = 20;

/// Replaces every run of digits that looks like a Chinese mobile number (11 digits, also behind `86` or `0`), a bank card or an
/// identity number (15 to 19 digits, also with a final X). One space or hyphen between digits does not hide a number, nor do
/// other digits beside it, nor full-width digits. In a line of JSON a bare number becomes `null`, so that the line stays JSON.
pub fn redact(line: &str) -> Cow<'_, str> {
    let mut result = String::new();
    let mut copied = 0;
    for range in personal_ranges(line) {
        result.push_str(line.get(copied..range.start).unwrap_or_default());
        result.push_str(if is_bare_json_number(line, &range) { "null" } else { REPLACEMENT });
        copied = range.end;
    }
    if copied == 0 {
        return Cow::Borrowed(line);
    }
    result.push_str(line.get(copied..).unwrap_or_default());
    Cow::Owned(result)
}

/// Digits with nothing between them.
struct Group {
    range: Range<usize>,
    digits: String,
    /// Whether one space or hyphen, and nothing else, parts it from the group before.
    follows: bool,
    personal: bool,
}

/// Where the numbers of people stand. Digits that stand side by side may be one number in parts or several numbers, so every
/// sequence of neighbouring groups is looked at.
fn personal_ranges(line: &str) -> Vec<Range<usize>> {
    let mut groups = groups(line);
    for start in 0..groups.len() {
        let mut digits = String::new();
        for end in start..groups.len() {
            let Some(group) = groups.get(end).filter(|group| end == start || group.follows) else { break };
            digits.push_str(&group.digits);
            if digits.len() > LONGEST {
                break;
            }
            if is_personal(&digits) {
                let parts = groups.get_mut(start..=end).unwrap_or_default();
                for part in &mut *parts {
                    part.personal = true;
                }
                if let (17, Some(last)) = (digits.len(), parts.last_mut()) {
                    // The check character of an identity number is the only letter that belongs to it.
                    let after = line.get(last.range.end..).and_then(|text| text.chars().next());
                    let check = after.filter(|c| matches!(c, 'x' | 'X' | 'Ｘ'));
                    last.range.end += check.map_or(0, char::len_utf8);
                }
            }
        }
    }
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut joins = false;
    for group in groups {
        match ranges.last_mut() {
            Some(last) if group.personal && group.follows && joins => last.end = group.range.end,
            _ if group.personal => ranges.push(group.range),
            _ => {}
        }
        joins = group.personal;
    }
    ranges
}

/// All groups of digits but those that are parts of ids.
fn groups(line: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut position = 0;
    while let Some(offset) = line.get(position..).and_then(|rest| rest.find(|c| digit(c).is_some())) {
        let start = position + offset;
        let rest = line.get(start..).unwrap_or_default();
        let digits: String = rest.chars().map_while(digit).collect();
        let length: usize = rest.chars().take_while(|c| digit(*c).is_some()).map(char::len_utf8).sum();
        let range = start..start + length;
        position = range.end;
        if let Some(uuid) = uuid_around(line, &range) {
            position = uuid.end;
        } else if !is_part_of_id(line, &range) {
            let between = groups.last().and_then(|last| line.get(last.range.end..range.start));
            let follows = between.is_some_and(|text| matches!(text, " " | "-" | "\u{a0}" | "－"));
            groups.push(Group { range, digits, follows, personal: false });
        }
    }
    groups
}

fn digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10),
        _ => None,
    }
}

/// The most digits that a number of a person has.
const LONGEST: usize = 19;

fn is_personal(digits: &str) -> bool {
    let local = match digits.len() {
        11 => Some(digits),
        12 => digits.strip_prefix('0'),
        13 => digits.strip_prefix("86"),
        15 => digits.strip_prefix("0086"),
        _ => None,
    };
    let mobile = local.is_some_and(|local| {
        let mut characters = local.chars();
        characters.next() == Some('1') && matches!(characters.next(), Some('3'..='9'))
    });
    mobile || (15..=LONGEST).contains(&digits.len())
}

/// Whether the group is only a stretch of a longer token that has letters, such as a digest.
fn is_part_of_id(line: &str, range: &Range<usize>) -> bool {
    let before = line.get(..range.start).unwrap_or_default();
    let after = line.get(range.end..).unwrap_or_default();
    let left = before.bytes().rev().take_while(u8::is_ascii_alphanumeric).count();
    let right = after.bytes().take_while(u8::is_ascii_alphanumeric).count();
    left + right > 0 && left + right + range.len() >= ID_LENGTH && right + left >= 4
}

/// The UUID to which the group belongs, if it does: five parts of fixed lengths, which together are no number of anybody.
fn uuid_around(line: &str, range: &Range<usize>) -> Option<Range<usize>> {
    let part_of_token = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    let left = line.get(..range.start)?.bytes().rev().take_while(|byte| part_of_token(byte)).count();
    let right = line.get(range.end..)?.bytes().take_while(|byte| part_of_token(byte)).count();
    let token = range.start - left..range.end + right;
    let parts = line.get(token.clone())?.split('-');
    let fits = |part: &str, length: usize| part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let lengths = [8, 4, 4, 4, 12];
    (parts.clone().count() == lengths.len() && parts.zip(lengths).all(|(part, length)| fits(part, length)))
        .then_some(token)
}

fn is_bare_json_number(line: &str, range: &Range<usize>) -> bool {
    let before = line.get(..range.start).and_then(|text| text.trim_end().chars().next_back());
    let after = line.get(range.end..).and_then(|text| text.trim_start().chars().next());
    line.starts_with('{') && matches!(before, Some(':' | ',' | '[')) && matches!(after, Some(',' | '}' | ']'))
}

/// Wraps a writer of log lines so that every line passes [`redact`].
#[derive(Clone, Debug)]
pub struct RedactingWriter<M> {
    inner: M,
}

impl<M> RedactingWriter<M> {
    /// Puts the belt before `inner`.
    pub const fn new(inner: M) -> Self {
        Self { inner }
    }
}

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for RedactingWriter<M> {
    type Writer = Line<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        Line { inner: self.inner.make_writer(), text: Vec::new() }
    }

    fn make_writer_for(&'a self, metadata: &tracing::Metadata<'_>) -> Self::Writer {
        Line { inner: self.inner.make_writer_for(metadata), text: Vec::new() }
    }
}

/// Collects one log line, so that a number is not missed because it was written in two pieces.
#[derive(Debug)]
pub struct Line<W: Write> {
    inner: W,
    text: Vec<u8>,
}

impl<W: Write> Write for Line<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.text.is_empty() {
            let text = std::mem::take(&mut self.text);
            self.inner.write_all(redact(&String::from_utf8_lossy(&text)).as_bytes())?;
        }
        self.inner.flush()
    }
}

impl<W: Write> Drop for Line<W> {
    fn drop(&mut self) {
        // A log that cannot be written has nobody to be told.
        drop(self.flush());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(line: &str, expected: &str) {
        assert_eq!(redact(line), expected, "for {line}");
    }

    #[test]
    fn numbers_of_people_are_removed() {
        check("call 13800138000 now", "call [number removed] now");
        check("+8613800138000", "+[number removed]");
        check("tel 0086 138-0013-8000.", "tel [number removed].");
        check("138 0013 8000", "[number removed]");
        check("号码１３８００１３８０００。", "号码[number removed]。");
        check("wxid_13800138000", "wxid_[number removed]");
        check("card 6222 0212 3456 7890 123", "card [number removed]");
        check("id 11010519491231002X", "id [number removed]");
        check("imei=356938035643809", "imei=[number removed]");
        check("a13800138000", "a[number removed]");
    }

    #[test]
    fn numbers_that_stand_side_by_side_are_removed() {
        check("13800138000 13900139000", "[number removed]");
        check("7 13800138000", "7 [number removed]");
        check("13800138000 7", "[number removed] 7");
        check("from 3 13800138000-4 to 13900139000", "from 3 [number removed]-4 to [number removed]");
        check("6222 0212 3456 7890 138 0013 8000", "[number removed]");
        check("13800138000 11010519491231002X end", "[number removed] end");
        check("1 2 3 4 5 6 7 8 9 10 11 12 13800138000", "[number removed]");
        check("card6222 0212 3456 7890", "card[number removed]");
        check(
            "12345678-1234-7123-8123-123456789012 13800138000",
            "12345678-1234-7123-8123-123456789012 [number removed]",
        );
    }

    #[test]
    fn what_is_no_number_of_a_person_stays() {
        for line in [
            "2026-11-22T12:45:53.123456Z INFO started in 812 ms",
            "at 1763815553123 on port 8080",
            "12345678-1234-7123-8123-123456789012",
            "person 0190a1b2-7c3d-7123-8123-123456789012 at 2026-11-22 12:45",
            "order_01jd8f3v5m13800138000q7x2",
            "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "hotline 96110 and 12321, 400-123-4567, 010-12345678",
            "20000 rows, 12800138000 bytes",
        ] {
            assert_eq!(redact(line), line);
        }
    }

    #[test]
    fn a_line_of_json_stays_json() {
        let line = r#"{"fields":{"message":"from 13800138000","number":13800138000,"list":[1, 6222021234567890123]}}"#;
        let redacted = redact(line).into_owned();
        let value: serde_json::Value = serde_json::from_str(&redacted).unwrap();
        assert_eq!(value["fields"]["message"], "from [number removed]");
        assert!(value["fields"]["number"].is_null());
        assert_eq!(value["fields"]["list"][0], 1);
        assert!(value["fields"]["list"][1].is_null());
    }

    proptest! {
        #[test]
        fn no_mobile_number_survives_between_words(before in "[a-z号 ]{0,8}", number in "1[3-9][0-9]{9}", after in "[a-z码。, ]{0,8}") {
            let line = format!("{before} {number} {after}");
            prop_assert!(!redact(&line).contains(&number));
        }

        #[test]
        fn no_mobile_number_survives_beside_another(
            before in "[0-9]{0,12}", one in "1[3-9][0-9]{9}", other in "1[3-9][0-9]{9}", after in "[0-9]{0,12}",
        ) {
            let redacted = redact(&format!("{before} {one} {other}-{after}")).into_owned();
            prop_assert!(!redacted.contains(&one) && !redacted.contains(&other), "{}", redacted);
        }

        #[test]
        fn any_text_passes_without_a_panic_and_settles(line in "\\PC{0,80}") {
            let once = redact(&line).into_owned();
            prop_assert_eq!(redact(&once).into_owned(), once.clone());
        }
    }
}
