//! What may be called.

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What may be called, and for how long.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OutboundSettings {
    /// Ports that may be called on public addresses.
    pub ports: Vec<u16>,
    /// Whether `http` is allowed beside `https` on public addresses.
    pub allow_plain_http: bool,
    /// Private networks that may be called as if they were public, such as a leased line to an enterprise.
    #[schemars(with = "Vec<String>")]
    pub private_networks: Vec<IpNet>,
    /// Ports on this machine that may be called, for development and tests; a URL with such a port reaches nothing else.
    pub loopback_ports: Vec<u16>,
    /// Whether every port on this machine other than those in `ports` counts as listed in `loopback_ports`; for development only.
    pub any_loopback_port: bool,
    /// Certificate authorities that are trusted beside the system's, as PEM.
    pub extra_roots_pem: Vec<String>,
    /// Milliseconds until a connection must stand.
    pub connect_timeout_ms: u64,
    /// Milliseconds until the whole answer must be there.
    pub timeout_ms: u64,
    /// Bytes of an answer's body that are read; the rest is not.
    pub body_limit: usize,
}

impl Default for OutboundSettings {
    fn default() -> Self {
        Self {
            ports: vec![443],
            allow_plain_http: false,
            private_networks: Vec::new(),
            loopback_ports: Vec::new(),
            any_loopback_port: false,
            extra_roots_pem: Vec::new(),
            connect_timeout_ms: 5_000,
            timeout_ms: 15_000,
            body_limit: 4_096,
        }
    }
}

impl OutboundSettings {
    /// Whether a port stands for this machine and nothing else.
    pub(crate) fn is_loopback_port(&self, port: u16) -> bool {
        !self.ports.contains(&port) && (self.any_loopback_port || self.loopback_ports.contains(&port))
    }
}
