//! Deadlines, ends and renewals, by a clock that the test moves.

use std::time::Duration;

use cordon_context::Role;
use cordon_disposal_contract::*;

use crate::world::*;

#[tokio::test]
async fn a_task_turns_yellow_red_and_overdue_and_climbs_to_the_ministry() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        assert_eq!(task.due.unwrap().since(world.now()), Duration::from_mins(10), "flash: ten minutes to acknowledge");
        for (minutes, light, escalation, near, missed) in [
            (5, Light::Yellow, Escalation::None, 1, 0),
            (3, Light::Red, Escalation::None, 2, 0),
            (2, Light::Overdue, Escalation::Enterprise, 2, 1),
            (60, Light::Overdue, Escalation::Authority, 2, 2),
            (180, Light::Overdue, Escalation::Ministry, 2, 3),
        ] {
            world.pass(minutes);
            world.work().await;
            let task = world.task(task.id).await;
            assert_eq!((task.light, task.escalation), (light, escalation), "after {minutes} more minutes");
            assert_eq!(world.told("disposal.deadline_near").await, near);
            assert_eq!(world.told("disposal.deadline_missed").await, missed);
        }
        // Whatever the executor does now, the flag stays.
        let done = world.in_force(&world.task(task.id).await, "mobile-gd").await;
        assert!(done.overdue);
    }
}

#[tokio::test]
async fn the_clock_of_a_reissued_task_begins_anew_but_the_flag_stays() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        world.pass(11);
        world.work().await;
        let refusal =
            RefuseTask {
                answer: world.answer(&task), code: RefusalCode::DocumentMissing, text: "缺文书".to_owned()
            };
        world.link.refuse_task(duty("mobile-gd"), refusal).await.unwrap();
        let again = ReissueTask { task: task.id, reason: "已补".to_owned() };
        world.link.reissue_task(handler(), again.clone()).await.unwrap();
        let task = world.link.reissue_task(approver(), again).await.unwrap();
        assert_eq!((task.light, task.overdue, task.escalation), (Light::Green, true, Escalation::None));
    }
}

#[tokio::test]
async fn the_requesters_own_lateness_is_no_mark_against_the_executor() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        let refusal =
            RefuseTask { answer: world.answer(&task), code: RefusalCode::BeyondPower, text: "超权限".to_owned() };
        world.link.refuse_task(duty("mobile-gd"), refusal).await.unwrap();
        world.pass(5 * 60);
        world.work().await;
        let again = ReissueTask { task: task.id, reason: "已授权".to_owned() };
        world.link.reissue_task(handler(), again.clone()).await.unwrap();
        assert!(!world.link.reissue_task(approver(), again).await.unwrap().overdue);
    }
}

#[tokio::test]
async fn a_measure_ends_by_itself_unless_it_is_renewed_by_two_people() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE, MOBILE_2]).await;
        let tasks = world.tasks(&order).await;
        let kept = world.in_force(&tasks[0], "mobile-gd").await;
        let left = world.in_force(&tasks[1], "mobile-gd").await;
        let end = kept.effective_to.unwrap();
        world.clock.set(end.minus(Duration::from_hours(72)));
        world.work().await;
        assert_eq!(world.told("disposal.expiry_near").await, 2);
        world.work().await;
        assert_eq!(world.told("disposal.expiry_near").await, 2, "one reminder each");

        let renew = |days: u64| RenewMeasure {
            task: kept.id,
            effective_to: end.plus(Duration::from_hours(24 * days)),
            reason: "案件仍在侦办".to_owned(),
            legal_basis: None,
        };
        assert_eq!(rule_of(world.link.renew_measure(handler(), renew(181)).await), "renewal.out_of_range");
        assert_eq!(rule_of(world.link.approve_renewal(approver(), renewal(&kept)).await), "renewal.none_pending");
        let asked = world.link.renew_measure(handler(), renew(30)).await.unwrap();
        let mut both = handler();
        both.actor.roles.push(Role::PoliceApprover);
        assert_eq!(rule_of(world.link.approve_renewal(both, renewal(&asked)).await), "order.four_eyes");
        let renewed = world.link.approve_renewal(approver(), renewal(&asked)).await.unwrap();
        assert_eq!(renewed.effective_to.unwrap().since(end), Duration::from_hours(24 * 30));

        world.clock.set(end);
        world.work().await;
        assert_eq!(world.task(kept.id).await.state, TaskState::InForce);
        let left = world.task(left.id).await;
        assert_eq!(left.state, TaskState::ReleaseOrdered);
        let release = world.link.releases_by_tasks(handler(), vec![left.id]).await.unwrap().remove(0);
        assert_eq!((release.reason, release.state), (ReleaseReason::Expired, ReleaseState::Ordered));
        let out = world.release_task(&left).await;
        assert_eq!(out.due.unwrap().since(world.now()), Duration::from_mins(10));
        assert_eq!(world.carry_out_release(&left, "mobile-gd").await.state, TaskState::Released);
    }
}

