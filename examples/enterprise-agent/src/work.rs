//! From a task to its answer.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use data_encoding::{BASE32HEX_NOPAD, HEXLOWER};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::{Notify, watch};

use crate::clock;
use crate::documents;
use crate::ledger::{Answer, Effect, Ledger, Resource};
use crate::platform::{CallError, Platform, is_about_the_signature};
use crate::signature::Keys;

/// Where in an inbox the next page begins, and how many tasks a page holds.
const PAGE: u32 = 100;

/// What has to be done, as the platform signed it.
#[derive(Debug, Deserialize)]
struct Payload {
    format: String,
    task: String,
    generation: i64,
    action: String,
    identifier_kind: String,
    value: String,
    measure: String,
    #[serde(default)]
    functions: Vec<String>,
    /// Under which measure the target must stand as a whole for a resumption in part.
    #[serde(default)]
    presupposes: Option<String>,
}

/// How a target stands that can be called and makes emergency calls, and nothing else.
const IN_PART: &str = "limited_resume";

impl Payload {
    /// Whether the target stands as the task expects it: a resumption in part takes functions away from anything but the whole stop.
    fn fits(&self, state: &str) -> bool {
        let presupposed = self.presupposes.as_deref().unwrap_or(&self.measure);
        self.action != "limited_resume" || state == presupposed || state == IN_PART
    }
}

/// Looks at tasks, one after the other, and sends answers until the platform has them.
pub(crate) struct Worker {
    pub(crate) ledger: Ledger,
    pub(crate) platform: Platform,
    pub(crate) wake: Arc<Notify>,
    pub(crate) pull: Duration,
    pub(crate) serve_all: bool,
    pub(crate) keys: Keys,
}

