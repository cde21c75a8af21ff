//! What an officer is told of the identifiers of a case, as it stands at that moment: whether one is protected, whether an order
//! is in force.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use serde_json::{Value, json};

use crate::support::documents as d;
use crate::support::{Caller, Installation, Server, rows};

/// A number in a segment of the demonstration: mobile, at home in Guangdong.
const NUMBER: &str = "19707550091";
/// Another, which nobody touches.
const OTHER: &str = "19707550083";
/// A page below the domain that is listed.
const PAGE: &str = "https://pay.kuaidai-fanli.example/login";
/// The domain above it.
const DOMAIN: &str = "kuaidai-fanli.example";
/// What only readers of the list may read.
const WORDS: &str = "示例医院急诊总机";

const VIEW: &str = "query View($id: ID!, $filter: CaseIdentifierFilter!) { case(id: $id) {
    identifiers(filter: $filter, first: 2) { totalCount edges { cursor node { masked kind protected selectable
    protection { value reach category reasonZh entryReason } alreadyInForce measuresInForce { measure orderNumber } } } } } }";
const FINDINGS: &str = "query Findings($id: ID!) { report(id: $id) { findings { kind masked protection { category reasonEn entryReason } } } }";
const PROPOSE: &str = "mutation Propose($input: ProposeProtectedInput!) { done: proposeProtected(input: $input) {
    refusal { code rule messageEn } protectedTarget { id state } } }";
const REMOVE: &str =
    "mutation Remove($input: ProposeProtectedRemovalInput!) { done: proposeProtectedRemoval(input: $input) {
    refusal { code rule messageEn } protectedTarget { id state } } }";
const CONFIRM: &str = "mutation Confirm($input: ConfirmProtectedInput!) { done: confirmProtected(input: $input) {
    refusal { code rule messageEn } protectedTarget { id state } } }";
const RELEASE: &str = "mutation Release($input: OrderReleaseInput!) { done: orderRelease(input: $input) {
    refusal { code rule messageEn } release { id state } } }";

/// Files a report and opens a case on it; gives both.
async fn case_of(officer: &Caller, number: &str, text: String) -> (String, String) {
    let input = json!({
        "channel": "POLICE", "externalId": number, "region": "440300", "fraudType": "FAKE_CUSTOMER_SERVICE", "text": text,
    });
    let report = officer.done(d::FILE_REPORT, input).await["report"]["id"].as_str().unwrap().to_owned();
    let input = json!({
        "title": "冒充客服退款", "region": "440300", "fraudType": "FAKE_CUSTOMER_SERVICE", "reports": [report],
    });
    let case = officer.done(d::OPEN_CASE, input).await["case"]["id"].as_str().unwrap().to_owned();
    (report, case)
}

/// The rows of the first page under a filter, after its total was checked to fit.
async fn view(officer: &Caller, case: &str, filter: Value) -> Vec<Value> {
    let shown = officer.data(VIEW, json!({ "id": case, "filter": filter })).await;
    let list = shown.pointer("/case/identifiers").unwrap();
    let rows: Vec<Value> = list["edges"].as_array().unwrap().iter().map(|edge| edge["node"].clone()).collect();
    let total = usize::try_from(list["totalCount"].as_u64().unwrap()).unwrap();
    assert_eq!(rows.len(), total.min(2), "a page is full while there are rows: {shown}");
    rows
}

