//! Counting in working days, by a calendar that people edit.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use cordon_context::Timestamp;
use cordon_disposal_contract::{CalendarDay, DayKind, YearState};

/// Days that differ from what their weekday says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Calendar {
    days: BTreeMap<NaiveDate, DayKind>,
}

impl Calendar {
    /// Takes days of any years together.
    pub(crate) fn of(days: impl IntoIterator<Item = CalendarDay>) -> Self {
        Self { days: days.into_iter().map(|day| (day.date, day.kind)).collect() }
    }

    /// Whether people work on this day.
    pub(crate) fn is_workday(&self, day: NaiveDate) -> bool {
        match self.days.get(&day) {
            Some(DayKind::Holiday) => false,
            Some(DayKind::MakeUpWorkday) => true,
            None => !matches!(day.weekday(), Weekday::Sat | Weekday::Sun),
        }
    }

    /// The end of the `count`-th working day after the day of `start`, in Chinese standard time; the first day does not count.
    pub(crate) fn due(&self, start: Timestamp, count: u32) -> Timestamp {
        let mut day = start.china_date();
        let mut left = count;
        // Two years of holidays in a row would be a damaged calendar, not a reason to run for ever.
        for _ in 0..count.saturating_mul(3).saturating_add(730) {
            if left == 0 {
                break;
            }
            day = day.checked_add_days(Days::new(1)).unwrap_or(day);
            if self.is_workday(day) {
                left -= 1;
            }
        }
        let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
        Timestamp::china_midnight(next).minus(Duration::from_millis(1))
    }
}

/// The days that the platform starts with: 2026 as published, 2027 as expected; both are edited where they are wrong.
pub(crate) fn known_years() -> Vec<(i32, YearState, Vec<CalendarDay>)> {
    vec![
        (2026, YearState::Published, listed(2026, HOLIDAYS_2026, MAKE_UP_2026)),
        (2027, YearState::Provisional, listed(2027, HOLIDAYS_2027, &[])),
    ]
}

type Span = (&'static str, (u32, u32), (u32, u32));

/// 国务院办公厅 2026 年节假日安排.
const HOLIDAYS_2026: &[Span] = &[
    ("元旦", (1, 1), (1, 3)),
    ("春节", (2, 15), (2, 23)),
    ("清明节", (4, 4), (4, 6)),
    ("劳动节", (5, 1), (5, 5)),
    ("端午节", (6, 19), (6, 21)),
    ("中秋节", (9, 25), (9, 27)),
    ("国庆节", (10, 1), (10, 7)),
];

const MAKE_UP_2026: &[(u32, u32)] = &[(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)];

/// The days that the regulation itself names; which days are swapped is announced each autumn.
const HOLIDAYS_2027: &[Span] = &[
    ("元旦", (1, 1), (1, 1)),
    ("春节", (2, 5), (2, 8)),
    ("清明节", (4, 5), (4, 5)),
    ("劳动节", (5, 1), (5, 2)),
    ("端午节", (6, 9), (6, 9)),
    ("中秋节", (9, 15), (9, 15)),
    ("国庆节", (10, 1), (10, 3)),
];

fn listed(year: i32, holidays: &[Span], make_up: &[(u32, u32)]) -> Vec<CalendarDay> {
    let mut days = Vec::new();
    for (name, (month, day), (last_month, last_day)) in holidays {
        let mut next = NaiveDate::from_ymd_opt(year, *month, *day);
        let last = NaiveDate::from_ymd_opt(year, *last_month, *last_day);
        while let (Some(date), Some(end)) = (next, last)
            && date <= end
        {
            days.push(CalendarDay { date, kind: DayKind::Holiday, name: (*name).to_owned() });
            next = date.checked_add_days(Days::new(1));
        }
    }
    for (month, day) in make_up {
        if let Some(date) = NaiveDate::from_ymd_opt(year, *month, *day) {
            days.push(CalendarDay { date, kind: DayKind::MakeUpWorkday, name: "调休上班".to_owned() });
        }
    }
    days.sort_by_key(|day| day.date);
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar() -> Calendar {
        Calendar::of(known_years().into_iter().flat_map(|(_, _, days)| days))
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn a_working_day_ends_at_midnight_of_the_next_working_day() {
        let friday = at("2026-11-20T17:59:00+08:00");
        assert_eq!(calendar().due(friday, 1).to_rfc3339(), "2026-11-23T23:59:59.999+08:00");
        assert_eq!(calendar().due(friday, 5).to_rfc3339(), "2026-11-27T23:59:59.999+08:00");
    }

    #[test]
    fn holidays_are_passed_over_and_make_up_days_count() {
        // 1 to 7 October are free and Saturday the 10th is worked.
        let before = at("2026-09-30T09:00:00+08:00");
        assert_eq!(calendar().due(before, 1).to_rfc3339(), "2026-10-08T23:59:59.999+08:00");
        assert_eq!(calendar().due(before, 3).to_rfc3339(), "2026-10-10T23:59:59.999+08:00");
        // Without the calendar the same question has another answer.
        assert_eq!(Calendar::default().due(before, 1).to_rfc3339(), "2026-10-01T23:59:59.999+08:00");
    }
}
