//! Objects of the disposal service: delivery.

use crate::connection::{self, Connection};
use crate::directory::Organisation;
use crate::disposal::{
    AttemptOutcome, DispatchState, EndpointCircuit, EndpointDisabledReason, EndpointState, MessageKind, SignatureKind,
    Urgency,
};
use crate::loaders::{group, one};
use crate::outcome::read;
use crate::scalar::{DateTime, Gid, Long};
use crate::session::loaders;
use async_graphql::{Context, Object, Result};
use cordon_context::{DeliveryKind, DispatchKind, EndpointKind, OrganisationIdKind, WebhookKeyKind};
use cordon_disposal_contract as contract;
use cordon_disposal_contract::DeliveryClient as _;

pub(crate) struct Endpoint(pub(crate) contract::Endpoint);

/// 消息接收端 / Where an enterprise takes its messages.
#[Object]
impl Endpoint {
    /// 标识 / Which.
    pub(crate) async fn id(&self) -> Gid<EndpointKind> {
        self.0.id.into()
    }

    /// 所属企业（标识） / Whose (identifier).
    async fn organisation_id(&self) -> Gid<OrganisationIdKind> {
        self.0.organisation.into()
    }

    /// 所属企业 / Whose.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        one(&loaders(ctx)?.directory.organisations, self.0.organisation, Organisation).await
    }

    /// 用途 / What it is for, in the enterprise's words.
    async fn label(&self) -> &str {
        &self.0.label
    }

    /// 地址 / The address to which messages are posted.
    async fn url(&self) -> &str {
        &self.0.url
    }

    /// 接收的消息类别，空为全部 / What it is told; everything if empty.
    async fn kinds(&self) -> Vec<MessageKind> {
        self.0.kinds.iter().copied().map(Into::into).collect()
    }

    /// 状态 / Whether it gets messages.
    async fn state(&self) -> EndpointState {
        self.0.state.into()
    }

    /// 停用原因 / Why not, if it was switched off.
    async fn disabled_reason(&self) -> Option<EndpointDisabledReason> {
        self.0.disabled_reason.map(Into::into)
    }

    /// 熔断状态 / Whether messages flow now.
    async fn circuit(&self) -> EndpointCircuit {
        self.0.circuit.into()
    }

    /// 连续失败次数 / How many attempts failed since the last success.
    async fn consecutive_failures(&self) -> i32 {
        self.0.consecutive_failures
    }

    /// 熔断至 / When the next message is tried, while the circuit is open.
    async fn open_until(&self) -> Option<DateTime> {
        self.0.open_until.map(Into::into)
    }

    /// 最近成功时间 / When a message was taken last.
    async fn last_success_at(&self) -> Option<DateTime> {
        self.0.last_success_at.map(Into::into)
    }

    /// 签名密钥 / The keys that sign now.
    async fn keys(&self) -> Vec<WebhookKey> {
        self.0.keys.iter().cloned().map(WebhookKey).collect()
    }

    /// 创建时间 / When it was entered.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// 版本 / Grows with every change by a person.
    async fn version(&self) -> Long {
        self.0.version.into()
    }

    /// 投递日志 / The delivery log, newest first.
    #[graphql(complexity = "connection::cost(first, child_complexity)")]
    async fn dispatches(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条数，1 至 200，默认 50 / How many rows, 1 to 200; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "从该游标之后继续 / The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Dispatch>> {
        let page = connection::page::<Dispatch>(ctx, first, after.as_deref())?;
        let id = self.0.id;
        let rows = read(ctx, |services, call| async move {
            services
                .disposal
                .list_dispatches(
                    call,
                    contract::DispatchFilter { endpoint: Some(id), ..contract::DispatchFilter::default() },
                    page,
                )
                .await
        });
        Ok(Connection::of(rows.await?, Dispatch))
    }
}

pub(crate) struct WebhookKey(pub(crate) contract::WebhookKey);

/// 签名密钥 / A signing key as it may be shown again and again.
#[Object]
impl WebhookKey {
    /// 标识 / Which.
    pub(crate) async fn id(&self) -> Gid<WebhookKeyKind> {
        self.0.id.into()
    }

    /// 方式 / How it signs.
    async fn kind(&self) -> SignatureKind {
        self.0.kind.into()
    }

