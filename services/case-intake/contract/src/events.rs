//! The events that case intake tells others, and the feed of changes to cases.

use cordon_context::{CaseId, Timestamp};
use serde::{Deserialize, Serialize};

/// Topics of events; payloads hold identifiers, states and counts, never personal data.
pub mod topic {
    /// Some reports were stored: `{import, count, findings, first, last}` or `{report}`.
    pub const REPORTS_STORED: &str = "case_intake.reports_stored";
    /// A report moved on: `{report, status}`.
    pub const REPORT_MOVED: &str = "case_intake.report_moved";
    /// An import moved on: `{import, status}`.
    pub const IMPORT_MOVED: &str = "case_intake.import_moved";
    /// A case was opened: `{case, number, status, version}`.
    pub const CASE_OPENED: &str = "case_intake.case_opened";
    /// A case's reports, participants or state changed: `{case, number, status, version}`.
    pub const CASE_CHANGED: &str = "case_intake.case_changed";
    /// A case was withdrawn or not filed, so every measure in force has to be looked at again: `{case, number, status, version}`.
    pub const CASE_WITHDRAWN: &str = "case_intake.case_withdrawn";
    /// A case ended with a result: `{case, number, status, version}`.
    pub const CASE_CLOSED: &str = "case_intake.case_closed";
    /// A clue query moved on: `{query, case, status}`; its audience is the asker and, once issued, the addressee.
    pub const CLUE_QUERY_MOVED: &str = "case_intake.clue_query_moved";
    /// A clue moved on: `{clue, status}`; its audience is the sender and the addressee.
    pub const CLUE_MOVED: &str = "case_intake.clue_moved";
    /// A bulletin moved on: `{bulletin, case, status}`.
    pub const BULLETIN_MOVED: &str = "case_intake.bulletin_moved";
    /// A trace-back was filed: `{trace_back, bulletin, case, liability}`.
    pub const TRACE_BACK_FILED: &str = "case_intake.trace_back_filed";
    /// A deadline passed: `{what, id, organisation, due_at}`; a fact for the scorecard.
    pub const DEADLINE_MISSED: &str = "case_intake.deadline_missed";
}

/// What changed since a position, as far as the caller may know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// The changes, in order of commit.
    pub changes: Vec<Change>,
    /// The position after which to go on; it moves past changes that the caller may not know.
    pub next: i64,
    /// Whether more may be there already.
    pub more: bool,
}

/// One change to a case, in commit order, within the caller's reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The place in the order of commits; a client goes on after the last one that it saw.
    pub position: i64,
    /// When.
    pub at: Timestamp,
    /// What happened, one of [`topic`].
    pub topic: String,
    /// To which case.
    pub case: CaseId,
    /// The identifier of the thing of the case to which it happened, as text; the case itself unless another thing moved.
    pub subject: String,
}
