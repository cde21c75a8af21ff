//! Objects of the directory service: duty.

use crate::directory::{Organisation, Person};
use crate::loaders::{maybe, one};
use crate::names::Role;
use crate::scalar::{DateTime, Gid};
use crate::session::loaders;
use async_graphql::{Context, Object, Result};
use cordon_context::{AssignmentKind, DelegationKind, OrganisationIdKind, PersonKind};
use cordon_directory_contract as contract;

pub(crate) struct RoleAssignment(pub(crate) contract::RoleAssignment);

/// 角色授予 / A role that a person holds for a time.
#[Object]
impl RoleAssignment {
    /// 标识 / Which.
    pub(crate) async fn id(&self) -> Gid<AssignmentKind> {
        self.0.id.into()
    }

    /// 人员（标识） / Who holds it (identifier).
    async fn person_id(&self) -> Gid<PersonKind> {
        self.0.person.into()
    }

    /// 人员 / Who holds it.
    async fn person(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        one(&loaders(ctx)?.directory.people, self.0.person, Person).await
    }

    /// 机构（标识） / In which organisation (identifier).
    async fn organisation_id(&self) -> Gid<OrganisationIdKind> {
        self.0.organisation.into()
    }

    /// 机构 / In which organisation.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        one(&loaders(ctx)?.directory.organisations, self.0.organisation, Organisation).await
    }

    /// 角色 / Which role.
    async fn role(&self) -> Role {
        self.0.role.into()
    }

    /// 起始时间 / From when.
    async fn valid_from(&self) -> DateTime {
        self.0.valid_from.into()
    }

    /// 截止时间 / Until when; open if null.
    async fn valid_to(&self) -> Option<DateTime> {
        self.0.valid_to.map(Into::into)
    }

    /// 授予人（标识） / Who gave it; null for what the installation set up (identifier).
    async fn given_by_id(&self) -> Option<Gid<PersonKind>> {
        self.0.given_by.map(Into::into)
    }

    /// 授予人 / Who gave it; null for what the installation set up.
    async fn given_by(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        maybe(&loaders(ctx)?.directory.people, self.0.given_by, Person).await
    }

    /// 收回时间 / When it was withdrawn.
    async fn withdrawn_at(&self) -> Option<DateTime> {
        self.0.withdrawn_at.map(Into::into)
    }
}

pub(crate) struct Delegation(pub(crate) contract::Delegation);

/// 角色代理 / A role that its holder lends to a colleague for a time.
#[Object]
impl Delegation {
    /// 标识 / Which.
    pub(crate) async fn id(&self) -> Gid<DelegationKind> {
        self.0.id.into()
    }

    /// 机构（标识） / In which organisation; both belong to it (identifier).
    async fn organisation_id(&self) -> Gid<OrganisationIdKind> {
        self.0.organisation.into()
    }

    /// 机构 / In which organisation; both belong to it.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        one(&loaders(ctx)?.directory.organisations, self.0.organisation, Organisation).await
    }

    /// 委托人（标识） / Who lends it and goes on holding it (identifier).
    async fn from_id(&self) -> Gid<PersonKind> {
        self.0.from.into()
    }

    /// 委托人 / Who lends it and goes on holding it.
    async fn from(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        one(&loaders(ctx)?.directory.people, self.0.from, Person).await
    }

    /// 受托人（标识） / Who may use it; cannot lend it further (identifier).
    async fn to_id(&self) -> Gid<PersonKind> {
        self.0.to.into()
    }

    /// 受托人 / Who may use it; cannot lend it further.
    async fn to(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        one(&loaders(ctx)?.directory.people, self.0.to, Person).await
    }

    /// 角色 / Which role.
    async fn role(&self) -> Role {
        self.0.role.into()
    }

    /// 起始时间 / From when.
    async fn valid_from(&self) -> DateTime {
        self.0.valid_from.into()
    }

    /// 截止时间 / Until when.
    async fn valid_to(&self) -> DateTime {
        self.0.valid_to.into()
    }

    /// 撤销时间 / When it was ended early.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked_at.map(Into::into)
    }
}
