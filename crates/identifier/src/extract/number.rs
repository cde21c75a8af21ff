//! Numbers: groups of digits with separators between them, read by the label before them or by their own form.

use super::chain::{Chain, Group, digit_of};
use super::folded::Folded;
use super::label::{Label, Labelled};
use super::rules::{self, RuleText};
use super::scan::{Finding, Scan, read};
use crate::{Identifier, Kind, fold, normal_form};

/// A reading of some groups: what, why, from which group to which.
struct Reading {
    identifier: Identifier,
    rule: &'static RuleText,
    last: usize,
    country_code: bool,
    /// The letter at the end of an identity number.
    letter: bool,
}

impl Reading {
    fn new(identifier: Identifier, rule: &'static RuleText, last: usize) -> Self {
        Self { identifier, rule, last, country_code: false, letter: false }
    }
}

impl Scan<'_, '_> {
    /// Reads the numbers in the chain of groups that begins here; a glued label is given.
    pub(super) fn number(&mut self, start: usize, given: Option<Labelled>) -> usize {
        let text = self.text;
        // A lone Chinese digit is a part of a word in nearly every sentence (`登陆`, `一下`).
        if fold::chinese_digit(text.at(start)).is_some() && digit_of(text.at(start + 1)).is_none() {
            let next = start + 1 + usize::from(normal_form::is_separator(text.at(start + 1)));
            if next == start + 1 || fold::chinese_digit(text.at(next)).is_none() {
                return start + 1;
            }
        }
        let chain = Chain::gather(text, start);
        let mut end = chain.groups.last().map_or(start + 1, |group| group.end);
        let mut index = 0;
        while let Some(group) = chain.group(index) {
            let labelled = given.filter(|_| index == 0).or_else(|| self.label(group.start));
            let Some(reading) = read_at(&chain, index, labelled) else {
                index += 1;
                if matches!(labelled, Some(Labelled { label: Label::Other, .. })) {
                    // What hangs on to an order number is a part of it.
                    while chain.hangs_on(index) {
                        index += 1;
                    }
                }
                continue;
            };
            let from = widen(text, group.start, &reading);
            let last_end = chain.group(reading.last).map_or(group.end, |last| last.end) + usize::from(reading.letter);
            index = reading.last + 1;
            end = end.max(last_end);
            self.take(Finding {
                identifier: reading.identifier,
                url: None,
                start: from.max(self.taken_until),
                end: last_end,
                host: (from.max(self.taken_until), last_end),
                rule: reading.rule,
                country_code: reading.country_code,
            });
        }
        end
    }
}

/// Takes the plus sign and an opening parenthesis into the span, if they belong to the number.
fn widen(text: &Folded<'_>, start: usize, reading: &Reading) -> usize {
    let mut from = start;
    if reading.country_code && text.before(from) == '+' {
        from -= 1;
    }
    let closes = text.slice(start, start + 6).contains(&')');
    if text.before(from) == '(' && closes && (reading.country_code || reading.identifier.kind() == Kind::FixedLine) {
        from -= 1;
    }
    from
}

/// Reads the number that begins at a group.
fn read_at(chain: &Chain<'_, '_>, first: usize, labelled: Option<Labelled>) -> Option<Reading> {
    let label = labelled.map(|labelled| labelled.label);
    let strong = labelled.is_some_and(|labelled| labelled.strong);
    if label == Some(Label::Other) && strong {
        return None;
    }
    if !matches!(label, Some(Label::Card | Label::Qq | Label::Imei | Label::Iccid | Label::IdNumber))
        && let Some(reading) = with_country_code(chain, first)
    {
        return Some(reading);
    }
    let by_label = match label {
        Some(Label::Qq) => account_phone(chain, first).or_else(|| qq(chain, first)),
        Some(Label::Wechat) => account_phone(chain, first),
        Some(Label::Platform(platform)) => {
            account_phone(chain, first).or_else(|| if strong { account(chain, first, platform) } else { None })
        }
        Some(Label::Alipay) => {
            exact(chain, first, Kind::Alipay, 11, rules::ALIPAY_LABELLED).or_else(|| card(chain, first))
        }
        Some(Label::Card) => card(chain, first),
        Some(Label::Imei) => imei(chain, first),
        Some(Label::Iccid) => card_serial(chain, first, &[20, 19]),
        Some(Label::IdNumber) => identity(chain, first, rules::ID_LABELLED),
        Some(Label::CreditCode) => credit_code(chain, first),
        Some(Label::Iot) => {
            exact(chain, first, Kind::IotNumber, 13, rules::IOT_LABELLED).or_else(|| card_serial(chain, first, &[20]))
        }
        Some(Label::Port) => port(chain, first).or_else(|| service(chain, first, rules::SERVICE_LABELLED)),
        Some(Label::Phone) => telephone(chain, first),
        Some(Label::Site | Label::Other) | None => None,
    };
    by_label.or_else(|| by_form(chain, first, label == Some(Label::Other)))
}

