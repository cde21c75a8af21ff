//! What a write promises, on SQLite and on PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cordon_context::{Actor, Clock as _, Code, DenialLog as _, OrganisationKind, OrganisationLevel, Refusal, Role};
use cordon_events::{NewEvent, Outbox as _};
use cordon_ledger::verify;
use cordon_migrations::directory::Migrator;
use cordon_store::{AuditRecord, Database, Failure, HeadWriter, Tx, bulk};
use cordon_testkit::{TestDatabase, call, clock, keyed_call, test_databases};
use cordon_vault::{LocalKeyService, Suite, Vault};
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::json;
use sha2::{Digest as _, Sha256};

async fn databases() -> Vec<TestDatabase> {
    let databases = unsealed_databases().await;
    let keys = Path::new(env!("CARGO_TARGET_TMPDIR")).join("keys-of-writes");
    let keys = Arc::new(LocalKeyService::open_or_create(&keys, Suite::Aes256GcmSha256).unwrap());
    for test in &databases {
        test.database.seal_answers(Arc::new(Vault::new(Arc::<LocalKeyService>::clone(&keys), "directory")));
    }
    databases
}

async fn unsealed_databases() -> Vec<TestDatabase> {
    let databases = test_databases::<Migrator>("directory", Arc::new(clock())).await;
    for test in &databases {
        test.database
            .migrator()
            .execute_unprepared("CREATE TABLE thing (id BIGINT PRIMARY KEY, name TEXT NOT NULL)")
            .await
            .unwrap();
    }
    databases
}

fn officer() -> Actor {
    actor("officer")
}

fn actor(login: &str) -> Actor {
    cordon_testkit::actor(
        login,
        "police",
        OrganisationKind::Police,
        OrganisationLevel::City,
        "440300",
        &[Role::PoliceHandler],
    )
}

async fn insert(tx: &Tx, id: i64) -> Result<(), Failure> {
    bulk::insert_rows(tx.connection(), "thing", &["id", "name"], [vec![id.into(), "name".into()]]).await?;
    Ok(())
}

fn happened(id: i64) -> NewEvent {
    NewEvent { topic: "test.happened".into(), subject: id.to_string(), audience: vec![], payload: json!({ "id": id }) }
}

async fn count(database: &Database) -> i64 {
    number(database, "SELECT COUNT(*) AS n FROM thing").await
}

async fn number(database: &Database, sql: &'static str) -> i64 {
    let statement = Statement::from_string(database.backend().db_backend(), sql);
    database.reader().query_one_raw(statement).await.unwrap().unwrap().try_get("", "n").unwrap()
}

