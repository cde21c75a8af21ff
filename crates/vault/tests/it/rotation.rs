//! Keys change while values stay readable, until somebody decides otherwise.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use cordon_vault::{
    KeyError, KeyRole, KeyService, KeyState, LocalKeyService, OpenError, Place, SealError, Suite, Vault,
};
use ed25519_dalek::{Signature, VerifyingKey};

use crate::{Keys, SUITES};

const HERE: Place<'static> = Place::new("notice", "phone", b"row-0001");
const PHONE: &[u8] = b"13800138000";

fn key_of(stored: &[u8]) -> [u8; 8] {
    stored[2..10].try_into().unwrap()
}

#[test]
fn values_pass_through_every_state_of_a_rotation() {
    for suite in SUITES {
        let keys = Keys::new();
        let service = keys.service(suite);
        let vault = Vault::new(service.clone(), "disposal");
        let old = vault.seal(HERE, PHONE).unwrap();
        assert!(!vault.needs_reseal(old.as_bytes()).unwrap());
        let old_key = service.list().unwrap()[0].id;

        let new_key = vault.rotate().unwrap();
        assert!(vault.needs_reseal(old.as_bytes()).unwrap());
        assert_eq!(vault.open(HERE, old.as_bytes()).unwrap().expose(), PHONE);
        let new = vault.reseal(HERE, old.as_bytes()).unwrap();
        assert_eq!(key_of(new.as_bytes()), *new_key.as_bytes());
        assert!(!vault.needs_reseal(new.as_bytes()).unwrap());

        // The writing key can neither retire nor vanish, a reading key cannot vanish.
        assert!(matches!(service.retire(KeyRole::Data, "disposal", new_key), Err(KeyError::InUse { .. })));
        assert!(matches!(service.destroy(KeyRole::Data, "disposal", new_key), Err(KeyError::InUse { .. })));
        assert!(matches!(service.destroy(KeyRole::Data, "disposal", old_key), Err(KeyError::InUse { .. })));

        service.retire(KeyRole::Data, "disposal", old_key).unwrap();
        vault.refresh().unwrap();
        assert!(matches!(vault.open(HERE, old.as_bytes()), Err(OpenError::Key(KeyError::Retired { .. }))));
        service.destroy(KeyRole::Data, "disposal", old_key).unwrap();
        assert!(matches!(vault.open(HERE, old.as_bytes()), Err(OpenError::Key(KeyError::Unknown { .. }))));
        assert_eq!(vault.open(HERE, new.as_bytes()).unwrap().expose(), PHONE);
    }
}

#[test]
fn destroying_all_keys_of_a_purpose_ends_its_values_only() {
    let keys = Keys::new();
    let service = keys.service(Suite::default());
    let tenant = Vault::new(service.clone(), "disposal/org-1");
    let neighbor = Vault::new(service.clone(), "disposal/org-2");
    let sealed = tenant.seal(HERE, PHONE).unwrap();
    let kept = neighbor.seal(HERE, PHONE).unwrap();
    service.destroy_all(KeyRole::Data, "disposal/org-1").unwrap();
    tenant.refresh().unwrap();
    assert!(matches!(tenant.open(HERE, sealed.as_bytes()), Err(OpenError::Key(KeyError::Unknown { .. }))));
    let on_disk = std::fs::read_to_string(keys.path.join("keyring.json")).unwrap();
    assert!(!on_disk.contains("org-1"), "the wrapped key is no longer on disk");
    assert_eq!(neighbor.open(HERE, kept.as_bytes()).unwrap().expose(), PHONE);
}

#[test]
fn switching_the_suite_is_a_matter_of_configuration() {
    let keys = Keys::new();
    let first = keys.vault(Suite::Aes256GcmSha256, "disposal").seal(HERE, PHONE).unwrap();
    let vault = keys.vault(Suite::Sm4GcmSm3, "disposal");
    assert_eq!(vault.open(HERE, first.as_bytes()).unwrap().expose(), PHONE);
    let second = vault.seal(HERE, PHONE).unwrap();
    assert_eq!((first.as_bytes()[1], second.as_bytes()[1]), (1, 2));
    assert!(vault.needs_reseal(first.as_bytes()).unwrap());
    // And back again: neither value is lost.
    let vault = keys.vault(Suite::Aes256GcmSha256, "disposal");
    for stored in [first, second] {
        assert_eq!(vault.open(HERE, stored.as_bytes()).unwrap().expose(), PHONE);
    }
}

