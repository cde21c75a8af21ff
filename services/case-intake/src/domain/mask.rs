//! What of a text may be shown to everybody who may read the report.

use super::content::Found;

/// A run of digits at least this long may be a number that extraction did not know.
const SHORTEST_NUMBER: usize = 5;

/// Hides the personal identifiers of a text and every longer run of digits outside the identifiers that are not personal.
pub(crate) fn masked_text(text: &str, found: &[Found]) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut hidden = vec![Cover::Open; characters.len()];
    for found in found {
        let cover = if found.kind.is_personal() { Cover::Hidden } else { Cover::Shown };
        let (start, end) = found.span;
        let range = usize::try_from(start).unwrap_or(usize::MAX)..usize::try_from(end).unwrap_or(usize::MAX);
        for (place, slot) in hidden.iter_mut().enumerate() {
            // Where two identifiers overlap, the personal one decides.
            if range.contains(&place) && *slot != Cover::Hidden {
                *slot = cover;
            }
        }
    }
    hide_runs(&characters, &mut hidden);
    characters
        .iter()
        .zip(&hidden)
        .map(|(character, cover)| match cover {
            Cover::Hidden if !character.is_whitespace() => '*',
            Cover::Hidden | Cover::Shown | Cover::Open => *character,
        })
        .collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Cover {
    Open,
    Shown,
    Hidden,
}

/// Hides runs of digits of any spelling, with single separators inside.
fn hide_runs(characters: &[char], hidden: &mut [Cover]) {
    let mut run: Vec<usize> = Vec::new();
    let mut gap = 0;
    for (place, character) in characters.iter().enumerate() {
        let open = hidden.get(place) == Some(&Cover::Open);
        if open && is_digit(*character) {
            run.push(place);
            gap = 0;
        } else if open && gap == 0 && !run.is_empty() && matches!(character, ' ' | '-' | '－' | '\u{3000}') {
            gap = 1;
        } else {
            hide(&run, hidden);
            run.clear();
            gap = 0;
        }
    }
    hide(&run, hidden);
}

fn hide(run: &[usize], hidden: &mut [Cover]) {
    if run.len() < SHORTEST_NUMBER {
        return;
    }
    for place in run {
        if let Some(slot) = hidden.get_mut(*place) {
            *slot = Cover::Hidden;
        }
    }
}

fn is_digit(character: char) -> bool {
    character.is_ascii_digit()
        || ('０'..='９').contains(&character)
        || matches!(character, '零' | '〇' | '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '幺')
        || ('①'..='⑨').contains(&character)
}

#[cfg(test)]
mod tests {
    use cordon_identifier::Kind;
    use uuid::Uuid;

    use super::*;

    fn found(kind: Kind, value: &str, span: (u32, u32)) -> Found {
        Found {
            subject: Uuid::nil(),
            kind,
            value: value.to_owned(),
            page: None,
            span,
            confidence: 90,
            rule: "test".into(),
            disguises: Vec::new(),
            victims_own: false,
        }
    }

    #[test]
    fn personal_identifiers_are_hidden_and_sites_stay_readable() {
        let text = "加微信abcdef123看example12345.top";
        let found = [found(Kind::Wechat, "abcdef123", (3, 12)), found(Kind::Domain, "example12345.top", (13, 29))];
        assert_eq!(masked_text(text, &found), "加微信*********看example12345.top");
    }

    #[test]
    fn unknown_long_numbers_are_hidden_in_every_spelling_and_short_ones_stay() {
        assert_eq!(masked_text("卡号 6299 3152-90 转 500 元", &[]), "卡号 **** ****-** 转 500 元");
        assert_eq!(masked_text("电话１３８００１３８０００", &[]), "电话***********");
        assert_eq!(masked_text("幺三八零零幺三八零零零", &[]), "***********");
        assert_eq!(masked_text("损失2500元", &[]), "损失2500元");
    }
}
