//! Numbers that people read: kind, region, date, sequence.

use cordon_context::{Region, Timestamp};

/// What a number belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Series {
    Case,
    ClueQuery,
    Clue,
    Bulletin,
}

impl Series {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Case => "AJ",
            Self::ClueQuery => "XC",
            Self::Clue => "XS",
            Self::Bulletin => "TB",
        }
    }
}

/// The name under which the sequence is counted: each region begins anew every day.
pub(crate) fn sequence_name(series: Series, region: Region, now: Timestamp) -> String {
    format!("{}-{region}-{}", series.prefix(), now.china_date().format("%Y%m%d"))
}

/// Puts the sequence behind its name.
pub(crate) fn number(sequence_name: &str, sequence: i64) -> String {
    format!("{sequence_name}-{sequence:04}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_names_region_and_day_in_china() {
        let late = Timestamp::parse_rfc3339("2026-11-22T16:30:00Z").unwrap();
        let name = sequence_name(Series::Case, "440300".parse().unwrap(), late);
        assert_eq!(number(&name, 7), "AJ-440300-20261123-0007");
        assert_eq!(number(&name, 12_345), "AJ-440300-20261123-12345");
    }
}
