//! Reading CSV: flat in memory whatever the quoting does, every cell decoded by itself.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::rc::Rc;

use cordon_case_intake_contract::{BadRowCode, TextEncoding};
use cordon_context::Timestamp;
use csv::ByteRecord;
use encoding_rs::GB18030;

use crate::domain::row::{self, Column};
use crate::import::header::Header;
use crate::import::refusal::FileRefusal;
use crate::import::rows::{ImportRow, Rows};
use crate::settings::ImportSettings;

const BUFFER: usize = 64 << 10;

/// The rows of a CSV file.
pub(crate) struct CsvRows {
    reader: csv::Reader<Bounded<BufReader<File>>>,
    /// Where the reader began; its own positions count from there.
    base: u64,
    length: u64,
    budget: Rc<Cell<u64>>,
    record: ByteRecord,
    header: Header,
    encoding: TextEncoding,
    delimiter: u8,
    record_limit: u64,
    cell_limit: usize,
    max_rows: u64,
    /// The number of the last row, the header being 1.
    number: u64,
    now: Timestamp,
}

/// Hands out no more bytes than a record may have, so that a quote that never ends cannot fill the memory.
struct Bounded<R> {
    inner: R,
    budget: Rc<Cell<u64>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.budget.get();
        if left == 0 {
            return Err(io::Error::other("a record is too long"));
        }
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let Some(buffer) = buffer.get_mut(..most) else { return Ok(0) };
        let read = self.inner.read(buffer)?;
        self.budget.set(left.saturating_sub(u64::try_from(read).unwrap_or(u64::MAX)));
        Ok(read)
    }
}

impl<R: Seek> Seek for Bounded<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

impl CsvRows {
    /// Opens a file and reads its header.
    pub(crate) fn open(
        path: &Path,
        encoding: TextEncoding,
        limits: &ImportSettings,
        now: Timestamp,
    ) -> Result<Self, FileRefusal> {
        let unreadable = |source: io::Error| FileRefusal::of(&source);
        let mut file = BufReader::with_capacity(BUFFER, File::open(path).map_err(unreadable)?);
        let length = file.get_ref().metadata().map_err(unreadable)?.len();
        let base = if file.fill_buf().map_err(unreadable)?.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        file.seek(SeekFrom::Start(base)).map_err(unreadable)?;
        let delimiter = delimiter(file.fill_buf().map_err(unreadable)?);
        let cell_limit = limits.max_cell_bytes;
        // A record holds at most a full cell in each of our columns; the reader's own buffer comes on top.
        let record_limit = u64::try_from(cell_limit.saturating_mul(Column::ALL.len())).unwrap_or(u64::MAX);
        let budget = Rc::new(Cell::new(0));
        let mut rows = Self {
            reader: reader(file, Rc::clone(&budget), delimiter),
            base,
            length,
            budget,
            record: ByteRecord::new(),
            header: Header::read(Column::ALL.into_iter().map(Column::name))?,
            encoding,
            delimiter,
            record_limit,
            cell_limit,
            max_rows: limits.max_rows,
            number: 0,
            now,
        };
        match rows.advance() {
            Advance::Record => {}
            Advance::End => {
                return Err(FileRefusal::new("import.empty", "文件为空", "the file is empty"));
            }
            Advance::TooLong => return Err(FileRefusal::malformed()),
            Advance::Broken(refusal) => return Err(refusal),
        }
        if rows.record.len() > limits.max_columns {
            return Err(FileRefusal::too_large("columns", u64::try_from(limits.max_columns).unwrap_or(u64::MAX)));
        }
        let names: Vec<String> = rows.record.iter().map(|cell| lossy(cell, encoding)).collect();
        rows.header = Header::read(names.iter().map(String::as_str))?;
        Ok(rows)
    }

    fn advance(&mut self) -> Advance {
        self.budget.set(self.record_limit.saturating_add(u64::try_from(BUFFER).unwrap_or(0)));
        match self.reader.read_byte_record(&mut self.record) {
            Ok(true) => {
                self.number += 1;
                Advance::Record
            }
            Ok(false) => Advance::End,
            Err(source) => {
                self.number += 1;
                if self.budget.get() == 0 { Advance::TooLong } else { Advance::Broken(FileRefusal::of(&source)) }
            }
        }
    }

