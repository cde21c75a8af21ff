//! 申诉: the holder disagrees, and somebody who did not decide hears it.

use cordon_context::{AppealId, Bilingual, OrderId, OrganisationId, PersonId, Region, TaskId, Timestamp};
use cordon_identifier::Kind;
use serde::{Deserialize, Serialize};

use crate::vocabulary::vocabulary;
use crate::{Measure, Subject};

vocabulary! {
    /// Where an appeal stands.
    AppealState {
        /// Registered and forwarded to the organ that decided.
        Submitted = "submitted",
        /// Something is missing.
        SupplementNeeded = "supplement_needed",
        /// 受理.
        Accepted = "accepted",
        /// 不予受理.
        NotAccepted = "not_accepted",
        /// An officer who did not decide has it.
        Assigned = "assigned",
        /// 核查中.
        Verifying = "verifying",
        /// Decided; what was decided is not carried out yet.
        Decided = "decided",
        /// What was decided is carried out.
        Executed = "executed",
        /// The appellant was answered.
        Replied = "replied",
        /// 办结.
        Closed = "closed",
    }
}

vocabulary! {
    /// Through which door an appeal came.
    AppealChannel {
        /// A hall of an enterprise.
        Hall = "hall",
        /// An enterprise's service line or application.
        EnterpriseService = "enterprise_service",
        /// 96110.
        Hotline = "hotline",
        /// The window of a communications authority.
        Window = "window",
        /// By letter.
        Letter = "letter",
    }
}

vocabulary! {
    /// What was decided.
    AppealOutcome {
        /// The measure ends.
        Release = "release",
        /// A part of it ends.
        Partial = "partial",
        /// It stays.
        Maintain = "maintain",
    }
}

vocabulary! {
    /// Who may hear an appeal.
    Competence {
        /// The organ that gave the order.
        Instructing = "instructing",
        /// The enterprise that acted on its own.
        Enterprise = "enterprise",
        /// The superior of the organ that gave the order, once.
        Superior = "superior",
    }
}

/// One appeal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appeal {
    /// Its identifier.
    pub id: AppealId,
    /// Its number for the appellant, with a check character.
    pub number: String,
    /// The task it is against.
    pub task: TaskId,
    /// That task's order.
    pub order: OrderId,
    /// The target, masked.
    pub subject: Subject,
    /// The measure.
    pub measure: Measure,
    /// Where it stands.
    pub state: AppealState,
    /// Through which door it came.
    pub channel: AppealChannel,
    /// Who received and registered it (首问负责).
    pub received_by: OrganisationId,
    /// The organ that hears it.
    pub competent: OrganisationId,
    /// Why that organ.
    pub competence: Competence,
    /// The region of that organ.
    pub region: Region,
    /// Whether somebody acts for the holder.
    pub by_proxy: bool,
    /// The appellant's name, masked.
    pub appellant_masked: String,
    /// When it was registered.
    pub submitted_at: Timestamp,
    /// Until when it must be accepted or not.
    pub accept_due: Timestamp,
    /// Until when it must be decided.
    pub verify_due: Option<Timestamp>,
    /// When the target may be called and make emergency calls again if it is not decided by then; only against what an
    /// enterprise's model found.
    pub limited_resume_due: Option<Timestamp>,
    /// Whether that was extended.
    pub extended: bool,
    /// What is missing.
    pub supplement: Option<String>,
    /// Who hears it.
    pub officer: Option<PersonId>,
    /// What was decided.
    pub outcome: Option<AppealOutcome>,
    /// Why.
    pub decision_reason: Option<String>,
    /// Who decided.
    pub decided_by: Option<PersonId>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// When the appellant was answered.
    pub replied_at: Option<Timestamp>,
    /// The appeal of which this is the one review.
    pub review_of: Option<AppealId>,
    /// Whether a deadline was missed.
    pub overdue: bool,
    /// Grows with every change.
    pub version: i64,
}

