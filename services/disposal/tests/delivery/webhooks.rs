//! Messages on their way: signed, small, tried again under one identifier, and every attempt in the log.

use std::time::Duration;

use cordon_context::{Clock as _, EventId, TaskId, Timestamp};
use cordon_disposal::delivery::DeliverySettings;
use cordon_disposal_contract::TaskState;
use cordon_disposal_contract::delivery::{AttemptOutcome, DeliveryClient, DispatchState, SignatureKind};
use cordon_disposal_contract::events::{TASK_ASSIGNED, TASK_PROGRESSED, TaskHappened};
use cordon_events::Event;
use cordon_testkit::call;
use serde_json::Value;

use crate::receiver::{Receiver, Vice};
use crate::stage::*;

#[tokio::test]
async fn a_task_arrives_once_signed_small_and_without_the_target() {
    for stage in stages(DeliverySettings::default(), 2_000).await {
        for signature in [SignatureKind::Hmac, SignatureKind::Ed25519] {
            let name = format!("carrier-{signature}");
            let who = manager(&name);
            let receiver = Receiver::start(Vice::Status(204)).await;
            let credential = stage.endpoint(&who, receiver.port, signature).await;
            let event = assigned(&name);
            stage.publish(&event).await;
            // The bus may offer an event again; the same task and generation may also come by another event.
            stage.publish(&event).await;
            stage.publish(&Event { id: EventId::new(stage.clock.now()), ..event }).await;
            assert_eq!(stage.delivery.run_due().await.unwrap(), 1, "{}", stage.database.backend);
            let [seen] = receiver.seen().try_into().unwrap();
            check(&seen, &credential.secret.unwrap(), stage.clock.now()).unwrap();
            assert!(seen.body.len() < 1_000, "{} bytes", seen.body.len());
            let body: Value = serde_json::from_slice(&seen.body).unwrap();
            assert_eq!(body["type"], "task.assigned");
            assert_eq!(body["data"]["generation"], 1);
            assert_eq!(body["data"]["orderNumber"], "CZ-440300-20261123-000001-7");
            assert_eq!(body["data"]["organisation"], who.organisation.to_string());
            let [dispatch] = stage.dispatches(&who).await.try_into().unwrap();
            assert_eq!((dispatch.state, dispatch.attempts), (DispatchState::Delivered, 1));
            assert_eq!(dispatch.message.to_string(), seen.id.unwrap());
            assert_eq!(stage.delivery.run_due().await.unwrap(), 0);
        }
    }
}

#[tokio::test]
async fn a_retried_message_keeps_its_identifier_and_the_log_names_every_failure() {
    for stage in stages(DeliverySettings::default(), 300).await {
        let who = manager("carrier");
        let receiver = Receiver::start(Vice::Status(500)).await;
        let credential = stage.endpoint(&who, receiver.port, SignatureKind::Ed25519).await;
        let secret = credential.secret.unwrap();
        stage.publish(&assigned("carrier")).await;
        let vices = [
            Vice::Answer("HTTP/1.1 500 Oops\r\ncontent-length: 24\r\n\r\nunknown user 13800138000"),
            Vice::Answer("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"),
            Vice::Answer("SMTP ready\r\n"),
            Vice::Hang,
            Vice::Status(400),
        ];
        let mut due = stage.clock.now();
        for vice in vices {
            receiver.turn(vice);
            stage.clock.set(due);
            assert_eq!(stage.delivery.run_due().await.unwrap(), 1);
            assert_eq!(stage.delivery.run_due().await.unwrap(), 0, "it waits");
            due = stage.dispatches(&who).await[0].due.unwrap();
            assert!(due > stage.clock.now());
        }
        // Five failures in a row opened the circuit, so the sixth waits for the pause as well.
        receiver.turn(Vice::Status(200));
        stage.clock.set(due.plus(Duration::from_hours(1)));
        assert_eq!(stage.delivery.run_due().await.unwrap(), 1);
        let [dispatch] = stage.dispatches(&who).await.try_into().unwrap();
        assert_eq!((dispatch.state, dispatch.attempts), (DispatchState::Delivered, 6));
        let attempts = stage.link.attempts_of_dispatches(call(&who), vec![dispatch.id]).await.unwrap();
        let log: Vec<_> =
            attempts.iter().map(|attempt| (attempt.outcome, attempt.status, attempt.failure.as_deref())).collect();
        assert_eq!(
            log,
            [
                (AttemptOutcome::Refused, Some(500), None),
                (AttemptOutcome::Refused, Some(302), None),
                (AttemptOutcome::Failed, None, Some("broken")),
                (AttemptOutcome::Failed, None, Some("timeout")),
                (AttemptOutcome::Refused, Some(400), None),
                (AttemptOutcome::Accepted, Some(200), None),
            ]
        );
        assert_eq!(attempts[0].excerpt.as_deref(), Some("unknown user ***********"));
        let seen = receiver.seen();
        assert_eq!(seen.len(), 6);
        assert!(seen.iter().all(|one| one.id == seen[0].id && one.body == seen[0].body));
        // Each attempt is signed for its own time, or a late retry would be refused as stale.
        check(&seen[5], &secret, stage.clock.now()).unwrap();
        assert!(check(&seen[0], &secret, stage.clock.now()).is_err());
    }
}

#[tokio::test]
async fn the_time_to_try_again_is_told_and_a_joined_task_is_not() {
    for stage in stages(DeliverySettings::default(), 2_000).await {
        let receiver = Receiver::start(Vice::Status(204)).await;
        stage.endpoint(&manager("carrier"), receiver.port, SignatureKind::Hmac).await;
        let task = TaskId::new(Timestamp::from_millis(1_795_399_200_000));
        let issued = happened(task, 1, "carrier", TaskState::Issued);
        stage.publish(&event(TASK_ASSIGNED, &issued)).await;
        let failed =
            TaskHappened { attempt: 1, from: Some(TaskState::Failed), to: TaskState::Failed, ..issued.clone() };
        // Each failure has its own message; the same one told twice has not.
        stage.publish(&event(TASK_ASSIGNED, &failed)).await;
        stage.publish(&event(TASK_ASSIGNED, &failed)).await;
        stage.publish(&event(TASK_ASSIGNED, &TaskHappened { attempt: 2, ..failed })).await;
        assert_eq!(stage.delivery.run_due().await.unwrap(), 3);
        let ids: std::collections::HashSet<_> = receiver.seen().into_iter().map(|seen| seen.id).collect();
        assert_eq!(ids.len(), 3);

        let task = TaskId::new(stage.clock.now());
        let joined = TaskHappened { from: None, ..happened(task, 1, "carrier", TaskState::InForce) };
        stage.publish(&event(TASK_PROGRESSED, &joined)).await;
        assert_eq!(stage.delivery.run_due().await.unwrap(), 0, "its executor never had it");
        // The control: one that was carried out is told of.
        let confirmed = TaskHappened { from: Some(TaskState::Executed), ..joined };
        stage.publish(&event(TASK_PROGRESSED, &confirmed)).await;
        assert_eq!(stage.delivery.run_due().await.unwrap(), 1);
    }
}