impl Worker {
    /// Works until `stop` says so: what is in the ledger, then the inbox at start and from time to time, then whatever comes.
    pub(crate) async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut registered = false;
        let mut pull_at = std::time::Instant::now();
        while !*stop.borrow() {
            if !registered {
                match self.platform.register().await {
                    Ok(()) => registered = true,
                    Err(error) => tracing::warn!(error = %error, "the documents are not registered yet"),
                }
            }
            if registered && pull_at <= std::time::Instant::now() {
                match self.pull_inbox().await {
                    Ok(found) => tracing::info!(tasks = found, "the inbox was looked through"),
                    Err(error) => {
                        tracing::warn!(error = %error, "the inbox could not be read");
                        registered = !is_unregistered(&error);
                    }
                }
                pull_at = std::time::Instant::now() + self.pull;
            }
            if registered && let Err(error) = self.round().await {
                registered = !is_unregistered(&error);
            }
            let wait = if registered {
                pull_at.saturating_duration_since(std::time::Instant::now())
            } else {
                Duration::from_secs(1)
            };
            // What could not be sent is tried again soon, also when no message comes.
            let wait = if self.is_idle().await { wait } else { wait.min(Duration::from_secs(2)) };
            tokio::select! {
                () = self.wake.notified() => {}
                () = tokio::time::sleep(wait) => {}
                _changed = stop.changed() => {}
            }
        }
        self.ledger.close().await;
    }

    async fn is_idle(&self) -> bool {
        let todo = self.ledger.todo().await.map(|todo| todo.is_empty());
        let pending = self.ledger.pending().await.map(|pending| pending.is_empty());
        todo.unwrap_or(false) && pending.unwrap_or(false)
    }

    /// Fetches everything that waits for us, so that a lost message loses nothing.
    async fn pull_inbox(&self) -> Result<usize> {
        self.fetch_keys().await?;
        let mut after = Value::Null;
        let mut found = 0;
        loop {
            let data = self.platform.call(documents::INBOX, json!({ "first": PAGE, "after": after })).await?;
            let inbox = data.get("inbox").context("the answer has no inbox")?;
            for edge in inbox.get("edges").and_then(Value::as_array).into_iter().flatten() {
                if let Some(task) = edge.pointer("/node/id").and_then(Value::as_str) {
                    self.ledger.note_task(task, clock::now_millis()).await?;
                    found += 1;
                }
            }
            after = inbox.pointer("/pageInfo/endCursor").cloned().unwrap_or(Value::Null);
            if inbox.pointer("/pageInfo/hasNextPage").and_then(Value::as_bool) != Some(true) || after.is_null() {
                return Ok(found);
            }
        }
    }

    /// Asks for the keys with which payloads are signed.
    async fn fetch_keys(&self) -> Result<()> {
        let data = self.platform.call(documents::PAYLOAD_KEYS, json!({})).await?;
        self.keys.replace(data.get("payloadKeys").unwrap_or(&Value::Null))
    }

    /// Looks at every task that was noted and sends every answer that waits; what does not work now is tried again.
    async fn round(&self) -> Result<()> {
        let mut first = None;
        for task in self.ledger.todo().await? {
            let error = match self.handle(&task).await {
                Ok(()) => {
                    self.ledger.done(&task).await?;
                    continue;
                }
                Err(error) => error,
            };
            if let Some(CallError::Refused { code, .. }) = error.downcast_ref::<CallError>() {
                // Withdrawn, passed on to somebody else, or never ours: nothing is left to do here.
                tracing::info!(task, code, "the task is not ours any more");
                self.ledger.done(&task).await?;
            } else {
                tracing::warn!(task, error = %error, "the task is looked at again soon");
                first.get_or_insert(error);
            }
        }
        for answer in self.ledger.pending().await? {
            if let Err(error) = self.send(&answer).await {
                tracing::warn!(task = answer.task, operation = answer.operation, error = %error, "the answer is sent again soon");
                first.get_or_insert(error);
            }
        }
        first.map_or(Ok(()), Err)
    }

    async fn handle(&self, task: &str) -> Result<()> {
        let data = self.platform.call(documents::TASK_PAYLOAD, json!({ "id": task })).await?;
        let signed =
            data.get("taskPayload").filter(|payload| !payload.is_null()).context("the answer has no payload")?;
        let body = signed.get("body").and_then(Value::as_str).context("the payload has no body")?;
        let digest = signed.get("digest").and_then(Value::as_str).unwrap_or_default();
        anyhow::ensure!(
            HEXLOWER.encode(&Sha256::digest(body.as_bytes())) == digest,
            "the payload does not fit its digest"
        );
        let text = |name: &str| signed.get(name).and_then(Value::as_str).unwrap_or_default();
        if !self.keys.knows(text("keyId")) {
            // The platform may have changed its key since we asked.
            self.fetch_keys().await?;
        }
        self.keys.verify(text("keyId"), body, text("signature"))?;
        let payload: Payload = serde_json::from_str(body).context("the payload is not what the contract says")?;
        anyhow::ensure!(
            payload.format == "cordon-task/1" && payload.task == task,
            "the payload is about something else"
        );

        if let Some(newest) = self.ledger.newest(task).await? {
            if newest.generation > payload.generation {
                tracing::warn!(
                    task,
                    generation = payload.generation,
                    newest = newest.generation,
                    "an older generation is not executed"
                );
                return Ok(());
            }
            if newest.generation == payload.generation {
                // Done before; if the platform still waits, it did not get the answer, and gets the very same one again.
                let again = self.ledger.answer_again(task, payload.generation).await?;
                tracing::info!(
                    task,
                    generation = payload.generation,
                    answers = again,
                    "this generation had its effect before"
                );
                return Ok(());
            }
        }
        self.decide(&payload).await
    }

    async fn decide(&self, payload: &Payload) -> Result<()> {
        let resource = self.ledger.resource(&payload.identifier_kind, &payload.value).await?;
        let now = clock::now_millis();
        let effect = |outcome: &str, bss_order: String, stop_type: &str| Effect {
            task: payload.task.clone(),
            generation: payload.generation,
            action: payload.action.clone(),
            outcome: outcome.to_owned(),
            bss_order,
            stop_type: stop_type.to_owned(),
            at: now,
        };
        let acknowledge = answer(payload, "acknowledge", json!({}));
        let done = match resource {
            Some(Resource { ported_to: Some(to), .. }) => {
                let answers = [acknowledge, answer(payload, "disown", json!({ "notMine": { "portedTo": to } }))];
                self.ledger.execute(&effect("disowned", String::new(), ""), None, &answers).await?
            }
            None if !self.serve_all => {
                let text = "本企业无此资源 / not a resource of this enterprise";
                let answers =
                    [acknowledge, answer(payload, "refuse", json!({ "code": "NUMBER_UNKNOWN", "text": text }))];
                self.ledger.execute(&effect("refused", String::new(), ""), None, &answers).await?
            }
            Some(Resource { state, .. }) if state == "closed" && payload.action == "impose" => {
                let text = "该资源已销户 / the resource is closed";
                let answers =
                    [acknowledge, answer(payload, "refuse", json!({ "code": "ALREADY_CLOSED", "text": text }))];
                self.ledger.execute(&effect("refused", String::new(), ""), None, &answers).await?
            }
            resource if !payload.fits(resource.as_ref().map_or("active", |known| &known.state)) => {
                let text = "该号码当前未处于全停状态，限制性恢复已过时 / the whole stop does not stand any more; the resumption came late";
                let answers = [acknowledge, answer(payload, "refuse", json!({ "code": "MISMATCH", "text": text }))];
                self.ledger.execute(&effect("refused", String::new(), ""), None, &answers).await?
            }
            Some(_) | None => {
                let bss_order = bss_order(&payload.task, payload.generation);
                let (state, stop_type) = match payload.action.as_str() {
                    "release" => ("active".to_owned(), "复机"),
                    // Called and calling emergency numbers only; never the whole stop once more.
                    "limited_resume" => (IN_PART.to_owned(), "限制性恢复"),
                    _ => (payload.measure.clone(), "上级通知强停"),
                };
                let evidence = json!({
                    "bssOrder": bss_order, "stopType": stop_type, "executedAt": clock::rfc3339(now),
                    "functions": payload.functions.iter().map(|function| function.to_uppercase()).collect::<Vec<_>>(),
                });
                let answers = [acknowledge, answer(payload, "execute", json!({ "evidence": evidence }))];
                let target = Some((payload.identifier_kind.as_str(), payload.value.as_str(), state.as_str()));
                self.ledger.execute(&effect("executed", bss_order, stop_type), target, &answers).await?
            }
        };
        tracing::info!(
            task = payload.task,
            generation = payload.generation,
            action = payload.action,
            done,
            "a task was worked on"
        );
        Ok(())
    }

    async fn send(&self, answer: &Answer) -> Result<()> {
        let (document, field) = match answer.operation.as_str() {
            "acknowledge" => (documents::ACKNOWLEDGE, "acknowledgeTask"),
            "execute" => (documents::EXECUTE, "executeTask"),
            "refuse" => (documents::REFUSE, "refuseTask"),
            _ => (documents::DISOWN, "disownTask"),
        };
        match self.platform.call(document, json!({ "input": answer.input })).await {
            Ok(data) => {
                let payload = data.get(field).unwrap_or(&Value::Null);
                if payload.get("status").and_then(Value::as_str) == Some("DONE") {
                    self.ledger.settle(&answer.receipt, "taken", None).await?;
                    tracing::info!(task = answer.task, operation = answer.operation, "the platform has the answer");
                } else {
                    let code = payload.pointer("/refusal/code").and_then(Value::as_str).unwrap_or("UNKNOWN");
                    let rule = payload.pointer("/refusal/rule").and_then(Value::as_str).unwrap_or(code);
                    if code == "CONFLICT" || is_about_the_signature(rule) {
                        // Somebody moved the task at the same moment, or our key or clock is to be mended; the same answer again
                        // settles it.
                        return Err(CallError::Later(rule.to_owned()).into());
                    }
                    self.ledger.settle(&answer.receipt, "refused", Some(rule)).await?;
                    if answer.operation == "execute" && rule == "task.terminal" {
                        // It ended before the platform heard of our effect, so there is no order for it any more.
                        let undone = self.ledger.undo(&answer.task, answer.generation).await?;
                        tracing::warn!(
                            task = answer.task,
                            undone,
                            "the effect of a task that had ended was taken back"
                        );
                    }
                    tracing::warn!(
                        task = answer.task,
                        operation = answer.operation,
                        code,
                        rule,
                        "the platform refused the answer"
                    );
                }
                Ok(())
            }
            Err(CallError::Refused { code, text }) => {
                self.ledger.settle(&answer.receipt, "refused", Some(&code)).await?;
                tracing::warn!(
                    task = answer.task,
                    operation = answer.operation,
                    code,
                    text,
                    "the platform refused the answer"
                );
                Ok(())
            }
            Err(later @ CallError::Later(_)) => Err(later.into()),
        }
    }
}

