//! What is kept nowhere in the clear.

use crate::stage::{PASSWORD, Stage, rule, settings, stages};
use cordon_context::Clock as _;
use cordon_directory::{Administrator, Installation, Parts, build};
use cordon_directory_contract::{DirectoryClient as _, RevealPerson, Secret};
use sea_orm::{ConnectionTrait as _, Statement};

/// Everything that the ledger, the outbox and the idempotency records say, as one text.
async fn trail(stage: &Stage) -> String {
    let reader = stage.store.database.reader();
    let mut text = String::new();
    for (table, columns) in [
        ("ledger_entry", ["actor", "object_id", "payload"].as_slice()),
        ("outbox", &["subject", "payload", "audience"]),
        ("idempotency", &["operation", "key"]),
    ] {
        let rows = reader
            .query_all_raw(Statement::from_string(reader.get_database_backend(), format!("SELECT * FROM {table}")))
            .await
            .unwrap();
        for row in rows {
            for column in columns {
                text.push_str(&row.try_get::<Option<String>>("", column).unwrap().unwrap_or_default());
                text.push('\n');
            }
        }
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_no_name_and_no_login_is_stored_in_the_clear() {
    for stage in stages(settings()).await {
        let signed_in = stage.sign_in("chen.handler").await;
        let enrolment = stage.link.enrol_code(stage.call(&signed_in.actor), Secret::new(PASSWORD)).await.unwrap();
        let security = stage.sign_in("admin.security").await.actor;
        let two = stage.second_security().await;
        let wang = stage.person("wang.handler");
        let alone = stage.link.reset_password(stage.keyed(&security, "reset-the-password"), wang).await;
        assert_eq!(rule(alone), "credential.second_administrator");
        let first = stage.link.reset_password(stage.keyed(&two, "reset-the-password-2"), wang).await.unwrap();
        let reveal = RevealPerson { person: stage.person("wang.handler"), reason: "核对身份".to_owned() };
        stage.link.reveal_person(stage.call(&security), reveal).await.unwrap();
        stage.try_sign_in("chen.handler", "a wrong password typed", None).await.unwrap_err();
        stage.try_sign_in("mistyped.login", "a wrong password typed", None).await.unwrap_err();
        let manager = stage.sign_in("mobile.manager").await.actor;
        let input = cordon_directory_contract::CreateClient {
            organisation: manager.organisation,
            label: "处置接口".to_owned(),
            valid_days: None,
            allowed_addresses: Vec::new(),
        };
        let client = stage.link.create_client(stage.keyed(&manager, "make-one-client"), input).await.unwrap();

        let raw_code = totp_rs::Secret::try_from_base32(enrolment.secret.expose()).unwrap();
        let mut hidden: Vec<Vec<u8>> = vec![raw_code.as_ref().to_vec()];
        hidden.extend(
            [
                PASSWORD,
                "a wrong password typed",
                "mistyped.login",
                signed_in.token.expose(),
                enrolment.secret.expose(),
                first.first_password.as_ref().unwrap().expose(),
                client.secret.as_ref().unwrap().expose(),
                stage.demo.client("carrier-mobile").unwrap().secret.as_ref().unwrap().expose(),
                "chen.handler",
                "陈示例",
                "王示例",
                "Test Browser",
            ]
            .map(|text| text.as_bytes().to_vec()),
        );
        let trail = trail(&stage).await;
        assert!(
            trail.contains("police-440300") && trail.contains("核对身份"),
            "the negative control: the trail was read"
        );
        for needle in hidden.iter().filter_map(|needle| std::str::from_utf8(needle).ok()) {
            assert!(!trail.contains(needle), "{} keeps {needle:?} in its trail", stage.store.backend);
        }
        if let Some(path) = stage.store.settings.url.strip_prefix("sqlite:") {
            let mut bytes = Vec::new();
            for suffix in ["", "-wal"] {
                bytes.extend(std::fs::read(format!("{path}{suffix}")).unwrap_or_default());
            }
            let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
            assert!(
                holds("police-440300".as_bytes()) && holds("处置接口".as_bytes()),
                "the negative control: the file was read"
            );
            for needle in &hidden {
                assert!(!holds(needle), "the file keeps {}", String::from_utf8_lossy(needle));
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_of_rights_is_in_the_ledger() {
    for stage in stages(settings()).await {
        let security = stage.sign_in("admin.security").await.actor;
        let person = stage.person("chen.handler");
        let input = cordon_directory_contract::GiveRole {
            person,
            role: cordon_context::Role::Analyst,
            valid_from: None,
            valid_to: None,
        };
        let given = stage.link.give_role(stage.call(&security), input).await.unwrap();
        let input = cordon_directory_contract::WithdrawRole { assignment: given.id, reason: "轮岗".to_owned() };
        stage.link.withdraw_role(stage.call(&security), input).await.unwrap();
        stage.try_sign_in("chen.handler", "a wrong password typed", None).await.unwrap_err();
        let reader = stage.store.database.reader();
        let statement = "SELECT action, actor, object_id, outcome FROM ledger_entry ORDER BY seq DESC LIMIT 3";
        let rows =
            reader.query_all_raw(Statement::from_string(reader.get_database_backend(), statement)).await.unwrap();
        let texts: Vec<[String; 4]> = rows
            .iter()
            .map(|row| ["action", "actor", "object_id", "outcome"].map(|column| row.try_get("", column).unwrap()))
            .collect();
        let actor = security.party();
        assert_eq!(
            texts,
            [
                ["sign_in.refuse".to_owned(), "system:gateway".to_owned(), person.to_string(), "denied".to_owned()],
                ["role.withdraw".to_owned(), actor.clone(), given.id.to_string(), "done".to_owned()],
                ["role.give".to_owned(), actor, given.id.to_string(), "done".to_owned()],
            ],
            "{}",
            stage.store.backend
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_installation_gets_its_three_administrators_once() {
    let clock = cordon_testkit::clock();
    for store in cordon_testkit::test_databases::<cordon_migrations::directory::Migrator>(
        "directory",
        std::sync::Arc::new(clock.clone()),
    )
    .await
    {
        let keys = tempfile::tempdir().unwrap();
        let service = cordon_vault::LocalKeyService::open_or_create(
            &keys.path().join("keys"),
            cordon_vault::Suite::Aes256GcmSha256,
        )
        .unwrap();
        let authorizer = std::sync::Arc::new(cordon_policies::Authorizer::embedded().unwrap());
        let directory = build(Parts {
            database: store.database.clone(),
            gate: std::sync::Arc::new(cordon_policies::Gate::new(
                authorizer,
                std::sync::Arc::new(cordon_policies::LoggedDenials),
            )),
            vault: std::sync::Arc::new(cordon_vault::Vault::new(std::sync::Arc::new(service), "directory")),
            clock: std::sync::Arc::new(clock.clone()),
            settings: settings(),
        })
        .unwrap();
        let administrator = |login: &str| Administrator { login: login.to_owned(), name: "某某".to_owned() };
        let installation = Installation {
            operator: "运营中心".to_owned(),
            system_admin: administrator("first.system"),
            security_admin: administrator("first.security"),
            auditor: administrator("first.auditor"),
        };
        let first = directory.bootstrap(installation.clone()).await.unwrap();
        assert_eq!(first.people.len(), 3);
        let link = cordon_rpc::Link::local(directory.methods());
        let gateway = cordon_context::CallContext::system("gateway", clock.now());
        for (role, login, password) in &first.people {
            let outcome = crate::stage::sign_in_over(&link, gateway.clone(), login, password.expose(), None).await;
            assert!(outcome.is_ok(), "{role} on {}", store.backend);
        }
        let again = directory.bootstrap(installation).await.unwrap_err();
        assert_eq!(again.rule.as_deref(), Some("bootstrap.not_empty"));
    }
}
