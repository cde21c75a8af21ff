//! The keyring file: wrapped keys, their states, and the code that authenticates the whole.

use std::collections::BTreeMap;
use std::path::Path;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::master::Master;
use crate::keys::{KeyError, KeyId, KeyRole, KeyState, KeySummary};
use crate::suite::{SECRET_LENGTH, Suite, length_prefix};

const FORMAT: u32 = 1;
const MAX_NAME_LENGTH: usize = 200;

/// One wrapped key.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyRecord {
    pub(super) id: KeyId,
    pub(super) suite: Suite,
    pub(super) state: KeyState,
    pub(super) uses: u64,
    wrapped: String,
}

/// All keys, by role and name, oldest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keyring {
    data: BTreeMap<String, Vec<KeyRecord>>,
    index: BTreeMap<String, Vec<KeyRecord>>,
    signing: BTreeMap<String, Vec<KeyRecord>>,
}

/// The file. The code covers every other field, so that neither a state nor a count of uses can be turned back by hand.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredKeyring {
    format: u32,
    pub(super) generation: u64,
    pub(super) master: KeyId,
    code: String,
    keys: Keyring,
}

impl KeyRecord {
    /// Wraps a fresh secret as the writing key.
    pub(super) fn wrap(
        role: KeyRole,
        name: &str,
        id: KeyId,
        suite: Suite,
        secret: &[u8; SECRET_LENGTH],
        master: &Master,
    ) -> Result<Self, KeyError> {
        let wrapped = master.wrap(&context(role, name, id, suite), secret)?;
        Ok(Self { id, suite, state: KeyState::Write, uses: 0, wrapped: HEXLOWER.encode(&wrapped) })
    }

    /// Unwraps the secret.
    pub(super) fn open_secret(
        &self,
        role: KeyRole,
        name: &str,
        master: &Master,
    ) -> Result<Zeroizing<[u8; SECRET_LENGTH]>, KeyError> {
        let wrapped = HEXLOWER.decode(self.wrapped.as_bytes()).map_err(|_| KeyError::Cipher)?;
        master.unwrap_secret(&context(role, name, self.id, self.suite), &wrapped)?.ok_or(KeyError::Cipher)
    }
}

impl Keyring {
    /// The keys of a name, oldest first.
    pub(super) fn records(&self, role: KeyRole, name: &str) -> &[KeyRecord] {
        self.by_role(role).get(name).map_or(&[], Vec::as_slice)
    }

    pub(super) fn writing(&self, role: KeyRole, name: &str) -> Option<&KeyRecord> {
        self.records(role, name).iter().find(|record| record.state == KeyState::Write)
    }

    pub(super) fn writing_mut(&mut self, role: KeyRole, name: &str) -> Option<&mut KeyRecord> {
        self.by_role_mut(role).get_mut(name)?.iter_mut().find(|record| record.state == KeyState::Write)
    }

    /// A key that may read.
    pub(super) fn usable(&self, role: KeyRole, name: &str, id: KeyId) -> Result<&KeyRecord, KeyError> {
        let record = self
            .records(role, name)
            .iter()
            .find(|record| record.id == id)
            .ok_or_else(|| KeyError::Unknown { role, name: name.to_owned(), id })?;
        match record.state {
            KeyState::Write | KeyState::Read => Ok(record),
            KeyState::Retired => Err(KeyError::Retired { role, name: name.to_owned(), id }),
        }
    }

    pub(super) fn find_mut(&mut self, role: KeyRole, name: &str, id: KeyId) -> Result<&mut KeyRecord, KeyError> {
        self.by_role_mut(role)
            .get_mut(name)
            .and_then(|records| records.iter_mut().find(|record| record.id == id))
            .ok_or_else(|| KeyError::Unknown { role, name: name.to_owned(), id })
    }

    /// Adds a writing key; the former one becomes a reading key.
    pub(super) fn add(&mut self, role: KeyRole, name: &str, record: KeyRecord) -> Result<(), KeyError> {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:@".contains(letter);
        if name.is_empty() || name.len() > MAX_NAME_LENGTH || !name.chars().all(plain) {
            return Err(KeyError::NotAName { name: name.to_owned() });
        }
        let records = self.by_role_mut(role).entry(name.to_owned()).or_default();
        for former in records.iter_mut().filter(|former| former.state == KeyState::Write) {
            former.state = KeyState::Read;
        }
        records.push(record);
        Ok(())
    }

