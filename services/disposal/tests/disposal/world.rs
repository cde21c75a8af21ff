//! A small country: police in two provinces, two carriers, an internet firm, a desk, and a router whose answers are fixed.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use cordon_case_intake_contract::{CaseStatus, SubjectValue};
use cordon_context::{
    Actor, Bilingual, CallContext, CaseId, Code, Id, ManualClock, OrganisationId, OrganisationKind, OrganisationLevel,
    PageRequest, PersonId, ReceiptId, Refusal, Role, SubjectId, TaskId, Timestamp,
};
use cordon_disposal::routing::Question;
use cordon_disposal::{Disposal, DisposalSettings, Neighbours, Organ, Parts, Routes, Superiors, build};
use cordon_disposal_contract::routing::{Destination, Route, RouteObstacle};
use cordon_disposal_contract::*;
use cordon_identifier::{Identifier, Kind};
use cordon_migrations::disposal::Migrator;
use cordon_policies::{Authorizer, Gate, LoggedDenials};
use cordon_rpc::{Link, refusal_of};
use cordon_store::{Failure, Tx};
use cordon_testkit::{TestDatabase, actor, call, keyed_call, organisation, test_databases};
use cordon_vault::{LocalKeyService, Suite, Vault};
use jsonrpsee::core::ClientError;

/// A number that is routed to the mobile carrier.
pub(crate) const MOBILE: &str = "13912340001";
/// Another one.
pub(crate) const MOBILE_2: &str = "13912340002";
/// A number that was ported from the mobile carrier to the other one.
pub(crate) const PORTED: &str = "13956780001";
/// A number that nobody answers for.
pub(crate) const NOBODYS: &str = "17712340001";
/// The number of a victim, known to the case intake.
pub(crate) const VICTIMS: &str = "13912349999";

/// Routes that are fixed, and what was learned from executors.
#[derive(Default)]
pub(crate) struct FixedRoutes {
    pub(crate) learned: Mutex<HashMap<String, OrganisationId>>,
    /// Whether nothing can be found out for now.
    pub(crate) down: AtomicBool,
}

#[async_trait]
impl Routes for FixedRoutes {
    async fn route_many(&self, questions: &[Question]) -> Result<Vec<Route>, Failure> {
        if self.down.load(Ordering::SeqCst) {
            return Err(Refusal::new(Code::Unavailable).into());
        }
        let learned = self.learned.lock().unwrap().clone();
        Ok(questions.iter().map(|question| route(&question.subject, &learned)).collect())
    }

    async fn learn_ported(
        &self,
        _tx: &mut Tx,
        subject: &Identifier,
        to: OrganisationId,
        _by: OrganisationId,
    ) -> Result<(), Failure> {
        self.learned.lock().unwrap().insert(subject.value().to_owned(), to);
        Ok(())
    }

    async fn unlearn_ported(&self, _tx: &mut Tx, subject: &Identifier, named: OrganisationId) -> Result<(), Failure> {
        self.learned.lock().unwrap().retain(|value, holder| value != subject.value() || *holder != named);
        Ok(())
    }
}

fn route(subject: &Identifier, learned: &HashMap<String, OrganisationId>) -> Route {
    let value = subject.value();
    let (to, original, resolver) = match subject.kind() {
        Kind::Phone if learned.contains_key(value) => (learned.get(value).copied(), Some("mobile"), "executor"),
        Kind::Phone if value.starts_with("1395678") => (Some(organisation("unicom-gd")), Some("mobile"), "portability"),
        Kind::Phone if value.starts_with("139") => (Some(organisation("mobile-gd")), Some("mobile"), "plan"),
        Kind::Wechat => (Some(organisation("wechat")), None, "platform"),
        Kind::Domain => (Some(organisation("registrar")), None, "domain"),
        _ => (None, None, "plan"),
    };
    let current = if resolver == "plan" { original } else { Some("unicom") };
    Route {
        destination: match to {
            Some(organisation) => Destination::Executor { organisation },
            None => Destination::Desk { obstacle: RouteObstacle::NobodyAnswers, text: Bilingual::new("无", "nobody") },
        },
        responsibility: None,
        carrier_original: original.map(str::to_owned),
        carrier_current: current.map(str::to_owned),
        region: None,
        resolved_at: Timestamp::from_millis(0),
        resolver: resolver.to_owned(),
    }
}

