//! The main job, end to end, as users do it: from a report to a confirmed, lawful, accountable disposal and back.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use serde_json::{Value, json};

use crate::support::agent::Agent;
use crate::support::documents as d;
use crate::support::live::Live;
use crate::support::{Caller, Installation, Server, rows};

/// A number in a segment of the demonstration: mobile, at home in Guangdong.
const MOBILE_NUMBER: &str = "19707550018";
/// A number whose segment is mobile's and which was taken to unicom, as only mobile's own records know.
const PORTED_NUMBER: &str = "19707550026";
/// An account on the platform of an internet firm.
const WECHAT: &str = "jubao8848fx";
/// A domain of the demonstration's registrar.
const DOMAIN: &str = "kuaidai-fanli.example";

/// Everybody who takes part.
struct People {
    clerk: Caller,
    handler: Caller,
    approver: Caller,
    unicom: Caller,
    internet: Caller,
    registrar: Caller,
    desk: Caller,
    appeals: Caller,
    legal: Caller,
}

impl People {
    async fn sign_in(server: &Server, installation: &Installation) -> Self {
        let person = |login| server.sign_in(installation, login);
        Self {
            clerk: person("hotline.clerk").await,
            handler: person("chen.handler").await,
            approver: person("li.approver").await,
            unicom: person("unicom.duty").await,
            internet: person("weixun.duty").await,
            registrar: person("yuming.duty").await,
            desk: person("desk.command").await,
            appeals: person("jin.appeals").await,
            legal: person("mobile.legal").await,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn police_reports_become_a_confirmed_disposal_and_can_be_undone() {
    for rows in rows() {
        let installation = Installation::new(rows).await;
        installation.seed();
        let server = installation.serve();
        let agent = Agent::start(&installation, &server, "mobile-440000", &[(PORTED_NUMBER, "unicom-440000")]).await;
        let people = People::sign_in(&server, &installation).await;
        let mut feeds = Feeds::open(&people).await;

        let reports = report(&people.handler).await;
        let (case, subjects) = open_case(&people.handler, &reports).await;
        feeds.case_is_told(&case).await;
        let order = press_the_button(&people, &case, &subjects).await;
        let tasks = execute(&people, &agent, &order, subjects.len()).await;
        feeds.order_is_told(&order, &tasks).await;
        verify_and_tell(&people, &order, &tasks).await;
        let task = tasks.iter().find(|task| task["subject"]["masked"].as_str().unwrap().ends_with("0018")).unwrap();
        let task = task["id"].as_str().unwrap();
        appeal_and_release(&people, &agent, task).await;
        one_timeline(&people.handler, &order, task).await;
        feeds.go_on(&people, &order, task).await;

        let (effects, undone) = agent.effects().await;
        assert_eq!((effects, undone), (1, 1), "{rows:?}: one number suspended once and resumed once");
        drop(agent);
        assert!(server.stop().success());
        audit(&installation).await;
    }
}

/// What officers see without asking again.
struct Feeds {
    cases: Live,
    orders: Live,
    tasks: Live,
    last: i64,
}

impl Feeds {
    async fn open(people: &People) -> Self {
        Self {
            cases: Live::open(&people.handler, "caseChanged", d::CASE_CHANGED, json!({ "after": 0 })).await,
            orders: Live::open(&people.handler, "orderProgressed", d::ORDER_PROGRESSED, json!({ "after": 0 })).await,
            tasks: Live::open(&people.unicom, "taskAssigned", d::TASK_ASSIGNED, json!({ "after": 0 })).await,
            last: 0,
        }
    }

    /// The officer's page hears of the case that was opened.
    async fn case_is_told(&mut self, case: &str) {
        let told = self.cases.next().await;
        assert_eq!((&told["topic"], &told["caseId"]), (&json!("case_intake.case_opened"), &json!(case)), "{told}");
        assert_eq!(told["case"]["title"], "冒充客服退款");
    }

    /// The officer hears how the order went on until every task is executed; the carrier hears of the task passed on to it.
    async fn order_is_told(&mut self, order: &str, tasks: &[Value]) {
        for topic in ["order_submitted", "order_approved", "order_issued"] {
            let told = self.orders.until(|told| told["topic"] == format!("disposal.{topic}").as_str()).await;
            assert_eq!(told["orderId"], json!(order), "{told}");
        }
        let mut waiting: Vec<&Value> = tasks.iter().map(|task| &task["id"]).collect();
        while !waiting.is_empty() {
            let told = self.orders.until(|told| told["topic"] == "disposal.task_progressed").await;
            assert_eq!((&told["orderId"], &told["order"]["id"]), (&json!(order), &json!(order)), "{told}");
            self.last = told["seq"].as_i64().unwrap();
            // The task is shown as it is now, which may be further than when it was told of.
            waiting.retain(|task| **task != told["task"]["id"] || told["task"]["state"] != "EXECUTED");
        }
        let passed_on = tasks.iter().find(|task| task["hops"] == 1).unwrap();
        let told = self.tasks.next().await;
        assert_eq!((&told["taskId"], &told["task"]["id"]), (&passed_on["id"], &passed_on["id"]), "of no other's task");
        assert_eq!(told["task"]["executor"]["code"], "unicom-440000", "{told}");
    }

    /// Another page goes on after the last event that the first one saw, with this order only.
    async fn go_on(&self, people: &People, order: &str, task: &str) {
        let variables = json!({ "after": self.last, "order": order });
        let mut later = Live::open(&people.handler, "orderProgressed", d::ORDER_PROGRESSED, variables).await;
        let told = later.until(|told| told["task"]["id"] == task && told["task"]["state"] == "RELEASED").await;
        assert!(told["seq"].as_i64().unwrap() > self.last && told["orderId"] == order, "{told}");
    }
}

/// Two victims report; the texts name a number, another number, an account and a domain, and an official number that is no target.
async fn report(officer: &Caller) -> Vec<String> {
    let mut reports = Vec::new();
    for (number, text) in [
        (
            "J-0001",
            format!(
                "对方自称客服，让我加微信号{WECHAT}，又用{MOBILE_NUMBER}打来，说要在 https://{DOMAIN}/login 退款，我已拨打96110"
            ),
        ),
        (
            "J-0002",
            format!(
                "接到 {} 的电话，网址还是 {}，微信 {}",
                spaced(PORTED_NUMBER),
                DOMAIN.replace('.', "[.]"),
                WECHAT.to_uppercase()
            ),
        ),
    ] {
        let input = json!({
            "channel": "POLICE", "externalId": number, "region": "440300", "fraudType": "FAKE_CUSTOMER_SERVICE",
            "lossCents": 880_000, "text": text, "idempotencyKey": format!("file-{number}"),
        });
        let first = officer.done(d::FILE_REPORT, input.clone()).await;
        let again = officer.done(d::FILE_REPORT, input).await;
        assert_eq!(first, again, "the same click twice is one report");
        reports.push(first["report"]["id"].as_str().unwrap().to_owned());
    }
    let found =
        officer.data(d::FIND_REPORTS, json!({ "filter": { "identifier": format!("+86 {MOBILE_NUMBER}") } })).await;
    assert_eq!(found.pointer("/reports/edges/0/node/id").unwrap(), &json!(reports[0]), "{found}");
    reports
}

fn spaced(number: &str) -> String {
    format!("{} {} {}", &number[..3], &number[3..7], &number[7..])
}

async fn open_case(officer: &Caller, reports: &[String]) -> (String, Vec<Value>) {
    let opened = officer.done(d::OPEN_CASE, json!({ "title": "冒充客服退款", "region": "440300", "fraudType": "FAKE_CUSTOMER_SERVICE", "reports": reports })).await;
    let case = opened["case"]["id"].as_str().unwrap().to_owned();
    let shown = officer.data(d::CASE, json!({ "id": case })).await;
    let identifiers: Vec<Value> = shown
        .pointer("/case/identifiers/edges")
        .unwrap()
        .as_array()
        .unwrap()
        .iter()
        .map(|edge| edge["node"].clone())
        .collect();
    let kinds: Vec<&str> = identifiers.iter().map(|identifier| identifier["kind"].as_str().unwrap()).collect();
    for kind in ["PHONE", "WECHAT", "DOMAIN"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    let official = identifiers.iter().find(|identifier| identifier["kind"] == "SERVICE_NUMBER");
    assert!(
        official.is_some_and(|official| official["protected"] == true && official["selectable"] == false),
        "an official number is shown as protected"
    );
    let number =
        identifiers.iter().find(|identifier| identifier["masked"].as_str().unwrap().ends_with("0018")).unwrap();
    assert_eq!(number.pointer("/responsible/executor/code"), Some(&json!("mobile-440000")), "{number}");
    assert_eq!(number["alreadyInForce"], false);
    let chosen = identifiers.into_iter().filter(|identifier| identifier["selectable"] == true).collect();
    (case, chosen)
}

async fn press_the_button(people: &People, case: &str, subjects: &[Value]) -> String {
    let chosen: Vec<Value> = subjects.iter().map(|subject| json!({ "subject": subject["subject"] })).collect();
    let input = d::disposal(Some(case), &chosen);
    let preview = people.handler.data(d::PREVIEW, json!({ "input": input })).await;
    assert_eq!(preview.pointer("/previewDisposal/fit").unwrap(), &json!(subjects.len()), "{preview}");

    let mut keyed = input.clone();
    keyed["idempotencyKey"] = json!("one-button-1");
    let (first, second) =
        tokio::join!(people.handler.done(d::DISPOSE, keyed.clone()), people.handler.done(d::DISPOSE, keyed));
    assert_eq!(first["order"]["id"], second["order"]["id"], "two clicks are one order");
    let order = first["order"]["id"].as_str().unwrap().to_owned();
    let hash = first["order"]["contentHash"].clone();

    let refused = people.handler.refused(d::APPROVE, json!({ "order": order, "contentHash": hash })).await;
    assert_eq!(refused, ("DENIED".to_owned(), "policy.order.approve".to_owned()));
    people.approver.done(d::APPROVE, json!({ "order": order, "contentHash": hash })).await;
    let inbox = people
        .internet
        .until(d::INBOX, json!({}), |data| !data.pointer("/inbox/edges").unwrap().as_array().unwrap().is_empty())
        .await;
    assert_eq!(inbox.pointer("/inbox/edges/0/node/state").unwrap(), "ISSUED");
    order
}

/// The agent executes and passes one number on; officers of the other three enterprises answer by hand.
async fn execute(people: &People, agent: &Agent, order: &str, count: usize) -> Vec<Value> {
    agent.until_done(1).await;
    for duty in [&people.unicom, &people.internet, &people.registrar] {
        let inbox = duty
            .until(d::INBOX, json!({}), |data| !data.pointer("/inbox/edges").unwrap().as_array().unwrap().is_empty())
            .await;
        let task = inbox.pointer("/inbox/edges/0/node").unwrap();
        let answer =
            |receipt: &str| json!({ "task": task["id"], "generation": task["generation"], "receipt": receipt });
        duty.done(d::ACKNOWLEDGE, json!({ "answer": answer(&d::receipt(task, 1)) })).await;
        let executed = json!({
            "answer": answer(&d::receipt(task, 2)),
            "evidence": { "bssOrder": "BSS-20261122-0007", "stopType": "涉诈强停", "executedAt": task["issuedAt"] },
        });
        let first = duty.done(d::EXECUTE, executed.clone()).await;
        let again = duty.done(d::EXECUTE, executed).await;
        assert_eq!(first["task"]["state"], "EXECUTED");
        assert_eq!(first["task"]["version"], again["task"]["version"], "the same receipt twice has one effect");
    }
    let tasks = people
        .handler
        .until(d::TASKS_OF_ORDER, json!({ "order": order }), |data| {
            let tasks = data.pointer("/tasks/edges").unwrap().as_array().unwrap();
            tasks.iter().all(|edge| edge["node"]["state"] == "EXECUTED")
        })
        .await;
    let tasks: Vec<Value> =
        tasks.pointer("/tasks/edges").unwrap().as_array().unwrap().iter().map(|edge| edge["node"].clone()).collect();
    let ported = tasks.iter().find(|task| task["subject"]["masked"].as_str().unwrap().ends_with("0026")).unwrap();
    assert_eq!(ported["executor"]["code"], "unicom-440000", "passed on to whom it was ported to");
    assert_eq!(ported["hops"], 1);
    let mut by: Vec<&str> = tasks.iter().map(|task| task["executor"]["code"].as_str().unwrap()).collect();
    by.sort_unstable();
    assert_eq!(by, ["firm-weixun", "firm-yuming", "mobile-440000", "unicom-440000"]);
    assert_eq!(by.len(), count, "one task for each subject");
    tasks
}

async fn verify_and_tell(people: &People, order: &str, tasks: &[Value]) {
    for task in tasks {
        let input = json!({ "task": task["id"], "generation": task["generation"], "passed": true, "method": "TRIAL" });
        let refused = people.unicom.refused(d::VERIFY, input.clone()).await;
        assert_eq!(refused, ("DENIED".to_owned(), "policy.task.verify".to_owned()), "an executor does not verify");
        let verified = people.desk.done(d::VERIFY, input).await;
        assert_eq!(verified["task"]["state"], "IN_FORCE", "{verified}");
    }
    let shown = people.legal.data(d::NOTICES, json!({ "states": ["IN_FORCE"] })).await;
    let task = shown.pointer("/tasks/edges/0/node").unwrap_or_else(|| panic!("{shown}"));
    let notice = &task["notices"][0];
    for part in ["reason", "remedy", "documents"] {
        assert!(
            !notice[part]["zh"].as_str().unwrap().is_empty() && !notice[part]["en"].as_str().unwrap().is_empty(),
            "{notice}"
        );
    }
    let told =
        json!({ "notice": notice["id"], "channel": "SMS", "sentAt": task["executedAt"], "reference": "SMS-889201" });
    let told = people.legal.done(d::RECORD_NOTICE, told).await;
    assert_eq!(told["notice"]["state"], "SENT");
    let in_force = people.handler.data(d::ORDER, json!({ "id": order })).await;
    assert_eq!(in_force.pointer("/order/state").unwrap(), "IN_FORCE", "{in_force}");
    assert_eq!(in_force.pointer("/order/tasks/inForce").unwrap(), &json!(tasks.len()), "{in_force}");
}

async fn appeal_and_release(people: &People, agent: &Agent, task: &str) {
    let filed = people
        .clerk
        .done(
            d::FILE_APPEAL,
            json!({
                "against": { "value": { "text": MOBILE_NUMBER } }, "channel": "HOTLINE", "appellant": "梁示例",
                "contact": "13800000000", "statement": "号码是我本人使用，未参与诈骗", "documents": ["身份证复印件"],
            }),
        )
        .await;
    let appeal = filed["appeal"]["id"].as_str().unwrap().to_owned();
    let public = Caller::anonymous(people.clerk.base());
    let progress =
        public.data(d::PROGRESS, json!({ "number": filed["appeal"]["number"], "code": filed["code"] })).await;
    assert_eq!(progress.pointer("/appealProgress/state").unwrap(), "SUBMITTED", "{progress}");
    assert!(!progress.to_string().contains("梁示例"));

    people.appeals.done(d::ACCEPT_APPEAL, json!({ "appeal": appeal })).await;
    let viewer = people.appeals.data(d::VIEWER, json!({})).await;
    let officer = viewer.pointer("/viewer/person/id").unwrap();
    people.appeals.done(d::ASSIGN_APPEAL, json!({ "appeal": appeal, "officer": officer })).await;
    people.appeals.done(d::BEGIN_APPEAL, json!({ "appeal": appeal })).await;
    let maintain = json!({ "appeal": appeal, "outcome": "MAINTAIN", "reason": "维持" });
    let refused = people.approver.refused(d::DECIDE_APPEAL, maintain).await;
    let expected = ("DENIED".to_owned(), "policy.appeal.decide".to_owned());
    assert_eq!(refused, expected, "who decided does not hear the appeal");
    let decided = people
        .appeals
        .done(d::DECIDE_APPEAL, json!({ "appeal": appeal, "outcome": "RELEASE", "reason": "核实为本人正常使用" }))
        .await;
    assert!(["DECIDED", "EXECUTED"].contains(&decided["appeal"]["state"].as_str().unwrap()), "{decided}");

    agent.until_undone(1).await;
    let released = people
        .handler
        .until(d::TASK_RELEASES, json!({ "id": task }), |data| {
            data.pointer("/task/releases/0/releaseTask/state").is_some_and(|state| state == "EXECUTED")
        })
        .await;
    let release_task = released.pointer("/task/releases/0/releaseTask").unwrap();
    let input = json!({ "task": release_task["id"], "generation": release_task["generation"], "passed": true, "method": "TRIAL" });
    people.desk.done(d::VERIFY, input).await;
    let state = people
        .handler
        .until(d::TASK_RELEASES, json!({ "id": task }), |data| {
            data.pointer("/task/state").is_some_and(|state| state == "RELEASED")
        })
        .await;
    assert_eq!(state.pointer("/task/releases/0/state").unwrap(), "DONE", "{state}");
    people.appeals.done(d::REPLY_APPEAL, json!({ "appeal": appeal, "text": "已核实，号码已恢复" })).await;
}

/// What happened to one number stands on the order's timeline, each step once and in its order.
async fn one_timeline(officer: &Caller, order: &str, task: &str) {
    let timeline = officer.data(d::TIMELINE, json!({ "order": order })).await;
    let edges = timeline.pointer("/order/timeline/edges").unwrap().as_array().unwrap();
    let entries = edges.iter().map(|edge| &edge["node"]);
    let of_it = entries.filter(|entry| entry["taskId"].is_null() || entry["taskId"] == task);
    let done: Vec<&Value> = of_it.filter(|entry| entry["refusedBy"].is_null()).collect();
    let events: Vec<&str> = done.iter().map(|entry| entry["event"].as_str().unwrap()).collect();
    let wanted = [
        "order.submit",
        "order.approve",
        "task.issue",
        "task.acknowledge",
        "task.execute",
        "task.verify",
        "notice.send",
        "appeal.file",
        "appeal.accept",
        "appeal.decide",
        "release.order",
        "release.complete",
        "appeal.reply",
    ];
    let steps: Vec<&str> = events.iter().copied().filter(|event| wanted.contains(event)).collect();
    assert_eq!(steps, wanted, "{events:?}");
    let party = |event: &str| done.iter().find(|entry| entry["event"] == event).unwrap()["party"].clone();
    assert_ne!(party("order.submit"), party("order.approve"), "two people");
    assert_ne!(party("order.approve"), party("appeal.decide"), "and a third one hears the appeal");
}

/// The auditor's verdict is good, and one changed byte is found and named.
async fn audit(installation: &Installation) {
    installation.done(&["audit", "export-heads", "heads.json"]);
    let verdict = installation.done(&["audit", "verify", "--heads", "heads.json"]);
    assert!(verdict.contains("intact"), "{verdict}");
    installation.tamper("disposal", "UPDATE ledger_entry SET action = 'order.approvf' WHERE seq = (SELECT MIN(seq) FROM ledger_entry WHERE action = 'order.approve')").await;
    let found = installation.run(&["audit", "verify", "--heads", "heads.json"]);
    let text = String::from_utf8_lossy(&found.stdout).into_owned();
    assert_eq!(found.status.code(), Some(3), "{text}");
    assert!(text.contains("disposal") && text.contains("action"), "{text}");
}
