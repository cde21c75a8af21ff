//! Cases and their mergers as the schema shows them.

use async_graphql::{Context, Enum, InputObject, Object, Result};
use cordon_case_intake_contract as contract;
use cordon_case_intake_contract::{CaseIntakeClient as _, HistoryOf};
use cordon_context::{CaseKind, MergeKind, OrganisationIdKind, ReportKind, SubjectKind};

use super::belonging::page_of;
use super::bulletin;
use super::bulletin::{Bulletin, BulletinTrigger};
use super::case_identifier::{self, CaseIdentifier, CaseIdentifierFilter};
use super::clue_query::ClueQuery;
use super::history::{HistoryEntry, history};
use super::report::{FraudType, Report};
use crate::connection::{Connection, page};
use crate::directory::Organisation;
use crate::loaders::{group, list, one};
use crate::names::each_once;
use crate::outcome::read;
use crate::scalar::{DateTime, Gid, Long, Region};
use crate::session::loaders;

/// 案件状态 / How far a case has come.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::CaseStatus")]
pub(crate) enum CaseStatus {
    /// 受理 / Taken in.
    Intake,
    /// 立案 / Filed.
    Filed,
    /// 不立案 / Not filed.
    NotFiled,
    /// 并案，撤销并案后恢复 / Merged into another case, and undone by unmerging.
    Merged,
    /// 侦结 / Closed.
    Closed,
    /// 撤案 / Withdrawn.
    Withdrawn,
}

/// 案件 / A case.
#[derive(Clone)]
pub(crate) struct Case(pub(crate) contract::Case);

/// 案件 / A case.
#[Object]
impl Case {
    /// 标识 / The case's identifier.
    pub(crate) async fn id(&self) -> Gid<CaseKind> {
        self.0.id.into()
    }

    /// 案件编号 / Its number.
    async fn number(&self) -> &str {
        &self.0.number
    }

    /// 名称 / What it is called.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// 状态 / How far it has come.
    async fn status(&self) -> CaseStatus {
        self.0.status.into()
    }

    /// 诈骗类型 / The kind of fraud.
    async fn fraud_type(&self) -> FraudType {
        self.0.fraud_type.into()
    }

    /// 办理地 / Where it is worked.
    async fn region(&self) -> Region {
        self.0.region.into()
    }

    /// 主办机构（标识）/ The organisation that works it (identifier).
    async fn organisation_id(&self) -> Gid<OrganisationIdKind> {
        self.0.organisation.into()
    }

