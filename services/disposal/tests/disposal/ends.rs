//! How measures end: withdrawn too late, let go of by several at once, past their document, upheld on appeal.

use std::time::Duration;

use cordon_disposal_contract::*;
use cordon_testkit::organisation;
use sea_orm::ConnectionTrait as _;

use crate::world::*;

fn let_go(task: &Task) -> OrderRelease {
    OrderRelease { task: task.id, reason: ReleaseReason::Reverified, note: None, by_mistake: false }
}

async fn acknowledged(world: &World, task: &Task) -> Task {
    world.link.acknowledge_task(duty("mobile-gd"), AcknowledgeTask { answer: world.answer(task) }).await.unwrap()
}

async fn begun(world: &World, task: &Task) -> Task {
    acknowledged(world, task).await;
    world.link.begin_task(duty("mobile-gd"), BeginTask { answer: world.answer(task) }).await.unwrap()
}

async fn withdrawn(world: &World, order: &Order) {
    world.link.withdraw_order(handler(), because(order)).await.unwrap();
    world.link.withdraw_order(approver(), because(order)).await.unwrap();
}

/// The same number, wanted by a foreign organ, before the first organ's measure is confirmed.
async fn foreign(world: &World, targets: &[&str]) -> (Order, Vec<Task>) {
    let pressed = world.link.dispose_subjects(foreign_handler(), world.press(targets)).await.unwrap();
    let order = world.link.approve_order(foreign_approver(), agree(&pressed.order)).await.unwrap();
    let tasks = world.tasks(&order).await;
    (order, tasks)
}

/// An order for good, which the province approves.
async fn for_good(world: &World) -> (Order, Task) {
    let mut press = world.press(&[MOBILE]);
    press.measures[0].measures = vec![Measure::Close];
    let order = world.link.dispose_subjects(handler(), press).await.unwrap().order;
    let order = world.link.approve_order(province(), agree(&order)).await.unwrap();
    let task = world.tasks(&order).await.remove(0);
    (order, task)
}

#[tokio::test]
async fn a_payload_is_given_only_while_the_executor_has_something_to_do() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE, MOBILE_2]).await;
        let tasks = world.tasks(&order).await;
        let payload = |task: &Task| world.link.task_payload(duty("mobile-gd"), task.id);
        payload(&tasks[0]).await.unwrap();
        let standing = world.in_force(&tasks[0], "mobile-gd").await;
        assert_eq!(rule_of(payload(&standing).await), "task.illegal_transition");
        withdrawn(&world, &order).await;
        assert_eq!(rule_of(payload(&tasks[1]).await), "task.terminal");
    }
}

