//! Telling enterprises: their endpoints, the messages that events turn into, and the worker that posts them.
//!
//! A message is small and names things only; the enterprise fetches what it needs. It keeps its identifier over every attempt
//! and every replay, so that the enterprise can drop what it has seen.

mod breaker;
mod compose;
mod endpoints;
mod excerpt;
mod inbox;
mod log;
mod rpc;
mod schedule;
mod settings;
mod undelivered;
mod worker;

use std::sync::Arc;

use cordon_context::{CallContext, Clock};
use cordon_events::Consumer;
use cordon_outbound::Outbound;
use cordon_policies::Gate;
use cordon_store::Database;
use cordon_vault::Vault;
use jsonrpsee::Methods;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

pub use settings::DeliverySettings;
pub use undelivered::undelivered;

/// What delivery is built from.
pub struct DeliveryParts {
    /// The rows of the disposal service.
    pub database: Database,
    /// Decides who may do what.
    pub gate: Arc<Gate>,
    /// Keeps signing keys.
    pub vault: Arc<Vault>,
    /// Gives the time.
    pub clock: Arc<dyn Clock>,
    /// Posts, and only where it is allowed.
    pub outbound: Outbound,
    /// How often, how long, how many.
    pub settings: DeliverySettings,
}

/// Endpoints, messages and the worker; cheap to clone.
#[derive(Clone)]
pub struct Delivery {
    parts: Arc<DeliveryParts>,
    wake: Arc<Notify>,
}

impl Delivery {
    /// Puts the parts together.
    pub fn new(parts: DeliveryParts) -> Self {
        // It may run without the rest of the service, on a database of its own.
        parts.database.seal_answers(Arc::clone(&parts.vault));
        Self { parts: Arc::new(parts), wake: Arc::new(Notify::new()) }
    }

    /// The methods that others call.
    pub fn methods(&self) -> Methods {
        rpc::methods(self.clone())
    }

    /// Turns events into messages; belongs on the bus that carries the events of this service and of the directory.
    pub fn consumer(&self) -> Arc<dyn Consumer> {
        Arc::new(inbox::Inbox::new(self.clone()))
    }

    /// Posts what is due until `stop` is cancelled; several processes may do so at once.
    pub async fn run(self, stop: CancellationToken) {
        worker::run(self, stop).await;
    }

    /// Posts everything that is due now and waits for the outcome; tells how many attempts were made.
    pub async fn run_due(&self) -> Result<usize, cordon_store::Failure> {
        worker::run_due(self).await
    }

    fn system_context(&self, reason: &'static str) -> CallContext {
        CallContext::system(reason, self.parts.clock.now())
    }
}

impl std::fmt::Debug for Delivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Delivery(..)")
    }
}
