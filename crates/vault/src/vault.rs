//! Sealing and opening, with the unwrapped keys kept at hand.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use zeroize::Zeroize;

use crate::blind_index::BlindIndex;
use crate::keys::{DataKey, IndexKey, KeyError, KeyId, KeyRole, KeyService, KeyState};
use crate::sealed::{self, Label, OpenError, Place, SealError, Sealed};
use crate::secret::Secret;
use crate::suite::{NONCE_LENGTH, length_prefix};

/// Seals and opens the values of one purpose; cheap to use from many threads behind an `Arc`.
pub struct Vault {
    keys: Arc<dyn KeyService>,
    purpose: String,
    writer: RwLock<Option<Writer>>,
    readers: RwLock<HashMap<KeyId, Arc<DataKey>>>,
    indexes: RwLock<HashMap<String, Arc<[IndexKey]>>>,
}

/// The writing key and what is left of its lease.
struct Writer {
    key: Arc<DataKey>,
    left: AtomicU64,
}

impl Writer {
    fn take(&self) -> Option<Arc<DataKey>> {
        self.left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
            .ok()
            .map(|_| Arc::clone(&self.key))
    }
}

impl Vault {
    /// Makes a vault for one purpose, usually the name of the service that owns the rows.
    pub fn new(keys: Arc<dyn KeyService>, purpose: &str) -> Self {
        Self {
            keys,
            purpose: purpose.to_owned(),
            writer: RwLock::default(),
            readers: RwLock::default(),
            indexes: RwLock::default(),
        }
    }

    /// The key service behind the vault, for signing.
    pub fn keys(&self) -> &Arc<dyn KeyService> {
        &self.keys
    }

    /// Seals a value for one place.
    pub fn seal(&self, place: Place<'_>, plaintext: &[u8]) -> Result<Sealed, SealError> {
        let key = self.writing_key()?;
        let label = Label { suite: key.suite(), key: key.id() };
        let mut nonce = [0; NONCE_LENGTH];
        // Straight from the operating system: a generator inside the process would repeat itself when a virtual machine is
        // resumed twice from one snapshot, and a repeated nonce gives the key stream away.
        getrandom::fill(&mut nonce).map_err(KeyError::from)?;
        let associated = label.associated_data(&self.purpose, place);
        let mut bytes = sealed::prepare(label, nonce, plaintext);
        let Ok(tag) = key.cipher().encrypt(nonce, &associated, sealed::body_mut(&mut bytes)) else {
            bytes.zeroize();
            return Err(SealError::TooLong);
        };
        bytes.extend_from_slice(&tag);
        Ok(Sealed::from_vec(bytes))
    }

    /// Opens a stored value at its place.
    pub fn open(&self, place: Place<'_>, stored: &[u8]) -> Result<Secret, OpenError> {
        let parts = sealed::split(stored)?;
        let key = self.reading_key(parts.label.key)?;
        if key.suite() != parts.label.suite {
            return Err(OpenError::Tampered);
        }
        let associated = parts.label.associated_data(&self.purpose, place);
        let mut buffer = parts.ciphertext.to_vec();
        key.cipher()
            .decrypt(parts.nonce, &associated, &mut buffer, parts.tag)
            .map_err(|crate::suite::Refused| OpenError::Tampered)?;
        Ok(Secret::new(buffer))
    }

    /// Opens a stored value that must be text.
    pub fn open_text(&self, place: Place<'_>, stored: &[u8]) -> Result<String, OpenError> {
        let secret = self.open(place, stored)?;
        secret.expose_text().map(str::to_owned).map_err(|_| OpenError::NotText)
    }

    /// The fingerprint to store with a new value; `field` names the field and, where agencies match, its sharing domain.
    pub fn blind_index(&self, field: &str, normalized: &[u8]) -> Result<BlindIndex, KeyError> {
        let keys = self.index_keys(field)?;
        let key = keys.first().ok_or_else(|| KeyError::NoKey { role: KeyRole::Index, name: field.to_owned() })?;
        Ok(fingerprint(key, field, normalized))
    }

    /// The fingerprints to search for: one per index key in use, the current one first.
    pub fn blind_index_all(&self, field: &str, normalized: &[u8]) -> Result<Vec<BlindIndex>, KeyError> {
        let keys = self.index_keys(field)?;
        Ok(keys.iter().map(|key| fingerprint(key, field, normalized)).collect())
    }

