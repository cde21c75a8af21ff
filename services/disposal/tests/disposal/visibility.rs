//! What an enterprise may know of numbers, answers and reasons that are not its own.

use cordon_disposal_contract::*;
use cordon_testkit::organisation;

use crate::world::*;

fn file(text: &str) -> FileAppeal {
    FileAppeal {
        against: AppealedMeasure::Value { text: text.to_owned(), kind: None },
        channel: AppealChannel::Hall,
        appellant: "张三".to_owned(),
        contact: "13900000000".to_owned(),
        statement: "号码系本人正常使用".to_owned(),
        proxy_document: None,
        documents: Vec::new(),
    }
}

async fn standing(world: &World) -> Task {
    let order = world.issued(&[MOBILE]).await;
    let task = world.tasks(&order).await.remove(0);
    world.in_force(&task, "mobile-gd").await
}

#[tokio::test]
async fn a_counter_cannot_find_out_which_numbers_of_others_are_under_a_measure() {
    for world in worlds().await {
        let task = standing(&world).await;
        let text = |outcome| serde_json::to_string(&refused::<FiledAppeal>(outcome)).unwrap();
        let held = text(world.link.file_appeal(duty("unicom-gd"), file(MOBILE)).await);
        let free = text(world.link.file_appeal(duty("unicom-gd"), file(MOBILE_2)).await);
        assert_eq!(held, free);
        assert!(!world.task(task.id).await.appealed, "the holder's own appeal must not be blocked");
        // The carrier of the number takes the appeal, and for it too the second one reads like one against a free number.
        world.link.file_appeal(duty("mobile-gd"), file(MOBILE)).await.unwrap();
        assert_eq!(text(world.link.file_appeal(duty("mobile-gd"), file(MOBILE)).await), free);
        assert_eq!(text(world.link.file_appeal(hotline(), file(MOBILE)).await), free);
        // Every question stays, whatever the answer was, and names nobody in the clear.
        let probes = world.ledger("appeal.probe").await;
        assert_eq!(probes.len(), 5, "{probes:?}");
        assert!(probes.iter().all(|probe| !probe.contains(MOBILE)));
        assert_eq!(probes.iter().filter(|probe| probe.contains(&task.subject.id.to_string())).count(), 4);
    }
}

#[tokio::test]
async fn who_asks_the_preview_which_numbers_are_under_a_measure_stands_in_the_ledger() {
    for world in worlds().await {
        let task = standing(&world).await;
        let before = world.ledger("order.probe").await.len();
        let preview = world.link.preview_disposal(foreign_handler(), world.press(&[MOBILE, MOBILE_2])).await.unwrap();
        assert!(preview.rows[0].findings.iter().any(|finding| finding.kind == FindingKind::AlreadyInForce));
        let probes = world.ledger("order.probe").await;
        assert_eq!(probes.len(), before + 1);
        let probe = probes.last().unwrap();
        let free = preview.rows[1].subject.as_ref().unwrap().id.to_string();
        assert!(probe.contains(&task.subject.id.to_string()) && probe.contains(&free), "{probe}");
        assert!(!probe.contains(MOBILE));
    }
}

#[tokio::test]
async fn the_next_executor_reads_nothing_of_what_the_first_one_answered() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        world.link.acknowledge_task(duty("mobile-gd"), AcknowledgeTask { answer: world.answer(&task) }).await.unwrap();
        let early = ExecuteTask {
            evidence: Evidence { bss_order: " ".to_owned(), ..world.execution(&task).evidence },
            ..world.execution(&task)
        };
        assert_eq!(rule_of(world.link.execute_task(duty("mobile-gd"), early).await), "task.evidence_incomplete");
        world.pass(1);
        let passed_on = DisownTask {
            answer: world.answer(&task),
            not_mine: NotMine::PortedTo { organisation: organisation("unicom-gd") },
            note: Some("客户合约 C-77 已携出".to_owned()),
        };
        world.link.disown_task(duty("mobile-gd"), passed_on).await.unwrap();
        world.pass(1);
        let task = world.task(task.id).await;
        let task = world.executed(&task, "unicom-gd").await;
        let check = VerifyTask { note: Some("拨测未通".to_owned()), ..world.check(&task, false) };
        world.link.verify_task(handler(), check).await.unwrap();

        // The organ reads everything, so there is something to hide.
        let all = world.link.receipts_by_tasks(handler(), vec![task.id]).await.unwrap();
        assert_eq!(all.len(), 4);
        let own = world.link.receipts_by_tasks(duty("unicom-gd"), vec![task.id]).await.unwrap();
        assert_eq!(own.len(), 2);
        assert!(own.iter().all(|receipt| receipt.organisation == organisation("unicom-gd")));
        let ids: Vec<_> = all.iter().map(|receipt| receipt.id).collect();
        assert_eq!(world.link.receipts_by_ids(duty("unicom-gd"), ids).await.unwrap().len(), 2);
        let checks = world.link.verifications_by_tasks(duty("unicom-gd"), vec![task.id]).await.unwrap();
        assert_eq!((checks.len(), checks[0].person), (1, None));
        assert!(world.link.verifications_by_tasks(handler(), vec![task.id]).await.unwrap()[0].person.is_some());

        let of = TimelineOf::Task { task: task.id };
        let whole = world.link.timeline(handler(), of, page()).await.unwrap();
        assert!(whole.edges.iter().any(|(_, entry)| entry.refused_by.is_some()));
        let seen = world.link.timeline(duty("unicom-gd"), of, page()).await.unwrap();
        let events: Vec<&str> = seen.edges.iter().map(|(_, entry)| entry.event.as_str()).collect();
        assert_eq!(events, ["task.acknowledge", "task.execute", "notice.due", "task.verify"]);
        for (_, entry) in &seen.edges {
            assert_ne!(entry.organisation, organisation("mobile-gd"));
            assert!(entry.refused_by.is_none() && entry.detail == serde_json::json!({}), "{entry:?}");
            let own = entry.organisation == organisation("unicom-gd");
            assert!(own || (entry.party == "***" && entry.roles.is_empty()), "{entry:?}");
        }
    }
}

