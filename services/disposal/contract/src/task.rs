//! Tasks: one target at one executor, with its own state and its own clock.

use cordon_context::{ItemId, OrderId, OrganisationId, PersonId, ReceiptId, Region, TaskId, Timestamp, VerificationId};
use cordon_identifier::Kind;
use serde::{Deserialize, Serialize};

use crate::vocabulary::vocabulary;
use crate::{Measure, PendingRenewal, PhoneFunction, Subject, TargetKind, Urgency};

vocabulary! {
    /// Where a task stands.
    TaskState {
        /// Waits at the exception desk for a person who routes it.
        Desk = "desk",
        /// 已下发.
        Issued = "issued",
        /// 已签收.
        Received = "received",
        /// 执行中.
        Executing = "executing",
        /// 已执行, not confirmed yet.
        Executed = "executed",
        /// The confirmation failed; the executor must do it again.
        VerifyFailed = "verify_failed",
        /// 退件: the executor refused with a code; the requester must fix or drop it.
        Rejected = "rejected",
        /// The execution failed; it is tried again by plan.
        Failed = "failed",
        /// 生效中.
        InForce = "in_force",
        /// A release is decided and on its way, or waits for other holders.
        ReleaseOrdered = "release_ordered",
        /// 已解除.
        Released = "released",
        /// 已撤回.
        Withdrawn = "withdrawn",
        /// Done: a release that was carried out and confirmed.
        Done = "done",
    }
}

impl TaskState {
    /// Whether nothing can happen to a task in this state any more.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Released | Self::Withdrawn | Self::Done)
    }

    /// Whether the executor has something to do.
    pub const fn waits_for_executor(self) -> bool {
        matches!(self, Self::Issued | Self::Received | Self::Executing | Self::VerifyFailed | Self::Failed)
    }
}

vocabulary! {
    /// In which direction a task goes.
    TaskAction {
        /// Carry the measure out.
        Impose = "impose",
        /// Undo the measure.
        Release = "release",
        /// 限制性恢复: let the target be called and make emergency calls, while the measure stands otherwise.
        LimitedResume = "limited_resume",
    }
}

vocabulary! {
    /// Why an executor refuses.
    RefusalCode {
        /// 字段不一致: the target does not fit its description; it must not be executed.
        Mismatch = "mismatch",
        /// 文书缺失.
        DocumentMissing = "document_missing",
        /// 号码不存在.
        NumberUnknown = "number_unknown",
        /// 已销户.
        AlreadyClosed = "already_closed",
        /// 超权限.
        BeyondPower = "beyond_power",
        /// 技术不可行.
        TechnicallyImpossible = "technically_impossible",
        /// 白名单.
        Whitelisted = "whitelisted",
    }
}

vocabulary! {
    /// Why a task waits at the exception desk.
    DeskReason {
        /// Nobody was found who answers for the target.
        Unroutable = "unroutable",
        /// It was passed on too often.
        TooManyHops = "too_many_hops",
        /// It could not be delivered.
        Undeliverable = "undeliverable",
        /// The executor does not know whose it is.
        OwnerUnknown = "owner_unknown",
        /// An earlier measure of the same kind on the target is being undone; it goes out when that is done.
        AwaitsRelease = "awaits_release",
        /// An appeal was upheld against what cannot be undone; a person must make it good.
        RestoreByHand = "restore_by_hand",
    }
}

vocabulary! {
    /// How far the present deadline is used up.
    Light {
        /// Less than half.
        Green = "green",
        /// Half or more.
        Yellow = "yellow",
        /// Four fifths or more.
        Red = "red",
        /// The deadline passed.
        Overdue = "overdue",
    }
}

vocabulary! {
    /// To whom a missed deadline was reported.
    Escalation {
        /// To nobody.
        None = "none",
        /// To the enterprise's lead.
        Enterprise = "enterprise",
        /// To the communications authority.
        Authority = "authority",
        /// To the ministry.
        Ministry = "ministry",
    }
}

