use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};

/// Folders that hold nothing written by hand.
const SKIPPED: [&str; 7] = [".git", ".scratch", "data", "dist", "node_modules", "proptest-regressions", "target"];

const TEXT: [&str; 13] = ["conf", "css", "csv", "graphql", "html", "js", "json", "jsx", "md", "rs", "sh", "toml", "ts"];

/// Every text file of the repository by its path from the root, with forward slashes.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    files: BTreeMap<String, String>,
    /// Further paths that exist: folders and files that are not text.
    others: std::collections::BTreeSet<String>,
}

impl Tree {
    /// Reads the files under `root`.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let mut tree = Self::default();
        tree.visit(root, "")?;
        Ok(tree)
    }

    /// A tree for a test.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let mut tree = Self::default();
        for (path, text) in files {
            for (end, _slash) in path.match_indices('/') {
                tree.others.insert(path[..end].to_owned());
            }
            tree.files.insert((*path).to_owned(), (*text).to_owned());
        }
        tree
    }

    fn visit(&mut self, folder: &Path, prefix: &str) -> Result<()> {
        for entry in std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
            if entry.file_type()?.is_dir() {
                // `data` holds rows only at the root; elsewhere it may be a folder of fixtures.
                if SKIPPED.contains(&name.as_str()) && (name != "data" || prefix.is_empty()) {
                    continue;
                }
                self.others.insert(path.clone());
                self.visit(&entry.path(), &path)?;
            } else if path.rsplit_once('.').is_some_and(|(_stem, extension)| TEXT.contains(&extension)) {
                match std::fs::read_to_string(entry.path()) {
                    Ok(text) => {
                        self.files.insert(path, text);
                    }
                    // Fixtures in another encoding are not text to us.
                    Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                        self.others.insert(path);
                    }
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error).with_context(|| format!("cannot read {path}")),
                }
            } else {
                self.others.insert(path);
            }
        }
        Ok(())
    }

    /// The text of one file.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Whether a file or folder of this path exists.
    pub(crate) fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        self.files.contains_key(path) || self.others.contains(path)
    }

    /// Every text file.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Every text file with this extension.
    pub(crate) fn with_extension(&self, extension: &str) -> impl Iterator<Item = (&str, &str)> {
        let suffix = format!(".{extension}");
        self.all().filter(move |(path, _text)| path.ends_with(&suffix))
    }

    /// The folders of the workspace's crates: those with a manifest that names a package.
    pub(crate) fn crate_folders(&self) -> Vec<&str> {
        self.with_extension("toml")
            .filter(|(_path, text)| text.lines().any(|line| line.trim() == "[package]"))
            .filter_map(|(path, _text)| path.strip_suffix("/Cargo.toml"))
            .collect()
    }

    /// The folder of the crate that a file belongs to: the longest one that contains it.
    pub(crate) fn crate_of<'a>(&'a self, path: &str) -> Option<&'a str> {
        self.crate_folders()
            .into_iter()
            .filter(|folder| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
            .max_by_key(|folder| folder.len())
    }
}
