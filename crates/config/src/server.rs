use std::net::SocketAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the process listens and how much a client may take.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Address and port; port 0 takes a free one and prints it.
    #[schemars(with = "String")]
    pub listen: SocketAddr,
    /// The address under which users and enterprises reach this server, without a slash at the end.
    pub public_url: String,
    /// Further origins whose pages may call the API; the origin of `public_url` always may.
    pub allowed_origins: Vec<String>,
    /// Addresses of the reverse proxies whose `X-Forwarded-For` is believed; from others the header is ignored.
    #[schemars(with = "Vec<String>")]
    pub trusted_proxies: Vec<std::net::IpAddr>,
    /// Worker threads; 0 takes one per core.
    pub workers: usize,
    /// Open connections per worker.
    pub max_connections: usize,
    /// Milliseconds within which a client must have sent the head of a request.
    pub head_timeout_ms: u64,
    /// Milliseconds within which a client must have sent the body of a request that is not an upload.
    pub body_timeout_ms: u64,
    /// Largest body of a request that is not an upload, in bytes.
    pub body_limit_bytes: usize,
    /// Largest uploaded file, in bytes.
    pub upload_limit_bytes: u64,
    /// Seconds within which an upload must be complete.
    pub upload_timeout_s: u64,
    /// Seconds that an idle connection is kept.
    pub keep_alive_s: u64,
    /// Seconds that running requests get to finish after a stop was asked for.
    pub shutdown_timeout_s: u64,
    /// Whether `/metrics` answers on the same port; put a proxy in front that does not pass it on.
    pub metrics: bool,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: "http://localhost:8080".to_owned(),
            allowed_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            workers: 0,
            max_connections: 4_096,
            head_timeout_ms: 5_000,
            body_timeout_ms: 10_000,
            body_limit_bytes: 256 * 1_024,
            upload_limit_bytes: 1_024 * 1_024 * 1_024,
            upload_timeout_s: 900,
            keep_alive_s: 30,
            shutdown_timeout_s: 20,
            metrics: true,
        }
    }
}
