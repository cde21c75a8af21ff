//! GraphQL over HTTP: POST with JSON, and nothing else.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use async_graphql::parser::types::OperationType;
use async_graphql::{Response, Value};
use cordon_context::{Bilingual, Code, IdempotencyKey, Proof, Refusal};
use cordon_web::{Edge, answer, body, caller_of, media, trace_of};
use serde_json::{Map, json};

use super::{signature, wire};
use crate::answer::response_of;
use crate::engine::{Engine, Origin};
use crate::session::invalid_key;

const LEGACY: &str = "application/json";
const CURRENT: &str = "application/graphql-response+json";

/// `POST /graphql`.
pub(super) async fn post(
    request: HttpRequest,
    payload: Payload,
    engine: Data<Engine>,
    edge: Data<Edge>,
) -> HttpResponse {
    let accepted = media::negotiate(&request, &[LEGACY, CURRENT]);
    let media = accepted.as_ref().copied().unwrap_or(LEGACY);
    let outcome = match accepted {
        Ok(_media) => run(&request, payload, engine.into_inner(), edge.into_inner()).await,
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(response) => executed(response, media),
        Err(refusal) => refused(&refusal, media),
    }
}

async fn run(
    request: &HttpRequest,
    payload: Payload,
    engine: Arc<Engine>,
    edge: Arc<Edge>,
) -> Result<Response, Refusal> {
    media::require_json(request)?;
    let caller = caller_of(request);
    let waiting = edge.wait_for(&caller)?;
    let body = body::read(request, payload, engine.settings().body).await?;
    drop(waiting);
    let (proof, message) = signature::check(&caller, request.headers(), &body, engine.now());
    let wanted = wire::parse(&body, &engine.settings().json)?;
    let header = idempotency_key(request.headers())?;
    // Nobody signs the header: whoever sent a signed request again with another one would have a second effect.
    let key = message.or_else(|| header.filter(|_key| proof == Proof::NotOwed));
    let origin = Origin { caller, trace: trace_of(request), key, proof };
    let prepared = engine.prepare(edge, wanted, origin).await?;
    if prepared.operation == OperationType::Subscription {
        let text =
            Bilingual::new("订阅须经 WebSocket（graphql-transport-ws）", "subscriptions go over graphql-transport-ws");
        return Err(Refusal { text, ..Refusal::new(Code::BadRequest) });
    }
    let session = Arc::clone(&prepared.session);
    let response = engine.execute(prepared).await;
    if let Some(refusal) = session.unpaid() {
        return Err(refusal.clone());
    }
    let cost = session.cost();
    let limit = engine.settings().max_complexity;
    let cost = Value::from_json(json!({ "requested": cost, "limit": limit })).unwrap_or_default();
    Ok(response.extension("cost", cost))
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Refusal> {
    let mut values = headers.get_all("idempotency-key");
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(only), None) => {
            let text = only.to_str().map_err(|_source| invalid_key())?.trim().trim_matches('"');
            text.parse().map(Some).map_err(|()| invalid_key())
        }
        (Some(_), Some(_)) => Err(invalid_key()),
    }
}

fn refused(refusal: &Refusal, media: &'static str) -> HttpResponse {
    let mut builder = answer::builder(refusal);
    // A well-formed request whose document is at fault is answered with 200 where the client knows only the older media type.
    let about_document = matches!(refusal.code, Code::GraphqlParseFailed | Code::GraphqlValidationFailed);
    if about_document && media == LEGACY {
        builder.status(StatusCode::OK);
    }
    builder.insert_header((CONTENT_TYPE, format!("{media}; charset=utf-8"))).body(render(&response_of(refusal)))
}

fn executed(response: Response, media: &'static str) -> HttpResponse {
    let status = if is_request_error(&response) && media == CURRENT { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    HttpResponse::build(status).insert_header((CONTENT_TYPE, format!("{media}; charset=utf-8"))).body(render(&response))
}

/// Whether nothing was executed.
fn is_request_error(response: &Response) -> bool {
    response.data == Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.is_empty())
}

/// Writes an answer; one to a request that was not executed has no data at all.
pub(super) fn members(response: &Response) -> Map<String, serde_json::Value> {
    let mut members = Map::new();
    if !response.errors.is_empty() {
        members.insert("errors".to_owned(), json!(response.errors));
    }
    if !is_request_error(response) {
        members.insert("data".to_owned(), json!(response.data));
    }
    if !response.extensions.is_empty() {
        members.insert("extensions".to_owned(), json!(response.extensions));
    }
    members
}

fn render(response: &Response) -> String {
    serde_json::Value::Object(members(response)).to_string()
}
