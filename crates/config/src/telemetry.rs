use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Mode;

/// How a log line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// Text in development, JSON in production.
    #[default]
    Auto,
    /// One JSON object per line.
    Json,
    /// For reading on a terminal.
    Text,
}

impl LogFormat {
    /// Whether lines are JSON objects in this mode.
    pub const fn is_json(self, mode: Mode) -> bool {
        match self {
            Self::Auto => mode.is_production(),
            Self::Json => true,
            Self::Text => false,
        }
    }
}

/// What is logged and how.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Telemetry {
    /// Which lines are written: a level, or levels by module such as `info,cordon_disposal=debug`.
    pub filter: String,
    /// How a line looks: `auto`, `json` or `text`.
    pub format: LogFormat,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self { filter: "info".to_owned(), format: LogFormat::Auto }
    }
}
