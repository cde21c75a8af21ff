//! Cases 案件.

use cordon_context::{CaseId, FindingId, MergeId, OrganisationId, Region, ReportId, SubjectId, Timestamp};
use cordon_identifier::{Kind, ProtectedEntry};
use serde::{Deserialize, Serialize};

use crate::names::named;
use crate::{Confidence, FraudType};

named! {
    /// How far a case has come.
    CaseStatus {
        /// 受理: taken in.
        Intake = "case_intake",
        /// 立案: filed.
        Filed = "filed",
        /// 不立案: not filed.
        NotFiled = "not_filed",
        /// 并案: merged into another case, and undone by unmerging.
        Merged = "merged",
        /// 侦结: closed.
        Closed = "closed",
        /// 撤案: withdrawn.
        Withdrawn = "withdrawn",
    }
}

/// A case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// The case's identifier.
    pub id: CaseId,
    /// Its number: `AJ-<region>-<date>-<sequence>`.
    pub number: String,
    /// What it is called.
    pub title: String,
    /// How far it has come.
    pub status: CaseStatus,
    /// The kind of fraud.
    pub fraud_type: FraudType,
    /// Where it is worked.
    pub region: Region,
    /// The organisation that works it.
    pub organisation: OrganisationId,
    /// The organisations that take part, the working one included.
    pub participants: Vec<OrganisationId>,
    /// The number of the filing document, once filed.
    pub filing_number: Option<String>,
    /// How many reports it holds.
    pub report_count: u64,
    /// What those reports lost, in cents of a yuan.
    pub loss_cents: i64,
    /// The cases into which it is merged.
    pub merged_into: Vec<CaseId>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Grows with every change; a change names the version that it saw.
    pub version: i64,
}

/// A part of a list that belongs to one case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageOfCase<T> {
    /// Which case.
    pub case: CaseId,
    /// The part.
    pub page: cordon_context::Page<T>,
}

/// Opens a case from reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenCase {
    /// What it is called, 1 to 200 characters, without personal data.
    pub title: String,
    /// The kind of fraud.
    pub fraud_type: FraudType,
    /// Where it is worked; the actor's region unless given, never outside it.
    pub region: Option<Region>,
    /// The reports to begin with, 1 to 500.
    pub reports: Vec<ReportId>,
    /// Other organisations that take part.
    pub participants: Vec<OrganisationId>,
}

/// Puts reports into a case or takes them out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeCaseReports {
    /// Which case.
    pub case: CaseId,
    /// The version that the caller saw.
    pub version: i64,
    /// Reports to put in.
    pub add: Vec<ReportId>,
    /// Reports to take out.
    pub remove: Vec<ReportId>,
}

/// Lets organisations take part in a case, or no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeParticipants {
    /// Which case.
    pub case: CaseId,
    /// The version that the caller saw.
    pub version: i64,
    /// Organisations that take part from now on.
    pub add: Vec<OrganisationId>,
    /// Organisations that take part no more; the working one stays.
    pub remove: Vec<OrganisationId>,
}

/// One step of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum CaseStep {
    /// 立案.
    File {
        /// The number of the filing document.
        filing_number: String,
    },
    /// 不立案.
    DoNotFile {
        /// Why not.
        reason: String,
    },
    /// 撤案; pushes a review of every measure in force.
    Withdraw {
        /// Why.
        reason: String,
    },
    /// 侦结.
    Close {
        /// With which result.
        result: String,
    },
}

/// Moves a case one step on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveCase {
    /// Which case.
    pub case: CaseId,
    /// The version that the caller saw.
    pub version: i64,
    /// Which step.
    pub step: CaseStep,
}

/// Merges cases 并案: every member joins every lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergeCases {
    /// The cases that go on, 1 to 20.
    pub leads: Vec<CaseId>,
    /// The cases that are merged into them, 1 to 100.
    pub members: Vec<CaseId>,
    /// Why.
    pub reason: String,
}

/// A merger of cases, which can be undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseMerge {
    /// The merger's identifier.
    pub id: MergeId,
    /// The cases that go on.
    pub leads: Vec<CaseId>,
    /// The cases that were merged into them.
    pub members: Vec<CaseId>,
    /// Why.
    pub reason: String,
    /// When.
    pub merged_at: Timestamp,
    /// When it was undone.
    pub undone_at: Option<Timestamp>,
}

/// Undoes a merger; each member without another merger goes back to where it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnmergeCases {
    /// Which merger.
    pub merge: MergeId,
    /// Why.
    pub reason: String,
}

/// Which cases are wanted; every given condition must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseFilter {
    /// With this number.
    pub number: Option<String>,
    /// One of these states.
    #[serde(default)]
    pub statuses: Vec<CaseStatus>,
    /// One of these kinds of fraud.
    #[serde(default)]
    pub fraud_types: Vec<FraudType>,
    /// In this region or below it.
    pub region: Option<Region>,
    /// In which this organisation takes part.
    pub participant: Option<OrganisationId>,
    /// Whose reports name this identifier, in any spelling.
    pub identifier: Option<String>,
    /// Whose reports name this subject.
    pub subject: Option<SubjectId>,
    /// Which hold this report.
    pub report: Option<ReportId>,
    /// Opened at this moment or later.
    pub opened_from: Option<Timestamp>,
    /// Opened before this moment.
    pub opened_to: Option<Timestamp>,
}

/// One distinct identifier of a case, over all its reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseIdentifier {
    /// In which case.
    pub case: CaseId,
    /// What it names.
    pub subject: SubjectId,
    /// What it is.
    pub kind: Kind,
    /// Its normal form, masked if the kind is personal.
    pub masked: String,
    /// What class of number it is by the number plan, such as `mvno` or `iot`; absent for what is no number.
    pub number_class: Option<String>,
    /// The network to which its segment was given, by code; portability may have moved it since.
    pub segment_network: Option<String>,
    /// In how many of the case's reports it stands.
    pub reports: u64,
    /// One finding through which it can be revealed.
    pub finding: FindingId,
    /// When the first of those reports was received.
    pub first_seen: Timestamp,
    /// When the last of those reports was received.
    pub last_seen: Timestamp,
    /// The highest confidence with which it was found.
    pub confidence: Confidence,
    /// The host of a page and the names above a name, as subjects, the nearest first.
    #[serde(default)]
    pub names_above: Vec<SubjectId>,
    /// The entry of the list that is part of the program that names it; the list that people keep is the disposal service's.
    pub protected: Option<ProtectedEntry>,
    /// Whether it is a victim's own number in one of the case's reports.
    pub victims_own: bool,
    /// Whether it may be proposed as a target as far as this service knows: neither protected nor a victim's own. Only a
    /// person makes it one.
    pub selectable: bool,
}

/// Asks for the values that a person chose as targets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectsForDisposal {
    /// The case from which they were chosen; all cases within reach unless given.
    pub case: Option<CaseId>,
    /// Which subjects, at most 10,000.
    pub subjects: Vec<SubjectId>,
}

/// A subject with its value in the clear, for the service that disposes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectValue {
    /// Which subject.
    pub subject: SubjectId,
    /// What it is.
    pub kind: Kind,
    /// Its normal form in the clear.
    pub value: String,
    /// Its normal form, masked if the kind is personal.
    pub masked: String,
    /// The cases within reach whose reports name it.
    pub cases: Vec<CaseId>,
    /// The entry of the protected list that names it.
    pub protected: Option<ProtectedEntry>,
    /// Whether it is a victim's own number in one of those cases.
    pub victims_own: bool,
}
