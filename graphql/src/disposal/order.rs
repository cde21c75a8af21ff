//! Objects of the disposal service: order.

use crate::case_intake::Case;
use crate::connection::{self, Connection};
use crate::directory::{Organisation, Person};
use crate::disposal::timeline::timeline;
use crate::disposal::{
    Approval, Emergency, LegalBasis, Measure, OrderStage, OrderState, PhoneFunction, PreviewFindingKind, TargetKind,
    Task, TaskCounts, TimelineEntry, Urgency,
};
use crate::loaders::{group, list, maybe, one};
use crate::names::{BilingualText, IdentifierKind, OrganisationLevel};
use crate::outcome::read;
use crate::scalar::{DateTime, Gid, Long, Region};
use crate::session::loaders;
use async_graphql::{Context, Object, Result};
use cordon_context::{CaseKind, ItemKind, OrderKind, OrganisationIdKind, PersonKind, SubjectKind};
use cordon_disposal_contract as contract;
use cordon_disposal_contract::DisposalClient as _;

pub(crate) struct Order(pub(crate) contract::Order);

/// 处置指令 / One requester, one legal basis, one urgency.
#[Object]
impl Order {
    /// 标识 / Its identifier.
    pub(crate) async fn id(&self) -> Gid<OrderKind> {
        self.0.id.into()
    }

    /// 指令编号，带校验位 / Its number for people, with a check character.
    async fn number(&self) -> &str {
        &self.0.number
    }

    /// 状态 / Where it stands.
    async fn state(&self) -> OrderState {
        self.0.state.into()
    }

    /// 环节 / The stage that is stored.
    async fn stage(&self) -> OrderStage {
        self.0.stage.into()
    }

    /// 下达机关（标识） / The organ that asks for it (identifier).
    async fn requester_id(&self) -> Gid<OrganisationIdKind> {
        self.0.requester.into()
    }

    /// 下达机关 / The organ that asks for it.
    async fn requester(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        one(&loaders(ctx)?.directory.organisations, self.0.requester, Organisation).await
    }

    /// 是否企业自行采取的措施的记录 / Whether an enterprise recorded with it what it did on its own finding; then the review is the confirmation.
    async fn own_measure(&self) -> bool {
        self.0.own_measure
    }

    /// 下达机关层级 / That organ's level.
    async fn requester_level(&self) -> OrganisationLevel {
        self.0.requester_level.into()
    }

    /// 地区 / That organ's region.
    async fn region(&self) -> Region {
        self.0.region.into()
    }

    /// 所属案件（标识） / The case it belongs to (identifier).
    async fn case_id(&self) -> Option<Gid<CaseKind>> {
        self.0.case.map(Into::into)
    }

    /// 所属案件 / The case it belongs to.
    async fn case(&self, ctx: &Context<'_>) -> Result<Option<Case>> {
        maybe(&loaders(ctx)?.case_intake.cases, self.0.case, Case).await
    }

    /// 法律文书 / The document it rests on; missing only on an emergency order and where an enterprise acted by itself.
    async fn legal_basis(&self) -> Option<LegalBasis> {
        self.0.legal_basis.clone().map(LegalBasis)
    }

    /// 紧急程度 / How fast it is wanted.
    async fn urgency(&self) -> Urgency {
        self.0.urgency.into()
    }

    /// 事由 / Why, in the requester's words, as the notice to the holder may say it.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// 期限天数 / For how many days the measures are wanted; none means as long as the measure table allows.
    async fn duration_days(&self) -> Option<u32> {
        self.0.duration_days
    }

    /// 起草人（标识），不告知执行单位 / Who drafted it (identifier); not told to executors.
    async fn drafter_id(&self) -> Option<Gid<PersonKind>> {
        self.0.drafter.map(Into::into)
    }

    /// 起草人 / Who drafted it.
    async fn drafter(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        maybe(&loaders(ctx)?.directory.people, self.0.drafter, Person).await
    }

    /// 起草时间 / When it was drafted.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// 提交时间 / When it was submitted for review.
    async fn submitted_at(&self) -> Option<DateTime> {
        self.0.submitted_at.map(Into::into)
    }

    /// 审核期限 / Until when the review is due.
    async fn review_due(&self) -> Option<DateTime> {
        self.0.review_due.map(Into::into)
    }

    /// 下发时间 / When it was issued.
    async fn issued_at(&self) -> Option<DateTime> {
        self.0.issued_at.map(Into::into)
    }

    /// 退回原因 / What the reviewer said when it was given back.
    async fn returned_reason(&self) -> Option<&str> {
        self.0.returned_reason.as_deref()
    }

    /// 紧急先行情况 / Set if it was issued before the paperwork.
    async fn emergency(&self) -> Option<Emergency> {
        self.0.emergency.clone().map(Emergency)
    }

