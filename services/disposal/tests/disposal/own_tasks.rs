//! Tasks of an enterprise's own measures that did not go well: who goes on with them, and how.

use cordon_context::Code;
use cordon_disposal_contract::*;

use crate::protective::{appeal, end, limited_task, manager, standing, system};
use crate::world::*;

fn refusal(world: &World, task: &Task, code: RefusalCode) -> RefuseTask {
    RefuseTask { answer: world.answer(task), code, text: "营业系统无此业务".to_owned() }
}

fn again(task: &Task) -> ReissueTask {
    ReissueTask { task: task.id, reason: "已核对，请执行".to_owned() }
}

fn off_the_table(task: &Task) -> DropTask {
    DropTask { task: task.id, reason: "号码已销户".to_owned() }
}

/// The limited resumption of a measure whose appeal nobody decided.
async fn overdue(world: &World, task: &Task) -> Task {
    world.link.file_appeal(hotline(), appeal()).await.unwrap();
    world.pass(72 * 60);
    world.work().await;
    limited_task(world, task).await.unwrap()
}

#[tokio::test]
async fn a_release_that_the_enterprise_gave_back_is_sent_out_again_by_its_manager() {
    for world in worlds().await {
        let ProtectiveMeasure { order: _, task } = standing(&world).await;
        world.link.order_release(manager(), end(&task)).await.unwrap();
        let back = world.release_task(&task).await;
        let refused_back = refusal(&world, &back, RefusalCode::TechnicallyImpossible);
        let back = world.link.refuse_task(duty("mobile-gd"), refused_back).await.unwrap();
        assert_eq!(back.state, TaskState::Rejected);
        let listed = TaskFilter { states: vec![TaskState::Rejected], ..TaskFilter::default() };
        let seen = world.link.list_tasks(manager(), listed, page()).await.unwrap();
        assert_eq!(seen.edges[0].1.id, back.id, "somebody sees that it waits");
        assert!(back.due.is_some(), "and it is reported above them if they do not go on");
        // It has to be carried out: it is neither dropped nor anybody else's to send out.
        let dropped = world.link.drop_task(manager(), off_the_table(&back)).await;
        assert_eq!(rule_of(dropped), "release.must_be_carried_out");
        for outsider in [duty("mobile-gd"), system(), desk()] {
            assert_eq!(refused(world.link.reissue_task(outsider, again(&back)).await).code, Code::Denied);
        }
        for organ in [handler(), approver(), province()] {
            assert_eq!(refused(world.link.reissue_task(organ, again(&back)).await).code, Code::NotFound);
        }
        let foreign = crate::protective::enterprise("manager", "unicom-gd", cordon_context::Role::EnterpriseManager);
        assert_eq!(refused(world.link.reissue_task(foreign, again(&back)).await).code, Code::NotFound);
        let back = world.link.reissue_task(manager(), again(&back)).await.unwrap();
        assert_eq!((back.state, back.generation), (TaskState::Issued, 2));
        let back = world.executed(&back, "mobile-gd").await;
        world.link.verify_task(manager(), world.check(&back, true)).await.unwrap();
        assert_eq!(world.task(task.id).await.state, TaskState::Released);
    }
}

#[tokio::test]
async fn a_release_of_a_number_that_is_gone_is_dropped_by_somebody_who_did_not_say_so() {
    for world in worlds().await {
        let ProtectiveMeasure { order: _, task } = standing(&world).await;
        world.link.order_release(manager(), end(&task)).await.unwrap();
        let back = world.release_task(&task).await;
        let gone = refusal(&world, &back, RefusalCode::AlreadyClosed);
        let back = world.link.refuse_task(duty("mobile-gd"), gone).await.unwrap();
        let mut same = manager();
        same.actor.kind = duty("mobile-gd").actor.kind;
        assert_eq!(rule_of(world.link.drop_task(same, off_the_table(&back)).await), "task.drop_four_eyes");
        let back = world.link.drop_task(manager(), off_the_table(&back)).await.unwrap();
        assert_eq!(back.state, TaskState::Done);
        assert_eq!(world.task(task.id).await.state, TaskState::Released);
    }
}

