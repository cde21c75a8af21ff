//! 申诉: registered by whoever receives it, heard by somebody who did not decide, carried out and answered.

use cordon_context::{Code, Timestamp};
use cordon_disposal_contract::*;
use cordon_testkit::organisation;

use crate::world::*;

fn file(against: AppealedMeasure) -> FileAppeal {
    FileAppeal {
        against,
        channel: AppealChannel::Hotline,
        appellant: "张三".to_owned(),
        contact: "13900000000".to_owned(),
        statement: "号码系本人正常使用".to_owned(),
        proxy_document: None,
        documents: vec!["身份证复印件".to_owned()],
    }
}

fn by_value() -> AppealedMeasure {
    AppealedMeasure::Value { text: MOBILE.to_owned(), kind: None }
}

fn step(appeal: &Appeal) -> AppealStep {
    AppealStep { appeal: appeal.id }
}

fn say(appeal: &Appeal, text: &str) -> AppealText {
    AppealText { appeal: appeal.id, text: text.to_owned() }
}

fn to(appeal: &Appeal, ctx: &cordon_context::CallContext) -> AssignAppeal {
    AssignAppeal { appeal: appeal.id, officer: person_of(ctx) }
}

fn decide(appeal: &Appeal, outcome: AppealOutcome, effective_to: Option<Timestamp>) -> DecideAppeal {
    DecideAppeal { appeal: appeal.id, outcome, reason: "经核查".to_owned(), effective_to }
}

async fn standing(world: &World) -> Task {
    let order = world.issued(&[MOBILE]).await;
    let task = world.tasks(&order).await.remove(0);
    world.in_force(&task, "mobile-gd").await
}

async fn heard(world: &World, appeal: &Appeal, ctx: &cordon_context::CallContext) -> Appeal {
    world.link.accept_appeal(ctx.clone(), step(appeal)).await.unwrap();
    world.link.assign_appeal(ctx.clone(), to(appeal, ctx)).await.unwrap();
    world.link.begin_appeal_verification(ctx.clone(), step(appeal)).await.unwrap()
}

#[tokio::test]
async fn an_upheld_appeal_releases_the_measure_on_the_same_road_back() {
    for world in worlds().await {
        let task = standing(&world).await;
        let filed = world.link.file_appeal(hotline(), file(by_value())).await.unwrap();
        let appeal = filed.appeal;
        assert!(appeal.number.starts_with("SS-440300-"), "{}", appeal.number);
        assert_eq!((appeal.competent, appeal.received_by), (organisation("police-sz"), organisation("hotline")));
        assert_eq!(appeal.appellant_masked, "张*");
        // Monday 10:00: one working day ends on Tuesday at midnight.
        assert_eq!(appeal.accept_due.to_rfc3339(), "2026-11-24T23:59:59.999+08:00");
        let flagged = world.task(task.id).await;
        assert!(flagged.appealed && flagged.state == TaskState::InForce, "the measure stays while the appeal is heard");
        assert_eq!(
            rule_of(
                world
                    .link
                    .file_appeal(hotline(), file(AppealedMeasure::Value { text: MOBILE.to_owned(), kind: None }))
                    .await
            ),
            "appeal.nothing_to_hear"
        );

        let appeal = world.link.accept_appeal(officer(), step(&appeal)).await.unwrap();
        assert_eq!(appeal.verify_due.unwrap().to_rfc3339(), "2026-11-30T23:59:59.999+08:00");
        // Whoever drafted or approved the measure cannot be given the appeal.
        for involved in [handler(), approver()] {
            let given = world.link.assign_appeal(officer(), to(&appeal, &involved)).await;
            assert_eq!(rule_of(given), "appeal.decider_not_original");
        }
        world.link.assign_appeal(officer(), to(&appeal, &officer())).await.unwrap();
        assert_eq!(
            rule_of(world.link.decide_appeal(officer(), decide(&appeal, AppealOutcome::Release, None)).await),
            "appeal.illegal_transition"
        );
        world.link.begin_appeal_verification(officer(), step(&appeal)).await.unwrap();
        let appeal = world.link.decide_appeal(officer(), decide(&appeal, AppealOutcome::Release, None)).await.unwrap();
        assert_eq!(appeal.state, AppealState::Decided);
        assert_eq!(
            rule_of(world.link.reply_appeal(officer(), say(&appeal, "已解除")).await),
            "appeal.illegal_transition"
        );

        let task = world.carry_out_release(&task, "mobile-gd").await;
        assert_eq!((task.state, task.appealed), (TaskState::Released, false));
        let release = world.link.releases_by_tasks(handler(), vec![task.id]).await.unwrap().remove(0);
        assert_eq!(release.reason, ReleaseReason::AppealUpheld);
        let appeal = world.link.appeals_by_ids(officer(), vec![appeal.id]).await.unwrap().remove(0);
        assert_eq!(appeal.state, AppealState::Executed);
        let appeal = world.link.reply_appeal(officer(), say(&appeal, "已解除")).await.unwrap();
        let appeal = world.link.close_appeal(officer(), step(&appeal)).await.unwrap();
        assert_eq!(appeal.state, AppealState::Closed);
        let progress = AskProgress { number: appeal.number.clone(), code: filed.code };
        let progress = world.link.appeal_progress(hotline(), progress).await.unwrap();
        assert_eq!((progress.outcome, progress.subject_masked.as_str()), (Some(AppealOutcome::Release), "139****0001"));
    }
}

