//! Delivery to enterprises: where their messages go, which keys sign them, and what became of every message.

use cordon_context::{
    CallContext, DeliveryId, DispatchId, EndpointId, MessageId, OrganisationId, Page, PageRequest, Timestamp,
    WebhookKeyId,
};
use cordon_rpc::RpcFailure;
use jsonrpsee::proc_macros::rpc;
use serde::{Deserialize, Serialize};

use crate::Urgency;
use crate::vocabulary::vocabulary;

/// A message could not be delivered on all its attempts; payload [`DeliveryExhausted`].
pub const DELIVERY_EXHAUSTED: &str = "disposal.delivery_exhausted";
/// An endpoint was disabled by the platform; payload [`EndpointDisabled`].
pub const ENDPOINT_DISABLED: &str = "disposal.endpoint_disabled";

vocabulary! {
    /// What an enterprise can be told.
    MessageKind {
        /// A task was given to it: a new one, or a new generation.
        TaskAssigned = "task.assigned",
        /// A task was taken from it: withdrawn, dropped or passed on.
        TaskWithdrawn = "task.withdrawn",
        /// The outcome of a task that it answered: confirmed, disputed, in force.
        TaskProgressed = "task.progressed",
        /// A release was given to it.
        ReleaseAssigned = "release.assigned",
        /// An order with its tasks went on: issued, withdrawn.
        OrderProgressed = "order.progressed",
        /// Somebody tries the endpoint out.
        EndpointTest = "endpoint.test",
    }
}

vocabulary! {
    /// How messages are signed.
    SignatureKind {
        /// HMAC-SHA256 with a secret that both sides hold.
        Hmac = "hmac",
        /// Ed25519; the enterprise holds the public key only.
        Ed25519 = "ed25519",
    }
}

vocabulary! {
    /// Whether an endpoint gets messages.
    EndpointState {
        /// It does.
        Active = "active",
        /// Its enterprise, or the platform, switched it off; messages wait.
        Disabled = "disabled",
        /// It is gone; only its log remains.
        Removed = "removed",
    }
}

vocabulary! {
    /// Why an endpoint was switched off.
    DisabledReason {
        /// By its enterprise.
        ByOwner = "by_owner",
        /// It answered 410 Gone.
        Gone = "gone",
        /// Its enterprise may not act any more.
        OrganisationInactive = "organisation_inactive",
    }
}

vocabulary! {
    /// Whether messages flow to an endpoint now.
    Circuit {
        /// They do.
        Closed = "closed",
        /// After too many failures they wait.
        Open = "open",
        /// The pause is over; one message tries whether it works again.
        HalfOpen = "half_open",
    }
}

vocabulary! {
    /// Where a message to one endpoint stands.
    DispatchState {
        /// It is or will be tried.
        Pending = "pending",
        /// The endpoint took it.
        Delivered = "delivered",
        /// All attempts failed.
        Exhausted = "exhausted",
        /// A later message made it pointless before it arrived.
        Superseded = "superseded",
    }
}

vocabulary! {
    /// How one attempt ended.
    AttemptOutcome {
        /// A status from 200 to 299.
        Accepted = "accepted",
        /// Another status.
        Refused = "refused",
        /// No answer at all.
        Failed = "failed",
    }
}

/// Where an enterprise takes its messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Which.
    pub id: EndpointId,
    /// Whose.
    pub organisation: OrganisationId,
    /// What it is for, in the enterprise's words.
    pub label: String,
    /// The address to which messages are posted.
    pub url: String,
    /// What it is told; everything if empty.
    pub kinds: Vec<MessageKind>,
    /// Whether it gets messages.
    pub state: EndpointState,
    /// Why not, if it was switched off.
    pub disabled_reason: Option<DisabledReason>,
    /// Whether messages flow now.
    pub circuit: Circuit,
    /// How many attempts failed since the last success.
    pub consecutive_failures: i32,
    /// When the next message is tried, while the circuit is open.
    pub open_until: Option<Timestamp>,
    /// When a message was taken last.
    pub last_success_at: Option<Timestamp>,
    /// The keys that sign now.
    pub keys: Vec<WebhookKey>,
    /// When it was entered.
    pub created_at: Timestamp,
    /// Grows with every change by a person.
    pub version: i64,
}

/// A signing key as it may be shown again and again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookKey {
    /// Which.
    pub id: WebhookKeyId,
    /// How it signs.
    pub kind: SignatureKind,
    /// The public half of an ed25519 key (`whpk_…`); never there for a symmetric secret.
    pub public: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it signs beside its successor.
    pub retires_at: Option<Timestamp>,
}

