//! What is refused, named or survived, seen from outside the running program.
#![expect(clippy::indexing_slicing, reason = "a test fails by panicking")]

use serde_json::{Value, json};

use crate::support::documents as d;
use crate::support::{Caller, Installation, Server, rows};

/// A number of the demonstration's segments that nothing else uses.
const NUMBER: &str = "19707550067";

async fn order(officer: &Caller, typed: &[&str], key: &str) -> Value {
    officer.done(d::DISPOSE, disposal(typed, key)).await
}

fn disposal(typed: &[&str], key: &str) -> Value {
    let subjects: Vec<Value> = typed.iter().map(|text| json!({ "typed": typed_as(text) })).collect();
    let mut input = d::disposal(None, &subjects);
    input["idempotencyKey"] = json!(key);
    input
}

/// What the officer says it is, where the text says so.
fn typed_as(text: &str) -> Value {
    match text.split_once('=') {
        Some((kind, value)) => json!({ "kind": kind, "text": value }),
        None => json!({ "text": text }),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_object_and_none_at_all_are_answered_byte_for_byte_alike() {
    for rows in rows() {
        let installation = Installation::new(rows).await;
        installation.seed();
        let server = installation.serve();
        let officer = server.sign_in(&installation, "chen.handler").await;
        let made = order(&officer, &[NUMBER], "foreign-and-unknown").await;
        let foreign = made["order"]["id"].as_str().unwrap().to_owned();
        let unknown = format!("{}{}", &foreign[..foreign.len() - 4], "0000");

        let stranger = server.sign_in(&installation, "shi.approver").await;
        let carrier = server.sign_in(&installation, "unicom.duty").await;
        for caller in [&stranger, &carrier] {
            let ask = |id: &str| caller.send(d::ORDER, json!({ "id": id }));
            assert_eq!(ask(&foreign).await, ask(&unknown).await, "{rows:?}");
        }
        let approve = |id: &str| {
            stranger.send(d::APPROVE, json!({ "input": { "order": id, "contentHash": made["order"]["contentHash"] } }))
        };
        let (theirs, none) = (approve(&foreign).await, approve(&unknown).await);
        assert_eq!(theirs, none, "{rows:?}");
        assert!(theirs.1.contains("NOT_FOUND"), "{theirs:?}");
        // The negative control: whom it concerns sees it.
        assert!(officer.send(d::ORDER, json!({ "id": foreign })).await.1.contains("PENDING_REVIEW"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_the_way_of_an_order_is_named_before_anything_is_issued() {
    for rows in rows() {
        let installation = Installation::new(rows).await;
        installation.seed();
        let server = installation.serve();
        let officer = server.sign_in(&installation, "chen.handler").await;
        let texts = ["96110", "19007550034", "BANK_CARD=6299773038795076684", "不是号码", NUMBER, NUMBER];
        let mut input = disposal(&texts, "named-before");
        input.as_object_mut().unwrap().remove("idempotencyKey");
        let preview = officer.data(d::PREVIEW, json!({ "input": input })).await;
        let findings = |row: usize| -> Vec<String> {
            let found = preview.pointer(&format!("/previewDisposal/rows/{row}/findings")).unwrap().as_array().unwrap();
            found.iter().map(|finding| finding["kind"].as_str().unwrap().to_owned()).collect()
        };
        let named = |row: usize, kinds: &[&str]| {
            let found = findings(row);
            assert!(kinds.iter().any(|kind| found.iter().any(|named| named == kind)), "{rows:?} row {row}: {found:?}");
        };
        named(0, &["PROTECTED", "NEVER_TARGET"]);
        named(1, &["PORTED"]);
        named(2, &["INVALID_CHECK_DIGIT"]);
        named(3, &["UNREADABLE"]);
        named(5, &["DUPLICATE"]);
        assert!(findings(4).is_empty(), "{:?}", findings(4));

        // Nothing is dropped in silence: the whole is refused unless the officer says otherwise.
        let (code, _rule) = officer.refused(d::DISPOSE, disposal(&texts, "named-before")).await;
        assert!(["INVALID", "RULE_VIOLATED"].contains(&code.as_str()), "{code}");
        let mut expired = disposal(&[NUMBER], "expired-basis");
        expired["legalBasis"]["validTo"] = json!("2026-11-02T00:00:00+08:00");
        let (code, rule) = officer.refused(d::DISPOSE, expired).await;
        assert!(rule.contains("legal_basis"), "{code} {rule}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_outlives_a_kill_and_no_number_reaches_the_log() {
    for rows in rows() {
        let installation = Installation::new(rows).await.set("CORDON_TELEMETRY__FILTER", "debug,sqlx=info");
        installation.seed();
        let server = installation.serve();
        let officer = server.sign_in(&installation, "chen.handler").await;
        let text = format!("对方用{NUMBER}打来，自称梁示例");
        let report = json!({
            "channel": "POLICE", "externalId": "K-1", "region": "440300", "fraudType": "OTHER", "text": text,
            "victimPhone": "19707550083", "idempotencyKey": "kill-report-1",
        });
        let filed = officer.done(d::FILE_REPORT, report.clone()).await;
        let made = order(&officer, &[NUMBER], "kill-order-1").await;
        let log = server.log();
        server.kill();

        let server = installation.serve();
        let again = Caller::with_token(&server.base, officer.token());
        assert_eq!(again.done(d::FILE_REPORT, report).await, filed, "{rows:?}: the same answer after a restart");
        assert_eq!(order(&again, &[NUMBER], "kill-order-1").await["order"], made["order"], "{rows:?}");
        for secret in [NUMBER, "19707550083", "梁示例", officer.token(), &installation.password()] {
            assert!(!log.contains(secret) && !server.log().contains(secret), "{rows:?}: a secret stands in the log");
        }
        assert!(log.contains("an operation was answered"), "the log was really written");
        signed_out(&server, &again).await;
        assert!(server.stop().success());
    }
}

async fn signed_out(server: &Server, person: &Caller) {
    person.data("mutation { signOut(input: {}) { status } }", json!({})).await;
    let (status, body) = Caller::with_token(&server.base, person.token()).send(d::VIEWER, json!({})).await;
    assert_eq!(status, 401, "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_broken_rows_is_kept_only_as_far_as_somebody_says_so() {
    for rows in rows() {
        let installation = Installation::new(rows).await;
        installation.seed();
        let server = installation.serve();
        let header = "report_id,received_at,channel,region,fraud_type,loss_cents,victim_phone,text\n";
        let file = format!(
            "{header}B-1,2026-08-15T08:02:45+08:00,12321,440300,other,100,,好行\n\
             B-2,2026-08-15T08:02:45,12321,440300,other,100,,坏时间\n\
             B-3,2026-08-15T08:02:45+08:00,fax,440300,other,1.5,,两处坏\n"
        );
        std::fs::write(installation.folder().join("rows.csv"), file).unwrap();
        let import = |more: &[&str]| {
            let mut arguments =
                vec!["import", "reports", "rows.csv", "--as", "hotline.clerk", "--server", &server.base];
            arguments.extend(more);
            installation.command(&arguments).env("CORDON_PASSWORD", installation.password()).output().unwrap()
        };
        let dry = import(&["--dry-run", "--errors", "bad.csv"]);
        assert_eq!(dry.status.code(), Some(4), "{rows:?} {}", String::from_utf8_lossy(&dry.stderr));
        let bad = std::fs::read_to_string(installation.folder().join("bad.csv")).unwrap();
        for named in ["3,received_at,BAD_TIME", "4,channel,UNKNOWN_CHANNEL", "4,loss_cents,BAD_AMOUNT"] {
            assert!(bad.contains(named), "{bad}");
        }
        assert_eq!(import(&["--accept", "all-or-nothing"]).status.code(), Some(4));
        assert_eq!(import(&["--accept", "good-rows"]).status.code(), Some(0));
        let said = String::from_utf8(import(&["--accept", "good-rows"]).stdout).unwrap();
        assert!(said.contains("written before") && said.contains("new 1"), "the same file twice is one import: {said}");

        std::fs::write(installation.folder().join("rows.csv"), "report_id,text\nB-4,少列\n").unwrap();
        let missing = import(&["--dry-run"]);
        assert_eq!(missing.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&missing.stderr).contains("import.missing_columns"), "{missing:?}");
    }
}
