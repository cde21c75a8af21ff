//! The ledger seen from outside.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod findings;
mod proofs;
mod tampering;
mod vectors;
mod world;
