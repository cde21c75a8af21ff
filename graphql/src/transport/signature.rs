//! Requests that a program signs, by the Standard Webhooks in the other direction: over the raw bytes, before they are parsed.

use actix_web::http::header::HeaderMap;
use cordon_context::{IdempotencyKey, Proof, Timestamp};
use cordon_web::Caller;
use cordon_webhook::{
    HEADER_ID, HEADER_SIGNATURE, HEADER_TIMESTAMP, Received, Rejected, TOLERANCE, VerifyingKey, verify,
};

/// Whether a request is signed, if its sender owes that; with the signed identifier of the message, under which it has one effect
/// however often it is sent.
pub(super) fn check(
    caller: &Caller,
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> (Proof, Option<IdempotencyKey>) {
    let keys = keys_of(caller);
    if keys.is_empty() {
        return (Proof::NotOwed, None);
    }
    match verified(keys, headers, body, now) {
        Ok(id) => (Proof::Signed, Some(id)),
        Err(fault) => (fault, None),
    }
}

fn verified(keys: &[String], headers: &HeaderMap, body: &[u8], now: Timestamp) -> Result<IdempotencyKey, Proof> {
    let (Ok(id), Ok(timestamp), Ok(signature)) =
        (only(headers, HEADER_ID), only(headers, HEADER_TIMESTAMP), only(headers, HEADER_SIGNATURE))
    else {
        return Err(Proof::Malformed);
    };
    if signature.is_none() {
        return Err(Proof::Missing);
    }
    // A key that cannot be read fits nothing.
    let keys: Vec<VerifyingKey> = keys.iter().filter_map(|key| VerifyingKey::parse(key).ok()).collect();
    match verify(&keys, Received { id, timestamp, signature }, body, now.millis() / 1_000, TOLERANCE) {
        Ok(id) => id.parse().map_err(|()| Proof::Malformed),
        Err(Rejected::Malformed) => Err(Proof::Malformed),
        Err(Rejected::Stale) => Err(Proof::Stale),
        Err(Rejected::Forged) => Err(Proof::Forged),
    }
}

/// What is known of a message on a socket, which carries no signature.
pub(super) fn on_socket(caller: &Caller) -> Proof {
    if keys_of(caller).is_empty() { Proof::NotOwed } else { Proof::Missing }
}

fn keys_of(caller: &Caller) -> &[String] {
    match caller {
        Caller::Anonymous { .. } => &[],
        Caller::Known(known) => &known.message_keys,
    }
}

/// The value of a header that may stand once.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, ()> {
    let mut values = headers.get_all(name);
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(only), None) => only.to_str().map(Some).map_err(|_source| ()),
        (Some(_), Some(_)) => Err(()),
    }
}
