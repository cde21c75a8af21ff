//! Signs heads of the ledgers while the server runs.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use cordon_config::Ledger;
use cordon_context::{CallContext, Clock, Refusal, Timestamp};
use cordon_graphql::{LedgerStanding, Ledgers, StandingHead};
use cordon_ledger::{Head, HeadFile, HeadKey, HeadSignature, HeadSigner, SignError, TrustedHeads, TrustedKeys};
use cordon_policies::{Gate, Grant, act, on};
use cordon_store::{Database, HeadWriter};
use cordon_vault::KeyService;
use data_encoding::HEXLOWER;
use tokio_util::sync::CancellationToken;

use crate::assembly::own_call;

/// The name of the key that signs ledger heads.
const LEDGER_KEY: &str = "ledger";

/// Signs ledger heads with a key of the key folder.
pub(crate) struct LedgerSigner(pub(crate) Arc<dyn KeyService>);

impl HeadSigner for LedgerSigner {
    fn key_id(&self) -> Result<String, SignError> {
        Ok(self.0.public_key(LEDGER_KEY).map_err(SignError::new)?.key_id.to_string())
    }

    fn sign(&self, message: &[u8]) -> Result<HeadSignature, SignError> {
        let signature = self.0.sign(LEDGER_KEY, message).map_err(SignError::new)?;
        Ok(HeadSignature { key_id: signature.key_id.to_string(), bytes: signature.bytes })
    }
}

/// The public keys with which exported heads are checked, those of former keys too: what they signed stays signed.
pub(crate) fn public_keys(keys: &dyn KeyService) -> anyhow::Result<Vec<HeadKey>> {
    let known = keys.public_keys(LEDGER_KEY)?;
    Ok(known.into_iter().map(|key| HeadKey { key_id: key.key_id.to_string(), public_key: key.bytes }).collect())
}

/// Signs the heads of one ledger: when many entries are new, at the latest when the first of them has waited for the interval,
/// and never while nothing happens.
pub(crate) struct HeadJob {
    pub(crate) database: Database,
    pub(crate) keys: Arc<dyn KeyService>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) settings: Ledger,
    pub(crate) followed: Followed,
}

/// What the job has found of one ledger; shared with whoever asks.
#[derive(Clone, Default)]
pub(crate) struct Followed(Arc<Mutex<Option<Found>>>);

#[derive(Clone, Copy)]
struct Found {
    /// So many entries follow each other and the heads.
    entries: u64,
    at: Timestamp,
    /// Whether the last look came to its end.
    whole: bool,
}

impl Followed {
    fn put(&self, found: Found) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
    }

    fn get(&self) -> Option<Found> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HeadJob {
    pub(crate) async fn run(self, stop: CancellationToken) {
        let every = Duration::from_secs(u64::from(self.settings.head_interval_minutes.max(1)) * 60);
        let many = u64::from(self.settings.head_entries.max(1));
        let signer = LedgerSigner(Arc::clone(&self.keys));
        let mut writer = HeadWriter::new(&self.database);
        let mut entries = self.database.watch_entries();
        // What the last run of the program has left is signed at once, and once more what came before the stop.
        loop {
            let seen = *entries.borrow_and_update();
            self.sign(&mut writer, &signer).await;
            if stop.is_cancelled() {
                return;
            }
            // Another process may have written too; that is looked at once in an interval.
            let first = tokio::time::timeout(every, entries.wait_for(|count| *count > seen));
            let waited = stop.run_until_cancelled(first).await.is_some_and(|first| first.is_err());
            if !waited {
                let full = entries.wait_for(|count| count.saturating_sub(seen) >= many);
                stop.run_until_cancelled(tokio::time::timeout(every, full)).await;
            }
        }
    }

    async fn sign(&self, writer: &mut HeadWriter, signer: &LedgerSigner) {
        let signed = writer.sign(&own_call("ledger_head", self.clock.as_ref()), signer).await;
        self.followed.put(Found { entries: writer.followed(), at: self.clock.now(), whole: signed.is_ok() });
        match signed {
            Ok(Some(head)) => {
                if let Some(folder) = &self.settings.head_directory
                    && let Err(error) = publish(folder, signer, &head)
                {
                    tracing::error!(error = %error, "a ledger head was not written to its folder");
                }
            }
            Ok(None) => {}
            Err(failure) => {
                let _logged = Refusal::from(failure);
            }
        }
    }
}

fn publish(folder: &Path, signer: &LedgerSigner, head: &Head) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut file = HeadFile::default();
    file.keys = public_keys(signer.0.as_ref())?;
    file.heads = vec![head.clone()];
    std::fs::write(folder.join(format!("{}-{:012}.json", head.chain, head.tree_size)), file.to_json()?)?;
    Ok(())
}

/// Tells auditors how the ledgers of this installation stand.
pub(crate) struct InstalledLedgers {
    pub(crate) gate: Arc<Gate>,
    pub(crate) keys: Arc<dyn KeyService>,
    pub(crate) chains: Vec<(Database, Followed)>,
}

#[async_trait]
impl Ledgers for InstalledLedgers {
    async fn standing(&self, ctx: &CallContext) -> Result<Vec<LedgerStanding>, Refusal> {
        let _grant: Grant<act::Read, on::Ledger> = self.gate.authorize(ctx)?;
        let mut all = Vec::with_capacity(self.chains.len());
        for (database, followed) in &self.chains {
            // The head first: entries that come in between are new, not missing.
            let head = database.newest_head().await?;
            let entries = database.ledger_size().await?;
            let found = followed.get();
            let fits = |head: &Head| {
                entries >= head.tree_size
                    && found.is_some_and(|found| found.whole && found.entries >= head.tree_size)
                    && self.is_signed(head)
            };
            all.push(LedgerStanding {
                service: database.service().to_owned(),
                entries,
                verified: head.as_ref().is_some_and(fits),
                followed: found.map_or(0, |found| found.entries),
                followed_at: found.map(|found| found.at),
                head: head.map(|head| StandingHead {
                    size: head.tree_size,
                    root: HEXLOWER.encode(head.root.as_bytes()),
                    at: Timestamp::from_millis(head.at),
                    key: head.key_id,
                }),
            });
        }
        Ok(all)
    }
}

impl InstalledLedgers {
    fn is_signed(&self, head: &Head) -> bool {
        let keys = public_keys(self.keys.as_ref()).ok().and_then(|keys| TrustedKeys::new(&keys).ok());
        keys.is_some_and(|keys| TrustedHeads::check(std::slice::from_ref(head), &keys).faults().is_empty())
    }
}
