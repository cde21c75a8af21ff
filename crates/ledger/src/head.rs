//! Signed heads: the statement that a chain had this length and this content.

use std::error::Error;

use ed25519_dalek::{Signature, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::canonical::push_block;
use crate::chain::Chain;
use crate::hash::{Algorithm, Hash, hexadecimal};
use crate::proof::{ConsistencyProof, InclusionProof};

/// How often a signer may change its key while one head is being made.
const SIGN_ATTEMPTS: usize = 3;

/// What a chain was at one moment, signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Name of the chain.
    pub chain: String,
    /// Hash algorithm of the chain.
    pub algorithm: Algorithm,
    /// How many entries the chain had.
    pub tree_size: u64,
    /// Root of the Merkle tree over them.
    pub root: Hash,
    /// Hash of the last of them.
    pub last_hash: Hash,
    /// When the head was signed, in Unix milliseconds.
    pub at: i64,
    /// Which key signed.
    pub key_id: String,
    /// The ed25519 signature.
    #[serde(with = "hexadecimal")]
    pub signature: [u8; 64],
}

/// Signs heads; whoever holds the key implements it.
pub trait HeadSigner {
    /// The id of the key that signs now.
    fn key_id(&self) -> Result<String, SignError>;

    /// Signs, and says which key it was.
    fn sign(&self, message: &[u8]) -> Result<HeadSignature, SignError>;
}

/// The answer of a signer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadSignature {
    /// Which key signed.
    pub key_id: String,
    /// The ed25519 signature.
    pub bytes: [u8; 64],
}

/// The head could not be signed.
#[derive(Debug, thiserror::Error)]
#[error("the ledger head could not be signed: {0} / 审计账本摘要签名失败")]
pub struct SignError(Box<dyn Error + Send + Sync>);

impl SignError {
    /// Wraps the signer's own error.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(error.into())
    }
}

impl Head {
    pub(crate) fn sign(chain: &Chain, at: i64, signer: &dyn HeadSigner) -> Result<Self, SignError> {
        let mut head = Self {
            chain: chain.name().to_owned(),
            algorithm: chain.algorithm(),
            tree_size: chain.seq(),
            root: chain.root(),
            last_hash: *chain.last_hash(),
            at,
            key_id: signer.key_id()?,
            signature: [0; 64],
        };
        for _ in 0..SIGN_ATTEMPTS {
            let signature = signer.sign(&head.signed_bytes())?;
            if signature.key_id == head.key_id {
                head.signature = signature.bytes;
                return Ok(head);
            }
            // The key was rotated in between; the key id is part of what is signed.
            head.key_id = signature.key_id;
        }
        Err(SignError::new("the signing key keeps changing"))
    }

    /// Whether the signature is by this key; malleable and weak forms are refused.
    #[must_use]
    pub fn is_signed_by(&self, key: &VerifyingKey) -> bool {
        key.verify_strict(&self.signed_bytes(), &Signature::from_bytes(&self.signature)).is_ok()
    }

    /// Whether an entry is under this head.
    #[must_use]
    pub fn includes(&self, entry_hash: &Hash, proof: &InclusionProof) -> bool {
        proof.algorithm == self.algorithm && proof.tree_size == self.tree_size && proof.verifies(entry_hash, &self.root)
    }

    /// Whether this head continues an older head of the same chain.
    #[must_use]
    pub fn continues(&self, old: &Self, proof: &ConsistencyProof) -> bool {
        self.chain == old.chain
            && self.algorithm == old.algorithm
            && proof.algorithm == self.algorithm
            && proof.old_size == old.tree_size
            && proof.new_size == self.tree_size
            && proof.verifies(&old.root, &self.root)
    }

    /// The bytes under the signature.
    pub fn signed_bytes(&self) -> Vec<u8> {
        let Self { chain, algorithm, tree_size, root, last_hash, at, key_id, signature: _ } = self;
        let mut bytes = b"cordon-ledger/head/1".to_vec();
        push_block(&mut bytes, 1, chain.as_bytes());
        push_block(&mut bytes, 2, algorithm.as_str().as_bytes());
        push_block(&mut bytes, 3, &tree_size.to_be_bytes());
        push_block(&mut bytes, 4, root.as_bytes());
        push_block(&mut bytes, 5, last_hash.as_bytes());
        push_block(&mut bytes, 6, &at.to_be_bytes());
        push_block(&mut bytes, 7, key_id.as_bytes());
        bytes
    }
}
