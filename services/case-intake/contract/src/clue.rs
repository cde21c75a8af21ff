//! Clues that enterprises send in, and the feedback that they are owed (article 26).

use cordon_context::{CaseId, ClueId, OrganisationId, Region, SubjectId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::names::named;

named! {
    /// What a clue is about.
    ClueKind {
        /// 猫池、GoIP 窝点.
        SimBox = "sim_box",
        /// 改号、虚假主叫.
        CallerSpoofing = "caller_spoofing",
        /// 涉诈号码.
        SuspectedNumber = "suspected_number",
        /// 涉诈账号.
        SuspectedAccount = "suspected_account",
        /// 涉诈网站、应用.
        SuspectedSite = "suspected_site",
        /// 异常办卡、养卡.
        AbnormalCards = "abnormal_cards",
        /// Anything else.
        Other = "other",
    }
}

named! {
    /// How far a clue has come.
    ClueStatus {
        /// Sent in.
        Submitted = "submitted",
        /// Taken by the organ to which it was sent.
        Received = "received",
        /// 需补充: the enterprise has to add something.
        MoreNeeded = "more_needed",
        /// 采纳.
        Adopted = "adopted",
        /// 不采纳.
        NotAdopted = "not_adopted",
        /// Something was done on it.
        Acted = "acted",
        /// The enterprise was told what became of it.
        FeedbackSent = "feedback_sent",
    }
}

named! {
    /// What an assessment says.
    Assessment {
        /// 采纳.
        Adopted = "adopted",
        /// 不采纳.
        NotAdopted = "not_adopted",
        /// 需补充.
        MoreNeeded = "more_needed",
    }
}

/// A clue from an enterprise, with its personal fields masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clue {
    /// The clue's identifier.
    pub id: ClueId,
    /// Its number: `XS-<region>-<date>-<sequence>`.
    pub number: String,
    /// What it is about.
    pub kind: ClueKind,
    /// The enterprise that sent it.
    pub organisation: OrganisationId,
    /// The organ to which it was sent.
    pub addressee: OrganisationId,
    /// Where it happened.
    pub region: Region,
    /// How far it has come.
    pub status: ClueStatus,
    /// The text, masked.
    pub text_masked: String,
    /// The subjects that its text names.
    pub subjects: Vec<SubjectId>,
    /// The case on which it was acted.
    pub case: Option<CaseId>,
    /// What the enterprise was told.
    pub feedback: Option<String>,
    /// When the feedback is due.
    pub feedback_due_at: Timestamp,
    /// Whether the feedback is late, or was.
    pub overdue: bool,
    /// When it was sent in.
    pub submitted_at: Timestamp,
    /// Grows with every change; a change names the version that it saw.
    pub version: i64,
}

/// Sends a clue in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmitClue {
    /// What it is about.
    pub kind: ClueKind,
    /// To which organ.
    pub addressee: OrganisationId,
    /// Where it happened.
    pub region: Region,
    /// What was seen, 1 to 20,000 characters. Stored sealed.
    pub text: String,
}

/// One step of a clue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum ClueStep {
    /// Takes it.
    Receive,
    /// Adds what was asked for; by the enterprise. Stored sealed behind the text.
    Supplement {
        /// What is added.
        text: String,
    },
    /// Says what was done on it.
    Act {
        /// On which case.
        case: Option<CaseId>,
        /// What was done, without personal data.
        note: String,
    },
    /// Tells the enterprise what became of it.
    SendFeedback {
        /// What it is told.
        text: String,
    },
}

/// Moves a clue one step on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveClue {
    /// Which clue.
    pub clue: ClueId,
    /// The version that the caller saw.
    pub version: i64,
    /// Which step.
    pub step: ClueStep,
}

/// Assesses a clue 研判.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssessClue {
    /// Which clue.
    pub clue: ClueId,
    /// The version that the caller saw.
    pub version: i64,
    /// What the assessment says.
    pub assessment: Assessment,
    /// Why, without personal data.
    pub reason: String,
}

/// Asks for a clue's text in the clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevealClue {
    /// Which clue.
    pub clue: ClueId,
    /// Why; written to the ledger.
    pub purpose: String,
}

/// A clue's text in the clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevealedClue {
    /// Which clue.
    pub clue: ClueId,
    /// The text, supplements behind it.
    pub text: String,
}

/// Which clues are wanted; every given condition must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClueFilter {
    /// Sent by this enterprise.
    pub organisation: Option<OrganisationId>,
    /// Sent to this organ.
    pub addressee: Option<OrganisationId>,
    /// About one of these.
    #[serde(default)]
    pub kinds: Vec<ClueKind>,
    /// One of these states.
    #[serde(default)]
    pub statuses: Vec<ClueStatus>,
    /// Only those whose feedback is late, or only those whose is not.
    pub overdue: Option<bool>,
}
