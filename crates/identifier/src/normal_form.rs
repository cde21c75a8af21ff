//! The one normal form of each kind, and the rules a text must keep to reach it.

use crate::{InvalidIdentifier, Kind, NumberPlan, Violation, check_digit, fold, host};

/// Platforms whose accounts are written `platform:name`.
pub(crate) const PLATFORMS: [&str; 28] = [
    "bilibili",
    "batchat",
    "dingtalk",
    "douyin",
    "facebook",
    "feishu",
    "instagram",
    "jd",
    "kakaotalk",
    "kuaishou",
    "line",
    "messenger",
    "momo",
    "pinduoduo",
    "potato",
    "signal",
    "skype",
    "soul",
    "tantan",
    "taobao",
    "telegram",
    "twitter",
    "viber",
    "weibo",
    "whatsapp",
    "xianyu",
    "xiaohongshu",
    "zalo",
];

/// First two digits of the regions that issue identity numbers (GB/T 2260).
const REGIONS: [&str; 34] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44",
    "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82",
];

/// Reads a text as the value of a kind.
pub(crate) fn read(kind: Kind, text: &str) -> Result<String, InvalidIdentifier> {
    let read = match kind {
        Kind::Phone => phone(text),
        Kind::FixedLine => fixed_line(text),
        Kind::ServiceNumber | Kind::Number400 | Kind::SmsPort | Kind::IotNumber => planned(kind, text),
        Kind::Domain => host::domain(text).or_else(|violation| match host::url(text) {
            // A pasted page address names its host as well.
            Ok(url) if text.contains("//") && host::check(host::of_url(&url)).is_ok() => {
                Ok(host::of_url(&url).to_owned())
            }
            _ => Err(violation),
        }),
        Kind::Url => host::url(text),
        Kind::Ip => host::ip(text),
        Kind::BankCard => bank_card(text),
        Kind::Wechat => wechat(text),
        Kind::Qq => qq(text),
        Kind::Alipay => {
            phone(text).or_else(|violation| if text.contains(['@', '＠']) { host::email(text) } else { Err(violation) })
        }
        Kind::Account => account(text),
        Kind::Email => host::email(text),
        Kind::Imei => imei(text),
        Kind::Iccid => iccid(text),
        Kind::IdNumber => id_number(text),
        Kind::CreditCode => credit_code(text),
    };
    read.map_err(|rule| InvalidIdentifier::new(kind, rule))
}

/// Says whether a folded character may stand between the digits of one number.
pub(crate) fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '-' | '.' | '·' | '(' | ')' | '_' | '/' | '~' | '\t')
}

/// Collects the digits, whatever their style; spaces and hyphens between them count as nothing.
fn digits(text: &str) -> Result<String, Violation> {
    let mut digits = String::with_capacity(24);
    for c in text.trim().chars().filter_map(fold::plain) {
        if c.is_ascii_digit() {
            digits.push(c);
        } else if let Some(digit) = fold::chinese_digit(c) {
            digits.push(digit);
        } else if !(is_separator(c) || (c == '+' && digits.is_empty())) {
            return Err(Violation::Character);
        }
    }
    if digits.is_empty() { Err(Violation::Empty) } else { Ok(digits) }
}

/// Takes off the country code, if what remains has the length of a number within the country.
fn national(digits: &str, lengths: std::ops::RangeInclusive<usize>) -> &str {
    for code in ["0086", "86"] {
        if let Some(rest) = digits.strip_prefix(code).filter(|rest| lengths.contains(&rest.len())) {
            return rest;
        }
    }
    digits
}

fn phone(text: &str) -> Result<String, Violation> {
    let digits = digits(text)?;
    let number = national(&digits, 11..=11);
    planned_digits(Kind::Phone, number)
}

fn planned(kind: Kind, text: &str) -> Result<String, Violation> {
    let digits = digits(text)?;
    let number = match kind {
        Kind::Number400 => national(&digits, 10..=10),
        Kind::SmsPort if digits.starts_with("86106") => digits.strip_prefix("86").unwrap_or(&digits),
        Kind::IotNumber => national(&digits, 13..=13),
        _ => &digits,
    };
    planned_digits(kind, number)
}

fn planned_digits(kind: Kind, number: &str) -> Result<String, Violation> {
    NumberPlan::active().admits(kind, number)?;
    Ok(number.to_owned())
}

fn fixed_line(text: &str) -> Result<String, Violation> {
    let digits = digits(text)?;
    let number = match digits.strip_prefix("0086").or_else(|| digits.strip_prefix("86")) {
        // Abroad the zero of the area code is left out.
        Some(rest) if rest.starts_with('0') => rest.to_owned(),
        Some(rest) if rest.len() >= 9 => format!("0{rest}"),
        _ => digits,
    };
    NumberPlan::active().admits_fixed_line(&number)?;
    Ok(number)
}

/// Gives the length of the area code at the beginning of a fixed line.
pub(crate) fn area_code_length(number: &str) -> usize {
    if number.starts_with("01") || number.starts_with("02") { 3 } else { 4 }
}

