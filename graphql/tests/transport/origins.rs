//! Pages of other origins, and what their browsers must hear.

use serde_json::json;

use crate::world::{Answer, World, start};

async fn preflight(world: &World, origin: &str) -> Answer {
    let request = format!(
        "OPTIONS /graphql HTTP/1.1\r\nhost: {}\r\nconnection: close\r\norigin: {origin}\r\n\
         access-control-request-method: POST\r\naccess-control-request-headers: authorization,content-type\r\n\r\n",
        world.address
    );
    world.raw(request.as_bytes()).await
}

async fn call(world: &World, headers: &str) -> Answer {
    let body = json!({ "query": "{ __typename }" }).to_string();
    world.post_with(&format!("content-type: application/json\r\n{headers}"), body.as_bytes()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_an_allowed_origin_may_call_and_read_the_answer() {
    let world = start(|_| {}).await;
    let allowed = preflight(&world, "https://console.example").await;
    assert_eq!(allowed.status, 204, "{}", allowed.head);
    for line in [
        "access-control-allow-origin: https://console.example",
        "access-control-allow-methods: get, post",
        "access-control-allow-headers: authorization, content-type,",
        "vary: origin",
    ] {
        assert!(allowed.head.contains(line), "{line}: {}", allowed.head);
    }
    let answer = call(&world, "origin: https://console.example\r\n").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.head.contains("access-control-allow-origin: https://console.example"), "{}", answer.head);
    assert!(!answer.head.contains("access-control-allow-credentials"), "{}", answer.head);
    // A page must be able to read why it was refused.
    let refused = call(&world, "origin: https://console.example\r\nauthorization: Bearer nobody\r\n").await;
    assert_eq!(refused.status, 401, "{}", refused.body);
    assert!(refused.head.contains("access-control-allow-origin: https://console.example"), "{}", refused.head);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_origin_learns_nothing() {
    let world = start(|_| {}).await;
    for origin in ["https://evil.example", "null", "https://console.example.evil.example"] {
        for answer in [preflight(&world, origin).await, call(&world, &format!("origin: {origin}\r\n")).await] {
            assert_eq!((answer.status, answer.code().as_str()), (403, "FOREIGN_ORIGIN"), "{origin}: {}", answer.head);
            assert!(!answer.head.contains("access-control-"), "{origin}: {}", answer.head);
        }
    }
    // A page of the server itself needs no leave, and what is no browser does not ask.
    let own = format!("origin: http://{}\r\n", world.address);
    for headers in [own.as_str(), ""] {
        let answer = call(&world, headers).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(!answer.head.contains("access-control-"), "{}", answer.head);
    }
}
