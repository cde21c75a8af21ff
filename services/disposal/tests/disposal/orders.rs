//! Who may move an order, and what a consent is worth.

use std::time::Duration;

use cordon_context::Code;
use cordon_disposal_contract::*;

use crate::world::*;

#[tokio::test]
async fn nobody_agrees_to_their_own_order_or_to_what_they_did_not_read() {
    for world in worlds().await {
        let order = world.submitted(&[MOBILE]).await;
        // The drafter with both duties is still the drafter.
        let mut both = handler();
        both.actor.roles.push(cordon_context::Role::PoliceApprover);
        assert_eq!(rule_of(world.link.approve_order(both, agree(&order)).await), "order.four_eyes");
        assert_eq!(refused(world.link.approve_order(handler(), agree(&order)).await).code, Code::Denied);
        let unread = ApproveOrder { content_hash: "0".repeat(64), ..agree(&order) };
        assert_eq!(rule_of(world.link.approve_order(approver(), unread).await), "order.content_changed");
        // A refused attempt is on the order's timeline, and changed nothing.
        let timeline = world.link.timeline(handler(), TimelineOf::Order { order: order.id }, page()).await.unwrap();
        let refused: Vec<_> = timeline.edges.iter().filter_map(|(_, entry)| entry.refused_by.clone()).collect();
        assert_eq!(refused, ["order.four_eyes", "order.content_changed"]);
        assert_eq!(world.link.approve_order(approver(), agree(&order)).await.unwrap().state, OrderState::Issued);
        assert_eq!(rule_of(world.link.approve_order(approver(), agree(&order)).await), "order.illegal_transition");
    }
}

#[tokio::test]
async fn an_edit_after_a_consent_makes_the_consent_void() {
    for world in worlds().await {
        // 96110 is protected, so that the first consent alone does not issue the order yet.
        let order = world.submitted(&[MOBILE, "96110"]).await;
        assert!(order.needs_protected_approval);
        let order = world.link.approve_order(approver(), agree(&order)).await.unwrap();
        assert_eq!(order.stage, OrderStage::PendingReview);
        let edit = EditOrder {
            order: order.id,
            version: order.version,
            legal_basis: None,
            urgency: Some(Urgency::Routine),
            reason: None,
            duration_days: None,
            remove_items: Vec::new(),
        };
        let edited = world.link.edit_order(handler(), edit.clone()).await.unwrap();
        assert_ne!(edited.content_hash, order.content_hash);
        assert!(edited.approvals.iter().all(|approval| approval.void));
        assert_eq!(refused(world.link.edit_order(handler(), edit).await).code, Code::Conflict);
        let order = world.link.submit_order(handler(), OrderStep { order: order.id }).await.unwrap();
        let order = world.link.approve_protected(province(), agree(&order)).await.unwrap();
        assert_eq!(order.stage, OrderStage::PendingReview, "the old consent must not count");
        let order = world.link.approve_order(approver(), agree(&order)).await.unwrap();
        assert_eq!(order.stage, OrderStage::Issued);
    }
}

#[tokio::test]
async fn a_protected_target_takes_a_second_approver_at_province_level() {
    for world in worlds().await {
        let preview = world.link.preview_disposal(handler(), world.press(&["96110"])).await.unwrap();
        let finding = preview.rows[0].findings.iter().find(|finding| finding.kind == FindingKind::Protected).unwrap();
        assert_eq!(finding.co_approver_level, Some(cordon_context::OrganisationLevel::Province));
        let order = world.submitted(&["96110"]).await;
        let order = world.link.approve_order(approver(), agree(&order)).await.unwrap();
        assert_eq!(
            rule_of(world.link.approve_protected(approver(), agree(&order)).await),
            "order.protected_second_approval"
        );
        let order = world.link.approve_protected(province(), agree(&order)).await.unwrap();
        assert_eq!(order.stage, OrderStage::Issued);
        // One person at province level cannot give both consents.
        let order = world.submitted(&["96110"]).await;
        let order = world.link.approve_order(province(), agree(&order)).await.unwrap();
        assert_eq!(
            rule_of(world.link.approve_protected(province(), agree(&order)).await),
            "order.protected_second_approval"
        );
    }
}