#[tokio::test]
async fn an_officer_with_a_hand_in_the_measure_cannot_decide_even_if_it_was_assigned_before() {
    for world in worlds().await {
        standing(&world).await;
        let appeal = world.link.file_appeal(hotline(), file(by_value())).await.unwrap().appeal;
        heard(&world, &appeal, &officer()).await;
        let mut drafter = officer();
        drafter.actor.kind = handler().actor.kind;
        assert_eq!(
            rule_of(world.link.decide_appeal(drafter, decide(&appeal, AppealOutcome::Maintain, None)).await),
            "appeal.officer_only"
        );
    }
}

#[tokio::test]
async fn missing_papers_stop_the_clock_and_an_extension_comes_once_from_somebody_else() {
    for world in worlds().await {
        standing(&world).await;
        let appeal = world.link.file_appeal(hotline(), file(by_value())).await.unwrap().appeal;
        let appeal = world.link.request_supplement(officer(), say(&appeal, "请补充身份证")).await.unwrap();
        assert_eq!(appeal.state, AppealState::SupplementNeeded);
        world.pass(3 * 24 * 60);
        world.work().await;
        let appeal = world.link.supplement_appeal(hotline(), say(&appeal, "已补交")).await.unwrap();
        assert!(!appeal.overdue, "nobody is late while papers are missing");
        let ask = RevealAppeal { appeal: appeal.id, reason: "核查".to_owned() };
        assert_eq!(refused(world.link.reveal_appeal(hotline(), ask.clone()).await).code, Code::Denied);
        let revealed = world.link.reveal_appeal(officer(), ask).await.unwrap();
        assert_eq!(revealed.appellant, "张三");
        assert_eq!(revealed.documents, ["身份证复印件", "已补交"]);
        let appeal = heard(&world, &appeal, &officer()).await;
        let due = appeal.verify_due.unwrap();
        let mut own = officer();
        own.actor.roles.push(cordon_context::Role::PoliceApprover);
        assert_eq!(
            rule_of(world.link.extend_appeal(own, say(&appeal, "情况复杂")).await),
            "appeal.extension_four_eyes"
        );
        let appeal = world.link.extend_appeal(approver(), say(&appeal, "情况复杂")).await.unwrap();
        assert!(appeal.extended && appeal.verify_due.unwrap() > due);
        assert_eq!(rule_of(world.link.extend_appeal(approver(), say(&appeal, "再延")).await), "appeal.extended_once");
    }
}

#[tokio::test]
async fn silence_is_escalated_and_never_releases_an_instructed_measure() {
    for world in worlds().await {
        let task = standing(&world).await;
        let appeal = world.link.file_appeal(hotline(), file(by_value())).await.unwrap().appeal;
        world.pass(3 * 24 * 60);
        world.work().await;
        let appeal = world.link.appeals_by_ids(officer(), vec![appeal.id]).await.unwrap().remove(0);
        assert!(appeal.overdue);
        assert_eq!(world.told("disposal.deadline_missed").await, 1);
        assert_eq!(world.task(task.id).await.state, TaskState::InForce);
    }
}

#[tokio::test]
async fn a_partial_decision_brings_the_end_forward() {
    for world in worlds().await {
        let task = standing(&world).await;
        let appeal = world.link.file_appeal(hotline(), file(by_value())).await.unwrap().appeal;
        heard(&world, &appeal, &officer()).await;
        let missing = world.link.decide_appeal(officer(), decide(&appeal, AppealOutcome::Partial, None)).await;
        assert_eq!(refused(missing).field.as_deref(), Some("effective_to"));
        let end = world.now().plus(std::time::Duration::from_hours(48));
        let appeal =
            world.link.decide_appeal(officer(), decide(&appeal, AppealOutcome::Partial, Some(end))).await.unwrap();
        assert_eq!(appeal.state, AppealState::Executed);
        assert_eq!(world.task(task.id).await.effective_to, Some(end));
        world.pass(48 * 60);
        world.work().await;
        assert_eq!(world.task(task.id).await.state, TaskState::ReleaseOrdered);
    }
}

