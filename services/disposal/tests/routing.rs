//! Routing on every database: the plan, the tables, the directory, the desk, and what executors teach.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cordon_context::{
    Actor, CallContext, Code, ManualClock, OrganisationId, OrganisationKind, OrganisationLevel, PageRequest, Region,
    Role,
};
use cordon_directory_contract::{Organisation, Responsibility};
use cordon_disposal::routing::{Question, Router, RouterParts, RoutingSettings};
use cordon_disposal_contract::Measure;
use cordon_disposal_contract::routing::{
    Destination, ImportRouting, RemoveRoutingEntry, Route, RouteObstacle, RouteQuestion, RoutingClient, RoutingTable,
    SetRoutingEntry,
};
use cordon_identifier::{Identifier, Kind};
use cordon_migrations::disposal::Migrator;
use cordon_policies::{Authorizer, Gate, LoggedDenials};
use cordon_rpc::{Link, RpcFailure, refusal_of};
use cordon_testkit::{TestDatabase, actor, call, organisation, test_databases};
use cordon_vault::{LocalKeyService, Suite, Vault};
use jsonrpsee::RpcModule;

/// A directory with two methods, which counts how often it is asked.
fn directory(entries: &[(&str, &str)], calls: &Arc<AtomicUsize>) -> Link {
    struct Known {
        answers: HashMap<String, OrganisationId>,
        calls: Arc<AtomicUsize>,
    }
    let answers = entries.iter().map(|(what, who)| ((*what).to_owned(), organisation(who))).collect();
    let mut module = RpcModule::new(Known { answers, calls: Arc::clone(calls) });
    module
        .register_method("directory.responsible_for", |params, known, _| {
            known.calls.fetch_add(1, Ordering::SeqCst);
            let (_ctx, asked): (CallContext, Vec<Responsibility>) = params.parse().unwrap();
            let answer = |responsibility: &Responsibility| match responsibility {
                Responsibility::Network { network, region } if *region != Region::COUNTRY => {
                    known.answers.get(&format!("network:{network}@{}", region.province())).copied()
                }
                other => known.answers.get(&other.to_string()).copied(),
            };
            Ok::<_, RpcFailure>(asked.iter().map(answer).collect::<Vec<_>>())
        })
        .unwrap();
    module
        .register_method("directory.organisations_by_ids", |params, known, _| {
            known.calls.fetch_add(1, Ordering::SeqCst);
            let (_ctx, ids): (CallContext, Vec<OrganisationId>) = params.parse().unwrap();
            let known: Vec<_> =
                ids.into_iter().filter(|id| known.answers.values().any(|known| known == id)).map(enterprise).collect();
            Ok::<_, RpcFailure>(known)
        })
        .unwrap();
    Link::local(module)
}

fn enterprise(id: OrganisationId) -> Organisation {
    Organisation {
        id,
        code: "x".to_owned(),
        name: "示例".to_owned(),
        name_en: String::new(),
        kind: OrganisationKind::CarrierBranch,
        level: OrganisationLevel::Province,
        region: "440000".parse().unwrap(),
        parent: None,
        responsibilities: Vec::new(),
        contact: cordon_directory_contract::Contact::default(),
        active: true,
        created_at: cordon_context::Timestamp::from_millis(0),
        version: 1,
    }
}

const DIRECTORY: &[(&str, &str)] = &[
    ("network:mobile@440000", "mobile-gd"),
    ("network:mobile@430000", "mobile-hn"),
    ("network:unicom@440000", "unicom-gd"),
    ("network:telecom@440000", "telecom-gd"),
    ("network:broadnet", "broadnet"),
    ("mvno:example", "mvno-example"),
    ("registrar:示例域名", "registrar"),
    ("access:示例云", "cloud"),
    ("platform:wechat", "wechat-firm"),
    ("platform:qq.com", "mail-firm"),
    ("app_store:store.example.com", "store"),
    ("tld:cn", "registry-cn"),
];

struct Stage {
    router: Router,
    link: Link,
    clock: ManualClock,
    database: TestDatabase,
    calls: Arc<AtomicUsize>,
    _keys: tempfile::TempDir,
}