    /// 最低审批层级 / The lowest level at which it may be approved.
    async fn approval_level(&self) -> OrganisationLevel {
        self.0.approval_level.into()
    }

    /// 是否须省级二次审批 / Whether it holds a protected target, so that a second approval at province level is needed.
    async fn needs_protected_approval(&self) -> bool {
        self.0.needs_protected_approval
    }

    /// 暂不告知的理由 / Why the holders are not told for now, if that was asked for.
    async fn secrecy_reason(&self) -> Option<&str> {
        self.0.secrecy_reason.as_deref()
    }

    /// 审批记录 / Who agreed to exactly what.
    async fn approvals(&self) -> Vec<Approval> {
        self.0.approvals.iter().cloned().map(Approval).collect()
    }

    /// 内容摘要，审批即批准此内容 / The hash of its content: what an approval is for, in hexadecimal.
    async fn content_hash(&self) -> &str {
        &self.0.content_hash
    }

    /// 对象数 / How many items it has.
    async fn item_count(&self) -> u32 {
        self.0.item_count
    }

    /// 任务统计 / How its tasks stand.
    async fn tasks(&self) -> TaskCounts {
        TaskCounts(self.0.tasks)
    }

    /// 版本 / Grows with every change.
    async fn version(&self) -> Long {
        self.0.version.into()
    }

    /// 处置对象 / Its items, by their place.
    #[graphql(complexity = "connection::cost(first, child_complexity)")]
    async fn items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条数，1 至 200，默认 50 / How many rows, 1 to 200; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "从该游标之后继续 / The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Item>> {
        let page = connection::page::<Item>(ctx, first, after.as_deref())?;
        let id = self.0.id;
        let rows = read(ctx, |services, call| async move { services.disposal.items_of_order(call, id, page).await });
        Ok(Connection::of(rows.await?, Item))
    }

    /// 时间线 / What happened to it and all that belongs to it.
    #[graphql(complexity = "connection::cost(first, child_complexity)")]
    async fn timeline(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条数，1 至 200，默认 50 / How many rows, 1 to 200; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "从该游标之后继续 / The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<TimelineEntry>> {
        timeline(ctx, contract::TimelineOf::Order { order: self.0.id }, first, after).await
    }

    /// 提出建议的模型（若由模型提出） / The model whose idea it was, if it was a model's.
    async fn model(&self) -> Option<&str> {
        match &self.0.origin {
            contract::OrderOrigin::Model { model, .. } => Some(model),
            contract::OrderOrigin::Person => None,
        }
    }

    /// 采纳模型建议的人工理由 / Why a person follows the model.
    async fn human_reason(&self) -> Option<&str> {
        match &self.0.origin {
            contract::OrderOrigin::Model { human_reason, .. } => Some(human_reason),
            contract::OrderOrigin::Person => None,
        }
    }
}

pub(crate) struct Subject(pub(crate) contract::Subject);

/// 处置对象，已脱敏 / A target as it may be shown: masked.
#[Object]
impl Subject {
    /// 对象标识 / Its identifier, equal for equal targets.
    pub(crate) async fn id(&self) -> Gid<SubjectKind> {
        self.0.id.into()
    }

    /// 大类 / Its family.
    async fn kind(&self) -> TargetKind {
        self.0.kind.into()
    }

    /// 种类 / Its precise kind.
    async fn identifier_kind(&self) -> IdentifierKind {
        self.0.identifier_kind.into()
    }

    /// 脱敏值 / Its masked form.
    async fn masked(&self) -> &str {
        &self.0.masked
    }
}

pub(crate) struct Item(pub(crate) contract::Item);

/// 指令中的一个对象 / One target of an order.
#[Object]
impl Item {
    /// 标识 / Its identifier.
    pub(crate) async fn id(&self) -> Gid<ItemKind> {
        self.0.id.into()
    }

    /// 所属指令（标识） / Its order (identifier).
    async fn order_id(&self) -> Gid<OrderKind> {
        self.0.order.into()
    }

    /// 所属指令 / Its order.
    async fn order(&self, ctx: &Context<'_>) -> Result<Option<Order>> {
        one(&loaders(ctx)?.disposal.orders, self.0.order, Order).await
    }

    /// 序号 / Its place in the order, from 0.
    async fn position(&self) -> u32 {
        self.0.position
    }

    /// 对象 / The target.
    async fn subject(&self) -> Subject {
        Subject(self.0.subject.clone())
    }

    /// 措施 / What shall be done to it.
    async fn measures(&self) -> Vec<Measure> {
        self.0.measures.iter().copied().map(Into::into).collect()
    }

