//! Runs the real program as a user would: seeds a demo country into a fresh place, serves it on a free port, calls the API.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a test that cannot be set up fails by panicking, and finds its programs by the environment"
)]

pub(crate) mod agent;
pub(crate) mod documents;
pub(crate) mod live;

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::str::FromStr as _;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use tempfile::TempDir;

/// Longer than anything takes on a busy machine; a test that waits for it fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Where the rows of one installation are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rows {
    Sqlite,
    Postgres,
}

/// The kinds of databases that can be tried here.
pub(crate) fn rows() -> Vec<Rows> {
    let mut rows = vec![Rows::Sqlite];
    if cordon_testkit::postgres_url().is_some() {
        rows.push(Rows::Postgres);
    }
    rows
}

/// How to reach the rows of one service.
enum Place {
    Sqlite(SqliteConnectOptions),
    Postgres(PgConnectOptions),
}

/// One installation in a folder of its own.
pub(crate) struct Installation {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

impl Installation {
    /// Makes a place for an installation; nothing is in it yet.
    pub(crate) async fn new(rows: Rows) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let mut variables = vec![
            ("CORDON_SERVER__LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
            ("CORDON_DATABASE__DIRECTORY".to_owned(), path("data")),
            ("CORDON_KEYS__DIRECTORY".to_owned(), path("keys")),
            ("CORDON_CASE_INTAKE__IMPORTS__UPLOAD_FOLDER".to_owned(), path("uploads")),
        ];
        if rows == Rows::Postgres {
            let server = cordon_testkit::postgres_url().unwrap();
            variables.push(("CORDON_DATABASE__URL".to_owned(), cordon_testkit::fresh_postgres(&server).await));
        }
        Self { folder, variables }
    }

    /// Adds a setting.
    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The installation's folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A command of the program in this installation.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cordon"));
        command.args(arguments).current_dir(self.folder.path()).env_clear().env("PATH", std::env::var("PATH").unwrap());
        command.envs(self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs a command that must succeed and gives what it printed.
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "cordon {arguments:?}: {}\n{out}\n{err}", output.status);
        out.into_owned()
    }

    /// Fills the installation with the demo country.
    pub(crate) fn seed(&self) {
        self.done(&["seed", "demo"]);
    }

