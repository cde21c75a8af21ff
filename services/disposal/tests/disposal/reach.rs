//! Who sees what: what is out of reach does not exist, byte for byte.

use cordon_context::{ItemId, OrderId, TaskId};
use cordon_disposal_contract::*;

use crate::world::*;

fn text<T: std::fmt::Debug>(outcome: Result<T, jsonrpsee::core::ClientError>) -> String {
    serde_json::to_string(&refused(outcome)).unwrap()
}

#[tokio::test]
async fn a_foreign_id_and_an_unknown_id_get_the_same_answer_everywhere() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        let nothing = Order { id: OrderId::new(world.now()), ..order.clone() };
        let no_task = Task { id: TaskId::new(world.now()), ..task.clone() };
        let ctx = foreign_handler;
        for (foreign, unknown) in [
            (
                text(world.link.approve_order(foreign_approver(), agree(&order)).await),
                text(world.link.approve_order(foreign_approver(), agree(&nothing)).await),
            ),
            (
                text(world.link.withdraw_order(ctx(), because(&order)).await),
                text(world.link.withdraw_order(ctx(), because(&nothing)).await),
            ),
            (
                text(world.link.verify_task(ctx(), world.check(&task, true)).await),
                text(world.link.verify_task(ctx(), world.check(&no_task, true)).await),
            ),
            (
                text(world.link.execute_task(duty("unicom-gd"), world.execution(&task)).await),
                text(world.link.execute_task(duty("unicom-gd"), world.execution(&no_task)).await),
            ),
            (
                text(world.link.task_payload(duty("unicom-gd"), task.id).await),
                text(world.link.task_payload(duty("unicom-gd"), no_task.id).await),
            ),
            (
                text(world.link.timeline(ctx(), TimelineOf::Order { order: order.id }, page()).await),
                text(world.link.timeline(ctx(), TimelineOf::Order { order: nothing.id }, page()).await),
            ),
            (
                text(world.link.timeline(duty("unicom-gd"), TimelineOf::Task { task: task.id }, page()).await),
                text(world.link.timeline(duty("unicom-gd"), TimelineOf::Task { task: no_task.id }, page()).await),
            ),
            (
                text(world.link.reveal_item(ctx(), RevealItem { item: task.item, reason: "核对".to_owned() }).await),
                text(
                    world
                        .link
                        .reveal_item(ctx(), RevealItem { item: ItemId::new(world.now()), reason: "核对".to_owned() })
                        .await,
                ),
            ),
        ] {
            assert_eq!(foreign, unknown);
            assert!(foreign.contains("NOT_FOUND"), "{foreign}");
        }
        // Nothing of it is on the timeline: who may not see it leaves no trace that others could read either.
        assert!(world.timeline(task.id).await.iter().all(|(_, refused)| refused.is_none()));
        assert!(world.link.orders_by_ids(ctx(), vec![order.id]).await.unwrap().is_empty());
        assert!(world.link.tasks_by_ids(ctx(), vec![task.id]).await.unwrap().is_empty());
        assert!(world.link.measures_in_force(ctx(), vec![task.subject.id]).await.unwrap().is_empty());
        assert!(world.link.changes(ctx(), 0, 500).await.unwrap().changes.is_empty());
        assert!(world.link.task_status(duty("unicom-gd"), vec![task.id]).await.unwrap().is_empty());
        let count = cordon_context::PageRequest { count: true, ..page() };
        assert_eq!(world.link.list_orders(ctx(), OrderFilter::default(), count).await.unwrap().total, Some(0));
    }
}

#[tokio::test]
async fn an_executor_sees_its_own_item_and_not_the_rest_of_the_order() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE, "微信号：wxid_abc12345"]).await;
        let orders = world.link.orders_by_ids(duty("wechat"), vec![order.id]).await.unwrap();
        assert_eq!((orders.len(), orders[0].item_count, orders[0].tasks.total), (1, 1, 1));
        assert!(orders[0].approvals.is_empty());
        let items = world.link.items_of_order(duty("wechat"), order.id, page()).await.unwrap();
        assert_eq!(items.edges.len(), 1);
        assert_eq!(items.edges[0].1.subject.kind, TargetKind::Account);
        let all: Vec<ItemId> = world.tasks(&order).await.into_iter().map(|task| task.item).collect();
        assert_eq!(world.link.items_by_ids(duty("wechat"), all.clone()).await.unwrap().len(), 1);
        assert_eq!(world.link.items_by_ids(handler(), all.clone()).await.unwrap().len(), 2);
        assert_eq!(world.link.tasks_by_items(duty("wechat"), all).await.unwrap().len(), 1);
        let whole = world.link.timeline(duty("wechat"), TimelineOf::Order { order: order.id }, page()).await;
        assert_eq!(refused(whole).code, cordon_context::Code::NotFound);
    }
}

