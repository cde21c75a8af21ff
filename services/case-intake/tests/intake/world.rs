//! A running service with a police organ, another one far away, a hotline, an authority and two carriers.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use cordon_case_intake::{CaseIntake, CaseIntakeSettings, ImportMode, ImportSource, Parts};
use cordon_case_intake_contract::{Case, CaseIntakeClient, Channel, FileReport, FraudType, Import, OpenCase, Report};
use cordon_context::{
    Actor, ActorKind, CallContext, Clock, Code, ManualClock, OrganisationId, OrganisationKind, OrganisationLevel,
    Refusal, Role, Timestamp,
};
use cordon_directory_contract::Organisation;
use cordon_identifier::ProtectedList;
use cordon_migrations::case_intake::Migrator;
use cordon_policies::{Authorizer, Gate, LoggedDenials};
use cordon_rpc::{Link, RpcFailure, refusal_of};
use cordon_store::Database;
use cordon_testkit::{TestDatabase, call, organisation, test_databases_apart};
use cordon_vault::{LocalKeyService, Suite, Vault};
use jsonrpsee::RpcModule;
use jsonrpsee::core::ClientError;
use tempfile::TempDir;

pub(crate) struct World {
    pub(crate) link: Link,
    pub(crate) service: CaseIntake,
    pub(crate) clock: ManualClock,
    pub(crate) folder: TempDir,
    pub(crate) backend: &'static str,
    pub(crate) store: TestDatabase,
    pub(crate) standing: Arc<Standing>,
}

/// What the directory says when it is asked who somebody is now.
pub(crate) struct Standing {
    /// So many times they are who they were.
    pub(crate) times: AtomicI64,
    /// And what is said from then on.
    pub(crate) then: Mutex<Then>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Then {
    Ended,
    WithoutDuties,
    Away,
}

impl Default for Standing {
    fn default() -> Self {
        Self { times: AtomicI64::new(i64::MAX), then: Mutex::new(Then::Ended) }
    }
}

impl Standing {
    pub(crate) fn set(&self, times: i64, then: Then) {
        *self.then.lock().unwrap() = then;
        self.times.store(times, Ordering::SeqCst);
    }

