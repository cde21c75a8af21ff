//! Who may decide, and what a second person is worth.

use std::time::Duration;

use cordon_context::{CallContext, Code, OrganisationKind, OrganisationLevel, PersonId, Role};
use cordon_disposal_contract::*;
use cordon_identifier::Kind;
use cordon_testkit::{actor, call, organisation};

use crate::world::*;

/// Another person with the same duties at the same organ.
fn second(ctx: &CallContext, login: &str) -> CallContext {
    let one = &ctx.actor;
    let organ = if one.organisation == organisation("police-gd") { "police-gd" } else { "police-sz" };
    let region = one.region.to_string();
    call(&actor(login, organ, one.organisation_kind, one.level, &region, &one.roles))
}

async fn refused_task(world: &World, code: RefusalCode) -> Task {
    let order = world.issued(&[MOBILE]).await;
    let task = world.tasks(&order).await.remove(0);
    let refusal = RefuseTask { answer: world.answer(&task), code, text: "说明".to_owned() };
    world.link.refuse_task(duty("mobile-gd"), refusal).await.unwrap()
}

fn again(task: &Task) -> ReissueTask {
    ReissueTask { task: task.id, reason: "已核对".to_owned() }
}

fn protect(text: &str) -> ProposeProtected {
    ProposeProtected {
        text: text.to_owned(),
        target: None,
        kind: ProtectedKind::Hospital,
        reason: "急救值班电话".to_owned(),
    }
}

#[tokio::test]
async fn another_line_reviews_no_order_of_the_police() {
    for world in worlds().await {
        let order = world.submitted(&[MOBILE]).await;
        let stranger = regulator(Role::RegulatorApprover);
        let rule = "order.review_only_requester_or_superior";
        assert_eq!(rule_of(world.link.approve_order(stranger.clone(), agree(&order)).await), rule);
        assert_eq!(rule_of(world.link.return_order(stranger.clone(), because(&order)).await), rule);
        // The organ above the requester, in its own line, may do both.
        let order = world.link.return_order(province(), because(&order)).await.unwrap();
        let order = world.link.submit_order(handler(), OrderStep { order: order.id }).await.unwrap();
        let order = world.link.approve_order(province(), agree(&order)).await.unwrap();
        let task = world.tasks(&order).await.remove(0);
        let task = world.in_force(&task, "mobile-gd").await;
        let longer = RenewMeasure {
            task: task.id,
            effective_to: task.effective_to.unwrap().plus(Duration::from_hours(24 * 30)),
            reason: "案件仍在侦办".to_owned(),
            legal_basis: None,
        };
        let asked = world.link.renew_measure(handler(), longer).await.unwrap();
        assert_eq!(rule_of(world.link.approve_renewal(stranger, renewal(&asked)).await), rule);
        world.link.approve_renewal(province(), renewal(&asked)).await.unwrap();
    }
}

#[tokio::test]
async fn a_renewal_and_a_postponement_are_agreed_to_as_they_were_read() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        let task = world.in_force(&task, "mobile-gd").await;
        let end = task.effective_to.unwrap();
        let longer = |days: u64| RenewMeasure {
            task: task.id,
            effective_to: end.plus(Duration::from_hours(24 * days)),
            reason: "案件仍在侦办".to_owned(),
            legal_basis: None,
        };
        let read = world.link.renew_measure(handler(), longer(30)).await.unwrap();
        let pending = read.renewal.clone().unwrap();
        assert_eq!((pending.effective_to.since(end).as_secs() / 86_400, pending.asked_by), (30, person_of(&handler())));
        assert_eq!(world.link.tasks_by_ids(duty("mobile-gd"), vec![task.id]).await.unwrap()[0].renewal, None);
        let changed = world.link.renew_measure(handler(), longer(180)).await.unwrap();
        assert_eq!(refused(world.link.approve_renewal(approver(), renewal(&read)).await).code, Code::Conflict);
        assert_eq!(world.task(task.id).await.effective_to, Some(end));
        let agreed = world.link.approve_renewal(approver(), renewal(&changed)).await.unwrap();
        assert_eq!((agreed.effective_to.unwrap().since(end).as_secs() / 86_400, agreed.renewal), (180, None));

        let notice = world.link.notices_by_tasks(handler(), vec![task.id]).await.unwrap().remove(0);
        let ask = |days: u64| RequestDeferral {
            notice: notice.id,
            reason: "侦查保密".to_owned(),
            review_at: world.now().plus(Duration::from_hours(24 * days)),
        };
        let read = world.link.request_deferral(handler(), ask(5)).await.unwrap();
        let stale = ApproveDeferral { version: read.version - 1, ..deferral(&read) };
        assert_eq!(refused(world.link.approve_deferral(approver(), stale).await).code, Code::Conflict);
        world.link.approve_deferral(approver(), deferral(&read)).await.unwrap();
    }
}

