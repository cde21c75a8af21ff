//! Inputs of the disposal service: appeal.

use crate::disposal::{AppealChannel, AppealOutcome, AppealState};
use crate::names::{IdentifierKind, each_once};
use crate::scalar::{DateTime, Gid};
use async_graphql::{InputObject, OneofObject};
use cordon_context::{AppealKind, PersonKind, TaskKind};
use cordon_disposal_contract as contract;

/// 申诉的筛选条件 / Which appeals are wanted.
#[derive(Default, InputObject)]
pub(crate) struct AppealFilter {
    /// 状态，任一 / In one of these states.
    #[graphql(default)]
    pub(crate) states: Vec<AppealState>,
    /// 承办人 / Given to this officer.
    pub(crate) officer: Option<Gid<PersonKind>>,
    /// 申诉编号 / With this number.
    pub(crate) number: Option<String>,
    /// 仅超期 / Past a deadline.
    #[graphql(default)]
    pub(crate) overdue: bool,
}

impl From<AppealFilter> for contract::AppealFilter {
    fn from(input: AppealFilter) -> Self {
        let AppealFilter { states, officer, number, overdue } = input;
        Self { states: each_once(states), officer: officer.map(Into::into), number, overdue }
    }
}

/// 登记申诉的输入 / Input of fileAppeal.
#[derive(InputObject)]
pub(crate) struct FileAppealInput {
    /// 针对的措施 / Against what.
    pub(crate) against: AppealedMeasureInput,
    /// 渠道 / Through which door it came.
    pub(crate) channel: AppealChannel,
    /// 申诉人 / The appellant's name.
    pub(crate) appellant: String,
    /// 值班联系方式 / How the appellant is reached.
    pub(crate) contact: String,
    /// 申诉陈述 / What the appellant says.
    pub(crate) statement: String,
    /// 授权文书 / The document that lets somebody act for the holder, if somebody does.
    pub(crate) proxy_document: Option<String>,
    /// 提交的材料 / What was handed in.
    #[graphql(default)]
    pub(crate) documents: Vec<String>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<FileAppealInput> for contract::FileAppeal {
    fn from(input: FileAppealInput) -> Self {
        let FileAppealInput {
            against,
            channel,
            appellant,
            contact,
            statement,
            proxy_document,
            documents,
            idempotency_key: _,
        } = input;
        Self {
            against: against.into(),
            channel: channel.into(),
            appellant,
            contact,
            statement,
            proxy_document,
            documents,
        }
    }
}

/// 要求补充材料的输入 / Input of requestSupplement.
#[derive(InputObject)]
pub(crate) struct RequestSupplementInput {
    /// 申诉 / Which appeal.
    pub(crate) appeal: Gid<AppealKind>,
    /// 文字 / The words.
    pub(crate) text: String,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<RequestSupplementInput> for contract::AppealText {
    fn from(input: RequestSupplementInput) -> Self {
        let RequestSupplementInput { appeal, text, idempotency_key: _ } = input;
        Self { appeal: appeal.into(), text }
    }
}

/// 补充申诉材料的输入 / Input of supplementAppeal.
#[derive(InputObject)]
pub(crate) struct SupplementAppealInput {
    /// 申诉 / Which appeal.
    pub(crate) appeal: Gid<AppealKind>,
    /// 文字 / The words.
    pub(crate) text: String,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<SupplementAppealInput> for contract::AppealText {
    fn from(input: SupplementAppealInput) -> Self {
        let SupplementAppealInput { appeal, text, idempotency_key: _ } = input;
        Self { appeal: appeal.into(), text }
    }
}

/// 受理申诉的输入 / Input of acceptAppeal.
#[derive(InputObject)]
pub(crate) struct AcceptAppealInput {
    /// 申诉 / Which appeal.
    pub(crate) appeal: Gid<AppealKind>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<AcceptAppealInput> for contract::AppealStep {
    fn from(input: AcceptAppealInput) -> Self {
        let AcceptAppealInput { appeal, idempotency_key: _ } = input;
        Self { appeal: appeal.into() }
    }
}

/// 不予受理的输入 / Input of declineAppeal.
#[derive(InputObject)]
pub(crate) struct DeclineAppealInput {
    /// 申诉 / Which appeal.
    pub(crate) appeal: Gid<AppealKind>,
    /// 文字 / The words.
    pub(crate) text: String,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<DeclineAppealInput> for contract::AppealText {
    fn from(input: DeclineAppealInput) -> Self {
        let DeclineAppealInput { appeal, text, idempotency_key: _ } = input;
        Self { appeal: appeal.into(), text }
    }
}

/// 分派申诉的输入 / Input of assignAppeal.
#[derive(InputObject)]
pub(crate) struct AssignAppealInput {
    /// 申诉 / Which appeal.
    pub(crate) appeal: Gid<AppealKind>,
    /// 承办人 / To whom.
    pub(crate) officer: Gid<PersonKind>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<AssignAppealInput> for contract::AssignAppeal {
    fn from(input: AssignAppealInput) -> Self {
        let AssignAppealInput { appeal, officer, idempotency_key: _ } = input;
        Self { appeal: appeal.into(), officer: officer.into() }
    }
}

/// 开始核查申诉的输入 / Input of beginAppealVerification.
#[derive(InputObject)]
pub(crate) struct BeginAppealVerificationInput {
    /// 申诉 / Which appeal.
    pub(crate) appeal: Gid<AppealKind>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<BeginAppealVerificationInput> for contract::AppealStep {
    fn from(input: BeginAppealVerificationInput) -> Self {
        let BeginAppealVerificationInput { appeal, idempotency_key: _ } = input;
        Self { appeal: appeal.into() }
    }
}

/// 延长申诉期限的输入 / Input of extendAppeal.
#[derive(InputObject)]
pub(crate) struct ExtendAppealInput {
    /// 申诉 / Which appeal.
    pub(crate) appeal: Gid<AppealKind>,
    /// 文字 / The words.
    pub(crate) text: String,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<ExtendAppealInput> for contract::AppealText {
    fn from(input: ExtendAppealInput) -> Self {
        let ExtendAppealInput { appeal, text, idempotency_key: _ } = input;
        Self { appeal: appeal.into(), text }
    }
}

/// 决定申诉的输入 / Input of decideAppeal.
#[derive(InputObject)]
pub(crate) struct DecideAppealInput {
    /// 申诉 / Which appeal.
    pub(crate) appeal: Gid<AppealKind>,
    /// 决定 / What.
    pub(crate) outcome: AppealOutcome,
    /// 理由 / Why.
    pub(crate) reason: String,
    /// 失效时间 / The earlier end of the measure, where a part of it ends; needed for partial and for nothing else.
    pub(crate) effective_to: Option<DateTime>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<DecideAppealInput> for contract::DecideAppeal {
    fn from(input: DecideAppealInput) -> Self {
        let DecideAppealInput { appeal, outcome, reason, effective_to, idempotency_key: _ } = input;
        Self { appeal: appeal.into(), outcome: outcome.into(), reason, effective_to: effective_to.map(Into::into) }
    }
}

/// 答复申诉人的输入 / Input of replyAppeal.
#[derive(InputObject)]
pub(crate) struct ReplyAppealInput {
    /// 申诉 / Which appeal.
    pub(crate) appeal: Gid<AppealKind>,
    /// 文字 / The words.
    pub(crate) text: String,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<ReplyAppealInput> for contract::AppealText {
    fn from(input: ReplyAppealInput) -> Self {
        let ReplyAppealInput { appeal, text, idempotency_key: _ } = input;
        Self { appeal: appeal.into(), text }
    }
}

/// 办结申诉的输入 / Input of closeAppeal.
#[derive(InputObject)]
pub(crate) struct CloseAppealInput {
    /// 申诉 / Which appeal.
    pub(crate) appeal: Gid<AppealKind>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<CloseAppealInput> for contract::AppealStep {
    fn from(input: CloseAppealInput) -> Self {
        let CloseAppealInput { appeal, idempotency_key: _ } = input;
        Self { appeal: appeal.into() }
    }
}

/// 申请复核的输入 / Input of requestAppealReview.
#[derive(InputObject)]
pub(crate) struct RequestAppealReviewInput {
    /// 申诉 / Which appeal.
    pub(crate) appeal: Gid<AppealKind>,
    /// 文字 / The words.
    pub(crate) text: String,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<RequestAppealReviewInput> for contract::AppealText {
    fn from(input: RequestAppealReviewInput) -> Self {
        let RequestAppealReviewInput { appeal, text, idempotency_key: _ } = input;
        Self { appeal: appeal.into(), text }
    }
}

/// 申诉人提供的号码或账号 / The number or account that an appellant names.
#[derive(InputObject)]
pub(crate) struct AppealedValueInput {
    /// 原文 / The text.
    pub(crate) text: String,
    /// 种类；不填则自动判断 / What it is; found out if absent.
    pub(crate) kind: Option<IdentifierKind>,
}

/// 申诉针对的措施 / Which measure an appeal is against.
#[derive(OneofObject)]
pub(crate) enum AppealedMeasureInput {
    /// 已知的任务 / A task that is known.
    Task(Gid<TaskKind>),
    /// 号码或账号 / A value; the measure in force is looked up.
    Value(AppealedValueInput),
}

impl From<AppealedMeasureInput> for contract::AppealedMeasure {
    fn from(input: AppealedMeasureInput) -> Self {
        match input {
            AppealedMeasureInput::Task(task) => Self::Task { task: task.into() },
            AppealedMeasureInput::Value(AppealedValueInput { text, kind }) => {
                Self::Value { text, kind: kind.map(Into::into) }
            }
        }
    }
}

/// 查看申诉明文的输入 / Input of revealAppeal.
#[derive(InputObject)]
pub(crate) struct RevealAppealInput {
    /// 申诉 / Which appeal.
    pub(crate) appeal: Gid<AppealKind>,
    /// 查看理由 / Why; it goes into the ledger.
    pub(crate) reason: String,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<RevealAppealInput> for contract::RevealAppeal {
    fn from(input: RevealAppealInput) -> Self {
        let RevealAppealInput { appeal, reason, idempotency_key: _ } = input;
        Self { appeal: appeal.into(), reason }
    }
}
