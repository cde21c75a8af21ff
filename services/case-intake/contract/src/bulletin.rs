//! Major-case bulletins 重大案件通报 with their trace-back tasks 倒查.

use cordon_context::{BulletinId, CaseId, OrganisationId, PersonId, SubjectId, Timestamp, TraceBackId};
use cordon_identifier::Kind;
use serde::{Deserialize, Serialize};

use crate::names::named;

named! {
    /// How far a bulletin has come.
    BulletinStatus {
        /// Being written.
        Draft = "draft",
        /// Agreed to.
        Approved = "approved",
        /// Sent to the authority and the enterprises.
        Sent = "sent",
        /// Every enterprise filed its trace-back.
        Found = "found",
        /// Done.
        Closed = "closed",
        /// Taken back before it was sent.
        Withdrawn = "withdrawn",
    }
}

named! {
    /// What makes a case a major one.
    BulletinTrigger {
        /// The loss reaches the threshold.
        Loss = "loss",
        /// The number of victims reaches the threshold.
        Victims = "victims",
        /// A death or another serious harm.
        SeriousHarm = "serious_harm",
        /// A gang that works across provinces.
        CrossProvince = "cross_province",
        /// A person's decision, with a reason.
        Decision = "decision",
    }
}

named! {
    /// How far a trace-back task has come.
    TraceBackStatus {
        /// The enterprise has to file.
        Open = "open",
        /// The enterprise has filed.
        Filed = "filed",
    }
}

named! {
    /// How far the enterprise's own people are liable, as it finds itself.
    Liability {
        /// Everything was done by the rules.
        None = "none",
        /// Management fell short.
        Management = "management",
        /// The person who served the customer broke the rules.
        Clerk = "clerk",
        /// The agent broke the rules.
        Agent = "agent",
        /// Not clear yet; more has to be found out.
        Unclear = "unclear",
    }
}

named! {
    /// Where the subject was opened.
    Handling {
        /// At home: in its own local network.
        Local = "local",
        /// Elsewhere.
        Elsewhere = "elsewhere",
        /// Online.
        Online = "online",
    }
}

/// A major-case bulletin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bulletin {
    /// The bulletin's identifier.
    pub id: BulletinId,
    /// Its number: `TB-<region>-<date>-<sequence>`.
    pub number: String,
    /// About which case.
    pub case: CaseId,
    /// The police organ that wrote it.
    pub organisation: OrganisationId,
    /// The communications authority that gets it.
    pub authority: OrganisationId,
    /// The enterprises that get it.
    pub enterprises: Vec<OrganisationId>,
    /// Why the case is a major one.
    pub triggers: Vec<BulletinTrigger>,
    /// Its title.
    pub title: String,
    /// What it says, without personal data.
    pub text: String,
    /// How far it has come.
    pub status: BulletinStatus,
    /// Who wrote it.
    pub drafted_by: Option<PersonId>,
    /// Who agreed to it.
    pub approved_by: Option<PersonId>,
    /// When the trace-backs are due, once sent.
    pub due_at: Option<Timestamp>,
    /// Whether a trace-back is late, or was.
    pub overdue: bool,
    /// What was found, once closed.
    pub finding: Option<String>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was sent.
    pub sent_at: Option<Timestamp>,
    /// Grows with every change; a change names the version that it saw.
    pub version: i64,
}

/// One enterprise's task to trace one subject back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceBack {
    /// The task's identifier.
    pub id: TraceBackId,
    /// Of which bulletin.
    pub bulletin: BulletinId,
    /// Which enterprise has to do it.
    pub enterprise: OrganisationId,
    /// Which subject.
    pub subject: SubjectId,
    /// What the subject is.
    pub kind: Kind,
    /// The subject's normal form: in the clear for the enterprise, masked for others if the kind is personal.
    pub value: String,
    /// How far it has come.
    pub status: TraceBackStatus,
    /// When it is due, once the bulletin is sent.
    pub due_at: Option<Timestamp>,
    /// Whether it is late, or was.
    pub overdue: bool,
    /// What the enterprise found about itself, once filed.
    pub liability: Option<Liability>,
    /// When it was filed.
    pub filed_at: Option<Timestamp>,
    /// Grows with every change; a change names the version that it saw.
    pub version: i64,
}

