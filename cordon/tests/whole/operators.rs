//! What an operator does on the machine: new keys, and asking why somebody may not do something.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Installation, PATIENCE, Rows, rows};

/// The lines of `keys list` about one key: its id, whether it is in use, and its count of uses.
fn keys(installation: &Installation, name: &str) -> Vec<(String, bool, u64)> {
    let listed = installation.done(&["keys", "list"]);
    let lines = listed.lines().filter(|line| line.split_whitespace().next() == Some(name));
    lines
        .map(|line| {
            let id = line.split_whitespace().nth(1).unwrap().to_owned();
            let uses = line.rsplit(", ").next().unwrap().parse().unwrap_or(0);
            (id, line.contains("in use"), uses)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_data_key_seals_what_is_new_and_the_old_one_still_opens() {
    for rows in rows() {
        let installation = Installation::new(rows).await;
        installation.seed();
        let before = keys(&installation, "data/directory");
        let [(old, true, uses)] = before.as_slice() else { panic!("{before:?}") };
        installation.done(&["keys", "rotate", "data/directory"]);
        installation.done(&["keys", "rotate", "master"]);
        let server = installation.serve();
        // The login and the name were sealed under the old key.
        let admin = server.sign_in(&installation, "admin.system").await;
        let viewer = admin.field("{ viewer { login person { organisation { id } } } }", json!({})).await;
        assert_eq!(viewer.pointer("/login").and_then(Value::as_str), Some("admin.system"), "{rows:?} {viewer}");
        let organisation = viewer.pointer("/person/organisation/id").cloned().unwrap();
        let create =
            "mutation($input: CreatePersonInput!) { createPerson(input: $input) { status refusal { code rule } } }";
        let input = json!({ "organisation": organisation, "login": "new.comer", "name": "新示例", "post": "" });
        admin.done(create, input).await;
        assert!(server.stop().success());

        let after = keys(&installation, "data/directory");
        let of_old = after.iter().find(|(id, _in_use, _uses)| id == old).unwrap();
        assert_eq!((of_old.1, of_old.2), (false, *uses), "{rows:?}: nothing new is sealed under the old key");
        let new = after.iter().find(|(id, _in_use, _uses)| id != old).unwrap();
        assert!(new.1 && new.2 > 0, "{rows:?} {after:?}");
        // What was done to keys is in the ledger.
        assert!(
            installation.count("directory", "SELECT COUNT(*) FROM ledger_entry WHERE action = 'key.rotated'").await
                == 2
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_of_a_former_key_stay_signed_and_heads_of_a_removed_one_do_not() {
    let installation = Installation::new(Rows::Sqlite).await;
    installation.seed();
    installation.done(&["audit", "export-heads", "heads.json"]);
    let before = keys(&installation, "signing/ledger");
    let [(old, true, _uses)] = before.as_slice() else { panic!("{before:?}") };
    installation.done(&["keys", "rotate", "signing/ledger"]);
    // A file that knows nothing of before is given the former key too.
    installation.done(&["audit", "export-heads", "fresh.json"]);
    assert!(installation.done(&["audit", "verify", "--heads", "fresh.json"]).contains("intact"));
    let read = |name: &str| -> Value {
        serde_json::from_str(&fs::read_to_string(installation.folder().join(name)).unwrap()).unwrap()
    };
    let mut fresh = read("fresh.json");
    let signed: Vec<&str> =
        fresh["heads"].as_array().unwrap().iter().map(|head| head["key_id"].as_str().unwrap()).collect();
    assert!(signed.contains(&old.as_str()) && signed.iter().any(|key| *key != old.as_str()), "{signed:?}");

    let removed: Vec<Value> = fresh["keys"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|key| key["key_id"].as_str() != Some(old.as_str()))
        .cloned()
        .collect();
    assert_eq!(removed.len(), 1);
    fresh["keys"] = removed.into();
    fs::write(installation.folder().join("removed.json"), fresh.to_string()).unwrap();
    let refused = installation.run(&["audit", "verify", "--heads", "removed.json"]);
    let said = String::from_utf8_lossy(&refused.stdout).into_owned();
    assert_eq!(refused.status.code(), Some(3), "{said}");
    assert!(said.contains(old.as_str()), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_cannot_be_changed_are_left_alone() {
    let installation = Installation::new(Rows::Sqlite).await;
    installation.seed();
    let before = installation.done(&["keys", "list"]);
    let index = before.lines().find(|line| line.starts_with("index/")).unwrap().split_whitespace().next().unwrap();
    for key in [index, "data/nothing", "ledger"] {
        assert_eq!(installation.run(&["keys", "rotate", key]).status.code(), Some(1), "{key}");
    }
    assert_eq!(installation.done(&["keys", "list"]), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_explained_with_their_organisation_and_what_is_pending() {
    for rows in rows() {
        let installation = Installation::new(rows).await;
        installation.seed();
        let explain = |who: &str, what: &str| {
            let output = installation.run(&["policy", "explain", who, what]);
            (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
        };
        let (code, said) = explain("chen.handler", "create order");
        assert_eq!(code, Some(0), "{rows:?} {said}");
        assert!(said.contains("police_handler") && said.contains("police-440300") && said.contains("440300"), "{said}");
        let (code, said) = explain("chen.handler", "approve order");
        assert_eq!(code, Some(5), "{rows:?} {said}");
        assert!(said.contains("- police_handler") && said.contains("police_approver"), "{said}");
        assert_eq!(explain("nobody.at.all", "approve order").0, Some(1));
        // The negative control: roles are explained as before.
        assert_eq!(explain("police_approver", "approve order").0, Some(0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_are_signed_when_entries_are_new_and_not_when_nothing_happens() {
    let installation = Installation::new(Rows::Sqlite)
        .await
        .set("CORDON_LEDGER__HEAD_ENTRIES", "5")
        .set("CORDON_LEDGER__HEAD_INTERVAL_MINUTES", "60");
    installation.seed();
    let server = installation.serve();
    let heads = "SELECT COUNT(*) FROM ledger_head";
    let begun = Instant::now();
    let until = async |wanted: i64| {
        while installation.count("directory", heads).await < wanted {
            assert!(begun.elapsed() < PATIENCE, "no head was signed");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    // What the seed has written is covered at the start.
    until(1).await;
    let first = installation.count("directory", heads).await;
    // Long before the hour is over: each sign-in is an entry.
    for _again in 0..6 {
        server.sign_in(&installation, "chen.handler").await;
    }
    until(first + 1).await;
    let second = installation.count("directory", heads).await;
    server.sign_in(&installation, "chen.handler").await;
    assert_eq!(installation.count("directory", heads).await, second, "one entry waits for others");
    // An orderly stop leaves nothing uncovered.
    assert!(server.stop().success());
    let uncovered = "SELECT COUNT(*) FROM ledger_entry WHERE seq > (SELECT MAX(tree_size) FROM ledger_head)";
    assert_eq!(installation.count("directory", uncovered).await, 0);
    let last = installation.count("directory", heads).await;
    let idle = installation.serve();
    assert!(idle.stop().success());
    assert_eq!(installation.count("directory", heads).await, last, "nothing happened, nothing is signed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_reads_how_the_ledgers_stand_and_that_one_was_changed() {
    for rows in rows() {
        let installation = Installation::new(rows).await;
        installation.seed();
        let query = "{ ledgers { service entries entriesSinceHead verified followed head { size } } }";
        let all = |data: &Value, directory: bool| {
            let ledgers = data["ledgers"].as_array().unwrap();
            let fits = |one: &Value| one["verified"] == (one["service"] != "directory" || directory);
            ledgers.len() == 3 && ledgers.iter().all(fits)
        };
        let server = installation.serve();
        let auditor = server.sign_in(&installation, "audit.reader").await;
        auditor.until(query, json!({}), |data| all(data, true)).await;
        // The negative control: nobody else may, not even an administrator.
        let (_status, refused) = server.sign_in(&installation, "admin.system").await.send(query, json!({})).await;
        assert!(refused.contains("DENIED"), "{refused}");
        assert!(server.stop().success());

        installation.tamper("directory", "UPDATE ledger_entry SET outcome = 'denied' WHERE seq = 2").await;
        let server = installation.serve();
        let auditor = server.sign_in(&installation, "audit.reader").await;
        auditor.until(query, json!({}), |data| all(data, false)).await;
    }
}
