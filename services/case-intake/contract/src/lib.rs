//! What others may know of case intake: reports, findings, imports, cases, clue queries, clues and major-case bulletins, the
//! calls that read and move them, and the events that say so.
//!
//! This crate must not know how any of it is stored, sealed, extracted or decided, nor anything of GraphQL or HTTP. Personal
//! values appear here masked; the few answers that hold them in the clear are named `Revealed…` or `SubjectValue`.

mod bulletin;
mod calls;
mod case;
mod clue;
mod clue_query;
mod events;
mod finding;
mod history;
mod import;
mod names;
mod report;

pub use bulletin::{
    Bulletin, BulletinFilter, BulletinStatus, BulletinStep, BulletinTrigger, DraftBulletin, FileTraceBack, Handling,
    Liability, MoveBulletin, RevealTraceBack, RevealedTraceBack, TraceBack, TraceBackForm, TraceBackStatus,
};
pub use calls::{CaseIntakeClient, CaseIntakeServer};
pub use case::{
    Case, CaseFilter, CaseIdentifier, CaseMerge, CaseStatus, CaseStep, ChangeCaseReports, ChangeParticipants,
    MergeCases, MoveCase, OpenCase, PageOfCase, SubjectValue, SubjectsForDisposal, UnmergeCases,
};
pub use clue::{
    AssessClue, Assessment, Clue, ClueFilter, ClueKind, ClueStatus, ClueStep, MoveClue, RevealClue, RevealedClue,
    SubmitClue,
};
pub use clue_query::{
    AnswerClueQuery, AnswerOutcome, ClueQuery, ClueQueryFilter, ClueQueryStatus, ClueQueryStep, ClueQueryType,
    DraftClueQuery, ItemAnswer, MoveClueQuery, NewQueryItem, QueryItem, RevealAnswer, RevealedAnswer, Urgency,
};
pub use events::{Change, Changes, topic};
pub use finding::{Confidence, Finding, ReportCases, RevealFinding, RevealedFinding, Span};
pub use history::{CalendarDay, History, HistoryEntry, HistoryOf, SetCalendarDay};
pub use import::{
    Accept, BadRow, BadRowCode, CommitImport, ErrorFile, FileFormat, Import, ImportCounts, ImportStatus,
    REPORT_COLUMNS, StartImport, TextEncoding,
};
pub use report::{
    Channel, FileReport, FraudType, MoveReport, Report, ReportFilter, ReportStatus, ReportStep, RevealReport,
    RevealedReport, TAXONOMY_VERSION,
};
