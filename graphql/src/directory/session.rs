//! Objects of the directory service: session.

use crate::directory::Person;
use crate::loaders::one;
use crate::scalar::{DateTime, Gid};
use crate::session::loaders;
use async_graphql::{Context, Object, Result};
use cordon_context::{PersonKind, SessionKind};
use cordon_directory_contract as contract;

pub(crate) struct Session(pub(crate) contract::Session);

/// 会话 / A session as its person sees it.
#[Object]
impl Session {
    /// 标识 / Which.
    pub(crate) async fn id(&self) -> Gid<SessionKind> {
        self.0.id.into()
    }

    /// 人员（标识） / Whose (identifier).
    async fn person_id(&self) -> Gid<PersonKind> {
        self.0.person.into()
    }

    /// 人员 / Whose.
    async fn person(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        one(&loaders(ctx)?.directory.people, self.0.person, Person).await
    }

    /// 登记时间 / When it was opened.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// 最近使用时间 / When it was last used, to the minute.
    async fn last_seen_at(&self) -> DateTime {
        self.0.last_seen_at.into()
    }

    /// 到期时间 / When it ends at the latest.
    async fn expires_at(&self) -> DateTime {
        self.0.expires_at.into()
    }

    /// 登录来源 / Where it was opened from, as far as the gateway knew.
    async fn origin(&self) -> Option<&str> {
        self.0.origin.as_deref()
    }

    /// 是否当前会话 / Whether the caller asks with this session.
    async fn current(&self) -> bool {
        self.0.current
    }
}

pub(crate) struct CodeEnrolment(pub(crate) contract::CodeEnrolment);

/// 动态口令登记 / What a person types or scans into their authenticator.
#[Object]
impl CodeEnrolment {
    /// 密钥 / The secret in base32.
    async fn secret(&self) -> &str {
        self.0.secret.expose()
    }

    /// 二维码地址 / The same as an otpauth:// address, for a QR code.
    async fn address(&self) -> &str {
        self.0.address.expose()
    }
}
