//! Follows the ledgers and signs heads over them while the server runs.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use cordon_config::Ledger;
use cordon_context::{CallContext, Clock, Refusal, Timestamp};
use cordon_graphql::{BrokenEntry, LedgerReading, LedgerStanding, Ledgers, StandingHead};
use cordon_ledger::{Head, HeadFile, HeadKey, HeadSignature, HeadSigner, SignError, TrustedHeads, TrustedKeys};
use cordon_policies::{Gate, Grant, act, on};
use cordon_store::{Database, Failure, HeadWriter, NotFollowed, Reached};
use cordon_vault::KeyService;
use data_encoding::HEXLOWER;
use tokio_util::sync::CancellationToken;

use crate::assembly::own_call;
use crate::audit::replace;

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
pub(crate) struct Followed(Arc<Mutex<Found>>);

#[derive(Clone, Copy, Debug, Default)]
struct Found {
    /// How far entries were followed when they came.
    reached: Option<Reached>,
    looked_at: Option<Timestamp>,
    /// Whether the last look came to its end.
    whole: bool,
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
        let (begun, from_the_first) = (self.clock.now(), writer.followed() == 0);
        let signed = writer.sign(&own_call("ledger_head", self.clock.as_ref()), signer).await;
        self.followed.change(|found| {
            found.reached = Some(writer.reached());
            found.looked_at = Some(begun);
            found.whole = signed.is_ok();
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
            Ok(_head) => self.publish_newest().await,
            Err(failure) => {
                let _logged = Refusal::from(failure);
            }
        }
    }