async fn of_kind(officer: &Caller, case: &str, kind: &str) -> Value {
    view(officer, case, json!({ "kinds": [kind] })).await.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_put_on_the_protected_list_shows_in_the_case_at_once() {
    for rows in rows() {
        let installation = Installation::new(rows).await;
        installation.seed();
        let server = installation.serve();
        let officer = server.sign_in(&installation, "chen.handler").await;
        let desk = server.sign_in(&installation, "desk.command").await;
        let (report, case) = case_of(&officer, "V-0001", format!("用{NUMBER}打来，要我登录 {PAGE} 退款")).await;
        let (_, untouched) = case_of(&officer, "V-0002", format!("{OTHER} 自称客服")).await;
        for kind in ["PHONE", "DOMAIN"] {
            let before = of_kind(&officer, &case, kind).await;
            assert!(before["protected"] == false && before["selectable"] == true, "{rows:?}: {before}");
        }

        let mut entries = Vec::new();
        for (text, kind, reason) in [(NUMBER, "HOSPITAL", WORDS), (DOMAIN, "BANK", "示例银行")] {
            let input = json!({ "text": text, "kind": kind, "reason": reason });
            entries.push(desk.done(PROPOSE, input).await["protectedTarget"]["id"].clone());
        }
        let number = of_kind(&officer, &case, "PHONE").await;
        assert!(number["protected"] == true && number["selectable"] == false, "{rows:?}: {number}");
        let protection = &number["protection"];
        assert_eq!((&protection["category"], &protection["reach"]), (&json!("HOSPITAL"), &json!("EXACT")));
        assert!(protection["value"] == number["masked"] && protection["entryReason"] == WORDS, "{protection}");
        let below = of_kind(&officer, &case, "DOMAIN").await;
        assert!(below["protected"] == true && below["selectable"] == false, "a name protects what is below: {below}");
        assert_eq!((&below["protection"]["value"], &below["protection"]["reach"]), (&json!(DOMAIN), &json!("BELOW")));

        // Filters agree with the fields, and a page is cut from what fits.
        let wanted = |filter: Value| view(&officer, &case, filter);
        assert!(wanted(json!({ "selectable": true })).await.is_empty());
        assert_eq!(wanted(json!({ "protected": true })).await.len(), 2);
        assert!(wanted(json!({ "protected": false })).await.is_empty());
        let control = of_kind(&officer, &untouched, "PHONE").await;
        assert!(control["protected"] == false && control["selectable"] == true, "{control}");

        findings_say_the_same(&server, &installation, &officer, &report).await;

        // One person takes nothing out of the list, two do, and only the one entry.
        let step = json!({ "protected": entries[0], "reason": "已核实不是该医院号码" });
        desk.done(REMOVE, step.clone()).await;
        assert_eq!(of_kind(&officer, &case, "PHONE").await["protected"], true, "one person is not enough");
        let commander = server.sign_in(&installation, "zhou.commander").await;
        assert_eq!(commander.done(CONFIRM, step).await["protectedTarget"]["state"], "REMOVED");
        let after = of_kind(&officer, &case, "PHONE").await;
        assert!(after["protected"] == false && after["selectable"] == true && after["protection"].is_null(), "{after}");
        assert_eq!(of_kind(&officer, &case, "DOMAIN").await["protected"], true);
        let left = wanted(json!({ "selectable": true })).await;
        assert_eq!((left.len(), &left[0]["kind"]), (1, &json!("PHONE")));
    }
}

/// The officer reads why; the clerk of a hotline may read reports and not the list, and learns that it is protected.
async fn findings_say_the_same(server: &Server, installation: &Installation, officer: &Caller, report: &str) {
    let shown = officer.data(FINDINGS, json!({ "id": report })).await;
    for finding in shown.pointer("/report/findings").unwrap().as_array().unwrap() {
        assert!(finding["protection"]["entryReason"].is_string(), "{finding}");
    }
    let clerk = server.sign_in(installation, "hotline.clerk").await;
    let input = json!({
        "channel": "HOTLINE_12321", "externalId": "V-0003", "region": "440300", "fraudType": "FAKE_CUSTOMER_SERVICE",
        "text": format!("骚扰来电{NUMBER}，另一个是{OTHER}"),
    });
    let filed = clerk.done(d::FILE_REPORT, input).await["report"]["id"].clone();
    let shown = clerk.data(FINDINGS, json!({ "id": filed })).await;
    let protection = |place: usize| &shown["report"]["findings"][place]["protection"];
    assert_eq!((&protection(0)["category"], &protection(0)["entryReason"]), (&json!("HOSPITAL"), &Value::Null));
    assert!(!shown.to_string().contains(WORDS) && protection(1).is_null(), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_says_whether_an_order_is_in_force_and_which() {
    for rows in rows() {
        let installation = Installation::new(rows).await;
        installation.seed();
        let server = installation.serve();
        let person = |login| server.sign_in(&installation, login);
        let (officer, approver, duty, desk) =
            tokio::join!(person("chen.handler"), person("li.approver"), person("mobile.duty"), person("desk.command"));
        let (_, case) = case_of(&officer, "V-0101", format!("用{NUMBER}打来冒充客服")).await;
        let (_, untouched) = case_of(&officer, "V-0102", format!("{OTHER} 自称客服")).await;
        let standing = || of_kind(&officer, &case, "PHONE");
        let none = |row: &Value| row["alreadyInForce"] == false && row["measuresInForce"] == json!([]);
        assert!(none(&standing().await));

        let input = d::disposal(Some(&case), &[json!({ "typed": { "text": NUMBER } })]);
        let order = officer.done(d::DISPOSE, input).await["order"].clone();
        let agreed = json!({ "order": order["id"], "contentHash": order["contentHash"] });
        approver.done(d::APPROVE, agreed).await;
        let task = answer(&duty, &json!("IMPOSE"), 1).await;
        let input = json!({ "task": task["id"], "generation": task["generation"], "passed": true, "method": "TRIAL" });
        assert_eq!(desk.done(d::VERIFY, input).await["task"]["state"], "IN_FORCE");

        let row = standing().await;
        let number = order["number"].as_str().unwrap();
        assert!(number.starts_with("CZ-440300-"), "{order}");
        assert_eq!(row["alreadyInForce"], true, "{rows:?}: {row}");
        assert_eq!(row["measuresInForce"], json!([{ "measure": "SUSPEND_BOTH", "orderNumber": number }]));
        assert!(none(&of_kind(&officer, &untouched, "PHONE").await), "another number's order is not this one's");

        approver.done(RELEASE, json!({ "task": task["id"], "reason": "ENTERED_BY_MISTAKE", "note": "误录" })).await;
        let undone = answer(&duty, &json!("RELEASE"), 3).await;
        assert_eq!(standing().await["alreadyInForce"], true, "until the release is verified");
        let input =
            json!({ "task": undone["id"], "generation": undone["generation"], "passed": true, "method": "TRIAL" });
        desk.done(d::VERIFY, input).await;
        officer
            .until(d::TASK_RELEASES, json!({ "id": task["id"] }), |data| {
                data.pointer("/task/state").is_some_and(|state| state == "RELEASED")
            })
            .await;
        assert!(none(&standing().await), "{rows:?}");
    }
}

/// The duty officer acknowledges and executes the one open task of this direction.
async fn answer(duty: &Caller, action: &Value, receipt: u32) -> Value {
    let open = "query Open { inbox(first: 20) { edges { node { id generation state action issuedAt } } } }";
    let inbox = |data: &Value| -> Option<Value> {
        let tasks = data.pointer("/inbox/edges").unwrap().as_array().unwrap().iter().map(|edge| edge["node"].clone());
        tasks.into_iter().find(|task| &task["action"] == action && task["state"] == "ISSUED")
    };
    let shown = duty.until(open, json!({}), |data| inbox(data).is_some()).await;
    let task = inbox(&shown).unwrap();
    let answer = |place: u32| json!({ "task": task["id"], "generation": task["generation"], "receipt": d::receipt(&task, place) });
    duty.done(d::ACKNOWLEDGE, json!({ "answer": answer(receipt) })).await;
    let executed = json!({
        "answer": answer(receipt + 1),
        "evidence": { "bssOrder": "BSS-20261122-0009", "stopType": "涉诈强停", "executedAt": task["issuedAt"] },
    });
    assert_eq!(duty.done(d::EXECUTE, executed).await["task"]["state"], "EXECUTED");
    task
}
