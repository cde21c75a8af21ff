//! What executors answer: late, twice, out of order, for others, and "not mine".

use cordon_context::{Code, ReceiptId};
use cordon_disposal_contract::*;
use cordon_testkit::organisation;

use crate::world::*;

fn disown(world: &World, task: &Task, not_mine: NotMine) -> DisownTask {
    DisownTask { answer: world.answer(task), not_mine, note: None }
}

#[tokio::test]
async fn the_same_receipt_twice_has_one_effect_and_other_content_under_it_is_refused() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        let acknowledge = AcknowledgeTask { answer: world.answer(&task) };
        let first = world.link.acknowledge_task(duty("mobile-gd"), acknowledge.clone()).await.unwrap();
        let execution = world.execution(&task);
        world.link.execute_task(duty("mobile-gd"), execution.clone()).await.unwrap();
        let again = world.link.execute_task(duty("mobile-gd"), execution.clone()).await.unwrap();
        assert_eq!(again.state, TaskState::Executed);
        // The first answer comes once more, late: it changes nothing and is no error, since it was taken.
        let late = world.link.acknowledge_task(duty("mobile-gd"), acknowledge).await.unwrap();
        assert_eq!((first.state, late.state), (TaskState::Received, TaskState::Executed));
        let mut other = execution;
        other.evidence.bss_order = "BSS-2".to_owned();
        assert_eq!(rule_of(world.link.execute_task(duty("mobile-gd"), other).await), "task.receipt_reused");
        world.assert_refused(task.id, "task.execute", "task.receipt_reused").await;
        assert_eq!(world.link.receipts_by_tasks(desk(), vec![task.id]).await.unwrap().len(), 2);
        assert_eq!(world.link.notices_by_tasks(desk(), vec![task.id]).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn answers_out_of_order_from_others_and_without_evidence_change_nothing_and_are_noted() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        let early = world.link.execute_task(duty("mobile-gd"), world.execution(&task)).await;
        assert_eq!(rule_of(early), "task.illegal_transition");
        world.assert_refused(task.id, "task.execute", "task.illegal_transition").await;
        // An enterprise that never had the task learns nothing at all.
        let stranger =
            world.link.acknowledge_task(duty("unicom-gd"), AcknowledgeTask { answer: world.answer(&task) }).await;
        assert_eq!(refused(stranger).code, Code::NotFound);
        world.link.acknowledge_task(duty("mobile-gd"), AcknowledgeTask { answer: world.answer(&task) }).await.unwrap();
        let mut bare = world.execution(&task);
        bare.evidence.bss_order = " ".to_owned();
        assert_eq!(rule_of(world.link.execute_task(duty("mobile-gd"), bare).await), "task.evidence_incomplete");
        let mut future = world.execution(&task);
        future.evidence.executed_at = world.now().plus(std::time::Duration::from_hours(1));
        assert_eq!(rule_of(world.link.execute_task(duty("mobile-gd"), future).await), "task.evidence_time");
        assert_eq!(world.task(task.id).await.state, TaskState::Received);
    }
}

#[tokio::test]
async fn a_mismatch_must_not_be_executed_until_the_requester_sends_it_out_again() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        let refusal =
            RefuseTask { answer: world.answer(&task), code: RefusalCode::Mismatch, text: "机主不符".to_owned() };
        let rejected = world.link.refuse_task(duty("mobile-gd"), refusal).await.unwrap();
        assert_eq!((rejected.state, rejected.refusal), (TaskState::Rejected, Some(RefusalCode::Mismatch)));
        let anyway = world.link.execute_task(duty("mobile-gd"), world.execution(&task)).await;
        assert_eq!(rule_of(anyway), "task.mismatch_must_not_execute");
        world.assert_refused(task.id, "task.execute", "task.mismatch_must_not_execute").await;
        let again = ReissueTask { task: task.id, reason: "已核对机主".to_owned() };
        world.link.reissue_task(handler(), again.clone()).await.unwrap();
        let reissued = world.link.reissue_task(approver(), again).await.unwrap();
        assert_eq!((reissued.state, reissued.generation, reissued.refusal), (TaskState::Issued, 2, None));
        assert_ne!(reissued.payload_digest, task.payload_digest);
        // An answer to the first generation counts no more.
        let stale =
            world.link.acknowledge_task(duty("mobile-gd"), AcknowledgeTask { answer: world.answer(&task) }).await;
        assert_eq!(rule_of(stale), "task.stale_generation");
        world.in_force(&reissued, "mobile-gd").await;
    }
}

