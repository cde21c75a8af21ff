//! Tasks whose messages do not arrive: they go to the desk, or nothing is told any more.

use std::time::Duration;

use cordon_context::{Clock as _, EventId, TaskId};
use cordon_disposal::delivery::DeliverySettings;
use cordon_disposal_contract::TaskState;
use cordon_disposal_contract::delivery::{
    ChangeEndpoint, DELIVERY_EXHAUSTED, DeliveryClient, DisabledReason, DispatchState, EndpointState, MessageKind,
    SignatureKind,
};
use cordon_disposal_contract::events::{TASK_ASSIGNED, TASK_PROGRESSED};
use cordon_events::{Event, NewEvent};
use cordon_rpc::refusal_of;
use cordon_testkit::call;
use serde_json::{Value, json};

use crate::receiver::{Receiver, Vice};
use crate::stage::*;

#[tokio::test]
async fn a_message_that_never_arrives_goes_to_the_desk() {
    for stage in stages(DeliverySettings { circuit_failures: 1_000, ..DeliverySettings::default() }, 2_000).await {
        let who = manager("carrier");
        let receiver = Receiver::start(Vice::Status(500)).await;
        stage.endpoint(&who, receiver.port, SignatureKind::Hmac).await;
        let began = stage.clock.now();
        stage.publish(&assigned("carrier")).await;
        let mut attempts = 0;
        while stage.told(DELIVERY_EXHAUSTED).await.is_empty() {
            attempts += stage.delivery.run_due().await.unwrap();
            if let Some(due) = stage.dispatches(&who).await[0].due {
                stage.clock.set(due);
            }
        }
        assert_eq!(attempts, 10);
        let days = stage.clock.now().since(began).as_secs_f64() / 86_400.0;
        assert!((2.2..3.7).contains(&days), "{days}");
        assert_eq!(stage.told(DELIVERY_EXHAUSTED).await[0]["subject"], stage.dispatches(&who).await[0].subject);

        // Behind an endpoint that nobody reaches, time runs out before attempts do.
        let silent = manager("silent");
        let endpoint = stage.endpoint(&silent, receiver.port, SignatureKind::Hmac).await.endpoint;
        stage.publish(&assigned("silent")).await;
        let off = ChangeEndpoint {
            endpoint: endpoint.id,
            version: 1,
            label: None,
            url: None,
            kinds: None,
            enabled: Some(false),
        };
        stage.link.change_endpoint(call(&silent), off).await.unwrap();
        stage.clock.advance(Duration::from_hours(95));
        stage.delivery.run_due().await.unwrap();
        assert_eq!(stage.told(DELIVERY_EXHAUSTED).await.len(), 1);
        stage.clock.advance(Duration::from_hours(2));
        stage.delivery.run_due().await.unwrap();
        assert_eq!(stage.told(DELIVERY_EXHAUSTED).await.len(), 2);
        assert_eq!(stage.dispatches(&silent).await[0].state, DispatchState::Exhausted);
    }
}

#[tokio::test]
async fn a_removed_endpoint_gets_nothing_more_and_calls_nobody_to_the_desk() {
    for stage in stages(DeliverySettings::default(), 2_000).await {
        let who = manager("carrier");
        let receiver = Receiver::start(Vice::Status(500)).await;
        let endpoint = stage.endpoint(&who, receiver.port, SignatureKind::Hmac).await.endpoint.id;
        stage.publish(&assigned("carrier")).await;
        stage.delivery.run_due().await.unwrap();
        let removed = stage.link.remove_endpoint(call(&who), endpoint).await.unwrap();
        assert_eq!(removed.state, EndpointState::Removed);
        stage.publish(&assigned("carrier")).await;
        stage.clock.advance(Duration::from_hours(200));
        assert_eq!(stage.delivery.run_due().await.unwrap(), 0);
        let [dispatch] = stage.dispatches(&who).await.try_into().unwrap();
        assert_eq!(dispatch.state, DispatchState::Superseded, "its log remains");
        assert!(stage.told(DELIVERY_EXHAUSTED).await.is_empty());
        stage.clock.advance(Duration::from_hours(24 * 400));
        stage.delivery.run_due().await.unwrap();
        assert!(stage.dispatches(&who).await.is_empty(), "nothing is kept for ever");
        let again = stage.link.remove_endpoint(call(&who), endpoint).await.unwrap_err();
        assert_eq!(refusal_of(&again), cordon_context::Refusal::not_found());
    }
}

