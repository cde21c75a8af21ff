//! Files that nobody else on the machine may read.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Makes a database's file, and the folders above it, before SQLite does, which would let everybody read it.
///
/// The log and the index beside the file take its mode. What is there already keeps the mode that it has.
pub(crate) fn prepare(file: &Path) -> io::Result<()> {
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    // To open a file that SQLite has open, and to close it again, would drop the locks that this process holds on it.
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Ok(_file) => Ok(()),
        Err(exists) if exists.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(source) => Err(source),
    }
}

/// A database's file with the log and the index that SQLite keeps beside it.
pub(crate) fn family(file: &Path) -> Vec<PathBuf> {
    let beside = |suffix: &str| {
        let mut name = file.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    vec![file.to_owned(), beside("-wal"), beside("-shm")]
}
