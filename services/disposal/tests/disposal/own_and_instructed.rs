//! What an enterprise stopped by itself and what an organ ordered on the same number: who gives back which part, and when.

use cordon_context::CallContext;
use cordon_disposal_contract::*;

use crate::protective::{appeal, enterprise, manager, standing};
use crate::world::*;

fn legal() -> CallContext {
    enterprise("legal", "mobile-gd", cordon_context::Role::EnterpriseLegal)
}

/// The tasks that bring a measure back in part, the oldest first.
async fn resumptions(world: &World, task: &Task) -> Vec<Task> {
    let all = world.link.tasks_by_items(desk(), vec![task.item]).await.unwrap();
    all.into_iter().filter(|other| other.action == TaskAction::LimitedResume).collect()
}

/// A measure of an enterprise whose appeal lay for too long, and what brings it back in part.
async fn overdue(world: &World) -> (Task, Appeal, Task) {
    let ProtectiveMeasure { order: _, task } = standing(world).await;
    let filed = world.link.file_appeal(hotline(), appeal()).await.unwrap().appeal;
    world.pass(72 * 60);
    world.work().await;
    let back = resumptions(world, &task).await.remove(0);
    (task, filed, back)
}

async fn resumed(world: &World, back: &Task) {
    let back = world.executed(back, "mobile-gd").await;
    world.link.verify_task(manager(), world.check(&back, true)).await.unwrap();
}

fn over(task: &Task) -> OrderRelease {
    OrderRelease { task: task.id, reason: ReleaseReason::CaseWithdrawn, note: None, by_mistake: false }
}

#[tokio::test]
async fn what_had_come_back_in_part_comes_back_again_when_the_organ_lets_go() {
    for world in worlds().await {
        let (task, _, back) = overdue(&world).await;
        resumed(&world, &back).await;
        for round in 1..3 {
            assert_eq!(resumptions(&world, &task).await.len(), round);
            assert!(world.task(task.id).await.limited_at.is_some());
            let order = world.issued(&[MOBILE]).await;
            let stop = world.tasks(&order).await.remove(0);
            assert!(world.task(task.id).await.limited_at.is_some(), "nothing has stopped it yet");
            let stop = world.in_force(&stop, "mobile-gd").await;
            // The whole number is off: nobody says that a part of it works.
            assert_eq!(world.task(task.id).await.limited_at, None);
            world.pass(13 * 60);
            world.work().await;
            assert_eq!(resumptions(&world, &task).await.len(), round, "an organ stops it");

            let release = world.link.order_release(approver(), over(&stop)).await.unwrap();
            assert_eq!(release.state, ReleaseState::WaitingHolders, "the enterprise's own measure stands");
            world.work().await;
            let again = resumptions(&world, &task).await.remove(round);
            assert_eq!((again.state, again.executor), (TaskState::Issued, task.executor));
            resumed(&world, &again).await;
            let own = world.task(task.id).await;
            assert_eq!((own.state, own.limited_at.is_some()), (TaskState::InForce, true));
            world.pass(13 * 60);
            world.work().await;
        }
    }
}

#[tokio::test]
async fn a_stop_that_never_arrives_takes_no_part_back_and_keeps_none_back() {
    for world in worlds().await {
        // It had come back: an order that is withdrawn before it was carried out changes nothing.
        let (task, _, back) = overdue(&world).await;
        resumed(&world, &back).await;
        let order = world.issued(&[MOBILE]).await;
        withdrawn(&world, &order).await;
        world.pass(13 * 60);
        world.work().await;
        assert_eq!(resumptions(&world, &task).await.len(), 1);
        assert!(world.task(task.id).await.limited_at.is_some());
    }
    for world in worlds().await {
        // It was on its way, and the order overtook it: it goes out again as soon as the order is gone.
        let (task, _, back) = overdue(&world).await;
        let order = world.issued(&[MOBILE]).await;
        assert_eq!(world.task(back.id).await.state, TaskState::Withdrawn);
        world.pass(13 * 60);
        world.work().await;
        assert_eq!(resumptions(&world, &task).await.len(), 1);
        withdrawn(&world, &order).await;
        world.work().await;
        assert_eq!(resumptions(&world, &task).await[1].state, TaskState::Issued);
    }
}

async fn withdrawn(world: &World, order: &Order) {
    world.link.withdraw_order(handler(), because(order)).await.unwrap();
    world.link.withdraw_order(approver(), because(order)).await.unwrap();
    assert_eq!(world.tasks(order).await[0].state, TaskState::Withdrawn);
}

