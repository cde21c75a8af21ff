//! Documents that may be executed in production: those of the release, and those that an organisation registered.

use std::collections::HashMap;
use std::path::Path;

use cordon_context::{Actor, CallContext, Code, Refusal};
use cordon_directory_contract::{DirectoryClient as _, DocumentKey};
use cordon_rpc::{Link, refusal_of};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

/// The documents of a release, by the SHA-256 of their text in lower-case hex.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    documents: HashMap<String, String>,
}

/// A manifest is not used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The file could not be read.
    #[error("the manifest could not be read")]
    Unreadable(#[from] std::io::Error),
    /// The file is no JSON object of hashes and texts.
    #[error("the manifest is not a JSON object of hashes and texts")]
    Malformed(#[from] serde_json::Error),
    /// A hash does not fit its text.
    #[error("the hash {0} does not fit its text")]
    Hash(String),
}

impl Manifest {
    /// Reads `{"sha256:<hex>": "<text>"}`; one hash that does not fit refuses all of it.
    pub fn read(file: &Path) -> Result<Self, ManifestError> {
        Self::parse(&std::fs::read(file)?)
    }

    /// As [`Manifest::read`], from memory.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        let entries: HashMap<String, String> = serde_json::from_slice(bytes)?;
        let mut documents = HashMap::with_capacity(entries.len());
        for (name, text) in entries {
            let hash = name.strip_prefix("sha256:").unwrap_or(&name);
            if hash != hash_of(&text) {
                return Err(ManifestError::Hash(name));
            }
            documents.insert(hash.to_owned(), text);
        }
        Ok(Self { documents })
    }

    /// Adds documents that belong to the program itself.
    #[must_use]
    pub fn with(mut self, texts: &[&str]) -> Self {
        self.documents.extend(texts.iter().map(|text| (hash_of(text), (*text).to_owned())));
        self
    }

    /// How many documents there are.
    pub fn len(&self) -> usize {
        self.documents.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    fn text(&self, hash: &str) -> Option<&str> {
        self.documents.get(hash).map(String::as_str)
    }
}

/// The name by which a document is asked for.
pub fn document_id(text: &str) -> String {
    format!("sha256:{}", hash_of(text))
}

/// The SHA-256 of a text, in lower-case hex.
pub(crate) fn hash_of(text: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(text.as_bytes()))
}

/// Reads `sha256:<hex>` or plain hex.
pub(crate) fn read_hash(text: &str) -> Option<&str> {
    let hash = text.strip_prefix("sha256:").unwrap_or(text);
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (hash.len() == 64 && hash.bytes().all(hex)).then_some(hash)
}

/// Finds the text of a document: in the manifest, then among those that the caller's organisation registered.
pub(crate) async fn find(
    manifest: &Manifest,
    directory: &Link,
    actor: Option<&Actor>,
    gateway: CallContext,
    hash: &str,
) -> Result<String, Refusal> {
    if let Some(text) = manifest.text(hash) {
        return Ok(text.to_owned());
    }
    let not_found = || Refusal::new(Code::DocumentNotFound);
    let actor = actor.ok_or_else(not_found)?;
    let key = DocumentKey { organisation: actor.organisation, hash: hash.to_owned() };
    let text = directory.document(gateway, key).await.map_err(|error| refusal_of(&error))?.ok_or_else(not_found)?;
    // The directory checked this when it stored the text; a changed row must not become a changed operation.
    if hash_of(&text) == hash { Ok(text) } else { Err(not_found()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_with_a_wrong_hash_is_refused() {
        let text = "query V { viewer { id } }";
        let good = serde_json::json!({ format!("sha256:{}", hash_of(text)): text }).to_string();
        assert_eq!(Manifest::parse(good.as_bytes()).unwrap().text(&hash_of(text)), Some(text));
        let bad = serde_json::json!({ format!("sha256:{}", hash_of(text)): "query V { viewer { name } }" }).to_string();
        assert!(matches!(Manifest::parse(bad.as_bytes()), Err(ManifestError::Hash(_))));
        assert!(Manifest::parse(b"[]").is_err());
        assert_eq!(read_hash("sha256:abc"), None);
        assert_eq!(read_hash(&"A".repeat(64)), None);
    }
}
