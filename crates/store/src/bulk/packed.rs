//! Rows sent to SQLite as two values: records of one width, and what has no width of its own.
//!
//! To bind a cell costs SQLite and its driver several times what storing it costs; to cut it out of a value costs little.

use sea_orm::{DbBackend, Statement, Value};

use crate::sql::sqlite_series;

/// Fewer rows gain nothing.
const FEWEST: usize = 64;

/// The rows of one statement. SQLite keeps a copy in memory of every page that a statement changes, and in a large table each row
/// may change a page of its own in every index.
const ROWS: usize = 1_024;

/// Behind this many bytes a statement ends, so that the copies which its value goes through stay small.
const BYTES: usize = 4 << 20;

/// The width of a number in digits, the sign among them.
const DIGITS: usize = 20;

/// The width of a place or a length; no value of SQLite is longer than this counts.
const PLACE_DIGITS: usize = 10;

/// How the cells of one column are kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Bytes of one width.
    Fixed(usize),
    /// A number, in digits.
    Number,
    /// Text, by place and length.
    Text,
    /// Bytes, by place and length.
    Bytes,
}

impl Form {
    fn width(self) -> usize {
        match self {
            Self::Fixed(width) => width,
            Self::Number => DIGITS,
            Self::Text | Self::Bytes => 2 * PLACE_DIGITS,
        }
    }
}

/// What a statement does for one column.
enum Column {
    /// All rows share this value.
    Same(Value),
    /// Every row has its own; before it stands a byte that tells whether there is one, if it may be missing.
    Own { form: Form, may_miss: bool },
}

impl Column {
    /// How much of a record it takes.
    fn width(&self) -> usize {
        match self {
            Self::Same(_) => 0,
            Self::Own { form, may_miss } => form.width() + usize::from(*may_miss),
        }
    }
}

/// Shapes rows, or says that they are too few or of other kinds than numbers, texts, bytes and identifiers.
pub(super) fn statements(table: &str, columns: &[&str], rows: &[Vec<Value>], suffix: &str) -> Option<Vec<Statement>> {
    if rows.len() < FEWEST {
        return None;
    }
    let kinds: Vec<Column> = (0..columns.len()).map(|place| column(rows, place)).collect::<Option<_>>()?;
    let (record, sql) = statement(table, columns, &kinds, suffix);
    if record == 0 {
        return None;
    }
    let same: Vec<Value> = kinds
        .iter()
        .filter_map(|column| match column {
            Column::Same(value) => Some(value.clone()),
            Column::Own { .. } => None,
        })
        .collect();
    let mut statements = Vec::new();
    let mut packed = Packed::new();
    for (number, row) in rows.iter().enumerate() {
        packed.push(row, &kinds);
        let count = number + 1;
        if count % ROWS == 0 || packed.loose.len() >= BYTES || count == rows.len() {
            let Packed { records, loose } = std::mem::replace(&mut packed, Packed::new());
            let values = [records.into(), loose.into()].into_iter().chain(same.iter().cloned());
            statements.push(Statement::from_sql_and_values(DbBackend::Sqlite, sql.clone(), values));
        }
    }
    Some(statements)
}

fn column(rows: &[Vec<Value>], place: usize) -> Option<Column> {
    let cells = || rows.iter().filter_map(|row| row.get(place));
    let first = cells().next()?;
    if cells().all(|cell| cell == first) {
        return Some(Column::Same(first.clone()));
    }
    let mut form = None;
    let mut may_miss = false;
    for cell in cells() {
        let Some(own) = form_of(cell).ok()? else {
            may_miss = true;
            continue;
        };
        form = match (form, own) {
            (None, own) => Some(own),
            (Some(before), own) if before == own => Some(own),
            (Some(Form::Fixed(_) | Form::Bytes), Form::Fixed(_)) => Some(Form::Bytes),
            _ => return None,
        };
    }
    Some(Column::Own { form: form?, may_miss })
}

/// This way does not know the kind of a cell.
struct UnknownKind;

/// How a cell may be kept, if it is not missing.
fn form_of(cell: &Value) -> Result<Option<Form>, UnknownKind> {
    Ok(match cell {
        Value::Uuid(value) => value.map(|_| Form::Fixed(16)),
        Value::BigInt(value) => value.map(|_| Form::Number),
        Value::Int(value) => value.map(|_| Form::Number),
        Value::String(value) => value.as_ref().map(|_| Form::Text),
        Value::Bytes(value) => value.as_ref().map(|bytes| Form::Fixed(bytes.len())),
        _ => return Err(UnknownKind),
    })
}

