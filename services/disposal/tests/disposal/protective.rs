//! 保护性措施: what an enterprise did on its own finding, from the record to the way back.

use cordon_context::{ActorKind, ApiClientId, CallContext, Code, OrganisationKind, OrganisationLevel, ReceiptId, Role};
use cordon_disposal::DisposalSettings;
use cordon_disposal_contract::*;
use cordon_testkit::{actor, call, organisation};

use crate::world::*;

pub(crate) fn enterprise(login: &str, name: &str, role: Role) -> CallContext {
    call(&actor(login, name, OrganisationKind::CarrierBranch, OrganisationLevel::Province, "440000", &[role]))
}

pub(crate) fn manager() -> CallContext {
    enterprise("manager", "mobile-gd", Role::EnterpriseManager)
}

/// The program of the carrier that stops what its model finds.
pub(crate) fn system() -> CallContext {
    let mut ctx = enterprise("system", "mobile-gd", Role::EnterpriseSystem);
    ctx.actor.kind = ActorKind::Client { client: ApiClientId::from_uuid(organisation("client").uuid()) };
    ctx
}

pub(crate) fn record(world: &World, text: &str) -> RecordProtective {
    RecordProtective {
        text: text.to_owned(),
        kind: None,
        measure: Measure::SuspendBoth,
        functions: Vec::new(),
        finding: "一小时内更换设备二十次".to_owned(),
        model: None,
        duration_days: Some(30),
        receipt: ReceiptId::new(world.now()),
        evidence: Evidence {
            bss_order: "BSS-9".to_owned(),
            stop_type: "保护性停机".to_owned(),
            executed_at: world.now(),
            functions: Vec::new(),
        },
    }
}

pub(crate) fn found_by_model(world: &World) -> RecordProtective {
    RecordProtective { model: Some("anomaly/3".to_owned()), ..record(world, MOBILE) }
}

pub(crate) fn confirm(order: &Order) -> ConfirmProtective {
    ConfirmProtective {
        order: order.id,
        content_hash: order.content_hash.clone(),
        reason: "已核对话单与设备记录".to_owned(),
    }
}

pub(crate) fn appeal() -> FileAppeal {
    FileAppeal {
        against: AppealedMeasure::Value { text: MOBILE.to_owned(), kind: None },
        channel: AppealChannel::Hotline,
        appellant: "张三".to_owned(),
        contact: "13900000000".to_owned(),
        statement: "号码系本人正常使用".to_owned(),
        proxy_document: None,
        documents: Vec::new(),
    }
}

/// A measure of the carrier that a model found and its manager confirmed.
pub(crate) async fn standing(world: &World) -> ProtectiveMeasure {
    let recorded = world.link.record_protective(system(), found_by_model(world)).await.unwrap();
    world.link.confirm_protective(manager(), confirm(&recorded.order)).await.unwrap()
}

pub(crate) async fn limited_task(world: &World, task: &Task) -> Option<Task> {
    let all = world.link.tasks_by_items(desk(), vec![task.item]).await.unwrap();
    all.into_iter().find(|other| other.action == TaskAction::LimitedResume)
}

