//! Answers that end a request without having carried it out.

use actix_web::http::header::{ALLOW, CACHE_CONTROL, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, HttpResponseBuilder};
use cordon_context::{Code, Refusal};
use serde_json::{Map, Value, json};

/// The members that describe a refusal, the same in every answer of Cordon.
pub fn members(refusal: &Refusal) -> Map<String, Value> {
    // Destructured in full, so that a new field is a decision here.
    let Refusal { code, rule, field, text, correlation, retry_after_seconds, oldest_seq } = refusal;
    let mut members = Map::new();
    members.insert("code".to_owned(), json!(code.as_str()));
    members.insert("messageZh".to_owned(), json!(text.zh));
    members.insert("messageEn".to_owned(), json!(text.en));
    let optional = [("rule", rule), ("field", field), ("correlation", correlation)];
    for (name, value) in optional {
        if let Some(value) = value {
            members.insert(name.to_owned(), json!(value));
        }
    }
    if let Some(seconds) = retry_after_seconds {
        members.insert("retryAfterSeconds".to_owned(), json!(seconds));
    }
    if let Some(oldest) = oldest_seq {
        members.insert("oldestSeq".to_owned(), json!(oldest));
    }
    members
}

/// Begins an answer with the status and the headers that belong to a refusal.
pub fn builder(refusal: &Refusal) -> HttpResponseBuilder {
    let status = StatusCode::from_u16(refusal.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut answer = HttpResponse::build(status);
    answer.insert_header((CACHE_CONTROL, "no-store"));
    if let Some(seconds) = refusal.retry_after_seconds {
        answer.insert_header((RETRY_AFTER, seconds.to_string()));
    }
    if refusal.code == Code::Unauthenticated {
        answer.insert_header((WWW_AUTHENTICATE, "Bearer"));
    }
    answer
}

/// Answers a refusal as `{"error": {...}}`.
pub fn refuse(refusal: &Refusal) -> HttpResponse {
    builder(refusal).json(json!({ "error": members(refusal) }))
}

/// Answers that the method is not one of those that the path knows.
pub fn method_not_allowed(allowed: &[Method]) -> HttpResponse {
    let mut answer = refuse(&Refusal::new(Code::MethodNotAllowed));
    let names: Vec<&str> = allowed.iter().map(Method::as_str).collect();
    if let Ok(value) = HeaderValue::from_str(&names.join(", ")) {
        answer.headers_mut().insert(ALLOW, value);
    }
    answer
}

/// Answers that there is nothing at this path.
pub async fn nothing_here() -> HttpResponse {
    refuse(&Refusal::not_found())
}
