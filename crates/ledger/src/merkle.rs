//! The tree of RFC 6962, grown one leaf at a time.

use serde::{Deserialize, Serialize};

use crate::hash::{Algorithm, Hash};

/// The right edge of a tree: the roots of its complete subtrees, largest first. It grows by a leaf in O(log n) and knows the
/// root of everything appended so far without keeping the leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "StoredFrontier", into = "StoredFrontier")]
pub struct Frontier {
    algorithm: Algorithm,
    size: u64,
    peaks: Vec<Hash>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredFrontier {
    algorithm: Algorithm,
    size: u64,
    peaks: Vec<Hash>,
}

impl From<Frontier> for StoredFrontier {
    fn from(Frontier { algorithm, size, peaks }: Frontier) -> Self {
        Self { algorithm, size, peaks }
    }
}

impl TryFrom<StoredFrontier> for Frontier {
    type Error = &'static str;

    fn try_from(StoredFrontier { algorithm, size, peaks }: StoredFrontier) -> Result<Self, Self::Error> {
        if u32::try_from(peaks.len()).is_ok_and(|count| count == size.count_ones()) {
            Ok(Self { algorithm, size, peaks })
        } else {
            Err("the number of subtrees does not fit the size of the tree")
        }
    }
}

impl Frontier {
    /// An empty tree.
    pub const fn new(algorithm: Algorithm) -> Self {
        Self { algorithm, size: 0, peaks: Vec::new() }
    }

    /// The hash algorithm.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// How many leaves there are.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends an entry hash as the next leaf.
    pub fn push(&mut self, entry_hash: &Hash) {
        let mut node = leaf_hash(self.algorithm, entry_hash);
        let mut complete = self.size;
        // Each trailing one of the size is a complete subtree as large as the one just finished.
        while complete & 1 == 1 {
            if let Some(left) = self.peaks.pop() {
                node = node_hash(self.algorithm, &left, &node);
            }
            complete >>= 1;
        }
        self.peaks.push(node);
        self.size = self.size.saturating_add(1);
    }

    /// The root over all leaves.
    pub fn root(&self) -> Hash {
        self.peaks
            .iter()
            .rev()
            .copied()
            .reduce(|right, left| node_hash(self.algorithm, &left, &right))
            .unwrap_or_else(|| self.algorithm.hash(&[]))
    }
}

pub(crate) fn leaf_hash(algorithm: Algorithm, entry_hash: &Hash) -> Hash {
    algorithm.hash(&[&[0], entry_hash.as_bytes()])
}

pub(crate) fn node_hash(algorithm: Algorithm, left: &Hash, right: &Hash) -> Hash {
    algorithm.hash(&[&[1], left.as_bytes(), right.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of RFC 6962 section 2.1, word for word and recursive.
    fn defined_root(algorithm: Algorithm, leaves: &[Hash]) -> Hash {
        match leaves {
            [] => algorithm.hash(&[]),
            [leaf] => leaf_hash(algorithm, leaf),
            _ => {
                let half = leaves.len().next_power_of_two() / 2;
                let (left, right) = leaves.split_at(half);
                node_hash(algorithm, &defined_root(algorithm, left), &defined_root(algorithm, right))
            }
        }
    }

    #[test]
    fn roots_agree_with_the_definition() {
        for algorithm in [Algorithm::Sha256, Algorithm::Sm3] {
            let mut frontier = Frontier::new(algorithm);
            let mut leaves = Vec::new();
            for number in 0_u8..=130 {
                assert_eq!(frontier.root(), defined_root(algorithm, &leaves));
                let leaf = algorithm.hash(&[&[number]]);
                frontier.push(&leaf);
                leaves.push(leaf);
            }
        }
    }

    #[test]
    fn an_empty_tree_has_the_root_of_rfc_6962() {
        assert_eq!(
            Frontier::new(Algorithm::Sha256).root().to_string(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn a_stored_frontier_continues_where_it_stopped() {
        let mut frontier = Frontier::new(Algorithm::Sha256);
        let leaf = Algorithm::Sha256.hash(&[b"leaf"]);
        (0..11).for_each(|_| frontier.push(&leaf));
        let text = serde_json::to_string(&frontier).unwrap();
        let mut restored: Frontier = serde_json::from_str(&text).unwrap();
        assert_eq!(restored, frontier);
        restored.push(&leaf);
        frontier.push(&leaf);
        assert_eq!(restored.root(), frontier.root());
    }

    #[test]
    fn a_frontier_with_a_missing_subtree_is_refused() {
        let text = format!(r#"{{"algorithm":"sha256","size":3,"peaks":["{}"]}}"#, "00".repeat(32));
        assert!(serde_json::from_str::<Frontier>(&text).is_err());
    }
}
