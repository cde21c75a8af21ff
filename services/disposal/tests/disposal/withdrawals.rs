//! Taking one task back out of many, and who may end a measure without hearing an appeal.

use cordon_context::Code;
use cordon_disposal_contract::*;

use crate::world::*;

fn back(task: &Task) -> WithdrawTask {
    WithdrawTask { task: task.id, version: task.version, reason: "号码录入有误".to_owned() }
}

#[tokio::test]
async fn one_wrong_number_among_many_is_withdrawn_by_two_and_the_others_go_on() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE, MOBILE_2]).await;
        let tasks = world.tasks(&order).await;
        let asked = world.link.withdraw_task(handler(), back(&tasks[0])).await.unwrap();
        assert_eq!(asked.state, TaskState::Issued, "one person alone takes nothing back");
        // The same person again, and what was not read, count for nothing.
        assert_eq!(rule_of(world.link.withdraw_task(handler(), back(&asked)).await), "task.withdrawal_four_eyes");
        let unread = world.link.withdraw_task(approver(), back(&tasks[0])).await;
        assert_eq!(refused(unread).code, Code::Conflict);
        let done = world.link.withdraw_task(approver(), back(&asked)).await.unwrap();
        assert_eq!(done.state, TaskState::Withdrawn);
        let timeline = world.timeline(done.id).await;
        assert!(timeline.contains(&("task.ask_withdrawal".to_owned(), None)), "{timeline:?}");
        assert_eq!(timeline.last().unwrap(), &("task.withdraw".to_owned(), None));
        assert_eq!(world.task(tasks[1].id).await.state, TaskState::Issued);
        world.in_force(&tasks[1], "mobile-gd").await;
        let late = world.link.withdraw_task(handler(), back(&world.task(done.id).await)).await;
        assert_eq!(rule_of(late), "task.terminal");
    }
}

#[tokio::test]
async fn two_who_may_not_approve_withdraw_nothing_and_no_other_line_does() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        let asked = world.link.withdraw_task(handler(), back(&task)).await.unwrap();
        assert_eq!(rule_of(world.link.withdraw_task(lead(), back(&asked)).await), "task.withdrawal_four_eyes");
        for stranger in [foreign_handler(), foreign_approver()] {
            assert_eq!(refused(world.link.withdraw_task(stranger, back(&asked)).await).code, Code::NotFound);
        }
        let regulator = regulator(cordon_context::Role::RegulatorApprover);
        assert_eq!(rule_of(world.link.withdraw_task(regulator, back(&asked)).await), "task.requester_only");
        for outsider in [duty("mobile-gd"), desk(), officer()] {
            assert_eq!(refused(world.link.withdraw_task(outsider, back(&asked)).await).code, Code::Denied);
        }
        assert_eq!(world.task(task.id).await.state, TaskState::Issued);
        // The organ above may be the second.
        let done = world.link.withdraw_task(province(), back(&asked)).await.unwrap();
        assert_eq!(done.state, TaskState::Withdrawn);
    }
}

#[tokio::test]
async fn what_is_being_executed_is_released_and_what_was_executed_is_not_withdrawn() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE, MOBILE_2]).await;
        let tasks = world.tasks(&order).await;
        world
            .link
            .acknowledge_task(duty("mobile-gd"), AcknowledgeTask { answer: world.answer(&tasks[0]) })
            .await
            .unwrap();
        let begun =
            world.link.begin_task(duty("mobile-gd"), BeginTask { answer: world.answer(&tasks[0]) }).await.unwrap();
        let asked = world.link.withdraw_task(handler(), back(&begun)).await.unwrap();
        let done = world.link.withdraw_task(approver(), back(&asked)).await.unwrap();
        assert_eq!(done.state, TaskState::ReleaseOrdered);
        assert_eq!(world.release_task(&done).await.state, TaskState::Issued);

        let executed = world.executed(&tasks[1], "mobile-gd").await;
        let refusal = world.link.withdraw_task(handler(), back(&executed)).await;
        assert_eq!(rule_of(refusal), "task.withdraw_executed");
    }
}

#[tokio::test]
async fn a_wish_to_withdraw_ends_with_the_generation_that_it_was_about() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        world.link.withdraw_task(handler(), back(&task)).await.unwrap();
        world.pass(1);
        let refusal = RefuseTask {
            answer: world.answer(&task),
            code: RefusalCode::TechnicallyImpossible,
            text: "系统升级".into(),
        };
        world.link.refuse_task(duty("mobile-gd"), refusal).await.unwrap();
        world.pass(1);
        let again = ReissueTask { task: task.id, reason: "请再试".to_owned() };
        let again = world.link.reissue_task(handler(), again).await.unwrap();
        let first = world.link.withdraw_task(approver(), back(&again)).await.unwrap();
        assert_eq!(first.state, TaskState::Issued, "it is the first wish about this generation");
        let done = world.link.withdraw_task(handler(), back(&first)).await.unwrap();
        assert_eq!(done.state, TaskState::Withdrawn);
    }
}

#[tokio::test]
async fn who_hears_appeals_ends_a_measure_by_deciding_one_and_in_no_other_way() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        let task = world.in_force(&task, "mobile-gd").await;
        let release =
            || OrderRelease { task: task.id, reason: ReleaseReason::EnteredByMistake, note: None, by_mistake: true };
        for hearer in [officer(), province_officer()] {
            assert_eq!(refused(world.link.order_release(hearer, release()).await).code, Code::Denied);
        }
        assert_eq!(world.task(task.id).await.state, TaskState::InForce);
        // The requester's own officer may.
        world.link.order_release(handler(), release()).await.unwrap();
        assert_eq!(world.task(task.id).await.state, TaskState::ReleaseOrdered);
    }
}