/// A case intake with one victim's number, and a directory with the organisations of the country.
#[derive(Default)]
pub(crate) struct FixedNeighbours {
    pub(crate) values: Mutex<HashMap<SubjectId, SubjectValue>>,
    /// Whether the one case was withdrawn.
    pub(crate) withdrawn: AtomicBool,
    /// Whether the directory does not answer.
    pub(crate) down: AtomicBool,
    /// How often it was asked who stands above somebody.
    pub(crate) asked: AtomicUsize,
}

#[async_trait]
impl Neighbours for FixedNeighbours {
    async fn subjects(
        &self,
        _: &CallContext,
        _: Option<CaseId>,
        subjects: Vec<SubjectId>,
    ) -> Result<Vec<SubjectValue>, Refusal> {
        let values = self.values.lock().unwrap();
        Ok(subjects.iter().filter_map(|subject| values.get(subject).cloned()).collect())
    }

    async fn case_status(&self, ctx: &CallContext, case: CaseId) -> Result<Option<CaseStatus>, Refusal> {
        let known = case == case_id() && ctx.actor.organisation == organisation("police-sz");
        let withdrawn = self.withdrawn.load(Ordering::SeqCst);
        Ok(known.then_some(if withdrawn { CaseStatus::Withdrawn } else { CaseStatus::Filed }))
    }

    async fn hears_appeals(&self, _: &CallContext, person: PersonId, organ: OrganisationId) -> Result<bool, Refusal> {
        let legal = actor(
            "legal",
            "mobile-gd",
            OrganisationKind::CarrierBranch,
            OrganisationLevel::Province,
            "440000",
            &[Role::EnterpriseLegal],
        );
        let officers = [officer(), province_officer(), call(&legal), headquarters()];
        Ok(officers.iter().any(|ctx| person_of(ctx) == person && ctx.actor.organisation == organ))
    }

    async fn superiors(&self, _: &CallContext, below: OrganisationId) -> Result<Superiors, Refusal> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.down.load(Ordering::SeqCst) {
            return Err(Refusal::new(Code::Internal));
        }
        let enterprise = below == organisation("mobile-gd");
        Ok(Superiors {
            parent: Some(organisation(if enterprise { "mobile" } else { "police-gd" })),
            authority: enterprise.then(|| organisation("authority-gd")),
            ministry: Some(organisation("ministry")),
        })
    }

    async fn organs(&self, _: &CallContext, organisations: Vec<OrganisationId>) -> Result<Vec<Organ>, Refusal> {
        let known = [
            ("mobile", OrganisationKind::CarrierGroup, OrganisationLevel::Ministry, "000000", None),
            ("mobile-gd", OrganisationKind::CarrierBranch, OrganisationLevel::Province, "440000", Some("mobile")),
            ("unicom-gd", OrganisationKind::CarrierBranch, OrganisationLevel::Province, "440000", None),
            ("telecom-gd", OrganisationKind::CarrierBranch, OrganisationLevel::Province, "440000", None),
            ("wechat", OrganisationKind::InternetFirm, OrganisationLevel::Ministry, "000000", None),
            ("police-gd", OrganisationKind::Police, OrganisationLevel::Province, "440000", None),
            ("police-sz", OrganisationKind::Police, OrganisationLevel::City, "440300", Some("police-gd")),
        ];
        let organs = known.map(|(name, kind, level, region, parent)| Organ {
            id: organisation(name),
            kind,
            level,
            region: region.parse().unwrap(),
            parent: parent.map(organisation),
            active: true,
        });
        Ok(organs.into_iter().filter(|organ| organisations.contains(&organ.id)).collect())
    }
}

/// Everything that a test needs.
pub(crate) struct World {
    pub(crate) service: Disposal,
    pub(crate) link: Link,
    pub(crate) clock: ManualClock,
    pub(crate) database: TestDatabase,
    pub(crate) routes: Arc<FixedRoutes>,
    pub(crate) neighbours: Arc<FixedNeighbours>,
    _keys: tempfile::TempDir,
}

/// One world for each database.
pub(crate) async fn worlds() -> Vec<World> {
    worlds_with(DisposalSettings::default()).await
}

