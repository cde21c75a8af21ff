//! Major-case bulletins as the schema shows them.

use async_graphql::{Context, Enum, InputObject, Object, Result};
use cordon_case_intake_contract as contract;
use cordon_case_intake_contract::{CaseIntakeClient as _, HistoryOf};
use cordon_context::{BulletinKind, CaseKind, OrganisationIdKind, PersonKind};

use super::case::Case;
use super::history::{HistoryEntry, history};
use super::trace_back::TraceBack;
use crate::connection::{Connection, page};
use crate::directory::{Organisation, Person};
use crate::loaders::{group, list, maybe, one};
use crate::names::each_once;
use crate::outcome::read;
use crate::scalar::{DateTime, Gid, Long};
use crate::session::loaders;

/// 重大案件通报的状态 / How far a bulletin has come.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::BulletinStatus")]
pub(crate) enum BulletinStatus {
    /// 起草中 / Being written.
    Draft,
    /// 已审批 / Agreed to.
    Approved,
    /// 已发送 / Sent to the authority and the enterprises.
    Sent,
    /// 倒查齐备 / Every enterprise filed its trace-back.
    Found,
    /// 已办结 / Done.
    Closed,
    /// 已撤回 / Taken back before it was sent.
    Withdrawn,
}

/// 认定为重大案件的条件 / What makes a case a major one.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::BulletinTrigger")]
pub(crate) enum BulletinTrigger {
    /// 损失达到标准 / The loss reaches the threshold.
    Loss,
    /// 受害人数达到标准 / The number of victims reaches the threshold.
    Victims,
    /// 致人死亡或其他严重后果 / A death or another serious harm.
    SeriousHarm,
    /// 跨省团伙 / A gang that works across provinces.
    CrossProvince,
    /// 人工认定 / A person's decision, with a reason.
    Decision,
}

/// 重大案件通报 / A major-case bulletin.
#[derive(Clone)]
pub(crate) struct Bulletin(pub(crate) contract::Bulletin);

/// 重大案件通报 / A major-case bulletin.
#[Object]
impl Bulletin {
    /// 标识 / The bulletin's identifier.
    pub(crate) async fn id(&self) -> Gid<BulletinKind> {
        self.0.id.into()
    }

    /// 编号 / Its number.
    async fn number(&self) -> &str {
        &self.0.number
    }

    /// 案件；不在可见范围内则为空 / About which case; null if it lies out of reach.
    async fn case(&self, ctx: &Context<'_>) -> Result<Option<Case>> {
        one(&loaders(ctx)?.case_intake.cases, self.0.case, Case).await
    }

    /// 起草的公安机关（标识）/ The police organ that wrote it (identifier).
    async fn organisation_id(&self) -> Gid<OrganisationIdKind> {
        self.0.organisation.into()
    }

