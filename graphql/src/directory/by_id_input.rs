//! Inputs of the directory service: by id.

use crate::scalar::Gid;
use async_graphql::InputObject;
use cordon_context::{ApiClientKind, DelegationKind, DocumentKind, PersonKind, SessionKind};

/// 结束一个会话的输入 / Input of revokeSession.
#[derive(InputObject)]
pub(crate) struct RevokeSessionInput {
    /// 会话 / Which session.
    pub(crate) session: Gid<SessionKind>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

/// 结束某人的全部会话的输入 / Input of revokeSessionsOf.
#[derive(InputObject)]
pub(crate) struct RevokeSessionsOfInput {
    /// 人员 / Whose sessions.
    pub(crate) person: Gid<PersonKind>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

/// 重置某人的密码的输入 / Input of resetPassword.
#[derive(InputObject)]
pub(crate) struct ResetPasswordInput {
    /// 人员 / Whose password.
    pub(crate) person: Gid<PersonKind>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

/// 登记动态口令的输入 / Input of enrolCode.
#[derive(InputObject)]
pub(crate) struct EnrolCodeInput {
    /// 密码 / The password, once more.
    pub(crate) password: String,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

/// 确认动态口令的输入 / Input of confirmCode.
#[derive(InputObject)]
pub(crate) struct ConfirmCodeInput {
    /// 代码 / The first code.
    pub(crate) code: String,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

/// 移除某人的动态口令的输入 / Input of resetCode.
#[derive(InputObject)]
pub(crate) struct ResetCodeInput {
    /// 人员 / Whose code.
    pub(crate) person: Gid<PersonKind>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

/// 提前结束代理的输入 / Input of revokeDelegation.
#[derive(InputObject)]
pub(crate) struct RevokeDelegationInput {
    /// 代理 / Which delegation.
    pub(crate) delegation: Gid<DelegationKind>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

/// 停用接口程序的输入 / Input of revokeApiClient.
#[derive(InputObject)]
pub(crate) struct RevokeApiClientInput {
    /// 程序 / Which program.
    pub(crate) client: Gid<ApiClientKind>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

/// 撤销已登记的文档的输入 / Input of withdrawDocument.
#[derive(InputObject)]
pub(crate) struct WithdrawDocumentInput {
    /// 文档 / Which document.
    pub(crate) document: Gid<DocumentKind>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}