async fn stages() -> Vec<Stage> {
    let clock = cordon_testkit::clock();
    let databases = test_databases::<Migrator>("disposal", Arc::new(clock.clone())).await;
    databases
        .into_iter()
        .map(|database| {
            let keys = tempfile::tempdir().unwrap();
            let service = LocalKeyService::open_or_create(&keys.path().join("keys"), Suite::Aes256GcmSha256).unwrap();
            let calls = Arc::new(AtomicUsize::new(0));
            let router = Router::new(RouterParts {
                database: database.database.clone(),
                gate: Arc::new(Gate::new(Arc::new(Authorizer::embedded().unwrap()), Arc::new(LoggedDenials))),
                vault: Arc::new(Vault::new(Arc::new(service), "disposal")),
                clock: Arc::new(clock.clone()),
                directory: directory(DIRECTORY, &calls),
                settings: RoutingSettings::default(),
            });
            let link = Link::local(router.methods());
            Stage { router, link, clock: clock.clone(), database, calls, _keys: keys }
        })
        .collect()
}

fn admin() -> Actor {
    let kind = OrganisationKind::PlatformOperator;
    actor("admin", "operator", kind, OrganisationLevel::Ministry, "000000", &[Role::SystemAdmin])
}

impl Stage {
    async fn import(&self, table: RoutingTable, csv: &str) -> (u64, Vec<String>) {
        let mut lines = csv.lines().map(|line| line.trim().split(',').map(str::to_owned).collect::<Vec<_>>());
        let header = lines.next().unwrap();
        let input = ImportRouting {
            table,
            origin: "table.csv".to_owned(),
            header,
            rows: lines.collect(),
            first_row: 2,
            dry_run: false,
        };
        let outcome = self.link.import(call(&admin()), input).await.unwrap();
        let bad = outcome.bad.into_iter().map(|bad| format!("{}:{}:{}", bad.row, bad.column, bad.code)).collect();
        (outcome.good, bad)
    }

    async fn route(&self, kind: Kind, value: &str, hint: Option<&str>) -> Route {
        let subject = Identifier::parse(kind, value).unwrap();
        self.router.route(&subject, hint.map(|hint| hint.parse().unwrap())).await.unwrap()
    }

    async fn to(&self, kind: Kind, value: &str, hint: Option<&str>) -> Result<OrganisationId, RouteObstacle> {
        destination(&self.route(kind, value, hint).await)
    }
}

fn destination(route: &Route) -> Result<OrganisationId, RouteObstacle> {
    match &route.destination {
        Destination::Executor { organisation } => Ok(*organisation),
        Destination::Desk { obstacle, .. } => Err(*obstacle),
    }
}