    /// 限制的功能 / The functions that are taken away, where a measure asks for them.
    async fn functions(&self) -> Vec<PhoneFunction> {
        self.0.functions.iter().copied().map(Into::into).collect()
    }

    /// 受保护的原因 / Why it is protected, if it is.
    async fn protected(&self) -> Option<&str> {
        self.0.protected.as_deref()
    }

    /// 执行任务，含解除 / Its tasks, releases included.
    #[graphql(complexity = "connection::several(5, child_complexity)")]
    async fn tasks(&self, ctx: &Context<'_>) -> Result<Vec<Task>> {
        group(&loaders(ctx)?.disposal.tasks_of_item, self.0.id, Task).await
    }
}

pub(crate) struct PreviewFinding(pub(crate) contract::Finding);

/// 预检发现 / One thing that is worth knowing before an order is issued.
#[Object]
impl PreviewFinding {
    /// 类别 / What.
    async fn kind(&self) -> PreviewFindingKind {
        self.0.kind.into()
    }

    /// 说明 / In words for a person.
    async fn text(&self) -> BilingualText {
        BilingualText(self.0.text.clone())
    }

    /// 须共同审批的层级 / The level at which somebody must agree as well.
    async fn co_approver_level(&self) -> Option<OrganisationLevel> {
        self.0.co_approver_level.map(Into::into)
    }

    /// 相关企业（标识） / The enterprise concerned: to which a number was ported, or that executes the measure in force (identifier).
    async fn organisation_id(&self) -> Option<Gid<OrganisationIdKind>> {
        self.0.organisation.map(Into::into)
    }

    /// 相关企业 / The enterprise concerned: to which a number was ported, or that executes the measure in force.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        maybe(&loaders(ctx)?.directory.organisations, self.0.organisation, Organisation).await
    }
}

pub(crate) struct PreviewRow(pub(crate) contract::PreviewRow);

/// 预检结果的一行 / What would become of one chosen target.
#[Object]
impl PreviewRow {
    /// 序号 / Its place in the input, from 0.
    async fn position(&self) -> u32 {
        self.0.position
    }

    /// 识别出的对象 / The target as it was understood; none if it was not.
    async fn subject(&self) -> Option<Subject> {
        self.0.subject.clone().map(Subject)
    }

    /// 将采取的措施 / What would be done to it.
    async fn measures(&self) -> Vec<Measure> {
        self.0.measures.iter().copied().map(Into::into).collect()
    }

    /// 将接收任务的企业（标识） / The enterprises that would get a task (identifier).
    async fn executor_ids(&self) -> Vec<Gid<OrganisationIdKind>> {
        self.0.executors.iter().copied().map(Into::into).collect()
    }

    /// 将接收任务的企业 / The enterprises that would get a task.
    async fn executors(&self, ctx: &Context<'_>) -> Result<Vec<Organisation>> {
        list(&loaders(ctx)?.directory.organisations, &self.0.executors, Organisation).await
    }

    /// 发现 / Everything worth knowing.
    async fn findings(&self) -> Vec<PreviewFinding> {
        self.0.findings.iter().cloned().map(PreviewFinding).collect()
    }

    /// 能否纳入指令 / Whether it could be part of the order.
    async fn fit(&self) -> bool {
        self.0.fit
    }
}

pub(crate) struct DisposalPreview(pub(crate) contract::DisposalPreview);

/// 预检结果 / What would happen, before anything happens.
#[Object]
impl DisposalPreview {
    /// 逐个对象的结果 / One row per chosen target, in the order of the input.
    async fn rows(&self) -> Vec<PreviewRow> {
        self.0.rows.iter().cloned().map(PreviewRow).collect()
    }

    /// 可纳入的数量 / How many could be part of the order.
    async fn fit(&self) -> u32 {
        self.0.fit
    }

    /// 最低审批层级 / The lowest level at which the order may be approved.
    async fn approval_level(&self) -> OrganisationLevel {
        self.0.approval_level.into()
    }

    /// 是否须省级二次审批 / Whether a second approval at province level would be needed.
    async fn needs_protected_approval(&self) -> bool {
        self.0.needs_protected_approval
    }
}

pub(crate) struct RevealedItem(pub(crate) contract::RevealedItem);

/// 明文对象 / A target in the clear.
#[Object]
impl RevealedItem {
    /// 对象（标识） / Which item (identifier).
    async fn item_id(&self) -> Gid<ItemKind> {
        self.0.item.into()
    }

    /// 对象 / Which item.
    async fn item(&self, ctx: &Context<'_>) -> Result<Option<Item>> {
        one(&loaders(ctx)?.disposal.items, self.0.item, Item).await
    }

    /// 规范值 / The normal form.
    async fn value(&self) -> &str {
        &self.0.value
    }
}
