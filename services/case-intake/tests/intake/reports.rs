use cordon_case_intake_contract::{
    CaseIntakeClient, HistoryOf, MoveReport, Report, ReportFilter, ReportStatus, ReportStep, RevealFinding,
    RevealReport,
};
use cordon_context::{Code, PageRequest, ReportId, Role};
use cordon_identifier::Kind;
use cordon_testkit::{call, keyed_call};

use crate::world::{carrier, clerk, handler, org, police, refusal, report, rule, stranger, worlds};

#[tokio::test]
async fn filed_report_is_masked_its_findings_explain_themselves_and_revealing_leaves_a_trace() {
    for world in worlds().await {
        let filed = world.file("R1", "请致电13800138000，本机13900139000，咨询96110，登录http://evil-site.top/a").await;
        assert_eq!(filed.status, ReportStatus::Deduplicated);
        assert_eq!(filed.victim_phone_masked.as_deref(), Some("139****9000"));
        assert!(
            !filed.text_masked.contains("13800138000") && filed.text_masked.contains("evil-site.top"),
            "{}",
            filed.text_masked
        );
        let findings = world.link.findings_by_reports(handler(), vec![filed.id]).await.unwrap();
        let phone = findings.iter().find(|finding| finding.masked == "138****8000").unwrap();
        assert_eq!((phone.span.start, phone.span.end), (3, 14));
        assert!(!phone.rule.is_empty() && !phone.victims_own && phone.protected.is_none());
        let victim = findings.iter().find(|finding| finding.masked == "139****9000").unwrap();
        assert!(victim.victims_own);
        let hotline = findings.iter().find(|finding| finding.kind == Kind::ServiceNumber).unwrap();
        assert!(hotline.protected.is_some(), "96110 is on the protected list");
        let site = findings.iter().find(|finding| finding.kind == Kind::Domain).unwrap();
        assert_eq!(site.page.as_deref(), Some("http://evil-site.top/a"));
        assert_eq!(world.link.findings_by_ids(handler(), vec![phone.id]).await.unwrap(), std::slice::from_ref(phone));

        let before = world.count("ledger_entry").await;
        let input = RevealFinding { finding: phone.id, purpose: "核实号码".to_owned() };
        let revealed = world.link.reveal_finding(handler(), input.clone()).await.unwrap();
        assert_eq!((revealed.value.as_str(), revealed.as_written.as_str()), ("13800138000", "13800138000"));
        assert_eq!(world.count("ledger_entry").await, before + 1);
        assert_eq!(
            rule(world.link.reveal_finding(handler(), RevealFinding { purpose: " ".to_owned(), ..input }).await),
            "text.empty"
        );
        let input = RevealReport { report: filed.id, purpose: "回访".to_owned() };
        let revealed = world.link.reveal_report(handler(), input).await.unwrap();
        assert_eq!(revealed.victim_phone.as_deref(), Some("13900139000"));
        assert!(revealed.text.contains("13800138000"));
    }
}

#[tokio::test]
async fn foreign_and_unknown_reports_read_the_same() {
    for world in worlds().await {
        let filed = world.file("R1", "致电13800138000").await;
        let unknown = ReportId::new(world.now());
        assert_eq!(world.link.reports_by_ids(stranger(), vec![filed.id]).await.unwrap(), []);
        assert_eq!(world.link.findings_by_reports(stranger(), vec![filed.id]).await.unwrap(), []);
        let ask = |report| RevealReport { report, purpose: "核实".to_owned() };
        let foreign = refusal(world.link.reveal_report(stranger(), ask(filed.id)).await);
        let nothing = refusal(world.link.reveal_report(stranger(), ask(unknown)).await);
        assert_eq!(foreign, nothing);
        assert_eq!(foreign.code, Code::NotFound);
        let page = world.link.search_reports(
            stranger(),
            ReportFilter::default(),
            PageRequest { count: true, ..PageRequest::default() },
        );
        assert_eq!(page.await.unwrap().total, Some(0));
    }
}

