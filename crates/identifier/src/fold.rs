//! Folding of one character: width, digit styles and invisible characters. Case is folded apart, since paths keep it.

/// Folds a character to its plain form; `None` means that it is invisible and counts as nothing.
pub(crate) fn plain(c: char) -> Option<char> {
    if c.is_ascii() {
        return Some(c);
    }
    let code = u32::from(c);
    match code {
        // Soft hyphen, zero-width and directional marks, variation selectors, the keycap ring, the byte order mark.
        0x00AD | 0x180E | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x2069 | 0x20E3 | 0xFE00..=0xFE0F | 0xFEFF => {
            None
        }
        0x00A0 | 0x2000..=0x200A | 0x202F | 0x3000 => Some(' '),
        0x2010..=0x2015 | 0x2212 | 0xFE58 | 0xFE63 => Some('-'),
        0xFF01..=0xFF5E => char::from_u32(code - 0xFEE0),
        0xFF61 => Some('。'),
        0x3010 | 0x3014 | 0x3016 => Some('['),
        0x3011 | 0x3015 | 0x3017 => Some(']'),
        _ => Some(styled_digit(code).unwrap_or(c)),
    }
}

/// Folds a character and its case.
pub(crate) fn lower(c: char) -> Option<char> {
    plain(c).map(|c| c.to_ascii_lowercase())
}

/// Undoes circled, parenthesised, superscript and mathematical digits.
fn styled_digit(code: u32) -> Option<char> {
    let value = match code {
        0x2460..=0x2468 => code - 0x2460 + 1,
        0x2474..=0x247C => code - 0x2474 + 1,
        0x2488..=0x2490 => code - 0x2488 + 1,
        0x24F5..=0x24FD => code - 0x24F5 + 1,
        0x2776..=0x277E => code - 0x2776 + 1,
        0x2780..=0x2788 => code - 0x2780 + 1,
        0x278A..=0x2792 => code - 0x278A + 1,
        0x24EA | 0x24FF | 0x2070 | 0x2080 => 0,
        0x00B9 => 1,
        0x00B2 => 2,
        0x00B3 => 3,
        0x2074..=0x2079 => code - 0x2070,
        0x2081..=0x2089 => code - 0x2080,
        0x1D7CE..=0x1D7FF => (code - 0x1D7CE) % 10,
        _ => return None,
    };
    char::from_digit(value, 10)
}

/// Gives the value of a digit written in Chinese, plain or formal, with the `幺` that is read aloud for one.
pub(crate) fn chinese_digit(c: char) -> Option<char> {
    Some(match c {
        '零' | '〇' | '○' => '0',
        '一' | '幺' | '壹' | '弌' => '1',
        '二' | '贰' | '貳' | '弍' => '2',
        '三' | '叁' | '參' | '叄' => '3',
        '四' | '肆' => '4',
        '五' | '伍' => '5',
        '六' | '陆' | '陸' => '6',
        '七' | '柒' => '7',
        '八' | '捌' => '8',
        '九' | '玖' => '9',
        _ => return None,
    })
}
