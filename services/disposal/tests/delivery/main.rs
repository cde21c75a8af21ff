//! Delivery over real sockets, on every database: signatures, retries, isolation, rotation, replay, leases and reach.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod breaker;
mod endpoints;
mod inbox;
mod receiver;
mod replay;
mod stage;
mod webhooks;
mod workers;
