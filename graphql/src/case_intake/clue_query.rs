//! Clue queries as the schema shows them.

use async_graphql::{Context, Enum, InputObject, Object, Result};
use cordon_case_intake_contract as contract;
use cordon_case_intake_contract::{CaseIntakeClient as _, HistoryOf};
use cordon_context::{CaseKind, ClueQueryKind, OrganisationIdKind, PersonKind, QueryItemKind, SubjectKind};

use super::case::Case;
use super::history::{HistoryEntry, history};
use crate::connection::{Connection, page};
use crate::directory::{Organisation, Person};
use crate::loaders::{maybe, one};
use crate::names::{IdentifierKind, each_once};
use crate::outcome::read;
use crate::scalar::{DateTime, Gid, Long};
use crate::session::loaders;

/// 线索查询的紧急程度 / How urgent a clue query is.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "ClueQueryUrgency", remote = "contract::Urgency")]
pub(crate) enum Urgency {
    /// 特急 / Flash.
    Flash,
    /// 紧急 / Urgent.
    Urgent,
    /// 一般 / Routine.
    Routine,
}

/// 查询内容 / What is asked about a subject.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::ClueQueryType")]
pub(crate) enum ClueQueryType {
    /// 机主实名 / The holder's registration.
    HolderRealName,
    /// 开卡渠道与受理人 / Where and by whom it was opened.
    OpeningChannel,
    /// 名下其他卡 / Other cards of the same holder.
    OtherCards,
    /// 同 IMEI、同址的卡 / Cards in the same device or at the same address.
    SameDeviceOrAddress,
    /// 通联对端（敏感）/ Whom it talked to; sensitive.
    CallPeers,
    /// 关联账号 / Accounts bound to it.
    LinkedAccounts,
    /// 域名注册、解析与备案 / Registration, resolution and filing of a domain.
    DomainRecords,
    /// 端口签约主体 / Who holds the message port.
    PortHolder,
}

/// 线索查询的状态 / How far a clue query has come.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::ClueQueryStatus")]
pub(crate) enum ClueQueryStatus {
    /// 起草中 / Being written.
    Draft,
    /// 已审批 / Agreed to, with the number of its legal document.
    Approved,
    /// 已下发 / Sent to the enterprise.
    Issued,
    /// 部分答复 / Some items are answered.
    PartlyAnswered,
    /// 已答复 / Every item is answered.
    Answered,
    /// 已使用并评价 / The answers were used and rated.
    Used,
    /// 已办结 / Done.
    Closed,
    /// 已撤回 / Taken back before it was answered.
    Withdrawn,
}

/// 答复程度 / What an answer to one item amounts to.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "ClueAnswerOutcome", remote = "contract::AnswerOutcome")]
pub(crate) enum AnswerOutcome {
    /// 全部 / Everything that was asked.
    Full,
    /// 部分 / A part of it; the rest follows or does not exist.
    Partial,
    /// 无相关信息 / Nothing is known.
    None,
}

/// 线索查询的一项 / One question of a clue query.
pub(crate) struct QueryItem(pub(crate) contract::QueryItem);

/// 线索查询的一项 / One question of a clue query.
#[Object(name = "ClueQueryItem")]
impl QueryItem {
    /// 标识 / The item's identifier.
    async fn id(&self) -> Gid<QueryItemKind> {
        self.0.id.into()
    }

    /// 所属线索查询（标识）/ Its query (identifier).
    async fn query_id(&self) -> Gid<ClueQueryKind> {
        self.0.query.into()
    }

    /// 所属线索查询 / Its query.
    async fn query(&self, ctx: &Context<'_>) -> Result<Option<ClueQuery>> {
        one(&loaders(ctx)?.case_intake.clue_queries, self.0.query, ClueQuery).await
    }

    /// 查询内容 / What is asked.
    async fn query_type(&self) -> ClueQueryType {
        self.0.query_type.into()
    }

    /// 查询对象 / About which subject.
    async fn subject_id(&self) -> Gid<SubjectKind> {
        self.0.subject.into()
    }

    /// 对象种类 / What the subject is.
    async fn kind(&self) -> IdentifierKind {
        self.0.kind.into()
    }

    /// 对象的规范值：被查询企业可见明文，其他人所见的个人类已脱敏 / The subject's normal form: in the clear for the enterprise that is asked, masked for others if the kind is personal.
    async fn value(&self) -> &str {
        &self.0.value
    }

    /// 答复程度 / What the answer amounts to, once there is one.
    async fn outcome(&self) -> Option<AnswerOutcome> {
        self.0.outcome.map(Into::into)
    }

    /// 最近答复时间 / When it was answered last.
    async fn answered_at(&self) -> Option<DateTime> {
        self.0.answered_at.map(Into::into)
    }

    /// 答复是否已过保存期而不可见 / Whether the answer was taken out of view because its time was over.
    async fn expired(&self) -> bool {
        self.0.expired
    }
}

/// 向一家企业提出的线索查询 / A clue query to one enterprise.
#[derive(Clone)]
pub(crate) struct ClueQuery(pub(crate) contract::ClueQuery);

/// 向一家企业提出的线索查询 / A clue query to one enterprise.
#[Object]
impl ClueQuery {
    /// 标识 / The query's identifier.
    pub(crate) async fn id(&self) -> Gid<ClueQueryKind> {
        self.0.id.into()
    }

    /// 编号 / Its number.
    async fn number(&self) -> &str {
        &self.0.number
    }

