//! Delivery over real sockets, on every database: signatures, retries, isolation, rotation, replay, leases and reach.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod receiver;

use std::sync::Arc;
use std::time::{Duration, Instant};

use cordon_context::{
    Actor, CallContext, Clock as _, Code, EventId, Id, ItemId, ManualClock, OrderId, OrganisationKind,
    OrganisationLevel, PageRequest, Role, TaskId, Timestamp,
};
use cordon_disposal::delivery::{Delivery, DeliveryParts, DeliverySettings};
use cordon_disposal_contract::delivery::{
    AttemptOutcome, ChangeEndpoint, Circuit, CreateEndpoint, DELIVERY_EXHAUSTED, DeliveryClient, DisabledReason,
    Dispatch, DispatchFilter, DispatchState, ENDPOINT_DISABLED, EndpointCredential, EndpointFilter, EndpointState,
    MessageKind, Replay, RotateEndpointKey, SignatureKind,
};
use cordon_disposal_contract::events::{TASK_ASSIGNED, TASK_PROGRESSED, TaskHappened};
use cordon_disposal_contract::{Escalation, Measure, TaskAction, TaskState, Urgency};
use cordon_events::{Event, NewEvent};
use cordon_migrations::disposal::Migrator;
use cordon_outbound::{Outbound, OutboundSettings, SystemResolver};
use cordon_policies::{Authorizer, Gate, LoggedDenials};
use cordon_rpc::{Link, refusal_of};
use cordon_testkit::{TestDatabase, actor, call, keyed_call, organisation, test_databases};
use cordon_vault::{LocalKeyService, Suite, Vault};
use cordon_webhook::{TOLERANCE, VerifyingKey, verify};
use receiver::{Receiver, Seen, Vice};
use serde_json::{Value, json};

struct Stage {
    delivery: Delivery,
    link: Link,
    clock: ManualClock,
    database: TestDatabase,
    keys: Arc<tempfile::TempDir>,
    settings: DeliverySettings,
    timeout_ms: u64,
}

impl Stage {
    fn new(database: TestDatabase, clock: &ManualClock, settings: DeliverySettings, timeout_ms: u64) -> Self {
        let keys = Arc::new(tempfile::tempdir().unwrap());
        Self::on(database, keys, clock, settings, timeout_ms)
    }

    fn on(
        database: TestDatabase,
        keys: Arc<tempfile::TempDir>,
        clock: &ManualClock,
        settings: DeliverySettings,
        timeout_ms: u64,
    ) -> Self {
        let delivery = worker(&database, &keys, clock, &settings, timeout_ms);
        let link = Link::local(delivery.methods());
        Self { delivery, link, clock: clock.clone(), database, keys, settings, timeout_ms }
    }

    /// Another process on the same rows.
    fn another_worker(&self) -> Delivery {
        worker(&self.database, &self.keys, &self.clock, &self.settings, self.timeout_ms)
    }

    async fn endpoint(&self, who: &Actor, port: u16, signature: SignatureKind) -> EndpointCredential {
        let input = CreateEndpoint {
            label: "工单接口".to_owned(),
            url: format!("http://127.0.0.1:{port}/hook"),
            kinds: Vec::new(),
            signature,
        };
        self.link.create_endpoint(call(who), input).await.unwrap()
    }

    async fn publish(&self, event: &Event) {
        self.delivery.consumer().consume(event).await.unwrap();
    }

    async fn dispatches(&self, who: &Actor) -> Vec<Dispatch> {
        let page = PageRequest { first: Some(200), ..PageRequest::default() };
        let found = self.link.list_dispatches(call(who), DispatchFilter::default(), page).await.unwrap();
        found.edges.into_iter().map(|(_, dispatch)| dispatch).collect()
    }

    async fn told(&self, topic: &str) -> Vec<Value> {
        let events = self.database.database.changes(0, 1_000).await.unwrap();
        events.into_iter().filter(|event| event.content.topic == topic).map(|event| event.content.payload).collect()
    }
}

fn worker(
    database: &TestDatabase,
    keys: &Arc<tempfile::TempDir>,
    clock: &ManualClock,
    settings: &DeliverySettings,
    timeout_ms: u64,
) -> Delivery {
    let service = LocalKeyService::open_or_create(&keys.path().join("keys"), Suite::Aes256GcmSha256).unwrap();
    let outbound = OutboundSettings { any_loopback_port: true, timeout_ms, ..OutboundSettings::default() };
    Delivery::new(DeliveryParts {
        database: database.database.clone(),
        gate: Arc::new(Gate::new(Arc::new(Authorizer::embedded().unwrap()), Arc::new(LoggedDenials))),
        vault: Arc::new(Vault::new(Arc::new(service), "disposal")),
        clock: Arc::new(clock.clone()),
        outbound: Outbound::new(outbound, Arc::new(SystemResolver)).unwrap(),
        settings: settings.clone(),
    })
}