#[tokio::test]
async fn a_measure_for_good_takes_an_approver_of_the_province() {
    for world in worlds().await {
        let mut press = world.press(&[MOBILE]);
        press.measures[0].measures = vec![Measure::Close];
        let order = world.link.dispose_subjects(handler(), press).await.unwrap().order;
        assert_eq!(rule_of(world.link.approve_order(approver(), agree(&order)).await), "order.approval_level");
        assert_eq!(world.link.approve_order(province(), agree(&order)).await.unwrap().stage, OrderStage::Issued);
        let task = world.tasks(&order).await.remove(0);
        let task = world.in_force(&task, "mobile-gd").await;
        assert_eq!(task.effective_to, None, "what cannot be undone does not end");
        let release =
            OrderRelease { task: task.id, reason: ReleaseReason::EnteredByMistake, note: None, by_mistake: true };
        assert_eq!(rule_of(world.link.order_release(handler(), release).await), "release.irreversible");
    }
}

#[tokio::test]
async fn an_expired_document_neither_submits_nor_approves_nor_issues() {
    for world in worlds().await {
        let mut press = world.press(&[MOBILE]);
        let basis = press.legal_basis.as_mut().unwrap();
        basis.valid_to = Some(world.now().plus(Duration::from_mins(5)));
        let order = world.link.dispose_subjects(handler(), press.clone()).await.unwrap().order;
        world.pass(6);
        assert_eq!(rule_of(world.link.approve_order(approver(), agree(&order)).await), "order.legal_basis_expired");
        assert_eq!(rule_of(world.link.dispose_subjects(handler(), press.clone()).await), "order.legal_basis_expired");
        press.legal_basis = None;
        assert_eq!(rule_of(world.link.dispose_subjects(handler(), press).await), "order.legal_basis_missing");
    }
}

#[tokio::test]
async fn a_model_may_propose_but_a_named_person_gives_the_reason() {
    for world in worlds().await {
        let mut press = world.press(&[MOBILE]);
        press.origin = OrderOrigin::Model { model: "detector-3".to_owned(), human_reason: " ".to_owned() };
        assert_eq!(
            rule_of(world.link.dispose_subjects(handler(), press.clone()).await),
            "order.model_needs_human_reason"
        );
        press.origin =
            OrderOrigin::Model { model: "detector-3".to_owned(), human_reason: "核对通话记录属实".to_owned() };
        world.link.dispose_subjects(handler(), press).await.unwrap();
    }
}

#[tokio::test]
async fn a_county_drafts_no_order() {
    for world in worlds().await {
        let mut county = handler();
        county.actor.level = cordon_context::OrganisationLevel::County;
        assert_eq!(rule_of(world.link.dispose_subjects(county, world.press(&[MOBILE])).await), "order.drafter_level");
    }
}

#[tokio::test]
async fn an_emergency_goes_out_at_once_and_its_paperwork_follows_or_is_asked_for() {
    for world in worlds().await {
        let mut press = world.press(&[MOBILE]);
        press.legal_basis = None;
        press.keep_draft = true;
        let order = world.link.dispose_subjects(handler(), press).await.unwrap().order;
        assert_eq!(refused(world.link.issue_emergency(handler(), because(&order)).await).code, Code::Denied);
        let silent = OrderReason { reason: " ".to_owned(), ..because(&order) };
        assert_eq!(rule_of(world.link.issue_emergency(lead(), silent).await), "order.reason_missing");
        let order = world.link.issue_emergency(lead(), because(&order)).await.unwrap();
        assert_eq!(order.stage, OrderStage::Issued);
        assert_eq!(world.tasks(&order).await.len(), 1);
        let due = order.emergency.as_ref().unwrap().paperwork_due;
        assert_eq!(due.since(world.now()), Duration::from_hours(24));

        world.pass(24 * 60);
        world.work().await;
        let order = world.link.orders_by_ids(handler(), vec![order.id]).await.unwrap().remove(0);
        assert!(order.emergency.as_ref().unwrap().escalated_at.is_some());
        assert_eq!(world.told("disposal.paperwork_overdue").await, 1);
        world.pass(61);
        world.work().await;
        assert_eq!(world.told("disposal.paperwork_overdue").await, 2, "the second one warns of the release");

        let paperwork = FilePaperwork { order: order.id, legal_basis: world.basis() };
        let order = world.link.file_paperwork(handler(), paperwork).await.unwrap();
        assert_eq!(refused(world.link.approve_paperwork(lead(), agree(&order)).await).code, Code::Denied);
        let order = world.link.approve_paperwork(approver(), agree(&order)).await.unwrap();
        assert!(order.emergency.unwrap().paperwork_at.is_some());
        // The payload that went out before stays what it was.
        let task =
            world.link.inbox(duty("mobile-gd"), InboxFilter::default(), page()).await.unwrap().edges[0].1.clone();
        world.link.task_payload(duty("mobile-gd"), task.id).await.unwrap();
    }
}

