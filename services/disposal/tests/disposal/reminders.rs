//! What is late or ends soon reaches somebody: it is told to whoever stands above, and it can be found by whoever may see it.

use std::sync::atomic::Ordering;

use cordon_context::{CallContext, OrganisationId, Role};
use cordon_disposal::DisposalSettings;
use cordon_disposal_contract::*;
use cordon_testkit::organisation;

use crate::world::*;

/// Who was told of the last event with this topic.
async fn audience(world: &World, topic: &str) -> Vec<OrganisationId> {
    let events = world.database.database.changes(0, 5_000).await.unwrap();
    events.into_iter().rev().find(|event| event.content.topic == topic).map(|event| event.content.audience).unwrap()
}

/// How often those above the mobile carrier and above the other one were told of something.
async fn told_above(world: &World, topic: &str) -> [usize; 2] {
    let events = world.database.database.changes(0, 5_000).await.unwrap();
    let told = |organ| {
        let to =
            |event: &&cordon_events::Event| event.content.topic == topic && event.content.audience.contains(&organ);
        events.iter().filter(to).count()
    };
    ["mobile", "police-gd"].map(organisation).map(told)
}

async fn found(world: &World, ctx: CallContext, filter: TaskFilter) -> usize {
    world.link.list_tasks(ctx, filter, page()).await.unwrap().edges.len()
}

async fn orders(world: &World, ctx: CallContext, filter: OrderFilter) -> usize {
    world.link.list_orders(ctx, filter, page()).await.unwrap().edges.len()
}

#[tokio::test]
async fn lateness_climbs_from_the_enterprise_to_its_authority_and_to_the_ministry() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        let late = || TaskFilter { late: true, ..TaskFilter::default() };
        let at = |escalation| TaskFilter { escalated: vec![escalation], ..TaskFilter::default() };
        let topic = events::DEADLINE_MISSED;
        let [parent, authority, ministry] = ["mobile", "authority-gd", "ministry"].map(organisation);
        assert_eq!(found(&world, duty("mobile-gd"), late()).await, 0);
        // Ten minutes to acknowledge it.
        world.pass(10);
        world.work().await;
        let told = audience(&world, topic).await;
        assert!(told.contains(&parent) && told.contains(&organisation("mobile-gd")), "{told:?}");
        assert!(!told.contains(&authority) && !told.contains(&ministry), "it is not that late: {told:?}");
        for reader in [duty("mobile-gd"), handler(), regulator(Role::RegulatorOfficer), desk()] {
            assert_eq!(found(&world, reader, late()).await, 1);
        }
        for stranger in [duty("unicom-gd"), foreign_handler()] {
            assert_eq!(found(&world, stranger, late()).await, 0);
        }
        assert_eq!(found(&world, desk(), at(Escalation::Authority)).await, 0);
        world.pass(60);
        world.work().await;
        let told = audience(&world, topic).await;
        assert!(told.contains(&authority) && !told.contains(&ministry), "{told:?}");
        assert_eq!(found(&world, regulator(Role::RegulatorOfficer), at(Escalation::Authority)).await, 1);
        world.pass(180);
        world.work().await;
        assert!(audience(&world, topic).await.contains(&ministry));
        assert_eq!(found(&world, desk(), at(Escalation::Ministry)).await, 1);
        // Whoever did it in time is not on the list.
        world.executed(&task, "mobile-gd").await;
        assert_eq!(found(&world, duty("mobile-gd"), late()).await, 0);
    }
}

