//! Administrative regions by their GB/T 2260 code.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A six-digit GB/T 2260 code; `000000` is the whole country.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(u32);

/// The text is not a six-digit region code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a six-digit region code")]
pub struct InvalidRegion;

impl Region {
    /// The whole country.
    pub const COUNTRY: Self = Self(0);

    /// Reads a number of at most six digits.
    pub fn from_number(code: u32) -> Result<Self, InvalidRegion> {
        if code <= 999_999 { Ok(Self(code)) } else { Err(InvalidRegion) }
    }

    /// The code as a number, as it is stored.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The lowest and highest code that lie in this region, both included.
    pub const fn range(self) -> (u32, u32) {
        if self.0 == 0 {
            (0, 999_999)
        } else if self.0.is_multiple_of(10_000) {
            (self.0, self.0 + 9_999)
        } else if self.0.is_multiple_of(100) {
            (self.0, self.0 + 99)
        } else {
            (self.0, self.0)
        }
    }

    /// Whether `other` lies in this region or is it.
    pub const fn contains(self, other: Self) -> bool {
        let (low, high) = self.range();
        low <= other.0 && other.0 <= high
    }

    /// The province in which this region lies, or the country for the country.
    #[must_use]
    pub const fn province(self) -> Self {
        Self(self.0 / 10_000 * 10_000)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

impl FromStr for Region {
    type Err = InvalidRegion;

    fn from_str(text: &str) -> Result<Self, InvalidRegion> {
        if text.len() != 6 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidRegion);
        }
        text.parse().map(Self).map_err(|_source| InvalidRegion)
    }
}

impl Serialize for Region {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Region {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn country_contains_province_contains_city_contains_county() {
        let [country, province, city, county] =
            ["000000", "440000", "440300", "440305"].map(|code| code.parse::<Region>().unwrap());
        assert!(country.contains(province) && province.contains(city) && city.contains(county));
        assert!(!city.contains(province) && !county.contains(city));
        assert!(!province.contains("430100".parse().unwrap()));
        assert_eq!(county.province(), province);
    }
}
