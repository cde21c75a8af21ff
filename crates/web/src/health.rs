//! Routes for those who run Cordon: alive, ready, which version, how much.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, http::header::CACHE_CONTROL};
use async_trait::async_trait;
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::time::Instant;

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
        app.app_data(web::Data::new(Found::default()))
            .app_data(web::Data::new(health))
            .route("/livez", web::get().to(alive))
            .route("/readyz", web::get().to(ready))
            .route("/version", web::get().to(version))
            .route("/metrics", web::get().to(metrics));
    }
}

async fn alive() -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).content_type("text/plain; charset=utf-8").body("ok\n")
}

/// What the last look found. Anybody may ask, so that many questions must not become many looks.
#[derive(Default)]
struct Found(Mutex<Option<(Instant, bool)>>);

/// For how long a look counts.
const COUNTS: Duration = Duration::from_secs(1);

impl Found {
    /// Whoever asks while somebody looks waits for what that look finds.
    async fn or_look(&self, readiness: &dyn Readiness) -> bool {
        let mut last = self.0.lock().await;
        if let Some((_, ready)) = last.filter(|(looked, _)| looked.elapsed() < COUNTS) {
            return ready;
        }
        let checks = readiness.checks().await;
        // Which part fails stands in the log; a stranger learns only that one does.
        for check in checks.iter().filter(|check| !check.ok) {
            tracing::warn!(check.name, "not ready");
        }
        let ready = checks.iter().all(|check| check.ok);
        *last = Some((Instant::now(), ready));
        ready
    }
}

async fn ready(health: web::Data<Health>, found: web::Data<Found>) -> HttpResponse {
    let ready = found.or_look(health.readiness.as_ref()).await;
    let mut answer = if ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    answer.insert_header((CACHE_CONTROL, "no-store")).json(serde_json::json!({ "ready": ready }))
}

async fn version(health: web::Data<Health>) -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "version": health.version, "commit": health.commit }))
}

async fn metrics(health: web::Data<Health>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body((health.metrics)())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use actix_web::App;
    use actix_web::test::{TestRequest, call_service, init_service};

    use super::*;

    /// Ready at the first look, and never again.
    #[derive(Default)]
    struct OnceReady(AtomicUsize);

    #[async_trait]
    impl Readiness for OnceReady {
        async fn checks(&self) -> Vec<Check> {
            vec![Check { name: "example".to_owned(), ok: self.0.fetch_add(1, Ordering::SeqCst) == 0 }]
        }
    }

    #[actix_web::test]
    async fn many_questions_are_one_look_and_a_change_is_seen_soon() {
        let readiness = Arc::new(OnceReady::default());
        let health = Health {
            readiness: Arc::clone(&readiness) as Arc<dyn Readiness>,
            metrics: Arc::new(String::new),
            version: "1",
            commit: "x",
        };
        let app = init_service(App::new().configure(configure(health))).await;
        let ask = async || call_service(&app, TestRequest::get().uri("/readyz").to_request()).await.status().as_u16();
        let begun = Instant::now();
        let mut asked = 0;
        while ask().await == 200 {
            asked += 1;
            assert!(begun.elapsed() < Duration::from_secs(60), "the change was never seen");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(readiness.0.load(Ordering::SeqCst), 2, "after {asked} questions");
        assert!(asked > 1);
    }
}
