use std::time::Duration;

use cordon_case_intake_contract::{
    Bulletin, BulletinFilter, BulletinStatus, BulletinStep, BulletinTrigger, CaseIntakeClient, DraftBulletin,
    FileTraceBack, Liability, MoveBulletin, RevealTraceBack, TraceBackForm,
};
use cordon_context::{CallContext, Code, PageRequest};

use crate::world::{World, approver, authority, carrier, handler, org, refusal, rule, stranger, worlds};

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
    let identifiers = world.link.case_identifiers(handler(), case.id).await.unwrap();
    let subject = identifiers.iter().find(|identifier| identifier.masked == "138****8000").unwrap().subject;
    DraftBulletin {
        case: case.id,
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
