//! Addresses: the client's, behind which proxies, and whether it may post.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use ipnet::IpNet;
use url::{Host, Url};

/// The addresses of Polytomic's cloud, from its documentation. They do not hold for self-hosted Polytomic, and prove
/// nothing: a secret is still required.
const POLYTOMIC: [&str; 6] =
    ["54.190.82.25", "44.232.40.21", "35.155.106.54", "54.200.67.134", "44.224.213.129", "54.149.95.139"];

/// A list of addresses and CIDRs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

/// An entry of the list is neither an address, nor a CIDR, nor the word `polytomic`.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither an address, nor a CIDR such as 10.0.0.0/8, nor the word `polytomic`")]
pub struct ParseNetworksError(String);

impl FromStr for Networks {
    type Err = ParseNetworksError;

    fn from_str(list: &str) -> Result<Self, Self::Err> {
        let mut networks = Vec::new();
        for entry in list.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            if entry == "polytomic" {
                networks.extend(POLYTOMIC.iter().map(|address| single(address).expect("the list is of addresses")));
            } else if let Some(network) = single(entry).or_else(|| entry.parse().ok()) {
                networks.push(network);
            } else {
                return Err(ParseNetworksError(entry.to_owned()));
            }
        }
        Ok(Self(networks))
    }
}

fn single(address: &str) -> Option<IpNet> {
    address.parse::<IpAddr>().ok().map(|address| IpNet::from(address.to_canonical()))
}

impl Networks {
    /// Whether one of them contains `address`; an IPv4-mapped IPv6 address counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// Whether a URL's host is this machine itself.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// The client's address: the peer, or what trusted proxies say.
///
/// The chain is read from the right, where the nearest proxy wrote. The first address that is not a trusted proxy's is
/// the client; anything to its left could be made up. If an entry is unreadable, the proxy that wrote it stands for the
/// client.
///
/// * `forwarded_for`, `forwarded`: the values of the `X-Forwarded-For` and `Forwarded` (RFC 7239) headers, in the order
///   of the request
pub fn client_address<'a>(
    peer: IpAddr,
    trusted: &Networks,
    forwarded_for: impl Iterator<Item = &'a [u8]>,
    forwarded: impl Iterator<Item = &'a [u8]>,
) -> IpAddr {
    let peer = peer.to_canonical();
    if !trusted.contains(peer) {
        return peer;
    }
    let usual: Vec<_> = forwarded_for.flat_map(elements).map(|element| address(element.trim())).collect();
    let standard: Vec<_> = forwarded.flat_map(forwarded_nodes).collect();
    match (usual.is_empty(), standard.is_empty()) {
        (_, true) => last_untrusted(peer, trusted, usual),
        (true, false) => last_untrusted(peer, trusted, standard),
        (false, false) => {
            // A proxy writes one of the two and passes on the other as the client sent it. Nothing says which,
            // so neither is believed unless they agree.
            let client = last_untrusted(peer, trusted, usual);
            if client == last_untrusted(peer, trusted, standard) { client } else { peer }
        }
    }
}

/// From the last hop back, the first one that is not trusted; if a hop is unreadable, the one after it.
fn last_untrusted(peer: IpAddr, trusted: &Networks, chain: Vec<Option<IpAddr>>) -> IpAddr {
    let mut client = peer;
    for hop in chain.into_iter().rev() {
        let Some(hop) = hop else { return client };
        client = hop;
        if !trusted.contains(client) {
            return client;
        }
    }
    client
}

/// The comma-separated elements of one header value; a value that is not ASCII is a single unreadable element.
fn elements(value: &[u8]) -> impl Iterator<Item = &str> {
    std::str::from_utf8(value).unwrap_or("unreadable").split(',').filter(|element| !element.trim().is_empty())
}

/// The `for` of each element of a `Forwarded` value; `None` if it is unreadable. A value with an unclosed quotation
/// mark is a single unreadable element: nothing says where it ends and who wrote it.
fn forwarded_nodes(value: &[u8]) -> Vec<Option<IpAddr>> {
    let Some(elements) = std::str::from_utf8(value).ok().and_then(|value| split_unquoted(value, b',')) else {
        return vec![None];
    };
    elements.into_iter().filter(|element| !element.trim().is_empty()).map(forwarded_node).collect()
}

fn forwarded_node(element: &str) -> Option<IpAddr> {
    split_unquoted(element, b';')?.into_iter().find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then(|| address(value.trim().trim_matches('"')))?
    })
}

