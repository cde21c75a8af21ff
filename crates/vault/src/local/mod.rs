//! Keys in a directory of the local disk.
//!
//! ```text
//! DIR/                 mode 0700
//!   master-ID.key      one file per master key, mode 0600; can be mounted from a secret store
//!   keyring.json       the wrapped keys and their states, authenticated under the master key, mode 0600
//!   lock               taken by whoever changes the keyring
//! ```
//!
//! Files are written beside their place, flushed and renamed, so a crash leaves the old or the new content. Several processes
//! may share the directory: each change takes the lock and starts from what is on disk, and a changed file is read again.

mod files;
mod keyring;
mod master;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use zeroize::Zeroizing;

use crate::keys::{
    self, DataKey, DataKeyLease, IndexKey, KeyError, KeyId, KeyRole, KeyService, KeyState, KeySummary, PublicKey,
    Signature,
};
use crate::suite::{SECRET_LENGTH, Suite};
use files::Stamp;
use keyring::{KeyRecord, Keyring};
use master::Master;

/// How many values a data key may seal with random nonces (NIST SP 800-38D, section 8.3).
const MAX_USES: u64 = 1 << 32;

/// How many uses are granted and written down at once.
const LEASE_USES: u64 = 1 << 18;

/// A key service whose keys are files in one directory.
pub struct LocalKeyService {
    directory: PathBuf,
    suite: Suite,
    max_uses: u64,
    lease_uses: u64,
    loaded: Mutex<Loaded>,
}

/// What was last read from disk.
struct Loaded {
    stamp: Stamp,
    generation: u64,
    master: Master,
    ring: Keyring,
}

impl LocalKeyService {
    /// Opens a key directory, or makes one with fresh keys if it is absent or empty; `suite` is used for new keys.
    ///
    /// It refuses a directory or file that others may use, a damaged file, and a directory of which a part is missing: starting
    /// with fresh keys there would make everything sealed before unreadable without anybody noticing.
    pub fn open_or_create(directory: &Path, suite: Suite) -> Result<Self, KeyError> {
        files::ensure_directory(directory)?;
        let lock = files::lock(directory);
        if !files::exists(&keyring_path(directory))? {
            // Only here must the lock be had: an existing keyring may be on a read-only mount.
            let held = lock?;
            create(directory, suite)?;
            drop(held);
        }
        Self::open(directory, suite)
    }

    /// Opens an existing key directory and never makes one.
    pub fn open(directory: &Path, suite: Suite) -> Result<Self, KeyError> {
        files::check_directory(directory)?;
        let loaded = Mutex::new(Loaded::read(directory)?);
        Ok(Self { directory: directory.to_owned(), suite, max_uses: MAX_USES, lease_uses: LEASE_USES, loaded })
    }

    /// Lowers the number of values one data key may seal, and the block in which uses are granted.
    #[must_use]
    pub fn with_use_limit(mut self, max_uses: u64, lease_uses: u64) -> Self {
        self.max_uses = max_uses.clamp(1, MAX_USES);
        self.lease_uses = lease_uses.clamp(1, self.max_uses);
        self
    }

    /// The id of the master key that wraps the keyring now.
    pub fn master_key(&self) -> Result<KeyId, KeyError> {
        Ok(self.current()?.master.id())
    }

    /// Makes a new master key in the configured suite and wraps every key again under it.
    ///
    /// The old master key's file stays, so that a backup of the keyring can still be read, until [`Self::destroy_master`].
    pub fn rotate_master(&self) -> Result<KeyId, KeyError> {
        let mut loaded = self.guard();
        let _lock = files::lock(&self.directory)?;
        loaded.reload_if_changed(&self.directory)?;
        let master = Master::generate(self.suite)?;
        let ring = loaded.ring.rewrapped(&loaded.master, &master)?;
        master.write(&self.directory)?;
        loaded.store(&self.directory, master, ring)?;
        Ok(loaded.master.id())
    }

    /// Deletes the file of a former master key; backups of the keyring from its time can then not be read any more.
    pub fn destroy_master(&self, id: KeyId) -> Result<(), KeyError> {
        let loaded = self.current()?;
        if loaded.master.id() == id {
            return Err(KeyError::InUse { role: KeyRole::Data, name: "master".to_owned(), id });
        }
        files::remove(&Master::path(&self.directory, id))
    }

