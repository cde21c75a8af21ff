//! Counting attempts against one account.

use std::time::Duration;

use cordon_context::Timestamp;

use crate::settings::LockOutSettings;

/// What is known of earlier attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Guard {
    /// How many attempts in a row have not succeeded.
    pub(crate) failures: u32,
    /// When the last one was made.
    pub(crate) last_at: Timestamp,
    /// Until when no attempt is looked at.
    pub(crate) locked_until: Option<Timestamp>,
}

impl Guard {
    /// Counts an attempt before it is looked at, so that attempts made at the same moment cannot slip through together; the
    /// error is how long to wait.
    pub(crate) fn attempt(before: Option<Self>, now: Timestamp, settings: &LockOutSettings) -> Result<Self, Duration> {
        let forget = Duration::from_secs(u64::from(settings.forget_after_hours) * 3_600);
        let before = before.filter(|guard| now.since(guard.last_at) < forget);
        if let Some(until) = before.and_then(|guard| guard.locked_until).filter(|until| now < *until) {
            return Err(until.since(now));
        }
        let failures = before.map_or(0, |guard| guard.failures).saturating_add(1);
        let locked_until = wait(failures, settings).map(|wait| now.plus(wait));
        Ok(Self { failures, last_at: now, locked_until })
    }

    /// Takes back the count of the attempt that left `mine` behind: it was right as far as it went, and waits for its second half.
    ///
    /// An attempt that was looked at met no lock, so the lock goes as well, unless somebody else failed in the meantime.
    pub(crate) fn refunded(self, mine: &Self) -> Self {
        let locked_until = if self.failures == mine.failures { None } else { self.locked_until };
        Self { failures: self.failures.saturating_sub(1), locked_until, ..self }
    }
}

/// The wait after so many failures in a row.
fn wait(failures: u32, settings: &LockOutSettings) -> Option<Duration> {
    let beyond = failures.checked_sub(settings.free_attempts.max(1))?;
    let seconds = u64::from(settings.first_wait_seconds).saturating_mul(1 << beyond.min(20));
    Some(Duration::from_secs(seconds.min(u64::from(settings.longest_wait_seconds))))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SETTINGS: LockOutSettings =
        LockOutSettings { free_attempts: 3, first_wait_seconds: 10, longest_wait_seconds: 60, forget_after_hours: 1 };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    #[test]
    fn waits_begin_after_the_free_attempts_and_double_up_to_the_longest() {
        let mut now = at(0);
        let mut guard = None;
        let mut waits = Vec::new();
        for _ in 0..8 {
            let next = Guard::attempt(guard, now, &SETTINGS).unwrap();
            if let Some(until) = next.locked_until {
                waits.push(until.since(now).as_secs());
                assert_eq!(Guard::attempt(Some(next), now, &SETTINGS), Err(until.since(now)));
                now = until;
            }
            guard = Some(next);
        }
        assert_eq!(waits, [10, 20, 40, 60, 60, 60]);
    }

    #[test]
    fn failures_are_forgotten_after_a_while() {
        let tired = Guard { failures: 50, last_at: at(0), locked_until: Some(at(60)) };
        assert_eq!(Guard::attempt(Some(tired), at(3_601), &SETTINGS).unwrap().failures, 1);
        assert_eq!(Guard::attempt(Some(tired), at(3_599), &SETTINGS).unwrap().failures, 51);
    }

    #[test]
    fn a_refund_gives_back_its_own_count_only() {
        let first = Guard::attempt(None, at(0), &SETTINGS).unwrap();
        let second = Guard::attempt(Some(first), at(1), &SETTINGS).unwrap();
        assert_eq!(second.refunded(&second).failures, 1);
        let third = Guard::attempt(Some(second), at(2), &SETTINGS).unwrap();
        assert!(third.locked_until.is_some());
        assert_eq!(third.refunded(&third), Guard { failures: 2, last_at: at(2), locked_until: None });
        // Somebody else failed in between: their lock stays.
        assert_eq!(third.refunded(&second), Guard { failures: 2, ..third });
    }

    proptest! {
        /// However attempts are spread, no hour lets more guesses in than the settings say.
        #[test]
        fn guesses_per_hour_are_bounded(gaps in proptest::collection::vec(0_i64..30, 1..2_000)) {
            let (mut now, mut guard, mut allowed) = (0, None, 0_u32);
            for gap in gaps {
                now += gap;
                if now > 3_599 { break; }
                if let Ok(next) = Guard::attempt(guard, at(now), &SETTINGS) {
                    guard = Some(next);
                    allowed += 1;
                }
            }
            // Three free ones, waits of 10, 20 and 40 seconds, then one a minute.
            prop_assert!(allowed <= 3 + 3 + 60, "{allowed}");
        }
    }
}
