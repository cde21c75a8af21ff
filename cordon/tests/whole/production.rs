//! An installation in production mode, from an empty folder to the first organisation and its people.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

use cordon_context::{Clock as _, SystemClock};
use data_encoding::BASE32_NOPAD;
use serde_json::{Value, json};
use totp_rs::Builder;

use crate::support::{Caller, Installation, Server, rows};

/// The documents of the program, by the name of their operation, as `cordon config documents` prints them.
struct Documents(Vec<(String, String)>);

impl Documents {
    fn of(installation: &Installation) -> Self {
        let listed: Value = serde_json::from_str(&installation.done(&["config", "documents"])).unwrap();
        let listed = listed.as_object().unwrap();
        Self(listed.iter().map(|(digest, text)| (digest.clone(), text.as_str().unwrap().to_owned())).collect())
    }

    /// The digest of the one document with this operation.
    fn id(&self, operation: &str) -> &str {
        let begins = |text: &str| {
            let name = text.split_whitespace().nth(1).unwrap_or_default();
            name.split(['(', '{']).next() == Some(operation)
        };
        let mut found = self.0.iter().filter(|(_digest, text)| begins(text));
        let (digest, _text) = found.next().unwrap_or_else(|| panic!("there is no document {operation}"));
        assert!(found.next().is_none(), "{operation} is there twice");
        digest
    }
}

/// Somebody who sends built-in documents by their digests, as a page or a script would.
struct Person<'a> {
    documents: &'a Documents,
    caller: Caller,
}

impl Person<'_> {
    async fn ask(&self, operation: &str, variables: Value) -> Value {
        self.caller.named(self.documents.id(operation), variables).await
    }

    /// Sends a mutation that must be carried out, and gives its payload.
    async fn done(&self, operation: &str, input: Value) -> Value {
        let data = self.ask(operation, json!({ "input": input })).await;
        let payload = data.as_object().unwrap().values().next().unwrap().clone();
        assert!(payload["refusal"].is_null(), "{operation}: {payload}");
        payload
    }

    /// Sends a mutation that must be refused, and gives the rule.
    async fn refused(&self, operation: &str, input: Value) -> String {
        let data = self.ask(operation, json!({ "input": input })).await;
        let payload = data.as_object().unwrap().values().next().unwrap().clone();
        assert!(!payload["refusal"].is_null(), "{operation}: {payload}");
        payload["refusal"]["rule"].as_str().unwrap_or_default().to_owned()
    }
}

/// The six digits that an authenticator shows, so many seconds from now.
fn code(secret: &str, ahead: u64) -> String {
    let secret = BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    let now = u64::try_from(SystemClock.now().millis() / 1_000).unwrap();
    totp.generate(now + ahead).to_string()
}

async fn sign_in<'a>(
    documents: &'a Documents,
    server: &Server,
    login: &str,
    password: &str,
    code: Option<&str>,
) -> (Person<'a>, Value) {
    let anonymous = Person { documents, caller: Caller::anonymous(&server.base) };
    let answer = anonymous.done("CordonSignIn", json!({ "login": login, "password": password, "code": code })).await;
    let token = answer["token"].as_str().unwrap_or_else(|| panic!("{login}: {answer}"));
    (Person { documents, caller: Caller::with_token(&server.base, token) }, answer["pending"].clone())
}

/// Does what everybody with a first password has to do, and gives the secret of the authenticator.
async fn settle(person: &Person<'_>, first: &str, new: &str) -> String {
    person.done("CordonChangePassword", json!({ "current": first, "new": new })).await;
    let enrolment = person.done("CordonEnrolCode", json!({ "password": new })).await;
    let secret = enrolment["enrolment"]["secret"].as_str().unwrap().to_owned();
    person.done("CordonConfirmCode", json!({ "code": code(&secret, 0) })).await;
    secret
}

