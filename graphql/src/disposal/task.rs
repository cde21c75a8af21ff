//! Objects of the disposal service: task.

use crate::connection::{self, Connection};
use crate::directory::{Organisation, Person};
use crate::disposal::timeline::timeline;
use crate::disposal::{
    Appeal, DeadlineLight, DeskReason, Escalation, Item, LegalBasis, Measure, Notice, Order, PhoneFunction,
    ReceiptAnswer, Release, Subject, TaskAction, TaskRefusalCode, TaskState, TimelineEntry, Urgency, VerifyMethod,
};
use crate::loaders::{group, maybe, one};
use crate::scalar::{DateTime, Gid, Long, Region};
use crate::session::loaders;
use async_graphql::{Context, Object, Result};
use cordon_context::{ItemKind, OrderKind, OrganisationIdKind, PersonKind, ReceiptKind, TaskKind, VerificationKind};
use cordon_disposal_contract as contract;

pub(crate) struct Task(pub(crate) contract::Task);

/// 执行任务 / One target at one executor.
#[Object]
impl Task {
    /// 标识 / Its identifier.
    pub(crate) async fn id(&self) -> Gid<TaskKind> {
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

    /// 指令编号 / The number of its order.
    async fn order_number(&self) -> &str {
        &self.0.order_number
    }

    /// 所属对象（标识） / Its item (identifier).
    async fn item_id(&self) -> Gid<ItemKind> {
        self.0.item.into()
    }

    /// 所属对象 / Its item.
    async fn item(&self, ctx: &Context<'_>) -> Result<Option<Item>> {
        one(&loaders(ctx)?.disposal.items, self.0.item, Item).await
    }

    /// 下达机关（标识） / The organ that asks for it (identifier).
    async fn requester_id(&self) -> Gid<OrganisationIdKind> {
        self.0.requester.into()
    }

    /// 下达机关 / The organ that asks for it.
    async fn requester(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        one(&loaders(ctx)?.directory.organisations, self.0.requester, Organisation).await
    }

    /// 地区 / The region of that organ.
    async fn region(&self) -> Region {
        self.0.region.into()
    }

    /// 方向 / Impose or release.
    async fn action(&self) -> TaskAction {
        self.0.action.into()
    }

    /// 所解除的任务（标识） / The task that it undoes, if it is a release (identifier).
    async fn reverses_id(&self) -> Option<Gid<TaskKind>> {
        self.0.reverses.map(Into::into)
    }

    /// 所解除的任务 / The task that it undoes, if it is a release.
    async fn reverses(&self, ctx: &Context<'_>) -> Result<Option<Task>> {
        maybe(&loaders(ctx)?.disposal.tasks, self.0.reverses, Task).await
    }

    /// 对象 / The target, masked.
    async fn subject(&self) -> Subject {
        Subject(self.0.subject.clone())
    }

    /// 措施 / What is done.
    async fn measure(&self) -> Measure {
        self.0.measure.into()
    }

    /// 限制的功能 / The functions that are taken away.
    async fn functions(&self) -> Vec<PhoneFunction> {
        self.0.functions.iter().copied().map(Into::into).collect()
    }

    /// 紧急程度 / How fast it is wanted.
    async fn urgency(&self) -> Urgency {
        self.0.urgency.into()
    }

    /// 执行单位（标识） / Who executes; none while it waits at the desk (identifier).
    async fn executor_id(&self) -> Option<Gid<OrganisationIdKind>> {
        self.0.executor.map(Into::into)
    }

    /// 执行单位 / Who executes; none while it waits at the desk.
    async fn executor(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        maybe(&loaders(ctx)?.directory.organisations, self.0.executor, Organisation).await
    }

    /// 代次，每次转派或重发递增 / Grows whenever it goes to another executor or is issued again; answers to older generations are refused.
    async fn generation(&self) -> i32 {
        self.0.generation
    }

    /// 转派次数 / How often it was passed on.
    async fn hops(&self) -> i32 {
        self.0.hops
    }

    /// 状态 / Where it stands.
    async fn state(&self) -> TaskState {
        self.0.state.into()
    }

    /// 进入异常席的原因 / Why it waits at the desk.
    async fn desk_reason(&self) -> Option<DeskReason> {
        self.0.desk_reason.map(Into::into)
    }

    /// 是否叠加于已有措施 / Whether it joined a measure that was in force already, so that nothing had to be executed.
    async fn joined(&self) -> bool {
        self.0.joined
    }

    /// 是否部分执行 / Whether only a part could be carried out.
    async fn partial(&self) -> bool {
        self.0.partial
    }

    /// 首次下发时间 / When it was issued for the first time.
    async fn issued_at(&self) -> DateTime {
        self.0.issued_at.into()
    }

    /// 进入当前状态的时间 / When the present state was entered.
    async fn entered_at(&self) -> DateTime {
        self.0.entered_at.into()
    }

    /// 当前环节时限 / Until when the present step is due.
    async fn due(&self) -> Option<DateTime> {
        self.0.due.map(Into::into)
    }

    /// 时限灯 / How far that deadline is used up.
    async fn light(&self) -> DeadlineLight {
        self.0.light.into()
    }

    /// 是否曾超期 / Whether a deadline was ever missed; the executor cannot clear it.
    async fn overdue(&self) -> bool {
        self.0.overdue
    }

    /// 督办层级 / To whom the missed deadline was reported.
    async fn escalation(&self) -> Escalation {
        self.0.escalation.into()
    }

    /// 执行时间 / When it was executed.
    async fn executed_at(&self) -> Option<DateTime> {
        self.0.executed_at.map(Into::into)
    }

    /// 生效时间 / Since when it is in force.
    async fn effective_from(&self) -> Option<DateTime> {
        self.0.effective_from.map(Into::into)
    }

    /// 有效期至 / Until when it is in force; none means without end.
    async fn effective_to(&self) -> Option<DateTime> {
        self.0.effective_to.map(Into::into)
    }

    /// 是否企业自行采取 / Whether an enterprise took it on its own finding.
    async fn own_measure(&self) -> bool {
        self.0.own_measure
    }

    /// 限制性恢复的时间 / Since when the target can be called and make emergency calls again although the measure stands.
    async fn limited_at(&self) -> Option<DateTime> {
        self.0.limited_at.map(Into::into)
    }

    /// 是否申诉中 / Whether an appeal against it is open.
    async fn appealed(&self) -> bool {
        self.0.appealed
    }

    /// 须复查的原因 / Why it has to be looked at again, such as a withdrawn case.
    async fn review_flag(&self) -> Option<&str> {
        self.0.review_flag.as_deref()
    }

    /// 待批准的续期 / A longer time in force that waits for an approval.
    async fn renewal(&self) -> Option<PendingRenewal> {
        self.0.renewal.clone().map(PendingRenewal)
    }

    /// 最近退件代码 / The code of the last refusal.
    async fn refusal(&self) -> Option<TaskRefusalCode> {
        self.0.refusal.map(Into::into)
    }

    /// 计划重试时间 / When a failed execution is tried again.
    async fn retry_at(&self) -> Option<DateTime> {
        self.0.retry_at.map(Into::into)
    }

    /// 所下发内容的摘要 / The digest of the payload that was sent, in hexadecimal.
    async fn payload_digest(&self) -> Option<&str> {
        self.0.payload_digest.as_deref()
    }

    /// 版本 / Grows with every change.
    async fn version(&self) -> Long {
        self.0.version.into()
    }

    /// 回执 / The receipts of the executor.
    #[graphql(complexity = "connection::several(5, child_complexity)")]
    async fn receipts(&self, ctx: &Context<'_>) -> Result<Vec<Receipt>> {
        group(&loaders(ctx)?.disposal.receipts_of_task, self.0.id, Receipt).await
    }

    /// 核验记录 / The checks of its execution.
    #[graphql(complexity = "connection::several(5, child_complexity)")]
    async fn verifications(&self, ctx: &Context<'_>) -> Result<Vec<Verification>> {
        group(&loaders(ctx)?.disposal.verifications_of_task, self.0.id, Verification).await
    }

    /// 告知 / The notices to the holder.
    #[graphql(complexity = "connection::several(5, child_complexity)")]
    async fn notices(&self, ctx: &Context<'_>) -> Result<Vec<Notice>> {
        group(&loaders(ctx)?.disposal.notices_of_task, self.0.id, Notice).await
    }

    /// 解除决定 / The decisions to end it.
    #[graphql(complexity = "connection::several(5, child_complexity)")]
    async fn releases(&self, ctx: &Context<'_>) -> Result<Vec<Release>> {
        group(&loaders(ctx)?.disposal.releases_of_task, self.0.id, Release).await
    }

    /// 申诉 / The appeals against it.
    #[graphql(complexity = "connection::several(5, child_complexity)")]
    async fn appeals(&self, ctx: &Context<'_>) -> Result<Vec<Appeal>> {
        group(&loaders(ctx)?.disposal.appeals_of_task, self.0.id, Appeal).await
    }

    /// 时间线 / What happened to it.
    #[graphql(complexity = "connection::cost(first, child_complexity)")]
    async fn timeline(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条数，1 至 200，默认 50 / How many rows, 1 to 200; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "从该游标之后继续 / The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<TimelineEntry>> {
        timeline(ctx, contract::TimelineOf::Task { task: self.0.id }, first, after).await
    }
}

pub(crate) struct TaskStatus(pub(crate) contract::TaskStatus);

/// 任务状态查询结果 / What an enterprise learns when it asks how a task stands.
#[Object]
impl TaskStatus {
    /// 任务标识（标识） / Which task (identifier).
    async fn task_id(&self) -> Gid<TaskKind> {
        self.0.task.into()
    }

