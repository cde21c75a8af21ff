//! Rows and transactions: the same queries on SQLite and on PostgreSQL, and one way to write.
//!
//! A [`Database`] belongs to one service. Reads go to [`Database::reader`]; every write goes through [`Database::write`],
//! which runs in its own task, so that a client that hangs up cannot cut it in half, and which commits the change, its
//! audit entries, its events and its idempotency record together or not at all.
//!
//! This crate must not know what the rows of a service mean, who may see them, or how events travel once they are written.

pub mod bulk;
mod connect;
mod denials;
mod failure;
mod heads;
mod idempotency;
mod ledger_rows;
mod outbox;
mod private;
mod retention;
mod safeguards;
pub mod sql;
mod transaction;

pub use connect::{Backend, Database, DatabaseSettings, Opening, StoreError};
pub use failure::{CorruptRow, Failure};
pub use heads::{HeadWriter, NotFollowed, Reached};
pub use ledger_rows::AuditRecord;
pub use retention::forget_events;
pub use safeguards::Safeguard;
/// Where a query can be sent: a transaction or the reader; lets a use case pass either on without knowing the database library.
pub use sea_orm::ConnectionTrait as Connection;
pub use transaction::{Committed, Tx};
