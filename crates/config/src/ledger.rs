use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The tamper-evident ledger.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Ledger {
    /// Minutes after which an entry is covered by a signed head at the latest; nothing is signed while nothing happens.
    pub head_interval_minutes: u32,
    /// New entries after which a head is signed before that.
    pub head_entries: u32,
    /// Hours after which every entry is read again from the first on, so that auditors hear of what was changed since.
    pub reread_hours: u32,
    /// Folder into which every signed head is also written; put it where nobody who runs Cordon can write twice.
    pub head_directory: Option<PathBuf>,
}

impl Default for Ledger {
    fn default() -> Self {
        Self { head_interval_minutes: 10, head_entries: 1_000, reread_hours: 24, head_directory: None }
    }
}
