//! What a browser must hear before it lets a page of an allowed origin call and read the answer.

use actix_web::http::Method;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderValue, VARY,
};
use actix_web::{HttpRequest, HttpResponse};

/// Whether a browser asks if a page may send a request.
pub(crate) fn is_preflight(request: &HttpRequest) -> bool {
    request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// Answers a preflight of an allowed origin: with what Cordon takes, whatever was asked for.
pub(crate) fn preflight() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"))
        .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type, idempotency-key, traceparent"))
        .insert_header((ACCESS_CONTROL_MAX_AGE, "600"))
        .finish()
}

/// Lets pages of this origin read the answer. Credentials are bearer tokens that the page itself shows, so that cookies stay out.
pub(crate) fn allow(origin: HeaderValue, headers: &mut HeaderMap) {
    const EXPOSED: HeaderValue =
        HeaderValue::from_static("ratelimit, ratelimit-policy, retry-after, traceparent, x-request-id");
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    headers.append(VARY, HeaderValue::from_static("origin"));
}