#[tokio::test]
async fn what_the_executor_objected_to_goes_out_again_only_when_an_approver_agrees() {
    for world in worlds().await {
        for code in [RefusalCode::Mismatch, RefusalCode::DocumentMissing, RefusalCode::BeyondPower] {
            let task = refused_task(&world, code).await;
            let asked = world.link.reissue_task(handler(), again(&task)).await.unwrap();
            assert_eq!((asked.state, asked.generation), (TaskState::Rejected, 1), "one person's word is not enough");
            let rule = rule_of(world.link.reissue_task(handler(), again(&task)).await);
            assert_eq!(rule, "task.reissue_four_eyes");
            let sent = world.link.reissue_task(approver(), again(&task)).await.unwrap();
            assert_eq!((sent.state, sent.generation), (TaskState::Issued, 2));
            let drop = DropTask { task: task.id, reason: "到此为止".to_owned() };
            let again = RefuseTask { answer: world.answer(&sent), code, text: "说明".to_owned() };
            world.link.refuse_task(duty("mobile-gd"), again).await.unwrap();
            world.link.drop_task(handler(), drop).await.unwrap();
        }
        // A first word of an approver is no second one, whoever gives it.
        let task = refused_task(&world, RefusalCode::Mismatch).await;
        world.link.reissue_task(approver(), again(&task)).await.unwrap();
        assert_eq!(rule_of(world.link.reissue_task(approver(), again(&task)).await), "task.reissue_four_eyes");
        world.link.reissue_task(second(&approver(), "approver-2"), again(&task)).await.unwrap();
        // What is merely impossible for now, the handler sends out alone.
        let task = refused_task(&world, RefusalCode::TechnicallyImpossible).await;
        let sent = world.link.reissue_task(handler(), again(&task)).await.unwrap();
        assert_eq!(sent.state, TaskState::Issued);
    }
}

#[tokio::test]
async fn a_whitelisted_target_goes_out_again_only_from_the_province() {
    for world in worlds().await {
        let task = refused_task(&world, RefusalCode::Whitelisted).await;
        world.link.reissue_task(handler(), again(&task)).await.unwrap();
        assert_eq!(rule_of(world.link.reissue_task(approver(), again(&task)).await), "task.reissue_protected");
        let sent = world.link.reissue_task(province(), again(&task)).await.unwrap();
        assert_eq!(sent.state, TaskState::Issued);
    }
}

#[tokio::test]
async fn an_emergency_excuses_the_missing_document_only_until_the_paperwork_is_due() {
    for world in worlds().await {
        let mut press = world.press(&[MOBILE]);
        press.legal_basis = None;
        press.keep_draft = true;
        let order = world.link.dispose_subjects(handler(), press).await.unwrap().order;
        let order = world.link.issue_emergency(lead(), because(&order)).await.unwrap();
        let task = world.tasks(&order).await.remove(0);
        let refuse = |task: &Task| RefuseTask {
            answer: world.answer(task),
            code: RefusalCode::TechnicallyImpossible,
            text: "系统维护".to_owned(),
        };
        world.link.refuse_task(duty("mobile-gd"), refuse(&task)).await.unwrap();
        let task = world.link.reissue_task(handler(), again(&task)).await.unwrap();
        assert_eq!(task.state, TaskState::Issued);
        world.link.refuse_task(duty("mobile-gd"), refuse(&task)).await.unwrap();
        world.pass(24 * 60 + 1);
        assert_eq!(rule_of(world.link.reissue_task(handler(), again(&task)).await), "order.legal_basis_expired");
    }
}

#[tokio::test]
async fn an_entry_protects_orders_that_were_drafted_before_it() {
    for world in worlds().await {
        let drafted = world.submitted(&[MOBILE]).await;
        let mut press = world.press(&[MOBILE]);
        press.keep_draft = true;
        let draft = world.link.dispose_subjects(handler(), press).await.unwrap().order;
        assert!(!drafted.needs_protected_approval && !draft.needs_protected_approval);
        world.link.propose_protected(regulator(Role::RegulatorOfficer), protect(MOBILE)).await.unwrap();

        let rule = "order.protected_second_approval";
        assert_eq!(rule_of(world.link.issue_emergency(lead(), because(&draft)).await), rule);
        let draft = world.link.submit_order(handler(), OrderStep { order: draft.id }).await.unwrap();
        assert!(draft.needs_protected_approval);
        let order = world.link.approve_order(approver(), agree(&drafted)).await.unwrap();
        assert_eq!((order.stage, order.needs_protected_approval), (OrderStage::PendingReview, true));
        let items = world.link.items_of_order(handler(), order.id, page()).await.unwrap();
        assert_eq!(items.edges[0].1.protected.as_deref(), Some("hospital"));
        let order = world.link.approve_protected(province(), agree(&order)).await.unwrap();
        assert_eq!(order.stage, OrderStage::Issued);
    }
}