    /// 主办机构 / The organisation that works it.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        one(&loaders(ctx)?.directory.organisations, self.0.organisation, Organisation).await
    }

    /// 参与机构，含主办机构 / The organisations that take part, the working one included.
    #[graphql(complexity = "crate::connection::several(5, child_complexity)")]
    async fn participants(&self, ctx: &Context<'_>) -> Result<Vec<Organisation>> {
        list(&loaders(ctx)?.directory.organisations, &self.0.participants, Organisation).await
    }

    /// 立案文书号 / The number of the filing document, once filed.
    async fn filing_number(&self) -> Option<&str> {
        self.0.filing_number.as_deref()
    }

    /// 纳入的举报数 / How many reports it holds.
    async fn report_count(&self) -> Long {
        self.0.report_count.into()
    }

    /// 举报损失合计，单位为分 / What its reports lost, in cents of a yuan.
    async fn loss_cents(&self) -> Long {
        self.0.loss_cents.into()
    }

    /// 已并入的案件 / The cases into which it is merged.
    #[graphql(complexity = "crate::connection::several(3, child_complexity)")]
    async fn merged_into(&self, ctx: &Context<'_>) -> Result<Vec<Case>> {
        list(&loaders(ctx)?.case_intake.cases, &self.0.merged_into, Case).await
    }

    /// 参与的并案，含已撤销的 / The mergers in which it took part, undone ones included.
    #[graphql(complexity = "crate::connection::several(3, child_complexity)")]
    async fn merges(&self, ctx: &Context<'_>) -> Result<Vec<CaseMerge>> {
        group(&loaders(ctx)?.case_intake.merges_of_cases, self.0.id, CaseMerge).await
    }

    /// 受理时间 / When it was opened.
    async fn opened_at(&self) -> DateTime {
        self.0.opened_at.into()
    }

    /// 结束时间 / When it ended.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(Into::into)
    }

    /// 版本，每次变更递增；变更时须回传所见版本 / Grows with every change; a change names the version that it saw.
    async fn version(&self) -> Long {
        self.0.version.into()
    }

    /// 纳入的举报，最新的在前 / Its reports, newest first.
    #[graphql(complexity = "crate::connection::cost(first, child_complexity)")]
    async fn reports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条数，1 至 200，默认 50 / How many rows, 1 to 200; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "从该游标之后继续 / The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Report>> {
        let request = page::<Report>(ctx, first, after.as_deref())?;
        Ok(Connection::of(page_of(ctx, |of| &of.reports, self.0.id, request).await?, Report))
    }

    /// 案件涉及的全部标识，出现于最多举报者在前 / Every distinct identifier of its reports, those in most reports first.
    #[graphql(complexity = "crate::connection::cost(first, child_complexity)")]
    async fn identifiers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "筛选 / What is wanted.", default)] filter: CaseIdentifierFilter,
        #[graphql(desc = "条数，1 至 200，默认 50 / How many rows, 1 to 200; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "从该游标之后继续 / The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<CaseIdentifier>> {
        case_identifier::of_case(ctx, self.0.id, filter, first, after).await
    }

    /// 为本案提出的线索查询，最新的在前 / The clue queries for it, newest first.
    #[graphql(complexity = "crate::connection::cost(first, child_complexity)")]
    async fn clue_queries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条数，1 至 200，默认 50 / How many rows, 1 to 200; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "从该游标之后继续 / The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<ClueQuery>> {
        let request = page::<ClueQuery>(ctx, first, after.as_deref())?;
        Ok(Connection::of(page_of(ctx, |of| &of.clue_queries, self.0.id, request).await?, ClueQuery))
    }

    /// 关于本案的重大案件通报，最新的在前 / The major-case bulletins about it, newest first.
    #[graphql(complexity = "crate::connection::cost(first, child_complexity)")]
    async fn bulletins(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条数，1 至 200，默认 50 / How many rows, 1 to 200; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "从该游标之后继续 / The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Bulletin>> {
        let filter = contract::BulletinFilter { case: Some(self.0.id), ..Default::default() };
        bulletin::search(ctx, filter, first, after).await
    }

    /// 按举报统计已满足的重大案件通报条件 / The triggers of a major-case bulletin that its reports meet.
    #[graphql(complexity = "5")]
    async fn bulletin_triggers(&self, ctx: &Context<'_>) -> Result<Vec<BulletinTrigger>> {
        let case = self.0.id;
        let triggers =
            read(ctx, |services, call| async move { services.case_intake.bulletin_triggers(call, case).await }).await?;
        Ok(triggers.into_iter().map(Into::into).collect())
    }

    /// 办理经过 / What happened to it, step by step.
    #[graphql(complexity = "crate::connection::several(10, child_complexity)")]
    async fn history(&self, ctx: &Context<'_>) -> Result<Vec<HistoryEntry>> {
        history(ctx, HistoryOf::Case(self.0.id)).await
    }
}

/// 并案，可撤销 / A merger of cases, which can be undone.
#[derive(Clone)]
pub(crate) struct CaseMerge(pub(crate) contract::CaseMerge);

/// 并案，可撤销 / A merger of cases, which can be undone.
#[Object]
impl CaseMerge {
    /// 标识 / The merger's identifier.
    pub(crate) async fn id(&self) -> Gid<MergeKind> {
        self.0.id.into()
    }

    /// 主案，限可见范围 / The cases that go on, as far as they lie within reach.
    #[graphql(complexity = "crate::connection::several(3, child_complexity)")]
    async fn leads(&self, ctx: &Context<'_>) -> Result<Vec<Case>> {
        list(&loaders(ctx)?.case_intake.cases, &self.0.leads, Case).await
    }

