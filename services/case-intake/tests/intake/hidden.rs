//! What is out of reach is not there: every change answers a foreign identifier as it answers one that names nothing, byte for
//! byte. And what is kept is kept sealed: no column of any table holds a text or a number in the clear.

use cordon_case_intake_contract::{
    Accept, AnswerClueQuery, AnswerOutcome, AssessClue, Assessment, BulletinStep, BulletinTrigger, CaseIntakeClient,
    CaseStep, ChangeCaseReports, ChangeParticipants, ClueKind, ClueQueryStep, ClueQueryType, ClueStep, CommitImport,
    DraftBulletin, DraftClueQuery, FileTraceBack, FraudType, ItemAnswer, Liability, MergeCases, MoveBulletin, MoveCase,
    MoveClue, MoveClueQuery, MoveReport, NewQueryItem, OpenCase, ReportStep, RevealAnswer, RevealClue, RevealFinding,
    RevealReport, RevealTraceBack, SubmitClue, TraceBackForm, UnmergeCases, Urgency,
};
use cordon_context::{
    Actor, BulletinId, CallContext, CaseId, ClueId, ClueQueryId, Code, FindingId, Id, IdKind, ImportId, MergeId,
    OrganisationKind, OrganisationLevel, QueryItemId, ReportId, Role, SubjectId, TraceBackId,
};
use cordon_testkit::{actor, call, keyed_call};
use sea_orm::{ConnectionTrait as _, Statement};

use crate::world::{World, analyst, approver, carrier, clerk, file_of, handler, org, refusal, report, worlds};

/// Things of the first organ, one of each kind.
struct Things {
    case: CaseId,
    subject: SubjectId,
    report: ReportId,
    finding: FindingId,
    merge: MergeId,
    lead: CaseId,
    member: CaseId,
    query: ClueQueryId,
    item: QueryItemId,
    clue: ClueId,
    bulletin: BulletinId,
    trace_back: TraceBackId,
    import: ImportId,
}

const SECRET_NUMBER: &str = "13800138000";
const SECRET_ANSWER: &str = "机主张三住址不明";
const SECRET_TEXT: &str = "加微信abcdef123";

