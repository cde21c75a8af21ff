//! What a subscriber hears who was away for longer than events are kept.

use std::sync::atomic::Ordering;

use serde_json::json;

use crate::sockets::{ready, subscribe};
use crate::world::start;

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_behind_what_is_kept_is_told_where_to_go_on() {
    let world = start(|_| {}).await;
    world.seen.events.store(9, Ordering::SeqCst);
    world.seen.forgotten.store(5, Ordering::SeqCst);
    let mut socket = ready(&world, "handler").await;
    for (field, after) in [("taskAssigned", 4), ("orderProgressed", 0), ("caseChanged", 4)] {
        let query = format!("subscription {{ {field}(after: {after}) {{ seq }} }}");
        socket.send(&subscribe(field, &query)).await;
        let told = socket.expect("error").await;
        let extensions = &told["payload"][0]["extensions"];
        assert_eq!(extensions["code"], "FEED_EXPIRED", "{told}");
        assert_eq!(extensions["oldestSeq"], json!(6), "{told}");
    }
    // The negative control: one who is just inside is told everything, and so is one who goes on where the refusal says.
    socket.send(&subscribe("inside", "subscription { taskAssigned(after: 5) { seq } }")).await;
    for expected in 6..=9 {
        let told = socket.expect("next").await;
        assert_eq!(told["payload"]["data"]["taskAssigned"]["seq"], expected, "{told}");
    }
}
