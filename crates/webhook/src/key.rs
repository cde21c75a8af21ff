//! Keys and their text forms.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::Signer;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

const HMAC_PREFIX: &str = "whsec_";
const PRIVATE_PREFIX: &str = "whsk_";
const PUBLIC_PREFIX: &str = "whpk_";

/// The shortest and the longest symmetric secret that the specification allows, in bytes.
const HMAC_LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

/// The text is not a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// It does not begin with a known prefix.
    #[error("the key begins with none of whsec_, whsk_, whpk_ / 密钥前缀不是 whsec_、whsk_ 或 whpk_")]
    Prefix,
    /// What follows the prefix is not base64.
    #[error("the key is not base64 / 密钥不是 base64 编码")]
    Encoding,
    /// A symmetric secret has 24 to 64 bytes, an ed25519 key 32.
    #[error("the key has a wrong length / 密钥长度不符合要求")]
    Length,
    /// The bytes are no point of the curve.
    #[error("the key is not an ed25519 public key / 不是有效的 ed25519 公钥")]
    Point,
    /// The operating system gave no random bytes.
    #[error("no random bytes are available / 系统随机数不可用")]
    Random,
}

/// A key that makes signatures; never printed by `Debug`.
#[derive(Clone)]
pub enum SigningKey {
    /// A secret that both sides hold.
    Hmac(Zeroizing<Vec<u8>>),
    /// A private key whose public half the receiver holds.
    Ed25519(Box<ed25519_dalek::SigningKey>),
}

impl SigningKey {
    /// Makes a symmetric secret of 32 random bytes.
    pub fn generate_hmac() -> Result<Self, InvalidKey> {
        Ok(Self::Hmac(random()?.to_vec().into()))
    }

    /// Makes an ed25519 key pair.
    pub fn generate_ed25519() -> Result<Self, InvalidKey> {
        Ok(Self::Ed25519(Box::new(ed25519_dalek::SigningKey::from_bytes(&*random()?))))
    }

    /// Reads the text form: `whsec_` for a symmetric secret, `whsk_` for a private key.
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        if let Some(encoded) = text.strip_prefix(HMAC_PREFIX) {
            let bytes = decode(encoded)?;
            if HMAC_LENGTHS.contains(&bytes.len()) { Ok(Self::Hmac(bytes)) } else { Err(InvalidKey::Length) }
        } else if let Some(encoded) = text.strip_prefix(PRIVATE_PREFIX) {
            let bytes = decode(encoded)?;
            let seed = bytes.first_chunk::<32>().filter(|_| bytes.len() == 32).ok_or(InvalidKey::Length)?;
            Ok(Self::Ed25519(Box::new(ed25519_dalek::SigningKey::from_bytes(seed))))
        } else {
            Err(InvalidKey::Prefix)
        }
    }

    /// Writes the text form that [`Self::parse`] reads; whoever has it can sign.
    pub fn secret_text(&self) -> Zeroizing<String> {
        match self {
            Self::Hmac(bytes) => Zeroizing::new(format!("{HMAC_PREFIX}{}", STANDARD.encode(bytes.as_slice()))),
            Self::Ed25519(key) => Zeroizing::new(format!("{PRIVATE_PREFIX}{}", STANDARD.encode(key.as_bytes()))),
        }
    }

    /// What the receiver is given: the secret itself (`whsec_`), or the public half (`whpk_`).
    pub fn receiver_text(&self) -> Zeroizing<String> {
        match self {
            Self::Hmac(_) => self.secret_text(),
            Self::Ed25519(key) => {
                Zeroizing::new(format!("{PUBLIC_PREFIX}{}", STANDARD.encode(key.verifying_key().as_bytes())))
            }
        }
    }

    /// The key with which a receiver checks.
    pub fn verifying_key(&self) -> VerifyingKey {
        match self {
            Self::Hmac(bytes) => VerifyingKey::Hmac(bytes.clone()),
            Self::Ed25519(key) => VerifyingKey::Ed25519(Box::new(key.verifying_key())),
        }
    }

    pub(crate) fn signature(&self, signed: &[&[u8]]) -> String {
        match self {
            Self::Hmac(key) => format!("v1,{}", STANDARD.encode(mac(key, signed))),
            Self::Ed25519(key) => format!("v1a,{}", STANDARD.encode(key.sign(&signed.concat()).to_bytes())),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hmac(_) => "SigningKey::Hmac(***)",
            Self::Ed25519(_) => "SigningKey::Ed25519(***)",
        })
    }
}

/// A key that checks signatures.
#[derive(Clone)]
pub enum VerifyingKey {
    /// A secret that both sides hold.
    Hmac(Zeroizing<Vec<u8>>),
    /// A public key.
    Ed25519(Box<ed25519_dalek::VerifyingKey>),
}

impl VerifyingKey {
    /// Reads the text form: `whsec_` for a symmetric secret, `whpk_` for a public key.
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        if let Some(encoded) = text.strip_prefix(PUBLIC_PREFIX) {
            let bytes = decode(encoded)?;
            let point = bytes.first_chunk::<32>().filter(|_| bytes.len() == 32).ok_or(InvalidKey::Length)?;
            let key = ed25519_dalek::VerifyingKey::from_bytes(point).map_err(|_source| InvalidKey::Point)?;
            return Ok(Self::Ed25519(Box::new(key)));
        }
        match SigningKey::parse(text)? {
            SigningKey::Hmac(bytes) => Ok(Self::Hmac(bytes)),
            // A private key has no business on the receiving side.
            SigningKey::Ed25519(_) => Err(InvalidKey::Prefix),
        }
    }

    pub(crate) fn accepts(&self, version: &str, signature: &str, signed: &[&[u8]]) -> bool {
        let Ok(signature) = STANDARD.decode(signature) else { return false };
        match (self, version) {
            (Self::Hmac(key), "v1") => bool::from(mac(key, signed).as_slice().ct_eq(&signature)),
            (Self::Ed25519(key), "v1a") => ed25519_dalek::Signature::from_slice(&signature)
                .is_ok_and(|signature| key.verify_strict(&signed.concat(), &signature).is_ok()),
            _ => false,
        }
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hmac(_) => "VerifyingKey::Hmac(***)",
            Self::Ed25519(_) => "VerifyingKey::Ed25519",
        })
    }
}

fn random() -> Result<Zeroizing<[u8; 32]>, InvalidKey> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|_source| InvalidKey::Random)?;
    Ok(bytes)
}

fn decode(encoded: &str) -> Result<Zeroizing<Vec<u8>>, InvalidKey> {
    STANDARD.decode(encoded).map(Zeroizing::new).map_err(|_source| InvalidKey::Encoding)
}

fn mac(key: &[u8], signed: &[&[u8]]) -> Vec<u8> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in signed {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}
