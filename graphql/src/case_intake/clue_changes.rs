//! How clues are sent in, assessed, acted on and answered for.

use async_graphql::{Context, InputObject, Object, Result};
use cordon_case_intake_contract as contract;
use cordon_case_intake_contract::{CaseIntakeClient as _, ClueStep};
use cordon_context::{CaseKind, ClueKind as ClueIdKind, OrganisationIdKind};

use super::clue::{Assessment, Clue, ClueKind};
use crate::loaders::one;
use crate::outcome::{Outcome, change, payloads};
use crate::scalar::{Gid, Long, Region};
use crate::session::loaders;

/// 移送线索的输入 / Sends a clue in.
#[derive(InputObject)]
pub(crate) struct SubmitClueInput {
    /// 内容类别 / What it is about.
    kind: ClueKind,
    /// 接收机关 / To which organ.
    addressee: Gid<OrganisationIdKind>,
    /// 发生地 / Where it happened.
    region: Region,
    /// 内容，1 至 20000 字，加密保存 / What was seen, 1 to 20,000 characters; stored sealed.
    #[graphql(secret)]
    text: String,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 接收线索的输入 / Takes a clue.
#[derive(InputObject)]
pub(crate) struct ReceiveClueInput {
    /// 线索的标识 / Which clue.
    clue: Gid<ClueIdKind>,
    /// 所见版本 / The version that the caller saw.
    version: Long,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 补充线索的输入，由移送企业提交 / Adds what was asked for; by the enterprise.
#[derive(InputObject)]
pub(crate) struct SupplementClueInput {
    /// 线索的标识 / Which clue.
    clue: Gid<ClueIdKind>,
    /// 所见版本 / The version that the caller saw.
    version: Long,
    /// 补充内容，加密保存 / What is added; stored sealed.
    #[graphql(secret)]
    text: String,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 研判线索的输入 / Assesses a clue.
#[derive(InputObject)]
pub(crate) struct AssessClueInput {
    /// 线索的标识 / Which clue.
    clue: Gid<ClueIdKind>,
    /// 所见版本 / The version that the caller saw.
    version: Long,
    /// 研判结论 / What the assessment says.
    assessment: Assessment,
    /// 理由，不得含个人信息 / Why, without personal data.
    reason: String,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 登记线索处置情况的输入 / Says what was done on a clue.
#[derive(InputObject)]
pub(crate) struct ActOnClueInput {
    /// 线索的标识 / Which clue.
    clue: Gid<ClueIdKind>,
    /// 所见版本 / The version that the caller saw.
    version: Long,
    /// 据以处置的案件 / On which case.
    case: Option<Gid<CaseKind>>,
    /// 处置情况，不得含个人信息 / What was done, without personal data.
    note: String,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 向企业反馈的输入 / Tells the enterprise what became of its clue.
#[derive(InputObject)]
pub(crate) struct SendClueFeedbackInput {
    /// 线索的标识 / Which clue.
    clue: Gid<ClueIdKind>,
    /// 所见版本 / The version that the caller saw.
    version: Long,
    /// 反馈内容 / What it is told.
    text: String,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 查看线索明文的输入 / Asks for a clue's text in the clear.
#[derive(InputObject)]
pub(crate) struct RevealClueInput {
    /// 线索的标识 / Which clue.
    clue: Gid<ClueIdKind>,
    /// 查看目的，记入审计台账 / Why; written to the ledger.
    purpose: String,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 线索明文；查看已记入审计台账 / A clue's text in the clear; that it was seen is in the ledger.
pub(crate) struct RevealedClue(contract::RevealedClue);

/// 线索明文；查看已记入审计台账 / A clue's text in the clear; that it was seen is in the ledger.
#[Object]
impl RevealedClue {
    /// 线索 / Which clue.
    async fn clue(&self, ctx: &Context<'_>) -> Result<Option<Clue>> {
        one(&loaders(ctx)?.case_intake.clues, self.0.clue, Clue).await
    }

