use cordon_case_intake_contract::{
    CaseFilter, CaseIntakeClient, CaseStatus, CaseStep, ChangeCaseReports, ChangeParticipants, FraudType, MergeCases,
    MoveCase, OpenCase, SubjectsForDisposal, UnmergeCases, topic,
};
use cordon_context::{CaseId, Code, PageRequest};
use cordon_events::NewEvent;
use cordon_identifier::Kind;

use crate::world::{carrier, handler, org, refusal, rule, stranger, worlds};

#[tokio::test]
async fn case_lists_every_identifier_once_with_what_an_officer_needs_to_know() {
    for world in worlds().await {
        let case = world.case().await;
        assert_eq!(case.number, "AJ-440300-20261123-0001");
        assert_eq!((case.report_count, case.loss_cents), (2, 200_000));
        let identifiers = world.link.case_identifiers(handler(), case.id).await.unwrap();
        let first = &identifiers[0];
        assert_eq!((first.kind, first.masked.as_str(), first.reports), (Kind::Phone, "138****8000", 2));
        assert!(first.selectable && first.number_class.as_deref() == Some("ordinary"));
        let victim = identifiers.iter().find(|identifier| identifier.victims_own).unwrap();
        assert!(!victim.selectable && victim.masked == "139****9000");
        let hotline = identifiers.iter().find(|identifier| identifier.kind == Kind::ServiceNumber).unwrap();
        assert!(!hotline.selectable && hotline.protected.is_some());
        assert!(identifiers.iter().any(|identifier| identifier.kind == Kind::Wechat && identifier.selectable));
        let batch = world.link.identifiers_by_cases(handler(), vec![case.id, CaseId::new(world.now())]).await.unwrap();
        assert_eq!(batch, identifiers);
        let cases = world.link.cases_of_reports(handler(), vec![]).await.unwrap();
        assert!(cases.is_empty());
    }
}

#[tokio::test]
async fn values_for_disposal_come_only_from_cases_in_reach_and_leave_a_trace() {
    for world in worlds().await {
        let case = world.case().await;
        let identifiers = world.link.case_identifiers(handler(), case.id).await.unwrap();
        let subjects: Vec<_> = identifiers.iter().map(|identifier| identifier.subject).collect();
        let before = world.count("ledger_entry").await;
        let ask = SubjectsForDisposal { case: None, subjects };
        let values = world.link.subjects_for_disposal(handler(), ask.clone()).await.unwrap();
        assert_eq!(values.len(), identifiers.len());
        assert!(values.iter().any(|value| value.value == "13800138000" && value.cases == [case.id]));
        assert!(values.iter().any(|value| value.value == "13900139000" && value.victims_own));
        assert!(values.iter().any(|value| value.value == "96110" && value.protected.is_some()));
        assert_eq!(world.count("ledger_entry").await, before + 1);
        assert_eq!(world.link.subjects_for_disposal(stranger(), ask.clone()).await.unwrap(), []);
        assert_eq!(refusal(world.link.subjects_for_disposal(carrier("carrier A"), ask).await).code, Code::Denied);
    }
}

#[tokio::test]
async fn foreign_and_unknown_cases_read_the_same_until_their_organ_takes_part() {
    for world in worlds().await {
        let case = world.case().await;
        let foreign = refusal(world.link.case_identifiers(stranger(), case.id).await);
        let unknown = refusal(world.link.case_identifiers(stranger(), CaseId::new(world.now())).await);
        assert_eq!(foreign, unknown);
        let step = CaseStep::File { filing_number: "立字1号".to_owned() };
        let input = MoveCase { case: case.id, version: case.version, step };
        assert_eq!(refusal(world.link.move_case(stranger(), input).await), unknown);

        let input =
            ChangeParticipants { case: case.id, version: case.version, add: vec![org("far police")], remove: vec![] };
        let case = world.link.change_participants(handler(), input).await.unwrap();
        assert_eq!(world.link.cases_by_ids(stranger(), vec![case.id]).await.unwrap().len(), 1);
        let input =
            ChangeParticipants { case: case.id, version: case.version, add: vec![], remove: vec![org("city police")] };
        assert_eq!(rule(world.link.change_participants(handler(), input).await), "case.owner_stays");
    }
}

