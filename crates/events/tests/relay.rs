//! What a relay does when a consumer does not take an event.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use cordon_context::{Clock as _, EventId, ManualClock, Timestamp};
use cordon_events::{
    Bus as _, Claimed, Consumer, ConsumerError, Event, MemoryBus, NewEvent, Outbox, OutboxError, Relay, RelaySettings,
};
use tokio::sync::Notify;

/// An outbox as the rows behave: due events by position, one batch at a time.
#[derive(Default)]
struct Rows(Mutex<Vec<Row>>);

struct Row {
    event: Event,
    due: Timestamp,
    fence: i64,
    delivered: bool,
}

#[async_trait]
impl Outbox for Rows {
    async fn claim(&self, now: Timestamp, _lease: Duration, limit: u32) -> Result<Vec<Claimed>, OutboxError> {
        let mut rows = self.0.lock().unwrap();
        let due = rows.iter_mut().filter(|row| !row.delivered && row.due <= now);
        let taken = due.take(usize::try_from(limit).unwrap());
        Ok(taken
            .map(|row| {
                row.fence += 1;
                Claimed { event: row.event.clone(), fence: row.fence, attempts: 0 }
            })
            .collect())
    }

    async fn complete(&self, delivered: &[(EventId, i64)]) -> Result<u64, OutboxError> {
        for row in self.0.lock().unwrap().iter_mut() {
            row.delivered |= delivered.contains(&(row.event.id, row.fence));
        }
        Ok(0)
    }

    async fn give_back(&self, id: EventId, fence: i64, due: Timestamp) -> Result<(), OutboxError> {
        for row in self.0.lock().unwrap().iter_mut().filter(|row| row.event.id == id && row.fence == fence) {
            row.due = due;
        }
        Ok(())
    }

    fn committed(&self) -> Arc<Notify> {
        Arc::default()
    }
}

/// Takes everything but the first event of one subject, which it refuses so many times.
struct Consumed {
    refuse: Mutex<u32>,
    taken: Mutex<Vec<i64>>,
}

#[async_trait]
impl Consumer for Consumed {
    fn name(&self) -> &'static str {
        "test"
    }

    fn wants(&self, _topic: &str) -> bool {
        true
    }

    async fn consume(&self, event: &Event) -> Result<(), ConsumerError> {
        let mut refuse = self.refuse.lock().unwrap();
        if event.position == 1 && *refuse > 0 {
            *refuse -= 1;
            return Err(ConsumerError { consumer: "test", source: "busy".into() });
        }
        self.taken.lock().unwrap().push(event.position);
        Ok(())
    }
}

fn row(position: i64, subject: &str, at: Timestamp) -> Row {
    let content = NewEvent {
        topic: "case.parties_changed".to_owned(),
        subject: subject.to_owned(),
        audience: Vec::new(),
        payload: serde_json::Value::Null,
    };
    let event = Event { id: EventId::new(at), service: "test".to_owned(), position, at, content };
    Row { event, due: at, fence: 0, delivered: false }
}

struct Stage {
    clock: ManualClock,
    rows: Arc<Rows>,
    consumed: Arc<Consumed>,
    relay: Relay,
}

fn stage(refuse: u32, batch: u32, subjects: &[&str]) -> Stage {
    let clock = ManualClock::at(Timestamp::from_millis(1_000_000));
    let rows = Arc::new(Rows::default());
    for (position, subject) in (1..).zip(subjects) {
        rows.0.lock().unwrap().push(row(position, subject, clock.now()));
    }
    let consumed = Arc::new(Consumed { refuse: Mutex::new(refuse), taken: Mutex::default() });
    let bus = MemoryBus::default();
    bus.add(Arc::<Consumed>::clone(&consumed));
    let settings = RelaySettings { batch, ..RelaySettings::default() };
    let outbox: Arc<dyn Outbox> = Arc::<Rows>::clone(&rows);
    let relay = Relay::new(outbox, Arc::new(bus), Arc::new(clock.clone()), settings);
    Stage { clock, rows, consumed, relay }
}

impl Stage {
    fn taken(&self) -> Vec<i64> {
        self.consumed.taken.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn an_event_that_failed_is_not_overtaken_by_a_later_one_of_its_subject() {
    let stage = stage(1, 200, &["case_a", "case_b", "case_a"]);
    stage.relay.step().await.unwrap();
    assert_eq!(stage.taken(), [2], "another subject goes on, the same one waits");
    stage.clock.advance(Duration::from_secs(1));
    stage.relay.step().await.unwrap();
    assert_eq!(stage.taken(), [2, 1, 3]);
}

#[tokio::test]
async fn nor_by_one_of_a_later_batch_however_often_it_fails() {
    let stage = stage(3, 1, &["case_a", "case_a"]);
    for _ in 0..4 {
        stage.relay.step().await.unwrap();
        stage.relay.step().await.unwrap();
        stage.clock.advance(Duration::from_secs(1));
    }
    stage.relay.step().await.unwrap();
    assert_eq!(stage.taken(), [1, 2]);
}

#[tokio::test]
async fn an_event_that_somebody_else_delivered_holds_nothing_up() {
    let stage = stage(1, 200, &["case_a", "case_a"]);
    stage.relay.step().await.unwrap();
    stage.rows.0.lock().unwrap().first_mut().unwrap().delivered = true;
    stage.clock.advance(Duration::from_secs(1));
    stage.relay.step().await.unwrap();
    assert_eq!(stage.taken(), Vec::<i64>::new(), "it may still be on its way");
    stage.clock.advance(RelaySettings::default().lease + Duration::from_secs(1));
    stage.relay.step().await.unwrap();
    assert_eq!(stage.taken(), [2]);
}

/// Takes nothing; without it first in line, those behind it would prove nothing.
struct Refusing(&'static str);

#[async_trait]
impl Consumer for Refusing {
    fn name(&self) -> &'static str {
        self.0
    }

    fn wants(&self, _topic: &str) -> bool {
        true
    }

    async fn consume(&self, _event: &Event) -> Result<(), ConsumerError> {
        Err(ConsumerError { consumer: self.0, source: "down".into() })
    }
}

#[tokio::test]
async fn a_consumer_that_fails_keeps_an_event_from_nobody_else() {
    let now = Timestamp::from_millis(1_000_000);
    let event = row(1, "case_a", now).event;
    let taker = || Arc::new(Consumed { refuse: Mutex::new(0), taken: Mutex::default() });
    let (before, behind) = (taker(), taker());
    let bus = MemoryBus::default();
    bus.add(Arc::<Consumed>::clone(&before));
    bus.add(Arc::new(Refusing("first to fail")));
    bus.add(Arc::new(Refusing("second to fail")));
    bus.add(Arc::<Consumed>::clone(&behind));
    for times in 1..=2 {
        let refused = bus.publish(&event).await.unwrap_err();
        let source = std::error::Error::source(&refused).unwrap().to_string();
        assert!(source.contains("first to fail"), "it is offered again, for this reason: {source}");
        // The relay offers it again, and it is each consumer's inbox that lets the second time have no effect.
        for consumer in [&before, &behind] {
            assert_eq!(*consumer.taken.lock().unwrap(), vec![1; times]);
        }
    }
    // The negative control: where nobody fails, the event counts as delivered.
    let bus = MemoryBus::default();
    bus.add(Arc::<Consumed>::clone(&behind));
    bus.publish(&event).await.unwrap();
}