/// Enters an endpoint for the caller's organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateEndpoint {
    /// What it is for, 1 to 100 characters.
    pub label: String,
    /// An `https` address in the public internet, or on a network that the operator allows.
    pub url: String,
    /// What it shall be told; everything if empty.
    #[serde(default)]
    pub kinds: Vec<MessageKind>,
    /// How its messages are signed.
    pub signature: SignatureKind,
}

/// Changes an endpoint; what is `None` stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeEndpoint {
    /// Which.
    pub endpoint: EndpointId,
    /// The version that the caller saw.
    pub version: i64,
    /// What it is for.
    #[serde(default)]
    pub label: Option<String>,
    /// The address.
    #[serde(default)]
    pub url: Option<String>,
    /// What it shall be told; everything if empty.
    #[serde(default)]
    pub kinds: Option<Vec<MessageKind>>,
    /// Whether it gets messages; switching it on again also closes the circuit.
    #[serde(default)]
    pub enabled: Option<bool>,
}

/// Makes a new key; the old ones sign beside it for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RotateEndpointKey {
    /// Which endpoint.
    pub endpoint: EndpointId,
    /// How the new key signs; as the newest one does if `None`.
    #[serde(default)]
    pub signature: Option<SignatureKind>,
    /// For how many hours the old keys sign beside it; the default of the installation if `None`.
    #[serde(default)]
    pub overlap_hours: Option<u32>,
}

/// An endpoint with the key that was just made for it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointCredential {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// What the enterprise needs to check signatures (`whsec_…` or `whpk_…`), shown this once; `None` where the answer repeats
    /// an earlier one.
    pub secret: Option<String>,
}

impl std::fmt::Debug for EndpointCredential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EndpointCredential").field("endpoint", &self.endpoint.id).finish_non_exhaustive()
    }
}

/// Narrows a list of endpoints.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointFilter {
    /// Only of this organisation.
    #[serde(default)]
    pub organisation: Option<OrganisationId>,
    /// Only in one of these states; without the removed ones if empty.
    #[serde(default)]
    pub states: Vec<EndpointState>,
}

/// One message on its way to one endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispatch {
    /// Which.
    pub id: DispatchId,
    /// The message, as the header `webhook-id` names it.
    pub message: MessageId,
    /// To which endpoint.
    pub endpoint: EndpointId,
    /// Whose endpoint that is.
    pub organisation: OrganisationId,
    /// What it tells.
    pub kind: MessageKind,
    /// The identifier of the task or order that it is about.
    pub subject: String,
    /// How pressing that is.
    pub urgency: Urgency,
    /// Where it stands.
    pub state: DispatchState,
    /// How often it was tried since it was written or replayed.
    pub attempts: i32,
    /// When it is tried next.
    pub due: Option<Timestamp>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When the endpoint took it.
    pub delivered_at: Option<Timestamp>,
}

/// One attempt, as the log keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryAttempt {
    /// Which.
    pub id: DeliveryId,
    /// Of which dispatch.
    pub dispatch: DispatchId,
    /// When it began.
    pub at: Timestamp,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// The status, if there was an answer.
    pub status: Option<i32>,
    /// Why there was none, as a stable word such as `timeout`, `connect` or `blocked.address`.
    pub failure: Option<String>,
    /// How long it took, in milliseconds.
    pub latency_ms: i32,
    /// The beginning of the answer to a failed attempt, with digits hidden.
    pub excerpt: Option<String>,
}

/// Narrows the delivery log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DispatchFilter {
    /// Only to this endpoint.
    #[serde(default)]
    pub endpoint: Option<EndpointId>,
    /// Only in one of these states.
    #[serde(default)]
    pub states: Vec<DispatchState>,
    /// Only about this task or order.
    #[serde(default)]
    pub subject: Option<String>,
}

/// Which messages are sent again, under their old identifiers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "replay")]
pub enum Replay {
    /// One.
    One {
        /// Which.
        dispatch: DispatchId,
    },
    /// All that were written for an endpoint within a time.
    Range {
        /// Which endpoint.
        endpoint: EndpointId,
        /// From this moment on.
        from: Timestamp,
        /// Before this moment.
        until: Timestamp,
        /// Whether those that arrived are sent again as well.
        delivered_too: bool,
    },
}

/// How many messages are sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replayed {
    /// So many; the others did not lie in the range or are on their way.
    pub count: u32,
}

