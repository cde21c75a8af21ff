//! Every kind of target at every urgency: to whom it goes by the real tables, by when each step is due, and there and back.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use cordon_context::{CallContext, OrganisationId, OrganisationKind, OrganisationLevel, Region, Role, Timestamp};
use cordon_directory_contract::Responsibility;
use cordon_disposal::routing::{Router, RouterParts, RoutingSettings};
use cordon_disposal::{DisposalSettings, Neighbours, Parts, Routes, build};
use cordon_disposal_contract::routing::{ImportRouting, RoutingClient, RoutingTable};
use cordon_disposal_contract::*;
use cordon_identifier::Kind;
use cordon_policies::{Authorizer, Gate, LoggedDenials};
use cordon_rpc::{Link, RpcFailure};
use cordon_testkit::{actor, call, organisation};
use cordon_vault::{LocalKeyService, Suite, Vault};
use jsonrpsee::RpcModule;

use crate::world::*;

/// Who answers for what, as a directory would know it.
const DIRECTORY: [(&str, &str); 6] = [
    ("network:mobile@440000", "mobile-gd"),
    ("network:unicom@440000", "unicom-gd"),
    ("network:telecom@440000", "telecom-gd"),
    ("registrar:示例域名", "registrar"),
    ("access:示例云", "cloud"),
    ("platform:wechat", "wechat"),
];

/// One kind of target: what is typed, what is done, who executes it, and how fast by which table.
struct Row {
    kind: Kind,
    value: &'static str,
    target: TargetKind,
    measure: Measure,
    /// None where nobody is found, so that the desk has to name somebody.
    executor: Option<&'static str>,
    pace: [u64; 3],
    release: u64,
}

/// Minutes to the execution: flash, urgent, routine.
const NUMBER: [u64; 3] = [30, 2 * 60, 24 * 60];
const WEB: [u64; 3] = [60, 4 * 60, 24 * 60];
const ACCOUNT: [u64; 3] = [2 * 60, 24 * 60, 72 * 60];

/// Minutes to the receipt, whatever the target is.
const ACKNOWLEDGE: [u64; 3] = [10, 30, 2 * 60];

const URGENCIES: [Urgency; 3] = [Urgency::Flash, Urgency::Urgent, Urgency::Routine];

/// Whom the desk names where nobody was found.
const NAMED: &str = "telecom-gd";

const ROWS: [Row; 9] = [
    number(Kind::Phone, MOBILE, TargetKind::Phone, Measure::SuspendBoth, Some("mobile-gd")),
    number(Kind::IotNumber, "1064612345678", TargetKind::IotCard, Measure::Pause, Some("unicom-gd")),
    number(Kind::SmsPort, "106591234567", TargetKind::SmsPort, Measure::StopPort, Some("telecom-gd")),
    // Ports of this beginning belong to no carrier of the plan.
    number(Kind::SmsPort, "106912345678", TargetKind::SmsPort, Measure::StopPort, None),
    web(Kind::Domain, "www.fraud-shop.com", TargetKind::Domain, Measure::BlockDns, Some("registrar")),
    web(Kind::Url, "https://www.fraud-shop.com/pay", TargetKind::Url, Measure::BlockIpUrl, Some("cloud")),
    web(Kind::Ip, "203.0.113.7", TargetKind::Ip, Measure::BlockIpUrl, Some("cloud")),
    web(Kind::Ip, "198.51.100.7", TargetKind::Ip, Measure::BlockIpUrl, None),
    Row {
        kind: Kind::Wechat,
        value: "wxid_abc12345",
        target: TargetKind::Account,
        measure: Measure::Suspend,
        executor: Some("wechat"),
        pace: ACCOUNT,
        release: 2 * 60,
    },
];

const fn number(
    kind: Kind,
    value: &'static str,
    target: TargetKind,
    measure: Measure,
    executor: Option<&'static str>,
) -> Row {
    Row { kind, value, target, measure, executor, pace: NUMBER, release: 2 * 60 }
}

const fn web(
    kind: Kind,
    value: &'static str,
    target: TargetKind,
    measure: Measure,
    executor: Option<&'static str>,
) -> Row {
    Row { kind, value, target, measure, executor, pace: WEB, release: 4 * 60 }
}

/// No identifier is of these kinds, so that no order can name them.
const UNNAMED: [TargetKind; 2] = [TargetKind::App, TargetKind::Line];

fn directory() -> Link {
    let answers: HashMap<String, OrganisationId> =
        DIRECTORY.into_iter().map(|(what, who)| (what.to_owned(), organisation(who))).collect();
    let mut module = RpcModule::new(answers);
    let answered = module.register_method("directory.responsible_for", |params, answers, _| {
        let (_ctx, asked): (CallContext, Vec<Responsibility>) = params.parse().unwrap();
        let answer = |responsibility: &Responsibility| match responsibility {
            Responsibility::Network { network, region } if *region != Region::COUNTRY => {
                answers.get(&format!("network:{network}@{}", region.province())).copied()
            }
            other => answers.get(&other.to_string()).copied(),
        };
        Ok::<_, RpcFailure>(asked.iter().map(answer).collect::<Vec<_>>())
    });
    answered.unwrap();
    Link::local(module)
}

