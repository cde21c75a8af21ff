//! Private files: permissions, locks and replacement that survives a crash.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::keys::KeyError;

/// No key file is near this size; a larger one is not ours.
const MAX_LENGTH: u64 = 16 << 20;

/// Tells one content of a file from the next: every change makes a new file under the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    inode: u64,
    length: u64,
    seconds: i64,
    nanoseconds: i64,
}

impl Stamp {
    fn of(metadata: &fs::Metadata) -> Self {
        Self {
            inode: metadata.ino(),
            length: metadata.len(),
            seconds: metadata.mtime(),
            nanoseconds: metadata.mtime_nsec(),
        }
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> KeyError {
    let path = path.to_owned();
    move |source| KeyError::File { path, source }
}

/// Makes the directory if it is absent, and checks it.
pub(super) fn ensure_directory(directory: &Path) -> Result<(), KeyError> {
    if !exists(directory)? {
        DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(failed(directory))?;
    }
    check_directory(directory)
}

pub(super) fn check_directory(directory: &Path) -> Result<(), KeyError> {
    let metadata = fs::metadata(directory).map_err(failed(directory))?;
    check_private(directory, &metadata)
}

pub(super) fn exists(path: &Path) -> Result<bool, KeyError> {
    path.try_exists().map_err(failed(path))
}

pub(super) fn stamp(path: &Path) -> Result<Stamp, KeyError> {
    let metadata = fs::metadata(path).map_err(failed(path))?;
    check_private(path, &metadata)?;
    Ok(Stamp::of(&metadata))
}

/// Reads a file after checking that nobody else may; the checks look at the opened file, not at the name.
pub(super) fn read_private(path: &Path) -> Result<(Zeroizing<Vec<u8>>, Stamp), KeyError> {
    let mut file = File::open(path).map_err(|source| {
        if source.kind() == io::ErrorKind::NotFound {
            KeyError::Missing { path: path.to_owned() }
        } else {
            KeyError::File { path: path.to_owned(), source }
        }
    })?;
    let metadata = file.metadata().map_err(failed(path))?;
    check_private(path, &metadata)?;
    if metadata.len() > MAX_LENGTH {
        return Err(KeyError::Damaged { path: path.to_owned(), why: "far too long".to_owned() });
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default()));
    file.read_to_end(&mut bytes).map_err(failed(path))?;
    Ok((bytes, Stamp::of(&metadata)))
}

/// Writes a file beside its place, flushes it, and puts it in place in one step.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<Stamp, KeyError> {
    let draft = path.with_extension("draft");
    // A draft of a crashed process may be left; the lock keeps living ones apart.
    remove(&draft)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft).map_err(failed(&draft))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed(&draft))?;
    let metadata = file.metadata().map_err(failed(&draft))?;
    rename(&draft, path)?;
    Ok(Stamp::of(&metadata))
}

pub(super) fn rename(from: &Path, to: &Path) -> Result<(), KeyError> {
    fs::rename(from, to).map_err(failed(from))?;
    // Without this the new name may be forgotten in a power cut although the content is on disk.
    match to.parent() {
        Some(directory) => File::open(directory).and_then(|opened| opened.sync_all()).map_err(failed(directory)),
        None => Ok(()),
    }
}

/// Removes a file; one that is gone already is fine.
pub(super) fn remove(path: &Path) -> Result<(), KeyError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(path)(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Waits for the directory's lock; it is released when the file is dropped, also when the process dies.
pub(super) fn lock(directory: &Path) -> Result<File, KeyError> {
    let path = directory.join("lock");
    let file =
        OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path).map_err(failed(&path))?;
    file.lock().map_err(failed(&path))?;
    Ok(file)
}

/// The names in a directory.
pub(super) fn names(directory: &Path) -> Result<Vec<PathBuf>, KeyError> {
    let entries = fs::read_dir(directory).map_err(failed(directory))?;
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(failed(directory))).collect()
}

fn check_private(path: &Path, metadata: &fs::Metadata) -> Result<(), KeyError> {
    let mode = metadata.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyError::TooOpen { path: path.to_owned(), mode, directory: metadata.is_dir() });
    }
    let owner = metadata.uid();
    // Where /proc is hidden the user cannot be told, and the permission bits have to do.
    let user = fs::metadata("/proc/self").map(|own| own.uid()).ok();
    match user {
        Some(user) if owner != user && owner != 0 => Err(KeyError::ForeignOwner { path: path.to_owned(), owner }),
        Some(_) | None => Ok(()),
    }
}
