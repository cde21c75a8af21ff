//! Imports of report files.

use cordon_context::{Bilingual, ImportId, OrganisationId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::names::named;

/// The columns of a report file, in the order of the template; `victim_phone` may be left out.
pub const REPORT_COLUMNS: [&str; 8] =
    ["report_id", "received_at", "channel", "region", "fraud_type", "loss_cents", "victim_phone", "text"];

named! {
    /// How far an import has come.
    ImportStatus {
        /// The file is being read; nothing is written.
        Checking = "checking",
        /// The dry run is done; somebody decides what is kept.
        Checked = "checked",
        /// Rows are being written.
        Committing = "committing",
        /// Every accepted row is written.
        Committed = "committed",
        /// The file as a whole cannot be read; `refusal` says why.
        Refused = "refused",
        /// The file was gone or could not be read to its end; `refusal` says why, and bringing it again goes on with it.
        Failed = "failed",
    }
}

named! {
    /// What kind of file it is, by its content and not by its name.
    FileFormat {
        /// Comma-separated values.
        Csv = "csv",
        /// An Office Open XML workbook.
        Xlsx = "xlsx",
    }
}

named! {
    /// How a file's text is encoded.
    TextEncoding {
        /// UTF-8, with or without a byte-order mark.
        Utf8 = "utf8",
        /// GB18030, which includes GBK and GB2312.
        Gb18030 = "gb18030",
    }
}

named! {
    /// Which rows a commit keeps.
    Accept {
        /// All, or none if one of them is broken.
        AllOrNothing = "all_or_nothing",
        /// The good ones; broken ones stay in the error file.
        GoodRows = "good_rows",
    }
}

named! {
    /// Why a row is not taken; codes are added, never renamed.
    BadRowCode {
        /// The row has fewer or more cells than the header.
        CellCount = "CELL_COUNT",
        /// A cell that must have a value is empty.
        Empty = "EMPTY",
        /// A value is longer than allowed.
        TooLong = "TOO_LONG",
        /// The moment is not a full ISO 8601 one.
        BadTime = "BAD_TIME",
        /// The moment lies more than a year ahead or before the year 2000.
        TimeOutOfRange = "TIME_OUT_OF_RANGE",
        /// The channel is unknown.
        UnknownChannel = "UNKNOWN_CHANNEL",
        /// The region is not a six-digit code.
        BadRegion = "BAD_REGION",
        /// The fraud type is not in the taxonomy.
        UnknownFraudType = "UNKNOWN_FRAUD_TYPE",
        /// The amount is not a whole number of cents from 0 to a hundred thousand million yuan.
        BadAmount = "BAD_AMOUNT",
        /// The victim's phone is not a phone number.
        BadPhone = "BAD_PHONE",
        /// A long number came in scientific notation, so digits are lost.
        ScientificNotation = "SCIENTIFIC_NOTATION",
        /// A cell holds a formula.
        FormulaCell = "FORMULA_CELL",
        /// A cell holds an error value such as `#REF!`.
        ErrorCell = "ERROR_CELL",
        /// A cell holds a NUL or another control character.
        ControlCharacter = "CONTROL_CHARACTER",
        /// Bytes do not fit the file's encoding.
        BadEncoding = "BAD_ENCODING",
        /// The quoting never ends, or the file was cut off in this row.
        Truncated = "TRUNCATED",
    }
}

impl BadRowCode {
    /// What the code says, for a person.
    pub fn text(self) -> Bilingual {
        let (zh, en) = match self {
            Self::CellCount => ("单元格数量与表头不一致", "the row has more or fewer cells than the header"),
            Self::Empty => ("必填单元格为空", "a required cell is empty"),
            Self::TooLong => ("内容超过允许长度", "the value is longer than allowed"),
            Self::BadTime => ("时间不是带时区的 ISO 8601 格式", "the time is not ISO 8601 with an offset"),
            Self::TimeOutOfRange => {
                ("时间早于 2000 年或超过一年之后", "the time lies before 2000 or more than a year ahead")
            }
            Self::UnknownChannel => ("未知的举报渠道", "the channel is unknown"),
            Self::BadRegion => ("行政区划代码不是六位数字", "the region is not a six-digit code"),
            Self::UnknownFraudType => ("诈骗类型不在分类表中", "the fraud type is not in the taxonomy"),
            Self::BadAmount => (
                "金额不是以分为单位的非负整数，或超过一千亿元",
                "the amount is not a whole number of cents from 0 to a hundred thousand million yuan",
            ),
            Self::BadPhone => ("受害人号码不是有效的电话号码", "the victim's phone is not a phone number"),
            Self::ScientificNotation => {
                ("数字被转成科学计数法，已丢失位数", "the number is in scientific notation and has lost digits")
            }
            Self::FormulaCell => ("单元格含公式", "the cell holds a formula"),
            Self::ErrorCell => ("单元格为错误值", "the cell holds an error value"),
            Self::ControlCharacter => ("单元格含控制字符", "the cell holds a control character"),
            Self::BadEncoding => ("字节与文件编码不符", "bytes do not fit the file's encoding"),
            Self::Truncated => ("引号未闭合或文件被截断", "the quoting never ends or the file was cut off"),
        };
        Bilingual::new(zh, en)
    }
}

/// How many rows fell where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportCounts {
    /// Data rows in the file.
    pub rows: u64,
    /// Rows that are or would be stored.
    pub new: u64,
    /// Rows whose channel and number are stored already or stand earlier in the file; they change nothing.
    pub existing: u64,
    /// Rows that are broken.
    pub broken: u64,
    /// Stored rows whose text nearly repeats an earlier report of the same organisation; counted in `new` too.
    pub near_duplicates: u64,
    /// Identifiers found in stored rows.
    pub findings: u64,
}

