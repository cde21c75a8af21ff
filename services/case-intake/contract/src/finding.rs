//! Identifiers found in reports.

use cordon_context::{CaseId, FindingId, ReportId, SubjectId};
use cordon_identifier::{Kind, ProtectedEntry};
use serde::{Deserialize, Serialize};

/// How sure extraction is, in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Confidence(u8);

impl Confidence {
    /// Wraps a percentage; what lies above 100 counts as 100.
    pub const fn percent(value: u8) -> Self {
        Self(if value > 100 { 100 } else { value })
    }

    /// The percentage.
    pub const fn value(self) -> u8 {
        self.0
    }
}

/// A part of a text, counted in characters, the end excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Span {
    /// The first character.
    pub start: u32,
    /// The character after the last.
    pub end: u32,
}

/// An identifier found in a report's text. It proposes nothing: a person chooses what becomes a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The finding's identifier.
    pub id: FindingId,
    /// In which report.
    pub report: ReportId,
    /// What it names; the same in every report and every service for the same kind and normal form.
    pub subject: SubjectId,
    /// What it is.
    pub kind: Kind,
    /// Its normal form, masked if the kind is personal.
    pub masked: String,
    /// Where in the text.
    pub span: Span,
    /// How sure extraction is.
    pub confidence: Confidence,
    /// The rule that found it.
    pub rule: String,
    /// The disguises that were taken off.
    pub disguises: Vec<String>,
    /// The whole page address, if it is the host of one; what may name a person behind the host is hidden.
    pub page: Option<String>,
    /// The host of a page and the names above a name, as subjects, the nearest first.
    #[serde(default)]
    pub names_above: Vec<SubjectId>,
    /// The entry of the list that is part of the program that names it; the list that people keep is the disposal service's.
    pub protected: Option<ProtectedEntry>,
    /// Whether it is the victim's own number, which is never a target.
    pub victims_own: bool,
}

/// The cases that took a report in, within the caller's reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportCases {
    /// Which report.
    pub report: ReportId,
    /// Its cases.
    pub cases: Vec<CaseId>,
}

/// Asks for an identifier in the clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevealFinding {
    /// Which finding.
    pub finding: FindingId,
    /// Why; written to the ledger.
    pub purpose: String,
}

/// An identifier in the clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevealedFinding {
    /// Which finding.
    pub finding: FindingId,
    /// What it is.
    pub kind: Kind,
    /// Its normal form.
    pub value: String,
    /// How the text spelled it.
    pub as_written: String,
}