async fn make(world: &World) -> Things {
    let keyed = |ctx: CallContext, key: &str| keyed_call(&ctx.actor, key);
    let case = world.case().await;
    // A repeated key keeps its answer, which shows the text as others see it.
    let filed = report("K1", &format!("{SECRET_TEXT} 致电{SECRET_NUMBER} 详见https://evil.top/?m=13912345678"));
    let filed = world.link.file_report(keyed(handler(), "file-one-report"), filed).await.unwrap();
    let finding = world.link.findings_by_reports(handler(), vec![filed.id]).await.unwrap().remove(0).id;
    let identifiers = world.link.case_identifiers(handler(), case.id).await.unwrap();
    let subject = identifiers.iter().find(|identifier| identifier.masked == "138****8000").unwrap().subject;
    let open = async |title: &str| {
        let open = OpenCase {
            title: title.to_owned(),
            fraud_type: FraudType::Other,
            region: None,
            reports: vec![filed.id],
            participants: vec![],
        };
        world.link.open_case(handler(), open).await.unwrap().id
    };
    let (lead, member) = (open("主案").await, open("从案").await);
    let merge = MergeCases { leads: vec![lead], members: vec![member], reason: "同一团伙".to_owned() };
    let merge = world.link.merge_cases(handler(), merge).await.unwrap().id;

    let items = vec![NewQueryItem { query_type: ClueQueryType::HolderRealName, subject }];
    let draft = DraftClueQuery { case: case.id, addressee: org("carrier A"), urgency: Urgency::Flash, items };
    let query = world.link.draft_clue_query(handler(), draft).await.unwrap();
    let step = ClueQueryStep::Approve { document_number: "1号".to_owned() };
    let input = MoveClueQuery { query: query.id, version: query.version, step };
    let query = world.link.move_clue_query(approver(), input).await.unwrap();
    let input = MoveClueQuery { query: query.id, version: query.version, step: ClueQueryStep::Issue };
    let query = world.link.move_clue_query(handler(), input).await.unwrap();
    let item = query.items[0].id;
    let answers = vec![ItemAnswer { item, outcome: AnswerOutcome::Full, text: SECRET_ANSWER.to_owned() }];
    let input = AnswerClueQuery { query: query.id, version: query.version, answers };
    let answered = world.link.answer_clue_query(keyed(carrier("carrier A"), "answer-the-query"), input).await.unwrap();
    assert_eq!(answered.items[0].value, SECRET_NUMBER, "the answer that is kept under the key has the number");

    let clue = SubmitClue {
        kind: ClueKind::SimBox,
        addressee: org("city police"),
        region: "440305".parse().unwrap(),
        text: format!("{SECRET_TEXT} 使用{SECRET_NUMBER}"),
    };
    let clue = world.link.submit_clue(keyed(carrier("carrier A"), "submit-one-clue"), clue).await.unwrap().id;
    let draft = DraftBulletin {
        case: case.id,
        authority: org("authority"),
        trace_backs: vec![(org("carrier A"), subject)],
        triggers: vec![BulletinTrigger::Decision],
        title: "通报".to_owned(),
        text: "请倒查".to_owned(),
    };
    let mut bulletin = world.link.draft_bulletin(handler(), draft).await.unwrap();
    for (ctx, step) in [(approver(), BulletinStep::Approve), (handler(), BulletinStep::Send)] {
        let input = MoveBulletin { bulletin: bulletin.id, version: bulletin.version, step };
        bulletin = world.link.move_bulletin(ctx, input).await.unwrap();
    }
    let own = world.link.trace_backs_by_bulletins(carrier("carrier A"), vec![bulletin.id]).await.unwrap().remove(0);
    let input = FileTraceBack {
        trace_back: own.id,
        version: own.version,
        liability: Liability::Agent,
        form: TraceBackForm { holder: Some(SECRET_ANSWER.to_owned()), ..TraceBackForm::default() },
    };
    world.link.file_trace_back(keyed(carrier("carrier A"), "file-the-trace-back"), input).await.unwrap();
    let path = world.write("file.csv", file_of(3));
    let import = world.import(&clerk(), &path, cordon_case_intake::ImportMode::DryRun).await.unwrap().id;
    Things {
        case: case.id,
        subject,
        report: filed.id,
        finding,
        merge,
        lead,
        member,
        query: query.id,
        item,
        clue,
        bulletin: bulletin.id,
        trace_back: own.id,
        import,
    }
}

/// An identifier that names nothing.
fn unknown<K: IdKind>(world: &World) -> Id<K> {
    Id::new(world.now())
}

/// Somebody of an organ far away, who holds every duty that a change may take.
fn far(role: Role) -> Actor {
    actor("other", "far police", OrganisationKind::Police, OrganisationLevel::City, "510100", &[role])
}

