//! Inputs of the directory service: person.

use crate::names::Role;
use crate::scalar::{Gid, Long};
use async_graphql::InputObject;
use cordon_context::{OrganisationIdKind, PersonKind};
use cordon_directory_contract as contract;

/// 人员筛选 / Narrows a list of people; what is left out does not narrow.
#[derive(Default, InputObject)]
pub(crate) struct PersonFilter {
    /// 机构 / Only of this organisation.
    pub(crate) organisation: Option<Gid<OrganisationIdKind>>,
    /// 角色 / Only those who hold this role now, by assignment or delegation.
    pub(crate) role: Option<Role>,
    /// 是否启用 / Only active or only inactive ones.
    pub(crate) active: Option<bool>,
}

impl From<PersonFilter> for contract::PersonFilter {
    fn from(input: PersonFilter) -> Self {
        let PersonFilter { organisation, role, active } = input;
        Self { organisation: organisation.map(Into::into), role: role.map(Into::into), active }
    }
}

/// 修改本人密码的输入 / Input of changePassword.
#[derive(InputObject)]
pub(crate) struct ChangePasswordInput {
    /// 是否当前会话 / The password until now.
    pub(crate) current: String,
    /// 新密码 / The password from now on: 12 to 128 bytes.
    pub(crate) new: String,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<ChangePasswordInput> for contract::ChangePassword {
    fn from(input: ChangePasswordInput) -> Self {
        let ChangePasswordInput { current, new, idempotency_key: _ } = input;
        Self { current: contract::Secret::new(current), new: contract::Secret::new(new) }
    }
}

/// 登记人员的输入 / Input of createPerson.
#[derive(InputObject)]
pub(crate) struct CreatePersonInput {
    /// 机构 / The organisation for which the person acts.
    pub(crate) organisation: Gid<OrganisationIdKind>,
    /// 登录名 / The name for signing in: 3 to 64 letters, digits, dots, hyphens, underscores; case does not matter.
    pub(crate) login: String,
    /// 中文名称 / The name, 1 to 50 characters.
    pub(crate) name: String,
    /// 岗位 / The post, up to 50 characters.
    #[graphql(default)]
    pub(crate) post: String,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<CreatePersonInput> for contract::CreatePerson {
    fn from(input: CreatePersonInput) -> Self {
        let CreatePersonInput { organisation, login, name, post, idempotency_key: _ } = input;
        Self { organisation: organisation.into(), login, name, post }
    }
}

/// 启用或停用人员的输入 / Input of setPersonActive.
#[derive(InputObject)]
pub(crate) struct SetPersonActiveInput {
    /// 人员 / Who.
    pub(crate) person: Gid<PersonKind>,
    /// 版本 / The version that the caller saw.
    pub(crate) version: Long,
    /// 是否启用 / Whether the person may sign in.
    pub(crate) active: bool,
    /// 理由 / Why, for the ledger; 2 to 200 characters, no personal data.
    pub(crate) reason: String,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<SetPersonActiveInput> for contract::SetPersonActive {
    fn from(input: SetPersonActiveInput) -> Self {
        let SetPersonActiveInput { person, version, active, reason, idempotency_key: _ } = input;
        Self { person: person.into(), version: version.into(), active, reason }
    }
}

/// 查看人员明文信息的输入 / Input of revealPerson.
#[derive(InputObject)]
pub(crate) struct RevealPersonInput {
    /// 人员 / Who.
    pub(crate) person: Gid<PersonKind>,
    /// 理由 / Why, for the ledger; 2 to 200 characters, no personal data.
    pub(crate) reason: String,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<RevealPersonInput> for contract::RevealPerson {
    fn from(input: RevealPersonInput) -> Self {
        let RevealPersonInput { person, reason, idempotency_key: _ } = input;
        Self { person: person.into(), reason }
    }
}