/// The trace-back form 倒查表: how a subject came into the world and how it was checked. Stored sealed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TraceBackForm {
    /// 入网时间.
    pub opened_at: Option<Timestamp>,
    /// 在网时长, in months.
    pub months_in_network: Option<u32>,
    /// 新装 rather than 存量.
    pub newly_opened: Option<bool>,
    /// 入网属地.
    pub home_location: Option<String>,
    /// 属地/非属地办理.
    pub handling: Option<Handling>,
    /// 机主.
    pub holder: Option<String>,
    /// 证件地址.
    pub document_address: Option<String>,
    /// 政企 rather than 个人.
    pub corporate: Option<bool>,
    /// 名下号码: how many numbers the holder has.
    pub numbers_of_holder: Option<u32>,
    /// 年龄.
    pub age: Option<u8>,
    /// 代理商.
    pub agent: Option<String>,
    /// 受理厅店.
    pub outlet: Option<String>,
    /// 受理人工号.
    pub clerk_number: Option<String>,
    /// 受理人姓名.
    pub clerk_name: Option<String>,
    /// 同时办理的卡: how many cards were opened with it.
    pub opened_together: Option<u32>,
    /// 套餐.
    pub plan: Option<String>,
    /// 融合业务.
    pub bundled: Option<bool>,
    /// 宽带.
    pub broadband: Option<bool>,
    /// 主卡 rather than 副卡.
    pub main_card: Option<bool>,
    /// 是否合规受理.
    pub opened_by_the_rules: Option<bool>,
    /// 涉诈前是否有复通.
    pub resumed_before: Option<bool>,
    /// 复通是否规范.
    pub resumed_by_the_rules: Option<bool>,
    /// 是否本人/亲属使用.
    pub used_by_holder: Option<bool>,
    /// 警企协同.
    pub police_cooperation: Option<String>,
    /// 户主备注.
    pub holder_remark: Option<String>,
    /// 异常场景.
    pub abnormal_scene: Option<String>,
    /// 反馈.
    pub remark: Option<String>,
}

/// Writes a bulletin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftBulletin {
    /// About which case.
    pub case: CaseId,
    /// The communications authority that gets it.
    pub authority: OrganisationId,
    /// The subjects to be traced back and by which enterprise, 1 to 200.
    pub trace_backs: Vec<(OrganisationId, SubjectId)>,
    /// What a person knows beside what the reports count: serious harm, or a decision.
    pub triggers: Vec<BulletinTrigger>,
    /// Its title, 1 to 200 characters.
    pub title: String,
    /// What it says, without personal data, 1 to 20,000 characters.
    pub text: String,
}

/// One step of a bulletin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum BulletinStep {
    /// Agrees to it; never by the one who wrote it.
    Approve,
    /// Sends it.
    Send,
    /// Ends it with a finding.
    Close {
        /// What was found.
        finding: String,
    },
    /// Takes it back.
    Withdraw {
        /// Why.
        reason: String,
    },
}

/// Moves a bulletin one step on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveBulletin {
    /// Which bulletin.
    pub bulletin: BulletinId,
    /// The version that the caller saw.
    pub version: i64,
    /// Which step.
    pub step: BulletinStep,
}

/// Files a trace-back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileTraceBack {
    /// Which task.
    pub trace_back: TraceBackId,
    /// The version that the caller saw.
    pub version: i64,
    /// What the enterprise finds about itself.
    pub liability: Liability,
    /// The form.
    pub form: TraceBackForm,
}

/// Asks for a filed form in the clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevealTraceBack {
    /// Of which task.
    pub trace_back: TraceBackId,
    /// Why; written to the ledger.
    pub purpose: String,
}

/// A filed form in the clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevealedTraceBack {
    /// Of which task.
    pub trace_back: TraceBackId,
    /// The form.
    pub form: TraceBackForm,
}

/// Which bulletins are wanted; every given condition must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulletinFilter {
    /// About this case.
    pub case: Option<CaseId>,
    /// One of these states.
    #[serde(default)]
    pub statuses: Vec<BulletinStatus>,
    /// Only late ones, or only those that are not.
    pub overdue: Option<bool>,
}