#[tokio::test]
async fn opening_needs_reports_in_reach_and_a_region_of_ones_own() {
    for world in worlds().await {
        let report = world.file("R1", "致电13800138000").await;
        let open = OpenCase {
            title: "案件".to_owned(),
            fraud_type: FraudType::Other,
            region: None,
            reports: vec![report.id],
            participants: vec![],
        };
        assert_eq!(refusal(world.link.open_case(stranger(), open.clone()).await).code, Code::NotFound);
        let far = OpenCase { region: Some("510100".parse().unwrap()), ..open.clone() };
        assert_eq!(rule(world.link.open_case(handler(), far).await), "case.competence");
        assert_eq!(
            rule(world.link.open_case(handler(), OpenCase { reports: vec![], ..open.clone() }).await),
            "list.length"
        );
        assert_eq!(
            rule(world.link.open_case(handler(), OpenCase { title: " ".to_owned(), ..open.clone() }).await),
            "text.empty"
        );
        assert_eq!(world.count("case_file").await, 0);
        let case = world.link.open_case(handler(), open).await.unwrap();
        let input = ChangeCaseReports { case: case.id, version: case.version, add: vec![], remove: vec![report.id] };
        assert_eq!(rule(world.link.change_case_reports(handler(), input).await), "case.needs_report");
        assert_eq!(
            world.link.cases_by_ids(handler(), vec![case.id]).await.unwrap()[0].report_count,
            1,
            "undone as a whole"
        );
    }
}

#[tokio::test]
async fn withdrawing_tells_those_who_hold_measures_and_ends_the_case() {
    for world in worlds().await {
        let case = world.case().await;
        let go = async |version, step| world.link.move_case(handler(), MoveCase { case: case.id, version, step }).await;
        let filed = go(case.version, CaseStep::File { filing_number: "立字1号".to_owned() }).await.unwrap();
        assert_eq!((filed.status, filed.filing_number.as_deref()), (CaseStatus::Filed, Some("立字1号")));
        let withdrawn = go(filed.version, CaseStep::Withdraw { reason: "误报".to_owned() }).await.unwrap();
        assert_eq!(withdrawn.status, CaseStatus::Withdrawn);
        assert!(withdrawn.ended_at.is_some());
        assert!(world.topics().await.contains(&topic::CASE_WITHDRAWN.to_owned()));
        let closing = CaseStep::Close { result: "侦结".to_owned() };
        assert_eq!(rule(go(withdrawn.version, closing).await), "case.transition");
        let input = ChangeCaseReports { case: case.id, version: withdrawn.version, add: vec![], remove: vec![] };
        assert_eq!(rule(world.link.change_case_reports(handler(), input).await), "list.length");
        let report = world.file("R9", "致电13800138000").await;
        let input =
            ChangeCaseReports { case: case.id, version: withdrawn.version, add: vec![report.id], remove: vec![] };
        assert_eq!(rule(world.link.change_case_reports(handler(), input).await), "case.open");
    }
}

#[tokio::test]
async fn mergers_join_many_to_many_and_come_apart_again() {
    for world in worlds().await {
        let mut cases = Vec::new();
        for number in 0..4 {
            let report = world.file(&format!("M{number}"), &format!("致电1380013801{number}")).await;
            let open = OpenCase {
                title: format!("案件{number}"),
                fraud_type: FraudType::Other,
                region: None,
                reports: vec![report.id],
                participants: vec![],
            };
            cases.push(world.link.open_case(handler(), open).await.unwrap().id);
        }
        let merge = async |leads: &[CaseId], members: &[CaseId]| {
            let input =
                MergeCases { leads: leads.to_vec(), members: members.to_vec(), reason: "同一团伙".to_owned() };
            world.link.merge_cases(handler(), input).await
        };
        let status = async |case: CaseId| world.link.cases_by_ids(handler(), vec![case]).await.unwrap()[0].status;
        let first = merge(&[cases[0], cases[1]], &[cases[2]]).await.unwrap();
        let second = merge(&[cases[3]], &[cases[2]]).await.unwrap();
        assert_eq!(status(cases[2]).await, CaseStatus::Merged);
        assert_eq!(rule(merge(&[cases[2]], &[cases[0]]).await), "case.merge_ring");
        let merged = world.link.cases_by_ids(handler(), vec![cases[2]]).await.unwrap().remove(0);
        assert_eq!(merged.merged_into.len(), 3);
        assert_eq!(world.link.merges_by_cases(handler(), vec![cases[2]]).await.unwrap().len(), 2);
        assert_eq!(world.link.merges_by_ids(stranger(), vec![first.id]).await.unwrap(), []);

        let undo = async |id| {
            let input = UnmergeCases { merge: id, reason: "并案有误".to_owned() };
            world.link.unmerge_cases(handler(), input).await
        };
        undo(first.id).await.unwrap();
        assert_eq!(status(cases[2]).await, CaseStatus::Merged, "the other merger still holds");
        assert_eq!(refusal(undo(first.id).await).code, Code::Conflict);
        undo(second.id).await.unwrap();
        assert_eq!(status(cases[2]).await, CaseStatus::Intake);
    }
}

