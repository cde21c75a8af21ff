//! How clue queries are written, agreed to, sent, answered and used.

use async_graphql::{Context, InputObject, Object, Result};
use cordon_case_intake_contract as contract;
use cordon_case_intake_contract::{CaseIntakeClient as _, ClueQueryStep};
use cordon_context::{CaseKind, ClueQueryKind, OrganisationIdKind, QueryItemKind, SubjectKind};

use super::clue_query::{AnswerOutcome, ClueQuery, ClueQueryType, Urgency};
use crate::outcome::{Outcome, change, payloads};
use crate::scalar::{Gid, Long};

/// 要查询的一项 / One question to be asked.
#[derive(InputObject)]
pub(crate) struct ClueQueryItemInput {
    /// 查询内容 / What is asked.
    query_type: ClueQueryType,
    /// 案件中的查询对象 / About which subject of the case.
    subject: Gid<SubjectKind>,
}

/// 起草线索查询的输入 / Writes a clue query.
#[derive(InputObject)]
pub(crate) struct DraftClueQueryInput {
    /// 案件的标识 / For which case.
    case: Gid<CaseKind>,
    /// 被查询企业 / To which enterprise.
    addressee: Gid<OrganisationIdKind>,
    /// 紧急程度 / How urgent it is.
    urgency: Urgency,
    /// 查询项，1 至 200 项 / What is asked, 1 to 200 items.
    items: Vec<ClueQueryItemInput>,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 审批线索查询的输入；起草人不得审批 / Agrees to a clue query; never by the one who wrote it.
#[derive(InputObject)]
pub(crate) struct ApproveClueQueryInput {
    /// 线索查询的标识 / Which query.
    query: Gid<ClueQueryKind>,
    /// 所见版本 / The version that the caller saw.
    version: Long,
    /// 法律文书号 / The number of the legal document.
    document_number: String,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 下发线索查询的输入 / Sends a clue query to the enterprise.
#[derive(InputObject)]
pub(crate) struct IssueClueQueryInput {
    /// 线索查询的标识 / Which query.
    query: Gid<ClueQueryKind>,
    /// 所见版本 / The version that the caller saw.
    version: Long,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 对一项的答复 / The answer to one item.
#[derive(InputObject)]
pub(crate) struct ClueAnswerInput {
    /// 查询项的标识 / Which item.
    item: Gid<QueryItemKind>,
    /// 答复程度 / What the answer amounts to.
    outcome: AnswerOutcome,
    /// 答复内容，加密保存；无相关信息则为空 / The answer, stored sealed; empty when nothing is known.
    #[graphql(default, secret)]
    text: String,
}

/// 答复线索查询的输入，可只答复部分 / Answers some or all items of a clue query.
#[derive(InputObject)]
pub(crate) struct AnswerClueQueryInput {
    /// 线索查询的标识 / Which query.
    query: Gid<ClueQueryKind>,
    /// 所见版本 / The version that the caller saw.
    version: Long,
    /// 答复 / The answers.
    answers: Vec<ClueAnswerInput>,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 评价线索查询答复的输入 / Says that the answers were used, and how good they were.
#[derive(InputObject)]
pub(crate) struct RateClueQueryInput {
    /// 线索查询的标识 / Which query.
    query: Gid<ClueQueryKind>,
    /// 所见版本 / The version that the caller saw.
    version: Long,
    /// 质量，1 至 5 / From 1 to 5.
    quality: u8,
    /// 说明，不得含个人信息 / What there is to say about it, without personal data.
    note: Option<String>,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 办结线索查询的输入 / Ends a clue query.
#[derive(InputObject)]
pub(crate) struct CloseClueQueryInput {
    /// 线索查询的标识 / Which query.
    query: Gid<ClueQueryKind>,
    /// 所见版本 / The version that the caller saw.
    version: Long,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 撤回线索查询的输入 / Takes a clue query back.
#[derive(InputObject)]
pub(crate) struct WithdrawClueQueryInput {
    /// 线索查询的标识 / Which query.
    query: Gid<ClueQueryKind>,
    /// 所见版本 / The version that the caller saw.
    version: Long,
    /// 理由 / Why.
    reason: String,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 查看答复明文的输入 / Asks for an answer in the clear.
#[derive(InputObject)]
pub(crate) struct RevealClueAnswerInput {
    /// 查询项的标识 / The answer to which item.
    item: Gid<QueryItemKind>,
    /// 查看目的，记入审计台账 / Why; written to the ledger.
    purpose: String,
    /// 幂等键 / The idempotency key.
    idempotency_key: Option<String>,
}

/// 答复明文；查看已记入审计台账 / An answer in the clear; that it was seen is in the ledger.
pub(crate) struct RevealedAnswer(contract::RevealedAnswer);

/// 答复明文；查看已记入审计台账 / An answer in the clear; that it was seen is in the ledger.
#[Object(name = "RevealedClueAnswer")]
impl RevealedAnswer {
    /// 查询项的标识 / The answer to which item.
    async fn item_id(&self) -> Gid<QueryItemKind> {
        self.0.item.into()
    }