/// One world for each database, with these settings.
pub(crate) async fn worlds_with(settings: DisposalSettings) -> Vec<World> {
    let clock = cordon_testkit::clock();
    let mut worlds = Vec::new();
    for database in test_databases::<Migrator>("disposal", Arc::new(clock.clone())).await {
        let keys = tempfile::tempdir().unwrap();
        let key_service = LocalKeyService::open_or_create(&keys.path().join("keys"), Suite::Aes256GcmSha256).unwrap();
        let (routes, neighbours) = (Arc::new(FixedRoutes::default()), Arc::new(FixedNeighbours::default()));
        let router: Arc<dyn Routes> = Arc::<FixedRoutes>::clone(&routes);
        let others: Arc<dyn Neighbours> = Arc::<FixedNeighbours>::clone(&neighbours);
        let service = build(Parts {
            database: database.database.clone(),
            gate: Arc::new(Gate::new(Arc::new(Authorizer::embedded().unwrap()), Arc::new(LoggedDenials))),
            vault: Arc::new(Vault::new(Arc::new(key_service), "disposal")),
            clock: Arc::new(clock.clone()),
            router,
            neighbours: others,
            settings: settings.clone(),
        })
        .unwrap();
        service.prepare().await.unwrap();
        let link = Link::local(service.methods());
        worlds.push(World { service, link, clock: clock.clone(), database, routes, neighbours, _keys: keys });
    }
    worlds
}

fn police(login: &str, organ: &str, level: OrganisationLevel, region: &str, role: Role) -> CallContext {
    call(&actor(login, organ, OrganisationKind::Police, level, region, &[role]))
}

pub(crate) fn handler() -> CallContext {
    police("handler", "police-sz", OrganisationLevel::City, "440300", Role::PoliceHandler)
}

pub(crate) fn approver() -> CallContext {
    police("approver", "police-sz", OrganisationLevel::City, "440300", Role::PoliceApprover)
}

pub(crate) fn lead() -> CallContext {
    police("lead", "police-sz", OrganisationLevel::City, "440300", Role::PoliceDutyLead)
}

pub(crate) fn officer() -> CallContext {
    police("officer", "police-sz", OrganisationLevel::City, "440300", Role::AppealOfficer)
}

pub(crate) fn province() -> CallContext {
    police("province", "police-gd", OrganisationLevel::Province, "440000", Role::PoliceApprover)
}

pub(crate) fn province_officer() -> CallContext {
    police("province-officer", "police-gd", OrganisationLevel::Province, "440000", Role::AppealOfficer)
}

pub(crate) fn foreign_handler() -> CallContext {
    police("handler", "police-hz", OrganisationLevel::City, "330100", Role::PoliceHandler)
}

pub(crate) fn foreign_approver() -> CallContext {
    police("approver", "police-hz", OrganisationLevel::City, "330100", Role::PoliceApprover)
}

pub(crate) fn desk() -> CallContext {
    let kind = OrganisationKind::PlatformOperator;
    call(&actor("desk", "operator", kind, OrganisationLevel::Ministry, "000000", &[Role::CommandDesk]))
}

pub(crate) fn admin() -> CallContext {
    let kind = OrganisationKind::PlatformOperator;
    call(&actor("admin", "operator", kind, OrganisationLevel::Ministry, "000000", &[Role::SystemAdmin]))
}

pub(crate) fn hotline() -> CallContext {
    let kind = OrganisationKind::CommAuthority;
    call(&actor("clerk", "hotline", kind, OrganisationLevel::Province, "440000", &[Role::HotlineClerk]))
}

pub(crate) fn regulator(role: Role) -> CallContext {
    let kind = OrganisationKind::CommAuthority;
    call(&actor(role.name(), "authority-gd", kind, OrganisationLevel::Province, "440000", &[role]))
}

/// The legal officer of the group above the mobile carrier.
pub(crate) fn headquarters() -> CallContext {
    let kind = OrganisationKind::CarrierGroup;
    let roles = [Role::EnterpriseLegal];
    let mut above = actor("legal", "mobile", kind, OrganisationLevel::Ministry, "000000", &roles);
    above.branches = vec![organisation("mobile-gd")];
    call(&above)
}

/// The duty officer of an enterprise.
pub(crate) fn duty(enterprise: &str) -> CallContext {
    let kind = if enterprise == "wechat" { OrganisationKind::InternetFirm } else { OrganisationKind::CarrierBranch };
    call(&actor("duty", enterprise, kind, OrganisationLevel::Province, "440000", &[Role::EnterpriseDuty]))
}

/// The same call under an idempotency key.
pub(crate) fn keyed(ctx: &CallContext, key: &str) -> CallContext {
    let actor: Actor = ctx.actor.clone();
    keyed_call(&actor, key)
}