#[tokio::test]
async fn a_ported_number_is_passed_on_by_itself_and_the_earlier_executor_hears_the_rule() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        let to = NotMine::PortedTo { organisation: organisation("unicom-gd") };
        world.link.disown_task(duty("mobile-gd"), disown(&world, &task, to)).await.unwrap();
        let passed = world.task(task.id).await;
        assert_eq!((passed.executor, passed.generation, passed.hops), (Some(organisation("unicom-gd")), 2, 1));
        assert_eq!(world.routes.learned.lock().unwrap().get(MOBILE), Some(&organisation("unicom-gd")));
        let late =
            world.link.acknowledge_task(duty("mobile-gd"), AcknowledgeTask { answer: world.answer(&task) }).await;
        assert!(["task.executor_only", "task.stale_generation"].contains(&rule_of(late).as_str()));
        assert!(world.timeline(task.id).await.last().unwrap().1.is_some());
        let status = world.link.task_status(duty("mobile-gd"), vec![task.id]).await.unwrap().remove(0);
        assert_eq!((status.generation, status.yours), (2, false));
        // Neither the lists nor the payload are open to it any more.
        assert!(world.link.tasks_by_ids(duty("mobile-gd"), vec![task.id]).await.unwrap().is_empty());
        assert_eq!(refused(world.link.task_payload(duty("mobile-gd"), task.id).await).code, Code::NotFound);
        world.in_force(&passed, "unicom-gd").await;
    }
}

#[tokio::test]
async fn a_third_hop_and_an_unknown_owner_end_at_the_desk_where_a_person_routes() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE, NOBODYS]).await;
        let tasks = world.tasks(&order).await;
        assert_eq!((tasks[1].state, tasks[1].desk_reason), (TaskState::Desk, Some(DeskReason::Unroutable)));
        let mut task = tasks[0].clone();
        for (from, to) in [("mobile-gd", "unicom-gd"), ("unicom-gd", "telecom-gd")] {
            let to = NotMine::PortedTo { organisation: organisation(to) };
            world.link.disown_task(duty(from), disown(&world, &task, to)).await.unwrap();
            task = world.task(task.id).await;
        }
        let back = NotMine::PortedTo { organisation: organisation("mobile-gd") };
        world.link.disown_task(duty("telecom-gd"), disown(&world, &task, back)).await.unwrap();
        task = world.task(task.id).await;
        assert_eq!(
            (task.state, task.desk_reason, task.executor),
            (TaskState::Desk, Some(DeskReason::TooManyHops), None)
        );
        let waiting = world.link.exception_desk(desk(), page()).await.unwrap();
        assert_eq!(waiting.edges.len(), 2);
        let by_hand = |executor| RouteTask { task: task.id, executor, reason: "电话核实".to_owned() };
        assert_eq!(
            refused(world.link.route_task(handler(), by_hand(organisation("unicom-gd"))).await).code,
            Code::Denied
        );
        let police = world.link.route_task(desk(), by_hand(organisation("police-gd"))).await;
        assert_eq!(rule_of(police), "task.no_executor");
        let routed = world.link.route_task(desk(), by_hand(organisation("unicom-gd"))).await.unwrap();
        assert_eq!((routed.state, routed.hops), (TaskState::Issued, 0));
        world.in_force(&routed, "unicom-gd").await;
        let dropped = DropTask { task: tasks[1].id, reason: "号码有误".to_owned() };
        assert_eq!(world.link.drop_task(handler(), dropped).await.unwrap().state, TaskState::Withdrawn);
    }
}