#[tokio::test]
async fn one_review_goes_to_the_organ_above_and_to_a_new_officer() {
    for world in worlds().await {
        let task = standing(&world).await;
        let appeal = world.link.file_appeal(hotline(), file(by_value())).await.unwrap().appeal;
        heard(&world, &appeal, &officer()).await;
        let early = world.link.request_appeal_review(hotline(), say(&appeal, "不服")).await;
        assert_eq!(rule_of(early), "appeal.illegal_transition");
        let appeal = world.link.decide_appeal(officer(), decide(&appeal, AppealOutcome::Maintain, None)).await.unwrap();
        world.link.reply_appeal(officer(), say(&appeal, "维持")).await.unwrap();
        // Another counter within reach cannot use the one review up.
        let mut other = hotline();
        other.actor.organisation = organisation("other-hotline");
        let foreign = refused(world.link.request_appeal_review(other, say(&appeal, "x")).await);
        assert!(foreign.code == Code::NotFound || foreign.rule.as_deref() == Some("appeal.receiver_only"));
        let by_executor = world.link.request_appeal_review(duty("mobile-gd"), say(&appeal, "x")).await;
        assert_eq!(rule_of(by_executor), "appeal.receiver_only");
        let review = world.link.request_appeal_review(hotline(), say(&appeal, "不服")).await.unwrap().appeal;
        assert_eq!((review.competent, review.competence), (organisation("police-gd"), Competence::Superior));
        assert_ne!(review.number, appeal.number);
        let twice = world.link.request_appeal_review(hotline(), say(&appeal, "仍不服")).await;
        assert!(["appeal.review_once", "appeal.already_open"].contains(&rule_of(twice).as_str()));
        // The officer who decided first is not competent for the review.
        let first = world.link.accept_appeal(officer(), step(&review)).await;
        assert!([Code::NotFound, Code::RuleViolated].contains(&refused(first).code));
        heard(&world, &review, &province_officer()).await;
        let decision = decide(&review, AppealOutcome::Release, None);
        world.link.decide_appeal(province_officer(), decision).await.unwrap();
        let task = world.carry_out_release(&task, "mobile-gd").await;
        assert_eq!(task.state, TaskState::Released);
        let review = world.link.appeals_by_ids(province_officer(), vec![review.id]).await.unwrap().remove(0);
        world.link.reply_appeal(province_officer(), say(&review, "已解除")).await.unwrap();
        let again = world.link.request_appeal_review(hotline(), say(&review, "再复核")).await;
        assert_eq!(rule_of(again), "appeal.review_once");
    }
}

