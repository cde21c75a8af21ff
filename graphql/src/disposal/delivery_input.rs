//! Inputs of the disposal service: delivery.

use crate::disposal::{DispatchState, EndpointState, MessageKind, SignatureKind};
use crate::names::each_once;
use crate::scalar::{DateTime, Gid, Long};
use async_graphql::InputObject;
use cordon_context::{DispatchKind, EndpointKind, OrganisationIdKind};
use cordon_disposal_contract as contract;

/// 接收端的筛选条件 / Narrows a list of endpoints.
#[derive(Default, InputObject)]
pub(crate) struct EndpointFilter {
    /// 所属企业 / Only of this organisation.
    pub(crate) organisation: Option<Gid<OrganisationIdKind>>,
    /// 状态，任一；缺省不含已删除 / Only in one of these states; without the removed ones if empty.
    #[graphql(default)]
    pub(crate) states: Vec<EndpointState>,
}

impl From<EndpointFilter> for contract::EndpointFilter {
    fn from(input: EndpointFilter) -> Self {
        let EndpointFilter { organisation, states } = input;
        Self { organisation: organisation.map(Into::into), states: each_once(states) }
    }
}

/// 投递日志的筛选条件 / Narrows the delivery log.
#[derive(Default, InputObject)]
pub(crate) struct DispatchFilter {
    /// 接收端 / Only to this endpoint.
    pub(crate) endpoint: Option<Gid<EndpointKind>>,
    /// 状态，任一 / Only in one of these states.
    #[graphql(default)]
    pub(crate) states: Vec<DispatchState>,
    /// 所涉任务或指令 / Only about this task or order.
    pub(crate) subject: Option<String>,
}

impl From<DispatchFilter> for contract::DispatchFilter {
    fn from(input: DispatchFilter) -> Self {
        let DispatchFilter { endpoint, states, subject } = input;
        Self { endpoint: endpoint.map(Into::into), states: each_once(states), subject }
    }
}

/// 登记回调端点的输入 / Input of createEndpoint.
#[derive(InputObject)]
pub(crate) struct CreateEndpointInput {
    /// 用途，1 至 100 字 / What it is for, 1 to 100 characters.
    pub(crate) label: String,
    /// https 地址 / An https address in the public internet, or on a network that the operator allows.
    pub(crate) url: String,
    /// 接收的消息类别，空为全部 / What it shall be told; everything if empty.
    #[graphql(default)]
    pub(crate) kinds: Vec<MessageKind>,
    /// 签名方式 / How its messages are signed.
    pub(crate) signature: SignatureKind,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<CreateEndpointInput> for contract::CreateEndpoint {
    fn from(input: CreateEndpointInput) -> Self {
        let CreateEndpointInput { label, url, kinds, signature, idempotency_key: _ } = input;
        Self { label, url, kinds: kinds.into_iter().map(Into::into).collect(), signature: signature.into() }
    }
}

/// 修改回调端点的输入 / Input of changeEndpoint.
#[derive(InputObject)]
pub(crate) struct ChangeEndpointInput {
    /// 接收端 / Which.
    pub(crate) endpoint: Gid<EndpointKind>,
    /// 所见版本 / The version that the caller saw.
    pub(crate) version: Long,
    /// 用途 / What it is for.
    pub(crate) label: Option<String>,
    /// 地址 / The address.
    pub(crate) url: Option<String>,
    /// 接收的消息类别 / What it shall be told; everything if empty.
    pub(crate) kinds: Option<Vec<MessageKind>>,
    /// 是否启用 / Whether it gets messages; switching it on again also closes the circuit.
    pub(crate) enabled: Option<bool>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<ChangeEndpointInput> for contract::ChangeEndpoint {
    fn from(input: ChangeEndpointInput) -> Self {
        let ChangeEndpointInput { endpoint, version, label, url, kinds, enabled, idempotency_key: _ } = input;
        Self {
            endpoint: endpoint.into(),
            version: version.into(),
            label,
            url,
            kinds: kinds.map(|list| list.into_iter().map(Into::into).collect()),
            enabled,
        }
    }
}

/// 更换端点密钥的输入 / Input of rotateEndpointKey.
#[derive(InputObject)]
pub(crate) struct RotateEndpointKeyInput {
    /// 接收端 / Which endpoint.
    pub(crate) endpoint: Gid<EndpointKind>,
    /// 签名方式 / How the new key signs; as the newest one does if null.
    pub(crate) signature: Option<SignatureKind>,
    /// 新旧并用的小时数 / For how many hours the old keys sign beside it; the default of the installation if null.
    pub(crate) overlap_hours: Option<u32>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<RotateEndpointKeyInput> for contract::RotateEndpointKey {
    fn from(input: RotateEndpointKeyInput) -> Self {
        let RotateEndpointKeyInput { endpoint, signature, overlap_hours, idempotency_key: _ } = input;
        Self { endpoint: endpoint.into(), signature: signature.map(Into::into), overlap_hours }
    }
}

/// 重发一条消息的输入 / Input of replayDispatch.
#[derive(InputObject)]
pub(crate) struct ReplayDispatchInput {
    /// 消息 / Which.
    pub(crate) dispatch: Gid<DispatchKind>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<ReplayDispatchInput> for contract::Replay {
    fn from(input: ReplayDispatchInput) -> Self {
        let ReplayDispatchInput { dispatch, idempotency_key: _ } = input;
        Self::One { dispatch: dispatch.into() }
    }
}

/// 重发一段时间的消息的输入 / Input of replayEndpoint.
#[derive(InputObject)]
pub(crate) struct ReplayEndpointInput {
    /// 端点 / Which endpoint.
    pub(crate) endpoint: Gid<EndpointKind>,
    /// 委托人 / From this moment on.
    pub(crate) from: DateTime,
    /// 截止 / Before this moment.
    pub(crate) until: DateTime,
    /// 含已送达 / Whether those that arrived are sent again as well.
    #[graphql(default)]
    pub(crate) delivered_too: bool,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<ReplayEndpointInput> for contract::Replay {
    fn from(input: ReplayEndpointInput) -> Self {
        let ReplayEndpointInput { endpoint, from, until, delivered_too, idempotency_key: _ } = input;
        Self::Range { endpoint: endpoint.into(), from: from.into(), until: until.into(), delivered_too }
    }
}
