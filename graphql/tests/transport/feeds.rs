//! What the feeds of orders and cases tell, to whom, from where, and no longer than somebody may hear it.

use cordon_context::{CaseKind, ItemKind, OrderKind, OrganisationIdKind, Role, TaskKind};
use cordon_testkit::{Frame, Socket};
use serde_json::{Value, json};

use crate::sockets::{ready, subscribe};
use crate::world::{World, id, start, until};

/// What happened to an order.
fn order_happened(topic: &str, order: u128) -> Value {
    let order = id::<OrderKind>(order);
    json!({
        "at": 0, "topic": topic, "subject": order, "audience": [],
        "payload": {
            "order": order, "number": "CZ", "requester": id::<OrganisationIdKind>(1), "region": "440300", "case": null,
            "urgency": "flash"
        }
    })
}

/// What happened to a task of an order.
fn task_happened(topic: &str, order: u128) -> Value {
    let task = id::<TaskKind>(900 + order);
    json!({
        "at": 0, "topic": topic, "subject": task, "audience": [],
        "payload": {
            "task": task, "generation": 1, "action": "impose", "item": id::<ItemKind>(1), "order": id::<OrderKind>(order),
            "order_number": "CZ", "requester": id::<OrganisationIdKind>(1), "region": "440300", "case": null,
            "executor": null, "measure": "suspend_both", "urgency": "flash", "from": null, "to": "issued", "due": null,
            "escalation": "none"
        }
    })
}

/// What happened to a case.
fn case_happened(topic: &str, case: u128) -> Value {
    let case = id::<CaseKind>(case);
    json!({ "at": 0, "topic": topic, "case": case, "subject": case })
}

/// The next so many events of a subscription.
async fn told(socket: &mut Socket, field: &str, count: usize) -> Vec<Value> {
    let mut events = Vec::new();
    while events.len() < count {
        let message = socket.expect("next").await;
        events.push(message["payload"]["data"][field].clone());
    }
    events
}

fn seqs(events: &[Value]) -> Vec<i64> {
    events.iter().map(|event| event["seq"].as_i64().unwrap()).collect()
}

