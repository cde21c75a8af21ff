//! Moves events from an outbox to the bus.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use cordon_context::{Clock, EventId, Timestamp};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::{Bus, Event};

/// An event that this relay holds for a while.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The event.
    pub event: Event,
    /// Grows with every claim; a mark with an old fence changes nothing.
    pub fence: i64,
    /// How often it was offered before.
    pub attempts: u32,
}

/// The outbox could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("the outbox of {service} did not answer")]
pub struct OutboxError {
    /// Whose outbox.
    pub service: &'static str,
    /// Why.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// The rows in which a service keeps what it has to tell; several relays may claim from the same one.
#[async_trait]
pub trait Outbox: Send + Sync + 'static {
    /// Takes up to `limit` events that nobody holds and that are due, until `now + lease`.
    async fn claim(&self, now: Timestamp, lease: Duration, limit: u32) -> Result<Vec<Claimed>, OutboxError>;

    /// Marks events as delivered where the fence still fits; tells how many fitted.
    async fn complete(&self, delivered: &[(EventId, i64)]) -> Result<u64, OutboxError>;

    /// Gives an event back, to be offered again at `due`, where the fence still fits.
    async fn give_back(&self, id: EventId, fence: i64, due: Timestamp) -> Result<(), OutboxError>;

    /// Signals that a transaction with events was committed in this process.
    fn committed(&self) -> Arc<Notify>;
}

/// How a relay works.
#[derive(Clone, Copy, Debug)]
pub struct RelaySettings {
    /// How long a claim holds; a relay that dies gives its events back after this time.
    pub lease: Duration,
    /// How many events are claimed at once.
    pub batch: u32,
    /// How long to wait when nothing was signalled.
    pub idle: Duration,
    /// The longest wait before an event is offered again.
    pub longest_retry: Duration,
}

impl Default for RelaySettings {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(30),
            batch: 200,
            idle: Duration::from_secs(1),
            longest_retry: Duration::from_mins(1),
        }
    }
}

/// Moves events of one outbox to the bus until it is told to stop.
///
/// Events of one subject reach the bus in their order, as long as one relay works at the outbox: while one of them waits to be
/// offered again, the later ones wait with it.
pub struct Relay {
    outbox: Arc<dyn Outbox>,
    bus: Arc<dyn Bus>,
    clock: Arc<dyn Clock>,
    settings: RelaySettings,
    /// By subject, the event that was not taken.
    waiting: Mutex<HashMap<String, Waiting>>,
}

/// An event that will be offered again.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    position: i64,
    due: Timestamp,
}

impl Relay {
    /// Sets up a relay.
    pub fn new(outbox: Arc<dyn Outbox>, bus: Arc<dyn Bus>, clock: Arc<dyn Clock>, settings: RelaySettings) -> Self {
        Self { outbox, bus, clock, settings, waiting: Mutex::default() }
    }

    /// Works until `stop` is cancelled.
    pub async fn run(self, stop: CancellationToken) {
        let committed = self.outbox.committed();
        while !stop.is_cancelled() {
            let moved = match self.step().await {
                Ok(moved) => moved,
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the outbox did not answer");
                    0
                }
            };
            if moved == 0 {
                tokio::select! {
                    () = committed.notified() => {}
                    () = tokio::time::sleep(self.settings.idle) => {}
                    () = stop.cancelled() => {}
                }
            }
        }
    }

    /// Claims one batch and offers it; tells how many events were delivered.
    pub async fn step(&self) -> Result<usize, OutboxError> {
        let claimed = self.outbox.claim(self.clock.now(), self.settings.lease, self.settings.batch).await?;
        let mut delivered = Vec::with_capacity(claimed.len());
        for Claimed { event, fence, attempts } in claimed {
            if let Some(due) = self.must_wait(&event) {
                self.outbox.give_back(event.id, fence, due).await?;
                continue;
            }
            match self.bus.publish(&event).await {
                Ok(()) => {
                    self.lock().remove(&event.content.subject);
                    delivered.push((event.id, fence));
                }
                Err(error) => {
                    tracing::warn!(event.id = %event.id, event.topic = event.content.topic, attempts,
                        error = &error as &dyn std::error::Error, "an event was not taken; it will be offered again");
                    let wait = Duration::from_millis(200).saturating_mul(1 << attempts.min(16));
                    let due = self.clock.now().plus(wait.min(self.settings.longest_retry));
                    let waiting = Waiting { position: event.position, due };
                    self.lock().insert(event.content.subject.clone(), waiting);
                    self.outbox.give_back(event.id, fence, due).await?;
                }
            }
        }
        let count = delivered.len();
        if count > 0 {
            self.outbox.complete(&delivered).await?;
        }
        Ok(count)
    }

    /// Until when an event waits for an earlier one of its subject.
    fn must_wait(&self, event: &Event) -> Option<Timestamp> {
        let mut waiting = self.lock();
        let earlier = *waiting.get(&event.content.subject)?;
        if event.position <= earlier.position {
            return None;
        }
        let now = self.clock.now();
        if now > earlier.due.plus(self.settings.lease) {
            // It was due long ago and did not come back to this relay, so somebody else has delivered it.
            waiting.remove(&event.content.subject);
            return None;
        }
        Some(earlier.due.max(now))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
