//! Objects of the directory service: document.

use crate::directory::Organisation;
use crate::loaders::one;
use crate::scalar::{DateTime, Gid};
use crate::session::loaders;
use async_graphql::{Context, Object, Result};
use cordon_context::{DocumentKind, OrganisationIdKind};
use cordon_directory_contract as contract;

pub(crate) struct RegisteredDocument(pub(crate) contract::Document);

/// 已登记文档 / A registered document.
#[Object]
impl RegisteredDocument {
    /// 标识 / Which.
    pub(crate) async fn id(&self) -> Gid<DocumentKind> {
        self.0.id.into()
    }

    /// 机构（标识） / Whose (identifier).
    async fn organisation_id(&self) -> Gid<OrganisationIdKind> {
        self.0.organisation.into()
    }

    /// 机构 / Whose.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        one(&loaders(ctx)?.directory.organisations, self.0.organisation, Organisation).await
    }

    /// 摘要 / The SHA-256 of the text, in lower-case hex.
    async fn hash(&self) -> &str {
        &self.0.hash
    }

    /// 文本 / The text.
    async fn text(&self) -> &str {
        &self.0.text
    }

    /// 登记时间 / When it was registered.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }
}
