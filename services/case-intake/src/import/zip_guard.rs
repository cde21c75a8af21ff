//! Looks into a workbook before anybody inflates it.

use std::fs::File;
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use zip::ZipArchive;

use crate::import::refusal::FileRefusal;
use crate::settings::ImportSettings;

const BUFFER: usize = 64 << 10;

/// The record that ends an archive's directory, without the comment that may follow it.
const END_RECORD: usize = 22;

/// The longest comment after it.
const LONGEST_COMMENT: usize = 64 << 10;

/// What stands right before it in a ZIP64 archive.
const LOCATOR: usize = 20;

/// The most bytes that one part needs in a directory.
const LONGEST_ENTRY: usize = 64 << 10;

/// Refuses archives that declare or really hold more than allowed, and archives that are no plain workbook.
///
/// Declared sizes are looked at first, because that costs nothing; then every part is inflated into nowhere and counted,
/// because a declaration can lie.
pub(crate) fn check(path: &Path, limits: &ImportSettings) -> Result<(), FileRefusal> {
    let mut file = File::open(path).map_err(|source| FileRefusal::of(&source))?;
    check_directory(&mut file, limits)?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|source| FileRefusal::of(&source))?;
    if archive.len() > limits.max_parts {
        return Err(FileRefusal::zip_bomb());
    }
    let mut declared = 0_u64;
    let mut has_workbook = false;
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index).map_err(|source| FileRefusal::of(&source))?;
        let name = part.name().map_err(|source| FileRefusal::of(&source))?.into_owned();
        if part.encrypted() || is_foreign(&name) {
            return Err(foreign());
        }
        has_workbook |= name == "xl/workbook.xml";
        declared = declared.saturating_add(part.size());
        let ratio = part.size() / part.compressed_size().max(1);
        if declared > limits.max_inflated_bytes || (part.size() > 1 << 20 && ratio > limits.max_inflation_ratio) {
            return Err(FileRefusal::zip_bomb());
        }
    }
    if !has_workbook {
        return Err(FileRefusal::new(
            "import.wrong_format",
            "压缩包不是 XLSX 工作簿",
            "the archive is no XLSX workbook",
        ));
    }
    let mut inflated = 0_u64;
    for index in 0..archive.len() {
        inflate_one(&mut archive, index, &mut inflated, limits)?;
    }
    Ok(())
}

/// Refuses an archive whose directory is too large, before anybody reads the directory into memory.
///
/// Every record that a reader may take for the end of the directory is looked at, because a comment may hold a second one.
/// A workbook within our limits needs none of the fields of a ZIP64 archive, whose real sizes stand elsewhere.
fn check_directory(file: &mut File, limits: &ImportSettings) -> Result<(), FileRefusal> {
    let failed = |source: io::Error| FileRefusal::of(&source);
    let length = file.metadata().map_err(failed)?.len();
    let longest = u64::try_from(LOCATOR + END_RECORD + LONGEST_COMMENT).unwrap_or(u64::MAX);
    file.seek(SeekFrom::Start(length.saturating_sub(longest))).map_err(failed)?;
    let mut tail = Vec::with_capacity(LOCATOR + END_RECORD + LONGEST_COMMENT);
    file.by_ref().take(longest).read_to_end(&mut tail).map_err(failed)?;
    for (place, record) in tail.windows(END_RECORD).enumerate() {
        if !record.starts_with(b"PK\x05\x06") {
            continue;
        }
        let located = place.checked_sub(LOCATOR).and_then(|start| tail.get(start..));
        let number = |from: usize, width: usize| {
            let bytes = record.get(from..from + width).unwrap_or_default();
            bytes.iter().rev().fold(0_usize, |number, byte| number << 8 | usize::from(*byte))
        };
        let (parts_here, parts, bytes) = (number(8, 2), number(10, 2), number(12, 4));
        if parts.max(parts_here) > limits.max_parts
            || bytes > limits.max_parts.saturating_mul(LONGEST_ENTRY)
            || located.is_some_and(|rest| rest.starts_with(b"PK\x06\x07"))
        {
            return Err(FileRefusal::zip_bomb());
        }
    }
    file.rewind().map_err(failed)
}

