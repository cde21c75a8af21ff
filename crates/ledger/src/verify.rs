//! Verification, separate from writing: it trusts heads published before and public keys given from outside, and nothing that
//! the database says about itself. It reads entries once, in any interleaving of chains, and keeps O(log n) per chain.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::canonical::{Column, entry_hash};
use crate::chain::Chain;
use crate::entry::StoredEntry;
use crate::fault::{Fault, FaultKind};
use crate::hash::{Algorithm, Hash};
use crate::head::Head;
use crate::head_file::TrustedKeys;
use crate::locate;
use crate::payload::Payload;

/// Checks stored entries against published heads. Entries of one chain must come in the order of their seq.
pub fn verify<E: fmt::Display>(
    entries: impl IntoIterator<Item = Result<StoredEntry, E>>,
    heads: &[Head],
    trusted_keys: &TrustedKeys,
) -> Verdict {
    let heads = TrustedHeads::check(heads, trusted_keys);
    let mut verifier = Verifier::new(&heads);
    for entry in entries {
        match entry {
            Ok(entry) => verifier.feed(&entry),
            Err(error) => {
                verifier.unreadable(error.to_string());
                break;
            }
        }
    }
    verifier.finish()
}

/// Heads whose signatures were checked, by chain and in the order of their time.
#[derive(Debug, Clone, Default)]
pub struct TrustedHeads {
    chains: BTreeMap<String, Vec<Head>>,
    faults: Vec<Fault>,
}

impl TrustedHeads {
    /// Checks every signature and the order of the heads; what does not hold becomes a fault of the verdict and is not used.
    pub fn check(heads: &[Head], keys: &TrustedKeys) -> Self {
        let mut checked = Self::default();
        for head in heads {
            let finding = match keys.get(&head.key_id) {
                None => Some(FaultKind::UnknownKey { key_id: head.key_id.clone() }),
                Some(key) if !head.is_signed_by(key) => Some(FaultKind::ForgedHead { published: head.tree_size }),
                Some(_) => None,
            };
            match finding {
                Some(kind) => checked.faults.push(Fault { chain: head.chain.clone(), seq: None, kind }),
                None => checked.chains.entry(head.chain.clone()).or_default().push(head.clone()),
            }
        }
        for (chain, heads) in &mut checked.chains {
            heads.sort_by_key(|head| (head.at, head.tree_size));
            let pairs = heads.iter().zip(heads.iter().skip(1));
            let findings = pairs.filter_map(|(before, after)| disagreement(before, after));
            checked.faults.extend(findings.map(|kind| Fault { chain: chain.clone(), seq: None, kind }));
            // The entries are met in the order of their seq.
            heads.sort_by_key(|head| head.tree_size);
        }
        checked
    }

    /// What is wrong with the heads themselves.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }
}

fn disagreement(before: &Head, after: &Head) -> Option<FaultKind> {
    if before.algorithm != after.algorithm {
        return Some(FaultKind::AlgorithmChanged);
    }
    if after.tree_size < before.tree_size {
        return Some(FaultKind::HeadBackwards { before: before.tree_size, after: after.tree_size });
    }
    let same_size = after.tree_size == before.tree_size;
    let differ = after.root != before.root || after.last_hash != before.last_hash;
    (same_size && differ).then_some(FaultKind::HeadsDisagree { published: after.tree_size })
}

/// What the verifier found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// One report for each chain that has entries or heads.
    pub chains: Vec<ChainReport>,
    /// The faults of the heads, and the first fault of each chain.
    pub faults: Vec<Fault>,
}

impl Verdict {
    /// Whether nothing is wrong; entries may still be not covered by a head yet.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        self.faults.is_empty()
    }

    /// How many entries no published head covers yet: whoever can write the database could still change those unnoticed.
    pub fn not_yet_covered(&self) -> u64 {
        self.chains.iter().map(ChainReport::not_yet_covered).sum()
    }
}

/// What was found about one chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChainReport {
    /// Name of the chain.
    pub chain: String,
    /// How many entries were read.
    pub entries: u64,
    /// How many entries are without fault, counted from the first.
    pub sound: u64,
    /// How many of the sound entries agree with a published head.
    pub covered: u64,
    /// When the newest head was signed, in Unix milliseconds.
    pub newest_head_at: Option<i64>,
    /// Hash of the last entry that was followed.
    pub last_hash: Hash,
    /// Root of the tree over the entries that were followed.
    pub root: Hash,
}

impl ChainReport {
    /// Whether any trusted head speaks of this chain; without one, nothing that was found proves anything.
    pub const fn has_head(&self) -> bool {
        self.newest_head_at.is_some()
    }

    /// How many entries after the newest head were read.
    pub fn not_yet_covered(&self) -> u64 {
        self.sound.saturating_sub(self.covered)
    }
}

