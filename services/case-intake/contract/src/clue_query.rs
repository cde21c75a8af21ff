//! Clue queries 线索查询 to enterprises.

use cordon_context::{CaseId, ClueQueryId, OrganisationId, PersonId, QueryItemId, SubjectId, Timestamp};
use cordon_identifier::Kind;
use serde::{Deserialize, Serialize};

use crate::names::named;

named! {
    /// How urgent a query is.
    Urgency {
        /// 特急.
        Flash = "flash",
        /// 紧急.
        Urgent = "urgent",
        /// 一般.
        Routine = "routine",
    }
}

named! {
    /// What is asked about a subject.
    ClueQueryType {
        /// 机主实名: the holder's registration.
        HolderRealName = "holder_real_name",
        /// 开卡渠道与受理人: where and by whom it was opened.
        OpeningChannel = "opening_channel",
        /// 名下其他卡: other cards of the same holder.
        OtherCards = "other_cards",
        /// 同 IMEI / 同址: cards in the same device or at the same address.
        SameDeviceOrAddress = "same_device_or_address",
        /// 通联对端: whom it talked to; sensitive.
        CallPeers = "call_peers",
        /// 关联账号: accounts bound to it.
        LinkedAccounts = "linked_accounts",
        /// 域名注册/解析/备案.
        DomainRecords = "domain_records",
        /// 端口签约主体: who holds the message port.
        PortHolder = "port_holder",
    }
}

named! {
    /// How far a query has come.
    ClueQueryStatus {
        /// Being written.
        Draft = "draft",
        /// Agreed to, with the number of its legal document.
        Approved = "approved",
        /// Sent to the enterprise.
        Issued = "issued",
        /// Some items are answered.
        PartlyAnswered = "partly_answered",
        /// Every item is answered.
        Answered = "answered",
        /// The answers were used and rated.
        Used = "used",
        /// Done.
        Closed = "closed",
        /// Taken back before it was answered.
        Withdrawn = "withdrawn",
    }
}

named! {
    /// What an answer to one item amounts to.
    AnswerOutcome {
        /// Everything that was asked.
        Full = "full",
        /// A part of it; the rest follows or does not exist.
        Partial = "partial",
        /// Nothing is known.
        None = "none",
    }
}

/// One question of a query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryItem {
    /// The item's identifier.
    pub id: QueryItemId,
    /// Its query.
    pub query: ClueQueryId,
    /// What is asked.
    pub query_type: ClueQueryType,
    /// About which subject.
    pub subject: SubjectId,
    /// What the subject is.
    pub kind: Kind,
    /// The subject's normal form: in the clear for the enterprise that is asked, masked for others if the kind is personal.
    pub value: String,
    /// What the answer amounts to, once there is one.
    pub outcome: Option<AnswerOutcome>,
    /// When it was answered last.
    pub answered_at: Option<Timestamp>,
    /// Whether the answer was taken out of view because its time was over.
    pub expired: bool,
}

/// A query to one enterprise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClueQuery {
    /// The query's identifier.
    pub id: ClueQueryId,
    /// Its number: `XC-<region>-<date>-<sequence>`.
    pub number: String,
    /// For which case.
    pub case: CaseId,
    /// The organisation that asks.
    pub organisation: OrganisationId,
    /// The enterprise that is asked.
    pub addressee: OrganisationId,
    /// How urgent it is.
    pub urgency: Urgency,
    /// How far it has come.
    pub status: ClueQueryStatus,
    /// Who wrote it.
    pub drafted_by: Option<PersonId>,
    /// Who agreed to it.
    pub approved_by: Option<PersonId>,
    /// The number of its legal document, once approved.
    pub document_number: Option<String>,
    /// What is asked.
    pub items: Vec<QueryItem>,
    /// When the answers are due, once issued.
    pub due_at: Option<Timestamp>,
    /// Whether the answers are late, or were.
    pub overdue: bool,
    /// How good the answers were, from 1 to 5, once rated.
    pub quality: Option<u8>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was issued.
    pub issued_at: Option<Timestamp>,
    /// From when on its answers are out of view, once its case has ended.
    pub expires_at: Option<Timestamp>,
    /// Grows with every change; a change names the version that it saw.
    pub version: i64,
}

/// One question to be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewQueryItem {
    /// What is asked.
    pub query_type: ClueQueryType,
    /// About which subject of the case.
    pub subject: SubjectId,
}

/// Writes a query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftClueQuery {
    /// For which case.
    pub case: CaseId,
    /// To which enterprise.
    pub addressee: OrganisationId,
    /// How urgent it is.
    pub urgency: Urgency,
    /// What is asked, 1 to 200 items.
    pub items: Vec<NewQueryItem>,
}

/// One step of a query by those who ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum ClueQueryStep {
    /// Agrees to it; never by the one who wrote it.
    Approve {
        /// The number of the legal document.
        document_number: String,
    },
    /// Sends it to the enterprise.
    Issue,
    /// Says that the answers were used, and how good they were.
    Use {
        /// From 1 to 5.
        quality: u8,
        /// What there is to say about it, without personal data.
        note: Option<String>,
    },
    /// Ends it.
    Close,
    /// Takes it back.
    Withdraw {
        /// Why.
        reason: String,
    },
}

/// Moves a query one step on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveClueQuery {
    /// Which query.
    pub query: ClueQueryId,
    /// The version that the caller saw.
    pub version: i64,
    /// Which step.
    pub step: ClueQueryStep,
}

/// The answer to one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemAnswer {
    /// Which item.
    pub item: QueryItemId,
    /// What the answer amounts to.
    pub outcome: AnswerOutcome,
    /// The answer; empty when nothing is known. Stored sealed.
    pub text: String,
}

/// Answers some or all items of a query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerClueQuery {
    /// Which query.
    pub query: ClueQueryId,
    /// The version that the caller saw.
    pub version: i64,
    /// The answers.
    pub answers: Vec<ItemAnswer>,
}

/// Asks for an answer in the clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevealAnswer {
    /// The answer to which item.
    pub item: QueryItemId,
    /// Why; written to the ledger.
    pub purpose: String,
}

/// An answer in the clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevealedAnswer {
    /// The answer to which item.
    pub item: QueryItemId,
    /// What it amounts to.
    pub outcome: AnswerOutcome,
    /// The answer.
    pub text: String,
}

/// Which queries are wanted; every given condition must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClueQueryFilter {
    /// For this case.
    pub case: Option<CaseId>,
    /// To this enterprise.
    pub addressee: Option<OrganisationId>,
    /// One of these states.
    #[serde(default)]
    pub statuses: Vec<ClueQueryStatus>,
    /// One of these urgencies.
    #[serde(default)]
    pub urgencies: Vec<Urgency>,
    /// Only late ones, or only those that are not.
    pub overdue: Option<bool>,
}
