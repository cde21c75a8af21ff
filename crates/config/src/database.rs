use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::SecretText;
use crate::secret::{SecretError, resolve};

/// Where the rows are kept: one SQLite file per service by default, or PostgreSQL.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// Folder of the SQLite files, one per service; used where no URL is given.
    pub directory: PathBuf,
    /// PostgreSQL for all services, one schema each: `postgres://user:password@host/database`.
    #[serde(skip_serializing)]
    #[schemars(with = "Option<String>")]
    pub url: Option<SecretText>,
    /// File that holds `url`, for secrets that are mounted.
    pub url_file: Option<PathBuf>,
    /// URLs of single services that differ from `url`, by service name.
    #[serde(skip_serializing)]
    #[schemars(with = "BTreeMap<String, String>")]
    pub urls: BTreeMap<String, SecretText>,
    /// Open connections per service; with SQLite these are readers, beside the one writer.
    pub max_connections: u32,
    /// Days for which the answer under an idempotency key is kept; a key that comes again later is a new one.
    pub keep_answers_days: u32,
    /// Days for which delivered events and what consumers noted of them are kept; a feed can be read again that far back.
    pub keep_events_days: u32,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            directory: PathBuf::from("data"),
            url: None,
            url_file: None,
            urls: BTreeMap::new(),
            max_connections: 8,
            keep_answers_days: 30,
            keep_events_days: 400,
        }
    }
}

impl Database {
    /// The URL at which a service finds its rows.
    pub fn url_of(&self, service: &str) -> SecretText {
        self.urls.get(service).or(self.url.as_ref()).cloned().unwrap_or_else(|| {
            let file = self.directory.join(format!("{service}.db"));
            SecretText::new(format!("sqlite:{}?mode=rwc", file.display()))
        })
    }

    /// Whether any service keeps its rows in a SQLite file.
    pub fn uses_sqlite(&self) -> bool {
        match &self.url {
            Some(url) => url.reveal().starts_with("sqlite:"),
            None => true,
        }
    }

    pub(crate) fn resolve(&mut self) -> Result<(), SecretError> {
        self.url = resolve("database.url", self.url.take(), self.url_file.as_deref())?;
        Ok(())
    }
}
