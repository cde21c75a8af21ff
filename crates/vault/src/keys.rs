//! What the vault asks of whoever holds the keys.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use data_encoding::HEXLOWER;
use ed25519_dalek::{Signer, SigningKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::suite::{Cipher, KeyedHash, Refused, Suite};

/// The name of one key; random (or a fingerprint for signing keys), so that a restored older keyring never reuses it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct KeyId([u8; KeyId::LENGTH]);

impl KeyId {
    /// Length in bytes, as stored with every sealed value.
    pub const LENGTH: usize = 8;

    /// Takes an id from its bytes.
    pub const fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// The bytes of the id.
    pub const fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }

    pub(crate) fn random() -> Result<Self, KeyError> {
        let mut bytes = [0; Self::LENGTH];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// The id of an ed25519 key: the first eight bytes of the SHA-256 of its public half, so that anybody can check it.
    pub fn of_public_key(public: &[u8; 32]) -> Self {
        let digest: [u8; 32] = Sha256::digest(public).into();
        let mut bytes = [0; Self::LENGTH];
        bytes.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        Self(bytes)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

impl From<KeyId> for String {
    fn from(id: KeyId) -> Self {
        id.to_string()
    }
}

impl FromStr for KeyId {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        HEXLOWER
            .decode(text.as_bytes())
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or_else(|| KeyError::NotAKeyId { text: text.to_owned() })
    }
}

impl TryFrom<String> for KeyId {
    type Error = KeyError;

    fn try_from(text: String) -> Result<Self, KeyError> {
        text.parse()
    }
}

/// What a key may still be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// Makes new values and reads old ones; exactly one key of a purpose, field or name.
    Write,
    /// Reads old values only.
    Read,
    /// Kept, but refused for everything.
    Retired,
}

/// What kind of key it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyRole {
    /// Seals values of one purpose.
    Data,
    /// Makes blind indexes of one field.
    Index,
    /// Signs under one name.
    Signing,
}

impl KeyRole {
    /// The name used in the keyring and in messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Index => "index",
            Self::Signing => "signing",
        }
    }
}

/// One line of the list of keys, without any secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeySummary {
    /// What kind of key it is.
    pub role: KeyRole,
    /// The purpose, field or name it serves.
    pub name: String,
    /// The key.
    pub id: KeyId,
    /// Its suite.
    pub suite: Suite,
    /// What it may still be used for.
    pub state: KeyState,
    /// For data keys: how many values may have been sealed under it, rounded up to whole blocks.
    pub uses: u64,
}

/// An unwrapped data key, ready to seal and open.
pub struct DataKey {
    id: KeyId,
    suite: Suite,
    cipher: Cipher,
}

impl DataKey {
    /// Prepares a data key from its secret.
    pub fn new(id: KeyId, suite: Suite, secret: &[u8]) -> Result<Self, KeyError> {
        let cipher = Cipher::derive(suite, secret, "record")?;
        Ok(Self { id, suite, cipher })
    }

    /// The key's id.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The key's suite.
    pub const fn suite(&self) -> Suite {
        self.suite
    }

    pub(crate) const fn cipher(&self) -> &Cipher {
        &self.cipher
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataKey").field("id", &self.id).field("suite", &self.suite).finish_non_exhaustive()
    }
}

/// Permission to seal a counted number of values under the writing key of a purpose.
#[derive(Debug)]
pub struct DataKeyLease {
    /// The key to seal with.
    pub key: DataKey,
    /// How many values may be sealed before the next lease is needed.
    pub uses: u64,
}

/// An unwrapped blind-index key of one field.
pub struct IndexKey {
    id: KeyId,
    suite: Suite,
    hash: KeyedHash,
}

impl IndexKey {
    /// Prepares an index key from its secret.
    pub fn new(id: KeyId, suite: Suite, secret: &[u8]) -> Result<Self, KeyError> {
        let key = crate::suite::expand(suite, secret, "blind-index")?;
        Ok(Self { id, suite, hash: KeyedHash::new(suite, key.as_slice())? })
    }

    /// The key's id.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The key's suite.
    pub const fn suite(&self) -> Suite {
        self.suite
    }

    pub(crate) const fn hash(&self) -> &KeyedHash {
        &self.hash
    }
}

impl fmt::Debug for IndexKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IndexKey").field("id", &self.id).field("suite", &self.suite).finish_non_exhaustive()
    }
}

/// An ed25519 signature and the key that made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    /// Which key signed.
    pub key_id: KeyId,
    /// The 64 bytes of the signature.
    pub bytes: [u8; 64],
}

/// The public half of an ed25519 signing key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey {
    /// Which key it is.
    pub key_id: KeyId,
    /// The 32 bytes of the key.
    pub bytes: [u8; 32],
    /// Whether it signs now or only still verifies.
    pub state: KeyState,
}

pub(crate) fn sign(secret: &[u8; 32], message: &[u8]) -> Signature {
    let key = SigningKey::from_bytes(secret);
    let public = key.verifying_key().to_bytes();
    Signature { key_id: KeyId::of_public_key(&public), bytes: key.sign(message).to_bytes() }
}

pub(crate) fn public_half(secret: &[u8; 32]) -> [u8; 32] {
    SigningKey::from_bytes(secret).verifying_key().to_bytes()
}

/// Holds keys: on disk ([`crate::LocalKeyService`]) or in a hardware module.
///
/// The calls are synchronous and rare: the vault caches what it gets, so even a slow module is asked once per key and once per
/// block of uses. Names (purposes, fields, signing names) are chosen by the program, never by a user.
pub trait KeyService: Send + Sync {
    /// The suite in which new keys are made.
    fn suite(&self) -> Suite;