#[tokio::test]
async fn what_an_officer_stopped_stands_once_somebody_else_confirmed_it_and_its_holder_is_told() {
    for world in worlds().await {
        let recorded = world.link.record_protective(duty("mobile-gd"), record(&world, MOBILE)).await.unwrap();
        let ProtectiveMeasure { order, task } = recorded;
        assert!(order.own_measure && task.own_measure && order.legal_basis.is_none());
        assert_eq!((task.state, task.executor), (TaskState::Executed, Some(organisation("mobile-gd"))));
        assert_eq!(task.effective_to, Some(world.now().plus(std::time::Duration::from_hours(24 * 30))));
        let notice = world.link.notices_by_tasks(duty("mobile-gd"), vec![task.id]).await.unwrap().remove(0);
        assert_eq!((notice.kind, notice.giver), (NoticeKind::Measure, organisation("mobile-gd")));
        assert!(
            notice.text.zh.contains("更换设备") && notice.text.zh.contains("向本企业提出申诉"),
            "{}",
            notice.text.zh
        );

        // Whoever recorded it cannot confirm it, whichever duty they hold beside; what was not read is not agreed to.
        let mut both = manager();
        both.actor.kind = duty("mobile-gd").actor.kind;
        assert_eq!(rule_of(world.link.confirm_protective(both, confirm(&order)).await), "order.four_eyes");
        let unread = ConfirmProtective { content_hash: "0".repeat(64), ..confirm(&order) };
        assert_eq!(rule_of(world.link.confirm_protective(manager(), unread).await), "order.content_changed");
        let foreign = enterprise("manager", "unicom-gd", Role::EnterpriseManager);
        assert_eq!(refused(world.link.confirm_protective(foreign, confirm(&order)).await).code, Code::NotFound);
        assert_eq!(refused(world.link.confirm_protective(duty("mobile-gd"), confirm(&order)).await).code, Code::Denied);

        let confirmed = world.link.confirm_protective(manager(), confirm(&order)).await.unwrap();
        assert_eq!((confirmed.task.state, confirmed.order.review_due), (TaskState::InForce, None));
        assert_eq!(confirmed.order.approvals[0].person, person_of(&manager()));
        assert_eq!(
            rule_of(world.link.confirm_protective(manager(), confirm(&confirmed.order)).await),
            "protective.confirmed"
        );
        world.pass(3 * 1_440);
        world.work().await;
        assert_eq!(world.task(task.id).await.state, TaskState::InForce);
        let events: Vec<String> = world.timeline(task.id).await.into_iter().map(|(event, _)| event).collect();
        for event in ["task.record", "task.verify", "notice.due"] {
            assert!(events.contains(&event.to_owned()), "{event}: {events:?}");
        }
    }
}

#[tokio::test]
async fn what_nobody_confirmed_ends_by_itself_on_the_same_road_back() {
    for world in worlds().await {
        let recorded = world.link.record_protective(system(), found_by_model(&world)).await.unwrap();
        let task = recorded.task;
        world.pass(1_439);
        world.work().await;
        assert_eq!(world.task(task.id).await.state, TaskState::Executed, "a minute is left");
        world.pass(1);
        world.work().await;
        assert_eq!(world.task(task.id).await.state, TaskState::ReleaseOrdered);
        let release = world.link.releases_by_tasks(desk(), vec![task.id]).await.unwrap().remove(0);
        assert_eq!(release.reason, ReleaseReason::NotConfirmed);
        let back = world.release_task(&task).await;
        assert_eq!((back.state, back.executor), (TaskState::Issued, Some(organisation("mobile-gd"))));
        let late = world.link.confirm_protective(manager(), confirm(&recorded.order)).await;
        assert_eq!(rule_of(late), "order.illegal_transition");
        // Who carried it out does not check it; another person of the enterprise may, and so may the authority.
        let back = world.executed(&back, "mobile-gd").await;
        let mut same = manager();
        same.actor.kind = duty("mobile-gd").actor.kind;
        let own_word = world.link.verify_task(same, world.check(&back, true)).await;
        assert_eq!(rule_of(own_word), "task.verifier_independent");
        let done = world.link.verify_task(manager(), world.check(&back, true)).await.unwrap();
        assert_eq!(done.state, TaskState::Done);
        assert_eq!(world.task(task.id).await.state, TaskState::Released);
        let notices = world.link.notices_by_tasks(duty("mobile-gd"), vec![task.id]).await.unwrap();
        let resumed = notices.iter().find(|notice| notice.kind == NoticeKind::Resume).unwrap();
        assert!(resumed.text.zh.contains("未经人工确认"), "{}", resumed.text.zh);
    }
}

