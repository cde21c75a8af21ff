//! Numbers that people read out: `CZ-<adcode6>-<yyyymmdd>-<seq6>-<check>` and the like.
//!
//! The last character is an ISO 7064 MOD 37-2 check character over all digits and letters before it. That system catches
//! every wrong single character and every swap of two neighbours; MOD 37,36 misses some swaps. Its one awkward sign, the
//! asterisk, never appears: the sequence number that would need it is passed over.

use chrono::NaiveDate;
use cordon_context::Region;

const ALPHABET: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// What a number is for; its first two letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Series {
    /// 处置指令.
    Order,
    /// 申诉.
    Appeal,
}

impl Series {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Order => "CZ",
            Self::Appeal => "SS",
        }
    }
}

/// Writes the number of this series for a region, a day and a place on that day.
///
/// None if the sequence number would need the asterisk; the next one does not.
pub(crate) fn write(series: Series, region: Region, day: NaiveDate, sequence: u32) -> Option<String> {
    let head = format!("{}-{region}-{}-{sequence:06}", series.prefix(), day.format("%Y%m%d"));
    let check = check_character(&head)?;
    Some(format!("{head}-{check}"))
}

/// Whether a text is a number of this series with the right check character.
pub(crate) fn is_valid(series: Series, text: &str) -> bool {
    let Some((head, check)) = text.rsplit_once('-') else { return false };
    let parts: Vec<&str> = head.split('-').collect();
    let [prefix, region, day, sequence] = parts.as_slice() else { return false };
    let digits = |part: &str, length: std::ops::RangeInclusive<usize>| {
        length.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    *prefix == series.prefix()
        && digits(region, 6..=6)
        && digits(day, 8..=8)
        && digits(sequence, 6..=9)
        && check.len() == 1
        && check.chars().next() == check_character(head)
        && check_character(head).is_some()
}

fn check_character(head: &str) -> Option<char> {
    let rest = head.bytes().filter_map(value_of).fold(0, |rest, value| (rest + value) * 2 % 37);
    // The asterisk stands at place 36, which the alphabet lacks.
    ALPHABET.get((38 - rest) % 37).map(|letter| char::from(*letter))
}

fn value_of(byte: u8) -> Option<usize> {
    ALPHABET.iter().position(|letter| *letter == byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number() -> impl Strategy<Value = String> {
        (0_u32..1_000_000, 0_i64..20_000, 0_u32..1_000_000, any::<bool>()).prop_map(|(region, day, sequence, order)| {
            let day = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap() + chrono::Duration::days(day);
            let series = if order { Series::Order } else { Series::Appeal };
            let region = Region::from_number(region).unwrap();
            write(series, region, day, sequence).or_else(|| write(series, region, day, sequence + 1)).unwrap()
        })
    }

    fn valid(text: &str) -> bool {
        is_valid(Series::Order, text) || is_valid(Series::Appeal, text)
    }

    #[test]
    fn the_published_example_of_the_standard_checks() {
        // The example that the standard for blood donation numbers prints for MOD 37-2.
        assert_eq!(check_character("G123498654321"), Some('H'));
    }

    #[test]
    fn it_looks_as_people_expect() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
        let text = write(Series::Order, "440300".parse().unwrap(), day, 17).unwrap();
        assert!(text.starts_with("CZ-440300-20261123-000017-"), "{text}");
        assert!(is_valid(Series::Order, &text));
        assert!(!is_valid(Series::Appeal, &text));
    }

    proptest! {
        #[test]
        fn every_wrong_single_character_is_caught(text in number(), at in 0_usize..26, letter in 0_usize..36) {
            let mut bytes = text.clone().into_bytes();
            let at = at % bytes.len();
            prop_assume!(bytes[at] != b'-' && bytes[at] != ALPHABET[letter]);
            bytes[at] = ALPHABET[letter];
            prop_assert!(!valid(&String::from_utf8(bytes).unwrap()));
        }

        #[test]
        fn every_swap_of_two_neighbours_is_caught(text in number(), at in 0_usize..23) {
            // The hyphens are decoration; neighbours are the characters that count.
            let places: Vec<usize> = text.bytes().enumerate().filter(|(_, byte)| *byte != b'-').map(|(place, _)| place).collect();
            let at = at % (places.len() - 1);
            let mut bytes = text.clone().into_bytes();
            prop_assume!(bytes[places[at]] != bytes[places[at + 1]]);
            bytes.swap(places[at], places[at + 1]);
            prop_assert!(!valid(&String::from_utf8(bytes).unwrap()));
        }

        #[test]
        fn every_number_that_is_written_is_read(text in number()) {
            prop_assert!(valid(&text));
        }
    }
}