pub(crate) fn person_of(ctx: &CallContext) -> cordon_context::PersonId {
    ctx.actor.person().unwrap()
}

/// What a call was refused with.
pub(crate) fn refused<T: std::fmt::Debug>(outcome: Result<T, ClientError>) -> Refusal {
    refusal_of(&outcome.unwrap_err())
}

/// The rule by which a call was refused.
pub(crate) fn rule_of<T: std::fmt::Debug>(outcome: Result<T, ClientError>) -> String {
    refused(outcome).rule.unwrap()
}

pub(crate) fn page() -> PageRequest {
    PageRequest::default()
}

impl World {
    pub(crate) fn now(&self) -> Timestamp {
        cordon_context::Clock::now(&self.clock)
    }

    pub(crate) fn pass(&self, minutes: u64) {
        self.clock.advance(Duration::from_secs(minutes * 60));
    }

    pub(crate) fn basis(&self) -> LegalBasis {
        LegalBasis {
            kind: InstrumentKind::DisposalApprovalForm,
            number: "深公（反诈）处字〔2026〕0001号".to_owned(),
            issuer: "示例市公安局".to_owned(),
            approver: "示例负责人".to_owned(),
            issued_at: self.now().minus(Duration::from_hours(1)),
            valid_to: Some(self.now().plus(Duration::from_hours(24 * 365))),
        }
    }

    /// One press of the button on typed targets.
    pub(crate) fn press(&self, targets: &[&str]) -> DisposeSubjects {
        let typed = |text: &&str| Chosen::Typed { text: (*text).to_owned(), kind: None };
        DisposeSubjects {
            subjects: targets.iter().map(typed).collect(),
            measures: vec![
                MeasureChoice { kind: TargetKind::Phone, measures: vec![Measure::SuspendBoth], functions: Vec::new() },
                MeasureChoice { kind: TargetKind::Account, measures: vec![Measure::Suspend], functions: Vec::new() },
                MeasureChoice { kind: TargetKind::Domain, measures: vec![Measure::BlockDns], functions: Vec::new() },
            ],
            legal_basis: Some(self.basis()),
            urgency: Urgency::Flash,
            case: None,
            reason: "涉嫌冒充客服诈骗".to_owned(),
            duration_days: Some(90),
            origin: OrderOrigin::Person,
            secrecy_reason: None,
            skip_unfit: false,
            keep_draft: false,
        }
    }

    /// An order that waits for its review.
    pub(crate) async fn submitted(&self, targets: &[&str]) -> Order {
        self.link.dispose_subjects(handler(), self.press(targets)).await.unwrap().order
    }

    /// An order whose tasks are out.
    pub(crate) async fn issued(&self, targets: &[&str]) -> Order {
        let order = self.submitted(targets).await;
        let order = self.link.approve_order(approver(), agree(&order)).await.unwrap();
        assert_eq!(order.stage, OrderStage::Issued);
        order
    }

    /// The tasks of an order, in the order of its items.
    pub(crate) async fn tasks(&self, order: &Order) -> Vec<Task> {
        let filter = TaskFilter { order: Some(order.id), action: Some(TaskAction::Impose), ..TaskFilter::default() };
        let mut tasks: Vec<Task> = self
            .link
            .list_tasks(desk(), filter, page())
            .await
            .unwrap()
            .edges
            .into_iter()
            .map(|(_, task)| task)
            .collect();
        let items = self.link.items_of_order(handler(), order.id, page()).await;
        if let Ok(items) = items {
            let place: HashMap<_, _> = items.edges.iter().map(|(_, item)| (item.id, item.position)).collect();
            tasks.sort_by_key(|task| place.get(&task.item).copied());
        }
        tasks
    }

    pub(crate) async fn task(&self, id: TaskId) -> Task {
        self.link.tasks_by_ids(desk(), vec![id]).await.unwrap().pop().unwrap()
    }

    /// The same task after it was acknowledged and executed.
    pub(crate) async fn executed(&self, task: &Task, enterprise: &str) -> Task {
        self.link.acknowledge_task(duty(enterprise), AcknowledgeTask { answer: self.answer(task) }).await.unwrap();
        self.link.execute_task(duty(enterprise), self.execution(task)).await.unwrap()
    }