#[test]
fn rotation_under_load_loses_no_read() {
    let keys = Keys::new();
    let vault = Arc::new(keys.vault(Suite::default(), "disposal"));
    let stop = Arc::new(AtomicBool::new(false));
    let reads = Arc::new(AtomicU64::new(0));
    let first = vault.seal(HERE, PHONE).unwrap();
    let workers: Vec<_> = (0..3)
        .map(|_| {
            let (vault, stop, reads, first) = (vault.clone(), stop.clone(), reads.clone(), first.clone());
            thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let sealed = vault.seal(HERE, PHONE).expect("sealing goes on");
                    assert_eq!(vault.open(HERE, sealed.as_bytes()).expect("reading goes on").expose(), PHONE);
                    assert_eq!(vault.open(HERE, first.as_bytes()).expect("old values stay").expose(), PHONE);
                    reads.fetch_add(2, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for round in 0..30_u64 {
        vault.rotate().unwrap();
        if round % 3 == 0 {
            vault.refresh().unwrap();
        }
        // Every key meets some load before the next one comes.
        let target = reads.load(Ordering::Relaxed) + 60;
        while reads.load(Ordering::Relaxed) < target && !workers.iter().any(thread::JoinHandle::is_finished) {
            thread::yield_now();
        }
    }
    stop.store(true, Ordering::Relaxed);
    for worker in workers {
        worker.join().expect("no read failed");
    }
    assert!(reads.load(Ordering::Relaxed) >= 1_800);
}

#[test]
fn searches_use_both_index_keys_until_the_old_one_retires() {
    for suite in SUITES {
        let keys = Keys::new();
        let service = keys.service(suite);
        let vault = Vault::new(service.clone(), "disposal");
        let stored = vault.blind_index("subject.phone", PHONE).unwrap();
        let old_key = service.list().unwrap()[0].id;
        vault.rotate_index("subject.phone").unwrap();
        let current = vault.blind_index("subject.phone", PHONE).unwrap();
        assert_ne!(current, stored);
        assert_eq!(vault.blind_index_all("subject.phone", PHONE).unwrap(), [current, stored]);
        service.retire(KeyRole::Index, "subject.phone", old_key).unwrap();
        vault.refresh().unwrap();
        assert_eq!(vault.blind_index_all("subject.phone", PHONE).unwrap(), [current]);
    }
}

#[test]
fn a_key_is_replaced_before_its_random_nonces_become_unsafe() {
    let keys = Keys::new();
    let open = || {
        let service = LocalKeyService::open_or_create(&keys.path, Suite::default()).unwrap();
        Arc::new(service.with_use_limit(100, 10))
    };
    let vault = Vault::new(open(), "disposal");
    let sealed: Vec<_> = (0..250).map(|_| vault.seal(HERE, PHONE).unwrap()).collect();
    let mut uses = std::collections::BTreeMap::<_, u64>::new();
    for value in &sealed {
        *uses.entry(key_of(value.as_bytes())).or_default() += 1;
    }
    assert_eq!(uses.len(), 3);
    assert!(uses.values().all(|&count| count <= 100), "{uses:?}");
    assert!(sealed.iter().all(|value| vault.open(HERE, value.as_bytes()).is_ok()));
    // Restarts do not reset the count: five uses are granted again each time, and the fourth key comes in time.
    for _ in 0..6 {
        Vault::new(open(), "disposal").seal(HERE, PHONE).unwrap();
    }
    let counts: Vec<u64> = open().list().unwrap().iter().map(|key| key.uses).collect();
    assert_eq!(counts, [100, 100, 100, 10]);
}

#[test]
fn refreshing_spends_no_uses() {
    let keys = Keys::new();
    let vault = keys.vault(Suite::default(), "disposal");
    vault.seal(HERE, PHONE).unwrap();
    let before = vault.keys().list().unwrap();
    for _ in 0..5 {
        vault.refresh().unwrap();
        vault.seal(HERE, PHONE).unwrap();
    }
    assert_eq!(vault.keys().list().unwrap(), before);
}

#[test]
fn processes_that_share_a_directory_see_each_others_keys() {
    let keys = Keys::new();
    let (one, two) = (keys.vault(Suite::default(), "disposal"), keys.vault(Suite::default(), "disposal"));
    let by_one = one.seal(HERE, PHONE).unwrap();
    assert_eq!(two.open(HERE, by_one.as_bytes()).unwrap().expose(), PHONE);
    let new_key = two.rotate().unwrap();
    let by_two = two.seal(HERE, PHONE).unwrap();
    assert_eq!(one.open(HERE, by_two.as_bytes()).unwrap().expose(), PHONE);
    one.refresh().unwrap();
    assert_eq!(key_of(one.seal(HERE, PHONE).unwrap().as_bytes()), *new_key.as_bytes());
}

#[test]
fn concurrent_changes_of_one_directory_are_all_kept() {
    let keys = Keys::new();
    let services: Vec<_> = (0..4).map(|_| keys.service(Suite::default())).collect();
    thread::scope(|scope| {
        for (number, service) in services.iter().enumerate() {
            scope.spawn(move || {
                for round in 0..10 {
                    service.rotate(KeyRole::Data, &format!("service-{number}")).unwrap();
                    service.index_keys(&format!("field-{round}")).unwrap();
                }
            });
        }
    });
    let list = services[0].list().unwrap();
    assert_eq!(list.iter().filter(|key| key.role == KeyRole::Data).count(), 40);
    assert_eq!(list.iter().filter(|key| key.role == KeyRole::Index).count(), 10, "each field got one key");
    let writing = list.iter().filter(|key| key.role == KeyRole::Data && key.state == KeyState::Write).count();
    assert_eq!(writing, 4);
}

#[test]
fn a_new_master_key_leaves_every_value_readable() {
    let keys = Keys::new();
    let service = keys.service(Suite::Aes256GcmSha256);
    let vault = Vault::new(service.clone(), "disposal");
    let sealed = vault.seal(HERE, PHONE).unwrap();
    let index = vault.blind_index("subject.phone", PHONE).unwrap();
    let public = service.public_key("ledger").unwrap();
    let old_master = service.master_key().unwrap();
    let old_ring = std::fs::read_to_string(keys.path.join("keyring.json")).unwrap();
    // The new master key may even be of the other suite.
    let service = keys.service(Suite::Sm4GcmSm3);
    let new_master = service.rotate_master().unwrap();
    assert_ne!(new_master, old_master);
    let new_ring = std::fs::read_to_string(keys.path.join("keyring.json")).unwrap();
    let wrapped = |ring: &str| -> Vec<String> {
        ring.lines().filter(|line| line.contains("\"wrapped\"")).map(str::to_owned).collect()
    };
    assert!(wrapped(&old_ring).iter().all(|line| !wrapped(&new_ring).contains(line)), "every key is wrapped anew");

    assert!(matches!(service.destroy_master(new_master), Err(KeyError::InUse { .. })));
    service.destroy_master(old_master).unwrap();
    let reopened = keys.vault(Suite::Aes256GcmSha256, "disposal");
    assert_eq!(reopened.open(HERE, sealed.as_bytes()).unwrap().expose(), PHONE);
    assert_eq!(reopened.blind_index("subject.phone", PHONE).unwrap(), index);
    assert_eq!(reopened.keys().public_key("ledger").unwrap(), public);
    // A process that was running all the time goes on, too.
    vault.refresh().unwrap();
    assert_eq!(vault.open(HERE, sealed.as_bytes()).unwrap().expose(), PHONE);
}

#[test]
fn signatures_verify_under_the_public_key_that_they_name() {
    let keys = Keys::new();
    let service = keys.service(Suite::default());
    let verify = |message: &[u8], signature: &cordon_vault::Signature| {
        let keys = service.public_keys("ledger").unwrap();
        let key = keys.iter().find(|key| key.key_id == signature.key_id).expect("the key still verifies");
        let key = VerifyingKey::from_bytes(&key.bytes).unwrap();
        key.verify_strict(message, &Signature::from_bytes(&signature.bytes)).is_ok()
    };
    let first = service.sign("ledger", b"head 1").unwrap();
    assert!(verify(b"head 1", &first));
    assert!(!verify(b"head 2", &first));
    let new_key = service.rotate(KeyRole::Signing, "ledger").unwrap();
    let second = service.sign("ledger", b"head 2").unwrap();
    assert_eq!(second.key_id, new_key);
    assert!(verify(b"head 1", &first) && verify(b"head 2", &second));
    assert_eq!(service.public_key("ledger").unwrap().key_id, new_key);
    // Another name has another key.
    assert_ne!(service.public_key("webhook").unwrap().bytes, service.public_key("ledger").unwrap().bytes);
    // After a restart the same key signs.
    assert_eq!(keys.service(Suite::default()).sign("ledger", b"head 2").unwrap(), second);
}

#[test]
fn key_names_are_plain() {
    let keys = Keys::new();
    let service = keys.service(Suite::default());
    for name in ["", "a b", "名", "a\n", &"x".repeat(201)] {
        assert!(matches!(service.rotate(KeyRole::Data, name), Err(KeyError::NotAName { .. })), "{name:?}");
        let vault = Vault::new(service.clone(), name);
        assert!(matches!(vault.seal(HERE, PHONE), Err(SealError::Key(KeyError::NotAName { .. }))));
    }
    assert!(service.list().unwrap().is_empty());
}
