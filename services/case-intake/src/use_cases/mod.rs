//! What case intake does for its callers, one file for each group of uses of one thing.

pub(crate) mod answering_queries;
pub(crate) mod assessing_clues;
pub(crate) mod calendar_keeping;
pub(crate) mod case_changing;
pub(crate) mod case_merging;
pub(crate) mod case_opening;
pub(crate) mod case_reading;
pub(crate) mod change_feed;
pub(crate) mod drafting_bulletins;
pub(crate) mod drafting_queries;
pub(crate) mod filing_reports;
pub(crate) mod filing_trace_backs;
pub(crate) mod history_reading;
pub(crate) mod importing;
pub(crate) mod moving_bulletins;
pub(crate) mod moving_queries;
pub(crate) mod moving_reports;
pub(crate) mod reading_bulletins;
pub(crate) mod reading_clues;
pub(crate) mod reading_imports;
pub(crate) mod reading_queries;
pub(crate) mod reading_reports;
pub(crate) mod revealing;
pub(crate) mod submitting_clues;
