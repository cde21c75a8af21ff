//! Reports as the schema shows them.

use async_graphql::{Context, Enum, InputObject, Object, Result};
use cordon_case_intake_contract as contract;
use cordon_case_intake_contract::{CaseIntakeClient as _, HistoryOf};
use cordon_context::{CaseKind, ImportKind, OrganisationIdKind, ReportKind};

use super::case::Case;
use super::finding::Finding;
use super::history::{HistoryEntry, history};
use super::import::Import;
use crate::connection::{Connection, page};
use crate::directory::Organisation;
use crate::loaders::{group, list, maybe, one};
use crate::names::each_once;
use crate::outcome::read;
use crate::scalar::{DateTime, Gid, Long, Region};
use crate::session::loaders;

/// 举报渠道 / Where a report came in.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "ReportChannel", remote = "contract::Channel")]
pub(crate) enum Channel {
    /// 12321 网络不良与垃圾信息举报受理中心 / The reporting center of the communications industry, 12321.
    #[graphql(name = "HOTLINE_12321")]
    Hotline12321,
    /// 96110 反诈劝阻咨询专线 / The dissuasion and consultation hotline of the police, 96110.
    #[graphql(name = "HOTLINE_96110")]
    Hotline96110,
    /// 企业，由其用户告知 / An enterprise that was told by its users.
    Enterprise,
    /// 公众网页 / The public web form.
    Web,
    /// 派出所 / A police station.
    Police,
}

/// 诈骗类型（一级分类，公安部十大高发类型及其他）/ The kind of fraud: level 1 of the taxonomy of the Ministry of Public Security.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::FraudType")]
pub(crate) enum FraudType {
    /// 刷单返利 / Paid fake orders with rebates.
    BrushingRebate,
    /// 虚假网络投资理财 / Fake online investments.
    FakeInvestment,
    /// 虚假购物服务 / Fake goods and services.
    FakeShoppingService,
    /// 冒充电商物流客服 / Pretending to be the service desk of a shop or carrier.
    FakeCustomerService,
    /// 虚假网络贷款 / Fake online loans.
    FakeLoan,
    /// 虚假征信 / Fake repair of a credit record.
    FakeCreditRecord,
    /// 冒充领导熟人 / Pretending to be a superior or an acquaintance.
    ImpersonateLeaderAcquaintance,
    /// 冒充公检法及政府机关 / Pretending to be police, a court or an authority.
    ImpersonateAuthority,
    /// 网络婚恋、交友 / Romance and dating.
    RomanceDating,
    /// 网络游戏产品虚假交易 / Fake trade in game items.
    GameItemTrade,
    /// 其他 / Anything else.
    Other,
}

/// 举报的办理状态 / How far a report has come.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::ReportStatus")]
pub(crate) enum ReportStatus {
    /// 已登记 / Registered.
    Received,
    /// 已查重 / Compared with the reports before it.
    Deduplicated,
    /// 已核实 / Its data was checked.
    Verified,
    /// 已派发 / Handed to the organisation that handles it.
    Dispatched,
    /// 已处理 / Handled.
    Handled,
    /// 已溯源 / The source of the trouble was traced.
    TracedBack,
    /// 已答复 / The person who reported got an answer.
    Replied,
    /// 已办结 / Nothing more will happen.
    Closed,
}

/// 举报；个人信息已脱敏 / A fraud report, with its personal fields masked.
#[derive(Clone)]
pub(crate) struct Report(pub(crate) contract::Report);

/// 举报；个人信息已脱敏 / A fraud report, with its personal fields masked.
#[Object]
impl Report {
    /// 标识 / The report's identifier.
    pub(crate) async fn id(&self) -> Gid<ReportKind> {
        self.0.id.into()
    }

    /// 举报渠道 / Where it came in.
    async fn channel(&self) -> Channel {
        self.0.channel.into()
    }

    /// 渠道给出的编号 / The number that the channel gave it.
    async fn external_id(&self) -> &str {
        &self.0.external_id
    }

    /// 渠道受理时间 / When the channel took it.
    async fn received_at(&self) -> DateTime {
        self.0.received_at.into()
    }

