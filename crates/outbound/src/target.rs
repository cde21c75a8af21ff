//! What a URL must look like before anything is resolved.

use std::net::IpAddr;

use url::{Host, Url};

use crate::address::Forbidden;
use crate::{OutboundSettings, resolver::Zone};

/// Why a URL is not called.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Blocked {
    /// It does not parse.
    #[error("not a URL / 不是有效的 URL")]
    Malformed,
    /// It is longer than 2,048 bytes.
    #[error("the URL is too long / URL 过长")]
    TooLong,
    /// Its scheme is not `https` (nor an allowed `http`).
    #[error("the scheme is not allowed / 不允许的协议")]
    Scheme,
    /// It carries a user name or a password.
    #[error("a user name or password in the URL is not allowed / URL 中不允许包含用户名或密码")]
    UserInfo,
    /// It carries a fragment, which no server ever sees.
    #[error("a fragment in the URL is not allowed / URL 中不允许包含片段标识")]
    Fragment,
    /// Its port is not among the allowed ones.
    #[error("the port is not allowed / 不允许的端口")]
    Port,
    /// It names or resolves to an address outside the public internet.
    #[error("the address is not in the public internet: {0} / 地址不在公共互联网内")]
    Address(Forbidden),
    /// Its port is reserved for this machine, and it names another one.
    #[error("the port is reserved for this machine / 该端口仅限本机")]
    NotLoopback,
}

impl Blocked {
    /// A stable word for the delivery log.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Malformed => "blocked.malformed",
            Self::TooLong => "blocked.too_long",
            Self::Scheme => "blocked.scheme",
            Self::UserInfo => "blocked.user_info",
            Self::Fragment => "blocked.fragment",
            Self::Port => "blocked.port",
            Self::Address(_) => "blocked.address",
            Self::NotLoopback => "blocked.not_loopback",
        }
    }
}

/// A URL that may be resolved, and where its connection may go.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) url: Url,
    pub(crate) loopback: bool,
}

pub(crate) fn check(text: &str, settings: &OutboundSettings, public: &Zone) -> Result<Target, Blocked> {
    const LONGEST: usize = 2_048;
    if text.len() > LONGEST {
        return Err(Blocked::TooLong);
    }
    // The parser drops tabs and line ends and trims blanks; what a person reads must be what is called.
    if text.chars().any(|character| character.is_control() || character.is_whitespace() || character == '\\') {
        return Err(Blocked::Malformed);
    }
    let url = Url::parse(text).map_err(|_source| Blocked::Malformed)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Blocked::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() || text.contains('@') && authority(text).contains('@') {
        return Err(Blocked::UserInfo);
    }
    if url.fragment().is_some() {
        return Err(Blocked::Fragment);
    }
    let port = url.port_or_known_default().ok_or(Blocked::Port)?;
    let loopback = settings.is_loopback_port(port);
    if !loopback {
        if url.scheme() == "http" && !settings.allow_plain_http {
            return Err(Blocked::Scheme);
        }
        let plain = settings.allow_plain_http && port == 80;
        if !plain && !settings.ports.contains(&port) {
            return Err(Blocked::Port);
        }
    }
    let address: Option<IpAddr> = match url.host().ok_or(Blocked::Malformed)? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    };
    // The client does not ask the resolver for a literal address, so it is checked here.
    if let Some(address) = address {
        if loopback { Zone::Loopback.admits(address)? } else { public.admits(address)? }
    }
    Ok(Target { url, loopback })
}

fn authority(text: &str) -> &str {
    let rest = text.split_once("//").map_or(text, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}