/// Reads a window of exactly this many digits as a kind.
fn exact(chain: &Chain<'_, '_>, first: usize, kind: Kind, digits: usize, rule: &'static RuleText) -> Option<Reading> {
    let last = chain.window(first, digits)?;
    let identifier = read(kind, &chain.collect(first, last))?;
    Some(Reading::new(identifier, rule, last))
}

fn with_country_code(chain: &Chain<'_, '_>, first: usize) -> Option<Reading> {
    let group = chain.group(first)?;
    let plus = chain.text.before(group.start) == '+';
    let coded = |mut reading: Reading| {
        reading.country_code = true;
        reading
    };
    match group.digits() {
        2 | 4 => {
            let code = chain.collect(first, first);
            if code != "86" && code != "0086" {
                return None;
            }
            if let Some(reading) = exact(chain, first + 1, Kind::Phone, 11, rules::PHONE_COUNTRY_CODE) {
                return Some(coded(reading));
            }
            // Abroad the zero of the area code is left out.
            let certain = plus || code == "0086";
            (9..=11).rev().filter(|_| certain).find_map(|digits| {
                let last = chain.window(first + 1, digits)?;
                let number = chain.collect(first + 1, last);
                let number = if number.starts_with('0') { number } else { format!("0{number}") };
                Some(coded(Reading::new(read(Kind::FixedLine, &number)?, rules::FIXED_GROUPED, last)))
            })
        }
        digits @ (13 | 15) => {
            let number = chain.collect(first, first);
            let rest = number.strip_prefix(if digits == 13 { "86" } else { "0086" })?;
            Some(coded(Reading::new(read(Kind::Phone, rest)?, rules::PHONE_COUNTRY_CODE, first)))
        }
        5 if plus => {
            let last = chain.window(first, 13)?;
            let number = chain.collect(first, last);
            let rest = number.strip_prefix("86")?;
            Some(coded(Reading::new(read(Kind::Phone, rest)?, rules::PHONE_COUNTRY_CODE, last)))
        }
        _ => None,
    }
}

/// A mobile number after a word for an account is the way to the account; it is kept as the number that it is.
fn account_phone(chain: &Chain<'_, '_>, first: usize) -> Option<Reading> {
    exact(chain, first, Kind::Phone, 11, rules::PHONE_ACCOUNT)
}

fn qq(chain: &Chain<'_, '_>, first: usize) -> Option<Reading> {
    let group = chain.group(first)?;
    if group.digits() >= 5 {
        return exact(chain, first, Kind::Qq, group.digits(), rules::QQ_LABELLED);
    }
    let mut sum = 0;
    let mut last = None;
    for (offset, group) in chain.groups.get(first..)?.iter().enumerate() {
        sum += group.digits();
        if group.digits() > 4 || sum > 11 {
            break;
        }
        last = Some((first + offset, sum));
    }
    let (_, digits) = last.filter(|&(_, digits)| digits >= 5)?;
    exact(chain, first, Kind::Qq, digits, rules::QQ_LABELLED)
}

fn account(chain: &Chain<'_, '_>, first: usize, platform: &str) -> Option<Reading> {
    let group = chain.group(first).filter(|group| group.digits() >= 5)?;
    let name = chain.collect(first, first);
    debug_assert_eq!(name.len(), group.digits(), "each digit is one character");
    Some(Reading::new(read(Kind::Account, &format!("{platform}:{name}"))?, rules::ACCOUNT_LABELLED, first))
}