    /// 答复程度 / What it amounts to.
    async fn outcome(&self) -> AnswerOutcome {
        self.0.outcome.into()
    }

    /// 答复内容，明文 / The answer in the clear.
    async fn text(&self) -> &str {
        &self.0.text
    }
}

payloads! {
    /// 起草线索查询的结果 / What writing a clue query brought.
    DraftClueQueryPayload: contract::ClueQuery {
        /// 线索查询 / The clue query.
        clue_query: ClueQuery = |query| ClueQuery(query),
    }
    /// 审批线索查询的结果 / What agreeing to a clue query brought.
    ApproveClueQueryPayload: contract::ClueQuery {
        /// 线索查询 / The clue query.
        clue_query: ClueQuery = |query| ClueQuery(query),
    }
    /// 下发线索查询的结果 / What sending a clue query brought.
    IssueClueQueryPayload: contract::ClueQuery {
        /// 线索查询 / The clue query.
        clue_query: ClueQuery = |query| ClueQuery(query),
    }
    /// 答复线索查询的结果 / What answering a clue query brought.
    AnswerClueQueryPayload: contract::ClueQuery {
        /// 线索查询 / The clue query.
        clue_query: ClueQuery = |query| ClueQuery(query),
    }
    /// 评价线索查询的结果 / What rating a clue query brought.
    RateClueQueryPayload: contract::ClueQuery {
        /// 线索查询 / The clue query.
        clue_query: ClueQuery = |query| ClueQuery(query),
    }
    /// 办结线索查询的结果 / What ending a clue query brought.
    CloseClueQueryPayload: contract::ClueQuery {
        /// 线索查询 / The clue query.
        clue_query: ClueQuery = |query| ClueQuery(query),
    }
    /// 撤回线索查询的结果 / What taking a clue query back brought.
    WithdrawClueQueryPayload: contract::ClueQuery {
        /// 线索查询 / The clue query.
        clue_query: ClueQuery = |query| ClueQuery(query),
    }
    /// 查看答复明文的结果 / What asking for an answer in the clear brought.
    RevealClueAnswerPayload: contract::RevealedAnswer {
        /// 明文 / The answer in the clear.
        revealed: RevealedAnswer = |revealed| RevealedAnswer(revealed),
    }
}

async fn moved(
    ctx: &Context<'_>,
    key: Option<String>,
    query: Gid<ClueQueryKind>,
    version: Long,
    step: ClueQueryStep,
) -> Result<Outcome<contract::ClueQuery>> {
    let input = contract::MoveClueQuery { query: query.0, version: version.0, step };
    change(ctx, key, |services, call| async move { services.case_intake.move_clue_query(call, input).await }).await
}

#[derive(Default)]
pub(crate) struct ClueQueryMutation;

#[Object]
impl ClueQueryMutation {
    /// 起草线索查询 / Writes a clue query.
    async fn draft_clue_query(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: DraftClueQueryInput,
    ) -> Result<DraftClueQueryPayload> {
        let DraftClueQueryInput { case, addressee, urgency, items, idempotency_key } = input;
        let items = items
            .into_iter()
            .map(|item| contract::NewQueryItem { query_type: item.query_type.into(), subject: item.subject.0 })
            .collect();
        let drafted = contract::DraftClueQuery { case: case.0, addressee: addressee.0, urgency: urgency.into(), items };
        let outcome = change(ctx, idempotency_key, |services, call| async move {
            services.case_intake.draft_clue_query(call, drafted).await
        })
        .await?;
        Ok(outcome.into())
    }

