//! Inputs of the directory service: client.

use crate::scalar::Gid;
use async_graphql::InputObject;
use cordon_context::{ApiClientKind, OrganisationIdKind};
use cordon_directory_contract as contract;

/// 程序筛选 / Narrows a list of programs; what is left out does not narrow.
#[derive(Default, InputObject)]
pub(crate) struct ClientFilter {
    /// 机构 / Only of this organisation.
    pub(crate) organisation: Option<Gid<OrganisationIdKind>>,
    /// 是否启用 / Only those that work now, or only those that do not.
    pub(crate) active: Option<bool>,
}

impl From<ClientFilter> for contract::ClientFilter {
    fn from(input: ClientFilter) -> Self {
        let ClientFilter { organisation, active } = input;
        Self { organisation: organisation.map(Into::into), active }
    }
}

/// 登记接口程序的输入 / Input of createApiClient.
#[derive(InputObject)]
pub(crate) struct CreateApiClientInput {
    /// 机构 / Whose.
    pub(crate) organisation: Gid<OrganisationIdKind>,
    /// 名称 / What it is for, 1 to 100 characters.
    pub(crate) label: String,
    /// 有效天数 / After how many days its secret stops to work; the longest allowed time if null.
    pub(crate) valid_days: Option<u32>,
    /// 允许的来源地址 / The addresses or networks from which it may call; empty means any.
    #[graphql(default)]
    pub(crate) allowed_addresses: Vec<String>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<CreateApiClientInput> for contract::CreateClient {
    fn from(input: CreateApiClientInput) -> Self {
        let CreateApiClientInput { organisation, label, valid_days, allowed_addresses, idempotency_key: _ } = input;
        Self { organisation: organisation.into(), label, valid_days, allowed_addresses }
    }
}

/// 更换接口程序密钥的输入 / Input of rotateApiClientSecret.
#[derive(InputObject)]
pub(crate) struct RotateApiClientSecretInput {
    /// 程序 / Which program.
    pub(crate) client: Gid<ApiClientKind>,
    /// 新旧并用分钟数 / For how many minutes the old secret works on; the longest allowed time if null.
    pub(crate) overlap_minutes: Option<u32>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

/// 设置接口程序签名公钥的输入 / Input of setApiClientMessageKeys.
#[derive(InputObject)]
pub(crate) struct SetApiClientMessageKeysInput {
    /// 程序 / Which program.
    pub(crate) client: Gid<ApiClientKind>,
    /// 签名公钥（whpk_ 开头，至多两个）；为空则不再要求签名 / Ed25519 public keys (whpk_…), two at most; with none, no signature is asked for any more.
    pub(crate) keys: Vec<String>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<SetApiClientMessageKeysInput> for contract::SetClientMessageKeys {
    fn from(input: SetApiClientMessageKeysInput) -> Self {
        let SetApiClientMessageKeysInput { client, keys, idempotency_key: _ } = input;
        Self { client: client.into(), keys }
    }
}

impl From<RotateApiClientSecretInput> for contract::RotateClientSecret {
    fn from(input: RotateApiClientSecretInput) -> Self {
        let RotateApiClientSecretInput { client, overlap_minutes, idempotency_key: _ } = input;
        Self { client: client.into(), overlap_minutes }
    }
}
