//! The tamper-evident audit ledger: entries chained by hash, a Merkle tree over them, signed heads, and the verification that
//! trusts nothing but published heads and public keys.
//!
//! It must not know what an action means, where entries are stored, who holds the signing key, or what time it is: entries come
//! in through an iterator, signatures through [`HeadSigner`], times as numbers. The verifier ([`mod@verify`]) shares only the hash
//! definitions with the writer ([`Chain`]) and never looks at the state the writer keeps in the database.
//!
//! # Entry hash, version 1
//!
//! `H` is the algorithm of the chain, SHA-256 or SM3. A chain has one algorithm for life; its signed heads name it.
//!
//! ```text
//! entry_hash  = H("cordon-ledger/entry/1" || columns)
//! columns     = one block per column in ascending order of its number; an absent optional column has no block
//! block       = number (1 byte) || length (4 bytes, big-endian) || content
//! ```
//!
//! | number | column | content |
//! | --- | --- | --- |
//! | 1 | chain | UTF-8 |
//! | 2 | seq | 8 bytes, big-endian, from 1 without gaps |
//! | 3 | at | 8 bytes, big-endian two's complement, Unix milliseconds |
//! | 4 | actor | UTF-8 |
//! | 5 | actor_kind | UTF-8 |
//! | 6 | organization | UTF-8 |
//! | 7 | on_behalf_of, optional | UTF-8 |
//! | 8 | action | UTF-8 |
//! | 9 | object_kind | UTF-8 |
//! | 10 | object_id | UTF-8 |
//! | 11 | object_organization, optional | UTF-8 |
//! | 12 | outcome | UTF-8 |
//! | 13 | policy_version | UTF-8 |
//! | 14 | payload_digest | 32 bytes |
//! | 15 | whether the payload is in the row | 1 byte: 1 or 0 |
//! | 16 | trace, optional | UTF-8 |
//! | 17 | prev_hash | 32 bytes; for seq 1 `H("cordon-ledger/genesis/1" || chain)` |
//!
//! `payload_digest = H("cordon-ledger/payload/1" || text)`, where the text is canonical JSON: object keys sorted by their UTF-8
//! bytes, no white space, integers only, strings escaped as `serde_json` does. The row keeps that text as it is, byte for byte.
//!
//! # Tree and head
//!
//! The tree is that of RFC 6962 over the entry hashes: leaf `H(0x00 || entry_hash)`, node `H(0x01 || left || right)`, empty tree
//! `H("")`. A head is signed with ed25519 over `"cordon-ledger/head/1"` and the blocks chain (1), algorithm (2), tree size (3, 8
//! bytes), root (4), hash of the last entry (5), time (6, 8 bytes) and key id (7). Heads belong outside the database, with
//! somebody else: whoever can write the database can also rewrite every hash in it, and only a head published before tells.

mod canonical;
mod chain;
mod entry;
mod fault;
mod hash;
mod head;
mod head_file;
mod locate;
mod merkle;
mod payload;
mod proof;
pub mod verify;

pub use canonical::Column;
pub use chain::Chain;
pub use entry::{Draft, Outcome, StoredEntry};
pub use fault::{Fault, FaultKind};
pub use hash::{Algorithm, Hash, NotAHash};
pub use head::{Head, HeadSignature, HeadSigner, SignError};
pub use head_file::{BadHeadFile, HeadFile, HeadKey, TrustedKeys};
pub use merkle::Frontier;
pub use payload::{BadPayload, CanonicalText, Payload};
pub use proof::{ConsistencyProof, InclusionProof, ProofError};
pub use verify::{ChainReport, TrustedHeads, Verdict, verify};