    /// 审批线索查询 / Agrees to a clue query.
    async fn approve_clue_query(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: ApproveClueQueryInput,
    ) -> Result<ApproveClueQueryPayload> {
        let ApproveClueQueryInput { query, version, document_number, idempotency_key } = input;
        let step = ClueQueryStep::Approve { document_number };
        Ok(moved(ctx, idempotency_key, query, version, step).await?.into())
    }

    /// 向企业下发线索查询，自此计算时限 / Sends a clue query to the enterprise; its time begins to run.
    async fn issue_clue_query(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: IssueClueQueryInput,
    ) -> Result<IssueClueQueryPayload> {
        let IssueClueQueryInput { query, version, idempotency_key } = input;
        Ok(moved(ctx, idempotency_key, query, version, ClueQueryStep::Issue).await?.into())
    }

    /// 答复线索查询，可分次答复 / Answers a clue query, in whole or in part.
    async fn answer_clue_query(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: AnswerClueQueryInput,
    ) -> Result<AnswerClueQueryPayload> {
        let AnswerClueQueryInput { query, version, answers, idempotency_key } = input;
        let answers = answers
            .into_iter()
            .map(|ClueAnswerInput { item, outcome, text }| contract::ItemAnswer {
                item: item.0,
                outcome: outcome.into(),
                text,
            })
            .collect();
        let answered = contract::AnswerClueQuery { query: query.0, version: version.0, answers };
        let outcome = change(ctx, idempotency_key, |services, call| async move {
            services.case_intake.answer_clue_query(call, answered).await
        })
        .await?;
        Ok(outcome.into())
    }

    /// 评价线索查询的答复 / Says that the answers were used, and how good they were.
    async fn rate_clue_query(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: RateClueQueryInput,
    ) -> Result<RateClueQueryPayload> {
        let RateClueQueryInput { query, version, quality, note, idempotency_key } = input;
        let step = ClueQueryStep::Use { quality, note };
        Ok(moved(ctx, idempotency_key, query, version, step).await?.into())
    }

    /// 办结线索查询 / Ends a clue query.
    async fn close_clue_query(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: CloseClueQueryInput,
    ) -> Result<CloseClueQueryPayload> {
        let CloseClueQueryInput { query, version, idempotency_key } = input;
        Ok(moved(ctx, idempotency_key, query, version, ClueQueryStep::Close).await?.into())
    }

    /// 撤回线索查询 / Takes a clue query back.
    async fn withdraw_clue_query(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: WithdrawClueQueryInput,
    ) -> Result<WithdrawClueQueryPayload> {
        let WithdrawClueQueryInput { query, version, reason, idempotency_key } = input;
        let step = ClueQueryStep::Withdraw { reason };
        Ok(moved(ctx, idempotency_key, query, version, step).await?.into())
    }

    /// 查看答复的明文，须说明目的 / Gives an answer in the clear, for a stated purpose.
    async fn reveal_clue_answer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / The input.")] input: RevealClueAnswerInput,
    ) -> Result<RevealClueAnswerPayload> {
        let RevealClueAnswerInput { item, purpose, idempotency_key } = input;
        let asked = contract::RevealAnswer { item: item.0, purpose };
        let outcome = change(ctx, idempotency_key, |services, call| async move {
            services.case_intake.reveal_answer(call, asked).await
        })
        .await?;
        Ok(outcome.into())
    }
}
