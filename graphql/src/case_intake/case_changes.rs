//! How cases are opened, changed, merged and ended.

use async_graphql::{Context, InputObject, Object, Result};
use cordon_case_intake_contract as contract;
use cordon_case_intake_contract::{CaseIntakeClient as _, CaseStep};
use cordon_context::{CaseKind, MergeKind, OrganisationIdKind, ReportKind};

use super::case::{Case, CaseMerge};
use super::report::FraudType;
use crate::outcome::{Outcome, change, payloads};
use crate::scalar::{Gid, Long, Region};

/// 受理案件的输入 / Opens a case from reports.
#[derive(InputObject)]
pub(crate) struct OpenCaseInput {
    /// 名称，1 至 200 字，不得含个人信息 / What it is called, 1 to 200 characters, without personal data.
    title: String,
    /// 诈骗类型 / The kind of fraud.
    fraud_type: FraudType,
    /// 办理地，缺省为本人辖区，不得超出辖区 / Where it is worked; the caller's region unless given, never outside it.
    region: Option<Region>,
    /// 起始举报，1 至 500 件 / The reports to begin with, 1 to 500.
    reports: Vec<Gid<ReportKind>>,
    /// 其他参与机构 / Other organisations that take part.
    #[graphql(default)]
    participants: Vec<Gid<OrganisationIdKind>>,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 增减案件举报的输入 / Puts reports into a case or takes them out.
#[derive(InputObject)]
pub(crate) struct ChangeCaseReportsInput {
    /// 案件的标识 / Which case.
    case: Gid<CaseKind>,
    /// 所见版本 / The version that the caller saw.
    version: Long,
    /// 纳入的举报 / Reports to put in.
    #[graphql(default)]
    add: Vec<Gid<ReportKind>>,
    /// 移出的举报 / Reports to take out.
    #[graphql(default)]
    remove: Vec<Gid<ReportKind>>,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 增减参与机构的输入 / Lets organisations take part in a case, or no more.
#[derive(InputObject)]
pub(crate) struct ChangeCaseParticipantsInput {
    /// 案件的标识 / Which case.
    case: Gid<CaseKind>,
    /// 所见版本 / The version that the caller saw.
    version: Long,
    /// 新增的参与机构 / Organisations that take part from now on.
    #[graphql(default)]
    add: Vec<Gid<OrganisationIdKind>>,
    /// 不再参与的机构；主办机构不可移除 / Organisations that take part no more; the working one stays.
    #[graphql(default)]
    remove: Vec<Gid<OrganisationIdKind>>,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 立案的输入 / Files a case.
#[derive(InputObject)]
pub(crate) struct FileCaseInput {
    /// 案件的标识 / Which case.
    case: Gid<CaseKind>,
    /// 所见版本 / The version that the caller saw.
    version: Long,
    /// 立案文书号 / The number of the filing document.
    filing_number: String,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 不立案的输入 / Decides not to file a case.
#[derive(InputObject)]
pub(crate) struct DeclineCaseInput {
    /// 案件的标识 / Which case.
    case: Gid<CaseKind>,
    /// 所见版本 / The version that the caller saw.
    version: Long,
    /// 理由 / Why not.
    reason: String,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 撤案的输入 / Withdraws a case.
#[derive(InputObject)]
pub(crate) struct WithdrawCaseInput {
    /// 案件的标识 / Which case.
    case: Gid<CaseKind>,
    /// 所见版本 / The version that the caller saw.
    version: Long,
    /// 理由 / Why.
    reason: String,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 侦结的输入 / Closes a case.
#[derive(InputObject)]
pub(crate) struct CloseCaseInput {
    /// 案件的标识 / Which case.
    case: Gid<CaseKind>,
    /// 所见版本 / The version that the caller saw.
    version: Long,
    /// 结果 / With which result.
    result: String,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 并案的输入：每个并入案件加入每个主案 / Merges cases: every member joins every lead.
#[derive(InputObject)]
pub(crate) struct MergeCasesInput {
    /// 主案，1 至 20 个 / The cases that go on, 1 to 20.
    leads: Vec<Gid<CaseKind>>,
    /// 并入的案件，1 至 100 个 / The cases that are merged into them, 1 to 100.
    members: Vec<Gid<CaseKind>>,
    /// 理由 / Why.
    reason: String,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 撤销并案的输入 / Undoes a merger.
#[derive(InputObject)]
pub(crate) struct UnmergeCasesInput {
    /// 并案的标识 / Which merger.
    merge: Gid<MergeKind>,
    /// 理由 / Why.
    reason: String,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

payloads! {
    /// 受理案件的结果 / What opening a case brought.
    OpenCasePayload: contract::Case {
        /// 案件 / The case.
        case: Case = |case| Case(case),
    }
    /// 增减案件举报的结果 / What changing a case's reports brought.
    ChangeCaseReportsPayload: contract::Case {
        /// 案件 / The case.
        case: Case = |case| Case(case),
    }
    /// 增减参与机构的结果 / What changing a case's participants brought.
    ChangeCaseParticipantsPayload: contract::Case {
        /// 案件 / The case.
        case: Case = |case| Case(case),
    }
    /// 立案的结果 / What filing a case brought.
    FileCasePayload: contract::Case {
        /// 案件 / The case.
        case: Case = |case| Case(case),
    }
    /// 不立案的结果 / What deciding not to file brought.
    DeclineCasePayload: contract::Case {
        /// 案件 / The case.
        case: Case = |case| Case(case),
    }
    /// 撤案的结果 / What withdrawing a case brought.
    WithdrawCasePayload: contract::Case {
        /// 案件 / The case.
        case: Case = |case| Case(case),
    }
    /// 侦结的结果 / What closing a case brought.
    CloseCasePayload: contract::Case {
        /// 案件 / The case.
        case: Case = |case| Case(case),
    }
    /// 并案的结果 / What merging cases brought.
    MergeCasesPayload: contract::CaseMerge {
        /// 并案 / The merger.
        merge: CaseMerge = |merge| CaseMerge(merge),
    }
    /// 撤销并案的结果 / What undoing a merger brought.
    UnmergeCasesPayload: contract::CaseMerge {
        /// 并案 / The merger.
        merge: CaseMerge = |merge| CaseMerge(merge),
    }
}

async fn moved(
    ctx: &Context<'_>,
    key: Option<String>,
    case: Gid<CaseKind>,
    version: Long,
    step: CaseStep,
) -> Result<Outcome<contract::Case>> {
    let input = contract::MoveCase { case: case.0, version: version.0, step };
    change(ctx, key, |services, call| async move { services.case_intake.move_case(call, input).await }).await
}

fn ids<K>(gids: Vec<Gid<K>>) -> Vec<cordon_context::Id<K>> {
    gids.into_iter().map(Into::into).collect()
}

#[derive(Default)]
pub(crate) struct CaseMutation;

#[Object]
impl CaseMutation {
    /// 由若干举报受理一个案件 / Opens a case from reports.
    async fn open_case(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: OpenCaseInput,
    ) -> Result<OpenCasePayload> {
        let OpenCaseInput { title, fraud_type, region, reports, participants, idempotency_key } = input;
        let opened = contract::OpenCase {
            title,
            fraud_type: fraud_type.into(),
            region: region.map(Into::into),
            reports: ids(reports),
            participants: ids(participants),
        };
        let outcome =
            change(
                ctx,
                idempotency_key,
                |services, call| async move { services.case_intake.open_case(call, opened).await },
            )
            .await?;
        Ok(outcome.into())
    }