#[tokio::test]
async fn an_emergency_is_no_way_around_the_second_approval_of_a_protected_target() {
    for world in worlds().await {
        let order = world.submitted(&["96110"]).await;
        assert_eq!(
            rule_of(world.link.issue_emergency(lead(), because(&order)).await),
            "order.protected_second_approval"
        );
    }
}

#[tokio::test]
async fn a_returned_order_goes_back_with_the_reason_and_can_be_submitted_again() {
    for world in worlds().await {
        let order = world.submitted(&[MOBILE]).await;
        let order = world.link.return_order(approver(), because(&order)).await.unwrap();
        assert_eq!((order.state, order.returned_reason.as_deref()), (OrderState::Returned, Some("情况有变")));
        assert_eq!(rule_of(world.link.approve_order(approver(), agree(&order)).await), "order.illegal_transition");
        let order = world.link.submit_order(handler(), OrderStep { order: order.id }).await.unwrap();
        assert_eq!(world.link.approve_order(approver(), agree(&order)).await.unwrap().stage, OrderStage::Issued);
    }
}

#[tokio::test]
async fn withdrawing_an_issued_order_takes_two_and_releases_what_may_be_done_already() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE, MOBILE_2]).await;
        let tasks = world.tasks(&order).await;
        let held = world.in_force(&tasks[0], "mobile-gd").await;
        let asked = world.link.withdraw_order(handler(), because(&order)).await.unwrap();
        assert_eq!(asked.stage, OrderStage::Issued, "one person's word is not enough");
        assert_eq!(rule_of(world.link.withdraw_order(handler(), because(&order)).await), "order.withdrawal_four_eyes");
        let order = world.link.withdraw_order(approver(), because(&order)).await.unwrap();
        assert_eq!((order.stage, order.state), (OrderStage::Withdrawn, OrderState::Releasing));
        assert_eq!(world.task(tasks[1].id).await.state, TaskState::Withdrawn);
        // A confirmation that comes late does not bring it back, and stays on the timeline.
        let late =
            world.link.acknowledge_task(duty("mobile-gd"), AcknowledgeTask { answer: world.answer(&tasks[1]) }).await;
        assert_eq!(rule_of(late), "task.terminal");
        world.assert_refused(tasks[1].id, "task.acknowledge", "task.terminal").await;
        assert_eq!(world.task(tasks[1].id).await.state, TaskState::Withdrawn);
        let held = world.carry_out_release(&held, "mobile-gd").await;
        assert_eq!(held.state, TaskState::Released);
    }
}

#[tokio::test]
async fn the_same_key_gives_the_same_order_and_another_input_is_a_conflict() {
    for world in worlds().await {
        let press = world.press(&[MOBILE]);
        let ctx = keyed(&handler(), "press-0001");
        let first = world.link.dispose_subjects(ctx.clone(), press.clone()).await.unwrap();
        let second = world.link.dispose_subjects(ctx.clone(), press.clone()).await.unwrap();
        assert_eq!(first, second);
        // Also when the routes cannot be asked any more.
        world.routes.down.store(true, std::sync::atomic::Ordering::SeqCst);
        let third = world.link.dispose_subjects(ctx.clone(), press).await.unwrap();
        assert_eq!(first, third);
        let unkeyed = world.link.dispose_subjects(handler(), world.press(&[MOBILE])).await;
        assert_eq!(refused(unkeyed).code, Code::Unavailable);
        world.routes.down.store(false, std::sync::atomic::Ordering::SeqCst);
        let other = world.link.dispose_subjects(ctx, world.press(&[MOBILE_2])).await;
        assert_eq!(refused(other).code, Code::IdempotencyMismatch);
        let all = world.link.list_orders(handler(), OrderFilter::default(), page()).await.unwrap();
        assert_eq!(all.edges.len(), 1);
    }
}

#[tokio::test]
async fn two_consents_at_the_same_moment_issue_once() {
    for world in worlds().await {
        let order = world.submitted(&[MOBILE]).await;
        let other = {
            let mut ctx = approver();
            ctx.actor = cordon_testkit::actor(
                "approver-2",
                "police-sz",
                cordon_context::OrganisationKind::Police,
                cordon_context::OrganisationLevel::City,
                "440300",
                &[cordon_context::Role::PoliceApprover],
            );
            ctx
        };
        let (one, two) = tokio::join!(
            world.link.approve_order(approver(), agree(&order)),
            world.link.approve_order(other, agree(&order))
        );
        assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1, "{one:?} {two:?}");
        assert_eq!(world.tasks(&order).await.len(), 1);
        assert_eq!(world.told("disposal.task_assigned").await, 1);
    }
}
