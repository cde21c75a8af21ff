//! The methods as others call them.

use async_trait::async_trait;
use cordon_context::{CallContext, DispatchId, EndpointId, Page, PageRequest};
use cordon_disposal_contract::delivery::{
    ChangeEndpoint, CreateEndpoint, DeliveryAttempt, DeliveryServer, Dispatch, DispatchFilter, Endpoint,
    EndpointCredential, EndpointFilter, Replay, Replayed, RotateEndpointKey,
};
use cordon_rpc::RpcFailure;
use cordon_store::Failure;
use jsonrpsee::Methods;

use super::Delivery;

pub(super) fn methods(delivery: Delivery) -> Methods {
    let clock = std::sync::Arc::clone(&delivery.parts.clock);
    cordon_rpc::timely(DeliveryServer::into_rpc(delivery), clock)
}

fn out(failure: Failure) -> RpcFailure {
    RpcFailure(failure.into())
}

#[async_trait]
impl DeliveryServer for Delivery {
    async fn create_endpoint(&self, ctx: CallContext, input: CreateEndpoint) -> Result<EndpointCredential, RpcFailure> {
        Self::create_endpoint(self, &ctx, input).await.map_err(out)
    }

    async fn change_endpoint(&self, ctx: CallContext, input: ChangeEndpoint) -> Result<Endpoint, RpcFailure> {
        Self::change_endpoint(self, &ctx, input).await.map_err(out)
    }

    async fn rotate_endpoint_key(
        &self,
        ctx: CallContext,
        input: RotateEndpointKey,
    ) -> Result<EndpointCredential, RpcFailure> {
        Self::rotate_endpoint_key(self, &ctx, input).await.map_err(out)
    }

    async fn remove_endpoint(&self, ctx: CallContext, endpoint: EndpointId) -> Result<Endpoint, RpcFailure> {
        Self::remove_endpoint(self, &ctx, endpoint).await.map_err(out)
    }

    async fn endpoints_by_ids(&self, ctx: CallContext, ids: Vec<EndpointId>) -> Result<Vec<Endpoint>, RpcFailure> {
        Self::endpoints_by_ids(self, &ctx, &ids).await.map_err(out)
    }

    async fn list_endpoints(
        &self,
        ctx: CallContext,
        filter: EndpointFilter,
        page: PageRequest,
    ) -> Result<Page<Endpoint>, RpcFailure> {
        Self::list_endpoints(self, &ctx, &filter, &page).await.map_err(out)
    }

    async fn dispatches_by_ids(&self, ctx: CallContext, ids: Vec<DispatchId>) -> Result<Vec<Dispatch>, RpcFailure> {
        Self::dispatches_by_ids(self, &ctx, &ids).await.map_err(out)
    }

    async fn list_dispatches(
        &self,
        ctx: CallContext,
        filter: DispatchFilter,
        page: PageRequest,
    ) -> Result<Page<Dispatch>, RpcFailure> {
        Self::list_dispatches(self, &ctx, &filter, &page).await.map_err(out)
    }

    async fn attempts_of_dispatches(
        &self,
        ctx: CallContext,
        dispatches: Vec<DispatchId>,
    ) -> Result<Vec<DeliveryAttempt>, RpcFailure> {
        Self::attempts_of_dispatches(self, &ctx, &dispatches).await.map_err(out)
    }

    async fn replay(&self, ctx: CallContext, input: Replay) -> Result<Replayed, RpcFailure> {
        Self::replay(self, &ctx, input).await.map_err(out)
    }

    async fn test_endpoint(&self, ctx: CallContext, endpoint: EndpointId) -> Result<DeliveryAttempt, RpcFailure> {
        Self::test_endpoint(self, &ctx, endpoint).await.map_err(out)
    }
}