#[tokio::test]
async fn an_enterprise_acts_by_itself_only_on_what_it_answers_for_and_only_so_that_it_can_be_undone() {
    for world in worlds().await {
        let refusal =
            async |ctx: CallContext, input: RecordProtective| rule_of(world.link.record_protective(ctx, input).await);
        let carrier = || duty("mobile-gd");
        assert_eq!(refusal(duty("unicom-gd"), record(&world, MOBILE)).await, "protective.not_responsible");
        assert_eq!(refusal(carrier(), record(&world, PORTED)).await, "protective.not_responsible");
        assert_eq!(refusal(carrier(), record(&world, NOBODYS)).await, "protective.not_responsible");
        let close = RecordProtective { measure: Measure::Close, ..record(&world, MOBILE) };
        assert_eq!(refusal(carrier(), close).await, "protective.irreversible");
        let dns = RecordProtective { measure: Measure::BlockDns, ..record(&world, MOBILE) };
        assert_eq!(refusal(carrier(), dns).await, "protective.measure_unfit");
        assert_eq!(refusal(carrier(), record(&world, "110")).await, "protective.not_responsible");
        let silent = RecordProtective { model: None, ..found_by_model(&world) };
        assert_eq!(refusal(system(), silent).await, "protective.model_missing");
        let mut unproved = record(&world, MOBILE);
        unproved.evidence.bss_order = " ".to_owned();
        assert_eq!(refusal(carrier(), unproved).await, "task.evidence_incomplete");
        let mut early = record(&world, MOBILE);
        early.evidence.executed_at = world.now().plus(std::time::Duration::from_hours(1));
        assert_eq!(refusal(carrier(), early).await, "task.evidence_time");
        // Who gives orders has no measures of its own; the police and the authority have the road of orders.
        for outsider in [handler(), regulator(Role::RegulatorOfficer), desk(), manager()] {
            let outcome = world.link.record_protective(outsider, record(&world, MOBILE)).await;
            assert_eq!(refused(outcome).code, Code::Denied);
        }
        // A number on the list stays untouched.
        let listed = ProposeProtected {
            text: MOBILE_2.to_owned(),
            target: None,
            kind: ProtectedKind::Hospital,
            reason: "示例医院".to_owned(),
        };
        world.link.propose_protected(regulator(Role::RegulatorOfficer), listed).await.unwrap();
        assert_eq!(refusal(carrier(), record(&world, MOBILE_2)).await, "protective.protected");
        // The same stop once, under one key one answer.
        let keyed = keyed(&carrier(), "stop-0001");
        let input = record(&world, MOBILE);
        let first = world.link.record_protective(keyed.clone(), input.clone()).await.unwrap();
        world.routes.down.store(true, std::sync::atomic::Ordering::SeqCst);
        assert_eq!(world.link.record_protective(keyed, input).await.unwrap(), first);
        world.routes.down.store(false, std::sync::atomic::Ordering::SeqCst);
        assert_eq!(refusal(carrier(), record(&world, MOBILE)).await, "protective.already_held");
    }
}

