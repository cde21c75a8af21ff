use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The tamper-evident ledger.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Ledger {
    /// Minutes between two signed heads.
    pub head_interval_minutes: u32,
    /// Folder into which every signed head is also written; put it where nobody who runs Cordon can write twice.
    pub head_directory: Option<PathBuf>,
}

impl Default for Ledger {
    fn default() -> Self {
        Self { head_interval_minutes: 10, head_directory: None }
    }
}
