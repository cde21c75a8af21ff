//! What one caller may use up: places, units of its budget, sockets. Others never notice.

use std::num::NonZeroU32;
use std::sync::atomic::Ordering;

use cordon_graphql::GraphqlSettings;
use cordon_testkit::Socket;
use cordon_web::EdgeSettings;
use cordon_web::rate::RateSettings;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::sockets::{PROTOCOL, ready, subscribe};
use crate::world::{Answer, World, id, read_answer, start_behind, until};

/// The edge's settings with budgets that a test does not use up.
fn roomy() -> EdgeSettings {
    let rate = rate(100_000, 100_000);
    // A test comes from many addresses by saying so.
    let trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    EdgeSettings { per_address: rate, per_caller: rate, trusted_proxies, ..EdgeSettings::default() }
}

fn rate(burst: u32, per_second: u32) -> RateSettings {
    let [burst, per_second] = [burst, per_second].map(|number| NonZeroU32::new(number).unwrap());
    RateSettings { burst, per_second, ..RateSettings::default() }
}

/// Waits for bodies as long as a test lasts.
fn patient(settings: &mut GraphqlSettings) {
    for limits in [&mut settings.body, &mut settings.upload] {
        limits.deadline_ms = 600_000;
        limits.min_bytes_per_second = 0;
    }
}