/// The small country with the routing that an installation has, and tables for it; the folder holds its keys.
async fn routed_worlds() -> Vec<(World, tempfile::TempDir)> {
    let mut routed = Vec::new();
    for mut world in worlds().await {
        let keys = tempfile::tempdir().unwrap();
        let key_service = LocalKeyService::open_or_create(&keys.path().join("keys"), Suite::Aes256GcmSha256).unwrap();
        let vault = Arc::new(Vault::new(Arc::new(key_service), "disposal"));
        let gate = Arc::new(Gate::new(Arc::new(Authorizer::embedded().unwrap()), Arc::new(LoggedDenials)));
        let router = Router::new(RouterParts {
            database: world.database.database.clone(),
            gate: Arc::clone(&gate),
            vault: Arc::clone(&vault),
            clock: Arc::new(world.clock.clone()),
            directory: directory(),
            settings: RoutingSettings::default(),
        });
        let tables = Link::local(router.methods());
        for (table, header, rows) in [
            (
                RoutingTable::Domain,
                vec!["domain", "registrar", "access_provider"],
                vec!["fraud-shop.com", "示例域名", "示例云"],
            ),
            (RoutingTable::Address, vec!["range", "access_provider"], vec!["203.0.113.0/24", "示例云"]),
        ] {
            let text = |cells: Vec<&str>| cells.into_iter().map(str::to_owned).collect::<Vec<_>>();
            let input = ImportRouting {
                table,
                origin: "table.csv".to_owned(),
                header: text(header),
                rows: vec![text(rows)],
                first_row: 2,
                dry_run: false,
            };
            let outcome = RoutingClient::import(&tables, admin(), input).await.unwrap();
            assert_eq!((outcome.good, outcome.bad.len()), (1, 0));
        }
        let router: Arc<dyn Routes> = Arc::new(router);
        let neighbours: Arc<dyn Neighbours> = Arc::<FixedNeighbours>::clone(&world.neighbours);
        let service = build(Parts {
            database: world.database.database.clone(),
            gate,
            vault,
            clock: Arc::new(world.clock.clone()),
            router,
            neighbours,
            settings: DisposalSettings::default(),
        });
        world.service = service.unwrap();
        world.service.prepare().await.unwrap();
        world.link = Link::local(world.service.methods());
        routed.push((world, keys));
    }
    routed
}

/// The duty officer of an enterprise of the kind that answers for such targets.
fn officer_of(executor: &str) -> CallContext {
    let kind = match executor {
        "registrar" => OrganisationKind::Registrar,
        "cloud" => OrganisationKind::AccessProvider,
        "wechat" => OrganisationKind::InternetFirm,
        _ => OrganisationKind::CarrierBranch,
    };
    call(&actor("duty", executor, kind, OrganisationLevel::Province, "440000", &[Role::EnterpriseDuty]))
}

fn minutes_to(due: Option<Timestamp>, now: Timestamp) -> u64 {
    due.unwrap().since(now).as_secs() / 60
}

/// Takes a task from its issue to its confirmation, and looks at the deadline of every step on the way.
async fn carry_out(world: &World, row: &Row, task: &Task, executor: &str, acknowledge: u64, execute: u64) -> Task {
    let (name, issued) = (format!("{} {:?} {:?}", row.value, task.urgency, task.action), world.now());
    assert_eq!((task.state, task.executor), (TaskState::Issued, Some(organisation(executor))), "{name}");
    assert_eq!(minutes_to(task.due, issued), acknowledge, "{name}: to the receipt");
    let payload = world.link.task_payload(officer_of(executor), task.id).await.unwrap();
    let payload: TaskPayload = serde_json::from_str(&payload.body).unwrap();
    let told = (payload.acknowledge_due.since(issued), payload.execute_due.since(issued));
    assert_eq!(told, (Duration::from_mins(acknowledge), Duration::from_mins(execute)), "{name}: what is signed");
    assert_eq!((payload.target_kind, payload.identifier_kind), (row.target, row.kind), "{name}");

    // A late receipt gains nothing: the execution is due from the issue on.
    world.pass(acknowledge - 1);
    let receipt = AcknowledgeTask { answer: world.answer(task) };
    let task = world.link.acknowledge_task(officer_of(executor), receipt).await.unwrap();
    assert_eq!(task.due.unwrap().since(issued), Duration::from_mins(execute), "{name}: to the execution");
    world.pass(execute - acknowledge);
    world.work().await;
    assert_eq!(world.told_of(&task, "disposal.deadline_missed").await, 0, "{name}: one minute is left");
    let task = world.link.execute_task(officer_of(executor), world.execution(&task)).await.unwrap();
    assert_eq!((task.state, task.overdue), (TaskState::Executed, false), "{name}");
    world.link.verify_task(desk(), world.check(&task, true)).await.unwrap()
}