#[tokio::test]
async fn a_refused_write_leaves_nothing_behind() {
    for test in databases().await {
        let refused: Result<(), Failure> = test
            .database
            .write(&call(&officer()), |mut tx| async move {
                insert(&tx, 1).await?;
                tx.emit(happened(1));
                tx.record(AuditRecord::new("thing.create", "thg_1", json!({})));
                Err(Refusal::conflict().into())
            })
            .await;
        assert!(matches!(refused, Err(Failure::Refused(_))), "{}", test.backend);
        assert_eq!(count(&test.database).await, 0);
        assert_eq!(test.database.last_position().await.unwrap(), 0);
        assert!(test.database.ledger_entries(0, 10).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_caller_that_hangs_up_does_not_cut_a_write() {
    for test in databases().await {
        let (reached, at_the_middle) = tokio::sync::oneshot::channel();
        let (go_on, may_go_on) = tokio::sync::oneshot::channel::<()>();
        let database = test.database.clone();
        let caller = tokio::spawn(async move {
            database
                .write(&call(&officer()), |tx| async move {
                    insert(&tx, 1).await?;
                    reached.send(()).unwrap();
                    may_go_on.await.unwrap();
                    insert(&tx, 2).await?;
                    tx.commit(()).await
                })
                .await
        });
        at_the_middle.await.unwrap();
        caller.abort();
        assert!(caller.await.unwrap_err().is_cancelled());
        go_on.send(()).unwrap();
        test.database.drain().await;
        assert_eq!(count(&test.database).await, 2, "{}", test.backend);
    }
}

#[tokio::test]
async fn without_a_task_of_its_own_the_same_write_is_lost() {
    // The negative control of the test above: the transaction on the caller's own task is undone when the caller goes.
    use sea_orm::TransactionTrait as _;
    for test in databases().await {
        let (reached, at_the_middle) = tokio::sync::oneshot::channel();
        let database = test.database.clone();
        let caller = tokio::spawn(async move {
            let transaction = database.migrator().begin().await.unwrap();
            bulk::insert_rows(&transaction, "thing", &["id", "name"], [vec![1_i64.into(), "name".into()]])
                .await
                .unwrap();
            reached.send(()).unwrap();
            std::future::pending::<()>().await;
            transaction.commit().await.unwrap();
        });
        at_the_middle.await.unwrap();
        caller.abort();
        assert!(caller.await.unwrap_err().is_cancelled());
        test.database.write(&call(&officer()), |tx| async move { tx.commit(()).await }).await.unwrap();
        assert_eq!(count(&test.database).await, 0, "{}", test.backend);
    }
}

/// Holds the rows that relays claim from until it is told to let go.
async fn hold_events(test: &TestDatabase) -> (tokio::sync::oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
    let (reached, held) = tokio::sync::oneshot::channel();
    let (let_go, wait) = tokio::sync::oneshot::channel::<()>();
    let (database, backend) = (test.database.clone(), test.backend);
    let holder = tokio::spawn(async move {
        let hold = move |tx: Tx| async move {
            if backend == "postgres" {
                tx.connection().execute_unprepared("LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE").await?;
            }
            reached.send(()).unwrap();
            wait.await.unwrap();
            tx.commit(()).await
        };
        database.write(&call(&officer()), hold).await.unwrap();
    });
    held.await.unwrap();
    (let_go, holder)
}

async fn one_event(test: &TestDatabase) {
    let tell = |mut tx: Tx| async move {
        tx.emit(happened(1));
        tx.commit(()).await
    };
    test.database.write(&call(&officer()), tell).await.unwrap();
}

#[tokio::test]
async fn a_relay_that_hangs_up_neither_cuts_a_claim_nor_harms_the_next_write() {
    for test in databases().await {
        one_event(&test).await;
        let (let_go, holder) = hold_events(&test).await;
        for _ in 0..20 {
            let mut claim = test.database.claim(clock().now(), Duration::from_secs(30), 10);
            assert!(futures::poll!(&mut claim).is_pending());
            drop(claim);
        }
        let_go.send(()).unwrap();
        holder.await.unwrap();
        test.database.drain().await;
        let claimed = "SELECT COUNT(*) AS n FROM outbox WHERE fence = 1 AND lease_until > 0";
        assert_eq!(
            number(&test.database, claimed).await,
            1,
            "{}: the first took it, the others found it taken",
            test.backend
        );
        test.database
            .write(&call(&officer()), |tx| async move {
                insert(&tx, 1).await?;
                tx.commit(()).await
            })
            .await
            .unwrap();
        assert_eq!(count(&test.database).await, 1, "{}: what is acknowledged is there", test.backend);
    }
}

#[tokio::test]
async fn without_a_task_of_its_own_a_claim_goes_with_its_caller() {
    // The negative control of the test above, on SQLite alone: on PostgreSQL a statement on its way may still be carried out.
    let test = databases().await.remove(0);
    one_event(&test).await;
    let (let_go, holder) = hold_events(&test).await;
    let mut claim = Box::pin(test.database.migrator().execute_unprepared("UPDATE outbox SET fence = fence + 1"));
    assert!(futures::poll!(&mut claim).is_pending());
    drop(claim);
    let_go.send(()).unwrap();
    holder.await.unwrap();
    test.database.drain().await;
    assert_eq!(number(&test.database, "SELECT COUNT(*) AS n FROM outbox WHERE fence > 0").await, 0);
}

#[tokio::test]
async fn one_key_is_one_effect_however_many_ask_at_once() {
    for test in databases().await {
        let tasks = (0..32).map(|_| {
            let database = test.database.clone();
            tokio::spawn(async move {
                database
                    .write_once(
                        &keyed_call(&officer(), "key-00000001"),
                        "thing.create",
                        &json!({ "a": 1 }),
                        |mut tx| async move {
                            let id = i64::from(rand::random::<u16>());
                            insert(&tx, id).await?;
                            tx.emit(happened(id));
                            tx.commit(id).await
                        },
                    )
                    .await
                    .unwrap()
            })
        });
        let answers: HashSet<i64> = futures::future::join_all(tasks).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers.len(), 1, "{}", test.backend);
        assert_eq!(count(&test.database).await, 1);
        assert_eq!(test.database.last_position().await.unwrap(), 1);

        let other_input = test
            .database
            .write_once(&keyed_call(&officer(), "key-00000001"), "thing.create", &json!({ "a": 2 }), |tx| async move {
                tx.commit(0_i64).await
            })
            .await;
        assert!(matches!(other_input, Err(Failure::Refused(Refusal { code: Code::IdempotencyMismatch, .. }))));

        let elsewhere = cordon_testkit::actor(
            "x",
            "other police",
            OrganisationKind::Police,
            OrganisationLevel::City,
            "440300",
            &[],
        );
        let independent = test
            .database
            .write_once(&keyed_call(&elsewhere, "key-00000001"), "thing.create", &json!({ "a": 2 }), |tx| async move {
                tx.commit(-1_i64).await
            })
            .await;
        assert_eq!(independent.unwrap(), -1);
    }
}

#[tokio::test]
async fn a_key_whose_write_was_refused_can_be_used_again() {
    for test in databases().await {
        let context = keyed_call(&officer(), "key-00000002");
        let refused: Result<i64, Failure> = test
            .database
            .write_once(&context, "thing.create", &json!({}), |_tx| async move { Err(Refusal::conflict().into()) })
            .await;
        assert!(refused.is_err());
        let again = test
            .database
            .write_once(&context, "thing.create", &json!({}), |tx| async move { tx.commit(7_i64).await })
            .await;
        assert_eq!(again.unwrap(), 7, "{}", test.backend);
    }
}

#[tokio::test]
async fn what_was_answered_is_kept_unreadable_and_forgotten_in_time() {
    const NUMBER: &str = "13800138000";
    for test in databases().await {
        let input = json!({ "number": NUMBER });
        let context = keyed_call(&officer(), "key-00000003");
        for answer in ["the first answer", "another answer"] {
            let write = move |tx: Tx| async move { tx.commit(format!("{answer}: {NUMBER}")).await };
            let answered = test.database.write_once(&context, "thing.name", &input, write).await.unwrap();
            assert_eq!(answered, format!("the first answer: {NUMBER}"), "{}", test.backend);
        }

        let statement = Statement::from_string(
            test.database.backend().db_backend(),
            "SELECT operation, key, input_digest, sealed_answer FROM idempotency",
        );
        let row = test.database.reader().query_one_raw(statement).await.unwrap().unwrap();
        let digest: Vec<u8> = row.try_get("", "input_digest").unwrap();
        let sealed: Vec<u8> = row.try_get("", "sealed_answer").unwrap();
        assert!(!sealed.windows(NUMBER.len()).any(|run| run == NUMBER.as_bytes()));
        assert_ne!(digest, Sha256::digest(serde_json::to_vec(&input).unwrap()).to_vec(), "anybody can guess a number");

        let now = test.database.clock().now();
        assert_eq!(test.database.forget_answers(now).await.unwrap(), 0);
        assert_eq!(test.database.forget_answers(now.plus(Duration::from_millis(1))).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn an_answer_moved_to_another_key_does_not_open() {
    for test in databases().await {
        let input = json!({ "a": 1 });
        for key in ["key-00000004", "key-00000005"] {
            let write = move |tx: Tx| async move { tx.commit(key.to_owned()).await };
            test.database.write_once(&keyed_call(&officer(), key), "thing.name", &input, write).await.unwrap();
        }
        let moved = "UPDATE idempotency SET sealed_answer = (SELECT b.sealed_answer FROM idempotency b WHERE b.key = 'key-00000005') \
             WHERE key = 'key-00000004'";
        test.database.migrator().execute_unprepared(moved).await.unwrap();
        let never = |tx: Tx| async move { tx.commit(String::new()).await };
        let repeated =
            test.database.write_once(&keyed_call(&officer(), "key-00000004"), "thing.name", &input, never).await;
        assert!(matches!(repeated, Err(Failure::Corrupt(_))), "{}", test.backend);
    }
}

#[tokio::test]
async fn without_a_vault_no_answer_is_kept_in_the_clear() {
    for test in unsealed_databases().await {
        let kept = test
            .database
            .write_once(&keyed_call(&officer(), "key-00000006"), "thing.create", &json!({}), |tx| async move {
                insert(&tx, 1).await?;
                tx.commit(1_i64).await
            })
            .await;
        assert!(matches!(kept, Err(Failure::Internal { .. })), "{}", test.backend);
        assert_eq!(count(&test.database).await, 0);
    }
}

#[tokio::test]
async fn positions_are_contiguous_and_every_claim_is_fenced() {
    for test in databases().await {
        let writers = (0..40_i64).map(|id| {
            let database = test.database.clone();
            tokio::spawn(async move {
                database
                    .write(&call(&officer()), move |mut tx| async move {
                        insert(&tx, id).await?;
                        tx.emit(happened(id));
                        tx.record(AuditRecord::new("thing.create", format!("thg_{id}"), json!({ "id": id })));
                        if id % 5 == 0 { Err(Refusal::conflict().into()) } else { tx.commit(()).await }
                    })
                    .await
                    .is_ok()
            })
        });
        let written =
            futures::future::join_all(writers).await.into_iter().filter(|done| *done.as_ref().unwrap()).count();
        assert_eq!(written, 32, "{}", test.backend);
        let feed = test.database.changes(0, 100).await.unwrap();
        assert_eq!(feed.iter().map(|event| event.position).collect::<Vec<_>>(), (1..=32).collect::<Vec<_>>());

        let now = test.database.clock().now();
        let lease = Duration::from_secs(30);
        let (first, second) =
            (test.database.claim(now, lease, 20).await.unwrap(), test.database.claim(now, lease, 20).await.unwrap());
        assert_eq!((first.len(), second.len()), (20, 12));
        assert!(test.database.claim(now, lease, 20).await.unwrap().is_empty());

        // The first relay is taken for dead and its events are claimed again; what it then marks has no effect.
        let later = now.plus(lease * 2);
        let again = test.database.claim(later, lease, 100).await.unwrap();
        assert_eq!(again.len(), 32);
        let stale: Vec<_> = first.iter().map(|claimed| (claimed.event.id, claimed.fence)).collect();
        assert_eq!(test.database.complete(&stale).await.unwrap(), 0);
        let held: Vec<_> = again.iter().map(|claimed| (claimed.event.id, claimed.fence)).collect();
        assert_eq!(test.database.complete(&held).await.unwrap(), 32);
    }
}

#[tokio::test]
async fn a_consumer_has_the_effect_of_an_event_once() {
    for test in databases().await {
        let event = cordon_context::Id::new(test.database.clock().now());
        for expected in [true, false] {
            let first = test
                .database
                .write(&call(&officer()), move |tx| async move {
                    let first = tx.first_time("consumer", event).await?;
                    tx.commit(first).await
                })
                .await;
            assert_eq!(first.unwrap(), expected, "{}", test.backend);
        }
    }
}

#[tokio::test]
async fn what_is_stored_verifies_against_a_signed_head_and_a_changed_byte_is_named() {
    for test in databases().await {
        for id in 0..20 {
            let record = AuditRecord::new("thing.create", format!("thg_{id}"), json!({ "id": id, "text": "内容" }));
            test.database
                .write(&call(&officer()), move |mut tx| async move {
                    tx.record(record);
                    tx.commit(()).await
                })
                .await
                .unwrap();
        }
        test.database.denied(&call(&officer()), cordon_context::Action::Approve, cordon_context::Resource::Order);
        wait_for_entries(&test.database, 21).await;
        let signer = support::Signer::new();
        let context = call(&Actor::system("ledger_head"));
        let head = test.database.sign_ledger_head(&context, &signer).await.unwrap().unwrap();
        assert_eq!(head.tree_size, 21, "{}", test.backend);
        assert!(test.database.sign_ledger_head(&context, &signer).await.unwrap().is_none(), "nothing new to sign");

        let verdict = |entries: Vec<cordon_ledger::StoredEntry>, heads: Vec<cordon_ledger::Head>| {
            verify(entries.into_iter().map(Ok::<_, std::convert::Infallible>), &heads, &signer.trusted())
        };
        let entries = test.database.ledger_entries(0, 100).await.unwrap();
        let heads = test.database.ledger_heads().await.unwrap();
        assert!(verdict(entries, heads.clone()).is_intact(), "{}", test.backend);

        test.database
            .migrator()
            .execute_unprepared("UPDATE ledger_entry SET actor = 'x' || actor WHERE seq = 7")
            .await
            .unwrap();
        let entries = test.database.ledger_entries(0, 100).await.unwrap();
        let faults = verdict(entries, heads).faults;
        assert!(faults.iter().any(|fault| fault.seq == Some(7)), "{}: {faults:?}", test.backend);
    }
}

/// Chains so many entries.
async fn record(database: &Database, count: usize) {
    let records: Vec<_> =
        (0..count).map(|id| AuditRecord::new("thing.create", format!("thg_{id}"), json!({}))).collect();
    database
        .write(&call(&officer()), move |mut tx| async move {
            for record in records {
                tx.record(record);
            }
            tx.commit(()).await
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_head_is_signed_over_what_was_followed_and_over_nothing_else() {
    for test in databases().await {
        let (database, signer) = (&test.database, support::Signer::new());
        let context = call(&Actor::system("ledger_head"));
        let mut writer = HeadWriter::new(database);
        assert!(
            writer.sign(&context, &signer).await.unwrap().is_none(),
            "{}: an empty ledger has no head",
            test.backend
        );
        let entries = database.watch_entries();
        record(database, 1_500).await;
        assert_eq!(*entries.borrow(), 1_500);
        assert_eq!(writer.sign(&context, &signer).await.unwrap().unwrap().tree_size, 1_500);
        assert!(writer.sign(&context, &signer).await.unwrap().is_none(), "nothing is new");
        assert_eq!(*entries.borrow(), 1_500, "a head is no entry");
        record(database, 2).await;
        assert_eq!(writer.sign(&context, &signer).await.unwrap().unwrap().tree_size, 1_502);
        assert_eq!(database.newest_head().await.unwrap().unwrap().tree_size, 1_502);

        // Whoever changes an entry and its hash gets no signature over it, whatever the row with the end of the chain says.
        record(database, 2).await;
        let changed = "UPDATE ledger_entry SET outcome = 'denied' WHERE seq = 1503";
        database.migrator().execute_unprepared(changed).await.unwrap();
        assert!(writer.sign(&context, &signer).await.is_err(), "{}", test.backend);
        assert!(database.sign_ledger_head(&context, &signer).await.is_err(), "not even after a restart");
        assert_eq!(database.newest_head().await.unwrap().unwrap().tree_size, 1_502);
        let back = "UPDATE ledger_entry SET outcome = 'done' WHERE seq = 1503";
        database.migrator().execute_unprepared(back).await.unwrap();
        // The negative control.
        assert_eq!(writer.sign(&context, &signer).await.unwrap().unwrap().tree_size, 1_504);
        // A head that covers more than there is speaks of entries that somebody took away.
        database.migrator().execute_unprepared("DELETE FROM ledger_entry WHERE seq > 1500").await.unwrap();
        assert!(database.sign_ledger_head(&context, &signer).await.is_err(), "{}", test.backend);
    }
}

async fn wait_for_entries(database: &Database, wanted: usize) {
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while database.ledger_entries(0, 1_000).await.unwrap().len() < wanted {
        assert!(std::time::Instant::now() < deadline, "the entries did not arrive");
        tokio::task::yield_now().await;
    }
}

mod support {
    use cordon_ledger::{HeadKey, HeadSignature, HeadSigner, SignError, TrustedKeys};
    use ed25519_dalek::{Signer as _, SigningKey};

    pub(super) struct Signer(SigningKey);

    impl Signer {
        pub(super) fn new() -> Self {
            Self(SigningKey::from_bytes(&[7; 32]))
        }

        pub(super) fn trusted(&self) -> TrustedKeys {
            TrustedKeys::new(&[HeadKey { key_id: "test".to_owned(), public_key: self.0.verifying_key().to_bytes() }])
                .unwrap()
        }
    }

    impl HeadSigner for Signer {
        fn key_id(&self) -> Result<String, SignError> {
            Ok("test".to_owned())
        }

        fn sign(&self, message: &[u8]) -> Result<HeadSignature, SignError> {
            Ok(HeadSignature { key_id: "test".to_owned(), bytes: self.0.sign(message).to_bytes() })
        }
    }
}
