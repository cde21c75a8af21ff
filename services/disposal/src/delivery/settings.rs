//! How often, how long, how many.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Settings of delivery to enterprises.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DeliverySettings {
    /// Seconds to wait after the first, second, … failed attempt; one attempt more than there are waits.
    pub waits_seconds: Vec<u64>,
    /// By how much of itself a wait is shortened or lengthened at random, from 0 to 1.
    pub jitter: f64,
    /// Hours after which a message is given up, however many attempts are left; longer than all waits with their jitter.
    pub give_up_hours: u64,
    /// Days for which settled messages and their attempts stay in the log; the ledger keeps what arrived when for ever.
    pub keep_days: u64,
    /// The longest time in seconds for which an endpoint may ask us to wait.
    pub longest_retry_after_seconds: u64,
    /// How many messages may be on their way to one endpoint at once.
    pub per_endpoint: u16,
    /// How many messages may be on their way at all.
    pub in_flight: u16,
    /// Seconds for which a worker holds a message; longer than the time that an answer may take.
    pub lease_seconds: u64,
    /// Milliseconds between two looks when nothing was signalled.
    pub idle_ms: u64,
    /// After how many failures in a row the circuit opens.
    pub circuit_failures: u16,
    /// Seconds for which it stays open the first time; doubled each time a try fails.
    pub circuit_pause_seconds: u64,
    /// The longest pause in seconds.
    pub circuit_longest_pause_seconds: u64,
    /// Hours for which old keys sign beside a new one, unless the caller says otherwise.
    pub key_overlap_hours: u32,
    /// The most hours that a caller may say.
    pub longest_key_overlap_hours: u32,
    /// How many endpoints one organisation may have.
    pub endpoints_per_organisation: u16,
}

impl Default for DeliverySettings {
    fn default() -> Self {
        Self {
            // Five seconds, five and thirty minutes, two, five, ten, fourteen, eighteen and twenty-two hours: about three days.
            waits_seconds: vec![5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 64_800, 79_200],
            jitter: 0.2,
            give_up_hours: 96,
            keep_days: 400,
            longest_retry_after_seconds: 3_600,
            per_endpoint: 8,
            in_flight: 256,
            lease_seconds: 60,
            idle_ms: 1_000,
            circuit_failures: 5,
            circuit_pause_seconds: 30,
            circuit_longest_pause_seconds: 600,
            key_overlap_hours: 24,
            longest_key_overlap_hours: 24 * 30,
            endpoints_per_organisation: 10,
        }
    }
}

impl DeliverySettings {
    pub(crate) fn lease(&self) -> Duration {
        Duration::from_secs(self.lease_seconds)
    }

    pub(crate) fn give_up(&self) -> Duration {
        Duration::from_secs(self.give_up_hours * 3_600)
    }

    pub(crate) fn keep(&self) -> Duration {
        Duration::from_secs(self.keep_days * 86_400)
    }
}