/// The statement, whose text is the same for any number of rows, and the width of its records.
fn statement(table: &str, columns: &[&str], kinds: &[Column], suffix: &str) -> (usize, String) {
    let mut record = 0;
    let mut places = Vec::with_capacity(kinds.len());
    for column in kinds {
        places.push(record);
        record += column.width();
    }
    let mut shared = 2;
    let cells: Vec<String> = kinds
        .iter()
        .zip(places)
        .map(|(column, place)| match column {
            Column::Same(_) => {
                shared += 1;
                format!("${shared}")
            }
            Column::Own { form, may_miss } => own_cell(record, place, *form, *may_miss),
        })
        .collect();
    let (names, cells) = (columns.join(", "), cells.join(", "));
    // Without the condition SQLite takes `ON CONFLICT` for a condition of a join.
    let sql = format!(
        "INSERT INTO {table} ({names}) SELECT {cells} FROM {} AS record WHERE true{suffix}",
        sqlite_series(1, record)
    );
    (record, sql)
}

/// Cuts the cell that begins at a place of its record out of the values.
fn own_cell(record: usize, place: usize, form: Form, may_miss: bool) -> String {
    let cut = |from: usize, width: usize| format!("substr($1, n * {record} + {}, {width})", from + 1);
    let number = |from: usize, width: usize| format!("CAST({} AS INTEGER)", cut(from, width));
    let from = place + usize::from(may_miss);
    let loose = || format!("substr($2, {}, {})", number(from, PLACE_DIGITS), number(from + PLACE_DIGITS, PLACE_DIGITS));
    let cell = match form {
        Form::Fixed(width) => cut(from, width),
        Form::Number => number(from, DIGITS),
        Form::Text => format!("CAST({} AS TEXT)", loose()),
        Form::Bytes => loose(),
    };
    if may_miss { format!("CASE WHEN {} = x'01' THEN {cell} END", cut(place, 1)) } else { cell }
}

/// The two values under construction.
struct Packed {
    records: Vec<u8>,
    loose: Vec<u8>,
}

impl Packed {
    /// Nothing can be cut out of an empty value, not even an empty text: the loose cells begin behind a byte that nobody reads.
    fn new() -> Self {
        Self { records: Vec::new(), loose: vec![0] }
    }

    fn push(&mut self, row: &[Value], kinds: &[Column]) {
        for (cell, column) in row.iter().zip(kinds) {
            if let Column::Own { form, may_miss } = column {
                self.push_cell(cell, *form, *may_miss);
            }
        }
    }

    fn push_cell(&mut self, cell: &Value, form: Form, may_miss: bool) {
        let before = self.records.len();
        if may_miss {
            self.records.push(1);
        }
        match cell {
            Value::Uuid(Some(value)) if form == Form::Bytes => self.push_loose(value.as_bytes()),
            Value::Uuid(Some(value)) => self.records.extend_from_slice(value.as_bytes()),
            Value::BigInt(Some(value)) => self.push_number(*value),
            Value::Int(Some(value)) => self.push_number(i64::from(*value)),
            Value::String(Some(text)) => self.push_loose(text.as_bytes()),
            Value::Bytes(Some(bytes)) if form == Form::Bytes => self.push_loose(bytes),
            Value::Bytes(Some(bytes)) => self.records.extend_from_slice(bytes),
            _ => {
                self.records.truncate(before);
                self.records.resize(before + 1 + form.width(), 0);
            }
        }
    }

    fn push_loose(&mut self, bytes: &[u8]) {
        // SQLite counts bytes from one.
        let place = self.loose.len() + 1;
        self.push_padded(itoa::Buffer::new().format(place), PLACE_DIGITS);
        self.push_padded(itoa::Buffer::new().format(bytes.len()), PLACE_DIGITS);
        self.loose.extend_from_slice(bytes);
    }

    fn push_number(&mut self, number: i64) {
        self.push_padded(itoa::Buffer::new().format(number), DIGITS);
    }

    fn push_padded(&mut self, digits: &str, width: usize) {
        self.records.resize(self.records.len() + width.saturating_sub(digits.len()), b' ');
        self.records.extend_from_slice(digits.as_bytes());
    }
}
