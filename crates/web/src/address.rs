//! Where a request really comes from.

use std::net::IpAddr;
use std::str::FromStr;

use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;
use serde::Deserialize;

/// A network of addresses, such as `10.0.0.0/8`; a single address is a network of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Network {
    bits: u128,
    mask: u128,
}

/// The text is no address and no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an address or a network such as 10.0.0.0/8")]
pub struct InvalidNetwork;

impl FromStr for Network {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
        let address: IpAddr = address.trim().parse().map_err(|_source| InvalidNetwork)?;
        let widest: u32 = if address.is_ipv4() { 32 } else { 128 };
        let length = length.map_or(Ok(widest), str::parse).map_err(|_source| InvalidNetwork)?;
        if length > widest {
            return Err(InvalidNetwork);
        }
        let free = widest - length;
        let mask = u128::MAX.checked_shl(free).unwrap_or(0);
        Ok(Self { bits: number(address) & mask, mask })
    }
}

impl TryFrom<String> for Network {
    type Error = InvalidNetwork;

    fn try_from(text: String) -> Result<Self, InvalidNetwork> {
        text.parse()
    }
}

impl Network {
    /// Whether the address lies in the network.
    pub fn contains(&self, address: IpAddr) -> bool {
        number(address) & self.mask == self.bits
    }
}

/// IPv4 addresses in the place that IPv6 keeps for them, so that both kinds compare.
fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_ipv6_mapped()),
        IpAddr::V6(address) => u128::from(address),
    }
}

/// The client's address: the peer, or behind proxies of ours the right-most hop that is none of them.
pub fn client(request: &HttpRequest, proxies: &[Network]) -> Option<IpAddr> {
    request.peer_addr().map(|peer| nearest(peer.ip(), request.headers(), proxies))
}

pub(crate) fn nearest(peer: IpAddr, headers: &HeaderMap, proxies: &[Network]) -> IpAddr {
    let ours = |address: IpAddr| proxies.iter().any(|network| network.contains(address));
    // On a listener for both kinds an IPv4 client has an address in the form of IPv6; in that form all of them would be one.
    let mut nearest = peer.to_canonical();
    if !ours(peer) {
        // A stranger may claim what it wants.
        return nearest;
    }
    let values: Vec<&str> = headers.get_all("x-forwarded-for").filter_map(|value| value.to_str().ok()).collect();
    for hop in values.iter().rev().flat_map(|value| value.split(',').rev()) {
        let Ok(address) = hop.trim().parse::<IpAddr>() else { break };
        nearest = address.to_canonical();
        if !ours(address) {
            break;
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;
    use crate::authentication::budget_of;

    #[test]
    fn the_left_part_of_the_chain_is_not_believed() {
        let proxies = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let nearest_of = |peer: &str, chain: &[&str]| {
            let mut request = TestRequest::get();
            for value in chain {
                request = request.append_header(("x-forwarded-for", *value));
            }
            nearest(peer.parse().unwrap(), request.to_http_request().headers(), &proxies).to_string()
        };
        assert_eq!(nearest_of("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(nearest_of("10.1.1.1", &["1.2.3.4, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(nearest_of("10.1.1.1", &["1.2.3.4, 198.51.100.1, 10.2.2.2"]), "198.51.100.1");
        assert_eq!(nearest_of("10.1.1.1", &["1.2.3.4", "198.51.100.1"]), "198.51.100.1");
        assert_eq!(nearest_of("10.1.1.1", &["1.2.3.4, nonsense"]), "10.1.1.1");
        assert_eq!(nearest_of("fd00::1", &["2001:db8::7"]), "2001:db8::7");
        assert_eq!(nearest_of("::ffff:203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(nearest_of("::ffff:10.1.1.1", &["::ffff:198.51.100.1"]), "198.51.100.1");
        assert!("10.0.0.0/33".parse::<Network>().is_err() && "x".parse::<Network>().is_err());
        assert!("0.0.0.0/0".parse::<Network>().unwrap().contains("203.0.113.9".parse().unwrap()));
    }

    #[test]
    fn clients_of_a_listener_for_both_kinds_have_budgets_of_their_own() {
        let request = TestRequest::get().to_http_request();
        let budget = |peer: &str| budget_of(Some(nearest(peer.parse().unwrap(), request.headers(), &[])));
        assert_ne!(budget("::ffff:192.0.2.1"), budget("::ffff:192.0.2.2"));
        assert_eq!(budget("::ffff:192.0.2.1"), budget("192.0.2.1"));
        // The negative control: real neighbours of one IPv6 network do share one.
        assert_eq!(budget("2001:db8::1"), budget("2001:db8::2"));
    }
}
