//! Inputs of the disposal service: by id.

use crate::scalar::Gid;
use async_graphql::InputObject;
use cordon_context::EndpointKind;

/// 移除回调端点的输入 / Input of removeEndpoint.
#[derive(InputObject)]
pub(crate) struct RemoveEndpointInput {
    /// 端点 / Which endpoint.
    pub(crate) endpoint: Gid<EndpointKind>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

/// 测试回调端点的输入 / Input of testEndpoint.
#[derive(InputObject)]
pub(crate) struct TestEndpointInput {
    /// 端点 / Which endpoint.
    pub(crate) endpoint: Gid<EndpointKind>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}