#[tokio::test]
async fn an_enterprise_that_may_not_act_any_more_is_left_alone() {
    for stage in stages(DeliverySettings::default(), 2_000).await {
        let who = manager("carrier");
        let receiver = Receiver::start(Vice::Status(200)).await;
        let endpoint = stage.endpoint(&who, receiver.port, SignatureKind::Hmac).await.endpoint.id;
        let changed = |active: bool| Event {
            content: NewEvent {
                topic: "directory.organisation_changed".to_owned(),
                subject: who.organisation.to_string(),
                audience: Vec::new(),
                payload: json!({ "organisation": {
                    "id": who.organisation, "code": "carrier", "name": "示例移动", "name_en": "", "kind": "carrier_branch",
                    "level": "province", "region": "440000", "parent": null, "responsibilities": [], "contact": {},
                    "active": active, "created_at": 0, "version": 2,
                } }),
            },
            ..assigned("carrier")
        };
        stage.publish(&changed(true)).await;
        let state = async || stage.link.endpoints_by_ids(call(&who), vec![endpoint]).await.unwrap().remove(0);
        assert_eq!(state().await.state, EndpointState::Active);
        stage.publish(&Event { id: EventId::new(stage.clock.now()), ..changed(false) }).await;
        let found = state().await;
        assert_eq!(
            (found.state, found.disabled_reason),
            (EndpointState::Disabled, Some(DisabledReason::OrganisationInactive))
        );
        stage.publish(&assigned("carrier")).await;
        assert_eq!(stage.delivery.run_due().await.unwrap(), 0);
        assert!(receiver.seen().is_empty());
    }
}

#[tokio::test]
async fn a_newer_generation_or_a_withdrawal_replaces_what_did_not_arrive() {
    for stage in stages(DeliverySettings::default(), 2_000).await {
        let who = manager("carrier");
        let receiver = Receiver::start(Vice::Status(500)).await;
        stage.endpoint(&who, receiver.port, SignatureKind::Hmac).await;
        let task = TaskId::new(stage.clock.now());
        stage.publish(&event(TASK_ASSIGNED, &happened(task, 1, "carrier", TaskState::Issued))).await;
        stage.delivery.run_due().await.unwrap();
        stage.publish(&event(TASK_ASSIGNED, &happened(task, 2, "carrier", TaskState::Issued))).await;
        let states = async || {
            let mut found: Vec<_> = stage.dispatches(&who).await.into_iter().map(|one| (one.kind, one.state)).collect();
            found.sort_unstable();
            found
        };
        assert_eq!(
            states().await,
            [
                (MessageKind::TaskAssigned, DispatchState::Pending),
                (MessageKind::TaskAssigned, DispatchState::Superseded)
            ]
        );
        // An old generation that comes late brings nothing back.
        stage.publish(&event(TASK_PROGRESSED, &happened(task, 2, "carrier", TaskState::Withdrawn))).await;
        assert_eq!(
            states().await,
            [
                (MessageKind::TaskAssigned, DispatchState::Superseded),
                (MessageKind::TaskAssigned, DispatchState::Superseded),
                (MessageKind::TaskWithdrawn, DispatchState::Pending),
            ]
        );
        // What the executor did itself is not told back to it.
        stage.publish(&event(TASK_PROGRESSED, &happened(task, 2, "carrier", TaskState::Executed))).await;
        assert_eq!(states().await.len(), 3);
        receiver.turn(Vice::Status(200));
        assert_eq!(stage.delivery.run_due().await.unwrap(), 1);
        let last = receiver.seen().pop().unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&last.body).unwrap()["type"], "task.withdrawn");
    }
}
