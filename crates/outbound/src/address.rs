//! Which addresses lie in the public internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Why an address is not connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    /// This machine.
    #[error("loopback")]
    Loopback,
    /// Neighbors on the wire, the metadata services of clouds among them.
    #[error("link-local")]
    LinkLocal,
    /// Private, shared (CGNAT), benchmarking, documentation or otherwise reserved ranges.
    #[error("private or reserved")]
    Reserved,
    /// Groups and broadcast.
    #[error("multicast or broadcast")]
    Multicast,
    /// An IPv6 form that carries an IPv4 address: mapped, compatible, 6to4, Teredo, NAT64.
    #[error("an embedded IPv4 address")]
    Embedded,
}

const RESERVED_V4: &[Ipv4Net] = &[
    v4(0, 0, 0, 0, 8),
    v4(10, 0, 0, 0, 8),
    v4(100, 64, 0, 0, 10),
    v4(172, 16, 0, 0, 12),
    v4(192, 0, 0, 0, 24),
    v4(192, 0, 2, 0, 24),
    v4(192, 88, 99, 0, 24),
    v4(192, 168, 0, 0, 16),
    v4(198, 18, 0, 0, 15),
    v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24),
];

/// Only this block of IPv6 is given out for the internet; everything outside it is refused.
const GLOBAL_V6: Ipv6Net = v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

const RESERVED_V6: &[Ipv6Net] = &[
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
    v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
];

const EMBEDDING_V6: &[Ipv6Net] = &[
    v6([0, 0, 0, 0, 0, 0, 0, 0], 96),
    v6([0, 0, 0, 0, 0, 0xffff, 0, 0], 96),
    v6([0, 0, 0, 0, 0xffff, 0, 0, 0], 96),
    v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96),
    v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48),
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 32),
    v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
];

const fn v4(a: u8, b: u8, c: u8, d: u8, length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

const fn v6(segments: [u16; 8], length: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::from_segments(segments), length)
}

/// Whether a connection may go to `address`; `private` names networks that the operator trusts, such as a leased line.
///
/// No setting opens loopback, link-local, multicast or embedded addresses.
pub(crate) fn check(address: IpAddr, private: &[IpNet]) -> Result<(), Forbidden> {
    let found = match address {
        IpAddr::V4(address) => check_v4(address),
        IpAddr::V6(address) => check_v6(address),
    };
    match found {
        Err(Forbidden::Reserved) if private.iter().any(|network| network.contains(&address)) => Ok(()),
        found => found,
    }
}

fn check_v4(address: Ipv4Addr) -> Result<(), Forbidden> {
    if address.is_loopback() {
        Err(Forbidden::Loopback)
    } else if address.is_link_local() {
        Err(Forbidden::LinkLocal)
    } else if address.octets().first().is_some_and(|first| *first >= 224) {
        Err(Forbidden::Multicast)
    } else if RESERVED_V4.iter().any(|network| network.contains(&address)) {
        Err(Forbidden::Reserved)
    } else {
        Ok(())
    }
}

fn check_v6(address: Ipv6Addr) -> Result<(), Forbidden> {
    if address.is_loopback() {
        Err(Forbidden::Loopback)
    } else if EMBEDDING_V6.iter().any(|network| network.contains(&address)) {
        Err(Forbidden::Embedded)
    } else if address.is_unicast_link_local() {
        Err(Forbidden::LinkLocal)
    } else if address.is_multicast() {
        Err(Forbidden::Multicast)
    } else if !GLOBAL_V6.contains(&address) || RESERVED_V6.iter().any(|network| network.contains(&address)) {
        Err(Forbidden::Reserved)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_public_addresses_are_connected_to() {
        for (text, expected) in [
            ("8.8.8.8", Ok(())),
            ("223.5.5.5", Ok(())),
            ("2400:3200::1", Ok(())),
            ("0.0.0.0", Err(Forbidden::Reserved)),
            ("10.1.2.3", Err(Forbidden::Reserved)),
            ("100.64.0.1", Err(Forbidden::Reserved)),
            ("100.127.255.255", Err(Forbidden::Reserved)),
            ("100.128.0.1", Ok(())),
            ("127.0.0.1", Err(Forbidden::Loopback)),
            ("127.255.0.9", Err(Forbidden::Loopback)),
            ("169.254.169.254", Err(Forbidden::LinkLocal)),
            ("172.16.0.1", Err(Forbidden::Reserved)),
            ("172.32.0.1", Ok(())),
            ("192.0.0.8", Err(Forbidden::Reserved)),
            ("192.168.1.1", Err(Forbidden::Reserved)),
            ("198.19.0.1", Err(Forbidden::Reserved)),
            ("224.0.0.1", Err(Forbidden::Multicast)),
            ("240.0.0.1", Err(Forbidden::Multicast)),
            ("255.255.255.255", Err(Forbidden::Multicast)),
            ("::", Err(Forbidden::Embedded)),
            ("::1", Err(Forbidden::Loopback)),
            ("::127.0.0.1", Err(Forbidden::Embedded)),
            ("::ffff:127.0.0.1", Err(Forbidden::Embedded)),
            ("::ffff:8.8.8.8", Err(Forbidden::Embedded)),
            ("64:ff9b::7f00:1", Err(Forbidden::Embedded)),
            ("64:ff9b:1::a9fe:a9fe", Err(Forbidden::Embedded)),
            ("2001:0:4136:e378::1", Err(Forbidden::Embedded)),
            ("2001:db8::1", Err(Forbidden::Reserved)),
            ("2002:7f00:1::", Err(Forbidden::Embedded)),
            ("fc00::1", Err(Forbidden::Reserved)),
            ("fd12:3456::1", Err(Forbidden::Reserved)),
            ("fe80::1", Err(Forbidden::LinkLocal)),
            ("fec0::1", Err(Forbidden::Reserved)),
            ("ff02::1", Err(Forbidden::Multicast)),
            ("3fff::1", Err(Forbidden::Reserved)),
            ("5f00::1", Err(Forbidden::Reserved)),
        ] {
            assert_eq!(check(text.parse().unwrap(), &[]), expected, "{text}");
        }
    }

    #[test]
    fn a_trusted_private_network_opens_itself_and_nothing_dangerous() {
        let everything: Vec<IpNet> = vec!["0.0.0.0/0".parse().unwrap(), "::/0".parse().unwrap()];
        assert_eq!(check("10.8.0.5".parse().unwrap(), &["10.8.0.0/16".parse().unwrap()]), Ok(()));
        assert_eq!(check("10.9.0.5".parse().unwrap(), &["10.8.0.0/16".parse().unwrap()]), Err(Forbidden::Reserved));
        for never in ["127.0.0.1", "169.254.169.254", "224.0.0.1", "::1", "::ffff:10.0.0.1", "fe80::1"] {
            assert!(check(never.parse().unwrap(), &everything).is_err(), "{never}");
        }
    }

    proptest! {
        #[test]
        fn what_the_standard_library_calls_private_is_never_public(bits: u32) {
            let address = Ipv4Addr::from(bits);
            if address.is_private() || address.is_loopback() || address.is_link_local() || address.is_broadcast()
                || address.is_documentation() || address.is_unspecified() || address.is_multicast()
            {
                prop_assert!(check(address.into(), &[]).is_err());
            }
            prop_assert!(check(address.to_ipv6_mapped().into(), &[]).is_err());
        }
    }
}
