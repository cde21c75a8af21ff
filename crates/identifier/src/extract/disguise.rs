//! What the sender did to a value, told from the original characters of a finding.

use super::Disguise;
use super::folded::Folded;
use super::scan::Finding;
use crate::{Kind, fold};

/// Lists what was undone to read a finding, in the order of the enumeration.
pub(super) fn of(text: &Folded<'_>, finding: &Finding) -> Vec<Disguise> {
    let kind = finding.identifier.kind();
    let named = matches!(kind, Kind::Domain | Kind::Ip | Kind::Email | Kind::Wechat | Kind::Account)
        || finding.identifier.value().contains('@');
    let (host_start, host_end) = finding.host;
    let mut disguises = Vec::new();
    let mut add = |disguise| {
        if !disguises.contains(&disguise) {
            disguises.push(disguise);
        }
    };
    for c in text.original(host_start, host_end).chars() {
        match c {
            '0'..='9' => {}
            'A'..='Z' if named => add(Disguise::UpperCase),
            // Commas, colons and parentheses are full-width in any Chinese text.
            '\u{FF01}'..='\u{FF5E}' if c.is_alphanumeric() || matches!(c, '．' | '－' | '＋' | '＠' | '＿' | '／') =>
            {
                add(Disguise::FullWidth);
                if named && c.is_uppercase() {
                    add(Disguise::UpperCase);
                }
            }
            '。' | '｡' | '点' if kind == Kind::Domain => add(Disguise::ChineseDot),
            '[' | '(' | '{' | '【' if matches!(kind, Kind::Domain | Kind::Ip) => add(Disguise::BracketedDot),
            _ if c.is_ascii() => {}
            _ => match fold::plain(c) {
                None => add(Disguise::Invisible),
                Some(folded) if folded.is_ascii_digit() => add(Disguise::StyledDigits),
                Some(_) if !named && fold::chinese_digit(c).is_some() => add(Disguise::ChineseDigits),
                Some(_) if kind == Kind::Domain && c.is_alphanumeric() => add(Disguise::OtherScript),
                Some(_) => {}
            },
        }
    }
    if !named {
        let folded = text.slice(finding.start, finding.end);
        // The space after the country code is how it is usually written; only later ones break up the number.
        let skip = if finding.country_code { country_code_width(folded) } else { 0 };
        let broken = |c: &char| !c.is_alphanumeric() && *c != '+';
        if folded.get(skip..).is_some_and(|number| number.iter().any(broken)) {
            add(Disguise::Separators);
        }
    }
    if finding.country_code {
        add(Disguise::CountryCode);
    }
    if finding.start < host_start
        && matches!(text.slice(finding.start, finding.start + 4), ['h', a, b, 'p'] if *a != 't' || *b != 't')
    {
        add(Disguise::BrokenScheme);
    }
    disguises.sort_unstable();
    disguises
}

/// Gives the width of `+86 `, `0086-` or `86` with the signs around it.
fn country_code_width(number: &[char]) -> usize {
    let code = number.iter().position(|&c| c == '8').map_or(0, |at| at + 2);
    let signs = number.get(code..).map_or(0, |rest| rest.iter().take_while(|c| !c.is_alphanumeric()).count());
    code + signs
}