    /// 原文，其后为补充内容 / The text, supplements behind it.
    async fn text(&self) -> &str {
        &self.0.text
    }
}

payloads! {
    /// 移送线索的结果 / What sending a clue in brought.
    SubmitCluePayload: contract::Clue {
        /// 线索 / The clue.
        clue: Clue = |clue| Clue(clue),
    }
    /// 接收线索的结果 / What taking a clue brought.
    ReceiveCluePayload: contract::Clue {
        /// 线索 / The clue.
        clue: Clue = |clue| Clue(clue),
    }
    /// 补充线索的结果 / What supplementing a clue brought.
    SupplementCluePayload: contract::Clue {
        /// 线索 / The clue.
        clue: Clue = |clue| Clue(clue),
    }
    /// 研判线索的结果 / What assessing a clue brought.
    AssessCluePayload: contract::Clue {
        /// 线索 / The clue.
        clue: Clue = |clue| Clue(clue),
    }
    /// 登记线索处置情况的结果 / What acting on a clue brought.
    ActOnCluePayload: contract::Clue {
        /// 线索 / The clue.
        clue: Clue = |clue| Clue(clue),
    }
    /// 向企业反馈的结果 / What telling the enterprise brought.
    SendClueFeedbackPayload: contract::Clue {
        /// 线索 / The clue.
        clue: Clue = |clue| Clue(clue),
    }
    /// 查看线索明文的结果 / What asking for a clue's text in the clear brought.
    RevealCluePayload: contract::RevealedClue {
        /// 明文 / The text in the clear.
        revealed: RevealedClue = |revealed| RevealedClue(revealed),
    }
}

async fn moved(
    ctx: &Context<'_>,
    key: Option<String>,
    clue: Gid<ClueIdKind>,
    version: Long,
    step: ClueStep,
) -> Result<Outcome<contract::Clue>> {
    let input = contract::MoveClue { clue: clue.0, version: version.0, step };
    change(ctx, key, |services, call| async move { services.case_intake.move_clue(call, input).await }).await
}

#[derive(Default)]
pub(crate) struct ClueMutation;

#[Object]
impl ClueMutation {
    /// 移送一条线索 / Sends a clue in.
    async fn submit_clue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: SubmitClueInput,
    ) -> Result<SubmitCluePayload> {
        let SubmitClueInput { kind, addressee, region, text, idempotency_key } = input;
        let submitted = contract::SubmitClue { kind: kind.into(), addressee: addressee.0, region: region.into(), text };
        let outcome = change(ctx, idempotency_key, |services, call| async move {
            services.case_intake.submit_clue(call, submitted).await
        })
        .await?;
        Ok(outcome.into())
    }

    /// 接收线索 / Takes a clue.
    async fn receive_clue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: ReceiveClueInput,
    ) -> Result<ReceiveCluePayload> {
        let ReceiveClueInput { clue, version, idempotency_key } = input;
        Ok(moved(ctx, idempotency_key, clue, version, ClueStep::Receive).await?.into())
    }

    /// 补充线索 / Adds what was asked for.
    async fn supplement_clue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: SupplementClueInput,
    ) -> Result<SupplementCluePayload> {
        let SupplementClueInput { clue, version, text, idempotency_key } = input;
        Ok(moved(ctx, idempotency_key, clue, version, ClueStep::Supplement { text }).await?.into())
    }

    /// 研判线索 / Assesses a clue.
    async fn assess_clue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: AssessClueInput,
    ) -> Result<AssessCluePayload> {
        let AssessClueInput { clue, version, assessment, reason, idempotency_key } = input;
        let assessed = contract::AssessClue { clue: clue.0, version: version.0, assessment: assessment.into(), reason };
        let outcome = change(ctx, idempotency_key, |services, call| async move {
            services.case_intake.assess_clue(call, assessed).await
        })
        .await?;
        Ok(outcome.into())
    }

    /// 登记据线索所做的处置 / Says what was done on a clue.
    async fn act_on_clue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: ActOnClueInput,
    ) -> Result<ActOnCluePayload> {
        let ActOnClueInput { clue, version, case, note, idempotency_key } = input;
        let step = ClueStep::Act { case: case.map(Into::into), note };
        Ok(moved(ctx, idempotency_key, clue, version, step).await?.into())
    }

    /// 向移送企业反馈处理情况 / Tells the enterprise what became of its clue.
    async fn send_clue_feedback(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: SendClueFeedbackInput,
    ) -> Result<SendClueFeedbackPayload> {
        let SendClueFeedbackInput { clue, version, text, idempotency_key } = input;
        Ok(moved(ctx, idempotency_key, clue, version, ClueStep::SendFeedback { text }).await?.into())
    }

    /// 查看线索的明文，须说明目的 / Gives a clue's text in the clear, for a stated purpose.
    async fn reveal_clue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: RevealClueInput,
    ) -> Result<RevealCluePayload> {
        let RevealClueInput { clue, purpose, idempotency_key } = input;
        let asked = contract::RevealClue { clue: clue.0, purpose };
        let outcome = change(ctx, idempotency_key, |services, call| async move {
            services.case_intake.reveal_clue(call, asked).await
        })
        .await?;
        Ok(outcome.into())
    }
}
