//! What `cordon audit` says of a ledger that somebody with the database's password has been at, and which commands only look.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Output;

use serde_json::{Value, json};

use crate::support::{Installation, Rows, rows};

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn heads(installation: &Installation) -> Value {
    serde_json::from_str(&fs::read_to_string(installation.folder().join("heads.json")).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_that_no_head_speaks_of_is_not_proven() {
    for rows in rows() {
        let installation = Installation::new(rows).await;
        installation.seed();
        installation.done(&["audit", "export-heads", "heads.json"]);
        let whole = heads(&installation);
        let folder = installation.folder().join("heads");
        fs::create_dir(&folder).unwrap();
        for head in whole["heads"].as_array().unwrap() {
            let one = json!({ "format": whole["format"], "keys": whole["keys"], "heads": [head] });
            fs::write(folder.join(format!("{}.json", head["chain"].as_str().unwrap())), one.to_string()).unwrap();
        }
        // One file for each chain, as the server writes them: a folder and a list of files prove the same as one file.
        assert!(installation.done(&["audit", "verify", "--heads", "heads"]).contains("intact"));
        let listed = ["heads/directory.json", "heads/case-intake.json", "heads/disposal.json"];
        let [one, two, three] = listed;
        assert!(installation.done(&["audit", "verify", "--heads", one, two, "--heads", three]).contains("intact"));

        let less = installation.run(&["audit", "verify", "--heads", one, two]);
        assert_eq!(less.status.code(), Some(3), "{rows:?} {}", said(&less));
        assert!(said(&less).contains("chain disposal: no trusted head"), "{}", said(&less));
        let none = json!({ "format": whole["format"], "keys": [], "heads": [] });
        fs::write(installation.folder().join("none.json"), none.to_string()).unwrap();
        assert_eq!(installation.run(&["audit", "verify", "--heads", "none.json"]).status.code(), Some(3));
        fs::create_dir(installation.folder().join("empty")).unwrap();
        assert_eq!(installation.run(&["audit", "verify", "--heads", "empty"]).status.code(), Some(1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_byte_that_is_no_text_is_named_and_the_other_chains_are_still_read() {
    // PostgreSQL does not keep such a byte.
    let installation = Installation::new(Rows::Sqlite).await;
    installation.seed();
    installation.done(&["audit", "export-heads", "heads.json"]);
    installation
        .tamper("directory", "UPDATE ledger_entry SET actor = CAST(X'FF' || actor AS TEXT) WHERE seq = 3")
        .await;
    installation.tamper("disposal", "UPDATE ledger_entry SET action = 'order.approve' WHERE seq = 1").await;
    let found = installation.run(&["audit", "verify", "--heads", "heads.json"]);
    let said = said(&found);
    assert_eq!(found.status.code(), Some(3), "{said}");
    assert!(said.contains("chain directory, entry 3: the entry was changed; it cannot be decoded"), "{said}");
    assert!(said.contains("chain disposal, entry 1"), "{said}");
    assert_eq!(said.matches("fault:").count(), 2, "the third chain is sound: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_are_only_added_to_a_file_that_the_chains_continue() {
    for rows in rows() {
        let installation = Installation::new(rows).await;
        installation.seed();
        installation.done(&["audit", "export-heads", "heads.json"]);
        let first = heads(&installation)["heads"].as_array().unwrap().len();
        // The negative control: a ledger that has grown gets further heads, and the earlier ones stay.
        let server = installation.serve();
        server.sign_in(&installation, "chen.handler").await;
        assert!(server.stop().success());
        installation.done(&["audit", "export-heads", "heads.json"]);
        let grown = heads(&installation);
        assert!(grown["heads"].as_array().unwrap().len() > first, "{rows:?}");

        installation.tamper("directory", "UPDATE ledger_entry SET outcome = 'denied' WHERE seq = 2").await;
        let refused = installation.run(&["audit", "export-heads", "heads.json"]);
        assert_eq!(refused.status.code(), Some(3), "{rows:?} {}", said(&refused));
        assert_eq!(heads(&installation), grown, "the only witness stays as it was");
        // Even into a new file nothing is signed that does not fit the entries.
        let fresh = installation.run(&["audit", "export-heads", "fresh.json"]);
        assert_eq!(fresh.status.code(), Some(3), "{rows:?} {}", said(&fresh));
        assert!(!installation.folder().join("fresh.json").exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_that_only_look_make_nothing() {
    let installation = Installation::new(Rows::Sqlite).await;
    fs::write(installation.folder().join("heads.json"), r#"{"format":"cordon-ledger-heads/1","keys":[],"heads":[]}"#)
        .unwrap();
    let before = installation.folder().read_dir().unwrap().count();
    for arguments in [
        &["doctor"] as &[&str],
        &["audit", "verify", "--heads", "heads.json"],
        &["audit", "export-heads", "heads.json"],
        &["policy", "explain", "auditor", "read ledger"],
    ] {
        let ended = installation.run(arguments);
        assert_eq!(installation.folder().read_dir().unwrap().count(), before, "{arguments:?}: {}", said(&ended));
    }
    // The negative control: a command that makes something, and then there is something to look at.
    installation.done(&["migrate"]);
    assert!(installation.folder().join("data").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_is_seeded_once_even_where_the_folder_is_there() {
    let installation = Installation::new(Rows::Sqlite).await;
    installation.done(&["migrate"]);
    let seeded = installation.done(&["seed", "demo", "--if-empty", "--without-reports"]);
    assert!(seeded.contains("the demo country is there"), "{seeded}");
    let again = installation.done(&["seed", "demo", "--if-empty", "--without-reports"]);
    assert!(again.contains("nothing is seeded"), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_behind_the_ledger_is_a_fault() {
    for rows in rows() {
        let installation = Installation::new(rows).await;
        installation.seed();
        let good = installation.run(&["doctor"]);
        assert_eq!(good.status.code(), Some(0), "{rows:?} {}", said(&good));
        let later = "UPDATE ledger_entry SET at = at + 3600000 WHERE seq = (SELECT MAX(seq) FROM ledger_entry)";
        installation.tamper("directory", later).await;
        let behind = installation.run(&["doctor"]);
        assert_eq!(behind.status.code(), Some(3), "{rows:?} {}", said(&behind));
        assert!(said(&behind).contains("behind the newest ledger entry"), "{}", said(&behind));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_may_read_is_named_with_the_command_that_mends_it() {
    let installation = Installation::new(Rows::Sqlite).await;
    installation.seed();
    let data = installation.folder().join("data");
    for entry in data.read_dir().unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.path());
    }
    assert_eq!(data.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    let good = installation.run(&["doctor"]);
    assert_eq!(good.status.code(), Some(0), "{}", said(&good));
    assert!(said(&good).contains("journal_mode = wal, synchronous = 2"), "{}", said(&good));

    let file = data.join("disposal.db");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    fs::set_permissions(&data, fs::Permissions::from_mode(0o755)).unwrap();
    let open = installation.run(&["doctor"]);
    assert_eq!(open.status.code(), Some(3), "{}", said(&open));
    for advice in [format!("chmod 600 {}", file.display()), format!("chmod 700 {}", data.display())] {
        assert!(said(&open).contains(&advice), "{}", said(&open));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_would_lose_what_it_acknowledged_is_named() {
    for rows in rows() {
        let installation = Installation::new(rows).await;
        installation.done(&["migrate"]);
        assert_eq!(installation.run(&["doctor"]).status.code(), Some(0), "{rows:?}");
        let expected = match rows {
            Rows::Sqlite => {
                installation.alter("directory", "PRAGMA journal_mode = delete").await;
                "journal_mode is delete, demanded is wal"
            }
            Rows::Postgres => {
                installation
                    .alter(
                        "directory",
                        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$",
                    )
                    .await;
                "synchronous_commit = off"
            }
        };
        let found = installation.run(&["doctor"]);
        assert_eq!(found.status.code(), Some(3), "{rows:?} {}", said(&found));
        assert!(said(&found).contains(expected), "{rows:?} {}", said(&found));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_at_an_empty_server_makes_no_schema() {
    if !rows().contains(&Rows::Postgres) {
        return;
    }
    let installation = Installation::new(Rows::Postgres).await;
    for _twice in 0..2 {
        let looked = installation.run(&["doctor"]);
        assert_eq!(looked.status.code(), Some(3), "{}", said(&looked));
        assert!(said(&looked).contains("there is no schema directory"), "{}", said(&looked));
    }
    installation.done(&["migrate"]);
    assert_eq!(installation.run(&["doctor"]).status.code(), Some(0));
}
