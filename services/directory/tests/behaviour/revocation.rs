//! Whatever takes a right away counts with the next request.

use crate::stage::{PASSWORD, Stage, refused, settings, stages};
use cordon_context::{Actor, ActorKind, CallContext, Clock as _, Code, Role};
use cordon_directory_contract::{
    ChangeOrganisation, ChangePassword, DirectoryClient as _, Secret, SetPersonActive, WithdrawRole, topic,
};

async fn is_out(stage: &Stage, token: &Secret) -> bool {
    stage.authenticate(token).await.is_err_and(|refusal| refusal.code == Code::Unauthenticated)
}

async fn topics(stage: &Stage) -> Vec<String> {
    let mut topics: Vec<String> =
        stage.store.database.changes(0, 10_000).await.unwrap().into_iter().map(|event| event.content.topic).collect();
    topics.sort();
    topics.dedup();
    topics
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_and_ending_a_session_count_at_once() {
    for stage in stages(settings()).await {
        let (one, other) = (stage.sign_in("chen.handler").await, stage.sign_in("chen.handler").await);
        stage.link.sign_out(stage.call(&one.actor)).await.unwrap();
        assert!(is_out(&stage, &one.token).await && !is_out(&stage, &other.token).await, "{}", stage.store.backend);
        let third = stage.sign_in("chen.handler").await;
        stage.link.revoke_session(stage.call(&other.actor), third.session).await.unwrap();
        assert!(is_out(&stage, &third.token).await);
        assert!(topics(&stage).await.contains(&topic::SESSION_REVOKED.to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_ends_a_strangers_session_but_security_administration() {
    for stage in stages(settings()).await {
        let (handler, approver) = (stage.sign_in("chen.handler").await, stage.sign_in("li.approver").await);
        let foreign = refused(stage.link.revoke_session(stage.call(&handler.actor), approver.session).await);
        let unknown = refused(
            stage
                .link
                .revoke_session(
                    stage.call(&handler.actor),
                    cordon_context::Id::derived(approver.session.uuid(), "unknown"),
                )
                .await,
        );
        assert_eq!(foreign, unknown);
        assert_eq!(foreign.code, Code::Denied);
        assert!(!is_out(&stage, &approver.token).await);
        // An enterprise ends sessions of its own people; others are not there for it.
        let manager = stage.sign_in("mobile.manager").await.actor;
        let refusal = refused(stage.link.revoke_sessions_of(stage.call(&manager), stage.person("li.approver")).await);
        assert_eq!(refusal.code, Code::NotFound);
        let duty = stage.sign_in("mobile.duty").await;
        assert_eq!(stage.link.revoke_sessions_of(stage.call(&manager), stage.person("mobile.duty")).await.unwrap(), 1);
        assert!(is_out(&stage, &duty.token).await, "{}", stage.store.backend);
        let security = stage.sign_in("admin.security").await.actor;
        stage.link.revoke_session(stage.call(&security), approver.session).await.unwrap();
        assert!(is_out(&stage, &approver.token).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_the_password_ends_the_other_sessions() {
    for stage in stages(settings()).await {
        let (mine, elsewhere) = (stage.sign_in("chen.handler").await, stage.sign_in("chen.handler").await);
        let input = ChangePassword { current: Secret::new(PASSWORD), new: Secret::new("a new and better phrase") };
        stage.link.change_password(stage.call(&mine.actor), input).await.unwrap();
        assert!(is_out(&stage, &elsewhere.token).await, "{}", stage.store.backend);
        assert!(!is_out(&stage, &mine.token).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_the_password_in_a_stolen_session_is_slowed_down_too() {
    for stage in stages(settings()).await {
        let stolen = stage.sign_in("chen.handler").await;
        for guess in 0..6 {
            let input = ChangePassword {
                current: Secret::new(format!("guess number {guess} of many")),
                new: Secret::new("a new and better phrase"),
            };
            let refusal = refused(stage.link.change_password(stage.call(&stolen.actor), input).await);
            let expected = if guess < 5 { Code::Invalid } else { Code::RateLimited };
            assert_eq!(refusal.code, expected, "{} {guess}", stage.store.backend);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_role_a_stopped_person_and_a_stopped_organisation_count_at_once() {
    for stage in stages(settings()).await {
        let (handler, approver, duty) = (
            stage.sign_in("chen.handler").await,
            stage.sign_in("li.approver").await,
            stage.sign_in("mobile.duty").await,
        );
        let (security, system) =
            (stage.sign_in("admin.security").await.actor, stage.sign_in("admin.system").await.actor);

        let held = stage.link.roles_of_people(stage.call(&security), vec![stage.person("chen.handler")]).await.unwrap();
        let [assignment] = held.as_slice() else { panic!("{held:?}") };
        let input = WithdrawRole { assignment: assignment.id, reason: "调离岗位".to_owned() };
        stage.link.withdraw_role(stage.call(&security), input).await.unwrap();
        assert_eq!(
            stage.authenticate(&handler.token).await.unwrap().roles,
            Vec::<Role>::new(),
            "{}",
            stage.store.backend
        );

        let input = SetPersonActive {
            person: stage.person("li.approver"),
            version: 1,
            active: false,
            reason: "调离岗位".to_owned(),
        };
        stage.link.set_person_active(stage.call(&system), input).await.unwrap();
        assert!(is_out(&stage, &approver.token).await);

        let branch = stage.organisation("mobile-440000");
        let client = stage.demo.client("mobile-440000").unwrap();
        let program = cordon_directory_contract::AuthenticateClient {
            client: client.id,
            secret: client.secret.clone().unwrap(),
            address: None,
        };
        assert!(stage.authenticate_client(program.clone()).await.is_ok());
        let input = ChangeOrganisation {
            id: branch,
            version: 1,
            name: None,
            name_en: None,
            responsibilities: None,
            contact: None,
            active: Some(false),
        };
        stage.link.change_organisation(stage.call(&system), input).await.unwrap();
        assert!(is_out(&stage, &duty.token).await);
        assert!(stage.try_sign_in("mobile.duty", PASSWORD, None).await.is_err());
        assert_eq!(stage.authenticate_client(program).await.unwrap_err().code, Code::Unauthenticated);

        let topics = topics(&stage).await;
        for expected in
            [topic::ROLE_CHANGED, topic::PERSON_CHANGED, topic::ORGANISATION_CHANGED, topic::SESSION_REVOKED]
        {
            assert!(topics.contains(&expected.to_owned()), "{expected}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn resetting_a_password_or_a_code_ends_the_persons_sessions() {
    for stage in stages(settings()).await {
        let security = stage.sign_in("admin.security").await.actor;
        let person = stage.person("chen.handler");
        let before = stage.sign_in("chen.handler").await;
        stage.link.reset_code(stage.call(&security), person).await.unwrap();
        assert!(is_out(&stage, &before.token).await, "{}", stage.store.backend);
        let (before, person) = (stage.sign_in("li.approver").await, stage.person("li.approver"));
        stage.reset_password(&stage.second_security().await, &security, person).await;
        assert!(is_out(&stage, &before.token).await);
        let own = security.person().unwrap();
        assert_eq!(
            crate::stage::rule(stage.link.reset_password(stage.call(&security), own).await),
            "password.reset_self"
        );
        let handler: Actor = before.actor;
        assert_eq!(
            refused(stage.link.reset_password(stage.call(&handler), stage.person("chen.handler")).await).code,
            Code::Denied
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn old_sessions_and_forgotten_counts_are_deleted() {
    for stage in stages(settings()).await {
        stage.sign_in("chen.handler").await;
        stage.try_sign_in("nobody.at.all", PASSWORD, None).await.unwrap_err();
        assert_eq!(stage.directory.run_due(cordon_context::Clock::now(&stage.clock)).await.unwrap(), 0);
        stage.clock.advance(std::time::Duration::from_hours(24 * 91));
        assert_eq!(
            stage.directory.run_due(cordon_context::Clock::now(&stage.clock)).await.unwrap(),
            2,
            "{}",
            stage.store.backend
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_somebody_is_now_follows_session_account_and_duties() {
    for stage in stages(settings()).await {
        let (one, other) = (stage.sign_in("chen.handler").await, stage.sign_in("chen.handler").await);
        let ask = async |actor: &Actor| {
            let asking = CallContext::system("import", stage.clock.now());
            stage.link.present_actor(asking, actor.kind.clone()).await
        };
        assert_eq!(ask(&one.actor).await.unwrap(), one.actor, "{}", stage.store.backend);
        // Only the platform asks.
        let refusal = refused(stage.link.present_actor(stage.call(&one.actor), one.actor.kind.clone()).await);
        assert_eq!(refusal.code, Code::Denied);
        stage.link.sign_out(stage.call(&one.actor)).await.unwrap();
        assert_eq!(refused(ask(&one.actor).await).code, Code::Unauthenticated, "{}", stage.store.backend);
        // The negative control: the other session is still there, and nobody is somebody else in it.
        assert_eq!(ask(&other.actor).await.unwrap(), other.actor);
        let (ActorKind::Person { session, .. }, li) = (other.actor.kind.clone(), stage.person("li.approver")) else {
            panic!("a person signed in");
        };
        let mixed = Actor { kind: ActorKind::Person { person: li, session }, ..other.actor.clone() };
        assert_eq!(refused(ask(&mixed).await).code, Code::Unauthenticated);
    }
}
