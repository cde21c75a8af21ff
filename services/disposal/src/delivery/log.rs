//! Use cases on the delivery log: reading it, sending again, trying an endpoint out.

use cordon_context::{Bilingual, CallContext, DispatchId, EndpointId, Id, MessageId, Page, PageRequest, Refusal};
use cordon_disposal_contract::Urgency;
use cordon_disposal_contract::delivery::{
    DeliveryAttempt, Dispatch, DispatchFilter, EndpointState, MessageData, MessageKind, Replay, Replayed,
};
use cordon_policies::{act, on};
use cordon_store::{AuditRecord, Failure};
use serde_json::json;

use super::compose::Draft;
use super::{Delivery, inbox, worker};
use crate::store::{delivery as endpoints, delivery_dispatch as dispatches};

impl Delivery {
    pub(super) async fn dispatches_by_ids(
        &self,
        ctx: &CallContext,
        ids: &[DispatchId],
    ) -> Result<Vec<Dispatch>, Failure> {
        let grant = self.parts.gate.authorize::<act::Read, on::Endpoint>(ctx)?;
        let rows = dispatches::by_ids(self.parts.database.reader(), grant.scope(), ids).await?;
        Ok(rows.into_iter().map(Dispatch::from).collect())
    }

    pub(super) async fn list_dispatches(
        &self,
        ctx: &CallContext,
        filter: &DispatchFilter,
        page: &PageRequest,
    ) -> Result<Page<Dispatch>, Failure> {
        let grant = self.parts.gate.authorize::<act::Read, on::Endpoint>(ctx)?;
        Ok(dispatches::list(self.parts.database.reader(), grant.scope(), filter, page).await?.map(Dispatch::from))
    }

    pub(super) async fn attempts_of_dispatches(
        &self,
        ctx: &CallContext,
        ids: &[DispatchId],
    ) -> Result<Vec<DeliveryAttempt>, Failure> {
        let grant = self.parts.gate.authorize::<act::Read, on::Endpoint>(ctx)?;
        dispatches::attempts(self.parts.database.reader(), grant.scope(), ids).await
    }

    pub(super) async fn replay(&self, ctx: &CallContext, input: Replay) -> Result<Replayed, Failure> {
        let grant = self.parts.gate.authorize::<act::Execute, on::Endpoint>(ctx)?;
        if let Replay::Range { from, until, .. } = &input
            && from >= until
        {
            return Err(Refusal::invalid(
                "until",
                "replay.empty_range",
                Bilingual::new("结束时间须晚于开始时间", "the range ends before it begins"),
            )
            .into());
        }
        let which = input.clone();
        let replayed = self
            .parts
            .database
            .write_once(ctx, "delivery.replay", &input, move |mut tx| async move {
                // What is out of reach reads as absent, not as an empty range.
                let object = match &which {
                    Replay::One { dispatch } => {
                        dispatches::find(tx.connection(), grant.scope(), *dispatch).await?.id.to_string()
                    }
                    Replay::Range { endpoint, .. } => {
                        endpoints::find(tx.connection(), grant.scope(), *endpoint).await?.id.to_string()
                    }
                };
                let count = dispatches::replay(&tx, &grant, &which).await?;
                tx.record(AuditRecord::new("dispatch.replay", object, json!({ "replay": which, "count": count })));
                tx.commit(Replayed { count: u32::try_from(count).unwrap_or(u32::MAX) }).await
            })
            .await?;
        self.wake.notify_one();
        Ok(replayed)
    }

    pub(super) async fn test_endpoint(&self, ctx: &CallContext, id: EndpointId) -> Result<DeliveryAttempt, Failure> {
        let grant = self.parts.gate.authorize::<act::Execute, on::Endpoint>(ctx)?;
        let endpoint = endpoints::find(self.parts.database.reader(), grant.scope(), id).await?;
        if endpoint.state != EndpointState::Active {
            return Err(Refusal::rule(
                "endpoint.disabled",
                Bilingual::new("该回调地址已停用，请先启用", "the endpoint is switched off; switch it on first"),
            )
            .into());
        }
        let now = self.parts.clock.now();
        let message: MessageId = Id::new(now);
        let draft = Draft {
            message,
            kind: MessageKind::EndpointTest,
            recipients: vec![endpoint.organisation],
            subject: endpoint.id.to_string(),
            generation: None,
            urgency: Urgency::Routine,
            data: MessageData::default(),
            at: now,
        };
        let mut dispatch = inbox::dispatch(&draft, &endpoint, now)?;
        // Written as already held, so that no worker takes it as well.
        dispatch.attempts = 1;
        dispatch.fence = 1;
        dispatch.lease_until = now.plus(self.parts.settings.lease());
        let row = dispatch.clone();
        self.parts
            .database
            .write(ctx, move |mut tx| async move {
                tx.record(
                    AuditRecord::new("endpoint.test", id.to_string(), json!({ "message": message }))
                        .of_organisation(endpoint.organisation),
                );
                dispatches::insert_new(&tx, vec![row]).await?;
                tx.commit(()).await
            })
            .await?;
        worker::attempt(self, dispatch, false).await
    }
}
