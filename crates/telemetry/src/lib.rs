//! What a running process tells its operators: log lines and metrics.
//!
//! [`start`] sets up the log of the process, [`Metrics`] counts and renders for `/metrics`, [`field`] names the fields that log
//! lines share. Every line passes a belt that removes what looks like a phone, card or identity number; it is the second line
//! of defense, behind the rule that no such value is logged at all.
//!
//! This crate must not know what is logged or counted, where settings come from or how `/metrics` is served. It sends nothing
//! over a network: OTLP export comes with the cluster mode and is not here yet.

pub mod field;
mod log;
mod metrics;
mod redaction;

pub use log::{Format, LogError, LogOptions, start, subscriber};
pub use metrics::{Metrics, MetricsError};
pub use redaction::{REPLACEMENT, RedactingWriter, redact};
