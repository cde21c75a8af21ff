//! GraphQL documents that an organisation registered, so that only known operations run in production.

use cordon_context::{DocumentId, OrganisationId, Timestamp};
use serde::{Deserialize, Serialize};

/// A registered document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Which.
    pub id: DocumentId,
    /// Whose.
    pub organisation: OrganisationId,
    /// The SHA-256 of the text, in lower-case hex.
    pub hash: String,
    /// The text.
    pub text: String,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// Registers a document for the caller's organisation; the GraphQL layer has checked it against the schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterDocument {
    /// The SHA-256 of the text, in lower-case hex; must fit the text.
    pub hash: String,
    /// The text.
    pub text: String,
}

/// Names a registered document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentKey {
    /// Whose.
    pub organisation: OrganisationId,
    /// The SHA-256 of the text, in lower-case hex.
    pub hash: String,
}
