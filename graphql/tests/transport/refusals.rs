//! Malformed, too large, too deep, too many, slow, wrong method or content type, foreign origin: refused before execution.

use std::num::NonZeroU32;
use std::sync::atomic::Ordering;
use std::time::Duration;

use cordon_web::EdgeSettings;
use cordon_web::rate::RateSettings;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::world::{World, parse_answer, read_answer, start, start_behind};

const JSON: &str = "content-type: application/json\r\n";

fn query(text: &str) -> Vec<u8> {
    json!({ "query": text }).to_string().into_bytes()
}

/// Every row: a name, the headers, the body, the status with the older media type, the code.
fn rows() -> Vec<(&'static str, String, Vec<u8>, u16, &'static str)> {
    let row = |name, headers: &str, body: &[u8], status, code| (name, headers.to_owned(), body.to_vec(), status, code);
    let json_row = |name, body: &[u8], status, code| (name, JSON.to_owned(), body.to_vec(), status, code);
    let bomb = {
        let mut text = String::from("{ ...f0 }");
        for index in 0..22 {
            text += &format!(" fragment f{index} on Query {{ ...f{n} ...f{n} }}", n = index + 1);
        }
        text + " fragment f22 on Query { __typename }"
    };
    // What is skipped is counted all the same; the product of these sizes is above the largest number.
    let lists = |text: &str, depth: usize| {
        let (open, close) =
            ("order { items(first: 2147483647) { edges { node { ".repeat(depth), "} } } }".repeat(depth));
        format!(
            "{{ orders(first: 2147483647) {{ edges {{ node {{ items(first: 2147483647) {{ edges {{ node {{ {open} {text} {close} }} }} }} }} }} }} }}"
        )
    };
    let beyond = lists("id", 1).replacen("orders(first: 2147483647)", "orders(first: 2147483647) @skip(if: true)", 1);
    let abyss = lists("id", 5);
    vec![
        json_row("empty", b"", 400, "BAD_REQUEST"),
        json_row("not JSON", b"{\"query\":", 400, "BAD_REQUEST"),
        json_row("no query", b"{}", 400, "BAD_REQUEST"),
        json_row("not UTF-8", b"{\"query\": \"\xff\xfe\"}", 400, "BAD_REQUEST"),
        json_row("query is a number", b"{\"query\": 1}", 400, "BAD_REQUEST"),
        json_row("variables are a list", b"{\"query\": \"{__typename}\", \"variables\": [1]}", 400, "BAD_REQUEST"),
        json_row(
            "deep JSON",
            format!("{{\"query\": \"{{__typename}}\", \"variables\": {{\"a\": {}}}}}", "[".repeat(50_000)).as_bytes(),
            400,
            "BAD_REQUEST",
        ),
        json_row("batch", b"[{\"query\": \"{__typename}\"}]", 400, "BATCH_NOT_ALLOWED"),
        json_row("empty batch", b"[]", 400, "BATCH_NOT_ALLOWED"),
        json_row("syntax", &query("{ viewer {"), 200, "GRAPHQL_PARSE_FAILED"),
        json_row("unknown field", &query("{ viewerr { login } }"), 200, "GRAPHQL_VALIDATION_FAILED"),
        json_row(
            "nested lists",
            &query(&format!("{{ node(id: {}1{}) {{ id }} }}", "[".repeat(3_000), "]".repeat(3_000))),
            400,
            "QUERY_TOO_COMPLEX",
        ),
        json_row("open lists", &query(&format!("{{ node(id: {}", "[".repeat(7_000))), 400, "QUERY_TOO_COMPLEX"),
        json_row("fragment bomb", &query(&bomb), 400, "QUERY_TOO_COMPLEX"),
        json_row("long text", &query(&format!("{{ __typename }} # {}", "x".repeat(20_000))), 400, "QUERY_TOO_COMPLEX"),
        json_row(
            "very many aliases",
            &query(&format!("{{ {} }}", (0..500).map(|n| format!("a{n}: __typename ")).collect::<String>())),
            400,
            "QUERY_TOO_COMPLEX",
        ),
        json_row(
            "costly lists",
            &query("{ orders(first: 200) { edges { node { items(first: 200) { edges { node { id } } } } } } }"),
            200,
            "QUERY_TOO_COMPLEX",
        ),
        json_row("costs beyond all numbers", &query(&beyond), 200, "QUERY_TOO_COMPLEX"),
        json_row("costs beyond all numbers, deep", &query(&abyss), 200, "QUERY_TOO_COMPLEX"),
        json_row(
            "several mutations",
            &query("mutation { a: signOut { status } b: signOut { status } }"),
            400,
            "TOO_MANY_MUTATIONS",
        ),
        json_row("subscription", &query("subscription { taskAssigned { seq } }"), 400, "BAD_REQUEST"),
        row("no content type", "", &query("{ __typename }"), 415, "UNSUPPORTED_MEDIA_TYPE"),
        row("text", "content-type: text/plain\r\n", &query("{ __typename }"), 415, "UNSUPPORTED_MEDIA_TYPE"),
        row(
            "form",
            "content-type: application/x-www-form-urlencoded\r\n",
            b"query=%7B__typename%7D",
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        row("multipart", "content-type: multipart/form-data; boundary=x\r\n", b"--x--", 415, "UNSUPPORTED_MEDIA_TYPE"),
        row(
            "utf-16",
            "content-type: application/json; charset=utf-16\r\n",
            &query("{ __typename }"),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        row(
            "two types",
            "content-type: application/json\r\ncontent-type: text/plain\r\n",
            &query("{ __typename }"),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        row(
            "compressed",
            "content-type: application/json\r\ncontent-encoding: gzip\r\n",
            &query("{ __typename }"),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        row(
            "accepts a page",
            "content-type: application/json\r\naccept: text/html\r\n",
            &query("{ __typename }"),
            406,
            "NOT_ACCEPTABLE",
        ),
        row(
            "foreign origin",
            "content-type: application/json\r\norigin: https://evil.example\r\n",
            &query("{ __typename }"),
            403,
            "FOREIGN_ORIGIN",
        ),
        row(
            "null origin",
            "content-type: application/json\r\norigin: null\r\n",
            &query("{ __typename }"),
            403,
            "FOREIGN_ORIGIN",
        ),
        row(
            "the credential counts before the body",
            "content-type: application/json\r\nauthorization: Bearer nobody\r\n",
            b"{",
            401,
            "UNAUTHENTICATED",
        ),
        row(
            "malformed credential",
            "content-type: application/json\r\nauthorization: Basic eDp4\r\n",
            &query("{ __typename }"),
            401,
            "UNAUTHENTICATED",
        ),
    ]
}

async fn is_well(world: &World) {
    let answer = world.post("handler", &json!({ "query": "{ __typename }" })).await;
    assert_eq!((answer.status, answer.json()["data"]["__typename"].as_str()), (200, Some("Query")), "{}", answer.body);
}

/// The headers of a row, with what it says nothing of.
fn completed(headers: String) -> String {
    let headers = if headers.contains("accept:") { headers } else { format!("{headers}accept: application/json\r\n") };
    if headers.contains("authorization:") { headers } else { format!("{headers}authorization: Bearer handler\r\n") }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_request_is_refused_with_its_code_and_others_are_served() {
    let world = start(|_| {}).await;
    is_well(&world).await;
    for (name, headers, body, status, code) in rows() {
        let headers = completed(headers);
        let answer = world.post_with(&headers, &body).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{name}: {}", answer.body);
        assert!(answer.head.contains("x-content-type-options: nosniff"), "{name}: {}", answer.head);
        is_well(&world).await;
    }
    assert_eq!(world.seen.executed.load(Ordering::SeqCst), 0, "something was executed");
    // The negative control: a call of any method is counted, also of one that has no canned answer.
    for (number, query) in
        ["mutation { signOut(input: {}) { status } }", "{ cases { pageInfo { hasNextPage } } }"].iter().enumerate()
    {
        world.post("analyst", &json!({ "query": query })).await;
        assert_eq!(world.seen.executed.load(Ordering::SeqCst), number + 1, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_request_is_refused_within_fifty_milliseconds_of_the_servers_time() {
    const BAR: Duration = Duration::from_millis(50);
    // A body that does not end leaves the thread that serves nothing to do but to refuse it.
    let world = start(|settings| settings.body.max_bytes = 200_000).await;
    // What is made once, such as the schema, is no part of a refusal.
    is_well(&world).await;
    let cost = async |request: &[u8]| {
        let before = world.served_for();
        let answer = world.raw(request).await;
        assert_ne!(answer.status, 0, "no answer");
        world.served_for().saturating_sub(before)
    };
    let head = format!("POST /graphql HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", world.address);
    let whole = |headers: &str, body: &[u8]| {
        [format!("{head}{headers}content-length: {}\r\n\r\n", body.len()).as_bytes(), body].concat()
    };
    let mut requests: Vec<(&str, Vec<u8>)> =
        rows().into_iter().map(|(name, headers, body, ..)| (name, whole(&completed(headers), &body))).collect();
    let announced = format!("{head}{JSON}authorization: Bearer handler\r\ncontent-length: 300000000\r\n\r\n");
    requests.push(("says that it is too large", announced.into_bytes()));
    let chunked = format!("{head}{JSON}authorization: Bearer handler\r\ntransfer-encoding: chunked\r\n\r\n40000\r\n");
    requests.push(("is too large", [chunked.as_bytes(), &vec![b' '; 0x40000], b"\r\n"].concat()));
    requests.push(("too large by its length", whole(JSON, &vec![b' '; 200_001])));
    for (name, request) in &requests {
        // The cheapest of three: what a busy machine adds, such as a cold cache, is not the server's doing.
        let mut least = Duration::MAX;
        for _ in 0..3 {
            least = least.min(cost(request).await);
        }
        assert!(least < BAR, "{name} took {least:?}");
        // The meter is the serving thread's: it is never still.
        assert!(least > Duration::ZERO, "{name} was not measured");
    }
    // The negative control: the same meter sees what is let through, and requests that together cost more than the bar.
    let lists = query("{ orders(first: 200) { edges { node { number requester { name } region } } } }");
    let lists = whole(&completed(JSON.to_owned()), &lists);
    let mut let_through = Duration::MAX;
    for _ in 0..3 {
        let_through = let_through.min(cost(&lists).await);
    }
    let refused = cost(&requests[0].1).await.min(cost(&requests[0].1).await);
    assert!(let_through > refused * 2, "a list took {let_through:?}, an empty body {refused:?}");
    let before = world.served_for();
    while world.served_for().saturating_sub(before) <= BAR {
        assert_eq!(world.raw(&lists).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_post_is_taken_and_the_answer_says_so() {
    let world = start(|_| {}).await;
    for method in ["GET", "PUT", "DELETE", "PATCH", "QUERY", "OPTIONS"] {
        let request = format!(
            "{method} /graphql?query=%7B__typename%7D HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
            world.address
        );
        let answer = world.raw(request.as_bytes()).await;
        assert_eq!((answer.status, answer.code().as_str()), (405, "METHOD_NOT_ALLOWED"), "{method}: {}", answer.head);
        assert!(answer.head.contains("allow: post"), "{}", answer.head);
    }
    // The negative control.
    is_well(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_body_is_cut_off_and_nobody_else_waits() {
    let world = start(|settings| settings.body.deadline_ms = 700).await;
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\nconnection: close\r\n\r\n{{",
        world.address
    );
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    is_well(&world).await;
    let answer = read_answer(&mut stream).await;
    assert_eq!((answer.status, answer.code().as_str()), (408, "BODY_TIMEOUT"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_trickles_is_cut_off_by_its_speed() {
    let world = start(|settings| {
        settings.body.deadline_ms = 60_000;
        settings.body.min_bytes_per_second = 10_000;
    })
    .await;
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n",
        world.address
    );
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..5 {
        let _cut = stream.write_all(b"1\r\n \r\n").await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let answer = read_answer(&mut stream).await;
    assert_eq!((answer.status, answer.code().as_str()), (408, "BODY_TIMEOUT"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_says_it_is_too_large_is_not_read_at_all() {
    let world = start(|_| {}).await;
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: 300000000\r\nconnection: close\r\n\r\n",
        world.address
    );
    let answer = world.raw(head.as_bytes()).await;
    assert_eq!((answer.status, answer.code().as_str()), (413, "BODY_TOO_LARGE"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chunked_body_without_a_length_is_capped_while_it_arrives() {
    let world = start(|settings| settings.body.max_bytes = 10_000).await;
    let mut request = format!(
        "POST /graphql HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n",
        world.address
    )
    .into_bytes();
    for _ in 0..4 {
        request.extend(b"1000\r\n");
        request.extend([b' '; 0x1000]);
        request.extend(b"\r\n");
    }
    let answer = world.raw(&request).await;
    assert_eq!((answer.status, answer.code().as_str()), (413, "BODY_TOO_LARGE"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn misspelt_names_get_no_hint() {
    let world = start(|_| {}).await;
    let answer = world.post("handler", &json!({ "query": "{ orderz { edges { cursor } } }" })).await;
    assert_eq!(answer.status, 400);
    assert!(!answer.body.contains("Did you mean"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_without_budget_is_told_when_to_come_back() {
    let few =
        RateSettings { burst: NonZeroU32::new(3).unwrap(), per_second: NonZeroU32::MIN, ..RateSettings::default() };
    let world = start_behind(EdgeSettings { per_caller: few, ..EdgeSettings::default() }, |_| {}).await;
    let body = json!({ "query": "{ __typename }" });
    let first = world.post("handler", &body).await;
    assert_eq!(first.status, 200);
    assert!(first.head.contains("ratelimit-policy:") && first.head.contains("ratelimit:"), "{}", first.head);
    let mut last = first;
    for _ in 0..5 {
        last = world.post("handler", &body).await;
    }
    assert_eq!((last.status, last.code().as_str()), (429, "RATE_LIMITED"), "{}", last.body);
    assert!(last.head.contains("retry-after:"), "{}", last.head);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_can_be_worked_on_is_refused_at_once() {
    let world = start_behind(EdgeSettings { max_concurrent: 0, ..EdgeSettings::default() }, |_| {}).await;
    let answer = world.post("handler", &json!({ "query": "{ __typename }" })).await;
    assert_eq!((answer.status, answer.code().as_str()), (503, "UNAVAILABLE"), "{}", answer.body);
    assert!(answer.head.contains("retry-after:"), "{}", answer.head);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_before_the_end_of_the_body_ends_the_connection() {
    let world = start(|settings| settings.body.max_bytes = 10_000).await;
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n",
        world.address
    );
    // Neither asks for the end of the connection, and neither body ever ends.
    let large = [head.as_bytes(), b"\r\n4000\r\n", &[b' '; 0x4000], b"\r\n"].concat();
    let unknown = [head.as_bytes(), b"authorization: Bearer nobody\r\n\r\n1\r\n \r\n"].concat();
    for (request, status) in [(large, 413), (unknown, 401)] {
        let answer = world.raw(&request).await;
        assert_eq!(answer.status, status, "{}", answer.body);
    }
    // The negative control: after a whole body the connection serves on.
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    let body = query("{ __typename }");
    let whole = [head.as_bytes(), format!("\r\n{:x}\r\n", body.len()).as_bytes(), &body, b"\r\n0\r\n\r\n"].concat();
    for _ in 0..2 {
        stream.write_all(&whole).await.unwrap();
        let mut bytes = Vec::new();
        while !String::from_utf8_lossy(&bytes).contains("__typename") {
            assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0, "the connection was closed");
        }
        assert_eq!(parse_answer(&String::from_utf8_lossy(&bytes)).status, 200);
    }
}
