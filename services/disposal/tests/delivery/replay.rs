//! Messages that somebody sends again, under the identifiers that they had.

use std::time::Duration;

use cordon_context::Clock as _;
use cordon_disposal::delivery::DeliverySettings;
use cordon_disposal_contract::delivery::{DeliveryClient, Replay, SignatureKind};
use cordon_rpc::refusal_of;
use cordon_testkit::call;

use crate::receiver::{Receiver, Vice};
use crate::stage::*;

#[tokio::test]
async fn one_message_or_a_range_can_be_sent_again_under_the_old_identifiers() {
    for stage in stages(DeliverySettings::default(), 2_000).await {
        let who = manager("carrier");
        let receiver = Receiver::start(Vice::Status(200)).await;
        let endpoint = stage.endpoint(&who, receiver.port, SignatureKind::Hmac).await.endpoint.id;
        let from = stage.clock.now();
        for _ in 0..3 {
            stage.publish(&assigned("carrier")).await;
        }
        stage.clock.advance(Duration::from_mins(1));
        let until = stage.clock.now();
        stage.publish(&assigned("carrier")).await;
        stage.delivery.run_due().await.unwrap();
        let dispatch = stage.dispatches(&who).await[0].id;
        let replay = async |which| stage.link.replay(call(&who), which).await.map(|replayed| replayed.count);
        assert_eq!(replay(Replay::One { dispatch }).await.unwrap(), 1);
        assert_eq!(stage.delivery.run_due().await.unwrap(), 1);
        let range = |delivered_too| Replay::Range { endpoint, from, until, delivered_too };
        assert_eq!(replay(range(false)).await.unwrap(), 0);
        assert_eq!(replay(range(true)).await.unwrap(), 3);
        assert_eq!(stage.delivery.run_due().await.unwrap(), 3);
        let mut ids: Vec<_> = receiver.seen().into_iter().map(|seen| seen.id).collect();
        assert_eq!(ids.len(), 8);
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 4, "the enterprise recognises what it has seen");
        // A message of days ago has its full time again.
        stage.clock.advance(Duration::from_hours(24 * 10));
        assert_eq!(replay(Replay::One { dispatch }).await.unwrap(), 1);
        assert_eq!(stage.delivery.run_due().await.unwrap(), 1);
        let backwards = Replay::Range { endpoint, from: until, until: from, delivered_too: true };
        assert_eq!(refusal_of(&replay(backwards).await.unwrap_err()).rule.as_deref(), Some("replay.empty_range"));
    }
}
