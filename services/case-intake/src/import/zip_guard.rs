//! Looks into a workbook before anybody inflates it.

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::Path;

use zip::ZipArchive;

use crate::import::refusal::FileRefusal;
use crate::settings::ImportSettings;

const BUFFER: usize = 64 << 10;

/// Refuses archives that declare or really hold more than allowed, and archives that are no plain workbook.
///
/// Declared sizes are looked at first, because that costs nothing; then every part is inflated into nowhere and counted,
/// because a declaration can lie.
pub(crate) fn check(path: &Path, limits: &ImportSettings) -> Result<(), FileRefusal> {
    let file = File::open(path).map_err(|_source| FileRefusal::unreadable())?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|_source| FileRefusal::malformed())?;
    if archive.len() > limits.max_parts {
        return Err(FileRefusal::zip_bomb());
    }
    let mut declared = 0_u64;
    let mut has_workbook = false;
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index).map_err(|_source| FileRefusal::malformed())?;
        let name = part.name().map_err(|_source| FileRefusal::malformed())?.into_owned();
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

fn inflate_one(
    archive: &mut ZipArchive<BufReader<File>>,
    index: usize,
    inflated: &mut u64,
    limits: &ImportSettings,
) -> Result<(), FileRefusal> {
    let mut part = archive.by_index(index).map_err(|_source| FileRefusal::malformed())?;
    let compressed = part.compressed_size().max(1);
    let shared_strings = part.name().is_ok_and(|name| name == "xl/sharedStrings.xml");
    let mut buffer = vec![0; BUFFER];
    let mut here = 0_u64;
    // The longest stretch without a tag is the longest cell, and that is what a reader of the workbook keeps in memory.
    let mut stretch = 0_usize;
    loop {
        let read = part.read(&mut buffer).map_err(|_source| FileRefusal::malformed())?;
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
