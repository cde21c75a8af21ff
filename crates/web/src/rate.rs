//! How much each caller may ask for.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use cordon_context::{Code, Refusal};
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A budget that refills evenly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RateSettings {
    /// How many units a caller may spend at once.
    pub burst: NonZeroU32,
    /// How many units come back each second.
    pub per_second: NonZeroU32,
    /// For how many callers a budget is kept; above that all further ones share one.
    pub max_callers: usize,
}

impl Default for RateSettings {
    fn default() -> Self {
        const BURST: NonZeroU32 = NonZeroU32::MIN.saturating_add(599);
        const PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(49);
        Self { burst: BURST, per_second: PER_SECOND, max_callers: 100_000 }
    }
}

/// What is left of a caller's budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// Units.
    pub units: u32,
}

/// Keeps a budget for each caller, with a bound on how many it keeps.
pub struct Limiter {
    settings: RateSettings,
    budgets: RateLimiter<String, DashMapStateStore<String>, DefaultClock, StateInformationMiddleware>,
    clock: DefaultClock,
    checks: AtomicU32,
}

/// How often the budgets that are full again are forgotten.
const SWEEP_EVERY: u32 = 4_096;

impl Limiter {
    /// Sets up budgets.
    pub fn new(settings: RateSettings) -> Self {
        let quota = Quota::per_second(settings.per_second).allow_burst(settings.burst);
        Self {
            settings,
            budgets: RateLimiter::dashmap(quota).with_middleware(),
            clock: DefaultClock::default(),
            checks: AtomicU32::new(0),
        }
    }

    /// Takes `cost` units from a caller's budget, or refuses and says when to come back.
    pub fn spend(&self, caller: &str, cost: NonZeroU32) -> Result<Left, Refusal> {
        let full = self.budgets.len() >= self.settings.max_callers;
        if full || self.checks.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.budgets.retain_recent();
        }
        let shared = self.budgets.len() >= self.settings.max_callers;
        let key = if shared { "everybody-else".to_owned() } else { caller.to_owned() };
        let cost = cost.min(self.settings.burst);
        match self.budgets.check_key_n(&key, cost) {
            Ok(Ok(state)) => Ok(Left { units: state.remaining_burst_capacity() }),
            Ok(Err(until)) => Err(Self::refusal(until.wait_time_from(self.clock.now()))),
            // Cannot be: the cost is at most the burst. It is still a refusal.
            Err(_too_large) => Err(Self::refusal(Duration::from_mins(1))),
        }
    }

    /// How many budgets are kept now.
    pub fn kept(&self) -> usize {
        self.budgets.len()
    }

    /// Says in headers what the budget is and what is left of it.
    pub fn describe(&self, left: Left, headers: &mut HeaderMap) {
        let window = self.settings.burst.get().div_ceil(self.settings.per_second.get());
        put(headers, "ratelimit-policy", &format!("\"caller\";q={};w={window}", self.settings.burst));
        let missing = self.settings.burst.get().saturating_sub(left.units);
        let refill = missing.div_ceil(self.settings.per_second.get());
        put(headers, "ratelimit", &format!("\"caller\";r={};t={refill}", left.units));
    }

    fn refusal(wait: Duration) -> Refusal {
        let seconds = u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1);
        Refusal { retry_after_seconds: Some(seconds), ..Refusal::new(Code::RateLimited) }
    }
}

fn put(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: NonZeroU32 = NonZeroU32::MIN;

    fn limiter(burst: u32, max_callers: usize) -> Limiter {
        let burst = NonZeroU32::new(burst).unwrap();
        Limiter::new(RateSettings { burst, per_second: ONE, max_callers })
    }

    #[test]
    fn a_caller_who_spent_the_budget_waits_and_others_do_not() {
        let limiter = limiter(3, 100);
        for left in [2, 1, 0] {
            assert_eq!(limiter.spend("one", ONE).unwrap().units, left);
        }
        let refusal = limiter.spend("one", ONE).unwrap_err();
        assert_eq!(refusal.code, Code::RateLimited);
        assert!(refusal.retry_after_seconds.is_some_and(|seconds| seconds >= 1));
        assert!(limiter.spend("two", NonZeroU32::new(3).unwrap()).is_ok());
        assert!(limiter.spend("two", ONE).is_err());
    }

    #[test]
    fn many_source_keys_do_not_grow_memory_without_bound() {
        let limiter = limiter(5, 64);
        let allowed = (0..10_000).filter(|key| limiter.spend(&format!("key {key}"), ONE).is_ok()).count();
        assert!(limiter.kept() <= 66, "{}", limiter.kept());
        assert!(allowed < 200, "{allowed} strangers were let in");
    }
}
