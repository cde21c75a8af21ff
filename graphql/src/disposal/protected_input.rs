//! Inputs of the disposal service: protected.

use crate::disposal::ProtectedReasonKind;
use crate::names::IdentifierKind;
use crate::scalar::Gid;
use async_graphql::InputObject;
use cordon_context::ProtectedKind;
use cordon_disposal_contract as contract;

/// 提议保护对象的输入 / Input of proposeProtected.
#[derive(InputObject)]
pub(crate) struct ProposeProtectedInput {
    /// 号码、域名或账号 / The target, as typed.
    pub(crate) text: String,
    /// 种类，缺省自动识别 / What it is; found out if absent.
    pub(crate) target: Option<IdentifierKind>,
    /// 原因类别 / Why it is protected.
    pub(crate) kind: ProtectedReasonKind,
    /// 说明 / In words.
    pub(crate) reason: String,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<ProposeProtectedInput> for contract::ProposeProtected {
    fn from(input: ProposeProtectedInput) -> Self {
        let ProposeProtectedInput { text, target, kind, reason, idempotency_key: _ } = input;
        Self { text, target: target.map(Into::into), kind: kind.into(), reason }
    }
}

/// 提议移出保护名单的输入 / Input of proposeProtectedRemoval.
#[derive(InputObject)]
pub(crate) struct ProposeProtectedRemovalInput {
    /// 条目 / Which entry.
    pub(crate) protected: Gid<ProtectedKind>,
    /// 说明 / In words.
    pub(crate) reason: String,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<ProposeProtectedRemovalInput> for contract::ProtectedStep {
    fn from(input: ProposeProtectedRemovalInput) -> Self {
        let ProposeProtectedRemovalInput { protected, reason, idempotency_key: _ } = input;
        Self { protected: protected.into(), reason }
    }
}

/// 确认保护名单变更的输入 / Input of confirmProtected.
#[derive(InputObject)]
pub(crate) struct ConfirmProtectedInput {
    /// 条目 / Which entry.
    pub(crate) protected: Gid<ProtectedKind>,
    /// 说明 / In words.
    pub(crate) reason: String,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<ConfirmProtectedInput> for contract::ProtectedStep {
    fn from(input: ConfirmProtectedInput) -> Self {
        let ConfirmProtectedInput { protected, reason, idempotency_key: _ } = input;
        Self { protected: protected.into(), reason }
    }
}