/// Which measure an appeal is against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum AppealedMeasure {
    /// A task that is known.
    Task {
        /// Which.
        task: TaskId,
    },
    /// The number or account that the appellant names; the measure in force is looked up.
    Value {
        /// The text.
        text: String,
        /// What it is; found out if absent.
        #[serde(default)]
        kind: Option<Kind>,
    },
}

/// Registers an appeal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileAppeal {
    /// Against what.
    pub against: AppealedMeasure,
    /// Through which door it came.
    pub channel: AppealChannel,
    /// The appellant's name.
    pub appellant: String,
    /// How the appellant is reached.
    pub contact: String,
    /// What the appellant says.
    pub statement: String,
    /// The document that lets somebody act for the holder, if somebody does.
    #[serde(default)]
    pub proxy_document: Option<String>,
    /// What was handed in.
    #[serde(default)]
    pub documents: Vec<String>,
}

/// What the appellant gets: a number and a code with which to see the progress.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FiledAppeal {
    /// The appeal.
    pub appeal: Appeal,
    /// The code; it is shown once and kept only as a digest.
    pub code: String,
}

/// A step on an appeal that needs nothing but the appeal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppealStep {
    /// Which appeal.
    pub appeal: AppealId,
}

/// A step on an appeal that needs words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppealText {
    /// Which appeal.
    pub appeal: AppealId,
    /// The words.
    pub text: String,
}

/// Gives an appeal to an officer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignAppeal {
    /// Which appeal.
    pub appeal: AppealId,
    /// To whom.
    pub officer: PersonId,
}

/// Decides an appeal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecideAppeal {
    /// Which appeal.
    pub appeal: AppealId,
    /// What.
    pub outcome: AppealOutcome,
    /// Why.
    pub reason: String,
    /// The earlier end of the measure, where a part of it ends; needed for `partial` and for nothing else.
    #[serde(default)]
    pub effective_to: Option<Timestamp>,
}

/// What a citizen sees with number and code: no names, no organ's internals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppealProgress {
    /// The number.
    pub number: String,
    /// The target, masked.
    pub subject_masked: String,
    /// Where it stands.
    pub state: AppealState,
    /// The same in words.
    pub text: Bilingual,
    /// When it was registered.
    pub submitted_at: Timestamp,
    /// Until when the next step is due.
    pub due: Option<Timestamp>,
    /// What is missing.
    pub supplement: Option<String>,
    /// What was decided, once the appellant was answered.
    pub outcome: Option<AppealOutcome>,
}

/// Asks for the progress with number and code.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskProgress {
    /// The number.
    pub number: String,
    /// The code.
    pub code: String,
}

impl std::fmt::Debug for AskProgress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AskProgress").field("number", &self.number).finish_non_exhaustive()
    }
}

/// Which appeals are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppealFilter {
    /// In one of these states.
    #[serde(default)]
    pub states: Vec<AppealState>,
    /// Given to this officer.
    #[serde(default)]
    pub officer: Option<PersonId>,
    /// With this number.
    #[serde(default)]
    pub number: Option<String>,
    /// Past a deadline.
    #[serde(default)]
    pub overdue: bool,
}

/// Asks to see what an appellant said and handed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevealAppeal {
    /// Which appeal.
    pub appeal: AppealId,
    /// Why; it goes into the ledger.
    pub reason: String,
}

/// What an appellant said and handed in, in the clear.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevealedAppeal {
    /// Which appeal.
    pub appeal: AppealId,
    /// The appellant's name.
    pub appellant: String,
    /// How the appellant is reached.
    pub contact: String,
    /// What the appellant says.
    pub statement: String,
    /// What was handed in, and what was handed in later.
    pub documents: Vec<String>,
    /// What the appellant was answered.
    pub reply: Option<String>,
}

impl std::fmt::Debug for RevealedAppeal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RevealedAppeal").field("appeal", &self.appeal).finish_non_exhaustive()
    }
}