    fn of(&self, before: &ActorKind) -> Result<Actor, RpcFailure> {
        let known = [handler(), analyst(), clerk(), stranger()].map(|call| call.actor);
        let refused = |refusal: Refusal| Err(RpcFailure(refusal));
        let Some(actor) = known.into_iter().find(|actor| actor.kind == *before) else {
            return refused(Refusal::new(Code::Unauthenticated));
        };
        if self.times.fetch_sub(1, Ordering::SeqCst) > 0 {
            return Ok(actor);
        }
        match *self.then.lock().unwrap() {
            Then::Ended => refused(Refusal::new(Code::Unauthenticated)),
            Then::WithoutDuties => Ok(Actor { roles: Vec::new(), ..actor }),
            Then::Away => refused(Refusal::unavailable()),
        }
    }
}

/// One world on each database.
pub(crate) async fn worlds() -> Vec<World> {
    worlds_with(CaseIntakeSettings::default()).await
}

pub(crate) async fn worlds_with(settings: CaseIntakeSettings) -> Vec<World> {
    let mut worlds = Vec::new();
    for (store, clock) in test_databases_apart::<Migrator>("case-intake").await {
        let folder = tempfile::tempdir().unwrap();
        let settings = {
            let mut settings = settings.clone();
            settings.imports.upload_folder = folder.path().join("uploads");
            std::fs::create_dir(&settings.imports.upload_folder).unwrap();
            settings
        };
        let standing = Arc::new(Standing::default());
        let keys = folder.path().join("keys");
        let service = build(&store.database, &keys, &clock, settings, Arc::clone(&standing));
        let link = Link::local(service.methods());
        worlds.push(World { link, service, clock, folder, backend: store.backend, store, standing });
    }
    worlds
}

fn build(
    database: &Database,
    keys: &Path,
    clock: &ManualClock,
    settings: CaseIntakeSettings,
    standing: Arc<Standing>,
) -> CaseIntake {
    let keys = LocalKeyService::open_or_create(keys, Suite::Aes256GcmSha256).unwrap();
    let gate = Gate::new(Arc::new(Authorizer::embedded().unwrap()), Arc::new(LoggedDenials));
    cordon_case_intake::build(Parts {
        database: database.clone(),
        gate: Arc::new(gate),
        vault: Arc::new(Vault::new(Arc::new(keys), "case-intake")),
        clock: Arc::new(clock.clone()),
        directory: directory(standing),
        protected: Arc::new(ProtectedList::built_in().clone()),
        settings,
    })
}

/// A directory that knows the organisations of the world, and who its people are now.
fn directory(standing: Arc<Standing>) -> Link {
    let known = [
        ("city police", OrganisationKind::Police, true),
        ("far police", OrganisationKind::Police, true),
        ("closed police", OrganisationKind::Police, false),
        ("hotline", OrganisationKind::Police, true),
        ("authority", OrganisationKind::CommAuthority, true),
        ("carrier A", OrganisationKind::CarrierBranch, true),
        ("carrier B", OrganisationKind::CarrierBranch, true),
        ("closed carrier", OrganisationKind::CarrierBranch, false),
    ];
    let mut module = RpcModule::new(known.map(|(name, kind, active)| known_organisation(name, kind, active)));
    module
        .register_method("directory.organisations_by_ids", |params, known, _| {
            let (_ctx, ids): (CallContext, Vec<OrganisationId>) = params.parse().unwrap();
            Ok::<_, RpcFailure>(known.iter().filter(|known| ids.contains(&known.id)).cloned().collect::<Vec<_>>())
        })
        .unwrap();
    module
        .register_method("directory.present_actor", move |params, _, _| {
            let (_ctx, before): (CallContext, ActorKind) = params.parse().unwrap();
            standing.of(&before)
        })
        .unwrap();
    Link::local(module)
}

fn known_organisation(name: &str, kind: OrganisationKind, active: bool) -> Organisation {
    Organisation {
        id: organisation(name),
        code: "x".to_owned(),
        name: "示例".to_owned(),
        name_en: String::new(),
        kind,
        level: OrganisationLevel::Province,
        region: "440000".parse().unwrap(),
        parent: None,
        responsibilities: Vec::new(),
        contact: cordon_directory_contract::Contact::default(),
        active,
        created_at: Timestamp::from_millis(0),
        version: 1,
    }
}

pub(crate) fn police(login: &str, role: Role) -> Actor {
    cordon_testkit::actor(login, "city police", OrganisationKind::Police, OrganisationLevel::City, "440300", &[role])
}

pub(crate) fn handler() -> CallContext {
    call(&police("handler", Role::PoliceHandler))
}

pub(crate) fn approver() -> CallContext {
    call(&police("approver", Role::PoliceApprover))
}

pub(crate) fn analyst() -> CallContext {
    call(&police("analyst", Role::Analyst))
}

/// A commander who sees everything.
pub(crate) fn ministry() -> Actor {
    let kind = OrganisationKind::Ministry;
    cordon_testkit::actor("m", "ministry", kind, OrganisationLevel::Ministry, "000000", &[Role::MinistryCommander])
}

/// A handler of an organ far away, who must not see anything of the first one.
pub(crate) fn stranger() -> CallContext {
    let kind = OrganisationKind::Police;
    call(&cordon_testkit::actor("other", "far police", kind, OrganisationLevel::City, "510100", &[Role::PoliceHandler]))
}

pub(crate) fn clerk() -> CallContext {
    let kind = OrganisationKind::Police;
    call(&cordon_testkit::actor("clerk", "hotline", kind, OrganisationLevel::Province, "440000", &[Role::HotlineClerk]))
}

pub(crate) fn carrier(name: &str) -> CallContext {
    let kind = OrganisationKind::CarrierBranch;
    call(&cordon_testkit::actor("duty", name, kind, OrganisationLevel::Province, "440000", &[Role::EnterpriseDuty]))
}

pub(crate) fn authority() -> CallContext {
    let kind = OrganisationKind::CommAuthority;
    call(&cordon_testkit::actor(
        "officer",
        "authority",
        kind,
        OrganisationLevel::Province,
        "440000",
        &[Role::RegulatorOfficer],
    ))
}

pub(crate) fn administrator() -> CallContext {
    let kind = OrganisationKind::PlatformOperator;
    call(&cordon_testkit::actor("admin", "platform", kind, OrganisationLevel::Ministry, "000000", &[Role::SystemAdmin]))
}

pub(crate) fn org(name: &str) -> OrganisationId {
    organisation(name)
}

/// A report with this number and text, in the city of the first organ.
pub(crate) fn report(number: &str, text: &str) -> FileReport {
    FileReport {
        channel: Channel::Police,
        external_id: number.to_owned(),
        received_at: None,
        region: "440305".parse().unwrap(),
        fraud_type: FraudType::FakeLoan,
        loss_cents: 100_000,
        victim_phone: Some("13900139000".to_owned()),
        text: text.to_owned(),
    }
}

/// What a call was refused with.
pub(crate) fn refusal<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> Refusal {
    refusal_of(&answer.expect_err("the call must be refused"))
}

/// The rule by which a call was refused.
pub(crate) fn rule<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> String {
    let refusal = refusal(answer);
    refusal.rule.unwrap_or_else(|| refusal.code.as_str().to_owned())
}

impl World {
    pub(crate) async fn file(&self, number: &str, text: &str) -> Report {
        self.link.file_report(handler(), report(number, text)).await.unwrap()
    }

