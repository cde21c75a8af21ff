//! The bytes of an entry that are hashed.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::entry::StoredEntry;
use crate::hash::{Algorithm, Hash};

pub(crate) const ENTRY_DOMAIN: &[u8] = b"cordon-ledger/entry/1";

/// A column of the stored entry; the number of each is part of the hashed bytes and never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// Name of the chain.
    Chain,
    /// Position in the chain.
    Seq,
    /// Time.
    At,
    /// Who acted.
    Actor,
    /// In which role.
    ActorKind,
    /// For which organization.
    Organization,
    /// For which person.
    OnBehalfOf,
    /// What was done.
    Action,
    /// To which kind of thing.
    ObjectKind,
    /// To which thing.
    ObjectId,
    /// Whose thing it is.
    ObjectOrganization,
    /// How it ended.
    Outcome,
    /// Under which policy.
    PolicyVersion,
    /// Digest of the payload.
    PayloadDigest,
    /// The payload, or that it is in the row.
    Payload,
    /// Trace id.
    Trace,
    /// Hash of the entry before.
    PrevHash,
    /// Hash of the entry itself; not part of the hashed bytes.
    EntryHash,
}

impl Column {
    /// The column's name in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Chain => "chain",
            Self::Seq => "seq",
            Self::At => "at",
            Self::Actor => "actor",
            Self::ActorKind => "actor_kind",
            Self::Organization => "organization",
            Self::OnBehalfOf => "on_behalf_of",
            Self::Action => "action",
            Self::ObjectKind => "object_kind",
            Self::ObjectId => "object_id",
            Self::ObjectOrganization => "object_organization",
            Self::Outcome => "outcome",
            Self::PolicyVersion => "policy_version",
            Self::PayloadDigest => "payload_digest",
            Self::Payload => "payload",
            Self::Trace => "trace",
            Self::PrevHash => "prev_hash",
            Self::EntryHash => "entry_hash",
        }
    }

    const fn number(self) -> u8 {
        match self {
            Self::Chain => 1,
            Self::Seq => 2,
            Self::At => 3,
            Self::Actor => 4,
            Self::ActorKind => 5,
            Self::Organization => 6,
            Self::OnBehalfOf => 7,
            Self::Action => 8,
            Self::ObjectKind => 9,
            Self::ObjectId => 10,
            Self::ObjectOrganization => 11,
            Self::Outcome => 12,
            Self::PolicyVersion => 13,
            Self::PayloadDigest => 14,
            Self::Payload => 15,
            Self::Trace => 16,
            Self::PrevHash => 17,
            Self::EntryHash => 18,
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Appends one block: number, length, content.
pub(crate) fn push_block(out: &mut Vec<u8>, number: u8, content: &[u8]) {
    out.push(number);
    // Database columns end long before four gibibytes.
    out.extend_from_slice(&u32::try_from(content.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(content);
}

/// The hashed bytes of an entry, and where the content of each column lies in them.
pub(crate) struct Canonical {
    pub(crate) bytes: Vec<u8>,
    pub(crate) spans: Vec<(Column, Range<usize>)>,
}

impl Canonical {
    fn push(&mut self, column: Column, content: &[u8]) {
        push_block(&mut self.bytes, column.number(), content);
        let end = self.bytes.len();
        self.spans.push((column, end.saturating_sub(content.len())..end));
    }

    fn push_optional(&mut self, column: Column, content: Option<&String>) {
        if let Some(content) = content {
            self.push(column, content.as_bytes());
        }
    }
}

/// Lays an entry out as it is hashed.
pub(crate) fn canonical(entry: &StoredEntry) -> Canonical {
    // Taken apart in full, so that a new column cannot be forgotten here.
    let StoredEntry {
        chain,
        seq,
        at,
        actor,
        actor_kind,
        organization,
        on_behalf_of,
        action,
        object_kind,
        object_id,
        object_organization,
        outcome,
        policy_version,
        payload_digest,
        payload,
        trace,
        prev_hash,
        entry_hash: _,
    } = entry;
    let mut out = Canonical { bytes: Vec::with_capacity(512), spans: Vec::with_capacity(17) };
    out.bytes.extend_from_slice(ENTRY_DOMAIN);
    out.push(Column::Chain, chain.as_bytes());
    out.push(Column::Seq, &seq.to_be_bytes());
    out.push(Column::At, &at.to_be_bytes());
    out.push(Column::Actor, actor.as_bytes());
    out.push(Column::ActorKind, actor_kind.as_bytes());
    out.push(Column::Organization, organization.as_bytes());
    out.push_optional(Column::OnBehalfOf, on_behalf_of.as_ref());
    out.push(Column::Action, action.as_bytes());
    out.push(Column::ObjectKind, object_kind.as_bytes());
    out.push(Column::ObjectId, object_id.as_bytes());
    out.push_optional(Column::ObjectOrganization, object_organization.as_ref());
    out.push(Column::Outcome, outcome.as_bytes());
    out.push(Column::PolicyVersion, policy_version.as_bytes());
    out.push(Column::PayloadDigest, payload_digest);
    out.push(Column::Payload, &[u8::from(payload.is_some())]);
    out.push_optional(Column::Trace, trace.as_ref());
    out.push(Column::PrevHash, prev_hash);
    out
}

/// The hash of an entry, computed from its columns.
pub(crate) fn entry_hash(algorithm: Algorithm, entry: &StoredEntry) -> Hash {
    algorithm.hash(&[&canonical(entry).bytes])
}

/// What stands in for the hash before the first entry; it binds the chain's name.
pub(crate) fn genesis(algorithm: Algorithm, chain: &str) -> Hash {
    algorithm.hash(&[b"cordon-ledger/genesis/1", chain.as_bytes()])
}
