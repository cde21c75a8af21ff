use std::time::Duration;

use cordon_case_intake_contract::{
    AnswerClueQuery, AnswerOutcome, Case, CaseIntakeClient, CaseStep, ClueQuery, ClueQueryFilter, ClueQueryStatus,
    ClueQueryStep, ClueQueryType, DraftClueQuery, HistoryOf, ItemAnswer, MoveCase, MoveClueQuery, NewQueryItem,
    RevealAnswer, Urgency, topic,
};
use cordon_context::{Code, PageRequest};
use cordon_testkit::keyed_call;

use crate::world::{World, approver, carrier, handler, org, police, refusal, rule, stranger, worlds};

async fn drafted(world: &World, urgency: Urgency) -> (Case, ClueQuery) {
    let case = world.case().await;
    let identifiers = world.link.case_identifiers(handler(), case.id).await.unwrap();
    let subject = identifiers.iter().find(|identifier| identifier.masked == "138****8000").unwrap().subject;
    let items = [ClueQueryType::HolderRealName, ClueQueryType::OtherCards];
    let items = items.map(|query_type| NewQueryItem { query_type, subject }).to_vec();
    let input = DraftClueQuery { case: case.id, addressee: org("carrier A"), urgency, items };
    let query = world.link.draft_clue_query(handler(), input).await.unwrap();
    (case, query)
}

async fn go(
    world: &World,
    ctx: cordon_context::CallContext,
    query: &ClueQuery,
    step: ClueQueryStep,
) -> Result<ClueQuery, jsonrpsee::core::ClientError> {
    let input = MoveClueQuery { query: query.id, version: query.version, step };
    world.link.move_clue_query(ctx, input).await
}

fn approve() -> ClueQueryStep {
    ClueQueryStep::Approve { document_number: "调证字〔2026〕1号".to_owned() }
}

async fn issued(world: &World, urgency: Urgency) -> (Case, ClueQuery) {
    let (case, query) = drafted(world, urgency).await;
    let query = go(world, approver(), &query, approve()).await.unwrap();
    (case, go(world, handler(), &query, ClueQueryStep::Issue).await.unwrap())
}

fn full(query: &ClueQuery, item: usize, text: &str) -> ItemAnswer {
    ItemAnswer { item: query.items[item].id, outcome: AnswerOutcome::Full, text: text.to_owned() }
}

