//! Letting people in, slowing guesses down, one-time codes.

use std::time::Duration;

use crate::stage::{PASSWORD, Stage, enrol, rule, settings, sign_in_over, stages};
use cordon_context::{Code, Role};
use cordon_directory::{DirectorySettings, LockOutSettings, PasswordSettings};
use cordon_directory_contract::{
    Authenticate, ChangePassword, DirectoryClient as _, PendingStep, Secret, SignInOutcome,
};
use sea_orm::{ConnectionTrait as _, Statement};

#[tokio::test(flavor = "multi_thread")]
async fn the_right_password_opens_a_session_that_knows_its_person() {
    for stage in stages(settings()).await {
        let signed_in = stage.sign_in(" Chen.Handler ").await;
        let actor = stage.authenticate(&signed_in.token).await.unwrap();
        assert_eq!(actor, signed_in.actor, "{}", stage.store.backend);
        assert_eq!(actor.person(), Some(stage.person("chen.handler")));
        assert_eq!(actor.organisation, stage.organisation("police-440300"));
        assert_eq!(actor.roles, [Role::PoliceHandler]);
        assert_eq!(actor.region.to_string(), "440300");
        assert!(actor.branches.is_empty());
        let profile = stage.link.profile(stage.call(&actor)).await.unwrap();
        assert_eq!((profile.login.as_str(), profile.name.as_str()), ("chen.handler", "陈示例"));
        assert_eq!(profile.person.masked_name, "陈**");
        let sessions = stage.link.own_sessions(stage.call(&actor)).await.unwrap();
        assert_eq!(sessions.len(), 1);
        assert!(
            sessions
                .iter()
                .all(|session| session.current && session.origin.as_deref() == Some("192.0.2.10 Test Browser"))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn carriers_know_their_branches_but_not_the_resellers_on_their_network() {
    for stage in stages(settings()).await {
        let group = stage.sign_in("mobile.group").await.actor;
        assert_eq!(group.branches.len(), 31, "{}", stage.store.backend);
        assert!(group.branches.contains(&stage.organisation("mobile-440000")));
        assert!(!group.branches.contains(&stage.organisation("mvno-qinghe")));
        assert!(stage.sign_in("mobile.duty").await.actor.branches.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_wrong_the_answer_is_the_same() {
    for stage in stages(settings()).await {
        let admin = stage.sign_in("admin.system").await.actor;
        let stopped = stage.person("li.approver");
        let input = cordon_directory_contract::SetPersonActive {
            person: stopped,
            version: 1,
            active: false,
            reason: "离岗".to_owned(),
        };
        stage.link.set_person_active(stage.call(&admin), input).await.unwrap();
        let mut answers = Vec::new();
        for (login, password) in [
            ("chen.handler", "not the password at all"),
            ("nobody.at.all", PASSWORD),
            ("li.approver", PASSWORD),
            ("汉字 is no login", PASSWORD),
            ("wang.handler", "short"),
            ("wang.handler", &"long".repeat(100)),
        ] {
            let refusal = stage.try_sign_in(login, password, Some("123456")).await.unwrap_err();
            assert_eq!(refusal.code, Code::Unauthenticated, "{login}");
            answers.push(serde_json::to_string(&refusal).unwrap());
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{answers:?}");
        // The negative control.
        assert!(stage.try_sign_in("chen.handler", PASSWORD, None).await.is_ok());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_login_costs_a_hash_like_a_known_one() {
    let password = PasswordSettings { memory_kib: 19_456, passes: 2, ..settings().password };
    let lock_out = LockOutSettings { free_attempts: 1_000, ..settings().lock_out };
    for stage in stages(DirectorySettings { password, lock_out, ..settings() }).await {
        let mut quickest = [Duration::MAX; 2];
        for _ in 0..8 {
            for (login, quickest) in ["chen.handler", "nobody.at.all"].iter().zip(&mut quickest) {
                let before = std::time::Instant::now();
                stage.try_sign_in(login, "not the password at all", None).await.unwrap_err();
                *quickest = before.elapsed().min(*quickest);
            }
        }
        // Without the hash it would be a small fraction; a tighter bar would measure the machine's other work.
        let [known, unknown] = quickest;
        assert!(unknown * 2 > known && known * 2 > unknown, "{known:?} {unknown:?} on {}", stage.store.backend);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_gateway_turns_credentials_into_actors() {
    for stage in stages(settings()).await {
        let handler = stage.sign_in("chen.handler").await;
        let refusal =
            sign_in_over(&stage.link, stage.call(&handler.actor), "li.approver", PASSWORD, None).await.unwrap_err();
        assert_eq!(refusal.rule.as_deref(), Some("directory.gateway_only"));
        let input = Authenticate { token: handler.token, activity: true };
        assert_eq!(rule(stage.link.authenticate(stage.call(&handler.actor), input).await), "directory.gateway_only");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_waits_after_failures_and_so_does_one_that_does_not_exist() {
    for stage in stages(settings()).await {
        for login in ["chen.handler", "nobody.at.all"] {
            for attempt in 1..=5 {
                let refusal = stage.try_sign_in(login, "not the password at all", None).await.unwrap_err();
                assert_eq!(refusal.code, Code::Unauthenticated, "{login} {attempt}");
            }
            let refusal = stage.try_sign_in(login, PASSWORD, None).await.unwrap_err();
            assert_eq!((refusal.code, refusal.retry_after_seconds), (Code::RateLimited, Some(30)), "{login}");
        }
        // Another account is not touched, and a restart forgets nothing.
        assert!(stage.try_sign_in("wang.handler", PASSWORD, None).await.is_ok());
        let again = sign_in_over(&stage.restarted(settings()), stage.gateway(), "chen.handler", PASSWORD, None).await;
        assert_eq!(again.unwrap_err().code, Code::RateLimited);
        stage.clock.advance(Duration::from_secs(30));
        let refusal = stage.try_sign_in("chen.handler", "not the password at all", None).await.unwrap_err();
        assert_eq!((refusal.code, refusal.retry_after_seconds), (Code::Unauthenticated, Some(60)));
        stage.clock.advance(Duration::from_secs(59));
        assert_eq!(stage.try_sign_in("chen.handler", PASSWORD, None).await.unwrap_err().code, Code::RateLimited);
        stage.clock.advance(Duration::from_secs(1));
        assert!(stage.try_sign_in("chen.handler", PASSWORD, None).await.is_ok());
        // Success forgets the failures.
        for _ in 1..=4 {
            assert_eq!(
                stage.try_sign_in("chen.handler", "not the password at all", None).await.unwrap_err().code,
                Code::Unauthenticated
            );
        }
        assert!(stage.try_sign_in("chen.handler", PASSWORD, None).await.is_ok());
    }
}

async fn looked_at(stage: &Stage, guesses: usize) -> usize {
    let attempts = (0..guesses).map(|guess| async move {
        let password = format!("guess number {guess} of many");
        stage.try_sign_in("chen.handler", &password, None).await.unwrap_err().code == Code::Unauthenticated
    });
    futures::future::join_all(attempts).await.into_iter().filter(|looked_at| *looked_at).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_made_at_the_same_moment_are_counted_one_by_one() {
    for stage in stages(settings()).await {
        assert_eq!(looked_at(&stage, 40).await, 5, "{}", stage.store.backend);
    }
    // The negative control: without the lock-out every one of them would be tried.
    let lock_out = LockOutSettings { free_attempts: 1_000, ..settings().lock_out };
    for stage in stages(DirectorySettings { lock_out, ..settings() }).await {
        assert_eq!(looked_at(&stage, 40).await, 40, "{}", stage.store.backend);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_right_sign_ins_of_one_person_at_once_all_succeed() {
    for stage in stages(settings()).await {
        let attempts = (0..20).map(|_| stage.try_sign_in("chen.handler", PASSWORD, None));
        assert!(futures::future::join_all(attempts).await.iter().all(Result::is_ok), "{}", stage.store.backend);
    }
}

async fn stored_hashes(stage: &Stage) -> Vec<String> {
    let reader = stage.store.database.reader();
    let statement = Statement::from_string(
        reader.get_database_backend(),
        "SELECT password_hash FROM person ORDER BY created_at, id",
    );
    let rows = reader.query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get("", "password_hash").unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dearer_hash_replaces_the_old_one_at_the_next_sign_in() {
    for stage in stages(settings()).await {
        let dearer = PasswordSettings { passes: 2, ..settings().password };
        let link = stage.restarted(DirectorySettings { password: dearer, ..settings() });
        assert!(stored_hashes(&stage).await.iter().all(|hash| hash.contains("t=1,")));
        sign_in_over(&link, stage.gateway(), "chen.handler", PASSWORD, None).await.unwrap();
        sign_in_over(&link, stage.gateway(), "wang.handler", "not the password at all", None).await.unwrap_err();
        let dear =
            stored_hashes(&stage).await.iter().filter(|hash| hash.starts_with("$argon2id$v=19$m=64,t=2,p=1$")).count();
        assert_eq!(dear, 1, "{}", stage.store.backend);
        assert!(sign_in_over(&link, stage.gateway(), "chen.handler", PASSWORD, None).await.is_ok());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_end_when_idle_and_in_any_case_after_their_time() {
    for stage in stages(settings()).await {
        let token = stage.sign_in("chen.handler").await.token;
        for _ in 0..20 {
            stage.clock.advance(Duration::from_mins(29));
            assert!(stage.authenticate(&token).await.is_ok(), "{}", stage.store.backend);
        }
        stage.clock.advance(Duration::from_mins(30));
        assert_eq!(stage.authenticate(&token).await.unwrap_err().code, Code::Unauthenticated);
        let token = stage.sign_in("chen.handler").await.token;
        for _ in 0..47 {
            stage.clock.advance(Duration::from_mins(15));
            assert!(stage.authenticate(&token).await.is_ok(), "{}", stage.store.backend);
        }
        stage.clock.advance(Duration::from_mins(15));
        assert_eq!(
            stage.authenticate(&token).await.unwrap_err().code,
            Code::Unauthenticated,
            "twelve hours have passed"
        );
        assert_eq!(stage.authenticate(&Secret::new("cds_madeup")).await.unwrap_err().code, Code::Unauthenticated);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recheck_of_an_open_subscription_is_no_activity() {
    for stage in stages(settings()).await {
        let token = stage.sign_in("chen.handler").await.token;
        let recheck = || Authenticate { token: token.clone(), activity: false };
        stage.clock.advance(Duration::from_mins(20));
        assert!(stage.link.authenticate(stage.gateway(), recheck()).await.is_ok());
        stage.clock.advance(Duration::from_mins(10));
        assert!(stage.link.authenticate(stage.gateway(), recheck()).await.is_err(), "{}", stage.store.backend);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_asked_for_once_it_is_confirmed_and_works_once() {
    for stage in stages(settings()).await {
        let actor = stage.sign_in("chen.handler").await.actor;
        let code = enrol(&stage, &actor).await;
        // Not confirmed yet: the password alone is enough.
        assert!(matches!(stage.try_sign_in("chen.handler", PASSWORD, None).await.unwrap(), SignInOutcome::SignedIn(_)));
        assert_eq!(rule(stage.link.confirm_code(stage.call(&actor), Secret::new("000000")).await), "code.wrong");
        stage.link.confirm_code(stage.call(&actor), Secret::new(code(0))).await.unwrap();
        assert_eq!(stage.try_sign_in("chen.handler", PASSWORD, None).await.unwrap(), SignInOutcome::CodeRequired);
        // The code that confirmed is used up.
        let refusal = stage.try_sign_in("chen.handler", PASSWORD, Some(&code(0))).await.unwrap_err();
        assert_eq!(refusal.code, Code::Unauthenticated, "{}", stage.store.backend);
        stage.clock.advance(Duration::from_secs(30));
        assert!(matches!(
            stage.try_sign_in("chen.handler", PASSWORD, Some(&code(30))).await.unwrap(),
            SignInOutcome::SignedIn(_)
        ));
        let replay = stage.try_sign_in("chen.handler", PASSWORD, Some(&code(30))).await.unwrap_err();
        assert_eq!(replay.rule.as_deref(), Some("sign_in.refused"));
        // One step ahead is tolerated, two are not.
        assert!(stage.try_sign_in("chen.handler", PASSWORD, Some(&code(90))).await.is_err());
        assert!(stage.try_sign_in("chen.handler", PASSWORD, Some(&code(60))).await.is_ok());
        assert_eq!(
            rule(stage.link.enrol_code(stage.call(&actor), Secret::new(PASSWORD)).await),
            "code.already_enrolled"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_code_sent_many_times_at_once_opens_one_session() {
    for stage in stages(settings()).await {
        let actor = stage.sign_in("chen.handler").await.actor;
        let code = enrol(&stage, &actor).await;
        stage.link.confirm_code(stage.call(&actor), Secret::new(code(0))).await.unwrap();
        stage.clock.advance(Duration::from_secs(30));
        let code = code(30);
        let attempts = (0..4).map(|_| stage.try_sign_in("chen.handler", PASSWORD, Some(&code)));
        let opened = futures::future::join_all(attempts).await.into_iter().flatten().count();
        assert_eq!(opened, 1, "{}", stage.store.backend);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_codes_is_counted_although_the_password_is_right() {
    for stage in stages(settings()).await {
        let actor = stage.sign_in("chen.handler").await.actor;
        let code = enrol(&stage, &actor).await;
        stage.link.confirm_code(stage.call(&actor), Secret::new(code(0))).await.unwrap();
        let mut looked_at = 0;
        for guess in 0..20 {
            // The password alone is no failure, and no way to reset the count either.
            let asked = stage.try_sign_in("chen.handler", PASSWORD, None).await;
            let refusal = stage.try_sign_in("chen.handler", PASSWORD, Some(&format!("{guess:06}"))).await.unwrap_err();
            if refusal.code == Code::Unauthenticated {
                assert!(asked.is_ok());
                looked_at += 1;
            }
        }
        assert_eq!(looked_at, 5, "{}", stage.store.backend);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_demands_a_code_counts_only_with_one() {
    let strict = DirectorySettings { code_required: vec![Role::SecurityAdmin], ..settings() };
    for stage in stages(strict).await {
        let signed_in = stage.sign_in("admin.security").await;
        assert_eq!(signed_in.pending, [PendingStep::EnrolCode]);
        assert!(signed_in.actor.roles.is_empty(), "{}", stage.store.backend);
        let code = enrol(&stage, &signed_in.actor).await;
        stage.link.confirm_code(stage.call(&signed_in.actor), Secret::new(code(0))).await.unwrap();
        assert_eq!(stage.authenticate(&signed_in.token).await.unwrap().roles, [Role::SecurityAdmin]);
        // The negative control: a role without the demand counts at once.
        assert_eq!(stage.sign_in("audit.reader").await.actor.roles, [Role::Auditor]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_password_has_to_be_changed_before_anything_counts() {
    for stage in stages(settings()).await {
        let security = stage.sign_in("admin.security").await.actor;
        let person = stage.person("chen.handler");
        let first = stage.reset_password(&security, &stage.second_security().await, person).await;
        assert!(stage.try_sign_in("chen.handler", PASSWORD, None).await.is_err());
        let SignInOutcome::SignedIn(signed_in) = stage.try_sign_in("chen.handler", first.expose(), None).await.unwrap()
        else {
            panic!()
        };
        assert_eq!(signed_in.pending, [PendingStep::ChangePassword]);
        assert!(signed_in.actor.roles.is_empty());
        for (new, expected) in [
            (first.expose(), "password.unchanged"),
            ("short", "password.length"),
            ("aaaaaaaaaaaaaaaa", "password.too_simple"),
            ("i am chen.handler, really", "password.contains_login"),
        ] {
            let input = ChangePassword { current: first.clone(), new: Secret::new(new) };
            assert_eq!(rule(stage.link.change_password(stage.call(&signed_in.actor), input).await), expected);
        }
        let input = ChangePassword { current: first.clone(), new: Secret::new("a new and better phrase") };
        stage.link.change_password(stage.call(&signed_in.actor), input).await.unwrap();
        assert_eq!(
            stage.authenticate(&signed_in.token).await.unwrap().roles,
            [Role::PoliceHandler],
            "{}",
            stage.store.backend
        );
        assert!(stage.try_sign_in("chen.handler", first.expose(), None).await.is_err());
    }
}
