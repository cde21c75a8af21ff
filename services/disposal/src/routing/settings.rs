//! How long answers are trusted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Settings of routing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RoutingSettings {
    /// Seconds for which an answer about portability is kept in memory.
    pub portability_ttl_seconds: u64,
    /// How many answers about portability are kept in memory.
    pub portability_entries: usize,
    /// Days for which an executor's answer that a number was taken elsewhere is believed without the table saying so.
    pub learned_days: u64,
}

impl Default for RoutingSettings {
    fn default() -> Self {
        Self { portability_ttl_seconds: 300, portability_entries: 100_000, learned_days: 30 }
    }
}
