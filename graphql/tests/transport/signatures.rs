//! Requests that a program signs: the raw bytes count, and what is not signed by its key is known to be so.

use cordon_context::{ApiClientKind, Clock as _, Proof, SystemClock, TaskKind};
use cordon_webhook::{SignedHeaders, SigningKey, sign};
use serde_json::{Value, json};

use crate::sockets::ready;
use crate::world::{World, id, start};

fn now() -> i64 {
    SystemClock.now().millis() / 1_000
}

fn token() -> String {
    format!("{}.secret", id::<ApiClientKind>(77))
}

fn acknowledgement() -> Value {
    let answer =
        json!({ "task": id::<TaskKind>(900), "generation": 1, "receipt": format!("rcp_0{}0", "a".repeat(24)) });
    json!({
        "query": "mutation ($input: AcknowledgeTaskInput!) { acknowledgeTask(input: $input) { refusal { rule } status } }",
        "variables": { "input": { "answer": answer } }
    })
}

fn lines(signed: &SignedHeaders) -> String {
    format!(
        "webhook-id: {}\r\nwebhook-timestamp: {}\r\nwebhook-signature: {}\r\n",
        signed.id, signed.timestamp, signed.signature
    )
}

/// What the disposal is told of the signature of a request that is sent with these headers.
async fn told(world: &World, headers: &str, body: &[u8]) -> Proof {
    let headers = format!("content-type: application/json\r\nauthorization: Bearer {}\r\n{headers}", token());
    let answer = world.post_with(&headers, body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let proof = world.seen.proofs.lock().unwrap().pop().unwrap();
    let rule = answer.json()["data"]["acknowledgeTask"]["refusal"]["rule"].clone();
    assert_eq!(rule.as_str(), proof.refusal().and_then(|refusal| refusal.rule).as_deref());
    proof
}

#[tokio::test]
async fn a_request_counts_as_signed_only_with_its_own_bytes_a_key_of_the_program_and_the_right_time() {
    let world = start(|_settings| {}).await;
    let (old, new) = (SigningKey::generate_ed25519().unwrap(), SigningKey::generate_ed25519().unwrap());
    let stranger = SigningKey::generate_ed25519().unwrap();
    let body = acknowledgement().to_string().into_bytes();
    let by = |key: &SigningKey, seconds: i64| {
        lines(&sign(std::slice::from_ref(key), "msg_00000001", seconds, &body).unwrap())
    };
    // Nothing is owed before a key is entered, and nothing is believed either.
    assert_eq!(told(&world, "", &body).await, Proof::NotOwed);
    assert_eq!(told(&world, &by(&stranger, now()), &body).await, Proof::NotOwed);

    *world.seen.message_keys.lock().unwrap() = vec![old.receiver_text().to_string(), new.receiver_text().to_string()];
    assert_eq!(told(&world, &by(&old, now()), &body).await, Proof::Signed);
    assert_eq!(told(&world, &by(&new, now()), &body).await, Proof::Signed);
    assert_eq!(told(&world, "", &body).await, Proof::Missing);
    assert_eq!(told(&world, &by(&stranger, now()), &body).await, Proof::Forged);
    assert_eq!(told(&world, &by(&old, now() - 400), &body).await, Proof::Stale);
    assert_eq!(told(&world, &by(&old, now() + 400), &body).await, Proof::Stale);
    // The same JSON in other bytes is another message.
    let mut spaced = body.clone();
    spaced.push(b' ');
    assert_eq!(told(&world, &by(&old, now()), &spaced).await, Proof::Forged);
    let twice = format!("{}webhook-id: msg_00000001\r\n", by(&old, now()));
    assert_eq!(told(&world, &twice, &body).await, Proof::Malformed);
    let without_time = by(&old, now()).replace("webhook-timestamp", "webhook-time");
    assert_eq!(told(&world, &without_time, &body).await, Proof::Malformed);

    *world.seen.message_keys.lock().unwrap() = vec![new.receiver_text().to_string()];
    assert_eq!(told(&world, &by(&old, now()), &body).await, Proof::Forged, "the old key was taken away");
    // A key that cannot be read fits nothing, and does not switch the question off.
    *world.seen.message_keys.lock().unwrap() = vec!["whpk_broken".to_owned()];
    assert_eq!(told(&world, &by(&new, now()), &body).await, Proof::Forged);
}

#[tokio::test]
async fn a_signed_request_sent_again_asks_under_the_same_key_whatever_its_headers_say() {
    let world = start(|_settings| {}).await;
    let key = SigningKey::generate_ed25519().unwrap();
    *world.seen.message_keys.lock().unwrap() = vec![key.receiver_text().to_string()];
    let body = acknowledgement().to_string().into_bytes();
    let signed = lines(&sign(std::slice::from_ref(&key), "msg_00000001", now(), &body).unwrap());
    for header in ["", "idempotency-key: another-key-1\r\n", "idempotency-key: another-key-2\r\n"] {
        assert_eq!(told(&world, &format!("{signed}{header}"), &body).await, Proof::Signed);
        assert_eq!(world.seen.asked_under.lock().unwrap().pop(), Some(Some("msg_00000001".to_owned())), "{header}");
    }
    // The negative control: where nothing is signed, the header counts.
    world.seen.message_keys.lock().unwrap().clear();
    assert_eq!(told(&world, "idempotency-key: another-key-1\r\n", &body).await, Proof::NotOwed);
    assert_eq!(world.seen.asked_under.lock().unwrap().pop(), Some(Some("another-key-1".to_owned())));
    // An identifier that is no key cannot keep a request from being sent twice.
    *world.seen.message_keys.lock().unwrap() = vec![key.receiver_text().to_string()];
    let short = lines(&sign(std::slice::from_ref(&key), "msg_1", now(), &body).unwrap());
    assert_eq!(told(&world, &short, &body).await, Proof::Malformed);
}

#[tokio::test]
async fn a_message_on_a_socket_is_never_signed() {
    let world = start(|_settings| {}).await;
    *world.seen.message_keys.lock().unwrap() =
        vec![SigningKey::generate_ed25519().unwrap().receiver_text().to_string()];
    let mut socket = ready(&world, &token()).await;
    socket.send(&json!({ "id": "1", "type": "subscribe", "payload": acknowledgement() })).await;
    let answer = socket.expect("next").await;
    assert_eq!(answer["payload"]["data"]["acknowledgeTask"]["refusal"]["rule"], "signature.missing", "{answer}");
    assert_eq!(*world.seen.proofs.lock().unwrap(), [Proof::Missing]);
}
