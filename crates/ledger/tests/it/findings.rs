//! The verifier says which chain, which entry and what, in both languages.

use crate::world::{CHAINS, LENGTH, TestSigner, draft, honest, quick_verdict, rewrite_hashes, verdict};
use cordon_ledger::verify::Verifier;
use cordon_ledger::{
    Algorithm, Chain, Column, Fault, FaultKind, Head, HeadFile, StoredEntry, TrustedHeads, TrustedKeys,
};

/// Position of entry 6 of the second chain, which has no optional column; entry 8 has two.
const VICTIM: usize = 16 + 5;

fn first_fault(entries: &[StoredEntry]) -> Fault {
    let world = honest();
    verdict(entries, &world.heads, &world.keys).faults.into_iter().next().expect("a fault")
}

fn check(harm: impl FnOnce(&mut Vec<StoredEntry>), seq: i64, kind: &FaultKind) {
    let mut entries = honest().entries;
    harm(&mut entries);
    let fault = first_fault(&entries);
    assert_eq!((fault.chain.as_str(), fault.seq, &fault.kind), ("disposal", Some(seq), kind));
}

fn check_column(column: Column, byte: Option<usize>, harm: impl FnOnce(&mut StoredEntry)) {
    check(|entries| harm(&mut entries[VICTIM]), 6, &FaultKind::ColumnChanged { column, byte });
}

/// Replaces one byte of a text by another letter.
fn at(text: &mut String, position: usize) {
    text.replace_range(position..=position, "Z");
}

#[test]
fn one_changed_byte_in_any_column_is_named() {
    check_column(Column::Chain, None, |entry| at(&mut entry.chain, 2));
    check_column(Column::Seq, None, |entry| entry.seq = 1_000);
    check_column(Column::At, Some(7), |entry| entry.at ^= 1);
    check_column(Column::Actor, Some(3), |entry| at(&mut entry.actor, 3));
    check_column(Column::ActorKind, Some(0), |entry| at(&mut entry.actor_kind, 0));
    check_column(Column::Organization, Some(4), |entry| at(&mut entry.organization, 4));
    check_column(Column::Action, Some(1), |entry| at(&mut entry.action, 1));
    check_column(Column::ObjectKind, Some(2), |entry| at(&mut entry.object_kind, 2));
    check_column(Column::ObjectId, Some(0), |entry| at(&mut entry.object_id, 0));
    check_column(Column::Outcome, Some(3), |entry| at(&mut entry.outcome, 3));
    check_column(Column::PolicyVersion, Some(9), |entry| at(&mut entry.policy_version, 9));
    check_column(Column::PayloadDigest, None, |entry| entry.payload_digest[31] ^= 0x80);
    check_column(Column::Payload, None, |entry| at(entry.payload.as_mut().expect("inline"), 2));
    check_column(Column::Trace, Some(31), |entry| at(entry.trace.as_mut().expect("traced"), 31));
    check_column(Column::PrevHash, None, |entry| entry.prev_hash[0] ^= 1);
    check_column(Column::EntryHash, Some(5), |entry| entry.entry_hash[5] ^= 0xff);
}

#[test]
fn one_changed_byte_in_an_optional_column_is_named() {
    let mut entries = honest().entries;
    at(entries[VICTIM + 2].on_behalf_of.as_mut().expect("delegated"), 0);
    let kind = FaultKind::ColumnChanged { column: Column::OnBehalfOf, byte: Some(0) };
    assert_eq!(first_fault(&entries).kind, kind);
    let mut entries = honest().entries;
    at(entries[VICTIM].object_organization.as_mut().expect("foreign"), 4);
    let kind = FaultKind::ColumnChanged { column: Column::ObjectOrganization, byte: Some(4) };
    assert_eq!(first_fault(&entries).kind, kind);
}

#[test]
fn a_removed_payload_is_named() {
    check_column(Column::Payload, None, |entry| entry.payload = None);
}

#[test]
fn white_space_added_to_a_payload_is_named() {
    check_column(Column::Payload, None, |entry| entry.payload.as_mut().expect("inline").push(' '));
}

