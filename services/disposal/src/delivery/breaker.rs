//! When an endpoint is left alone for a while.

use std::time::Duration;

use cordon_context::Timestamp;

use super::DeliverySettings;
use crate::store::delivery::Breaker;

/// What a failed attempt makes of the breaker: after enough failures in a row it opens, and each failed try doubles the pause.
pub(crate) fn after_failure(settings: &DeliverySettings, now: Timestamp, before: Breaker) -> Breaker {
    let failures = before.failures.saturating_add(1);
    let was_open = before.open_until.millis() != 0;
    if was_open && before.open_until > now {
        // An attempt that had begun before the circuit opened; the pause stays as it is.
        return Breaker { failures, ..before };
    }
    if !was_open && failures < i32::from(settings.circuit_failures) {
        return Breaker { failures, ..before };
    }
    let doublings = u32::try_from(before.opened).unwrap_or(0).min(16);
    let pause = Duration::from_secs(settings.circuit_pause_seconds).saturating_mul(1 << doublings);
    let pause = pause.min(Duration::from_secs(settings.circuit_longest_pause_seconds));
    Breaker {
        failures,
        opened: before.opened.saturating_add(1),
        open_until: now.plus(pause),
        probe_until: Timestamp::from_millis(0),
    }
}

#[cfg(test)]
mod tests {
    use cordon_disposal_contract::delivery::Circuit;

    use super::*;

    #[test]
    fn the_circuit_opens_after_failures_in_a_row_and_its_pauses_grow() {
        let settings = DeliverySettings::default();
        let mut now = Timestamp::from_millis(1_795_000_000_000);
        let mut breaker = Breaker::CLOSED;
        for _ in 0..4 {
            breaker = after_failure(&settings, now, breaker);
            assert_eq!(breaker.circuit(now), Circuit::Closed);
        }
        let mut pauses = Vec::new();
        for _ in 0..7 {
            breaker = after_failure(&settings, now, breaker);
            assert_eq!(breaker.circuit(now), Circuit::Open);
            pauses.push(breaker.open_until.since(now).as_secs());
            // An attempt that ends late does not lengthen the pause.
            assert_eq!(after_failure(&settings, now, breaker).open_until, breaker.open_until);
            now = breaker.open_until;
            assert_eq!(breaker.circuit(now), Circuit::HalfOpen);
        }
        assert_eq!(pauses, [30, 60, 120, 240, 480, 600, 600]);
    }
}
