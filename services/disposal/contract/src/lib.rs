//! What others may know of the disposal service: orders, items, tasks, receipts, verification, notices, appeals and releases,
//! the methods that move them, and the events that tell of it.
//!
//! This crate must not know how any of it is stored, decided, routed or delivered, nor any database or web framework.

mod appeal;
mod calendar;
pub mod delivery;
pub mod events;
mod measure;
mod notice;
mod order;
mod protected;
mod protective;
mod release;
pub mod routing;
mod rpc;
mod task;
mod task_filter;
mod timeline;
mod vocabulary;

pub use appeal::*;
pub use calendar::*;
pub use delivery::*;
pub use events::{Change, Changes};
pub use measure::*;
pub use notice::*;
pub use order::*;
pub use protected::*;
pub use protective::*;
pub use release::*;
pub use routing::*;
pub use rpc::{DisposalClient, DisposalServer};
pub use task::*;
pub use task_filter::*;
pub use timeline::*;