/// The longest window that passes the check is the card; a shorter one would pass by chance.
fn card(chain: &Chain<'_, '_>, first: usize) -> Option<Reading> {
    (13..=19).rev().find_map(|digits| exact(chain, first, Kind::BankCard, digits, rules::CARD_LABELLED))
}

fn imei(chain: &Chain<'_, '_>, first: usize) -> Option<Reading> {
    let mut reading = exact(chain, first, Kind::Imei, 15, rules::IMEI_LABELLED)?;
    if !reading.identifier.warnings().is_empty() {
        reading.rule = rules::IMEI_UNCHECKED;
    }
    Some(reading)
}

/// Reads a card serial after a word that says so; the length that passes the check is believed rather than the one that does not.
fn card_serial(chain: &Chain<'_, '_>, first: usize, lengths: &[usize]) -> Option<Reading> {
    let read = |digits: &usize| exact(chain, first, Kind::Iccid, *digits, rules::ICCID_LABELLED);
    let checked = lengths.iter().filter_map(read).find(|reading| reading.identifier.warnings().is_empty());
    checked.or_else(|| {
        let unchecked = lengths.iter().find_map(read)?;
        Some(Reading { rule: rules::ICCID_UNCHECKED, ..unchecked })
    })
}

fn identity(chain: &Chain<'_, '_>, first: usize, rule: &'static RuleText) -> Option<Reading> {
    if let Some(reading) = exact(chain, first, Kind::IdNumber, 18, rule) {
        return Some(reading);
    }
    let last = chain.window(first, 17)?;
    let end = chain.group(last)?.end;
    if chain.text.at(end) != 'x' || chain.text.at(end + 1).is_ascii_alphanumeric() {
        return None;
    }
    let mut reading = Reading::new(read(Kind::IdNumber, &(chain.collect(first, last) + "X"))?, rule, last);
    reading.letter = true;
    Some(reading)
}

fn credit_code(chain: &Chain<'_, '_>, first: usize) -> Option<Reading> {
    let mut reading = exact(chain, first, Kind::CreditCode, 18, rules::CREDIT_LABELLED)?;
    if !reading.identifier.warnings().is_empty() {
        reading.rule = rules::CREDIT_UNCHECKED;
    }
    Some(reading)
}

fn port(chain: &Chain<'_, '_>, first: usize) -> Option<Reading> {
    let alone = chain.group(first)?.digits();
    exact(chain, first, Kind::SmsPort, alone, rules::PORT_LABELLED).or_else(|| {
        (10..=20).rev().find_map(|digits| {
            exact(chain, first, Kind::SmsPort, digits, rules::PORT_LABELLED)
                .filter(|reading| chain.is_even(first, reading.last))
        })
    })
}

/// Reads a number after a word for telephone, in whichever groups it is written with one sign between them.
fn telephone(chain: &Chain<'_, '_>, first: usize) -> Option<Reading> {
    exact(chain, first, Kind::Phone, 11, rules::PHONE_LABELLED)
        .filter(|reading| chain.is_even(first, reading.last))
        .or_else(|| exact(chain, first, Kind::Number400, 10, rules::NUMBER_400_LABELLED))
        .or_else(|| {
            (10..=12).rev().find_map(|digits| exact(chain, first, Kind::FixedLine, digits, rules::FIXED_LABELLED))
        })
        .or_else(|| port(chain, first).filter(|reading| reading.last == first || chain.has_hyphens(first)))
        .or_else(|| exact(chain, first, Kind::IotNumber, 13, rules::IOT_LABELLED))
        .or_else(|| service(chain, first, rules::SERVICE_LABELLED))
}

fn service(chain: &Chain<'_, '_>, first: usize, rule: &'static RuleText) -> Option<Reading> {
    let group = chain.group(first).filter(|group| (3..=9).contains(&group.digits()))?;
    if chain.goes_on(first) || chain.hangs_on(first) || is_amount(chain.text, group.end) {
        return None;
    }
    Some(Reading::new(read(Kind::ServiceNumber, &chain.collect(first, first))?, rule, first))
}

