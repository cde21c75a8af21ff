//! What a file is, by its bytes: one pass over it, before anything is believed.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use cordon_case_intake_contract::{FileFormat, TextEncoding};
use encoding_rs::DecoderResult;
use sha2::{Digest as _, Sha256};

use crate::import::refusal::FileRefusal;
use crate::import::zip_guard;
use crate::settings::ImportSettings;

const BUFFER: usize = 64 << 10;

/// What the first pass found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inspected {
    pub format: FileFormat,
    /// None for workbooks.
    pub encoding: Option<TextEncoding>,
}

/// Size and SHA-256 of a file.
pub(crate) fn digest(path: &Path, limits: &ImportSettings) -> Result<(u64, [u8; 32]), FileRefusal> {
    let mut file = File::open(path).map_err(|source| FileRefusal::of(&source))?;
    let mut hash = Sha256::new();
    let mut bytes = 0_u64;
    let mut buffer = vec![0; BUFFER];
    loop {
        let read = file.read(&mut buffer).map_err(|source| FileRefusal::of(&source))?;
        if read == 0 {
            return Ok((bytes, hash.finalize().into()));
        }
        bytes += u64::try_from(read).unwrap_or(u64::MAX);
        if bytes > limits.max_file_bytes {
            return Err(FileRefusal::too_large("bytes", limits.max_file_bytes));
        }
        hash.update(buffer.get(..read).unwrap_or_default());
    }
}

/// Finds out what a file is and refuses what is none of ours.
pub(crate) fn inspect(path: &Path, limits: &ImportSettings) -> Result<Inspected, FileRefusal> {
    let mut file = File::open(path).map_err(|source| FileRefusal::of(&source))?;
    let mut start = [0; 512];
    let mut filled = 0;
    while let Some(rest) = start.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        let read = file.read(rest).map_err(|source| FileRefusal::of(&source))?;
        if read == 0 {
            break;
        }
        filled += read;
    }
    let start = start.get(..filled).unwrap_or_default();
    if start.is_empty() {
        return Err(FileRefusal::new("import.empty", "文件为空", "the file is empty"));
    }
    if start.starts_with(b"PK\x03\x04") {
        zip_guard::check(path, limits)?;
        return Ok(Inspected { format: FileFormat::Xlsx, encoding: None });
    }
    if start.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err(FileRefusal::new(
            "import.old_or_locked_workbook",
            "不支持旧版 XLS 或带密码的工作簿，请另存为不带密码的 XLSX 或 CSV",
            "old XLS workbooks and workbooks with a password are not taken; save it as XLSX without a password, or as CSV",
        ));
    }
    if start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]) {
        return Err(FileRefusal::new(
            "import.encoding",
            "不支持 UTF-16，请另存为 UTF-8 或 GB18030 的 CSV",
            "UTF-16 is not taken; save it as CSV in UTF-8 or GB18030",
        ));
    }
    if looks_binary(start) {
        return Err(FileRefusal::new(
            "import.wrong_format",
            "文件既不是 CSV 也不是 XLSX",
            "the file is neither CSV nor XLSX",
        ));
    }
    Ok(Inspected { format: FileFormat::Csv, encoding: Some(encoding_of(path)?) })
}

/// Known beginnings of other kinds of files, and anything that starts with a run of control bytes.
fn looks_binary(start: &[u8]) -> bool {
    let known: [&[u8]; 6] = [b"\x7fELF", b"%PDF", b"\x89PNG", b"\x1f\x8b", b"\xff\xd8\xff", b"PK"];
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    // A NUL in a data row is one broken row; in the header the file is no text.
    known.iter().any(|magic| start.starts_with(magic))
        || line.iter().any(|byte| *byte < 0x20 && !matches!(byte, b'\t' | b'\r'))
}

/// Which of the two encodings a file is in. Chinese text in GB18030 hardly ever holds a whole character of UTF-8, while UTF-8 often
/// reads as GB18030 without an error; so it is UTF-8 that is counted, and a few broken bytes do not turn one into the other.
fn encoding_of(path: &Path) -> Result<TextEncoding, FileRefusal> {
    let mut file = File::open(path).map_err(|source| FileRefusal::of(&source))?;
    let mut decoder = encoding_rs::UTF_8.new_decoder_without_bom_handling();
    let mut input = vec![0; BUFFER];
    let mut output = vec![0; BUFFER * 3 + 16];
    let (mut whole, mut broken) = (0_usize, 0_usize);
    loop {
        let read = file.read(&mut input).map_err(|source| FileRefusal::of(&source))?;
        let mut rest = input.get(..read).unwrap_or_default();
        loop {
            let (result, used, written) = decoder.decode_to_utf8_without_replacement(rest, &mut output, read == 0);
            whole += output.get(..written).unwrap_or_default().iter().filter(|byte| **byte >= 0xc0).count();
            rest = rest.get(used..).unwrap_or_default();
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => broken += 1,
            }
        }
        if read == 0 {
            return Ok(if broken > whole { TextEncoding::Gb18030 } else { TextEncoding::Utf8 });
        }
    }
}
