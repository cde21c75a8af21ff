//! Who may do what: the one place that reads `policy.csv`, and the proof values that writing calls demand.
//!
//! A reviewed table of role, resource, action and scope is embedded in the binary. casbin evaluates it once, when it is loaded;
//! the outcome is a small table in memory, so that a decision costs no more than a look-up. [`Gate::authorize`] answers a
//! [`Grant`], which only this crate can make, together with the [`Scope`](cordon_context::Scope) that goes into every query.
//! Whatever goes wrong (an unknown word, an empty value, an error or a panic of the engine) is a refusal.
//!
//! This crate must not know who holds which role (that is data of the directory), any object, any service or any database.

mod authorizer;
mod engine;
mod explain;
mod gate;
mod grant;
mod holder;
mod matrix;
mod row;
mod self_test;
mod table;

pub use authorizer::{Authorizer, PolicyError};
pub use explain::{Explanation, explain};
pub use gate::{Gate, LoggedDenials};
pub use grant::{ActionName, Grant, ResourceName, act, on};
pub use holder::{fits, is_for_people};
pub use matrix::matrix;
pub use row::{RowError, ScopeWord};
