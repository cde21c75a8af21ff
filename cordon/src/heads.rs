//! Follows the ledgers and signs heads over them while the server runs.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use cordon_config::Ledger;
use cordon_context::{CallContext, Clock, Refusal, Timestamp};
use cordon_graphql::{BrokenEntry, LedgerReading, LedgerStanding, Ledgers, StandingHead};
use cordon_ledger::{Head, HeadSignature, HeadSigner, SignError};
use cordon_policies::{Gate, Grant, act, on};
use cordon_store::{Database, Failure, HeadWriter, NotFollowed, Reached};
use cordon_vault::KeyService;
use data_encoding::HEXLOWER;
use tokio_util::sync::CancellationToken;

use crate::assembly::own_call;
use crate::head_folder::{HeadFolder, LEDGER_KEY, Place, is_signed};

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
pub(crate) struct Followed(Arc<Mutex<Found>>);

#[derive(Clone, Copy, Debug, Default)]
struct Found {
    /// How far entries were followed when they came.
    reached: Option<Reached>,
    looked_at: Option<Timestamp>,
    /// Whether the last look came to its end.
    whole: bool,
    /// Whether a look that came to its end was held to the heads in the folder, if one is set.
    held: bool,
    /// What the last look that said something found at the end of the ledger.
    fresh: Option<BrokenEntry>,
    /// The last reading from the first entry on in which everything fitted.
    reread: Option<LedgerReading>,
    /// What the last reading from the first entry on has found.
    old: Option<BrokenEntry>,
}

impl Found {
    fn fault(&self) -> Option<BrokenEntry> {
        self.fresh.into_iter().chain(self.old).min_by_key(|broken| broken.entry)
    }
}

