//! A directory with the demonstration country, on every database that there is, called through its contract.

use std::sync::Arc;

use cordon_context::{Actor, CallContext, Clock, IdempotencyKey, ManualClock, Refusal, Role};
use cordon_directory::{
    DemoDirectory, Directory, DirectorySettings, LockOutSettings, Parts, PasswordSettings, SessionSettings, build,
};
use cordon_directory_contract::{
    Authenticate, AuthenticateClient, AuthenticatedClient, ChangePassword, CreatePerson, DirectoryClient as _,
    GiveRole, Secret, SignIn, SignInOutcome, SignedIn,
};
use cordon_migrations::directory::Migrator;
use cordon_policies::{Authorizer, Gate, LoggedDenials};
use cordon_rpc::{Link, refusal_of};
use cordon_testkit::{TestDatabase, test_databases};
use cordon_vault::{LocalKeyService, Suite, Vault};
use jsonrpsee::core::ClientError;
use tempfile::TempDir;
use totp_rs::{Builder, Secret as CodeSecret};

pub(crate) const PASSWORD: &str = "pass phrase of the demo";
/// A password that somebody chose for themselves.
pub(crate) const OWN: &str = "an own and longer phrase";

pub(crate) struct Stage {
    pub(crate) directory: Directory,
    pub(crate) link: Link,
    pub(crate) clock: ManualClock,
    pub(crate) store: TestDatabase,
    pub(crate) demo: DemoDirectory,
    vault: Arc<Vault>,
    gate: Arc<Gate>,
    _keys: TempDir,
}

/// Settings that make tests quick; what a test is about it sets itself.
pub(crate) fn settings() -> DirectorySettings {
    DirectorySettings {
        password: PasswordSettings { memory_kib: 64, passes: 1, lanes: 1, parallel: 4, longest_wait_ms: 30_000 },
        lock_out: LockOutSettings {
            free_attempts: 5,
            first_wait_seconds: 30,
            longest_wait_seconds: 600,
            forget_after_hours: 24,
        },
        session: SessionSettings { idle_minutes: 30, longest_hours: 12, keep_days: 90 },
        code_required: Vec::new(),
        ..DirectorySettings::default()
    }
}

/// One stage for each database.
pub(crate) async fn stages(settings: DirectorySettings) -> Vec<Stage> {
    let clock = cordon_testkit::clock();
    let mut stages = Vec::new();
    for store in test_databases::<Migrator>("directory", Arc::new(clock.clone())).await {
        let keys = tempfile::tempdir().unwrap();
        let service = LocalKeyService::open_or_create(&keys.path().join("keys"), Suite::Aes256GcmSha256).unwrap();
        let vault = Arc::new(Vault::new(Arc::new(service), "directory"));
        let gate = Arc::new(Gate::new(Arc::new(Authorizer::embedded().unwrap()), Arc::new(LoggedDenials)));
        let directory = open(&store, &gate, &vault, &clock, settings.clone());
        let demo = directory.seed_demo(&Secret::new(PASSWORD)).await.unwrap();
        let link = Link::local(directory.methods());
        stages.push(Stage { directory, link, clock: clock.clone(), store, demo, vault, gate, _keys: keys });
    }
    stages
}

fn open(
    store: &TestDatabase,
    gate: &Arc<Gate>,
    vault: &Arc<Vault>,
    clock: &ManualClock,
    settings: DirectorySettings,
) -> Directory {
    build(Parts {
        database: store.database.clone(),
        gate: Arc::clone(gate),
        vault: Arc::clone(vault),
        clock: Arc::new(clock.clone()),
        settings,
    })
    .unwrap()
}

impl Stage {
    /// The same rows under another program run, perhaps with other settings.
    pub(crate) fn restarted(&self, settings: DirectorySettings) -> Link {
        Link::local(open(&self.store, &self.gate, &self.vault, &self.clock, settings).methods())
    }

    pub(crate) fn call(&self, actor: &Actor) -> CallContext {
        CallContext { actor: actor.clone(), ..CallContext::system("a test", self.clock.now()) }
    }

    pub(crate) fn keyed(&self, actor: &Actor, key: &str) -> CallContext {
        CallContext { idempotency_key: Some(key.parse::<IdempotencyKey>().unwrap()), ..self.call(actor) }
    }

    pub(crate) fn gateway(&self) -> CallContext {
        self.call(&Actor::system("gateway"))
    }

    pub(crate) async fn try_sign_in(
        &self,
        login: &str,
        password: &str,
        code: Option<&str>,
    ) -> Result<SignInOutcome, Refusal> {
        sign_in_over(&self.link, self.gateway(), login, password, code).await
    }