#[tokio::test]
async fn an_executor_does_not_read_how_the_organ_came_to_its_order() {
    for world in worlds().await {
        let mut press = world.press(&[MOBILE]);
        press.case = Some(case_id());
        press.secrecy_reason = Some("侦查保密".to_owned());
        press.origin =
            OrderOrigin::Model { model: "detector-3".to_owned(), human_reason: "核对通话记录".to_owned() };
        let order = world.link.dispose_subjects(handler(), press).await.unwrap().order;
        let order = world.link.return_order(approver(), because(&order)).await.unwrap();
        let order = world.link.submit_order(handler(), OrderStep { order: order.id }).await.unwrap();
        let order = world.link.approve_order(approver(), agree(&order)).await.unwrap();
        let task = world.tasks(&order).await.remove(0);
        world.executed(&task, "mobile-gd").await;

        let insides = ["侦查保密", "detector-3", "核对通话记录", "示例负责人", "情况有变"];
        let known = format!("{:?}", world.link.orders_by_ids(handler(), vec![order.id]).await.unwrap());
        let seen = world.link.orders_by_ids(duty("mobile-gd"), vec![order.id]).await.unwrap().remove(0);
        let notices = |ctx| world.link.notices_by_tasks(ctx, vec![task.id]);
        assert_eq!(notices(handler()).await.unwrap()[0].deferral_reason.as_deref(), Some("侦查保密"));
        let notice = notices(duty("mobile-gd")).await.unwrap().remove(0);
        assert_eq!((notice.deferral_reason.as_ref(), notice.deferral_by), (None, None));
        assert_eq!((seen.drafter, seen.case, seen.emergency.clone()), (None, None, None));
        let seen = format!("{seen:?}");
        for inside in &insides[..4] {
            assert!(known.contains(inside), "{inside} must be there to be hidden");
        }
        for inside in insides {
            assert!(!seen.contains(inside), "{inside}");
        }
        assert!(seen.contains(&world.basis().number), "the document is what an executor acts on");
    }
}

#[tokio::test]
async fn what_an_appellant_is_answered_is_sealed_and_shown_only_for_a_reason() {
    for world in worlds().await {
        let task = standing(&world).await;
        let filed = world.link.file_appeal(hotline(), file(MOBILE)).await.unwrap();
        let appeal = filed.appeal;
        let text = |text: &str| AppealText { appeal: appeal.id, text: text.to_owned() };
        world.link.decline_appeal(officer(), text("非本人")).await.unwrap();
        let answer = "您的号码涉及某某案件，不予受理";
        world.link.reply_appeal(officer(), text(answer)).await.unwrap();
        for of in [TimelineOf::Task { task: task.id }, TimelineOf::Appeal { appeal: appeal.id }] {
            let whole = world.link.timeline(desk(), of, page()).await.unwrap();
            assert!(whole.edges.iter().any(|(_, entry)| entry.event == "appeal.reply"));
            assert!(!format!("{whole:?}").contains(answer));
        }
        let ask = RevealAppeal { appeal: appeal.id, reason: "核查".to_owned() };
        assert_eq!(world.link.reveal_appeal(officer(), ask).await.unwrap().reply.as_deref(), Some(answer));
        if world.database.backend == "sqlite" {
            let path = world.database.settings.url.trim_start_matches("sqlite:").to_owned();
            for file in [path.clone(), format!("{path}-wal")] {
                let bytes = std::fs::read(file).unwrap_or_default();
                assert!(!bytes.windows(answer.len()).any(|window| window == answer.as_bytes()));
            }
        }
        // The executor hears that it was answered, not what, nor who decided and why.
        let seen = world.link.appeals_by_ids(duty("mobile-gd"), vec![appeal.id]).await.unwrap().remove(0);
        assert_eq!((seen.decision_reason, seen.decided_by), (None, None));
        let seen = world.link.timeline(duty("mobile-gd"), TimelineOf::Appeal { appeal: appeal.id }, page()).await;
        let seen = seen.unwrap();
        assert_eq!(seen.edges.len(), 3);
        assert!(seen.edges.iter().all(|(_, entry)| entry.detail == serde_json::json!({})), "{seen:?}");
    }
}
