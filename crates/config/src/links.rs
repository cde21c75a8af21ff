use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::SecretText;
use crate::secret::{SecretError, resolve};

/// How this process reaches services that run in another one; not needed where all run in one process.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Links {
    /// Base URL of each service that runs elsewhere, by service name: `http://disposal:8080`.
    pub urls: BTreeMap<String, String>,
    /// The key, at least 32 characters, with which calls between processes are signed; the same in every process.
    #[serde(skip_serializing)]
    #[schemars(with = "Option<String>")]
    pub call_key: Option<SecretText>,
    /// File that holds `call_key`.
    pub call_key_file: Option<PathBuf>,
}

impl Links {
    pub(crate) fn resolve(&mut self) -> Result<(), SecretError> {
        self.call_key = resolve("links.call_key", self.call_key.take(), self.call_key_file.as_deref())?;
        Ok(())
    }
}
