//! How reports are filed, moved on and shown in the clear.

use async_graphql::{Context, Enum, InputObject, Object, Result};
use cordon_case_intake_contract as contract;
use cordon_case_intake_contract::CaseIntakeClient as _;
use cordon_context::{Bilingual, OrganisationIdKind, Refusal, ReportKind};

use super::report::{Channel, FraudType, Report};
use crate::loaders::one;
use crate::outcome::{Outcome, change, payloads};
use crate::scalar::{DateTime, Gid, Long, Region};
use crate::session::loaders;

/// 登记举报的输入 / A report that a clerk or a web form enters.
#[derive(InputObject)]
pub(crate) struct FileReportInput {
    /// 举报渠道 / Where it came in.
    channel: Channel,
    /// 渠道给出的编号，至多 64 个字符；同渠道同编号即同一举报 / The number that the channel gave it, at most 64 characters; the same channel and number are the same report.
    external_id: String,
    /// 渠道受理时间，缺省为当前 / When the channel took it; now, if absent.
    received_at: Option<DateTime>,
    /// 受害人所在地 / Where the victim is.
    region: Region,
    /// 诈骗类型 / The kind of fraud.
    fraud_type: FraudType,
    /// 损失金额，单位为分 / The loss in cents of a yuan.
    #[graphql(default_with = "Long(0)")]
    loss_cents: Long,
    /// 受害人号码，加密保存 / The victim's phone number; stored sealed.
    #[graphql(secret)]
    victim_phone: Option<String>,
    /// 举报内容，至多 20000 字，加密保存 / What happened, at most 20,000 characters; stored sealed.
    #[graphql(secret)]
    text: String,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 举报的办理步骤 / One step of a report.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum ReportStep {
    /// 查重；可填 duplicateOf / It was compared with the reports before it; takes `duplicateOf`.
    Deduplicate,
    /// 核实 / Its data was checked.
    Verify,
    /// 派发；须填 handler / It goes to the organisation that handles it; needs `handler`.
    Dispatch,
    /// 处理 / It was handled.
    Handle,
    /// 溯源 / The source was traced.
    TraceBack,
    /// 答复 / The person who reported was answered.
    Reply,
    /// 办结；须填 reason / It ends; needs `reason`.
    Close,
}

/// 推进举报的输入 / Moves a report one step on.
#[derive(InputObject)]
pub(crate) struct MoveReportInput {
    /// 举报的标识 / Which report.
    report: Gid<ReportKind>,
    /// 所见版本 / The version that the caller saw.
    version: Long,
    /// 步骤 / Which step.
    step: ReportStep,
    /// 重复的较早举报，仅用于查重 / The earlier report that it repeats; only for `DEDUPLICATE`.
    duplicate_of: Option<Gid<ReportKind>>,
    /// 办理机构，仅用于派发 / The organisation that handles it; only for `DISPATCH`.
    handler: Option<Gid<OrganisationIdKind>>,
    /// 办结原因，仅用于办结 / Why it ends; only for `CLOSE`.
    reason: Option<String>,
    /// 说明，不得含个人信息 / What there is to say about it, without personal data.
    note: Option<String>,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

impl MoveReportInput {
    /// Puts step and fields together; a field that the step does not take is refused and not dropped.
    fn step(&self) -> Outcome<contract::ReportStep> {
        use ReportStep as Step;
        for (field, given, taken_by) in [
            ("duplicate_of", self.duplicate_of.is_some(), Step::Deduplicate),
            ("handler", self.handler.is_some(), Step::Dispatch),
            ("reason", self.reason.is_some(), Step::Close),
        ] {
            if given && self.step != taken_by {
                return Err(not_of_this_step(field));
            }
        }
        Ok(match self.step {
            Step::Deduplicate => contract::ReportStep::Deduplicate { duplicate_of: self.duplicate_of.map(Into::into) },
            Step::Verify => contract::ReportStep::Verify,
            Step::Dispatch => {
                let handler = self.handler.ok_or_else(|| needed("handler"))?;
                contract::ReportStep::Dispatch { handler: handler.0 }
            }
            Step::Handle => contract::ReportStep::Handle,
            Step::TraceBack => contract::ReportStep::TraceBack,
            Step::Reply => contract::ReportStep::Reply,
            Step::Close => contract::ReportStep::Close { reason: self.reason.clone().ok_or_else(|| needed("reason"))? },
        })
    }
}

fn needed(field: &'static str) -> Refusal {
    Refusal::invalid(field, "report.step_field", Bilingual::new("该步骤须填写此项", "this step needs this field"))
}

fn not_of_this_step(field: &'static str) -> Refusal {
    Refusal::invalid(
        field,
        "report.step_field",
        Bilingual::new("该步骤不使用此项", "this step does not take this field"),
    )
}

/// 查看举报明文的输入 / Asks for a report's personal fields.
#[derive(InputObject)]
pub(crate) struct RevealReportInput {
    /// 举报的标识 / Which report.
    report: Gid<ReportKind>,
    /// 查看目的，记入审计台账 / Why; written to the ledger.
    purpose: String,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 举报的明文个人信息；查看已记入审计台账 / A report's personal fields in the clear; that they were seen is in the ledger.
pub(crate) struct RevealedReport(contract::RevealedReport);

/// 举报的明文个人信息；查看已记入审计台账 / A report's personal fields in the clear; that they were seen is in the ledger.
#[Object]
impl RevealedReport {
    /// 举报（标识）/ Which report (identifier).
    async fn report_id(&self) -> Gid<ReportKind> {
        self.0.report.into()
    }