    /// Goes on at the line after the one in which the record at `start` begins.
    fn resume_after_line(&mut self, start: u64) -> io::Result<()> {
        let mut file = BufReader::with_capacity(BUFFER, self.reader.get_ref().inner.get_ref().try_clone()?);
        file.seek(SeekFrom::Start(start))?;
        let mut at = start;
        // Empty lines before the record do not count as its line.
        let mut inside = false;
        'line: loop {
            let chunk = file.fill_buf()?;
            if chunk.is_empty() {
                break;
            }
            let used = chunk.len();
            for byte in chunk {
                at += 1;
                inside |= !matches!(byte, b'\n' | b'\r');
                if inside && *byte == b'\n' {
                    break 'line;
                }
            }
            file.consume(used);
        }
        file.seek(SeekFrom::Start(at))?;
        self.base = at;
        self.reader = reader(file, Rc::clone(&self.budget), self.delimiter);
        Ok(())
    }

    /// Whether the record that ends the file began a quote that never ends.
    fn is_cut_off(&self) -> bool {
        let Some(start) = self.record.position().map(csv::Position::byte) else { return false };
        if self.base + self.reader.position().byte() < self.length {
            return false;
        }
        let count = || -> io::Result<usize> {
            let mut file = self.reader.get_ref().inner.get_ref().try_clone()?;
            let here = file.stream_position()?;
            file.seek(SeekFrom::Start(self.base + start))?;
            let mut bytes = Vec::new();
            file.by_ref().take(self.record_limit).read_to_end(&mut bytes)?;
            // The clone shares its position with the reader's own handle.
            file.seek(SeekFrom::Start(here))?;
            Ok(bytes.iter().filter(|byte| **byte == b'"').count())
        };
        count().is_ok_and(|quotes| quotes % 2 == 1)
    }

    fn read_record(&self) -> ImportRow {
        let number = self.number;
        if self.record.len() != self.header.width() {
            return ImportRow { number, report: Err(vec![(None, BadRowCode::CellCount)]) };
        }
        let mut problems = Vec::new();
        let mut decoded: [std::borrow::Cow<'_, str>; 8] = Default::default();
        for (place, cell) in self.record.iter().enumerate() {
            let Some(column) = self.header.column(place) else { continue };
            if cell.len() > self.cell_limit {
                problems.push((Some(column), BadRowCode::TooLong));
                continue;
            }
            match decode(cell, self.encoding) {
                Some(text) => {
                    if let Some(slot) = decoded.get_mut(column.index()) {
                        *slot = text;
                    }
                }
                None => problems.push((Some(column), BadRowCode::BadEncoding)),
            }
        }
        if !problems.is_empty() {
            return ImportRow { number, report: Err(problems) };
        }
        let cells: [&str; 8] = std::array::from_fn(|index| decoded.get(index).map_or("", |cell| cell.as_ref()));
        ImportRow { number, report: row::read(&cells, self.now) }
    }
}

enum Advance {
    Record,
    End,
    TooLong,
    Broken(FileRefusal),
}

impl Rows for CsvRows {
    fn next_row(&mut self) -> Result<Option<ImportRow>, FileRefusal> {
        let start = self.base + self.reader.position().byte();
        let row = match self.advance() {
            Advance::End => return Ok(None),
            Advance::Record if self.is_cut_off() => {
                // What stands after the quote may be good rows; they are read as such.
                self.resume_after_line(start).map_err(|source| FileRefusal::of(&source))?;
                ImportRow { number: self.number, report: Err(vec![(None, BadRowCode::Truncated)]) }
            }
            Advance::Record => self.read_record(),
            Advance::TooLong => {
                self.resume_after_line(start).map_err(|source| FileRefusal::of(&source))?;
                ImportRow { number: self.number, report: Err(vec![(None, BadRowCode::Truncated)]) }
            }
            Advance::Broken(refusal) => return Err(refusal),
        };
        if self.number > self.max_rows + 1 {
            return Err(FileRefusal::too_large("rows", self.max_rows));
        }
        Ok(Some(row))
    }
}

fn reader(file: BufReader<File>, budget: Rc<Cell<u64>>, delimiter: u8) -> csv::Reader<Bounded<BufReader<File>>> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .buffer_capacity(BUFFER)
        .from_reader(Bounded { inner: file, budget })
}

/// The sign between cells, by what the first line has most of.
fn delimiter(start: &[u8]) -> u8 {
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |sign: u8| line.iter().filter(|byte| **byte == sign).count();
    [b',', b'\t', b';'].into_iter().max_by_key(|sign| (count(*sign), *sign == b',')).unwrap_or(b',')
}

fn decode(cell: &[u8], encoding: TextEncoding) -> Option<std::borrow::Cow<'_, str>> {
    match encoding {
        TextEncoding::Utf8 => std::str::from_utf8(cell).ok().map(std::borrow::Cow::Borrowed),
        // Bytes below 0x80 never stand inside a longer character in a way that would move quotes or commas: trailing bytes
        // begin at 0x30 and hold neither.
        TextEncoding::Gb18030 => GB18030.decode_without_bom_handling_and_without_replacement(cell),
    }
}

fn lossy(cell: &[u8], encoding: TextEncoding) -> String {
    match encoding {
        TextEncoding::Utf8 => String::from_utf8_lossy(cell).into_owned(),
        TextEncoding::Gb18030 => GB18030.decode_without_bom_handling(cell).0.into_owned(),
    }
}
