//! Objects of the disposal service: release.

use crate::case_intake::Case;
use crate::directory::{Organisation, Person};
use crate::disposal::{Measure, Order, ReleaseReason, ReleaseState, Task};
use crate::loaders::{list, maybe, one};
use crate::scalar::{DateTime, Gid};
use crate::session::loaders;
use async_graphql::{Context, Object, Result};
use cordon_context::{CaseKind, OrderKind, OrganisationIdKind, PersonKind, ReleaseKind, SubjectKind, TaskKind};
use cordon_disposal_contract as contract;

pub(crate) struct Release(pub(crate) contract::Release);

/// 解除决定 / A decision that a measure ends.
#[Object]
impl Release {
    /// 标识 / Its identifier.
    pub(crate) async fn id(&self) -> Gid<ReleaseKind> {
        self.0.id.into()
    }

    /// 所解除的任务（标识） / The task whose measure ends (identifier).
    async fn task_id(&self) -> Gid<TaskKind> {
        self.0.task.into()
    }

    /// 所解除的任务 / The task whose measure ends.
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

    /// 原因 / Why.
    async fn reason(&self) -> ReleaseReason {
        self.0.reason.into()
    }

    /// 说明 / In words.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// 决定机关（标识） / The organ that decided (identifier).
    async fn organisation_id(&self) -> Gid<OrganisationIdKind> {
        self.0.organisation.into()
    }

    /// 决定机关 / The organ that decided.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        one(&loaders(ctx)?.directory.organisations, self.0.organisation, Organisation).await
    }

    /// 决定人（标识） / The person who decided, if a person did (identifier).
    async fn person_id(&self) -> Option<Gid<PersonKind>> {
        self.0.person.map(Into::into)
    }

    /// 决定人 / The person who decided, if a person did.
    async fn person(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        maybe(&loaders(ctx)?.directory.people, self.0.person, Person).await
    }

    /// 决定时间 / When it was decided; the release deadline counts from here.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// 状态 / Where it stands.
    async fn state(&self) -> ReleaseState {
        self.0.state.into()
    }

    /// 尚未同意的机关（标识） / The organs that hold the same measure and have not consented (identifier).
    async fn waiting_for_ids(&self) -> Vec<Gid<OrganisationIdKind>> {
        self.0.waiting_for.iter().copied().map(Into::into).collect()
    }

    /// 尚未同意的机关 / The organs that hold the same measure and have not consented.
    async fn waiting_for(&self, ctx: &Context<'_>) -> Result<Vec<Organisation>> {
        list(&loaders(ctx)?.directory.organisations, &self.0.waiting_for, Organisation).await
    }

    /// 解除任务（标识） / The task that undoes the measure (identifier).
    async fn release_task_id(&self) -> Option<Gid<TaskKind>> {
        self.0.release_task.map(Into::into)
    }

    /// 解除任务 / The task that undoes the measure.
    async fn release_task(&self, ctx: &Context<'_>) -> Result<Option<Task>> {
        maybe(&loaders(ctx)?.disposal.tasks, self.0.release_task, Task).await
    }

    /// 可一并解除的任务（标识） / Other measures of the same order that may be released as well, such as linked accounts (identifier).
    async fn offered_ids(&self) -> Vec<Gid<TaskKind>> {
        self.0.offered.iter().copied().map(Into::into).collect()
    }

    /// 可一并解除的任务 / Other measures of the same order that may be released as well, such as linked accounts.
    async fn offered(&self, ctx: &Context<'_>) -> Result<Vec<Task>> {
        list(&loaders(ctx)?.disposal.tasks, &self.0.offered, Task).await
    }

    /// 完成时间 / When it was carried out and confirmed.
    async fn done_at(&self) -> Option<DateTime> {
        self.0.done_at.map(Into::into)
    }
}

pub(crate) struct MeasureInForce(pub(crate) contract::InForce);

/// 生效中的措施 / A measure that is in force against a subject, as far as the caller may know.
#[Object]
impl MeasureInForce {
    /// 对象标识（标识） / The subject (identifier).
    async fn subject_id(&self) -> Gid<SubjectKind> {
        self.0.subject.into()
    }

    /// 措施 / The measure.
    async fn measure(&self) -> Measure {
        self.0.measure.into()
    }

    /// 任务（标识） / The task (identifier).
    async fn task_id(&self) -> Gid<TaskKind> {
        self.0.task.into()
    }

    /// 任务 / The task.
    async fn task(&self, ctx: &Context<'_>) -> Result<Option<Task>> {
        one(&loaders(ctx)?.disposal.tasks, self.0.task, Task).await
    }

    /// 所属指令（标识） / Its order (identifier).
    async fn order_id(&self) -> Gid<OrderKind> {
        self.0.order.into()
    }

    /// 所属指令 / Its order.
    async fn order(&self, ctx: &Context<'_>) -> Result<Option<Order>> {
        one(&loaders(ctx)?.disposal.orders, self.0.order, Order).await
    }

    /// 指令编号 / Its order's number.
    async fn order_number(&self) -> &str {
        &self.0.order_number
    }

    /// 所属案件（标识） / The case of the order (identifier).
    async fn case_id(&self) -> Option<Gid<CaseKind>> {
        self.0.case.map(Into::into)
    }

    /// 所属案件 / The case of the order.
    async fn case(&self, ctx: &Context<'_>) -> Result<Option<Case>> {
        maybe(&loaders(ctx)?.case_intake.cases, self.0.case, Case).await
    }

    /// 下达机关（标识） / The organ that holds it (identifier).
    async fn holder_id(&self) -> Gid<OrganisationIdKind> {
        self.0.holder.into()
    }

    /// 下达机关 / The organ that holds it.
    async fn holder(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        one(&loaders(ctx)?.directory.organisations, self.0.holder, Organisation).await
    }

    /// 执行单位（标识） / Who executes it (identifier).
    async fn executor_id(&self) -> Option<Gid<OrganisationIdKind>> {
        self.0.executor.map(Into::into)
    }

    /// 执行单位 / Who executes it.
    async fn executor(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        maybe(&loaders(ctx)?.directory.organisations, self.0.executor, Organisation).await
    }

    /// 生效时间，在途则为空 / Since when; none while it is still on its way.
    async fn effective_from(&self) -> Option<DateTime> {
        self.0.effective_from.map(Into::into)
    }

    /// 有效期至 / Until when.
    async fn effective_to(&self) -> Option<DateTime> {
        self.0.effective_to.map(Into::into)
    }

    /// 是否申诉中 / Whether an appeal against it is open.
    async fn appealed(&self) -> bool {
        self.0.appealed
    }
}
