//! How events reach their consumers.

use std::sync::{Arc, RwLock};

use async_trait::async_trait;
use tokio::sync::broadcast;

use crate::Event;

/// A consumer could not take an event; it will be offered again.
#[derive(Debug, thiserror::Error)]
#[error("consumer {consumer} could not take the event")]
pub struct ConsumerError {
    /// The consumer's name.
    pub consumer: &'static str,
    /// Why.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// An event could not be handed to everybody who waits for it; the relay keeps it.
#[derive(Debug, thiserror::Error)]
#[error("the event was not handed over")]
pub struct BusError(#[from] ConsumerError);

/// Takes events, each at least once; keeps an inbox keyed by the event's id so that the second time has no effect.
#[async_trait]
pub trait Consumer: Send + Sync + 'static {
    /// A stable name, under which the inbox is kept.
    fn name(&self) -> &'static str;

    /// Whether events of this topic are wanted.
    fn wants(&self, topic: &str) -> bool;

    /// Takes one event; an error means that it is offered again later.
    async fn consume(&self, event: &Event) -> Result<(), ConsumerError>;
}

/// Carries events from a relay to consumers.
#[async_trait]
pub trait Bus: Send + Sync + 'static {
    /// Offers an event to every consumer that wants it; succeeds only when all of them have it safely.
    async fn publish(&self, event: &Event) -> Result<(), BusError>;

    /// A stream of what passes, without any promise: to wake up those who then look at the rows.
    fn watch(&self) -> broadcast::Receiver<Arc<Event>>;
}

/// The bus within one process.
pub struct MemoryBus {
    consumers: RwLock<Vec<Arc<dyn Consumer>>>,
    passing: broadcast::Sender<Arc<Event>>,
}

impl Default for MemoryBus {
    fn default() -> Self {
        let (passing, _nobody) = broadcast::channel(1_024);
        Self { consumers: RwLock::default(), passing }
    }
}

impl MemoryBus {
    /// Adds a consumer; events that were published earlier do not come back.
    pub fn add(&self, consumer: Arc<dyn Consumer>) {
        self.consumers.write().unwrap_or_else(std::sync::PoisonError::into_inner).push(consumer);
    }

    fn consumers_of(&self, topic: &str) -> Vec<Arc<dyn Consumer>> {
        let consumers = self.consumers.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        consumers.iter().filter(|consumer| consumer.wants(topic)).cloned().collect()
    }
}

#[async_trait]
impl Bus for MemoryBus {
    async fn publish(&self, event: &Event) -> Result<(), BusError> {
        let mut first = None;
        for consumer in self.consumers_of(&event.content.topic) {
            // One that cannot take it keeps it from nobody else; those that took it know it by its id when it comes again.
            if let Err(error) = consumer.consume(event).await {
                match first {
                    None => first = Some(error),
                    Some(_) => {
                        tracing::warn!(event.id = %event.id, event.topic = event.content.topic,
                            error = &error as &dyn std::error::Error, "another consumer did not take the event");
                    }
                }
            }
        }
        if let Some(error) = first {
            return Err(error.into());
        }
        // Nobody watching is no fault.
        let _watchers = self.passing.send(Arc::new(event.clone()));
        Ok(())
    }

    fn watch(&self) -> broadcast::Receiver<Arc<Event>> {
        self.passing.subscribe()
    }
}
