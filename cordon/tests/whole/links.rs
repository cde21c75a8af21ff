//! A real service over both links: whatever its contract carries survives the way through another process.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::time::Duration;

use actix_web::{App, HttpServer};
use cordon_context::{Actor, CallContext, Clock as _, Code, ManualClock, OrganisationKind, OrganisationLevel, Refusal};
use cordon_directory::{Directory, DirectorySettings, Parts, PasswordSettings};
use cordon_directory_contract::{
    Authenticate, Contact, CreateOrganisation, DirectoryClient as _, Secret, SignIn, SignInOutcome, SignedIn,
};
use cordon_migrations::directory::Migrator;
use cordon_policies::{Authorizer, Gate, LoggedDenials};
use cordon_rpc::{CallKey, Link, RemoteSettings, mount, refusal_of};
use cordon_testkit::{TestDatabase, test_databases};
use cordon_vault::{LocalKeyService, Suite, Vault};
use tempfile::TempDir;

const PASSWORD: &str = "pass phrase of the demo";

async fn directory(store: &TestDatabase, keys: &TempDir, clock: &ManualClock) -> Directory {
    let service = LocalKeyService::open_or_create(&keys.path().join("keys"), Suite::Aes256GcmSha256).unwrap();
    let password = PasswordSettings { memory_kib: 64, passes: 1, ..PasswordSettings::default() };
    let directory = cordon_directory::build(Parts {
        database: store.database.clone(),
        gate: Arc::new(Gate::new(Arc::new(Authorizer::embedded().unwrap()), Arc::new(LoggedDenials))),
        vault: Arc::new(Vault::new(Arc::new(service), "directory")),
        clock: Arc::new(clock.clone()),
        settings: DirectorySettings { password, code_required: Vec::new(), ..DirectorySettings::default() },
    })
    .unwrap();
    directory.seed_demo(&Secret::new(PASSWORD)).await.unwrap();
    directory
}

/// The same service behind a socket.
fn remote(directory: &Directory, clock: &ManualClock) -> Link {
    // Another test of this process may have been first.
    let _already = rustls::crypto::ring::default_provider().install_default();
    let key = || CallKey::new([3; 32]).unwrap();
    let mounted = mount(directory.methods(), key(), Arc::new(clock.clone()));
    let server =
        HttpServer::new(move || App::new().configure(mounted.clone())).workers(1).bind(("127.0.0.1", 0)).unwrap();
    let base_url = format!("http://{}", server.addrs().pop().unwrap());
    actix_web::rt::spawn(server.run());
    let clock = Arc::new(clock.clone());
    Link::remote(RemoteSettings { base_url, key: key(), clock, timeout: Duration::from_secs(20) }).unwrap()
}

fn call(actor: &Actor, clock: &ManualClock) -> CallContext {
    CallContext { actor: actor.clone(), ..CallContext::system("test", clock.now()) }
}

async fn sign_in(link: &Link, clock: &ManualClock, login: &str, password: &str) -> Result<SignedIn, Refusal> {
    let input = SignIn { login: login.to_owned(), password: Secret::new(password), code: None, origin: None };
    let outcome = link.sign_in(CallContext::system("gateway", clock.now()), input).await;
    match outcome.map_err(|error| refusal_of(&error))? {
        SignInOutcome::SignedIn(signed_in) => Ok(*signed_in),
        SignInOutcome::CodeRequired => panic!("nobody has a code here"),
    }
}

#[actix_web::test]
async fn the_directory_answers_the_same_over_both_links() {
    let clock = cordon_testkit::clock();
    for store in test_databases::<Migrator>("directory", Arc::new(clock.clone())).await {
        let keys = tempfile::tempdir().unwrap();
        let service = directory(&store, &keys, &clock).await;
        let (near, far) = (Link::local(service.methods()), remote(&service, &clock));

        // A session that was opened over one link counts over the other.
        let admin = sign_in(&near, &clock, "admin.system", PASSWORD).await.unwrap();
        let asked = Authenticate { token: admin.token.clone(), activity: true };
        let seen = far.authenticate(CallContext::system("gateway", clock.now()), asked).await.unwrap();
        assert_eq!(seen, admin.actor, "{}", store.backend);
        let handler = sign_in(&far, &clock, "chen.handler", PASSWORD).await.unwrap().actor;

        let mine = || call(&handler, &clock);
        assert_eq!(near.profile(mine()).await.unwrap(), far.profile(mine()).await.unwrap());
        let tree = near.organisation_tree(mine(), None).await.unwrap();
        assert!(tree.len() > 20, "{}", tree.len());
        assert_eq!(tree, far.organisation_tree(mine(), None).await.unwrap());

        // One effect under one key, over whichever link it is asked for.
        let input = CreateOrganisation {
            code: "police-second".to_owned(),
            name: "示例公安机关".to_owned(),
            name_en: String::new(),
            kind: OrganisationKind::Police,
            level: OrganisationLevel::Ministry,
            region: "000000".parse().unwrap(),
            parent: None,
            responsibilities: Vec::new(),
            contact: Contact::default(),
        };
        let keyed =
            || CallContext { idempotency_key: Some("over-both-links".parse().unwrap()), ..call(&admin.actor, &clock) };
        let first = far.create_organisation(keyed(), input.clone()).await.unwrap();
        assert_eq!(near.create_organisation(keyed(), input.clone()).await.unwrap(), first);

        // Refusals keep their code, rule and words.
        let denied = refusal_of(&near.create_organisation(mine(), input.clone()).await.unwrap_err());
        assert_eq!((denied.code, denied.rule.as_deref()), (Code::Denied, Some("policy.organisation.create")));
        assert_eq!(refusal_of(&far.create_organisation(mine(), input).await.unwrap_err()), denied);
        let wrong = sign_in(&near, &clock, "li.approver", "not the pass phrase").await.unwrap_err();
        assert_eq!(sign_in(&far, &clock, "li.approver", "not the pass phrase").await.unwrap_err(), wrong);
    }
}
