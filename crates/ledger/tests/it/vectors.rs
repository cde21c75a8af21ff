//! The committed vectors were computed by another program from the written definition, not by this crate.

use cordon_ledger::{
    Algorithm, Chain, Draft, Hash, HeadSignature, HeadSigner, Outcome, Payload, SignError, StoredEntry,
};
use serde_json::Value;

struct NoKey;

impl HeadSigner for NoKey {
    fn key_id(&self) -> Result<String, SignError> {
        Ok("ledger-1".to_owned())
    }

    fn sign(&self, _: &[u8]) -> Result<HeadSignature, SignError> {
        Ok(HeadSignature { key_id: "ledger-1".to_owned(), bytes: [0; 64] })
    }
}

fn vectors(algorithm: Algorithm) -> Value {
    let all: Value = serde_json::from_str(include_str!("vectors.json")).expect("vectors are JSON");
    all[algorithm.as_str()].clone()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a string").to_owned()
}

fn draft_of(algorithm: Algorithm, entry: &StoredEntry) -> Draft {
    let payload = match &entry.payload {
        Some(text) => {
            let value: Value = serde_json::from_str(text).expect("the payload is JSON");
            Payload::inline(&value).expect("the payload is canonical")
        }
        None => Payload::Beside(Payload::digest(algorithm, "kept elsewhere")),
    };
    let outcomes = [Outcome::Allowed, Outcome::Denied, Outcome::Done, Outcome::Refused, Outcome::Failed];
    let outcome = outcomes.into_iter().find(|outcome| outcome.as_str() == entry.outcome).expect("a known outcome");
    Draft {
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
    }
}

fn check(algorithm: Algorithm) {
    let vectors = vectors(algorithm);
    let entries: Vec<StoredEntry> = serde_json::from_value(vectors["entries"].clone()).expect("entries");
    let mut chain = Chain::new("disposal", algorithm);
    assert_eq!(chain.last_hash().to_string(), text(&vectors["genesis"]));
    assert_eq!(chain.root().to_string(), text(&vectors["roots"][0]));
    for (position, expected) in entries.iter().enumerate() {
        let made = chain.append(draft_of(algorithm, expected));
        assert_eq!(&made, expected);
        assert_eq!(chain.root().to_string(), text(&vectors["roots"][position + 1]));
    }
    let head = chain.sign_head(1_763_800_300_000, &NoKey).expect("the signer always answers");
    let signed: String = head.signed_bytes().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    assert_eq!(signed, text(&vectors["head_signed_bytes"]));
}

#[test]
fn entries_roots_and_heads_agree_with_the_vectors_under_sha256() {
    check(Algorithm::Sha256);
}

#[test]
fn entries_roots_and_heads_agree_with_the_vectors_under_sm3() {
    check(Algorithm::Sm3);
}

#[test]
fn a_chain_that_was_stored_appends_as_if_it_never_stopped() {
    let vectors = vectors(Algorithm::Sha256);
    let entries: Vec<StoredEntry> = serde_json::from_value(vectors["entries"].clone()).expect("entries");
    let mut chain = Chain::new("disposal", Algorithm::Sha256);
    for expected in &entries {
        let stored = serde_json::to_string(&chain).expect("a chain is JSON");
        chain = serde_json::from_str(&stored).expect("the same chain");
        assert_eq!(&chain.append(draft_of(Algorithm::Sha256, expected)), expected);
    }
}

#[test]
fn hashes_are_written_as_64_lower_case_digits_only() {
    let hash = Hash::from_bytes([0xab; 32]);
    assert_eq!(serde_json::to_string(&hash).expect("JSON"), format!("\"{}\"", "ab".repeat(32)));
    for wrong in ["AB".repeat(32), "ab".repeat(31), "zz".repeat(32)] {
        assert!(serde_json::from_str::<Hash>(&format!("\"{wrong}\"")).is_err());
    }
}
