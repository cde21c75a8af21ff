use std::time::Duration;

use cordon_case_intake_contract::{
    Bulletin, BulletinFilter, BulletinStatus, BulletinStep, BulletinTrigger, CaseIntakeClient, CaseStep, DraftBulletin,
    FileTraceBack, FraudType, Liability, MoveBulletin, MoveCase, OpenCase, RevealTraceBack, TraceBackForm,
};
use cordon_context::{CallContext, Code, PageRequest};

use crate::world::{World, approver, authority, carrier, handler, org, refusal, report, rule, stranger, worlds};

async fn go(
    world: &World,
    ctx: CallContext,
    bulletin: &Bulletin,
    step: BulletinStep,
) -> Result<Bulletin, jsonrpsee::core::ClientError> {
    world.link.move_bulletin(ctx, MoveBulletin { bulletin: bulletin.id, version: bulletin.version, step }).await
}

async fn draft(world: &World) -> DraftBulletin {
    let case = world.case().await;
    draft_of(world, case.id).await
}

async fn draft_of(world: &World, case: cordon_context::CaseId) -> DraftBulletin {
    let identifiers = world.link.case_identifiers(handler(), case).await.unwrap();
    let subject = identifiers.iter().find(|identifier| identifier.masked == "138****8000").unwrap().subject;
    DraftBulletin {
        case,
        authority: org("authority"),
        trace_backs: vec![(org("carrier A"), subject), (org("carrier B"), subject)],
        triggers: vec![BulletinTrigger::Decision],
        title: "关于某案的通报".to_owned(),
        text: "请倒查".to_owned(),
    }
}

#[tokio::test]
async fn bulletin_is_approved_by_another_sent_traced_back_and_closed() {
    for world in worlds().await {
        let input = draft(&world).await;
        let none = DraftBulletin { triggers: vec![], ..input.clone() };
        assert_eq!(world.link.bulletin_triggers(handler(), input.case).await.unwrap(), []);
        assert_eq!(rule(world.link.draft_bulletin(handler(), none).await), "bulletin.no_trigger");
        let bulletin = world.link.draft_bulletin(handler(), input).await.unwrap();
        assert_eq!(
            world.link.bulletins_by_ids(authority(), vec![bulletin.id]).await.unwrap().len(),
            1,
            "its own region"
        );
        assert_eq!(
            world.link.bulletins_by_ids(carrier("carrier A"), vec![bulletin.id]).await.unwrap(),
            [],
            "not sent yet"
        );
        assert_eq!(rule(go(&world, handler(), &bulletin, BulletinStep::Send).await), "bulletin.transition");
        assert_eq!(refusal(go(&world, handler(), &bulletin, BulletinStep::Approve).await).code, Code::Denied);
        let bulletin = go(&world, approver(), &bulletin, BulletinStep::Approve).await.unwrap();
        let bulletin = go(&world, handler(), &bulletin, BulletinStep::Send).await.unwrap();
        assert_eq!(bulletin.due_at.unwrap().to_rfc3339(), "2026-12-14T10:00:00.000+08:00", "fifteen working days");

        let seen = world.link.bulletins_by_ids(carrier("carrier A"), vec![bulletin.id]).await.unwrap().remove(0);
        assert_eq!(seen.enterprises, [org("carrier A")], "the others are not theirs to know");
        let own = world.link.trace_backs_by_bulletins(carrier("carrier A"), vec![bulletin.id]).await.unwrap();
        assert_eq!((own.len(), own[0].value.as_str()), (1, "13800138000"));
        let all = world.link.trace_backs_by_bulletins(handler(), vec![bulletin.id]).await.unwrap();
        assert_eq!((all.len(), all[0].value.as_str()), (2, "138****8000"));

        let form = TraceBackForm {
            holder: Some("张三".to_owned()),
            opened_by_the_rules: Some(false),
            resumed_before: Some(true),
            ..TraceBackForm::default()
        };
        let file = |task: &cordon_case_intake_contract::TraceBack| FileTraceBack {
            trace_back: task.id,
            version: task.version,
            liability: Liability::Agent,
            form: form.clone(),
        };
        assert_eq!(refusal(world.link.file_trace_back(carrier("carrier B"), file(&own[0])).await).code, Code::NotFound);
        assert_eq!(refusal(world.link.file_trace_back(authority(), file(&own[0])).await).code, Code::NotFound);
        world.link.file_trace_back(carrier("carrier A"), file(&own[0])).await.unwrap();
        assert_eq!(refusal(world.link.file_trace_back(carrier("carrier A"), file(&own[0])).await).code, Code::Conflict);
        let reveal = RevealTraceBack { trace_back: own[0].id, purpose: "认定责任".to_owned() };
        assert_eq!(world.link.reveal_trace_back(handler(), reveal.clone()).await.unwrap().form, form);
        assert_eq!(refusal(world.link.reveal_trace_back(stranger(), reveal).await).code, Code::NotFound);

        let other =
            world.link.trace_backs_by_bulletins(carrier("carrier B"), vec![bulletin.id]).await.unwrap().remove(0);
        world.link.file_trace_back(carrier("carrier B"), file(&other)).await.unwrap();
        let found = world.link.bulletins_by_ids(handler(), vec![bulletin.id]).await.unwrap().remove(0);
        assert_eq!(found.status, BulletinStatus::Found);
        let step = BulletinStep::Close { finding: "代理商违规".to_owned() };
        let closed = go(&world, handler(), &found, step).await.unwrap();
        assert_eq!((closed.status, closed.finding.as_deref()), (BulletinStatus::Closed, Some("代理商违规")));
    }
}