#[tokio::test]
async fn same_channel_and_number_is_the_same_report_and_near_texts_are_flagged_not_dropped() {
    for world in worlds().await {
        let first = world.file("R1", "贷款 5000 元，致电 13800138000").await;
        let again = world.file("R1", "另一段文字").await;
        assert_eq!(first.id, again.id);
        assert_eq!(first.text_masked, again.text_masked);
        let near = world.file("R2", "贷款9000元!致电138-0013-8000").await;
        assert_eq!(near.duplicate_of, Some(first.id));
        let other = world.file("R3", "贷款 5000 元，致电 13800138001").await;
        assert_eq!(other.duplicate_of, None);
        // Another organisation's report of the same number is its own, and does not show that the first one exists.
        let theirs = world.link.file_report(clerk(), report("R1", "贷款 5000 元，致电 13800138000")).await.unwrap();
        assert_ne!(theirs.id, first.id);
        assert_eq!(theirs.duplicate_of, None, "the earlier report lies beyond the clerk's reach");
        assert_eq!(world.count("report").await, 4);
    }
}

#[tokio::test]
async fn reports_are_found_by_identifier_in_any_spelling_and_by_every_other_field() {
    for world in worlds().await {
        let wanted = world.file("R1", "致电13800138000").await;
        world.clock.advance(std::time::Duration::from_secs(60));
        let other = world.file("R2", "登录 evil-site.top").await;
        let find = async |filter: ReportFilter| {
            let page = world.link.search_reports(handler(), filter, PageRequest::default()).await.unwrap();
            page.edges.into_iter().map(|(_, report)| report.id).collect::<Vec<_>>()
        };
        for spelling in ["13800138000", " 138 0013 8000", "+86 13800138000", "１３８００１３８０００"] {
            let filter = ReportFilter { identifier: Some(spelling.to_owned()), ..ReportFilter::default() };
            assert_eq!(find(filter).await, [wanted.id], "{spelling}");
        }
        for nothing in ["13800138009", "not an identifier at all ' OR 1=1"] {
            let filter = ReportFilter { identifier: Some(nothing.to_owned()), ..ReportFilter::default() };
            assert_eq!(find(filter).await, [], "{nothing}");
        }
        assert_eq!(find(ReportFilter::default()).await, [other.id, wanted.id], "newest first");
        let by = |filter: ReportFilter| find(filter);
        assert_eq!(
            by(ReportFilter { external_id: Some("R2".to_owned()), ..ReportFilter::default() }).await,
            [other.id]
        );
        assert_eq!(
            by(ReportFilter { victim_phone: Some("139 0013 9000".to_owned()), ..ReportFilter::default() }).await.len(),
            2
        );
        assert_eq!(
            by(ReportFilter { region: Some("440305".parse().unwrap()), ..ReportFilter::default() }).await.len(),
            2
        );
        assert_eq!(by(ReportFilter { region: Some("440306".parse().unwrap()), ..ReportFilter::default() }).await, []);
        assert_eq!(by(ReportFilter { statuses: vec![ReportStatus::Closed], ..ReportFilter::default() }).await, []);
        assert_eq!(
            by(ReportFilter { received_to: Some(other.received_at), ..ReportFilter::default() }).await,
            [wanted.id]
        );
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    for world in worlds().await {
        for number in 0..7 {
            world.file(&format!("R{number}"), &format!("致电1380013800{number}")).await;
        }
        let mut seen = Vec::new();
        let mut page = PageRequest { first: Some(3), ..PageRequest::default() };
        loop {
            let found = world.link.search_reports(handler(), ReportFilter::default(), page.clone()).await.unwrap();
            seen.extend(found.edges.iter().map(|(_, report)| report.id));
            page.after = found.edges.last().map(|(place, _)| place.clone());
            if !found.has_next {
                break;
            }
        }
        assert_eq!(seen.len(), 7);
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 7);
    }
}