    /// A case of two reports that name two numbers, a domain, a hotline and the victim's own number.
    pub(crate) async fn case(&self) -> Case {
        let first = self.file("A1", "致电13800138000，登录 evil-site.top，咨询96110，本机13900139000").await;
        let second = self.file("A2", "加微信abcdef123 或 138-0013-8000").await;
        let input = OpenCase {
            title: "贷款诈骗".to_owned(),
            fraud_type: FraudType::FakeLoan,
            region: None,
            reports: vec![first.id, second.id],
            participants: vec![],
        };
        self.link.open_case(handler(), input).await.unwrap()
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// A file in the upload folder.
    pub(crate) fn upload(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join("uploads").join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    pub(crate) async fn import(&self, ctx: &CallContext, path: &Path, mode: ImportMode) -> Result<Import, Refusal> {
        let source = ImportSource { path: path.to_owned(), file_name: "reports.csv".to_owned() };
        self.service.import_reports(ctx, source, mode, |_progress| {}).await
    }

    /// How many rows a table has.
    pub(crate) async fn count(&self, table: &str) -> i64 {
        use sea_orm::ConnectionTrait as _;
        let reader = self.store.database.reader();
        let row = reader.query_one_raw(sea_orm::Statement::from_string(
            reader.get_database_backend(),
            format!("SELECT COUNT(*) AS count FROM {table}"),
        ));
        row.await.unwrap().unwrap().try_get("", "count").unwrap()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The topics of all events so far, in order.
    pub(crate) async fn topics(&self) -> Vec<String> {
        let events = self.store.database.changes(0, 10_000).await.unwrap();
        events.into_iter().map(|event| event.content.topic).collect()
    }
}

pub(crate) const HEADER: &str = "report_id,received_at,channel,region,fraud_type,loss_cents,victim_phone,text";

/// A good row of a file.
pub(crate) fn row(number: usize) -> String {
    format!(
        "N{number},2026-08-15T08:02:45+08:00,12321,440300,fake_loan,{number},13900139000,致电13800138000 第{}号骗局",
        word(number)
    )
}

/// A word of its own for every number, so that no two texts are near each other.
fn word(number: usize) -> String {
    const SIGNS: [char; 10] = ['甲', '乙', '丙', '丁', '戊', '己', '庚', '辛', '壬', '癸'];
    number.to_string().chars().map(|digit| SIGNS[usize::try_from(digit.to_digit(10).unwrap()).unwrap()]).collect()
}

/// A file of so many good rows.
pub(crate) fn file_of(rows: usize) -> String {
    let mut content = String::from(HEADER);
    for number in 0..rows {
        content.push('\n');
        content.push_str(&row(number));
    }
    content.push('\n');
    content
}
