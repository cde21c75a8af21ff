//! Case intake through its calls, on SQLite and, where a server is known, on PostgreSQL.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod bad_files;
mod batches;
mod bulletins;
mod cases;
mod clues;
mod drill;
mod hidden;
mod imports;
mod queries;
mod reports;
mod rights;
mod world;