    /// 起草的公安机关 / The police organ that wrote it.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        one(&loaders(ctx)?.directory.organisations, self.0.organisation, Organisation).await
    }

    /// 接收的通信管理局（标识）/ The communications authority that gets it (identifier).
    async fn authority_id(&self) -> Gid<OrganisationIdKind> {
        self.0.authority.into()
    }

    /// 接收的通信管理局 / The communications authority that gets it.
    async fn authority(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        one(&loaders(ctx)?.directory.organisations, self.0.authority, Organisation).await
    }

    /// 接收的企业 / The enterprises that get it.
    #[graphql(complexity = "crate::connection::several(5, child_complexity)")]
    async fn enterprises(&self, ctx: &Context<'_>) -> Result<Vec<Organisation>> {
        list(&loaders(ctx)?.directory.organisations, &self.0.enterprises, Organisation).await
    }

    /// 认定为重大案件的条件 / Why the case is a major one.
    async fn triggers(&self) -> Vec<BulletinTrigger> {
        self.0.triggers.iter().copied().map(Into::into).collect()
    }

    /// 标题 / Its title.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// 内容，不含个人信息 / What it says, without personal data.
    async fn text(&self) -> &str {
        &self.0.text
    }

    /// 状态 / How far it has come.
    async fn status(&self) -> BulletinStatus {
        self.0.status.into()
    }

    /// 起草人（标识）/ Who wrote it (identifier).
    async fn drafted_by_id(&self) -> Option<Gid<PersonKind>> {
        self.0.drafted_by.map(Into::into)
    }

    /// 起草人 / Who wrote it.
    async fn drafted_by(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        maybe(&loaders(ctx)?.directory.people, self.0.drafted_by, Person).await
    }

    /// 审批人（标识）/ Who agreed to it (identifier).
    async fn approved_by_id(&self) -> Option<Gid<PersonKind>> {
        self.0.approved_by.map(Into::into)
    }

    /// 审批人 / Who agreed to it.
    async fn approved_by(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        maybe(&loaders(ctx)?.directory.people, self.0.approved_by, Person).await
    }

    /// 倒查时限，发送后才有 / When the trace-backs are due, once sent.
    async fn due_at(&self) -> Option<DateTime> {
        self.0.due_at.map(Into::into)
    }

    /// 是否有倒查超期 / Whether a trace-back is late, or was.
    async fn overdue(&self) -> bool {
        self.0.overdue
    }

    /// 结论，办结后才有 / What was found, once closed.
    async fn finding(&self) -> Option<&str> {
        self.0.finding.as_deref()
    }

    /// 起草时间 / When it was written.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// 发送时间 / When it was sent.
    async fn sent_at(&self) -> Option<DateTime> {
        self.0.sent_at.map(Into::into)
    }

    /// 版本，每次变更递增；变更时须回传所见版本 / Grows with every change; a change names the version that it saw.
    async fn version(&self) -> Long {
        self.0.version.into()
    }

    /// 倒查任务；企业仅见自己的 / Its trace-back tasks; an enterprise sees its own.
    #[graphql(complexity = "crate::connection::several(10, child_complexity)")]
    async fn trace_backs(&self, ctx: &Context<'_>) -> Result<Vec<TraceBack>> {
        group(&loaders(ctx)?.case_intake.trace_backs_of_bulletins, self.0.id, TraceBack).await
    }

    /// 办理经过 / What happened to it, step by step.
    #[graphql(complexity = "crate::connection::several(10, child_complexity)")]
    async fn history(&self, ctx: &Context<'_>) -> Result<Vec<HistoryEntry>> {
        history(ctx, HistoryOf::Bulletin(self.0.id)).await
    }
}

/// 重大案件通报的筛选条件，须全部满足 / Which bulletins are wanted; every given condition must hold.
#[derive(InputObject, Default)]
pub(crate) struct BulletinFilter {
    /// 案件 / About this case.
    case: Option<Gid<CaseKind>>,
    /// 状态，任一 / One of these states.
    #[graphql(default)]
    statuses: Vec<BulletinStatus>,
    /// 是否超期 / Only late ones, or only those that are not.
    overdue: Option<bool>,
}

impl From<BulletinFilter> for contract::BulletinFilter {
    fn from(filter: BulletinFilter) -> Self {
        Self { case: filter.case.map(Into::into), statuses: each_once(filter.statuses), overdue: filter.overdue }
    }
}

/// Finds bulletins, newest first.
pub(super) async fn search(
    ctx: &Context<'_>,
    filter: contract::BulletinFilter,
    first: Option<i32>,
    after: Option<String>,
) -> Result<Connection<Bulletin>> {
    let request = page::<Bulletin>(ctx, first, after.as_deref())?;
    let found =
        read(ctx, |services, call| async move { services.case_intake.search_bulletins(call, filter, request).await })
            .await?;
    Ok(Connection::of(found, Bulletin))
}

#[derive(Default)]
pub(crate) struct BulletinQuery;

#[Object]
impl BulletinQuery {
    /// 查询重大案件通报，最新的在前 / Finds major-case bulletins, newest first.
    #[graphql(complexity = "crate::connection::cost(first, child_complexity)")]
    async fn bulletins(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "筛选 / What is wanted.", default)] filter: BulletinFilter,
        #[graphql(desc = "条数，1 至 200，默认 50 / How many rows, 1 to 200; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "从该游标之后继续 / The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Bulletin>> {
        search(ctx, filter.into(), first, after).await
    }

    /// 一份重大案件通报；不存在或不在可见范围内则为空 / One bulletin; null if it does not exist or lies out of reach.
    async fn bulletin(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "通报的标识 / The bulletin's identifier.")] id: Gid<BulletinKind>,
    ) -> Result<Option<Bulletin>> {
        one(&loaders(ctx)?.case_intake.bulletins, id.0, Bulletin).await
    }
}
