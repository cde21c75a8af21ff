//! Files of this program that hold personal data or secrets: nobody else on the machine may read them.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

/// What others may do; none of it.
const OTHERS: u32 = 0o077;

/// Makes a folder with those above it; one that is there keeps the mode that it has.
pub(crate) fn folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Begins a file anew; an older one of the same name is closed to others before anything is written into it.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    let metadata = file.metadata()?;
    // A terminal or a pipe belongs to somebody else.
    if metadata.is_file() && metadata.permissions().mode() & OTHERS != 0 {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

/// Writes a whole file.
pub(crate) fn write(path: &Path, content: impl AsRef<[u8]>) -> io::Result<()> {
    io::Write::write_all(&mut create(path)?, content.as_ref())
}

/// The mode of what is there, if others may do anything with it.
pub(crate) fn too_open(path: &Path) -> io::Result<Option<u32>> {
    match path.metadata() {
        Ok(metadata) => Ok(Some(metadata.permissions().mode() & 0o777).filter(|mode| mode & OTHERS != 0)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_file_that_everybody_reads_is_closed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("orders.csv");
        std::fs::write(&path, "old and longer").unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        assert_eq!(too_open(&path).unwrap(), Some(0o644));
        write(&path, "new").unwrap();
        assert_eq!(too_open(&path).unwrap(), None);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(too_open(&folder.path().join("nothing")).unwrap(), None);
    }
}
