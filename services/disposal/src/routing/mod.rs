//! Who answers for a target: from the number plan, the tables and the directory. What has no answer goes to a visible desk
//! with the reason, never nowhere.

mod entries;
mod holder;
mod import;
mod portability;
mod question;
mod resolve;
mod rpc;
mod settings;
mod tables;

use std::sync::Arc;

use cordon_context::Clock;
use cordon_policies::Gate;
use cordon_rpc::Link;
use cordon_store::Database;
use cordon_vault::Vault;
use jsonrpsee::Methods;

pub use holder::Holder;
pub use portability::{PortabilityResolver, Ported};
pub use question::Question;
pub use settings::RoutingSettings;

use portability::{Cached, TablePortability};
use tables::AddressTable;

/// What routing is built from.
pub struct RouterParts {
    /// The rows of the disposal service.
    pub database: Database,
    /// Decides who may do what.
    pub gate: Arc<Gate>,
    /// Makes the blind index of whole numbers.
    pub vault: Arc<Vault>,
    /// Gives the time.
    pub clock: Arc<dyn Clock>,
    /// The way to the directory.
    pub directory: Link,
    /// How long, how many.
    pub settings: RoutingSettings,
}

/// Finds routes; cheap to clone.
#[derive(Clone)]
pub struct Router {
    parts: Arc<RouterParts>,
    portability: Arc<Cached>,
    addresses: Arc<AddressTable>,
}

impl Router {
    /// A router whose portability answers come from the imported table.
    pub fn new(parts: RouterParts) -> Self {
        let table = TablePortability::new(
            parts.database.clone(),
            Arc::clone(&parts.vault),
            Arc::clone(&parts.clock),
            &parts.settings,
        );
        Self::with_portability(parts, Arc::new(table))
    }

    /// A router that asks somebody else about portability, such as a national number portability center.
    pub fn with_portability(parts: RouterParts, resolver: Arc<dyn PortabilityResolver>) -> Self {
        let portability = Cached::new(resolver, Arc::clone(&parts.clock), &parts.settings);
        Self { parts: Arc::new(parts), portability: Arc::new(portability), addresses: Arc::default() }
    }

    /// The methods that others call.
    pub fn methods(&self) -> Methods {
        rpc::methods(self.clone())
    }
}

impl std::fmt::Debug for Router {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Router(..)")
    }
}
