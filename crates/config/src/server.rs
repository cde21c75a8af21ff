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
    /// Worker threads; 0 takes one per core.
    pub workers: usize,
    /// Open connections per worker.
    pub max_connections: usize,
    /// Milliseconds within which a client must have sent the head of a request.
    pub head_timeout_ms: u64,
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
            workers: 0,
            max_connections: 4_096,
            head_timeout_ms: 5_000,
            keep_alive_s: 30,
            shutdown_timeout_s: 20,
            metrics: true,
        }
    }
}