    /// 举报 / Which report.
    async fn report(&self, ctx: &Context<'_>) -> Result<Option<Report>> {
        one(&loaders(ctx)?.case_intake.reports, self.0.report, Report).await
    }

    /// 受害人号码，明文 / The victim's phone number in the clear.
    async fn victim_phone(&self) -> Option<&str> {
        self.0.victim_phone.as_deref()
    }

    /// 举报原文 / The text as it came.
    async fn text(&self) -> &str {
        &self.0.text
    }
}

payloads! {
    /// 登记举报的结果 / What filing a report brought.
    FileReportPayload: contract::Report {
        /// 举报；同渠道同编号已有则为原举报 / The report; the earlier one if channel and number are known.
        report: Report = |report| Report(report),
    }
    /// 推进举报的结果 / What moving a report brought.
    MoveReportPayload: contract::Report {
        /// 举报 / The report.
        report: Report = |report| Report(report),
    }
    /// 查看举报明文的结果 / What asking for a report's personal fields brought.
    RevealReportPayload: contract::RevealedReport {
        /// 明文 / The fields in the clear.
        revealed: RevealedReport = |revealed| RevealedReport(revealed),
    }
}

#[derive(Default)]
pub(crate) struct ReportMutation;

#[Object]
impl ReportMutation {
    /// 登记一件举报并提取其中的标识 / Stores one report and extracts its identifiers.
    async fn file_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: FileReportInput,
    ) -> Result<FileReportPayload> {
        let key = input.idempotency_key;
        let report = contract::FileReport {
            channel: input.channel.into(),
            external_id: input.external_id,
            received_at: input.received_at.map(Into::into),
            region: input.region.into(),
            fraud_type: input.fraud_type.into(),
            loss_cents: input.loss_cents.into(),
            victim_phone: input.victim_phone,
            text: input.text,
        };
        let outcome =
            change(ctx, key, |services, call| async move { services.case_intake.file_report(call, report).await })
                .await?;
        Ok(outcome.into())
    }

    /// 推进举报一步 / Moves a report one step on.
    async fn move_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: MoveReportInput,
    ) -> Result<MoveReportPayload> {
        let step = match input.step() {
            Ok(step) => step,
            Err(refusal) => return Ok(Err(refusal).into()),
        };
        let MoveReportInput { report, version, note, idempotency_key, .. } = input;
        let moved = contract::MoveReport { report: report.0, version: version.0, step, note };
        let outcome = change(ctx, idempotency_key, |services, call| async move {
            services.case_intake.move_report(call, moved).await
        })
        .await?;
        Ok(outcome.into())
    }

    /// 查看举报的明文个人信息，须说明目的 / Gives a report's personal fields in the clear, for a stated purpose.
    async fn reveal_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: RevealReportInput,
    ) -> Result<RevealReportPayload> {
        let RevealReportInput { report, purpose, idempotency_key } = input;
        let asked = contract::RevealReport { report: report.0, purpose };
        let outcome = change(ctx, idempotency_key, |services, call| async move {
            services.case_intake.reveal_report(call, asked).await
        })
        .await?;
        Ok(outcome.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(step: ReportStep) -> MoveReportInput {
        MoveReportInput {
            report: Gid(cordon_context::Id::derived(uuid::Uuid::nil(), "report")),
            version: Long(1),
            step,
            duplicate_of: None,
            handler: None,
            reason: None,
            note: None,
            idempotency_key: None,
        }
    }

    #[test]
    fn a_step_takes_its_own_fields_and_no_others() {
        assert_eq!(input(ReportStep::Verify).step().unwrap(), contract::ReportStep::Verify);
        assert_eq!(input(ReportStep::Dispatch).step().unwrap_err().field.as_deref(), Some("handler"));
        assert_eq!(input(ReportStep::Close).step().unwrap_err().field.as_deref(), Some("reason"));
        let reasoned = |step| MoveReportInput { reason: Some("已退款".to_owned()), ..input(step) };
        assert_eq!(
            reasoned(ReportStep::Close).step().unwrap(),
            contract::ReportStep::Close { reason: "已退款".to_owned() }
        );
        assert_eq!(reasoned(ReportStep::Handle).step().unwrap_err().field.as_deref(), Some("reason"));
    }
}
