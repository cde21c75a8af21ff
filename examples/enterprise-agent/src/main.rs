//! A reference adapter for an enterprise: it receives signed webhooks, fetches what has to be done, executes it once in its own
//! ledger and confirms it. An engineer of a carrier or an internet firm can copy it and put the real systems behind `ledger`.
//!
//! It must not know anything of the platform but its published contract: no crate of the platform is used here.

mod clock;
mod documents;
mod ledger;
mod message_key;
mod platform;
mod server;
mod settings;
mod signature;
mod webhook;
mod work;

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use actix_web::{App, HttpServer, web};
use anyhow::{Context as _, Result};
use clap::Parser as _;
use tokio::sync::{Notify, watch};
use tracing_subscriber::EnvFilter;

use crate::ledger::Ledger;
use crate::message_key::MessageKey;
use crate::platform::Platform;
use crate::server::Desk;
use crate::settings::Settings;
use crate::signature::Keys;
use crate::webhook::Key;
use crate::work::Worker;

#[actix_web::main]
async fn main() -> Result<()> {
    let settings = Settings::parse();
    if let Some(file) = &settings.make_message_key {
        return Ok(writeln!(std::io::stdout().lock(), "{}", MessageKey::make(file)?)?);
    }
    log_to_stderr(settings.log_json);
    // Without a provider of its own the TLS library refuses to start; a second start of the same one is no fault.
    let _chosen = rustls::crypto::ring::default_provider().install_default();

    let ledger = Ledger::open(&settings.ledger).await?;
    if let Some(file) = &settings.resources {
        let new = ledger.load(file).await?;
        tracing::info!(resources = new, "resources were taken from the file");
    }
    let keys = settings.webhook_keys.iter().map(|key| Key::parse(key)).collect::<Result<Vec<_>>>()?;
    if keys.is_empty() {
        tracing::warn!("no webhook key is given: every message is turned away, and tasks come by pulling only");
    }
    let message_key = settings.message_key_file.as_deref().map(MessageKey::read).transpose()?;
    let platform = Platform::new(&settings.platform, settings.token()?, message_key, settings.send_documents)?;

    let wake = Arc::new(Notify::new());
    let desk = web::Data::new(Desk { ledger: ledger.clone(), keys, wake: Arc::clone(&wake) });
    let server = HttpServer::new(move || App::new().app_data(desk.clone()).configure(server::routes))
        .workers(2)
        .shutdown_timeout(10)
        .bind(settings.listen)
        .with_context(|| format!("cannot listen on {} / 无法监听", settings.listen))?;
    announce(&server.addrs())?;

    let (stop, stopped) = watch::channel(false);
    let pull = Duration::from_secs(settings.pull_seconds.max(1));
    let worker = Worker { ledger, platform, wake, pull, serve_all: settings.serve_all, keys: Keys::default() };
    let working = tokio::spawn(worker.run(stopped));
    // The server ends on SIGINT or SIGTERM, after the requests that are in hand.
    let served = server.run().await;
    stop.send_replace(true);
    working.await.context("the worker broke off")?;
    tracing::info!("stopped in order");
    served.context("the server broke off")
}

/// Prints where the agent listens, on one line, for whoever started it.
fn announce(addresses: &[std::net::SocketAddr]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    for address in addresses {
        writeln!(out, "listening on http://{address}")?;
    }
    Ok(out.flush()?)
}

fn log_to_stderr(json: bool) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(filter);
    if json {
        builder.json().init();
    } else {
        builder.with_ansi(false).init();
    }
}