#[tokio::test]
async fn an_execution_that_is_confirmed_after_the_withdrawal_is_kept_as_evidence_and_undone() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE, MOBILE_2]).await;
        let tasks = world.tasks(&order).await;
        let late = acknowledged(&world, &tasks[0]).await;
        withdrawn(&world, &order).await;
        let told = world.link.execute_task(duty("mobile-gd"), world.execution(&late)).await.unwrap();
        assert_eq!(told.state, TaskState::Withdrawn, "it does not come back");
        let receipts = world.link.receipts_by_tasks(desk(), vec![late.id]).await.unwrap();
        assert!(receipts.iter().any(|receipt| receipt.kind == ReceiptKind::Executed && receipt.evidence.is_some()));
        let release = world.link.releases_by_tasks(handler(), vec![late.id]).await.unwrap().remove(0);
        assert_eq!((release.state, release.reason), (ReleaseState::Ordered, ReleaseReason::OrderWithdrawn));
        assert_eq!(release.organisation, organisation("police-sz"), "the executor decides nothing");
        // Told once more, it is undone already, and the executor hears that there is no order.
        let again = world.link.execute_task(duty("mobile-gd"), world.execution(&late)).await;
        assert_eq!(rule_of(again), "task.terminal");
        let after = world.carry_out_release(&late, "mobile-gd").await;
        assert_eq!(after.state, TaskState::Withdrawn);
        let release = world.link.releases_by_tasks(handler(), vec![late.id]).await.unwrap().remove(0);
        assert_eq!(release.state, ReleaseState::Done);
        // The control: what nobody carried out needs no release.
        assert!(world.link.releases_by_tasks(handler(), vec![tasks[1].id]).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn what_cannot_be_undone_and_was_not_carried_out_is_stopped_by_the_withdrawal() {
    for world in worlds().await {
        let (order, task) = for_good(&world).await;
        let task = begun(&world, &task).await;
        world.link.withdraw_order(handler(), because(&order)).await.unwrap();
        world.link.withdraw_order(approver(), because(&order)).await.unwrap();
        let stopped = world.task(task.id).await;
        assert_eq!((stopped.state, stopped.generation), (TaskState::Withdrawn, 2));
        let late = world.link.execute_task(duty("mobile-gd"), world.execution(&task)).await;
        assert_eq!(rule_of(late), "task.terminal");
        assert!(world.link.releases_by_tasks(handler(), vec![task.id]).await.unwrap().is_empty());
    }
    for world in worlds().await {
        // The control: once it was carried out, it stays.
        let (order, task) = for_good(&world).await;
        world.executed(&task, "mobile-gd").await;
        world.link.withdraw_order(handler(), because(&order)).await.unwrap();
        world.link.withdraw_order(approver(), because(&order)).await.unwrap();
        assert_eq!(world.task(task.id).await.state, TaskState::Executed);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_holders_who_let_go_at_the_same_moment_leave_no_release_behind() {
    let numbers: Vec<String> = (10..22).map(|last| format!("139123400{last}")).collect();
    let targets: Vec<&str> = numbers.iter().map(String::as_str).collect();
    for world in worlds().await {
        let order = world.issued(&targets).await;
        let mut first = Vec::new();
        for task in world.tasks(&order).await {
            first.push(world.in_force(&task, "mobile-gd").await);
        }
        let (_order, second) = foreign(&world, &targets).await;
        assert!(second.iter().all(|task| task.joined));
        for mine in &first {
            let theirs = second.iter().find(|task| task.subject.id == mine.subject.id).unwrap();
            let (one, other) = (world.link.clone(), world.link.clone());
            let (mine_input, their_input) = (let_go(mine), let_go(theirs));
            let outcomes = tokio::join!(
                tokio::spawn(async move { one.order_release(handler(), mine_input).await }),
                tokio::spawn(async move { other.order_release(foreign_handler(), their_input).await }),
            );
            let (one, other) = (outcomes.0.unwrap().unwrap(), outcomes.1.unwrap().unwrap());
            let states = [one.state, other.state];
            assert!(states.contains(&ReleaseState::Ordered), "{}: {states:?}", world.database.backend);
        }
    }
}

#[tokio::test]
async fn a_release_that_nobody_holds_up_any_more_is_sent_out() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        let (_order, mut theirs) = foreign(&world, &[MOBILE]).await;
        let theirs = begun(&world, &theirs.remove(0)).await;
        let task = world.in_force(&task, "mobile-gd").await;
        let release = world.link.order_release(handler(), let_go(&task)).await.unwrap();
        // What the other organ's executor has begun may be on already, so the number is not switched on.
        assert_eq!(
            (release.state, release.waiting_for.clone()),
            (ReleaseState::WaitingHolders, vec![organisation("police-hz")])
        );
        world.work().await;
        let again = world.link.releases_by_tasks(handler(), vec![task.id]).await.unwrap().remove(0);
        assert_eq!(again.state, ReleaseState::WaitingHolders, "the other still holds");
        let fail = FailTask { answer: world.answer(&theirs), reason: "系统故障".to_owned(), retry_at: None };
        world.link.fail_task(duty("mobile-gd"), fail).await.unwrap();
        world.work().await;
        let again = world.link.releases_by_tasks(handler(), vec![task.id]).await.unwrap().remove(0);
        assert_eq!(again.state, ReleaseState::Ordered);
        assert_eq!(world.task(task.id).await.due, None, "the clock of the release task runs from here");
    }
}

#[tokio::test]
async fn a_holder_whose_execution_has_only_begun_can_consent() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        let (_order, mut theirs) = foreign(&world, &[MOBILE]).await;
        begun(&world, &theirs.remove(0)).await;
        let task = world.in_force(&task, "mobile-gd").await;
        let release = world.link.order_release(handler(), let_go(&task)).await.unwrap();
        let consent = ConsentRelease { release: release.id, note: None };
        assert_eq!(world.link.consent_release(foreign_handler(), consent).await.unwrap().state, ReleaseState::Ordered);
    }
}