    /// 任务标识 / Which task.
    async fn task(&self, ctx: &Context<'_>) -> Result<Option<Task>> {
        one(&loaders(ctx)?.disposal.tasks, self.0.task, Task).await
    }

    /// 当前代次，更早的不得执行 / The present generation; older ones must not be executed.
    async fn generation(&self) -> i32 {
        self.0.generation
    }

    /// 状态 / Where it stands.
    async fn state(&self) -> TaskState {
        self.0.state.into()
    }

    /// 方向 / Impose or release.
    async fn action(&self) -> TaskAction {
        self.0.action.into()
    }

    /// 是否仍由查询方执行 / Whether the asking enterprise is still the executor.
    async fn yours(&self) -> bool {
        self.0.yours
    }

    /// 当前环节时限 / Until when the present step is due.
    async fn due(&self) -> Option<DateTime> {
        self.0.due.map(Into::into)
    }
}

pub(crate) struct SignedPayload(pub(crate) contract::SignedPayload);

/// 带签名的任务明文 / A payload with its signature.
#[Object]
impl SignedPayload {
    /// 任务标识（标识） / Which task (identifier).
    async fn task_id(&self) -> Gid<TaskKind> {
        self.0.task.into()
    }

    /// 任务标识 / Which task.
    async fn task(&self, ctx: &Context<'_>) -> Result<Option<Task>> {
        one(&loaders(ctx)?.disposal.tasks, self.0.task, Task).await
    }

