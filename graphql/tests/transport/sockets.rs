//! Subscriptions: who may open one, what ends it, and how it goes on.

use std::sync::atomic::Ordering;

use cordon_testkit::{Frame, Socket};
use serde_json::{Value, json};

use crate::world::{World, start, until};

pub(crate) const PROTOCOL: &str = "sec-websocket-protocol: graphql-transport-ws\r\n";

pub(crate) async fn ready(world: &World, token: &str) -> Socket {
    let mut socket = Socket::open(world.address, PROTOCOL).await.unwrap();
    socket.send(&json!({ "type": "connection_init", "payload": { "authorization": format!("Bearer {token}") } })).await;
    socket.expect("connection_ack").await;
    socket
}

pub(crate) fn subscribe(id: &str, query: &str) -> Value {
    json!({ "id": id, "type": "subscribe", "payload": { "query": query } })
}

#[tokio::test(flavor = "multi_thread")]
async fn events_come_in_order_and_resume_after_the_last_seen() {
    let world = start(|_| {}).await;
    world.seen.events.store(3, Ordering::SeqCst);
    let mut socket = ready(&world, "handler").await;
    socket.send(&subscribe("a", "subscription { taskAssigned(after: 1) { seq taskId } }")).await;
    for expected in [2, 3] {
        let message = socket.expect("next").await;
        assert_eq!(message["payload"]["data"]["taskAssigned"]["seq"], expected, "{message}");
    }
    world.seen.events.store(4, Ordering::SeqCst);
    assert_eq!(socket.expect("next").await["payload"]["data"]["taskAssigned"]["seq"], 4);
    drop(socket);
    world.seen.events.store(6, Ordering::SeqCst);
    let mut socket = ready(&world, "handler").await;
    socket.send(&subscribe("a", "subscription { taskAssigned(after: 4) { seq } }")).await;
    for expected in [5, 6] {
        assert_eq!(socket.expect("next").await["payload"]["data"]["taskAssigned"]["seq"], expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_position_only_what_happens_from_now_on_is_told() {
    let world = start(|_| {}).await;
    world.seen.events.store(10, Ordering::SeqCst);
    let mut socket = ready(&world, "handler").await;
    socket.send(&subscribe("a", "subscription { taskAssigned { seq } }")).await;
    until("the subscription looked where it begins", || world.seen.positions.load(Ordering::SeqCst) > 0).await;
    world.seen.events.store(11, Ordering::SeqCst);
    assert_eq!(socket.expect("next").await["payload"]["data"]["taskAssigned"]["seq"], 11);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_credential_ends_the_socket_and_no_event_follows() {
    let world = start(|_| {}).await;
    let mut socket = ready(&world, "handler").await;
    socket.send(&subscribe("a", "subscription { taskAssigned(after: 0) { seq } }")).await;
    world.seen.events.store(1, Ordering::SeqCst);
    socket.expect("next").await;
    world.seen.revoked.store(true, Ordering::SeqCst);
    world.seen.events.store(2, Ordering::SeqCst);
    let code = loop {
        match socket.receive().await {
            Frame::Text(message) => {
                assert_ne!(message["type"], "next", "an event came after the revocation: {message}");
            }
            Frame::Closed(code) => break code,
            Frame::Gone => break 0,
        }
    };
    assert_eq!(code, 4401);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_decides_who_may_subscribe() {
    let world = start(|_| {}).await;
    world.seen.events.store(1, Ordering::SeqCst);
    let mut socket = ready(&world, "auditor").await;
    socket.send(&subscribe("a", "subscription { taskAssigned(after: 0) { seq } }")).await;
    let message = match socket.receive().await {
        Frame::Text(message) => message,
        other => panic!("{other:?}"),
    };
    assert!(message.to_string().contains("DENIED"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guard_stands_before_sockets_too() {
    let world = start(|_| {}).await;
    let mut socket = ready(&world, "handler").await;
    let deep = format!("subscription {{ taskAssigned(after: {}", "[".repeat(5_000));
    socket.send(&subscribe("deep", &deep)).await;
    assert_eq!(socket.expect("error").await["payload"][0]["extensions"]["code"], "QUERY_TOO_COMPLEX");
    socket.send(&subscribe("two", "mutation { a: signOut { status } b: signOut { status } }")).await;
    assert_eq!(socket.expect("error").await["payload"][0]["extensions"]["code"], "TOO_MANY_MUTATIONS");
    socket.send(&subscribe("query", "{ __typename }")).await;
    assert_eq!(socket.expect("next").await["payload"]["data"]["__typename"], "Query");
    socket.expect("complete").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_that_do_not_keep_to_the_protocol_are_closed() {
    let world = start(|settings| {
        settings.socket.init_deadline_ms = 300;
        settings.socket.max_subscriptions = 2;
        settings.socket.max_message_bytes = 4_096;
    })
    .await;
    let foreign = format!("{PROTOCOL}origin: https://evil.example\r\n");
    assert_eq!(Socket::open(world.address, &foreign).await.err(), Some(403));
    let own = format!("{PROTOCOL}origin: https://console.example\r\n");
    assert!(Socket::open(world.address, &own).await.is_ok());
    assert_eq!(Socket::open(world.address, "").await.err(), Some(400));

    let mut silent = Socket::open(world.address, PROTOCOL).await.unwrap();
    assert_eq!(silent.closing().await, 4408);

    let mut hasty = Socket::open(world.address, PROTOCOL).await.unwrap();
    hasty.send(&subscribe("a", "{ __typename }")).await;
    assert_eq!(hasty.closing().await, 4401);

    for (token, code) in [("Bearer somebody", 4403), ("handler", 4403)] {
        let mut stranger = Socket::open(world.address, PROTOCOL).await.unwrap();
        stranger.send(&json!({ "type": "connection_init", "payload": { "authorization": token } })).await;
        assert_eq!(stranger.closing().await, code, "{token}");
    }
    let mut anonymous = Socket::open(world.address, PROTOCOL).await.unwrap();
    anonymous.send(&json!({ "type": "connection_init" })).await;
    assert_eq!(anonymous.closing().await, 4401);

    let mut twice = ready(&world, "handler").await;
    twice.send(&json!({ "type": "connection_init" })).await;
    assert_eq!(twice.closing().await, 4429);

    let mut same = ready(&world, "handler").await;
    for _ in 0..2 {
        same.send(&subscribe("a", "subscription { taskAssigned { seq } }")).await;
    }
    assert_eq!(same.closing().await, 4409);

    for broken in ["{", "[]", "{\"type\": 1}", "{\"type\": \"nonsense\"}", "{\"id\": 5, \"type\": \"subscribe\"}"] {
        let mut malformed = ready(&world, "handler").await;
        malformed.send_text(broken.as_bytes()).await;
        assert_eq!(malformed.closing().await, 4400, "{broken}");
    }

    let mut large = ready(&world, "handler").await;
    large.send_text(&vec![b' '; 100_000]).await;
    assert!(matches!(large.closing().await, 1009 | 0));

    let mut many = ready(&world, "handler").await;
    for number in 0..3 {
        many.send(&subscribe(&number.to_string(), "subscription { taskAssigned { seq } }")).await;
    }
    assert_eq!(many.expect("error").await["payload"][0]["extensions"]["code"], "RATE_LIMITED");

    let mut flood = ready(&world, "handler").await;
    for _ in 0..200 {
        flood.send(&json!({ "type": "ping" })).await;
    }
    assert!(matches!(flood.closing().await, 1008 | 0));
}
