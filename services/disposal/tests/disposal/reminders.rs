//! What is late or ends soon reaches somebody: it is told to whoever stands above, and it can be found by whoever may see it.

use std::sync::atomic::Ordering;

use cordon_context::{CallContext, OrganisationId, Role};
use cordon_disposal_contract::*;
use cordon_testkit::organisation;

use crate::world::*;

/// Who was told of the last event with this topic.
async fn audience(world: &World, topic: &str) -> Vec<OrganisationId> {
    let events = world.database.database.changes(0, 5_000).await.unwrap();
    events.into_iter().rev().find(|event| event.content.topic == topic).map(|event| event.content.audience).unwrap()
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
        for _ in 0..3 {
            world.service.run_due().await.unwrap();
            assert_eq!(asked(), 1, "one question for a pass, not one for every row");
        }
        assert_eq!(world.told(events::DEADLINE_MISSED).await, 0);
        world.neighbours.down.store(false, Ordering::SeqCst);
        world.work().await;
        assert_eq!(world.told(events::DEADLINE_MISSED).await, 3);
        assert_eq!(asked(), 2, "one question for each enterprise");
        let told = world.database.database.changes(0, 5_000).await.unwrap();
        let missed: Vec<_> = told.into_iter().filter(|event| event.content.topic == events::DEADLINE_MISSED).collect();
        for event in &missed {
            let to = &event.content.audience;
            assert!(to.contains(&organisation("mobile")) || to.contains(&organisation("police-gd")), "{to:?}");
        }
        world.work().await;
        assert_eq!(world.told(events::DEADLINE_MISSED).await, 3, "once");
        assert!(world.task(tasks[0].id).await.overdue);
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