#[test]
fn several_changed_bytes_point_to_the_entry() {
    check(|entries| entries[VICTIM].actor = "somebody-else".to_owned(), 6, &FaultKind::EntryChanged);
    check(|entries| entries[VICTIM].entry_hash.clear(), 6, &FaultKind::EntryChanged);
    check(|entries| entries[VICTIM].trace = None, 6, &FaultKind::EntryChanged);
}

#[test]
fn a_missing_entry_is_a_gap_and_a_moved_one_is_out_of_order() {
    check(|entries| drop(entries.remove(VICTIM)), 6, &FaultKind::Gap { found: 7 });
    check(|entries| entries.swap(VICTIM, VICTIM + 3), 6, &FaultKind::OutOfOrder { found: 9 });
}

#[test]
fn a_second_copy_is_a_duplicate() {
    check(|entries| entries.insert(VICTIM, entries[VICTIM].clone()), 6, &FaultKind::Duplicate);
    check(|entries| entries.push(entries[16].clone()), 1, &FaultKind::Duplicate);
}

#[test]
fn an_entry_rewritten_with_its_own_hash_does_not_chain() {
    let mut entries = honest().entries;
    let mut rewritten = entries.clone();
    rewritten[VICTIM - 1].actor = "somebody-else".to_owned();
    rewrite_hashes(&mut rewritten, "disposal", Algorithm::Sha256);
    entries[VICTIM] = rewritten[VICTIM].clone();
    let fault = first_fault(&entries);
    assert_eq!((fault.seq, fault.kind), (Some(6), FaultKind::NotChained));
}

#[test]
fn a_cut_tail_is_told_from_the_published_length() {
    check(|entries| entries.truncate(16 + 13), 14, &FaultKind::TailCut { published: LENGTH, found: 13 });
    check(|entries| entries.truncate(16), 1, &FaultKind::TailCut { published: LENGTH, found: 0 });
}

#[test]
fn a_rewritten_history_is_placed_between_two_heads() {
    check(
        |entries| {
            entries[VICTIM + 2].actor = "somebody-else".to_owned();
            rewrite_hashes(entries, "disposal", Algorithm::Sha256);
        },
        6,
        &FaultKind::RootMismatch { agreed: 5, published: 11 },
    );
}

#[test]
fn each_chain_is_judged_for_itself() {
    let world = honest();
    let mut entries = world.entries.clone();
    entries[3].actor = "somebody-else".to_owned();
    entries.truncate(16 + 15);
    let verdict = verdict(&entries, &world.heads, &world.keys);
    let chains: Vec<&str> = verdict.faults.iter().map(|fault| fault.chain.as_str()).collect();
    assert_eq!(chains, ["directory", "disposal"]);
    assert_eq!(verdict.chains[0].sound, 3);
    assert_eq!((verdict.chains[1].sound, verdict.chains[1].covered), (15, 11));
}

#[test]
fn an_unreadable_table_is_not_called_a_cut_tail() {
    let world = honest();
    let entries = world.entries.iter().take(20).cloned().map(Ok).chain([Err("disk gone")]);
    let verdict = cordon_ledger::verify(entries, &world.heads, &world.keys);
    assert_eq!(verdict.faults.len(), 1);
    assert!(matches!(&verdict.faults[0].kind, FaultKind::Unreadable { why } if why == "disk gone"));
}

