//! The main job: from one press of the button to the confirmed release.

use cordon_context::PageRequest;
use cordon_disposal_contract::*;

use crate::world::*;

#[tokio::test]
async fn one_press_becomes_tasks_measures_notices_and_at_last_a_release() {
    for world in worlds().await {
        let pressed =
            world.link.dispose_subjects(handler(), world.press(&[MOBILE, "微信号：wxid_abc12345"])).await.unwrap();
        let order = pressed.order;
        assert!(order.number.starts_with("CZ-440300-20261123-"), "{}", order.number);
        assert_eq!((order.state, order.item_count), (OrderState::PendingReview, 2));
        assert!(pressed.preview.rows.iter().all(|row| row.fit), "{:?}", pressed.preview);
        let before = world.link.last_position(desk()).await.unwrap();

        let order = world.link.approve_order(approver(), agree(&order)).await.unwrap();
        assert_eq!((order.state, order.tasks.open), (OrderState::Issued, 2));
        // The tasks are told of in the transaction that makes them, so a subscriber has them with the next look.
        let changes = world.link.changes(duty("mobile-gd"), before, 100).await.unwrap();
        let told: Vec<&str> = changes.changes.iter().map(|change| change.topic.as_str()).collect();
        assert_eq!(told, ["disposal.task_assigned"], "a carrier hears of its own task and of nothing else");

        let inbox = world.link.inbox(duty("mobile-gd"), InboxFilter::default(), page()).await.unwrap();
        let task = inbox.edges[0].1.clone();
        assert_eq!(
            (inbox.edges.len(), task.state, task.subject.masked.as_str()),
            (1, TaskState::Issued, "139****0001")
        );
        let payload = world.link.task_payload(duty("mobile-gd"), task.id).await.unwrap();
        let body: TaskPayload = serde_json::from_str(&payload.body).unwrap();
        assert_eq!((body.value.as_str(), body.generation), (MOBILE, 1));
        assert_eq!(Some(&payload.digest), task.payload_digest.as_ref());

        let task = world
            .link
            .acknowledge_task(duty("mobile-gd"), AcknowledgeTask { answer: world.answer(&task) })
            .await
            .unwrap();
        let task = world.link.begin_task(duty("mobile-gd"), BeginTask { answer: world.answer(&task) }).await.unwrap();
        world.pass(5);
        let task = world.link.execute_task(duty("mobile-gd"), world.execution(&task)).await.unwrap();
        assert_eq!(task.state, TaskState::Executed);
        let notice = world.link.notices_by_tasks(duty("mobile-gd"), vec![task.id]).await.unwrap().pop().unwrap();
        assert_eq!(notice.state, NoticeState::Due);
        assert!(
            notice.text.zh.contains(&order.number) && notice.text.zh.contains("涉嫌冒充客服诈骗"),
            "{}",
            notice.text.zh
        );
        let task = world.link.verify_task(desk(), world.check(&task, true)).await.unwrap();
        assert_eq!(task.state, TaskState::InForce);
        let ninety_days = task.effective_to.unwrap().since(task.effective_from.unwrap()).as_secs() / 86_400;
        assert_eq!(ninety_days, 90);
        let sent = RecordNotice {
            notice: notice.id,
            channel: NoticeChannel::Sms,
            sent_at: world.now(),
            reference: "SMS-7".to_owned(),
        };
        assert_eq!(world.link.record_notice(duty("mobile-gd"), sent).await.unwrap().state, NoticeState::Sent);

        let standing = world.link.measures_in_force(handler(), vec![task.subject.id]).await.unwrap();
        assert_eq!((standing.len(), standing[0].order_number.as_str()), (1, order.number.as_str()));

        let input = OrderRelease { task: task.id, reason: ReleaseReason::Reverified, note: None, by_mistake: false };
        let release = world.link.order_release(handler(), input).await.unwrap();
        assert_eq!(release.state, ReleaseState::Ordered);
        let task = world.carry_out_release(&task, "mobile-gd").await;
        assert_eq!(task.state, TaskState::Released);
        let release = world.link.releases_by_tasks(handler(), vec![task.id]).await.unwrap().pop().unwrap();
        assert_eq!(release.state, ReleaseState::Done);
        let notices = world.link.notices_by_tasks(duty("mobile-gd"), vec![task.id]).await.unwrap();
        assert!(notices.iter().any(|notice| notice.kind == NoticeKind::Resume));

        let events: Vec<String> = world.timeline(task.id).await.into_iter().map(|(event, _)| event).collect();
        let expected = [
            "task.issue",
            "task.acknowledge",
            "task.begin",
            "task.execute",
            "notice.due",
            "task.verify",
            "notice.send",
            "release.order",
            "release.complete",
            "notice.due",
        ];
        assert_eq!(events, expected);
        let whole = PageRequest { first: Some(100), count: true, ..PageRequest::default() };
        let timeline = world.link.timeline(handler(), TimelineOf::Order { order: order.id }, whole).await.unwrap();
        assert!(timeline.edges.windows(2).all(|pair| pair[0].1.seq < pair[1].1.seq));
        assert_eq!(timeline.edges[0].1.event, "order.submit");
    }
}

#[tokio::test]
async fn a_chosen_subject_of_a_case_becomes_an_item_under_the_same_identifier() {
    for world in worlds().await {
        let typed = world.link.preview_disposal(handler(), world.press(&[MOBILE])).await.unwrap();
        let subject = typed.rows[0].subject.clone().unwrap();
        let value = cordon_case_intake_contract::SubjectValue {
            subject: subject.id,
            kind: cordon_identifier::Kind::Phone,
            value: MOBILE.to_owned(),
            masked: subject.masked.clone(),
            cases: vec![case_id()],
            protected: None,
            victims_own: false,
        };
        world.neighbours.values.lock().unwrap().insert(subject.id, value);
        let mut press = world.press(&[]);
        press.subjects = vec![Chosen::Subject { id: subject.id }];
        press.case = Some(case_id());
        let order = world.link.dispose_subjects(handler(), press).await.unwrap().order;
        let items = world.link.items_of_order(handler(), order.id, page()).await.unwrap();
        assert_eq!(items.edges[0].1.subject, subject);
    }
}