#[tokio::test]
async fn a_holder_who_does_not_answer_is_reported() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        let task = world.in_force(&task, "mobile-gd").await;
        foreign(&world, &[MOBILE]).await;
        world.link.order_release(handler(), let_go(&task)).await.unwrap();
        let waiting = world.task(task.id).await;
        assert_eq!(waiting.due.unwrap().since(world.now()), Duration::from_hours(2));
        world.work().await;
        let before = world.told("disposal.deadline_missed").await;
        world.pass(120);
        world.work().await;
        assert_eq!(world.told("disposal.deadline_missed").await, before + 1);
        let late = world.task(task.id).await;
        assert_eq!(late.light, Light::Overdue);
        world.pass(60);
        world.work().await;
        assert_eq!(world.task(task.id).await.escalation, Escalation::Authority);
    }
}

#[tokio::test]
async fn a_new_order_waits_until_the_earlier_measure_is_undone() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let first = world.tasks(&order).await.remove(0);
        let first = world.in_force(&first, "mobile-gd").await;
        world.link.order_release(handler(), let_go(&first)).await.unwrap();
        let (_order, mut tasks) = foreign(&world, &[MOBILE, MOBILE_2]).await;
        tasks.sort_by_key(|task| task.subject.id != first.subject.id);
        assert_eq!(
            (tasks[0].state, tasks[0].desk_reason, tasks[0].executor),
            (TaskState::Desk, Some(DeskReason::AwaitsRelease), None)
        );
        assert_eq!(tasks[1].state, TaskState::Issued, "only this target waits");
        assert_eq!(world.carry_out_release(&first, "mobile-gd").await.state, TaskState::Released);
        let second = world.task(tasks[0].id).await;
        assert_eq!((second.state, second.executor), (TaskState::Issued, Some(organisation("mobile-gd"))));
        let second = world.in_force(&second, "mobile-gd").await;
        // Its own release ends it, and not the earlier one.
        world.link.order_release(foreign_handler(), let_go(&second)).await.unwrap();
        assert_eq!(world.task(second.id).await.state, TaskState::ReleaseOrdered);
        assert_eq!(world.carry_out_release(&second, "mobile-gd").await.state, TaskState::Released);
    }
}

#[tokio::test]
async fn a_measure_that_nobody_checked_ends_like_any_other() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE, MOBILE_2]).await;
        let tasks = world.tasks(&order).await;
        let unchecked = world.executed(&tasks[0], "mobile-gd").await;
        let disputed = world.executed(&tasks[1], "mobile-gd").await;
        world.link.verify_task(handler(), world.check(&disputed, false)).await.unwrap();
        let end = unchecked.effective_to.unwrap();
        assert_eq!(end, unchecked.executed_at.unwrap().plus(Duration::from_hours(24 * 90)));
        world.clock.set(end.minus(Duration::from_secs(1)));
        world.work().await;
        assert_eq!(world.task(unchecked.id).await.state, TaskState::Executed);
        world.clock.set(end);
        world.work().await;
        for task in [&unchecked, &disputed] {
            assert_eq!(world.task(task.id).await.state, TaskState::ReleaseOrdered);
        }
    }
}

