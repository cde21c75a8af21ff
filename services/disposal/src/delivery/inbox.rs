//! Takes events and writes the messages that they turn into, in one transaction with the mark that they were taken.

use async_trait::async_trait;
use cordon_context::{DispatchId, Id, OrganisationId, Scope, Timestamp};
use cordon_directory_contract::{OrganisationChanged, topic as directory};
use cordon_disposal_contract::delivery::{
    DisabledReason, DispatchState, ENDPOINT_DISABLED, EndpointDisabled, EndpointFilter, EndpointState, MessageKind,
};
use cordon_events::{Consumer, ConsumerError, Event, NewEvent};
use cordon_policies::{act, on};
use cordon_store::{AuditRecord, Failure, Tx};
use serde_json::json;

use super::Delivery;
use super::compose::{Draft, compose, is_told};
use crate::store::delivery::{self as endpoints, StoredEndpoint};
use crate::store::delivery_dispatch::{self as dispatches, StoredDispatch};

const NAME: &str = "disposal.delivery";

pub(crate) struct Inbox(Delivery);

impl Inbox {
    pub(crate) fn new(delivery: Delivery) -> Self {
        Self(delivery)
    }

    async fn take(&self, event: &Event) -> Result<(), Failure> {
        let ctx = self.0.system_context("delivery");
        if event.content.topic == directory::ORGANISATION_CHANGED {
            return self.organisation_changed(event).await;
        }
        let draft = match compose(event) {
            Ok(Some(draft)) => draft,
            Ok(None) => return Ok(()),
            Err(error) => {
                // It would never parse on another attempt either, and must not hold up what comes after it.
                tracing::error!(event.id = %event.id, event.topic = event.content.topic, error = %error,
                    "an event does not fit the contract; no message comes of it");
                return Ok(());
            }
        };
        let event = event.id;
        self.0
            .parts
            .database
            .write(&ctx, move |tx| async move {
                if tx.first_time(NAME, event).await? {
                    write_messages(&tx, &draft).await?;
                }
                tx.commit(()).await
            })
            .await?;
        self.0.wake.notify_one();
        Ok(())
    }

    /// Leaves an organisation alone that may not act any more.
    async fn organisation_changed(&self, event: &Event) -> Result<(), Failure> {
        let Ok(OrganisationChanged { organisation }) = serde_json::from_value(event.content.payload.clone()) else {
            tracing::error!(event.id = %event.id, event.topic = event.content.topic, "an event does not fit the contract");
            return Ok(());
        };
        if organisation.active {
            return Ok(());
        }
        let ctx = self.0.system_context("delivery");
        let grant = self.0.parts.gate.authorize::<act::Modify, on::Endpoint>(&ctx)?;
        let event = event.id;
        self.0
            .parts
            .database
            .write(&ctx, move |mut tx| async move {
                if tx.first_time(NAME, event).await? {
                    let filter =
                        EndpointFilter { organisation: Some(organisation.id), states: vec![EndpointState::Active] };
                    let page =
                        cordon_context::PageRequest { first: Some(cordon_context::MAX_PAGE), ..Default::default() };
                    let found = endpoints::list(tx.connection(), grant.scope(), &filter, &page).await?;
                    for (_, endpoint) in found.edges {
                        if endpoints::disable(&tx, &grant, endpoint.id, DisabledReason::OrganisationInactive).await? {
                            tell_disabled(&mut tx, &endpoint, DisabledReason::OrganisationInactive);
                        }
                    }
                }
                tx.commit(()).await
            })
            .await
    }
}

/// Notes that the platform switched an endpoint off, in the ledger and for its enterprise.
pub(crate) fn tell_disabled(tx: &mut Tx, endpoint: &StoredEndpoint, reason: DisabledReason) {
    let payload = EndpointDisabled { endpoint: endpoint.id, organisation: endpoint.organisation, reason };
    tx.record(
        AuditRecord::new("endpoint.disable", endpoint.id.to_string(), json!({ "reason": reason }))
            .of_organisation(endpoint.organisation),
    );
    tx.emit(NewEvent {
        topic: ENDPOINT_DISABLED.into(),
        subject: endpoint.id.to_string(),
        audience: vec![endpoint.organisation],
        payload: json!(payload),
    });
}

async fn write_messages(tx: &Tx, draft: &Draft) -> Result<(), Failure> {
    if matches!(draft.kind, MessageKind::TaskAssigned | MessageKind::ReleaseAssigned | MessageKind::TaskWithdrawn)
        && let Some(generation) = draft.generation
    {
        // A withdrawn task makes its own generation pointless as well.
        let below = if draft.kind == MessageKind::TaskWithdrawn { generation.saturating_add(1) } else { generation };
        dispatches::supersede(tx, &draft.subject, below).await?;
    }
    let scope = Scope::system("messages are written for whoever has an endpoint");
    let found = endpoints::active_of(tx.connection(), &scope, &draft.recipients).await?;
    let now = tx.now();
    let rows = found
        .iter()
        .filter(|endpoint| endpoint.wants(draft.kind))
        .map(|endpoint| dispatch(draft, endpoint, now))
        .collect::<Result<Vec<_>, _>>()?;
    dispatches::insert_new(tx, rows).await?;
    Ok(())
}

/// A message for one endpoint, due at once.
pub(crate) fn dispatch(draft: &Draft, endpoint: &StoredEndpoint, now: Timestamp) -> Result<StoredDispatch, Failure> {
    let organisation: OrganisationId = endpoint.organisation;
    let id: DispatchId = Id::derived(draft.message.uuid(), &endpoint.id.to_string());
    Ok(StoredDispatch {
        id,
        message: draft.message,
        endpoint: endpoint.id,
        organisation,
        region: endpoint.region,
        kind: draft.kind,
        subject: draft.subject.clone(),
        generation: draft.generation,
        urgency: draft.urgency,
        body: draft.body_for(organisation)?,
        state: DispatchState::Pending,
        attempts: 0,
        due: now,
        lease_until: Timestamp::from_millis(0),
        fence: 0,
        begun_at: now,
        created_at: now,
        delivered_at: None,
    })
}

#[async_trait]
impl Consumer for Inbox {
    fn name(&self) -> &'static str {
        NAME
    }

    fn wants(&self, topic: &str) -> bool {
        is_told(topic) || topic == directory::ORGANISATION_CHANGED
    }

    async fn consume(&self, event: &Event) -> Result<(), ConsumerError> {
        self.take(event).await.map_err(|failure| ConsumerError { consumer: NAME, source: Box::new(failure) })
    }
}
