//! Nobody takes over an account alone, and nothing that was under way undoes a reset.

use std::time::Duration;

use crate::stage::{PASSWORD, Stage, refused, rule, settings, stages};
use cordon_context::{Actor, Code, Role};
use cordon_directory_contract::{ChangePassword, CreatePerson, DirectoryClient as _, GiveRole, Secret, SignInOutcome};

const OWN: &str = "an own and longer phrase";

/// A second security administrator beside the one of the demonstration.
async fn second_security(stage: &Stage) -> Actor {
    let (system, security) = (stage.sign_in("admin.system").await.actor, stage.sign_in("admin.security").await.actor);
    let input = CreatePerson {
        organisation: Actor::platform_organisation(),
        login: "second.security".to_owned(),
        name: "周示例".to_owned(),
        post: String::new(),
    };
    let entered = stage.link.create_person(stage.call(&system), input).await.unwrap();
    let input = GiveRole { person: entered.person.id, role: Role::SecurityAdmin, valid_from: None, valid_to: None };
    stage.link.give_role(stage.call(&security), input).await.unwrap();
    let first = entered.first_password;
    let SignInOutcome::SignedIn(newcomer) = stage.try_sign_in("second.security", first.expose(), None).await.unwrap()
    else {
        panic!("nobody has a code here")
    };
    let input = ChangePassword { current: first, new: Secret::new(OWN) };
    stage.link.change_password(stage.call(&newcomer.actor), input).await.unwrap();
    stage.authenticate(&newcomer.token).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reset_the_password_does_not_remove_the_code_nor_the_other_way_round() {
    for stage in stages(settings()).await {
        let (one, two) = (stage.sign_in("admin.security").await.actor, second_security(&stage).await);
        let (handler, approver) = (stage.person("chen.handler"), stage.person("li.approver"));

        stage.link.reset_password(stage.call(&one), handler).await.unwrap();
        let alone = stage.link.reset_code(stage.call(&one), handler).await;
        assert_eq!(rule(alone), "credential.two_people", "{}", stage.store.backend);
        stage.link.reset_code(stage.call(&two), handler).await.unwrap();

        stage.link.reset_code(stage.call(&one), approver).await.unwrap();
        assert_eq!(rule(stage.link.reset_password(stage.call(&one), approver).await), "credential.two_people");
        assert!(stage.try_sign_in("li.approver", PASSWORD, None).await.is_ok(), "a refused reset changes nothing");
        stage.link.reset_password(stage.call(&two), approver).await.unwrap();

        // The negative control: another person of the same administrator, and the same one after a week.
        stage.link.reset_password(stage.call(&one), stage.person("mobile.duty")).await.unwrap();
        stage.clock.advance(Duration::from_hours(8 * 24));
        stage.link.reset_password(stage.call(&one), approver).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_is_reset_by_two_security_administrators() {
    for stage in stages(settings()).await {
        let (one, two) = (stage.sign_in("admin.security").await.actor, second_security(&stage).await);
        let admin = stage.person("admin.system");
        for _again in 0..2 {
            let alone = stage.link.reset_password(stage.call(&one), admin).await;
            assert_eq!(rule(alone), "credential.second_administrator", "{}", stage.store.backend);
        }
        assert!(stage.try_sign_in("admin.system", PASSWORD, None).await.is_ok(), "a wish changes nothing");
        let first = stage.link.reset_password(stage.call(&two), admin).await.unwrap().first_password;
        assert!(stage.try_sign_in("admin.system", PASSWORD, None).await.is_err());
        assert!(stage.try_sign_in("admin.system", first.expose(), None).await.is_ok());
        // The second of them has the password now, and so cannot also finish the removal of the code.
        assert_eq!(rule(stage.link.reset_code(stage.call(&one), admin).await), "credential.second_administrator");
        assert_eq!(rule(stage.link.reset_code(stage.call(&two), admin).await), "credential.two_people");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_under_way_when_the_session_ends_has_no_effect() {
    for stage in stages(settings()).await {
        let security = stage.sign_in("admin.security").await.actor;
        // Both calls were let in before the administrator acts, as one that waits for its turn to hash.
        let thief = stage.sign_in("chen.handler").await.actor;
        assert!(stage.link.enrol_code(stage.call(&thief), Secret::new(PASSWORD)).await.is_ok());
        assert_eq!(
            stage.link.revoke_sessions_of(stage.call(&security), stage.person("chen.handler")).await.unwrap(),
            1
        );
        let input = ChangePassword { current: Secret::new(PASSWORD), new: Secret::new(OWN) };
        let late = refused(stage.link.change_password(stage.call(&thief), input).await);
        assert_eq!(late.code, Code::Unauthenticated, "{}", stage.store.backend);
        let late = refused(stage.link.enrol_code(stage.call(&thief), Secret::new(PASSWORD)).await);
        assert_eq!(late.code, Code::Unauthenticated);
        assert!(stage.try_sign_in("chen.handler", OWN, None).await.is_err());
        assert!(stage.try_sign_in("chen.handler", PASSWORD, None).await.is_ok());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_reset_leaves_the_password_that_was_told() {
    for stage in stages(settings()).await {
        let security = stage.sign_in("admin.security").await.actor;
        let person = stage.person("chen.handler");
        let first = stage.link.reset_password(stage.keyed(&security, "lost-answer"), person).await.unwrap();
        let again = stage.link.reset_password(stage.keyed(&security, "lost-answer"), person).await.unwrap();
        assert_eq!(again.person, first.person, "{}", stage.store.backend);
        assert_eq!(again.first_password.expose(), "", "a secret is told once");
        assert!(stage.try_sign_in("chen.handler", first.first_password.expose(), None).await.is_ok());
        // The negative control: without the key it is another reset.
        stage.link.reset_password(stage.call(&security), person).await.unwrap();
        assert!(stage.try_sign_in("chen.handler", first.first_password.expose(), None).await.is_err());
    }
}