    /// 代次 / Which generation.
    async fn generation(&self) -> i32 {
        self.0.generation
    }

    /// 签名原文，JSON / The bytes that were signed: a TaskPayload as JSON.
    async fn body(&self) -> &str {
        &self.0.body
    }

    /// 摘要，SHA-256 十六进制 / The SHA-256 digest of the body, in hexadecimal.
    async fn digest(&self) -> &str {
        &self.0.digest
    }

    /// 签名密钥标识 / The key that signed.
    async fn key_id(&self) -> &str {
        &self.0.key_id
    }

    /// ed25519 签名，十六进制 / The ed25519 signature, in hexadecimal.
    async fn signature(&self) -> &str {
        &self.0.signature
    }
}

pub(crate) struct PayloadKey(pub(crate) contract::PayloadKey);

/// 任务签名公钥 / A public key with which payloads are signed, or were.
#[Object]
impl PayloadKey {
    /// 密钥标识，与载荷中的一致 / Its identifier, as a payload names it.
    async fn key_id(&self) -> &str {
        &self.0.key_id
    }

    /// ed25519 公钥，32 字节十六进制 / The 32 bytes of the ed25519 key, in hexadecimal.
    async fn public_key(&self) -> &str {
        &self.0.public_key
    }

    /// 是否为当前签名密钥 / Whether it signs now; the others only still verify.
    async fn current(&self) -> bool {
        self.0.current
    }
}

pub(crate) struct Evidence(pub(crate) contract::Evidence);

/// 执行证据 / What proves the execution.
#[Object]
impl Evidence {
    /// 业务系统工单号 / The number of the order in the executor's business support system.
    async fn bss_order(&self) -> &str {
        &self.0.bss_order
    }

    /// 停机类型 / The stop type as the executor's system names it.
    async fn stop_type(&self) -> &str {
        &self.0.stop_type
    }

    /// 生效时间 / When it took effect.
    async fn executed_at(&self) -> DateTime {
        self.0.executed_at.into()
    }

