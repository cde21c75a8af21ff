//! Keeps personal fields unreadable at rest: seals each value for one place in one table, finds equal values again by a
//! blind index, and holds the keys that do so, together with the keys that sign ledger heads and messages.
//!
//! It must not know what a field means, how it is normalized or masked, where a row is stored, who may read it, or which
//! network or runtime surrounds it. It reads no configuration and no clock.
//!
//! # Keys
//!
//! ```text
//! master key            a file of its own (or, behind the same trait, a hardware module)
//!   └ wraps             data keys per purpose, index keys per field, signing keys per name (the keyring)
//!       └ data key      seals records of one purpose (usually one service)
//! ```
//!
//! Every key in the keyring has a state: the `write` key makes new values, `read` keys still open old ones, a `retired` key is
//! kept but refused, and a destroyed key is gone. Rotation adds a new `write` key and turns the old one into a `read` key, so
//! that no value becomes unreadable; values are then sealed again at leisure ([`Vault::needs_reseal`]) before the old key retires.
//!
//! # The sealed value, version 1
//!
//! ```text
//! offset  length  content
//! 0       1       format version: 1
//! 1       1       suite: 1 = AES-256-GCM with SHA-256, 2 = SM4-GCM with SM3
//! 2       8       id of the data key
//! 10      12      nonce, fresh from the operating system for every value
//! 22      n       ciphertext, as long as the plaintext
//! 22 + n  16      authentication tag
//! ```
//!
//! The associated data is `"cordon-vault/sealed/1"`, the first ten bytes above, and then purpose, table, column and row, each as
//! a 32-bit big-endian length and its bytes. A value that is moved to another row, column, table or purpose, cut short or
//! relabeled with another key or suite therefore does not open.
//!
//! Random 96-bit nonces are safe for at most 2^32 values per key. The key service grants uses of a key in blocks and writes
//! each block down before it is used, over all processes and restarts; when the limit is near it makes a new key by itself.
//!
//! # The blind index, version 1
//!
//! The first 16 bytes of `HMAC(index key of the field, "cordon-vault/blind-index/1" || len(field) || field || value)`, with
//! HMAC-SHA-256 or HMAC-SM3 by the suite of the index key. The caller normalizes the value first. Phone numbers are few enough
//! to be enumerated by whoever holds the index key, which is why it is never the encryption key and never leaves this crate.

mod blind_index;
mod keys;
mod local;
mod sealed;
mod secret;
mod suite;
mod vault;

pub use blind_index::BlindIndex;
pub use keys::{
    DataKey, DataKeyLease, IndexKey, KeyError, KeyId, KeyRole, KeyService, KeyState, KeySummary, PublicKey, Signature,
};
pub use local::LocalKeyService;
pub use sealed::{OpenError, Place, SealError, Sealed};
pub use secret::Secret;
pub use suite::Suite;
pub use vault::{ResealError, Vault};