#[tokio::test]
async fn lateness_is_not_lost_while_the_directory_does_not_answer() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE, MOBILE_2, PORTED]).await;
        let tasks = world.tasks(&order).await;
        let asked = || world.neighbours.asked.swap(0, Ordering::SeqCst);
        world.neighbours.down.store(true, Ordering::SeqCst);
        // Marks before the end are told of without asking anybody.
        world.pass(8);
        world.work().await;
        assert_eq!((world.told(events::DEADLINE_NEAR).await, asked()), (3, 0));
        world.pass(2);
        world.work().await;
        // The executors and the organ hear of it at once, and it is marked; only the way up waits.
        assert_eq!(world.told(events::DEADLINE_MISSED).await, 3);
        assert_eq!(asked(), 2, "one question for a pass of each job, not one for every row");
        assert_eq!(found(&world, handler(), TaskFilter { late: true, ..TaskFilter::default() }).await, 3);
        // What is done now was late all the same, and those above hear of it.
        world.executed(&tasks[0], "mobile-gd").await;
        for _ in 0..3 {
            world.pass(1);
            world.work().await;
            assert_eq!(asked(), 1);
        }
        assert_eq!(told_above(&world, events::DEADLINE_MISSED).await, [0, 0]);
        world.neighbours.down.store(false, Ordering::SeqCst);
        world.pass(1);
        world.work().await;
        assert_eq!(told_above(&world, events::DEADLINE_MISSED).await, [2, 1]);
        assert_eq!(asked(), 2, "one question for each enterprise");
        world.pass(1);
        world.work().await;
        assert_eq!(told_above(&world, events::DEADLINE_MISSED).await, [2, 1], "once");
        let done = world.task(tasks[0].id).await;
        assert_eq!((done.state, done.overdue), (TaskState::Executed, true));
    }
    for world in worlds().await {
        // What an enterprise did not confirm ends in time, also when nobody above it can be named.
        let own = crate::protective::record(&world, MOBILE);
        let task = world.link.record_protective(duty("mobile-gd"), own).await.unwrap().task;
        world.neighbours.down.store(true, Ordering::SeqCst);
        world.pass(1_440);
        world.work().await;
        assert_eq!(world.task(task.id).await.state, TaskState::ReleaseOrdered);
    }
}

#[tokio::test]
async fn nobody_is_late_unmarked_by_acting_before_the_clock_looks() {
    for late in [0, 1] {
        for world in worlds().await {
            world.neighbours.down.store(true, Ordering::SeqCst);
            let order = world.issued(&[MOBILE]).await;
            let task = world.tasks(&order).await.remove(0);
            // Ten minutes to acknowledge it, thirty to do it; no clock looks.
            world.pass(9 + late);
            let answer = AcknowledgeTask { answer: world.answer(&task) };
            world.link.acknowledge_task(duty("mobile-gd"), answer).await.unwrap();
            let missed = usize::try_from(late).unwrap();
            assert_eq!(world.told(events::DEADLINE_MISSED).await, missed);
            world.pass(20);
            let done = world.link.execute_task(duty("mobile-gd"), world.execution(&task)).await.unwrap();
            assert_eq!((done.state, done.overdue), (TaskState::Executed, late == 1));
            assert_eq!(world.told(events::DEADLINE_MISSED).await, 2 * missed);
            world.work().await;
            assert_eq!(told_above(&world, events::DEADLINE_MISSED).await, [0, 0]);
            world.neighbours.down.store(false, Ordering::SeqCst);
            world.pass(1);
            world.work().await;
            assert_eq!(told_above(&world, events::DEADLINE_MISSED).await, [2 * missed, 0]);
            let marked = world.timeline(task.id).await.iter().filter(|(event, _)| event == "task.deadline").count();
            assert_eq!(marked, 2 * missed);
            assert_eq!(world.task(task.id).await.overdue, late == 1);
        }
    }
}

