//! The GraphQL API: one schema over the services, the guard before it, and its two transports.
//!
//! A request is measured, parsed and expanded on paper before the library sees it ([`guard`]); it is executed in a task of its
//! own, so that a caller who goes away cannot cut a change in half; it sees the services only through their contracts, with a
//! loader for each relation that lives as long as the request. Every root field names the action that it needs.
//!
//! This crate must not know any database, any service's inside, or how a policy is evaluated: it asks a gate, and every service
//! asks again.

mod access;
mod answer;
mod authentication;
mod batch;
mod budget;
mod case_intake;
mod connection;
mod directory;
mod disposal;
mod engine;
mod ledger;
mod loaders;
mod names;
mod node;
mod outcome;
mod persisted;
mod scalar;
mod schema;
#[cfg(test)]
mod schema_tests;
mod services;
mod session;
mod settings;
mod subscription;
mod transport;

pub use access::{Need, RootField, root_fields};
pub use authentication::DirectoryAuthenticator;
pub use cordon_guard::{DocumentLimits, Guard, JsonLimits};
pub use engine::{Engine, EngineParts};
pub use ledger::{BrokenEntry, LedgerReading, LedgerStanding, Ledgers, StandingHead};
pub use persisted::{Manifest, ManifestError, document_id};
pub use schema::schema_sdl;
pub use services::Services;
pub use settings::{GraphqlSettings, Mode};
pub use transport::configure;