#[tokio::test]
async fn every_kind_goes_to_somebody_or_to_the_desk_with_a_reason() {
    for stage in stages().await {
        let (good, bad) = stage
            .import(
                RoutingTable::Segment,
                "prefix,network,mvno,region\n1380013,mobile,,440300\n1387311,mobile,,430100\n1700123,,example,440100\n0755,telecom,,440300\n4008,telecom,,440000",
            )
            .await;
        assert_eq!((good, bad.len()), (5, 0));
        stage
            .import(
                RoutingTable::Domain,
                "domain,registrar,access_provider\nfraud-shop.com,示例域名,示例云\nunknown-seller.com,没有的注册商,",
            )
            .await;
        stage.import(RoutingTable::Address, "range,access_provider\n203.0.113.0/24,示例云").await;
        for (kind, value, hint, expected) in [
            (Kind::Phone, "13800138000", None, Ok("mobile-gd")),
            (Kind::Phone, "13873110000", None, Ok("mobile-hn")),
            // The home of a segment counts more than a hint.
            (Kind::Phone, "13873110000", Some("440300"), Ok("mobile-hn")),
            (Kind::Phone, "13100000000", Some("440300"), Ok("unicom-gd")),
            (Kind::Phone, "13100000000", None, Err(RouteObstacle::RegionUnknown)),
            (Kind::Phone, "13100000000", Some("110000"), Err(RouteObstacle::NobodyAnswers)),
            (Kind::Phone, "19200000000", None, Ok("broadnet")),
            (Kind::Phone, "17001230000", None, Ok("mvno-example")),
            // A reseller that no table knows: the carrier below can say who it is.
            (Kind::Phone, "17090000000", Some("440300"), Ok("unicom-gd")),
            (Kind::FixedLine, "075588886666", None, Ok("telecom-gd")),
            (Kind::FixedLine, "02088886666", Some("440100"), Err(RouteObstacle::NetworkUnknown)),
            (Kind::Number400, "4008123456", None, Ok("telecom-gd")),
            (Kind::Domain, "www.fraud-shop.com", None, Ok("registrar")),
            (Kind::Url, "https://www.fraud-shop.com/pay", None, Ok("cloud")),
            (Kind::Url, "http://203.0.113.7/pay", None, Ok("cloud")),
            (Kind::Ip, "203.0.113.7", None, Ok("cloud")),
            (Kind::Ip, "198.51.100.7", None, Err(RouteObstacle::AccessUnknown)),
            (Kind::Domain, "nobody-knows.com", None, Err(RouteObstacle::RegistrarUnknown)),
            (Kind::Domain, "unknown-seller.com", None, Err(RouteObstacle::NobodyAnswers)),
            // The registry is asked where nobody nearer is known.
            (Kind::Domain, "nobody-knows.cn", None, Ok("registry-cn")),
            (Kind::Wechat, "wxid_fraud01", None, Ok("wechat-firm")),
            (Kind::Qq, "123456789", None, Err(RouteObstacle::NobodyAnswers)),
            (Kind::Email, "fraud@qq.com", None, Ok("mail-firm")),
            (Kind::BankCard, "6222021234567890128", None, Err(RouteObstacle::MoneySide)),
            (Kind::IdNumber, "11010519491231002X", None, Err(RouteObstacle::NotExecutable)),
        ] {
            let expected = expected.map(organisation);
            assert_eq!(stage.to(kind, value, hint).await, expected, "{value} on {}", stage.database.backend);
        }
        let route = stage.route(Kind::Phone, "17001230000", None).await;
        assert_eq!((route.resolver.as_str(), route.carrier_current.as_deref()), ("segment", Some("mvno:example")));
        let question = |measure| Question {
            subject: Identifier::parse(Kind::Url, "https://store.example.com/app/1").unwrap(),
            region_hint: None,
            measure: Some(measure),
        };
        let routes =
            stage.router.route_many(&[question(Measure::DelistApp), question(Measure::Takedown)]).await.unwrap();
        assert_eq!(destination(&routes[0]), Ok(organisation("store")));
        assert_eq!(destination(&routes[1]), Err(RouteObstacle::AccessUnknown));
    }
}