impl World {
    /// How often a topic was told of one task.
    async fn told_of(&self, task: &Task, topic: &str) -> usize {
        let (subject, mut after, mut count) = (task.id.to_string(), 0, 0);
        loop {
            let events = self.database.database.changes(after, 500).await.unwrap();
            let Some(last) = events.last().map(|event| event.position) else { return count };
            after = last;
            let of_it = |content: &cordon_events::NewEvent| content.topic == topic && content.subject == subject;
            count += events.iter().filter(|event| of_it(&event.content)).count();
        }
    }
}

#[tokio::test]
async fn every_kind_of_target_goes_to_its_executor_at_its_pace_and_comes_back() {
    for (world, _keys) in routed_worlds().await {
        for (at, urgency) in URGENCIES.into_iter().enumerate() {
            // A stop by mistake is undone in half an hour, whatever was stopped; the other two keep the table's time.
            let by_mistake = urgency == Urgency::Flash;
            for row in &ROWS {
                let measures =
                    vec![MeasureChoice { kind: row.target, measures: vec![row.measure], functions: Vec::new() }];
                let subjects = vec![Chosen::Typed { text: row.value.to_owned(), kind: Some(row.kind) }];
                let press = DisposeSubjects { subjects, measures, urgency, ..world.press(&[]) };
                let order = world.link.dispose_subjects(handler(), press).await.unwrap().order;
                let order = world.link.approve_order(approver(), agree(&order)).await.unwrap();
                let mut task = world.tasks(&order).await.remove(0);
                if row.executor.is_none() {
                    assert_eq!(
                        (task.state, task.executor, task.desk_reason),
                        (TaskState::Desk, None, Some(DeskReason::Unroutable)),
                        "{}",
                        row.value
                    );
                    assert_eq!(minutes_to(task.due, world.now()), 30, "{}", row.value);
                    world.pass(7);
                    let to = RouteTask { task: task.id, executor: organisation(NAMED), reason: "经核实".to_owned() };
                    task = world.link.route_task(desk(), to).await.unwrap();
                }
                let executor = row.executor.unwrap_or(NAMED);
                let task = carry_out(&world, row, &task, executor, ACKNOWLEDGE[at], row.pace[at]).await;
                assert_eq!(task.state, TaskState::InForce, "{}", row.value);

                let reason = if by_mistake { ReleaseReason::EnteredByMistake } else { ReleaseReason::Reverified };
                let input = OrderRelease { task: task.id, reason, note: None, by_mistake };
                world.link.order_release(handler(), input).await.unwrap();
                let release = world.release_task(&task).await;
                let time = if by_mistake { 30 } else { row.release };
                let done = carry_out(&world, row, &release, executor, ACKNOWLEDGE[at].min(time), time).await;
                assert_eq!(done.state, TaskState::Done, "{}", row.value);
                assert_eq!(world.task(task.id).await.state, TaskState::Released, "{}", row.value);
            }
        }
    }
}

#[tokio::test]
async fn a_step_that_is_a_minute_late_is_missed_at_every_pace() {
    for (world, _keys) in routed_worlds().await {
        for row in ROWS.iter().filter(|row| row.executor.is_some()) {
            let measures = vec![MeasureChoice { kind: row.target, measures: vec![row.measure], functions: Vec::new() }];
            let subjects = vec![Chosen::Typed { text: row.value.to_owned(), kind: Some(row.kind) }];
            let press = DisposeSubjects { subjects, measures, urgency: Urgency::Urgent, ..world.press(&[]) };
            let order = world.link.dispose_subjects(handler(), press).await.unwrap().order;
            let order = world.link.approve_order(approver(), agree(&order)).await.unwrap();
            let task = world.tasks(&order).await.remove(0);
            let receipt = AcknowledgeTask { answer: world.answer(&task) };
            let task = world.link.acknowledge_task(officer_of(row.executor.unwrap()), receipt).await.unwrap();
            world.pass(row.pace[1]);
            world.work().await;
            assert_eq!(world.told_of(&task, "disposal.deadline_missed").await, 1, "{}", row.value);
            assert!(world.task(task.id).await.overdue, "{}", row.value);
        }
    }
}

#[test]
fn every_kind_of_target_that_an_order_can_name_has_a_row() {
    for target in TargetKind::ALL {
        let named = ROWS.iter().any(|row| row.target == *target);
        assert_ne!(named, UNNAMED.contains(target), "{target}");
        let reached = Kind::ALL.iter().any(|kind| TargetKind::of(*kind) == Some(*target));
        assert_eq!(named, reached, "{target}");
    }
}