#[tokio::test]
async fn a_stop_that_was_carried_out_after_its_withdrawal_does_not_keep_the_part_back() {
    for world in worlds().await {
        let (task, _, back) = overdue(&world).await;
        resumed(&world, &back).await;
        let order = world.issued(&[MOBILE]).await;
        let stop = world.tasks(&order).await.remove(0);
        withdrawn(&world, &order).await;
        world.link.execute_task(duty("mobile-gd"), world.execution(&stop)).await.unwrap();
        assert_eq!(world.task(task.id).await.limited_at, None, "the number is off as a whole");
        world.pass(1);
        world.work().await;
        assert_eq!(resumptions(&world, &task).await[1].state, TaskState::Issued);
    }
}

/// Decides that the measure stays.
async fn maintained(world: &World, filed: &Appeal) {
    crate::own_hearings::decided(world, legal(), filed, AppealOutcome::Maintain).await;
}

#[tokio::test]
async fn after_a_decision_nothing_new_comes_back_and_what_had_come_back_stays() {
    for world in worlds().await {
        // Decided before it was carried out, in whatever state it waits.
        let (task, filed, back) = overdue(&world).await;
        let (answer, text) = (world.answer(&back), "须人工办理".to_owned());
        let impossible = RefuseTask { answer, code: RefusalCode::TechnicallyImpossible, text };
        world.link.refuse_task(duty("mobile-gd"), impossible).await.unwrap();
        maintained(&world, &filed).await;
        assert_eq!(world.task(back.id).await.state, TaskState::Withdrawn);
        world.pass(13 * 60);
        world.work().await;
        assert_eq!(resumptions(&world, &task).await.len(), 1);
    }
    for world in worlds().await {
        // Decided after it: the part stays, also when an organ stopped the number in between.
        let (task, filed, back) = overdue(&world).await;
        resumed(&world, &back).await;
        let order = world.issued(&[MOBILE]).await;
        let stop = world.tasks(&order).await.remove(0);
        let stop = world.in_force(&stop, "mobile-gd").await;
        maintained(&world, &filed).await;
        let reply = AppealText { appeal: filed.id, text: "维持原措施".to_owned() };
        world.link.reply_appeal(legal(), reply).await.unwrap();
        world.link.order_release(approver(), over(&stop)).await.unwrap();
        world.pass(1);
        world.work().await;
        assert_eq!(resumptions(&world, &task).await[1].state, TaskState::Issued);
    }
}

/// How often anybody could read of a resumption that is looked at, and the version of its appeal.
async fn read_of(world: &World, filed: &Appeal) -> (usize, usize, i64) {
    let seen = world.link.appeals_by_ids(legal(), vec![filed.id]).await.unwrap().remove(0);
    (world.ledger("appeal.limited_resume").await.len(), world.told(events::APPEAL_CHANGED).await, seen.version)
}

#[tokio::test]
async fn a_resumption_that_an_organ_stands_in_the_way_of_is_looked_at_without_a_trace() {
    for decided in [false, true] {
        for world in worlds().await {
            let (task, filed, back) = overdue(&world).await;
            resumed(&world, &back).await;
            let order = world.issued(&[MOBILE]).await;
            let stop = world.tasks(&order).await.remove(0);
            let stop = world.in_force(&stop, "mobile-gd").await;
            if decided {
                maintained(&world, &filed).await;
                let reply = AppealText { appeal: filed.id, text: "维持原措施".to_owned() };
                world.link.reply_appeal(legal(), reply).await.unwrap();
            }
            // The silence about the appeal itself climbs to its end first.
            for _ in 0..3 {
                world.pass(240);
                world.work().await;
            }
            let before = read_of(&world, &filed).await;
            assert!(before.0 > 0, "the first resumption can be read of");
            for _ in 0..4 {
                world.pass(7 * 60);
                world.work().await;
                let due = world.link.appeals_by_ids(legal(), vec![filed.id]).await.unwrap()[0].limited_resume_due;
                assert_eq!(due.is_some_and(|due| due > world.now()), !decided);
            }
            assert_eq!(read_of(&world, &filed).await, before);
            assert_eq!(resumptions(&world, &task).await.len(), 1);
            // It is not forgotten: the organ that lets go wakes it.
            world.link.order_release(approver(), over(&stop)).await.unwrap();
            world.work().await;
            assert_eq!(resumptions(&world, &task).await[1].state, TaskState::Issued);
            assert_eq!(read_of(&world, &filed).await.0, before.0 + 1);
        }
    }
}
