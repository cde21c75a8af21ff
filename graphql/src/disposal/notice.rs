//! Objects of the disposal service: notice.

use crate::directory::{Organisation, Person};
use crate::disposal::{NoticeChannel, NoticeKind, NoticeState, Order, Task};
use crate::loaders::{maybe, one};
use crate::names::BilingualText;
use crate::scalar::{DateTime, Gid, Long};
use crate::session::loaders;
use async_graphql::{Context, Object, Result};
use cordon_context::{OrderKind, OrganisationIdKind, PersonKind, TaskKind};
use cordon_disposal_contract as contract;

pub(crate) struct Notice(pub(crate) contract::Notice);

/// 告知 / One notice to one holder about one task.
#[Object]
impl Notice {
    /// 标识 / Its identifier.
    pub(crate) async fn id(&self) -> Gid<cordon_context::NoticeKind> {
        self.0.id.into()
    }

    /// 任务（标识） / The task it is about (identifier).
    async fn task_id(&self) -> Gid<TaskKind> {
        self.0.task.into()
    }

    /// 任务 / The task it is about.
    async fn task(&self, ctx: &Context<'_>) -> Result<Option<Task>> {
        one(&loaders(ctx)?.disposal.tasks, self.0.task, Task).await
    }

    /// 所属指令（标识） / That task's order (identifier).
    async fn order_id(&self) -> Gid<OrderKind> {
        self.0.order.into()
    }

    /// 所属指令 / That task's order.
    async fn order(&self, ctx: &Context<'_>) -> Result<Option<Order>> {
        one(&loaders(ctx)?.disposal.orders, self.0.order, Order).await
    }

    /// 类别 / What the holder is told.
    async fn kind(&self) -> NoticeKind {
        self.0.kind.into()
    }

    /// 状态 / Where it stands.
    async fn state(&self) -> NoticeState {
        self.0.state.into()
    }

    /// 告知单位（标识） / The unit that took the measure and must tell the holder (identifier).
    async fn giver_id(&self) -> Gid<OrganisationIdKind> {
        self.0.giver.into()
    }

    /// 告知单位 / The unit that took the measure and must tell the holder.
    async fn giver(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        one(&loaders(ctx)?.directory.organisations, self.0.giver, Organisation).await
    }

    /// 期限 / Until when.
    async fn due(&self) -> DateTime {
        self.0.due.into()
    }

    /// 采取措施的原因 / Why the measure was taken.
    async fn reason(&self) -> BilingualText {
        BilingualText(self.0.reason.clone())
    }

    /// 救济渠道 / Where and how the holder can appeal.
    async fn remedy(&self) -> BilingualText {
        BilingualText(self.0.remedy.clone())
    }

    /// 需提交的材料 / What the holder must hand in.
    async fn documents(&self) -> BilingualText {
        BilingualText(self.0.documents.clone())
    }

    /// 告知全文 / The whole text to send.
    async fn text(&self) -> BilingualText {
        BilingualText(self.0.text.clone())
    }

    /// 告知时间 / When it was given.
    async fn sent_at(&self) -> Option<DateTime> {
        self.0.sent_at.map(Into::into)
    }

    /// 方式 / How it was given.
    async fn channel(&self) -> Option<NoticeChannel> {
        self.0.channel.map(Into::into)
    }

    /// 凭证 / The giver's reference to what it sent.
    async fn reference(&self) -> Option<&str> {
        self.0.reference.as_deref()
    }

    /// 暂缓理由 / Why it is put off.
    async fn deferral_reason(&self) -> Option<&str> {
        self.0.deferral_reason.as_deref()
    }

    /// 申请人（标识） / Who asked for that (identifier).
    async fn deferral_by_id(&self) -> Option<Gid<PersonKind>> {
        self.0.deferral_by.map(Into::into)
    }

    /// 申请人 / Who asked for that.
    async fn deferral_by(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        maybe(&loaders(ctx)?.directory.people, self.0.deferral_by, Person).await
    }

    /// 同意人（标识） / Who agreed (identifier).
    async fn deferral_approver_id(&self) -> Option<Gid<PersonKind>> {
        self.0.deferral_approver.map(Into::into)
    }

    /// 同意人 / Who agreed.
    async fn deferral_approver(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        maybe(&loaders(ctx)?.directory.people, self.0.deferral_approver, Person).await
    }

    /// 复查时间 / When it must be looked at again.
    async fn review_at(&self) -> Option<DateTime> {
        self.0.review_at.map(Into::into)
    }

    /// 是否超期 / Whether its deadline was missed.
    async fn overdue(&self) -> bool {
        self.0.overdue
    }

    /// 版本 / Grows with every change.
    async fn version(&self) -> Long {
        self.0.version.into()
    }
}
