//! The file in which heads and public keys leave the system.

use std::collections::BTreeMap;

use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};

use crate::hash::hexadecimal;
use crate::head::Head;

const FORMAT: &str = "cordon-ledger-heads/1";

/// Published heads with the public keys to check them. It is only worth as much as the place where it is kept: a copy held by
/// somebody who cannot write the database, and a database whose administrator cannot write the copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadFile {
    format: String,
    /// Public keys that signed heads.
    pub keys: Vec<HeadKey>,
    /// The heads of all chains.
    pub heads: Vec<Head>,
}

/// A public key that signs heads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadKey {
    /// The id by which heads name it.
    pub key_id: String,
    /// The 32 bytes of the ed25519 public key.
    #[serde(with = "hexadecimal")]
    pub public_key: [u8; 32],
}

/// The public keys that a verifier accepts, given to it from outside.
#[derive(Debug, Clone, Default)]
pub struct TrustedKeys(BTreeMap<String, VerifyingKey>);

/// Why a head file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadHeadFile {
    /// It is not JSON of this shape.
    #[error("the head file cannot be read: {0} / 账本摘要文件无法读取")]
    Json(#[from] serde_json::Error),
    /// It is of another version.
    #[error("the head file has the unknown format {0:?} / 账本摘要文件版本未知")]
    Format(String),
    /// A public key is not a usable ed25519 key.
    #[error("the public key {0} is not an ed25519 key / 公钥无效")]
    Key(String),
    /// Two different keys go by one id.
    #[error("two public keys have the id {0} / 公钥编号重复")]
    DoubleKey(String),
}

impl Default for HeadFile {
    fn default() -> Self {
        Self { format: FORMAT.to_owned(), keys: Vec::new(), heads: Vec::new() }
    }
}

impl HeadFile {
    /// Reads a file's content.
    pub fn parse(bytes: &[u8]) -> Result<Self, BadHeadFile> {
        let file: Self = serde_json::from_slice(bytes)?;
        if file.format == FORMAT { Ok(file) } else { Err(BadHeadFile::Format(file.format)) }
    }

    /// Takes in the keys and heads of another file that are not in this one.
    pub fn merge(&mut self, other: Self) {
        let Self { format: _, keys, heads } = other;
        for key in keys {
            if !self.keys.contains(&key) {
                self.keys.push(key);
            }
        }
        for head in heads {
            if !self.heads.contains(&head) {
                self.heads.push(head);
            }
        }
    }

    /// Writes the file's content.
    pub fn to_json(&self) -> Result<String, BadHeadFile> {
        Ok(serde_json::to_string_pretty(self)?)
    }

    /// The keys in the file as trusted keys; right only if the file itself comes from a trusted place.
    pub fn trusted_keys(&self) -> Result<TrustedKeys, BadHeadFile> {
        TrustedKeys::new(&self.keys)
    }
}

impl TrustedKeys {
    /// Accepts these keys and no others.
    pub fn new(keys: &[HeadKey]) -> Result<Self, BadHeadFile> {
        let mut trusted = BTreeMap::new();
        for HeadKey { key_id, public_key } in keys {
            let key = VerifyingKey::from_bytes(public_key)
                .ok()
                .filter(|key| !key.is_weak())
                .ok_or_else(|| BadHeadFile::Key(key_id.clone()))?;
            if trusted.insert(key_id.clone(), key).is_some_and(|former| former != key) {
                return Err(BadHeadFile::DoubleKey(key_id.clone()));
            }
        }
        Ok(Self(trusted))
    }

    pub(crate) fn get(&self, key_id: &str) -> Option<&VerifyingKey> {
        self.0.get(key_id)
    }
}