    /// 受害人所在地 / Where the victim is.
    async fn region(&self) -> Region {
        self.0.region.into()
    }

    /// 诈骗类型 / The kind of fraud.
    async fn fraud_type(&self) -> FraudType {
        self.0.fraud_type.into()
    }

    /// 诈骗类型的中文名称，与表单一致 / The Chinese name of the kind of fraud, as forms print it.
    async fn fraud_type_name(&self) -> &'static str {
        self.0.fraud_type.zh()
    }

    /// 分类表版本 / The taxonomy in which the kind of fraud is meant.
    async fn taxonomy_version(&self) -> &str {
        &self.0.taxonomy_version
    }

    /// 损失金额，单位为分 / The loss in cents of a yuan.
    async fn loss_cents(&self) -> Long {
        self.0.loss_cents.into()
    }

    /// 受害人号码，已脱敏 / The victim's phone number, masked.
    async fn victim_phone_masked(&self) -> Option<&str> {
        self.0.victim_phone_masked.as_deref()
    }

    /// 举报内容，号码与账号已脱敏 / The text with numbers and accounts masked; domains and service numbers stay readable.
    async fn text_masked(&self) -> &str {
        &self.0.text_masked
    }

    /// 录入机构（标识）/ The organisation that brought it in (identifier).
    async fn organisation_id(&self) -> Gid<OrganisationIdKind> {
        self.0.organisation.into()
    }

    /// 录入机构 / The organisation that brought it in.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        one(&loaders(ctx)?.directory.organisations, self.0.organisation, Organisation).await
    }

    /// 由哪次导入带入（标识）/ The import that brought it in, if one did (identifier).
    async fn import_id(&self) -> Option<Gid<ImportKind>> {
        self.0.import.map(Into::into)
    }

    /// 由哪次导入带入 / The import that brought it in, if one did.
    #[graphql(name = "import")]
    async fn brought_by(&self, ctx: &Context<'_>) -> Result<Option<Import>> {
        maybe(&loaders(ctx)?.case_intake.imports, self.0.import, Import).await
    }

    /// 内容近乎相同的较早举报（标识）/ An earlier report with nearly the same text (identifier).
    async fn duplicate_of_id(&self) -> Option<Gid<ReportKind>> {
        self.0.duplicate_of.map(Into::into)
    }

    /// 内容近乎相同的较早举报 / An earlier report with nearly the same text.
    async fn duplicate_of(&self, ctx: &Context<'_>) -> Result<Option<Report>> {
        maybe(&loaders(ctx)?.case_intake.reports, self.0.duplicate_of, Report).await
    }

    /// 办理状态 / How far it has come.
    async fn status(&self) -> ReportStatus {
        self.0.status.into()
    }

    /// 办理机构，派发后才有（标识）/ The organisation that handles it, once dispatched (identifier).
    async fn handler_id(&self) -> Option<Gid<OrganisationIdKind>> {
        self.0.handler.map(Into::into)
    }

    /// 办理机构，派发后才有 / The organisation that handles it, once dispatched.
    async fn handler(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        maybe(&loaders(ctx)?.directory.organisations, self.0.handler, Organisation).await
    }

    /// 下一步的时限 / When the next step is due.
    async fn due_at(&self) -> Option<DateTime> {
        self.0.due_at.map(Into::into)
    }

    /// 下一步是否超期 / Whether the next step is late.
    async fn overdue(&self) -> bool {
        self.0.overdue
    }

    /// 入库时间 / When it was stored.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// 版本，每次变更递增；变更时须回传所见版本 / Grows with every change; a change names the version that it saw.
    async fn version(&self) -> Long {
        self.0.version.into()
    }

    /// 内容中提取出的标识，按出现位置排列 / The identifiers found in its text, in the order of the text.
    #[graphql(complexity = "crate::connection::several(10, child_complexity)")]
    async fn findings(&self, ctx: &Context<'_>) -> Result<Vec<Finding>> {
        group(&loaders(ctx)?.case_intake.findings_of_reports, self.0.id, Finding).await
    }

    /// 已纳入的案件 / The cases that took it in.
    #[graphql(complexity = "crate::connection::several(3, child_complexity)")]
    async fn cases(&self, ctx: &Context<'_>) -> Result<Vec<Case>> {
        let ids = group(&loaders(ctx)?.case_intake.cases_of_reports, self.0.id, |id| id).await?;
        list(&loaders(ctx)?.case_intake.cases, &ids, Case).await
    }

    /// 办理经过 / What happened to it, step by step.
    #[graphql(complexity = "crate::connection::several(10, child_complexity)")]
    async fn history(&self, ctx: &Context<'_>) -> Result<Vec<HistoryEntry>> {
        history(ctx, HistoryOf::Report(self.0.id)).await
    }
}

