//! `cordon serve`.

use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::Context as _;
use async_trait::async_trait;
use cordon_context::SystemClock;
use cordon_graphql::{Engine, EngineParts};
use cordon_store::Database;
use cordon_web::health::{self, Check, Health, Readiness};
use cordon_web::{Authenticator, Edge, answer, edge};
use futures::future::select_all;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::assembly::{self, Platform};
use crate::cli::{Serve, Target};
use crate::exit::Ending;
use crate::seed;
use crate::settings::Settings;

/// Serves until the process is asked to stop, and then lets everything that has begun come to its end.
pub(crate) async fn run(settings: &Settings, options: &Serve) -> anyhow::Result<Ending> {
    match options.target {
        Target::All => {}
    }
    for warning in settings.warnings() {
        tracing::warn!(warning.code, "{} / {}", warning.zh, warning.en);
    }
    let metrics = cordon_telemetry::Metrics::start()?;
    let platform = Arc::new(Platform::assemble(settings, Arc::new(SystemClock)).await?);
    let stop = CancellationToken::new();
    let jobs = TaskTracker::new();
    for job in platform.jobs(settings, &stop) {
        jobs.spawn(job);
    }
    let folding = metrics.clone();
    jobs.spawn(fold_metrics(folding, stop.clone()));

    // Long-lived connections hear first that the process ends: the server waits for them, and jobs end after the server.
    let closing = CancellationToken::new();
    let authenticator = platform.authenticator();
    let parts = engine_parts(settings, &platform, Arc::clone(&authenticator), &closing)?;
    let engine = Arc::new(Engine::new(parts));
    let edge_state = web::Data::new(Edge::new(&settings.services.edge, authenticator).context("edge.allowed_origins")?);
    let rendered = settings.server.metrics.then_some(metrics);
    let health = Health {
        readiness: Arc::new(Databases(platform.databases().to_vec())),
        metrics: Arc::new(move || rendered.as_ref().map(cordon_telemetry::Metrics::render).unwrap_or_default()),
        version: env!("CARGO_PKG_VERSION"),
        commit: option_env!("CORDON_COMMIT").unwrap_or("unknown"),
    };
    let server = &settings.server;
    let mut http = HttpServer::new(move || {
        App::new().configure(health::configure(health.clone())).app_data(edge_state.clone()).service(
            web::scope("")
                .wrap(from_fn(edge))
                .route("/", web::get().to(welcome))
                .configure(cordon_graphql::configure(Arc::clone(&engine)))
                .default_service(web::to(answer::nothing_here)),
        )
    })
    .client_request_timeout(Duration::from_millis(server.head_timeout_ms))
    .keep_alive(Duration::from_secs(server.keep_alive_s))
    .shutdown_timeout(server.shutdown_timeout_s)
    .max_connections(server.max_connections)
    .disable_signals();
    if server.workers > 0 {
        http = http.workers(server.workers);
    }
    let http = http.bind(server.listen).with_context(|| format!("无法监听 / cannot listen on {}", server.listen))?;
    // Whoever reads the address may ask the process to stop at once.
    let asked = [SignalKind::terminate(), SignalKind::interrupt()].map(signal);
    let asked = asked.into_iter().collect::<Result<_, _>>()?;
    announce(settings, &http.addrs());
    let serving = http.run();
    let ending = tokio::spawn(end_when_asked(asked, serving.handle(), closing));
    serving.await.context("HTTP")?;
    ending.abort();

    stop.cancel();
    jobs.close();
    if tokio::time::timeout(Duration::from_secs(server.shutdown_timeout_s), jobs.wait()).await.is_err() {
        tracing::warn!("background jobs did not end in time; what they held is taken up again after the next start");
    }
    platform.drain().await;
    Ok(Ending::Done)
}

/// Tells subscribers that they have to come back, and then lets the requests that have begun come to their end.
async fn end_when_asked(mut asked: Vec<Signal>, server: ServerHandle, closing: CancellationToken) {
    select_all(asked.iter_mut().map(|signal| Box::pin(signal.recv()))).await;
    closing.cancel();
    server.stop(true).await;
}

fn engine_parts(
    settings: &Settings,
    platform: &Platform,
    authenticator: Arc<dyn Authenticator>,
    closing: &CancellationToken,
) -> anyhow::Result<EngineParts> {
    let mut graphql = settings.services.graphql.clone();
    graphql.mode = if settings.mode.is_production() {
        cordon_graphql::Mode::Production
    } else {
        cordon_graphql::Mode::Development
    };
    graphql.upload_folder.get_or_insert_with(|| settings.services.case_intake.imports.upload_folder.clone());
    Ok(EngineParts {
        services: platform.services(),
        gate: platform.gate(),
        authenticator,
        clock: platform.clock(),
        ledgers: platform.ledgers(),
        bus: Some(platform.bus()),
        stop: closing.clone(),
        manifest: assembly::manifest(settings)?,
        settings: graphql,
    })
}

#[expect(
    clippy::print_stdout,
    reason = "the person who starts the server wants to know where it is and who can sign in"
)]
fn announce(settings: &Settings, addresses: &[std::net::SocketAddr]) {
    for address in addresses {
        let base = base_of(*address);
        println!("Cordon 合围: {base}");
        if !settings.mode.is_production() {
            print!("{}", seed::who_can_sign_in(settings, &base));
        }
    }
}

/// The address to paste: by name on this machine, by number elsewhere.
pub(crate) fn base_of(address: std::net::SocketAddr) -> String {
    if address.is_ipv4() && address.ip().is_loopback() {
        format!("http://localhost:{}", address.port())
    } else {
        format!("http://{address}")
    }
}

async fn welcome() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(
        "Cordon 合围\nPOST /graphql\nGET  /graphql/schema.graphql (production: signed in)\nGET  /graphiql (development)\nGET  /readyz\n",
    )
}

async fn fold_metrics(metrics: cordon_telemetry::Metrics, stop: CancellationToken) {
    while !stop.is_cancelled() {
        metrics.fold();
        stop.run_until_cancelled(tokio::time::sleep(Duration::from_secs(5))).await;
    }
}

/// Requests can be taken when every database answers.
struct Databases(Vec<Database>);

#[async_trait]
impl Readiness for Databases {
    async fn checks(&self) -> Vec<Check> {
        let mut checks = Vec::with_capacity(self.0.len());
        for database in &self.0 {
            checks.push(Check {
                name: format!("{}.database", database.service()),
                ok: database.last_position().await.is_ok(),
            });
        }
        checks
    }
}
