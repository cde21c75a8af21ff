//! Identifiers found in reports, and why some of them are protected.

use async_graphql::{Context, Enum, InputObject, Object, Result, SimpleObject};
use cordon_case_intake_contract as contract;
use cordon_case_intake_contract::CaseIntakeClient as _;
use cordon_context::{FindingKind, ReportKind, SubjectId, SubjectKind};
use {cordon_disposal_contract as work, cordon_identifier as identifier};

use super::report::Report;
use crate::disposal::MeasureInForce;
use crate::loaders::{group, list, one};
use crate::names::IdentifierKind;
use crate::outcome::{change, payloads};
use crate::scalar::{Gid, Long};
use crate::session::loaders;

/// 受保护的理由类别 / Why something is protected, as a group.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum ProtectedCategory {
    /// 紧急救助 / Lines on which lives depend.
    Emergency,
    /// 反诈 / Lines against fraud.
    AntiFraud,
    /// 政府与公共机构 / Authorities and public bodies.
    Government,
    /// 电信企业自有号码 / Carriers' own lines.
    Carrier,
    /// 银行、支付与保险 / Banks, payment and insurance.
    Finance,
    /// 交通、邮政与公用事业 / Transport, post and utilities.
    Utility,
    /// 全国广泛使用的网站与服务 / Sites and services that much of the country uses.
    Platform,
    /// 互联网基础设施 / What the internet itself runs on.
    Infrastructure,
    /// 医院 / Hospitals.
    Hospital,
    /// 企业总机 / Main numbers of enterprises.
    Switchboard,
    /// 受害人号码 / Numbers of victims.
    Victim,
    /// 影响用户众多 / What very many users depend on.
    ManyUsers,
    /// 其他 / Another reason, which stands in the entry.
    Other,
}

impl From<identifier::ProtectedCategory> for ProtectedCategory {
    fn from(category: identifier::ProtectedCategory) -> Self {
        use identifier::ProtectedCategory as Known;
        match category {
            Known::Emergency => Self::Emergency,
            Known::AntiFraud => Self::AntiFraud,
            Known::Government => Self::Government,
            Known::Carrier => Self::Carrier,
            Known::Finance => Self::Finance,
            Known::Utility => Self::Utility,
            Known::Platform => Self::Platform,
            Known::Infrastructure => Self::Infrastructure,
        }
    }
}

impl From<work::ProtectedKind> for ProtectedCategory {
    fn from(kind: work::ProtectedKind) -> Self {
        use work::ProtectedKind as Kept;
        match kind {
            Kept::Government => Self::Government,
            Kept::Emergency => Self::Emergency,
            Kept::Bank => Self::Finance,
            Kept::Hospital => Self::Hospital,
            Kept::Switchboard => Self::Switchboard,
            Kept::Victim => Self::Victim,
            Kept::ManyUsers => Self::ManyUsers,
            Kept::OtherReason => Self::Other,
        }
    }
}

/// 保护条目的覆盖范围 / How far an entry of the protected list reaches.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "identifier::Scope")]
pub(crate) enum ProtectedReach {
    /// 仅该值 / This value alone.
    Exact,
    /// 以该值开头的所有号码 / Every number that begins with it.
    Prefix,
    /// 该域名及其下级域名、网页与邮箱 / The name and every name below it, with the pages and mail addresses on them.
    Below,
}

/// 命中的保护条目及理由 / The entry of a protected list that names something, and why.
pub(crate) enum Protection {
    /// Of the list that is part of the program.
    Known(identifier::ProtectedEntry),
    /// Of the list that people keep.
    Kept(work::Listed),
}

impl Protection {
    /// What protects a subject: the program's own list, or else the list that people keep, which is asked for the subject itself
    /// and then for the names above it. An error of that question is never an answer.
    pub(super) async fn of(
        ctx: &Context<'_>,
        known: Option<&identifier::ProtectedEntry>,
        subject: SubjectId,
        names_above: &[SubjectId],
    ) -> Result<Option<Self>> {
        if let Some(entry) = known {
            return Ok(Some(Self::Known(entry.clone())));
        }
        let asked: Vec<SubjectId> = std::iter::once(subject).chain(names_above.iter().copied()).collect();
        let found = list(&loaders(ctx)?.case_intake.listed, &asked, Self::Kept).await?;
        Ok(found.into_iter().next())
    }
}

