//! What every kind of file gives: rows, one after the other.

use cordon_context::Timestamp;

use crate::domain::row::{NewReport, Problem};
use crate::import::csv_file::CsvRows;
use crate::import::inspect::Inspected;
use crate::import::refusal::FileRefusal;
use crate::import::xlsx_file::XlsxRows;
use crate::settings::ImportSettings;
use cordon_case_intake_contract::{FileFormat, TextEncoding};
use std::path::Path;

/// One data row of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImportRow {
    /// Its number in the file, the header being row 1.
    pub number: u64,
    /// The report, or everything that is wrong with it.
    pub report: Result<NewReport, Vec<Problem>>,
}

impl ImportRow {
    /// About how much memory its text takes.
    pub(crate) fn bytes(&self) -> usize {
        self.report.as_ref().map_or(0, |report| report.text.len() + report.external_id.len())
    }
}

/// Gives rows until the file ends.
pub(crate) trait Rows {
    /// The next row; a refusal ends the file.
    fn next_row(&mut self) -> Result<Option<ImportRow>, FileRefusal>;
}

/// Opens a file whose kind is known.
pub(crate) fn open(
    path: &Path,
    inspected: &Inspected,
    limits: &ImportSettings,
    now: Timestamp,
) -> Result<Box<dyn Rows>, FileRefusal> {
    Ok(match inspected.format {
        FileFormat::Csv => {
            Box::new(CsvRows::open(path, inspected.encoding.unwrap_or(TextEncoding::Utf8), limits, now)?)
        }
        FileFormat::Xlsx => Box::new(XlsxRows::open(path, limits, now)?),
    })
}
