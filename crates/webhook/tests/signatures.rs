//! Signatures against the published vector, against another implementation, and against forgery.

use cordon_webhook::{
    InvalidKey, Received, Rejected, SignedHeaders, SigningKey, TOLERANCE, VerifyingKey, sign, verify,
};
use proptest::prelude::*;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NOW: i64 = 1_614_265_330;

fn received(headers: &SignedHeaders) -> Received<'_> {
    Received { id: Some(&headers.id), timestamp: Some(&headers.timestamp), signature: Some(&headers.signature) }
}

#[test]
fn the_published_vector_is_met() {
    let key = SigningKey::parse(SECRET).unwrap();
    let headers = sign(&[key], "msg_p5jXN8AQM9LWM0D4loKWxJek", NOW, br#"{"test": 2432232314}"#).unwrap();
    assert_eq!(headers.signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

#[test]
fn either_key_is_enough_while_one_replaces_the_other() {
    let [old, new, foreign] = [
        SigningKey::generate_hmac().unwrap(),
        SigningKey::generate_ed25519().unwrap(),
        SigningKey::generate_ed25519().unwrap(),
    ];
    let headers = sign(&[new.clone(), old.clone()], "msg_1", NOW, b"body").unwrap();
    assert_eq!(headers.signature.split(' ').count(), 2);
    for key in [&old, &new] {
        let key = VerifyingKey::parse(&key.receiver_text()).unwrap();
        assert_eq!(verify(&[key], received(&headers), b"body", NOW, TOLERANCE), Ok("msg_1"));
    }
    let only_foreign = [foreign.verifying_key()];
    assert_eq!(verify(&only_foreign, received(&headers), b"body", NOW, TOLERANCE), Err(Rejected::Forged));
}

#[test]
fn altered_stale_future_and_incomplete_messages_are_rejected() {
    for key in [SigningKey::generate_hmac().unwrap(), SigningKey::generate_ed25519().unwrap()] {
        let keys = [key.verifying_key()];
        let headers = sign(&[key], "msg_1", NOW, b"body").unwrap();
        let check = |received: Received<'_>, body: &[u8], now| verify(&keys, received, body, now, TOLERANCE).map(drop);
        assert_eq!(check(received(&headers), b"body", NOW), Ok(()));
        assert_eq!(check(received(&headers), b"body", NOW + 300), Ok(()));
        assert_eq!(check(received(&headers), b"body ", NOW), Err(Rejected::Forged));
        assert_eq!(check(received(&headers), b"body", NOW + 301), Err(Rejected::Stale));
        assert_eq!(check(received(&headers), b"body", NOW - 301), Err(Rejected::Stale));
        let moved = Received { id: Some("msg_2"), ..received(&headers) };
        assert_eq!(check(moved, b"body", NOW), Err(Rejected::Forged));
        let later = (NOW + 1).to_string();
        let moved = Received { timestamp: Some(&later), ..received(&headers) };
        assert_eq!(check(moved, b"body", NOW), Err(Rejected::Forged));
        for broken in [
            Received { id: None, ..received(&headers) },
            Received { timestamp: None, ..received(&headers) },
            Received { signature: None, ..received(&headers) },
            Received { timestamp: Some("+1614265330"), ..received(&headers) },
            Received { timestamp: Some("01614265330"), ..received(&headers) },
            Received { timestamp: Some("nan"), ..received(&headers) },
            Received { id: Some("msg.1"), ..received(&headers) },
        ] {
            assert_eq!(check(broken, b"body", NOW), Err(Rejected::Malformed));
        }
        for forged in ["", "v1", "v1,", "v1,AAAA", "v1a,AAAA", "v2,AAAA"] {
            let forged = Received { signature: Some(forged), ..received(&headers) };
            assert_eq!(check(forged, b"body", NOW), Err(Rejected::Forged));
        }
    }
}

#[test]
fn a_full_stop_in_the_id_cannot_move_the_border_between_id_and_time() {
    let key = SigningKey::generate_hmac().unwrap();
    assert!(sign(&[key], "msg.1", NOW, b"body").is_err());
}

#[test]
fn keys_have_a_kind_and_a_length() {
    assert_eq!(SigningKey::parse("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap_err(), InvalidKey::Prefix);
    assert_eq!(SigningKey::parse("whsec_c2hvcnQ=").unwrap_err(), InvalidKey::Length);
    assert_eq!(SigningKey::parse("whsec_%%%").unwrap_err(), InvalidKey::Encoding);
    assert_eq!(VerifyingKey::parse("whpk_c2hvcnQ=").unwrap_err(), InvalidKey::Length);
    let private = SigningKey::generate_ed25519().unwrap();
    assert_eq!(VerifyingKey::parse(&private.secret_text()).unwrap_err(), InvalidKey::Prefix);
    assert_eq!(format!("{private:?}"), "SigningKey::Ed25519(***)");
    let again = SigningKey::parse(&private.secret_text()).unwrap();
    assert_eq!(again.receiver_text(), private.receiver_text());
}

#[test]
fn another_implementation_accepts_what_we_sign_now() {
    let key = SigningKey::generate_hmac().unwrap();
    let oracle = standardwebhooks::Webhook::new(&key.secret_text()).unwrap();
    let now = i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
    let body = "{\"订单\":1}".as_bytes();
    let headers = sign(&[SigningKey::generate_ed25519().unwrap(), key], "msg_now", now, body).unwrap();
    let mut map = http::HeaderMap::new();
    map.insert("webhook-id", headers.id.parse().unwrap());
    map.insert("webhook-timestamp", headers.timestamp.parse().unwrap());
    map.insert("webhook-signature", headers.signature.parse().unwrap());
    oracle.verify(body, &map).unwrap();
    assert!(oracle.verify(b"{}", &map).is_err());
}

proptest! {
    #[test]
    fn another_implementation_signs_the_same(secret in proptest::collection::vec(any::<u8>(), 24..=64),
            id in "[a-zA-Z0-9_-]{1,40}", seconds in 1_i64..4_000_000_000, body in ".{0,200}") {
        let oracle = standardwebhooks::Webhook::from_bytes(secret.clone()).unwrap();
        let headers = sign(&[SigningKey::Hmac(secret.into())], &id, seconds, body.as_bytes()).unwrap();
        prop_assert_eq!(headers.signature, oracle.sign(&id, seconds, body.as_bytes()).unwrap());
    }

    #[test]
    fn no_header_makes_verification_panic(id in ".{0,60}", time in ".{0,20}", signature in ".{0,80}") {
        let key = SigningKey::parse(SECRET).unwrap().verifying_key();
        let received = Received { id: Some(&id), timestamp: Some(&time), signature: Some(&signature) };
        prop_assert!(verify(&[key], received, b"x", NOW, TOLERANCE).is_err());
    }
}
