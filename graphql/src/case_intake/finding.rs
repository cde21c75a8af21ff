//! Identifiers found in reports, and why some of them are protected.

use async_graphql::{Context, Enum, InputObject, Object, Result, SimpleObject};
use cordon_case_intake_contract as contract;
use cordon_case_intake_contract::CaseIntakeClient as _;
use cordon_context::{FindingKind, ReportKind, SubjectKind};
use cordon_identifier as identifier;

use super::report::Report;
use crate::disposal::MeasureInForce;
use crate::loaders::{group, one};
use crate::names::IdentifierKind;
use crate::outcome::{change, payloads};
use crate::scalar::{Gid, Long};
use crate::session::loaders;

/// 受保护的理由类别 / Why something is protected, as a group.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "identifier::ProtectedCategory")]
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

/// 命中的保护条目及理由 / The entry of the protected list that names something, and why.
pub(crate) struct Protection(pub(crate) identifier::ProtectedEntry);

/// 命中的保护条目及理由 / The entry of the protected list that names something, and why.
#[Object]
impl Protection {
    /// 受保护的值或其开头、结尾 / The protected value, or what it begins or ends with.
    async fn value(&self) -> &str {
        &self.0.value
    }

    /// 覆盖范围 / How far the entry reaches.
    async fn reach(&self) -> ProtectedReach {
        self.0.scope.into()
    }

    /// 理由类别 / The group of the reason.
    async fn category(&self) -> ProtectedCategory {
        self.0.category.into()
    }

    /// 中文理由 / The reason in Chinese.
    async fn reason_zh(&self) -> &str {
        &self.0.zh
    }

    /// 英文理由 / The reason in English.
    async fn reason_en(&self) -> &str {
        &self.0.en
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
    async fn protection(&self) -> Option<Protection> {
        self.0.protected.clone().map(Protection)
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