    /// 并入主案的案件，限可见范围 / The cases that were merged into them, as far as they lie within reach.
    #[graphql(complexity = "crate::connection::several(5, child_complexity)")]
    async fn members(&self, ctx: &Context<'_>) -> Result<Vec<Case>> {
        list(&loaders(ctx)?.case_intake.cases, &self.0.members, Case).await
    }

    /// 理由 / Why.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// 并案时间 / When.
    async fn merged_at(&self) -> DateTime {
        self.0.merged_at.into()
    }

    /// 撤销时间 / When it was undone.
    async fn undone_at(&self) -> Option<DateTime> {
        self.0.undone_at.map(Into::into)
    }
}

/// 案件的筛选条件，须全部满足 / Which cases are wanted; every given condition must hold.
#[derive(InputObject, Default)]
pub(crate) struct CaseFilter {
    /// 案件编号 / With this number.
    number: Option<String>,
    /// 状态，任一 / One of these states.
    #[graphql(default)]
    statuses: Vec<CaseStatus>,
    /// 诈骗类型，任一 / One of these kinds of fraud.
    #[graphql(default)]
    fraud_types: Vec<FraudType>,
    /// 该行政区划及其下级 / In this region or below it.
    region: Option<Region>,
    /// 参与机构 / In which this organisation takes part.
    participant: Option<Gid<OrganisationIdKind>>,
    /// 举报中的号码、域名、账号等，写法不限 / Whose reports name this identifier, in any spelling.
    #[graphql(secret)]
    identifier: Option<String>,
    /// 举报涉及的对象 / Whose reports name this subject.
    subject: Option<Gid<SubjectKind>>,
    /// 含有的举报 / Which hold this report.
    report: Option<Gid<ReportKind>>,
    /// 受理时间不早于 / Opened at this moment or later.
    opened_from: Option<DateTime>,
    /// 受理时间早于 / Opened before this moment.
    opened_to: Option<DateTime>,
}

impl From<CaseFilter> for contract::CaseFilter {
    fn from(filter: CaseFilter) -> Self {
        Self {
            number: filter.number,
            statuses: each_once(filter.statuses),
            fraud_types: each_once(filter.fraud_types),
            region: filter.region.map(Into::into),
            participant: filter.participant.map(Into::into),
            identifier: filter.identifier,
            subject: filter.subject.map(Into::into),
            report: filter.report.map(Into::into),
            opened_from: filter.opened_from.map(Into::into),
            opened_to: filter.opened_to.map(Into::into),
        }
    }
}

#[derive(Default)]
pub(crate) struct CaseQuery;

#[Object]
impl CaseQuery {
    /// 查询案件，最新的在前 / Finds cases, newest first.
    #[graphql(complexity = "crate::connection::cost(first, child_complexity)")]
    async fn cases(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "筛选 / What is wanted.", default)] filter: CaseFilter,
        #[graphql(desc = "条数，1 至 200，默认 50 / How many rows, 1 to 200; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "从该游标之后继续 / The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Case>> {
        let filter = filter.into();
        let request = page::<Case>(ctx, first, after.as_deref())?;
        let found =
            read(ctx, |services, call| async move { services.case_intake.search_cases(call, filter, request).await })
                .await?;
        Ok(Connection::of(found, Case))
    }

    /// 一个案件；不存在或不在可见范围内则为空 / One case; null if it does not exist or lies out of reach.
    async fn case(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "案件的标识 / The case's identifier.")] id: Gid<CaseKind>,
    ) -> Result<Option<Case>> {
        one(&loaders(ctx)?.case_intake.cases, id.0, Case).await
    }

    /// 一次并案；不存在或不在可见范围内则为空 / One merger; null if it does not exist or lies out of reach.
    async fn case_merge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "并案的标识 / The merger's identifier.")] id: Gid<MergeKind>,
    ) -> Result<Option<CaseMerge>> {
        one(&loaders(ctx)?.case_intake.merges, id.0, CaseMerge).await
    }
}
