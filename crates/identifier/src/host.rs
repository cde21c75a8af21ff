//! Host names, addresses of pages and of machines.

use std::net::{IpAddr, Ipv4Addr};

use crate::{Violation, fold};

/// Top-level names that no registry sells (RFC 2606); drills and documents use them.
const RESERVED: [&str; 3] = ["example", "test", "invalid"];

/// Brings a host name to its ASCII form, in lower case, or says which rule it breaks.
pub(crate) fn domain(text: &str) -> Result<String, Violation> {
    let plain = undo_dots(text.trim());
    let name = plain.strip_suffix('.').unwrap_or(&plain);
    if name.is_empty() {
        return Err(Violation::Empty);
    }
    let ascii = if name.is_ascii() {
        name.to_owned()
    } else {
        idna::domain_to_ascii(name).map_err(|_| Violation::Character)?
    };
    check(&ascii)?;
    Ok(ascii)
}

/// Checks a host name that is ASCII and in lower case.
pub(crate) fn check(name: &str) -> Result<(), Violation> {
    if name.len() > 253 {
        return Err(Violation::Length);
    }
    let mut labels = 0;
    for label in name.split('.') {
        labels += 1;
        if label.is_empty() || label.len() > 63 {
            return Err(Violation::Length);
        }
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
        if !label.bytes().all(allowed) || label.starts_with('-') || label.ends_with('-') {
            return Err(Violation::Character);
        }
    }
    // A name whose Punycode decodes to nothing lawful would come back different from every other reader.
    if name.contains("xn--") && !idna::domain_to_ascii(name).is_ok_and(|again| again == name) {
        return Err(Violation::Character);
    }
    if !has_known_suffix(name) {
        return Err(if labels < 2 { Violation::Form } else { Violation::UnknownSuffix });
    }
    if registrable(name).is_none() {
        return Err(Violation::PublicSuffix);
    }
    Ok(())
}

/// Says whether the name ends in a top-level domain that exists or is reserved.
pub(crate) fn has_known_suffix(name: &str) -> bool {
    let top = name.rsplit('.').next().unwrap_or(name);
    RESERVED.contains(&top) || psl::suffix(name.as_bytes()).is_some_and(|suffix| suffix.is_known())
}

/// Gives the part that a registrar sold, if the name is longer than a public suffix.
pub(crate) fn registrable(host: &str) -> Option<&str> {
    psl::domain_str(host)
}

/// Writes the dots of a name as dots, folds width and case and drops what is invisible.
fn undo_dots(text: &str) -> String {
    let mut plain: String =
        text.chars().filter_map(fold::lower).map(|c| if c == '。' || c == '点' { '.' } else { c }).collect();
    for disguise in ["[.]", "(.)", "{.}", "[dot]", "(dot)", "{dot}"] {
        if plain.contains(disguise) {
            plain = plain.replace(disguise, ".");
        }
    }
    plain
}

/// Reads an IP address, with the dots of an IPv4 address possibly in brackets.
pub(crate) fn ip(text: &str) -> Result<String, Violation> {
    let plain = undo_dots(text.trim());
    if plain.is_empty() {
        return Err(Violation::Empty);
    }
    plain.parse::<IpAddr>().map(|address| address.to_string()).map_err(|_| Violation::Form)
}

/// Reads the address of a page: scheme, host, port if unusual, path; a fragment never reaches a server and is dropped.
pub(crate) fn url(text: &str) -> Result<String, Violation> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Violation::Empty);
    }
    let (scheme, rest) = split_scheme(text);
    let end = rest.find(['/', '?', '#', '／', '？', '＃']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let authority = undo_dots(authority);
    // A name before `@` is a trick to show a foreign host, so it is not kept.
    let authority = authority.rsplit('@').next().unwrap_or(&authority);
    let (host, port) = split_port(authority)?;
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let host = match bare.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.to_string(),
        Ok(IpAddr::V6(address)) => format!("[{address}]"),
        Err(_) => domain(host)?,
    };
    let usual = if scheme == "https" { 443 } else { 80 };
    let port = port.filter(|&port| port != usual).map(|port| format!(":{port}")).unwrap_or_default();
    Ok(format!("{scheme}://{host}{port}{}", encode_path(path)))
}

/// Takes the scheme off, `hxxp` read as `http`; a missing one is `http`.
fn split_scheme(text: &str) -> (&'static str, &str) {
    let mut slashes = 0;
    let mut head = String::new();
    for (at, c) in text.char_indices() {
        let Some(c) = fold::lower(c) else { continue };
        match c {
            '/' | '\\' if head.ends_with(':') => {
                slashes += 1;
                if slashes == 2 {
                    let rest = text.get(at..).unwrap_or_default();
                    let rest = rest.get(rest.chars().next().map_or(0, char::len_utf8)..).unwrap_or_default();
                    return (
                        if head.starts_with("https") || head.starts_with("hxxps") { "https" } else { "http" },
                        rest,
                    );
                }
            }
            'a'..='z' | ':' if head.len() < 6 && slashes == 0 => head.push(c),
            _ => break,
        }
    }
    ("http", text)
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), Violation> {
    let tail = authority.rfind(']').unwrap_or(0);
    match authority.rfind(':').filter(|&at| at >= tail) {
        None => Ok((authority, None)),
        Some(at) => {
            let (host, port) = authority.split_at(at);
            let port = port.trim_start_matches(':');
            if port.is_empty() {
                return Ok((host, None));
            }
            port.parse().map(|port| (host, Some(port))).map_err(|_| Violation::Form)
        }
    }
}

/// Writes a path in ASCII; an empty one is `/`, which is what a browser asks for.
fn encode_path(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len() + 1);
    if !path.starts_with(['/', '／']) {
        encoded.push('/');
    }
    for c in path.chars().filter_map(fold::plain) {
        match c {
            '#' => break,
            '!'..='~' => encoded.push(c),
            _ => {
                let mut buffer = [0; 4];
                for byte in c.encode_utf8(&mut buffer).bytes() {
                    encoded.push('%');
                    for half in [byte >> 4, byte & 15] {
                        encoded.extend(char::from_digit(u32::from(half), 16).map(|c| c.to_ascii_uppercase()));
                    }
                }
            }
        }
    }
    encoded
}

/// Gives the host of an address in normal form.
pub(crate) fn of_url(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or(rest);
    match authority.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap_or(inner),
        None => authority.split(':').next().unwrap_or(authority),
    }
}

/// Reads an e-mail address.
pub(crate) fn email(text: &str) -> Result<String, Violation> {
    let plain = undo_dots(text.trim());
    if plain.is_empty() {
        return Err(Violation::Empty);
    }
    let (name, host) = plain.split_once('@').ok_or(Violation::Form)?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+' | b'%');
    if name.is_empty() || name.len() > 64 {
        return Err(Violation::Length);
    }
    if !name.bytes().all(allowed) || name.starts_with('.') || name.ends_with('.') || name.contains("..") {
        return Err(Violation::Character);
    }
    Ok(format!("{name}@{}", domain(host)?))
}

/// Says whether an address belongs to no single party on the internet, so that blocking it would hit the blocker.
pub(crate) fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4.is_unspecified()
                || v4 == Ipv4Addr::BROADCAST
                || (first == 100 && (64..128).contains(&second))
        }
        IpAddr::V6(v6) => {
            let first = v6.segments().first().copied().unwrap_or(0);
            v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_multicast()
                || first & 0xFE00 == 0xFC00
                || first & 0xFFC0 == 0xFE80
        }
    }
}
