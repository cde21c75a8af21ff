//! Signatures on calls between processes.

use std::time::Duration;

use cordon_context::Timestamp;
use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How far the two clocks may differ, and for how long a captured call could be sent again.
const FRESHNESS: Duration = Duration::from_secs(30);

/// The key that the processes of one installation share.
#[derive(Clone)]
pub struct CallKey(Vec<u8>);

impl std::fmt::Debug for CallKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CallKey(..)")
    }
}

/// Why a call from another process was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefusedCall {
    /// The key is shorter than 32 bytes.
    #[error("the call key is shorter than 32 bytes")]
    WeakKey,
    /// The header is missing or malformed.
    #[error("the signature header is missing or malformed")]
    Malformed,
    /// The call is too old or from the future.
    #[error("the call is not fresh")]
    Stale,
    /// The signature does not belong to the body.
    #[error("the signature does not fit")]
    Forged,
}

impl CallKey {
    /// Wraps key material of at least 32 bytes.
    pub fn new(material: impl Into<Vec<u8>>) -> Result<Self, RefusedCall> {
        let material = material.into();
        if material.len() < 32 { Err(RefusedCall::WeakKey) } else { Ok(Self(material)) }
    }

    /// Signs a body; the result goes into the `x-cordon-call` header.
    pub fn sign(&self, now: Timestamp, body: &[u8]) -> String {
        format!("t={},v1={}", now.millis(), HEXLOWER.encode(&self.mac(now, body).finalize().into_bytes()))
    }

    /// Checks a header against a body.
    pub fn verify(&self, now: Timestamp, header: Option<&str>, body: &[u8]) -> Result<(), RefusedCall> {
        let (time, signature) = header
            .and_then(|header| header.strip_prefix("t="))
            .and_then(|rest| rest.split_once(",v1="))
            .ok_or(RefusedCall::Malformed)?;
        let time = time.parse().map(Timestamp::from_millis).map_err(|_source| RefusedCall::Malformed)?;
        if now.since(time).max(time.since(now)) > FRESHNESS {
            return Err(RefusedCall::Stale);
        }
        let signature = HEXLOWER.decode(signature.as_bytes()).map_err(|_source| RefusedCall::Malformed)?;
        self.mac(time, body).verify_slice(&signature).map_err(|_source| RefusedCall::Forged)
    }

    fn mac(&self, time: Timestamp, body: &[u8]) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(b"cordon-call-v1\0");
        mac.update(&time.millis().to_be_bytes());
        mac.update(body);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn altered_stale_and_unsigned_calls_are_refused() {
        let key = CallKey::new([7; 32]).unwrap();
        let other = CallKey::new([8; 32]).unwrap();
        let now = Timestamp::from_millis(1_795_000_000_000);
        let header = key.sign(now, b"body");
        assert_eq!(key.verify(now, Some(&header), b"body"), Ok(()));
        assert_eq!(key.verify(now, Some(&header), b"bodY"), Err(RefusedCall::Forged));
        assert_eq!(other.verify(now, Some(&header), b"body"), Err(RefusedCall::Forged));
        assert_eq!(key.verify(now.plus(FRESHNESS * 2), Some(&header), b"body"), Err(RefusedCall::Stale));
        assert_eq!(key.verify(now.minus(FRESHNESS * 2), Some(&header), b"body"), Err(RefusedCall::Stale));
        assert_eq!(key.verify(now, None, b"body"), Err(RefusedCall::Malformed));
        assert_eq!(key.verify(now, Some("t=x,v1=00"), b"body"), Err(RefusedCall::Malformed));
        assert_eq!(CallKey::new([1; 31]).unwrap_err(), RefusedCall::WeakKey);
    }
}