#[tokio::test]
async fn a_wrong_code_an_unknown_number_and_a_broken_number_get_the_same_answer() {
    for world in worlds().await {
        standing(&world).await;
        let filed = world.link.file_appeal(hotline(), file(by_value())).await.unwrap();
        let ask = |number: &str, code: &str| AskProgress { number: number.to_owned(), code: code.to_owned() };
        let number = filed.appeal.number.as_str();
        world.link.appeal_progress(hotline(), ask(number, &filed.code.to_lowercase())).await.unwrap();
        let mut answers = Vec::new();
        for (number, code) in [(number, "AAAAAAAAAA"), ("SS-440300-20261123-000099-0", "AAAAAAAAAA"), ("x", "")] {
            answers.push(
                serde_json::to_string(&refused(world.link.appeal_progress(hotline(), ask(number, code)).await))
                    .unwrap(),
            );
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{answers:?}");
    }
}

#[tokio::test]
async fn what_the_appellant_said_is_not_stored_in_the_clear() {
    for world in worlds().await {
        standing(&world).await;
        let ctx = keyed(&hotline(), "appeal-0001");
        let filed = world.link.file_appeal(ctx.clone(), file(by_value())).await.unwrap();
        assert_eq!(world.link.file_appeal(ctx, file(by_value())).await.unwrap(), filed);
        if world.database.backend == "sqlite" {
            let path = world.database.settings.url.trim_start_matches("sqlite:").to_owned();
            for file in [path.clone(), format!("{path}-wal")] {
                let bytes = std::fs::read(file).unwrap_or_default();
                for secret in ["张三", "13900000000", "号码系本人正常使用", filed.code.as_str(), MOBILE] {
                    let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
                    assert!(!found, "{secret} stands in the file in the clear");
                }
            }
        }
    }
}

/// An appeal against a measure that was carried out and then went back to its executor.
async fn against_disputed(world: &World) -> (Task, Appeal) {
    let order = world.issued(&[MOBILE]).await;
    let task = world.tasks(&order).await.remove(0);
    let task = world.executed(&task, "mobile-gd").await;
    let appeal = world.link.file_appeal(hotline(), file(by_value())).await.unwrap().appeal;
    let appeal = heard(world, &appeal, &officer()).await;
    world.link.verify_task(handler(), world.check(&task, false)).await.unwrap();
    (world.task(task.id).await, appeal)
}

#[tokio::test]
async fn an_upheld_appeal_stops_a_measure_that_is_being_carried_out_again() {
    for world in worlds().await {
        let (task, appeal) = against_disputed(&world).await;
        world.link.begin_task(duty("mobile-gd"), BeginTask { answer: world.answer(&task) }).await.unwrap();
        let appeal = world.link.decide_appeal(officer(), decide(&appeal, AppealOutcome::Release, None)).await.unwrap();
        assert_eq!(appeal.state, AppealState::Decided, "nothing is carried out yet");
        assert_eq!(world.task(task.id).await.state, TaskState::ReleaseOrdered);
        world.carry_out_release(&task, "mobile-gd").await;
        let appeal = world.link.appeals_by_ids(officer(), vec![appeal.id]).await.unwrap().remove(0);
        assert_eq!(appeal.state, AppealState::Executed);
    }
}

#[tokio::test]
async fn an_upheld_appeal_withdraws_what_was_sent_out_again() {
    for world in worlds().await {
        let (task, appeal) = against_disputed(&world).await;
        let again = ReissueTask { task: task.id, reason: "重新执行".to_owned() };
        world.link.reissue_task(handler(), again).await.unwrap();
        let appeal = world.link.decide_appeal(officer(), decide(&appeal, AppealOutcome::Release, None)).await.unwrap();
        assert_eq!(world.task(task.id).await.state, TaskState::Withdrawn);
        assert_eq!(appeal.state, AppealState::Executed);
    }
}

#[tokio::test]
async fn an_appeal_against_what_cannot_be_undone_goes_to_a_person_who_makes_it_good() {
    for world in worlds().await {
        let mut press = world.press(&[MOBILE]);
        press.measures[0].measures = vec![Measure::Close];
        let order = world.link.dispose_subjects(handler(), press).await.unwrap().order;
        let order = world.link.approve_order(province(), agree(&order)).await.unwrap();
        let task = world.tasks(&order).await.remove(0);
        let task = world.in_force(&task, "mobile-gd").await;
        let appeal = world.link.file_appeal(hotline(), file(by_value())).await.unwrap().appeal;
        heard(&world, &appeal, &officer()).await;
        let end = world.now().plus(std::time::Duration::from_hours(48));
        let partial = world.link.decide_appeal(officer(), decide(&appeal, AppealOutcome::Partial, Some(end))).await;
        assert_eq!(rule_of(partial), "release.irreversible");
        let appeal = world.link.decide_appeal(officer(), decide(&appeal, AppealOutcome::Release, None)).await.unwrap();
        assert_eq!(appeal.state, AppealState::Decided);
        let restore = world.release_task(&task).await;
        assert_eq!((restore.state, restore.desk_reason), (TaskState::Desk, Some(DeskReason::RestoreByHand)));
        let by_hand =
            RouteTask { task: restore.id, executor: organisation("mobile-gd"), reason: "恢复原号".to_owned() };
        world.link.route_task(desk(), by_hand).await.unwrap();
        assert_eq!(world.carry_out_release(&task, "mobile-gd").await.state, TaskState::Released);
        let appeal = world.link.appeals_by_ids(officer(), vec![appeal.id]).await.unwrap().remove(0);
        assert_eq!(appeal.state, AppealState::Executed);
    }
}

#[tokio::test]
async fn an_appellant_who_is_not_answered_is_reported() {
    for world in worlds().await {
        standing(&world).await;
        let appeal = world.link.file_appeal(hotline(), file(by_value())).await.unwrap().appeal;
        heard(&world, &appeal, &officer()).await;
        let appeal = world.link.decide_appeal(officer(), decide(&appeal, AppealOutcome::Maintain, None)).await.unwrap();
        assert_eq!(appeal.state, AppealState::Executed);
        let missed = world.told("disposal.deadline_missed").await;
        world.work().await;
        assert_eq!(world.told("disposal.deadline_missed").await, missed);
        world.pass(3 * 24 * 60);
        world.work().await;
        assert_eq!(world.told("disposal.deadline_missed").await, missed + 1);
        // The control: once answered, nobody is late.
        world.link.reply_appeal(officer(), say(&appeal, "维持")).await.unwrap();
        world.pass(3 * 24 * 60);
        world.work().await;
        assert_eq!(world.told("disposal.deadline_missed").await, missed + 1);
    }
}
