//! Objects of the disposal service: protected.

use crate::directory::Person;
use crate::disposal::{ProtectedReasonKind, ProtectedState, Subject};
use crate::loaders::{maybe, one};
use crate::scalar::{DateTime, Gid, Long};
use crate::session::loaders;
use async_graphql::{Context, Object, Result};
use cordon_context::{PersonKind, ProtectedKind};
use cordon_disposal_contract as contract;

pub(crate) struct ProtectedEntry(pub(crate) contract::Protected);

/// 保护名单条目 / One entry of the protected list.
#[Object]
impl ProtectedEntry {
    /// 标识 / Its identifier.
    pub(crate) async fn id(&self) -> Gid<ProtectedKind> {
        self.0.id.into()
    }

    /// 对象 / The target, masked.
    async fn subject(&self) -> Subject {
        Subject(self.0.subject.clone())
    }

    /// 原因类别 / Why it is protected.
    async fn kind(&self) -> ProtectedReasonKind {
        self.0.kind.into()
    }

    /// 说明 / In words.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// 状态 / Where it stands.
    async fn state(&self) -> ProtectedState {
        self.0.state.into()
    }

    /// 提议人（标识） / Who made the last proposal (identifier).
    async fn proposed_by_id(&self) -> Gid<PersonKind> {
        self.0.proposed_by.into()
    }

    /// 提议人 / Who made the last proposal.
    async fn proposed_by(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        one(&loaders(ctx)?.directory.people, self.0.proposed_by, Person).await
    }

    /// 确认人（标识） / Who confirmed the last proposal (identifier).
    async fn confirmed_by_id(&self) -> Option<Gid<PersonKind>> {
        self.0.confirmed_by.map(Into::into)
    }

    /// 确认人 / Who confirmed the last proposal.
    async fn confirmed_by(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        maybe(&loaders(ctx)?.directory.people, self.0.confirmed_by, Person).await
    }

    /// 最近变更时间 / When it was last changed.
    async fn changed_at(&self) -> DateTime {
        self.0.changed_at.into()
    }

    /// 版本 / Grows with every change.
    async fn version(&self) -> Long {
        self.0.version.into()
    }
}
