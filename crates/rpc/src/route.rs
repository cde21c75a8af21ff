//! The server side of remote links.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{self, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use cordon_context::Clock;
use futures::StreamExt as _;
use jsonrpsee::Methods;

use crate::CallKey;
use crate::link::SIGNATURE_HEADER;

/// The most that one call may weigh: a page of orders with ten thousand items fits, a runaway does not.
const BODY_LIMIT: usize = 16 << 20;
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

struct Served {
    methods: Methods,
    key: CallKey,
    clock: Arc<dyn Clock>,
}

/// Puts a service's methods at `/rpc`; only calls signed with `key` are let in.
pub fn mount(
    methods: impl Into<Methods>,
    key: CallKey,
    clock: Arc<dyn Clock>,
) -> impl FnOnce(&mut ServiceConfig) + Clone + Send {
    let served = web::Data::new(Served { methods: methods.into(), key, clock });
    move |app| {
        app.service(web::resource("/rpc").app_data(served).route(web::post().to(call)));
    }
}

async fn call(served: web::Data<Served>, request: HttpRequest, payload: Payload) -> HttpResponse {
    let body = match tokio::time::timeout(BODY_TIMEOUT, read(payload)).await {
        Ok(Ok(body)) => body,
        Ok(Err(status)) => return HttpResponse::new(status),
        Err(_elapsed) => return HttpResponse::new(StatusCode::REQUEST_TIMEOUT),
    };
    let header = request.headers().get(SIGNATURE_HEADER).and_then(|value| value.to_str().ok());
    if let Err(refused) = served.key.verify(served.clock.now(), header, &body) {
        tracing::warn!(rpc.refused = %refused, "a call from another process was refused");
        return HttpResponse::new(StatusCode::UNAUTHORIZED);
    }
    let Ok(text) = std::str::from_utf8(&body) else {
        return HttpResponse::new(StatusCode::BAD_REQUEST);
    };
    match served.methods.raw_json_request(text, 1).await {
        Ok((answer, _notifications)) => {
            HttpResponse::Ok().content_type("application/json").body(answer.get().to_owned())
        }
        Err(_malformed) => HttpResponse::new(StatusCode::BAD_REQUEST),
    }
}

async fn read(mut payload: Payload) -> Result<Vec<u8>, StatusCode> {
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_source| StatusCode::BAD_REQUEST)?;
        if body.len() + chunk.len() > BODY_LIMIT {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
