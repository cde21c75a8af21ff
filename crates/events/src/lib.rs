//! Events: what a service says has happened, and how every consumer gets to hear it at least once.
//!
//! A service writes its events into an outbox in the transaction that causes them. A [`Relay`] claims them by lease and fence
//! and hands them to a [`Bus`]; a consumer is idempotent because it keeps an inbox. The bus of this crate lives in the
//! process; another one can stand behind the same trait.
//!
//! This crate must not know any database (an [`Outbox`] is handed to it), any service or what an event means.

mod bus;
mod event;
mod relay;

pub use bus::{Bus, BusError, Consumer, ConsumerError, MemoryBus};
pub use event::{Event, NewEvent};
pub use relay::{Claimed, Outbox, OutboxError, Relay, RelaySettings};