async fn stages(settings: DeliverySettings, timeout_ms: u64) -> Vec<Stage> {
    let clock = cordon_testkit::clock();
    let databases = test_databases::<Migrator>("disposal", Arc::new(clock.clone())).await;
    databases.into_iter().map(|database| Stage::new(database, &clock, settings.clone(), timeout_ms)).collect()
}

fn manager(enterprise: &str) -> Actor {
    let level = OrganisationLevel::Province;
    actor("manager", enterprise, OrganisationKind::CarrierBranch, level, "440000", &[Role::EnterpriseManager])
}

fn happened(task: TaskId, generation: i32, executor: &str, to: TaskState) -> TaskHappened {
    let at = Timestamp::from_millis(1_795_399_200_000);
    let order: OrderId = Id::derived(task.uuid(), "order");
    let item: ItemId = Id::derived(task.uuid(), "item");
    TaskHappened {
        task,
        generation,
        action: TaskAction::Impose,
        item,
        order,
        order_number: "CZ-440300-20261123-000001-7".to_owned(),
        requester: organisation("police"),
        region: "440300".parse().unwrap(),
        case: None,
        executor: Some(organisation(executor)),
        measure: Measure::SuspendBoth,
        urgency: Urgency::Flash,
        from: (to != TaskState::Issued).then_some(TaskState::Received),
        to,
        due: Some(at.plus(Duration::from_mins(10))),
        escalation: Escalation::None,
        attempt: 0,
        own_measure: false,
    }
}

fn event(topic: &str, payload: &TaskHappened) -> Event {
    let at = Timestamp::from_millis(1_795_399_200_000);
    Event {
        id: EventId::new(at),
        service: "disposal".to_owned(),
        position: 1,
        at,
        content: NewEvent {
            topic: topic.to_owned(),
            subject: payload.task.to_string(),
            audience: vec![payload.requester],
            payload: json!(payload),
        },
    }
}

fn assigned(executor: &str) -> Event {
    event(
        TASK_ASSIGNED,
        &happened(TaskId::new(Timestamp::from_millis(1_795_399_200_000)), 1, executor, TaskState::Issued),
    )
}

fn check(seen: &Seen, key: &str, now: Timestamp) -> Result<String, cordon_webhook::Rejected> {
    let keys = [VerifyingKey::parse(key).unwrap()];
    verify(&keys, seen.received(), &seen.body, now.millis() / 1_000, TOLERANCE).map(str::to_owned)
}

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
async fn an_endpoint_that_is_gone_is_switched_off_and_its_owner_is_told() {
    for stage in stages(DeliverySettings::default(), 2_000).await {
        let who = manager("carrier");
        let receiver = Receiver::start(Vice::Status(410)).await;
        let endpoint = stage.endpoint(&who, receiver.port, SignatureKind::Hmac).await.endpoint;
        stage.publish(&assigned("carrier")).await;
        stage.delivery.run_due().await.unwrap();
        let [found] = stage.link.endpoints_by_ids(call(&who), vec![endpoint.id]).await.unwrap().try_into().unwrap();
        assert_eq!((found.state, found.disabled_reason), (EndpointState::Disabled, Some(DisabledReason::Gone)));
        assert_eq!(stage.told(ENDPOINT_DISABLED).await.len(), 1);
        stage.clock.advance(Duration::from_hours(1));
        assert_eq!(stage.delivery.run_due().await.unwrap(), 0);
        let test = stage.link.test_endpoint(call(&who), endpoint.id).await.unwrap_err();
        assert_eq!(refusal_of(&test).rule.as_deref(), Some("endpoint.disabled"));

        receiver.turn(Vice::Status(200));
        let on = ChangeEndpoint {
            endpoint: endpoint.id,
            version: found.version,
            label: None,
            url: None,
            kinds: None,
            enabled: Some(true),
        };
        stage.link.change_endpoint(call(&who), on.clone()).await.unwrap();
        let stale = stage.link.change_endpoint(call(&who), on).await.unwrap_err();
        assert_eq!(refusal_of(&stale).code, Code::Conflict);
        assert_eq!(stage.delivery.run_due().await.unwrap(), 1);
        assert_eq!(stage.dispatches(&who).await[0].state, DispatchState::Delivered);
    }
}

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

