use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether the process serves developers or the public.
///
/// `development` serves GraphiQL and answers introspection; `production` does neither and demands what keeps data safe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// For a developer's machine and for trying Cordon out.
    #[default]
    Development,
    /// For everything that holds real data.
    Production,
}

impl Mode {
    /// Whether real data is to be expected.
    pub const fn is_production(self) -> bool {
        matches!(self, Self::Production)
    }
}
