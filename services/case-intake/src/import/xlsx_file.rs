//! Reading a workbook cell by cell. It has passed the guard before.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use calamine::{DataRef, ExcelDateTime, Reader as _, Xlsx, XlsxError, open_workbook};
use cordon_case_intake_contract::BadRowCode;
use cordon_context::Timestamp;

use crate::domain::row::{self, Problem};
use crate::import::header::Header;
use crate::import::refusal::FileRefusal;
use crate::import::rows::{ImportRow, Rows};
use crate::settings::ImportSettings;

/// Numbers of sixteen digits and more lose digits in a workbook, because it keeps them as floating point.
const LARGEST_WHOLE: f64 = 999_999_999_999_999.0;

/// The most rows that come over at once.
const BATCH_ROWS: usize = 256;

/// What comes over from the thread that reads the workbook.
type Batch = Result<Vec<RawRow>, FileRefusal>;

/// The rows of the first sheet of a workbook.
pub(crate) struct XlsxRows {
    batches: Receiver<Batch>,
    rows: std::vec::IntoIter<RawRow>,
    reading: Option<JoinHandle<()>>,
    header: Header,
    max_rows: u64,
    cell_limit: usize,
    now: Timestamp,
}

/// One row of a sheet: its number and its cells by column.
struct RawRow {
    number: u64,
    cells: Vec<(usize, RawCell)>,
    bytes: usize,
}

/// What a cell holds.
enum RawCell {
    Text(String),
    Broken(BadRowCode),
}

impl XlsxRows {
    /// Opens a workbook and reads the header of its first sheet.
    pub(crate) fn open(path: &Path, limits: &ImportSettings, now: Timestamp) -> Result<Self, FileRefusal> {
        // The library's cell reader borrows the workbook, so both live on a thread of their own and rows come over.
        // One batch is read while one waits and one is worked on, and none is larger than a chunk may be.
        let (sender, batches) = sync_channel(1);
        let (path, max_columns, budget) = (path.to_owned(), limits.max_columns, limits.max_chunk_bytes);
        let reading = std::thread::Builder::new()
            .name("xlsx-reader".to_owned())
            .spawn(move || {
                read_sheet(&path, max_columns, Outgoing { batches: sender, rows: Vec::new(), bytes: 0, budget });
            })
            .map_err(|source| FileRefusal::of(&source))?;
        let mut rows = batches.recv().map_err(|_source| FileRefusal::malformed())??.into_iter();
        let first = rows.next().ok_or_else(FileRefusal::malformed)?;
        let width = first.cells.iter().map(|(place, _)| place + 1).max().unwrap_or(0);
        let mut names = vec![""; width];
        for (place, cell) in &first.cells {
            if let (Some(slot), RawCell::Text(text)) = (names.get_mut(*place), cell) {
                *slot = text;
            }
        }
        let header = Header::read(names.into_iter())?;
        Ok(Self {
            batches,
            rows,
            reading: Some(reading),
            header,
            max_rows: limits.max_rows,
            cell_limit: limits.max_cell_bytes,
            now,
        })
    }

    fn read_cells(&self, raw: RawRow) -> ImportRow {
        let mut problems: Vec<Problem> = Vec::new();
        let mut texts: [String; 8] = Default::default();
        for (place, cell) in raw.cells {
            let Some(column) = self.header.column(place) else {
                problems.push((None, BadRowCode::CellCount));
                continue;
            };
            match cell {
                RawCell::Text(text) if text.len() > self.cell_limit => {
                    problems.push((Some(column), BadRowCode::TooLong));
                }
                RawCell::Text(text) => {
                    if let Some(slot) = texts.get_mut(column.index()) {
                        *slot = text;
                    }
                }
                RawCell::Broken(code) => problems.push((Some(column), code)),
            }
        }
        if !problems.is_empty() {
            problems.dedup();
            return ImportRow { number: raw.number, report: Err(problems) };
        }
        let cells: [&str; 8] = std::array::from_fn(|index| texts.get(index).map_or("", String::as_str));
        ImportRow { number: raw.number, report: row::read(&cells, self.now) }
    }
}

impl Rows for XlsxRows {
    fn next_row(&mut self) -> Result<Option<ImportRow>, FileRefusal> {
        loop {
            if let Some(raw) = self.rows.next() {
                if raw.number > self.max_rows + 1 {
                    return Err(FileRefusal::too_large("rows", self.max_rows));
                }
                return Ok(Some(self.read_cells(raw)));
            }
            match self.batches.recv() {
                Ok(batch) => self.rows = batch?.into_iter(),
                // The thread is through; if it panicked over a broken workbook, the file did not end, it broke.
                Err(_closed) => {
                    return match self.reading.take().map(JoinHandle::join) {
                        Some(Err(_panic)) => Err(FileRefusal::malformed()),
                        Some(Ok(())) | None => Ok(None),
                    };
                }
            }
        }
    }
}

/// Rows on their way over, by the batch.
struct Outgoing {
    batches: SyncSender<Batch>,
    rows: Vec<RawRow>,
    bytes: usize,
    budget: usize,
}