/// 命中的保护条目及理由 / The entry of a protected list that names something, and why.
#[Object]
impl Protection {
    /// 受保护的值或其开头、结尾，涉及个人的已脱敏 / The protected value, or what it begins or ends with; masked if its kind is personal.
    async fn value(&self) -> &str {
        match self {
            Self::Known(entry) => &entry.value,
            Self::Kept(listed) => &listed.masked,
        }
    }

    /// 覆盖范围 / How far the entry reaches.
    async fn reach(&self) -> ProtectedReach {
        match self {
            Self::Known(entry) => entry.scope.into(),
            Self::Kept(listed) if listed.kind == identifier::Kind::Domain => ProtectedReach::Below,
            Self::Kept(_) => ProtectedReach::Exact,
        }
    }

    /// 理由类别 / The group of the reason.
    async fn category(&self) -> ProtectedCategory {
        match self {
            Self::Known(entry) => entry.category.into(),
            Self::Kept(listed) => listed.reason_kind.into(),
        }
    }

    /// 中文理由；平台名单的条目仅说明类别 / The reason in Chinese; for an entry of the list that people keep, its group alone.
    async fn reason_zh(&self) -> &str {
        match self {
            Self::Known(entry) => &entry.zh,
            Self::Kept(listed) => kept_reason(listed.reason_kind).0,
        }
    }

    /// 英文理由；平台名单的条目仅说明类别 / The reason in English; for an entry of the list that people keep, its group alone.
    async fn reason_en(&self) -> &str {
        match self {
            Self::Known(entry) => &entry.en,
            Self::Kept(listed) => kept_reason(listed.reason_kind).1,
        }
    }

    /// 平台名单条目的说明，限可查阅名单者 / The words of an entry of the list that people keep, for who may read that list.
    async fn entry_reason(&self) -> Option<&str> {
        match self {
            Self::Known(_) => None,
            Self::Kept(listed) => listed.reason.as_deref(),
        }
    }
}

const fn kept_reason(kind: work::ProtectedKind) -> (&'static str, &'static str) {
    use work::ProtectedKind as Kept;
    match kind {
        Kept::Government => ("保护名单：党政机关", "protected list: a party or government organ"),
        Kept::Emergency => ("保护名单：应急与公共服务", "protected list: an emergency or public service number"),
        Kept::Bank => ("保护名单：银行", "protected list: a bank"),
        Kept::Hospital => ("保护名单：医院", "protected list: a hospital"),
        Kept::Switchboard => ("保护名单：企业总机", "protected list: the main number of an enterprise"),
        Kept::Victim => ("保护名单：受害人号码", "protected list: the number of a victim"),
        Kept::ManyUsers => ("保护名单：影响用户众多", "protected list: very many users depend on it"),
        Kept::OtherReason => ("保护名单：其他原因", "protected list: another reason"),
    }
}

/// 文本中的一段，按字符计，不含末尾 / A part of a text, counted in characters, the end excluded.
#[derive(SimpleObject)]
pub(crate) struct TextSpan {
    /// 首字符的位置，从 0 起 / The place of the first character, from 0.
    start: Long,
    /// 末字符之后的位置 / The place behind the last character.
    end: Long,
}

/// 举报内容中提取出的标识；仅供人工选取，不会自动成为处置对象 / An identifier found in a report's text; a person chooses what becomes a target.
#[derive(Clone)]
pub(crate) struct Finding(pub(crate) contract::Finding);

/// 举报内容中提取出的标识；仅供人工选取，不会自动成为处置对象 / An identifier found in a report's text; a person chooses what becomes a target.
#[Object]
impl Finding {
    /// 标识 / The finding's identifier.
    pub(crate) async fn id(&self) -> Gid<FindingKind> {
        self.0.id.into()
    }

    /// 所在举报（标识）/ In which report (identifier).
    async fn report_id(&self) -> Gid<ReportKind> {
        self.0.report.into()
    }

    /// 所在举报 / In which report.
    async fn report(&self, ctx: &Context<'_>) -> Result<Option<Report>> {
        one(&loaders(ctx)?.case_intake.reports, self.0.report, Report).await
    }

    /// 对象标识；同类同值在所有举报与服务中相同 / What it names; the same everywhere for the same kind and value.
    async fn subject_id(&self) -> Gid<SubjectKind> {
        self.0.subject.into()
    }

    /// 种类 / What it is.
    async fn kind(&self) -> IdentifierKind {
        self.0.kind.into()
    }

    /// 规范值，涉及个人的已脱敏 / Its normal form, masked if the kind is personal.
    async fn masked(&self) -> &str {
        &self.0.masked
    }

    /// 在原文中的位置 / Where in the text.
    async fn span(&self) -> TextSpan {
        TextSpan { start: self.0.span.start.into(), end: self.0.span.end.into() }
    }