    /// Signs somebody of the demonstration in.
    pub(crate) async fn sign_in(&self, login: &str) -> SignedIn {
        match self.try_sign_in(login, PASSWORD, None).await.unwrap() {
            SignInOutcome::SignedIn(signed_in) => *signed_in,
            SignInOutcome::CodeRequired => panic!("{login} needs a code"),
        }
    }

    pub(crate) async fn authenticate(&self, token: &Secret) -> Result<Actor, Refusal> {
        let input = Authenticate { token: token.clone(), activity: true };
        self.link.authenticate(self.gateway(), input).await.map_err(|error| refusal_of(&error))
    }

    pub(crate) async fn authenticate_client(&self, input: AuthenticateClient) -> Result<AuthenticatedClient, Refusal> {
        self.link.authenticate_client(self.gateway(), input).await.map_err(|error| refusal_of(&error))
    }

    /// A second security administrator beside the one of the demonstration.
    pub(crate) async fn second_security(&self) -> Actor {
        let (system, security) = (self.sign_in("admin.system").await.actor, self.sign_in("admin.security").await.actor);
        let input = CreatePerson {
            organisation: Actor::platform_organisation(),
            login: "second.security".to_owned(),
            name: "周示例".to_owned(),
            post: String::new(),
        };
        let entered = self.link.create_person(self.call(&system), input).await.unwrap();
        let input = GiveRole { person: entered.person.id, role: Role::SecurityAdmin, valid_from: None, valid_to: None };
        self.link.give_role(self.call(&security), input).await.unwrap();
        let first = entered.first_password.unwrap();
        let SignInOutcome::SignedIn(newcomer) =
            self.try_sign_in("second.security", first.expose(), None).await.unwrap()
        else {
            panic!("nobody has a code here")
        };
        let input = ChangePassword { current: first, new: Secret::new(OWN) };
        self.link.change_password(self.call(&newcomer.actor), input).await.unwrap();
        self.authenticate(&newcomer.token).await.unwrap()
    }

    /// Signs somebody in again who has chosen a password of their own.
    pub(crate) async fn again(&self, login: &str) -> Actor {
        match self.try_sign_in(login, OWN, None).await.unwrap() {
            SignInOutcome::SignedIn(signed_in) => signed_in.actor,
            SignInOutcome::CodeRequired => panic!("{login} needs a code"),
        }
    }

    /// Makes a new first password for somebody without a one-time code, as two security administrators do.
    pub(crate) async fn reset_password(&self, one: &Actor, two: &Actor, person: cordon_context::PersonId) -> Secret {
        let alone = self.link.reset_password(self.call(one), person).await;
        assert_eq!(rule(alone), "credential.second_administrator", "{}", self.store.backend);
        self.link.reset_password(self.call(two), person).await.unwrap().first_password.unwrap()
    }

    pub(crate) fn person(&self, login: &str) -> cordon_context::PersonId {
        self.demo.person(login).unwrap().id
    }

    pub(crate) fn organisation(&self, code: &str) -> cordon_context::OrganisationId {
        self.demo.organisation(code).unwrap()
    }
}

pub(crate) async fn sign_in_over(
    link: &Link,
    ctx: CallContext,
    login: &str,
    password: &str,
    code: Option<&str>,
) -> Result<SignInOutcome, Refusal> {
    let input = SignIn {
        login: login.to_owned(),
        password: Secret::new(password),
        code: code.map(Secret::from),
        origin: Some("192.0.2.10 Test Browser".to_owned()),
    };
    link.sign_in(ctx, input).await.map_err(|error| refusal_of(&error))
}

/// The refusal that a call ended with.
pub(crate) fn refused<T: std::fmt::Debug>(outcome: Result<T, ClientError>) -> Refusal {
    refusal_of(&outcome.unwrap_err())
}

/// The rule by which a call was refused.
pub(crate) fn rule<T: std::fmt::Debug>(outcome: Result<T, ClientError>) -> String {
    let refusal = refused(outcome);
    refusal.rule.clone().unwrap_or_else(|| refusal.code.as_str().to_owned())
}

/// Enrols a code for a signed-in person and gives a function that makes its codes.
pub(crate) async fn enrol(stage: &Stage, actor: &Actor) -> impl Fn(i64) -> String {
    assert_eq!(
        rule(stage.link.enrol_code(stage.call(actor), Secret::new("not the password at all")).await),
        "password.wrong"
    );
    let enrolment = stage.link.enrol_code(stage.call(actor), Secret::new(PASSWORD)).await.unwrap();
    assert!(enrolment.address.expose().starts_with("otpauth://totp/Cordon:"));
    let secret = CodeSecret::try_from_base32(enrolment.secret.expose()).unwrap();
    let generator = Builder::new().with_secret(secret).with_skew(1).build().unwrap();
    let seconds = stage.clock.now().millis() / 1_000;
    move |later| generator.generate(u64::try_from(seconds + later).unwrap()).to_string()
}
