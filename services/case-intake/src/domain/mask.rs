//! What of a text may be shown to everybody who may read the report.

use std::ops::Range;

use cordon_identifier::Kind;

use super::content::Found;

/// A run of digits at least this long may be a number that extraction did not know.
const SHORTEST_NUMBER: usize = 5;

/// An identity number without its check character.
const SHORTEST_IDENTITY: usize = 17;

/// Hides the personal identifiers of a text and every longer run of digits outside the identifiers that are not personal.
pub(crate) fn masked_text(text: &str, found: &[Found]) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut covers = vec![Cover::Open; characters.len()];
    for found in found {
        let (start, end) = found.span;
        let place = |place: u32| usize::try_from(place).unwrap_or(usize::MAX).min(characters.len());
        let range = place(start)..place(end);
        let (Some(written), Some(covers)) = (characters.get(range.clone()), covers.get_mut(range)) else { continue };
        match found.kind {
            kind if kind.is_personal() => covers.fill(Cover::Hidden),
            // A page address stands as a whole under its host, and what follows the host may name the victim.
            Kind::Domain | Kind::Url | Kind::Ip => cover_address(written, covers),
            // Where two identifiers overlap, the personal one decides.
            _ => covers.iter_mut().filter(|cover| **cover == Cover::Open).for_each(|cover| *cover = Cover::Shown),
        }
    }
    hide_runs(&characters, &mut covers);
    shown(&characters, &covers)
}

/// Hides what may name a person in the address of a page; its host stays.
pub(crate) fn masked_page(page: &str) -> String {
    let characters: Vec<char> = page.chars().collect();
    let mut covers = vec![Cover::Open; characters.len()];
    cover_address(&characters, &mut covers);
    shown(&characters, &covers)
}

