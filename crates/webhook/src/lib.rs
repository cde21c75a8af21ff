//! Signs and verifies messages by Standard Webhooks 1.0.0: HMAC-SHA256 (`v1`) and ed25519 (`v1a`), with several keys at once
//! while one is being replaced.
//!
//! It must not know what a message says, how it is sent, where keys are kept or what time it is: the caller passes the raw
//! bytes, the keys and the moment.

mod key;
mod message;

pub use key::{InvalidKey, SigningKey, VerifyingKey};
pub use message::{
    HEADER_ID, HEADER_SIGNATURE, HEADER_TIMESTAMP, InvalidMessageId, Received, Rejected, SignedHeaders, TOLERANCE,
    sign, verify,
};
