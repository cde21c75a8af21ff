//! Clues that enterprises send in, as the schema shows them.

use async_graphql::{Context, Enum, InputObject, Object, Result};
use cordon_case_intake_contract as contract;
use cordon_case_intake_contract::{CaseIntakeClient as _, HistoryOf};
use cordon_context::{ClueKind as ClueIdKind, OrganisationIdKind, SubjectKind};

use super::case::Case;
use super::history::{HistoryEntry, history};
use crate::connection::{Connection, page};
use crate::directory::Organisation;
use crate::loaders::{maybe, one};
use crate::names::each_once;
use crate::outcome::read;
use crate::scalar::{DateTime, Gid, Long, Region};
use crate::session::loaders;

/// 线索内容类别 / What a clue is about.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::ClueKind")]
pub(crate) enum ClueKind {
    /// 猫池、GoIP 窝点 / A den with SIM boxes or GoIP devices.
    SimBox,
    /// 改号、虚假主叫 / Spoofed callers.
    CallerSpoofing,
    /// 涉诈号码 / A suspected number.
    SuspectedNumber,
    /// 涉诈账号 / A suspected account.
    SuspectedAccount,
    /// 涉诈网站、应用 / A suspected site or application.
    SuspectedSite,
    /// 异常办卡、养卡 / Cards that are opened or kept in an abnormal way.
    AbnormalCards,
    /// 其他 / Anything else.
    Other,
}

/// 线索移送的状态 / How far a clue has come.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "contract::ClueStatus")]
pub(crate) enum ClueStatus {
    /// 已移送 / Sent in.
    Submitted,
    /// 已接收 / Taken by the organ to which it was sent.
    Received,
    /// 需补充 / The enterprise has to add something.
    MoreNeeded,
    /// 采纳 / Adopted.
    Adopted,
    /// 不采纳 / Not adopted.
    NotAdopted,
    /// 已处置 / Something was done on it.
    Acted,
    /// 已向企业反馈 / The enterprise was told what became of it.
    FeedbackSent,
}

/// 研判结论 / What an assessment says.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "ClueAssessment", remote = "contract::Assessment")]
pub(crate) enum Assessment {
    /// 采纳 / Adopted.
    Adopted,
    /// 不采纳 / Not adopted.
    NotAdopted,
    /// 需补充 / The enterprise has to add something.
    MoreNeeded,
}

/// 企业移送的线索；个人信息已脱敏 / A clue from an enterprise, with its personal fields masked.
#[derive(Clone)]
pub(crate) struct Clue(pub(crate) contract::Clue);

/// 企业移送的线索；个人信息已脱敏 / A clue from an enterprise, with its personal fields masked.
#[Object]
impl Clue {
    /// 标识 / The clue's identifier.
    pub(crate) async fn id(&self) -> Gid<ClueIdKind> {
        self.0.id.into()
    }

    /// 编号 / Its number.
    async fn number(&self) -> &str {
        &self.0.number
    }

    /// 内容类别 / What it is about.
    async fn kind(&self) -> ClueKind {
        self.0.kind.into()
    }

    /// 移送企业（标识）/ The enterprise that sent it (identifier).
    async fn organisation_id(&self) -> Gid<OrganisationIdKind> {
        self.0.organisation.into()
    }

