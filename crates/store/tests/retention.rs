//! Old events are forgotten, and none that is still to be told or could take effect twice.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use cordon_context::{Actor, Clock as _, EventId, ManualClock, Timestamp};
use cordon_events::{Claimed, NewEvent, Outbox as _};
use cordon_migrations::directory::Migrator;
use cordon_store::{Database, forget_events};
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
        let left: Vec<i64> = database.changes(0, 100).await.unwrap().iter().map(|event| event.position).collect();
        assert_eq!(left, [10, 1_201, 1_202, 1_203], "{}", test.backend);
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