/// 举报的筛选条件，须全部满足 / Which reports are wanted; every given condition must hold.
#[derive(InputObject, Default)]
pub(crate) struct ReportFilter {
    /// 内容中的号码、域名、账号等，写法不限 / An identifier in any spelling; reports whose text names it.
    #[graphql(secret)]
    identifier: Option<String>,
    /// 渠道，任一 / One of these channels.
    #[graphql(default)]
    channels: Vec<Channel>,
    /// 该行政区划及其下级 / In this region or below it.
    region: Option<Region>,
    /// 诈骗类型，任一 / One of these kinds of fraud.
    #[graphql(default)]
    fraud_types: Vec<FraudType>,
    /// 状态，任一 / One of these states.
    #[graphql(default)]
    statuses: Vec<ReportStatus>,
    /// 受理时间不早于 / Received at this moment or later.
    received_from: Option<DateTime>,
    /// 受理时间早于 / Received before this moment.
    received_to: Option<DateTime>,
    /// 已纳入该案件 / Taken into this case.
    case: Option<Gid<CaseKind>>,
    /// 渠道编号 / With this number from its channel.
    external_id: Option<String>,
    /// 受害人号码，写法不限 / With this victim's phone number, in any spelling.
    #[graphql(secret)]
    victim_phone: Option<String>,
    /// 由该次导入带入 / Brought in by this import.
    #[graphql(name = "import")]
    brought_by: Option<Gid<ImportKind>>,
    /// 下一步是否超期 / Only those whose next step is late, or only those whose is not.
    overdue: Option<bool>,
}

impl From<ReportFilter> for contract::ReportFilter {
    fn from(filter: ReportFilter) -> Self {
        Self {
            identifier: filter.identifier,
            channels: each_once(filter.channels),
            region: filter.region.map(Into::into),
            fraud_types: each_once(filter.fraud_types),
            statuses: each_once(filter.statuses),
            received_from: filter.received_from.map(Into::into),
            received_to: filter.received_to.map(Into::into),
            case: filter.case.map(Into::into),
            external_id: filter.external_id,
            victim_phone: filter.victim_phone,
            import: filter.brought_by.map(Into::into),
            overdue: filter.overdue,
        }
    }
}

/// Finds reports, newest first.
pub(super) async fn search(
    ctx: &Context<'_>,
    filter: contract::ReportFilter,
    first: Option<i32>,
    after: Option<String>,
) -> Result<Connection<Report>> {
    let request = page::<Report>(ctx, first, after.as_deref())?;
    let found =
        read(ctx, |services, call| async move { services.case_intake.search_reports(call, filter, request).await })
            .await?;
    Ok(Connection::of(found, Report))
}

#[derive(Default)]
pub(crate) struct ReportQuery;

#[Object]
impl ReportQuery {
    /// 查询举报，最新的在前 / Finds reports, newest first.
    #[graphql(complexity = "crate::connection::cost(first, child_complexity)")]
    async fn reports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "筛选 / What is wanted.", default)] filter: ReportFilter,
        #[graphql(desc = "条数，1 至 200，默认 50 / How many rows, 1 to 200; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "从该游标之后继续 / The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Report>> {
        search(ctx, filter.into(), first, after).await
    }

    /// 一件举报；不存在或不在可见范围内则为空 / One report; null if it does not exist or lies out of reach.
    async fn report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "举报的标识 / The report's identifier.")] id: Gid<ReportKind>,
    ) -> Result<Option<Report>> {
        one(&loaders(ctx)?.case_intake.reports, id.0, Report).await
    }
}