/// 执行任务: one target at one executor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about a task")]
pub struct Task {
    /// Its identifier.
    pub id: TaskId,
    /// Its order.
    pub order: OrderId,
    /// The number of its order.
    pub order_number: String,
    /// Its item.
    pub item: ItemId,
    /// The organ that asks for it.
    pub requester: OrganisationId,
    /// The region of that organ.
    pub region: Region,
    /// Impose or release.
    pub action: TaskAction,
    /// The task that it undoes, if it is a release.
    pub reverses: Option<TaskId>,
    /// The target, masked.
    pub subject: Subject,
    /// What is done.
    pub measure: Measure,
    /// The functions that are taken away.
    pub functions: Vec<PhoneFunction>,
    /// How fast it is wanted.
    pub urgency: Urgency,
    /// Who executes; none while it waits at the desk.
    pub executor: Option<OrganisationId>,
    /// Grows whenever it goes to another executor or is issued again; answers to older generations are refused.
    pub generation: i32,
    /// How often it was passed on.
    pub hops: i32,
    /// Where it stands.
    pub state: TaskState,
    /// Why it waits at the desk.
    pub desk_reason: Option<DeskReason>,
    /// Whether it joined a measure that was in force already, so that nothing had to be executed.
    pub joined: bool,
    /// Whether only a part could be carried out.
    pub partial: bool,
    /// When it was issued for the first time.
    pub issued_at: Timestamp,
    /// When the present state was entered.
    pub entered_at: Timestamp,
    /// Until when the present step is due.
    pub due: Option<Timestamp>,
    /// How far that deadline is used up.
    pub light: Light,
    /// Whether a deadline was ever missed; the executor cannot clear it.
    pub overdue: bool,
    /// To whom the missed deadline was reported.
    pub escalation: Escalation,
    /// When it was executed.
    pub executed_at: Option<Timestamp>,
    /// Since when it is in force.
    pub effective_from: Option<Timestamp>,
    /// Until when it is in force; none means without end.
    pub effective_to: Option<Timestamp>,
    /// Whether an enterprise took it on its own finding.
    pub own_measure: bool,
    /// Since when the target can be called and make emergency calls again although the measure stands.
    pub limited_at: Option<Timestamp>,
    /// Whether an appeal against it is open.
    pub appealed: bool,
    /// Why it has to be looked at again, such as a withdrawn case.
    pub review_flag: Option<String>,
    /// A longer time in force that waits for an approval.
    pub renewal: Option<PendingRenewal>,
    /// The code of the last refusal.
    pub refusal: Option<RefusalCode>,
    /// When a failed execution is tried again.
    pub retry_at: Option<Timestamp>,
    /// The digest of the payload that was sent, in hexadecimal.
    pub payload_digest: Option<String>,
    /// Grows with every change.
    pub version: i64,
}

/// What an enterprise learns when it asks how a task stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskStatus {
    /// Which task.
    pub task: TaskId,
    /// The present generation; older ones must not be executed.
    pub generation: i32,
    /// Where it stands.
    pub state: TaskState,
    /// Impose or release.
    pub action: TaskAction,
    /// Whether the asking enterprise is still the executor.
    pub yours: bool,
    /// Until when the present step is due.
    pub due: Option<Timestamp>,
}

/// What an executor gets, in the clear, signed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskPayload {
    /// Always `cordon-task/1`.
    pub format: String,
    /// Which task.
    pub task: TaskId,
    /// Which generation of it.
    pub generation: i32,
    /// Impose or release.
    pub action: TaskAction,
    /// The order's number.
    pub order_number: String,
    /// The family of the target.
    pub target_kind: TargetKind,
    /// The precise kind of the target.
    pub identifier_kind: Kind,
    /// The target in its normal form.
    pub value: String,
    /// What is done.
    pub measure: Measure,
    /// The functions that are taken away.
    pub functions: Vec<PhoneFunction>,
    /// For a resumption in part: the measure under which the whole target must stand when it is carried out. Under anything else
    /// it came too late, and would take functions away from what is free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presupposes: Option<Measure>,
    /// How fast it is wanted.
    pub urgency: Urgency,
    /// The number of the document it rests on; empty on an emergency order whose paperwork follows.
    pub legal_basis: String,
    /// The organ that asks for it.
    pub requester: OrganisationId,
    /// The enterprise that executes.
    pub executor: OrganisationId,
    /// When this generation was issued.
    pub issued_at: Timestamp,
    /// Until when it must be acknowledged.
    pub acknowledge_due: Timestamp,
    /// Until when it must be executed.
    pub execute_due: Timestamp,
}

impl std::fmt::Debug for TaskPayload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TaskPayload")
            .field("task", &self.task)
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}

/// A payload with its signature.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedPayload {
    /// Which task.
    pub task: TaskId,
    /// Which generation.
    pub generation: i32,
    /// The bytes that were signed: a [`TaskPayload`] as JSON.
    pub body: String,
    /// The SHA-256 digest of the body, in hexadecimal.
    pub digest: String,
    /// The key that signed.
    pub key_id: String,
    /// The ed25519 signature, in hexadecimal.
    pub signature: String,
}

impl std::fmt::Debug for SignedPayload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedPayload")
            .field("task", &self.task)
            .field("generation", &self.generation)
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}

/// A public key with which payloads are signed, or were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayloadKey {
    /// Its identifier, as a payload names it.
    pub key_id: String,
    /// The 32 bytes of the ed25519 key, in hexadecimal.
    pub public_key: String,
    /// Whether it signs now; the others only still verify.
    pub current: bool,
}

/// Which answer of an executor this is: the same identifier and content again has no second effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerTo {
    /// Which task.
    pub task: TaskId,
    /// Which generation of it.
    pub generation: i32,
    /// The executor's own identifier of this answer, chosen once.
    pub receipt: ReceiptId,
}

/// 签收.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcknowledgeTask {
    /// To what it answers.
    pub answer: AnswerTo,
}

/// Says that the execution has begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeginTask {
    /// To what it answers.
    pub answer: AnswerTo,
}

