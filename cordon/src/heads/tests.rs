use std::path::PathBuf;

use cordon_context::{OrganisationKind, OrganisationLevel, Role};
use cordon_ledger::HeadFile;
use cordon_migrations::directory::Migrator;
use cordon_policies::Authorizer;
use cordon_store::{AuditRecord, Connection as _};
use cordon_testkit::{TestDatabase, actor, call, clock, test_databases};
use cordon_vault::{LocalKeyService, Suite};
use serde_json::json;
use tempfile::TempDir;

use super::*;

const THIRD: &str = "directory-000000000003.json";

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

    /// The program is stopped and started again: all that it knew is what is stored.
    fn restart(&mut self) {
        self.writer = HeadWriter::new(&self.test.database);
        self.job.followed = Followed::default();
        self.ledgers.chains = vec![(self.test.database.clone(), self.job.followed.clone())];
    }

    /// All of the ledger goes, its heads too, and another one that fits itself takes its place.
    async fn write_anew(&self, entries: usize) {
        for rows in ["DELETE FROM ledger_entry", "DELETE FROM ledger_chain", "DELETE FROM ledger_head"] {
            self.alter(rows).await;
        }
        self.record(entries).await;
    }

    fn heads(&self) -> PathBuf {
        self.folder.path().join("heads")
    }

    fn published(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.heads()).unwrap();
        let mut names: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
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
async fn a_ledger_written_anew_with_its_heads_is_held_to_the_head_in_the_folder() {
    for entries in [5, 3, 2] {
        for mut ground in grounds().await {
            let backend = ground.test.backend;
            ground.record(3).await;
            ground.pass().await;
            // A start over the same ledger finds it as it was.
            ground.restart();
            ground.pass().await;
            assert!(ground.standing().await.verified, "{backend}");

            ground.write_anew(entries).await;
            ground.restart();
            for _again in 0..2 {
                ground.pass().await;
                let standing = ground.standing().await;
                assert_eq!(standing.fault.map(|broken| broken.entry), Some(3), "{backend}, {entries}");
                assert!(standing.head.is_none() && !standing.verified, "{backend}: nothing was signed: {standing:?}");
            }
            ground.restart();
            ground.job.reread().await;
            let standing = ground.standing().await;
            assert_eq!(standing.fault.map(|broken| broken.entry), Some(3), "{backend}, {entries}");
            assert_eq!(ground.published(), [THIRD], "what was signed before stays alone");

            // The negative control: without the folder nothing tells the two ledgers apart.
            ground.job.settings.head_directory = None;
            ground.restart();
            ground.pass().await;
            let standing = ground.standing().await;
            assert_eq!(standing.head.as_ref().map(|head| head.size), u64::try_from(entries).ok(), "{backend}");
            assert!(standing.verified, "{standing:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_was_away_at_the_start_is_compared_when_it_is_back() {
    for mut ground in grounds().await {
        let (backend, aside) = (ground.test.backend, ground.folder.path().join("aside"));
        ground.record(3).await;
        ground.pass().await;
        let away = |ground: &Ground| {
            std::fs::rename(ground.heads(), &aside).unwrap();
            std::fs::write(ground.heads(), "").unwrap();
        };
        let back = |ground: &Ground| {
            std::fs::remove_file(ground.heads()).unwrap();
            std::fs::rename(&aside, ground.heads()).unwrap();
        };
        // The negative control: over the same ledger, nothing is wrong once the folder is back.
        away(&ground);
        ground.restart();
        ground.record(1).await;
        ground.pass().await;
        let standing = ground.standing().await;
        assert_eq!(standing.head.map(|head| head.size), Some(4), "{backend}: heads are signed meanwhile");
        assert!(!standing.verified && standing.fault.is_none(), "and nobody vouches for them");
        back(&ground);
        ground.pass().await;
        assert!(ground.standing().await.verified, "{backend}");
        assert_eq!(ground.published().len(), 2);
        // An absence later on takes nothing back of what was compared.
        away(&ground);
        ground.pass().await;
        assert!(ground.standing().await.verified, "{backend}");

        ground.restart();
        ground.write_anew(5).await;
        ground.pass().await;
        assert!(!ground.standing().await.verified, "{backend}");
        back(&ground);
        for _again in 0..2 {
            ground.pass().await;
            let standing = ground.standing().await;
            assert_eq!(standing.fault.map(|broken| broken.entry), Some(4), "{backend}");
            assert!(!standing.verified);
        }
        assert_eq!(ground.published().len(), 2, "what was signed over the other ledger stays out");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_in_the_folder_counts_only_with_our_signature() {
    let others = grounds().await;
    for (mut ground, mut other) in grounds().await.into_iter().zip(others) {
        ground.record(3).await;
        // Another installation's ledger of the same name, under a key that is not ours.
        other.record(5).await;
        other.pass().await;
        std::fs::rename(other.heads(), ground.heads()).unwrap();
        ground.pass().await;
        assert!(ground.standing().await.verified, "{}", ground.test.backend);

        // The negative control: the same file counts for whom it was signed.
        ground.job.keys = Arc::clone(&other.job.keys);
        ground.restart();
        ground.pass().await;
        assert_eq!(ground.standing().await.fault.map(|broken| broken.entry), Some(4), "{}", ground.test.backend);
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
async fn every_head_that_was_signed_while_the_folder_was_away_is_written_when_it_is_back() {
    for mut ground in grounds().await {
        let (backend, aside) = (ground.test.backend, ground.folder.path().join("aside"));
        ground.record(3).await;
        ground.pass().await;
        std::fs::rename(ground.heads(), &aside).unwrap();
        std::fs::write(ground.heads(), "").unwrap();
        for entries in [1, 2, 4] {
            ground.record(entries).await;
            ground.pass().await;
        }
        std::fs::remove_file(ground.heads()).unwrap();
        std::fs::rename(&aside, ground.heads()).unwrap();
        assert_eq!(ground.published(), [THIRD], "{backend}");
        // A row that our key never signed is nothing to publish, and keeps nothing out.
        let forged = "INSERT INTO ledger_head (tree_size, at, head) \
            SELECT 5, at, replace(head, '\"tree_size\":4', '\"tree_size\":5') FROM ledger_head WHERE tree_size = 4";
        ground.alter(forged).await;
        ground.pass().await;
        let names = [3, 4, 6, 10].map(|size| format!("directory-{size:012}.json"));
        assert_eq!(ground.published(), names, "{backend}");
        let heads = ground.test.database.ledger_heads().await.unwrap();
        let signed: Vec<_> = heads.into_iter().filter(|head| head.tree_size != 5).collect();
        let file = |name: &String| HeadFile::parse(&std::fs::read(ground.heads().join(name)).unwrap()).unwrap();
        let written: Vec<_> = names.iter().flat_map(|name| file(name).heads).collect();
        assert_eq!(written, signed);
        assert!(ground.standing().await.verified, "{backend}");

        // The folder starts anew elsewhere: all that was ever signed goes into it.
        std::fs::remove_dir_all(ground.heads()).unwrap();
        ground.pass().await;
        assert_eq!(ground.published(), names, "{backend}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_could_not_be_written_is_written_later() {
    let others = grounds().await;
    for (mut ground, other) in grounds().await.into_iter().zip(others) {
        let folder = ground.heads();
        // Nothing can be written into a folder that is a file.
        std::fs::write(&folder, "").unwrap();
        ground.record(3).await;
        ground.pass().await;
        let path = folder.join(THIRD);
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
        assert_eq!(ground.standing().await.fault.map(|broken| broken.entry), Some(3), "{}", ground.test.backend);
    }
}