#[tokio::test]
async fn both_keys_sign_while_one_replaces_the_other_and_secrets_are_shown_once() {
    for stage in stages(DeliverySettings::default(), 2_000).await {
        let who = manager("carrier");
        let receiver = Receiver::start(Vice::Status(200)).await;
        let input = CreateEndpoint {
            label: "x".to_owned(),
            url: format!("http://127.0.0.1:{}/hook", receiver.port),
            kinds: vec![MessageKind::TaskAssigned],
            signature: SignatureKind::Hmac,
        };
        let keyed = keyed_call(&who, "create-endpoint-1");
        let first = stage.link.create_endpoint(keyed.clone(), input.clone()).await.unwrap();
        let again = stage.link.create_endpoint(keyed, input).await.unwrap();
        assert_eq!((again.endpoint.id, again.secret), (first.endpoint.id, None));
        let old = first.secret.unwrap();
        let rotate = RotateEndpointKey {
            endpoint: first.endpoint.id,
            signature: Some(SignatureKind::Ed25519),
            overlap_hours: Some(2),
        };
        stage.clock.advance(Duration::from_secs(1));
        let rotated = stage.link.rotate_endpoint_key(call(&who), rotate).await.unwrap();
        let new = rotated.secret.unwrap();
        assert_eq!(rotated.endpoint.keys.len(), 2);
        assert_eq!(rotated.endpoint.keys[0].public.as_deref(), Some(new.as_str()));
        assert_eq!(rotated.endpoint.keys[1].public, None);

        stage.publish(&assigned("carrier")).await;
        stage.delivery.run_due().await.unwrap();
        stage.clock.advance(Duration::from_hours(3));
        stage.publish(&assigned("carrier")).await;
        stage.delivery.run_due().await.unwrap();
        let [during, after] = receiver.seen().try_into().unwrap();
        let then = stage.clock.now().minus(Duration::from_hours(3));
        check(&during, &old, then).unwrap();
        check(&during, &new, then).unwrap();
        check(&after, &new, stage.clock.now()).unwrap();
        assert!(check(&after, &old, stage.clock.now()).is_err(), "the old key has retired");

        // Neither secret lies readable in any row or file.
        if stage.database.backend == "sqlite" {
            let path = stage.database.settings.url.trim_start_matches("sqlite:").to_owned();
            for file in [path.clone(), format!("{path}-wal")] {
                let bytes = std::fs::read(&file).unwrap_or_default();
                let encoded = old.trim_start_matches("whsec_").as_bytes();
                assert!(!bytes.windows(encoded.len()).any(|window| window == encoded), "{file}");
            }
        }
    }
}

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

