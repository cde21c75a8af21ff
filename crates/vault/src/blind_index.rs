//! Finding equal values without reading them.

use std::fmt;

use data_encoding::HEXLOWER;

/// A keyed fingerprint of a normalized value: equal values of one field have equal fingerprints, and nothing else shows.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlindIndex([u8; BlindIndex::LENGTH]);

impl BlindIndex {
    /// Stored length in bytes: at 10^10 values the chance of any collision is about 10^-19.
    pub const LENGTH: usize = 16;

    /// Takes a stored fingerprint back.
    pub const fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// The bytes to store and to search for.
    pub const fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }

    /// The bytes as an owned column value.
    pub fn to_vec(self) -> Vec<u8> {
        self.0.to_vec()
    }

    pub(crate) fn from_digest(digest: [u8; 32]) -> Self {
        let mut bytes = [0; Self::LENGTH];
        bytes.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        Self(bytes)
    }
}

impl fmt::Debug for BlindIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlindIndex({})", HEXLOWER.encode(&self.0))
    }
}