#[tokio::test]
async fn an_entry_between_consent_and_issue_gives_the_order_back() {
    for world in worlds().await {
        // The first consent is given to an order whose routes cannot be found yet, so that it waits to be issued.
        let order = world.submitted(&[MOBILE]).await;
        world.routes.down.store(true, std::sync::atomic::Ordering::SeqCst);
        let order = world.link.approve_order(approver(), agree(&order)).await.unwrap();
        assert_eq!(order.stage, OrderStage::Approved);
        world.link.propose_protected(regulator(Role::RegulatorOfficer), protect(MOBILE)).await.unwrap();
        world.routes.down.store(false, std::sync::atomic::Ordering::SeqCst);
        world.work().await;
        let order = world.link.orders_by_ids(handler(), vec![order.id]).await.unwrap().remove(0);
        assert_eq!(order.stage, OrderStage::Returned);
        assert!(order.returned_reason.unwrap().contains("受保护"));
        assert_eq!(world.told("disposal.task_assigned").await, 0);
    }
}

#[tokio::test]
async fn a_listed_name_protects_what_stands_below_it_and_on_it() {
    for world in worlds().await {
        world.link.propose_protected(regulator(Role::RegulatorOfficer), protect("example-hospital.cn")).await.unwrap();
        let mut press = world.press(&[
            "example-hospital.cn",
            "guahao.example-hospital.cn",
            "https://guahao.example-hospital.cn/a?b=1",
            "not-example-hospital.cn",
        ]);
        let measures = vec![Measure::BlockIpUrl];
        press.measures.push(MeasureChoice { kind: TargetKind::Url, measures, functions: Vec::new() });
        let preview = world.link.preview_disposal(handler(), press).await.unwrap();
        let protected: Vec<bool> = preview
            .rows
            .iter()
            .map(|row| row.findings.iter().any(|finding| finding.kind == FindingKind::Protected))
            .collect();
        assert_eq!(protected, [true, true, true, false], "{:?}", preview.rows);
    }
}

#[tokio::test]
async fn a_victims_number_is_recognised_when_it_is_typed() {
    for world in worlds().await {
        let found = |preview: &DisposalPreview| {
            preview.rows[0].findings.iter().any(|finding| finding.kind == FindingKind::VictimOwn)
        };
        let before = world.link.preview_disposal(handler(), world.press(&[VICTIMS])).await.unwrap();
        assert!(!found(&before) && !before.needs_protected_approval);
        let victim = before.rows[0].subject.clone().unwrap();
        let value = cordon_case_intake_contract::SubjectValue {
            subject: victim.id,
            kind: Kind::Phone,
            value: VICTIMS.to_owned(),
            masked: victim.masked,
            cases: Vec::new(),
            protected: None,
            victims_own: true,
        };
        world.neighbours.values.lock().unwrap().insert(victim.id, value);
        let preview = world.link.preview_disposal(handler(), world.press(&[VICTIMS])).await.unwrap();
        assert!(found(&preview) && preview.needs_protected_approval);
        let order = world.submitted(&[VICTIMS]).await;
        let order = world.link.approve_order(approver(), agree(&order)).await.unwrap();
        assert_eq!(order.stage, OrderStage::PendingReview, "the victim's own number takes the province's word");
    }
}

#[tokio::test]
async fn a_superior_ends_what_its_subordinate_ordered() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        let task = world.in_force(&task, "mobile-gd").await;
        let end = OrderRelease { task: task.id, reason: ReleaseReason::Ruling, note: None, by_mistake: false };
        // Another line has the same duty in the same region, and stands above nobody here.
        let stranger = world.link.order_release(regulator(Role::RegulatorApprover), end.clone()).await;
        assert_eq!(rule_of(stranger), "release.only_requester_or_superior");
        let release = world.link.order_release(province(), end).await.unwrap();
        assert_eq!(release.state, ReleaseState::Ordered);
        assert_eq!(world.task(task.id).await.state, TaskState::ReleaseOrdered);
    }
}