#[tokio::test]
async fn a_notice_and_an_appeal_that_were_late_say_so_when_they_are_answered_first() {
    for late in [0, 1] {
        for world in worlds().await {
            let order = world.issued(&[MOBILE]).await;
            let task = world.tasks(&order).await.remove(0);
            let task = world.in_force(&task, "mobile-gd").await;
            world.neighbours.down.store(true, Ordering::SeqCst);
            world.pass(1_439 + late);
            let notice = world.link.notices_by_tasks(duty("mobile-gd"), vec![task.id]).await.unwrap().remove(0);
            let sent = RecordNotice {
                notice: notice.id,
                channel: NoticeChannel::Sms,
                sent_at: world.now(),
                reference: "SMS-7".to_owned(),
            };
            let notice = world.link.record_notice(duty("mobile-gd"), sent).await.unwrap();
            assert_eq!(notice.overdue, late == 1);
            let missed = usize::try_from(late).unwrap();
            assert_eq!(world.told(events::NOTICE_OVERDUE).await, missed);

            let filed = world.link.file_appeal(hotline(), crate::protective::appeal()).await.unwrap().appeal;
            let left = u64::try_from(filed.accept_due.millis() - world.now().millis()).unwrap();
            world.clock.advance(std::time::Duration::from_millis(left - 1 + late));
            let heard = world.link.accept_appeal(officer(), AppealStep { appeal: filed.id }).await.unwrap();
            assert_eq!((heard.state, heard.overdue), (AppealState::Accepted, late == 1));
            let told = || async {
                let events = world.database.database.changes(0, 5_000).await.unwrap();
                let of = |event: &&cordon_events::Event| {
                    event.content.topic == events::DEADLINE_MISSED && event.content.subject == filed.id.to_string()
                };
                events.iter().filter(of).count()
            };
            assert_eq!(told().await, missed);
            world.neighbours.down.store(false, Ordering::SeqCst);
            world.work().await;
            assert_eq!(told().await, 2 * missed, "those above hear of it later");
            let reported = audience_of_all(&world, events::NOTICE_OVERDUE).await;
            assert_eq!(reported.contains(&organisation("authority-gd")), late == 1);
        }
    }
}

/// Everybody who was told of a topic.
async fn audience_of_all(world: &World, topic: &str) -> Vec<OrganisationId> {
    let events = world.database.database.changes(0, 5_000).await.unwrap();
    events.into_iter().filter(|event| event.content.topic == topic).flat_map(|event| event.content.audience).collect()
}

#[tokio::test]
async fn what_waits_for_the_directory_keeps_nothing_else_from_its_turn() {
    let settings = || DisposalSettings { job_batch: 2, ..DisposalSettings::default() };
    for world in worlds_with(settings()).await {
        // More reviews than fit into a pass are late, and nobody can be asked whom to tell.
        for number in [MOBILE_2, PORTED, "13956780002"] {
            world.submitted(&[number]).await;
        }
        let own = crate::protective::record(&world, MOBILE);
        let own = world.link.record_protective(duty("mobile-gd"), own).await.unwrap().task;
        world.neighbours.down.store(true, Ordering::SeqCst);
        world.pass(1_440);
        world.work().await;
        assert_eq!(world.task(own.id).await.state, TaskState::ReleaseOrdered);
        assert_eq!(orders(&world, approver(), OrderFilter { review_overdue: true, ..OrderFilter::default() }).await, 3);
    }
    for world in worlds_with(settings()).await {
        // More reports than fit into a pass wait for the directory.
        world.neighbours.down.store(true, Ordering::SeqCst);
        world.issued(&[PORTED, "13956780002", "13956780003"]).await;
        world.pass(1);
        world.issued(&[MOBILE]).await;
        world.pass(9);
        world.work().await;
        world.pass(1);
        world.work().await;
        world.pass(1);
        world.service.run_due().await.unwrap();
        world.neighbours.down.store(false, Ordering::SeqCst);
        world.work().await;
        assert_eq!(told_above(&world, events::DEADLINE_MISSED).await, [1, 1], "the first two rest for a moment");
        world.clock.advance(std::time::Duration::from_secs(5));
        world.work().await;
        assert_eq!(told_above(&world, events::DEADLINE_MISSED).await, [1, 3], "and not longer");
    }
}

