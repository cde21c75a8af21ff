//! Ten thousand ways to lie about the past, all found out by somebody who holds only the published heads.

use crate::world::{CHAINS, LENGTH, World, honest, quick_verdict, rewrite_hashes};
use cordon_ledger::{Algorithm, StoredEntry, TrustedHeads};

const ROUNDS: u64 = 10_000;

/// SplitMix64: small, seeded, the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).expect("small");
        usize::try_from(self.roll() % bound).expect("small")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Harm {
    FlipBit,
    Delete,
    Insert,
    Reorder,
    SwapChains,
    CutTail,
    RestoreOlderCopy,
    ChangeAndRewrite,
    DeleteAndRewrite,
    InsertAndRewrite,
    ReorderAndRewrite,
}

const HARMS: [Harm; 11] = [
    Harm::FlipBit,
    Harm::Delete,
    Harm::Insert,
    Harm::Reorder,
    Harm::SwapChains,
    Harm::CutTail,
    Harm::RestoreOlderCopy,
    Harm::ChangeAndRewrite,
    Harm::DeleteAndRewrite,
    Harm::InsertAndRewrite,
    Harm::ReorderAndRewrite,
];

/// Changes one bit of an ASCII letter, so that the text stays text.
fn flip_text(text: &mut String, dice: &mut Dice) {
    let mut bytes = std::mem::take(text).into_bytes();
    let ascii: Vec<usize> = (0..bytes.len()).filter(|&at| bytes[at].is_ascii()).collect();
    if ascii.is_empty() {
        bytes.push(b'x');
    } else {
        bytes[ascii[dice.below(ascii.len())]] ^= 1 << dice.below(7);
    }
    *text = String::from_utf8(bytes).expect("still text");
}

fn flip_optional(text: &mut Option<String>, dice: &mut Dice) {
    match text {
        Some(_) if dice.below(4) == 0 => *text = None,
        Some(content) => flip_text(content, dice),
        None => *text = Some(if dice.below(2) == 0 { String::new() } else { "x".to_owned() }),
    }
}

fn flip_bytes(bytes: &mut [u8], dice: &mut Dice) {
    let at = dice.below(bytes.len());
    bytes[at] ^= 1 << dice.below(8);
}

fn flip_any_column(entry: &mut StoredEntry, dice: &mut Dice) {
    match dice.below(18) {
        0 => flip_text(&mut entry.chain, dice),
        1 => entry.seq ^= 1 << dice.below(63),
        2 => entry.at ^= 1 << dice.below(63),
        3 => flip_text(&mut entry.actor, dice),
        4 => flip_text(&mut entry.actor_kind, dice),
        5 => flip_text(&mut entry.organization, dice),
        6 => flip_optional(&mut entry.on_behalf_of, dice),
        7 => flip_text(&mut entry.action, dice),
        8 => flip_text(&mut entry.object_kind, dice),
        9 => flip_text(&mut entry.object_id, dice),
        10 => flip_optional(&mut entry.object_organization, dice),
        11 => flip_text(&mut entry.outcome, dice),
        12 => flip_text(&mut entry.policy_version, dice),
        13 => flip_bytes(&mut entry.payload_digest, dice),
        14 => flip_optional(&mut entry.payload, dice),
        15 => flip_optional(&mut entry.trace, dice),
        16 => flip_bytes(&mut entry.prev_hash, dice),
        _ => flip_bytes(&mut entry.entry_hash, dice),
    }
}

/// Positions of the entries of a chain.
fn positions(entries: &[StoredEntry], chain: &str) -> Vec<usize> {
    (0..entries.len()).filter(|&at| entries[at].chain == chain).collect()
}

fn forged(entries: &[StoredEntry], at: usize, dice: &mut Dice) -> StoredEntry {
    let mut entry = entries[at].clone();
    match dice.below(3) {
        // The same row once more.
        0 => {}
        // Another row of the past.
        1 => entry = entries[dice.below(entries.len())].clone(),
        // A new deed.
        _ => entry.object_id = String::from("never-happened"),
    }
    entry.chain.clone_from(&entries[at].chain);
    entry
}