#[tokio::test]
async fn query_is_approved_by_another_answered_in_parts_used_and_closed() {
    for world in worlds().await {
        let (_, query) = drafted(&world, Urgency::Urgent).await;
        assert_eq!(query.items[0].value, "138****8000", "masked for those who ask");
        assert_eq!(
            world.link.clue_queries_by_ids(carrier("carrier A"), vec![query.id]).await.unwrap(),
            [],
            "not issued yet"
        );
        assert_eq!(rule(go(&world, handler(), &query, ClueQueryStep::Issue).await), "clue_query.transition");
        // The same person in the approver's role is still the one who wrote it.
        let myself = cordon_testkit::call(&police("handler", cordon_context::Role::PoliceApprover));
        assert_eq!(rule(go(&world, myself, &query, approve()).await), "clue_query.four_eyes");
        assert_eq!(refusal(go(&world, handler(), &query, approve()).await).code, Code::Denied);

        let query = go(&world, approver(), &query, approve()).await.unwrap();
        let query = go(&world, handler(), &query, ClueQueryStep::Issue).await.unwrap();
        assert_eq!(query.due_at, Some(world.now().plus(Duration::from_hours(8))));
        let theirs = world.link.clue_queries_by_ids(carrier("carrier A"), vec![query.id]).await.unwrap().remove(0);
        assert_eq!(theirs.items[0].value, "13800138000", "in the clear for the one who has to look it up");
        assert_eq!(world.link.clue_queries_by_ids(carrier("carrier B"), vec![query.id]).await.unwrap(), []);

        let answer = async |ctx, version, answers| {
            world.link.answer_clue_query(ctx, AnswerClueQuery { query: query.id, version, answers }).await
        };
        let one = vec![full(&query, 0, "张三，身份证110105")];
        assert_eq!(refusal(answer(carrier("carrier B"), query.version, one.clone()).await).code, Code::NotFound);
        let partly = answer(carrier("carrier A"), query.version, one).await.unwrap();
        assert_eq!(partly.status, ClueQueryStatus::PartlyAnswered);
        let nothing = ItemAnswer { item: query.items[1].id, outcome: AnswerOutcome::None, text: String::new() };
        let whole = answer(carrier("carrier A"), partly.version, vec![nothing]).await.unwrap();
        assert_eq!(whole.status, ClueQueryStatus::Answered);

        let reveal = RevealAnswer { item: query.items[0].id, purpose: "研判".to_owned() };
        let revealed = world.link.reveal_answer(handler(), reveal.clone()).await.unwrap();
        assert_eq!(revealed.text, "张三，身份证110105");
        assert_eq!(refusal(world.link.reveal_answer(stranger(), reveal).await).code, Code::NotFound);
        let bad = ClueQueryStep::Use { quality: 6, note: None };
        assert_eq!(rule(go(&world, handler(), &whole, bad).await), "clue_query.quality");
        let used = go(&world, handler(), &whole, ClueQueryStep::Use { quality: 5, note: None }).await.unwrap();
        let closed = go(&world, handler(), &used, ClueQueryStep::Close).await.unwrap();
        assert_eq!((closed.status, closed.quality), (ClueQueryStatus::Closed, Some(5)));
        assert_eq!(closed.document_number.as_deref(), Some("调证字〔2026〕1号"));
    }
}

#[tokio::test]
async fn answers_are_never_stored_in_the_clear() {
    for world in worlds().await {
        use sea_orm::ConnectionTrait as _;
        let (_, query) = issued(&world, Urgency::Flash).await;
        let answers = vec![full(&query, 0, "机主张三")];
        let input = AnswerClueQuery { query: query.id, version: query.version, answers };
        world.link.answer_clue_query(carrier("carrier A"), input).await.unwrap();
        let reader = world.store.database.reader();
        let sql = "SELECT value, answer FROM clue_query_item WHERE answer IS NOT NULL";
        let rows =
            reader.query_all_raw(sea_orm::Statement::from_string(reader.get_database_backend(), sql)).await.unwrap();
        for column in ["value", "answer"] {
            let stored: Vec<u8> = rows[0].try_get("", column).unwrap();
            let holds = |text: &str| stored.windows(text.len()).any(|window| window == text.as_bytes());
            assert!(!holds("机主张三") && !holds("13800138000"));
        }
    }
}

#[tokio::test]
async fn late_answer_is_marked_and_one_to_a_withdrawn_query_is_refused_but_stands_in_its_history() {
    for world in worlds().await {
        let (_, query) = issued(&world, Urgency::Flash).await;
        world.clock.advance(Duration::from_hours(3));
        let moved = world.service.run_due(world.now()).await.unwrap();
        assert_eq!(moved, 1);
        assert_eq!(world.topics().await.iter().filter(|topic| *topic == topic::DEADLINE_MISSED).count(), 1);
        let filter = ClueQueryFilter { overdue: Some(true), ..ClueQueryFilter::default() };
        let late = world.link.search_clue_queries(handler(), filter.clone(), PageRequest::default()).await.unwrap();
        assert!(late.edges[0].1.overdue);

        let step = ClueQueryStep::Withdraw { reason: "不再需要".to_owned() };
        let withdrawn = go(&world, handler(), &query, step).await.unwrap();
        let input =
            AnswerClueQuery { query: query.id, version: withdrawn.version, answers: vec![full(&query, 0, "张三")] };
        assert_eq!(rule(world.link.answer_clue_query(carrier("carrier A"), input).await), "clue_query.transition");
        let history = world.link.history(handler(), HistoryOf::ClueQuery(query.id)).await.unwrap();
        assert_eq!(history.last().unwrap().step, "answer_refused");
        let theirs = world.link.clue_queries_by_ids(carrier("carrier A"), vec![query.id]).await.unwrap().remove(0);
        assert_eq!(theirs.items[0].value, "138****8000", "no longer theirs to look up");
        assert_eq!(
            world.link.search_clue_queries(handler(), filter, PageRequest::default()).await.unwrap().edges.len(),
            0
        );
    }
}

