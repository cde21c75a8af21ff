//! Talks to a running server as the person who types: sign-in, GraphQL, uploads.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::fs::File;

use crate::cli::Reach;

/// The variable from which the password is taken, so that it stands in no list of processes.
const PASSWORD: &str = "CORDON_PASSWORD";

/// The documents that production servers execute from the start, known by their digests.
pub(crate) mod documents {
    use std::collections::BTreeMap;

    pub(crate) const SIGN_IN: &str = include_str!("../operations/sign_in.graphql");
    pub(crate) const SIGN_OUT: &str = include_str!("../operations/sign_out.graphql");
    pub(crate) const START_IMPORT: &str = include_str!("../operations/start_import.graphql");
    pub(crate) const IMPORT: &str = include_str!("../operations/import.graphql");
    pub(crate) const COMMIT_IMPORT: &str = include_str!("../operations/commit_import.graphql");
    pub(crate) const IMPORT_ERROR_FILE: &str = include_str!("../operations/import_error_file.graphql");
    pub(crate) const IMPORT_ROUTING: &str = include_str!("../operations/import_routing.graphql");
    pub(crate) const EXPORT_ORDERS: &str = include_str!("../operations/export_orders.graphql");
    pub(crate) const EXPORT_TASKS: &str = include_str!("../operations/export_tasks.graphql");
    pub(crate) const EXPORT_REPORTS: &str = include_str!("../operations/export_reports.graphql");
    pub(crate) const EXPORT_APPEALS: &str = include_str!("../operations/export_appeals.graphql");

    /// All of them: those of this program's commands, and what people need to get in and administrators to let others in. With
    /// `registerDocument` programs of enterprises bring their own.
    pub(crate) const ALL: &[&str] = &[
        SIGN_IN,
        SIGN_OUT,
        include_str!("../operations/viewer.graphql"),
        include_str!("../operations/my_sessions.graphql"),
        include_str!("../operations/revoke_session.graphql"),
        include_str!("../operations/change_password.graphql"),
        include_str!("../operations/enrol_code.graphql"),
        include_str!("../operations/confirm_code.graphql"),
        include_str!("../operations/organisations.graphql"),
        include_str!("../operations/create_organisation.graphql"),
        include_str!("../operations/change_organisation.graphql"),
        include_str!("../operations/people.graphql"),
        include_str!("../operations/create_person.graphql"),
        include_str!("../operations/set_person_active.graphql"),
        include_str!("../operations/reveal_person.graphql"),
        include_str!("../operations/give_role.graphql"),
        include_str!("../operations/withdraw_role.graphql"),
        include_str!("../operations/reset_password.graphql"),
        include_str!("../operations/reset_code.graphql"),
        include_str!("../operations/revoke_sessions_of.graphql"),
        include_str!("../operations/api_clients.graphql"),
        include_str!("../operations/create_api_client.graphql"),
        include_str!("../operations/rotate_api_client_secret.graphql"),
        include_str!("../operations/revoke_api_client.graphql"),
        START_IMPORT,
        IMPORT,
        COMMIT_IMPORT,
        IMPORT_ERROR_FILE,
        IMPORT_ROUTING,
        EXPORT_ORDERS,
        EXPORT_TASKS,
        EXPORT_REPORTS,
        EXPORT_APPEALS,
        include_str!("../operations/register_document.graphql"),
    ];

    /// All of them by their digests, in the form in which a manifest is read.
    pub(crate) fn listed() -> serde_json::Result<String> {
        let by_digest: BTreeMap<_, _> = ALL.iter().map(|text| (cordon_graphql::document_id(text), *text)).collect();
        serde_json::to_string_pretty(&by_digest)
    }
}

/// A signed-in connection to a server.
pub(crate) struct Remote {
    base: String,
    client: reqwest::Client,
    token: Option<String>,
}

/// What a server says: data or `errors` where an operation was looked at, one `error` where the request was ended before.
#[derive(Deserialize)]
struct Answer {
    data: Option<Value>,
    #[serde(default)]
    errors: Vec<Problem>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Problem {
    message: String,
    #[serde(default)]
    extensions: Value,
}

impl Answer {
    /// Why there is nothing to read in it, if the server said so.
    fn problem(&self) -> Option<String> {
        self.error.as_ref().map(members_in_words).or_else(|| self.errors.first().map(problem_in_words))
    }
}

impl Remote {
    /// Signs in; the password comes from the environment or is asked for on a terminal.
    pub(crate) async fn sign_in(reach: &Reach) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder().connect_timeout(Duration::from_secs(5)).no_proxy().build()?;
        let mut remote = Self { base: reach.server.trim_end_matches('/').to_owned(), client, token: None };
        let input = json!({ "login": reach.login, "password": password(&reach.login)?, "code": reach.code });
        let answer = remote.ask(documents::SIGN_IN, json!({ "input": input })).await?;
        let answer = answer.get("signIn").cloned().unwrap_or_default();
        match answer.get("token").and_then(Value::as_str) {
            Some(token) => remote.token = Some(token.to_owned()),
            None => bail!(
                "{}",
                refusal_in_words(&answer).unwrap_or_else(|| {
                    "该账号需要动态口令，请加 --code / the account needs a one-time code; add --code".to_owned()
                })
            ),
        }
        Ok(remote)
    }

