//! The stored form of a sealed value and the place it belongs to.

use crate::keys::{KeyError, KeyId};
use crate::suite::{NONCE_LENGTH, Suite, TAG_LENGTH, length_prefix};

const FORMAT: u8 = 1;
const LABEL_LENGTH: usize = 2 + KeyId::LENGTH;
const HEADER_LENGTH: usize = LABEL_LENGTH + NONCE_LENGTH;

/// The one place in the database where a sealed value may be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// Table name.
    pub table: &'a str,
    /// Column name.
    pub column: &'a str,
    /// The row's primary key, for example the 16 bytes of its id.
    pub row: &'a [u8],
}

impl<'a> Place<'a> {
    /// Names a place.
    pub const fn new(table: &'a str, column: &'a str, row: &'a [u8]) -> Self {
        Self { table, column, row }
    }
}

/// A sealed value as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// How many bytes a sealed value is longer than its plaintext.
    pub const OVERHEAD: usize = HEADER_LENGTH + TAG_LENGTH;

    /// The bytes to store.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes to store, owned.
    pub fn into_vec(self) -> Vec<u8> {
        self.0
    }

    pub(crate) fn from_vec(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl AsRef<[u8]> for Sealed {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Why a stored value does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The bytes are not a sealed value of a known format or suite, or are too short.
    #[error("the stored value is not a sealed value / 存储值不是有效的密文")]
    Malformed,
    /// The value was changed, moved from its place, or sealed under another key.
    #[error("the stored value was changed or moved from its place / 密文被篡改或被移动到其他位置")]
    Tampered,
    /// The value is not text although text was asked for.
    #[error("the stored value is not text / 存储值不是文本")]
    NotText,
    /// The key is unknown, retired or out of reach.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// Why a value cannot be sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The value is longer than one message of the cipher may be.
    #[error("the value is too long to be sealed / 数据过长,无法加密")]
    TooLong,
    /// No key is available.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// The cleartext head of a sealed value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) suite: Suite,
    pub(crate) key: KeyId,
}

impl Label {
    fn bytes(self) -> [u8; LABEL_LENGTH] {
        let mut bytes = [0; LABEL_LENGTH];
        let content = [FORMAT, self.suite.code()].into_iter().chain(*self.key.as_bytes());
        bytes.iter_mut().zip(content).for_each(|(to, from)| *to = from);
        bytes
    }

    /// Everything that is authenticated beside the ciphertext.
    pub(crate) fn associated_data(self, purpose: &str, place: Place<'_>) -> Vec<u8> {
        let parts = [purpose.as_bytes(), place.table.as_bytes(), place.column.as_bytes(), place.row];
        let mut data = Vec::with_capacity(48 + parts.iter().map(|part| part.len() + 4).sum::<usize>());
        data.extend_from_slice(b"cordon-vault/sealed/1");
        data.extend_from_slice(&self.bytes());
        for part in parts {
            data.extend_from_slice(&length_prefix(part));
            data.extend_from_slice(part);
        }
        data
    }
}

/// A sealed value taken apart, borrowing from the stored bytes.
pub(crate) struct Parts<'a> {
    pub(crate) label: Label,
    pub(crate) nonce: [u8; NONCE_LENGTH],
    pub(crate) ciphertext: &'a [u8],
    pub(crate) tag: [u8; TAG_LENGTH],
}

/// Reads the stored form.
pub(crate) fn split(stored: &[u8]) -> Result<Parts<'_>, OpenError> {
    let (&[format, suite], rest) = stored.split_first_chunk::<2>().ok_or(OpenError::Malformed)?;
    let (key, rest) = rest.split_first_chunk::<{ KeyId::LENGTH }>().ok_or(OpenError::Malformed)?;
    let (nonce, rest) = rest.split_first_chunk::<NONCE_LENGTH>().ok_or(OpenError::Malformed)?;
    let (ciphertext, tag) = rest.split_last_chunk::<TAG_LENGTH>().ok_or(OpenError::Malformed)?;
    if format != FORMAT {
        return Err(OpenError::Malformed);
    }
    let suite = Suite::from_code(suite).ok_or(OpenError::Malformed)?;
    Ok(Parts { label: Label { suite, key: KeyId::from_bytes(*key) }, nonce: *nonce, ciphertext, tag: *tag })
}

/// Lays out label, nonce and plaintext, with room for the tag.
pub(crate) fn prepare(label: Label, nonce: [u8; NONCE_LENGTH], plaintext: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(Sealed::OVERHEAD + plaintext.len());
    bytes.extend_from_slice(&label.bytes());
    bytes.extend_from_slice(&nonce);
    bytes.extend_from_slice(plaintext);
    bytes
}

/// The part of a prepared buffer that is encrypted in place.
pub(crate) fn body_mut(prepared: &mut [u8]) -> &mut [u8] {
    prepared.split_at_mut_checked(HEADER_LENGTH).map_or(&mut [], |(_, body)| body)
}
