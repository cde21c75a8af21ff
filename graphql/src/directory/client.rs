//! Objects of the directory service: client.

use crate::directory::Organisation;
use crate::loaders::one;
use crate::names::Role;
use crate::scalar::{DateTime, Gid, Long};
use crate::session::loaders;
use async_graphql::{Context, Object, Result};
use cordon_context::{ApiClientKind, OrganisationIdKind};
use cordon_directory_contract as contract;

pub(crate) struct ApiClient(pub(crate) contract::ApiClient);

/// 接口程序 / A program's entry; its secret is stored as a digest only.
#[Object]
impl ApiClient {
    /// 标识 / Which; also the name with which the program signs in.
    pub(crate) async fn id(&self) -> Gid<ApiClientKind> {
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

    /// 名称 / What it is for.
    async fn label(&self) -> &str {
        &self.0.label
    }

    /// 角色 / The duties it holds.
    async fn roles(&self) -> Vec<Role> {
        self.0.roles.iter().copied().map(Into::into).collect()
    }

    /// 允许的来源地址 / The addresses or networks (192.0.2.0/24) from which it may call; empty means any.
    async fn allowed_addresses(&self) -> &[String] {
        &self.0.allowed_addresses
    }

    /// 签名公钥 / The ed25519 public keys (whpk_…) with which it signs its requests; with none, no signature is asked for.
    async fn message_keys(&self) -> &[String] {
        &self.0.message_keys
    }

    /// 到期时间 / When its current secret stops to work.
    async fn expires_at(&self) -> DateTime {
        self.0.expires_at.into()
    }

    /// 旧密钥有效至 / Until when the secret before the current one works as well.
    async fn previous_secret_until(&self) -> Option<DateTime> {
        self.0.previous_secret_until.map(Into::into)
    }

    /// 登记时间 / When it was entered.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// 最近使用时间 / When it was last seen, to the minute.
    async fn last_seen_at(&self) -> Option<DateTime> {
        self.0.last_seen_at.map(Into::into)
    }

    /// 撤销时间 / When it was revoked.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked_at.map(Into::into)
    }

    /// 版本 / Grows with every change.
    async fn version(&self) -> Long {
        self.0.version.into()
    }
}
