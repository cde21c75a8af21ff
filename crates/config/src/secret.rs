use std::fmt;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};

/// A setting that is never printed, logged or written out again.
#[derive(Clone)]
pub struct SecretText(SecretString);

impl SecretText {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// Gives the secret to the one place that uses it.
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(..)")
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// Why a secret could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The secret is given as text and as a file.
    #[error("{key} is given twice: as text and by {key}_file")]
    Twice {
        /// The dotted key.
        key: &'static str,
    },
    /// The file could not be read.
    #[error("{key}_file names {}, which cannot be read", path.display())]
    Unreadable {
        /// The dotted key.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The file is empty.
    #[error("{key}_file names {}, which is empty", path.display())]
    Empty {
        /// The dotted key.
        key: &'static str,
        /// The file.
        path: PathBuf,
    },
}

/// Takes a secret from its text or its file, whichever is given; a line break at the end of the file does not count.
pub(crate) fn resolve(
    key: &'static str,
    text: Option<SecretText>,
    file: Option<&Path>,
) -> Result<Option<SecretText>, SecretError> {
    let Some(path) = file else { return Ok(text) };
    if text.is_some() {
        return Err(SecretError::Twice { key });
    }
    let content = std::fs::read_to_string(path).map_err(|source| SecretError::Unreadable {
        key,
        path: path.to_path_buf(),
        source,
    })?;
    let content = content.trim_end_matches(['\n', '\r']);
    if content.is_empty() {
        return Err(SecretError::Empty { key, path: path.to_path_buf() });
    }
    Ok(Some(SecretText::new(content)))
}