/// Reads a number without a label, by its form alone; after a word for an amount only a telephone number is believed.
fn by_form(chain: &Chain<'_, '_>, first: usize, doubted: bool) -> Option<Reading> {
    let group = chain.group(first)?;
    let digits = group.digits();
    if digits == 11
        && !is_money(chain.text, group.end)
        && let Some(reading) = exact(chain, first, Kind::Phone, 11, rules::PHONE_PLAIN)
    {
        return Some(reading);
    }
    if doubted {
        // Hyphens in the usual places are how people write a telephone number, and nothing else.
        return grouped_phone(chain, first).filter(|_| chain.has_hyphens(first));
    }
    // Short groups are most of all digits in a text; only a few forms begin with them.
    grouped_phone(chain, first)
        .or_else(|| identity(chain, first, rules::ID_CHECKED))
        .or_else(|| iccid(chain, first))
        .or_else(|| plain_card(chain, first))
        .or_else(|| fixed_line(chain, first))
        .or_else(|| number_400(chain, first))
        .or_else(|| if digits >= 10 { plain_port(chain, first) } else { None })
        .or_else(|| known_service(chain, first))
}

fn grouped_phone(chain: &Chain<'_, '_>, first: usize) -> Option<Reading> {
    let last = chain.window(first, 11).filter(|&last| last > first)?;
    let separator = chain.group(first + 1)?.separator;
    if separator == '\0' || !chain.is_even(first, last) {
        return None;
    }
    let single = last - first == 10;
    let usual =
        [[3, 4, 4].as_slice(), &[3, 8], &[7, 4]].into_iter().any(|lengths| chain.lengths_are(first, last, lengths));
    if !(usual || single || (separator == '-' && last - first < 4)) {
        return None;
    }
    let end = chain.group(last)?.end;
    let next = chain.group(last + 1);
    // A fourth group of the same make shows a longer number: a card, a serial.
    let longer = next.is_some_and(|next| {
        next.separator == separator && next.digits() <= 4 && (separator != ' ' || next.digits() != 3)
    });
    let part = chain.group(first)?.separator == separator && separator != ' ' && first > 0;
    if longer || part || is_money(chain.text, end) || (separator == ' ' && is_points(chain.text, end)) {
        return None;
    }
    Some(Reading::new(read(Kind::Phone, &chain.collect(first, last))?, rules::PHONE_GROUPED, last))
}

fn iccid(chain: &Chain<'_, '_>, first: usize) -> Option<Reading> {
    [20, 19].into_iter().find_map(|digits| {
        let last = chain.window(first, digits)?;
        let serial = chain.collect(first, last);
        if !serial.starts_with("8986") {
            return None;
        }
        let serial = read(Kind::Iccid, &serial).filter(|serial| serial.warnings().is_empty())?;
        Some(Reading::new(serial, rules::ICCID_PREFIX, last))
    })
}

fn plain_card(chain: &Chain<'_, '_>, first: usize) -> Option<Reading> {
    (16..=19).rev().find_map(|digits| {
        let last = chain.window(first, digits)?;
        let groups = chain.range(first, last);
        let (end, body) = groups.split_last()?;
        let fours = body.iter().all(|group| group.digits() == 4) && end.digits() <= 4;
        let number = chain.collect(first, last);
        let issuer = number.starts_with("62") || (digits == 16 && number.starts_with(['4', '5']));
        if !(issuer && (body.is_empty() || fours)) {
            return None;
        }
        Some(Reading::new(read(Kind::BankCard, &number)?, rules::CARD_LUHN, last))
    })
}

fn fixed_line(chain: &Chain<'_, '_>, first: usize) -> Option<Reading> {
    let group = chain.group(first)?;
    if digit_of(chain.text.at(group.start)) != Some('0') || is_money(chain.text, group.end) {
        return None;
    }
    match group.digits() {
        digits @ 10..=12 if !chain.goes_on(first) => exact(chain, first, Kind::FixedLine, digits, rules::FIXED_PLAIN),
        3 | 4 => (10..=12).rev().find_map(|digits| {
            let last = chain.window(first, digits).filter(|&last| last <= first + 2)?;
            exact(chain, first, Kind::FixedLine, digits, rules::FIXED_GROUPED).filter(|_| !chain.goes_on(last))
        }),
        _ => None,
    }
}

