use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use figment::providers::{Format, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::secret::SecretError;
use crate::{Database, Keys, Ledger, Mode, Server, Telemetry};

/// The sections that this crate reads itself; all others belong to the services.
pub(crate) const OWN: [&str; 6] = ["mode", "server", "database", "keys", "ledger", "telemetry"];

const PREFIX: &str = "CORDON_";

/// Every setting of a process: its own sections and those of the services it may run.
#[derive(Clone, Debug)]
pub struct Config<S> {
    /// Whether the process serves developers or the public.
    pub mode: Mode,
    /// Where the process listens and how much a client may take.
    pub server: Server,
    /// Where the rows are kept.
    pub database: Database,
    /// The keys that seal and sign.
    pub keys: Keys,
    /// The tamper-evident ledger.
    pub ledger: Ledger,
    /// What is logged and how.
    pub telemetry: Telemetry,
    /// The sections of the services.
    pub services: S,
    pub(crate) sources: Sources,
}

/// Where settings come from, later ones over earlier ones: the defaults, a file, variables.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The TOML file, if there is one.
    pub file: Option<PathBuf>,
    /// Variables such as `CORDON_SERVER__LISTEN`; two underscores separate section and key.
    pub variables: Vec<(String, String)>,
}

/// Why the settings could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file that was asked for does not exist.
    #[error("the configuration file {} does not exist", .0.display())]
    Missing(PathBuf),
    /// A key is unknown or a value does not fit; the message names the source and the key.
    #[error("{0}")]
    Invalid(Box<figment::Error>),
    /// A secret could not be taken.
    #[error(transparent)]
    Secret(#[from] SecretError),
}

impl From<figment::Error> for ConfigError {
    fn from(error: figment::Error) -> Self {
        Self::Invalid(Box::new(error))
    }
}

impl Sources {
    /// The file that was asked for, else `cordon.toml` if it exists, and the variables of this process.
    pub fn of_process(file: Option<PathBuf>) -> Self {
        let file = file.or_else(|| {
            let usual = PathBuf::from("cordon.toml");
            usual.exists().then_some(usual)
        });
        // A variable whose value is not Unicode cannot be a setting; `vars` would panic on it.
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, _value)| is_setting(name))
            .collect();
        Self { file, variables }
    }
}

impl<S: DeserializeOwned> Config<S> {
    /// Reads the settings; `S` has one field per service section, each with a default, and denies unknown fields.
    pub fn load(sources: Sources) -> Result<Self, ConfigError> {
        if let Some(file) = sources.file.as_ref().filter(|file| !file.exists()) {
            return Err(ConfigError::Missing(file.clone()));
        }
        let own: Own = sources.figment(Part::Own).extract_lossy()?;
        let services = sources.figment(Part::Services).extract_lossy()?;
        let Own { mode, server, mut database, keys, ledger, telemetry } = own;
        database.resolve()?;
        Ok(Self { mode, server, database, keys, ledger, telemetry, services, sources })
    }
}

impl Sources {
    fn figment(&self, part: Part) -> Figment {
        let variables = Select { part, inner: Variables(self.variables.clone()) };
        match &self.file {
            Some(file) => Figment::new().merge(Select { part, inner: Toml::file_exact(file) }).merge(variables),
            None => Figment::new().merge(variables),
        }
    }

    /// Whether the file holds this key as text, for warnings about secrets in files.
    pub(crate) fn file_holds(&self, key: &str) -> bool {
        self.file.as_deref().is_some_and(|file| Figment::from(Toml::file_exact(file)).contains(key))
    }

    pub(crate) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Own {
    mode: Mode,
    server: Server,
    database: Database,
    keys: Keys,
    ledger: Ledger,
    telemetry: Telemetry,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Own,
    Services,
}

/// Passes on only the sections of one part, and keeps the name of the source for error messages.
struct Select<P> {
    part: Part,
    inner: P,
}

impl<P: Provider> Provider for Select<P> {
    fn metadata(&self) -> Metadata {
        self.inner.metadata()
    }

    fn data(&self) -> figment::Result<Map<Profile, Dict>> {
        let mut data = self.inner.data()?;
        for dict in data.values_mut() {
            dict.retain(|key, _value| OWN.contains(&key.as_str()) == (self.part == Part::Own));
        }
        Ok(data)
    }
}

/// Variables as a nested table. Values stay text unless they are lists; the reader turns text into numbers where it needs them,
/// so that a password made of digits stays a text.
struct Variables(Vec<(String, String)>);

/// Whether a variable is a setting: the mode, or a section and a key. Others, such as those that steer tests, are not.
fn is_setting(name: &str) -> bool {
    name.strip_prefix(PREFIX).is_some_and(|rest| rest == "MODE" || rest.contains("__"))
}

impl Provider for Variables {
    fn metadata(&self) -> Metadata {
        Metadata::named("environment variables").interpolater(|_profile: &Profile, keys: &[&str]| {
            format!("{PREFIX}{}", keys.iter().map(|key| key.to_ascii_uppercase()).collect::<Vec<_>>().join("__"))
        })
    }

    fn data(&self) -> figment::Result<Map<Profile, Dict>> {
        let mut root = Dict::new();
        for (name, text) in &self.0 {
            if !is_setting(name) {
                continue;
            }
            let path: Vec<String> = name.trim_start_matches(PREFIX).split("__").map(str::to_ascii_lowercase).collect();
            let value = if text.trim_start().starts_with('[') {
                text.parse().unwrap_or_else(|_infallible| Value::from(text.clone()))
            } else {
                Value::from(text.clone())
            };
            insert(&mut root, &path, value);
        }
        Ok(BTreeMap::from([(Profile::Default, root)]))
    }
}

fn insert(table: &mut Dict, path: &[String], value: Value) {
    match path {
        [] => {}
        [last] => {
            table.insert(last.clone(), value);
        }
        [first, rest @ ..] => {
            let child = table.entry(first.clone()).or_insert_with(|| Value::from(Dict::new()));
            // Two variables may name a key and a key below it; the deeper one wins, as it would in a table.
            if !matches!(child, Value::Dict(..)) {
                *child = Value::from(Dict::new());
            }
            if let Value::Dict(_tag, dict) = child {
                insert(dict, rest, value);
            }
        }
    }
}
