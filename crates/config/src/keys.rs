use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which family of algorithms new values are sealed with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeySuite {
    /// AES-256-GCM for values, HMAC-SHA-256 for blind indexes.
    #[default]
    Aes256GcmSha256,
    /// SM4-GCM for values, HMAC-SM3 for blind indexes.
    Sm4GcmSm3,
}

/// The keys that seal personal fields, sign ledger heads and sign messages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Keys {
    /// Folder of the master key and the keyring; it belongs on another disk and into another backup than the rows.
    pub directory: PathBuf,
    /// Which algorithms new values are sealed with; old values stay readable after a change.
    pub suite: KeySuite,
}

impl Default for Keys {
    fn default() -> Self {
        Self { directory: PathBuf::from("data/keys"), suite: KeySuite::default() }
    }
}