    /// The same task after it was executed and confirmed.
    pub(crate) async fn in_force(&self, task: &Task, enterprise: &str) -> Task {
        let task = self.executed(task, enterprise).await;
        let task = self.link.verify_task(desk(), self.check(&task, true)).await.unwrap();
        assert_eq!(task.state, TaskState::InForce);
        task
    }

    pub(crate) fn answer(&self, task: &Task) -> AnswerTo {
        AnswerTo { task: task.id, generation: task.generation, receipt: ReceiptId::new(self.now()) }
    }

    pub(crate) fn execution(&self, task: &Task) -> ExecuteTask {
        let evidence = Evidence {
            bss_order: "BSS-1".to_owned(),
            stop_type: "强停".to_owned(),
            executed_at: self.now(),
            functions: Vec::new(),
        };
        ExecuteTask { answer: self.answer(task), evidence, partial: false, note: None }
    }

    #[expect(clippy::unused_self, reason = "it reads like the other answers of this world")]
    pub(crate) fn check(&self, task: &Task, passed: bool) -> VerifyTask {
        VerifyTask { task: task.id, generation: task.generation, passed, method: VerifyMethod::Trial, note: None }
    }

    /// The release task of a task.
    pub(crate) async fn release_task(&self, task: &Task) -> Task {
        let all = self.link.tasks_by_items(desk(), vec![task.item]).await.unwrap();
        let undoes = |other: &Task| other.action == TaskAction::Release && other.reverses == Some(task.id);
        all.into_iter().find(undoes).unwrap()
    }

    /// Carries a release out and confirms it.
    pub(crate) async fn carry_out_release(&self, task: &Task, enterprise: &str) -> Task {
        let release = self.release_task(task).await;
        let release = self.executed(&release, enterprise).await;
        let release = self.link.verify_task(desk(), self.check(&release, true)).await.unwrap();
        assert_eq!(release.state, TaskState::Done);
        self.task(task.id).await
    }

    /// Everything on a task's timeline: what was done or tried, and the rule if it was refused.
    pub(crate) async fn timeline(&self, task: TaskId) -> Vec<(String, Option<String>)> {
        let page = PageRequest { first: Some(200), ..PageRequest::default() };
        let entries = self.link.timeline(desk(), TimelineOf::Task { task }, page).await.unwrap();
        entries.edges.into_iter().map(|(_, entry)| (entry.event, entry.refused_by)).collect()
    }

    /// Whether the timeline of a task ends with this attempt, refused by this rule.
    pub(crate) async fn assert_refused(&self, task: TaskId, event: &str, rule: &str) {
        let timeline = self.timeline(task).await;
        assert_eq!(timeline.last().unwrap(), &(event.to_owned(), Some(rule.to_owned())), "{timeline:?}");
    }

    /// What the ledger says of one action: its object, its details and its actor's organisation.
    pub(crate) async fn ledger(&self, action: &str) -> Vec<String> {
        let entries = self.database.database.ledger_entries(0, 10_000).await.unwrap();
        let texts = entries.into_iter().map(|entry| format!("{entry:?}"));
        texts.filter(|text| text.contains(&format!("\"{action}\""))).collect()
    }

    /// How often a topic was told.
    pub(crate) async fn told(&self, topic: &str) -> usize {
        let events = self.database.database.changes(0, 5_000).await.unwrap();
        events.iter().filter(|event| event.content.topic == topic).count()
    }

    /// Does everything that is due now, until nothing is.
    pub(crate) async fn work(&self) {
        for _ in 0..50 {
            if self.service.run_due().await.unwrap() == 0 {
                return;
            }
        }
        panic!("the jobs never come to rest");
    }
}

/// Agrees to an order as it was read.
pub(crate) fn agree(order: &Order) -> ApproveOrder {
    ApproveOrder { order: order.id, content_hash: order.content_hash.clone(), note: None }
}

/// Agrees to the longer time that a task shows.
pub(crate) fn renewal(task: &Task) -> ApproveRenewal {
    ApproveRenewal { task: task.id, version: task.version }
}

/// Agrees to the postponement that a notice shows.
pub(crate) fn deferral(notice: &Notice) -> ApproveDeferral {
    ApproveDeferral { notice: notice.id, version: notice.version }
}

pub(crate) fn because(order: &Order) -> OrderReason {
    OrderReason { order: order.id, reason: "情况有变".to_owned() }
}

pub(crate) fn case_id() -> CaseId {
    Id::derived(organisation("police-sz").uuid(), "case")
}
