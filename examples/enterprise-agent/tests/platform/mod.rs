//! A platform that keeps the published contract in memory: registered documents, an inbox, payloads, answers by receipt.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use data_encoding::HEXLOWER;
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

#[derive(Default)]
struct State {
    documents: HashMap<String, String>,
    tasks: Vec<Task>,
    answers: Vec<(String, Value)>,
    receipts: HashMap<String, String>,
    taken: Vec<(String, String)>,
    lose: usize,
    /// Hangs up on answers without taking them.
    deaf: bool,
    /// Refuses answers because of how they are signed.
    doubts: bool,
    /// Changes what is to be done after it was signed.
    tampers: bool,
}

struct Task {
    id: String,
    generation: i64,
    body: String,
    state: &'static str,
    /// By which rule every answer is refused, once it ended.
    ended: Option<&'static str>,
}

/// The platform; ends with the test's runtime.
pub(crate) struct Platform {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
}

pub(crate) fn hash(text: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(text.as_bytes()))
}

impl Platform {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(socket, Arc::clone(&shared)));
            }
        });
        Self { url, state }
    }

    /// Gives out a task, or another generation of it.
    pub(crate) fn assign(&self, id: &str, generation: i64, action: &str, number: &str) {
        let mut body = json!({
            "format": "cordon-task/1", "task": id, "generation": generation, "action": action, "order_number": "CZ-1",
            "target_kind": "phone", "identifier_kind": "phone", "value": number, "measure": "suspend_both", "functions": [],
            "urgency": "flash", "legal_basis": "x", "requester": "org_police", "executor": "org_carrier",
            "issued_at": 0, "acknowledge_due": 0, "execute_due": 0,
        });
        if action == "limited_resume" {
            body["presupposes"] = json!("suspend_both");
        }
        let mut state = self.state.lock().unwrap();
        state.tasks.retain(|task| task.id != id);
        state.tasks.push(Task { id: id.to_owned(), generation, body: body.to_string(), state: "issued", ended: None });
    }

    /// Ends a task; from now on every answer about it is refused by this rule.
    pub(crate) fn end(&self, id: &str, rule: &'static str) {
        let mut state = self.state.lock().unwrap();
        let task = state.tasks.iter_mut().find(|task| task.id == id).unwrap();
        (task.state, task.ended) = ("withdrawn", Some(rule));
    }

    /// Hangs up on answers without taking them, or listens again.
    pub(crate) fn be_deaf(&self, deaf: bool) {
        self.state.lock().unwrap().deaf = deaf;
    }

    /// Refuses answers because of how they are signed, or takes them again.
    pub(crate) fn doubt(&self, doubts: bool) {
        self.state.lock().unwrap().doubts = doubts;
    }

    /// Changes what is to be done after it was signed, with a digest that fits; or stops doing so.
    pub(crate) fn tamper(&self, tampers: bool) {
        self.state.lock().unwrap().tampers = tampers;
    }

    /// Hangs up on the next answers after having taken them.
    pub(crate) fn lose_answers(&self, count: usize) {
        self.state.lock().unwrap().lose = count;
    }

    pub(crate) async fn wait_for_documents(&self) {
        let deadline = std::time::Instant::now() + Duration::from_secs(30);
        while self.state.lock().unwrap().documents.len() < 7 {
            assert!(std::time::Instant::now() < deadline, "the documents are registered");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) fn state(&self, id: &str) -> String {
        self.state.lock().unwrap().tasks.iter().find(|task| task.id == id).unwrap().state.to_owned()
    }

    /// The answers about a task that had an effect, in order.
    pub(crate) fn taken(&self, id: &str) -> Vec<String> {
        let state = self.state.lock().unwrap();
        state.taken.iter().filter(|(task, _)| task == id).map(|(_, operation)| operation.clone()).collect()
    }

    /// Every input of an operation, repeated ones included.
    pub(crate) fn inputs(&self, operation: &str) -> Vec<Value> {
        let state = self.state.lock().unwrap();
        state.answers.iter().filter(|(name, _)| name == operation).map(|(_, input)| input.clone()).collect()
    }
}

/// The key with which this platform signs.
fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

async fn serve(mut socket: TcpStream, state: Arc<Mutex<State>>) {
    let Some((head, body)) = read(&mut socket).await else { return };
    let request: Value = serde_json::from_slice(&body).unwrap();
    let answer = if head.contains("Bearer cli_test.s3cret") {
        answer(&state, &request)
    } else {
        Some(json!({ "errors": [{ "message": "no", "extensions": { "code": "UNAUTHENTICATED" } }] }))
    };
    let Some(answer) = answer else { return };
    let answer = answer.to_string();
    let reply = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
        answer.len()
    );
    let _written = socket.write_all(reply.as_bytes()).await;
}

