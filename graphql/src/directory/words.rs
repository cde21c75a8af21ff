//! Closed lists of words of the directory service, as the schema names them.

use async_graphql::Enum;
use cordon_directory_contract as contract;

/// 待办步骤 / Something that has to be done before a person's roles count.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::PendingStep")]
pub(crate) enum PendingStep {
    /// 修改密码 / The first password has to be changed.
    ChangePassword,
    /// 登记动态口令 / A one-time code has to be enrolled, because a role of the person demands it.
    EnrolCode,
}
