//! The writing side: gives each entry its place and its hash.

use serde::{Deserialize, Serialize};

use crate::canonical::{entry_hash, genesis};
use crate::entry::{Draft, StoredEntry};
use crate::fault::Fault;
use crate::hash::{Algorithm, Hash};
use crate::head::{Head, HeadSigner, SignError};
use crate::merkle::Frontier;
use crate::payload::Payload;
use crate::verify::check_next;

/// The end of a chain: all that is needed to append to it and to sign a head over it, in O(log n) space.
///
/// A service stores it as JSON in one row beside the entries and changes both in one transaction. A signer that does not want to
/// trust that row keeps a chain of its own and lets it [`follow`](Self::follow) the stored entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chain {
    name: String,
    last_hash: Hash,
    tree: Frontier,
}

impl Chain {
    /// Starts an empty chain; the name is usually that of the service.
    pub fn new(name: &str, algorithm: Algorithm) -> Self {
        Self { name: name.to_owned(), last_hash: genesis(algorithm, name), tree: Frontier::new(algorithm) }
    }

    /// The chain's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The chain's hash algorithm.
    pub const fn algorithm(&self) -> Algorithm {
        self.tree.algorithm()
    }

    /// How many entries the chain has, which is the seq of the last one.
    pub const fn seq(&self) -> u64 {
        self.tree.size()
    }

    /// The hash of the last entry.
    pub const fn last_hash(&self) -> &Hash {
        &self.last_hash
    }

    /// The root of the tree over all entries.
    pub fn root(&self) -> Hash {
        self.tree.root()
    }

    /// Gives a draft the next place; the answer is what must be stored.
    pub fn append(&mut self, draft: Draft) -> StoredEntry {
        let Draft {
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
            payload,
            trace,
        } = draft;
        let algorithm = self.algorithm();
        let (payload_digest, payload) = match payload {
            Payload::Inline(text) => (Payload::digest(algorithm, text.as_str()), Some(text.as_str().to_owned())),
            Payload::Beside(digest) => (digest, None),
        };
        let mut entry = StoredEntry {
            chain: self.name.clone(),
            seq: self.next_seq(),
            at,
            actor,
            actor_kind,
            organization,
            on_behalf_of,
            action,
            object_kind,
            object_id,
            object_organization,
            outcome: outcome.as_str().to_owned(),
            policy_version,
            payload_digest: payload_digest.to_vec(),
            payload,
            trace,
            prev_hash: self.last_hash.to_vec(),
            entry_hash: Vec::new(),
        };
        let hash = entry_hash(algorithm, &entry);
        entry.entry_hash = hash.to_vec();
        self.advance(hash);
        entry
    }

    /// Takes a stored entry as the next one after checking it in full.
    pub fn follow(&mut self, entry: &StoredEntry) -> Result<(), Fault> {
        let hash = check_next(self, entry)?;
        self.advance(hash);
        Ok(())
    }

    /// Signs the present end of the chain.
    pub fn sign_head(&self, at: i64, signer: &dyn HeadSigner) -> Result<Head, SignError> {
        Head::sign(self, at, signer)
    }

    pub(crate) fn next_seq(&self) -> i64 {
        // Neither end of this conversion is in reach of a real chain.
        i64::try_from(self.seq()).unwrap_or(i64::MAX).saturating_add(1)
    }

    pub(crate) fn advance(&mut self, hash: Hash) {
        self.tree.push(&hash);
        self.last_hash = hash;
    }
}
