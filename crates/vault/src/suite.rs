//! The two algorithm suites and the primitives they are made of.

use std::fmt;

use aes_gcm::aead::AeadInOut;
use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::aes::cipher::consts::U12;
use aes_gcm::{Aes256Gcm, AesGcm};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use sm3::Sm3;
use sm4::Sm4;
use zeroize::Zeroizing;

pub(crate) const NONCE_LENGTH: usize = 12;
pub(crate) const TAG_LENGTH: usize = 16;

/// Length of every secret from which working keys are derived, whatever the suite.
pub(crate) const SECRET_LENGTH: usize = 32;

/// Which family of algorithms protects a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Suite {
    /// AES-256-GCM for values, HMAC-SHA-256 for blind indexes.
    #[default]
    Aes256GcmSha256,
    /// SM4-GCM (RFC 8998) for values, HMAC-SM3 for blind indexes.
    Sm4GcmSm3,
}

impl Suite {
    /// The byte that names the suite in stored values.
    pub const fn code(self) -> u8 {
        match self {
            Self::Aes256GcmSha256 => 1,
            Self::Sm4GcmSm3 => 2,
        }
    }

    /// Finds the suite by the byte in a stored value.
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Aes256GcmSha256),
            2 => Some(Self::Sm4GcmSm3),
            _ => None,
        }
    }

    /// The name as it is written in configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aes256GcmSha256 => "aes256_gcm_sha256",
            Self::Sm4GcmSm3 => "sm4_gcm_sm3",
        }
    }

    const fn cipher_key_length(self) -> usize {
        match self {
            Self::Aes256GcmSha256 => 32,
            Self::Sm4GcmSm3 => 16,
        }
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The operation was refused by the primitive; deliberately without detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused;

type Sm4Gcm = AesGcm<Sm4, U12>;

/// An authenticated cipher with its key schedule computed once.
pub(crate) enum Cipher {
    Aes(Box<Aes256Gcm>),
    Sm4(Box<Sm4Gcm>),
}

impl Cipher {
    /// Derives the cipher key of a suite from a secret; `label` separates the uses of one secret.
    pub(crate) fn derive(suite: Suite, secret: &[u8], label: &str) -> Result<Self, Refused> {
        let derived = expand(suite, secret, label)?;
        let key = derived.get(..suite.cipher_key_length()).ok_or(Refused)?;
        Self::with_key(suite, key)
    }

    pub(crate) fn with_key(suite: Suite, key: &[u8]) -> Result<Self, Refused> {
        match suite {
            Suite::Aes256GcmSha256 => Aes256Gcm::new_from_slice(key).map(|cipher| Self::Aes(Box::new(cipher))),
            Suite::Sm4GcmSm3 => Sm4Gcm::new_from_slice(key).map(|cipher| Self::Sm4(Box::new(cipher))),
        }
        .map_err(|_| Refused)
    }

    /// Encrypts in place and answers the tag.
    pub(crate) fn encrypt(
        &self,
        nonce: [u8; NONCE_LENGTH],
        associated: &[u8],
        buffer: &mut [u8],
    ) -> Result<[u8; TAG_LENGTH], Refused> {
        let nonce = nonce.into();
        let buffer = InOutBuf::from(buffer);
        match self {
            Self::Aes(cipher) => cipher.encrypt_inout_detached(&nonce, associated, buffer),
            Self::Sm4(cipher) => cipher.encrypt_inout_detached(&nonce, associated, buffer),
        }
        .map(Into::into)
        .map_err(|_| Refused)
    }

    /// Checks the tag and only then decrypts in place.
    pub(crate) fn decrypt(
        &self,
        nonce: [u8; NONCE_LENGTH],
        associated: &[u8],
        buffer: &mut [u8],
        tag: [u8; TAG_LENGTH],
    ) -> Result<(), Refused> {
        let nonce = nonce.into();
        let tag = tag.into();
        let buffer = InOutBuf::from(buffer);
        match self {
            Self::Aes(cipher) => cipher.decrypt_inout_detached(&nonce, associated, buffer, &tag),
            Self::Sm4(cipher) => cipher.decrypt_inout_detached(&nonce, associated, buffer, &tag),
        }
        .map_err(|_| Refused)
    }
}

/// A keyed hash whose key block is already absorbed, so that each use only pays for its own input.
#[derive(Clone)]
pub(crate) enum KeyedHash {
    Sha256(Box<Hmac<Sha256>>),
    Sm3(Box<Hmac<Sm3>>),
}

impl KeyedHash {
    pub(crate) fn new(suite: Suite, key: &[u8]) -> Result<Self, Refused> {
        match suite {
            Suite::Aes256GcmSha256 => Hmac::new_from_slice(key).map(|mac| Self::Sha256(Box::new(mac))),
            Suite::Sm4GcmSm3 => Hmac::new_from_slice(key).map(|mac| Self::Sm3(Box::new(mac))),
        }
        .map_err(|_| Refused)
    }

    /// Hashes the parts as if they were one string; callers put lengths between them.
    pub(crate) fn digest(&self, parts: &[&[u8]]) -> [u8; 32] {
        match self.clone() {
            Self::Sha256(mut mac) => {
                for part in parts {
                    mac.update(part);
                }
                mac.finalize().into_bytes().into()
            }
            Self::Sm3(mut mac) => {
                for part in parts {
                    mac.update(part);
                }
                mac.finalize().into_bytes().into()
            }
        }
    }

    /// Compares in constant time.
    pub(crate) fn verifies(&self, parts: &[&[u8]], tag: &[u8]) -> bool {
        match self.clone() {
            Self::Sha256(mut mac) => {
                for part in parts {
                    mac.update(part);
                }
                mac.verify_slice(tag).is_ok()
            }
            Self::Sm3(mut mac) => {
                for part in parts {
                    mac.update(part);
                }
                mac.verify_slice(tag).is_ok()
            }
        }
    }
}

/// The first block of HKDF-Expand: one secret, many keys that say nothing about each other.
pub(crate) fn expand(suite: Suite, secret: &[u8], label: &str) -> Result<Zeroizing<[u8; 32]>, Refused> {
    let hash = KeyedHash::new(suite, secret)?;
    Ok(Zeroizing::new(hash.digest(&[b"cordon-vault/derive/1/", label.as_bytes(), &[1]])))
}

/// A length prefix that keeps neighboring fields apart.
pub(crate) fn length_prefix(bytes: &[u8]) -> [u8; 4] {
    // Names and row ids are short; a longer input saturates and can then only fail to open, never collide by truncation.
    u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;
    use sm3::Digest;
    use sm4::cipher::BlockCipherEncrypt;

    fn hex(text: &str) -> Vec<u8> {
        HEXLOWER.decode(text.to_ascii_lowercase().as_bytes()).unwrap()
    }

    fn check_cipher(suite: Suite, key: &str, nonce: &str, associated: &str, plain: &str, sealed: &str, tag: &str) {
        let cipher = Cipher::with_key(suite, &hex(key)).unwrap();
        let nonce: [u8; 12] = hex(nonce).try_into().unwrap();
        let mut buffer = hex(plain);
        let made = cipher.encrypt(nonce, &hex(associated), &mut buffer).unwrap();
        assert_eq!(buffer, hex(sealed));
        assert_eq!(made.to_vec(), hex(tag));
        cipher.decrypt(nonce, &hex(associated), &mut buffer, made).unwrap();
        assert_eq!(buffer, hex(plain));
    }

    #[test]
    fn sm3_agrees_with_gb_t_32905() {
        let digest = Sm3::digest(b"abc");
        assert_eq!(digest.to_vec(), hex("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"));
        let digest = Sm3::digest(b"abcd".repeat(16));
        assert_eq!(digest.to_vec(), hex("debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"));
    }

    #[test]
    fn sm4_agrees_with_gb_t_32907() {
        let key = hex("0123456789abcdeffedcba9876543210");
        let cipher = Sm4::new_from_slice(&key).unwrap();
        let mut block: [u8; 16] = key.try_into().unwrap();
        cipher.encrypt_block((&mut block).into());
        assert_eq!(block.to_vec(), hex("681edf34d206965e86b3e94f536e4246"));
    }

    #[test]
    fn sm4_gcm_agrees_with_rfc_8998() {
        check_cipher(
            Suite::Sm4GcmSm3,
            "0123456789ABCDEFFEDCBA9876543210",
            "00001234567800000000ABCD",
            "FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2",
            concat!(
                "AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDD",
                "EEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA"
            ),
            concat!(
                "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735",
                "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
            ),
            "83DE3541E4C2B58177E065A9BF7B62EC",
        );
    }

    #[test]
    fn aes_256_gcm_agrees_with_the_gcm_specification() {
        check_cipher(
            Suite::Aes256GcmSha256,
            "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
            "cafebabefacedbaddecaf888",
            "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            concat!(
                "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72",
                "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
            ),
            concat!(
                "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa",
                "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
            ),
            "76fc6ece0f4e1768cddf8853bb2d551b",
        );
    }

    #[test]
    fn hmac_sha256_agrees_with_rfc_4231() {
        let hash = KeyedHash::new(Suite::Aes256GcmSha256, b"Jefe").unwrap();
        assert_eq!(
            hash.digest(&[b"what do ya want ", b"for nothing?"]).to_vec(),
            hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        );
    }

    #[test]
    fn expansion_agrees_with_hkdf_for_one_block() {
        // HKDF-Expand of RFC 5869 with L = 32 is HMAC(PRK, info || 0x01), computed here the long way.
        let secret = [7; 32];
        let mut mac = Hmac::<Sha256>::new_from_slice(&secret).unwrap();
        mac.update(b"cordon-vault/derive/1/label\x01");
        let expected: [u8; 32] = mac.finalize().into_bytes().into();
        assert_eq!(*expand(Suite::Aes256GcmSha256, &secret, "label").unwrap(), expected);
    }

    #[test]
    fn suites_keep_their_stored_codes() {
        for suite in [Suite::Aes256GcmSha256, Suite::Sm4GcmSm3] {
            assert_eq!(Suite::from_code(suite.code()), Some(suite));
            assert_eq!(serde_json::to_string(&suite).unwrap(), format!("\"{suite}\""));
        }
        assert_eq!(Suite::from_code(0), None);
    }

    /// The negative control of every test about places: it is the associated data, and nothing else, that binds them.
    #[test]
    fn without_associated_data_a_moved_value_would_open() {
        for suite in [Suite::Aes256GcmSha256, Suite::Sm4GcmSm3] {
            let cipher = Cipher::derive(suite, &[1; 32], "record").unwrap();
            let mut buffer = *b"13800138000";
            let tag = cipher.encrypt([2; 12], b"", &mut buffer).unwrap();
            assert!(cipher.decrypt([2; 12], b"", &mut buffer.clone(), tag).is_ok());
            let bound = cipher.encrypt([3; 12], b"row 1", &mut buffer).unwrap();
            assert!(cipher.decrypt([3; 12], b"row 2", &mut buffer, bound).is_err());
        }
    }

    /// Runs the openssl program; `None` where it is absent or does not know the algorithm.
    fn openssl(arguments: &[&str], input: &[u8]) -> Option<Vec<u8>> {
        use std::io::Write;
        use std::process::{Command, Stdio};
        let mut command = Command::new("openssl");
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().ok()?;
        child.stdin.take()?.write_all(input).ok()?;
        let output = child.wait_with_output().ok()?;
        output.status.success().then_some(output.stdout)
    }

    #[test]
    fn openssl_computes_the_same() {
        if openssl(&["dgst", "-sm3", "-binary"], b"abc").is_none() {
            println!("skipped: no openssl program with SM3");
            return;
        }
        for length in [0_usize, 1, 15, 16, 17, 63, 64, 65, 500] {
            let mut random = vec![0; 48 + length];
            getrandom::fill(&mut random).unwrap();
            let (key, rest) = random.split_at(32);
            let (nonce, input) = rest.split_at(16);
            let nonce: [u8; 12] = nonce[..12].try_into().unwrap();

            let mac_key = format!("hexkey:{}", HEXLOWER.encode(key));
            for (suite, name) in [(Suite::Sm4GcmSm3, "-sm3"), (Suite::Aes256GcmSha256, "-sha256")] {
                let theirs = openssl(&["dgst", name, "-mac", "HMAC", "-macopt", &mac_key, "-binary"], input).unwrap();
                assert_eq!(KeyedHash::new(suite, key).unwrap().digest(&[input]).to_vec(), theirs);
            }
            // GCM encrypts in counter mode from block 2; the program has no GCM, but it has that.
            let first_block = HEXLOWER.encode(&[nonce.as_slice(), &[0, 0, 0, 2]].concat());
            for (suite, name, key) in
                [(Suite::Sm4GcmSm3, "-sm4-ctr", &key[..16]), (Suite::Aes256GcmSha256, "-aes-256-ctr", key)]
            {
                let theirs = openssl(&["enc", name, "-K", &HEXLOWER.encode(key), "-iv", &first_block], input).unwrap();
                let mut ours = input.to_vec();
                Cipher::with_key(suite, key).unwrap().encrypt(nonce, b"", &mut ours).unwrap();
                assert_eq!(ours, theirs);
            }
        }
    }
}