#[tokio::test]
async fn a_ported_number_follows_the_table_and_a_hint_only_until_the_table_is_newer() {
    for stage in stages().await {
        let number = Identifier::parse(Kind::Phone, "13800138000").unwrap();
        let hint = Some("440300");
        let now_at = async || stage.to(Kind::Phone, "13800138000", hint).await.unwrap();
        assert_eq!(now_at().await, organisation("mobile-gd"));
        stage.import(RoutingTable::Portability, "number,network,valid_from\n13800138000,unicom,2026-01-31").await;
        assert_eq!(now_at().await, organisation("unicom-gd"), "an import is seen at once");
        let route = stage.route(Kind::Phone, "13800138000", hint).await;
        assert_eq!(
            (route.carrier_original.as_deref(), route.carrier_current.as_deref(), route.resolver.as_str()),
            (Some("mobile"), Some("unicom"), "portability")
        );

        // Unicom answers that it was taken on to Telecom.
        stage.clock.advance(Duration::from_hours(1));
        let learn = async |to: &'static str, by: &'static str| {
            let (router, number) = (stage.router.clone(), number.clone());
            let ctx = CallContext::system("routing", cordon_context::Clock::now(&stage.clock));
            let write = stage.database.database.write(&ctx, move |mut tx| async move {
                router.learn_ported(&mut tx, &number, organisation(to), organisation(by)).await?;
                tx.commit(()).await
            });
            write.await.unwrap();
        };
        learn("telecom-gd", "unicom-gd").await;
        assert_eq!(now_at().await, organisation("telecom-gd"));
        assert_eq!(stage.route(Kind::Phone, "13800138000", hint).await.resolver, "executor");
        // A hint that nothing confirms is forgotten.
        stage.clock.advance(Duration::from_hours(24 * 31));
        assert_eq!(now_at().await, organisation("unicom-gd"));
        learn("telecom-gd", "unicom-gd").await;
        assert_eq!(now_at().await, organisation("telecom-gd"));
        // A newer table outweighs it.
        stage.clock.advance(Duration::from_hours(1));
        stage.import(RoutingTable::Portability, "number,network,valid_from\n13800138000,mobile,2026-11-01").await;
        assert_eq!(now_at().await, organisation("mobile-gd"));
        // A person outweighs all.
        let set = SetRoutingEntry {
            table: RoutingTable::Portability,
            key: "138 0013 8000".to_owned(),
            holder: organisation("broadnet").to_string(),
            region: None,
            reason: "运营商书面确认".to_owned(),
        };
        let shown = stage.link.set_entry(call(&admin()), set).await.unwrap();
        assert_eq!(shown.key, "***********");
        assert_eq!(now_at().await, organisation("broadnet"));
        let remove = RemoveRoutingEntry {
            table: RoutingTable::Portability,
            key: "13800138000".to_owned(),
            reason: "更正".to_owned(),
        };
        assert!(stage.link.remove_entry(call(&admin()), remove.clone()).await.unwrap());
        assert!(!stage.link.remove_entry(call(&admin()), remove).await.unwrap());
        assert_eq!(now_at().await, organisation("mobile-gd"));
        // A hint towards somebody who does not exist any more goes to the desk, not to nobody.
        stage.clock.advance(Duration::from_hours(1));
        learn("gone", "mobile-gd").await;
        assert_eq!(stage.to(Kind::Phone, "13800138000", hint).await, Err(RouteObstacle::NobodyAnswers));
        let forget = |named: &'static str| {
            let (router, subject) = (stage.router.clone(), number.clone());
            let ctx = CallContext::system("routing", cordon_context::Clock::now(&stage.clock));
            let database = stage.database.database.clone();
            async move {
                let write = database.write(&ctx, move |mut tx| async move {
                    router.unlearn_ported(&mut tx, &subject, organisation(named)).await?;
                    tx.commit(()).await
                });
                write.await
            }
        };
        // That somebody else does not have it says nothing about whom the hint names.
        forget("unicom-gd").await.unwrap();
        assert_eq!(stage.to(Kind::Phone, "13800138000", hint).await, Err(RouteObstacle::NobodyAnswers));
        forget("gone").await.unwrap();
        assert_eq!(now_at().await, organisation("mobile-gd"));
    }
}

#[tokio::test]
async fn numbers_that_cannot_be_taken_elsewhere_are_not_looked_up_as_such() {
    for stage in stages().await {
        stage.import(RoutingTable::Portability, "number,network\n17090000000,telecom").await;
        assert_eq!(stage.to(Kind::Phone, "17090000000", Some("440300")).await, Ok(organisation("unicom-gd")));
    }
}

#[tokio::test]
async fn ten_thousand_targets_take_a_handful_of_calls_and_none_is_left_out() {
    for stage in stages().await {
        let subjects: Vec<Question> = (0..10_000_u32)
            .map(|index| Question {
                subject: Identifier::parse(Kind::Phone, &format!("138{:08}", index * 7_919 % 100_000_000)).unwrap(),
                region_hint: Some("440300".parse().unwrap()),
                measure: None,
            })
            .collect();
        let ported: Vec<_> = (0..10_000_usize).step_by(100).collect();
        let rows: Vec<_> = ported.iter().map(|index| format!("{},unicom", subjects[*index].subject.value())).collect();
        let (good, bad) =
            stage.import(RoutingTable::Portability, &format!("number,network\n{}", rows.join("\n"))).await;
        assert_eq!((good, bad.len()), (100, 0));
        let routes = stage.router.route_many(&subjects).await.unwrap();
        assert_eq!(routes.len(), subjects.len());
        assert_eq!(stage.calls.load(Ordering::SeqCst), 1, "one call to the directory");
        for (index, route) in routes.iter().enumerate() {
            let expected = if index % 100 == 0 { "unicom-gd" } else { "mobile-gd" };
            assert_eq!(destination(route), Ok(organisation(expected)), "{index}");
        }
    }
}

