//! The directory as its callers see it, on every database that there is.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod clients;
mod duties;
mod message_keys;
mod organisations;
mod resets;
mod revocation;
mod secrecy;
mod sign_in;
mod stage;
