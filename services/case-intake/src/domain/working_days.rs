//! Counting working days.

use std::collections::BTreeMap;

use chrono::{Datelike as _, Days, NaiveDate, Weekday};
use cordon_context::Timestamp;

/// Knows on which days people work.
pub trait WorkingDays: Send + Sync {
    /// Whether people work on a day, in Chinese standard time.
    fn is_working(&self, date: NaiveDate) -> bool;
}

/// Monday to Friday, with exceptions: holidays, and weekend days on which people work to make up for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkingWeek {
    exceptions: BTreeMap<NaiveDate, bool>,
}

impl WorkingWeek {
    /// Takes exceptions, each a day and whether people work on it; of two for one day the later holds.
    pub fn with_exceptions(exceptions: impl IntoIterator<Item = (NaiveDate, bool)>) -> Self {
        Self { exceptions: exceptions.into_iter().collect() }
    }
}

impl WorkingDays for WorkingWeek {
    fn is_working(&self, date: NaiveDate) -> bool {
        self.exceptions.get(&date).copied().unwrap_or_else(|| !matches!(date.weekday(), Weekday::Sat | Weekday::Sun))
    }
}

/// The same time of day, that many working days later; what begins on a free day counts from the next working day on.
pub(crate) fn add_working_days(start: Timestamp, count: u32, days: &dyn WorkingDays) -> Timestamp {
    /// No country rests for longer; a table that says so is wrong and must not stop the program.
    const LONGEST_REST: u32 = 60;
    let first = start.china_date();
    let time_of_day = start.since(Timestamp::china_midnight(first));
    let mut date = first;
    for _ in 0..count {
        for _ in 0..LONGEST_REST {
            date = date.checked_add_days(Days::new(1)).unwrap_or(date);
            if days.is_working(date) {
                break;
            }
        }
    }
    Timestamp::china_midnight(date).plus(time_of_day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn moment(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn weekends_and_holidays_are_passed_over_and_make_up_days_count() {
        let plain = WorkingWeek::default();
        assert_eq!(
            add_working_days(moment("2026-11-20T09:30:00+08:00"), 1, &plain),
            moment("2026-11-23T09:30:00+08:00")
        );
        assert_eq!(
            add_working_days(moment("2026-11-21T09:30:00+08:00"), 1, &plain),
            moment("2026-11-23T09:30:00+08:00")
        );
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        let year = WorkingWeek::with_exceptions([(date("2026-11-23"), false), (date("2026-11-22"), true)]);
        assert_eq!(
            add_working_days(moment("2026-11-20T09:30:00+08:00"), 2, &year),
            moment("2026-11-24T09:30:00+08:00")
        );
    }

    #[test]
    fn late_evening_in_london_is_the_next_day_in_china() {
        let plain = WorkingWeek::default();
        // 2026-11-19 (Thursday) 23:00 UTC is Friday in China, so one working day later is Monday in China.
        assert_eq!(add_working_days(moment("2026-11-19T23:00:00Z"), 1, &plain), moment("2026-11-23T07:00:00+08:00"));
    }

    proptest! {
        #[test]
        fn deadline_falls_on_a_working_day_and_counts_right(start in 1_700_000_000_000_i64..1_900_000_000_000, count in 1_u32..30) {
            let week = WorkingWeek::default();
            let start = Timestamp::from_millis(start);
            let end = add_working_days(start, count, &week);
            prop_assert!(week.is_working(end.china_date()));
            let between = start.china_date().iter_days().skip(1).take_while(|day| *day <= end.china_date());
            prop_assert_eq!(between.filter(|day| week.is_working(*day)).count(), usize::try_from(count).unwrap());
        }

        #[test]
        fn a_table_without_a_working_day_still_ends(count in 0_u32..10) {
            struct Never;
            impl WorkingDays for Never {
                fn is_working(&self, _date: NaiveDate) -> bool {
                    false
                }
            }
            let start = Timestamp::from_millis(1_795_399_200_000);
            prop_assert!(add_working_days(start, count, &Never) >= start);
        }
    }
}