/// One import of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// The import's identifier.
    pub id: ImportId,
    /// The organisation that brought the file.
    pub organisation: OrganisationId,
    /// The file's name as it was brought.
    pub file_name: String,
    /// The file's size.
    pub bytes: u64,
    /// SHA-256 of the file; the same organisation and the same content are the same import.
    pub content_hash: String,
    /// What kind of file it is, once known.
    pub format: Option<FileFormat>,
    /// How its text is encoded, once known; workbooks have none.
    pub encoding: Option<TextEncoding>,
    /// How far it has come.
    pub status: ImportStatus,
    /// Which rows the commit keeps, once decided.
    pub accept: Option<Accept>,
    /// What the dry run counted.
    pub checked: ImportCounts,
    /// What the commit has written so far.
    pub committed: ImportCounts,
    /// How often each code was met, by code.
    pub broken_by_code: Vec<(BadRowCode, u64)>,
    /// Why the file as a whole cannot be read: a rule such as `import.missing_columns` and what it says.
    pub refusal: Option<(String, Bilingual)>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it last moved.
    pub updated_at: Timestamp,
    /// Grows with every change.
    pub version: i64,
}

/// Begins an import of a file that lies in the service's upload folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartImport {
    /// The name under which the upload was stored: letters, digits, `-`, `_` and `.`, no path.
    pub upload: String,
    /// The name that the user's file had.
    pub file_name: String,
}

/// Decides what a checked import keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitImport {
    /// Which import.
    pub import: ImportId,
    /// Which rows are kept.
    pub accept: Accept,
}

/// A row that is not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadRow {
    /// The row's number in the file, the header being row 1.
    pub row: u64,
    /// The column, by its name in the template; empty when the row as a whole is broken.
    pub column: String,
    /// Why.
    pub code: BadRowCode,
}

/// A part of the error file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorFile {
    /// The name under which to save it.
    pub file_name: String,
    /// CSV in UTF-8; the first part begins with a byte-order mark and the header.
    pub content: String,
    /// The row after which the next part goes on; absent when this is the last part.
    pub next_after: Option<u64>,
}
