//! What every HTTP surface of Cordon is built from: the edge that each request passes, bodies with limits, answers with stable
//! codes, uploads, and the health routes.
//!
//! [`edge`] is one middleware, so that its steps cannot be put in a wrong order: a trace, the client's address, the origin,
//! who calls, how often. Bodies are read by [`body::read`] and [`upload::receive`] alone, which know a size, a deadline and
//! a lowest speed. A handler takes a place among the requests being worked on when the body is there, so that slow clients
//! take none.
//!
//! This crate must not know any service, any schema or how a token is checked (an [`Authenticator`] is handed to it).

pub mod address;
pub mod answer;
pub mod authentication;
pub mod body;
mod concurrency;
mod cors;
mod edge;
pub mod health;
pub mod media;
pub mod origin;
pub mod rate;
mod security_headers;
mod unread;
pub mod upload;

pub use authentication::{Authenticator, Caller, Credential, caller_of};
pub use concurrency::{PlaceOfKey, Places, PlacesPerKey};
pub use edge::{Edge, EdgeSettings, edge, trace_of};
pub use security_headers::security_headers;
