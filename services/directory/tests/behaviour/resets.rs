//! Nobody takes over an account alone, and nothing that was under way undoes a reset.

use std::time::Duration;

use crate::stage::{OWN, PASSWORD, enrol, refused, rule, settings, stages};
use cordon_context::Code;
use cordon_directory_contract::{ChangePassword, DirectoryClient as _, Secret, SignInOutcome};

#[tokio::test(flavor = "multi_thread")]
async fn who_reset_the_password_does_not_remove_the_code_nor_the_other_way_round() {
    for stage in stages(settings()).await {
        let (one, two) = (stage.sign_in("admin.security").await.actor, stage.second_security().await);
        let (handler, approver) = (stage.person("chen.handler"), stage.person("li.approver"));

        stage.reset_password(&two, &one, handler).await;
        let alone = stage.link.reset_code(stage.call(&one), handler).await;
        assert_eq!(rule(alone), "credential.two_people", "{}", stage.store.backend);
        stage.link.reset_code(stage.call(&two), handler).await.unwrap();

        stage.link.reset_code(stage.call(&one), approver).await.unwrap();
        assert_eq!(rule(stage.link.reset_password(stage.call(&one), approver).await), "credential.two_people");
        assert!(stage.try_sign_in("li.approver", PASSWORD, None).await.is_ok(), "a refused reset changes nothing");
        stage.link.reset_password(stage.call(&two), approver).await.unwrap();

        // The negative control: another person of the same administrator.
        stage.link.reset_code(stage.call(&one), stage.person("mobile.duty")).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_only_its_password_keeps_is_not_taken_by_one_administrator() {
    for stage in stages(settings()).await {
        stage.second_security().await;
        let one = stage.sign_in("admin.security").await.actor;
        let (handler, approver) = (stage.person("chen.handler"), stage.person("li.approver"));
        for _again in 0..2 {
            let alone = stage.link.reset_password(stage.call(&one), handler).await;
            assert_eq!(rule(alone), "credential.second_administrator", "{}", stage.store.backend);
        }
        assert!(stage.try_sign_in("chen.handler", PASSWORD, None).await.is_ok(), "a wish changes nothing");
        // Removing the code first and waiting until that is forgotten does not make one administrator two.
        stage.link.reset_code(stage.call(&one), approver).await.unwrap();
        stage.clock.advance(Duration::from_hours(8 * 24));
        let (one, two) = (stage.sign_in("admin.security").await.actor, stage.again("second.security").await);
        let alone = stage.link.reset_password(stage.call(&one), approver).await;
        assert_eq!(rule(alone), "credential.second_administrator");
        let first = stage.link.reset_password(stage.call(&two), approver).await.unwrap().first_password.unwrap();
        assert!(stage.try_sign_in("li.approver", first.expose(), None).await.is_ok());

        // The negative control: a code keeps the account, and one administrator is enough and gets nowhere with the password.
        let wang = stage.sign_in("wang.handler").await.actor;
        let code = enrol(&stage, &wang).await;
        stage.link.confirm_code(stage.call(&wang), Secret::new(code(0))).await.unwrap();
        let person = stage.person("wang.handler");
        let first = stage.link.reset_password(stage.call(&one), person).await.unwrap().first_password.unwrap();
        let tried = stage.try_sign_in("wang.handler", first.expose(), None).await.unwrap();
        assert_eq!(tried, SignInOutcome::CodeRequired);
        assert_eq!(rule(stage.link.reset_code(stage.call(&one), person).await), "credential.two_people");
        // Nor does it help to wait until that is forgotten: the first password is still one that the administrator knows.
        stage.clock.advance(Duration::from_hours(8 * 24));
        let (one, two) = (stage.sign_in("admin.security").await.actor, stage.again("second.security").await);
        assert_eq!(rule(stage.link.reset_code(stage.call(&one), person).await), "credential.second_administrator");
        assert_eq!(stage.try_sign_in("wang.handler", first.expose(), None).await.unwrap(), SignInOutcome::CodeRequired);
        stage.link.reset_code(stage.call(&two), person).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_is_reset_by_two_security_administrators() {
    for stage in stages(settings()).await {
        let (one, two) = (stage.sign_in("admin.security").await.actor, stage.second_security().await);
        let admin = stage.person("admin.system");
        for _again in 0..2 {
            let alone = stage.link.reset_password(stage.call(&one), admin).await;
            assert_eq!(rule(alone), "credential.second_administrator", "{}", stage.store.backend);
        }
        assert!(stage.try_sign_in("admin.system", PASSWORD, None).await.is_ok(), "a wish changes nothing");
        let first = stage.link.reset_password(stage.call(&two), admin).await.unwrap().first_password.unwrap();
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
        let (one, two) = (stage.sign_in("admin.security").await.actor, stage.second_security().await);
        let person = stage.person("chen.handler");
        let alone = stage.link.reset_password(stage.call(&one), person).await;
        assert_eq!(rule(alone), "credential.second_administrator", "{}", stage.store.backend);
        let told = stage.link.reset_password(stage.keyed(&two, "lost-answer"), person).await.unwrap();
        let again = stage.link.reset_password(stage.keyed(&two, "lost-answer"), person).await.unwrap();
        assert_eq!((again.person, again.first_password), (told.person, None), "a secret is told once");
        let first = told.first_password.unwrap();
        assert!(stage.try_sign_in("chen.handler", first.expose(), None).await.is_ok());
        // The negative control: without the key it is another reset.
        stage.reset_password(&one, &two, person).await;
        assert!(stage.try_sign_in("chen.handler", first.expose(), None).await.is_err());
    }
}