/// What proves the execution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The number of the order in the executor's business support system.
    pub bss_order: String,
    /// The stop type as the executor's system names it.
    pub stop_type: String,
    /// When it took effect.
    pub executed_at: Timestamp,
    /// The functions that were really taken away, where functions were asked for.
    #[serde(default)]
    pub functions: Vec<PhoneFunction>,
}

/// 已执行.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecuteTask {
    /// To what it answers.
    pub answer: AnswerTo,
    /// What proves it.
    pub evidence: Evidence,
    /// Whether only a part could be carried out.
    #[serde(default)]
    pub partial: bool,
    /// What is missing, if it is a part.
    #[serde(default)]
    pub note: Option<String>,
}

/// 退件.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefuseTask {
    /// To what it answers.
    pub answer: AnswerTo,
    /// Why.
    pub code: RefusalCode,
    /// In words.
    pub text: String,
}

/// Whose a target is, if it is not the executor's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "whose")]
pub enum NotMine {
    /// It was ported away.
    PortedTo {
        /// To this enterprise.
        organisation: OrganisationId,
    },
    /// It belongs to a resale enterprise.
    Mvno {
        /// To this one.
        organisation: OrganisationId,
    },
    /// It is not known whose it is.
    Unknown,
}

/// Says that the target is not the executor's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisownTask {
    /// To what it answers.
    pub answer: AnswerTo,
    /// Whose it is.
    pub not_mine: NotMine,
    /// In words.
    #[serde(default)]
    pub note: Option<String>,
}

/// Says that the execution failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailTask {
    /// To what it answers.
    pub answer: AnswerTo,
    /// Why.
    pub reason: String,
    /// When the executor means to try again; by the platform's plan if absent.
    #[serde(default)]
    pub retry_at: Option<Timestamp>,
}

vocabulary! {
    /// What an answer of an executor said.
    ReceiptKind {
        /// Acknowledged.
        Acknowledged = "acknowledged",
        /// Begun.
        Begun = "begun",
        /// Executed.
        Executed = "executed",
        /// Refused.
        Refused = "refused",
        /// Not mine.
        NotMine = "not_mine",
        /// Failed.
        Failed = "failed",
    }
}

/// 回执: one answer of an executor that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Its identifier, chosen by the executor.
    pub id: ReceiptId,
    /// Which task.
    pub task: TaskId,
    /// Which generation.
    pub generation: i32,
    /// What it said.
    pub kind: ReceiptKind,
    /// Who answered.
    pub organisation: OrganisationId,
    /// When it was taken.
    pub at: Timestamp,
    /// What proves the execution.
    pub evidence: Option<Evidence>,
    /// The code of a refusal.
    pub refusal: Option<RefusalCode>,
    /// In words.
    pub note: Option<String>,
    /// The digest of the answer as it was taken, in hexadecimal.
    pub digest: String,
}

vocabulary! {
    /// How an execution was checked.
    VerifyMethod {
        /// Somebody dialled or tried.
        Trial = "trial",
        /// The home register was asked.
        Hlr = "hlr",
        /// The name was resolved.
        Dns = "dns",
        /// The address was fetched.
        Http = "http",
        /// The documents were checked.
        Documents = "documents",
    }
}

/// Confirms or disputes an execution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyTask {
    /// Which task.
    pub task: TaskId,
    /// Which generation was checked.
    pub generation: i32,
    /// Whether the measure really holds, or is really gone.
    pub passed: bool,
    /// How it was checked.
    pub method: VerifyMethod,
    /// In words.
    #[serde(default)]
    pub note: Option<String>,
}

/// 核验: one check of an execution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// Its identifier.
    pub id: VerificationId,
    /// Which task.
    pub task: TaskId,
    /// Which generation.
    pub generation: i32,
    /// Whether it passed.
    pub passed: bool,
    /// How it was checked.
    pub method: VerifyMethod,
    /// Who checked, if a person did.
    pub person: Option<PersonId>,
    /// For which organisation.
    pub organisation: OrganisationId,
    /// When.
    pub at: Timestamp,
    /// In words.
    pub note: Option<String>,
}

/// Sends a task out again after the requester fixed what the executor objected to. Where the objection was to what was ordered,
/// the first call asks for it and changes nothing, and an approver who is somebody else agrees with a second one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReissueTask {
    /// Which task.
    pub task: TaskId,
    /// What was fixed or explained.
    pub reason: String,
}

/// Takes a task off the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DropTask {
    /// Which task.
    pub task: TaskId,
    /// Why.
    pub reason: String,
}

/// Withdraws a task that was not carried out yet, as it was read; one person asks for it and another one agrees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithdrawTask {
    /// Which task.
    pub task: TaskId,
    /// The version that was read.
    pub version: i64,
    /// Why.
    pub reason: String,
}

/// Routes a task from the exception desk by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTask {
    /// Which task.
    pub task: TaskId,
    /// To whom.
    pub executor: OrganisationId,
    /// Why.
    pub reason: String,
}
