//! Free text from people: how long it may be and what it may hold.

use cordon_context::{Bilingual, Refusal};

/// The longest text of a report or clue, in characters.
pub(crate) const LONGEST_TEXT: usize = 20_000;

/// The longest line, such as a title or a reason, in characters.
pub(crate) const LONGEST_LINE: usize = 200;

/// The longest note or explanation, in characters.
pub(crate) const LONGEST_NOTE: usize = 2_000;

/// Refuses a text that is empty, too long or holds control characters, and gives it back without spaces around it.
pub(crate) fn checked(field: &'static str, text: &str, longest: usize) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Refusal::invalid(field, "text.empty", Bilingual::new("不能为空", "must not be empty")));
    }
    within(field, text, longest)?;
    Ok(text.to_owned())
}

/// As [`checked`], for a text that may be left out.
pub(crate) fn checked_option(
    field: &'static str,
    text: Option<&str>,
    longest: usize,
) -> Result<Option<String>, Refusal> {
    match text.map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => {
            within(field, text, longest)?;
            Ok(Some(text.to_owned()))
        }
    }
}

/// Whether a character has no place in a text that people wrote.
pub(crate) fn is_control(character: char) -> bool {
    character.is_control() && !matches!(character, '\n' | '\r' | '\t')
}

/// Refuses lists that are empty or longer than one call may carry.
pub(crate) fn check_count(field: &'static str, count: usize, least: usize, most: usize) -> Result<(), Refusal> {
    if (least..=most).contains(&count) {
        return Ok(());
    }
    Err(Refusal::invalid(
        field,
        "list.length",
        Bilingual::new(format!("数量应在 {least} 到 {most} 之间"), format!("there must be {least} to {most} of them")),
    ))
}

fn within(field: &'static str, text: &str, longest: usize) -> Result<(), Refusal> {
    if text.chars().count() > longest {
        return Err(Refusal::invalid(
            field,
            "text.too_long",
            Bilingual::new(
                format!("不能超过 {longest} 个字符"),
                format!("must not be longer than {longest} characters"),
            ),
        ));
    }
    if text.chars().any(is_control) {
        return Err(Refusal::invalid(
            field,
            "text.control_character",
            Bilingual::new("不能含控制字符", "must not hold control characters"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_long_and_broken_texts_are_refused_by_name() {
        let rule = |text: &str| checked("title", text, 5).unwrap_err().rule.unwrap();
        assert_eq!(checked("title", "  案件 ", 5).unwrap(), "案件");
        assert_eq!(rule(" \u{3000} "), "text.empty");
        assert_eq!(rule("案案案案案案"), "text.too_long");
        assert_eq!(rule("a\0b"), "text.control_character");
        assert_eq!(checked_option("note", Some(" "), 5).unwrap(), None);
    }
}
