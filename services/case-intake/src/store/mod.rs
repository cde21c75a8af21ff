//! The rows of case intake and every query over them; the only place that knows the database.

pub(crate) mod bulletins;
pub(crate) mod calendar;
pub(crate) mod cases;
pub(crate) mod clue_queries;
pub(crate) mod clues;
pub(crate) mod history;
pub(crate) mod imports;
pub(crate) mod merges;
pub(crate) mod numbers;
pub(crate) mod per_case;
mod reach;
pub(crate) mod report_search;
pub(crate) mod reports;
