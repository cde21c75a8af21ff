//! The master key file.

use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::files;
use crate::keys::{KeyError, KeyId};
use crate::suite::{Cipher, KeyedHash, NONCE_LENGTH, SECRET_LENGTH, Suite, TAG_LENGTH, expand};

const FORMAT: u32 = 1;
const EXTENSION: &str = "key";
const PROVISIONAL_EXTENSION: &str = "new";

/// The key under which the keyring's keys are wrapped.
#[derive(Clone)]
pub(super) struct Master {
    id: KeyId,
    suite: Suite,
    secret: Zeroizing<[u8; SECRET_LENGTH]>,
}

/// The content of the file; `check` finds damage before a wrong key is used.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MasterFile {
    format: u32,
    id: KeyId,
    suite: Suite,
    secret: String,
    check: String,
}

impl Drop for MasterFile {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

impl Master {
    pub(super) fn generate(suite: Suite) -> Result<Self, KeyError> {
        let mut secret = Zeroizing::new([0; SECRET_LENGTH]);
        getrandom::fill(secret.as_mut_slice())?;
        Ok(Self { id: KeyId::random()?, suite, secret })
    }

    pub(super) const fn id(&self) -> KeyId {
        self.id
    }

    pub(super) fn path(directory: &Path, id: KeyId) -> PathBuf {
        directory.join(format!("master-{id}.{EXTENSION}"))
    }

    fn provisional_path(directory: &Path, id: KeyId) -> PathBuf {
        directory.join(format!("master-{id}.{PROVISIONAL_EXTENSION}"))
    }

    /// Reads the file of a master key and checks it against itself.
    pub(super) fn read(directory: &Path, id: KeyId) -> Result<Self, KeyError> {
        let path = Self::path(directory, id);
        if !files::exists(&path)? && files::exists(&Self::provisional_path(directory, id))? {
            // The first start ended between the keyring and the last rename.
            Self::establish(directory, id)?;
        }
        let (bytes, _) = files::read_private(&path)?;
        let damaged = |why: &str| KeyError::Damaged { path: path.clone(), why: why.to_owned() };
        // The parser's own message could quote a piece of the secret.
        let stored: MasterFile = serde_json::from_slice(&bytes).map_err(|_| damaged("not a master key file"))?;
        if stored.format != FORMAT {
            return Err(damaged("unknown format"));
        }
        let secret = HEXLOWER
            .decode(stored.secret.as_bytes())
            .map(Zeroizing::new)
            .ok()
            .and_then(|bytes| <[u8; SECRET_LENGTH]>::try_from(bytes.as_slice()).ok())
            .map(Zeroizing::new)
            .ok_or_else(|| damaged("the secret is not 64 hexadecimal digits"))?;
        let master = Self { id: stored.id, suite: stored.suite, secret };
        if stored.id != id || master.check()? != stored.check {
            return Err(damaged("the content does not match its check value"));
        }
        Ok(master)
    }

    /// Writes the file of an additional master key.
    pub(super) fn write(&self, directory: &Path) -> Result<(), KeyError> {
        self.write_provisional(directory)?;
        Self::establish(directory, self.id)
    }

    /// Writes the file under a name that does not count yet.
    pub(super) fn write_provisional(&self, directory: &Path) -> Result<(), KeyError> {
        let stored = MasterFile {
            format: FORMAT,
            id: self.id,
            suite: self.suite,
            secret: HEXLOWER.encode(self.secret.as_slice()),
            check: self.check()?,
        };
        let bytes = Zeroizing::new(serde_json::to_vec_pretty(&stored).map_err(|_| KeyError::Cipher)?);
        files::replace(&Self::provisional_path(directory, self.id), &bytes)?;
        Ok(())
    }

    /// Gives a provisional file its final name.
    pub(super) fn establish(directory: &Path, id: KeyId) -> Result<(), KeyError> {
        files::rename(&Self::provisional_path(directory, id), &Self::path(directory, id))
    }

    /// Encrypts a secret; `context` says what for, so that wrapped keys cannot be exchanged for each other.
    pub(super) fn wrap(&self, context: &[u8], secret: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mut nonce = [0; NONCE_LENGTH];
        getrandom::fill(&mut nonce)?;
        let mut body = Zeroizing::new(secret.to_vec());
        let tag = Cipher::derive(self.suite, self.secret.as_slice(), "wrap")?.encrypt(nonce, context, &mut body)?;
        Ok([nonce.as_slice(), body.as_slice(), tag.as_slice()].concat())
    }

    /// Decrypts a wrapped secret; `None` if it was not wrapped by this key for this context.
    pub(super) fn unwrap_secret(
        &self,
        context: &[u8],
        wrapped: &[u8],
    ) -> Result<Option<Zeroizing<[u8; SECRET_LENGTH]>>, KeyError> {
        let Some((nonce, rest)) = wrapped.split_first_chunk::<NONCE_LENGTH>() else { return Ok(None) };
        let Some((body, tag)) = rest.split_last_chunk::<TAG_LENGTH>() else { return Ok(None) };
        let Ok(body) = <[u8; SECRET_LENGTH]>::try_from(body) else { return Ok(None) };
        let mut secret = Zeroizing::new(body);
        let cipher = Cipher::derive(self.suite, self.secret.as_slice(), "wrap")?;
        Ok(cipher.decrypt(*nonce, context, secret.as_mut_slice(), *tag).ok().map(|()| secret))
    }

    /// The hash that authenticates the keyring.
    pub(super) fn keyring_hash(&self) -> Result<KeyedHash, KeyError> {
        let key = expand(self.suite, self.secret.as_slice(), "keyring")?;
        Ok(KeyedHash::new(self.suite, key.as_slice())?)
    }

    fn check(&self) -> Result<String, KeyError> {
        let hash = KeyedHash::new(self.suite, self.secret.as_slice())?;
        let digest = hash.digest(&[b"cordon-vault/master-check/1", self.id.as_bytes(), &[self.suite.code()]]);
        Ok(HEXLOWER.encode(digest.first_chunk::<8>().map_or(&[], |head| head.as_slice())))
    }
}

/// Whether the directory holds the file of a master key that counts.
pub(super) fn any_established(directory: &Path) -> Result<bool, KeyError> {
    let names = files::names(directory)?;
    Ok(names.iter().any(|path| path.extension().is_some_and(|extension| extension == EXTENSION)))
}
