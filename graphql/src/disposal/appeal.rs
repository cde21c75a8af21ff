//! Objects of the disposal service: appeal.

use crate::connection::{self, Connection};
use crate::directory::{Organisation, Person};
use crate::disposal::{
    AppealChannel, AppealCompetence, AppealOutcome, AppealState, Measure, Order, Subject, Task, TimelineEntry,
};
use crate::loaders::{maybe, one};
use crate::names::BilingualText;
use crate::outcome::read;
use crate::scalar::{DateTime, Gid, Long, Region};
use crate::session::loaders;
use async_graphql::{Context, Object, Result};
use cordon_context::{AppealKind, OrderKind, OrganisationIdKind, PersonKind, TaskKind};
use cordon_disposal_contract as contract;
use cordon_disposal_contract::DisposalClient as _;

pub(crate) struct Appeal(pub(crate) contract::Appeal);

/// 申诉 / One appeal.
#[Object]
impl Appeal {
    /// 标识 / Its identifier.
    pub(crate) async fn id(&self) -> Gid<AppealKind> {
        self.0.id.into()
    }

    /// 申诉编号 / Its number for the appellant, with a check character.
    async fn number(&self) -> &str {
        &self.0.number
    }

    /// 所申诉的任务（标识） / The task it is against (identifier).
    async fn task_id(&self) -> Gid<TaskKind> {
        self.0.task.into()
    }

    /// 所申诉的任务 / The task it is against.
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

    /// 对象 / The target, masked.
    async fn subject(&self) -> Subject {
        Subject(self.0.subject.clone())
    }

    /// 措施 / The measure.
    async fn measure(&self) -> Measure {
        self.0.measure.into()
    }

    /// 状态 / Where it stands.
    async fn state(&self) -> AppealState {
        self.0.state.into()
    }

    /// 渠道 / Through which door it came.
    async fn channel(&self) -> AppealChannel {
        self.0.channel.into()
    }

    /// 首问单位（标识） / Who received and registered it (首问负责) (identifier).
    async fn received_by_id(&self) -> Gid<OrganisationIdKind> {
        self.0.received_by.into()
    }

    /// 首问单位 / Who received and registered it (首问负责).
    async fn received_by(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        one(&loaders(ctx)?.directory.organisations, self.0.received_by, Organisation).await
    }

    /// 受理机关（标识） / The organ that hears it (identifier).
    async fn competent_id(&self) -> Gid<OrganisationIdKind> {
        self.0.competent.into()
    }

    /// 受理机关 / The organ that hears it.
    async fn competent(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        one(&loaders(ctx)?.directory.organisations, self.0.competent, Organisation).await
    }

    /// 管辖依据 / Why that organ.
    async fn competence(&self) -> AppealCompetence {
        self.0.competence.into()
    }

    /// 地区 / The region of that organ.
    async fn region(&self) -> Region {
        self.0.region.into()
    }

    /// 是否代理 / Whether somebody acts for the holder.
    async fn by_proxy(&self) -> bool {
        self.0.by_proxy
    }

    /// 申诉人，已脱敏 / The appellant's name, masked.
    async fn appellant_masked(&self) -> &str {
        &self.0.appellant_masked
    }

    /// 提交时间 / When it was registered.
    async fn submitted_at(&self) -> DateTime {
        self.0.submitted_at.into()
    }

    /// 受理期限 / Until when it must be accepted or not.
    async fn accept_due(&self) -> DateTime {
        self.0.accept_due.into()
    }

    /// 核查期限 / Until when it must be decided.
    async fn verify_due(&self) -> Option<DateTime> {
        self.0.verify_due.map(Into::into)
    }

    /// 限制性恢复期限 / When the target may be called and make emergency calls again if it is not decided by then; only against what an enterprise's model found.
    async fn limited_resume_due(&self) -> Option<DateTime> {
        self.0.limited_resume_due.map(Into::into)
    }

    /// 是否已延期 / Whether that was extended.
    async fn extended(&self) -> bool {
        self.0.extended
    }

    /// 需补充的材料 / What is missing.
    async fn supplement(&self) -> Option<&str> {
        self.0.supplement.as_deref()
    }

    /// 承办人（标识） / Who hears it (identifier).
    async fn officer_id(&self) -> Option<Gid<PersonKind>> {
        self.0.officer.map(Into::into)
    }

    /// 承办人 / Who hears it.
    async fn officer(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        maybe(&loaders(ctx)?.directory.people, self.0.officer, Person).await
    }

    /// 决定 / What was decided.
    async fn outcome(&self) -> Option<AppealOutcome> {
        self.0.outcome.map(Into::into)
    }

