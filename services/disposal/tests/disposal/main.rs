//! The disposal service at its border, on every database: the same calls that others make, and what they may expect.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod appeals;
mod authority;
mod bad_input;
mod co_holders;
mod deadlines;
mod ends;
mod executors;
mod journey;
mod large;
mod orders;
mod own_and_instructed;
mod own_hearings;
mod own_tasks;
mod paces;
mod protective;
mod reach;
mod reminders;
mod signatures;
mod tables;
mod visibility;
mod withdrawals;
mod world;