#[tokio::test]
async fn nobody_reaches_the_endpoints_of_another_enterprise() {
    for stage in stages(DeliverySettings::default(), 2_000).await {
        let (own, foreign) = (manager("carrier"), manager("rival"));
        let receiver = Receiver::start(Vice::Status(200)).await;
        let endpoint = stage.endpoint(&own, receiver.port, SignatureKind::Hmac).await.endpoint;
        stage.publish(&assigned("carrier")).await;
        let dispatch = stage.dispatches(&own).await[0].id;
        let unknown = cordon_context::EndpointId::new(stage.clock.now());
        let ctx: CallContext = call(&foreign);
        let change = |endpoint| ChangeEndpoint {
            endpoint,
            version: 1,
            label: Some("x".into()),
            url: None,
            kinds: None,
            enabled: None,
        };
        let rotate = |endpoint| RotateEndpointKey { endpoint, signature: None, overlap_hours: None };
        for endpoint in [endpoint.id, unknown] {
            let refusals = [
                refusal_of(&stage.link.change_endpoint(ctx.clone(), change(endpoint)).await.unwrap_err()),
                refusal_of(&stage.link.rotate_endpoint_key(ctx.clone(), rotate(endpoint)).await.unwrap_err()),
                refusal_of(&stage.link.remove_endpoint(ctx.clone(), endpoint).await.unwrap_err()),
                refusal_of(&stage.link.test_endpoint(ctx.clone(), endpoint).await.unwrap_err()),
            ];
            assert!(refusals.iter().all(|refusal| *refusal == cordon_context::Refusal::not_found()), "{refusals:?}");
        }
        let replay = stage.link.replay(ctx.clone(), Replay::One { dispatch }).await.unwrap_err();
        assert_eq!(refusal_of(&replay), cordon_context::Refusal::not_found());
        assert!(stage.link.endpoints_by_ids(ctx.clone(), vec![endpoint.id]).await.unwrap().is_empty());
        assert!(stage.link.dispatches_by_ids(ctx.clone(), vec![dispatch]).await.unwrap().is_empty());
        assert!(stage.link.attempts_of_dispatches(ctx.clone(), vec![dispatch]).await.unwrap().is_empty());
        let counted = PageRequest { count: true, ..PageRequest::default() };
        let list = stage.link.list_endpoints(ctx.clone(), EndpointFilter::default(), counted.clone()).await.unwrap();
        assert_eq!((list.edges.len(), list.total), (0, Some(0)));
        let log = stage.link.list_dispatches(ctx, DispatchFilter::default(), counted.clone()).await.unwrap();
        assert_eq!((log.edges.len(), log.total), (0, Some(0)));

        let level = OrganisationLevel::Province;
        let regulator = |region| {
            actor("officer", "authority", OrganisationKind::CommAuthority, level, region, &[Role::RegulatorOfficer])
        };
        let seen = async |region| {
            let filter = EndpointFilter::default();
            stage.link.list_endpoints(call(&regulator(region)), filter, counted.clone()).await.unwrap().edges.len()
        };
        assert_eq!((seen("440000").await, seen("430000").await), (1, 0));
        let police = actor(
            "handler",
            "police",
            OrganisationKind::Police,
            OrganisationLevel::City,
            "440300",
            &[Role::PoliceHandler],
        );
        let input = CreateEndpoint {
            label: "x".into(),
            url: "https://x.example.com/".into(),
            kinds: vec![],
            signature: SignatureKind::Hmac,
        };
        let denied = stage.link.create_endpoint(call(&police), input).await.unwrap_err();
        assert_eq!(refusal_of(&denied).code, Code::Denied);
    }
}

#[tokio::test]
async fn addresses_inside_are_refused_when_they_are_entered() {
    let stage = stages(DeliverySettings::default(), 2_000).await.remove(0);
    let who = manager("carrier");
    for (url, rule) in [
        ("http://hooks.example.com/", "endpoint.blocked.not_loopback"),
        ("https://10.0.0.1/", "endpoint.blocked.address"),
        ("https://[::ffff:10.0.0.1]/", "endpoint.blocked.address"),
        ("https://169.254.169.254/", "endpoint.blocked.address"),
        ("https://user@hooks.example.com/", "endpoint.blocked.user_info"),
        ("file:///etc/passwd", "endpoint.blocked.scheme"),
    ] {
        let input =
            CreateEndpoint { label: "x".into(), url: url.into(), kinds: vec![], signature: SignatureKind::Hmac };
        match stage.link.create_endpoint(call(&who), input).await {
            Err(error) => assert_eq!(refusal_of(&error).rule.as_deref(), Some(rule), "{url}"),
            // With every port of this machine open for the test, port 80 stands for this machine too and is refused when it is called.
            Ok(created) => {
                assert_eq!(url, "http://hooks.example.com/");
                let tried = stage.link.test_endpoint(call(&who), created.endpoint.id).await.unwrap();
                assert_eq!(tried.outcome, AttemptOutcome::Failed);
            }
        }
    }
}

#[tokio::test]
async fn a_test_message_is_posted_at_once_and_never_again() {
    for stage in stages(DeliverySettings::default(), 2_000).await {
        let who = manager("carrier");
        let receiver = Receiver::start(Vice::Status(200)).await;
        let credential = stage.endpoint(&who, receiver.port, SignatureKind::Ed25519).await;
        let good = stage.link.test_endpoint(call(&who), credential.endpoint.id).await.unwrap();
        assert_eq!((good.outcome, good.status), (AttemptOutcome::Accepted, Some(200)));
        receiver.turn(Vice::Status(401));
        let bad = stage.link.test_endpoint(call(&who), credential.endpoint.id).await.unwrap();
        assert_eq!((bad.outcome, bad.status), (AttemptOutcome::Refused, Some(401)));
        stage.clock.advance(Duration::from_hours(1));
        assert_eq!(stage.delivery.run_due().await.unwrap(), 0);
        let seen = receiver.seen();
        check(&seen[0], &credential.secret.unwrap(), good.at).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&seen[0].body).unwrap()["type"], "endpoint.test");
        assert!(stage.told(DELIVERY_EXHAUSTED).await.is_empty());
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