#[tokio::test]
async fn answers_leave_view_after_the_case_ended_and_the_retention_passed() {
    for world in worlds().await {
        let (case, query) = issued(&world, Urgency::Routine).await;
        assert_eq!(query.due_at.unwrap().to_rfc3339(), "2026-11-26T10:00:00.000+08:00", "three working days");
        let answers = vec![full(&query, 0, "张三")];
        let input = AnswerClueQuery { query: query.id, version: query.version, answers };
        world.link.answer_clue_query(carrier("carrier A"), input).await.unwrap();
        let case = world.link.cases_by_ids(handler(), vec![case.id]).await.unwrap().remove(0);
        let step = CaseStep::DoNotFile { reason: "不构成犯罪".to_owned() };
        world.link.move_case(handler(), MoveCase { case: case.id, version: case.version, step }).await.unwrap();
        let reveal = RevealAnswer { item: query.items[0].id, purpose: "研判".to_owned() };
        assert!(world.link.reveal_answer(handler(), reveal.clone()).await.is_ok());
        world.clock.advance(Duration::from_hours(24 * 181));
        assert_eq!(
            refusal(world.link.reveal_answer(handler(), reveal.clone()).await).code,
            Code::NotFound,
            "before any job ran"
        );
        world.service.run_due(world.now()).await.unwrap();
        assert_eq!(refusal(world.link.reveal_answer(handler(), reveal).await).code, Code::NotFound);
        let shown = world.link.clue_queries_by_ids(handler(), vec![query.id]).await.unwrap().remove(0);
        assert!(shown.items.iter().all(|item| item.expired));
    }
}

#[tokio::test]
async fn what_the_case_does_not_name_cannot_be_asked_about() {
    for world in worlds().await {
        let (case, _) = drafted(&world, Urgency::Routine).await;
        let foreign = cordon_context::SubjectId::new(world.now());
        let items = vec![NewQueryItem { query_type: ClueQueryType::HolderRealName, subject: foreign }];
        let input = DraftClueQuery { case: case.id, addressee: org("carrier A"), urgency: Urgency::Routine, items };
        assert_eq!(refusal(world.link.draft_clue_query(handler(), input).await).code, Code::NotFound);
    }
}

#[tokio::test]
async fn repeated_answer_is_answered_and_not_refused_when_the_query_moved_on() {
    for world in worlds().await {
        let (_, query) = issued(&world, Urgency::Urgent).await;
        let answers = vec![full(&query, 0, "张三"), full(&query, 1, "无")];
        let input = AnswerClueQuery { query: query.id, version: query.version, answers };
        let keyed = || keyed_call(&carrier("carrier A").actor, "answer-the-query");
        let first = world.link.answer_clue_query(keyed(), input.clone()).await.unwrap();
        go(&world, handler(), &first, ClueQueryStep::Use { quality: 5, note: None }).await.unwrap();
        let steps = async || world.link.history(handler(), HistoryOf::ClueQuery(query.id)).await.unwrap().len();
        let before = steps().await;
        assert_eq!(world.link.answer_clue_query(keyed(), input.clone()).await.unwrap(), first);
        assert_eq!(steps().await, before, "no attempt that was never made");
        // Without the key it is another attempt.
        assert_eq!(rule(world.link.answer_clue_query(carrier("carrier A"), input).await), "clue_query.transition");
        assert_eq!(steps().await, before + 1);
    }
}

