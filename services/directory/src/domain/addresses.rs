//! The addresses from which a program may call.

use std::net::IpAddr;

use cordon_context::{Bilingual, Refusal};
use ipnet::IpNet;

/// The most entries in one list.
const MOST: usize = 100;

/// Reads a list and gives it in its normal form; a single address is a network of one.
pub(crate) fn normal(list: &[String]) -> Result<Vec<String>, Refusal> {
    let refused = || {
        Refusal::invalid(
            "allowedAddresses",
            "client.address",
            Bilingual::new(
                "须为 IP 地址或网段，例如 192.0.2.7 或 192.0.2.0/24，最多 100 项",
                "must be addresses or networks such as 192.0.2.7 or 192.0.2.0/24, at most 100",
            ),
        )
    };
    if list.len() > MOST {
        return Err(refused());
    }
    let mut normal = list
        .iter()
        .map(|text| network(text).map(|net| net.trunc().to_string()).ok_or_else(refused))
        .collect::<Result<Vec<_>, _>>()?;
    normal.sort();
    normal.dedup();
    Ok(normal)
}

/// Whether a call from an address is let in; an entry that cannot be read lets nothing in.
pub(crate) fn allows(list: &[String], address: Option<IpAddr>) -> bool {
    if list.is_empty() {
        return true;
    }
    // A gateway that listens on both families sees IPv4 callers in their IPv6 form.
    let Some(address) = address.map(|address| address.to_canonical()) else { return false };
    list.iter().filter_map(|text| network(text)).any(|net| net.contains(&address))
}

fn network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_let_in_what_they_name_and_nothing_else() {
        let list = normal(&["192.0.2.9/24".to_owned(), "2001:db8::1".to_owned()]).unwrap();
        assert_eq!(list, ["192.0.2.0/24", "2001:db8::1/128"]);
        for (address, expected) in [
            ("192.0.2.200", true),
            ("::ffff:192.0.2.5", true),
            ("192.0.3.1", false),
            ("2001:db8::1", true),
            ("2001:db8::2", false),
        ] {
            assert_eq!(allows(&list, Some(address.parse().unwrap())), expected, "{address}");
        }
        assert!(!allows(&list, None));
        assert!(allows(&[], None));
        assert!(!allows(&["rubbish".to_owned()], Some("192.0.2.1".parse().unwrap())));
        assert!(normal(&["192.0.2.0/33".to_owned()]).is_err());
    }
}