    /// Serves the installation until the value is dropped.
    pub(crate) fn serve(&self) -> Server {
        let mut child = self.command(&["serve"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, receiver) = std::sync::mpsc::channel();
        let out = child.stdout.take().unwrap();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                // Nobody listens any more once the address is known.
                let _nobody = sender.send(line);
            }
        });
        let log = self.folder.path().join("server.log");
        let err = child.stderr.take().unwrap();
        let copy = log.clone();
        std::thread::spawn(move || {
            let mut file = std::fs::File::create(copy).unwrap();
            let _until_the_end = std::io::copy(&mut BufReader::new(err), &mut file);
        });
        let begun = Instant::now();
        let base = loop {
            let line = receiver.recv_timeout(PATIENCE.saturating_sub(begun.elapsed())).unwrap_or_else(|_silence| {
                panic!("the server did not start: {}", std::fs::read_to_string(&log).unwrap_or_default())
            });
            if let Some(at) = line.find("http://") {
                break line.get(at..).unwrap().split_whitespace().next().unwrap().trim_end_matches('/').to_owned();
            }
        };
        Server { child, base, log }
    }

    /// Changes a row behind the program's back, as somebody with the database's password could.
    pub(crate) async fn tamper(&self, service: &str, sql: &'static str) {
        assert_eq!(self.alter(service, sql).await, 1);
    }

    /// Runs a statement behind the program's back and tells how many rows it changed.
    pub(crate) async fn alter(&self, service: &str, sql: &'static str) -> u64 {
        match self.rows_at(service) {
            Place::Postgres(options) => {
                let mut connection = options.connect().await.unwrap();
                sqlx::query(sql).execute(&mut connection).await.unwrap().rows_affected()
            }
            Place::Sqlite(options) => {
                let mut connection = options.connect().await.unwrap();
                sqlx::query(sql).execute(&mut connection).await.unwrap().rows_affected()
            }
        }
    }

    /// Asks the rows for a number.
    pub(crate) async fn count(&self, service: &str, sql: &'static str) -> i64 {
        match self.rows_at(service) {
            Place::Postgres(options) => {
                let mut connection = options.connect().await.unwrap();
                sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
            }
            Place::Sqlite(options) => {
                let mut connection = options.connect().await.unwrap();
                sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
            }
        }
    }

    fn rows_at(&self, service: &str) -> Place {
        match self.variables.iter().find(|(name, _url)| name == "CORDON_DATABASE__URL") {
            Some((_name, url)) => {
                Place::Postgres(PgConnectOptions::from_str(url).unwrap().options([("search_path", service)]))
            }
            None => {
                let file = self.folder.path().join("data").join(format!("{service}.db"));
                Place::Sqlite(SqliteConnectOptions::new().filename(file))
            }
        }
    }

    /// The password of every demo account.
    pub(crate) fn password(&self) -> String {
        let text = std::fs::read_to_string(self.folder.path().join("data/demo-accounts.json")).unwrap();
        let accounts: Value = serde_json::from_str(&text).unwrap();
        accounts.get("password").and_then(Value::as_str).unwrap().to_owned()
    }

    /// What `seed demo` wrote down of accounts and programs.
    pub(crate) fn accounts(&self) -> Value {
        let text = std::fs::read_to_string(self.folder.path().join("data/demo-accounts.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }
}

/// A running server.
pub(crate) struct Server {
    child: Child,
    /// `http://127.0.0.1:PORT`.
    pub(crate) base: String,
    log: PathBuf,
}

impl Server {
    /// What the server has logged so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Kills the process as a power cut would.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks the process to stop and waits until it is gone.
    pub(crate) fn stop(mut self) -> std::process::ExitStatus {
        let stopped = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(stopped.success());
        self.child.wait().unwrap()
    }

    /// Signs a demo person in.
    pub(crate) async fn sign_in(&self, installation: &Installation, login: &str) -> Caller {
        let anonymous = Caller::anonymous(&self.base);
        let input = json!({ "login": login, "password": installation.password() });
        let answer = anonymous
            .data(
                "mutation($input: SignInInput!) { signIn(input: $input) { status token refusal { code rule } } }",
                json!({ "input": input }),
            )
            .await;
        let token =
            answer.pointer("/signIn/token").and_then(Value::as_str).unwrap_or_else(|| panic!("{login}: {answer}"));
        Caller { token: Some(token.to_owned()), ..anonymous }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already.
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Somebody who calls the API.
#[derive(Clone)]
pub(crate) struct Caller {
    base: String,
    token: Option<String>,
    client: reqwest::Client,
}

impl Caller {
    /// Somebody without a credential.
    pub(crate) fn anonymous(base: &str) -> Self {
        // Another test of this process may have been first.
        let _already = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        Self { base: base.to_owned(), token: None, client }
    }

    /// Somebody with this bearer token.
    pub(crate) fn with_token(base: &str, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..Self::anonymous(base) }
    }

    /// The server's address.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// The bearer token.
    pub(crate) fn token(&self) -> &str {
        self.token.as_deref().unwrap()
    }

    /// Sends a document and gives status and body.
    pub(crate) async fn send(&self, document: &str, variables: Value) -> (u16, String) {
        self.post(json!({ "query": document, "variables": variables })).await
    }

    /// Sends the digest of a registered document and gives status and body.
    pub(crate) async fn send_named(&self, digest: &str, variables: Value) -> (u16, String) {
        self.post(json!({ "documentId": digest, "variables": variables })).await
    }

    async fn post(&self, body: Value) -> (u16, String) {
        let mut request = self
            .client
            .post(format!("{}/graphql", self.base))
            .header("accept", "application/graphql-response+json")
            .json(&body);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// Sends a document that must be answered without errors, and gives its data.
    pub(crate) async fn data(&self, document: &str, variables: Value) -> Value {
        let (status, body) = self.send(document, variables.clone()).await;
        let answer: Value = serde_json::from_str(&body).unwrap_or_else(|_source| panic!("HTTP {status}: {body}"));
        assert!(answer.get("errors").is_none(), "HTTP {status}: {body}\n{document}\n{variables}");
        answer.get("data").cloned().unwrap()
    }

    /// Sends the digest of a registered document that must be answered without errors, and gives its data.
    pub(crate) async fn named(&self, digest: &str, variables: Value) -> Value {
        let (status, body) = self.send_named(digest, variables).await;
        let answer: Value = serde_json::from_str(&body).unwrap_or_else(|_source| panic!("HTTP {status}: {body}"));
        assert!(answer.get("errors").is_none() && answer.get("error").is_none(), "HTTP {status}: {body}");
        answer.get("data").cloned().unwrap()
    }

    /// Sends a document with one root field that must be answered, and gives that field.
    pub(crate) async fn field(&self, document: &str, variables: Value) -> Value {
        let data = self.data(document, variables).await;
        data.as_object().unwrap().values().next().unwrap().clone()
    }

    /// Sends a mutation that must be carried out, and gives its payload.
    pub(crate) async fn done(&self, document: &str, input: Value) -> Value {
        let payload = self.field(document, json!({ "input": input })).await;
        assert!(payload.get("refusal").is_none_or(Value::is_null), "{payload}\n{document}");
        payload
    }

    /// Sends a mutation that must be refused, and gives code and rule.
    pub(crate) async fn refused(&self, document: &str, input: Value) -> (String, String) {
        let payload = self.field(document, json!({ "input": input })).await;
        let text = |name: &str| {
            payload.pointer(&format!("/refusal/{name}")).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        assert!(!text("code").is_empty(), "{payload}\n{document}");
        (text("code"), text("rule"))
    }

    /// Asks again until the answer satisfies, or gives up.
    pub(crate) async fn until(&self, document: &str, variables: Value, satisfied: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let data = self.data(document, variables.clone()).await;
            if satisfied(&data) {
                return data;
            }
            assert!(begun.elapsed() < PATIENCE, "never: {data}\n{document}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