#[tokio::test]
async fn a_measure_ends_with_its_document_unless_a_new_one_is_agreed_to() {
    for world in worlds().await {
        let mut press = world.press(&[MOBILE, MOBILE_2]);
        let basis = LegalBasis { valid_to: Some(world.now().plus(Duration::from_hours(240))), ..world.basis() };
        press.legal_basis = Some(basis.clone());
        let order = world.link.dispose_subjects(handler(), press).await.unwrap().order;
        let order = world.link.approve_order(approver(), agree(&order)).await.unwrap();
        let tasks = world.tasks(&order).await;
        let kept = world.in_force(&tasks[0], "mobile-gd").await;
        let left = world.in_force(&tasks[1], "mobile-gd").await;
        assert_eq!(kept.effective_to, basis.valid_to, "ninety days were asked for, but the document ends in ten");
        let end = basis.valid_to.unwrap();
        let renew = |legal_basis| RenewMeasure {
            task: kept.id,
            effective_to: end.plus(Duration::from_hours(24 * 30)),
            reason: "案件仍在侦办".to_owned(),
            legal_basis,
        };
        assert_eq!(rule_of(world.link.renew_measure(handler(), renew(None)).await), "renewal.legal_basis_ends");
        let longer = |days: u64| LegalBasis {
            number: "深公（反诈）处字〔2026〕0002号".to_owned(),
            valid_to: Some(end.plus(Duration::from_hours(24 * days))),
            ..basis.clone()
        };
        assert_eq!(
            rule_of(world.link.renew_measure(handler(), renew(Some(longer(29)))).await),
            "renewal.legal_basis_ends"
        );
        let asked = world.link.renew_measure(handler(), renew(Some(longer(60)))).await.unwrap();
        assert_eq!(asked.renewal.as_ref().unwrap().legal_basis, Some(longer(60)), "who agrees sees the document");
        let renewed = world.link.approve_renewal(approver(), renewal(&asked)).await.unwrap();
        assert_eq!(renewed.effective_to, Some(end.plus(Duration::from_hours(24 * 30))));
        assert_eq!(rule_of(world.link.approve_renewal(approver(), renewal(&renewed)).await), "renewal.none_pending");
        world.clock.set(end);
        world.work().await;
        assert_eq!(world.task(kept.id).await.state, TaskState::InForce);
        assert_eq!(world.task(left.id).await.state, TaskState::ReleaseOrdered);
        // The agreed document carries a second renewal, also past the end of the order's own.
        let again = RenewMeasure { effective_to: end.plus(Duration::from_hours(24 * 45)), ..renew(None) };
        let asked = world.link.renew_measure(handler(), again).await.unwrap();
        world.link.approve_renewal(approver(), renewal(&asked)).await.unwrap();
        // A release must be carried out although the document for the measure has run out.
        let release = world.release_task(&left).await;
        let refuse =
            RefuseTask { answer: world.answer(&release), code: RefusalCode::BeyondPower, text: "说明".to_owned() };
        world.link.refuse_task(duty("mobile-gd"), refuse).await.unwrap();
        let again = ReissueTask { task: release.id, reason: "必须解除".to_owned() };
        assert_eq!(world.link.reissue_task(handler(), again).await.unwrap().state, TaskState::Issued);
    }
}

#[tokio::test]
async fn paperwork_that_comes_later_brings_the_end_forward() {
    for world in worlds().await {
        let mut press = world.press(&[MOBILE]);
        press.legal_basis = None;
        press.keep_draft = true;
        let order = world.link.dispose_subjects(handler(), press).await.unwrap().order;
        let order = world.link.issue_emergency(lead(), because(&order)).await.unwrap();
        let task = world.tasks(&order).await.remove(0);
        let task = world.executed(&task, "mobile-gd").await;
        let basis = LegalBasis { valid_to: Some(world.now().plus(Duration::from_hours(48))), ..world.basis() };
        assert!(task.effective_to > basis.valid_to);
        let file = FilePaperwork { order: order.id, legal_basis: basis.clone() };
        let order = world.link.file_paperwork(handler(), file).await.unwrap();
        world.link.approve_paperwork(approver(), agree(&order)).await.unwrap();
        assert_eq!(world.task(task.id).await.effective_to, basis.valid_to);
    }
}

