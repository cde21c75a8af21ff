//! Routes for those who run Cordon: alive, ready, which version, how much.

use std::sync::Arc;

use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, http::header::CACHE_CONTROL};
use async_trait::async_trait;
use serde::Serialize;

/// One thing that must work before requests are taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What, as a stable word such as `disposal.database`.
    pub name: String,
    /// Whether it works.
    pub ok: bool,
}

/// Says whether requests can be taken.
#[async_trait]
pub trait Readiness: Send + Sync + 'static {
    /// Looks at everything that must work.
    async fn checks(&self) -> Vec<Check>;
}

/// What the routes need.
#[derive(Clone)]
pub struct Health {
    /// Looks at everything that must work.
    pub readiness: Arc<dyn Readiness>,
    /// Writes the metrics in the Prometheus text format.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
    /// The program's version.
    pub version: &'static str,
    /// The commit that it was built from.
    pub commit: &'static str,
}

/// Mounts `/livez`, `/readyz`, `/version` and `/metrics`; they stand before the edge, because a probe shows no credential.
pub fn configure(health: Health) -> impl FnOnce(&mut ServiceConfig) + Clone {
    move |app| {
        app.app_data(web::Data::new(health))
            .route("/livez", web::get().to(alive))
            .route("/readyz", web::get().to(ready))
            .route("/version", web::get().to(version))
            .route("/metrics", web::get().to(metrics));
    }
}

async fn alive() -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).content_type("text/plain; charset=utf-8").body("ok\n")
}

async fn ready(health: web::Data<Health>) -> HttpResponse {
    let checks = health.readiness.checks().await;
    let ready = checks.iter().all(|check| check.ok);
    let mut answer = if ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    // Which part fails stands in the log; a stranger learns only that one does.
    for check in checks.iter().filter(|check| !check.ok) {
        tracing::warn!(check.name, "not ready");
    }
    answer.insert_header((CACHE_CONTROL, "no-store")).json(serde_json::json!({ "ready": ready }))
}

async fn version(health: web::Data<Health>) -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "version": health.version, "commit": health.commit }))
}

async fn metrics(health: web::Data<Health>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body((health.metrics)())
}