/// Whether the verifier spends time on naming the changed byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Detail {
    /// Name the column and byte where possible; some ten thousand hashes for the first changed entry of a chain.
    #[default]
    Byte,
    /// Only say which entry.
    Entry,
}

/// Takes entries one after the other.
#[derive(Debug)]
pub struct Verifier<'a> {
    heads: &'a TrustedHeads,
    detail: Detail,
    chains: BTreeMap<String, ChainCheck<'a>>,
    misplaced: Vec<Fault>,
    unreadable: Option<Fault>,
}

impl<'a> Verifier<'a> {
    /// Starts with checked heads.
    pub fn new(heads: &'a TrustedHeads) -> Self {
        let mut verifier =
            Self { heads, detail: Detail::default(), chains: BTreeMap::new(), misplaced: Vec::new(), unreadable: None };
        for (chain, published) in &heads.chains {
            let algorithm = published.first().map(|head| head.algorithm).unwrap_or_default();
            verifier.chains.insert(chain.clone(), ChainCheck::new(chain, algorithm, published));
        }
        verifier
    }

    /// Chooses how far a changed entry is looked into.
    #[must_use]
    pub const fn with_detail(mut self, detail: Detail) -> Self {
        self.detail = detail;
        self
    }

    /// Checks the next entry of its chain.
    pub fn feed(&mut self, entry: &StoredEntry) {
        let found_fault = match self.chains.get_mut(&entry.chain) {
            Some(check) => check.feed(entry, self.detail),
            None => true,
        };
        let origin = if found_fault { self.origin_of(entry) } else { None };
        if let Some(chain) = origin {
            let kind = FaultKind::ColumnChanged { column: Column::Chain, byte: None };
            self.misplaced.push(Fault { chain, seq: Some(entry.seq), kind });
        } else if !self.chains.contains_key(&entry.chain) {
            // No head names the algorithm, so it is the one that fits; that proves nothing, but nothing is covered here anyway.
            let algorithm = Some(Algorithm::Sm3).filter(|sm3| fits(*sm3, entry)).unwrap_or_default();
            let mut check = ChainCheck::new(&entry.chain, algorithm, &[]);
            check.feed(entry, self.detail);
            self.chains.insert(entry.chain.clone(), check);
        }
    }

    /// The chain with heads that the entry was taken from, if only its chain column was changed.
    fn origin_of(&self, entry: &StoredEntry) -> Option<String> {
        self.heads
            .chains
            .iter()
            .filter(|(chain, _)| **chain != entry.chain)
            .find(|(chain, heads)| {
                let algorithm = heads.first().map(|head| head.algorithm).unwrap_or_default();
                fits(algorithm, &StoredEntry { chain: (*chain).clone(), ..entry.clone() })
            })
            .map(|(chain, _)| chain.clone())
    }

    /// Notes that an entry is there and cannot be decoded, as after a change of its bytes; the entries after it can still be fed.
    pub fn undecodable(&mut self, chain: &str, seq: i64, why: String) {
        let check =
            self.chains.entry(chain.to_owned()).or_insert_with(|| ChainCheck::new(chain, Algorithm::default(), &[]));
        check.entries = check.entries.saturating_add(1);
        check.fault.get_or_insert_with(|| Fault {
            chain: chain.to_owned(),
            seq: Some(seq),
            kind: FaultKind::Undecodable { why },
        });
    }

    /// Notes that the entries could not be read to the end.
    pub fn unreadable(&mut self, why: String) {
        self.unreadable = Some(Fault { chain: String::new(), seq: None, kind: FaultKind::Unreadable { why } });
    }

    /// Compares the ends of the chains with the heads and answers the verdict.
    pub fn finish(self) -> Verdict {
        let mut faults = self.heads.faults.clone();
        // What was not read is not missing.
        let complete = self.unreadable.is_none();
        faults.extend(self.unreadable);
        faults.extend(self.misplaced);
        let mut chains = Vec::with_capacity(self.chains.len());
        for check in self.chains.into_values() {
            let (report, fault) = check.finish(complete);
            chains.push(report);
            faults.extend(fault);
        }
        Verdict { chains, faults }
    }
}

/// The running check of one chain.
#[derive(Debug)]
struct ChainCheck<'a> {
    chain: Chain,
    /// Heads not reached yet, smallest first.
    ahead: std::iter::Peekable<std::slice::Iter<'a, Head>>,
    newest_head_at: Option<i64>,
    entries: u64,
    covered: u64,
    fault: Option<Fault>,
}

impl<'a> ChainCheck<'a> {
    fn new(name: &str, algorithm: Algorithm, heads: &'a [Head]) -> Self {
        let mut check = Self {
            chain: Chain::new(name, algorithm),
            ahead: heads.iter().peekable(),
            newest_head_at: heads.iter().map(|head| head.at).max(),
            entries: 0,
            covered: 0,
            fault: None,
        };
        // A head over the empty chain is met before the first entry.
        check.meet_heads();
        check
    }