    /// 公钥 / The public half of an ed25519 key (whpk_…); never there for a symmetric secret.
    async fn public(&self) -> Option<&str> {
        self.0.public.as_deref()
    }

    /// 创建时间 / When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// 停用时间 / Until when it signs beside its successor.
    async fn retires_at(&self) -> Option<DateTime> {
        self.0.retires_at.map(Into::into)
    }
}

pub(crate) struct Dispatch(pub(crate) contract::Dispatch);

/// 一条投递 / One message on its way to one endpoint.
#[Object]
impl Dispatch {
    /// 标识 / Which.
    pub(crate) async fn id(&self) -> Gid<DispatchKind> {
        self.0.id.into()
    }

    /// 消息标识，即 webhook-id（标识） / The message, as the header webhook-id names it (identifier).
    async fn message_id(&self) -> Gid<cordon_context::MessageKind> {
        self.0.message.into()
    }

    /// 接收端（标识） / To which endpoint (identifier).
    async fn endpoint_id(&self) -> Gid<EndpointKind> {
        self.0.endpoint.into()
    }

    /// 接收端 / To which endpoint.
    async fn endpoint(&self, ctx: &Context<'_>) -> Result<Option<Endpoint>> {
        one(&loaders(ctx)?.disposal.endpoints, self.0.endpoint, Endpoint).await
    }

    /// 所属企业（标识） / Whose endpoint that is (identifier).
    async fn organisation_id(&self) -> Gid<OrganisationIdKind> {
        self.0.organisation.into()
    }

    /// 所属企业 / Whose endpoint that is.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        one(&loaders(ctx)?.directory.organisations, self.0.organisation, Organisation).await
    }

    /// 消息类别 / What it tells.
    async fn kind(&self) -> MessageKind {
        self.0.kind.into()
    }

    /// 所涉任务或指令 / The identifier of the task or order that it is about.
    async fn subject(&self) -> &str {
        &self.0.subject
    }

    /// 紧急程度 / How pressing that is.
    async fn urgency(&self) -> Urgency {
        self.0.urgency.into()
    }

    /// 状态 / Where it stands.
    async fn state(&self) -> DispatchState {
        self.0.state.into()
    }

    /// 尝试次数 / How often it was tried since it was written or replayed.
    async fn attempts(&self) -> i32 {
        self.0.attempts
    }

    /// 下次尝试时间 / When it is tried next.
    async fn due(&self) -> Option<DateTime> {
        self.0.due.map(Into::into)
    }

    /// 创建时间 / When it was written.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// 送达时间 / When the endpoint took it.
    async fn delivered_at(&self) -> Option<DateTime> {
        self.0.delivered_at.map(Into::into)
    }

    /// 投递尝试记录 / The attempts, oldest first.
    #[graphql(complexity = "connection::several(5, child_complexity)")]
    async fn attempt_log(&self, ctx: &Context<'_>) -> Result<Vec<DeliveryAttempt>> {
        group(&loaders(ctx)?.disposal.attempts_of_dispatch, self.0.id, DeliveryAttempt).await
    }
}

pub(crate) struct DeliveryAttempt(pub(crate) contract::DeliveryAttempt);

/// 一次投递尝试 / One attempt, as the log keeps it.
#[Object]
impl DeliveryAttempt {
    /// 标识 / Which.
    pub(crate) async fn id(&self) -> Gid<DeliveryKind> {
        self.0.id.into()
    }

    /// 所属投递（标识） / Of which dispatch (identifier).
    async fn dispatch_id(&self) -> Gid<DispatchKind> {
        self.0.dispatch.into()
    }

    /// 时间 / When it began.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// 结果 / How it ended.
    async fn outcome(&self) -> AttemptOutcome {
        self.0.outcome.into()
    }

    /// 状态码 / The status, if there was an answer.
    async fn status(&self) -> Option<i32> {
        self.0.status
    }

    /// 无应答原因 / Why there was none, as a stable word such as timeout, connect or blocked.address.
    async fn failure(&self) -> Option<&str> {
        self.0.failure.as_deref()
    }

    /// 耗时毫秒 / How long it took, in milliseconds.
    async fn latency_ms(&self) -> i32 {
        self.0.latency_ms
    }

    /// 应答摘录，数字已隐去 / The beginning of the answer to a failed attempt, with digits hidden.
    async fn excerpt(&self) -> Option<&str> {
        self.0.excerpt.as_deref()
    }
}