/// Whether the platform does not know our documents any more, so that they are registered again.
fn is_unregistered(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref::<CallError>(), Some(CallError::Later(code)) if code == "PERSISTED_DOCUMENT_NOT_FOUND")
}

/// An answer with an identifier that follows from what it answers, so that it stays the same over restarts.
fn answer(payload: &Payload, operation: &str, more: Value) -> Answer {
    let receipt = receipt(&payload.task, payload.generation, operation);
    let mut input = json!({ "answer": { "task": payload.task, "generation": payload.generation, "receipt": receipt } });
    if let (Some(input), Value::Object(more)) = (input.as_object_mut(), more) {
        input.extend(more);
    }
    Answer {
        receipt,
        task: payload.task.clone(),
        generation: payload.generation,
        operation: operation.to_owned(),
        input,
    }
}

/// `rcp_` and 16 bytes in lower-case base32hex, which is the form of every identifier on the platform.
fn receipt(task: &str, generation: i64, operation: &str) -> String {
    let digest = Sha256::digest(format!("{task}/{generation}/{operation}").as_bytes());
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
    // The version and variant bits of a UUID of the free form.
    let [.., seventh, _, ninth, _, _, _, _, _, _, _] = &mut bytes;
    *seventh = (*seventh & 0x0f) | 0x80;
    *ninth = (*ninth & 0x3f) | 0x80;
    format!("rcp_{}", BASE32HEX_NOPAD.encode(&bytes).to_lowercase())
}

fn bss_order(task: &str, generation: i64) -> String {
    let digest = HEXLOWER.encode(&Sha256::digest(task.as_bytes()));
    format!("BSS-{}-{generation}", digest.get(..12).unwrap_or_default().to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receipts_repeat_for_the_same_answer_and_differ_for_another() {
        let first = receipt("tsk_a", 1, "execute");
        assert_eq!(first, receipt("tsk_a", 1, "execute"));
        assert_eq!(first.len(), 4 + 26);
        for other in [receipt("tsk_a", 2, "execute"), receipt("tsk_a", 1, "refuse"), receipt("tsk_b", 1, "execute")] {
            assert_ne!(first, other);
        }
    }
}
