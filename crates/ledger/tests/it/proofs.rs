//! Properties of inclusion and consistency proofs, and of readers of foreign input.

use crate::world::{TestSigner, draft, verdict};
use cordon_ledger::{
    Algorithm, Chain, ConsistencyProof, Frontier, Hash, HeadFile, InclusionProof, StoredEntry, TrustedKeys,
};
use proptest::prelude::*;

fn leaves(count: u64) -> Vec<Hash> {
    let leaf = |number: u64| {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        Hash::from_bytes(bytes)
    };
    (0..count).map(leaf).collect()
}

fn root(algorithm: Algorithm, leaves: &[Hash]) -> Hash {
    let mut frontier = Frontier::new(algorithm);
    for leaf in leaves {
        frontier.push(leaf);
    }
    frontier.root()
}

fn prefix(leaves: &[Hash], size: u64) -> &[Hash] {
    &leaves[..usize::try_from(size).expect("small")]
}

fn algorithms() -> impl Strategy<Value = Algorithm> {
    prop_oneof![Just(Algorithm::Sha256), Just(Algorithm::Sm3)]
}

/// Two sizes, the first not larger than the second, and an index below the first.
fn sizes() -> impl Strategy<Value = (u64, u64, u64)> {
    (1_u64..200).prop_flat_map(|new| (1..=new, Just(new))).prop_flat_map(|(old, new)| (0..old, Just(old), Just(new)))
}

fn flipped(hash: &Hash, bit: usize) -> Hash {
    let mut bytes = *hash.as_bytes();
    bytes[(bit / 8) % 32] ^= 1 << (bit % 8);
    Hash::from_bytes(bytes)
}

#[test]
fn all_proofs_of_small_trees_hold() {
    let all = leaves(40);
    for new in 1..=40 {
        let new_root = root(Algorithm::Sha256, prefix(&all, new));
        for old in 0..=new {
            let old_root = root(Algorithm::Sha256, prefix(&all, old));
            let proof = ConsistencyProof::build(Algorithm::Sha256, all.iter().copied(), old, new).expect("a proof");
            assert!(proof.verifies(&old_root, &new_root), "{old} of {new}");
        }
        for index in 0..new {
            let proof = InclusionProof::build(Algorithm::Sha256, all.iter().copied(), index, new).expect("a proof");
            let leaf = &prefix(&all, index + 1)[usize::try_from(index).expect("small")];
            assert!(proof.verifies(leaf, &new_root), "{index} in {new}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_consistency_proof_holds_for_these_trees_and_no_others(
        algorithm in algorithms(), (_, old, new) in sizes(), bit in 0_usize..256, step in any::<prop::sample::Index>(),
    ) {
        let all = leaves(new);
        let (old_root, new_root) = (root(algorithm, prefix(&all, old)), root(algorithm, &all));
        let proof = ConsistencyProof::build(algorithm, all.iter().copied(), old, new).expect("a proof");
        prop_assert!(proof.verifies(&old_root, &new_root));
        prop_assert!(proof.path.len() <= 2 * 8, "the proof is short");
        prop_assert!(!proof.verifies(&flipped(&old_root, bit), &new_root));
        prop_assert!(!proof.verifies(&old_root, &flipped(&new_root, bit)));
        // A tree in which one old entry was changed is no continuation.
        let mut changed = all.clone();
        let victim = step.index(prefix(&all, old).len());
        changed[victim] = flipped(&changed[victim], bit);
        let rewritten = ConsistencyProof::build(algorithm, changed.iter().copied(), old, new).expect("a proof");
        prop_assert!(!rewritten.verifies(&old_root, &root(algorithm, &changed)));
        // A changed, shortened or lengthened path proves nothing.
        for position in 0..proof.path.len() {
            let mut forged = proof.clone();
            forged.path[position] = flipped(&forged.path[position], bit);
            prop_assert!(!forged.verifies(&old_root, &new_root));
            forged.path.remove(position);
            prop_assert!(!forged.verifies(&old_root, &new_root));
        }
        let mut longer = proof.clone();
        longer.path.push(new_root);
        prop_assert!(!longer.verifies(&old_root, &new_root));
    }

    #[test]
    fn an_inclusion_proof_holds_for_this_entry_and_place_only(
        algorithm in algorithms(), (index, _, size) in sizes(), bit in 0_usize..256,
    ) {
        let all = leaves(size);
        let root = root(algorithm, &all);
        let leaf = all[usize::try_from(index).expect("small")];
        let proof = InclusionProof::build(algorithm, all.iter().copied(), index, size).expect("a proof");
        prop_assert!(proof.verifies(&leaf, &root));
        prop_assert!(!proof.verifies(&flipped(&leaf, bit), &root));
        prop_assert!(!proof.verifies(&leaf, &flipped(&root, bit)));
        for other in (0..size).filter(|&other| other != index) {
            let moved = InclusionProof { index: other, ..proof.clone() };
            prop_assert!(!moved.verifies(&leaf, &root));
        }
        for position in 0..proof.path.len() {
            let mut forged = proof.clone();
            forged.path[position] = flipped(&forged.path[position], bit);
            prop_assert!(!forged.verifies(&leaf, &root));
            forged.path.remove(position);
            prop_assert!(!forged.verifies(&leaf, &root));
        }
    }

    #[test]
    fn proofs_with_any_numbers_are_refused_without_a_panic(
        index in any::<u64>(), old_size in any::<u64>(), size in any::<u64>(), length in 0_usize..80,
    ) {
        let path = vec![Hash::from_bytes([1; 32]); length];
        let root = Hash::from_bytes([2; 32]);
        let inclusion = InclusionProof { algorithm: Algorithm::Sha256, index, tree_size: size, path: path.clone() };
        prop_assert!(!inclusion.verifies(&root, &root));
        let consistency = ConsistencyProof { algorithm: Algorithm::Sha256, old_size, new_size: size, path };
        prop_assert!(!consistency.verifies(&root, &Hash::from_bytes([3; 32])));
    }

    #[test]
    fn any_bytes_are_a_head_file_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(HeadFile::parse(&bytes).is_err());
    }

    #[test]
    fn any_rows_get_a_verdict(rows in prop::collection::vec(any_row(), 0..12)) {
        let verdict = verdict(&rows, &[], &TrustedKeys::default());
        prop_assert_eq!(verdict.is_intact(), rows.is_empty());
    }
}

fn any_row() -> impl Strategy<Value = StoredEntry> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..40);
    let numbers = (prop_oneof![Just(1), Just(2), any::<i64>()], any::<i64>());
    let texts = (prop_oneof![Just("a".to_owned()), ".{0,8}"], ".{0,8}", ".{0,8}");
    let optional = (prop::option::of(".{0,8}"), prop::option::of(".{0,8}"));
    (numbers, texts, optional, (bytes(), bytes(), bytes())).prop_map(
        |((seq, at), (chain, actor, action), (payload, trace), (payload_digest, prev_hash, entry_hash))| StoredEntry {
            chain,
            seq,
            at,
            actor,
            actor_kind: String::new(),
            organization: String::new(),
            on_behalf_of: None,
            action,
            object_kind: String::new(),
            object_id: String::new(),
            object_organization: None,
            outcome: String::new(),
            policy_version: String::new(),
            payload_digest,
            payload,
            trace,
            prev_hash,
            entry_hash,
        },
    )
}