/// Says that a body follows, and keeps it to itself.
async fn begin(world: &World, path: &str, headers: &str) -> TcpStream {
    let head = format!("POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: 1000\r\n{headers}\r\n", world.address);
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

/// Asks something small from an address until the answer has this status.
async fn until_status(world: &World, address: &str, status: u16) -> Answer {
    let headers = format!("content-type: application/json\r\nx-forwarded-for: {address}\r\n");
    for _ in 0..300 {
        let answer = world.post_with(&headers, br#"{"query": "{ __typename }"}"#).await;
        if answer.status == status {
            return answer;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("{address} is never answered with {status}")
}

const JSON: &str = "content-type: application/json\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn bodies_on_their_way_take_no_place_from_others() {
    let world = start_behind(EdgeSettings { max_concurrent: 2, ..roomy() }, patient).await;
    let mut slow = Vec::new();
    for _ in 0..4 {
        slow.push(begin(&world, "/graphql", JSON).await);
    }
    for _ in 0..20 {
        let answer = world.post("handler", &json!({ "query": "{ __typename }" })).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    // The negative control: whoever is worked on does take a place.
    let approval = json!({ "query": approval() });
    world.seen.approval_ms.store(10_000, Ordering::SeqCst);
    let (one, two) = (world.post("approver", &approval), world.post("approver", &approval));
    let third = async {
        until("both are worked on", || world.seen.begun.load(Ordering::SeqCst) == 2).await;
        world.post("handler", &json!({ "query": "{ __typename }" })).await
    };
    tokio::select! {
        _ = one => panic!("an approval came too early"),
        _ = two => panic!("an approval came too early"),
        answer = third => assert_eq!((answer.status, answer.code().as_str()), (503, "UNAVAILABLE"), "{}", answer.body),
    }
}

fn approval() -> String {
    let order = id::<cordon_context::OrderKind>(5);
    format!("mutation {{ approveOrder(input: {{ order: \"{order}\", contentHash: \"00\" }}) {{ status }} }}")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_has_few_bodies_on_their_way() {
    let world = start_behind(EdgeSettings { max_waiting_per_address: 3, ..roomy() }, patient).await;
    let mut slow = Vec::new();
    for _ in 0..3 {
        slow.push(begin(&world, "/graphql", &format!("{JSON}x-forwarded-for: 192.0.2.1\r\n")).await);
    }
    let refused = until_status(&world, "192.0.2.1", 429).await;
    assert!(refused.code() == "RATE_LIMITED" && refused.head.contains("retry-after:"), "{}", refused.head);
    assert_eq!(until_status(&world, "192.0.2.2", 200).await.code(), "");
    slow.clear();
    until_status(&world, "192.0.2.1", 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_have_places_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let edge = EdgeSettings { max_concurrent: 1, max_uploads: 1, ..roomy() };
    let world = start_behind(edge, |settings| {
        patient(settings);
        settings.upload_folder = Some(folder.path().to_owned());
    })
    .await;
    let headers = "content-type: application/octet-stream\r\nauthorization: Bearer analyst\r\nconnection: close\r\n";
    let mut slow = begin(&world, "/uploads/reports", headers).await;
    until("the upload began", || std::fs::read_dir(folder.path()).unwrap().count() == 1).await;
    let mut second = begin(&world, "/uploads/reports", headers).await;
    let refused = read_answer(&mut second).await;
    assert_eq!((refused.status, refused.code().as_str()), (503, "UNAVAILABLE"), "{}", refused.body);
    assert_eq!(world.post("handler", &json!({ "query": "{ __typename }" })).await.status, 200);
    slow.write_all(&[b'x'; 1000]).await.unwrap();
    let stored = read_answer(&mut slow).await;
    assert_eq!(stored.status, 201, "{}", stored.body);
    // The place is free again.
    let mut third = begin(&world, "/uploads/reports", headers).await;
    third.write_all(&[b'x'; 1000]).await.unwrap();
    assert_eq!(read_answer(&mut third).await.status, 201);
}

/// Costs ten units beside the one of the request.
const DEAR: &str =
    "{ orders(first: 200) { edges { node { number state stage urgency reason createdAt version region } } } }";

#[tokio::test(flavor = "multi_thread")]
async fn a_costly_query_is_paid_for_before_anything_is_resolved() {
    let world = start_behind(EdgeSettings { per_caller: rate(15, 1), ..roomy() }, |_| {}).await;
    let dear = json!({ "query": DEAR });
    let first = world.post("handler", &dear).await;
    assert_eq!((first.status, first.json()["extensions"]["cost"]["requested"].as_u64()), (200, Some(2_001)));
    let second = world.post("handler", &dear).await;
    assert_eq!((second.status, second.code().as_str()), (429, "RATE_LIMITED"), "{}", second.body);
    assert!(second.head.contains("retry-after:"), "{}", second.head);
    assert_eq!(world.seen.lists.load(Ordering::SeqCst), 1, "what was refused was resolved");
    // The negative controls: the budget is not empty, and another caller has one of its own.
    assert_eq!(world.post("handler", &json!({ "query": "{ __typename }" })).await.status, 200);
    assert_eq!(world.post("", &json!({ "query": "{ __typename }" })).await.status, 200);
}

fn code(message: &Value) -> &str {
    message["payload"][0]["extensions"]["code"].as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_over_sockets_are_paid_for_as_over_http() {
    let world = start_behind(EdgeSettings { per_caller: rate(40, 1), ..roomy() }, |_| {}).await;
    let mut socket = ready(&world, "handler").await;
    socket.send(&subscribe("cost", DEAR)).await;
    socket.expect("complete").await;
    // Of forty units eleven are gone, and each of these attempts takes eleven more.
    let attempt = "mutation { changePassword(input: { current: \"x\", new: \"y\" }) { status } }";
    for name in ["one", "two"] {
        socket.send(&subscribe(name, attempt)).await;
        socket.expect("complete").await;
    }
    let executed = world.seen.executed.load(Ordering::SeqCst);
    socket.send(&subscribe("three", attempt)).await;
    assert_eq!(code(&socket.expect("error").await), "RATE_LIMITED");
    assert_eq!(world.seen.executed.load(Ordering::SeqCst), executed, "what was refused was resolved");
    let over_http = world.post("handler", &json!({ "query": attempt })).await;
    assert_eq!((over_http.status, over_http.code().as_str()), (429, "RATE_LIMITED"), "{}", over_http.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_over_a_socket_takes_a_place() {
    let world = start_behind(EdgeSettings { max_concurrent: 1, ..roomy() }, |_| {}).await;
    let mut socket = ready(&world, "handler").await;
    socket.send(&subscribe("free", "{ __typename }")).await;
    socket.expect("next").await;
    world.seen.approval_ms.store(10_000, Ordering::SeqCst);
    let body = json!({ "query": approval() });
    let occupied = async {
        until("somebody is worked on", || world.seen.begun.load(Ordering::SeqCst) == 1).await;
        socket.send(&subscribe("full", "{ __typename }")).await;
        socket.expect("error").await
    };
    tokio::select! {
        _ = world.post("approver", &body) => panic!("the approval came too early"),
        message = occupied => assert_eq!(code(&message), "UNAVAILABLE", "{message}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_batch_of_a_feed_is_paid_for() {
    let world = start_behind(EdgeSettings { per_caller: rate(200, 1), ..roomy() }, |_| {}).await;
    world.seen.events.store(6_000, Ordering::SeqCst);
    let mut socket = ready(&world, "handler").await;
    socket.send(&subscribe("a", "subscription { taskAssigned(after: 0) { seq } }")).await;
    while socket.expect("next").await["payload"]["data"]["taskAssigned"]["seq"] != 6_000 {}
    assert!(world.seen.batches.load(Ordering::SeqCst) >= 60);
    let answer = world.post("handler", &json!({ "query": "{ __typename }" })).await;
    let left: u32 = answer.head.split_once("\"caller\";r=").unwrap().1.split(';').next().unwrap().parse().unwrap();
    // One unit comes back each second; without the batches there would be 198.
    assert!(left < 180, "{left} units are left");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_has_few_sockets_and_an_address_few_that_say_nothing() {
    let edge = EdgeSettings { max_waiting_per_address: 2, ..roomy() };
    let world = start_behind(edge, |settings| settings.socket.max_per_caller = 2).await;
    let mut held = vec![ready(&world, "handler").await, ready(&world, "handler").await];
    let introduction = json!({ "type": "connection_init", "payload": { "authorization": "Bearer handler" } });
    let mut third = Socket::open(world.address, PROTOCOL).await.unwrap();
    third.send(&introduction).await;
    assert_eq!(third.closing().await, 4429);
    let known = format!("{PROTOCOL}authorization: Bearer handler\r\n");
    assert_eq!(Socket::open(world.address, &known).await.err(), Some(429));
    // The negative controls: it may have another one for one that it gives up.
    held.pop();
    while Socket::open(world.address, &known).await.is_err() {}

    let silent = [Socket::open(world.address, PROTOCOL).await, Socket::open(world.address, PROTOCOL).await];
    assert!(silent.iter().all(Result::is_ok));
    assert_eq!(Socket::open(world.address, PROTOCOL).await.err(), Some(429));
    let elsewhere = format!("{PROTOCOL}x-forwarded-for: 192.0.2.9\r\n");
    assert!(Socket::open(world.address, &elsewhere).await.is_ok());
}