#[tokio::test]
async fn a_notice_that_is_not_given_in_time_is_told_and_one_that_may_wait_comes_back() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE, MOBILE_2]).await;
        let tasks = world.tasks(&order).await;
        for task in &tasks {
            world.executed(task, "mobile-gd").await;
        }
        let notice = |task: &Task| {
            let id = task.id;
            let link = world.link.clone();
            async move { link.notices_by_tasks(desk(), vec![id]).await.unwrap().remove(0) }
        };
        let secret = notice(&tasks[1]).await;
        let ask = RequestDeferral {
            notice: secret.id,
            reason: "侦查保密".to_owned(),
            review_at: world.now().plus(Duration::from_hours(24 * 30)),
        };
        let too_long = RequestDeferral { review_at: world.now().plus(Duration::from_hours(24 * 91)), ..ask.clone() };
        assert_eq!(rule_of(world.link.request_deferral(handler(), too_long).await), "notice.review_date");
        let asked = world.link.request_deferral(handler(), ask).await.unwrap();
        let mut both = handler();
        both.actor.roles.push(Role::PoliceApprover);
        assert_eq!(rule_of(world.link.approve_deferral(both, deferral(&asked)).await), "notice.four_eyes");
        let deferred = world.link.approve_deferral(approver(), deferral(&asked)).await.unwrap();
        assert_eq!(deferred.state, NoticeState::Deferred);
        let tell = RecordNotice {
            notice: secret.id,
            channel: NoticeChannel::Sms,
            sent_at: world.now(),
            reference: "1".to_owned(),
        };
        assert_eq!(rule_of(world.link.record_notice(duty("mobile-gd"), tell).await), "notice.illegal_transition");

        world.pass(24 * 60);
        world.work().await;
        assert!(notice(&tasks[0]).await.overdue && !notice(&tasks[1]).await.overdue);
        assert_eq!(world.told("disposal.notice_overdue").await, 1);
        world.pass(29 * 24 * 60 + 1);
        world.work().await;
        let back = notice(&tasks[1]).await;
        assert_eq!(back.state, NoticeState::Due, "the postponement is over");
    }
}

#[tokio::test]
async fn a_secret_investigation_asks_for_the_postponement_with_the_order() {
    for world in worlds().await {
        let mut press = world.press(&[MOBILE]);
        press.secrecy_reason = Some("侦查保密".to_owned());
        let order = world.link.dispose_subjects(handler(), press).await.unwrap().order;
        let order = world.link.approve_order(approver(), agree(&order)).await.unwrap();
        let task = world.tasks(&order).await.remove(0);
        world.executed(&task, "mobile-gd").await;
        let notice = world.link.notices_by_tasks(handler(), vec![task.id]).await.unwrap().remove(0);
        assert_eq!(notice.state, NoticeState::DeferralRequested);
        world.link.approve_deferral(approver(), deferral(&notice)).await.unwrap();
    }
}

#[tokio::test]
async fn the_calendar_is_edited_and_its_absence_raises_an_alarm() {
    for world in worlds().await {
        // The clock is the same for both databases.
        world.clock.set(cordon_context::Clock::now(&cordon_testkit::clock()));
        let year = world.link.calendar_year(handler(), 2027).await.unwrap();
        assert_eq!((year.state, year.version), (YearState::Provisional, 1));
        world.work().await;
        assert_eq!(world.told("disposal.calendar_missing").await, 0, "not before December");
        world.clock.set(cordon_context::Timestamp::parse_rfc3339("2026-12-01T09:00:00+08:00").unwrap());
        world.work().await;
        world.work().await;
        assert_eq!(world.told("disposal.calendar_missing").await, 1);
        let set = SetCalendarYear { year: 2027, version: year.version, state: YearState::Published, days: year.days };
        assert_eq!(
            refused(world.link.set_calendar_year(handler(), set.clone()).await).code,
            cordon_context::Code::Denied
        );
        let year = world.link.set_calendar_year(admin(), set.clone()).await.unwrap();
        assert_eq!(year.version, 2);
        assert_eq!(refused(world.link.set_calendar_year(admin(), set).await).code, cordon_context::Code::Conflict);
        world.pass(48 * 60);
        world.work().await;
        assert_eq!(world.told("disposal.calendar_missing").await, 1, "the year is published now");
    }
}
