//! What becomes of a task whose message never arrived: a person at the desk finds another way.

use std::sync::Arc;

use async_trait::async_trait;
use cordon_context::TaskId;
use cordon_disposal_contract::delivery::{DELIVERY_EXHAUSTED, DeliveryExhausted, MessageKind};
use cordon_events::{Consumer, ConsumerError, Event};
use cordon_store::Failure;

use crate::Disposal;

const NAME: &str = "disposal.undelivered";

/// Sends tasks to the desk whose assignment could not be delivered; belongs on the bus that carries the events of this service.
pub fn undelivered(disposal: Disposal) -> Arc<dyn Consumer> {
    Arc::new(Undelivered(disposal))
}

struct Undelivered(Disposal);

impl Undelivered {
    async fn take(&self, event: &Event) -> Result<(), Failure> {
        let Ok(exhausted) = serde_json::from_value::<DeliveryExhausted>(event.content.payload.clone()) else {
            tracing::error!(event.id = %event.id, event.topic = event.content.topic, "an event does not fit the contract");
            return Ok(());
        };
        // Only an assignment waits for somebody; what else did not arrive, the enterprise finds when it asks.
        let assignment = matches!(exhausted.kind, MessageKind::TaskAssigned | MessageKind::ReleaseAssigned);
        match (exhausted.subject.parse::<TaskId>(), exhausted.generation) {
            (Ok(task), Some(generation)) if assignment => self.0.undeliverable(task, generation).await,
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl Consumer for Undelivered {
    fn name(&self) -> &'static str {
        NAME
    }

    fn wants(&self, topic: &str) -> bool {
        topic == DELIVERY_EXHAUSTED
    }

    async fn consume(&self, event: &Event) -> Result<(), ConsumerError> {
        // Doing it twice does nothing: a task that is at the desk already is not issued any more.
        self.take(event).await.map_err(|failure| ConsumerError { consumer: NAME, source: Box::new(failure) })
    }
}