#[tokio::test]
async fn an_executor_never_confirms_its_own_work_and_a_failed_check_sends_it_back() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        let task = world.executed(&task, "mobile-gd").await;
        let own = world.link.verify_task(duty("mobile-gd"), world.check(&task, true)).await;
        assert_eq!(rule_of(own), "task.verifier_independent");
        world.assert_refused(task.id, "task.verify", "task.verifier_independent").await;
        let back = world.link.verify_task(handler(), world.check(&task, false)).await.unwrap();
        assert_eq!(back.state, TaskState::VerifyFailed);
        world.pass(1);
        let inbox = world.link.inbox(duty("mobile-gd"), InboxFilter::default(), page()).await.unwrap();
        assert_eq!(inbox.edges.len(), 1);
        let redone = world.link.execute_task(duty("mobile-gd"), world.execution(&task)).await.unwrap();
        let task = world.link.verify_task(handler(), world.check(&redone, true)).await.unwrap();
        assert_eq!(task.state, TaskState::InForce);
        let checks = world.link.verifications_by_tasks(desk(), vec![task.id]).await.unwrap();
        assert_eq!(checks.iter().map(|check| check.passed).collect::<Vec<_>>(), [false, true]);
    }
}

#[tokio::test]
async fn a_failed_execution_has_a_plan_and_a_partial_one_says_so() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        world.link.acknowledge_task(duty("mobile-gd"), AcknowledgeTask { answer: world.answer(&task) }).await.unwrap();
        let fail = FailTask { answer: world.answer(&task), reason: "系统维护".to_owned(), retry_at: None };
        let failed = world.link.fail_task(duty("mobile-gd"), fail).await.unwrap();
        assert_eq!(failed.state, TaskState::Failed);
        assert_eq!(failed.retry_at.unwrap().since(world.now()).as_secs(), 300);
        world.pass(5);
        world.work().await;
        assert_eq!(world.told("disposal.task_assigned").await, 2, "the executor is told that it is time to try again");
        assert_eq!((world.task(task.id).await.generation, world.task(task.id).await.retry_at), (1, None));
        let part = ExecuteTask { partial: true, note: Some("国际功能未关".to_owned()), ..world.execution(&task) };
        let done = world.link.execute_task(duty("mobile-gd"), part).await.unwrap();
        assert!(done.partial && done.retry_at.is_none());
    }
}

#[tokio::test]
async fn what_cannot_be_delivered_goes_to_the_desk_unless_it_was_received_meanwhile() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE, MOBILE_2]).await;
        let tasks = world.tasks(&order).await;
        world
            .link
            .acknowledge_task(duty("mobile-gd"), AcknowledgeTask { answer: world.answer(&tasks[1]) })
            .await
            .unwrap();
        for task in &tasks {
            world.service.undeliverable(task.id, 1).await.unwrap();
        }
        let first = world.task(tasks[0].id).await;
        assert_eq!((first.state, first.desk_reason), (TaskState::Desk, Some(DeskReason::Undeliverable)));
        assert_eq!(world.task(tasks[1].id).await.state, TaskState::Received);
    }
}

#[tokio::test]
async fn many_identical_confirmations_at_once_are_one() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        let acknowledge =
            AcknowledgeTask { answer: AnswerTo { task: task.id, generation: 1, receipt: ReceiptId::new(world.now()) } };
        let calls = (0..16).map(|_| world.link.acknowledge_task(duty("mobile-gd"), acknowledge.clone()));
        let outcomes = futures::future::join_all(calls).await;
        let taken = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert!(taken >= 1);
        assert_eq!(world.link.receipts_by_tasks(desk(), vec![task.id]).await.unwrap().len(), 1);
        assert_eq!(world.task(task.id).await.state, TaskState::Received);
    }
}
