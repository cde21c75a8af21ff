//! Time as a parameter.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, FixedOffset, NaiveDate, SecondsFormat, TimeZone, Utc};
use serde::{Deserialize, Serialize};

/// A moment, in whole milliseconds since 1970-01-01T00:00:00Z; stored and sent as that number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Wraps milliseconds since the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Gives milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Adds a duration, staying within range.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// Subtracts a duration, staying within range.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// The time from `earlier` to this moment; zero if it lies in the future.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Reads an RFC 3339 text with any offset.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|moment| Self(moment.timestamp_millis()))
    }

    /// Writes RFC 3339 in Chinese standard time (UTC+8), which all of the field uses.
    pub fn to_rfc3339(self) -> String {
        self.in_china().to_rfc3339_opts(SecondsFormat::Millis, false)
    }

    /// The calendar date in Chinese standard time.
    pub fn china_date(self) -> NaiveDate {
        self.in_china().date_naive()
    }

    /// The moment in Chinese standard time.
    pub fn in_china(self) -> DateTime<FixedOffset> {
        let utc = Utc.timestamp_millis_opt(self.0).single().unwrap_or(DateTime::<Utc>::UNIX_EPOCH);
        utc.with_timezone(&china_offset())
    }

    /// The moment at which `date` begins in Chinese standard time.
    pub fn china_midnight(date: NaiveDate) -> Self {
        let midnight = date.and_time(chrono::NaiveTime::MIN);
        Self(midnight.and_utc().timestamp_millis() - i64::from(china_offset().local_minus_utc()) * 1_000)
    }
}

fn china_offset() -> FixedOffset {
    const EIGHT_HOURS: i32 = 8 * 3_600;
    FixedOffset::east_opt(EIGHT_HOURS).unwrap_or_else(|| chrono::offset::Offset::fix(&Utc))
}

/// Gives the time; the only way to it.
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        Timestamp(Utc::now().timestamp_millis())
    }
}

/// A clock that stands still until it is moved, for tests.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// Starts at `now`.
    pub fn at(now: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(now.millis())))
    }

    /// Moves forward.
    pub fn advance(&self, duration: Duration) {
        self.0.fetch_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }

    /// Jumps, in either direction.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.millis(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc3339_is_read_with_any_offset_and_written_in_china_time() {
        let moment = Timestamp::parse_rfc3339("2026-08-15T00:02:45Z").unwrap();
        assert_eq!(moment.to_rfc3339(), "2026-08-15T08:02:45.000+08:00");
        assert_eq!(Timestamp::parse_rfc3339(&moment.to_rfc3339()), Some(moment));
        assert_eq!(Timestamp::parse_rfc3339("2026-08-15 08:02:45"), None);
    }

    #[test]
    fn china_midnight_begins_the_china_date() {
        let moment = Timestamp::parse_rfc3339("2026-08-14T16:00:00Z").unwrap();
        assert_eq!(Timestamp::china_midnight(moment.china_date()), moment);
    }
}
