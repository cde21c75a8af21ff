//! Inputs of the directory service: duty.

use crate::names::Role;
use crate::scalar::{DateTime, Gid};
use async_graphql::InputObject;
use cordon_context::{AssignmentKind, PersonKind};
use cordon_directory_contract as contract;

/// 代理筛选 / Narrows a list of delegations; what is left out does not narrow.
#[derive(Default, InputObject)]
pub(crate) struct DelegationFilter {
    /// 人员 / Only those from or to this person.
    pub(crate) person: Option<Gid<PersonKind>>,
    /// 仅当前有效 / Only those that count now.
    #[graphql(default)]
    pub(crate) effective: bool,
}

impl From<DelegationFilter> for contract::DelegationFilter {
    fn from(input: DelegationFilter) -> Self {
        let DelegationFilter { person, effective } = input;
        Self { person: person.map(Into::into), effective }
    }
}

/// 授予角色的输入 / Input of giveRole.
#[derive(InputObject)]
pub(crate) struct GiveRoleInput {
    /// 人员 / To whom.
    pub(crate) person: Gid<PersonKind>,
    /// 角色 / Which role.
    pub(crate) role: Role,
    /// 起始时间 / From when; now if null.
    pub(crate) valid_from: Option<DateTime>,
    /// 截止时间 / Until when; open if null.
    pub(crate) valid_to: Option<DateTime>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<GiveRoleInput> for contract::GiveRole {
    fn from(input: GiveRoleInput) -> Self {
        let GiveRoleInput { person, role, valid_from, valid_to, idempotency_key: _ } = input;
        Self {
            person: person.into(),
            role: role.into(),
            valid_from: valid_from.map(Into::into),
            valid_to: valid_to.map(Into::into),
        }
    }
}

/// 收回角色的输入 / Input of withdrawRole.
#[derive(InputObject)]
pub(crate) struct WithdrawRoleInput {
    /// 角色授予 / Which assignment.
    pub(crate) assignment: Gid<AssignmentKind>,
    /// 理由 / Why, for the ledger; 2 to 200 characters, no personal data.
    pub(crate) reason: String,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<WithdrawRoleInput> for contract::WithdrawRole {
    fn from(input: WithdrawRoleInput) -> Self {
        let WithdrawRoleInput { assignment, reason, idempotency_key: _ } = input;
        Self { assignment: assignment.into(), reason }
    }
}

/// 委托角色的输入 / Input of delegateRole.
#[derive(InputObject)]
pub(crate) struct DelegateRoleInput {
    /// 受托人 / To whom.
    pub(crate) to: Gid<PersonKind>,
    /// 角色 / Which role.
    pub(crate) role: Role,
    /// 起始时间 / From when; now if null.
    pub(crate) valid_from: Option<DateTime>,
    /// 截止时间 / Until when.
    pub(crate) valid_to: DateTime,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<DelegateRoleInput> for contract::Delegate {
    fn from(input: DelegateRoleInput) -> Self {
        let DelegateRoleInput { to, role, valid_from, valid_to, idempotency_key: _ } = input;
        Self { to: to.into(), role: role.into(), valid_from: valid_from.map(Into::into), valid_to: valid_to.into() }
    }
}
