//! However many attempts are refused, each is counted in the ledger, and the writer stays free for others.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use cordon_context::{Action, Actor, CallContext, DenialLog as _, OrganisationKind, OrganisationLevel, Resource, Role};
use cordon_ledger::StoredEntry;
use cordon_migrations::directory::Migrator;
use cordon_store::Database;
use cordon_testkit::{call, clock, test_databases};
use sea_orm::ConnectionTrait as _;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

fn officer(login: &str) -> CallContext {
    call(&cordon_testkit::actor(
        login,
        "police",
        OrganisationKind::Police,
        OrganisationLevel::City,
        "440300",
        &[Role::PoliceHandler],
    ))
}

async fn entries(database: &Database) -> Vec<StoredEntry> {
    database.ledger_entries(0, 10_000).await.unwrap()
}

/// How many refusals an entry stands for.
fn times(entry: &StoredEntry) -> u64 {
    let payload: serde_json::Value = serde_json::from_str(entry.payload.as_deref().unwrap_or("{}")).unwrap();
    payload.get("times").map_or(1, |times| times.as_u64().unwrap())
}

#[tokio::test]
async fn a_flood_of_refusals_is_counted_in_few_entries() {
    for test in test_databases::<Migrator>("directory", Arc::new(clock())).await {
        let first = officer("first");
        for _attempt in 0..5_000 {
            test.database.denied(&first, Action::Approve, Resource::Order);
        }
        let second = officer("second");
        test.database.denied(&second, Action::Approve, Resource::Order);
        test.database.denied(&second, Action::Read, Resource::Case);
        test.database.drain().await;
        let entries = entries(&test.database).await;
        assert!(entries.len() <= 6, "{}: {} entries", test.backend, entries.len());
        let of = |actor: &Actor| entries.iter().filter(|entry| entry.actor == actor.party()).map(times).sum::<u64>();
        assert_eq!((of(&first.actor), of(&second.actor)), (5_000, 2), "{}", test.backend);
        for entry in &entries {
            assert_eq!(
                (entry.outcome.as_str(), entry.organization.as_str()),
                ("denied", first.actor.organisation.to_string().as_str())
            );
        }
        let trace = first.trace.trace_id();
        assert!(entries.iter().any(|entry| entry.trace.as_deref() == Some(trace.as_str())), "the call can be found");
    }
}

#[tokio::test]
async fn of_more_parties_than_can_be_told_apart_the_number_stays() {
    for test in test_databases::<Migrator>("directory", Arc::new(clock())).await {
        // Nothing is awaited in between, so that the writer comes by once.
        for number in 0..1_000 {
            test.database.denied(&officer(&format!("officer {number}")), Action::Approve, Resource::Order);
        }
        test.database.drain().await;
        let entries = entries(&test.database).await;
        assert_eq!(entries.iter().map(times).sum::<u64>(), 1_000, "{}", test.backend);
        let more: Vec<_> = entries.iter().filter(|entry| entry.action == "denials.more").collect();
        assert!(matches!(more.as_slice(), [one] if times(one) > 1 && one.actor == "system:denials"), "{more:?}");
        assert!(entries.len() < 300, "{}", entries.len());
    }
}

#[tokio::test]
async fn refusals_wait_for_a_ledger_that_is_away() {
    for test in test_databases::<Migrator>("directory", Arc::new(clock())).await {
        let failures = Failures::default();
        let _listening = tracing::subscriber::set_default(failures.clone());
        let rename = |from: &str, to: &str| format!("ALTER TABLE {from} RENAME TO {to}");
        let database = test.database.migrator();
        database.execute_unprepared(&rename("ledger_entry", "away")).await.unwrap();
        let officer = officer("officer");
        test.database.denied(&officer, Action::Approve, Resource::Order);
        let begun = Instant::now();
        while failures.seen.load(Ordering::SeqCst) == 0 {
            assert!(begun.elapsed() < Duration::from_secs(20), "{}: nothing was tried", test.backend);
            tokio::task::yield_now().await;
        }
        test.database.denied(&officer, Action::Approve, Resource::Order);
        database.execute_unprepared(&rename("away", "ledger_entry")).await.unwrap();
        test.database.drain().await;
        let entries = entries(&test.database).await;
        assert_eq!(entries.iter().map(times).sum::<u64>(), 2, "{}", test.backend);
    }
}

#[tokio::test]
async fn a_writer_that_panics_is_followed_by_another() {
    for test in test_databases::<Migrator>("directory", Arc::new(clock())).await {
        let failures = Failures { panics: true, ..Failures::default() };
        let listening = tracing::subscriber::set_default(failures.clone());
        let rename = |from: &str, to: &str| format!("ALTER TABLE {from} RENAME TO {to}");
        let database = test.database.migrator();
        database.execute_unprepared(&rename("ledger_entry", "away")).await.unwrap();
        let officer = officer("officer");
        test.database.denied(&officer, Action::Approve, Resource::Order);
        let begun = Instant::now();
        while failures.seen.load(Ordering::SeqCst) == 0 {
            assert!(begun.elapsed() < Duration::from_secs(20), "{}: nothing was tried", test.backend);
            tokio::task::yield_now().await;
        }
        drop(listening);
        database.execute_unprepared(&rename("away", "ledger_entry")).await.unwrap();
        // The writer ended in the middle of its work. What it held is still there, and so is whoever comes next.
        test.database.denied(&officer, Action::Read, Resource::Case);
        test.database.drain().await;
        let entries = entries(&test.database).await;
        assert_eq!(entries.iter().map(times).sum::<u64>(), 2, "{}: {entries:?}", test.backend);
    }
}

/// Counts what the writer says about failures.
#[derive(Clone, Default)]
struct Failures {
    seen: Arc<AtomicU64>,
    /// Whether whoever says something panics.
    panics: bool,
}

impl Subscriber for Failures {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "cordon_store::denials"
    }

    fn event(&self, event: &Event<'_>) {
        if *event.metadata().level() == Level::ERROR {
            self.seen.fetch_add(1, Ordering::SeqCst);
            assert!(!self.panics, "the writer panics");
        }
    }

    fn new_span(&self, _span: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn enter(&self, _span: &Id) {}

    fn exit(&self, _span: &Id) {}
}
