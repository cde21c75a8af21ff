//! Finds which column of a changed entry was changed.

use std::ops::Range;

use crate::canonical::{Column, canonical, entry_hash};
use crate::entry::StoredEntry;
use crate::fault::FaultKind;
use crate::hash::{Algorithm, Hash, Hasher};
use crate::payload::Payload;

/// Explains why an entry does not fit its own hash, as precisely as the row itself allows.
///
/// Columns whose right value is known from elsewhere are put right on trial; if the hash then fits, that column was the one.
/// Otherwise every other value of every single byte is tried, which is some ten thousand hashes for one entry.
pub(crate) fn explain(algorithm: Algorithm, entry: &StoredEntry, right_prev: &Hash) -> FaultKind {
    if let Some(column) = by_known_value(algorithm, entry, right_prev) {
        return FaultKind::ColumnChanged { column, byte: None };
    }
    if let Some(byte) = single_difference(entry_hash(algorithm, entry).as_bytes(), &entry.entry_hash) {
        return FaultKind::ColumnChanged { column: Column::EntryHash, byte: Some(byte) };
    }
    if let Some((column, byte)) = by_single_byte(algorithm, entry) {
        return FaultKind::ColumnChanged { column, byte: Some(byte) };
    }
    FaultKind::EntryChanged
}

fn by_known_value(algorithm: Algorithm, entry: &StoredEntry, right_prev: &Hash) -> Option<Column> {
    let fits = |trial: &StoredEntry| entry_hash(algorithm, trial).as_bytes().as_slice() == entry.entry_hash;
    let mut trial = entry.clone();
    trial.prev_hash = right_prev.to_vec();
    if fits(&trial) {
        return Some(Column::PrevHash);
    }
    let mut trial = entry.clone();
    // Whether the text is there is hashed as well, so a removed or added payload shows here.
    trial.payload = if entry.payload.is_some() { None } else { Some(String::new()) };
    if fits(&trial) {
        return Some(Column::Payload);
    }
    let mut trial = entry.clone();
    trial.payload_digest = Payload::digest(algorithm, entry.payload.as_deref()?).to_vec();
    fits(&trial).then_some(Column::PayloadDigest)
}

fn by_single_byte(algorithm: Algorithm, entry: &StoredEntry) -> Option<(Column, usize)> {
    let layout = canonical(entry);
    layout.spans.iter().find_map(|(column, span)| {
        span.clone()
            .find(|&position| differs_at(algorithm, &layout.bytes, position, &entry.entry_hash))
            .map(|position| (*column, offset_in(span, position)))
    })
}

/// Whether some other value of the byte at a position gives the stored hash.
fn differs_at(algorithm: Algorithm, bytes: &[u8], position: usize, stored: &[u8]) -> bool {
    let Some((before, rest)) = bytes.split_at_checked(position) else { return false };
    let Some((present, after)) = rest.split_first() else { return false };
    let mut prefix = Hasher::new(algorithm);
    prefix.update(before);
    (0..=u8::MAX).filter(|value| value != present).any(|value| {
        let mut hasher = prefix.clone();
        hasher.update(&[value]);
        hasher.update(after);
        hasher.finish().as_bytes().as_slice() == stored
    })
}

fn offset_in(span: &Range<usize>, position: usize) -> usize {
    position.saturating_sub(span.start)
}

/// The position of the only byte in which two strings of one length differ.
fn single_difference(left: &[u8], right: &[u8]) -> Option<usize> {
    if left.len() != right.len() {
        return None;
    }
    let mut differences = left.iter().zip(right).enumerate().filter(|(_, (left, right))| left != right);
    match (differences.next(), differences.next()) {
        (Some((position, _)), None) => Some(position),
        _ => None,
    }
}