    /// 所属案件；被查询企业不可见 / For which case; the enterprise that is asked does not see it.
    async fn case(&self, ctx: &Context<'_>) -> Result<Option<Case>> {
        one(&loaders(ctx)?.case_intake.cases, self.0.case, Case).await
    }

    /// 提出机构（标识）/ The organisation that asks (identifier).
    async fn organisation_id(&self) -> Gid<OrganisationIdKind> {
        self.0.organisation.into()
    }

    /// 提出机构 / The organisation that asks.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        one(&loaders(ctx)?.directory.organisations, self.0.organisation, Organisation).await
    }

    /// 被查询企业（标识）/ The enterprise that is asked (identifier).
    async fn addressee_id(&self) -> Gid<OrganisationIdKind> {
        self.0.addressee.into()
    }

    /// 被查询企业 / The enterprise that is asked.
    async fn addressee(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        one(&loaders(ctx)?.directory.organisations, self.0.addressee, Organisation).await
    }

    /// 紧急程度 / How urgent it is.
    async fn urgency(&self) -> Urgency {
        self.0.urgency.into()
    }

    /// 状态 / How far it has come.
    async fn status(&self) -> ClueQueryStatus {
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

    /// 法律文书号，审批后才有 / The number of its legal document, once approved.
    async fn document_number(&self) -> Option<&str> {
        self.0.document_number.as_deref()
    }

    /// 查询项 / What is asked.
    #[graphql(complexity = "crate::connection::several(5, child_complexity)")]
    async fn items(&self) -> Vec<QueryItem> {
        self.0.items.iter().cloned().map(QueryItem).collect()
    }

    /// 答复时限，下发后才有 / When the answers are due, once issued.
    async fn due_at(&self) -> Option<DateTime> {
        self.0.due_at.map(Into::into)
    }

    /// 答复是否超期 / Whether the answers are late, or were.
    async fn overdue(&self) -> bool {
        self.0.overdue
    }

    /// 答复质量，1 至 5，评价后才有 / How good the answers were, from 1 to 5, once rated.
    async fn quality(&self) -> Option<u8> {
        self.0.quality
    }

    /// 起草时间 / When it was written.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// 下发时间 / When it was issued.
    async fn issued_at(&self) -> Option<DateTime> {
        self.0.issued_at.map(Into::into)
    }

    /// 案件结束后，答复自该时刻起不再可见 / From when on its answers are out of view, once its case has ended.
    async fn expires_at(&self) -> Option<DateTime> {
        self.0.expires_at.map(Into::into)
    }

    /// 版本，每次变更递增；变更时须回传所见版本 / Grows with every change; a change names the version that it saw.
    async fn version(&self) -> Long {
        self.0.version.into()
    }

    /// 办理经过 / What happened to it, step by step.
    #[graphql(complexity = "crate::connection::several(10, child_complexity)")]
    async fn history(&self, ctx: &Context<'_>) -> Result<Vec<HistoryEntry>> {
        history(ctx, HistoryOf::ClueQuery(self.0.id)).await
    }
}

/// 线索查询的筛选条件，须全部满足 / Which clue queries are wanted; every given condition must hold.
#[derive(InputObject, Default)]
pub(crate) struct ClueQueryFilter {
    /// 所属案件 / For this case.
    case: Option<Gid<CaseKind>>,
    /// 被查询企业 / To this enterprise.
    addressee: Option<Gid<OrganisationIdKind>>,
    /// 状态，任一 / One of these states.
    #[graphql(default)]
    statuses: Vec<ClueQueryStatus>,
    /// 紧急程度，任一 / One of these urgencies.
    #[graphql(default)]
    urgencies: Vec<Urgency>,
    /// 是否超期 / Only late ones, or only those that are not.
    overdue: Option<bool>,
}

impl From<ClueQueryFilter> for contract::ClueQueryFilter {
    fn from(filter: ClueQueryFilter) -> Self {
        Self {
            case: filter.case.map(Into::into),
            addressee: filter.addressee.map(Into::into),
            statuses: each_once(filter.statuses),
            urgencies: each_once(filter.urgencies),
            overdue: filter.overdue,
        }
    }
}

/// Finds clue queries, newest first.
pub(super) async fn search(
    ctx: &Context<'_>,
    filter: contract::ClueQueryFilter,
    first: Option<i32>,
    after: Option<String>,
) -> Result<Connection<ClueQuery>> {
    let request = page::<ClueQuery>(ctx, first, after.as_deref())?;
    let found =
        read(
            ctx,
            |services, call| async move { services.case_intake.search_clue_queries(call, filter, request).await },
        )
        .await?;
    Ok(Connection::of(found, ClueQuery))
}

#[derive(Default)]
pub(crate) struct ClueQueryQuery;

#[Object]
impl ClueQueryQuery {
    /// 查询线索查询单，最新的在前 / Finds clue queries, newest first.
    #[graphql(complexity = "crate::connection::cost(first, child_complexity)")]
    async fn clue_queries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "筛选 / What is wanted.", default)] filter: ClueQueryFilter,
        #[graphql(desc = "条数，1 至 200，默认 50 / How many rows, 1 to 200; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "从该游标之后继续 / The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<ClueQuery>> {
        search(ctx, filter.into(), first, after).await
    }

    /// 一份线索查询；不存在或不在可见范围内则为空 / One clue query; null if it does not exist or lies out of reach.
    async fn clue_query(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "线索查询的标识 / The query's identifier.")] id: Gid<ClueQueryKind>,
    ) -> Result<Option<ClueQuery>> {
        one(&loaders(ctx)?.case_intake.clue_queries, id.0, ClueQuery).await
    }
}