#[tokio::test]
async fn one_row_that_cannot_be_read_stops_no_clock() {
    for world in worlds().await {
        // An approved order whose item does not open; it is first in every list.
        let poisoned = world.submitted(&[MOBILE_2, "96110"]).await;
        let poisoned = world.link.approve_order(approver(), agree(&poisoned)).await.unwrap();
        let table = world.database.database.migrator();
        let spoil = |order: &Order| {
            let hex = order.id.uuid().simple().to_string();
            let (row, value) = match world.database.backend {
                "sqlite" => (format!("x'{hex}'"), "x'00'"),
                _ => (format!("'{hex}'::uuid"), "'\\x00'::bytea"),
            };
            format!("UPDATE order_item SET value = {value} WHERE order_id = {row}")
        };
        table.execute_unprepared(&spoil(&poisoned)).await.unwrap();
        world.link.approve_protected(province(), agree(&poisoned)).await.unwrap();
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        let task = world.in_force(&task, "mobile-gd").await;
        // And one whose row has a word that nobody knows.
        let strange = world.issued(&[PORTED]).await;
        let odd = world.tasks(&strange).await.remove(0);
        table
            .execute_unprepared(&format!(
                "UPDATE task SET pace = 'unheard of', effective_to = 1, next_alarm = 1, state = 'in_force' WHERE order_number = '{}'",
                strange.number
            ))
            .await
            .unwrap();
        world.clock.set(task.effective_to.unwrap());
        world.work().await;
        assert_eq!(world.task(task.id).await.state, TaskState::ReleaseOrdered, "the other measure ends");
        assert_eq!(
            world.link.orders_by_ids(handler(), vec![poisoned.id]).await.unwrap()[0].stage,
            OrderStage::Approved
        );
        // Mended, it is taken up again after its rest.
        table
            .execute_unprepared(&format!("UPDATE task SET pace = 'number' WHERE order_number = '{}'", strange.number))
            .await
            .unwrap();
        world.work().await;
        assert_eq!(world.task(odd.id).await.state, TaskState::InForce, "it rests");
        world.pass(16);
        world.work().await;
        assert_eq!(world.task(odd.id).await.state, TaskState::ReleaseOrdered);
    }
}

#[tokio::test]
async fn rows_that_are_refused_again_and_again_take_nobody_elses_turn() {
    let settings = cordon_disposal::DisposalSettings { job_batch: 2, ..cordon_disposal::DisposalSettings::default() };
    for world in worlds_with(settings).await {
        let mut press = world.press(&[MOBILE_2, "13912340003", "13912340004"]);
        press.measures[0].measures = vec![Measure::Close];
        let order = world.link.dispose_subjects(handler(), press).await.unwrap().order;
        let order = world.link.approve_order(province(), agree(&order)).await.unwrap();
        for task in world.tasks(&order).await {
            world.executed(&task, "mobile-gd").await;
        }
        // An end that no rule would have given them; their release is refused for ever.
        let table = world.database.database.migrator();
        table.execute_unprepared("UPDATE task SET effective_to = 1 WHERE measure = 'close'").await.unwrap();
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        let task = world.in_force(&task, "mobile-gd").await;
        world.clock.set(task.effective_to.unwrap());
        for _ in 0..4 {
            world.work().await;
        }
        assert_eq!(world.task(task.id).await.state, TaskState::ReleaseOrdered);
    }
}