#[test]
fn an_entry_that_cannot_be_decoded_is_named_and_the_rest_is_read() {
    let world = honest();
    let heads = TrustedHeads::check(&world.heads, &world.keys);
    let judge = |lost: Option<i64>| {
        let mut verifier = Verifier::new(&heads);
        for entry in &world.entries {
            if entry.chain == "disposal" && Some(entry.seq) == lost {
                verifier.undecodable("disposal", entry.seq, "no text".to_owned());
            } else {
                verifier.feed(entry);
            }
        }
        verifier.finish()
    };
    let verdict = judge(Some(6));
    let [fault] = verdict.faults.as_slice() else { panic!("{:?}", verdict.faults) };
    assert_eq!(fault.to_string(), "chain disposal, entry 6: the entry was changed; it cannot be decoded: no text");
    assert!(fault.chinese().contains("第 6 条"));
    let read: Vec<u64> = verdict.chains.iter().map(|report| report.entries).collect();
    assert_eq!(read, judge(None).chains.iter().map(|report| report.entries).collect::<Vec<_>>());
    // The negative control.
    assert!(judge(None).is_intact());
    // Of a chain that nobody has heard of, too.
    let none = TrustedHeads::default();
    let mut verifier = Verifier::new(&none);
    verifier.undecodable("directory", 1, "no text".to_owned());
    assert!(!verifier.finish().is_intact());
}

#[test]
fn files_of_one_head_each_prove_as_much_as_one_file_of_all() {
    let world = honest();
    let key = TestSigner::new("ledger-1", 1).head_key();
    let mut whole = HeadFile::default();
    whole.keys.push(key.clone());
    whole.heads.clone_from(&world.heads);
    let mut merged = HeadFile::default();
    for head in world.heads.iter().chain(&world.heads) {
        let mut one = HeadFile::default();
        one.keys.push(key.clone());
        one.heads.push(head.clone());
        merged.merge(one);
    }
    assert_eq!(merged, whole);
}

#[test]
fn a_chain_without_heads_is_sound_but_not_covered() {
    for algorithm in [Algorithm::Sha256, Algorithm::Sm3] {
        let mut chain = Chain::new("linkage", algorithm);
        let entries: Vec<_> = (1..=4).map(|number| chain.append(draft("linkage", number))).collect();
        let verdict = verdict(&entries, &[], &TrustedKeys::default());
        assert!(verdict.is_intact(), "{:?}", verdict.faults);
        assert_eq!(verdict.not_yet_covered(), 4);
    }
}

fn head_findings(change: impl FnOnce(&mut Vec<Head>)) -> Vec<FaultKind> {
    let world = honest();
    let mut heads = world.heads.clone();
    change(&mut heads);
    let checked = TrustedHeads::check(&heads, &world.keys);
    checked.faults().iter().map(|fault| fault.kind.clone()).collect()
}

#[test]
fn a_changed_head_is_forged_whatever_was_changed() {
    let changes: [fn(&mut Head); 8] = [
        |head| at(&mut head.chain, 0),
        |head| head.algorithm = Algorithm::Sha256,
        |head| head.tree_size -= 1,
        |head| head.root = head.last_hash,
        |head| head.last_hash = head.root,
        |head| head.at += 1,
        |head| head.signature[0] ^= 1,
        |head| head.signature = [0; 64],
    ];
    for change in changes {
        let findings = head_findings(|heads| change(&mut heads[0]));
        assert!(matches!(findings.as_slice(), [FaultKind::ForgedHead { .. }]), "{findings:?}");
    }
}

#[test]
fn a_head_by_a_stranger_is_not_used() {
    let stranger = TestSigner::new("ledger-2", 9);
    let mut chain = Chain::new("disposal", Algorithm::Sha256);
    chain.append(draft("disposal", 1));
    let head = chain.sign_head(1, &stranger).expect("signed");
    assert_eq!(head_findings(|heads| heads.push(head)), [FaultKind::UnknownKey { key_id: "ledger-2".to_owned() }]);
    // The same stranger under the name of the known key.
    let impostor = TestSigner::new("ledger-1", 9);
    let head = chain.sign_head(1, &impostor).expect("signed");
    assert_eq!(head_findings(|heads| heads.push(head)), [FaultKind::ForgedHead { published: 1 }]);
}

