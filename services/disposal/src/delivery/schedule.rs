//! When a message is tried again.

use std::time::Duration;

use cordon_context::Timestamp;

use super::DeliverySettings;

/// The time of the next attempt after `attempts` failed ones, or `None` if that was the last.
///
/// `chance` lies between 0 and 1 and spreads the load of an endpoint that comes back.
pub(crate) fn next_attempt(
    settings: &DeliverySettings,
    now: Timestamp,
    attempts: i32,
    retry_after: Option<Duration>,
    chance: f64,
) -> Option<Timestamp> {
    let failed = usize::try_from(attempts).unwrap_or(0);
    let wait = Duration::from_secs(*settings.waits_seconds.get(failed.saturating_sub(1))?);
    let spread = settings.jitter.clamp(0.0, 1.0) * (2.0 * chance.clamp(0.0, 1.0) - 1.0);
    let wait = wait.mul_f64(1.0 + spread);
    let asked = retry_after.unwrap_or_default().min(Duration::from_secs(settings.longest_retry_after_seconds));
    Some(now.plus(wait.max(asked)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

    #[test]
    fn attempts_spread_over_three_days_and_then_end() {
        let settings = DeliverySettings::default();
        let mut now = NOW;
        let mut attempts = 0;
        while let Some(next) = {
            attempts += 1;
            next_attempt(&settings, now, attempts, None, 0.5)
        } {
            assert!(next > now);
            now = next;
        }
        assert_eq!(attempts, 10);
        let days = now.since(NOW).as_secs_f64() / 86_400.0;
        assert!((2.9..3.1).contains(&days), "{days}");
        assert!(
            settings.give_up() > now.since(NOW).mul_f64(1.0 + settings.jitter),
            "no chance cuts the last attempt off"
        );
    }

    #[test]
    fn jitter_stays_within_its_share() {
        let settings = DeliverySettings { jitter: 0.2, waits_seconds: vec![100], ..DeliverySettings::default() };
        let wait = |chance| next_attempt(&settings, NOW, 1, None, chance).unwrap().since(NOW).as_secs();
        assert_eq!((wait(0.0), wait(0.5), wait(1.0)), (80, 100, 120));
    }

    #[test]
    fn an_endpoint_may_ask_for_more_time_within_limits() {
        let settings = DeliverySettings { waits_seconds: vec![5], jitter: 0.0, ..DeliverySettings::default() };
        let wait = |asked| {
            next_attempt(&settings, NOW, 1, Some(Duration::from_secs(asked)), 0.5).unwrap().since(NOW).as_secs()
        };
        assert_eq!((wait(1), wait(60), wait(1_000_000)), (5, 60, 3_600));
    }
}
