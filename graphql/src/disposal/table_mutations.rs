//! What can be changed: the protected list, the calendar, endpoints and routing tables.

use crate::disposal::{
    ChangeEndpointInput, ChangeEndpointPayload, ConfirmProtectedInput, ConfirmProtectedPayload, CreateEndpointInput,
    CreateEndpointPayload, ImportRoutingInput, ImportRoutingPayload, ProposeProtectedInput, ProposeProtectedPayload,
    ProposeProtectedRemovalInput, ProposeProtectedRemovalPayload, RemoveEndpointInput, RemoveEndpointPayload,
    RemoveRoutingEntryInput, RemoveRoutingEntryPayload, ReplayDispatchInput, ReplayDispatchPayload,
    ReplayEndpointInput, ReplayEndpointPayload, RotateEndpointKeyInput, RotateEndpointKeyPayload, SetCalendarYearInput,
    SetCalendarYearPayload, SetRoutingEntryInput, SetRoutingEntryPayload, TestEndpointInput, TestEndpointPayload,
};
use crate::outcome::change;
use async_graphql::{Context, Object, Result};
use cordon_disposal_contract::DeliveryClient as _;
use cordon_disposal_contract::DisposalClient as _;
use cordon_disposal_contract::RoutingClient as _;

#[derive(Default)]
pub(crate) struct TableMutation;

#[Object]
impl TableMutation {
    /// 提议保护对象 / Proposes an entry of the protected list.
    async fn propose_protected(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: ProposeProtectedInput,
    ) -> Result<ProposeProtectedPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(
                ctx,
                key,
                |services, call| async move { services.disposal.propose_protected(call, input.into()).await },
            );
        outcome.await.map(Into::into)
    }

    /// 提议移出保护名单 / Proposes to take an entry out of the protected list.
    async fn propose_protected_removal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: ProposeProtectedRemovalInput,
    ) -> Result<ProposeProtectedRemovalPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(
                ctx,
                key,
                |services, call| async move { services.disposal.propose_removal(call, input.into()).await },
            );
        outcome.await.map(Into::into)
    }

    /// 确认保护名单变更 / Confirms the last proposal on an entry; never by the person who made it.
    async fn confirm_protected(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: ConfirmProtectedInput,
    ) -> Result<ConfirmProtectedPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(
                ctx,
                key,
                |services, call| async move { services.disposal.confirm_protected(call, input.into()).await },
            );
        outcome.await.map(Into::into)
    }

    /// 维护工作日历 / Replaces the days of a year.
    async fn set_calendar_year(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: SetCalendarYearInput,
    ) -> Result<SetCalendarYearPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(
                ctx,
                key,
                |services, call| async move { services.disposal.set_calendar_year(call, input.into()).await },
            );
        outcome.await.map(Into::into)
    }

    /// 登记回调端点 / Enters a webhook endpoint; its key is shown once.
    async fn create_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: CreateEndpointInput,
    ) -> Result<CreateEndpointPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(
                ctx,
                key,
                |services, call| async move { services.disposal.create_endpoint(call, input.into()).await },
            );
        outcome.await.map(Into::into)
    }

    /// 修改回调端点 / Changes an endpoint, or switches it off and on.
    async fn change_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: ChangeEndpointInput,
    ) -> Result<ChangeEndpointPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(
                ctx,
                key,
                |services, call| async move { services.disposal.change_endpoint(call, input.into()).await },
            );
        outcome.await.map(Into::into)
    }

    /// 更换端点密钥 / Makes a new key for an endpoint; shown once.
    async fn rotate_endpoint_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: RotateEndpointKeyInput,
    ) -> Result<RotateEndpointKeyPayload> {
        let key = input.idempotency_key.clone();
        let outcome = change(ctx, key, |services, call| async move {
            services.disposal.rotate_endpoint_key(call, input.into()).await
        });
        outcome.await.map(Into::into)
    }

    /// 移除回调端点 / Takes an endpoint away; its log remains.
    async fn remove_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: RemoveEndpointInput,
    ) -> Result<RemoveEndpointPayload> {
        let key = input.idempotency_key.clone();
        let outcome = change(ctx, key, |services, call| async move {
            services.disposal.remove_endpoint(call, input.endpoint.into()).await
        });
        outcome.await.map(Into::into)
    }

    /// 重发一条消息 / Sends one message again, under its old identifier.
    async fn replay_dispatch(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: ReplayDispatchInput,
    ) -> Result<ReplayDispatchPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.disposal.replay(call, input.into()).await });
        outcome.await.map(Into::into)
    }

    /// 重发一段时间的消息 / Sends all messages of a time again, under their old identifiers.
    async fn replay_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: ReplayEndpointInput,
    ) -> Result<ReplayEndpointPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.disposal.replay(call, input.into()).await });
        outcome.await.map(Into::into)
    }

    /// 测试回调端点 / Posts a test message at once and says what came back.
    async fn test_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: TestEndpointInput,
    ) -> Result<TestEndpointPayload> {
        let key = input.idempotency_key.clone();
        let outcome = change(ctx, key, |services, call| async move {
            services.disposal.test_endpoint(call, input.endpoint.into()).await
        });
        outcome.await.map(Into::into)
    }

    /// 维护路由条目 / Enters or replaces a row of a routing table by hand.
    async fn set_routing_entry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: SetRoutingEntryInput,
    ) -> Result<SetRoutingEntryPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.disposal.set_entry(call, input.into()).await });
        outcome.await.map(Into::into)
    }

    /// 移除路由条目 / Takes a row that was entered by hand away.
    async fn remove_routing_entry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: RemoveRoutingEntryInput,
    ) -> Result<RemoveRoutingEntryPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.disposal.remove_entry(call, input.into()).await });
        outcome.await.map(Into::into)
    }

    /// 导入路由表 / Takes a part of a routing file; good rows are kept, bad ones are named.
    async fn import_routing(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: ImportRoutingInput,
    ) -> Result<ImportRoutingPayload> {
        let key = input.idempotency_key.clone();
        let outcome =
            change(ctx, key, |services, call| async move { services.disposal.import(call, input.into()).await });
        outcome.await.map(Into::into)
    }
}
