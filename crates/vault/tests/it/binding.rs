//! A sealed value opens at its place, unchanged, and nowhere else.

use std::collections::HashSet;
use std::sync::LazyLock;

use cordon_vault::{OpenError, Place, Sealed, Vault};
use proptest::prelude::*;

use crate::{Keys, SUITES};

/// One vault per suite for all cases, so that a thousand cases do not make a thousand key directories.
static VAULTS: LazyLock<Vec<(Keys, Vault, Vault)>> = LazyLock::new(|| {
    let both = |suite| {
        let keys = Keys::new();
        let service = keys.service(suite);
        (keys, Vault::new(service.clone(), "disposal"), Vault::new(service, "directory"))
    };
    SUITES.into_iter().map(both).collect()
});

const HERE: Place<'static> = Place::new("notice", "phone", b"row-0001");

fn check_refused(vault: &Vault, place: Place<'_>, stored: &[u8]) {
    assert!(matches!(vault.open(place, stored), Err(OpenError::Malformed | OpenError::Tampered | OpenError::Key(_))));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_sealed_opens_unchanged(
        plain in prop::collection::vec(any::<u8>(), 0..300), table in "[a-z_]{1,12}", column in "[a-z_]{1,12}",
        row in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        for (_, vault, _) in VAULTS.iter() {
            let place = Place::new(&table, &column, &row);
            let sealed = vault.seal(place, &plain).unwrap();
            prop_assert_eq!(sealed.as_bytes().len(), plain.len() + Sealed::OVERHEAD);
            let opened = vault.open(place, sealed.as_bytes()).unwrap();
            prop_assert_eq!(opened.expose(), plain.as_slice());
        }
    }

    #[test]
    fn a_value_moved_to_any_other_place_does_not_open(
        table in "[a-z]{1,6}", column in "[a-z]{1,6}", row in "[a-z]{1,6}",
        other_table in "[a-z]{1,6}", other_column in "[a-z]{1,6}", other_row in "[a-z]{1,6}",
    ) {
        let place = Place::new(&table, &column, row.as_bytes());
        let other = Place::new(&other_table, &other_column, other_row.as_bytes());
        for (_, vault, other_purpose) in VAULTS.iter() {
            let sealed = vault.seal(place, b"13800138000").unwrap();
            if other != place {
                check_refused(vault, other, sealed.as_bytes());
            }
            check_refused(other_purpose, place, sealed.as_bytes());
        }
    }

    #[test]
    fn any_bytes_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        for (_, vault, _) in VAULTS.iter() {
            check_refused(vault, HERE, &bytes);
        }
    }
}

#[test]
fn names_that_run_together_stay_apart() {
    for (_, vault, _) in VAULTS.iter() {
        let sealed = vault.seal(Place::new("ab", "c", b"d"), b"x").unwrap();
        check_refused(vault, Place::new("a", "bc", b"d"), sealed.as_bytes());
        check_refused(vault, Place::new("ab", "cd", b""), sealed.as_bytes());
    }
}

#[test]
fn every_single_flipped_bit_is_found() {
    for (_, vault, _) in VAULTS.iter() {
        let sealed = vault.seal(HERE, "身份证 11010519491231002X".as_bytes()).unwrap().into_vec();
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            check_refused(vault, HERE, &changed);
        }
        vault.open(HERE, &sealed).expect("the control: untouched it opens");
    }
}

#[test]
fn every_truncation_and_extension_is_found() {
    for (_, vault, _) in VAULTS.iter() {
        let sealed = vault.seal(HERE, b"13800138000").unwrap().into_vec();
        for length in 0..sealed.len() {
            check_refused(vault, HERE, &sealed[..length]);
            check_refused(vault, HERE, &sealed[sealed.len() - length..]);
        }
        let mut longer = sealed.clone();
        longer.push(0);
        check_refused(vault, HERE, &longer);
    }
}

#[test]
fn a_value_relabeled_with_another_key_or_suite_is_refused() {
    let (_, aes, _) = &VAULTS[0];
    let (_, sm4, _) = &VAULTS[1];
    let by_aes = aes.seal(HERE, b"13800138000").unwrap().into_vec();
    let by_sm4 = sm4.seal(HERE, b"13800138000").unwrap().into_vec();
    // The keys of one directory are unknown in the other.
    assert!(matches!(aes.open(HERE, &by_sm4), Err(OpenError::Key(_))));
    // With the foreign label the value is not authentic.
    let mut relabeled = by_sm4.clone();
    relabeled[2..10].copy_from_slice(&by_aes[2..10]);
    assert!(matches!(aes.open(HERE, &relabeled), Err(OpenError::Tampered)));
    let mut relabeled = by_aes.clone();
    relabeled[1] = 2;
    assert!(matches!(aes.open(HERE, &relabeled), Err(OpenError::Tampered)));
}

#[test]
fn equal_values_look_different_and_nonces_never_repeat() {
    let (_, vault, _) = &VAULTS[0];
    let mut nonces = HashSet::new();
    for _ in 0..20_000 {
        let sealed = vault.seal(HERE, b"13800138000").unwrap().into_vec();
        assert!(!sealed.windows(11).any(|window| window == b"13800138000"));
        assert!(nonces.insert(sealed[10..22].to_vec()));
    }
}

#[test]
fn text_is_answered_as_text_only_if_it_is() {
    let (_, vault, _) = &VAULTS[0];
    let sealed = vault.seal(HERE, "张三".as_bytes()).unwrap();
    assert_eq!(vault.open_text(HERE, sealed.as_bytes()).unwrap(), "张三");
    let sealed = vault.seal(HERE, &[0xff]).unwrap();
    assert!(matches!(vault.open_text(HERE, sealed.as_bytes()), Err(OpenError::NotText)));
}

#[test]
fn nothing_that_is_printed_shows_a_value_or_a_key() {
    let (_, vault, _) = &VAULTS[0];
    let sealed = vault.seal(HERE, b"13800138000").unwrap();
    let printed = format!("{vault:?} {:?}", vault.open(HERE, sealed.as_bytes()).unwrap());
    assert!(!printed.contains("138"), "{printed}");
    let lease = vault.keys().lease_data_key("disposal").unwrap();
    assert!(format!("{lease:?}").len() < 200, "only id, suite and count are printed");
}

#[test]
fn blind_indexes_agree_for_equal_values_and_for_nothing_else() {
    for (keys, vault, other_purpose) in VAULTS.iter() {
        let index = vault.blind_index("subject.phone", b"+8613800138000").unwrap();
        assert_eq!(index, vault.blind_index("subject.phone", b"+8613800138000").unwrap());
        assert_ne!(index, vault.blind_index("subject.phone", b"+8613800138001").unwrap());
        assert_ne!(index, vault.blind_index("holder.phone", b"+8613800138000").unwrap());
        // The field's key is the same for every service that shares the directory, so that they can match.
        assert_eq!(index, other_purpose.blind_index("subject.phone", b"+8613800138000").unwrap());
        // A restarted process finds what the former one stored.
        let reopened = keys.vault(vault.keys().suite(), "disposal");
        assert_eq!(index, reopened.blind_index("subject.phone", b"+8613800138000").unwrap());
    }
    let (_, aes, _) = &VAULTS[0];
    let (_, sm4, _) = &VAULTS[1];
    assert_ne!(aes.blind_index("a", b"b").unwrap(), sm4.blind_index("a", b"b").unwrap());
}