    /// 移送企业 / The enterprise that sent it.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        one(&loaders(ctx)?.directory.organisations, self.0.organisation, Organisation).await
    }

    /// 接收机关（标识）/ The organ to which it was sent (identifier).
    async fn addressee_id(&self) -> Gid<OrganisationIdKind> {
        self.0.addressee.into()
    }

    /// 接收机关 / The organ to which it was sent.
    async fn addressee(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        one(&loaders(ctx)?.directory.organisations, self.0.addressee, Organisation).await
    }

    /// 发生地 / Where it happened.
    async fn region(&self) -> Region {
        self.0.region.into()
    }

    /// 状态 / How far it has come.
    async fn status(&self) -> ClueStatus {
        self.0.status.into()
    }

    /// 内容，已脱敏 / The text, masked.
    async fn text_masked(&self) -> &str {
        &self.0.text_masked
    }

    /// 内容涉及的对象 / The subjects that its text names.
    async fn subject_ids(&self) -> Vec<Gid<SubjectKind>> {
        self.0.subjects.iter().copied().map(Gid).collect()
    }

    /// 据以处置的案件；企业不可见 / The case on which it was acted; the enterprise does not see it.
    async fn case(&self, ctx: &Context<'_>) -> Result<Option<Case>> {
        maybe(&loaders(ctx)?.case_intake.cases, self.0.case, Case).await
    }

    /// 向企业的反馈 / What the enterprise was told.
    async fn feedback(&self) -> Option<&str> {
        self.0.feedback.as_deref()
    }

    /// 反馈时限 / When the feedback is due.
    async fn feedback_due_at(&self) -> DateTime {
        self.0.feedback_due_at.into()
    }

    /// 反馈是否超期 / Whether the feedback is late, or was.
    async fn overdue(&self) -> bool {
        self.0.overdue
    }

    /// 移送时间 / When it was sent in.
    async fn submitted_at(&self) -> DateTime {
        self.0.submitted_at.into()
    }

    /// 版本，每次变更递增；变更时须回传所见版本 / Grows with every change; a change names the version that it saw.
    async fn version(&self) -> Long {
        self.0.version.into()
    }

    /// 办理经过 / What happened to it, step by step.
    #[graphql(complexity = "crate::connection::several(10, child_complexity)")]
    async fn history(&self, ctx: &Context<'_>) -> Result<Vec<HistoryEntry>> {
        history(ctx, HistoryOf::Clue(self.0.id)).await
    }
}

/// 线索的筛选条件，须全部满足 / Which clues are wanted; every given condition must hold.
#[derive(InputObject, Default)]
pub(crate) struct ClueFilter {
    /// 移送企业 / Sent by this enterprise.
    organisation: Option<Gid<OrganisationIdKind>>,
    /// 接收机关 / Sent to this organ.
    addressee: Option<Gid<OrganisationIdKind>>,
    /// 内容类别，任一 / About one of these.
    #[graphql(default)]
    kinds: Vec<ClueKind>,
    /// 状态，任一 / One of these states.
    #[graphql(default)]
    statuses: Vec<ClueStatus>,
    /// 反馈是否超期 / Only those whose feedback is late, or only those whose is not.
    overdue: Option<bool>,
}

impl From<ClueFilter> for contract::ClueFilter {
    fn from(filter: ClueFilter) -> Self {
        Self {
            organisation: filter.organisation.map(Into::into),
            addressee: filter.addressee.map(Into::into),
            kinds: each_once(filter.kinds),
            statuses: each_once(filter.statuses),
            overdue: filter.overdue,
        }
    }
}

#[derive(Default)]
pub(crate) struct ClueQueries;

#[Object]
impl ClueQueries {
    /// 查询线索移送，最新的在前 / Finds clues, newest first.
    #[graphql(complexity = "crate::connection::cost(first, child_complexity)")]
    async fn clues(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "筛选 / What is wanted.", default)] filter: ClueFilter,
        #[graphql(desc = "条数，1 至 200，默认 50 / How many rows, 1 to 200; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "从该游标之后继续 / The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Clue>> {
        let filter = filter.into();
        let request = page::<Clue>(ctx, first, after.as_deref())?;
        let found =
            read(ctx, |services, call| async move { services.case_intake.search_clues(call, filter, request).await })
                .await?;
        Ok(Connection::of(found, Clue))
    }

    /// 一条线索；不存在或不在可见范围内则为空 / One clue; null if it does not exist or lies out of reach.
    async fn clue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "线索的标识 / The clue's identifier.")] id: Gid<ClueIdKind>,
    ) -> Result<Option<Clue>> {
        one(&loaders(ctx)?.case_intake.clues, id.0, Clue).await
    }
}