fn harm(kind: Harm, entries: &mut Vec<StoredEntry>, dice: &mut Dice) -> (&'static str, Algorithm) {
    let (chain, algorithm) = CHAINS[dice.below(CHAINS.len())];
    let mine = positions(entries, chain);
    let victim = mine[dice.below(mine.len())];
    match kind {
        Harm::FlipBit => flip_any_column(&mut entries[victim], dice),
        Harm::Delete | Harm::DeleteAndRewrite => {
            entries.remove(victim);
        }
        Harm::Insert | Harm::InsertAndRewrite => {
            let entry = forged(entries, victim, dice);
            entries.insert(victim + dice.below(2), entry);
        }
        Harm::Reorder | Harm::ReorderAndRewrite => {
            let other =
                mine[(mine.iter().position(|&at| at == victim).expect("mine") + 1 + dice.below(mine.len() - 1))
                    % mine.len()];
            entries.swap(victim, other);
            if dice.below(2) == 0 {
                // The numbers stay where they were, only the deeds change places.
                let seq = entries[victim].seq;
                entries[victim].seq = entries[other].seq;
                entries[other].seq = seq;
            }
        }
        Harm::SwapChains => {
            let theirs = positions(entries, CHAINS.iter().find(|(name, _)| *name != chain).expect("two chains").0);
            let other = theirs[dice.below(theirs.len())];
            entries.swap(victim, other);
            let (mine, theirs) = (entries[victim].chain.clone(), entries[other].chain.clone());
            entries[victim].chain = theirs;
            entries[other].chain = mine;
            let (mine, theirs) = (entries[victim].seq, entries[other].seq);
            if dice.below(2) == 0 {
                entries[victim].seq = theirs;
                entries[other].seq = mine;
            }
        }
        Harm::CutTail => {
            let kept = dice.below(mine.len());
            let cut: Vec<usize> = mine[kept..].to_vec();
            for at in cut.into_iter().rev() {
                entries.remove(at);
            }
        }
        Harm::RestoreOlderCopy => {
            // Back to an older state, and then on with other deeds up to the same length.
            for &at in &mine[dice.below(mine.len())..] {
                entries[at].object_id = String::from("after-restore");
                entries[at].at += 60_000;
            }
            rewrite_hashes(entries, chain, algorithm);
        }
        Harm::ChangeAndRewrite => {
            let entry = &mut entries[victim];
            match dice.below(5) {
                0 => flip_text(&mut entry.actor, dice),
                1 => flip_text(&mut entry.object_id, dice),
                2 => entry.at ^= 1 << dice.below(40),
                3 => flip_optional(&mut entry.trace, dice),
                _ => entry.payload = Some(r#"{"items":0}"#.to_owned()),
            }
        }
    }
    (chain, algorithm)
}

fn rewrites(kind: Harm) -> bool {
    matches!(
        kind,
        Harm::ChangeAndRewrite
            | Harm::DeleteAndRewrite
            | Harm::InsertAndRewrite
            | Harm::ReorderAndRewrite
            | Harm::RestoreOlderCopy
    )
}

/// Does one harm; `None` if what the heads cover happens to be as it was, with nothing but new entries after it.
fn tampered(world: &World, seed: u64) -> Option<(Harm, Vec<StoredEntry>)> {
    let mut dice = Dice(seed);
    let kind = HARMS[dice.below(HARMS.len())];
    let mut entries = world.entries.clone();
    let (chain, algorithm) = harm(kind, &mut entries, &mut dice);
    if rewrites(kind) {
        rewrite_hashes(&mut entries, chain, algorithm);
    }
    let appended = |entry: &&StoredEntry| u64::try_from(entry.seq).is_ok_and(|seq| seq == LENGTH + 1);
    let covered = entries.iter().filter(|entry| !(rewrites(kind) && appended(entry)));
    let unharmed = covered.eq(world.entries.iter());
    (!unharmed).then_some((kind, entries))
}

#[test]
fn the_untouched_ledger_is_intact_and_covered() {
    let world = honest();
    let verdict = quick_verdict(&world.entries, &TrustedHeads::check(&world.heads, &world.keys));
    assert!(verdict.is_intact(), "{:?}", verdict.faults);
    assert_eq!(verdict.not_yet_covered(), 0);
}

#[test]
fn ten_thousand_random_tamperings_are_all_detected() {
    let world = honest();
    let heads = TrustedHeads::check(&world.heads, &world.keys);
    let mut tried = std::collections::BTreeMap::<String, u64>::new();
    let mut seed = 0;
    while tried.values().sum::<u64>() < ROUNDS {
        seed += 1;
        let Some((kind, entries)) = tampered(&world, seed) else { continue };
        let verdict = quick_verdict(&entries, &heads);
        assert!(!verdict.is_intact(), "seed {seed}: {kind:?} was not detected");
        *tried.entry(format!("{kind:?}")).or_default() += 1;
    }
    assert_eq!(tried.len(), HARMS.len(), "every kind of harm was tried: {tried:?}");
}

/// The negative control: the same rewriting is invisible to a verifier without heads, which is why heads leave the system.
#[test]
fn without_published_heads_a_complete_rewrite_is_not_detected() {
    let world = honest();
    let none = TrustedHeads::default();
    let mut unseen = 0;
    for seed in 1..=2_000 {
        let Some((kind, entries)) = tampered(&world, seed) else { continue };
        if rewrites(kind) || kind == Harm::CutTail {
            assert!(quick_verdict(&entries, &none).is_intact(), "seed {seed}: {kind:?}");
            unseen += 1;
        }
    }
    assert!(unseen > 500, "only {unseen} rewrites were tried");
}

/// The second control: heads only protect what they cover, and the verdict says how much that is.
#[test]
fn what_no_head_covers_yet_can_be_cut_but_is_counted() {
    let world = honest();
    let early: Vec<_> = world.heads.iter().filter(|head| head.tree_size <= 11).cloned().collect();
    let heads = TrustedHeads::check(&early, &world.keys);
    let verdict = quick_verdict(&world.entries, &heads);
    assert!(verdict.is_intact());
    assert_eq!(verdict.not_yet_covered(), 10);
    let shorter: Vec<_> = world.entries.iter().filter(|entry| entry.seq <= 12).cloned().collect();
    let verdict = quick_verdict(&shorter, &heads);
    assert!(verdict.is_intact());
    assert_eq!(verdict.not_yet_covered(), 2);
    // So is an entry that never happened, appended in due form.
    let mut longer = world.entries.clone();
    let (chain, algorithm) = CHAINS[1];
    longer.push(longer[longer.len() - 1].clone());
    rewrite_hashes(&mut longer, chain, algorithm);
    let verdict = quick_verdict(&longer, &TrustedHeads::check(&world.heads, &world.keys));
    assert!(verdict.is_intact());
    assert_eq!(verdict.not_yet_covered(), 1);
    let too_short: Vec<_> = world.entries.iter().filter(|entry| entry.seq <= 10).cloned().collect();
    assert!(!quick_verdict(&too_short, &heads).is_intact());
}