#[tokio::test]
async fn revealing_takes_a_reason_and_is_written_to_the_ledger() {
    for world in worlds().await {
        let order = world.submitted(&[MOBILE]).await;
        let items = world.link.items_of_order(handler(), order.id, page()).await.unwrap();
        let item = items.edges[0].1.clone();
        assert!(!format!("{item:?}").contains(MOBILE));
        let ask = |reason: &str| RevealItem { item: item.id, reason: reason.to_owned() };
        assert_eq!(refused(world.link.reveal_item(handler(), ask(" ")).await).field.as_deref(), Some("reason"));
        assert_eq!(refused(world.link.reveal_item(approver(), ask("核对")).await).code, cordon_context::Code::Denied);
        let revealed = world.link.reveal_item(handler(), ask("核对")).await.unwrap();
        assert_eq!(revealed.value, MOBILE);
        assert!(!format!("{revealed:?}").contains(MOBILE));
    }
}

#[tokio::test]
async fn typed_targets_name_no_case_that_their_drafter_does_not_see() {
    for world in worlds().await {
        let mut press = world.press(&[MOBILE]);
        press.case = Some(cordon_context::Id::derived(handler().actor.organisation.uuid(), "invented"));
        let invented = refused(world.link.dispose_subjects(handler(), press.clone()).await);
        assert_eq!((invented.rule.as_deref(), invented.field.as_deref()), (Some("order.case_unknown"), Some("case")));
        // One that is there and foreign reads the same.
        press.case = Some(case_id());
        assert_eq!(refused(world.link.dispose_subjects(foreign_handler(), press.clone()).await), invented);
        assert_eq!(refused(world.link.preview_disposal(foreign_handler(), press.clone()).await), invented);
        assert!(world.link.dispose_subjects(handler(), press).await.is_ok());
    }
}

#[tokio::test]
async fn a_party_to_the_case_sees_its_orders_and_a_withdrawn_case_flags_its_measures() {
    for world in worlds().await {
        let mut press = world.press(&[MOBILE]);
        press.case = Some(case_id());
        let order = world.link.dispose_subjects(handler(), press).await.unwrap().order;
        let order = world.link.approve_order(approver(), agree(&order)).await.unwrap();
        let task = world.tasks(&order).await.remove(0);
        let task = world.in_force(&task, "mobile-gd").await;
        // Another order of the case waits for its review, and one of no case as well.
        let mut press = world.press(&[MOBILE_2]);
        press.case = Some(case_id());
        let waiting = world.link.dispose_subjects(handler(), press).await.unwrap().order;
        let other = world.submitted(&[MOBILE_2]).await;
        let mut press = world.press(&[MOBILE_2]);
        press.case = Some(case_id());
        press.keep_draft = true;
        let draft = world.link.dispose_subjects(handler(), press.clone()).await.unwrap().order;
        assert!(world.link.orders_by_ids(foreign_handler(), vec![order.id]).await.unwrap().is_empty());

        let consumer = world.service.consumer();
        let event = |topic: &str| cordon_events::Event {
            id: cordon_context::EventId::new(world.now()),
            service: "case-intake".to_owned(),
            position: 1,
            at: world.now(),
            content: cordon_events::NewEvent {
                topic: topic.to_owned(),
                subject: case_id().to_string(),
                audience: vec![handler().actor.organisation, foreign_handler().actor.organisation],
                payload: serde_json::json!({ "case": case_id(), "number": "A1", "status": "filed", "version": 2 }),
            },
        };
        consumer.consume(&event("case_intake.case_changed")).await.unwrap();
        assert_eq!(world.link.orders_by_ids(foreign_handler(), vec![order.id]).await.unwrap().len(), 1);
        let withdrawn = event("case_intake.case_withdrawn");
        assert!(consumer.wants(&withdrawn.content.topic));
        consumer.consume(&withdrawn).await.unwrap();
        consumer.consume(&withdrawn).await.unwrap();
        assert_eq!(world.told("disposal.review_flagged").await, 1, "the same event twice has one effect");
        let filter = TaskFilter { flagged: true, ..TaskFilter::default() };
        assert_eq!(world.link.list_tasks(handler(), filter, page()).await.unwrap().edges.len(), 1);
        let orders = world.link.orders_by_ids(handler(), vec![waiting.id, other.id]).await.unwrap();
        let stage = |id| orders.iter().find(|order| order.id == id).unwrap().stage;
        assert_eq!((stage(waiting.id), stage(other.id)), (OrderStage::Returned, OrderStage::PendingReview));
        let draft = world.link.orders_by_ids(handler(), vec![draft.id]).await.unwrap().remove(0);
        assert_eq!(draft.stage, OrderStage::Returned, "whoever drafted it is told before it goes on");
        assert!(draft.returned_reason.unwrap().contains("撤销"));
        world.neighbours.withdrawn.store(true, std::sync::atomic::Ordering::SeqCst);
        assert_eq!(rule_of(world.link.dispose_subjects(handler(), press).await), "order.case_withdrawn");
        let clear = ClearReviewFlag { task: task.id, reason: "另案仍需".to_owned() };
        let task = world.link.clear_review_flag(handler(), clear).await.unwrap();
        assert_eq!((task.review_flag, task.state), (None, TaskState::InForce));
    }
}
