//! Every number that an operator may change, with its unit.

use chrono::NaiveDate;
use cordon_calendar::{KnownDay, known_years};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The settings of case intake.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CaseIntakeSettings {
    /// Periods of reports.
    pub reports: ReportPeriods,
    /// Limits of imports.
    pub imports: ImportSettings,
    /// Deadlines of clue queries and how long their answers stay in view.
    pub clue_queries: ClueQuerySettings,
    /// The feedback that enterprises are owed.
    pub clues: ClueSettings,
    /// When a case is a major one, and how long trace-backs may take.
    pub bulletins: BulletinSettings,
    /// Days that differ from the plain week, before what the working-day table says.
    pub calendar: CalendarSettings,
    /// Jobs.
    pub jobs: JobSettings,
}

/// Periods of reports; proposals, to be set by the operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReportPeriods {
    /// Working days until a report is checked.
    pub screen_working_days: u32,
    /// Working days until a checked report is dispatched.
    pub dispatch_working_days: u32,
    /// Working days until a dispatched report is handled.
    pub handle_working_days: u32,
    /// Calendar days from receipt until the person who reported is answered.
    pub reply_calendar_days: u32,
}

impl Default for ReportPeriods {
    fn default() -> Self {
        Self { screen_working_days: 1, dispatch_working_days: 1, handle_working_days: 5, reply_calendar_days: 15 }
    }
}

/// Limits of imports. A file beyond them is refused as a whole and the limit is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ImportSettings {
    /// The folder into which uploads are stored and from which `start_import` reads.
    pub upload_folder: std::path::PathBuf,
    /// The largest file, in bytes.
    pub max_file_bytes: u64,
    /// The most data rows.
    pub max_rows: u64,
    /// The most columns, counted before they are known to be ours.
    pub max_columns: usize,
    /// The largest cell, in bytes.
    pub max_cell_bytes: usize,
    /// The most bytes into which a workbook may inflate, all parts together.
    pub max_inflated_bytes: u64,
    /// The most bytes of a workbook's shared strings, which its reader keeps in memory.
    pub max_shared_strings_bytes: u64,
    /// The most times by which a part of a workbook may be larger than its compressed form.
    pub max_inflation_ratio: u64,
    /// The most parts in a workbook.
    pub max_parts: usize,
    /// The most rows in one transaction.
    pub chunk_rows: usize,
    /// Bytes of text from which on a transaction takes no further row, so that long rows do not fill the memory.
    pub max_chunk_bytes: usize,
    /// Bad rows in one part of the error file.
    pub error_file_rows: u32,
    /// Seconds for which a process holds an import before another one may take it over.
    pub lease_seconds: u64,
    /// How often a file that the machine cannot read is tried before its import ends.
    pub read_attempts: u32,
    /// Hours after which an upload whose import has not ended is deleted.
    pub upload_hours: u32,
}

impl Default for ImportSettings {
    fn default() -> Self {
        Self {
            upload_folder: std::path::PathBuf::from("data/uploads"),
            max_file_bytes: 1 << 30,
            max_rows: 1_500_000,
            max_columns: 64,
            max_cell_bytes: 128 << 10,
            max_inflated_bytes: 256 << 20,
            max_shared_strings_bytes: 64 << 20,
            max_inflation_ratio: 200,
            max_parts: 256,
            chunk_rows: 8_000,
            max_chunk_bytes: 4 << 20,
            error_file_rows: 20_000,
            lease_seconds: 60,
            read_attempts: 10,
            upload_hours: 24,
        }
    }
}

/// Deadlines of clue queries; proposals, to be set by the operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ClueQuerySettings {
    /// Minutes to answer a flash query 特急.
    pub flash_minutes: u32,
    /// Minutes to answer an urgent query 紧急.
    pub urgent_minutes: u32,
    /// Working days to answer a routine query 一般.
    pub routine_working_days: u32,
    /// Days for which answers stay in view after the case has ended.
    pub retention_days: u32,
}

impl Default for ClueQuerySettings {
    fn default() -> Self {
        Self { flash_minutes: 2 * 60, urgent_minutes: 8 * 60, routine_working_days: 3, retention_days: 180 }
    }
}

/// The feedback that enterprises are owed; a proposal, to be set by the operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ClueSettings {
    /// Working days until the feedback.
    pub feedback_working_days: u32,
}

impl Default for ClueSettings {
    fn default() -> Self {
        Self { feedback_working_days: 10 }
    }
}

/// When a case is a major one; proposals, to be set by the operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BulletinSettings {
    /// The loss, in cents of a yuan, from which a case is a major one.
    pub loss_cents: i64,
    /// The number of victims from which it is.
    pub victims: u32,
    /// The number of provinces from which it is.
    pub provinces: u32,
    /// Working days to file a trace-back.
    pub trace_back_working_days: u32,
}

impl Default for BulletinSettings {
    fn default() -> Self {
        Self { loss_cents: 50_000_000, victims: 10, provinces: 2, trace_back_working_days: 15 }
    }
}

/// Days that differ from the plain week. The working-day table, which an administrator edits, goes before them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CalendarSettings {
    /// Days on which people rest although the week says otherwise.
    #[schemars(with = "Vec<String>")]
    pub rest: Vec<NaiveDate>,
    /// Days on which people work although the week says otherwise.
    #[schemars(with = "Vec<String>")]
    pub work: Vec<NaiveDate>,
}

impl Default for CalendarSettings {
    /// The years that are known; the arrangement for the next one is published each November and entered into the table.
    fn default() -> Self {
        let (work, rest) =
            known_years().into_iter().flat_map(|year| year.days).partition::<Vec<_>, _>(|day| day.working);
        let dates = |days: Vec<KnownDay>| days.into_iter().map(|day| day.date).collect();
        Self { rest: dates(rest), work: dates(work) }
    }
}

/// How often jobs look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct JobSettings {
    /// Seconds between two looks at deadlines, expiries and interrupted imports.
    pub interval_seconds: u64,
    /// The most things of one kind that one look moves.
    pub batch: u32,
}

impl Default for JobSettings {
    fn default() -> Self {
        Self { interval_seconds: 15, batch: 500 }
    }
}
