//! A delivery service with its rows, its keys and a clock that stands still.

use std::sync::Arc;
use std::time::Duration;

use cordon_context::{
    Actor, EventId, Id, ItemId, ManualClock, OrderId, OrganisationKind, OrganisationLevel, PageRequest, Role, TaskId,
    Timestamp,
};
use cordon_disposal::delivery::{Delivery, DeliveryParts, DeliverySettings};
use cordon_disposal_contract::delivery::{
    CreateEndpoint, DeliveryClient, Dispatch, DispatchFilter, EndpointCredential, SignatureKind,
};
use cordon_disposal_contract::events::{TASK_ASSIGNED, TaskHappened};
use cordon_disposal_contract::{Escalation, Measure, TaskAction, TaskState, Urgency};
use cordon_events::{Event, NewEvent};
use cordon_migrations::disposal::Migrator;
use cordon_outbound::{Outbound, OutboundSettings, SystemResolver};
use cordon_policies::{Authorizer, Gate, LoggedDenials};
use cordon_rpc::Link;
use cordon_testkit::{TestDatabase, actor, call, organisation, test_databases};
use cordon_vault::{LocalKeyService, Suite, Vault};
use cordon_webhook::{TOLERANCE, VerifyingKey, verify};
use serde_json::{Value, json};

use crate::receiver::Seen;

pub(crate) struct Stage {
    pub(crate) delivery: Delivery,
    pub(crate) link: Link,
    pub(crate) clock: ManualClock,
    pub(crate) database: TestDatabase,
    pub(crate) keys: Arc<tempfile::TempDir>,
    pub(crate) settings: DeliverySettings,
    pub(crate) timeout_ms: u64,
}

impl Stage {
    pub(crate) fn new(
        database: TestDatabase,
        clock: &ManualClock,
        settings: DeliverySettings,
        timeout_ms: u64,
    ) -> Self {
        let keys = Arc::new(tempfile::tempdir().unwrap());
        Self::on(database, keys, clock, settings, timeout_ms)
    }

    pub(crate) fn on(
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
    pub(crate) fn another_worker(&self) -> Delivery {
        worker(&self.database, &self.keys, &self.clock, &self.settings, self.timeout_ms)
    }

    pub(crate) async fn endpoint(&self, who: &Actor, port: u16, signature: SignatureKind) -> EndpointCredential {
        let input = CreateEndpoint {
            label: "工单接口".to_owned(),
            url: format!("http://127.0.0.1:{port}/hook"),
            kinds: Vec::new(),
            signature,
        };
        self.link.create_endpoint(call(who), input).await.unwrap()
    }

    pub(crate) async fn publish(&self, event: &Event) {
        self.delivery.consumer().consume(event).await.unwrap();
    }

    pub(crate) async fn dispatches(&self, who: &Actor) -> Vec<Dispatch> {
        let page = PageRequest { first: Some(200), ..PageRequest::default() };
        let found = self.link.list_dispatches(call(who), DispatchFilter::default(), page).await.unwrap();
        found.edges.into_iter().map(|(_, dispatch)| dispatch).collect()
    }

    pub(crate) async fn told(&self, topic: &str) -> Vec<Value> {
        let events = self.database.database.changes(0, 1_000).await.unwrap();
        events.into_iter().filter(|event| event.content.topic == topic).map(|event| event.content.payload).collect()
    }
}

pub(crate) fn worker(
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

pub(crate) async fn stages(settings: DeliverySettings, timeout_ms: u64) -> Vec<Stage> {
    let clock = cordon_testkit::clock();
    let databases = test_databases::<Migrator>("disposal", Arc::new(clock.clone())).await;
    databases.into_iter().map(|database| Stage::new(database, &clock, settings.clone(), timeout_ms)).collect()
}

pub(crate) fn manager(enterprise: &str) -> Actor {
    let level = OrganisationLevel::Province;
    actor("manager", enterprise, OrganisationKind::CarrierBranch, level, "440000", &[Role::EnterpriseManager])
}

pub(crate) fn happened(task: TaskId, generation: i32, executor: &str, to: TaskState) -> TaskHappened {
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

pub(crate) fn event(topic: &str, payload: &TaskHappened) -> Event {
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

pub(crate) fn assigned(executor: &str) -> Event {
    event(
        TASK_ASSIGNED,
        &happened(TaskId::new(Timestamp::from_millis(1_795_399_200_000)), 1, executor, TaskState::Issued),
    )
}

pub(crate) fn check(seen: &Seen, key: &str, now: Timestamp) -> Result<String, cordon_webhook::Rejected> {
    let keys = [VerifyingKey::parse(key).unwrap()];
    verify(&keys, seen.received(), &seen.body, now.millis() / 1_000, TOLERANCE).map(str::to_owned)
}