#[tokio::test]
async fn late_trace_backs_are_facts_and_visible() {
    for world in worlds().await {
        let bulletin = world.link.draft_bulletin(handler(), draft(&world).await).await.unwrap();
        let bulletin = go(&world, approver(), &bulletin, BulletinStep::Approve).await.unwrap();
        go(&world, handler(), &bulletin, BulletinStep::Send).await.unwrap();
        let filter = BulletinFilter { overdue: Some(true), ..BulletinFilter::default() };
        let late = async || {
            let page = world.link.search_bulletins(handler(), filter.clone(), PageRequest::default()).await.unwrap();
            page.edges.len()
        };
        assert_eq!(late().await, 0);
        world.clock.advance(Duration::from_hours(24 * 30));
        // Two trace-backs and the two reports of the case.
        assert_eq!(world.service.run_due(world.now()).await.unwrap(), 4);
        assert_eq!(late().await, 1);
    }
}

/// A case of ten reports with one wording; each names a victim of its own, or none.
async fn mass_fraud(world: &World, with_victims: bool) -> cordon_context::CaseId {
    let mut reports = Vec::new();
    for number in 0..10 {
        let mut input = report(&format!("M{with_victims}{number}"), "低息贷款，致电13800138000");
        input.victim_phone = with_victims.then(|| format!("1390013900{number}"));
        reports.push(world.link.file_report(handler(), input).await.unwrap());
    }
    assert!(reports[9].duplicate_of.is_some(), "one wording");
    let open = OpenCase {
        title: "群发短信".to_owned(),
        fraud_type: FraudType::FakeLoan,
        region: None,
        reports: reports.iter().map(|report| report.id).collect(),
        participants: vec![],
    };
    world.link.open_case(handler(), open).await.unwrap().id
}

#[tokio::test]
async fn one_script_with_many_victims_makes_a_major_case() {
    for world in worlds().await {
        let many = mass_fraud(&world, true).await;
        assert_eq!(world.link.bulletin_triggers(handler(), many).await.unwrap(), [BulletinTrigger::Victims]);
        let unknown = mass_fraud(&world, false).await;
        assert_eq!(
            world.link.bulletin_triggers(handler(), unknown).await.unwrap(),
            [],
            "the same text of nobody in particular"
        );
    }
}

#[tokio::test]
async fn bulletin_of_a_case_that_ended_goes_nowhere() {
    for world in worlds().await {
        let bulletin = world.link.draft_bulletin(handler(), draft(&world).await).await.unwrap();
        let approved = go(&world, approver(), &bulletin, BulletinStep::Approve).await.unwrap();
        let other = DraftBulletin { title: "另一份".to_owned(), ..draft_of(&world, bulletin.case).await };
        let other = world.link.draft_bulletin(handler(), other).await.unwrap();
        let case = world.link.cases_by_ids(handler(), vec![bulletin.case]).await.unwrap().remove(0);
        let step = CaseStep::Withdraw { reason: "误报".to_owned() };
        world.link.move_case(handler(), MoveCase { case: case.id, version: case.version, step }).await.unwrap();
        assert_eq!(rule(go(&world, handler(), &approved, BulletinStep::Send).await), "case.open");
        assert_eq!(rule(go(&world, approver(), &other, BulletinStep::Approve).await), "case.open");
        // It can still be taken back.
        go(&world, handler(), &approved, BulletinStep::Withdraw { reason: "案件已撤销".to_owned() }).await.unwrap();
    }
}

#[tokio::test]
async fn bulletin_reaches_only_authorities_and_enterprises_that_are_there() {
    for world in worlds().await {
        let good = draft(&world).await;
        for authority in ["nobody", "carrier A", "city police"] {
            let input = DraftBulletin { authority: org(authority), ..good.clone() };
            assert_eq!(rule(world.link.draft_bulletin(handler(), input).await), "bulletin.authority", "{authority}");
        }
        for enterprise in ["nobody", "closed carrier", "authority"] {
            let mut input = good.clone();
            input.trace_backs[0].0 = org(enterprise);
            assert_eq!(rule(world.link.draft_bulletin(handler(), input).await), "bulletin.enterprise", "{enterprise}");
        }
        assert_eq!(world.count("bulletin").await, 0);
    }
}
