//! An endpoint that hangs or fails delays nobody else, and is tried again by one message.

use std::time::{Duration, Instant};

use cordon_disposal::delivery::DeliverySettings;
use cordon_disposal_contract::delivery::{Circuit, DeliveryClient, DispatchState, SignatureKind};
use cordon_testkit::call;

use crate::receiver::{Receiver, Vice};
use crate::stage::*;

/// How long it takes until a healthy enterprise has its messages while others hang.
async fn time_beside_hanging_ones(settings: DeliverySettings, timeout: Duration) -> Duration {
    let stage = stages(settings, u64::try_from(timeout.as_millis()).unwrap()).await.remove(0);
    let mut receivers = Vec::new();
    for name in ["hanging-a", "hanging-b"] {
        let receiver = Receiver::start(Vice::Hang).await;
        stage.endpoint(&manager(name), receiver.port, SignatureKind::Hmac).await;
        for _ in 0..20 {
            stage.publish(&assigned(name)).await;
        }
        receivers.push(receiver);
    }
    let stop = tokio_util::sync::CancellationToken::new();
    let running = tokio::spawn(stage.delivery.clone().run(stop.clone()));
    for receiver in &receivers {
        receiver.wait_for(1).await;
    }
    let receiver = Receiver::start(Vice::Status(200)).await;
    stage.endpoint(&manager("healthy"), receiver.port, SignatureKind::Hmac).await;
    let begun = Instant::now();
    for _ in 0..20 {
        stage.publish(&assigned("healthy")).await;
    }
    receiver.wait_for(20).await;
    let took = begun.elapsed();
    stop.cancel();
    running.await.unwrap();
    took
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hanging_endpoint_delays_nobody_else() {
    let timeout = Duration::from_secs(4);
    let isolated = time_beside_hanging_ones(DeliverySettings::default(), timeout).await;
    assert!(isolated < timeout, "{isolated:?}");
    // The control: where the hanging ones may take every place, the healthy one waits for their timeout.
    let shared =
        DeliverySettings { per_endpoint: 40, in_flight: 40, circuit_failures: 1_000, ..DeliverySettings::default() };
    let crowded = time_beside_hanging_ones(shared, timeout).await;
    assert!(crowded > isolated && crowded >= Duration::from_secs(2), "{crowded:?} against {isolated:?}");
}

#[tokio::test]
async fn an_open_circuit_lets_one_message_try_and_closes_on_success() {
    for stage in stages(DeliverySettings::default(), 2_000).await {
        let who = manager("carrier");
        let receiver = Receiver::start(Vice::Status(503)).await;
        let endpoint = stage.endpoint(&who, receiver.port, SignatureKind::Hmac).await.endpoint.id;
        for _ in 0..20 {
            stage.publish(&assigned("carrier")).await;
        }
        // Eight at once: the circuit opens at the fifth failure, and the twelve that were not taken yet stay untouched.
        assert_eq!(stage.delivery.run_due().await.unwrap(), 8);
        let state = async || stage.link.endpoints_by_ids(call(&who), vec![endpoint]).await.unwrap().remove(0);
        assert_eq!(state().await.circuit, Circuit::Open);
        let untouched = stage.dispatches(&who).await.iter().filter(|dispatch| dispatch.attempts == 0).count();
        assert_eq!(untouched, 12);
        stage.clock.advance(Duration::from_secs(29));
        assert_eq!(stage.delivery.run_due().await.unwrap(), 0);
        stage.clock.advance(Duration::from_secs(2));
        assert_eq!(state().await.circuit, Circuit::HalfOpen);
        // Two workers at the same moment: one of them tries, with one message.
        let other = stage.another_worker();
        let (mine, theirs) = tokio::join!(stage.delivery.run_due(), other.run_due());
        assert_eq!(mine.unwrap() + theirs.unwrap(), 1);
        assert_eq!(state().await.circuit, Circuit::Open);
        receiver.turn(Vice::Status(200));
        stage.clock.advance(Duration::from_hours(1));
        assert_eq!(stage.delivery.run_due().await.unwrap(), 20);
        let closed = state().await;
        assert_eq!((closed.circuit, closed.consecutive_failures), (Circuit::Closed, 0));
        assert!(stage.dispatches(&who).await.iter().all(|dispatch| dispatch.state == DispatchState::Delivered));
    }
}