fn shown(characters: &[char], covers: &[Cover]) -> String {
    characters
        .iter()
        .zip(covers)
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

/// Shows the host of an address, and of the rest each part that may be no number and no mail address. A number in a page
/// address may be written with separators or in percent signs, so that a part with enough digits is hidden whole.
fn cover_address(characters: &[char], covers: &mut [Cover]) {
    let slash = |character: &char| matches!(character, '/' | '\\' | '／' | '＼');
    let after_scheme = characters.windows(2).position(|pair| pair.iter().all(slash)).map_or(0, |place| place + 2);
    let authority = characters.get(after_scheme..).unwrap_or_default();
    let length =
        authority.iter().position(|character| slash(character) || matches!(character, '?' | '#' | '？' | '＃'));
    let host_end = after_scheme + length.unwrap_or(authority.len());
    // What stands before an at sign is bait or a name, and not the host.
    let before_host =
        authority.iter().take(host_end - after_scheme).rposition(|character| matches!(character, '@' | '＠'));
    let host_start = after_scheme + before_host.map_or(0, |place| place + 1);
    let mut part = 0;
    for place in 0..=characters.len() {
        let ends = characters.get(place).is_none_or(|character| {
            slash(character) || matches!(character, '?' | '&' | '=' | '#' | ';' | '？' | '＆' | '＝' | '＃')
        });
        if ends || place == host_start || place == host_end {
            cover_part(characters, covers, part..place, host_start..host_end);
            part = place;
        }
    }
}

fn cover_part(characters: &[char], covers: &mut [Cover], part: Range<usize>, host: Range<usize>) {
    let (Some(written), Some(covers)) = (characters.get(part.clone()), covers.get_mut(part.clone())) else { return };
    let digits = written.iter().filter(|character| is_digit(**character)).count();
    let mail = written.contains(&'@') || written.windows(3).any(|signs| signs == ['%', '4', '0']);
    let is_host = host.contains(&part.start);
    let cover = if !is_host && (digits >= SHORTEST_NUMBER || mail) { Cover::Hidden } else { Cover::Shown };
    for (character, slot) in written.iter().zip(covers) {
        let sign = !character.is_alphanumeric() && !matches!(character, '%' | '.' | '-' | '_' | '+');
        *slot = match (*slot, cover) {
            (Cover::Hidden, _) => Cover::Hidden,
            (_, Cover::Hidden) if sign => Cover::Shown,
            (_, cover) => cover,
        };
    }
}

/// Hides runs of digits of any spelling, with single separators inside.
fn hide_runs(characters: &[char], covers: &mut [Cover]) {
    let mut run: Vec<usize> = Vec::new();
    let mut gap = 0;
    for (place, character) in characters.iter().enumerate() {
        let open = covers.get(place) == Some(&Cover::Open);
        if open && is_digit(*character) {
            run.push(place);
            gap = 0;
        } else if open && gap == 0 && !run.is_empty() && matches!(character, ' ' | '-' | '－' | '\u{3000}') {
            gap = 1;
        } else {
            // The check character of an identity number belongs to it.
            if open && run.len() >= SHORTEST_IDENTITY && matches!(character, 'x' | 'X' | 'ｘ' | 'Ｘ') {
                run.push(place);
            }
            hide(&run, covers);
            run.clear();
            gap = 0;
        }
    }
    hide(&run, covers);
}

fn hide(run: &[usize], covers: &mut [Cover]) {
    if run.len() < SHORTEST_NUMBER {
        return;
    }
    for place in run {
        if let Some(slot) = covers.get_mut(*place) {
            *slot = Cover::Hidden;
        }
    }
}

fn is_digit(character: char) -> bool {
    // Full-width, circled and mathematical digits are numeric in Unicode; those written in Chinese are letters.
    character.is_numeric()
        || matches!(character, '零' | '〇' | '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '幺')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn found(kind: Kind, value: &str, span: (u32, u32)) -> Found {
        Found {
            subject: Uuid::nil(),
            above: Vec::new(),
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

    const PAGE: &str =
        "https://kuaidai9.top:8443/pay/a1?m=13912345678&id=11010519491231002X&card=6222-0200-1122-33445&t=7";
    const SHOWN: &str =
        "https://kuaidai9.top:8443/pay/a1?m=***********&id=******************&card=********************&t=7";

    #[test]
    fn numbers_behind_the_host_of_a_page_are_hidden_in_the_text_and_in_the_address() {
        assert_eq!(masked_page(PAGE), SHOWN);
        let length = u32::try_from(PAGE.chars().count()).unwrap();
        let whole = [found(Kind::Domain, "kuaidai9.top", (2, 2 + length))];
        assert_eq!(masked_text(&format!("登录{PAGE}办理"), &whole), format!("登录{SHOWN}办理"));
        // An address that extraction does not know is text like any other.
        assert_eq!(masked_text("a.b/?id=11010519491231002X", &[]), "a.b/?id=******************");
    }

    #[test]
    fn addresses_keep_what_says_where_they_lead() {
        for (page, expected) in [
            ("http://203.0.113.25/app/d?id=965", "http://203.0.113.25/app/d?id=965"),
            ("http://53682.evil.top/2026/11/22", "http://53682.evil.top/2026/11/22"),
            ("http://13912345678@evil.top/", "http://***********@evil.top/"),
            ("http://evil.top/%31%33%39%31%32", "http://evil.top/***************"),
            ("http://evil.top/to/139.1234.5678/x", "http://evil.top/to/*************/x"),
            ("http://evil.top/?mail=boss%40shop.example", "http://evil.top/?mail=*******************"),
            ("http://evil.top/?mail=boss@shop.example#a", "http://evil.top/?mail=****@************#a"),
            ("hxxp：／／evil[.]top／pay？m＝１３９１２３４５６７８", "hxxp：／／evil[.]top／pay？m＝***********"),
            ("evil.top", "evil.top"),
            ("", ""),
        ] {
            assert_eq!(masked_page(page), expected);
        }
    }

    #[test]
    fn personal_identifiers_win_over_others_in_the_same_place() {
        let found = [found(Kind::Wechat, "abc", (0, 3)), found(Kind::Number400, "4008201234", (0, 10))];
        assert_eq!(masked_text("abc8201234", &found), "***8201234");
    }

    proptest! {
        #[test]
        fn no_eleven_digits_behind_a_host_are_ever_shown(path in "[a-z/?=&.%-]{0,20}", number in "1[3-9][0-9]{9}") {
            let page = format!("https://evil.top/{path}{number}");
            let masked = masked_page(&page);
            prop_assert_eq!(masked.chars().count(), page.chars().count());
            prop_assert!(!masked.chars().any(|character| character.is_ascii_digit()));
        }
    }

    #[test]
    fn work_grows_with_the_text_and_not_with_the_findings_times_the_text() {
        // Twelve thousand findings in as many times twelve characters: seconds if each walks the whole text.
        let text = "电13800138000".repeat(12_000);
        let found: Vec<Found> =
            (0..12_000_u32).map(|place| found(Kind::Phone, "13800138000", (place * 12 + 1, place * 12 + 12))).collect();
        let begun = std::time::Instant::now();
        assert_eq!(masked_text(&text, &found), "电***********".repeat(12_000));
        assert!(begun.elapsed() < std::time::Duration::from_secs(2), "{:?}", begun.elapsed());
    }
}