#[tokio::test]
async fn every_change_answers_foreign_and_unknown_identifiers_alike() {
    for world in worlds().await {
        let it = make(&world).await;
        let link = &world.link;
        let (handler, analyst, approver) =
            (call(&far(Role::PoliceHandler)), call(&far(Role::Analyst)), call(&far(Role::PoliceApprover)));
        let enterprise = carrier("carrier B");
        // A report and a case of the stranger's own, for the places where one identifier is foreign and another is not.
        let mut input = report("F1", "致电13800138000");
        input.region = "510100".parse().unwrap();
        let own_report = link.file_report(handler.clone(), input).await.unwrap();
        let open = |reports| OpenCase {
            title: "异地案件".to_owned(),
            fraud_type: FraudType::Other,
            region: None,
            reports,
            participants: vec![],
        };
        let own_case = link.open_case(handler.clone(), open(vec![own_report.id])).await.unwrap();
        let before = (world.count("history_entry").await, world.count("outbox").await);
        macro_rules! alike {
            ($method:ident, $ctx:expr, $foreign:expr, |$id:ident| $input:expr) => {{
                let with = |$id| $input;
                let foreign = refusal(link.$method($ctx.clone(), with($foreign)).await);
                let unknown = refusal(link.$method($ctx.clone(), with(unknown(&world))).await);
                assert_eq!(foreign.code, Code::NotFound, "{}", stringify!($method));
                let bytes = |refusal| serde_json::to_vec(refusal).unwrap();
                assert_eq!(bytes(&foreign), bytes(&unknown), "{} {}", stringify!($method), stringify!($foreign));
            }};
        }
        let text = || "理由".to_owned();
        alike!(move_report, handler, it.report, |report| MoveReport {
            report,
            version: 1,
            step: ReportStep::Verify,
            note: None
        });
        alike!(open_case, handler, it.report, |report| open(vec![report]));
        let reports = |case, version, add| ChangeCaseReports { case, version, add, remove: vec![] };
        alike!(change_case_reports, handler, it.case, |case| reports(case, 1, vec![own_report.id]));
        alike!(change_case_reports, handler, it.report, |report| reports(own_case.id, own_case.version, vec![report]));
        alike!(change_participants, handler, it.case, |case| ChangeParticipants {
            case,
            version: 1,
            add: vec![org("far police")],
            remove: vec![]
        });
        alike!(move_case, handler, it.case, |case| MoveCase {
            case,
            version: 1,
            step: CaseStep::Withdraw { reason: text() }
        });
        let merge = |leads, members| MergeCases { leads, members, reason: text() };
        alike!(merge_cases, handler, it.lead, |lead| merge(vec![lead], vec![own_case.id]));
        alike!(merge_cases, handler, it.member, |member| merge(vec![own_case.id], vec![member]));
        // Both of a merger that holds: a ring must not show.
        alike!(merge_cases, handler, it.member, |lead| merge(vec![lead], vec![it.lead]));
        alike!(unmerge_cases, handler, it.merge, |merge| UnmergeCases { merge, reason: text() });
        let query = |case, subject| DraftClueQuery {
            case,
            addressee: org("carrier A"),
            urgency: Urgency::Flash,
            items: vec![NewQueryItem { query_type: ClueQueryType::OtherCards, subject }],
        };
        alike!(draft_clue_query, handler, it.case, |case| query(case, it.subject));
        alike!(move_clue_query, handler, it.query, |query| MoveClueQuery {
            query,
            version: 1,
            step: ClueQueryStep::Issue
        });
        alike!(move_clue_query, approver, it.query, |query| MoveClueQuery {
            query,
            version: 1,
            step: ClueQueryStep::Approve { document_number: text() }
        });
        let answers = |item| vec![ItemAnswer { item, outcome: AnswerOutcome::Full, text: text() }];
        alike!(answer_clue_query, enterprise, it.query, |query| AnswerClueQuery {
            query,
            version: 1,
            answers: answers(it.item)
        });
        alike!(reveal_answer, handler, it.item, |item| RevealAnswer { item, purpose: text() });
        alike!(move_clue, handler, it.clue, |clue| MoveClue { clue, version: 1, step: ClueStep::Receive });
        alike!(assess_clue, analyst, it.clue, |clue| AssessClue {
            clue,
            version: 1,
            assessment: Assessment::Adopted,
            reason: text()
        });
        alike!(reveal_clue, handler, it.clue, |clue| RevealClue { clue, purpose: text() });
        alike!(draft_bulletin, handler, it.case, |case| DraftBulletin {
            case,
            authority: org("authority"),
            trace_backs: vec![(org("carrier A"), it.subject)],
            triggers: vec![BulletinTrigger::Decision],
            title: text(),
            text: text(),
        });
        alike!(move_bulletin, handler, it.bulletin, |bulletin| MoveBulletin {
            bulletin,
            version: 1,
            step: BulletinStep::Send
        });
        alike!(file_trace_back, enterprise, it.trace_back, |trace_back| FileTraceBack {
            trace_back,
            version: 1,
            liability: Liability::Agent,
            form: TraceBackForm::default()
        });
        alike!(reveal_trace_back, handler, it.trace_back, |trace_back| RevealTraceBack { trace_back, purpose: text() });
        alike!(reveal_report, handler, it.report, |report| RevealReport { report, purpose: text() });
        alike!(reveal_finding, handler, it.finding, |finding| RevealFinding { finding, purpose: text() });
        alike!(commit_import, handler, it.import, |import| CommitImport { import, accept: Accept::GoodRows });
        assert_eq!((world.count("history_entry").await, world.count("outbox").await), before, "nothing happened");
        // The negative control: who may see the thing is told something else.
        let input = CommitImport { import: it.import, accept: Accept::GoodRows };
        assert!(link.commit_import(clerk(), input).await.is_ok());
        let input = merge(vec![it.member], vec![it.lead]);
        assert_ne!(refusal(link.merge_cases(crate::world::handler(), input).await).code, Code::NotFound);
        world.service.settle().await;
    }
}

