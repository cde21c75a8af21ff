//! The guarded client.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Certificate, Client, redirect};

use crate::resolver::{Guarded, Zone};
use crate::target::{self, Blocked};
use crate::{OutboundSettings, Resolver};

/// The client could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// An extra certificate authority is not PEM.
    #[error("an extra certificate authority is not PEM / 附加的 CA 证书不是有效的 PEM")]
    Root(#[source] reqwest::Error),
    /// The TLS stack refused to start.
    #[error("the HTTP client could not be set up / HTTP 客户端初始化失败")]
    Client(#[source] reqwest::Error),
}

/// What is posted.
#[derive(Clone, Debug)]
pub struct Post<'a> {
    /// Where to.
    pub url: &'a str,
    /// Headers beside those of HTTP itself.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status; a redirect is an answer like any other.
    pub status: u16,
    /// The beginning of the body.
    pub body: Vec<u8>,
    /// How long the other side asks us to wait.
    pub retry_after: Option<Duration>,
}

/// Why nothing came back.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// The guard refused before a byte was sent.
    #[error(transparent)]
    Blocked(#[from] Blocked),
    /// A header cannot be sent.
    #[error("a header holds bytes that cannot be sent / 请求头包含非法字节")]
    Header,
    /// No answer in time.
    #[error("no answer in time / 对方未在限定时间内应答")]
    Timeout,
    /// No connection: no address, nobody listening, no TLS.
    #[error("no connection / 无法建立连接")]
    Connect(#[source] reqwest::Error),
    /// The answer is not HTTP, or broke off.
    #[error("the answer is broken / 应答不完整或不符合 HTTP")]
    Broken(#[source] reqwest::Error),
}

impl OutboundError {
    /// A stable word for the delivery log.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Blocked(blocked) => blocked.word(),
            Self::Header => "header",
            Self::Timeout => "timeout",
            Self::Connect(_) => "connect",
            Self::Broken(_) => "broken",
        }
    }
}

/// Posts to URLs that others chose.
#[derive(Clone)]
pub struct Outbound {
    settings: Arc<OutboundSettings>,
    public_zone: Zone,
    public: Client,
    loopback: Client,
}

impl std::fmt::Debug for Outbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbound").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Outbound {
    /// Sets up the clients: one that reaches public addresses, one that reaches this machine only.
    pub fn new(settings: OutboundSettings, resolver: Arc<dyn Resolver>) -> Result<Self, SetupError> {
        // Another part of the process may have chosen a provider; then its choice stands.
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            let _chosen_meanwhile = rustls::crypto::ring::default_provider().install_default();
        }
        let mut roots = Vec::new();
        for pem in &settings.extra_roots_pem {
            roots.extend(Certificate::from_pem_bundle(pem.as_bytes()).map_err(SetupError::Root)?);
        }
        let public_zone = Zone::Public(settings.private_networks.clone().into());
        let builder = |zone: Zone| {
            Client::builder()
                .connect_timeout(Duration::from_millis(settings.connect_timeout_ms))
                .timeout(Duration::from_millis(settings.timeout_ms))
                .redirect(redirect::Policy::none())
                .no_proxy()
                .http1_only()
                .pool_max_idle_per_host(2)
                .pool_idle_timeout(Duration::from_secs(30))
                .user_agent(concat!("Cordon/", env!("CARGO_PKG_VERSION")))
                .dns_resolver(Arc::new(Guarded { resolver: Arc::clone(&resolver), zone }))
        };
        let public = builder(public_zone.clone()).tls_certs_merge(roots.clone()).build().or_else(|error| {
            // A machine without certificate authorities can still run everything else; its calls fail with a TLS error.
            let cause: &dyn Error = &error;
            tracing::warn!(error = cause, "the system's certificate authorities could not be loaded");
            builder(public_zone.clone()).tls_certs_only(roots.clone()).build().map_err(SetupError::Client)
        })?;
        let loopback = builder(Zone::Loopback).tls_certs_only(roots.clone()).build().map_err(SetupError::Client)?;
        Ok(Self { settings: Arc::new(settings), public_zone, public, loopback })
    }

    /// Says whether a URL may be called at all, before its name is resolved: for the moment at which somebody enters it.
    pub fn check(&self, url: &str) -> Result<(), Blocked> {
        target::check(url, &self.settings, &self.public_zone).map(drop)
    }

    /// Posts once and reads a bounded part of the answer.
    pub async fn post(&self, post: Post<'_>) -> Result<Answer, OutboundError> {
        let target = target::check(post.url, &self.settings, &self.public_zone)?;
        let client = if target.loopback { &self.loopback } else { &self.public };
        let mut request = client.post(target.url).body(post.body);
        for (name, value) in post.headers {
            let value = HeaderValue::try_from(value).map_err(|_source| OutboundError::Header)?;
            request = request.header(HeaderName::from_static(name), value);
        }
        let mut answer = request.send().await.map_err(failure)?;
        let status = answer.status().as_u16();
        let retry_after = answer
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.parse().ok())
            .map(Duration::from_secs);
        let mut body = Vec::new();
        while body.len() < self.settings.body_limit {
            let Some(chunk) = answer.chunk().await.map_err(failure)? else { break };
            let room = self.settings.body_limit - body.len();
            body.extend(chunk.iter().take(room));
        }
        Ok(Answer { status, body, retry_after })
    }
}

fn failure(error: reqwest::Error) -> OutboundError {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(blocked) = cause.downcast_ref::<Blocked>() {
            return OutboundError::Blocked(blocked.clone());
        }
        source = cause.source();
    }
    if error.is_timeout() {
        OutboundError::Timeout
    } else if error.is_connect() {
        OutboundError::Connect(error.without_url())
    } else {
        OutboundError::Broken(error.without_url())
    }
}
