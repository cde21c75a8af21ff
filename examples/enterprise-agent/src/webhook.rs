//! Checks that a message comes from the platform: Standard Webhooks 1.0.0 over the raw bytes.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// How far a message's time may lie from our clock.
pub(crate) const TOLERANCE: Duration = Duration::from_mins(5);

/// A key of one of our endpoints.
pub(crate) enum Key {
    /// `whsec_…`: a secret that the platform holds as well.
    Hmac(Vec<u8>),
    /// `whpk_…`: the platform's public key; nothing here could sign with it.
    Ed25519(Box<VerifyingKey>),
}

impl Key {
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        use anyhow::{Context as _, bail, ensure};
        let text = text.trim();
        if let Some(encoded) = text.strip_prefix("whsec_") {
            let secret = STANDARD.decode(encoded).context("a whsec_ key is base64 / whsec_ 密钥须为 base64")?;
            ensure!(secret.len() >= 24, "a whsec_ key has at least 24 bytes / whsec_ 密钥至少 24 字节");
            Ok(Self::Hmac(secret))
        } else if let Some(encoded) = text.strip_prefix("whpk_") {
            let bytes = STANDARD.decode(encoded).context("a whpk_ key is base64 / whpk_ 公钥须为 base64")?;
            let bytes: [u8; 32] =
                bytes.as_slice().try_into().context("a whpk_ key has 32 bytes / whpk_ 公钥须为 32 字节")?;
            Ok(Self::Ed25519(Box::new(VerifyingKey::from_bytes(&bytes)?)))
        } else {
            bail!("a webhook key begins with whsec_ or whpk_ / 验签密钥须以 whsec_ 或 whpk_ 开头")
        }
    }

    fn accepts(&self, version: &str, signature: &str, signed: &[u8]) -> bool {
        let Ok(signature) = STANDARD.decode(signature) else { return false };
        match (self, version) {
            (Self::Hmac(key), "v1") => {
                let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return false };
                mac.update(signed);
                mac.finalize().into_bytes().as_slice().ct_eq(&signature).into()
            }
            (Self::Ed25519(key), "v1a") => {
                Signature::from_slice(&signature).is_ok_and(|signature| key.verify_strict(signed, &signature).is_ok())
            }
            _ => false,
        }
    }
}

/// Why a message is turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rejected {
    /// A header is missing or malformed.
    Malformed,
    /// More than five minutes old, or from the future.
    Stale,
    /// No signature fits.
    Forged,
}

/// The three headers.
#[derive(Clone, Copy)]
pub(crate) struct Headers<'a> {
    pub(crate) id: &'a str,
    pub(crate) timestamp: &'a str,
    pub(crate) signature: &'a str,
}

/// Accepts a message if one of its signatures fits one of our keys; the platform sends two while it changes a key.
pub(crate) fn verify(keys: &[Key], headers: Headers<'_>, body: &[u8], now_seconds: i64) -> Result<(), Rejected> {
    let Headers { id, timestamp, signature } = headers;
    let is_id = (1..=256).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'.');
    let seconds: i64 = timestamp.parse().map_err(|_source| Rejected::Malformed)?;
    if !is_id || !timestamp.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Rejected::Malformed);
    }
    if now_seconds.abs_diff(seconds) > TOLERANCE.as_secs() {
        return Err(Rejected::Stale);
    }
    let signed = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat();
    let fits = signature
        .split(' ')
        .take(16)
        .filter_map(|one| one.split_once(','))
        .any(|(version, one)| keys.iter().any(|key| key.accepts(version, one, &signed)));
    if fits { Ok(()) } else { Err(Rejected::Forged) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const GOOD: Headers<'_> = Headers {
        id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp: "1614265330",
        signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    };
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const NOW: i64 = 1_614_265_330;

    #[test]
    fn the_published_vector_is_accepted_and_every_change_to_it_is_not() {
        let keys = [Key::parse(KEY).unwrap()];
        assert_eq!(verify(&keys, GOOD, BODY, NOW), Ok(()));
        assert_eq!(verify(&keys, GOOD, BODY, NOW + 300), Ok(()));
        assert_eq!(verify(&keys, GOOD, BODY, NOW + 301), Err(Rejected::Stale));
        assert_eq!(verify(&keys, GOOD, BODY, NOW - 301), Err(Rejected::Stale));
        assert_eq!(verify(&keys, GOOD, b"{}", NOW), Err(Rejected::Forged));
        for (headers, expected) in [
            (Headers { id: "msg_2", ..GOOD }, Rejected::Forged),
            (Headers { id: "msg.2", ..GOOD }, Rejected::Malformed),
            (Headers { timestamp: "1614265331", ..GOOD }, Rejected::Forged),
            (Headers { timestamp: "+1614265330", ..GOOD }, Rejected::Malformed),
            (Headers { timestamp: "now", ..GOOD }, Rejected::Malformed),
            (Headers { signature: "", ..GOOD }, Rejected::Forged),
            (Headers { signature: "v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", ..GOOD }, Rejected::Forged),
        ] {
            assert_eq!(verify(&keys, headers, BODY, NOW), Err(expected));
        }
        let two = Headers { signature: "v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", ..GOOD };
        assert_eq!(verify(&keys, two, BODY, NOW), Ok(()));
        assert!(
            Key::parse("secret").is_err()
                && Key::parse("whsec_c2hvcnQ=").is_err()
                && Key::parse("whpk_c2hvcnQ=").is_err()
        );
    }
}
