//! What an event looks like on its way.

use cordon_context::{EventId, OrganisationId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An event that a transaction is about to write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewEvent {
    /// What happened, as `service.thing_happened`.
    pub topic: String,
    /// The identifier of the object to which it happened.
    pub subject: String,
    /// The organisations that may hear of it, beside those whose scope covers the object.
    pub audience: Vec<OrganisationId>,
    /// What a consumer needs to know; never holds personal data in the clear.
    pub payload: Value,
}

/// An event as consumers get it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The same on every delivery.
    pub id: EventId,
    /// The service that says so.
    pub service: String,
    /// The place in that service's order of commits, without gaps, from 1.
    pub position: i64,
    /// When it was committed.
    pub at: Timestamp,
    /// What, to what, for whom.
    #[serde(flatten)]
    pub content: NewEvent,
}