    /// 增减案件的举报 / Puts reports into a case or takes them out.
    async fn change_case_reports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: ChangeCaseReportsInput,
    ) -> Result<ChangeCaseReportsPayload> {
        let ChangeCaseReportsInput { case, version, add, remove, idempotency_key } = input;
        let changed =
            contract::ChangeCaseReports { case: case.0, version: version.0, add: ids(add), remove: ids(remove) };
        let outcome = change(ctx, idempotency_key, |services, call| async move {
            services.case_intake.change_case_reports(call, changed).await
        })
        .await?;
        Ok(outcome.into())
    }

    /// 增减案件的参与机构 / Lets organisations take part in a case, or no more.
    async fn change_case_participants(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: ChangeCaseParticipantsInput,
    ) -> Result<ChangeCaseParticipantsPayload> {
        let ChangeCaseParticipantsInput { case, version, add, remove, idempotency_key } = input;
        let changed =
            contract::ChangeParticipants { case: case.0, version: version.0, add: ids(add), remove: ids(remove) };
        let outcome = change(ctx, idempotency_key, |services, call| async move {
            services.case_intake.change_participants(call, changed).await
        })
        .await?;
        Ok(outcome.into())
    }

    /// 立案 / Files a case.
    async fn file_case(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: FileCaseInput,
    ) -> Result<FileCasePayload> {
        let FileCaseInput { case, version, filing_number, idempotency_key } = input;
        let step = CaseStep::File { filing_number };
        Ok(moved(ctx, idempotency_key, case, version, step).await?.into())
    }

    /// 不立案；已有措施转入复核 / Decides not to file a case; measures in force come up for review.
    async fn decline_case(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: DeclineCaseInput,
    ) -> Result<DeclineCasePayload> {
        let DeclineCaseInput { case, version, reason, idempotency_key } = input;
        let step = CaseStep::DoNotFile { reason };
        Ok(moved(ctx, idempotency_key, case, version, step).await?.into())
    }

    /// 撤案；已有措施转入复核 / Withdraws a case; measures in force come up for review.
    async fn withdraw_case(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: WithdrawCaseInput,
    ) -> Result<WithdrawCasePayload> {
        let WithdrawCaseInput { case, version, reason, idempotency_key } = input;
        let step = CaseStep::Withdraw { reason };
        Ok(moved(ctx, idempotency_key, case, version, step).await?.into())
    }

    /// 侦结 / Closes a case with its result.
    async fn close_case(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: CloseCaseInput,
    ) -> Result<CloseCasePayload> {
        let CloseCaseInput { case, version, result, idempotency_key } = input;
        let step = CaseStep::Close { result };
        Ok(moved(ctx, idempotency_key, case, version, step).await?.into())
    }

    /// 并案 / Merges cases.
    async fn merge_cases(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: MergeCasesInput,
    ) -> Result<MergeCasesPayload> {
        let MergeCasesInput { leads, members, reason, idempotency_key } = input;
        let merged = contract::MergeCases { leads: ids(leads), members: ids(members), reason };
        let outcome = change(ctx, idempotency_key, |services, call| async move {
            services.case_intake.merge_cases(call, merged).await
        })
        .await?;
        Ok(outcome.into())
    }

    /// 撤销并案；不再属于其他并案的案件恢复原状 / Undoes a merger; a member without another merger goes back to where it was.
    async fn unmerge_cases(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: UnmergeCasesInput,
    ) -> Result<UnmergeCasesPayload> {
        let UnmergeCasesInput { merge, reason, idempotency_key } = input;
        let undone = contract::UnmergeCases { merge: merge.0, reason };
        let outcome = change(ctx, idempotency_key, |services, call| async move {
            services.case_intake.unmerge_cases(call, undone).await
        })
        .await?;
        Ok(outcome.into())
    }
}
