//! Calls between services: one client type, [`Link`], with two ways to reach the same JSON-RPC methods.
//!
//! A service hands out its methods as a `jsonrpsee` module. `Link::local` calls that module in the same process without a
//! socket; `Link::remote` posts the same JSON-RPC 2.0 request to the service's `/rpc` route, which [`mount`] puts into its
//! actix app. The traits that contract crates declare work with either. Remote calls are signed and short-lived; [`timely`]
//! holds every call to its deadline and puts it under its trace.
//!
//! This crate must not know any service or what the calls mean; it never decides who may call what.

mod link;
mod route;
mod signature;
mod timely;
mod wire;

pub use link::{Link, LinkError, RemoteSettings};
pub use route::mount;
pub use signature::{CallKey, RefusedCall};
pub use timely::timely;
pub use wire::{RpcFailure, refusal_of};
