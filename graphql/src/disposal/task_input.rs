//! Inputs of the disposal service: task.

use crate::disposal::{Escalation, PhoneFunction, TaskAction, TaskRefusalCode, TaskState, VerifyMethod};
use crate::names::each_once;
use crate::scalar::{DateTime, Gid, Long};
use async_graphql::InputObject;
use cordon_context::{OrderKind, OrganisationIdKind, ReceiptKind, TaskKind};
use cordon_disposal_contract as contract;

/// 任务的筛选条件 / Which tasks are wanted.
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own about a task")]
#[derive(Default, InputObject)]
pub(crate) struct TaskFilter {
    /// 状态，任一 / In one of these states.
    #[graphql(default)]
    pub(crate) states: Vec<TaskState>,
    /// 所属指令 / Of this order.
    pub(crate) order: Option<Gid<OrderKind>>,
    /// 执行单位 / At this executor.
    pub(crate) executor: Option<Gid<OrganisationIdKind>>,
    /// 方向 / Imposing or releasing.
    pub(crate) action: Option<TaskAction>,
    /// 仅超期 / Past a deadline.
    #[graphql(default)]
    pub(crate) overdue: bool,
    /// 仅须复查 / To be looked at again.
    #[graphql(default)]
    pub(crate) flagged: bool,
    /// 当前步骤已超期 / Only whose present step is past its time now.
    #[graphql(default)]
    pub(crate) late: bool,
    /// 超期已上报至，任一 / Only whose lateness was reported to one of these.
    #[graphql(default)]
    pub(crate) escalated: Vec<Escalation>,
    /// 生效中且在此之前到期 / Only measures that stand and end before this moment.
    pub(crate) ends_before: Option<DateTime>,
    /// 逾期未告知 / Only whose holder was not told in time.
    #[graphql(default)]
    pub(crate) notice_overdue: bool,
}

impl From<TaskFilter> for contract::TaskFilter {
    fn from(input: TaskFilter) -> Self {
        let TaskFilter {
            states,
            order,
            executor,
            action,
            overdue,
            flagged,
            late,
            escalated,
            ends_before,
            notice_overdue,
        } = input;
        Self {
            states: each_once(states),
            order: order.map(Into::into),
            executor: executor.map(Into::into),
            action: action.map(Into::into),
            overdue,
            flagged,
            late,
            escalated: each_once(escalated),
            ends_before: ends_before.map(Into::into),
            notice_overdue,
        }
    }
}

/// 收件箱的筛选条件 / The open tasks of an executor, the most pressing first.
#[derive(Default, InputObject)]
pub(crate) struct InboxFilter {
    /// 状态，任一；缺省为执行单位有事可做的全部状态 / In one of these states; all in which the executor has something to do if empty.
    #[graphql(default)]
    pub(crate) states: Vec<TaskState>,
    /// 方向 / Imposing or releasing.
    pub(crate) action: Option<TaskAction>,
}

impl From<InboxFilter> for contract::InboxFilter {
    fn from(input: InboxFilter) -> Self {
        let InboxFilter { states, action } = input;
        Self { states: each_once(states), action: action.map(Into::into) }
    }
}

/// 答复对应的任务 / Which answer of an executor this is: the same identifier and content again has no second effect.
#[derive(InputObject)]
pub(crate) struct AnswerToInput {
    /// 任务 / Which task.
    pub(crate) task: Gid<TaskKind>,
    /// 代次 / Which generation of it.
    pub(crate) generation: i32,
    /// 回执标识 / The executor's own identifier of this answer, chosen once.
    pub(crate) receipt: Gid<ReceiptKind>,
}

impl From<AnswerToInput> for contract::AnswerTo {
    fn from(input: AnswerToInput) -> Self {
        let AnswerToInput { task, generation, receipt } = input;
        Self { task: task.into(), generation, receipt: receipt.into() }
    }
}

/// 执行证据 / What proves the execution.
#[derive(InputObject)]
pub(crate) struct EvidenceInput {
    /// 业务系统工单号 / The number of the order in the executor's business support system.
    pub(crate) bss_order: String,
    /// 停机类型 / The stop type as the executor's system names it.
    pub(crate) stop_type: String,
    /// 生效时间 / When it took effect.
    pub(crate) executed_at: DateTime,
    /// 实际限制的功能 / The functions that were really taken away, where functions were asked for.
    #[graphql(default)]
    pub(crate) functions: Vec<PhoneFunction>,
}