    /// 决定理由 / Why.
    async fn decision_reason(&self) -> Option<&str> {
        self.0.decision_reason.as_deref()
    }

    /// 决定人（标识） / Who decided (identifier).
    async fn decided_by_id(&self) -> Option<Gid<PersonKind>> {
        self.0.decided_by.map(Into::into)
    }

    /// 决定人 / Who decided.
    async fn decided_by(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        maybe(&loaders(ctx)?.directory.people, self.0.decided_by, Person).await
    }

    /// 决定时间 / When.
    async fn decided_at(&self) -> Option<DateTime> {
        self.0.decided_at.map(Into::into)
    }

    /// 答复时间 / When the appellant was answered.
    async fn replied_at(&self) -> Option<DateTime> {
        self.0.replied_at.map(Into::into)
    }

    /// 所复核的申诉（标识） / The appeal of which this is the one review (identifier).
    async fn review_of_id(&self) -> Option<Gid<AppealKind>> {
        self.0.review_of.map(Into::into)
    }

    /// 所复核的申诉 / The appeal of which this is the one review.
    async fn review_of(&self, ctx: &Context<'_>) -> Result<Option<Appeal>> {
        maybe(&loaders(ctx)?.disposal.appeals, self.0.review_of, Appeal).await
    }

    /// 是否超期 / Whether a deadline was missed.
    async fn overdue(&self) -> bool {
        self.0.overdue
    }

    /// 版本 / Grows with every change.
    async fn version(&self) -> Long {
        self.0.version.into()
    }

    /// 时间线 / What happened to it.
    #[graphql(complexity = "connection::cost(first, child_complexity)")]
    async fn timeline(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条数，1 至 200，默认 50 / How many rows, 1 to 200; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "从该游标之后继续 / The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<TimelineEntry>> {
        let page = connection::page::<TimelineEntry>(ctx, first, after.as_deref())?;
        let id = self.0.id;
        let rows = read(ctx, |services, call| async move {
            services.disposal.timeline(call, contract::TimelineOf::Appeal { appeal: id }, page).await
        });
        Ok(Connection::of(rows.await?, TimelineEntry))
    }
}

pub(crate) struct AppealProgress(pub(crate) contract::AppealProgress);

/// 申诉进度，供申诉人查询 / What a citizen sees with number and code: no names, no organ's internals.
#[Object]
impl AppealProgress {
    /// 申诉编号 / The number.
    async fn number(&self) -> &str {
        &self.0.number
    }

    /// 对象，已脱敏 / The target, masked.
    async fn subject_masked(&self) -> &str {
        &self.0.subject_masked
    }

    /// 状态 / Where it stands.
    async fn state(&self) -> AppealState {
        self.0.state.into()
    }

    /// 状态说明 / The same in words.
    async fn text(&self) -> BilingualText {
        BilingualText(self.0.text.clone())
    }

    /// 提交时间 / When it was registered.
    async fn submitted_at(&self) -> DateTime {
        self.0.submitted_at.into()
    }

    /// 下一步期限 / Until when the next step is due.
    async fn due(&self) -> Option<DateTime> {
        self.0.due.map(Into::into)
    }

    /// 需补充的材料 / What is missing.
    async fn supplement(&self) -> Option<&str> {
        self.0.supplement.as_deref()
    }

    /// 决定，答复后可见 / What was decided, once the appellant was answered.
    async fn outcome(&self) -> Option<AppealOutcome> {
        self.0.outcome.map(Into::into)
    }
}

pub(crate) struct RevealedAppeal(pub(crate) contract::RevealedAppeal);

/// 申诉明文 / What an appellant said and handed in, in the clear.
#[Object]
impl RevealedAppeal {
    /// 申诉（标识） / Which appeal (identifier).
    async fn appeal_id(&self) -> Gid<AppealKind> {
        self.0.appeal.into()
    }

    /// 申诉人姓名 / The appellant's name.
    async fn appellant(&self) -> &str {
        &self.0.appellant
    }

    /// 联系方式 / How the appellant is reached.
    async fn contact(&self) -> &str {
        &self.0.contact
    }

    /// 申诉陈述 / What the appellant says.
    async fn statement(&self) -> &str {
        &self.0.statement
    }

    /// 提交的材料 / What was handed in, and what was handed in later.
    async fn documents(&self) -> &[String] {
        &self.0.documents
    }

    /// 答复全文 / What the appellant was answered.
    async fn reply(&self) -> Option<&str> {
        self.0.reply.as_deref()
    }
}