fn inflate_one(
    archive: &mut ZipArchive<BufReader<File>>,
    index: usize,
    inflated: &mut u64,
    limits: &ImportSettings,
) -> Result<(), FileRefusal> {
    let mut part = archive.by_index(index).map_err(|source| FileRefusal::of(&source))?;
    let compressed = part.compressed_size().max(1);
    let shared_strings = part.name().is_ok_and(|name| name == "xl/sharedStrings.xml");
    let mut buffer = vec![0; BUFFER];
    let mut here = 0_u64;
    // The longest stretch without a tag is the longest cell, and that is what a reader of the workbook keeps in memory.
    let mut stretch = 0_usize;
    loop {
        let read = part.read(&mut buffer).map_err(|source| FileRefusal::of(&source))?;
        if read == 0 {
            return Ok(());
        }
        let bytes = buffer.get(..read).unwrap_or_default();
        here += u64::try_from(read).unwrap_or(u64::MAX);
        *inflated += u64::try_from(read).unwrap_or(u64::MAX);
        let too_dense = here > 1 << 20 && here / compressed > limits.max_inflation_ratio;
        if *inflated > limits.max_inflated_bytes || too_dense {
            return Err(FileRefusal::zip_bomb());
        }
        if shared_strings && here > limits.max_shared_strings_bytes {
            return Err(FileRefusal::too_large("shared strings", limits.max_shared_strings_bytes));
        }
        for byte in bytes {
            stretch = if *byte == b'<' { 0 } else { stretch + 1 };
            if stretch > limits.max_cell_bytes {
                return Err(FileRefusal::too_large("cell", u64::try_from(limits.max_cell_bytes).unwrap_or(u64::MAX)));
            }
        }
    }
}

/// Names that lead out of the archive, and parts that run or embed something.
fn is_foreign(name: &str) -> bool {
    name.starts_with('/')
        || name.contains("..")
        || name.contains('\\')
        || name.contains(':')
        || name.ends_with("vbaProject.bin")
        || [".zip", ".xlsx"].iter().any(|ending| name.to_ascii_lowercase().ends_with(ending))
        || name.starts_with("xl/externalLinks/")
        || name.starts_with("xl/embeddings/")
}

fn foreign() -> FileRefusal {
    FileRefusal::new(
        "import.foreign_parts",
        "工作簿含宏、外部链接、嵌入文件或加密内容，请另存为普通 XLSX",
        "the workbook holds macros, external links, embedded files or encrypted parts; save it as a plain XLSX",
    )
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// Lays an archive's last bytes into a file.
    fn file_of(parts: &[&[u8]]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        for part in parts {
            file.write_all(part).unwrap();
        }
        file
    }

    fn end(parts: u16, bytes: u32, comment: u16) -> Vec<u8> {
        let mut record = b"PK\x05\x06\0\0\0\0".to_vec();
        record.extend(parts.to_le_bytes());
        record.extend(parts.to_le_bytes());
        record.extend(bytes.to_le_bytes());
        record.extend(0_u32.to_le_bytes());
        record.extend(comment.to_le_bytes());
        record
    }

    #[test]
    fn directory_is_judged_by_what_its_end_says_wherever_that_stands() {
        let limits = ImportSettings::default();
        let judge = |parts: &[&[u8]]| check_directory(&mut file_of(parts), &limits).map_err(|refusal| refusal.rule);
        let bomb = Err("import.zip_bomb");
        let comment = vec![b' '; LONGEST_COMMENT - END_RECORD];
        assert_eq!(judge(&[&[b'x'; 100], &end(256, 40_000, 0)]), Ok(()), "the negative control: an ordinary workbook");
        assert_eq!(judge(&[&[b'x'; 100], &end(257, 40_000, 0)]), bomb);
        assert_eq!(judge(&[&[b'x'; 100], &end(1, 17 << 20, 0)]), bomb);
        assert_eq!(judge(&[&end(u16::MAX, u32::MAX, 0)]), bomb);
        assert_eq!(judge(&[b"PK\x06\x07", &[0; 16], &end(1, 60, 0)]), bomb, "sizes that stand elsewhere");
        // Two ends: whichever of them a reader takes, it is one that was looked at.
        assert_eq!(judge(&[&end(60_000, 94 << 20, 0), &comment, &end(1, 60, 0)]), bomb);
        assert_eq!(judge(&[&end(1, 60, 22), &comment, &end(60_000, 94 << 20, 0)]), bomb);
        assert_eq!(judge(&[b"PK"]), Ok(()), "what has no end is for the reader to refuse");
    }
}
