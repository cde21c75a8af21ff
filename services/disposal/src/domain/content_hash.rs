//! The hash of what an order says: exactly this is what an approval is for.

use cordon_context::{CaseId, ItemId, OrderId, OrganisationId};
use cordon_disposal_contract::{LegalBasis, Measure, OrderOrigin, PhoneFunction, Urgency};
use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// Everything that a reader agrees to. Targets stand by their blind index, so that the hash tells nothing about them.
#[derive(Serialize)]
pub(crate) struct Content<'a> {
    pub(crate) order: OrderId,
    pub(crate) requester: OrganisationId,
    pub(crate) case: Option<CaseId>,
    pub(crate) legal_basis: Option<&'a LegalBasis>,
    pub(crate) urgency: Urgency,
    pub(crate) origin: &'a OrderOrigin,
    pub(crate) reason: &'a str,
    pub(crate) duration_days: Option<u32>,
    pub(crate) secrecy_reason: Option<&'a str>,
    pub(crate) items: Vec<ContentItem<'a>>,
}

/// One item of it.
#[derive(Serialize)]
pub(crate) struct ContentItem<'a> {
    pub(crate) item: ItemId,
    pub(crate) subject_index: &'a [u8],
    pub(crate) measures: &'a [Measure],
    pub(crate) functions: &'a [PhoneFunction],
}

impl Content<'_> {
    /// The SHA-256 hash in hexadecimal; fields are written in the order of the type, items in their order.
    pub(crate) fn hash(&self) -> Result<String, serde_json::Error> {
        Ok(digest(&serde_json::to_vec(self)?))
    }
}

/// The SHA-256 digest of bytes, in hexadecimal.
pub(crate) fn digest(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// The digest of an input as it was handed in.
pub(crate) fn digest_of(input: &impl Serialize) -> String {
    // An input that came in as JSON can be written as JSON.
    digest(&serde_json::to_vec(input).unwrap_or_default())
}