#[tokio::test]
async fn the_authority_of_the_region_reads_what_an_enterprise_did_by_itself_and_the_police_do_not() {
    for world in worlds().await {
        let ProtectiveMeasure { order, task } = standing(&world).await;
        let filed = world.link.file_appeal(duty("mobile-gd"), appeal()).await.unwrap().appeal;
        world.link.order_release(manager(), end(&task)).await.unwrap();
        let seen = async |ctx: CallContext| {
            let link = &world.link;
            let orders = link.orders_by_ids(ctx.clone(), vec![order.id]).await.unwrap().len();
            let listed = link.list_orders(ctx.clone(), OrderFilter::default(), page()).await.unwrap().edges.len();
            let tasks = link.tasks_by_items(ctx.clone(), vec![task.item]).await.unwrap().len();
            let notices = link.notices_by_tasks(ctx.clone(), vec![task.id]).await.map_or(0, |found| found.len());
            let releases = link.releases_by_tasks(ctx.clone(), vec![task.id]).await.unwrap().len();
            let receipts = link.receipts_by_tasks(ctx.clone(), vec![task.id]).await.unwrap().len();
            let appeals = link.appeals_by_ids(ctx.clone(), vec![filed.id]).await.unwrap().len();
            let of = TimelineOf::Order { order: order.id };
            let timeline = link.timeline(ctx.clone(), of, page()).await.map_or(0, |page| page.edges.len());
            let changes = link.changes(ctx, 0, 500).await.unwrap().changes.len();
            [
                orders,
                listed,
                tasks,
                notices,
                releases,
                receipts,
                appeals,
                usize::from(timeline > 0),
                usize::from(changes > 0),
            ]
        };
        let whole = [1, 1, 2, 1, 1, 1, 1, 1, 1];
        assert_eq!(seen(regulator(Role::RegulatorOfficer)).await, whole);
        assert_eq!(seen(duty("mobile-gd")).await, whole, "it is its own");
        let foreign = enterprise("officer", "authority-zj", Role::RegulatorOfficer);
        let foreign = CallContext {
            actor: cordon_context::Actor {
                organisation_kind: OrganisationKind::CommAuthority,
                region: "330000".parse().unwrap(),
                ..foreign.actor
            },
            ..foreign
        };
        for outsider in [handler(), approver(), lead(), province(), officer(), province_officer(), foreign] {
            assert_eq!(seen(outsider.clone()).await, [0; 9], "{:?}", outsider.actor.roles);
        }
        assert_eq!(seen(duty("unicom-gd")).await, [0; 9]);
    }
}

pub(crate) fn end(task: &Task) -> OrderRelease {
    OrderRelease { task: task.id, reason: ReleaseReason::Reverified, note: None, by_mistake: false }
}

#[tokio::test]
async fn the_enterprise_hears_the_appeal_by_somebody_who_did_not_decide_and_releases_at_once() {
    for world in worlds().await {
        let ProtectiveMeasure { order: _, task } = standing(&world).await;
        let filed = world.link.file_appeal(hotline(), appeal()).await.unwrap().appeal;
        assert_eq!((filed.competent, filed.competence), (organisation("mobile-gd"), Competence::Enterprise));
        let legal = || enterprise("legal", "mobile-gd", Role::EnterpriseLegal);
        let step = AppealStep { appeal: filed.id };
        assert_eq!(refused(world.link.accept_appeal(officer(), step.clone()).await).code, Code::NotFound);
        world.link.accept_appeal(legal(), step.clone()).await.unwrap();
        let given = |ctx: &CallContext| AssignAppeal { appeal: filed.id, officer: person_of(ctx) };
        let involved = world.link.assign_appeal(legal(), given(&manager())).await;
        assert_eq!(rule_of(involved), "appeal.decider_not_original");
        world.link.assign_appeal(legal(), given(&legal())).await.unwrap();
        world.link.begin_appeal_verification(legal(), step).await.unwrap();
        let decision = DecideAppeal {
            appeal: filed.id,
            outcome: AppealOutcome::Release,
            reason: "系本人使用".to_owned(),
            effective_to: None,
        };
        world.link.decide_appeal(legal(), decision).await.unwrap();
        let back = world.release_task(&task).await;
        assert_eq!((back.state, back.action), (TaskState::Issued, TaskAction::Release));
        let back = world.executed(&back, "mobile-gd").await;
        world.link.verify_task(manager(), world.check(&back, true)).await.unwrap();
        assert_eq!(world.task(task.id).await.state, TaskState::Released);
        let appeal = world.link.appeals_by_ids(legal(), vec![filed.id]).await.unwrap().remove(0);
        assert_eq!(appeal.state, AppealState::Executed);
        // What was decided in time has no limited resumption.
        world.pass(5 * 1_440);
        world.work().await;
        assert!(limited_task(&world, &task).await.is_none());
    }
}

