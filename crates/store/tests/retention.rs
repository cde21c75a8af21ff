//! Old events are forgotten, and none that is still to be told or could take effect twice.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use cordon_context::{Actor, Clock as _, Code, EventId, ManualClock, Refusal, Timestamp};
use cordon_events::{Claimed, Event, NewEvent, Outbox as _};
use cordon_migrations::directory::Migrator;
use cordon_store::{Database, Failure, forget_events};
use cordon_testkit::{call, test_databases_apart};
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::json;

const LONG: Duration = Duration::from_hours(24 * 500);

fn before(clock: &ManualClock) -> Timestamp {
    clock.now().minus(Duration::from_hours(24 * 400))
}

/// A call that is not late on a clock that was moved.
fn now(clock: &ManualClock) -> cordon_context::CallContext {
    cordon_context::CallContext { deadline: clock.now().plus(Duration::from_mins(1)), ..call(&Actor::system("test")) }
}

async fn emit(database: &Database, clock: &ManualClock, count: usize) {
    database
        .write(&now(clock), move |mut tx| async move {
            for number in 0..count {
                let subject = number.to_string();
                tx.emit(NewEvent { topic: "test".to_owned(), subject, audience: vec![], payload: json!({}) });
            }
            tx.commit(()).await
        })
        .await
        .unwrap();
}

async fn claim(database: &Database, clock: &ManualClock, limit: u32) -> Vec<Claimed> {
    database.claim(clock.now(), Duration::from_secs(1), limit).await.unwrap()
}

async fn deliver(database: &Database, claimed: &[Claimed]) {
    let done: Vec<_> = claimed.iter().map(|claimed| (claimed.event.id, claimed.fence)).collect();
    assert_eq!(database.complete(&done).await.unwrap(), u64::try_from(done.len()).unwrap());
}

async fn hear(database: &Database, clock: &ManualClock, event: EventId) -> bool {
    database
        .write(&now(clock), move |tx| async move {
            let first = tx.first_time("consumer", event).await?;
            tx.commit(first).await
        })
        .await
        .unwrap()
}

async fn count(database: &Database, table: &str) -> i64 {
    let statement =
        Statement::from_string(database.backend().db_backend(), format!("SELECT COUNT(*) AS n FROM {table}"));
    database.reader().query_one_raw(statement).await.unwrap().unwrap().try_get("", "n").unwrap()
}

#[tokio::test]
async fn delivered_events_go_in_time_and_undelivered_ones_never() {
    for (test, clock) in test_databases_apart::<Migrator>("directory").await {
        let database = &test.database;
        emit(database, &clock, 1_200).await;
        let claimed = claim(database, &clock, 1_200).await;
        // The tenth of them was never delivered.
        let (stuck, done): (Vec<_>, Vec<_>) = claimed.into_iter().partition(|claimed| claimed.event.position == 10);
        deliver(database, &done).await;
        clock.advance(LONG);
        emit(database, &clock, 3).await;
        let fresh = database.claim(clock.now(), Duration::from_secs(1), 4).await.unwrap();
        deliver(database, &fresh.into_iter().filter(|fresh| fresh.event.position > 1_200).collect::<Vec<_>>()).await;

        let forgotten = forget_events(std::slice::from_ref(database), before(&clock)).await.unwrap();
        assert_eq!(forgotten, 1_199, "{}", test.backend);
        assert_eq!(count(database, "outbox").await, 4, "{}", test.backend);
        assert_eq!(told(database, 1_200).await, [1_201, 1_202, 1_203], "{}", test.backend);
        // The tenth is still there, and behind it nothing for a thousand events.
        assert_eq!(told(database, 9).await, Vec::<i64>::new(), "{}", test.backend);
        assert_eq!(forget_events(std::slice::from_ref(database), before(&clock)).await.unwrap(), 0);

        // Once it is delivered and its time has passed it goes too, and positions go on where they were.
        clock.advance(Duration::from_secs(2));
        let again = database.claim(clock.now(), Duration::from_secs(1), 4).await.unwrap();
        assert_eq!(again.len(), stuck.len());
        deliver(database, &again).await;
        clock.advance(LONG);
        assert_eq!(forget_events(std::slice::from_ref(database), before(&clock)).await.unwrap(), 4);
        assert_eq!((count(database, "outbox").await, database.last_position().await.unwrap()), (0, 1_203));
        emit(database, &clock, 1).await;
        assert_eq!(database.last_position().await.unwrap(), 1_204, "{}", test.backend);
    }
}