#[tokio::test]
async fn bad_rows_are_named_and_good_ones_kept_and_whole_numbers_are_not_readable() {
    for stage in stages().await {
        let csv = "号码,网络,生效时间\n13800138000,联通,2026-01-31\nabc,联通,\n13800138001,橙子,\n13800138002,移动,昨天\n1390000,电信,";
        let (good, bad) = stage.import(RoutingTable::Portability, csv).await;
        assert_eq!(good, 2);
        assert_eq!(bad, ["3:number:bad_number", "4:network:bad_network", "5:valid_from:bad_date"]);
        let (good, bad) = stage.import(RoutingTable::Portability, "号码\n13800138000").await;
        assert_eq!((good, bad), (0, vec!["1:network:missing_column".to_owned()]));
        // The same file again changes nothing, and a dry run does not even try.
        stage.import(RoutingTable::Portability, csv).await;
        let input = ImportRouting {
            table: RoutingTable::Portability,
            origin: "x".into(),
            header: vec!["number".into(), "network".into()],
            rows: vec![vec!["13800138009".into(), "unicom".into()]],
            first_row: 2,
            dry_run: true,
        };
        assert_eq!(stage.link.import(call(&admin()), input).await.unwrap().good, 1);
        let counted = PageRequest { count: true, ..PageRequest::default() };
        let list = stage.link.list_entries(call(&admin()), RoutingTable::Portability, counted).await.unwrap();
        assert_eq!(list.total, Some(1));
        assert_eq!(list.edges[0].1.key, "***********");
        if stage.database.backend == "sqlite" {
            let path = stage.database.settings.url.trim_start_matches("sqlite:").to_owned();
            for file in [path.clone(), format!("{path}-wal")] {
                let bytes = std::fs::read(&file).unwrap_or_default();
                assert!(!bytes.windows(11).any(|window| window == b"13800138000"), "{file}");
            }
        }
    }
}

#[tokio::test]
async fn only_who_may_changes_tables_and_what_cannot_be_read_still_gets_a_route() {
    for stage in stages().await {
        let police = actor(
            "handler",
            "police",
            OrganisationKind::Police,
            OrganisationLevel::City,
            "440300",
            &[Role::PoliceHandler],
        );
        let question = |value: &str| RouteQuestion {
            kind: Kind::Phone,
            value: value.to_owned(),
            region_hint: Some("440300".parse().unwrap()),
            measure: None,
        };
        let routes = stage
            .link
            .route(call(&police), vec![question("13800138000"), question("12"), question("13100000000")])
            .await
            .unwrap();
        let found: Vec<_> = routes.iter().map(destination).collect();
        assert_eq!(
            found,
            [Ok(organisation("mobile-gd")), Err(RouteObstacle::Unreadable), Ok(organisation("unicom-gd"))]
        );
        let set = SetRoutingEntry {
            table: RoutingTable::Segment,
            key: "138".to_owned(),
            holder: "network:unicom".to_owned(),
            region: None,
            reason: "x".to_owned(),
        };
        let denied = stage.link.set_entry(call(&police), set.clone()).await.unwrap_err();
        assert_eq!(refusal_of(&denied).code, Code::Denied);
        let broken = SetRoutingEntry { holder: "network:".to_owned(), ..set.clone() };
        let invalid = stage.link.set_entry(call(&admin()), broken).await.unwrap_err();
        assert_eq!(refusal_of(&invalid).field.as_deref(), Some("holder"));
        // The overlay outweighs the plan and an import.
        stage.import(RoutingTable::Segment, "prefix,network,region\n138,telecom,440000").await;
        assert_eq!(stage.to(Kind::Phone, "13800138000", Some("440300")).await, Ok(organisation("telecom-gd")));
        stage.link.set_entry(call(&admin()), set).await.unwrap();
        assert_eq!(stage.to(Kind::Phone, "13800138000", Some("440300")).await, Ok(organisation("unicom-gd")));
    }
}
