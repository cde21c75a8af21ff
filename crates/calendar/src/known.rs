//! The years that the platform starts with; they are edited where they are wrong.

use chrono::NaiveDate;

/// A day that differs from what its weekday says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownDay {
    /// Which.
    pub date: NaiveDate,
    /// Whether people work on it.
    pub working: bool,
    /// The name of the holiday, or that the day makes up for one.
    pub name: &'static str,
}

/// The days of one year that differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownYear {
    /// Which.
    pub year: i32,
    /// Whether the arrangement is published, or only what the regulation itself says.
    pub published: bool,
    /// Its days, in order.
    pub days: Vec<KnownDay>,
}

/// 2026 as published, and 2027 as the regulation names the days.
pub fn known_years() -> Vec<KnownYear> {
    vec![
        KnownYear { year: 2026, published: true, days: listed(2026, HOLIDAYS_2026, MAKE_UP_2026) },
        KnownYear { year: 2027, published: false, days: listed(2027, HOLIDAYS_2027, &[]) },
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

fn listed(year: i32, holidays: &[Span], make_up: &[(u32, u32)]) -> Vec<KnownDay> {
    let on = |(month, day): (u32, u32)| NaiveDate::from_ymd_opt(year, month, day);
    let mut days = Vec::new();
    for (name, first, last) in holidays {
        let Some((first, last)) = on(*first).zip(on(*last)) else { continue };
        let dates = first.iter_days().take_while(|date| *date <= last);
        days.extend(dates.map(|date| KnownDay { date, working: false, name }));
    }
    let make_up = make_up.iter().filter_map(|day| on(*day));
    days.extend(make_up.map(|date| KnownDay { date, working: true, name: "调休上班" }));
    days.sort_by_key(|day| day.date);
    days
}
