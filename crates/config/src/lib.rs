//! Reads the settings of a process once: defaults, then one TOML file, then `CORDON_*` variables, into typed sections.
//!
//! The sections of the process itself (listening, rows, keys, logs, ledger) are written here, one file each. The
//! settings of services live in the services; the binary hands them in as the type parameter of [`Config`], and they appear
//! in the same file as further sections. A key that no section knows is an error that names the file and the key. The
//! commented example file and the JSON schema are rendered from the same types, so neither can fall behind.
//!
//! This crate must not know any service, open any connection or act on a setting; it reads no clock. It is the only place that
//! reads the environment.

mod database;
mod document;
mod keys;
mod ledger;
mod load;
mod mode;
mod secret;
mod server;
mod telemetry;
mod warning;

pub use database::Database;
pub use document::{example, schema};
pub use keys::{KeySuite, Keys};
pub use ledger::Ledger;
pub use load::{Config, ConfigError, Sources};
pub use mode::Mode;
pub use secret::SecretText;
pub use server::Server;
pub use telemetry::{LogFormat, Telemetry};
pub use warning::Warning;
