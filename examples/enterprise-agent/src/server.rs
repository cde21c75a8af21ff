//! What the platform, and whoever watches over this program, can ask of it.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Notify;

use crate::clock;
use crate::ledger::Ledger;
use crate::webhook::{self, Headers, Key, Rejected};

/// Messages are small; a larger body is not read.
const LARGEST_BODY: usize = 64 * 1024;

/// What the handlers share.
pub(crate) struct Desk {
    pub(crate) ledger: Ledger,
    pub(crate) keys: Vec<Key>,
    pub(crate) wake: Arc<Notify>,
}

/// The part of a message that is of use; everything else is fetched.
#[derive(Deserialize)]
struct Message {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    data: Data,
}

#[derive(Default, Deserialize)]
struct Data {
    #[serde(default)]
    task: Option<String>,
}

/// Mounts the routes.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .app_data(web::PayloadConfig::new(LARGEST_BODY))
        .route("/healthz", web::get().to(async || HttpResponse::Ok().body("ok\n")))
        .route("/webhook", web::post().to(webhook_arrived))
        .route("/status", web::post().to(status_asked));
}

/// Checks the signature over the raw bytes before anything is parsed.
fn checked<'a>(desk: &Desk, request: &'a HttpRequest, body: &[u8]) -> Result<&'a str, HttpResponse> {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let headers = Headers {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
    };
    match webhook::verify(&desk.keys, headers, body, clock::now_millis().div_euclid(1_000)) {
        Ok(()) => Ok(headers.id),
        Err(rejected) => {
            tracing::warn!(reason = ?rejected, "a message was turned away");
            Err(match rejected {
                Rejected::Malformed => HttpResponse::BadRequest().body("malformed webhook headers\n"),
                Rejected::Stale | Rejected::Forged => {
                    HttpResponse::Unauthorized().body("the signature is not accepted\n")
                }
            })
        }
    }
}

/// Takes a message: written down first, answered then, worked on later.
async fn webhook_arrived(request: HttpRequest, body: web::Bytes, desk: web::Data<Desk>) -> HttpResponse {
    let id = match checked(&desk, &request, &body) {
        Ok(id) => id,
        Err(answer) => return answer,
    };
    let Ok(message) = serde_json::from_slice::<Message>(&body) else {
        return HttpResponse::BadRequest().body("not a message\n");
    };
    // Only an assignment asks for something to be done. A withdrawal must not be the reason why a task is carried out.
    let assigned = matches!(message.kind.as_str(), "task.assigned" | "release.assigned");
    let task = message.data.task.as_deref().filter(|_| assigned);
    match desk.ledger.take_message(id, task, clock::now_millis()).await {
        Ok(new) => {
            tracing::info!(message = id, kind = message.kind, new, "a message was taken");
            desk.wake.notify_one();
            HttpResponse::NoContent().finish()
        }
        Err(error) => {
            // Not written down is not taken: the platform sends it again.
            tracing::error!(message = id, error = %error, "the ledger did not take a message");
            HttpResponse::ServiceUnavailable().body("try again\n")
        }
    }
}

#[derive(Deserialize)]
struct Question {
    task: String,
}

/// Says what became of a task here; signed like a message, so that nobody else learns of it.
async fn status_asked(request: HttpRequest, body: web::Bytes, desk: web::Data<Desk>) -> HttpResponse {
    if let Err(answer) = checked(&desk, &request, &body) {
        return answer;
    }
    let Ok(question) = serde_json::from_slice::<Question>(&body) else {
        return HttpResponse::BadRequest().body("not a question\n");
    };
    match desk.ledger.newest(&question.task).await {
        Ok(Some(effect)) => HttpResponse::Ok().json(effect),
        Ok(None) => HttpResponse::Ok().json(json!({ "task": question.task, "outcome": "unknown" })),
        Err(error) => {
            tracing::error!(error = %error, "the ledger did not answer");
            HttpResponse::ServiceUnavailable().body("try again\n")
        }
    }
}