    /// Makes a new data key for new values; values sealed before still open.
    pub fn rotate(&self) -> Result<KeyId, KeyError> {
        let id = self.keys.rotate(KeyRole::Data, &self.purpose)?;
        *self.writer.write().unwrap_or_else(PoisonError::into_inner) = None;
        Ok(id)
    }

    /// Makes a new index key for a field; searches use both until the old one is retired.
    pub fn rotate_index(&self, field: &str) -> Result<KeyId, KeyError> {
        let id = self.keys.rotate(KeyRole::Index, field)?;
        self.indexes.write().unwrap_or_else(PoisonError::into_inner).remove(field);
        Ok(id)
    }

    /// Says whether a stored value should be sealed again because its key is no longer the writing one.
    pub fn needs_reseal(&self, stored: &[u8]) -> Result<bool, OpenError> {
        let label = sealed::split(stored)?.label;
        if let Some(writer) = self.writer.read().unwrap_or_else(PoisonError::into_inner).as_ref() {
            return Ok(writer.key.id() != label.key);
        }
        Ok(self.writing_key()?.id() != label.key)
    }

    /// Opens a value and seals it for the same place under the writing key.
    pub fn reseal(&self, place: Place<'_>, stored: &[u8]) -> Result<Sealed, ResealError> {
        let secret = self.open(place, stored)?;
        Ok(self.seal(place, secret.expose())?)
    }

    /// Forgets cached keys, so that rotations and retirements made by other processes take effect; call it every minute.
    ///
    /// The lease on the writing key is kept while that key still is the writing one, so that refreshing spends no uses.
    pub fn refresh(&self) -> Result<(), KeyError> {
        let current = self
            .keys
            .list()?
            .into_iter()
            .find(|key| key.role == KeyRole::Data && key.name == self.purpose && key.state == KeyState::Write);
        let mut writer = self.writer.write().unwrap_or_else(PoisonError::into_inner);
        if writer.as_ref().map(|writer| writer.key.id()) != current.map(|key| key.id) {
            *writer = None;
        }
        drop(writer);
        self.readers.write().unwrap_or_else(PoisonError::into_inner).clear();
        self.indexes.write().unwrap_or_else(PoisonError::into_inner).clear();
        Ok(())
    }

    fn writing_key(&self) -> Result<Arc<DataKey>, KeyError> {
        let leased = |writer: &Option<Writer>| writer.as_ref().and_then(Writer::take);
        if let Some(key) = leased(&self.writer.read().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(key);
        }
        let mut writer = self.writer.write().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have renewed the lease while this one waited.
        if let Some(key) = leased(&writer) {
            return Ok(key);
        }
        let lease = self.keys.lease_data_key(&self.purpose)?;
        let key = Arc::new(lease.key);
        self.readers.write().unwrap_or_else(PoisonError::into_inner).insert(key.id(), Arc::clone(&key));
        *writer = Some(Writer { key: Arc::clone(&key), left: AtomicU64::new(lease.uses.saturating_sub(1)) });
        Ok(key)
    }

    fn reading_key(&self, id: KeyId) -> Result<Arc<DataKey>, KeyError> {
        if let Some(key) = self.readers.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return Ok(Arc::clone(key));
        }
        let key = Arc::new(self.keys.data_key(&self.purpose, id)?);
        self.readers.write().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::clone(&key));
        Ok(key)
    }

    fn index_keys(&self, field: &str) -> Result<Arc<[IndexKey]>, KeyError> {
        if let Some(keys) = self.indexes.read().unwrap_or_else(PoisonError::into_inner).get(field) {
            return Ok(Arc::clone(keys));
        }
        let keys: Arc<[IndexKey]> = self.keys.index_keys(field)?.into();
        self.indexes.write().unwrap_or_else(PoisonError::into_inner).insert(field.to_owned(), Arc::clone(&keys));
        Ok(keys)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("purpose", &self.purpose).finish_non_exhaustive()
    }
}

/// Why a value could not be moved to the writing key.
#[derive(Debug, thiserror::Error)]
pub enum ResealError {
    /// The old value does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The new value cannot be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
}

fn fingerprint(key: &IndexKey, field: &str, normalized: &[u8]) -> BlindIndex {
    let digest = key.hash().digest(&[
        b"cordon-vault/blind-index/1",
        &length_prefix(field.as_bytes()),
        field.as_bytes(),
        normalized,
    ]);
    BlindIndex::from_digest(digest)
}
