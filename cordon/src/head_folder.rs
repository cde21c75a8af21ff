//! The folder into which signed heads are written, out of reach of whoever writes the database.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;

use cordon_ledger::{Head, HeadFile, HeadKey, TrustedHeads, TrustedKeys};
use cordon_vault::KeyService;

use crate::audit::replace;

/// The name of the key that signs ledger heads.
pub(crate) const LEDGER_KEY: &str = "ledger";

/// The public keys with which exported heads are checked, those of former keys too: what they signed stays signed.
pub(crate) fn public_keys(keys: &dyn KeyService) -> anyhow::Result<Vec<HeadKey>> {
    let known = keys.public_keys(LEDGER_KEY)?;
    Ok(known.into_iter().map(|key| HeadKey { key_id: key.key_id.to_string(), public_key: key.bytes }).collect())
}

/// Whether one of our keys has signed it.
pub(crate) fn is_signed(keys: &dyn KeyService, head: &Head) -> bool {
    let keys = public_keys(keys).ok().and_then(|keys| TrustedKeys::new(&keys).ok());
    keys.is_some_and(|keys| TrustedHeads::check(std::slice::from_ref(head), &keys).faults().is_empty())
}

/// Where the heads of one ledger are kept; each stands in a file of its own.
#[derive(Clone)]
pub(crate) struct HeadFolder {
    pub(crate) path: PathBuf,
    pub(crate) keys: Arc<dyn KeyService>,
    pub(crate) chain: &'static str,
}

/// Where a head of the database stands in the folder.
pub(crate) enum Place {
    /// It is there.
    Held,
    /// It is to be written.
    Free,
    /// None is for it: it is of another ledger, or none of our keys has signed it.
    None,
}

impl HeadFolder {
    fn file(&self, size: u64) -> PathBuf {
        self.path.join(format!("{}-{size:012}.json", self.chain))
    }

    /// Whether the head is of this ledger and signed by us; what somebody put into the database's rows is neither.
    fn is_ours(&self, head: &Head) -> bool {
        head.chain == self.chain && is_signed(self.keys.as_ref(), head)
    }

    /// The head of this ledger over the most entries that one of our keys has signed.
    pub(crate) fn newest(&self) -> anyhow::Result<Option<Head>> {
        let files = match std::fs::read_dir(&self.path) {
            Ok(files) => files,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let mut found = Vec::new();
        for file in files {
            let path = file?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let size = name.strip_prefix(self.chain).and_then(|name| name.strip_prefix('-')?.strip_suffix(".json"));
            found.extend(size.and_then(|size| size.parse::<u64>().ok()).map(|size| (size, path)));
        }
        found.sort_unstable();
        for (_size, path) in found.into_iter().rev() {
            // A file that cannot be read may be the one that counts; one that was cut off is no statement.
            let file = HeadFile::parse(&std::fs::read(path)?).unwrap_or_default();
            let ours = file.heads.into_iter().filter(|head| self.is_ours(head));
            if let Some(head) = ours.max_by_key(|head| head.tree_size) {
                return Ok(Some(head));
            }
        }
        Ok(None)
    }

    /// Whether the head is there.
    ///
    /// What was signed before is the proof that the ledger was another one; another head over as many entries is an error, and is
    /// never written over.
    pub(crate) fn place_of(&self, head: &Head) -> anyhow::Result<Place> {
        if !self.is_ours(head) {
            return Ok(Place::None);
        }
        let path = self.file(head.tree_size);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Place::Free),
            Err(error) => return Err(error.into()),
        };
        let file = HeadFile::parse(&bytes).unwrap_or_default();
        let mut same_place = file.heads.iter().filter(|one| one.tree_size == head.tree_size);
        let Some(there) = same_place.find(|one| self.is_ours(one)) else { return Ok(Place::Free) };
        anyhow::ensure!(
            (there.root, there.last_hash) == (head.root, head.last_hash),
            "{} holds another signed head over as many entries",
            path.display()
        );
        Ok(Place::Held)
    }

    /// Writes a head that is not there.
    pub(crate) fn write(&self, head: &Head) -> anyhow::Result<()> {
        std::fs::create_dir_all(&self.path)?;
        let mut file = HeadFile::default();
        file.keys = public_keys(self.keys.as_ref())?;
        file.heads = vec![head.clone()];
        replace(&self.file(head.tree_size), &file.to_json()?)?;
        Ok(())
    }
}
