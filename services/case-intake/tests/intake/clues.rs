use std::time::Duration;

use cordon_case_intake_contract::{
    AssessClue, Assessment, CaseIntakeClient, Clue, ClueFilter, ClueKind, ClueStatus, ClueStep, MoveClue, RevealClue,
    SetCalendarDay, SubmitClue,
};
use cordon_context::{CallContext, Code, PageRequest};

use crate::world::{World, administrator, analyst, carrier, handler, org, refusal, rule, stranger, worlds};

async fn submitted(world: &World) -> Clue {
    let input = SubmitClue {
        kind: ClueKind::SimBox,
        addressee: org("city police"),
        region: "440305".parse().unwrap(),
        text: "南山区某楼疑似猫池，使用13800138000".to_owned(),
    };
    world.link.submit_clue(carrier("carrier A"), input).await.unwrap()
}

async fn go(
    world: &World,
    ctx: CallContext,
    clue: &Clue,
    step: ClueStep,
) -> Result<Clue, jsonrpsee::core::ClientError> {
    world.link.move_clue(ctx, MoveClue { clue: clue.id, version: clue.version, step }).await
}

async fn assess(
    world: &World,
    ctx: CallContext,
    clue: &Clue,
    assessment: Assessment,
) -> Result<Clue, jsonrpsee::core::ClientError> {
    let reason = "研判意见".to_owned();
    world.link.assess_clue(ctx, AssessClue { clue: clue.id, version: clue.version, assessment, reason }).await
}

#[tokio::test]
async fn clue_is_received_supplemented_adopted_acted_on_and_answered() {
    for world in worlds().await {
        let clue = submitted(&world).await;
        assert_eq!(clue.subjects.len(), 1);
        assert!(!clue.text_masked.contains("13800138000"));
        assert_eq!(clue.feedback_due_at.to_rfc3339(), "2026-12-07T10:00:00.000+08:00", "ten working days");
        assert_eq!(world.link.clues_by_ids(carrier("carrier B"), vec![clue.id]).await.unwrap(), []);
        assert_eq!(world.link.clues_by_ids(stranger(), vec![clue.id]).await.unwrap(), []);
        assert_eq!(refusal(go(&world, carrier("carrier A"), &clue, ClueStep::Receive).await).code, Code::NotFound);

        let clue = go(&world, analyst(), &clue, ClueStep::Receive).await.unwrap();
        let clue = assess(&world, analyst(), &clue, Assessment::MoreNeeded).await.unwrap();
        assert_eq!(clue.status, ClueStatus::MoreNeeded);
        let more = ClueStep::Supplement { text: "另有13800138001".to_owned() };
        assert_eq!(refusal(go(&world, analyst(), &clue, more.clone()).await).code, Code::NotFound);
        let clue = go(&world, carrier("carrier A"), &clue, more).await.unwrap();
        assert_eq!((clue.status, clue.subjects.len()), (ClueStatus::Received, 2));
        let revealed =
            world.link.reveal_clue(handler(), RevealClue { clue: clue.id, purpose: "研判".to_owned() }).await.unwrap();
        assert!(revealed.text.ends_with("另有13800138001"));

        let clue = assess(&world, analyst(), &clue, Assessment::Adopted).await.unwrap();
        assert_eq!(
            rule(go(&world, analyst(), &clue, ClueStep::SendFeedback { text: "x".to_owned() }).await),
            "clue.transition"
        );
        let act = ClueStep::Act { case: None, note: "已移交侦查".to_owned() };
        let clue = go(&world, analyst(), &clue, act).await.unwrap();
        let feedback = ClueStep::SendFeedback { text: "查获设备两台，感谢".to_owned() };
        let clue = go(&world, analyst(), &clue, feedback).await.unwrap();
        assert_eq!(clue.status, ClueStatus::FeedbackSent);
        let theirs = world.link.clues_by_ids(carrier("carrier A"), vec![clue.id]).await.unwrap().remove(0);
        assert_eq!(theirs.feedback.as_deref(), Some("查获设备两台，感谢"));
        assert!(!theirs.overdue);
    }
}

#[tokio::test]
async fn feedback_is_owed_by_a_deadline_that_the_calendar_moves() {
    for world in worlds().await {
        let day =
            SetCalendarDay {
                date: "2026-11-25".parse().unwrap(), working: Some(false), name: "测试假日".to_owned()
            };
        assert_eq!(refusal(world.link.set_calendar_day(handler(), day.clone()).await).code, Code::Denied);
        let days = world.link.set_calendar_day(administrator(), day.clone()).await.unwrap();
        assert!(days.iter().any(|listed| listed.date == day.date && !listed.working));
        let clue = submitted(&world).await;
        assert_eq!(clue.feedback_due_at.to_rfc3339(), "2026-12-08T10:00:00.000+08:00");
        world.link.set_calendar_day(administrator(), SetCalendarDay { working: None, ..day }).await.unwrap();

        world.clock.advance(Duration::from_hours(24 * 20));
        assert_eq!(world.service.run_due(world.now()).await.unwrap(), 1);
        let filter = ClueFilter { overdue: Some(true), ..ClueFilter::default() };
        for ctx in [carrier("carrier A"), analyst()] {
            let late = world.link.search_clues(ctx, filter.clone(), PageRequest::default()).await.unwrap();
            assert_eq!(late.edges.len(), 1, "both sides see that feedback is late");
        }
    }
}

#[tokio::test]
async fn clue_goes_only_to_an_organ_that_is_there() {
    for world in worlds().await {
        for addressee in ["nobody", "closed police", "carrier B"] {
            let input = SubmitClue {
                kind: ClueKind::SimBox,
                addressee: org(addressee),
                region: "440305".parse().unwrap(),
                text: "疑似猫池".to_owned(),
            };
            assert_eq!(
                rule(world.link.submit_clue(carrier("carrier A"), input).await),
                "clue.addressee",
                "{addressee}"
            );
        }
        assert_eq!(world.count("clue").await, 0);
    }
}

#[tokio::test]
async fn repeated_supplement_is_answered_even_when_it_would_not_fit_twice() {
    for world in worlds().await {
        let clue = submitted(&world).await;
        let clue = go(&world, analyst(), &clue, ClueStep::Receive).await.unwrap();
        let clue = assess(&world, analyst(), &clue, Assessment::MoreNeeded).await.unwrap();
        let step = ClueStep::Supplement { text: "补".repeat(15_000) };
        let input = MoveClue { clue: clue.id, version: clue.version, step };
        let keyed = || cordon_testkit::keyed_call(&carrier("carrier A").actor, "supplement-the-clue");
        let first = world.link.move_clue(keyed(), input.clone()).await.unwrap();
        assert_eq!(world.link.move_clue(keyed(), input).await.unwrap(), first);
        let again = ClueStep::Supplement { text: "补".repeat(15_000) };
        let clue = assess(&world, analyst(), &first, Assessment::MoreNeeded).await.unwrap();
        assert_eq!(rule(go(&world, carrier("carrier A"), &clue, again).await), "text.too_long");
    }
}