    /// Ends the session; a failure to do so ends with the session's own expiry.
    pub(crate) async fn sign_out(self) {
        let _expires_anyway = self.ask(documents::SIGN_OUT, json!({ "input": {} })).await;
    }

    /// Sends one of this program's documents and gives the data.
    pub(crate) async fn ask(&self, document: &str, variables: Value) -> anyhow::Result<Value> {
        let request = self
            .authorized(self.client.post(format!("{}/graphql", self.base)))
            .header("accept", "application/graphql-response+json")
            .timeout(Duration::from_secs(120))
            .json(&json!({ "query": document, "documentId": cordon_graphql::document_id(document), "variables": variables }));
        let response =
            request.send().await.with_context(|| format!("服务无法访问 / {} cannot be reached", self.base))?;
        let status = response.status();
        let answer: Answer = response
            .json()
            .await
            .with_context(|| format!("无法理解应答（HTTP {status}）/ the answer could not be read (HTTP {status})"))?;
        if let Some(problem) = answer.problem() {
            bail!("{problem}");
        }
        answer.data.ok_or_else(|| anyhow!("应答为空 / the answer is empty (HTTP {status})"))
    }

    /// Sends a file up and gives what the server says of it.
    pub(crate) async fn upload<T: DeserializeOwned>(&self, path: &str, file: &Path) -> anyhow::Result<T> {
        let opened = File::open(file).await.with_context(|| format!("无法读取 / cannot read {}", file.display()))?;
        let length = opened.metadata().await?.len();
        let response = self
            .authorized(self.client.post(format!("{}{path}", self.base)))
            .header("content-type", "application/octet-stream")
            .header("content-length", length)
            .body(reqwest::Body::from(opened))
            .send()
            .await
            .with_context(|| format!("服务无法访问 / {} cannot be reached", self.base))?;
        let status = response.status();
        let body = response.bytes().await?;
        if !status.is_success() {
            let words = serde_json::from_slice::<Answer>(&body).ok().and_then(|answer| answer.problem());
            bail!("{}", words.unwrap_or_else(|| format!("上传失败 / the upload failed (HTTP {status})")));
        }
        serde_json::from_slice(&body).context("无法理解应答 / the answer could not be read")
    }

    fn authorized(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }
}

fn problem_in_words(problem: &Problem) -> String {
    let code = problem.extensions.get("code").and_then(Value::as_str).unwrap_or("ERROR");
    format!("{code}: {}", problem.message)
}

/// The words of a payload that says no.
pub(crate) fn refusal_in_words(payload: &Value) -> Option<String> {
    payload.get("refusal").filter(|refusal| !refusal.is_null()).map(members_in_words)
}

fn members_in_words(refusal: &Value) -> String {
    let text = |name: &str| refusal.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let rule = refusal.get("rule").and_then(Value::as_str).map(|rule| format!(" [{rule}]")).unwrap_or_default();
    let wait = refusal.get("retryAfterSeconds").and_then(Value::as_u64);
    let wait = wait.map(|seconds| format!("（{seconds} 秒后重试 / try again in {seconds} s）")).unwrap_or_default();
    format!("{}{rule}: {} / {}{wait}", text("code"), text("messageZh"), text("messageEn"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a password is no setting: it is taken once, for this command, and kept nowhere"
)]
fn password(login: &str) -> anyhow::Result<String> {
    if let Ok(password) = std::env::var(PASSWORD) {
        return Ok(password);
    }
    if !std::io::stdin().is_terminal() {
        bail!("请设置环境变量 {PASSWORD} / set the variable {PASSWORD}");
    }
    ask_hidden(&format!("{login} 的口令 / password of {login}: "))
}

/// Asks on the terminal without showing what is typed.
fn ask_hidden(question: &str) -> anyhow::Result<String> {
    rpassword::prompt_password(question).context("口令未能读取 / the password could not be read")
}

/// Asks for a decision on the terminal; `None` where nobody sits there.
#[expect(clippy::print_stdout, reason = "a question to the person at the terminal")]
pub(crate) fn ask(question: &str) -> anyhow::Result<Option<String>> {
    if !std::io::stdin().is_terminal() {
        return Ok(None);
    }
    print!("{question}");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(Some(answer.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        serde_json::from_str::<Answer>(text).unwrap().problem()
    }

    #[test]
    fn a_refusal_is_read_wherever_it_stands() {
        let edge = r#"{"error":{"code":"RATE_LIMITED","messageZh":"请求过多","messageEn":"too many requests","retryAfterSeconds":3}}"#;
        let words = read(edge).unwrap();
        assert!(words.contains("RATE_LIMITED: 请求过多 / too many requests") && words.contains("3 s"), "{words}");
        let engine = r#"{"errors":[{"message":"cost","extensions":{"code":"QUERY_TOO_COMPLEX"}}]}"#;
        assert_eq!(read(engine).unwrap(), "QUERY_TOO_COMPLEX: cost");
        assert_eq!(read(r#"{"data":{"viewer":null}}"#), None);
    }

    #[test]
    fn every_document_is_listed_once() {
        let listed: Value = serde_json::from_str(&documents::listed().unwrap()).unwrap();
        assert_eq!(listed.as_object().unwrap().len(), documents::ALL.len());
        let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/operations")).unwrap().count();
        assert_eq!(files, documents::ALL.len(), "a document in the folder is not in the list");
    }
}
