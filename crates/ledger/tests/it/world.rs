//! Two honest chains with published heads, for tests that then do harm to them.

use std::convert::Infallible;

use cordon_ledger::verify::{Detail, Verifier};
use cordon_ledger::{
    Algorithm, Chain, Draft, Hash, Head, HeadKey, HeadSignature, HeadSigner, Outcome, Payload, SignError, StoredEntry,
    TrustedHeads, TrustedKeys, Verdict,
};
use ed25519_dalek::{Signer, SigningKey};
use serde_json::json;

pub(crate) struct TestSigner {
    pub(crate) key_id: &'static str,
    pub(crate) key: SigningKey,
}

impl TestSigner {
    pub(crate) fn new(key_id: &'static str, seed: u8) -> Self {
        Self { key_id, key: SigningKey::from_bytes(&[seed; 32]) }
    }

    pub(crate) fn head_key(&self) -> HeadKey {
        HeadKey { key_id: self.key_id.to_owned(), public_key: self.key.verifying_key().to_bytes() }
    }
}

impl HeadSigner for TestSigner {
    fn key_id(&self) -> Result<String, SignError> {
        Ok(self.key_id.to_owned())
    }

    fn sign(&self, message: &[u8]) -> Result<HeadSignature, SignError> {
        Ok(HeadSignature { key_id: self.key_id.to_owned(), bytes: self.key.sign(message).to_bytes() })
    }
}

/// What the database holds and what was published.
pub(crate) struct World {
    pub(crate) entries: Vec<StoredEntry>,
    pub(crate) heads: Vec<Head>,
    pub(crate) keys: TrustedKeys,
}

pub(crate) const CHAINS: [(&str, Algorithm); 2] = [("directory", Algorithm::Sm3), ("disposal", Algorithm::Sha256)];
pub(crate) const LENGTH: u64 = 16;
const HEADS_AT: [u64; 3] = [5, 11, LENGTH];

pub(crate) fn draft(chain: &str, number: u64) -> Draft {
    let at = 1_763_800_000_000 + i64::try_from(number).expect("small") * 1_000;
    Draft {
        at,
        actor: format!("person-{}", number % 5),
        actor_kind: "police_handler".to_owned(),
        organization: format!("org-{}", number % 3),
        on_behalf_of: (number.is_multiple_of(4)).then(|| "person-9".to_owned()),
        action: "order.approve".to_owned(),
        object_kind: "order".to_owned(),
        object_id: format!("{chain}-{number}"),
        object_organization: (number.is_multiple_of(3)).then(|| "org-7".to_owned()),
        outcome: if number.is_multiple_of(6) { Outcome::Denied } else { Outcome::Done },
        policy_version: "2026-11-01".to_owned(),
        payload: if number % 7 == 3 {
            Payload::Beside(Hash::from_bytes([7; 32]))
        } else {
            Payload::inline(&json!({ "items": number, "reason": "涉诈" })).expect("canonical")
        },
        trace: (number.is_multiple_of(2)).then(|| format!("{number:032x}")),
    }
}

pub(crate) fn honest() -> World {
    let signer = TestSigner::new("ledger-1", 1);
    let mut entries = Vec::new();
    let mut heads = Vec::new();
    for (name, algorithm) in CHAINS {
        let mut chain = Chain::new(name, algorithm);
        for number in 1..=LENGTH {
            entries.push(chain.append(draft(name, number)));
            if HEADS_AT.contains(&number) {
                let at = 1_763_800_000_500 + i64::try_from(number).expect("small") * 1_000;
                heads.push(chain.sign_head(at, &signer).expect("signed"));
            }
        }
    }
    World { entries, heads, keys: TrustedKeys::new(&[signer.head_key()]).expect("a good key") }
}

/// Writes a chain anew from what the entries say, as somebody with the database but without the signing key can.
pub(crate) fn rewrite_hashes(entries: &mut [StoredEntry], name: &str, algorithm: Algorithm) {
    let mut chain = Chain::new(name, algorithm);
    for entry in entries.iter_mut().filter(|entry| entry.chain == name) {
        let payload = match &entry.payload {
            Some(text) => match serde_json::from_str::<serde_json::Value>(text) {
                Ok(value) => Payload::inline(&value).expect("canonical"),
                Err(_) => Payload::empty(),
            },
            None => Payload::Beside(Hash::from_slice(&entry.payload_digest).expect("32 bytes")),
        };
        let outcomes = [Outcome::Allowed, Outcome::Denied, Outcome::Done, Outcome::Refused, Outcome::Failed];
        let outcome = outcomes.into_iter().find(|known| known.as_str() == entry.outcome).unwrap_or(Outcome::Done);
        *entry = chain.append(Draft {
            at: entry.at,
            actor: entry.actor.clone(),
            actor_kind: entry.actor_kind.clone(),
            organization: entry.organization.clone(),
            on_behalf_of: entry.on_behalf_of.clone(),
            action: entry.action.clone(),
            object_kind: entry.object_kind.clone(),
            object_id: entry.object_id.clone(),
            object_organization: entry.object_organization.clone(),
            outcome,
            policy_version: entry.policy_version.clone(),
            payload,
            trace: entry.trace.clone(),
        });
    }
}

pub(crate) fn verdict(entries: &[StoredEntry], heads: &[Head], keys: &TrustedKeys) -> Verdict {
    cordon_ledger::verify(entries.iter().cloned().map(Ok::<_, Infallible>), heads, keys)
}

/// The same without the search for the changed byte, against heads that were checked once.
pub(crate) fn quick_verdict(entries: &[StoredEntry], heads: &TrustedHeads) -> Verdict {
    let mut verifier = Verifier::new(heads).with_detail(Detail::Entry);
    for entry in entries {
        verifier.feed(entry);
    }
    verifier.finish()
}
