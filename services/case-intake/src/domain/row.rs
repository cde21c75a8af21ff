//! From the cells of a row to a report that can be stored, with every broken cell named.

use cordon_case_intake_contract::{BadRowCode, Channel, FraudType, REPORT_COLUMNS};
use cordon_context::{Region, Timestamp};
use cordon_identifier::{Identifier, Kind};

use super::text::{LONGEST_TEXT, is_control};

/// The longest number of a channel, in characters.
pub(crate) const LONGEST_EXTERNAL_ID: usize = 64;

/// The first moment that a report may carry: 2000-01-01 in China.
const EARLIEST: Timestamp = Timestamp::from_millis(946_656_000_000);

/// The largest loss that one report may name, in cents: a hundred thousand million yuan. Sums over all reports stay within an
/// integer.
pub(crate) const LARGEST_LOSS: i64 = 10_000_000_000_000;

/// A report as a file, a form or a clerk gives it, with every value in its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewReport {
    pub channel: Channel,
    pub external_id: String,
    pub received_at: Timestamp,
    pub region: Region,
    pub fraud_type: FraudType,
    pub loss_cents: i64,
    /// In normal form.
    pub victim_phone: Option<String>,
    pub text: String,
}

/// A column of the template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Column {
    ReportId,
    ReceivedAt,
    Channel,
    Region,
    FraudType,
    LossCents,
    VictimPhone,
    Text,
}

impl Column {
    pub(crate) const ALL: [Self; 8] = [
        Self::ReportId,
        Self::ReceivedAt,
        Self::Channel,
        Self::Region,
        Self::FraudType,
        Self::LossCents,
        Self::VictimPhone,
        Self::Text,
    ];

