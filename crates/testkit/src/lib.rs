//! What tests need at the boundary of a database: a fresh one of each kind, actors of every role, a clock that
//! stands still, and a socket to the gateway.
//!
//! This crate must not know any service, and nothing but tests may depend on it.
#![expect(
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test that cannot be set up fails by panicking, and its database is named by the environment"
)]

mod actors;
mod databases;
mod socket;

pub use actors::{actor, call, client, keyed_call, organisation};
pub use databases::{TestDatabase, fresh_postgres, postgres_url, test_databases, test_databases_apart};
pub use socket::{Frame, Socket};

use cordon_context::{ManualClock, Timestamp};

/// A clock that stands at 2026-11-23 10:00 in China, a Monday.
pub fn clock() -> ManualClock {
    ManualClock::at(Timestamp::from_millis(1_795_399_200_000))
}
