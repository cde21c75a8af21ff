//! The gateway over real sockets: what is refused, what is executed, and what a caller learns.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod budgets;
mod feeds;
mod forgotten;
mod origins;
mod refusals;
mod script;
mod signatures;
mod sockets;
mod world;

use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use world::{PERSISTED, PERSISTED_INTROSPECTION, id, start, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_orders_costs_one_call_for_their_organisations() {
    let world = start(|_| {}).await;
    let query = "{ orders(first: 50) { edges { node { number requester { name } region } } } }";
    let answer = world.post("handler", &json!({ "query": query })).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let json = answer.json();
    assert_eq!(json["data"]["orders"]["edges"].as_array().unwrap().len(), 50);
    assert_eq!(json["data"]["orders"]["edges"][49]["node"]["requester"]["name"], "示例");
    assert_eq!(world.seen.lists.load(Ordering::SeqCst), 1);
    assert_eq!(world.seen.organisation_calls.load(Ordering::SeqCst), 1, "one call, not one for each row");
    // The negative control: another request has loaders of its own and remembers nothing.
    world.post("handler", &json!({ "query": query })).await;
    assert_eq!(world.seen.organisation_calls.load(Ordering::SeqCst), 2);
    assert!(json["extensions"]["cost"]["requested"].as_u64().unwrap() > 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_and_unknown_identifiers_read_the_same() {
    let world = start(|_| {}).await;
    let mut bodies = Vec::new();
    for number in [1_u128, 2, 3] {
        let order = id::<cordon_context::OrderKind>(number).to_string();
        let query = format!("{{ order(id: \"{order}\") {{ number }} node(id: \"{order}\") {{ id }} }}");
        bodies.push(world.post("handler", &json!({ "query": query })).await.body);
    }
    // The negative control: what is the caller's own is there.
    assert!(bodies[0].contains("CZ-1"), "{}", bodies[0]);
    assert_eq!(bodies[1], bodies[2]);
    assert!(bodies[1].contains("\"order\":null") && bodies[1].contains("\"node\":null"), "{}", bodies[1]);
    let malformed = world.post("handler", &json!({ "query": "{ order(id: \"tsk_00\") { number } }" })).await;
    assert_eq!(malformed.code(), "INVALID", "{}", malformed.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_goes_away_does_not_cut_a_change_in_half() {
    let world = start(|_| {}).await;
    let order = id::<cordon_context::OrderKind>(5).to_string();
    let query = "mutation($input: ApproveOrderInput!) { approveOrder(input: $input) { status order { number } } }";
    let body = json!({ "query": query, "variables": { "input": { "order": order, "contentHash": "00" } } }).to_string();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\nauthorization: Bearer approver\r\ncontent-length: {}\r\n\r\n",
        world.address,
        body.len()
    );
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body.as_bytes()).await.unwrap();
    until("the change began", || world.seen.begun.load(Ordering::SeqCst) > 0).await;
    // A reset, as a killed client sends it; a plain end of the stream would be noticed later.
    stream.set_zero_linger().unwrap();
    drop(stream);
    until("the change was cut off", || world.seen.approvals.load(Ordering::SeqCst) > 0).await;
    let answer = world.post("approver", &serde_json::from_str(&body).unwrap()).await;
    assert_eq!(answer.json()["data"]["approveOrder"]["status"], "DONE", "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_policy_refuses_is_an_error_of_a_query_and_a_state_of_a_payload() {
    let world = start(|_| {}).await;
    let read = world.post("auditor", &json!({ "query": "{ orders { pageInfo { hasNextPage } } }" })).await;
    assert_eq!((read.status, read.code().as_str()), (200, "DENIED"), "{}", read.body);
    assert_eq!(world.seen.lists.load(Ordering::SeqCst), 0);
    let order = id::<cordon_context::OrderKind>(5).to_string();
    let mutation = format!(
        "mutation {{ approveOrder(input: {{ order: \"{order}\", contentHash: \"00\" }}) {{ status refusal {{ code messageZh messageEn }} }} }}"
    );
    let changed = world.post("handler", &json!({ "query": mutation })).await;
    let payload = &changed.json()["data"]["approveOrder"];
    assert_eq!(
        (&payload["status"], &payload["refusal"]["code"]),
        (&json!("REFUSED"), &json!("DENIED")),
        "{}",
        changed.body
    );
    assert_eq!(world.seen.approvals.load(Ordering::SeqCst), 0);
    let anonymous = world.post("", &json!({ "query": mutation })).await;
    assert_eq!(anonymous.code(), "UNAUTHENTICATED", "{}", anonymous.body);
    let stranger = world.post("somebody", &json!({ "query": mutation })).await;
    assert_eq!((stranger.status, stranger.code().as_str()), (401, "UNAUTHENTICATED"));
}

#[tokio::test(flavor = "multi_thread")]
async fn production_executes_registered_documents_only() {
    let world = start(|settings| settings.mode = cordon_graphql::Mode::Production).await;
    let id = cordon_graphql::document_id(PERSISTED);
    let unknown = format!("sha256:{}", "0".repeat(64));
    let hash = id.trim_start_matches("sha256:");
    for (body, expected) in [
        (json!({ "documentId": id }), ""),
        (json!({ "documentId": id, "query": PERSISTED }), ""),
        (json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": hash } } }), ""),
        (json!({ "query": PERSISTED }), "PERSISTED_DOCUMENT_REQUIRED"),
        (json!({ "query": "{ __schema { types { name } } }" }), "PERSISTED_DOCUMENT_REQUIRED"),
        (json!({ "documentId": unknown }), "PERSISTED_DOCUMENT_NOT_FOUND"),
        // A hash with another text is neither executed nor learned.
        (json!({ "documentId": id, "query": "{ viewer { login } }" }), "BAD_REQUEST"),
        (json!({ "documentId": unknown, "query": "{ viewer { login } }" }), "BAD_REQUEST"),
        (json!({ "documentId": "../../etc/passwd" }), "BAD_REQUEST"),
    ] {
        let answer = world.post("handler", &body).await;
        assert_eq!(answer.code(), expected, "{body} {}", answer.body);
    }
    assert_eq!(world.post("handler", &json!({ "query": "{" })).await.code(), "PERSISTED_DOCUMENT_REQUIRED");
    // Being registered makes no document one that tells the schema; in development each of them is answered.
    let development = start(|_| {}).await;
    for text in PERSISTED_INTROSPECTION {
        let body = json!({ "documentId": cordon_graphql::document_id(text) });
        let refused = world.post("handler", &body).await;
        assert_eq!(refused.code(), "GRAPHQL_VALIDATION_FAILED", "{text} {}", refused.body);
        assert!(refused.json().get("data").is_none_or(Value::is_null), "{text} {}", refused.body);
        let answered = development.post("handler", &body).await;
        assert!(answered.json()["data"].is_object() && answered.code().is_empty(), "{text} {}", answered.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn production_has_no_graphiql_and_shows_the_schema_to_those_who_are_signed_in() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("assets")).unwrap();
    for file in ["index.html", "assets/main.js"] {
        std::fs::write(folder.path().join(file), "the page").unwrap();
    }
    for mode in [cordon_graphql::Mode::Production, cordon_graphql::Mode::Development] {
        let world = start(|settings| {
            settings.mode = mode;
            settings.graphiql_folder = Some(folder.path().to_owned());
        })
        .await;
        let production = mode == cordon_graphql::Mode::Production;
        for path in ["/graphiql", "/graphiql/", "/graphiql/index.html", "/graphiql/assets/main.js"] {
            for token in ["", "handler"] {
                let page = world.get(path, token).await;
                // The negative control is the other mode.
                assert_eq!(page.status, if production { 404 } else { 200 }, "{path} {}", page.body);
                assert_eq!(page.body.contains("the page"), !production, "{path} {}", page.body);
            }
        }
        let path = "/graphql/schema.graphql";
        let anonymous = world.get(path, "").await;
        if production {
            assert_eq!((anonymous.status, anonymous.code().as_str()), (401, "UNAUTHENTICATED"), "{}", anonymous.body);
        }
        assert_eq!(anonymous.body.contains("type Query"), !production);
        assert_eq!(world.get(path, "nobody").await.status, 401);
        let known = world.get(path, "handler").await;
        assert!(known.status == 200 && known.body.contains("type Query"), "{}", known.head);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_and_histories_of_a_page_of_cases_cost_one_call_each() {
    let calls = async |count: usize, fields: &str| {
        let world = start(|_| {}).await;
        let query = format!("{{ cases(first: {count}) {{ edges {{ node {{ number {fields} }} }} }} }}");
        let answer = world.post("handler", &json!({ "query": query })).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let json = answer.json();
        let cases = json["data"]["cases"]["edges"].as_array().unwrap().clone();
        assert_eq!(cases.len(), count, "{}", answer.body);
        (cases, world.seen.lists.load(Ordering::SeqCst))
    };
    let every = "reports(first: 3) { edges { node { id } } } clueQueries(first: 3) { edges { node { id } } } \
                 history { step }";
    for count in [1, 30] {
        let (cases, made) = calls(count, every).await;
        assert_eq!(made, 3, "one call for each field, not one for each of {count} cases");
        // Each case has its own.
        let steps: std::collections::BTreeSet<String> =
            cases.iter().map(|case| case["node"]["history"][0]["step"].to_string()).collect();
        assert_eq!(steps.len(), count);
    }
    // The negative control: another part of the same list is another call, and what is not asked for costs none.
    let parts = "a: reports(first: 3) { edges { node { id } } } b: reports(first: 4) { edges { node { id } } }";
    assert_eq!((calls(10, parts).await.1, calls(10, "").await.1), (2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_auditor_reads_how_the_ledgers_stand() {
    let world = start(|_| {}).await;
    let fields =
        "service entries entriesSinceHead verified reread { upTo at } fault { entry foundAt } head { size key }";
    let query = json!({ "query": format!("{{ ledgers {{ {fields} }} }}") });
    for token in ["handler", "approver", "analyst", "manager"] {
        let refused = world.post(token, &query).await;
        assert_eq!(refused.code(), "DENIED", "{token} {}", refused.body);
    }
    assert_eq!(world.post("", &query).await.code(), "UNAUTHENTICATED");
    let read = world.post("auditor", &query).await;
    let json = read.json();
    let ledger = &json["data"]["ledgers"][0];
    let counts = (&ledger["entries"], &ledger["entriesSinceHead"], &ledger["head"]["size"]);
    let told = |number: &serde_json::Value| number.as_str().map_or_else(|| number.to_string(), str::to_owned);
    assert_eq!(
        (told(counts.0), told(counts.1), told(counts.2)),
        ("4000000007".into(), "7".into(), "4000000000".into())
    );
    assert_eq!(ledger["verified"], false, "{}", read.body);
    // Up to which entry the ledger was read again, and which one does not fit.
    assert_eq!(told(&ledger["reread"]["upTo"]), "4000000003");
    assert_eq!(told(&ledger["fault"]["entry"]), "3000000001");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_read_only_for_somebody_who_may_register_one() {
    let world = start(|_| {}).await;
    let query =
        "mutation($text: String!) { registerDocument(input: { text: $text }) { status refusal { code rule } } }";
    let broken = json!({ "query": query, "variables": { "text": "{ viewer { noSuchField } }" } });
    let code = |body: &str, pointer: &str| {
        let json: serde_json::Value = serde_json::from_str(body).unwrap();
        json.pointer(pointer).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
    };
    let refused = world.post("handler", &broken).await;
    assert_eq!(code(&refused.body, "/data/registerDocument/refusal/code"), "DENIED", "{}", refused.body);
    assert_eq!(world.post("", &broken).await.code(), "UNAUTHENTICATED");
    // The negative control: somebody who may register hears what is wrong with it.
    let read = world.post("manager", &broken).await;
    assert_eq!(code(&read.body, "/data/registerDocument/refusal/rule"), "document.schema", "{}", read.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_given_up_when_its_time_is_over_and_a_change_is_not() {
    let world = start(|settings| settings.timeout_seconds = 1).await;
    world.seen.stuck.store(true, Ordering::SeqCst);
    let query = json!({ "query": "{ orders { pageInfo { hasNextPage } } }" });
    let answer = world.post("handler", &query).await;
    assert_eq!(answer.code(), "DEADLINE_EXCEEDED", "{}", answer.body);
    until("the query goes on", || world.seen.given_up.load(Ordering::SeqCst) == 1).await;

    world.seen.approval_ms.store(2_000, Ordering::SeqCst);
    let order = id::<cordon_context::OrderKind>(5).to_string();
    let mutation =
        format!("mutation {{ approveOrder(input: {{ order: \"{order}\", contentHash: \"00\" }}) {{ status }} }}");
    let answer = world.post("approver", &json!({ "query": mutation })).await;
    assert_eq!(answer.code(), "DEADLINE_EXCEEDED", "{}", answer.body);
    assert_eq!(world.seen.approvals.load(Ordering::SeqCst), 0);
    until("the change was cut off", || world.seen.approvals.load(Ordering::SeqCst) == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_tried_under_many_names_is_noted_once() {
    let world = start(|_| {}).await;
    let tries: String = (0..50).map(|n| format!("a{n}: orders {{ pageInfo {{ hasNextPage }} }} ")).collect();
    let query = json!({ "query": format!("{{ {tries} tasks {{ pageInfo {{ hasNextPage }} }} }}") });
    let answer = world.post("auditor", &query).await;
    assert_eq!(answer.code(), "DENIED", "{}", answer.body);
    assert_eq!(world.seen.denials.load(Ordering::SeqCst), 2, "one for the orders, one for the tasks");
    // The negative control: another request is another attempt.
    world.post("auditor", &query).await;
    assert_eq!(world.seen.denials.load(Ordering::SeqCst), 4);
}
