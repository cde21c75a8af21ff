//! The end of a measure: released, renewed, or looked at again.

use cordon_context::{CaseId, OrderId, OrganisationId, PersonId, ReleaseId, SubjectId, TaskId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::vocabulary::vocabulary;
use crate::{LegalBasis, Measure};

vocabulary! {
    /// Why a measure ends.
    ReleaseReason {
        /// 申诉成立.
        AppealUpheld = "appeal_upheld",
        /// 误录.
        EnteredByMistake = "entered_by_mistake",
        /// 撤案.
        CaseWithdrawn = "case_withdrawn",
        /// 到期.
        Expired = "expired",
        /// 复议或判决.
        Ruling = "ruling",
        /// 再核验通过.
        Reverified = "reverified",
        /// The order was withdrawn while it was being executed.
        OrderWithdrawn = "order_withdrawn",
        /// An enterprise's own measure that no named person of it confirmed in time.
        NotConfirmed = "not_confirmed",
        /// Another holder's release was consented to.
        CoHolderConsent = "co_holder_consent",
    }
}

vocabulary! {
    /// Where a release stands.
    ReleaseState {
        /// Other organs hold the same measure and have not consented.
        WaitingHolders = "waiting_holders",
        /// The release task is out.
        Ordered = "ordered",
        /// Carried out and confirmed.
        Done = "done",
    }
}

/// A decision that a measure ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Its identifier.
    pub id: ReleaseId,
    /// The task whose measure ends.
    pub task: TaskId,
    /// That task's order.
    pub order: OrderId,
    /// Why.
    pub reason: ReleaseReason,
    /// In words.
    pub note: Option<String>,
    /// The organ that decided.
    pub organisation: OrganisationId,
    /// The person who decided, if a person did.
    pub person: Option<PersonId>,
    /// When it was decided; the release deadline counts from here.
    pub at: Timestamp,
    /// Where it stands.
    pub state: ReleaseState,
    /// The organs that hold the same measure and have not consented.
    pub waiting_for: Vec<OrganisationId>,
    /// The task that undoes the measure.
    pub release_task: Option<TaskId>,
    /// Other measures of the same order that may be released as well, such as linked accounts.
    pub offered: Vec<TaskId>,
    /// When it was carried out and confirmed.
    pub done_at: Option<Timestamp>,
}

/// Decides that a measure ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRelease {
    /// The task whose measure ends.
    pub task: TaskId,
    /// Why.
    pub reason: ReleaseReason,
    /// In words.
    #[serde(default)]
    pub note: Option<String>,
    /// Whether it was stopped by mistake, so that the shortest deadline holds.
    #[serde(default)]
    pub by_mistake: bool,
}

/// Consents to a release that another holder decided; one's own hold on the measure ends with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentRelease {
    /// Which release.
    pub release: ReleaseId,
    /// In words.
    #[serde(default)]
    pub note: Option<String>,
}

/// Asks for a longer time in force; it takes the same approval as the order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenewMeasure {
    /// The task whose measure goes on.
    pub task: TaskId,
    /// Until when.
    pub effective_to: Timestamp,
    /// Why.
    pub reason: String,
    /// The document on which it rests from now on, if the one of the order does not reach so far.
    #[serde(default)]
    pub legal_basis: Option<LegalBasis>,
}

/// Agrees to a longer time in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApproveRenewal {
    /// The task whose measure goes on.
    pub task: TaskId,
    /// The version of the task that was read; what was asked for anew meanwhile is not agreed to.
    pub version: i64,
}

/// A longer time in force that somebody asked for and nobody agreed to yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingRenewal {
    /// Until when.
    pub effective_to: Timestamp,
    /// Why.
    pub reason: String,
    /// Who asked.
    pub asked_by: PersonId,
    /// The document that it rests on, if it is not the order's.
    pub legal_basis: Option<LegalBasis>,
}

/// Says that a flagged measure was looked at and goes on, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClearReviewFlag {
    /// Which task.
    pub task: TaskId,
    /// Why the measure goes on.
    pub reason: String,
}

/// A measure that is in force against a subject, as far as the caller may know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InForce {
    /// The subject.
    pub subject: SubjectId,
    /// The measure.
    pub measure: Measure,
    /// The task.
    pub task: TaskId,
    /// Its order.
    pub order: OrderId,
    /// Its order's number.
    pub order_number: String,
    /// The case of the order.
    pub case: Option<CaseId>,
    /// The organ that holds it.
    pub holder: OrganisationId,
    /// Who executes it.
    pub executor: Option<OrganisationId>,
    /// Since when; none while it is still on its way.
    pub effective_from: Option<Timestamp>,
    /// Until when.
    pub effective_to: Option<Timestamp>,
    /// Whether an appeal against it is open.
    pub appealed: bool,
}