    /// Sees to it that the newest head is in its folder, whether it is new or its file could not be written before.
    async fn publish_newest(&self) {
        let Some(folder) = self.settings.head_directory.clone() else { return };
        let head = match self.database.newest_head().await {
            Ok(Some(head)) => head,
            Ok(None) => return,
            Err(failure) => {
                let _logged = Refusal::from(failure);
                return;
            }
        };
        let keys = Arc::clone(&self.keys);
        let written = tokio::task::spawn_blocking(move || publish(&folder, keys.as_ref(), &head)).await;
        if let Err(error) = written.map_err(anyhow::Error::new).flatten() {
            tracing::error!(error = %error, "a ledger head was not written to its folder; it is tried again");
        }
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
        match self.database.reread_ledger(self.followed.get().reached).await {
            Ok(entries) => self.followed.change(|found| {
                found.reread = Some(LedgerReading { entries, at: begun });
                found.old = None;
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

/// Writes a head into its folder, unless it is there.
fn publish(folder: &Path, keys: &dyn KeyService, head: &Head) -> anyhow::Result<()> {
    let path = folder.join(format!("{}-{:012}.json", head.chain, head.tree_size));
    match std::fs::read(&path) {
        Ok(bytes) => {
            let file = HeadFile::parse(&bytes).unwrap_or_default();
            let place = |one: &&Head| (&one.chain, one.tree_size) == (&head.chain, head.tree_size);
            if let Some(there) = file.heads.iter().filter(place).find(|one| is_signed(keys, one)) {
                // What was signed before is the proof that the ledger was another one; it is never written over.
                anyhow::ensure!(
                    (there.root, there.last_hash) == (head.root, head.last_hash),
                    "{} holds another signed head over as many entries",
                    path.display()
                );
                return Ok(());
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    std::fs::create_dir_all(folder)?;
    let mut file = HeadFile::default();
    file.keys = public_keys(keys)?;
    file.heads = vec![head.clone()];
    replace(&path, &file.to_json()?)?;
    Ok(())
}

fn is_signed(keys: &dyn KeyService, head: &Head) -> bool {
    let keys = public_keys(keys).ok().and_then(|keys| TrustedKeys::new(&keys).ok());
    keys.is_some_and(|keys| TrustedHeads::check(std::slice::from_ref(head), &keys).faults().is_empty())
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
            let followed_entries = found.reached.map_or(0, |reached| reached.entries);
            let fits = |head: &Head| {
                entries >= head.tree_size
                    && found.whole
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
mod tests {
    use cordon_context::{OrganisationKind, OrganisationLevel, Role};
    use cordon_migrations::directory::Migrator;
    use cordon_policies::Authorizer;
    use cordon_store::{AuditRecord, Connection as _};
    use cordon_testkit::{TestDatabase, actor, call, clock, test_databases};
    use cordon_vault::{LocalKeyService, Suite};
    use serde_json::json;
    use tempfile::TempDir;

    use super::*;

    struct Ground {
        test: TestDatabase,
        job: HeadJob,
        writer: HeadWriter,
        ledgers: InstalledLedgers,
        folder: TempDir,
    }

    impl Ground {
        fn new(test: TestDatabase, clock: Arc<dyn Clock>) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let keys = LocalKeyService::open_or_create(&folder.path().join("keys"), Suite::Aes256GcmSha256).unwrap();
            let keys: Arc<dyn KeyService> = Arc::new(keys);
            let database = test.database.clone();
            let followed = Followed::default();
            let gate = Gate::new(Arc::new(Authorizer::load(None).unwrap()), Arc::new(database.clone()));
            let settings = Ledger { head_directory: Some(folder.path().join("heads")), ..Ledger::default() };
            Self {
                ledgers: InstalledLedgers {
                    gate: Arc::new(gate),
                    keys: Arc::clone(&keys),
                    chains: vec![(database.clone(), followed.clone())],
                },
                writer: HeadWriter::new(&database),
                job: HeadJob { database, keys, clock, settings, followed },
                test,
                folder,
            }
        }

        async fn record(&self, count: usize) {
            let system = own_call("ledger_head", self.job.clock.as_ref());
            let written = self.test.database.write(&system, move |mut tx| async move {
                for number in 0..count {
                    tx.record(AuditRecord::new("thing.create", format!("thg_{number}"), json!({})));
                }
                tx.commit(()).await
            });
            written.await.unwrap();
        }

        async fn alter(&self, sql: &'static str) {
            self.test.database.migrator().execute_unprepared(sql).await.unwrap();
        }

        async fn pass(&mut self) {
            self.job.sign(&mut self.writer, &LedgerSigner(Arc::clone(&self.job.keys))).await;
        }

        async fn standing(&self) -> LedgerStanding {
            let (kind, level) = (OrganisationKind::Ministry, OrganisationLevel::Ministry);
            let auditor = actor("auditor", "ministry", kind, level, "000000", &[Role::Auditor]);
            self.ledgers.standing(&call(&auditor)).await.unwrap().remove(0)
        }
    }

    async fn grounds() -> Vec<Ground> {
        let clock: Arc<dyn Clock> = Arc::new(clock());
        let tests = test_databases::<Migrator>("directory", Arc::clone(&clock)).await;
        tests.into_iter().map(|test| Ground::new(test, Arc::clone(&clock))).collect()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_entry_changed_after_it_was_followed_is_named_when_it_is_read_again() {
        for mut ground in grounds().await {
            ground.record(1_200).await;
            ground.pass().await;
            let standing = ground.standing().await;
            assert!(standing.verified, "{standing:?}");
            assert_eq!(standing.reread.map(|reading| reading.entries), Some(1_200));

            // One byte of an entry that was followed already.
            ground.alter("UPDATE ledger_entry SET action = 'thing.creatf' WHERE seq = 1101").await;
            ground.record(1).await;
            ground.pass().await;
            // What is said of it now is exactly what was looked at, and when.
            let standing = ground.standing().await;
            assert_eq!((standing.followed, standing.reread.map(|reading| reading.entries)), (1_201, Some(1_200)));
            assert!(standing.fault.is_none(), "new entries were followed, old ones were not read again");
            ground.job.reread().await;
            let standing = ground.standing().await;
            assert_eq!(standing.fault.map(|broken| broken.entry), Some(1_101), "{}", ground.test.backend);
            assert!(!standing.verified, "{standing:?}");
            // New entries and heads do not make it good again.
            ground.record(1).await;
            ground.pass().await;
            assert_eq!(ground.standing().await.fault.map(|broken| broken.entry), Some(1_101));

            // The negative control: as it was, it is read through to the end.
            ground.alter("UPDATE ledger_entry SET action = 'thing.create' WHERE seq = 1101").await;
            ground.job.reread().await;
            let standing = ground.standing().await;
            assert!(standing.verified && standing.fault.is_none(), "{standing:?}");
            assert_eq!(standing.reread.map(|reading| reading.entries), Some(1_202));

            // Entries that no head covers any more are missed too.
            ground.alter("DELETE FROM ledger_head").await;
            ground.alter("DELETE FROM ledger_entry WHERE seq > 1199").await;
            ground.job.reread().await;
            let standing = ground.standing().await;
            assert_eq!(standing.fault.map(|broken| broken.entry), Some(1_200), "{}", ground.test.backend);
            assert!(!standing.verified, "{standing:?}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_chain_written_anew_is_not_signed_by_looking_twice() {
        for mut ground in grounds().await {
            ground.record(3).await;
            ground.pass().await;
            // A whole other chain, each entry following the one before, under the head of the first.
            ground.alter("DELETE FROM ledger_entry").await;
            ground.alter("DELETE FROM ledger_chain").await;
            ground.record(5).await;
            let mut restarted = HeadWriter::new(&ground.test.database);
            std::mem::swap(&mut ground.writer, &mut restarted);
            for _again in 0..2 {
                ground.pass().await;
                let standing = ground.standing().await;
                assert_eq!(standing.fault.map(|broken| broken.entry), Some(3), "{}", ground.test.backend);
                assert_eq!(standing.head.map(|head| head.size), Some(3), "nothing more was signed");
                assert!(!standing.verified);
            }
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_database_that_does_not_answer_says_nothing_of_the_entries() {
        for mut ground in grounds().await {
            ground.record(5).await;
            ground.alter("ALTER TABLE ledger_entry RENAME TO ledger_entry_away").await;
            ground.pass().await;
            ground.job.reread().await;
            let found = ground.job.followed.get();
            assert!(!found.whole && found.fault().is_none(), "{}: {found:?}", ground.test.backend);
            ground.alter("ALTER TABLE ledger_entry_away RENAME TO ledger_entry").await;
            ground.pass().await;
            assert!(ground.standing().await.verified);

            // The negative control: an entry that came and cannot be decoded is named, by the pass and by the reading.
            ground.record(3).await;
            if ground.test.backend == "postgres" {
                ground.alter("ALTER TABLE ledger_entry ALTER COLUMN actor DROP NOT NULL").await;
                ground.alter("UPDATE ledger_entry SET actor = NULL WHERE seq = 7").await;
            } else {
                ground.alter("UPDATE ledger_entry SET actor = CAST(X'FF' || actor AS TEXT) WHERE seq = 7").await;
            }
            ground.pass().await;
            let fresh = |ground: &Ground| ground.job.followed.get().fresh.map(|broken| broken.entry);
            assert_eq!(fresh(&ground), Some(7), "{}", ground.test.backend);
            ground.job.reread().await;
            assert_eq!(ground.job.followed.get().old.map(|broken| broken.entry), Some(7), "{}", ground.test.backend);
            // What was found stays found while the database does not answer.
            ground.alter("ALTER TABLE ledger_entry RENAME TO ledger_entry_away").await;
            ground.pass().await;
            assert_eq!(fresh(&ground), Some(7), "{}", ground.test.backend);
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_head_that_could_not_be_written_is_written_later() {
        let others = grounds().await;
        for (mut ground, other) in grounds().await.into_iter().zip(others) {
            let folder = ground.folder.path().join("heads");
            // Nothing can be written into a folder that is a file.
            std::fs::write(&folder, "").unwrap();
            ground.record(3).await;
            ground.pass().await;
            let path = folder.join("directory-000000000003.json");
            assert!(ground.standing().await.head.is_some() && !path.exists(), "the head is signed, and not written");

            std::fs::remove_file(&folder).unwrap();
            ground.pass().await;
            let written = std::fs::read(&path).unwrap();
            let file = HeadFile::parse(&written).unwrap();
            assert_eq!(file.heads, [ground.test.database.newest_head().await.unwrap().unwrap()]);
            // What is whole stays as it is; what was cut off is written again.
            ground.pass().await;
            assert_eq!(std::fs::read(&path).unwrap(), written);
            std::fs::write(&path, &written[..40]).unwrap();
            ground.pass().await;
            assert_eq!(std::fs::read(&path).unwrap(), written, "{}", ground.test.backend);
            std::fs::remove_file(&path).unwrap();
            std::fs::create_dir(&path).unwrap();
            ground.pass().await;
            std::fs::remove_dir(&path).unwrap();
            ground.pass().await;
            assert_eq!(std::fs::read(&path).unwrap(), written);

            // The negative control: what our key signed over other entries is a proof, and stays.
            for _entry in 0..3 {
                other.record(1).await;
            }
            let context = own_call("ledger_head", other.job.clock.as_ref());
            let signer = LedgerSigner(Arc::clone(&ground.job.keys));
            let mut proof = file.clone();
            proof.heads = vec![other.test.database.sign_ledger_head(&context, &signer).await.unwrap().unwrap()];
            assert_ne!(proof.heads, file.heads);
            std::fs::write(&path, proof.to_json().unwrap()).unwrap();
            ground.pass().await;
            assert_eq!(HeadFile::parse(&std::fs::read(&path).unwrap()).unwrap(), proof);
        }
    }
}