#[tokio::test]
async fn report_goes_its_way_with_deadlines_and_every_step_stands_in_its_history() {
    for world in worlds().await {
        let mut report = world.file("R1", "致电13800138000").await;
        // Monday 10:00; screening is due one working day later.
        assert_eq!(report.due_at.unwrap().to_rfc3339(), "2026-11-24T10:00:00.000+08:00");
        let mut go = async |step: ReportStep| {
            let input = MoveReport { report: report.id, version: report.version, step, note: None };
            let moved = world.link.move_report(handler(), input).await;
            if let Ok(moved) = &moved {
                report = moved.clone();
            }
            moved
        };
        assert_eq!(rule(go(ReportStep::Handle).await), "report.transition");
        go(ReportStep::Verify).await.unwrap();
        let dispatched = go(ReportStep::Dispatch { handler: org("carrier A") }).await.unwrap();
        assert_eq!(dispatched.handler, Some(org("carrier A")));
        assert_eq!(dispatched.due_at.unwrap().to_rfc3339(), "2026-11-30T10:00:00.000+08:00", "five working days");
        go(ReportStep::Handle).await.unwrap();
        go(ReportStep::TraceBack).await.unwrap();
        go(ReportStep::Reply).await.unwrap();
        let closed = go(ReportStep::Close { reason: "已答复".to_owned() }).await.unwrap();
        assert_eq!((closed.status, closed.due_at), (ReportStatus::Closed, None));
        let history = world.link.history(handler(), HistoryOf::Report(closed.id)).await.unwrap();
        let steps: Vec<&str> = history.iter().map(|entry| entry.step.as_str()).collect();
        assert_eq!(steps, ["file", "verify", "dispatch", "handle", "trace_back", "reply", "close"]);
        assert!(history.iter().zip(1..).all(|(entry, number)| entry.sequence == number));
        assert_eq!(world.link.history(stranger(), HistoryOf::Report(closed.id)).await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_dispatched_report_is_seen_by_the_enterprise_that_handles_it_and_by_no_other() {
    for world in worlds().await {
        let mut report = world.file("D1", "致电13800138000，登录 evil-site.top，本机13900139000").await;
        let other = world.file("D2", "致电13800138001").await;
        let id = report.id;
        let of = |name: &'static str| {
            let link = world.link.clone();
            async move {
                let found = link.search_reports(carrier(name), ReportFilter::default(), PageRequest::default()).await;
                let found: Vec<Report> = found.unwrap().edges.into_iter().map(|(_, report)| report).collect();
                assert_eq!(
                    link.reports_by_ids(carrier(name), vec![id]).await.unwrap(),
                    found,
                    "both ways tell the same"
                );
                let findings = link.findings_by_reports(carrier(name), vec![id]).await.unwrap();
                let history = link.history(carrier(name), HistoryOf::Report(id)).await.unwrap();
                (found, findings, history)
            }
        };
        let go = async |report: &mut Report, step: ReportStep, note: &str| {
            let note = Some(note.to_owned());
            let input = MoveReport { report: report.id, version: report.version, step, note };
            *report = world.link.move_report(handler(), input).await.unwrap();
        };
        go(&mut report, ReportStep::Verify, "内部核实记录").await;
        // What was not dispatched is not there for any enterprise.
        for name in ["carrier A", "carrier B"] {
            assert_eq!(of(name).await, (vec![], vec![], vec![]), "{} {name}", world.backend);
        }
        go(&mut report, ReportStep::Dispatch { handler: org("carrier A") }, "请核查").await;
        let (found, findings, history) = of("carrier A").await;
        assert_eq!(found.iter().map(|report| report.id).collect::<Vec<_>>(), [report.id], "{} alone", world.backend);
        let shown = format!("{found:?} {findings:?} {history:?}");
        for personal in ["13800138000", "13900139000", "内部核实记录"] {
            assert!(!shown.contains(personal), "{personal} in {shown}");
        }
        assert!(shown.contains("138****8000") && shown.contains("evil-site.top"), "{shown}");
        let steps: Vec<&str> = history.iter().map(|entry| entry.step.as_str()).collect();
        assert_eq!(steps, ["dispatch"]);
        assert!(!findings.is_empty() && findings.iter().all(|finding| finding.report == report.id));
        // Whoever may not see a value cannot guess it either; whoever wrote the report finds it.
        for filter in [
            ReportFilter { identifier: Some("13800138000".to_owned()), ..ReportFilter::default() },
            ReportFilter { victim_phone: Some("13900139000".to_owned()), ..ReportFilter::default() },
        ] {
            let page = PageRequest { count: true, ..PageRequest::default() };
            let guessed = world.link.search_reports(carrier("carrier A"), filter.clone(), page.clone()).await.unwrap();
            assert_eq!((guessed.edges.len(), guessed.total.unwrap_or(0)), (0, 0), "{filter:?}");
            if filter.identifier.is_some() {
                let found = world.link.search_reports(handler(), filter, page).await.unwrap();
                assert_eq!(found.edges.len(), 1);
            }
        }
        // The negative controls: another enterprise, and the report that was dispatched to nobody.
        assert_eq!(of("carrier B").await, (vec![], vec![], vec![]), "{}", world.backend);
        assert_eq!(world.link.reports_by_ids(carrier("carrier A"), vec![other.id]).await.unwrap(), []);
        // It is read and not moved, and nobody there sees the values.
        let step = ReportStep::Handle;
        let input = MoveReport { report: report.id, version: report.version, step, note: None };
        assert_eq!(refusal(world.link.move_report(carrier("carrier A"), input).await).code, Code::Denied);

        // Dispatched elsewhere, it is there and here no longer.
        go(&mut report, ReportStep::Dispatch { handler: org("carrier B") }, "改派").await;
        assert_eq!(of("carrier A").await, (vec![], vec![], vec![]), "{}", world.backend);
        let (found, _, history) = of("carrier B").await;
        assert_eq!((found.len(), history.len()), (1, 1));
        assert_eq!(history[0].note.as_deref(), Some("改派"), "not what the one before was told");
    }
}

#[tokio::test]
async fn stale_version_is_a_conflict_and_an_idempotent_call_happens_once() {
    for world in worlds().await {
        let report = world.file("R1", "致电13800138000").await;
        let actor = police("handler", Role::PoliceHandler);
        let input = MoveReport { report: report.id, version: report.version, step: ReportStep::Verify, note: None };
        let once = world.link.move_report(keyed_call(&actor, "key-0001"), input.clone()).await.unwrap();
        let twice = world.link.move_report(keyed_call(&actor, "key-0001"), input.clone()).await.unwrap();
        assert_eq!(once, twice);
        let other = MoveReport { note: Some("别的".to_owned()), ..input.clone() };
        assert_eq!(
            refusal(world.link.move_report(keyed_call(&actor, "key-0001"), other).await).code,
            Code::IdempotencyMismatch
        );
        assert_eq!(refusal(world.link.move_report(call(&actor), input).await).code, Code::Conflict);
    }
}

#[tokio::test]
async fn late_steps_are_noted_once_and_shown_as_late() {
    for world in worlds().await {
        let report = world.file("R1", "致电13800138000").await;
        assert_eq!(world.service.run_due(world.now()).await.unwrap(), 0);
        world.clock.advance(std::time::Duration::from_hours(48));
        assert_eq!(world.service.run_due(world.now()).await.unwrap(), 1);
        assert_eq!(world.service.run_due(world.now()).await.unwrap(), 0, "a missed deadline is one fact");
        let late = world.link.reports_by_ids(handler(), vec![report.id]).await.unwrap();
        assert!(late[0].overdue, "{}", world.backend);
        let filter = ReportFilter { overdue: Some(true), ..ReportFilter::default() };
        assert_eq!(world.link.search_reports(handler(), filter, PageRequest::default()).await.unwrap().edges.len(), 1);
    }
}

#[tokio::test]
async fn broken_values_are_refused_by_field() {
    for world in worlds().await {
        let base = report("R1", "致电13800138000");
        let mut broken = base.clone();
        broken.loss_cents = -1;
        assert_eq!(refusal(world.link.file_report(handler(), broken).await).field.as_deref(), Some("loss_cents"));
        let mut broken = base.clone();
        broken.text = "a\0b".to_owned();
        assert_eq!(rule(world.link.file_report(handler(), broken).await), "report.control_character");
        let mut broken = base.clone();
        broken.victim_phone = Some("12".to_owned());
        assert_eq!(refusal(world.link.file_report(handler(), broken).await).field.as_deref(), Some("victim_phone"));
        let mut broken = base;
        broken.text = "长".repeat(20_001);
        assert_eq!(rule(world.link.file_report(handler(), broken).await), "report.too_long");
        assert_eq!(world.count("report").await, 0);
    }
}

#[tokio::test]
async fn names_say_under_which_names_they_stand() {
    for world in worlds().await {
        let filed = world.file("R1", "登录http://pay.shop.evil-site.top/a，主站evil-site.top，致电13800138000").await;
        let found = world.link.findings_by_reports(handler(), vec![filed.id]).await.unwrap();
        let [page, site, phone] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(page.masked, "pay.shop.evil-site.top");
        assert_eq!((page.names_above.len(), page.names_above.last()), (2, Some(&site.subject)), "the nearest first");
        assert!(site.names_above.is_empty() && phone.names_above.is_empty());
    }
}
