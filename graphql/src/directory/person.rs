//! Objects of the directory service: person.

use crate::directory::{Organisation, RoleAssignment};
use crate::loaders::{group, one};
use crate::scalar::{DateTime, Gid, Long};
use crate::session::loaders;
use async_graphql::{Context, Object, Result};
use cordon_context::{OrganisationIdKind, PersonKind};
use cordon_directory_contract as contract;

pub(crate) struct Person(pub(crate) contract::Person);

/// 人员 / A person as others see them: the name is masked, the login is not shown.
#[Object]
impl Person {
    /// 标识 / Who.
    pub(crate) async fn id(&self) -> Gid<PersonKind> {
        self.0.id.into()
    }

    /// 机构（标识） / The organisation for which the person acts (identifier).
    async fn organisation_id(&self) -> Gid<OrganisationIdKind> {
        self.0.organisation.into()
    }

    /// 机构 / The organisation for which the person acts.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        one(&loaders(ctx)?.directory.organisations, self.0.organisation, Organisation).await
    }

    /// 姓名（掩码） / The masked name, such as 陈**.
    async fn masked_name(&self) -> &str {
        &self.0.masked_name
    }

    /// 岗位 / The post, such as 值班员; names an office, not a person.
    async fn post(&self) -> &str {
        &self.0.post
    }

    /// 是否启用 / Whether the person may sign in.
    async fn active(&self) -> bool {
        self.0.active
    }

    /// 是否已登记动态口令 / Whether a one-time code is asked for at sign-in.
    async fn code_enrolled(&self) -> bool {
        self.0.code_enrolled
    }

    /// 登记时间 / When the person was entered.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// 版本 / Grows with every change.
    async fn version(&self) -> Long {
        self.0.version.into()
    }

    /// 所持角色，含已收回的 / The roles, withdrawn and expired ones included.
    #[graphql(complexity = "crate::connection::several(5, child_complexity)")]
    async fn roles(&self, ctx: &Context<'_>) -> Result<Vec<RoleAssignment>> {
        group(&loaders(ctx)?.directory.roles_of_person, self.0.id, RoleAssignment).await
    }
}

pub(crate) struct RevealedPerson(pub(crate) contract::RevealedPerson);

/// 人员明文 / A person's name and login in the clear.
#[Object]
impl RevealedPerson {
    /// 标识 / Who.
    pub(crate) async fn id(&self) -> Gid<PersonKind> {
        self.0.id.into()
    }

    /// 中文名称 / The name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// 登录名 / The name for signing in.
    async fn login(&self) -> &str {
        &self.0.login
    }
}
