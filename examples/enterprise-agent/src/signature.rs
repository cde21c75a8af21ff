//! Checks that what has to be done was signed by the platform, before anything is done.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result, ensure};
use data_encoding::HEXLOWER;
use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::Value;

/// The platform's public keys by their identifiers.
#[derive(Default)]
pub(crate) struct Keys(Mutex<HashMap<String, VerifyingKey>>);

impl Keys {
    /// Takes the keys that the platform publishes; what it no longer publishes does not count any more.
    pub(crate) fn replace(&self, published: &Value) -> Result<()> {
        let mut keys = HashMap::new();
        for entry in published.as_array().context("the answer has no keys")? {
            let text = |name: &str| entry.get(name).and_then(Value::as_str).context("a key is incomplete");
            let bytes = HEXLOWER.decode(text("publicKey")?.as_bytes()).context("a key is no hexadecimal")?;
            let bytes: [u8; 32] = bytes.as_slice().try_into().context("a key has 32 bytes")?;
            keys.insert(text("keyId")?.to_owned(), VerifyingKey::from_bytes(&bytes)?);
        }
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    /// Whether a key is known.
    pub(crate) fn knows(&self, key: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(key)
    }

    /// Checks a signature over the body as it arrived.
    pub(crate) fn verify(&self, key: &str, body: &str, signature: &str) -> Result<()> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).copied();
        let known = known.context("the payload is signed with a key that the platform does not publish")?;
        let bytes = HEXLOWER.decode(signature.as_bytes()).context("the signature is no hexadecimal")?;
        let signature = Signature::from_slice(&bytes).context("the signature is malformed")?;
        ensure!(known.verify_strict(body.as_bytes(), &signature).is_ok(), "the payload does not fit its signature");
        Ok(())
    }
}