/// The positions that a reader is told; none, where it is told that some are missing.
async fn told(database: &Database, after: i64) -> Vec<i64> {
    match database.changes(after, 100).await {
        Ok(events) => events.iter().map(|event| event.position).collect(),
        Err(failure) => {
            assert_eq!(expired(failure), Some(1_201));
            Vec::new()
        }
    }
}

/// The first position from which a reader can go on, if it was told that what it asked for is forgotten.
fn expired(failure: Failure) -> Option<i64> {
    let refusal = Refusal::from(failure);
    assert_eq!(refusal.code, Code::FeedExpired, "{refusal:?}");
    refusal.oldest_seq
}

#[tokio::test]
async fn a_reader_behind_what_was_forgotten_is_told_so() {
    for (test, clock) in test_databases_apart::<Migrator>("directory").await {
        let database = &test.database;
        let after = async |position: i64| database.changes(position, 2).await;
        let positions = |events: Vec<Event>| events.iter().map(|event| event.position).collect::<Vec<_>>();
        assert!(after(0).await.unwrap().is_empty(), "nothing was told yet");
        emit(database, &clock, 5).await;
        deliver(database, &claim(database, &clock, 5).await).await;
        clock.advance(LONG);
        emit(database, &clock, 3).await;
        assert_eq!(positions(after(0).await.unwrap()), [1, 2], "{}", test.backend);

        forget_events(std::slice::from_ref(database), before(&clock)).await.unwrap();
        for position in [0, 3, 4] {
            assert_eq!(expired(after(position).await.unwrap_err()), Some(6), "{} {position}", test.backend);
        }
        // The negative controls: a reader just inside, at the end, and one that has nothing to wait for any more.
        assert_eq!(positions(after(5).await.unwrap()), [6, 7], "{}", test.backend);
        assert_eq!(positions(after(7).await.unwrap()), [8]);
        assert!(after(8).await.unwrap().is_empty());

        // Where nothing is left at all, the next event to come is the oldest.
        deliver(database, &claim(database, &clock, 5).await).await;
        clock.advance(LONG);
        forget_events(std::slice::from_ref(database), before(&clock)).await.unwrap();
        assert_eq!(expired(after(7).await.unwrap_err()), Some(9), "{}", test.backend);
        assert!(after(8).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_note_of_an_event_outlives_the_event() {
    let both = test_databases_apart::<Migrator>("directory").await;
    let consumers = test_databases_apart::<Migrator>("directory").await;
    for ((source, clock), (consumer, its_clock)) in both.into_iter().zip(consumers) {
        let databases = [source.database.clone(), consumer.database.clone()];
        emit(&source.database, &clock, 1).await;
        let claimed = claim(&source.database, &clock, 1).await;
        let event = claimed.first().unwrap().event.id;
        assert!(hear(&consumer.database, &its_clock, event).await);
        // The consumer is through, and the answer was lost: the event will come again.
        for clock in [&clock, &its_clock] {
            clock.advance(LONG);
        }
        assert_eq!(forget_events(&databases, before(&clock)).await.unwrap(), 0, "{}", source.backend);
        assert!(!hear(&consumer.database, &its_clock, event).await, "{}: it would happen twice", source.backend);
        // The negative control: delivered, both are forgotten.
        deliver(&source.database, &claim(&source.database, &clock, 1).await).await;
        for clock in [&clock, &its_clock] {
            clock.advance(LONG);
        }
        assert_eq!(forget_events(&databases, before(&clock)).await.unwrap(), 2, "{}", source.backend);
        assert_eq!(count(&consumer.database, "inbox").await, 0);
    }
}
