//! The example agent as a program of its own, as an enterprise would run it.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use serde_json::{Value, json};
use sqlx::{ConnectOptions as _, SqliteConnection};

use super::{Caller, Installation, PATIENCE, Server, documents};

/// A running agent.
pub(crate) struct Agent {
    child: Child,
    ledger: PathBuf,
}

impl Agent {
    /// Enters a webhook endpoint for the enterprise and starts its agent; `ported` numbers are known to be elsewhere.
    pub(crate) async fn start(
        installation: &Installation,
        server: &Server,
        enterprise: &str,
        ported: &[(&str, &str)],
    ) -> Self {
        let manager = server.sign_in(installation, "mobile.manager").await;
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let endpoint =
            json!({ "label": "反诈系统", "url": format!("http://127.0.0.1:{port}/webhook"), "signature": "ED_25519" });
        let created = manager.done(documents::CREATE_ENDPOINT, endpoint).await;
        let key = created["secret"].as_str().unwrap();

        let folder = installation.folder();
        let mut resources = String::from("kind,value,state,ported_to\n");
        for (number, to) in ported {
            resources += &format!("phone,{number},ported,{}\n", organisation(&manager, to).await);
        }
        std::fs::write(folder.join("resources.csv"), resources).unwrap();
        let accounts = installation.accounts();
        let client =
            accounts["clients"].as_array().unwrap().iter().find(|client| client["organisation"] == enterprise).unwrap();
        let token = format!("{}.{}", client["id"].as_str().unwrap(), client["secret"].as_str().unwrap());
        let message_key =
            enter_message_key(&manager, &Caller::with_token(&server.base, &token), &client["id"], folder).await;
        let ledger = folder.join("agent.db");
        let child = Command::new(program())
            .args(["--platform", &server.base, "--client-id", client["id"].as_str().unwrap()])
            .args([
                "--listen",
                &format!("127.0.0.1:{port}"),
                "--webhook-key",
                key,
                "--serve-all",
                "--pull-seconds",
                "1",
            ])
            .args([
                "--ledger",
                &ledger.display().to_string(),
                "--resources",
                &folder.join("resources.csv").display().to_string(),
            ])
            .arg("--message-key-file")
            .arg(message_key)
            .env("AGENT_CLIENT_SECRET", client["secret"].as_str().unwrap())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(folder.join("agent.log")).unwrap())
            .spawn()
            .unwrap();
        Self { child, ledger }
    }

    /// How many targets are out of service, and how many were put back, by the enterprise's own records.
    pub(crate) async fn effects(&self) -> (i64, i64) {
        (self.count("impose").await, self.count("release").await)
    }

    /// Waits until so many targets are out of service.
    pub(crate) async fn until_done(&self, wanted: i64) {
        self.until("impose", wanted).await;
    }

    /// Waits until so many targets were put back.
    pub(crate) async fn until_undone(&self, wanted: i64) {
        self.until("release", wanted).await;
    }

    async fn until(&self, action: &str, wanted: i64) {
        let begun = Instant::now();
        while self.count(action).await < wanted {
            assert!(begun.elapsed() < PATIENCE, "the agent did not {action}: {}", self.log());
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    async fn count(&self, action: &str) -> i64 {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&self.ledger).read_only(true);
        // The agent makes the file a moment after it starts.
        let Ok(mut connection): Result<SqliteConnection, _> = options.connect().await else { return 0 };
        let sql = "SELECT COUNT(*) FROM effect WHERE action = ? AND outcome = 'executed'";
        sqlx::query_scalar(sql).bind(action).fetch_one(&mut connection).await.unwrap_or(0)
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.ledger.with_file_name("agent.log")).unwrap_or_default()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // It may be gone already.
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Lets the agent make its key and enters the public half; from then on its credential alone changes nothing.
async fn enter_message_key(manager: &Caller, unsigned: &Caller, client: &Value, folder: &Path) -> PathBuf {
    let file = folder.join("message.key");
    let made = Command::new(program()).arg("--make-message-key").arg(&file).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let public = String::from_utf8(made.stdout).unwrap();
    let register = json!({ "text": "query Unsigned { viewer { organisation { name } } }" });
    unsigned.done(documents::REGISTER_DOCUMENT, register.clone()).await;
    let set = json!({ "client": client, "keys": [public.trim()] });
    let set = manager.done(documents::SET_MESSAGE_KEYS, set).await;
    assert_eq!(set["client"]["messageKeys"], json!([public.trim()]));
    let refused = unsigned.refused(documents::REGISTER_DOCUMENT, register).await;
    assert_eq!(refused, ("RULE_VIOLATED".to_owned(), "signature.missing".to_owned()));
    file
}

async fn organisation(caller: &Caller, code: &str) -> String {
    let found = caller.data(documents::ORGANISATIONS, json!({ "filter": { "kinds": ["CARRIER_BRANCH"] } })).await;
    let edges = found.pointer("/organisations/edges").and_then(Value::as_array).unwrap();
    let found = edges.iter().find(|edge| edge["node"]["code"] == code).unwrap_or_else(|| panic!("{code}: {found}"));
    found["node"]["id"].as_str().unwrap().to_owned()
}

/// The agent's program beside ours; built if another command has not done so.
fn program() -> PathBuf {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_cordon")).with_file_name("enterprise-agent");
    if !program.exists() {
        let built =
            Command::new(env!("CARGO")).args(["build", "--quiet", "--package", "enterprise-agent"]).status().unwrap();
        assert!(built.success());
    }
    program
}
