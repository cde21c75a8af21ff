//! The key directory refuses to be used when something about it is wrong.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;

use cordon_vault::{KeyError, KeyService, LocalKeyService, Place, Suite, Vault};

use crate::Keys;

const HERE: Place<'static> = Place::new("notice", "phone", b"row-0001");

/// A directory with one key of each kind.
fn used() -> Keys {
    let keys = Keys::new();
    let service = keys.service(Suite::default());
    let vault = Vault::new(service.clone(), "disposal");
    vault.seal(HERE, b"13800138000").unwrap();
    vault.blind_index("subject.phone", b"13800138000").unwrap();
    service.sign("ledger", b"head").unwrap();
    keys
}

fn reopen(keys: &Keys) -> Result<LocalKeyService, KeyError> {
    LocalKeyService::open_or_create(&keys.path, Suite::default())
}

/// The files without which nothing opens.
const MAIN_FILES: [fn(&Keys) -> PathBuf; 2] = [master, ring];

fn files(keys: &Keys) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(&keys.path).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn master(keys: &Keys) -> PathBuf {
    files(keys).into_iter().find(|path| path.extension().is_some_and(|extension| extension == "key")).unwrap()
}

fn ring(keys: &Keys) -> PathBuf {
    keys.path.join("keyring.json")
}

#[test]
fn files_are_for_the_owner_only() {
    let keys = used();
    assert_eq!(fs::metadata(&keys.path).unwrap().mode() & 0o777, 0o700);
    assert_eq!(files(&keys).len(), 3, "master key, keyring, lock");
    for path in files(&keys) {
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600, "{}", path.display());
    }
}

#[test]
fn a_directory_or_file_that_others_may_use_is_refused() {
    for (open, mode) in [(0o750, 0o600), (0o701, 0o600), (0o700, 0o640), (0o700, 0o604), (0o700, 0o620)] {
        for target in MAIN_FILES {
            let keys = used();
            fs::set_permissions(target(&keys), Permissions::from_mode(mode)).unwrap();
            fs::set_permissions(&keys.path, Permissions::from_mode(open)).unwrap();
            let error = reopen(&keys).err().expect("refused");
            assert!(matches!(error, KeyError::TooOpen { .. }), "{error}");
            let text = error.to_string();
            assert!(text.contains("chmod") && text.contains("密钥"), "{text}");
        }
    }
}

#[test]
fn permissions_that_become_too_open_later_are_noticed() {
    let keys = used();
    let service = keys.service(Suite::default());
    fs::set_permissions(ring(&keys), Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(service.sign("ledger", b"head"), Err(KeyError::TooOpen { .. })));
}

#[test]
fn every_flipped_bit_in_a_key_file_is_found() {
    let keys = used();
    for path in [master(&keys), ring(&keys)] {
        let sound = fs::read(&path).unwrap();
        for bit in 0..sound.len() * 8 {
            let mut changed = sound.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            fs::write(&path, &changed).unwrap();
            // A changed id of the master key looks for a file that is not there.
            let error = reopen(&keys).err().unwrap_or_else(|| panic!("bit {bit} of {}", path.display()));
            assert!(matches!(error, KeyError::Damaged { .. } | KeyError::Missing { .. }), "{error}");
        }
        for length in [0, 1, sound.len() / 2, sound.len() - 1] {
            fs::write(&path, &sound[..length]).unwrap();
            assert!(matches!(reopen(&keys), Err(KeyError::Damaged { .. })), "{length} bytes");
        }
        fs::write(&path, &sound).unwrap();
        reopen(&keys).expect("the control: the sound file opens");
    }
}

#[test]
fn states_and_counts_cannot_be_changed_by_hand() {
    let keys = used();
    let text = fs::read_to_string(ring(&keys)).unwrap();
    for (from, to) in [("\"uses\": 262144", "\"uses\": 0"), ("\"state\": \"write\"", "\"state\": \"read\"")] {
        assert!(text.contains(from), "{text}");
        fs::write(ring(&keys), text.replace(from, to)).unwrap();
        assert!(matches!(reopen(&keys), Err(KeyError::Damaged { .. })));
    }
}

#[test]
fn an_error_never_quotes_a_secret() {
    let keys = used();
    let path = master(&keys);
    let text = fs::read_to_string(&path).unwrap();
    let secret = text.split('"').find(|part| part.len() == 64).unwrap().to_owned();
    for broken in [text.replace("\"secret\"", "\"sekret\""), text.replace(&secret, &secret[1..]), text.replace('}', "")]
    {
        fs::write(&path, broken).unwrap();
        let error = reopen(&keys).err().expect("refused");
        let printed = format!("{error} {error:?}");
        assert!(!printed.contains(&secret[8..24]), "{printed}");
    }
}

#[test]
fn a_lost_part_is_not_replaced_by_new_keys() {
    for lost in MAIN_FILES {
        let keys = used();
        let path = lost(&keys);
        fs::remove_file(&path).unwrap();
        let error = reopen(&keys).err().expect("refused");
        assert!(matches!(&error, KeyError::Missing { path: missing } if *missing == path), "{error}");
        assert!(!path.exists(), "nothing was made in its place");
    }
}

#[test]
fn an_existing_directory_is_needed_where_none_may_be_made() {
    let keys = Keys::new();
    assert!(LocalKeyService::open(&keys.path, Suite::default()).is_err());
    assert!(!keys.path.exists());
    used();
}

#[test]
fn a_first_start_that_crashed_half_way_is_completed() {
    // After the keyring, before the master key got its final name.
    let keys = used();
    let path = master(&keys);
    fs::rename(&path, path.with_extension("new")).unwrap();
    reopen(&keys).expect("completed");
    assert!(path.exists());

    // Before the keyring: there is nothing yet that the provisional key could open.
    let keys = used();
    let path = master(&keys);
    fs::rename(&path, path.with_extension("new")).unwrap();
    fs::remove_file(ring(&keys)).unwrap();
    reopen(&keys).expect("started again");

    // A draft of the keyring that was never put in place.
    let keys = used();
    fs::write(ring(&keys).with_extension("draft"), "half").unwrap();
    let service = reopen(&keys).unwrap();
    service.sign("another", b"head").expect("the draft is replaced");
}

#[test]
fn a_keyring_of_another_master_key_is_refused() {
    let (one, two) = (used(), used());
    fs::copy(ring(&one), ring(&two)).unwrap();
    assert!(matches!(reopen(&two), Err(KeyError::Missing { .. })));
    // Even under the right name the wrong master key authenticates nothing.
    fs::rename(master(&two), two.path.join(master(&one).file_name().unwrap())).unwrap();
    assert!(matches!(reopen(&two), Err(KeyError::Damaged { .. })));
}
