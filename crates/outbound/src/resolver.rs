//! From a name to addresses, and the check between the two.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::address;
use crate::target::Blocked;

/// Turns names into addresses; the guard checks what comes out.
#[async_trait]
pub trait Resolver: Send + Sync + 'static {
    /// Every address of `host`.
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The resolver of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

#[async_trait]
impl Resolver for SystemResolver {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// Where a client may connect to.
#[derive(Clone, Debug)]
pub(crate) enum Zone {
    /// Public addresses and these networks.
    Public(Arc<[IpNet]>),
    /// This machine only.
    Loopback,
}

impl Zone {
    pub(crate) fn admits(&self, address: IpAddr) -> Result<(), Blocked> {
        match self {
            Self::Public(private) => address::check(address, private).map_err(Blocked::Address),
            Self::Loopback if address.is_loopback() => Ok(()),
            Self::Loopback => Err(Blocked::NotLoopback),
        }
    }
}

/// Stands between the HTTP client and the resolver: the client gets only addresses that its zone admits.
pub(crate) struct Guarded {
    pub(crate) resolver: Arc<dyn Resolver>,
    pub(crate) zone: Zone,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (resolver, zone) = (Arc::clone(&self.resolver), self.zone.clone());
        Box::pin(async move {
            let addresses = resolver.resolve(name.as_str()).await?;
            if addresses.is_empty() {
                return Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address").into());
            }
            // One forbidden address among good ones is how a name is rebound; the whole answer is refused.
            for address in &addresses {
                zone.admits(*address)?;
            }
            let addresses: Addrs = Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}