/// Everything that can happen at the disposal, for two orders; the last entry is one that every subscription tells of.
fn happen(world: &World) {
    let feed = &world.seen.disposal;
    for (topic, order) in [("order_submitted", 1), ("order_approved", 2), ("order_issued", 1)] {
        feed.write(Role::PoliceHandler, order_happened(&format!("disposal.{topic}"), order));
    }
    for (topic, order) in [
        ("task_assigned", 1),
        ("task_progressed", 2),
        ("task_at_desk", 1),
        ("deadline_near", 1),
        ("task_progressed", 1),
    ] {
        feed.write(Role::PoliceHandler, task_happened(&format!("disposal.{topic}"), order));
    }
    for (topic, order) in [("order_returned", 2), ("order_withdrawn", 1)] {
        feed.write(Role::PoliceHandler, order_happened(&format!("disposal.{topic}"), order));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_that_go_on_are_told_of_by_topic_and_one_if_it_is_named() {
    let world = start(|_| {}).await;
    happen(&world);
    let mut socket = ready(&world, "handler").await;
    let query = "subscription { orderProgressed(after: 0) { seq topic orderId order { number } } }";
    socket.send(&subscribe("every", query)).await;
    let events = told(&mut socket, "orderProgressed", 7).await;
    let brief = |event: &Value| (event["seq"].as_i64().unwrap(), event["topic"].as_str().unwrap().to_owned());
    let expected = [
        (1, "order_submitted"),
        (2, "order_approved"),
        (3, "order_issued"),
        (5, "task_progressed"),
        (8, "task_progressed"),
        (9, "order_returned"),
        (10, "order_withdrawn"),
    ];
    let expected = expected.map(|(seq, topic)| (seq, format!("disposal.{topic}")));
    assert_eq!(events.iter().map(brief).collect::<Vec<_>>(), expected, "neither new tasks nor what a desk hears");
    // What is shown with an event is loaded in the caller's name: the second order is not within reach.
    assert_eq!((&events[0]["order"]["number"], &events[1]["order"]), (&json!("CZ-1"), &Value::Null));
    assert_eq!(events[3]["orderId"], json!(id::<OrderKind>(2).to_string()));
    socket.send(&json!({ "id": "every", "type": "complete" })).await;

    let one = id::<OrderKind>(1).to_string();
    let query = format!("subscription {{ orderProgressed(order: \"{one}\", after: 0) {{ seq orderId }} }}");
    socket.send(&subscribe("one", &query)).await;
    let events = told(&mut socket, "orderProgressed", 4).await;
    assert_eq!(seqs(&events), [1, 3, 8, 10], "of the named order and of no other");
    assert!(events.iter().all(|event| event["orderId"] == json!(one)), "{events:?}");

    // The same feed under another field tells of the new task only.
    socket.send(&subscribe("tasks", "subscription { taskAssigned(after: 0) { seq } }")).await;
    assert_eq!(seqs(&told(&mut socket, "taskAssigned", 1).await), [4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn cases_that_change_are_told_of_and_one_if_it_is_named() {
    let world = start(|_| {}).await;
    let feed = &world.seen.case_intake;
    for (topic, case) in [("case_opened", 1), ("case_opened", 2), ("bulletin_moved", 1), ("case_closed", 2)] {
        feed.write(Role::PoliceHandler, case_happened(&format!("case_intake.{topic}"), case));
    }
    let mut socket = ready(&world, "handler").await;
    socket.send(&subscribe("every", "subscription { caseChanged(after: 0) { seq topic caseId } }")).await;
    let events = told(&mut socket, "caseChanged", 4).await;
    assert_eq!(seqs(&events), [1, 2, 3, 4]);
    assert_eq!(events[2]["topic"], "case_intake.bulletin_moved");
    assert_eq!(events[2]["caseId"], json!(id::<CaseKind>(1).to_string()));
    let two = id::<CaseKind>(2).to_string();
    let query = format!("subscription {{ caseChanged(case: \"{two}\", after: 0) {{ seq caseId }} }}");
    socket.send(&json!({ "id": "every", "type": "complete" })).await;
    socket.send(&subscribe("one", &query)).await;
    let events = told(&mut socket, "caseChanged", 2).await;
    assert_eq!(seqs(&events), [2, 4], "of the named case and of no other");
    assert!(events.iter().all(|event| event["caseId"] == json!(two)), "{events:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_of_cases_goes_on_after_the_last_seen_and_never_goes_back() {
    let world = start(|_| {}).await;
    let feed = &world.seen.case_intake;
    // More than is fetched at once.
    for _ in 0..250 {
        feed.write(Role::PoliceHandler, case_happened("case_intake.case_changed", 1));
    }
    let mut socket = ready(&world, "handler").await;
    socket.send(&subscribe("a", "subscription { caseChanged(after: 20) { seq } }")).await;
    let events = told(&mut socket, "caseChanged", 230).await;
    assert_eq!(seqs(&events), (21..=250).collect::<Vec<i64>>());
    assert_eq!(feed.asked()[..3], [20, 120, 220]);
    // What others do moves the position on, so that it is not looked through again and again.
    for _ in 0..30 {
        feed.write_foreign(case_happened("case_intake.case_changed", 9));
    }
    until("the feed went past what is not its caller's", || feed.asked().last() == Some(&280)).await;
    feed.write(Role::PoliceHandler, case_happened("case_intake.case_changed", 1));
    assert_eq!(seqs(&told(&mut socket, "caseChanged", 1).await), [281]);
    drop(socket);

    // A position ahead of the service's, as after a restored database, is kept; what is old is not told again.
    let mut socket = ready(&world, "handler").await;
    socket.send(&subscribe("a", "subscription { caseChanged(after: 300) { seq } }")).await;
    until("the feed was asked", || feed.asked().last() == Some(&300)).await;
    for _ in 0..20 {
        feed.write(Role::PoliceHandler, case_happened("case_intake.case_changed", 1));
    }
    assert_eq!(seqs(&told(&mut socket, "caseChanged", 1).await), [301]);
    assert!(feed.asked().iter().filter(|after| **after > 281).all(|after| *after >= 300), "{:?}", feed.asked());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_changes_while_the_feed_is_asked_is_told_of_once() {
    let world = start(|_| {}).await;
    let feed = &world.seen.case_intake;
    let changed = || case_happened("case_intake.case_changed", 1);
    feed.write(Role::PoliceHandler, changed());
    // The answer is made, and before it arrives there are three more, of which one is not the caller's.
    feed.meanwhile(move |feed| {
        feed.write(Role::PoliceHandler, changed());
        feed.write_foreign(changed());
        feed.write(Role::PoliceHandler, changed());
    });
    let mut socket = ready(&world, "handler").await;
    socket.send(&subscribe("a", "subscription { caseChanged(after: 0) { seq } }")).await;
    assert_eq!(seqs(&told(&mut socket, "caseChanged", 3).await), [1, 2, 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_fetched_under_a_wider_reach_is_not_told_under_a_narrower_one() {
    for narrowed in [true, false] {
        let world = start(|_| {}).await;
        *world.seen.duties.lock().unwrap() = Some(vec![Role::PoliceHandler, Role::PoliceDutyLead]);
        let feed = &world.seen.disposal;
        for (role, order) in [(Role::PoliceDutyLead, 1), (Role::PoliceHandler, 1), (Role::PoliceDutyLead, 2)] {
            feed.write(role, order_happened("disposal.order_issued", order));
        }
        feed.write(Role::PoliceHandler, order_happened("disposal.order_withdrawn", 1));
        // One duty ends after all four were fetched and before the first is told.
        if narrowed {
            let seen = std::sync::Arc::clone(&world.seen);
            feed.meanwhile(move |_feed| *seen.duties.lock().unwrap() = Some(vec![Role::PoliceHandler]));
        }
        let mut socket = ready(&world, "handler").await;
        socket.send(&subscribe("a", "subscription { orderProgressed(after: 0) { seq } }")).await;
        let expected: &[i64] = if narrowed { &[2, 4] } else { &[1, 2, 3, 4] };
        assert_eq!(seqs(&told(&mut socket, "orderProgressed", expected.len()).await), expected, "narrowed: {narrowed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duty_that_ends_ends_the_subscription_and_the_socket_stays() {
    for ends in [true, false] {
        let world = start(|_| {}).await;
        let feed = &world.seen.disposal;
        feed.write(Role::PoliceHandler, order_happened("disposal.order_issued", 1));
        let mut socket = ready(&world, "handler").await;
        socket.send(&subscribe("orders", "subscription { orderProgressed(after: 0) { seq } }")).await;
        assert_eq!(seqs(&told(&mut socket, "orderProgressed", 1).await), [1]);
        // The credential stays valid; a reader of ledgers has no business with orders. The control keeps the duty.
        let duty = if ends { Role::Auditor } else { Role::PoliceHandler };
        *world.seen.duties.lock().unwrap() = Some(vec![duty]);
        for role in [Role::PoliceHandler, Role::Auditor] {
            feed.write(role, order_happened("disposal.order_withdrawn", 1));
        }
        let Frame::Text(message) = socket.receive().await else { panic!("the socket was closed") };
        if ends {
            assert_eq!(message["type"], "error", "{message}");
            assert_eq!(message["payload"][0]["extensions"]["code"], "DENIED", "{message}");
        } else {
            assert_eq!(message["payload"]["data"]["orderProgressed"]["seq"], 2, "{message}");
        }
        // The socket serves on, and nothing more of the ended subscription comes before the answer.
        socket.send(&subscribe("name", "{ __typename }")).await;
        let Frame::Text(message) = socket.receive().await else { panic!("the socket was closed") };
        assert_eq!((&message["id"], &message["payload"]["data"]["__typename"]), (&json!("name"), &json!("Query")));
    }
}