#[tokio::test]
async fn what_an_organ_instructed_is_not_the_enterprises_to_end() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        let task = world.in_force(&task, "mobile-gd").await;
        assert_eq!(refused(world.link.order_release(manager(), end(&task)).await).code, Code::NotFound);
        assert_eq!(
            rule_of(world.link.order_release(duty("mobile-gd"), end(&task)).await),
            "release.only_requester_or_superior"
        );
        let input = record(&world, MOBILE);
        assert_eq!(rule_of(world.link.record_protective(duty("mobile-gd"), input).await), "protective.already_held");
    }
}

#[tokio::test]
async fn an_appeal_that_lies_for_72_hours_brings_back_calls_to_the_number() {
    for world in worlds().await {
        let ProtectiveMeasure { order: _, task } = standing(&world).await;
        let filed = world.link.file_appeal(hotline(), appeal()).await.unwrap().appeal;
        assert_eq!(filed.limited_resume_due, Some(world.now().plus(std::time::Duration::from_hours(72))));
        world.pass(72 * 60 - 1);
        world.work().await;
        assert!(limited_task(&world, &task).await.is_none(), "a minute is left");
        world.pass(1);
        world.work().await;
        world.work().await;
        let back = limited_task(&world, &task).await.unwrap();
        assert_eq!((back.state, back.executor), (TaskState::Issued, Some(organisation("mobile-gd"))));
        assert_eq!(back.functions, PhoneFunction::ALL.to_vec());
        let payload = world.link.task_payload(duty("mobile-gd"), back.id).await.unwrap();
        assert!(payload.body.contains("\"limited_resume\"") && payload.body.contains(MOBILE));
        // It says on what it builds, so that one that comes late is told from one that comes in time.
        assert!(payload.body.contains("\"presupposes\":\"suspend_both\""), "{}", payload.body);
        let back = world.executed(&back, "mobile-gd").await;
        let back = world.link.verify_task(manager(), world.check(&back, true)).await.unwrap();
        assert_eq!(back.state, TaskState::Done);
        let measure = world.task(task.id).await;
        assert_eq!((measure.state, measure.limited_at), (TaskState::InForce, back.executed_at));
        let notices = world.link.notices_by_tasks(duty("mobile-gd"), vec![task.id]).await.unwrap();
        let told = notices.iter().find(|notice| notice.kind == NoticeKind::LimitedResume).unwrap();
        assert!(told.text.zh.contains("可以接听来电") && told.text.zh.contains("紧急号码"), "{}", told.text.zh);
        let events: Vec<String> = world.timeline(task.id).await.into_iter().map(|(event, _)| event).collect();
        assert!(events.contains(&"task.limited_resume".to_owned()) && events.contains(&"task.limited".to_owned()));
        // Whoever orders the whole stop afterwards has it carried out; there is nothing left that could be joined.
        let order = world.issued(&[MOBILE]).await;
        assert!(!world.tasks(&order).await[0].joined);
    }
}

#[tokio::test]
async fn the_end_of_the_measure_overtakes_a_limited_resumption_that_is_still_on_its_way() {
    for world in worlds().await {
        let ProtectiveMeasure { order: _, task } = standing(&world).await;
        world.link.file_appeal(hotline(), appeal()).await.unwrap();
        world.pass(72 * 60);
        world.work().await;
        let back = limited_task(&world, &task).await.unwrap();
        world.link.order_release(manager(), end(&task)).await.unwrap();
        assert_eq!(world.task(back.id).await.state, TaskState::Withdrawn);
        let late = world.link.execute_task(duty("mobile-gd"), world.execution(&back)).await;
        assert_eq!(rule_of(late), "task.terminal");
        assert_eq!(world.task(task.id).await.limited_at, None);
    }
}

