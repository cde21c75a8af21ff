//! 轮候与叠加: several organs hold the same measure, and each lets go only of its own.

use cordon_disposal_contract::*;
use cordon_testkit::organisation;

use crate::world::*;

async fn second_holder(world: &World) -> (Order, Task) {
    let pressed = world.link.dispose_subjects(foreign_handler(), world.press(&[MOBILE])).await.unwrap();
    let kinds: Vec<FindingKind> = pressed.preview.rows[0].findings.iter().map(|finding| finding.kind).collect();
    assert_eq!(kinds, [FindingKind::AlreadyInForce]);
    let order = world.link.approve_order(foreign_approver(), agree(&pressed.order)).await.unwrap();
    let task = world.tasks(&order).await.remove(0);
    (order, task)
}

fn let_go(task: &Task) -> OrderRelease {
    OrderRelease { task: task.id, reason: ReleaseReason::EnteredByMistake, note: None, by_mistake: false }
}

#[tokio::test]
async fn a_second_order_joins_and_the_measure_stays_until_both_let_go() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let first = world.tasks(&order).await.remove(0);
        let first = world.in_force(&first, "mobile-gd").await;
        let (_order, second) = second_holder(&world).await;
        assert!(second.joined && second.state == TaskState::InForce);
        assert_eq!(world.told("disposal.task_assigned").await, 1, "nothing had to be executed a second time");

        let release = world.link.order_release(handler(), let_go(&first)).await.unwrap();
        assert_eq!(
            (release.state, release.waiting_for.clone()),
            (ReleaseState::WaitingHolders, vec![organisation("police-hz")])
        );
        assert_eq!(world.task(first.id).await.state, TaskState::ReleaseOrdered);
        assert_eq!(
            world.link.tasks_by_items(desk(), vec![first.item]).await.unwrap().len(),
            1,
            "no release task is out yet"
        );

        let waiting = world.link.releases_awaiting_consent(foreign_handler(), page()).await.unwrap();
        assert_eq!(waiting.edges[0].1.id, release.id);
        // Who holds nothing cannot consent, and an organ that is not asked does not even find it.
        let own = ConsentRelease { release: release.id, note: None };
        assert_eq!(rule_of(world.link.consent_release(handler(), own.clone()).await), "release.not_a_holder");
        let release = world.link.consent_release(foreign_handler(), own).await.unwrap();
        assert_eq!((release.state, release.waiting_for.len()), (ReleaseState::Ordered, 0));

        let second = world.carry_out_release(&second, "mobile-gd").await;
        assert_eq!(second.state, TaskState::Released);
        assert_eq!(world.task(first.id).await.state, TaskState::Released);
        assert!(world.link.measures_in_force(desk(), vec![first.subject.id]).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn only_what_stands_as_a_whole_and_covers_what_is_wanted_is_joined() {
    use PhoneFunction::{CallOut, International, SmsOut};
    let press = |world: &World, functions: &[PhoneFunction]| {
        let mut press = world.press(&[MOBILE]);
        press.measures[0].measures = vec![Measure::RestrictFunctions];
        press.measures[0].functions = functions.to_vec();
        press
    };
    for (done, partial, wanted, joins) in [
        (vec![CallOut, SmsOut], false, vec![CallOut, SmsOut], true),
        (vec![CallOut, SmsOut], false, vec![SmsOut], true),
        (vec![CallOut, SmsOut], false, vec![SmsOut, International], false),
        (vec![CallOut], true, vec![CallOut], false),
    ] {
        for world in worlds().await {
            let order = world.link.dispose_subjects(handler(), press(&world, &[CallOut, SmsOut])).await.unwrap().order;
            let order = world.link.approve_order(approver(), agree(&order)).await.unwrap();
            let first = world.tasks(&order).await.remove(0);
            world
                .link
                .acknowledge_task(duty("mobile-gd"), AcknowledgeTask { answer: world.answer(&first) })
                .await
                .unwrap();
            let mut execution = world.execution(&first);
            execution.evidence.functions.clone_from(&done);
            let first = world.link.execute_task(duty("mobile-gd"), ExecuteTask { partial, ..execution }).await.unwrap();
            world.link.verify_task(desk(), world.check(&first, true)).await.unwrap();

            let pressed = world.link.dispose_subjects(foreign_handler(), press(&world, &wanted)).await.unwrap();
            let named = pressed.preview.rows[0].findings.iter().any(|found| found.kind == FindingKind::AlreadyInForce);
            let order = world.link.approve_order(foreign_approver(), agree(&pressed.order)).await.unwrap();
            let second = world.tasks(&order).await.remove(0);
            assert_eq!((second.joined, named), (joins, joins), "{wanted:?} on {done:?}");
            let state = if joins { TaskState::InForce } else { TaskState::Issued };
            assert_eq!((second.state, second.functions), (state, wanted.clone()), "{wanted:?} on {done:?}");
        }
    }
}

#[tokio::test]
async fn a_holder_cannot_be_overruled_by_another_organ() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let first = world.tasks(&order).await.remove(0);
        let first = world.in_force(&first, "mobile-gd").await;
        // The executor may not end an instructed measure, and a foreign organ does not find it.
        let by_executor = world.link.order_release(duty("mobile-gd"), let_go(&first)).await;
        assert_eq!(rule_of(by_executor), "release.only_requester_or_superior");
        world.assert_refused(first.id, "release.order", "release.only_requester_or_superior").await;
        let by_stranger = refused(world.link.order_release(foreign_handler(), let_go(&first)).await);
        let unknown = OrderRelease { task: cordon_context::TaskId::new(world.now()), ..let_go(&first) };
        let of_nothing = refused(world.link.order_release(foreign_handler(), unknown).await);
        assert_eq!(serde_json::to_string(&by_stranger).unwrap(), serde_json::to_string(&of_nothing).unwrap());
        // The organ above may.
        let release = world.link.order_release(province(), let_go(&first)).await.unwrap();
        assert_eq!(release.state, ReleaseState::Ordered);
    }
}

