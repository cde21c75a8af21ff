//! What happened to a thing, step by step, and the working-day table from which deadlines are counted.

use chrono::NaiveDate;
use cordon_context::{BulletinId, CaseId, ClueId, ClueQueryId, OrganisationId, ReportId, Timestamp};
use serde::{Deserialize, Serialize};

/// Whose history is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "of", content = "id")]
pub enum HistoryOf {
    /// A report's.
    Report(ReportId),
    /// A case's.
    Case(CaseId),
    /// A clue query's.
    ClueQuery(ClueQueryId),
    /// A clue's.
    Clue(ClueId),
    /// A bulletin's.
    Bulletin(BulletinId),
}

/// The history of one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// Whose.
    pub of: HistoryOf,
    /// Step by step.
    pub entries: Vec<HistoryEntry>,
}

/// One step in a history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// Grows within one history, from 1.
    pub sequence: i64,
    /// When.
    pub at: Timestamp,
    /// What was done, by the name of the step.
    pub step: String,
    /// The state before, by name; absent for the first entry.
    pub from: Option<String>,
    /// The state after, by name.
    pub to: String,
    /// Who, as a stable text that names no person.
    pub party: String,
    /// For which organisation.
    pub organisation: OrganisationId,
    /// What was said about it.
    pub note: Option<String>,
}

/// A day that differs from the plain week: a holiday, or a weekend day on which people work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarDay {
    /// The day, in Chinese standard time.
    pub date: NaiveDate,
    /// Whether people work on it.
    pub working: bool,
    /// What it is.
    pub name: String,
}

/// Enters a day into the working-day table, or takes it out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetCalendarDay {
    /// The day.
    pub date: NaiveDate,
    /// Whether people work on it; absent takes the day out, so that the plain week holds again.
    pub working: Option<bool>,
    /// What it is, at most 64 characters.
    pub name: String,
}
