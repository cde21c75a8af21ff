//! How major-case bulletins are written, agreed to, sent and ended.

use async_graphql::{Context, InputObject, Object, Result};
use cordon_case_intake_contract as contract;
use cordon_case_intake_contract::{BulletinStep, CaseIntakeClient as _};
use cordon_context::{BulletinKind, CaseKind, OrganisationIdKind, SubjectKind};

use super::bulletin::{Bulletin, BulletinTrigger};
use crate::outcome::{Outcome, change, payloads};
use crate::scalar::{Gid, Long};

/// 要倒查的一个对象及企业 / A subject to be traced back, and by which enterprise.
#[derive(InputObject)]
pub(crate) struct TraceBackInput {
    /// 负责倒查的企业 / Which enterprise has to do it.
    enterprise: Gid<OrganisationIdKind>,
    /// 案件中的对象 / Which subject of the case.
    subject: Gid<SubjectKind>,
}

/// 起草重大案件通报的输入 / Writes a major-case bulletin.
#[derive(InputObject)]
pub(crate) struct DraftBulletinInput {
    /// 案件的标识 / About which case.
    case: Gid<CaseKind>,
    /// 接收的通信管理局 / The communications authority that gets it.
    authority: Gid<OrganisationIdKind>,
    /// 要倒查的对象及企业，1 至 200 项 / The subjects to be traced back and by which enterprise, 1 to 200.
    trace_backs: Vec<TraceBackInput>,
    /// 举报统计之外的条件：严重后果或人工认定 / What a person knows beside what the reports count: serious harm, or a decision.
    #[graphql(default)]
    triggers: Vec<BulletinTrigger>,
    /// 标题，1 至 200 字 / Its title, 1 to 200 characters.
    title: String,
    /// 内容，1 至 20000 字，不得含个人信息 / What it says, without personal data, 1 to 20,000 characters.
    text: String,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 审批重大案件通报的输入；起草人不得审批 / Agrees to a bulletin; never by the one who wrote it.
#[derive(InputObject)]
pub(crate) struct ApproveBulletinInput {
    /// 通报的标识 / Which bulletin.
    bulletin: Gid<BulletinKind>,
    /// 所见版本 / The version that the caller saw.
    version: Long,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 发送重大案件通报的输入 / Sends a bulletin.
#[derive(InputObject)]
pub(crate) struct SendBulletinInput {
    /// 通报的标识 / Which bulletin.
    bulletin: Gid<BulletinKind>,
    /// 所见版本 / The version that the caller saw.
    version: Long,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 办结重大案件通报的输入 / Ends a bulletin with a finding.
#[derive(InputObject)]
pub(crate) struct CloseBulletinInput {
    /// 通报的标识 / Which bulletin.
    bulletin: Gid<BulletinKind>,
    /// 所见版本 / The version that the caller saw.
    version: Long,
    /// 结论 / What was found.
    finding: String,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 撤回重大案件通报的输入 / Takes a bulletin back.
#[derive(InputObject)]
pub(crate) struct WithdrawBulletinInput {
    /// 通报的标识 / Which bulletin.
    bulletin: Gid<BulletinKind>,
    /// 所见版本 / The version that the caller saw.
    version: Long,
    /// 理由 / Why.
    reason: String,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

payloads! {
    /// 起草重大案件通报的结果 / What writing a bulletin brought.
    DraftBulletinPayload: contract::Bulletin {
        /// 通报 / The bulletin.
        bulletin: Bulletin = |bulletin| Bulletin(bulletin),
    }
    /// 审批重大案件通报的结果 / What agreeing to a bulletin brought.
    ApproveBulletinPayload: contract::Bulletin {
        /// 通报 / The bulletin.
        bulletin: Bulletin = |bulletin| Bulletin(bulletin),
    }
    /// 发送重大案件通报的结果 / What sending a bulletin brought.
    SendBulletinPayload: contract::Bulletin {
        /// 通报 / The bulletin.
        bulletin: Bulletin = |bulletin| Bulletin(bulletin),
    }
    /// 办结重大案件通报的结果 / What ending a bulletin brought.
    CloseBulletinPayload: contract::Bulletin {
        /// 通报 / The bulletin.
        bulletin: Bulletin = |bulletin| Bulletin(bulletin),
    }
    /// 撤回重大案件通报的结果 / What taking a bulletin back brought.
    WithdrawBulletinPayload: contract::Bulletin {
        /// 通报 / The bulletin.
        bulletin: Bulletin = |bulletin| Bulletin(bulletin),
    }
}

async fn moved(
    ctx: &Context<'_>,
    key: Option<String>,
    bulletin: Gid<BulletinKind>,
    version: Long,
    step: BulletinStep,
) -> Result<Outcome<contract::Bulletin>> {
    let input = contract::MoveBulletin { bulletin: bulletin.0, version: version.0, step };
    change(ctx, key, |services, call| async move { services.case_intake.move_bulletin(call, input).await }).await
}

#[derive(Default)]
pub(crate) struct BulletinMutation;

#[Object]
impl BulletinMutation {
    /// 起草重大案件通报 / Writes a major-case bulletin.
    async fn draft_bulletin(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: DraftBulletinInput,
    ) -> Result<DraftBulletinPayload> {
        let DraftBulletinInput { case, authority, trace_backs, triggers, title, text, idempotency_key } = input;
        let drafted = contract::DraftBulletin {
            case: case.0,
            authority: authority.0,
            trace_backs: trace_backs.into_iter().map(|one| (one.enterprise.0, one.subject.0)).collect(),
            triggers: triggers.into_iter().map(Into::into).collect(),
            title,
            text,
        };
        let outcome = change(ctx, idempotency_key, |services, call| async move {
            services.case_intake.draft_bulletin(call, drafted).await
        })
        .await?;
        Ok(outcome.into())
    }

    /// 审批重大案件通报 / Agrees to a bulletin.
    async fn approve_bulletin(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: ApproveBulletinInput,
    ) -> Result<ApproveBulletinPayload> {
        let ApproveBulletinInput { bulletin, version, idempotency_key } = input;
        Ok(moved(ctx, idempotency_key, bulletin, version, BulletinStep::Approve).await?.into())
    }

    /// 向通信管理局和企业发送通报，自此计算倒查时限 / Sends a bulletin to the authority and the enterprises; the time for trace-backs begins to run.
    async fn send_bulletin(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: SendBulletinInput,
    ) -> Result<SendBulletinPayload> {
        let SendBulletinInput { bulletin, version, idempotency_key } = input;
        Ok(moved(ctx, idempotency_key, bulletin, version, BulletinStep::Send).await?.into())
    }

    /// 办结重大案件通报并作出结论 / Ends a bulletin with a finding.
    async fn close_bulletin(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: CloseBulletinInput,
    ) -> Result<CloseBulletinPayload> {
        let CloseBulletinInput { bulletin, version, finding, idempotency_key } = input;
        Ok(moved(ctx, idempotency_key, bulletin, version, BulletinStep::Close { finding }).await?.into())
    }

    /// 发送前撤回重大案件通报 / Takes a bulletin back before it is sent.
    async fn withdraw_bulletin(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: WithdrawBulletinInput,
    ) -> Result<WithdrawBulletinPayload> {
        let WithdrawBulletinInput { bulletin, version, reason, idempotency_key } = input;
        Ok(moved(ctx, idempotency_key, bulletin, version, BulletinStep::Withdraw { reason }).await?.into())
    }
}