#[test]
fn heads_that_shrink_or_contradict_each_other_are_found() {
    let signer = TestSigner::new("ledger-1", 1);
    let mut chain = Chain::new("disposal", Algorithm::Sha256);
    (1..=3).for_each(|number| drop(chain.append(draft("disposal", number))));
    let late = chain.sign_head(i64::MAX, &signer).expect("signed");
    assert_eq!(head_findings(|heads| heads.push(late)), [FaultKind::HeadBackwards { before: LENGTH, after: 3 }]);
    (4..=LENGTH).for_each(|number| drop(chain.append(draft("another-story", number))));
    let other = chain.sign_head(i64::MAX, &signer).expect("signed");
    assert_eq!(head_findings(|heads| heads.push(other)), [FaultKind::HeadsDisagree { published: LENGTH }]);
    let sm3 = {
        let mut chain = Chain::new("disposal", Algorithm::Sm3);
        (1..=LENGTH + 1).for_each(|number| drop(chain.append(draft("disposal", number))));
        chain.sign_head(i64::MAX, &signer).expect("signed")
    };
    assert_eq!(head_findings(|heads| heads.push(sm3)), [FaultKind::AlgorithmChanged]);
}

#[test]
fn a_signer_that_follows_the_entries_refuses_a_changed_one() {
    let world = honest();
    let mut own = Chain::new("disposal", Algorithm::Sha256);
    for entry in &world.entries[16..20] {
        own.follow(entry).expect("honest entries");
    }
    let before = own.clone();
    let mut changed = world.entries[20].clone();
    changed.actor = "somebody-else".to_owned();
    assert_eq!(own.follow(&changed).expect_err("changed").kind, FaultKind::EntryChanged);
    assert_eq!(own, before, "a refused entry leaves no trace");
    own.follow(&world.entries[20]).expect("the honest entry");
    assert_eq!(own.root(), world.heads[3].root);
}

#[test]
fn a_head_file_survives_the_journey_and_strangers_do_not_enter() {
    let world = honest();
    let signer = TestSigner::new("ledger-1", 1);
    let mut file = HeadFile::default();
    file.keys.push(signer.head_key());
    file.heads.clone_from(&world.heads);
    let text = file.to_json().expect("JSON");
    let read = HeadFile::parse(text.as_bytes()).expect("the same file");
    assert_eq!(read, file);
    let keys = read.trusted_keys().expect("good keys");
    assert!(quick_verdict(&world.entries, &TrustedHeads::check(&read.heads, &keys)).is_intact());
    for wrong in ["", "{}", "[]", &text.replace("heads/1", "heads/2"), &text.replace("\"at\"", "\"when\"")] {
        assert!(HeadFile::parse(wrong.as_bytes()).is_err());
    }
    // A second key under one id, and a key of small order.
    let mut double = read.keys.clone();
    double.push(TestSigner::new("ledger-1", 2).head_key());
    assert!(TrustedKeys::new(&double).is_err());
    let mut weak = signer.head_key();
    weak.public_key = [0; 32];
    assert!(TrustedKeys::new(&[weak]).is_err());
}

#[test]
fn findings_read_well_in_both_languages() {
    let mut entries = honest().entries;
    at(&mut entries[VICTIM].actor, 3);
    let fault = first_fault(&entries);
    assert_eq!(fault.to_string(), "chain disposal, entry 6: byte 4 of column actor was changed");
    assert_eq!(fault.chinese(), "账本“disposal”第 6 条:字段 actor 的第 4 个字节被篡改");
    let mut entries = honest().entries;
    entries.truncate(16 + 13);
    let fault = first_fault(&entries);
    assert_eq!(
        fault.to_string(),
        "chain disposal, entry 14: the tail was cut: a published head covers 16 entries, there are 13"
    );
    assert_eq!(fault.chinese(), "账本“disposal”第 14 条:尾部被截断:已公布的摘要覆盖 16 条,现仅有 13 条");
}

#[test]
fn the_order_in_which_chains_interleave_does_not_matter() {
    let world = honest();
    let heads = TrustedHeads::check(&world.heads, &world.keys);
    let mut verifier = Verifier::new(&heads);
    for number in 0..usize::try_from(LENGTH).expect("small") {
        for chain in 0..CHAINS.len() {
            verifier.feed(&world.entries[chain * 16 + number]);
        }
    }
    let verdict = verifier.finish();
    assert!(verdict.is_intact());
    assert_eq!(verdict.not_yet_covered(), 0);
}