impl Outgoing {
    /// Adds a row; false if nobody wants the rest.
    fn push(&mut self, row: RawRow) -> bool {
        if row.cells.is_empty() {
            return true;
        }
        self.bytes += row.bytes;
        self.rows.push(row);
        if self.rows.len() < BATCH_ROWS && self.bytes < self.budget {
            return true;
        }
        self.flush()
    }

    fn flush(&mut self) -> bool {
        self.bytes = 0;
        self.rows.is_empty() || self.batches.send(Ok(std::mem::take(&mut self.rows))).is_ok()
    }
}

fn read_sheet(path: &Path, max_columns: usize, mut rows: Outgoing) {
    let read = send_rows(path, max_columns, &mut rows);
    // A closed channel means that nobody wants the rest.
    let _wanted = rows.flush();
    if let Err(refusal) = read {
        let _closed = rows.batches.send(Err(refusal));
    }
}

fn send_rows(path: &Path, max_columns: usize, rows: &mut Outgoing) -> Result<(), FileRefusal> {
    let failed = |source: XlsxError| FileRefusal::of(&source);
    let mut workbook: Xlsx<BufReader<File>> = open_workbook(path).map_err(failed)?;
    let empty = || FileRefusal::new("import.empty", "工作簿没有工作表", "the workbook has no sheet");
    let sheet = workbook.sheet_names().first().cloned().ok_or_else(empty)?;
    let mut cells = workbook.worksheet_cells_reader(&sheet).map_err(failed)?;
    let mut current: Option<RawRow> = None;
    while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(failed)? {
        let (row, column) = cell.pos;
        let place = usize::try_from(column).unwrap_or(usize::MAX);
        if place >= max_columns {
            return Err(FileRefusal::too_large("columns", u64::try_from(max_columns).unwrap_or(u64::MAX)));
        }
        let number = u64::from(row) + 1;
        if current.as_ref().is_some_and(|open| number < open.number) {
            return Err(FileRefusal::malformed());
        }
        if current.as_ref().is_some_and(|open| number > open.number)
            && let Some(done) = current.take()
            && !rows.push(done)
        {
            return Ok(());
        }
        let open = current.get_or_insert_with(|| RawRow { number, cells: Vec::new(), bytes: 0 });
        let read = if cell.formula.is_some() {
            Some(RawCell::Broken(BadRowCode::FormulaCell))
        } else {
            read_cell(&cell.value)
        };
        if let Some(read) = read {
            open.bytes += if let RawCell::Text(text) = &read { text.len() } else { 0 };
            open.cells.push((place, read));
        }
    }
    if let Some(done) = current {
        let _wanted = rows.push(done);
    }
    Ok(())
}

/// Brings a cell to the text that a CSV file would have; an empty cell is nothing.
fn read_cell(value: &DataRef<'_>) -> Option<RawCell> {
    Some(match value {
        DataRef::Empty => return None,
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => RawCell::Text(text.clone()),
        DataRef::SharedString(text) => RawCell::Text((*text).to_owned()),
        DataRef::Int(number) => RawCell::Text(number.to_string()),
        DataRef::Float(number) => read_number(*number),
        DataRef::Bool(truth) => RawCell::Text(truth.to_string()),
        DataRef::DateTime(moment) => RawCell::Text(china_time(moment)),
        DataRef::Error(_) => RawCell::Broken(BadRowCode::ErrorCell),
    })
}

fn read_number(number: f64) -> RawCell {
    if number.abs() > LARGEST_WHOLE {
        return RawCell::Broken(BadRowCode::ScientificNotation);
    }
    // Whole numbers print without a point, which is what a CSV file would have.
    RawCell::Text(number.to_string())
}

/// A workbook's time has no offset; in this country it means Chinese standard time.
fn china_time(moment: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}+08:00")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_end_at_their_bytes_so_that_long_cells_do_not_pile_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long.xlsx");
        let mut workbook = rust_xlsxwriter::Workbook::new();
        let sheet = workbook.add_worksheet();
        for row in 0..300 {
            sheet.write_string(row, 0, "长".repeat(if row < 40 { 1_000 } else { 1 })).unwrap();
        }
        workbook.save(&path).unwrap();
        let (sender, batches) = sync_channel(1);
        let budget = 9_000;
        let reading = std::thread::spawn(move || {
            read_sheet(&path, 8, Outgoing { batches: sender, rows: Vec::new(), bytes: 0, budget });
        });
        let sizes: Vec<(usize, usize)> = batches
            .iter()
            .map(|batch| batch.unwrap_or_else(|refusal| panic!("{refusal:?}")))
            .map(|rows| (rows.len(), rows.iter().map(|row| row.bytes).sum()))
            .collect();
        reading.join().unwrap();
        assert_eq!(sizes.iter().map(|(rows, _)| rows).sum::<usize>(), 300);
        assert!(sizes.iter().all(|(_, bytes)| *bytes <= budget), "{sizes:?}");
        assert_eq!(sizes.last(), Some(&(5, 15)), "short rows come over by the number of rows");
    }
}