fn length(digits: &str, lengths: std::ops::RangeInclusive<usize>) -> Result<(), Violation> {
    if lengths.contains(&digits.len()) { Ok(()) } else { Err(Violation::Length) }
}

fn bank_card(text: &str) -> Result<String, Violation> {
    let digits = digits(text)?;
    length(&digits, 13..=19)?;
    if digits.starts_with('0') {
        return Err(Violation::UnknownPrefix);
    }
    if check_digit::luhn(&digits) { Ok(digits) } else { Err(Violation::CheckDigit) }
}

fn word(text: &str) -> Result<String, Violation> {
    let word: String = text.trim().chars().filter_map(fold::lower).collect();
    if word.is_empty() { Err(Violation::Empty) } else { Ok(word) }
}

fn wechat(text: &str) -> Result<String, Violation> {
    let name = word(text)?;
    if !(6..=20).contains(&name.len()) {
        return Err(Violation::Length);
    }
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-') {
        return Err(Violation::Character);
    }
    if name.starts_with(|c: char| c.is_ascii_lowercase()) { Ok(name) } else { Err(Violation::Form) }
}

fn qq(text: &str) -> Result<String, Violation> {
    let digits = digits(text)?;
    length(&digits, 5..=11)?;
    if digits.starts_with('0') { Err(Violation::Form) } else { Ok(digits) }
}

fn account(text: &str) -> Result<String, Violation> {
    let text = word(text)?;
    let (platform, name) = text.split_once(':').ok_or(Violation::Form)?;
    let (platform, name) = (platform.trim(), name.trim().trim_start_matches('@'));
    if !PLATFORMS.contains(&platform) {
        return Err(Violation::UnknownPlatform);
    }
    if !(3..=40).contains(&name.len()) {
        return Err(Violation::Length);
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+');
    if !name.bytes().all(allowed) {
        return Err(Violation::Character);
    }
    Ok(format!("{platform}:{name}"))
}

fn imei(text: &str) -> Result<String, Violation> {
    let digits = digits(text)?;
    length(&digits, 15..=15)?;
    let first = digits.as_bytes().first().copied();
    if digits.bytes().all(|byte| Some(byte) == first) { Err(Violation::Form) } else { Ok(digits) }
}

fn iccid(text: &str) -> Result<String, Violation> {
    let serial: String = text
        .trim()
        .chars()
        .filter_map(fold::plain)
        .filter(|&c| !is_separator(c))
        .map(|c| fold::chinese_digit(c).unwrap_or(c).to_ascii_uppercase())
        .collect();
    if serial.is_empty() {
        return Err(Violation::Empty);
    }
    // Chinese carriers put letters A to F into the middle of some serials.
    if !serial.bytes().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte)) {
        return Err(Violation::Character);
    }
    length(&serial, 19..=20)?;
    if serial.starts_with("89") { Ok(serial) } else { Err(Violation::UnknownPrefix) }
}

fn id_number(text: &str) -> Result<String, Violation> {
    let trimmed = text.trim();
    let (body, last) = match trimmed.char_indices().next_back() {
        Some((at, c)) if matches!(fold::lower(c), Some('x')) => (trimmed.get(..at).unwrap_or_default(), "X"),
        _ => (trimmed, ""),
    };
    let number = digits(body)? + last;
    length(&number, 18..=18)?;
    if !is_date(number.get(6..14).unwrap_or_default()) {
        return Err(Violation::BirthDate);
    }
    if check_digit::id_number(&number) { Ok(number) } else { Err(Violation::CheckDigit) }
}

/// Says whether eight digits are a day between 1900 and 2099.
pub(crate) fn is_date(digits: &str) -> bool {
    let part = |from: usize, to: usize| digits.get(from..to).and_then(|part| part.parse::<u32>().ok());
    let (Some(year), Some(month), Some(day)) = (part(0, 4), part(4, 6), part(6, 8)) else { return false };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    (1900..2100).contains(&year) && (1..=days).contains(&day)
}

/// Says whether the first two digits of an identity number name a region of today.
pub(crate) fn knows_region(number: &str) -> bool {
    number.get(..2).is_some_and(|region| REGIONS.contains(&region))
}

fn credit_code(text: &str) -> Result<String, Violation> {
    let code: String = text
        .trim()
        .chars()
        .filter_map(fold::plain)
        .filter(|&c| !is_separator(c))
        .map(|c| c.to_ascii_uppercase())
        .collect();
    if code.is_empty() {
        return Err(Violation::Empty);
    }
    if code.len() != 18 {
        return Err(Violation::Length);
    }
    if !code.bytes().all(|byte| check_digit::credit_code_value(byte).is_some()) {
        return Err(Violation::Character);
    }
    // Digits 3 to 8 are the region of registration. The check character is a warning only: early codes fail it and are lawful.
    if code.bytes().skip(2).take(6).all(|byte| byte.is_ascii_digit()) { Ok(code) } else { Err(Violation::Form) }
}