/// The body of every message; small, because the enterprise fetches what it needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageBody {
    /// What it tells.
    #[serde(rename = "type")]
    pub kind: MessageKind,
    /// When it happened, RFC 3339.
    pub timestamp: String,
    /// To what.
    pub data: MessageData,
}

/// What a message names; holds no personal data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageData {
    /// The endpoint's organisation.
    pub organisation: String,
    /// The task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// The generation of the task; an older one must not be executed once a newer one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation: Option<i32>,
    /// `impose` or `release`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// Where the task stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// The order's number for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_number: Option<String>,
    /// How fast it is wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency: Option<String>,
    /// Until when the present step is due, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
}

/// The payload of [`DELIVERY_EXHAUSTED`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryExhausted {
    /// Which dispatch.
    pub dispatch: DispatchId,
    /// To which endpoint.
    pub endpoint: EndpointId,
    /// Whose endpoint that is.
    pub organisation: OrganisationId,
    /// What it told.
    pub kind: MessageKind,
    /// The identifier of the task or order that it was about.
    pub subject: String,
    /// The generation of the task.
    pub generation: Option<i32>,
}

/// The payload of [`ENDPOINT_DISABLED`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointDisabled {
    /// Which.
    pub endpoint: EndpointId,
    /// Whose.
    pub organisation: OrganisationId,
    /// Why.
    pub reason: DisabledReason,
}

/// Endpoints of enterprises and what was delivered to them.
#[rpc(server, client, namespace = "delivery", namespace_separator = ".")]
pub trait Delivery {
    /// Enters an endpoint for the caller's organisation; its key is shown once.
    #[method(name = "create_endpoint")]
    async fn create_endpoint(&self, ctx: CallContext, input: CreateEndpoint) -> Result<EndpointCredential, RpcFailure>;

    /// Changes an endpoint, or switches it off and on.
    #[method(name = "change_endpoint")]
    async fn change_endpoint(&self, ctx: CallContext, input: ChangeEndpoint) -> Result<Endpoint, RpcFailure>;

    /// Makes a new key for an endpoint; shown once.
    #[method(name = "rotate_endpoint_key")]
    async fn rotate_endpoint_key(
        &self,
        ctx: CallContext,
        input: RotateEndpointKey,
    ) -> Result<EndpointCredential, RpcFailure>;

    /// Takes an endpoint away; its log remains.
    #[method(name = "remove_endpoint")]
    async fn remove_endpoint(&self, ctx: CallContext, endpoint: EndpointId) -> Result<Endpoint, RpcFailure>;

    /// Endpoints by their identifiers; what is out of reach is absent.
    #[method(name = "endpoints_by_ids")]
    async fn endpoints_by_ids(&self, ctx: CallContext, ids: Vec<EndpointId>) -> Result<Vec<Endpoint>, RpcFailure>;

    /// Endpoints, newest first.
    #[method(name = "list_endpoints")]
    async fn list_endpoints(
        &self,
        ctx: CallContext,
        filter: EndpointFilter,
        page: PageRequest,
    ) -> Result<Page<Endpoint>, RpcFailure>;

    /// Dispatches by their identifiers; what is out of reach is absent.
    #[method(name = "dispatches_by_ids")]
    async fn dispatches_by_ids(&self, ctx: CallContext, ids: Vec<DispatchId>) -> Result<Vec<Dispatch>, RpcFailure>;

    /// The delivery log, newest first.
    #[method(name = "list_dispatches")]
    async fn list_dispatches(
        &self,
        ctx: CallContext,
        filter: DispatchFilter,
        page: PageRequest,
    ) -> Result<Page<Dispatch>, RpcFailure>;

    /// The attempts of dispatches, oldest first, at most the newest 50 of each.
    #[method(name = "attempts_of_dispatches")]
    async fn attempts_of_dispatches(
        &self,
        ctx: CallContext,
        dispatches: Vec<DispatchId>,
    ) -> Result<Vec<DeliveryAttempt>, RpcFailure>;

    /// Sends messages again, under their old identifiers.
    #[method(name = "replay")]
    async fn replay(&self, ctx: CallContext, input: Replay) -> Result<Replayed, RpcFailure>;

    /// Posts a test message at once and says what came back.
    #[method(name = "test_endpoint")]
    async fn test_endpoint(&self, ctx: CallContext, endpoint: EndpointId) -> Result<DeliveryAttempt, RpcFailure>;
}
