//! Posts to addresses that strangers chose, without letting them reach into our own network: names are resolved here, every
//! address is checked, and the connection goes to exactly the address that was checked. No redirect is followed and no proxy
//! is used.
//!
//! It must not know what is posted, to whom it belongs, how it is signed or when it is tried again.

mod address;
mod client;
mod resolver;
mod settings;
mod target;

pub use address::Forbidden;
pub use client::{Answer, Outbound, OutboundError, Post, SetupError};
pub use resolver::{Resolver, SystemResolver};
pub use settings::OutboundSettings;
pub use target::Blocked;