#[tokio::test]
async fn who_may_draft_and_approve_withdraws_with_the_wider_of_both() {
    for world in worlds().await {
        let order = world.submitted(&[MOBILE]).await;
        let mut both = province();
        both.actor.roles.push(Role::PoliceHandler);
        let order = world.link.withdraw_order(both, because(&order)).await.unwrap();
        assert_eq!(order.stage, OrderStage::Withdrawn);
    }
}

#[tokio::test]
async fn a_false_answer_is_unlearned_and_a_number_goes_only_to_who_can_hold_it() {
    for world in worlds().await {
        let order = world.issued(&[MOBILE]).await;
        let task = world.tasks(&order).await.remove(0);
        let said = |task: &Task, not_mine: NotMine| DisownTask { answer: world.answer(task), not_mine, note: None };
        let unicom = NotMine::PortedTo { organisation: organisation("unicom-gd") };
        world.link.disown_task(duty("mobile-gd"), said(&task, unicom.clone())).await.unwrap();
        assert_eq!(world.routes.learned.lock().unwrap().get(MOBILE), Some(&organisation("unicom-gd")));
        let passed = world.task(task.id).await;
        world.link.disown_task(duty("unicom-gd"), said(&passed, NotMine::Unknown)).await.unwrap();
        assert_eq!(world.routes.learned.lock().unwrap().get(MOBILE), None);

        // The same where the one that was named does not know the number.
        let order = world.issued(&[MOBILE_2]).await;
        let task = world.tasks(&order).await.remove(0);
        world.link.disown_task(duty("mobile-gd"), said(&task, unicom)).await.unwrap();
        let passed = world.task(task.id).await;
        let refusal =
            RefuseTask {
                answer: world.answer(&passed), code: RefusalCode::NumberUnknown, text: "无此号码".to_owned()
            };
        world.link.refuse_task(duty("unicom-gd"), refusal).await.unwrap();
        assert_eq!(world.routes.learned.lock().unwrap().get(MOBILE_2), None);

        // An internet firm holds no telephone number and does not learn of one because a carrier names it.
        let order = world.issued(&["13912340003"]).await;
        let task = world.tasks(&order).await.remove(0);
        let firm = NotMine::PortedTo { organisation: organisation("wechat") };
        world.link.disown_task(duty("mobile-gd"), said(&task, firm)).await.unwrap();
        let task = world.task(task.id).await;
        assert_eq!((task.state, task.executor), (TaskState::Desk, None));
        assert!(world.link.task_status(duty("wechat"), vec![task.id]).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn an_edit_asks_the_same_of_the_duration_as_the_draft_and_a_cut_is_named() {
    for world in worlds().await {
        let order = world.submitted(&[MOBILE]).await;
        let edit = |days| EditOrder {
            order: order.id,
            version: order.version,
            legal_basis: None,
            urgency: None,
            reason: None,
            duration_days: Some(days),
            remove_items: Vec::new(),
        };
        let refusal = refused(world.link.edit_order(handler(), edit(0)).await);
        assert_eq!((refusal.code, refusal.field.as_deref()), (Code::Invalid, Some("duration_days")));
        world.link.edit_order(handler(), edit(4_000)).await.unwrap();
        let timeline = world.link.timeline(handler(), TimelineOf::Order { order: order.id }, page()).await.unwrap();
        let edited = &timeline.edges.iter().find(|(_, entry)| entry.event == "order.edit").unwrap().1;
        assert!(edited.detail["cut_to_days"].as_u64().unwrap() < 4_000);

        let cut = |days| DisposeSubjects { duration_days: Some(days), ..world.press(&[MOBILE]) };
        let named = |preview: &DisposalPreview| {
            preview.rows[0].findings.iter().any(|finding| finding.kind == FindingKind::DurationCut)
        };
        let long = world.link.preview_disposal(handler(), cut(4_000)).await.unwrap();
        assert!(named(&long) && long.rows[0].fit, "{:?}", long.rows[0]);
        assert!(!named(&world.link.preview_disposal(handler(), cut(90)).await.unwrap()));
    }
}

fn file() -> FileAppeal {
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

async fn standing(world: &World) -> Task {
    let order = world.issued(&[MOBILE]).await;
    let task = world.tasks(&order).await.remove(0);
    world.in_force(&task, "mobile-gd").await
}

fn say(appeal: &Appeal, text: &str) -> AppealText {
    AppealText { appeal: appeal.id, text: text.to_owned() }
}

/// The same person in another duty.
fn as_officer(ctx: &CallContext) -> CallContext {
    let mut officer = officer();
    officer.actor.kind = ctx.actor.kind.clone();
    officer
}

#[tokio::test]
async fn who_decided_the_measure_can_neither_end_nor_delay_nor_answer_the_appeal() {
    for world in worlds().await {
        standing(&world).await;
        let appeal = world.link.file_appeal(hotline(), file()).await.unwrap().appeal;
        let rule = "appeal.decider_not_original";
        let drafter = as_officer(&handler());
        assert_eq!(rule_of(world.link.decline_appeal(drafter.clone(), say(&appeal, "不受理")).await), rule);
        assert_eq!(rule_of(world.link.request_supplement(drafter.clone(), say(&appeal, "补充")).await), rule);
        world.link.decline_appeal(officer(), say(&appeal, "非本人")).await.unwrap();
        assert_eq!(rule_of(world.link.reply_appeal(drafter, say(&appeal, "不受理")).await), rule);
        world.link.reply_appeal(officer(), say(&appeal, "不受理")).await.unwrap();
    }
}

#[tokio::test]
async fn who_renewed_the_measure_decided_it_once_more() {
    for world in worlds().await {
        let task = standing(&world).await;
        let longer = RenewMeasure {
            task: task.id,
            effective_to: task.effective_to.unwrap().plus(Duration::from_hours(24 * 30)),
            reason: "案件仍在侦办".to_owned(),
            legal_basis: None,
        };
        let colleague = second(&handler(), "handler-2");
        let other = second(&approver(), "approver-2");
        let asked = world.link.renew_measure(colleague.clone(), longer).await.unwrap();
        world.link.approve_renewal(other.clone(), renewal(&asked)).await.unwrap();
        let appeal = world.link.file_appeal(hotline(), file()).await.unwrap().appeal;
        for involved in [as_officer(&colleague), as_officer(&other)] {
            let declined = world.link.decline_appeal(involved, say(&appeal, "不受理")).await;
            assert_eq!(rule_of(declined), "appeal.decider_not_original");
        }
    }
}

#[tokio::test]
async fn papers_are_asked_for_before_the_acceptance_and_the_clock_goes_on_with_what_was_left() {
    for world in worlds().await {
        standing(&world).await;
        let appeal = world.link.file_appeal(hotline(), file()).await.unwrap().appeal;
        // The last day: nothing but the rest of it is left, however often somebody asks.
        world.pass(24 * 60);
        let due = |appeal: &Appeal| appeal.accept_due.to_rfc3339();
        for day in ["2026-11-26", "2026-11-27"] {
            world.link.request_supplement(officer(), say(&appeal, "请补充身份证")).await.unwrap();
            world.clock.set(cordon_context::Timestamp::parse_rfc3339(&format!("{day}T10:00:00+08:00")).unwrap());
            let back = world.link.supplement_appeal(hotline(), say(&appeal, "已补交")).await.unwrap();
            assert_eq!(due(&back), format!("{day}T23:59:59.999+08:00"));
        }
        let step = AppealStep { appeal: appeal.id };
        world.link.accept_appeal(officer(), step).await.unwrap();
        let late = world.link.request_supplement(officer(), say(&appeal, "再补充")).await;
        assert_eq!(rule_of(late), "appeal.illegal_transition");
        world.clock.set(cordon_context::Clock::now(&cordon_testkit::clock()));
    }
}

#[tokio::test]
async fn an_appeal_is_given_only_to_somebody_of_the_organ_with_that_duty() {
    for world in worlds().await {
        standing(&world).await;
        let appeal = world.link.file_appeal(hotline(), file()).await.unwrap().appeal;
        let step = AppealStep { appeal: appeal.id };
        world.link.accept_appeal(officer(), step.clone()).await.unwrap();
        let to = |officer: PersonId| AssignAppeal { appeal: appeal.id, officer };
        for unfit in [
            PersonId::new(world.now()),
            person_of(&province_officer()),
            person_of(&police_of("clerk", Role::PoliceHandler)),
        ] {
            assert_eq!(rule_of(world.link.assign_appeal(officer(), to(unfit)).await), "appeal.officer_duty");
        }
        world.link.assign_appeal(officer(), to(person_of(&officer()))).await.unwrap();
        world.link.begin_appeal_verification(officer(), step).await.unwrap();
        // Somebody falls ill: the appeal goes to another officer, and does not wait.
        let given = world.link.assign_appeal(officer(), to(person_of(&officer()))).await.unwrap();
        assert_eq!(given.state, AppealState::Assigned);
    }
}

fn police_of(login: &str, role: Role) -> CallContext {
    call(&actor(login, "police-sz", OrganisationKind::Police, OrganisationLevel::City, "440300", &[role]))
}
