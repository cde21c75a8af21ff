//! Headers that tell a browser to do less.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

const HEADERS: &[(&str, &str)] = &[
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
];

/// Adds what a handler did not set itself; answers with data are not kept by caches.
pub fn security_headers(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        set_default(headers, HeaderName::from_static(name), value);
    }
    set_default(headers, HeaderName::from_static("cache-control"), "no-store");
}

fn set_default(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    if !headers.contains_key(&name) {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
