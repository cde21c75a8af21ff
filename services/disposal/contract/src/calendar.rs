//! Which days are working days; the year's plan is announced late, so it is a table that people edit.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::vocabulary::vocabulary;

vocabulary! {
    /// How a day differs from what its weekday says.
    DayKind {
        /// No work although it is a weekday, or a holiday on a weekend.
        Holiday = "holiday",
        /// Work although it is a weekend (调休上班).
        MakeUpWorkday = "make_up_workday",
    }
}

vocabulary! {
    /// How sure the days of a year are.
    YearState {
        /// As published.
        Published = "published",
        /// Expected, not published yet; to be confirmed.
        Provisional = "provisional",
    }
}

/// One day that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarDay {
    /// The day.
    pub date: NaiveDate,
    /// How it differs.
    pub kind: DayKind,
    /// Its name, such as 国庆节.
    pub name: String,
}

/// The days of a year that differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarYear {
    /// The year.
    pub year: i32,
    /// How sure they are.
    pub state: YearState,
    /// The days, in order.
    pub days: Vec<CalendarDay>,
    /// Grows with every change; 0 if the year was never set.
    pub version: i64,
}

/// Replaces the days of a year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetCalendarYear {
    /// The year.
    pub year: i32,
    /// The version that was read.
    pub version: i64,
    /// How sure they are.
    pub state: YearState,
    /// The days.
    pub days: Vec<CalendarDay>,
}