    /// 实际限制的功能 / The functions that were really taken away, where functions were asked for.
    async fn functions(&self) -> Vec<PhoneFunction> {
        self.0.functions.iter().copied().map(Into::into).collect()
    }
}

pub(crate) struct PendingRenewal(pub(crate) contract::PendingRenewal);

/// 待批准的续期 / A longer time in force that somebody asked for and nobody agreed to yet.
#[Object]
impl PendingRenewal {
    /// 延至 / Until when.
    async fn effective_to(&self) -> DateTime {
        self.0.effective_to.into()
    }

    /// 理由 / Why.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// 申请人（标识） / Who asked (identifier).
    async fn asked_by_id(&self) -> Gid<PersonKind> {
        self.0.asked_by.into()
    }

    /// 申请人 / Who asked.
    async fn asked_by(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        one(&loaders(ctx)?.directory.people, self.0.asked_by, Person).await
    }

    /// 所依据的文书，空为指令原文书 / The document that it rests on, if it is not the order's.
    async fn legal_basis(&self) -> Option<LegalBasis> {
        self.0.legal_basis.clone().map(LegalBasis)
    }
}

pub(crate) struct Receipt(pub(crate) contract::Receipt);

/// 回执 / One answer of an executor that was taken.
#[Object]
impl Receipt {
    /// 标识，由执行单位选定 / Its identifier, chosen by the executor.
    pub(crate) async fn id(&self) -> Gid<ReceiptKind> {
        self.0.id.into()
    }

    /// 任务（标识） / Which task (identifier).
    async fn task_id(&self) -> Gid<TaskKind> {
        self.0.task.into()
    }

    /// 任务 / Which task.
    async fn task(&self, ctx: &Context<'_>) -> Result<Option<Task>> {
        one(&loaders(ctx)?.disposal.tasks, self.0.task, Task).await
    }

    /// 代次 / Which generation.
    async fn generation(&self) -> i32 {
        self.0.generation
    }

    /// 类型 / What it said.
    async fn kind(&self) -> ReceiptAnswer {
        self.0.kind.into()
    }

    /// 应答单位（标识） / Who answered (identifier).
    async fn organisation_id(&self) -> Gid<OrganisationIdKind> {
        self.0.organisation.into()
    }

    /// 应答单位 / Who answered.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        one(&loaders(ctx)?.directory.organisations, self.0.organisation, Organisation).await
    }

    /// 接收时间 / When it was taken.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// 执行证据 / What proves the execution.
    async fn evidence(&self) -> Option<Evidence> {
        self.0.evidence.clone().map(Evidence)
    }

    /// 退件代码 / The code of a refusal.
    async fn refusal(&self) -> Option<TaskRefusalCode> {
        self.0.refusal.map(Into::into)
    }

    /// 说明 / In words.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// 摘要 / The digest of the answer as it was taken, in hexadecimal.
    async fn digest(&self) -> &str {
        &self.0.digest
    }
}

pub(crate) struct Verification(pub(crate) contract::Verification);

/// 核验记录 / One check of an execution.
#[Object]
impl Verification {
    /// 标识 / Its identifier.
    pub(crate) async fn id(&self) -> Gid<VerificationKind> {
        self.0.id.into()
    }

    /// 任务（标识） / Which task (identifier).
    async fn task_id(&self) -> Gid<TaskKind> {
        self.0.task.into()
    }

    /// 任务 / Which task.
    async fn task(&self, ctx: &Context<'_>) -> Result<Option<Task>> {
        one(&loaders(ctx)?.disposal.tasks, self.0.task, Task).await
    }

    /// 代次 / Which generation.
    async fn generation(&self) -> i32 {
        self.0.generation
    }

    /// 是否通过 / Whether it passed.
    async fn passed(&self) -> bool {
        self.0.passed
    }

    /// 方式 / How it was checked.
    async fn method(&self) -> VerifyMethod {
        self.0.method.into()
    }

    /// 核验人（标识） / Who checked, if a person did (identifier).
    async fn person_id(&self) -> Option<Gid<PersonKind>> {
        self.0.person.map(Into::into)
    }

    /// 核验人 / Who checked, if a person did.
    async fn person(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        maybe(&loaders(ctx)?.directory.people, self.0.person, Person).await
    }

    /// 核验机构（标识） / For which organisation (identifier).
    async fn organisation_id(&self) -> Gid<OrganisationIdKind> {
        self.0.organisation.into()
    }

    /// 核验机构 / For which organisation.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        one(&loaders(ctx)?.directory.organisations, self.0.organisation, Organisation).await
    }

    /// 时间 / When.
    async fn at(&self) -> DateTime {
        self.0.at.into()
    }

    /// 说明 / In words.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }
}