/// Splits a text at separators outside quoted strings (RFC 9110, 5.6.4); `None` if a string is not closed.
fn split_unquoted(text: &str, separator: u8) -> Option<Vec<&str>> {
    let mut parts = Vec::new();
    let (mut start, mut quoted, mut escaped) = (0, false, false);
    for (n, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if byte == separator && !quoted => {
                parts.push(&text[start..n]);
                start = n + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    (!quoted).then_some(parts)
}

/// An address with or without a port, IPv6 with or without brackets.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))?;
    Some(IpAddr::to_canonical(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(list: &str) -> Networks {
        list.parse().expect("the list is good")
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("it is an address")
    }

    #[test]
    fn addresses_cidrs_and_the_word_polytomic_make_a_list() {
        let list = networks("10.0.0.0/8, 2001:db8::/32 ,192.0.2.7,polytomic");
        for inside in ["10.1.2.3", "2001:db8::1", "192.0.2.7", "54.190.82.25", "::ffff:10.0.0.1"] {
            assert!(list.contains(ip(inside)), "{inside}");
        }
        for outside in ["11.0.0.1", "192.0.2.8", "2001:db9::1", "::ffff:11.0.0.1"] {
            assert!(!list.contains(ip(outside)), "{outside}");
        }
        assert_eq!("10.0.0.0/33".parse::<Networks>(), Err(ParseNetworksError("10.0.0.0/33".to_owned())));
        assert!(networks("::ffff:192.0.2.7").contains(ip("192.0.2.7")));
    }

    /// Peer, X-Forwarded-For, Forwarded, and the client, with `10.0.0.0/8` and `fd00::/8` trusted.
    #[test]
    fn the_rightmost_untrusted_address_is_the_client() {
        let trusted = networks("10.0.0.0/8,fd00::/8");
        let table: &[(&str, &[&str], &[&str], &str)] = &[
            ("203.0.113.9", &["1.1.1.1"], &["for=2.2.2.2"], "203.0.113.9"),
            ("10.0.0.1", &[], &[], "10.0.0.1"),
            ("10.0.0.1", &["203.0.113.9"], &[], "203.0.113.9"),
            ("10.0.0.1", &["1.1.1.1, 203.0.113.9"], &[], "203.0.113.9"),
            ("10.0.0.1", &["1.1.1.1, 203.0.113.9, 10.0.0.2"], &[], "203.0.113.9"),
            ("10.0.0.1", &["1.1.1.1", "203.0.113.9", "10.0.0.2"], &[], "203.0.113.9"),
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], &[], "10.0.0.3"),
            ("10.0.0.1", &["203.0.113.9, nonsense"], &[], "10.0.0.1"),
            ("10.0.0.1", &["nonsense, 203.0.113.9"], &[], "203.0.113.9"),
            ("10.0.0.1", &["203.0.113.9:4711"], &[], "203.0.113.9"),
            ("10.0.0.1", &["[2001:db8::7]:4711"], &[], "2001:db8::7"),
            ("10.0.0.1", &["2001:db8::7"], &[], "2001:db8::7"),
            ("::ffff:10.0.0.1", &["::ffff:203.0.113.9"], &[], "203.0.113.9"),
            ("fd00::1", &[], &["for=\"[2001:db8::7]:4711\";proto=https, for=10.0.0.2"], "2001:db8::7"),
            ("10.0.0.1", &[], &["For=203.0.113.9;by=10.0.0.1"], "203.0.113.9"),
            ("10.0.0.1", &["203.0.113.9"], &["for=203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", &["203.0.113.9"], &["for=54.190.82.25"], "10.0.0.1"), // one of them is the client's own word
            ("10.0.0.1", &["54.190.82.25"], &["for=203.0.113.9"], "10.0.0.1"),
            ("10.0.0.1", &[], &["for=_hidden"], "10.0.0.1"),
            ("10.0.0.1", &[], &["for=203.0.113.9, for=unknown, for=10.0.0.2"], "10.0.0.2"),
            // Commas and semicolons in quoted strings do not separate.
            ("10.0.0.1", &[], &[r#"by="a, b";for=203.0.113.9"#], "203.0.113.9"),
            ("10.0.0.1", &[], &[r#"for="203.0.113.9";host="x;for=54.190.82.25, for=54.190.82.25""#], "203.0.113.9"),
            ("10.0.0.1", &[], &[r#"host="\", for=54.190.82.25";for=203.0.113.9"#], "203.0.113.9"),
            ("10.0.0.1", &[], &[r#"for=54.190.82.25, for="203.0.113.9"#], "10.0.0.1"),
        ];
        for (peer, forwarded_for, forwarded, client) in table {
            let found = client_address(
                ip(peer),
                &trusted,
                forwarded_for.iter().map(|value| value.as_bytes()),
                forwarded.iter().map(|value| value.as_bytes()),
            );
            assert_eq!(found, ip(client), "{peer} {forwarded_for:?} {forwarded:?}");
        }
    }
}
