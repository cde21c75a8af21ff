//! The agent as another process, against a platform that keeps the published contract.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod platform;

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, UNIX_EPOCH};

use platform::Platform;
use serde_json::{Value, json};

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const RESOURCES: &str = "kind,value,state,ported_to\nphone,13800138000,active,\nphone,13800138001,active,org_other\n";

struct Agent {
    process: Child,
    url: String,
    folder: PathBuf,
}

impl Agent {
    fn start(platform: &Platform, folder: &std::path::Path, pull_seconds: u64) -> Self {
        std::fs::write(folder.join("resources.csv"), RESOURCES).unwrap();
        std::fs::write(folder.join("secret.txt"), "s3cret\n").unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_enterprise-agent"))
            .args([
                "--platform",
                &platform.url,
                "--client-id",
                "cli_test",
                "--listen",
                "127.0.0.1:0",
                "--webhook-key",
                KEY,
            ])
            .args(["--pull-seconds", &pull_seconds.to_string()])
            .arg("--client-secret-file")
            .arg(folder.join("secret.txt"))
            .arg("--ledger")
            .arg(folder.join("ledger.db"))
            .arg("--resources")
            .arg(folder.join("resources.csv"))
            .stdout(Stdio::piped())
            .stderr(std::fs::OpenOptions::new().create(true).append(true).open(folder.join("log")).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").unwrap().to_owned();
        Self { process, url, folder: folder.to_owned() }
    }

    /// Asks it to stop, and sees that it ends in order.
    fn stop(mut self) {
        let killed = Command::new("kill").arg(self.process.id().to_string()).status().unwrap();
        assert!(killed.success());
        assert!(self.process.wait().unwrap().success());
        assert!(self.log().contains("stopped in order"));
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _status = self.process.wait();
    }
}

fn now() -> i64 {
    i64::try_from(UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap()
}

/// Posts a message as the platform does, and gives the status.
async fn post(agent: &Agent, path: &str, id: &str, at: i64, body: &Value) -> (u16, Value) {
    let body = body.to_string();
    let signature = standardwebhooks::Webhook::new(KEY).unwrap().sign(id, at, body.as_bytes()).unwrap();
    let request = [("webhook-id", id), ("webhook-timestamp", &at.to_string()), ("webhook-signature", &signature)];
    let (status, answer) = platform::exchange(&agent.url, "POST", path, &request, &body).await;
    (status, serde_json::from_str(&answer).unwrap_or(Value::Null))
}

fn assigned(task: &str, generation: i64) -> Value {
    json!({ "type": "task.assigned", "timestamp": "2026-11-23T10:00:00.000+08:00", "data": { "task": task, "generation": generation } })
}

async fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(std::time::Instant::now() < deadline, "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_executed_once_and_confirmed_however_often_it_is_told() {
    let platform = Platform::start().await;
    let folder = tempfile::tempdir().unwrap();
    let agent = Agent::start(&platform, folder.path(), 3_600);
    platform.wait_for_documents().await;
    assert_eq!(platform::exchange(&agent.url, "GET", "/healthz", &[], "").await, (200, "ok\n".to_owned()));

    platform.assign("tsk_one", 1, "impose", "13800138000");
    for id in ["msg_1", "msg_1", "msg_2"] {
        assert_eq!(post(&agent, "/webhook", id, now(), &assigned("tsk_one", 1)).await.0, 204);
    }
    wait_until("it is confirmed", || platform.state("tsk_one") == "executed").await;
    assert_eq!(platform.taken("tsk_one"), ["acknowledgeTask", "executeTask"]);
    let evidence = platform.inputs("executeTask")[0]["evidence"].clone();
    assert!(evidence["bssOrder"].as_str().unwrap().starts_with("BSS-"));
    assert_eq!(evidence["stopType"], "上级通知强停");

    // The platform can ask what became of it, with a signature like that of a message.
    let (status, answer) = post(&agent, "/status", "msg_3", now(), &json!({ "task": "tsk_one" })).await;
    assert_eq!((status, &answer["outcome"], &answer["generation"]), (200, &json!("executed"), &json!(1)));
    let (_, answer) = post(&agent, "/status", "msg_4", now(), &json!({ "task": "tsk_none" })).await;
    assert_eq!(answer["outcome"], "unknown");

    // A newer generation is a new effect; the older one that comes late is not.
    platform.assign("tsk_one", 2, "impose", "13800138000");
    post(&agent, "/webhook", "msg_5", now(), &assigned("tsk_one", 2)).await;
    wait_until("the second generation is confirmed", || platform.taken("tsk_one").len() == 4).await;
    platform.assign("tsk_one", 1, "impose", "13800138000");
    post(&agent, "/webhook", "msg_6", now(), &assigned("tsk_one", 1)).await;
    wait_until("the old one is looked at", || agent.log().contains("an older generation is not executed")).await;
    assert_eq!(platform.taken("tsk_one").len(), 4);
    assert!(!agent.log().contains("13800138000"), "no number reaches the log");
    agent.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_ours_is_passed_on_or_refused_with_a_code() {
    let platform = Platform::start().await;
    let folder = tempfile::tempdir().unwrap();
    platform.assign("tsk_ported", 1, "impose", "13800138001");
    platform.assign("tsk_unknown", 1, "impose", "13800138999");
    // No message ever comes: the inbox is looked through at start.
    let agent = Agent::start(&platform, folder.path(), 3_600);
    wait_until("both are answered", || {
        platform.taken("tsk_ported").len() == 2 && platform.taken("tsk_unknown").len() == 2
    })
    .await;
    assert_eq!(platform.taken("tsk_ported"), ["acknowledgeTask", "disownTask"]);
    assert_eq!(platform.inputs("disownTask")[0]["notMine"]["portedTo"], "org_other");
    assert_eq!(platform.taken("tsk_unknown"), ["acknowledgeTask", "refuseTask"]);
    assert_eq!(platform.inputs("refuseTask")[0]["code"], "NUMBER_UNKNOWN");
    agent.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_are_forged_stale_or_broken_change_nothing() {
    let platform = Platform::start().await;
    let folder = tempfile::tempdir().unwrap();
    let agent = Agent::start(&platform, folder.path(), 3_600);
    platform.wait_for_documents().await;
    platform.assign("tsk_one", 1, "impose", "13800138000");
    assert_eq!(post(&agent, "/webhook", "msg_1", now() - 301, &assigned("tsk_one", 1)).await.0, 401);
    assert_eq!(post(&agent, "/webhook", "msg_1", now() + 301, &assigned("tsk_one", 1)).await.0, 401);
    assert_eq!(platform::exchange(&agent.url, "POST", "/webhook", &[], "{}").await.0, 400);
    let body = assigned("tsk_one", 1).to_string();
    let at = now().to_string();
    let forged = [("webhook-id", "msg_1"), ("webhook-timestamp", at.as_str()), ("webhook-signature", "v1,AAAA")];
    assert_eq!(platform::exchange(&agent.url, "POST", "/webhook", &forged, &body).await.0, 401);
    assert_eq!(post(&agent, "/webhook", "msg_1", now(), &json!("not a message")).await.0, 400);
    let large = "x".repeat(200_000);
    assert_eq!(platform::exchange(&agent.url, "POST", "/webhook", &forged, &large).await.0, 413);
    assert!(platform.taken("tsk_one").is_empty());
    // The control: with a good signature the same message works.
    assert_eq!(post(&agent, "/webhook", "msg_1", now(), &assigned("tsk_one", 1)).await.0, 204);
    wait_until("it is confirmed", || platform.state("tsk_one") == "executed").await;
    agent.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_lost_is_given_again_unchanged_also_after_a_crash() {
    let platform = Platform::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut agent = Agent::start(&platform, folder.path(), 3_600);
    platform.wait_for_documents().await;
    platform.lose_answers(3);
    platform.assign("tsk_one", 1, "impose", "13800138000");
    post(&agent, "/webhook", "msg_1", now(), &assigned("tsk_one", 1)).await;
    wait_until("the platform is told although it hangs up", || !platform.inputs("acknowledgeTask").is_empty()).await;
    // Power fails in the middle of it.
    agent.process.kill().unwrap();
    agent.process.wait().unwrap();
    drop(agent);
    let agent = Agent::start(&platform, folder.path(), 1);
    wait_until("it is confirmed", || platform.state("tsk_one") == "executed").await;
    // Pulling goes on while the platform still lists the task; the effect stays one, and the receipt the same.
    wait_until("it is pulled again", || agent.log().matches("the inbox was looked through").count() >= 4).await;
    for operation in ["acknowledgeTask", "executeTask"] {
        let mut inputs: Vec<_> = platform.inputs(operation).iter().map(Value::to_string).collect();
        inputs.dedup();
        assert_eq!(inputs.len(), 1, "{operation}");
    }
    assert_eq!(agent.log().matches("done=true").count(), 1, "one effect");
    agent.stop();
}

fn message(kind: &str, task: &str) -> Value {
    json!({ "type": kind, "timestamp": "2026-11-23T10:00:00.000+08:00", "data": { "task": task, "generation": 1 } })
}

/// How a number stands in the agent's own ledger.
async fn in_ledger(folder: &std::path::Path, number: &str) -> String {
    let url = format!("sqlite://{}", folder.join("ledger.db").display());
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    let state = sqlx::query_scalar("SELECT state FROM resource WHERE value = ?").bind(number).fetch_one(&pool).await;
    pool.close().await;
    state.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_assignment_makes_it_act() {
    let platform = Platform::start().await;
    let folder = tempfile::tempdir().unwrap();
    let agent = Agent::start(&platform, folder.path(), 3_600);
    platform.wait_for_documents().await;
    wait_until("the inbox is read", || agent.log().contains("the inbox was looked through")).await;
    platform.assign("tsk_withdrawn", 1, "impose", "13800138000");
    for (id, kind) in [("msg_1", "task.withdrawn"), ("msg_2", "task.progressed"), ("msg_3", "something.new")] {
        assert_eq!(post(&agent, "/webhook", id, now(), &message(kind, "tsk_withdrawn")).await.0, 204);
    }
    platform.assign("tsk_wanted", 1, "release", "13800138000");
    // The control: the same message as an assignment works, also as that of a release.
    assert_eq!(post(&agent, "/webhook", "msg_4", now(), &message("release.assigned", "tsk_wanted")).await.0, 204);
    wait_until("it is confirmed", || platform.state("tsk_wanted") == "executed").await;
    assert!(platform.taken("tsk_withdrawn").is_empty());
    assert_eq!(in_ledger(folder.path(), "13800138000").await, "active");
    agent.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resumption_in_part_that_comes_after_the_release_takes_nothing_away() {
    const NUMBER: &str = "13800138000";
    let platform = Platform::start().await;
    let folder = tempfile::tempdir().unwrap();
    let agent = Agent::start(&platform, folder.path(), 3_600);
    platform.wait_for_documents().await;
    let mut sent = 0;
    let mut give = async |task: &'static str, generation, action, answer: &str| {
        sent += 1;
        platform.assign(task, generation, action, NUMBER);
        post(&agent, "/webhook", &format!("msg_{sent}"), now(), &assigned(task, generation)).await;
        wait_until(task, || platform.state(task) == answer).await;
        in_ledger(folder.path(), NUMBER).await
    };
    assert_eq!(give("tsk_stop", 1, "impose", "executed").await, "suspend_both");
    // The order in which they were meant: the part comes back, once more if it is checked and sent again, and then the whole.
    assert_eq!(give("tsk_part", 1, "limited_resume", "executed").await, "limited_resume");
    assert_eq!(give("tsk_part", 2, "limited_resume", "executed").await, "limited_resume");
    assert_eq!(give("tsk_free", 1, "release", "executed").await, "active");
    // The other order: the number is free, and stays so.
    assert_eq!(give("tsk_late", 1, "limited_resume", "rejected").await, "active");
    let refused = platform.inputs("refuseTask").pop().unwrap();
    assert_eq!((&refused["answer"]["task"], &refused["code"]), (&json!("tsk_late"), &json!("MISMATCH")));
    // The control: the same task sent again once the whole stop stands is carried out.
    assert_eq!(give("tsk_stop", 2, "impose", "executed").await, "suspend_both");
    assert_eq!(give("tsk_late", 2, "limited_resume", "executed").await, "limited_resume");
    agent.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_for_a_task_that_had_ended_is_taken_back() {
    for (rule, outcome, number) in
        [("task.terminal", "undone", "active"), ("task.executor_only", "executed", "suspend_both")]
    {
        let platform = Platform::start().await;
        let folder = tempfile::tempdir().unwrap();
        let agent = Agent::start(&platform, folder.path(), 3_600);
        platform.wait_for_documents().await;
        platform.be_deaf(true);
        platform.assign("tsk_one", 1, "impose", "13800138000");
        post(&agent, "/webhook", "msg_1", now(), &assigned("tsk_one", 1)).await;
        wait_until("it is done here, and nobody hears of it", || agent.log().contains("done=true")).await;
        assert_eq!(in_ledger(folder.path(), "13800138000").await, "suspend_both");
        platform.end("tsk_one", rule);
        platform.be_deaf(false);
        wait_until("both answers are refused", || agent.log().matches("the platform refused the answer").count() == 2)
            .await;
        let (_, answer) = post(&agent, "/status", "msg_2", now(), &json!({ "task": "tsk_one" })).await;
        assert_eq!(answer["outcome"], outcome, "{rule}");
        assert_eq!(in_ledger(folder.path(), "13800138000").await, number, "{rule}");
        agent.stop();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_whose_signature_is_doubted_is_given_again() {
    let platform = Platform::start().await;
    let folder = tempfile::tempdir().unwrap();
    let agent = Agent::start(&platform, folder.path(), 1);
    platform.wait_for_documents().await;
    platform.doubt(true);
    platform.assign("tsk_one", 1, "impose", "13800138000");
    wait_until("the answer was doubted", || !platform.inputs("acknowledgeTask").is_empty()).await;
    assert!(platform.taken("tsk_one").is_empty());
    platform.doubt(false);
    wait_until("the same answers are taken", || platform.taken("tsk_one") == ["acknowledgeTask", "executeTask"]).await;
    let receipts: std::collections::HashSet<String> =
        platform.inputs("acknowledgeTask").iter().map(|input| input["answer"]["receipt"].to_string()).collect();
    assert_eq!(receipts.len(), 1, "one answer, however often it was given");
    agent.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_after_it_was_signed_is_not_done() {
    let platform = Platform::start().await;
    let folder = tempfile::tempdir().unwrap();
    let agent = Agent::start(&platform, folder.path(), 3_600);
    platform.wait_for_documents().await;
    platform.tamper(true);
    platform.assign("tsk_one", 1, "impose", "13800138000");
    post(&agent, "/webhook", "msg_1", now(), &assigned("tsk_one", 1)).await;
    wait_until("it is turned down", || agent.log().contains("does not fit its signature")).await;
    assert!(platform.taken("tsk_one").is_empty());
    assert_eq!(in_ledger(folder.path(), "13800138000").await, "active");
    // The control: the same task as it was signed is carried out.
    platform.tamper(false);
    wait_until("it is confirmed", || platform.state("tsk_one") == "executed").await;
    agent.stop();
}

/// The guide for engineers, as it is published.
const GUIDE: &str = include_str!("../../../docs/enterprise-contract.md");

fn block(language: &str) -> &'static str {
    GUIDE.split_once(&format!("```{language}\n")).unwrap().1.split_once("```").unwrap().0
}

#[test]
fn the_guide_names_the_document_of_the_release_by_its_digest() {
    let text = include_str!("../../../cordon/operations/register_document.graphql");
    assert!(GUIDE.contains(&format!("sha256:{}", platform::hash(text))));
    let row = block("csv").lines().next().unwrap();
    assert_eq!(row, RESOURCES.lines().next().unwrap());
}

#[test]
fn the_guide_verifies_signatures_as_we_do() {
    let code = block("python");
    let body = "{\"订单\": 1}";
    let signature = standardwebhooks::Webhook::new(KEY).unwrap().sign("msg_1", now(), body.as_bytes()).unwrap();
    let headers = json!({ "webhook-id": "msg_1", "webhook-timestamp": now().to_string(), "webhook-signature": format!("v1a,AAAA {signature}") });
    let more = format!(
        "{code}\nimport json\nh = json.loads({headers:?})\nb = {body:?}.encode()\nassert verify({KEY:?}, h, b)\n\
         assert not verify({KEY:?}, h, b + b' ')\nassert not verify({KEY:?}, h, b, now=time.time() + 600)\nprint('verified')\n",
        headers = headers.to_string(),
    );
    match Command::new("python3").arg("-c").arg(more).output() {
        Ok(output) => {
            assert_eq!(
                String::from_utf8_lossy(&output.stdout).trim(),
                "verified",
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Err(error) => println!("skipped: python3 is not installed ({error})"),
    }
}

#[test]
fn help_says_what_it_is_for() {
    let help = Command::new(env!("CARGO_BIN_EXE_enterprise-agent")).arg("--help").output().unwrap();
    let text = String::from_utf8(help.stdout).unwrap();
    for word in ["--platform", "--webhook-key", "--ledger", "docs/enterprise-contract.md", "处置任务"] {
        assert!(text.contains(word), "{word}");
    }
    let missing = Command::new(env!("CARGO_BIN_EXE_enterprise-agent")).output().unwrap();
    assert!(!missing.status.success());
}