#[tokio::test]
async fn other_measures_of_the_order_are_offered_for_release() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE, "微信号：wxid_abc12345"]).await;
        let tasks = world.tasks(&order).await;
        let phone = world.in_force(&tasks[0], "mobile-gd").await;
        let account = world.in_force(&tasks[1], "wechat").await;
        let release = world.link.order_release(handler(), let_go(&phone)).await.unwrap();
        assert_eq!(release.offered, [account.id]);
    }
}

#[tokio::test]
async fn a_release_that_cannot_be_carried_out_because_the_number_is_gone_can_be_closed() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        let task = world.in_force(&task, "mobile-gd").await;
        world.link.order_release(handler(), let_go(&task)).await.unwrap();
        let release = world.release_task(&task).await;
        let refuse = |code| RefuseTask { answer: world.answer(&release), code, text: "说明".to_owned() };
        world.link.refuse_task(duty("mobile-gd"), refuse(RefusalCode::BeyondPower)).await.unwrap();
        let drop = DropTask { task: release.id, reason: "号码已销户".to_owned() };
        assert_eq!(rule_of(world.link.drop_task(handler(), drop.clone()).await), "release.must_be_carried_out");
        let again = ReissueTask { task: release.id, reason: "必须解除".to_owned() };
        let release = world.link.reissue_task(handler(), again).await.unwrap();
        let refuse =
            RefuseTask {
                answer: world.answer(&release), code: RefusalCode::AlreadyClosed, text: "已销户".to_owned()
            };
        world.link.refuse_task(duty("mobile-gd"), refuse).await.unwrap();
        assert_eq!(world.link.drop_task(handler(), drop).await.unwrap().state, TaskState::Done);
        assert_eq!(world.task(task.id).await.state, TaskState::Released);
    }
}