fn number_400(chain: &Chain<'_, '_>, first: usize) -> Option<Reading> {
    let last = chain.window(first, 10)?;
    let number = chain.collect(first, last);
    let grouped = [[3, 3, 4].as_slice(), &[3, 4, 3], &[3, 7], &[4, 3, 3], &[4, 6]]
        .into_iter()
        .any(|lengths| chain.lengths_are(first, last, lengths));
    let end = chain.group(last)?.end;
    if is_money(chain.text, end) || chain.goes_on(last) || chain.hangs_on(first) {
        return None;
    }
    let rule = match (last == first, grouped) {
        (true, _) if number.starts_with("400") => rules::NUMBER_400_PLAIN,
        (false, true) => rules::NUMBER_400_GROUPED,
        _ => return None,
    };
    Some(Reading::new(read(Kind::Number400, &number)?, rule, last))
}

fn plain_port(chain: &Chain<'_, '_>, first: usize) -> Option<Reading> {
    let group = chain.group(first)?;
    let number = chain.collect(first, first);
    if !number.starts_with("106") || chain.goes_on(first) || chain.hangs_on(first) || is_money(chain.text, group.end) {
        return None;
    }
    if number.starts_with("1064") {
        return Some(Reading::new(read(Kind::IotNumber, &number)?, rules::IOT_PLAIN, first));
    }
    Some(Reading::new(read(Kind::SmsPort, &number)?, rules::PORT_PLAIN, first))
}

/// Official numbers of five digits are known by heart and stand without a label; round ones are amounts more often.
fn known_service(chain: &Chain<'_, '_>, first: usize) -> Option<Reading> {
    let group = chain.group(first)?;
    if group.digits() != 5
        || chain.text.at(group.start) == '1'
            && chain.text.at(group.start + 2) == '0'
            && chain.text.at(group.start + 3) == '0'
    {
        return None;
    }
    let alone = |neighbor: Option<Group>| neighbor.is_none_or(|group| group.digits() > 8);
    let before = if first > 0 { chain.group(first - 1) } else { None };
    if !alone(before) || !alone(chain.group(first + 1)) {
        return None;
    }
    let reading = service(chain, first, rules::SERVICE_KNOWN)?;
    crate::ProtectedList::built_in().check(&reading.identifier).is_some().then_some(reading)
}

/// Says whether a unit of money follows.
fn is_money(text: &Folded<'_>, end: usize) -> bool {
    let at = end + usize::from(text.at(end) == ' ');
    matches!(text.at(at), '元' | '万' | '亿' | '块' | '圆' | '萬' | '億' | '￥')
        || (text.at(at) == '美' && text.at(at + 1) == '元')
}

/// Says whether a unit follows, so that the number counts something.
fn is_amount(text: &Folded<'_>, end: usize) -> bool {
    if is_money(text, end) {
        return true;
    }
    let at = end + usize::from(text.at(end) == ' ');
    let unit = matches!(
        text.at(at),
        '人' | '个'
            | '名'
            | '次'
            | '条'
            | '股'
            | '份'
            | '件'
            | '张'
            | '台'
            | '套'
            | '只'
            | '户'
            | '家'
            | '倍'
            | '年'
            | '月'
            | '日'
            | '天'
            | '时'
            | '秒'
            | '%'
            | '角'
            | '米'
            | '克'
            | '斤'
            | '吨'
            | '步'
            | '粒'
            | '枚'
            | '笔'
            | '字'
            | '页'
            | '积'
            | '金'
            | '余'
            | '多'
            | '岁'
            | '期'
            | '位'
            | '號'
            | '楼'
            | '室'
            | '栋'
            | '层'
            | ':'
    );
    unit || is_points(text, end)
}

/// Says whether minutes or points follow, and not the word for a branch or an extension.
fn is_points(text: &Folded<'_>, end: usize) -> bool {
    let at = end + usize::from(text.at(end) == ' ');
    text.at(at) == '分' && !matches!(text.at(at + 1), '机' | '局' | '行' | '店' | '台')
}
