//! The platform's API, as JSON over HTTPS.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::documents;
use crate::message_key::MessageKey;

/// What the platform said to a question.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// The same call may succeed later.
    #[error("the platform did not answer: {0}")]
    Later(String),
    /// The platform refused, and will refuse again.
    #[error("the platform refused with {code}: {text}")]
    Refused {
        /// Its stable code.
        code: String,
        /// In words.
        text: String,
    },
}

/// A client of the platform.
pub(crate) struct Platform {
    client: reqwest::Client,
    url: String,
    token: String,
    message_key: Option<MessageKey>,
    send_documents: bool,
}

impl Platform {
    pub(crate) fn new(
        base: &str,
        token: String,
        message_key: Option<MessageKey>,
        send_documents: bool,
    ) -> Result<Self> {
        let client = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(30))
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("enterprise-agent/", env!("CARGO_PKG_VERSION")))
            .build()
            .context("the HTTP client could not be set up / HTTP 客户端初始化失败")?;
        Ok(Self { client, url: format!("{}/graphql", base.trim_end_matches('/')), token, message_key, send_documents })
    }

    /// Registers our documents, so that the platform executes them in production.
    pub(crate) async fn register(&self) -> Result<()> {
        if self.send_documents {
            return Ok(());
        }
        for text in documents::ALL {
            let input = json!({ "input": { "text": text } });
            let answer = self.call(documents::REGISTER_DOCUMENT, input).await?;
            let payload = answer.get("registerDocument").unwrap_or(&Value::Null);
            if payload.get("status").and_then(Value::as_str) != Some("DONE") {
                bail!(
                    "a document was not registered / 文档登记失败: {}",
                    payload.get("refusal").unwrap_or(&Value::Null)
                );
            }
        }
        Ok(())
    }

    /// Sends one document and gives its data.
    pub(crate) async fn call(&self, document: &str, variables: Value) -> Result<Value, CallError> {
        let body = if self.send_documents {
            json!({ "query": document, "variables": variables })
        } else {
            json!({ "documentId": format!("sha256:{}", documents::hash(document)), "variables": variables })
        };
        // What is signed are the bytes that go out, not the values in them.
        let body = body.to_string().into_bytes();
        let mut request = self
            .client
            .post(&self.url)
            .bearer_auth(&self.token)
            .header("accept", "application/graphql-response+json, application/json")
            .header("content-type", "application/json");
        if let Some(key) = &self.message_key {
            let headers = key.sign(&body).map_err(|error| CallError::Later(error.to_string()))?;
            request = headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        }
        let answer =
            request.body(body).send().await.map_err(|error| CallError::Later(error.without_url().to_string()))?;
        let status = answer.status();
        let body: Value =
            answer.json().await.map_err(|error| CallError::Later(format!("{status}: {}", error.without_url())))?;
        let error = body.get("errors").and_then(Value::as_array).and_then(|errors| errors.first());
        if let Some(error) = error {
            let code = error.pointer("/extensions/code").and_then(Value::as_str).unwrap_or("UNKNOWN").to_owned();
            let text = error.get("message").and_then(Value::as_str).unwrap_or_default().to_owned();
            let rule = error.pointer("/extensions/rule").and_then(Value::as_str).unwrap_or_default();
            // These say something about the task; everything else, a lost credential for one, passes or is mended by a person.
            let about_the_task =
                matches!(code.as_str(), "NOT_FOUND" | "RULE_VIOLATED" | "INVALID" | "IDEMPOTENCY_MISMATCH")
                    && !is_about_the_signature(rule);
            return Err(if about_the_task { CallError::Refused { code, text } } else { CallError::Later(code) });
        }
        body.get("data").cloned().ok_or_else(|| CallError::Later(format!("{status}: no data")))
    }
}

/// Whether a rule is about how we sign: a key that is not entered yet, a clock that is wrong. The answer itself is as good as before.
pub(crate) fn is_about_the_signature(rule: &str) -> bool {
    rule.starts_with("signature.")
}