impl Followed {
    fn change(&self, change: impl FnOnce(&mut Found)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn get(&self) -> Found {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HeadJob {
    pub(crate) async fn run(self, stop: CancellationToken) {
        futures::join!(self.sign_as_it_grows(&stop), self.reread_in_time(&stop));
    }

    fn interval(&self) -> Duration {
        Duration::from_mins(u64::from(self.settings.head_interval_minutes.max(1)))
    }

    async fn sign_as_it_grows(&self, stop: &CancellationToken) {
        let every = self.interval();
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
        let kept = self.newest_kept().await;
        if let Ok(Some(head)) = &kept {
            writer.hold_to(head);
        }
        let (begun, from_the_first) = (self.clock.now(), writer.followed() == 0);
        let signed = writer.sign(&own_call("ledger_head", self.clock.as_ref()), signer).await;
        self.followed.change(|found| {
            found.reached = Some(writer.reached());
            found.looked_at = Some(begun);
            found.whole = signed.is_ok();
            found.held |= signed.is_ok() && kept.is_ok();
            match &signed {
                Ok(_head) => found.fresh = None,
                // A database that does not answer takes nothing back that was found before.
                Err(failure) => found.fresh = broken(failure, begun).or(found.fresh),
            }
            if signed.is_ok() && from_the_first {
                found.reread = Some(LedgerReading { entries: writer.followed(), at: begun });
            }
        });
        match signed {
            // What was not held to the folder does not go into it: the next look would take it for the proof.
            Ok(_head) if kept.is_ok() => self.publish_missing().await,
            Ok(_head) => {}
            Err(failure) => {
                let _logged = Refusal::from(failure);
            }
        }
    }

    fn folder(&self) -> Option<HeadFolder> {
        let path = self.settings.head_directory.clone()?;
        Some(HeadFolder { path, keys: Arc::clone(&self.keys), chain: self.database.service() })
    }

    /// The newest head in the folder; whoever writes the database, its heads included, cannot write there.
    async fn newest_kept(&self) -> Result<Option<Head>, Unreadable> {
        let Some(folder) = self.folder() else { return Ok(None) };
        let read = tokio::task::spawn_blocking(move || folder.newest()).await;
        read.map_err(anyhow::Error::new).flatten().map_err(|error| {
            tracing::error!(error = %error, "the folder of ledger heads cannot be read; it is tried again");
            Unreadable
        })
    }

    /// Sees to it that every head is in its folder, whether it is new or its file could not be written before.
    async fn publish_missing(&self) {
        let Some(folder) = self.folder() else { return };
        if let Err(error) = self.publish(folder).await {
            tracing::error!(error = %error, "ledger heads were not written to their folder; it is tried again");
        }
    }

    async fn publish(&self, folder: HeadFolder) -> anyhow::Result<()> {
        let mut missing = Vec::new();
        let mut below = u64::MAX;
        loop {
            let head = match self.database.head_below(below).await {
                Ok(Some(head)) => head,
                Ok(None) => break,
                Err(failure @ Failure::Corrupt(_)) => {
                    // One row that somebody changed does not keep those above it out of the folder.
                    let _logged = Refusal::from(failure);
                    break;
                }
                Err(failure) => return Err(failure.into()),
            };
            below = head.tree_size;
            let (there, one) = (folder.clone(), head.clone());
            match tokio::task::spawn_blocking(move || there.place_of(&one)).await?? {
                Place::Held => break,
                Place::Free => missing.push(head),
                Place::None => {
                    tracing::error!(entries = below, "a stored ledger head is not ours; it is not published");
                }
            }
        }
        // The oldest first: where this is cut off, what is still missing stays above all that is there.
        let write = move || missing.iter().rev().try_for_each(|head| folder.write(head));
        tokio::task::spawn_blocking(write).await?
    }

    /// Each entry is followed once when it comes; what is done to it later only shows when it is read again.
    async fn reread_in_time(&self, stop: &CancellationToken) {
        let seldom = Duration::from_hours(u64::from(self.settings.reread_hours.max(1)));
        loop {
            let found = self.followed.get();
            let sound = found.reread.is_some() && found.old.is_none();
            // A fault, or a reading that did not come to its end, is not left standing for a day.
            let pause = if sound { seldom } else { self.interval() };
            if stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
                return;
            }
            stop.run_until_cancelled(self.reread()).await;
        }
    }

    /// Reads the ledger from its first entry on.
    async fn reread(&self) {
        let begun = self.clock.now();
        let kept = self.newest_kept().await;
        let head = kept.as_ref().ok().and_then(Option::as_ref);
        match self.database.reread_ledger(self.followed.get().reached, head).await {
            Ok(entries) => self.followed.change(|found| {
                found.reread = Some(LedgerReading { entries, at: begun });
                // What contradicted the folder is not taken back while the folder cannot be read.
                if kept.is_ok() {
                    found.old = None;
                }
            }),
            Err(failure) => {
                if let Some(entry) = broken(&failure, self.clock.now()) {
                    self.followed.change(|found| found.old = Some(entry));
                }
                let _logged = Refusal::from(failure);
            }
        }
    }
}

fn broken(failure: &Failure, at: Timestamp) -> Option<BrokenEntry> {
    NotFollowed::of(failure).map(|found| BrokenEntry { entry: found.entry(), at })
}

/// The folder of heads is set and cannot be read; that is logged.
struct Unreadable;

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
            let followed_entries = found.reached.map_or(0, |reached| reached.entries);
            let fits = |head: &Head| {
                entries >= head.tree_size
                    && found.whole
                    && found.held
                    && followed_entries >= head.tree_size
                    && found.reread.is_some()
                    && found.fault().is_none()
                    && is_signed(self.keys.as_ref(), head)
            };
            all.push(LedgerStanding {
                service: database.service().to_owned(),
                entries,
                verified: head.as_ref().is_some_and(fits),
                followed: followed_entries,
                followed_at: found.looked_at,
                reread: found.reread,
                fault: found.fault(),
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

#[cfg(test)]
mod tests;