fn init(installation: &Installation) -> std::process::Output {
    installation.run(&[
        "init",
        "--operator",
        "示例反诈平台运营中心",
        "--system-admin",
        "zhao.system=赵示例",
        "--security-admin",
        "qian.security=钱示例",
        "--auditor",
        "sun.audit=孙示例",
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_installation_is_entered_by_its_first_administrators_and_filled_by_them() {
    for rows in rows() {
        let installation = Installation::new(rows).await.set("CORDON_MODE", "production");
        let begun = init(&installation);
        assert!(begun.status.success(), "{rows:?} {}", String::from_utf8_lossy(&begun.stderr));
        let said = String::from_utf8(begun.stdout).unwrap();
        let first = |login: &str| {
            let line = said.lines().find(|line| line.contains(login)).unwrap();
            line.split_whitespace().last().unwrap().to_owned()
        };
        let again = init(&installation);
        assert_eq!(again.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&again.stderr).contains("bootstrap.not_empty"), "{again:?}");
        assert_eq!(installation.run(&["seed", "demo"]).status.code(), Some(1), "no demonstration in production");

        let documents = Documents::of(&installation);
        let server = installation.serve();
        // Nothing but registered documents is executed, whoever asks; the same text by its digest is.
        let (status, body) = Caller::anonymous(&server.base).send("query { viewer { login } }", json!({})).await;
        assert!(status == 400 && body.contains("PERSISTED_DOCUMENT_REQUIRED"), "{status} {body}");
        let (admin, pending) = sign_in(&documents, &server, "zhao.system", &first("zhao.system"), None).await;
        assert_eq!(pending, json!(["CHANGE_PASSWORD", "ENROL_CODE"]), "{rows:?}");
        let unregistered = "query { viewer { login pending } }";
        let (status, body) = admin.caller.send(unregistered, json!({})).await;
        assert!(status == 400 && body.contains("PERSISTED_DOCUMENT_REQUIRED"), "{status} {body}");

        // Before that the roles do not count.
        let organisation = json!({
            "code": "police", "name": "示例公安机关", "kind": "POLICE", "level": "MINISTRY", "region": "000000",
            "contact": { "office": "反诈中心" },
        });
        let (status, body) =
            admin.caller.send_named(documents.id("CordonCreateOrganisation"), json!({ "input": organisation })).await;
        assert!(body.contains("DENIED"), "{status} {body}");
        let secret = settle(&admin, &first("zhao.system"), "an own phrase of zhao").await;
        let viewer = admin.ask("CordonViewer", json!({})).await;
        assert_eq!(viewer["viewer"]["pending"], json!([]), "{rows:?}");
        assert_eq!(viewer["viewer"]["roles"], json!(["SYSTEM_ADMIN"]));
        assert_eq!(admin.ask("CordonMySessions", json!({})).await["mySessions"].as_array().unwrap().len(), 1);

        let police = admin.done("CordonCreateOrganisation", organisation).await["organisation"].clone();
        let person = json!({ "organisation": police["id"], "login": "chen.handler", "name": "陈示例", "post": "民警" });
        let handler = admin.done("CordonCreatePerson", person).await;
        let carrier = json!({
            "code": "mobile", "name": "示例移动", "kind": "CARRIER_GROUP", "level": "MINISTRY", "region": "000000",
            "contact": {},
        });
        let carrier = admin.done("CordonCreateOrganisation", carrier).await["organisation"]["id"].clone();

        let (security, _pending) = sign_in(&documents, &server, "qian.security", &first("qian.security"), None).await;
        settle(&security, &first("qian.security"), "an own phrase of qian").await;
        let role = json!({ "person": handler["person"]["id"], "role": "POLICE_HANDLER" });
        // Who makes people does not give them roles.
        let (_status, body) = admin.caller.send_named(documents.id("CordonGiveRole"), json!({ "input": role })).await;
        assert!(body.contains("DENIED"), "{body}");
        security.done("CordonGiveRole", role).await;
        let people = security.ask("CordonPeople", json!({ "filter": { "organisation": police["id"] } })).await;
        assert_eq!(people["people"]["edges"][0]["node"]["roles"][0]["role"], "POLICE_HANDLER");

        let client = json!({ "organisation": carrier, "label": "处置系统" });
        let client = security.done("CordonCreateApiClient", client).await;
        assert!(!client["secret"].as_str().unwrap().is_empty());

        // The new person gets in with the first password and has to change it; the administrator now needs a code.
        let first_password = handler["firstPassword"].as_str().unwrap();
        let (newcomer, pending) = sign_in(&documents, &server, "chen.handler", first_password, None).await;
        assert_eq!(pending, json!(["CHANGE_PASSWORD"]));
        let weak =
            newcomer.refused("CordonChangePassword", json!({ "current": first_password, "new": "chen.handler" })).await;
        assert!(weak.starts_with("password."), "{weak}");
        let anonymous = Person { documents: &documents, caller: Caller::anonymous(&server.base) };
        let half = json!({ "login": "zhao.system", "password": "an own phrase of zhao" });
        let half = anonymous.ask("CordonSignIn", json!({ "input": half })).await;
        assert!(half["signIn"]["token"].is_null() && half["signIn"]["status"] == "CODE_REQUIRED", "{half}");
        sign_in(&documents, &server, "zhao.system", "an own phrase of zhao", Some(&code(&secret, 30))).await;
        assert!(server.stop().success());
    }
}