    /// Removes one key of a name, or all of them.
    pub(super) fn remove(&mut self, role: KeyRole, name: &str, id: Option<KeyId>) {
        let keys = self.by_role_mut(role);
        if let Some(records) = keys.get_mut(name) {
            records.retain(|record| id.is_some_and(|id| record.id != id));
            if records.is_empty() {
                keys.remove(name);
            }
        }
    }

    /// The same keys wrapped under another master key.
    pub(super) fn rewrapped(&self, from: &Master, to: &Master) -> Result<Self, KeyError> {
        let mut copy = self.clone();
        for role in [KeyRole::Data, KeyRole::Index, KeyRole::Signing] {
            for (name, records) in copy.by_role_mut(role) {
                for record in records {
                    let secret = record.open_secret(role, name, from)?;
                    let wrapped = to.wrap(&context(role, name, record.id, record.suite), secret.as_slice())?;
                    record.wrapped = HEXLOWER.encode(&wrapped);
                }
            }
        }
        Ok(copy)
    }

    pub(super) fn summaries(&self) -> Vec<KeySummary> {
        [KeyRole::Data, KeyRole::Index, KeyRole::Signing]
            .into_iter()
            .flat_map(|role| self.by_role(role).iter().map(move |(name, records)| (role, name, records)))
            .flat_map(|(role, name, records)| {
                records.iter().map(move |record| KeySummary {
                    role,
                    name: name.clone(),
                    id: record.id,
                    suite: record.suite,
                    state: record.state,
                    uses: record.uses,
                })
            })
            .collect()
    }

    const fn by_role(&self, role: KeyRole) -> &BTreeMap<String, Vec<KeyRecord>> {
        match role {
            KeyRole::Data => &self.data,
            KeyRole::Index => &self.index,
            KeyRole::Signing => &self.signing,
        }
    }

    const fn by_role_mut(&mut self, role: KeyRole) -> &mut BTreeMap<String, Vec<KeyRecord>> {
        match role {
            KeyRole::Data => &mut self.data,
            KeyRole::Index => &mut self.index,
            KeyRole::Signing => &mut self.signing,
        }
    }
}

impl StoredKeyring {
    /// Checks the code and hands the keys out.
    pub(super) fn authenticate(&self, path: &Path, master: &Master) -> Result<Keyring, KeyError> {
        let code = HEXLOWER.decode(self.code.as_bytes()).unwrap_or_default();
        let body = body(self.generation, self.master, &self.keys)?;
        if !master.keyring_hash()?.verifies(&[&body], &code) {
            return Err(KeyError::Damaged {
                path: path.to_owned(),
                why: "its authentication code is wrong".to_owned(),
            });
        }
        Ok(self.keys.clone())
    }
}

/// Reads the file; nothing in it is to be trusted before [`StoredKeyring::authenticate`].
pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<StoredKeyring, KeyError> {
    let damaged = |why: String| KeyError::Damaged { path: path.to_owned(), why };
    let stored: StoredKeyring = serde_json::from_slice(bytes).map_err(|error| damaged(error.to_string()))?;
    if stored.format == FORMAT { Ok(stored) } else { Err(damaged(format!("unknown format {}", stored.format))) }
}

/// Writes the file's content.
pub(super) fn encode(generation: u64, master: &Master, keys: &Keyring) -> Result<Vec<u8>, KeyError> {
    let code = master.keyring_hash()?.digest(&[&body(generation, master.id(), keys)?]);
    let stored = StoredKeyring {
        format: FORMAT,
        generation,
        master: master.id(),
        code: HEXLOWER.encode(&code),
        keys: keys.clone(),
    };
    serde_json::to_vec_pretty(&stored).map_err(|_| KeyError::Cipher)
}

/// What the code covers: the fields in a fixed order, maps sorted, without white space.
fn body(generation: u64, master: KeyId, keys: &Keyring) -> Result<Vec<u8>, KeyError> {
    serde_json::to_vec(&(FORMAT, generation, master, keys)).map_err(|_| KeyError::Cipher)
}

fn context(role: KeyRole, name: &str, id: KeyId, suite: Suite) -> Vec<u8> {
    let mut context = b"cordon-vault/wrapped/1".to_vec();
    for part in [role.as_str().as_bytes(), name.as_bytes(), id.as_bytes(), &[suite.code()]] {
        context.extend_from_slice(&length_prefix(part));
        context.extend_from_slice(part);
    }
    context
}