#[tokio::test]
async fn cases_are_found_by_what_their_reports_name() {
    for world in worlds().await {
        let case = world.case().await;
        let find = async |filter| {
            let page =
                world.link.search_cases(handler(), filter, PageRequest { count: true, ..PageRequest::default() });
            page.await.unwrap().total.unwrap()
        };
        let by = |identifier: &str| CaseFilter { identifier: Some(identifier.to_owned()), ..CaseFilter::default() };
        assert_eq!(find(by("138 0013 8000")).await, 1);
        assert_eq!(find(by("微信abcdef123")).await, 1);
        assert_eq!(find(by("13800138009")).await, 0);
        assert_eq!(find(CaseFilter { number: Some(case.number), ..CaseFilter::default() }).await, 1);
        assert_eq!(find(CaseFilter { participant: Some(org("far police")), ..CaseFilter::default() }).await, 0);
    }
}

#[tokio::test]
async fn feed_shows_changes_in_order_to_those_in_reach() {
    for world in worlds().await {
        let case = world.case().await;
        let step = CaseStep::File { filing_number: "立字1号".to_owned() };
        let input = MoveCase { case: case.id, version: case.version, step };
        world.link.move_case(handler(), input).await.unwrap();
        let told = world.link.changes(handler(), 0, 100).await.unwrap();
        assert!(!told.more);
        let seen = told.changes;
        let topics: Vec<&str> = seen.iter().map(|change| change.topic.as_str()).collect();
        assert_eq!(topics, [topic::CASE_OPENED, topic::CASE_CHANGED]);
        assert!(seen.is_sorted_by_key(|change| change.position));
        assert_eq!(world.link.changes(handler(), seen[0].position, 100).await.unwrap().changes, seen[1..]);
        let first = world.link.changes(handler(), 0, 1).await.unwrap();
        assert_eq!((first.changes.len(), first.next, first.more), (1, seen[0].position, true));
        let nothing = world.link.changes(stranger(), 0, 100).await.unwrap();
        assert_eq!((nothing.changes, nothing.next, nothing.more), (vec![], told.next, false));
    }
}

#[tokio::test]
async fn a_feed_of_what_is_hidden_comes_in_bounded_parts_and_leads_to_what_is_seen() {
    for world in worlds().await {
        let begin = world.store.database.last_position().await.unwrap();
        let context = handler();
        let events = world.store.database.write(&context, |mut tx| async move {
            for _number in 0..1_300 {
                let case = CaseId::new(tx.now());
                let payload = serde_json::json!({ "case": case });
                let subject = case.to_string();
                tx.emit(NewEvent { topic: topic::CASE_CHANGED.to_owned(), subject, audience: vec![], payload });
            }
            tx.commit(()).await
        });
        events.await.unwrap();
        let case = world.case().await;
        let (mut after, mut calls, mut seen) = (begin, 0, Vec::new());
        loop {
            let told = world.link.changes(handler(), after, 100).await.unwrap();
            assert!(told.next - after <= 500, "{} one call looked through {}", world.store.backend, told.next - after);
            assert!(told.next > after || !told.more, "it gets on");
            (after, calls) = (told.next, calls + 1);
            seen.extend(told.changes);
            if !told.more {
                break;
            }
        }
        assert_eq!(seen.iter().map(|change| change.case).collect::<Vec<_>>(), [case.id], "{}", world.store.backend);
        assert_eq!((calls, after), (3, world.store.database.last_position().await.unwrap()));
    }
}

#[tokio::test]
async fn only_organisations_that_are_there_take_part() {
    for world in worlds().await {
        let case = world.case().await;
        let report = world.file("P1", "致电13800138000").await;
        for participant in ["nobody", "closed police", "carrier A"] {
            let add = vec![org(participant)];
            let input = ChangeParticipants { case: case.id, version: case.version, add: add.clone(), remove: vec![] };
            assert_eq!(
                rule(world.link.change_participants(handler(), input).await),
                "case.participant",
                "{participant}"
            );
            let open = OpenCase {
                title: "案件".to_owned(),
                fraud_type: FraudType::Other,
                region: None,
                reports: vec![report.id],
                participants: add,
            };
            assert_eq!(rule(world.link.open_case(handler(), open).await), "case.participant", "{participant}");
        }
        assert_eq!(world.count("case_file").await, 1);
    }
}
