//! Several workers on the same rows.

use std::time::Duration;

use cordon_disposal::delivery::DeliverySettings;
use cordon_disposal_contract::delivery::{DeliveryClient, DispatchState, SignatureKind};
use cordon_testkit::call;

use crate::receiver::{Receiver, Vice};
use crate::stage::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_wakes_up_late_changes_nothing() {
    for stage in stages(DeliverySettings::default(), 10_000).await {
        let who = manager("carrier");
        let receiver = Receiver::start(Vice::Hold).await;
        stage.endpoint(&who, receiver.port, SignatureKind::Hmac).await;
        stage.publish(&assigned("carrier")).await;
        let sleeper = stage.delivery.clone();
        let slow = tokio::spawn(async move { sleeper.run_due().await.unwrap() });
        receiver.wait_for(1).await;
        let other = stage.another_worker();
        assert_eq!(other.run_due().await.unwrap(), 0, "the lease holds");
        stage.clock.advance(Duration::from_secs(61));
        receiver.turn(Vice::Status(200));
        assert_eq!(other.run_due().await.unwrap(), 1);
        // The first one now gets an error for its answer; the message stays delivered and is not tried again.
        receiver.release("HTTP/1.1 500 Oops\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        assert_eq!(slow.await.unwrap(), 1);
        let [dispatch] = stage.dispatches(&who).await.try_into().unwrap();
        assert_eq!((dispatch.state, dispatch.attempts), (DispatchState::Delivered, 2));
        let attempts = stage.link.attempts_of_dispatches(call(&who), vec![dispatch.id]).await.unwrap();
        assert_eq!(attempts.len(), 2, "both attempts are in the log");
        let endpoint = stage.link.endpoints_by_ids(call(&who), vec![dispatch.endpoint]).await.unwrap().remove(0);
        assert_eq!(endpoint.consecutive_failures, 0);
        let seen = receiver.seen();
        assert_eq!((seen.len(), &seen[0].id), (2, &seen[1].id));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_workers_share_the_work_without_doing_it_twice() {
    for stage in stages(DeliverySettings::default(), 5_000).await {
        let receiver = Receiver::start(Vice::Status(200)).await;
        for name in ["a", "b", "c"] {
            stage.endpoint(&manager(name), receiver.port, SignatureKind::Hmac).await;
            for _ in 0..30 {
                stage.publish(&assigned(name)).await;
            }
        }
        let workers: Vec<_> = (0..4).map(|_| stage.another_worker()).collect();
        let running: Vec<_> =
            workers.into_iter().map(|worker| tokio::spawn(async move { worker.run_due().await.unwrap() })).collect();
        let mut made = 0;
        for worker in running {
            made += worker.await.unwrap();
        }
        assert_eq!(made, 90, "{}", stage.database.backend);
        let mut ids: Vec<_> = receiver.seen().into_iter().map(|seen| seen.id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!((receiver.seen().len(), ids.len()), (90, 90));
    }
}
