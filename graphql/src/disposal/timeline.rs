//! Objects of the disposal service: timeline.

use crate::connection::{self, Connection};
use crate::directory::Organisation;
use crate::disposal::{Appeal, Order, Task};
use crate::loaders::{maybe, one};
use crate::names::Role;
use crate::outcome::read;
use crate::scalar::{DateTime, Gid, Long};
use crate::session::loaders;
use async_graphql::{Context, Json, Object, Result};
use cordon_context::{AppealKind, OrderKind, OrganisationIdKind, TaskKind};
use cordon_disposal_contract as contract;
use cordon_disposal_contract::DisposalClient as _;

pub(crate) struct TimelineEntry(pub(crate) contract::TimelineEntry);

/// 时间线的一条 / One thing that happened or was tried.
#[Object]
impl TimelineEntry {
    /// 序号 / Its place; grows.
    async fn seq(&self) -> Long {
        self.0.seq.into()
    }

    /// 所属指令（标识） / The order (identifier).
    async fn order_id(&self) -> Gid<OrderKind> {
        self.0.order.into()
    }

    /// 所属指令 / The order.
    async fn order(&self, ctx: &Context<'_>) -> Result<Option<Order>> {
        one(&loaders(ctx)?.disposal.orders, self.0.order, Order).await
    }

    /// 任务（标识） / The task, if it concerns one (identifier).
    async fn task_id(&self) -> Option<Gid<TaskKind>> {
        self.0.task.map(Into::into)
    }

    /// 任务 / The task, if it concerns one.
    async fn task(&self, ctx: &Context<'_>) -> Result<Option<Task>> {
        maybe(&loaders(ctx)?.disposal.tasks, self.0.task, Task).await
    }

    /// 申诉（标识） / The appeal, if it concerns one (identifier).
    async fn appeal_id(&self) -> Option<Gid<AppealKind>> {
        self.0.appeal.map(Into::into)
    }

    /// 申诉 / The appeal, if it concerns one.
    async fn appeal(&self, ctx: &Context<'_>) -> Result<Option<Appeal>> {
        maybe(&loaders(ctx)?.disposal.appeals, self.0.appeal, Appeal).await
    }

    /// 时间 / When.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// 行为主体的标识，不含姓名 / The acting party: a person's, program's or job's identifier, never a name.
    async fn party(&self) -> &str {
        &self.0.party
    }

    /// 所属机构（标识） / For which organisation (identifier).
    async fn organisation_id(&self) -> Gid<OrganisationIdKind> {
        self.0.organisation.into()
    }

    /// 所属机构 / For which organisation.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        one(&loaders(ctx)?.directory.organisations, self.0.organisation, Organisation).await
    }

    /// 行为时的职责 / The duties under which it was done.
    async fn roles(&self) -> Vec<Role> {
        self.0.roles.iter().copied().map(Into::into).collect()
    }

    /// 事件 / What was done or tried, such as task.execute.
    async fn event(&self) -> &str {
        &self.0.event
    }

    /// 之前状态 / The state before.
    async fn from(&self) -> Option<&str> {
        self.0.from.as_deref()
    }

    /// 之后状态 / The state after; the same as before if it was refused.
    async fn to(&self) -> Option<&str> {
        self.0.to.as_deref()
    }

    /// 被哪条规则拒绝 / The rule that refused it, if it was refused.
    async fn refused_by(&self) -> Option<&str> {
        self.0.refused_by.as_deref()
    }

    /// 其他细节，不含个人信息 / What else is worth knowing; holds no personal data in the clear.
    async fn detail(&self) -> Json<serde_json::Value> {
        Json(self.0.detail.clone())
    }

    /// 所提交内容的摘要 / The digest of what was handed in, in hexadecimal.
    async fn payload_digest(&self) -> &str {
        &self.0.payload_digest
    }
}

/// Gives one page of a timeline.
pub(super) async fn timeline(
    ctx: &Context<'_>,
    of: contract::TimelineOf,
    first: Option<i32>,
    after: Option<String>,
) -> Result<Connection<TimelineEntry>> {
    let page = connection::page::<TimelineEntry>(ctx, first, after.as_deref())?;
    let rows = read(ctx, |services, call| async move { services.disposal.timeline(call, of, page).await });
    Ok(Connection::of(rows.await?, TimelineEntry))
}