/// Every column of every table, as bytes and as text.
async fn everything(world: &World) -> Vec<(String, Vec<u8>)> {
    let reader = world.store.database.reader();
    let backend = reader.get_database_backend();
    let sqlite = world.backend == "sqlite";
    let tables = if sqlite {
        "SELECT m.name AS t, p.name AS c FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table'"
    } else {
        "SELECT table_name::text AS t, column_name::text AS c FROM information_schema.columns \
         WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
    };
    let mut found = Vec::new();
    for place in reader.query_all_raw(Statement::from_string(backend, tables)).await.unwrap() {
        let (table, column): (String, String) = (place.try_get("", "t").unwrap(), place.try_get("", "c").unwrap());
        let value = if sqlite {
            format!("CAST(\"{column}\" AS BLOB)")
        } else {
            format!(
                "CASE WHEN pg_typeof(\"{column}\")::text = 'bytea' THEN decode(substr(\"{column}\"::text, 3), 'hex') \
                 ELSE convert_to(\"{column}\"::text, 'UTF8') END"
            )
        };
        let sql = format!("SELECT {value} AS v FROM \"{table}\" WHERE \"{column}\" IS NOT NULL");
        for row in reader.query_all_raw(Statement::from_string(backend, sql)).await.unwrap() {
            found.push((format!("{table}.{column}"), row.try_get("", "v").unwrap()));
        }
    }
    found
}

#[tokio::test]
async fn no_text_and_no_number_is_kept_in_the_clear_in_any_column() {
    for world in worlds().await {
        make(&world).await;
        let path = world.write("more.csv", file_of(5));
        let mode = cordon_case_intake::ImportMode::Commit(Accept::GoodRows);
        world.import(&clerk(), &path, mode).await.unwrap();
        // What is shown of it is kept as little as the thing itself, under a key as well as without.
        let reveal = RevealReport { report: make_report(&world).await, purpose: "核对".to_owned() };
        world.link.reveal_report(handler(), reveal).await.unwrap();
        world.link.move_clue(analyst(), supplement(&world).await).await.unwrap_err();
        let everything = everything(&world).await;
        let holds = |needle: &str| {
            let of = |bytes: &[u8]| bytes.windows(needle.len()).any(|window| window == needle.as_bytes());
            everything.iter().filter(|(_, bytes)| of(bytes)).map(|(place, _)| place.clone()).collect::<Vec<_>>()
        };
        assert!(holds("核对").contains(&"ledger_entry.payload".to_owned()), "the negative control: all is read");
        assert!(!holds("AJ-440300").is_empty() && !holds("file_report").is_empty());
        assert!(everything.iter().any(|(place, _)| place == "idempotency.sealed_answer"));
        for needle in [
            SECRET_NUMBER,
            "138****8000",
            "13900139000",
            "13912345678",
            "abcdef123",
            "加微信",
            SECRET_ANSWER,
            "号骗局",
            "evil-site.top",
        ] {
            assert_eq!(holds(needle), Vec::<String>::new(), "{needle} on {}", world.backend);
        }
    }
}

async fn make_report(world: &World) -> ReportId {
    world.file("S1", "再次致电13800138000").await.id
}

/// A supplement by the wrong side, which is refused.
async fn supplement(world: &World) -> MoveClue {
    MoveClue {
        clue: unknown(world),
        version: 1,
        step: ClueStep::Supplement { text: format!("{SECRET_TEXT}{SECRET_NUMBER}") },
    }
}