    /// Takes the next entry and says whether it brought the chain's first fault.
    fn feed(&mut self, entry: &StoredEntry, detail: Detail) -> bool {
        self.entries = self.entries.saturating_add(1);
        if let Some(fault) = &mut self.fault {
            // What looked like a gap is a change of order if the missing entry turns up later.
            if let FaultKind::Gap { found } = fault.kind
                && fault.seq == Some(entry.seq)
            {
                fault.kind = FaultKind::OutOfOrder { found };
            }
            return false;
        }
        match self.check_entry(entry, detail) {
            Ok(hash) => {
                self.chain.advance(hash);
                self.meet_heads();
            }
            Err(fault) => self.fault = Some(fault),
        }
        self.fault.is_some()
    }

    fn check_entry(&self, entry: &StoredEntry, detail: Detail) -> Result<Hash, Fault> {
        check_next(&self.chain, entry).map_err(|fault| match (detail, &fault.kind) {
            (Detail::Byte, FaultKind::EntryChanged) => {
                Fault { kind: locate::explain(self.chain.algorithm(), entry, self.chain.last_hash()), ..fault }
            }
            _ => fault,
        })
    }

    /// Compares with every head over exactly the entries read so far.
    fn meet_heads(&mut self) {
        let size = self.chain.seq();
        while let Some(head) = self.ahead.next_if(|head| head.tree_size == size) {
            if head.root == self.chain.root() && head.last_hash == *self.chain.last_hash() {
                self.covered = size;
            } else if self.fault.is_none() {
                self.fault = Some(Fault {
                    chain: self.chain.name().to_owned(),
                    seq: i64::try_from(self.covered).ok().and_then(|covered| covered.checked_add(1)),
                    kind: FaultKind::RootMismatch { agreed: self.covered, published: size },
                });
            }
        }
    }

    fn finish(mut self, complete: bool) -> (ChainReport, Option<Fault>) {
        let found = self.chain.seq();
        let published = self.ahead.map(|head| head.tree_size).max();
        if let Some(published) = published
            && complete
            && self.fault.is_none()
        {
            self.fault = Some(Fault {
                chain: self.chain.name().to_owned(),
                seq: Some(self.chain.next_seq()),
                kind: FaultKind::TailCut { published, found },
            });
        }
        // Past a head that does not agree, no entry is sound, however well it is chained.
        let rewritten = self.fault.as_ref().is_some_and(|fault| matches!(fault.kind, FaultKind::RootMismatch { .. }));
        let report = ChainReport {
            chain: self.chain.name().to_owned(),
            entries: self.entries,
            sound: if rewritten { self.covered } else { found },
            covered: self.covered,
            newest_head_at: self.newest_head_at,
            last_hash: *self.chain.last_hash(),
            root: self.chain.root(),
        };
        (report, self.fault)
    }
}

fn fits(algorithm: Algorithm, entry: &StoredEntry) -> bool {
    entry_hash(algorithm, entry).as_bytes().as_slice() == entry.entry_hash
}

/// Checks that an entry is whole and is the next one of its chain, and answers its hash.
pub(crate) fn check_next(chain: &Chain, entry: &StoredEntry) -> Result<Hash, Fault> {
    let expected = chain.next_seq();
    let fault = |seq: i64, kind: FaultKind| Fault { chain: chain.name().to_owned(), seq: Some(seq), kind };
    let changed = |column: Column| fault(expected, FaultKind::ColumnChanged { column, byte: None });
    if entry.chain != chain.name() {
        return Err(changed(Column::Chain));
    }
    if entry.seq != expected {
        if fits(chain.algorithm(), &StoredEntry { seq: expected, ..entry.clone() }) {
            return Err(changed(Column::Seq));
        }
        return Err(if entry.seq > expected {
            fault(expected, FaultKind::Gap { found: entry.seq })
        } else if entry.seq > 0 {
            fault(entry.seq, FaultKind::Duplicate)
        } else {
            changed(Column::Seq)
        });
    }
    let hash = entry_hash(chain.algorithm(), entry);
    if hash.as_bytes().as_slice() != entry.entry_hash {
        return Err(fault(expected, FaultKind::EntryChanged));
    }
    if chain.last_hash().as_bytes().as_slice() != entry.prev_hash {
        return Err(fault(expected, FaultKind::NotChained));
    }
    if let Some(payload) = &entry.payload
        && Payload::digest(chain.algorithm(), payload).as_bytes().as_slice() != entry.payload_digest
    {
        return Err(changed(Column::Payload));
    }
    Ok(hash)
}
