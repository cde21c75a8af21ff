//! Objects of the directory service: organisation.

use crate::loaders::maybe;
use crate::names::{OrganisationKind, OrganisationLevel};
use crate::scalar::{DateTime, Gid, Long, Region, Responsibility};
use crate::session::loaders;
use async_graphql::{Context, Object, Result};
use cordon_context::OrganisationIdKind;
use cordon_directory_contract as contract;

pub(crate) struct Organisation(pub(crate) contract::Organisation);

/// 机构 / An authority, a police organ, an enterprise or the platform's operator.
#[Object]
impl Organisation {
    /// 标识 / Which.
    pub(crate) async fn id(&self) -> Gid<OrganisationIdKind> {
        self.0.id.into()
    }

    /// 代码 / A stable short code, such as police-440300 or mobile-440000.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// 中文名称 / The Chinese name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// 英文名称 / The English name.
    async fn name_en(&self) -> &str {
        &self.0.name_en
    }

    /// 种类 / What it is.
    async fn kind(&self) -> OrganisationKind {
        self.0.kind.into()
    }

    /// 层级 / At which level it stands.
    async fn level(&self) -> OrganisationLevel {
        self.0.level.into()
    }

    /// 行政区划 / The region for which it is competent.
    async fn region(&self) -> Region {
        self.0.region.into()
    }

    /// 上级机构（标识） / The organisation above it; for an MVNO the carrier whose network it uses (identifier).
    async fn parent_id(&self) -> Option<Gid<OrganisationIdKind>> {
        self.0.parent.map(Into::into)
    }

    /// 上级机构 / The organisation above it; for an MVNO the carrier whose network it uses.
    async fn parent(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        maybe(&loaders(ctx)?.directory.organisations, self.0.parent, Organisation).await
    }

    /// 职责 / What it answers for when an order is routed.
    async fn responsibilities(&self) -> Vec<Responsibility> {
        self.0.responsibilities.iter().cloned().map(Responsibility).collect()
    }

    /// 值班联系方式 / How its duty desk is reached.
    async fn contact(&self) -> Contact {
        Contact(self.0.contact.clone())
    }

    /// 是否启用 / Whether its people and programs may act.
    async fn active(&self) -> bool {
        self.0.active
    }

    /// 登记时间 / When it was entered.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// 版本 / Grows with every change.
    async fn version(&self) -> Long {
        self.0.version.into()
    }
}

pub(crate) struct Contact(pub(crate) contract::Contact);

/// 值班联系方式 / How an organisation's duty desk is reached; an office's details, never a private person's.
#[Object]
impl Contact {
    /// 值班部门 / The office or desk.
    async fn office(&self) -> &str {
        &self.0.office
    }

    /// 电话 / Its telephone number.
    async fn telephone(&self) -> &str {
        &self.0.telephone
    }

    /// 邮箱 / Its mail address.
    async fn email(&self) -> &str {
        &self.0.email
    }
}
