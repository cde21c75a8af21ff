//! Typed identifiers: UUIDv7 inside, `<prefix>_<base32>` outside.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use data_encoding::BASE32HEX_NOPAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::{Builder, Uuid};

use crate::Timestamp;

/// Names a kind of identifier; see the list in `kinds.rs`.
pub trait IdKind: Send + Sync + 'static {
    /// The part before the underscore, short and unique.
    const PREFIX: &'static str;
}

/// An identifier of kind `K`, ordered by the time at which it was made.
pub struct Id<K> {
    value: Uuid,
    kind: PhantomData<fn() -> K>,
}

/// The text is not an identifier of the expected kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier of kind {expected}")]
pub struct InvalidId {
    /// The prefix that was expected.
    pub expected: &'static str,
}

impl<K: IdKind> Id<K> {
    /// Makes a new identifier whose leading bits are `now`.
    pub fn new(now: Timestamp) -> Self {
        let millis = u64::try_from(now.millis()).unwrap_or(0);
        Self::from_uuid(Builder::from_unix_timestamp_millis(millis, &rand::random()).into_uuid())
    }

    /// Derives an identifier from another one and a label, so that doing the same thing twice names the same thing.
    pub fn derived(from: Uuid, label: &str) -> Self {
        // UUIDv8 with the time bits of the source kept: derived rows sort beside their source.
        let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
        for byte in from.as_bytes().iter().chain(label.as_bytes()) {
            hash ^= u128::from(*byte);
            hash = hash.wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
        let time = from.as_u128() & (u128::MAX << 80);
        let rest = hash & !(u128::MAX << 80);
        Self::from_uuid(Builder::from_custom_bytes((time | rest).to_be_bytes()).into_uuid())
    }

    /// Wraps a stored value.
    pub const fn from_uuid(value: Uuid) -> Self {
        Self { value, kind: PhantomData }
    }

    /// Gives the stored value.
    pub const fn uuid(self) -> Uuid {
        self.value
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.value.cmp(&other.value)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

impl<K: IdKind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = BASE32HEX_NOPAD.encode(self.value.as_bytes()).to_ascii_lowercase();
        write!(f, "{}_{digits}", K::PREFIX)
    }
}

impl<K: IdKind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K: IdKind> FromStr for Id<K> {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = InvalidId { expected: K::PREFIX };
        let digits = text.strip_prefix(K::PREFIX).and_then(|rest| rest.strip_prefix('_')).ok_or(invalid)?;
        if digits.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(invalid);
        }
        let bytes = BASE32HEX_NOPAD.decode(digits.to_ascii_uppercase().as_bytes()).map_err(|_source| invalid)?;
        Uuid::from_slice(&bytes).map(Self::from_uuid).map_err(|_source| invalid)
    }
}

impl<K: IdKind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: IdKind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{OrderId, ReportId};

    #[test]
    fn text_form_round_trips_and_other_kinds_are_refused() {
        let id = OrderId::new(Timestamp::from_millis(1_795_000_000_000));
        let text = id.to_string();
        assert!(text.starts_with("ord_"), "{text}");
        assert_eq!(text.parse::<OrderId>(), Ok(id));
        assert_eq!(text.parse::<ReportId>(), Err(InvalidId { expected: "rep" }));
        assert!(text.to_uppercase().parse::<OrderId>().is_err());
        assert!(format!("{text} ").parse::<OrderId>().is_err());
    }

    #[test]
    fn text_order_is_time_order() {
        let early = OrderId::new(Timestamp::from_millis(1_000));
        let late = OrderId::new(Timestamp::from_millis(2_000));
        assert!(early < late);
        assert!(early.to_string() < late.to_string());
    }

    #[test]
    fn derived_identifiers_repeat_and_differ_by_label() {
        let order = OrderId::new(Timestamp::from_millis(1_000));
        let first: ReportId = Id::derived(order.uuid(), "a");
        assert_eq!(first, Id::derived(order.uuid(), "a"));
        assert_ne!(first, Id::derived(order.uuid(), "b"));
    }
}
