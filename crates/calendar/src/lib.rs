//! Working days: on which days people work, and when so many of them are over.
//!
//! Monday to Friday are worked, with exceptions that people edit: holidays, and weekend days on which people work to make up for
//! them. Days are those of Chinese standard time.
//!
//! This crate must not know what is due, who may edit the exceptions, or where they are kept.

mod known;

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{Datelike as _, Days, NaiveDate, Weekday};
use cordon_context::Timestamp;

pub use known::{KnownDay, KnownYear, known_years};

/// No country rests for longer; a table that says so is wrong and must not stop the program.
const LONGEST_REST: u32 = 60;

/// Knows on which days people work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkingDays {
    exceptions: BTreeMap<NaiveDate, bool>,
}

impl WorkingDays {
    /// Takes exceptions, each a day and whether people work on it; of two for one day the later holds.
    pub fn with_exceptions(exceptions: impl IntoIterator<Item = (NaiveDate, bool)>) -> Self {
        Self { exceptions: exceptions.into_iter().collect() }
    }

    /// Whether people work on a day.
    pub fn is_working(&self, date: NaiveDate) -> bool {
        self.exceptions.get(&date).copied().unwrap_or_else(|| !matches!(date.weekday(), Weekday::Sat | Weekday::Sun))
    }

    /// The end of the `count`-th working day after the day of `start`, which does not count: how the law counts periods.
    pub fn due(&self, start: Timestamp, count: u32) -> Timestamp {
        Timestamp::china_midnight(next(self.after(start.china_date(), count))).minus(Duration::from_millis(1))
    }

    /// The same time of day, that many working days later; what begins on a free day counts from the next working day on.
    pub fn same_time_after(&self, start: Timestamp, count: u32) -> Timestamp {
        let first = start.china_date();
        let time_of_day = start.since(Timestamp::china_midnight(first));
        Timestamp::china_midnight(self.after(first, count)).plus(time_of_day)
    }

    fn after(&self, first: NaiveDate, count: u32) -> NaiveDate {
        let mut date = first;
        for _ in 0..count {
            for _ in 0..LONGEST_REST {
                date = next(date);
                if self.is_working(date) {
                    break;
                }
            }
        }
        date
    }
}

fn next(date: NaiveDate) -> NaiveDate {
    date.checked_add_days(Days::new(1)).unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn moment(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    fn as_known() -> WorkingDays {
        let days = known_years().into_iter().flat_map(|year| year.days);
        WorkingDays::with_exceptions(days.map(|day| (day.date, day.working)))
    }

    #[test]
    fn weekends_and_holidays_are_passed_over_and_make_up_days_count() {
        let plain = WorkingDays::default();
        let friday = moment("2026-11-20T09:30:00+08:00");
        assert_eq!(plain.same_time_after(friday, 1), moment("2026-11-23T09:30:00+08:00"));
        assert_eq!(plain.same_time_after(moment("2026-11-21T09:30:00+08:00"), 1), moment("2026-11-23T09:30:00+08:00"));
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        let year = WorkingDays::with_exceptions([(date("2026-11-23"), false), (date("2026-11-22"), true)]);
        assert_eq!(year.same_time_after(friday, 2), moment("2026-11-24T09:30:00+08:00"));
    }

    #[test]
    fn late_evening_in_london_is_the_next_day_in_china() {
        // 2026-11-19 (Thursday) 23:00 UTC is Friday in China, so one working day later is Monday in China.
        let end = WorkingDays::default().same_time_after(moment("2026-11-19T23:00:00Z"), 1);
        assert_eq!(end, moment("2026-11-23T07:00:00+08:00"));
    }

    #[test]
    fn a_period_ends_with_its_last_working_day() {
        let friday = moment("2026-11-20T17:59:00+08:00");
        assert_eq!(as_known().due(friday, 1).to_rfc3339(), "2026-11-23T23:59:59.999+08:00");
        assert_eq!(as_known().due(friday, 5).to_rfc3339(), "2026-11-27T23:59:59.999+08:00");
        // 1 to 7 October are free and Saturday the 10th is worked.
        let before = moment("2026-09-30T09:00:00+08:00");
        assert_eq!(as_known().due(before, 1).to_rfc3339(), "2026-10-08T23:59:59.999+08:00");
        assert_eq!(as_known().due(before, 3).to_rfc3339(), "2026-10-10T23:59:59.999+08:00");
        // The negative control: without the exceptions the same question has another answer.
        assert_eq!(WorkingDays::default().due(before, 1).to_rfc3339(), "2026-10-01T23:59:59.999+08:00");
    }

    proptest! {
        #[test]
        fn deadline_falls_on_a_working_day_and_counts_right(start in 1_700_000_000_000_i64..1_900_000_000_000, count in 1_u32..30) {
            for days in [WorkingDays::default(), as_known()] {
                let start = Timestamp::from_millis(start);
                let end = days.same_time_after(start, count);
                prop_assert!(days.is_working(end.china_date()));
                let between = start.china_date().iter_days().skip(1).take_while(|day| *day <= end.china_date());
                prop_assert_eq!(between.filter(|day| days.is_working(*day)).count(), usize::try_from(count).unwrap());
                // Both ways of counting name the same day.
                let due = days.due(start, count);
                prop_assert_eq!(due.china_date(), end.china_date());
                prop_assert!(due >= end);
                prop_assert_eq!(due.plus(Duration::from_millis(1)), Timestamp::china_midnight(next(end.china_date())));
            }
        }

        #[test]
        fn a_table_without_a_working_day_still_ends(count in 0_u32..10) {
            let start = Timestamp::from_millis(1_795_399_200_000);
            let rest = start.china_date().iter_days().take(2_000).map(|day| (day, false));
            let never = WorkingDays::with_exceptions(rest);
            prop_assert!(never.same_time_after(start, count) >= start);
            prop_assert!(never.due(start, count) >= start);
        }
    }
}