    /// 可信度，百分比 / How sure extraction is, in percent.
    async fn confidence(&self) -> u8 {
        self.0.confidence.value()
    }

    /// 提取规则 / The rule that found it.
    async fn rule(&self) -> &str {
        &self.0.rule
    }

    /// 去除的伪装 / The disguises that were taken off.
    async fn disguises(&self) -> &[String] {
        &self.0.disguises
    }

    /// 所在网址，若为网址的主机名；主机名之后可能涉及个人的部分已隐藏 / The whole page address, if it is the host of one; what may name a person behind the host is hidden.
    async fn page(&self) -> Option<&str> {
        self.0.page.as_deref()
    }

    /// 命中的保护条目；为空则未受保护 / The entry of the protected list that names it; null if none does.
    #[graphql(complexity = "2 + child_complexity")]
    async fn protection(&self, ctx: &Context<'_>) -> Result<Option<Protection>> {
        Protection::of(ctx, self.0.protected.as_ref(), self.0.subject, &self.0.names_above).await
    }

    /// 是否为受害人本人号码；本人号码不作为处置对象 / Whether it is the victim's own number, which is never a target.
    async fn victims_own(&self) -> bool {
        self.0.victims_own
    }

    /// 已生效或在途的措施，限可知范围 / The measures in force or on their way, as far as the caller may know.
    #[graphql(complexity = "crate::connection::several(2, child_complexity)")]
    async fn measures_in_force(&self, ctx: &Context<'_>) -> Result<Vec<MeasureInForce>> {
        group(&loaders(ctx)?.disposal.measures_in_force, self.0.subject, MeasureInForce).await
    }
}

/// 明文标识；查看已记入审计台账 / An identifier in the clear; that it was seen is in the ledger.
pub(crate) struct RevealedFinding(contract::RevealedFinding);

/// 明文标识；查看已记入审计台账 / An identifier in the clear; that it was seen is in the ledger.
#[Object]
impl RevealedFinding {
    /// 提取记录（标识）/ Which finding (identifier).
    async fn finding_id(&self) -> Gid<FindingKind> {
        self.0.finding.into()
    }

    /// 提取记录 / Which finding.
    async fn finding(&self, ctx: &Context<'_>) -> Result<Option<Finding>> {
        one(&loaders(ctx)?.case_intake.findings, self.0.finding, Finding).await
    }

    /// 种类 / What it is.
    async fn kind(&self) -> IdentifierKind {
        self.0.kind.into()
    }

    /// 规范值，明文 / Its normal form in the clear.
    async fn value(&self) -> &str {
        &self.0.value
    }

    /// 原文写法 / How the text spelled it.
    async fn as_written(&self) -> &str {
        &self.0.as_written
    }
}

/// 查看明文标识的输入 / Asks for an identifier in the clear.
#[derive(InputObject)]
pub(crate) struct RevealFindingInput {
    /// 提取记录的标识 / Which finding.
    finding: Gid<FindingKind>,
    /// 查看目的，记入审计台账 / Why; written to the ledger.
    purpose: String,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

payloads! {
    /// 查看明文标识的结果 / What asking for an identifier in the clear brought.
    RevealFindingPayload: contract::RevealedFinding {
        /// 明文标识 / The identifier in the clear.
        revealed: RevealedFinding = |revealed| RevealedFinding(revealed),
    }
}

#[derive(Default)]
pub(crate) struct FindingQuery;

#[Object]
impl FindingQuery {
    /// 一条提取记录；不存在或不在可见范围内则为空 / One finding; null if it does not exist or lies out of reach.
    async fn finding(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "提取记录的标识 / The finding's identifier.")] id: Gid<FindingKind>,
    ) -> Result<Option<Finding>> {
        one(&loaders(ctx)?.case_intake.findings, id.0, Finding).await
    }
}

#[derive(Default)]
pub(crate) struct FindingMutation;

#[Object]
impl FindingMutation {
    /// 查看标识的明文，须说明目的 / Gives an identifier in the clear, for a stated purpose.
    async fn reveal_finding(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: RevealFindingInput,
    ) -> Result<RevealFindingPayload> {
        let RevealFindingInput { finding, purpose, idempotency_key } = input;
        let asked = contract::RevealFinding { finding: finding.0, purpose };
        let outcome = change(ctx, idempotency_key, |services, call| async move {
            services.case_intake.reveal_finding(call, asked).await
        })
        .await?;
        Ok(outcome.into())
    }
}