    /// Grants uses of the writing data key of a purpose; makes the key if there is none, if its uses are spent, or if it
    /// belongs to another suite than the configured one.
    fn lease_data_key(&self, purpose: &str) -> Result<DataKeyLease, KeyError>;

    /// Answers a data key for reading.
    fn data_key(&self, purpose: &str, id: KeyId) -> Result<DataKey, KeyError>;

    /// Answers the index keys of a field that are in use, the writing one first; makes one if there is none.
    fn index_keys(&self, field: &str) -> Result<Vec<IndexKey>, KeyError>;

    /// Signs with the writing key of a name; makes one if there is none.
    fn sign(&self, name: &str, message: &[u8]) -> Result<Signature, KeyError>;

    /// Answers the public keys of a name that still verify, the signing one first; makes one if there is none.
    fn public_keys(&self, name: &str) -> Result<Vec<PublicKey>, KeyError>;

    /// Makes a new writing key; the old one becomes a reading key.
    fn rotate(&self, role: KeyRole, name: &str) -> Result<KeyId, KeyError>;

    /// Refuses a reading key from now on, but keeps it.
    fn retire(&self, role: KeyRole, name: &str, id: KeyId) -> Result<(), KeyError>;

    /// Forgets a retired key for ever; what it sealed cannot be read again.
    fn destroy(&self, role: KeyRole, name: &str, id: KeyId) -> Result<(), KeyError>;

    /// Forgets every key of a purpose, field or name for ever, whatever its state: the deletion of data by its key.
    fn destroy_all(&self, role: KeyRole, name: &str) -> Result<(), KeyError>;

    /// Lists all keys, without secrets.
    fn list(&self) -> Result<Vec<KeySummary>, KeyError>;

    /// The public key that signs under a name now.
    fn public_key(&self, name: &str) -> Result<PublicKey, KeyError> {
        let keys = self.public_keys(name)?;
        keys.into_iter().next().ok_or_else(|| KeyError::NoKey { role: KeyRole::Signing, name: name.to_owned() })
    }
}

/// Why a key cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Others than the owner may read or write the file or directory.
    #[error(
        "{} may be used by others (mode {mode:03o}); run: chmod {} {} / 密钥文件权限过宽,请收紧权限",
        path.display(), if *directory { "700" } else { "600" }, path.display()
    )]
    TooOpen {
        /// The file or directory.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// Whether it is a directory.
        directory: bool,
    },
    /// The file belongs to another user, who could change it at will.
    #[error("{} belongs to another user ({owner}) / 密钥文件属于其他用户", path.display())]
    ForeignOwner {
        /// The file or directory.
        path: PathBuf,
        /// The numeric user id of its owner.
        owner: u32,
    },
    /// The file was damaged or changed by something else than this program.
    #[error("{} is damaged: {why}; restore it from a backup / 密钥文件损坏,请从备份恢复", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong, without any secret.
        why: String,
    },
    /// One part of the key directory is there and another is not.
    #[error(
        "{} is missing although the key directory is in use; restore it from a backup, do not start with new keys \
         / 密钥文件缺失,请从备份恢复,切勿用新密钥启动", path.display()
    )]
    Missing {
        /// The file that should be there.
        path: PathBuf,
    },
    /// There is no such key: never made, or destroyed.
    #[error("there is no {} key {id} for {name} / 密钥不存在或已销毁", role.as_str())]
    Unknown {
        /// What kind of key.
        role: KeyRole,
        /// Its purpose, field or name.
        name: String,
        /// The key.
        id: KeyId,
    },
    /// The key is retired.
    #[error("the {} key {id} for {name} is retired / 密钥已停用", role.as_str())]
    Retired {
        /// What kind of key.
        role: KeyRole,
        /// Its purpose, field or name.
        name: String,
        /// The key.
        id: KeyId,
    },
    /// The state of the key does not allow the step: a writing key cannot retire, a living key cannot be destroyed.
    #[error("the {} key {id} for {name} is still in use / 密钥仍在使用,不能执行该操作", role.as_str())]
    InUse {
        /// What kind of key.
        role: KeyRole,
        /// Its purpose, field or name.
        name: String,
        /// The key.
        id: KeyId,
    },
    /// The purpose, field or name has no key at all.
    #[error("there is no {} key for {name} / 没有可用的密钥", role.as_str())]
    NoKey {
        /// What kind of key.
        role: KeyRole,
        /// Its purpose, field or name.
        name: String,
    },
    /// A name that is empty, too long, or has unusual characters.
    #[error("{name:?} is not a key name / 密钥名称无效")]
    NotAName {
        /// The name.
        name: String,
    },
    /// A text that is not 16 hexadecimal digits.
    #[error("{text:?} is not a key id / 密钥编号无效")]
    NotAKeyId {
        /// The text.
        text: String,
    },
    /// A file could not be read or written.
    #[error("cannot use {}: {source} / 无法读写密钥文件", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The operating system's answer.
        source: std::io::Error,
    },
    /// The operating system gives no random numbers.
    #[error("the operating system gives no random numbers: {0} / 无法获取随机数")]
    Random(getrandom::Error),
    /// A primitive refused its input.
    #[error("the cipher refused its input / 密码算法拒绝输入")]
    Cipher,
}

impl From<getrandom::Error> for KeyError {
    fn from(error: getrandom::Error) -> Self {
        Self::Random(error)
    }
}

impl From<Refused> for KeyError {
    fn from(Refused: Refused) -> Self {
        Self::Cipher
    }
}