#[tokio::test]
async fn query_of_a_case_that_ended_goes_nowhere() {
    for world in worlds().await {
        let (case, query) = drafted(&world, Urgency::Urgent).await;
        let approved = go(&world, approver(), &query, approve()).await.unwrap();
        let items = vec![NewQueryItem { query_type: ClueQueryType::OtherCards, subject: query.items[0].subject }];
        let other = DraftClueQuery { case: case.id, addressee: org("carrier A"), urgency: Urgency::Flash, items };
        let other = world.link.draft_clue_query(handler(), other).await.unwrap();
        let step = CaseStep::Withdraw { reason: "误报".to_owned() };
        world.link.move_case(handler(), MoveCase { case: case.id, version: case.version, step }).await.unwrap();
        assert_eq!(rule(go(&world, handler(), &approved, ClueQueryStep::Issue).await), "case.open");
        assert_eq!(rule(go(&world, approver(), &other, approve()).await), "case.open");
        let theirs = world.link.clue_queries_by_ids(carrier("carrier A"), vec![query.id, other.id]).await.unwrap();
        assert_eq!(theirs, []);
        // They can still be taken back.
        go(&world, handler(), &approved, ClueQueryStep::Withdraw { reason: "案件已撤销".to_owned() }).await.unwrap();
    }
}

#[tokio::test]
async fn case_that_is_filed_after_a_review_keeps_its_answers() {
    for world in worlds().await {
        let (case, query) = issued(&world, Urgency::Routine).await;
        let answers = vec![full(&query, 0, "张三")];
        let input = AnswerClueQuery { query: query.id, version: query.version, answers };
        world.link.answer_clue_query(carrier("carrier A"), input).await.unwrap();
        let case = world.link.cases_by_ids(handler(), vec![case.id]).await.unwrap().remove(0);
        let step = CaseStep::DoNotFile { reason: "证据不足".to_owned() };
        let input = MoveCase { case: case.id, version: case.version, step };
        let ended = world.link.move_case(handler(), input).await.unwrap();
        let expiry = async || world.link.clue_queries_by_ids(handler(), vec![query.id]).await.unwrap()[0].expires_at;
        assert!(ended.ended_at.is_some() && expiry().await.is_some(), "the negative control: it had ended");
        let step = CaseStep::File { filing_number: "立字2号".to_owned() };
        let input = MoveCase { case: case.id, version: ended.version, step };
        let filed = world.link.move_case(handler(), input).await.unwrap();
        assert_eq!((filed.ended_at, expiry().await), (None, None));
        world.clock.advance(Duration::from_hours(24 * 181));
        world.service.run_due(world.now()).await.unwrap();
        let reveal = RevealAnswer { item: query.items[0].id, purpose: "研判".to_owned() };
        assert_eq!(world.link.reveal_answer(handler(), reveal).await.unwrap().text, "张三");
    }
}

#[tokio::test]
async fn query_reaches_only_an_enterprise_that_is_there() {
    for world in worlds().await {
        let (case, query) = drafted(&world, Urgency::Routine).await;
        let before = world.count("clue_query").await;
        for addressee in ["nobody", "closed carrier", "city police"] {
            let items = vec![NewQueryItem { query_type: ClueQueryType::OtherCards, subject: query.items[0].subject }];
            let input = DraftClueQuery { case: case.id, addressee: org(addressee), urgency: Urgency::Flash, items };
            let refused = refusal(world.link.draft_clue_query(handler(), input).await);
            assert_eq!((refused.code, refused.field.as_deref()), (Code::Invalid, Some("addressee")));
            assert_eq!(refused.rule.as_deref(), Some("clue_query.addressee"), "{addressee}");
        }
        assert_eq!(world.count("clue_query").await, before);
    }
}