    pub(crate) const fn index(self) -> usize {
        match self {
            Self::ReportId => 0,
            Self::ReceivedAt => 1,
            Self::Channel => 2,
            Self::Region => 3,
            Self::FraudType => 4,
            Self::LossCents => 5,
            Self::VictimPhone => 6,
            Self::Text => 7,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        REPORT_COLUMNS.get(self.index()).copied().unwrap_or_default()
    }

    pub(crate) const fn may_be_absent(self) -> bool {
        matches!(self, Self::VictimPhone)
    }
}

/// Something wrong with a row: in which column, if one is to blame, and what.
pub(crate) type Problem = (Option<Column>, BadRowCode);

/// Reads the cells of a row, in the order of the template.
pub(crate) fn read(cells: &[&str; 8], now: Timestamp) -> Result<NewReport, Vec<Problem>> {
    let mut problems = Vec::new();
    for (column, cell) in Column::ALL.into_iter().zip(cells) {
        if cell.chars().any(is_control) {
            problems.push((Some(column), BadRowCode::ControlCharacter));
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let [external_id, received_at, channel, region, fraud_type, loss_cents, victim_phone, text] = cells.map(str::trim);
    let external_id = note(&mut problems, Column::ReportId, read_external_id(external_id));
    let received_at = note(&mut problems, Column::ReceivedAt, read_time(received_at, now));
    let channel =
        note(&mut problems, Column::Channel, read_name(channel, Channel::from_name, BadRowCode::UnknownChannel));
    let region = note(&mut problems, Column::Region, read_region(region));
    let fraud_type = note(
        &mut problems,
        Column::FraudType,
        read_name(fraud_type, FraudType::from_name, BadRowCode::UnknownFraudType),
    );
    let loss_cents = note(&mut problems, Column::LossCents, read_amount(loss_cents));
    let victim_phone = note(&mut problems, Column::VictimPhone, read_phone(victim_phone));
    let text = note(&mut problems, Column::Text, read_text(text));
    match (external_id, received_at, channel, region, fraud_type, loss_cents, victim_phone, text) {
        (
            Some(external_id),
            Some(received_at),
            Some(channel),
            Some(region),
            Some(fraud_type),
            Some(loss_cents),
            Some(victim_phone),
            Some(text),
        ) => Ok(NewReport { channel, external_id, received_at, region, fraud_type, loss_cents, victim_phone, text }),
        _ => Err(problems),
    }
}

fn note<T>(problems: &mut Vec<Problem>, column: Column, value: Result<T, BadRowCode>) -> Option<T> {
    value.map_err(|code| problems.push((Some(column), code))).ok()
}

/// Checks the number that a channel gave.
pub(crate) fn read_external_id(cell: &str) -> Result<String, BadRowCode> {
    if cell.is_empty() {
        return Err(BadRowCode::Empty);
    }
    if is_scientific(cell) {
        return Err(BadRowCode::ScientificNotation);
    }
    if cell.chars().count() > LONGEST_EXTERNAL_ID {
        return Err(BadRowCode::TooLong);
    }
    Ok(cell.to_owned())
}

/// Checks the moment at which a report was received.
pub(crate) fn check_time(moment: Timestamp, now: Timestamp) -> Result<Timestamp, BadRowCode> {
    // Clocks of channels run ahead and exercises are dated ahead; what must be caught is a year that was typed wrong.
    let latest = now.plus(std::time::Duration::from_hours(24 * 366));
    if moment < EARLIEST || moment > latest { Err(BadRowCode::TimeOutOfRange) } else { Ok(moment) }
}

fn read_time(cell: &str, now: Timestamp) -> Result<Timestamp, BadRowCode> {
    if cell.is_empty() {
        return Err(BadRowCode::Empty);
    }
    let moment = Timestamp::parse_rfc3339(cell).ok_or(BadRowCode::BadTime)?;
    check_time(moment, now)
}

fn read_name<T>(cell: &str, find: impl Fn(&str) -> Option<T>, unknown: BadRowCode) -> Result<T, BadRowCode> {
    if cell.is_empty() { Err(BadRowCode::Empty) } else { find(cell).ok_or(unknown) }
}

fn read_region(cell: &str) -> Result<Region, BadRowCode> {
    if cell.is_empty() { Err(BadRowCode::Empty) } else { cell.parse().map_err(|_source| BadRowCode::BadRegion) }
}

fn read_amount(cell: &str) -> Result<i64, BadRowCode> {
    if cell.is_empty() {
        return Err(BadRowCode::Empty);
    }
    if is_scientific(cell) {
        return Err(BadRowCode::ScientificNotation);
    }
    if !cell.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(BadRowCode::BadAmount);
    }
    cell.parse().map_err(|_source| BadRowCode::BadAmount).and_then(check_amount)
}

/// Checks what a report lost.
pub(crate) fn check_amount(cents: i64) -> Result<i64, BadRowCode> {
    if (0..=LARGEST_LOSS).contains(&cents) { Ok(cents) } else { Err(BadRowCode::BadAmount) }
}

/// Reads a victim's phone number; an empty cell says that nobody gave one.
pub(crate) fn read_phone(cell: &str) -> Result<Option<String>, BadRowCode> {
    if cell.is_empty() {
        return Ok(None);
    }
    if is_scientific(cell) {
        return Err(BadRowCode::ScientificNotation);
    }
    let phone = Identifier::parse(Kind::Phone, cell).or_else(|_| Identifier::parse(Kind::FixedLine, cell));
    phone.map(|phone| Some(phone.into_value())).map_err(|_source| BadRowCode::BadPhone)
}

/// Checks a report's text.
pub(crate) fn read_text(cell: &str) -> Result<String, BadRowCode> {
    if cell.is_empty() {
        return Err(BadRowCode::Empty);
    }
    // Bytes are never fewer than characters, so that counting is needed for long texts only.
    if cell.len() > LONGEST_TEXT && cell.chars().count() > LONGEST_TEXT {
        return Err(BadRowCode::TooLong);
    }
    Ok(cell.to_owned())
}

/// Whether a spreadsheet turned a long number into `1.23457E+17`.
fn is_scientific(cell: &str) -> bool {
    let Some((mantissa, exponent)) = cell.split_once(['e', 'E']) else { return false };
    let digits = exponent.strip_prefix('+').unwrap_or(exponent);
    !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !mantissa.is_empty()
        && mantissa.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && (mantissa.contains('.') || exponent.starts_with('+'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GOOD: [&str; 8] =
        ["R1", "2026-08-15T08:02:45+08:00", "96110", "140000", "fake_loan", "8128500", "13800138000", "您好"];

    fn now() -> Timestamp {
        Timestamp::from_millis(1_795_399_200_000)
    }

    fn problems(column: usize, cell: &str) -> Vec<Problem> {
        let mut cells = GOOD;
        cells[column] = cell;
        read(&cells, now()).err().unwrap_or_default()
    }

    #[test]
    fn good_row_is_read_into_its_types() {
        let report = read(&GOOD, now()).unwrap();
        assert_eq!(report.channel, Channel::Hotline96110);
        assert_eq!(report.loss_cents, 8_128_500);
        assert_eq!(report.victim_phone.as_deref(), Some("13800138000"));
        assert_eq!(problems(6, ""), []);
        assert_eq!(problems(5, "10000000000000"), []);
    }

    #[test]
    fn every_broken_cell_is_named_by_column_and_code() {
        let long = "长".repeat(LONGEST_TEXT + 1);
        for (column, cell, code) in [
            (0, "", BadRowCode::Empty),
            (0, "1.23457E+17", BadRowCode::ScientificNotation),
            (0, &"9".repeat(65), BadRowCode::TooLong),
            (1, "2026-08-15 08:02:45", BadRowCode::BadTime),
            (1, "1999-01-01T00:00:00+08:00", BadRowCode::TimeOutOfRange),
            (1, "2099-01-01T00:00:00+08:00", BadRowCode::TimeOutOfRange),
            (2, "wechat", BadRowCode::UnknownChannel),
            (3, "广东", BadRowCode::BadRegion),
            (3, "44000", BadRowCode::BadRegion),
            (4, "fraud", BadRowCode::UnknownFraudType),
            (5, "-1", BadRowCode::BadAmount),
            (5, "12.50", BadRowCode::BadAmount),
            (5, "99999999999999999999", BadRowCode::BadAmount),
            (5, "10000000000001", BadRowCode::BadAmount),
            (6, "12345", BadRowCode::BadPhone),
            (6, "1.38E+10", BadRowCode::ScientificNotation),
            (7, "", BadRowCode::Empty),
            (7, long.as_str(), BadRowCode::TooLong),
            (7, "a\0b", BadRowCode::ControlCharacter),
        ] {
            assert_eq!(problems(column, cell), [(Some(Column::ALL[column]), code)], "{cell:.20}");
        }
    }

    #[test]
    fn all_problems_of_a_row_are_named_at_once() {
        let cells = ["", "x", "x", "x", "x", "x", "x", ""];
        assert_eq!(read(&cells, now()).unwrap_err().len(), 8);
    }

    proptest! {
        #[test]
        fn any_cells_are_read_or_refused_with_a_reason(cells in prop::array::uniform8(".{0,30}")) {
            let cells: [&str; 8] = std::array::from_fn(|index| cells[index].as_str());
            if let Err(problems) = read(&cells, now()) {
                prop_assert!(!problems.is_empty());
            }
        }
    }
}