#[test]
fn impossible_proofs_are_refused() {
    use cordon_ledger::ProofError::{OutOfRange, TooFewEntries};
    let build = |index, size| InclusionProof::build(Algorithm::Sha256, leaves(5), index, size).map(drop);
    assert_eq!(build(5, 5), Err(OutOfRange));
    assert_eq!(build(0, 6), Err(TooFewEntries));
    let build = |old, new| ConsistencyProof::build(Algorithm::Sha256, leaves(5), old, new).map(drop);
    assert_eq!(build(4, 3), Err(OutOfRange));
    assert_eq!(build(3, 9), Err(TooFewEntries));
}

#[test]
fn heads_accept_proofs_of_their_own_chain_and_size_only() {
    let signer = TestSigner::new("ledger-1", 1);
    let mut chain = Chain::new("disposal", Algorithm::Sm3);
    let mut hashes = Vec::new();
    let mut append = |chain: &mut Chain, number| {
        let entry = chain.append(draft("disposal", number));
        hashes.push(Hash::from_slice(&entry.entry_hash).expect("32 bytes"));
    };
    (1..=6).for_each(|number| append(&mut chain, number));
    let old = chain.sign_head(1, &signer).expect("signed");
    (7..=13).for_each(|number| append(&mut chain, number));
    let new = chain.sign_head(2, &signer).expect("signed");
    let proof = ConsistencyProof::build(Algorithm::Sm3, hashes.iter().copied(), 6, 13).expect("a proof");
    assert!(new.continues(&old, &proof));
    assert!(!old.continues(&new, &proof));
    let mut elsewhere = old.clone();
    elsewhere.chain = "directory".to_owned();
    assert!(!new.continues(&elsewhere, &proof));
    let inside = InclusionProof::build(Algorithm::Sm3, hashes.iter().copied(), 3, 13).expect("a proof");
    assert!(new.includes(&hashes[3], &inside));
    assert!(!new.includes(&hashes[4], &inside));
    assert!(!old.includes(&hashes[3], &inside));
}
