//! Proofs that an entry is under a root, and that one root continues another.

use serde::{Deserialize, Serialize};

use crate::hash::{Algorithm, Hash};
use crate::merkle::{Frontier, leaf_hash, node_hash};

/// Shows that an entry is the leaf at a position of a tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InclusionProof {
    /// The hash algorithm of the tree.
    pub algorithm: Algorithm,
    /// Position of the leaf, from 0; the entry's seq less one.
    pub index: u64,
    /// Size of the tree.
    pub tree_size: u64,
    /// The neighbors on the way from the leaf to the root.
    pub path: Vec<Hash>,
}

/// Shows that a smaller tree is the beginning of a larger one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsistencyProof {
    /// The hash algorithm of both trees.
    pub algorithm: Algorithm,
    /// Size of the smaller tree.
    pub old_size: u64,
    /// Size of the larger tree.
    pub new_size: u64,
    /// The subtrees from which both roots follow.
    pub path: Vec<Hash>,
}

/// Why a proof cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The position or the smaller size lies outside the tree.
    #[error("the position lies outside the tree / 位置超出范围")]
    OutOfRange,
    /// There are fewer entries than the tree is said to have.
    #[error("there are fewer entries than the tree has leaves / 记录数少于树的大小")]
    TooFewEntries,
}

/// A run of leaves whose root is part of a proof.
#[derive(Debug, Clone, Copy)]
struct Run {
    start: u64,
    end: u64,
}

impl InclusionProof {
    /// Makes the proof in one pass over the entry hashes, in O(log n) memory.
    pub fn build(
        algorithm: Algorithm,
        entry_hashes: impl IntoIterator<Item = Hash>,
        index: u64,
        tree_size: u64,
    ) -> Result<Self, ProofError> {
        if index >= tree_size {
            return Err(ProofError::OutOfRange);
        }
        let mut runs = Vec::new();
        let mut tree = Run { start: 0, end: tree_size };
        while tree.end - tree.start > 1 {
            let (left, right) = halves(tree);
            let inside_left = index < left.end;
            runs.push(if inside_left { right } else { left });
            tree = if inside_left { left } else { right };
        }
        runs.reverse();
        Ok(Self { algorithm, index, tree_size, path: roots(algorithm, entry_hashes, &runs)? })
    }

    /// Whether the entry is at its position under the root (RFC 9162, section 2.1.3.2).
    #[must_use]
    pub fn verifies(&self, entry_hash: &Hash, root: &Hash) -> bool {
        if self.index >= self.tree_size {
            return false;
        }
        let mut position = self.index;
        let mut last = self.tree_size - 1;
        let mut node = leaf_hash(self.algorithm, entry_hash);
        for neighbor in &self.path {
            if last == 0 {
                return false;
            }
            if position & 1 == 1 || position == last {
                node = node_hash(self.algorithm, neighbor, &node);
                while position & 1 == 0 && position != 0 {
                    position >>= 1;
                    last >>= 1;
                }
            } else {
                node = node_hash(self.algorithm, &node, neighbor);
            }
            position >>= 1;
            last >>= 1;
        }
        last == 0 && node == *root
    }
}

impl ConsistencyProof {
    /// Makes the proof in one pass over the entry hashes, in O(log n) memory.
    pub fn build(
        algorithm: Algorithm,
        entry_hashes: impl IntoIterator<Item = Hash>,
        old_size: u64,
        new_size: u64,
    ) -> Result<Self, ProofError> {
        if old_size > new_size {
            return Err(ProofError::OutOfRange);
        }
        let mut runs = Vec::new();
        if old_size > 0 && old_size < new_size {
            let mut tree = Run { start: 0, end: new_size };
            // The old tree ends inside this subtree until it ends where the subtree does.
            while tree.end != old_size {
                let (left, right) = halves(tree);
                let inside_left = old_size <= left.end;
                runs.push(if inside_left { right } else { left });
                tree = if inside_left { left } else { right };
            }
            if tree.start > 0 {
                runs.push(tree);
            }
            runs.reverse();
        }
        Ok(Self { algorithm, old_size, new_size, path: roots(algorithm, entry_hashes, &runs)? })
    }

    /// Whether the new root continues the old one (RFC 9162, section 2.1.4.2). Every tree continues the empty one.
    #[must_use]
    pub fn verifies(&self, old_root: &Hash, new_root: &Hash) -> bool {
        if self.old_size == 0 {
            return self.path.is_empty() && *old_root == Frontier::new(self.algorithm).root();
        }
        if self.old_size >= self.new_size {
            return self.old_size == self.new_size && self.path.is_empty() && old_root == new_root;
        }
        let mut path = self.path.iter();
        let mut position = self.old_size - 1;
        let mut last = self.new_size - 1;
        while position & 1 == 1 {
            position >>= 1;
            last >>= 1;
        }
        // An old tree that is one complete subtree is its own first node.
        let start = if position == 0 { Some(old_root) } else { path.next() };
        let Some(start) = start else { return false };
        let (mut old, mut new) = (*start, *start);
        for neighbor in path {
            if last == 0 {
                return false;
            }
            if position & 1 == 1 || position == last {
                old = node_hash(self.algorithm, neighbor, &old);
                new = node_hash(self.algorithm, neighbor, &new);
                while position & 1 == 0 && position != 0 {
                    position >>= 1;
                    last >>= 1;
                }
            } else {
                new = node_hash(self.algorithm, &new, neighbor);
            }
            position >>= 1;
            last >>= 1;
        }
        last == 0 && old == *old_root && new == *new_root
    }
}

/// Splits a run of at least two leaves as RFC 6962 does: the left half is the largest power of two smaller than the whole.
fn halves(run: Run) -> (Run, Run) {
    let length = run.end - run.start;
    // One less before finding the highest bit makes "smaller than", not "up to".
    let left = 1_u64 << (length - 1).ilog2();
    let middle = run.start + left;
    (Run { start: run.start, end: middle }, Run { start: middle, end: run.end })
}

/// The roots of disjoint runs, answered in the order asked, from one pass over the leaves.
fn roots(
    algorithm: Algorithm,
    entry_hashes: impl IntoIterator<Item = Hash>,
    runs: &[Run],
) -> Result<Vec<Hash>, ProofError> {
    let mut order: Vec<(usize, Run)> = runs.iter().copied().enumerate().collect();
    order.sort_unstable_by_key(|(_, run)| run.start);
    let mut found: Vec<(usize, Hash)> = Vec::with_capacity(runs.len());
    let mut leaves = (0_u64..).zip(entry_hashes);
    for (place, run) in order {
        let mut frontier = Frontier::new(algorithm);
        while frontier.size() < run.end - run.start {
            let (position, leaf) = leaves.next().ok_or(ProofError::TooFewEntries)?;
            if position >= run.start {
                frontier.push(&leaf);
            }
        }
        found.push((place, frontier.root()));
    }
    found.sort_unstable_by_key(|(place, _)| *place);
    Ok(found.into_iter().map(|(_, root)| root).collect())
}