#[tokio::test]
async fn a_limited_resumption_that_was_given_back_goes_on_and_ends_with_its_measure() {
    for world in worlds().await {
        let ProtectiveMeasure { order: _, task } = standing(&world).await;
        let back = overdue(&world, &task).await;
        let impossible = refusal(&world, &back, RefusalCode::TechnicallyImpossible);
        let back = world.link.refuse_task(duty("mobile-gd"), impossible).await.unwrap();
        assert_eq!((back.state, world.task(task.id).await.limited_at), (TaskState::Rejected, None));
        let dropped = world.link.drop_task(manager(), off_the_table(&back)).await;
        assert_eq!(rule_of(dropped), "release.must_be_carried_out", "the holder is owed it");
        let back = world.link.reissue_task(manager(), again(&back)).await.unwrap();
        let back = world.executed(&back, "mobile-gd").await;
        assert_eq!(world.task(task.id).await.limited_at, back.executed_at);
    }
    for world in worlds().await {
        // Nobody has to mend it first to end the measure as a whole.
        let ProtectiveMeasure { order: _, task } = standing(&world).await;
        let back = overdue(&world, &task).await;
        let impossible = refusal(&world, &back, RefusalCode::TechnicallyImpossible);
        world.link.refuse_task(duty("mobile-gd"), impossible).await.unwrap();
        world.link.order_release(manager(), end(&task)).await.unwrap();
        assert_eq!(world.task(back.id).await.state, TaskState::Withdrawn);
    }
}

#[tokio::test]
async fn a_measure_that_is_being_done_again_can_be_ended_all_the_same() {
    for world in worlds().await {
        let recorded = world.link.record_protective(duty("mobile-gd"), crate::protective::record(&world, MOBILE)).await;
        let task = recorded.unwrap().task;
        let disputed = world.link.verify_task(manager(), world.check(&task, false)).await.unwrap();
        assert_eq!(disputed.state, TaskState::VerifyFailed);
        let begun = BeginTask { answer: world.answer(&disputed) };
        let begun = world.link.begin_task(duty("mobile-gd"), begun).await.unwrap();
        let broken = FailTask { answer: world.answer(&begun), reason: "系统故障".to_owned(), retry_at: None };
        let broken = world.link.fail_task(duty("mobile-gd"), broken).await.unwrap();
        assert_eq!(broken.state, TaskState::Failed);
        // It was carried out once, so that it does not merely leave the table.
        let dropped = world.link.drop_task(manager(), off_the_table(&broken)).await;
        assert_eq!(rule_of(dropped), "release.must_be_carried_out");
        world.link.order_release(manager(), end(&task)).await.unwrap();
        assert_eq!(world.task(task.id).await.state, TaskState::ReleaseOrdered);
        assert_eq!(world.release_task(&task).await.state, TaskState::Issued);
    }
}

#[tokio::test]
async fn who_answers_for_own_measures_gives_no_orders() {
    for world in worlds().await {
        let ProtectiveMeasure { order, task } = standing(&world).await;
        let link = &world.link;
        assert_eq!(refused(link.dispose_subjects(manager(), world.press(&[MOBILE_2])).await).code, Code::Denied);
        assert_eq!(refused(link.submit_order(manager(), OrderStep { order: order.id }).await).code, Code::Denied);
        assert_eq!(refused(link.withdraw_order(manager(), because(&order)).await).code, Code::Denied);
        let longer = RenewMeasure {
            task: task.id,
            effective_to: world.now().plus(std::time::Duration::from_hours(24 * 40)),
            reason: "继续".to_owned(),
            legal_basis: None,
        };
        assert_eq!(refused(link.renew_measure(manager(), longer).await).code, Code::Denied);
        // What an organ instructed stays the organ's to send out again.
        let instructed = world.issued(&[MOBILE_2]).await;
        let instructed = world.tasks(&instructed).await.remove(0);
        let gone = refusal(&world, &instructed, RefusalCode::NumberUnknown);
        let instructed = link.refuse_task(duty("mobile-gd"), gone).await.unwrap();
        assert_eq!(refused(link.reissue_task(manager(), again(&instructed)).await).code, Code::NotFound);
        assert_eq!(refused(link.drop_task(manager(), off_the_table(&instructed)).await).code, Code::NotFound);
        assert_eq!(link.drop_task(handler(), off_the_table(&instructed)).await.unwrap().state, TaskState::Withdrawn);
    }
}