    fn guard(&self) -> MutexGuard<'_, Loaded> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The keyring as it is on disk now.
    fn current(&self) -> Result<MutexGuard<'_, Loaded>, KeyError> {
        let mut loaded = self.guard();
        loaded.reload_if_changed(&self.directory)?;
        Ok(loaded)
    }

    /// Changes the keyring under the lock; nothing is kept in memory that did not reach the disk.
    fn change<T>(&self, step: impl FnOnce(&mut Keyring, &Master) -> Result<T, KeyError>) -> Result<T, KeyError> {
        let mut loaded = self.guard();
        let _lock = files::lock(&self.directory)?;
        loaded.reload_if_changed(&self.directory)?;
        let mut ring = loaded.ring.clone();
        let answer = step(&mut ring, &loaded.master)?;
        let master = loaded.master.clone();
        loaded.store(&self.directory, master, ring)?;
        Ok(answer)
    }

    /// Answers what `read` finds among the keys of a name, making a first key if there is none.
    fn with_keys<T>(
        &self,
        role: KeyRole,
        name: &str,
        read: impl Fn(&[KeyRecord], &Master) -> Result<T, KeyError>,
    ) -> Result<T, KeyError> {
        {
            let loaded = self.current()?;
            let records = loaded.ring.records(role, name);
            if records.iter().any(|record| record.state == KeyState::Write) {
                return read(records, &loaded.master);
            }
        }
        self.change(|ring, master| {
            // Another process may have made it in between.
            if ring.writing(role, name).is_none() {
                ring.add(role, name, fresh_record(role, name, self.suite, master)?)?;
            }
            read(ring.records(role, name), master)
        })
    }
}

impl KeyService for LocalKeyService {
    fn suite(&self) -> Suite {
        self.suite
    }

    fn lease_data_key(&self, purpose: &str) -> Result<DataKeyLease, KeyError> {
        self.change(|ring, master| {
            let uses = self.lease_uses;
            let usable = ring.writing(KeyRole::Data, purpose).is_some_and(|record| {
                record.suite == self.suite && record.uses.checked_add(uses).is_some_and(|total| total <= self.max_uses)
            });
            if !usable {
                ring.add(KeyRole::Data, purpose, fresh_record(KeyRole::Data, purpose, self.suite, master)?)?;
            }
            let record = ring
                .writing_mut(KeyRole::Data, purpose)
                .ok_or_else(|| KeyError::NoKey { role: KeyRole::Data, name: purpose.to_owned() })?;
            record.uses = record.uses.saturating_add(uses);
            let secret = record.open_secret(KeyRole::Data, purpose, master)?;
            Ok(DataKeyLease { key: DataKey::new(record.id, record.suite, secret.as_slice())?, uses })
        })
    }

    fn data_key(&self, purpose: &str, id: KeyId) -> Result<DataKey, KeyError> {
        let loaded = self.current()?;
        let record = loaded.ring.usable(KeyRole::Data, purpose, id)?;
        let secret = record.open_secret(KeyRole::Data, purpose, &loaded.master)?;
        DataKey::new(record.id, record.suite, secret.as_slice())
    }

    fn index_keys(&self, field: &str) -> Result<Vec<IndexKey>, KeyError> {
        self.with_keys(KeyRole::Index, field, |records, master| {
            in_use(records)
                .map(|record| {
                    let secret = record.open_secret(KeyRole::Index, field, master)?;
                    IndexKey::new(record.id, record.suite, secret.as_slice())
                })
                .collect()
        })
    }

    fn sign(&self, name: &str, message: &[u8]) -> Result<Signature, KeyError> {
        self.with_keys(KeyRole::Signing, name, |records, master| {
            let record = in_use(records)
                .next()
                .ok_or_else(|| KeyError::NoKey { role: KeyRole::Signing, name: name.to_owned() })?;
            let secret = record.open_secret(KeyRole::Signing, name, master)?;
            Ok(keys::sign(&secret, message))
        })
    }

    fn public_keys(&self, name: &str) -> Result<Vec<PublicKey>, KeyError> {
        self.with_keys(KeyRole::Signing, name, |records, master| {
            in_use(records)
                .map(|record| {
                    let secret = record.open_secret(KeyRole::Signing, name, master)?;
                    Ok(PublicKey { key_id: record.id, bytes: keys::public_half(&secret), state: record.state })
                })
                .collect()
        })
    }

