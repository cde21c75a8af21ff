//! What of case intake is sealed, where, and by which fingerprints it is found again.

use std::sync::Arc;

use cordon_context::SubjectId;
use cordon_identifier::Kind;
use cordon_store::{CorruptRow, Failure};
use cordon_vault::{BlindIndex, OpenError, Place, Vault};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::{Builder, Uuid};

/// The field under which subjects are fingerprinted. Every service that names subjects uses it, so that all find the same one.
const SUBJECT_FIELD: &str = "subject";

/// The field under which the skeletons of texts are fingerprinted.
const TEXT_FIELD: &str = "report_text";

/// A column whose values are sealed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SealedColumn {
    pub table: &'static str,
    pub column: &'static str,
}

pub(crate) const REPORT_CONTENT: SealedColumn = SealedColumn { table: "report", column: "content" };
pub(crate) const CLUE_CONTENT: SealedColumn = SealedColumn { table: "clue", column: "content" };
pub(crate) const ITEM_VALUE: SealedColumn = SealedColumn { table: "clue_query_item", column: "value" };
pub(crate) const ITEM_ANSWER: SealedColumn = SealedColumn { table: "clue_query_item", column: "answer" };
pub(crate) const TRACE_VALUE: SealedColumn = SealedColumn { table: "trace_back", column: "value" };
pub(crate) const TRACE_FORM: SealedColumn = SealedColumn { table: "trace_back", column: "form" };

/// Seals, opens and fingerprints; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Sealer {
    vault: Arc<Vault>,
}

impl Sealer {
    pub(crate) const fn new(vault: Arc<Vault>) -> Self {
        Self { vault }
    }

    /// Seals a value for its row.
    pub(crate) fn seal<T: Serialize>(&self, place: SealedColumn, row: Uuid, value: &T) -> Result<Vec<u8>, Failure> {
        let plain = serde_json::to_vec(value)
            .map_err(|source| Failure::internal("a value could not be written down", source))?;
        let sealed = self
            .vault
            .seal(Place::new(place.table, place.column, row.as_bytes()), &plain)
            .map_err(|source| Failure::internal("a value could not be sealed", source))?;
        Ok(sealed.into_vec())
    }

    /// Opens a value of a row.
    pub(crate) fn open<T: DeserializeOwned>(
        &self,
        place: SealedColumn,
        row: Uuid,
        stored: &[u8],
    ) -> Result<T, Failure> {
        let corrupt = || CorruptRow::new(place.table, place.column, row.to_string());
        match self.vault.open(Place::new(place.table, place.column, row.as_bytes()), stored) {
            Ok(plain) => Ok(serde_json::from_slice(plain.expose()).map_err(|_source| corrupt())?),
            Err(OpenError::Key(source)) => Err(Failure::internal("a key could not be reached", source)),
            Err(OpenError::Malformed | OpenError::Tampered | OpenError::NotText) => Err(corrupt().into()),
        }
    }

    /// The subject that a kind and a normal form name: a fingerprint, which is an identifier and a search key at once.
    pub(crate) fn subject(&self, kind: Kind, value: &str) -> Result<Uuid, Failure> {
        let index = self
            .vault
            .blind_index(SUBJECT_FIELD, subject_text(kind, value).as_bytes())
            .map_err(|source| Failure::internal("a fingerprint could not be made", source))?;
        Ok(identifier_of(index))
    }

    /// The subjects under every index key in use, for searching.
    pub(crate) fn subjects(&self, kind: Kind, value: &str) -> Result<Vec<SubjectId>, Failure> {
        let indexes = self
            .vault
            .blind_index_all(SUBJECT_FIELD, subject_text(kind, value).as_bytes())
            .map_err(|source| Failure::internal("a fingerprint could not be made", source))?;
        Ok(indexes.into_iter().map(|index| SubjectId::from_uuid(identifier_of(index))).collect())
    }

    /// The fingerprint of a text's skeleton.
    pub(crate) fn fingerprint(&self, skeleton: &[u8]) -> Result<Uuid, Failure> {
        let index = self
            .vault
            .blind_index(TEXT_FIELD, skeleton)
            .map_err(|source| Failure::internal("a fingerprint could not be made", source))?;
        Ok(identifier_of(index))
    }
}

fn subject_text(kind: Kind, value: &str) -> String {
    format!("{}:{value}", kind.code())
}

/// A fingerprint in the form of an identifier of version 8.
fn identifier_of(index: BlindIndex) -> Uuid {
    Builder::from_custom_bytes(*index.as_bytes()).into_uuid()
}
