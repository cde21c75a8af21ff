//! Inputs of the directory service: organisation.

use crate::names::{OrganisationKind, OrganisationLevel, each_once};
use crate::scalar::{Gid, Long, Region, Responsibility};
use async_graphql::InputObject;
use cordon_context::OrganisationIdKind;
use cordon_directory_contract as contract;

/// 机构筛选 / Narrows a list of organisations; what is left out does not narrow.
#[derive(Default, InputObject)]
pub(crate) struct OrganisationFilter {
    /// 种类 / Only these kinds.
    #[graphql(default)]
    pub(crate) kinds: Vec<OrganisationKind>,
    /// 行政区划 / Only in this region.
    pub(crate) region: Option<Region>,
    /// 上级机构 / Only directly below this one.
    pub(crate) parent: Option<Gid<OrganisationIdKind>>,
    /// 是否启用 / Only active or only inactive ones.
    pub(crate) active: Option<bool>,
    /// 文本 / Only where code or name contains this text.
    pub(crate) text: Option<String>,
}

impl From<OrganisationFilter> for contract::OrganisationFilter {
    fn from(input: OrganisationFilter) -> Self {
        let OrganisationFilter { kinds, region, parent, active, text } = input;
        Self { kinds: each_once(kinds), region: region.map(Into::into), parent: parent.map(Into::into), active, text }
    }
}

/// 值班联系方式 / How an organisation's duty desk is reached; an office's details, never a private person's.
#[derive(InputObject)]
pub(crate) struct ContactInput {
    /// 值班部门 / The office or desk.
    #[graphql(default)]
    pub(crate) office: String,
    /// 电话 / Its telephone number.
    #[graphql(default)]
    pub(crate) telephone: String,
    /// 邮箱 / Its mail address.
    #[graphql(default)]
    pub(crate) email: String,
}

impl From<ContactInput> for contract::Contact {
    fn from(input: ContactInput) -> Self {
        let ContactInput { office, telephone, email } = input;
        Self { office, telephone, email }
    }
}

/// 登记机构的输入 / Input of createOrganisation.
#[derive(InputObject)]
pub(crate) struct CreateOrganisationInput {
    /// 代码 / The stable short code: 2 to 64 lower-case letters, digits, hyphens.
    pub(crate) code: String,
    /// 中文名称 / The Chinese name, 1 to 100 characters.
    pub(crate) name: String,
    /// 英文名称 / The English name, up to 200 characters.
    #[graphql(default)]
    pub(crate) name_en: String,
    /// 种类 / What it is.
    pub(crate) kind: OrganisationKind,
    /// 层级 / At which level it stands.
    pub(crate) level: OrganisationLevel,
    /// 行政区划 / The region for which it is competent.
    pub(crate) region: Region,
    /// 上级机构 / The organisation above it.
    pub(crate) parent: Option<Gid<OrganisationIdKind>>,
    /// 职责 / What it answers for.
    #[graphql(default)]
    pub(crate) responsibilities: Vec<Responsibility>,
    /// 值班联系方式 / How its duty desk is reached.
    pub(crate) contact: ContactInput,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<CreateOrganisationInput> for contract::CreateOrganisation {
    fn from(input: CreateOrganisationInput) -> Self {
        let CreateOrganisationInput {
            code,
            name,
            name_en,
            kind,
            level,
            region,
            parent,
            responsibilities,
            contact,
            idempotency_key: _,
        } = input;
        Self {
            code,
            name,
            name_en,
            kind: kind.into(),
            level: level.into(),
            region: region.into(),
            parent: parent.map(Into::into),
            responsibilities: responsibilities.into_iter().map(Into::into).collect(),
            contact: contact.into(),
        }
    }
}

/// 修改机构的输入 / Input of changeOrganisation.
#[derive(InputObject)]
pub(crate) struct ChangeOrganisationInput {
    /// 标识 / Which.
    pub(crate) id: Gid<OrganisationIdKind>,
    /// 版本 / The version that the caller saw.
    pub(crate) version: Long,
    /// 中文名称 / The Chinese name.
    pub(crate) name: Option<String>,
    /// 英文名称 / The English name.
    pub(crate) name_en: Option<String>,
    /// 职责 / What it answers for.
    pub(crate) responsibilities: Option<Vec<Responsibility>>,
    /// 值班联系方式 / How its duty desk is reached.
    pub(crate) contact: Option<ContactInput>,
    /// 是否启用 / Whether its people and programs may act; a change to false ends their sessions.
    pub(crate) active: Option<bool>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<ChangeOrganisationInput> for contract::ChangeOrganisation {
    fn from(input: ChangeOrganisationInput) -> Self {
        let ChangeOrganisationInput {
            id,
            version,
            name,
            name_en,
            responsibilities,
            contact,
            active,
            idempotency_key: _,
        } = input;
        Self {
            id: id.into(),
            version: version.into(),
            name,
            name_en,
            responsibilities: responsibilities.map(|list| list.into_iter().map(Into::into).collect()),
            contact: contact.map(Into::into),
            active,
        }
    }
}