impl From<EvidenceInput> for contract::Evidence {
    fn from(input: EvidenceInput) -> Self {
        let EvidenceInput { bss_order, stop_type, executed_at, functions } = input;
        Self {
            bss_order,
            stop_type,
            executed_at: executed_at.into(),
            functions: functions.into_iter().map(Into::into).collect(),
        }
    }
}

/// 签收任务的输入 / Input of acknowledgeTask.
#[derive(InputObject)]
pub(crate) struct AcknowledgeTaskInput {
    /// 所答复的任务 / To what it answers.
    pub(crate) answer: AnswerToInput,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<AcknowledgeTaskInput> for contract::AcknowledgeTask {
    fn from(input: AcknowledgeTaskInput) -> Self {
        let AcknowledgeTaskInput { answer, idempotency_key: _ } = input;
        Self { answer: answer.into() }
    }
}

/// 开始执行的输入 / Input of beginTask.
#[derive(InputObject)]
pub(crate) struct BeginTaskInput {
    /// 所答复的任务 / To what it answers.
    pub(crate) answer: AnswerToInput,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<BeginTaskInput> for contract::BeginTask {
    fn from(input: BeginTaskInput) -> Self {
        let BeginTaskInput { answer, idempotency_key: _ } = input;
        Self { answer: answer.into() }
    }
}

/// 回执：已执行的输入 / Input of executeTask.
#[derive(InputObject)]
pub(crate) struct ExecuteTaskInput {
    /// 所答复的任务 / To what it answers.
    pub(crate) answer: AnswerToInput,
    /// 执行凭证 / What proves it.
    pub(crate) evidence: EvidenceInput,
    /// 是否部分执行 / Whether only a part could be carried out.
    #[graphql(default)]
    pub(crate) partial: bool,
    /// 备注 / What is missing, if it is a part.
    pub(crate) note: Option<String>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<ExecuteTaskInput> for contract::ExecuteTask {
    fn from(input: ExecuteTaskInput) -> Self {
        let ExecuteTaskInput { answer, evidence, partial, note, idempotency_key: _ } = input;
        Self { answer: answer.into(), evidence: evidence.into(), partial, note }
    }
}

/// 退件的输入 / Input of refuseTask.
#[derive(InputObject)]
pub(crate) struct RefuseTaskInput {
    /// 所答复的任务 / To what it answers.
    pub(crate) answer: AnswerToInput,
    /// 代码 / Why.
    pub(crate) code: TaskRefusalCode,
    /// 文本 / In words.
    pub(crate) text: String,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<RefuseTaskInput> for contract::RefuseTask {
    fn from(input: RefuseTaskInput) -> Self {
        let RefuseTaskInput { answer, code, text, idempotency_key: _ } = input;
        Self { answer: answer.into(), code: code.into(), text }
    }
}

/// 声明非本企业对象的输入 / Input of disownTask.
#[derive(InputObject)]
pub(crate) struct DisownTaskInput {
    /// 所答复的任务 / To what it answers.
    pub(crate) answer: AnswerToInput,
    /// 归属 / Whose it is.
    pub(crate) not_mine: NotMineInput,
    /// 备注 / In words.
    pub(crate) note: Option<String>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<DisownTaskInput> for contract::DisownTask {
    fn from(input: DisownTaskInput) -> Self {
        let DisownTaskInput { answer, not_mine, note, idempotency_key: _ } = input;
        Self { answer: answer.into(), not_mine: not_mine.into(), note }
    }
}

/// 执行失败的输入 / Input of failTask.
#[derive(InputObject)]
pub(crate) struct FailTaskInput {
    /// 所答复的任务 / To what it answers.
    pub(crate) answer: AnswerToInput,
    /// 理由 / Why.
    pub(crate) reason: String,
    /// 重试时间 / When the executor means to try again; by the platform's plan if absent.
    pub(crate) retry_at: Option<DateTime>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<FailTaskInput> for contract::FailTask {
    fn from(input: FailTaskInput) -> Self {
        let FailTaskInput { answer, reason, retry_at, idempotency_key: _ } = input;
        Self { answer: answer.into(), reason, retry_at: retry_at.map(Into::into) }
    }
}

/// 核验任务的输入 / Input of verifyTask.
#[derive(InputObject)]
pub(crate) struct VerifyTaskInput {
    /// 任务 / Which task.
    pub(crate) task: Gid<TaskKind>,
    /// 所核验的代次 / Which generation was checked.
    pub(crate) generation: i32,
    /// 措施是否确已生效或确已解除 / Whether the measure really holds, or is really gone.
    pub(crate) passed: bool,
    /// 方式 / How it was checked.
    pub(crate) method: VerifyMethod,
    /// 说明 / In words.
    pub(crate) note: Option<String>,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<VerifyTaskInput> for contract::VerifyTask {
    fn from(input: VerifyTaskInput) -> Self {
        let VerifyTaskInput { task, generation, passed, method, note, idempotency_key: _ } = input;
        Self { task: task.into(), generation, passed, method: method.into(), note }
    }
}

/// 重新下发的输入 / Input of reissueTask.
#[derive(InputObject)]
pub(crate) struct ReissueTaskInput {
    /// 任务 / Which task.
    pub(crate) task: Gid<TaskKind>,
    /// 所作的更正或说明 / What was fixed or explained.
    pub(crate) reason: String,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<ReissueTaskInput> for contract::ReissueTask {
    fn from(input: ReissueTaskInput) -> Self {
        let ReissueTaskInput { task, reason, idempotency_key: _ } = input;
        Self { task: task.into(), reason }
    }
}

/// 撤销任务的输入 / Input of dropTask.
#[derive(InputObject)]
pub(crate) struct DropTaskInput {
    /// 任务 / Which task.
    pub(crate) task: Gid<TaskKind>,
    /// 理由 / Why.
    pub(crate) reason: String,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<DropTaskInput> for contract::DropTask {
    fn from(input: DropTaskInput) -> Self {
        let DropTaskInput { task, reason, idempotency_key: _ } = input;
        Self { task: task.into(), reason }
    }
}

/// 撤回单个任务的输入 / Input of withdrawTask.
#[derive(InputObject)]
pub(crate) struct WithdrawTaskInput {
    /// 任务 / Which task.
    pub(crate) task: Gid<TaskKind>,
    /// 所见版本 / The version of the task that was read.
    pub(crate) version: Long,
    /// 理由 / Why.
    pub(crate) reason: String,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<WithdrawTaskInput> for contract::WithdrawTask {
    fn from(input: WithdrawTaskInput) -> Self {
        let WithdrawTaskInput { task, version, reason, idempotency_key: _ } = input;
        Self { task: task.into(), version: version.into(), reason }
    }
}

/// 人工派单的输入 / Input of routeTask.
#[derive(InputObject)]
pub(crate) struct RouteTaskInput {
    /// 任务 / Which task.
    pub(crate) task: Gid<TaskKind>,
    /// 执行单位 / To whom.
    pub(crate) executor: Gid<OrganisationIdKind>,
    /// 理由 / Why.
    pub(crate) reason: String,
    /// 幂等键：同一机构、同键同输入只生效一次 / The idempotency key: the same key and input of one organisation take effect once.
    pub(crate) idempotency_key: Option<String>,
}

impl From<RouteTaskInput> for contract::RouteTask {
    fn from(input: RouteTaskInput) -> Self {
        let RouteTaskInput { task, executor, reason, idempotency_key: _ } = input;
        Self { task: task.into(), executor: executor.into(), reason }
    }
}

/// 对象归属：两项均不填表示不明 / Whose a target is; neither member means that it is not known.
#[derive(InputObject)]
pub(crate) struct NotMineInput {
    /// 已携转至该企业 / It was ported to this enterprise.
    pub(crate) ported_to: Option<Gid<OrganisationIdKind>>,
    /// 属于该转售企业 / It belongs to this resale enterprise.
    pub(crate) mvno: Option<Gid<OrganisationIdKind>>,
}

impl From<NotMineInput> for contract::NotMine {
    fn from(input: NotMineInput) -> Self {
        match (input.ported_to, input.mvno) {
            (Some(organisation), _) => Self::PortedTo { organisation: organisation.into() },
            (None, Some(organisation)) => Self::Mvno { organisation: organisation.into() },
            (None, None) => Self::Unknown,
        }
    }
}