#[tokio::test]
async fn what_failed_its_check_has_its_own_time_and_can_be_sent_out_again() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        let task = world.executed(&task, "mobile-gd").await;
        world.pass(20 * 60);
        let back = world.link.verify_task(handler(), world.check(&task, false)).await.unwrap();
        assert_eq!(back.due.unwrap().since(world.now()), Duration::from_mins(30), "twenty hours later, not overdue");
        world.pass(10);
        let begun = world.link.begin_task(duty("mobile-gd"), BeginTask { answer: world.answer(&back) }).await.unwrap();
        assert_eq!(begun.due, back.due);
        let again = world.link.execute_task(duty("mobile-gd"), world.execution(&begun)).await.unwrap();
        world.link.verify_task(handler(), world.check(&again, false)).await.unwrap();
        let anew = ReissueTask { task: task.id, reason: "须重新执行".to_owned() };
        let anew = world.link.reissue_task(handler(), anew).await.unwrap();
        assert_eq!((anew.state, anew.generation, anew.executed_at), (TaskState::Issued, 2, None));
        world.in_force(&anew, "mobile-gd").await;
    }
}

#[tokio::test]
async fn an_answer_past_every_mark_is_reported_and_takes_no_report_back() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        world.pass(30 + 241);
        world.work().await;
        assert_eq!(world.task(task.id).await.escalation, Escalation::Ministry);
        let missed = world.told("disposal.deadline_missed").await;
        let late = acknowledged(&world, &task).await;
        assert_eq!(late.escalation, Escalation::Ministry);
        world.work().await;
        assert_eq!(world.told("disposal.deadline_missed").await, missed + 1, "the execution is late as well");
        assert_eq!(world.task(task.id).await.escalation, Escalation::Ministry);
        // It was told of once; there is nothing left to tell.
        world.pass(60);
        world.work().await;
        assert_eq!(world.told("disposal.deadline_missed").await, missed + 1);
    }
}

#[tokio::test]
async fn functions_that_were_not_taken_away_make_it_a_part() {
    for world in worlds().await {
        let mut press = world.press(&[MOBILE]);
        press.measures[0].measures = vec![Measure::RestrictFunctions];
        press.measures[0].functions = vec![PhoneFunction::CallOut, PhoneFunction::SmsOut];
        let order = world.link.dispose_subjects(handler(), press).await.unwrap().order;
        let order = world.link.approve_order(approver(), agree(&order)).await.unwrap();
        let task = acknowledged(&world, &world.tasks(&order).await.remove(0)).await;
        let with = |functions: Vec<PhoneFunction>, partial| {
            let mut execution = world.execution(&task);
            execution.evidence.functions = functions;
            ExecuteTask { partial, ..execution }
        };
        let one = vec![PhoneFunction::CallOut];
        let fewer = world.link.execute_task(duty("mobile-gd"), with(one.clone(), false)).await;
        assert_eq!(rule_of(fewer), "task.evidence_incomplete");
        let other = world.link.execute_task(duty("mobile-gd"), with(vec![PhoneFunction::Forward], true)).await;
        assert_eq!(rule_of(other), "task.evidence_incomplete");
        let part = world.link.execute_task(duty("mobile-gd"), with(one, true)).await.unwrap();
        assert!(part.partial);
    }
}

#[tokio::test]
async fn the_key_of_a_payload_is_published_and_a_changed_body_does_not_fit() {
    use ed25519_dalek::{Signature, VerifyingKey};
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        let payload = world.link.task_payload(duty("mobile-gd"), task.id).await.unwrap();
        let keys = world.link.payload_keys(duty("mobile-gd")).await.unwrap();
        assert!(keys[0].current && keys[0].key_id == payload.key_id);
        let bytes = |hex: &str| data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap();
        let key = VerifyingKey::from_bytes(&bytes(&keys[0].public_key).try_into().unwrap()).unwrap();
        let signature = Signature::from_slice(&bytes(&payload.signature)).unwrap();
        assert!(key.verify_strict(payload.body.as_bytes(), &signature).is_ok());
        let tampered = payload.body.replace(MOBILE, MOBILE_2);
        assert!(key.verify_strict(tampered.as_bytes(), &signature).is_err());
        assert_eq!(refused(world.link.payload_keys(handler()).await).code, cordon_context::Code::Denied);
    }
}
