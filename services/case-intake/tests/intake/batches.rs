//! What is loaded for several things at once is what each of them would bring alone, and nothing more.

use cordon_case_intake_contract::{
    CaseIntakeClient, ClueQueryFilter, ClueQueryType, DraftClueQuery, FraudType, HistoryOf, NewQueryItem, OpenCase,
    PageOfCase, Report, ReportFilter, Urgency,
};
use cordon_context::{CaseId, PageRequest};

use crate::world::{World, carrier, handler, org, stranger, worlds};

async fn case_of(world: &World, reports: &[Report]) -> CaseId {
    let input = OpenCase {
        title: "贷款诈骗".to_owned(),
        fraud_type: FraudType::FakeLoan,
        region: None,
        reports: reports.iter().map(|report| report.id).collect(),
        participants: vec![],
    };
    world.link.open_case(handler(), input).await.unwrap().id
}

#[tokio::test]
async fn lists_of_several_cases_are_those_of_each() {
    for world in worlds().await {
        let mut reports = Vec::new();
        for number in 0..7 {
            reports.push(world.file(&format!("R{number}"), "致电13800138000").await);
        }
        // The cases overlap, and the last one holds more than a page.
        let cases = [
            case_of(&world, &reports[..1]).await,
            case_of(&world, &reports[..3]).await,
            case_of(&world, &reports[1..]).await,
        ];
        let unknown = CaseId::new(world.now());
        for count in [false, true] {
            let mut page = PageRequest { first: Some(2), count, ..PageRequest::default() };
            let asked = vec![cases[0], cases[1], cases[2], unknown];
            for _part in 0..3 {
                let found = world.link.reports_of_cases(handler(), asked.clone(), page.clone()).await.unwrap();
                assert_eq!(found.len(), 3, "{}", world.backend);
                for PageOfCase { case, page: part } in &found {
                    let filter = ReportFilter { case: Some(*case), ..ReportFilter::default() };
                    let alone = world.link.search_reports(handler(), filter, page.clone()).await.unwrap();
                    assert_eq!(*part, alone, "{}", world.backend);
                }
                // The next part of the longest.
                let longest = found.iter().find(|part| part.case == cases[2]).unwrap();
                page.after = longest.page.edges.last().map(|(place, _)| place.clone());
            }
        }
        // The negative control: who sees none of the cases is told of none of them.
        let foreign = world.link.reports_of_cases(stranger(), cases.to_vec(), PageRequest::default()).await.unwrap();
        assert_eq!(foreign, []);
    }
}

#[tokio::test]
async fn queries_and_histories_of_several_things_are_those_of_each() {
    for world in worlds().await {
        let mut reports = Vec::new();
        for number in 0..3 {
            reports.push(world.file(&format!("R{number}"), "致电13800138000").await);
        }
        let cases = [case_of(&world, &reports[..1]).await, case_of(&world, &reports[1..]).await];
        let mut histories =
            vec![HistoryOf::Report(reports[0].id), HistoryOf::Case(cases[0]), HistoryOf::Case(cases[1])];
        for (case, times) in [(cases[0], 1), (cases[1], 3)] {
            let subject = world.link.case_identifiers(handler(), case).await.unwrap()[0].subject;
            for _query in 0..times {
                let items = vec![NewQueryItem { query_type: ClueQueryType::HolderRealName, subject }];
                let input = DraftClueQuery { case, addressee: org("carrier A"), urgency: Urgency::Routine, items };
                let query = world.link.draft_clue_query(handler(), input).await.unwrap();
                histories.push(HistoryOf::ClueQuery(query.id));
            }
        }
        for page in [
            PageRequest { first: Some(2), count: true, ..PageRequest::default() },
            PageRequest { first: Some(1), ..PageRequest::default() },
        ] {
            let found = world.link.clue_queries_of_cases(handler(), cases.to_vec(), page.clone()).await.unwrap();
            assert_eq!(found.len(), 2, "{}", world.backend);
            for PageOfCase { case, page: part } in found {
                let filter = ClueQueryFilter { case: Some(case), ..ClueQueryFilter::default() };
                let alone = world.link.search_clue_queries(handler(), filter, page.clone()).await.unwrap();
                assert_eq!(part, alone, "{}", world.backend);
            }
        }
        let told = world.link.histories(handler(), histories.clone()).await.unwrap();
        assert_eq!(told.len(), histories.len(), "{}", world.backend);
        for history in told {
            let alone = world.link.history(handler(), history.of).await.unwrap();
            assert!(!alone.is_empty() && history.entries == alone, "{} {:?}", world.backend, history.of);
        }
        // The negative controls: drafts are not there for the enterprise, and nothing is for a stranger.
        let page = PageRequest::default();
        let asked = world.link.clue_queries_of_cases(carrier("carrier A"), cases.to_vec(), page).await.unwrap();
        assert!(asked.iter().all(|part| part.page.edges.is_empty()), "{asked:?}");
        assert_eq!(world.link.histories(stranger(), histories).await.unwrap(), []);
    }
}
