//! Giving, lending and separating duties.

use std::time::Duration;

use crate::stage::{Stage, refused, rule, settings, stages};
use cordon_context::{Clock as _, Code, PersonId, Role};
use cordon_directory_contract::{
    CreatePerson, Delegate, DelegationFilter, DirectoryClient as _, GiveRole, PersonFilter, SetPersonActive,
    WithdrawRole,
};

fn give(person: PersonId, role: Role) -> GiveRole {
    GiveRole { person, role, valid_from: None, valid_to: None }
}

async fn newcomer(stage: &Stage, organisation: &str, login: &str) -> PersonId {
    let system = stage.sign_in("admin.system").await.actor;
    let input = CreatePerson {
        organisation: stage.organisation(organisation),
        login: login.to_owned(),
        name: "新示例".to_owned(),
        post: String::new(),
    };
    stage.link.create_person(stage.call(&system), input).await.unwrap().person.id
}

#[tokio::test(flavor = "multi_thread")]
async fn the_three_duties_exclude_each_other_and_content() {
    for stage in stages(settings()).await {
        let security = stage.sign_in("admin.security").await.actor;
        for (login, role, expected) in [
            ("admin.system", Role::Auditor, "role.separation_of_duties"),
            ("audit.reader", Role::SecurityAdmin, "role.separation_of_duties"),
            ("admin.system", Role::CommandDesk, "role.separation_of_duties"),
            ("desk.command", Role::SystemAdmin, "role.separation_of_duties"),
            ("desk.command", Role::CommandDesk, "role.already_held"),
            ("chen.handler", Role::EnterpriseDuty, "role.organisation_kind"),
            ("chen.handler", Role::EnterpriseSystem, "role.organisation_kind"),
            ("mobile.duty", Role::PoliceApprover, "role.organisation_kind"),
        ] {
            let outcome = stage.link.give_role(stage.call(&security), give(stage.person(login), role)).await;
            assert_eq!(rule(outcome), expected, "{login} {role}");
        }
        // The negative control: a second content role is given, and counts.
        let person = stage.person("chen.handler");
        stage.link.give_role(stage.call(&security), give(person, Role::Analyst)).await.unwrap();
        assert_eq!(
            stage.sign_in("chen.handler").await.actor.roles,
            [Role::Analyst, Role::PoliceHandler],
            "{}",
            stage.store.backend
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gives_is_never_who_receives_and_only_security_administration_gives() {
    for stage in stages(settings()).await {
        let security = stage.sign_in("admin.security").await.actor;
        let own = security.person().unwrap();
        assert_eq!(rule(stage.link.give_role(stage.call(&security), give(own, Role::CommandDesk)).await), "role.self");
        for login in ["admin.system", "audit.reader", "chen.handler", "zhou.commander", "mobile.manager"] {
            let actor = stage.sign_in(login).await.actor;
            let outcome =
                stage.link.give_role(stage.call(&actor), give(stage.person("wang.handler"), Role::Analyst)).await;
            assert_eq!(refused(outcome).code, Code::Denied, "{login}");
        }
        // The security administrator makes no people and no organisations.
        let input = CreatePerson {
            organisation: stage.organisation("operator"),
            login: "new.comer".to_owned(),
            name: "新示例".to_owned(),
            post: String::new(),
        };
        assert_eq!(
            refused(stage.link.create_person(stage.call(&security), input).await).code,
            Code::Denied,
            "{}",
            stage.store.backend
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_duties_given_at_the_same_moment_do_not_slip_past_each_other() {
    for stage in stages(settings()).await {
        let security = stage.sign_in("admin.security").await.actor;
        let person = newcomer(&stage, "operator", "new.comer").await;
        let roles = [Role::SystemAdmin, Role::SecurityAdmin, Role::Auditor, Role::CommandDesk];
        let attempts = roles.map(|role| stage.link.give_role(stage.call(&security), give(person, role)));
        let given = futures::future::join_all(attempts).await.into_iter().flatten().count();
        assert_eq!(given, 1, "{}", stage.store.backend);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_security_administrator_always_remains() {
    for stage in stages(settings()).await {
        let security = stage.sign_in("admin.security").await.actor;
        let system = stage.sign_in("admin.system").await.actor;
        let own = security.person().unwrap();
        let held = stage.link.roles_of_people(stage.call(&security), vec![own]).await.unwrap();
        let withdraw = WithdrawRole { assignment: held.first().unwrap().id, reason: "轮岗".to_owned() };
        assert_eq!(
            rule(stage.link.withdraw_role(stage.call(&security), withdraw.clone()).await),
            "role.last_security_admin"
        );
        let stop = SetPersonActive { person: own, version: 1, active: false, reason: "轮岗".to_owned() };
        assert_eq!(rule(stage.link.set_person_active(stage.call(&system), stop).await), "role.last_security_admin");
        let second = newcomer(&stage, "operator", "new.comer").await;
        stage.link.give_role(stage.call(&security), give(second, Role::SecurityAdmin)).await.unwrap();
        stage.link.withdraw_role(stage.call(&security), withdraw.clone()).await.unwrap();
        // Once is enough: the second time changes nothing and answers the same.
        let again = stage.link.withdraw_role(stage.call(&security), withdraw).await.unwrap();
        assert!(again.withdrawn_at.is_some(), "{}", stage.store.backend);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_counts_between_its_days() {
    for stage in stages(settings()).await {
        let security = stage.sign_in("admin.security").await.actor;
        let now = stage.clock.now();
        let input = GiveRole {
            person: stage.person("chen.handler"),
            role: Role::Analyst,
            valid_from: Some(now.plus(Duration::from_hours(1))),
            valid_to: Some(now.plus(Duration::from_hours(2))),
        };
        stage.link.give_role(stage.call(&security), input).await.unwrap();
        for (hours, counts) in [(0, false), (1, true), (1, false)] {
            stage.clock.advance(Duration::from_hours(hours));
            assert_eq!(
                stage.sign_in("chen.handler").await.actor.roles.contains(&Role::Analyst),
                counts,
                "{}",
                stage.store.backend
            );
        }
    }
}

fn lend(to: PersonId, role: Role, stage: &Stage, hours: u64) -> Delegate {
    Delegate { to, role, valid_from: None, valid_to: stage.clock.now().plus(Duration::from_hours(hours)) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lent_role_counts_until_its_end_and_no_longer_than_its_lender_holds_it() {
    for stage in stages(settings()).await {
        let lender = stage.sign_in("zhao.lead").await.actor;
        let colleague = stage.person("chen.handler");
        let lent =
            stage.link.delegate(stage.call(&lender), lend(colleague, Role::PoliceDutyLead, &stage, 8)).await.unwrap();
        let borrower = stage.sign_in("chen.handler").await;
        assert_eq!(borrower.actor.roles, [Role::PoliceDutyLead, Role::PoliceHandler], "{}", stage.store.backend);
        let filter =
            PersonFilter { role: Some(Role::PoliceDutyLead), organisation: Some(lender.organisation), active: None };
        let holders =
            stage.link.people(stage.call(&lender), filter, cordon_context::PageRequest::default()).await.unwrap();
        assert_eq!(holders.edges.len(), 2);

        // A borrowed role is not lent on.
        let wang = newcomer(&stage, "police-440300", "wang.second").await;
        assert_eq!(
            rule(stage.link.delegate(stage.call(&borrower.actor), lend(wang, Role::PoliceDutyLead, &stage, 1)).await),
            "delegation.not_held"
        );

        stage.clock.advance(Duration::from_hours(8));
        assert_eq!(stage.sign_in("chen.handler").await.actor.roles, [Role::PoliceHandler], "its time is over");

        let lender = stage.sign_in("zhao.lead").await.actor;
        let again =
            stage.link.delegate(stage.call(&lender), lend(colleague, Role::PoliceDutyLead, &stage, 8)).await.unwrap();
        let borrower = stage.sign_in("chen.handler").await;
        assert!(borrower.actor.holds(Role::PoliceDutyLead));
        let security = stage.sign_in("admin.security").await.actor;
        let held = stage.link.roles_of_people(stage.call(&security), vec![stage.person("zhao.lead")]).await.unwrap();
        let input = WithdrawRole { assignment: held.first().unwrap().id, reason: "轮岗".to_owned() };
        stage.link.withdraw_role(stage.call(&security), input).await.unwrap();
        assert!(!stage.authenticate(&borrower.token).await.unwrap().holds(Role::PoliceDutyLead), "its lender lost it");

        let filter = DelegationFilter { person: Some(colleague), effective: false };
        let page = stage
            .link
            .delegations(
                stage.call(&security),
                filter,
                cordon_context::PageRequest { first: Some(1), count: true, after: None },
            )
            .await
            .unwrap();
        assert_eq!((page.total, page.has_next), (Some(2), true));
        let after = page.edges.first().map(|(cursor, delegation)| {
            assert_eq!(delegation.id, again.id);
            cursor.clone()
        });
        let filter = DelegationFilter { person: Some(colleague), effective: false };
        let rest = stage
            .link
            .delegations(
                stage.call(&security),
                filter,
                cordon_context::PageRequest { first: Some(5), count: false, after },
            )
            .await
            .unwrap();
        assert_eq!(rest.edges.iter().map(|(_, delegation)| delegation.id).collect::<Vec<_>>(), [lent.id]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loan_ends_with_its_lender_being_stopped() {
    for stage in stages(settings()).await {
        let lender = stage.sign_in("zhao.lead").await.actor;
        let loan = lend(stage.person("chen.handler"), Role::PoliceDutyLead, &stage, 8);
        stage.link.delegate(stage.call(&lender), loan).await.unwrap();
        let borrower = stage.sign_in("chen.handler").await;
        assert!(borrower.actor.holds(Role::PoliceDutyLead));
        let system = stage.sign_in("admin.system").await.actor;
        let person = stage.person("zhao.lead");
        let stop = SetPersonActive { person, version: 1, active: false, reason: "离岗".to_owned() };
        stage.link.set_person_active(stage.call(&system), stop).await.unwrap();
        let roles = stage.authenticate(&borrower.token).await.unwrap().roles;
        assert_eq!(roles, [Role::PoliceHandler], "{}", stage.store.backend);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delegation_is_ended_by_its_lender_or_security_administration_alone() {
    for stage in stages(settings()).await {
        let lender = stage.sign_in("zhao.lead").await.actor;
        let lent = stage
            .link
            .delegate(stage.call(&lender), lend(stage.person("chen.handler"), Role::PoliceDutyLead, &stage, 8))
            .await
            .unwrap();
        let borrower = stage.sign_in("chen.handler").await;
        assert_eq!(
            rule(stage.link.revoke_delegation(stage.call(&borrower.actor), lent.id).await),
            "delegation.not_yours"
        );
        let elsewhere = stage.sign_in("qin.approver").await.actor;
        assert_eq!(
            refused(stage.link.revoke_delegation(stage.call(&elsewhere), lent.id).await),
            cordon_context::Refusal::not_found()
        );
        stage.link.revoke_delegation(stage.call(&lender), lent.id).await.unwrap();
        assert!(
            !stage.authenticate(&borrower.token).await.unwrap().holds(Role::PoliceDutyLead),
            "{}",
            stage.store.backend
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn loans_keep_to_the_organisation_the_rules_and_the_longest_time() {
    for stage in stages(settings()).await {
        let approver = stage.sign_in("li.approver").await.actor;
        let own = approver.person().unwrap();
        for (to, role, hours, expected) in [
            (own, Role::PoliceApprover, 8, "delegation.self"),
            (stage.person("zhao.lead"), Role::PoliceHandler, 8, "delegation.not_held"),
            (stage.person("zhao.lead"), Role::PoliceApprover, 24 * 31, "delegation.span"),
            (stage.person("zhao.lead"), Role::PoliceApprover, 0, "delegation.span"),
            (stage.person("chen.handler"), Role::PoliceApprover, 8, "delegation.two_sides"),
            (stage.person("zhao.lead"), Role::PoliceApprover, 8, "delegation.two_sides"),
            (stage.person("sun.analyst"), Role::PoliceApprover, 8, "delegation.two_sides"),
            (stage.person("qin.approver"), Role::PoliceApprover, 8, "NOT_FOUND"),
        ] {
            let outcome = stage.link.delegate(stage.call(&approver), lend(to, role, &stage, hours)).await;
            assert_eq!(rule(outcome), expected, "{role} {hours}");
        }
        let security = stage.sign_in("admin.security").await.actor;
        let outcome = stage
            .link
            .delegate(stage.call(&security), lend(stage.person("desk.command"), Role::SecurityAdmin, &stage, 8))
            .await;
        assert_eq!(rule(outcome), "delegation.role", "{}", stage.store.backend);
        // A loan that exists keeps the other side away as well.
        let borrower = newcomer(&stage, "police-440300", "wang.second").await;
        stage.link.delegate(stage.call(&approver), lend(borrower, Role::PoliceApprover, &stage, 8)).await.unwrap();
        let outcome = stage.link.give_role(stage.call(&security), give(borrower, Role::PoliceHandler)).await;
        assert_eq!(rule(outcome), "delegation.two_sides");
    }
}