#[tokio::test]
async fn what_ends_soon_and_what_nobody_told_the_holder_can_be_found() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        let task = world.in_force(&task, "mobile-gd").await;
        let end = task.effective_to.unwrap();
        let before = |moment| TaskFilter { ends_before: Some(moment), ..TaskFilter::default() };
        let untold = || TaskFilter { notice_overdue: true, ..TaskFilter::default() };
        assert_eq!(found(&world, handler(), before(end)).await, 0);
        assert_eq!(found(&world, handler(), before(end.plus(std::time::Duration::from_secs(1)))).await, 1);
        assert_eq!(found(&world, foreign_handler(), before(end.plus(std::time::Duration::from_secs(1)))).await, 0);
        assert_eq!(found(&world, handler(), untold()).await, 0);
        world.pass(1_440);
        world.work().await;
        assert!(audience(&world, events::NOTICE_OVERDUE).await.contains(&organisation("authority-gd")));
        for reader in [duty("mobile-gd"), handler(), regulator(Role::RegulatorOfficer)] {
            assert_eq!(found(&world, reader, untold()).await, 1);
        }
        let notice = world.link.notices_by_tasks(duty("mobile-gd"), vec![task.id]).await.unwrap().remove(0);
        let sent = RecordNotice {
            notice: notice.id,
            channel: NoticeChannel::Sms,
            sent_at: world.now(),
            reference: "SMS-7".to_owned(),
        };
        world.link.record_notice(duty("mobile-gd"), sent).await.unwrap();
        assert_eq!(found(&world, handler(), untold()).await, 0);
    }
}

#[tokio::test]
async fn a_review_that_nobody_gives_and_paperwork_that_does_not_come_can_be_found_and_are_told_above() {
    for world in worlds().await {
        let unreviewed = || OrderFilter { review_overdue: true, ..OrderFilter::default() };
        let unpapered = || OrderFilter { paperwork_overdue: true, ..OrderFilter::default() };
        let waiting = world.submitted(&[MOBILE]).await;
        assert_eq!(orders(&world, approver(), unreviewed()).await, 0);
        world.pass(10);
        world.work().await;
        assert_eq!(orders(&world, approver(), unreviewed()).await, 1);
        assert_eq!(orders(&world, province(), unreviewed()).await, 1);
        assert_eq!(orders(&world, foreign_approver(), unreviewed()).await, 0);
        assert!(audience(&world, events::DEADLINE_MISSED).await.contains(&organisation("police-gd")));

        world.link.issue_emergency(lead(), because(&waiting)).await.unwrap();
        world.pass(1_439);
        world.work().await;
        assert_eq!(orders(&world, approver(), unpapered()).await, 0);
        world.pass(1);
        world.work().await;
        assert_eq!(orders(&world, approver(), unpapered()).await, 1);
        assert_eq!(orders(&world, approver(), unreviewed()).await, 0);
        assert!(audience(&world, events::PAPERWORK_OVERDUE).await.contains(&organisation("police-gd")));
    }
}

#[tokio::test]
async fn an_order_is_closed_when_no_holder_is_owed_anything_any_more() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        let task = world.in_force(&task, "mobile-gd").await;
        let release = OrderRelease { task: task.id, reason: ReleaseReason::Reverified, note: None, by_mistake: false };
        world.link.order_release(handler(), release).await.unwrap();
        world.carry_out_release(&task, "mobile-gd").await;
        let now = async |ctx| world.link.orders_by_ids(ctx, vec![order.id]).await.unwrap().remove(0);
        // Two notices were not given: that it was stopped, and that it is back.
        for left in [2, 1] {
            let seen = now(handler()).await;
            assert_eq!((seen.state, seen.tasks.owed), (OrderState::Closing, left));
            let notices = world.link.notices_by_tasks(duty("mobile-gd"), vec![task.id]).await.unwrap();
            let open = notices.iter().find(|notice| notice.state == NoticeState::Due).unwrap();
            let sent = RecordNotice {
                notice: open.id,
                channel: NoticeChannel::Sms,
                sent_at: world.now(),
                reference: "SMS-7".to_owned(),
            };
            world.link.record_notice(duty("mobile-gd"), sent).await.unwrap();
        }
        assert_eq!(now(handler()).await.state, OrderState::Closed);
    }
}
