//! What happened, before and after it is in the ledger.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::hash::hexadecimal;
use crate::payload::Payload;

/// How an action ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The actor was allowed, and what was allowed is recorded elsewhere or is only a read.
    Allowed,
    /// The actor was not allowed.
    Denied,
    /// The change took effect.
    Done,
    /// A rule of the field forbade the change.
    Refused,
    /// The attempt failed for a technical reason and changed nothing.
    Failed,
}

impl Outcome {
    /// The name as it is stored and hashed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An entry that has no place in a chain yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// When it happened, in Unix milliseconds.
    pub at: i64,
    /// Id of the person, client or system that acted.
    pub actor: String,
    /// The kind or role in which the actor acted.
    pub actor_kind: String,
    /// Id of the actor's organization.
    pub organization: String,
    /// Id of the person for whom the actor acted, in a delegation.
    pub on_behalf_of: Option<String>,
    /// What was done, as `resource.verb`.
    pub action: String,
    /// The kind of thing it was done to.
    pub object_kind: String,
    /// Id of the thing.
    pub object_id: String,
    /// Id of the organization that owns the thing, where it is another one.
    pub object_organization: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// Version of the policy that decided.
    pub policy_version: String,
    /// Details, without personal content.
    pub payload: Payload,
    /// Trace id of the request.
    pub trace: Option<String>,
}

/// An entry exactly as the database stores it and gives it back, which is why nothing about it is taken for granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredEntry {
    /// Name of the chain, usually the service.
    pub chain: String,
    /// Position in the chain, from 1 without gaps.
    pub seq: i64,
    /// When it happened, in Unix milliseconds.
    pub at: i64,
    /// Id of the actor.
    pub actor: String,
    /// The kind or role in which the actor acted.
    pub actor_kind: String,
    /// Id of the actor's organization.
    pub organization: String,
    /// Id of the person for whom the actor acted.
    pub on_behalf_of: Option<String>,
    /// What was done.
    pub action: String,
    /// The kind of thing it was done to.
    pub object_kind: String,
    /// Id of the thing.
    pub object_id: String,
    /// Id of the organization that owns the thing.
    pub object_organization: Option<String>,
    /// How it ended.
    pub outcome: String,
    /// Version of the policy that decided.
    pub policy_version: String,
    /// Digest of the payload.
    #[serde(with = "hexadecimal")]
    pub payload_digest: Vec<u8>,
    /// The payload's canonical text, if it is kept in the row; the column must keep text byte for byte (not a JSON type).
    pub payload: Option<String>,
    /// Trace id of the request.
    pub trace: Option<String>,
    /// Hash of the entry before.
    #[serde(with = "hexadecimal")]
    pub prev_hash: Vec<u8>,
    /// Hash of this entry.
    #[serde(with = "hexadecimal")]
    pub entry_hash: Vec<u8>,
}