#[tokio::test]
async fn nothing_comes_back_in_part_that_an_organ_instructed_or_a_person_found_or_where_it_is_switched_off() {
    for world in worlds().await {
        // An order of the police: silence is escalated and releases nothing.
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        let task = world.in_force(&task, "mobile-gd").await;
        let filed = world.link.file_appeal(hotline(), appeal()).await.unwrap().appeal;
        assert_eq!((filed.competence, filed.limited_resume_due), (Competence::Instructing, None));
        // An officer of the enterprise found it, and no model.
        let input = record(&world, MOBILE_2);
        let own = world.link.record_protective(duty("mobile-gd"), input).await.unwrap();
        let own = world.link.confirm_protective(manager(), confirm(&own.order)).await.unwrap();
        let against = AppealedMeasure::Value { text: MOBILE_2.to_owned(), kind: None };
        let second = world.link.file_appeal(hotline(), FileAppeal { against, ..appeal() }).await.unwrap().appeal;
        assert_eq!((second.competence, second.limited_resume_due), (Competence::Enterprise, None));
        world.pass(30 * 1_440 - 60);
        world.work().await;
        assert!(limited_task(&world, &task).await.is_none());
        assert!(limited_task(&world, &own.task).await.is_none());
    }
    for world in worlds().await {
        // The enterprise's model found it, and then the police ordered the same: their stop stays whole.
        let ProtectiveMeasure { order: _, task } = standing(&world).await;
        world.link.file_appeal(hotline(), appeal()).await.unwrap();
        let order = world.issued(&[MOBILE]).await;
        let instructed = world.tasks(&order).await.remove(0);
        assert!(!instructed.joined && instructed.state == TaskState::Issued, "nobody outside checked the own stop");
        world.pass(80 * 60);
        world.work().await;
        assert!(limited_task(&world, &task).await.is_none());
    }
    for world in worlds().await {
        // The other way round: what was on its way when the police ordered the stop does not arrive after it.
        let ProtectiveMeasure { order: _, task } = standing(&world).await;
        world.link.file_appeal(hotline(), appeal()).await.unwrap();
        world.pass(72 * 60);
        world.work().await;
        let back = limited_task(&world, &task).await.unwrap();
        assert_eq!(back.state, TaskState::Issued);
        let order = world.issued(&[MOBILE]).await;
        assert!(!world.tasks(&order).await[0].joined);
        assert_eq!(world.task(back.id).await.state, TaskState::Withdrawn);
    }
    let off = DisposalSettings { limited_resume: false, ..DisposalSettings::default() };
    for world in worlds_with(off).await {
        let ProtectiveMeasure { order: _, task } = standing(&world).await;
        let filed = world.link.file_appeal(hotline(), appeal()).await.unwrap().appeal;
        assert_eq!(filed.limited_resume_due, None);
        world.pass(80 * 60);
        world.work().await;
        assert!(limited_task(&world, &task).await.is_none());
    }
}

#[tokio::test]
async fn nothing_is_recorded_while_a_release_of_the_same_is_under_way() {
    for world in worlds().await {
        let ProtectiveMeasure { order: _, task } = standing(&world).await;
        let release = world.link.order_release(manager(), end(&task)).await.unwrap();
        assert!(release.person.is_some(), "the enterprise decided, by a named person");
        let mut input = record(&world, MOBILE);
        input.measure = task.measure;
        assert_eq!(rule_of(world.link.record_protective(duty("mobile-gd"), input).await), "protective.already_held");
    }
}

#[tokio::test]
async fn two_records_of_one_stop_at_the_same_moment_become_one() {
    for world in worlds().await {
        let record = || world.link.record_protective(system(), found_by_model(&world));
        let (first, second) = tokio::join!(record(), record());
        let (kept, other) = if first.is_ok() { (first, second) } else { (second, first) };
        kept.unwrap();
        assert!(matches!(refused(other).code, Code::RuleViolated | Code::Conflict));
    }
}
