//! The register of organisations and people, and who may see what of it.

use crate::stage::{PASSWORD, Stage, refused, rule, settings, stages};
use cordon_context::{Code, OrganisationKind, OrganisationLevel, PageRequest, Refusal, Region};
use cordon_directory_contract::{
    ChangeOrganisation, Contact, CreateOrganisation, CreatePerson, DirectoryClient as _, OrganisationFilter,
    PersonFilter, Responsibility, RevealPerson, SetPersonActive,
};

fn region(code: &str) -> Region {
    code.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_number_account_and_domain_finds_who_answers_for_it() {
    for stage in stages(settings()).await {
        let handler = stage.sign_in("chen.handler").await.actor;
        let expected = [
            ("network:mobile@440305", Some("mobile-440000")),
            ("network:mobile@650000", Some("mobile-650000")),
            ("network:mobile@710000", Some("carrier-mobile")),
            ("network:mobile", Some("carrier-mobile")),
            ("network:broadnet@440300", Some("broadnet-440000")),
            ("network:broadnet@110000", Some("carrier-broadnet")),
            ("mvno:lanjing", Some("mvno-lanjing")),
            ("mvno:unheard-of", None),
            ("platform:WeChat", Some("firm-weixun")),
            ("platform:telegram", None),
            ("registrar:Example  Names", Some("firm-yuming")),
            ("access:示例云接入", Some("firm-yunjieru")),
            ("app_store:example store", Some("firm-yingyong")),
            ("tld:top", Some("firm-yuming")),
        ];
        let questions = expected.iter().map(|(question, _)| question.parse().unwrap()).collect();
        let answers = stage.link.responsible_for(stage.call(&handler), questions).await.unwrap();
        for ((question, code), answer) in expected.iter().zip(answers) {
            assert_eq!(answer, code.map(|code| stage.organisation(code)), "{} {question}", stage.store.backend);
        }
    }
}

fn branch_change(stage: &Stage, code: &str) -> ChangeOrganisation {
    ChangeOrganisation {
        id: stage.organisation(code),
        version: 1,
        name: None,
        name_en: None,
        responsibilities: None,
        contact: None,
        active: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_group_answers_for_a_branch_that_is_stopped() {
    for stage in stages(settings()).await {
        let system = stage.sign_in("admin.system").await.actor;
        let input = ChangeOrganisation { active: Some(false), ..branch_change(&stage, "mobile-650000") };
        stage.link.change_organisation(stage.call(&system), input.clone()).await.unwrap();
        let question = vec![Responsibility::network("mobile", region("650100"))];
        let answers = stage.link.responsible_for(stage.call(&system), question).await.unwrap();
        assert_eq!(answers, [Some(stage.organisation("carrier-mobile"))], "{}", stage.store.backend);
        assert_eq!(
            refused(stage.link.change_organisation(stage.call(&system), input).await).code,
            Code::Conflict,
            "it was seen in another version"
        );
        let operator = ChangeOrganisation { active: Some(false), ..branch_change(&stage, "operator") };
        assert_eq!(rule(stage.link.change_organisation(stage.call(&system), operator).await), "organisation.operator");
    }
}

fn new_firm(code: &str) -> CreateOrganisation {
    CreateOrganisation {
        code: code.to_owned(),
        name: "示例新公司".to_owned(),
        name_en: String::new(),
        kind: OrganisationKind::InternetFirm,
        level: OrganisationLevel::Province,
        region: region("330000"),
        parent: None,
        responsibilities: vec!["platform:newcomer".parse().unwrap()],
        contact: Contact::default(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_is_entered_once_and_answers_for_what_is_free() {
    for stage in stages(settings()).await {
        let system = stage.sign_in("admin.system").await.actor;
        let made =
            stage.link.create_organisation(stage.keyed(&system, "make-the-firm"), new_firm("firm-new")).await.unwrap();
        let again =
            stage.link.create_organisation(stage.keyed(&system, "make-the-firm"), new_firm("firm-new")).await.unwrap();
        assert_eq!(made, again, "{}", stage.store.backend);
        for (input, expected) in [
            (new_firm("firm-new"), "organisation.code_taken"),
            (CreateOrganisation { code: "Ä".to_owned(), ..new_firm("x") }, "organisation.code"),
            (CreateOrganisation { name: " ".to_owned(), ..new_firm("firm-a") }, "text.length"),
            (
                CreateOrganisation { responsibilities: vec!["platform:wechat".parse().unwrap()], ..new_firm("firm-a") },
                "organisation.responsibility_taken",
            ),
            (
                CreateOrganisation {
                    responsibilities: vec!["network:new@440000".parse().unwrap()],
                    ..new_firm("firm-a")
                },
                "organisation.responsibility_region",
            ),
            (CreateOrganisation { level: OrganisationLevel::City, ..new_firm("firm-a") }, "organisation.level_region"),
            (
                CreateOrganisation { parent: Some(stage.organisation("ministry")), ..new_firm("firm-a") },
                "organisation.parent",
            ),
            (
                CreateOrganisation {
                    kind: OrganisationKind::Police,
                    parent: Some(stage.organisation("police-000000")),
                    ..new_firm("police-a")
                },
                "organisation.responsibility_kind",
            ),
        ] {
            assert_eq!(rule(stage.link.create_organisation(stage.call(&system), input).await), expected);
        }
        let refusal = refused(
            stage
                .link
                .create_organisation(
                    stage.call(&system),
                    CreateOrganisation {
                        parent: Some(cordon_context::Id::derived(made.id.uuid(), "none")),
                        ..new_firm("firm-b")
                    },
                )
                .await,
        );
        assert_eq!(refusal, Refusal::not_found());
        let handler = stage.sign_in("chen.handler").await.actor;
        assert_eq!(
            refused(stage.link.create_organisation(stage.call(&handler), new_firm("firm-c")).await).code,
            Code::Denied
        );
        let loaded = stage.link.organisations_by_ids(stage.call(&handler), vec![made.id]).await.unwrap();
        assert_eq!(loaded, [made]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_trees_hold_every_organisation_once() {
    for stage in stages(settings()).await {
        let handler = stage.sign_in("chen.handler").await.actor;
        let mut seen = Vec::new();
        let mut request = PageRequest { first: Some(37), after: None, count: true };
        loop {
            let page = stage
                .link
                .organisations(stage.call(&handler), OrganisationFilter::default(), request.clone())
                .await
                .unwrap();
            assert_eq!(page.total, Some(u64::try_from(stage.demo.organisations.len()).unwrap()));
            request.after = page.edges.last().map(|(cursor, _)| cursor.clone());
            seen.extend(page.edges.into_iter().map(|(_, organisation)| organisation.id));
            if !page.has_next {
                break;
            }
        }
        let count = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!(
            (seen.len(), count),
            (stage.demo.organisations.len(), stage.demo.organisations.len()),
            "{}",
            stage.store.backend
        );

        let tree = stage
            .link
            .organisation_tree(stage.call(&handler), Some(stage.organisation("police-440000")))
            .await
            .unwrap();
        let codes: Vec<&str> = tree.iter().map(|organisation| organisation.code.as_str()).collect();
        assert_eq!(
            codes,
            [
                "police-440000",
                "police-440100",
                "police-440106",
                "police-440300",
                "police-440304",
                "police-440305",
                "police-440306"
            ]
        );
        let whole = stage.link.organisation_tree(stage.call(&handler), None).await.unwrap();
        assert_eq!(whole.len(), count);

        let filter = OrganisationFilter {
            kinds: vec![OrganisationKind::CarrierBranch],
            region: Some(region("440000")),
            ..OrganisationFilter::default()
        };
        let branches = stage.link.organisations(stage.call(&handler), filter, PageRequest::default()).await.unwrap();
        assert_eq!(branches.edges.len(), 4);
        let filter = OrganisationFilter { text: Some("example wei".to_owned()), ..OrganisationFilter::default() };
        let found = stage.link.organisations(stage.call(&handler), filter, PageRequest::default()).await.unwrap();
        assert_eq!(
            found.edges.iter().map(|(_, organisation)| organisation.code.as_str()).collect::<Vec<_>>(),
            ["firm-weixun"]
        );
        let filter = OrganisationFilter { text: Some("%".to_owned()), ..OrganisationFilter::default() };
        assert!(
            stage
                .link
                .organisations(stage.call(&handler), filter, PageRequest::default())
                .await
                .unwrap()
                .edges
                .is_empty(),
            "a wildcard is a letter"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enterprise_sees_its_own_people_and_nobody_else() {
    for stage in stages(settings()).await {
        let manager = stage.sign_in("mobile.manager").await.actor;
        let page = stage
            .link
            .people(
                stage.call(&manager),
                PersonFilter::default(),
                PageRequest { first: None, after: None, count: true },
            )
            .await
            .unwrap();
        assert_eq!(page.total, Some(3), "{}", stage.store.backend);
        assert!(
            page.edges
                .iter()
                .all(|(_, person)| person.organisation == manager.organisation && person.masked_name.ends_with("**"))
        );
        let asked = vec![stage.person("mobile.duty"), stage.person("chen.handler"), stage.person("unicom.duty")];
        let found = stage.link.people_by_ids(stage.call(&manager), asked.clone()).await.unwrap();
        assert_eq!(found.iter().map(|person| person.id).collect::<Vec<_>>(), [stage.person("mobile.duty")]);
        let filter =
            PersonFilter { organisation: Some(stage.organisation("police-440300")), ..PersonFilter::default() };
        assert!(
            stage.link.people(stage.call(&manager), filter, PageRequest::default()).await.unwrap().edges.is_empty()
        );
        assert!(
            stage
                .link
                .roles_of_people(stage.call(&manager), asked.clone())
                .await
                .unwrap()
                .iter()
                .all(|role| role.organisation == manager.organisation)
        );

        // Foreign and unknown are the same answer, byte for byte.
        let foreign = stage.person("chen.handler");
        let unknown = cordon_context::Id::derived(foreign.uuid(), "unknown");
        let mut answers = Vec::new();
        for person in [foreign, unknown] {
            let stop = SetPersonActive { person, version: 1, active: false, reason: "试探".to_owned() };
            answers.push(refused(stage.link.set_person_active(stage.call(&manager), stop).await));
            answers.push(refused(
                stage
                    .link
                    .reveal_person(stage.call(&manager), RevealPerson { person, reason: "试探".to_owned() })
                    .await,
            ));
            answers.push(refused(stage.link.revoke_sessions_of(stage.call(&manager), person).await));
            answers.push(refused(stage.link.reset_code(stage.call(&manager), person).await));
        }
        assert!(answers.iter().all(|answer| *answer == Refusal::not_found()), "{answers:?}");
        // The negative controls: security administration sees everybody, a handler nobody.
        let security = stage.sign_in("admin.security").await.actor;
        assert_eq!(stage.link.people_by_ids(stage.call(&security), asked.clone()).await.unwrap().len(), 3);
        let handler = stage.sign_in("chen.handler").await.actor;
        assert_eq!(refused(stage.link.people_by_ids(stage.call(&handler), asked).await).code, Code::Denied);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_entered_with_a_first_password_shown_once() {
    for stage in stages(settings()).await {
        let system = stage.sign_in("admin.system").await.actor;
        let input = CreatePerson {
            organisation: stage.organisation("police-440305"),
            login: "New.Comer".to_owned(),
            name: "新示例".to_owned(),
            post: "办案民警".to_owned(),
        };
        let made = stage.link.create_person(stage.keyed(&system, "enter-somebody"), input.clone()).await.unwrap();
        let again = stage.link.create_person(stage.keyed(&system, "enter-somebody"), input.clone()).await.unwrap();
        assert_eq!(made.person, again.person, "{}", stage.store.backend);
        assert_eq!(again.first_password, None, "a secret is shown once");
        let first = made.first_password.unwrap();
        assert!(stage.try_sign_in("new.comer", first.expose(), None).await.is_ok());
        assert_eq!(rule(stage.link.create_person(stage.call(&system), input.clone()).await), "person.login_taken");
        let revealed = stage
            .link
            .reveal_person(stage.call(&system), RevealPerson { person: made.person.id, reason: "核对身份".to_owned() })
            .await
            .unwrap();
        assert_eq!((revealed.login.as_str(), revealed.name.as_str()), ("new.comer", "新示例"));

        // An enterprise enters its own people, under its own prefix, so that a taken login tells nothing about others.
        let manager = stage.sign_in("mobile.manager").await.actor;
        let own =
            |login: &str| CreatePerson { organisation: manager.organisation, login: login.to_owned(), ..input.clone() };
        assert_eq!(
            rule(stage.link.create_person(stage.call(&manager), own("chen.handler")).await),
            "person.login_prefix"
        );
        assert_eq!(
            rule(stage.link.create_person(stage.call(&manager), own("nobody.there")).await),
            "person.login_prefix"
        );
        assert!(stage.link.create_person(stage.call(&manager), own("mobile-440000.wang")).await.is_ok());
        let foreign = CreatePerson { organisation: stage.organisation("unicom-440000"), ..own("unicom-440000.wang") };
        assert_eq!(refused(stage.link.create_person(stage.call(&manager), foreign).await), Refusal::not_found());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demonstration_is_the_same_however_often_it_is_made() {
    for stage in stages(settings()).await {
        let events = stage.store.database.changes(0, 10_000).await.unwrap().len();
        let again = stage
            .directory
            .seed_demo(&cordon_directory_contract::Secret::new("another phrase for the demo"))
            .await
            .unwrap();
        assert_eq!(stage.store.database.changes(0, 10_000).await.unwrap().len(), events, "{}", stage.store.backend);
        assert!(stage.demo.clients.iter().all(|client| client.secret.is_some()));
        assert!(again.clients.iter().all(|client| client.secret.is_none()));
        assert_eq!(again.people.len(), stage.demo.people.len());
        // Nothing is overwritten: the first password still is the password.
        assert!(stage.try_sign_in("chen.handler", PASSWORD, None).await.is_ok());
        assert!(stage.directory.seed_demo(&cordon_directory_contract::Secret::new("short")).await.is_err());
    }
}