fn answer(state: &Arc<Mutex<State>>, request: &Value) -> Option<Value> {
    let mut state = state.lock().unwrap();
    let variables = &request["variables"];
    let id = request["documentId"].as_str().unwrap().trim_start_matches("sha256:").to_owned();
    let register = "registerDocument(input";
    let known = state.documents.get(&id).cloned();
    let Some(text) = known else {
        // The one document of the release: it registers others. The agent's text is taken as the release's.
        if let Some(text) = variables["input"]["text"].as_str() {
            assert!(!text.contains(register));
            state.documents.insert(hash(text), text.to_owned());
            return Some(json!({ "data": { "registerDocument": { "status": "DONE", "refusal": null } } }));
        }
        return Some(
            json!({ "errors": [{ "message": "no", "extensions": { "code": "PERSISTED_DOCUMENT_NOT_FOUND" } }] }),
        );
    };
    if text.contains(" inbox(") {
        let open = |task: &&Task| matches!(task.state, "issued" | "received");
        let edges: Vec<_> = state
            .tasks
            .iter()
            .filter(open)
            .map(|task| json!({ "node": { "id": task.id, "generation": task.generation } }))
            .collect();
        return Some(
            json!({ "data": { "inbox": { "edges": edges, "pageInfo": { "hasNextPage": false, "endCursor": null } } } }),
        );
    }
    if text.contains("payloadKeys") {
        let public = HEXLOWER.encode(key().verifying_key().as_bytes());
        return Some(json!({ "data": { "payloadKeys": [{ "keyId": "key_1", "publicKey": public }] } }));
    }
    if text.contains("taskPayload(") {
        let wanted = variables["id"].as_str().unwrap();
        let task = state.tasks.iter().find(|task| task.id == wanted);
        return Some(match task {
            Some(task) => {
                let signature = key().sign(task.body.as_bytes());
                let body = if state.tampers { task.body.replace("suspend_both", "close") } else { task.body.clone() };
                json!({ "data": { "taskPayload": {
                    "generation": task.generation, "body": body, "digest": hash(&body), "keyId": "key_1",
                    "signature": HEXLOWER.encode(&signature.to_bytes()),
                } } })
            }
            None => json!({ "data": null, "errors": [{ "message": "no", "extensions": { "code": "NOT_FOUND" } }] }),
        });
    }
    let operation = ["acknowledgeTask", "executeTask", "refuseTask", "disownTask"]
        .into_iter()
        .find(|name| text.contains(*name))
        .unwrap();
    if state.deaf {
        return None;
    }
    let input = variables["input"].clone();
    state.answers.push((operation.to_owned(), input.clone()));
    let refused = |rule: &str| json!({ "data": { operation: { "status": "REFUSED", "refusal": { "code": "RULE_VIOLATED", "rule": rule } } } });
    if state.doubts {
        return Some(refused("signature.stale"));
    }
    let receipt = input["answer"]["receipt"].as_str().unwrap().to_owned();
    match state.receipts.get(&receipt) {
        Some(before) if input == serde_json::from_str::<Value>(before).unwrap() => {}
        Some(_) => return Some(refused("receipt.reused")),
        None => {
            let wanted = input["answer"]["task"].as_str().unwrap().to_owned();
            let task = state.tasks.iter_mut().find(|task| task.id == wanted).unwrap();
            if let Some(rule) = task.ended {
                return Some(refused(rule));
            }
            if input["answer"]["generation"] != task.generation {
                return Some(refused("task.generation"));
            }
            task.state = match operation {
                "acknowledgeTask" => "received",
                "executeTask" => "executed",
                "refuseTask" => "rejected",
                _ => "rerouted",
            };
            state.taken.push((wanted, operation.to_owned()));
            state.receipts.insert(receipt, input.to_string());
        }
    }
    if state.lose > 0 {
        // Taken, and then the line breaks: the agent cannot know.
        state.lose -= 1;
        return None;
    }
    Some(json!({ "data": { operation: { "status": "DONE", "refusal": null } } }))
}

async fn read(socket: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let length: usize = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:").map(|value| value.trim().to_owned()))
        .map_or(Some(0), |value| value.parse().ok())?;
    while bytes.len() < head_end + length {
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    Some((head, bytes[head_end..head_end + length].to_vec()))
}

/// One HTTP exchange.
pub(crate) async fn exchange(
    url: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> (u16, String) {
    let host = url.strip_prefix("http://").unwrap();
    let mut socket = TcpStream::connect(host).await.unwrap();
    let mut request =
        format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    for &(name, value) in headers {
        request.extend([name, ": ", value, "\r\n"]);
    }
    request.push_str("\r\n");
    request.push_str(body);
    // A server that refuses a large body may hang up before all of it is written.
    let _written = socket.write_all(request.as_bytes()).await;
    let mut bytes = Vec::new();
    let _read = socket.read_to_end(&mut bytes).await;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
}