    fn rotate(&self, role: KeyRole, name: &str) -> Result<KeyId, KeyError> {
        self.change(|ring, master| {
            let record = fresh_record(role, name, self.suite, master)?;
            let id = record.id;
            ring.add(role, name, record)?;
            Ok(id)
        })
    }

    fn retire(&self, role: KeyRole, name: &str, id: KeyId) -> Result<(), KeyError> {
        self.change(|ring, _| {
            let record = ring.find_mut(role, name, id)?;
            if record.state == KeyState::Write {
                return Err(KeyError::InUse { role, name: name.to_owned(), id });
            }
            record.state = KeyState::Retired;
            Ok(())
        })
    }

    fn destroy(&self, role: KeyRole, name: &str, id: KeyId) -> Result<(), KeyError> {
        self.change(|ring, _| {
            if ring.find_mut(role, name, id)?.state != KeyState::Retired {
                return Err(KeyError::InUse { role, name: name.to_owned(), id });
            }
            ring.remove(role, name, Some(id));
            Ok(())
        })
    }

    fn destroy_all(&self, role: KeyRole, name: &str) -> Result<(), KeyError> {
        self.change(|ring, _| {
            ring.remove(role, name, None);
            Ok(())
        })
    }

    fn list(&self) -> Result<Vec<KeySummary>, KeyError> {
        Ok(self.current()?.ring.summaries())
    }
}

impl Loaded {
    fn read(directory: &Path) -> Result<Self, KeyError> {
        let path = keyring_path(directory);
        let (bytes, stamp) = files::read_private(&path)?;
        let stored = keyring::parse(&path, &bytes)?;
        let master = Master::read(directory, stored.master)?;
        let ring = stored.authenticate(&path, &master)?;
        Ok(Self { stamp, generation: stored.generation, master, ring })
    }

    fn reload_if_changed(&mut self, directory: &Path) -> Result<(), KeyError> {
        if files::stamp(&keyring_path(directory))? != self.stamp {
            *self = Self::read(directory)?;
        }
        Ok(())
    }

    fn store(&mut self, directory: &Path, master: Master, ring: Keyring) -> Result<(), KeyError> {
        let generation = self.generation.saturating_add(1);
        let bytes = keyring::encode(generation, &master, &ring)?;
        let stamp = files::replace(&keyring_path(directory), &bytes)?;
        *self = Self { stamp, generation, master, ring };
        Ok(())
    }
}

fn keyring_path(directory: &Path) -> PathBuf {
    directory.join("keyring.json")
}

/// Makes the first master key and an empty keyring.
///
/// The master key waits under a provisional name until the keyring is on disk. So after a crash half way there is either no
/// keyring and no established master key, which is a new directory, or a keyring whose master key can be put in place.
fn create(directory: &Path, suite: Suite) -> Result<(), KeyError> {
    let path = keyring_path(directory);
    if files::exists(&path)? {
        return Ok(());
    }
    if master::any_established(directory)? {
        return Err(KeyError::Missing { path });
    }
    let master = Master::generate(suite)?;
    master.write_provisional(directory)?;
    let bytes = keyring::encode(1, &master, &Keyring::default())?;
    files::replace(&path, &bytes)?;
    Master::establish(directory, master.id())
}

fn fresh_record(role: KeyRole, name: &str, suite: Suite, master: &Master) -> Result<KeyRecord, KeyError> {
    let mut secret = Zeroizing::new([0; SECRET_LENGTH]);
    getrandom::fill(secret.as_mut_slice())?;
    let id = match role {
        KeyRole::Data | KeyRole::Index => KeyId::random()?,
        KeyRole::Signing => KeyId::of_public_key(&keys::public_half(&secret)),
    };
    KeyRecord::wrap(role, name, id, suite, &secret, master)
}

/// The keys that may be used, the writing one first and then the newest.
fn in_use(records: &[KeyRecord]) -> impl Iterator<Item = &KeyRecord> {
    let writing = records.iter().filter(|record| record.state == KeyState::Write);
    let reading = records.iter().rev().filter(|record| record.state == KeyState::Read);
    writing.chain(reading)
}
