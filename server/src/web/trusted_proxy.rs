//! Whose address a request counts for where proxies stand before Layer.
//!
//! Anybody can write `X-Forwarded-For`; each proxy adds on the right whom it was asked by. So it is read from the right, only
//! where a trusted proxy sent it, and only as far as the proxies are trusted.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::http::HeaderMap;
use ipnet::IpNet;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The proxies that are believed whom they were asked by; nobody, where none is named.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Arc<[IpNet]>);

impl TrustedProxies {
    /// Those in one of these networks.
    pub fn new(networks: &[IpNet]) -> Self {
        Self(networks.into())
    }

    /// Who asks: whoever opened the connection, or whom a trusted proxy was asked by. Where that can't be read, or is a trusted
    /// proxy again, it is who opened the connection.
    pub fn person(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let peer = peer.to_canonical();
        if !self.trusts(peer) {
            return peer;
        }
        let passed = from_the_right(headers);
        let person = passed.take_while(Option::is_some).flatten();
        let mut person = person.skip_while(|address| self.trusts(*address));
        person.next().unwrap_or(peer)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// The addresses of the header, the last first; `None` for what is none.
fn from_the_right(headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
    let lines = headers.get_all(FORWARDED_FOR).iter().rev();
    let parts = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
    parts.map(|part| address(std::str::from_utf8(part).ok()?.trim()))
}

/// Some proxies add the port.
fn address(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse().map(|address: SocketAddr| address.ip());
    let address = text.parse().or_else(|_| with_port()).ok()?;
    Some(IpAddr::to_canonical(&address))
}

/// An address, or a network as in 10.0.0.0/8.
pub fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let address = text.parse::<IpAddr>().map(|address| address.to_canonical());
    let network = address.map(IpNet::from).or_else(|_| text.parse());
    network.map_err(|_| "write an address, or a network as in 10.0.0.0/8".into())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn an_address_may_have_a_port_and_be_of_either_kind() {
        let proxies = TrustedProxies::new(&[network("::1").unwrap()]);
        for (said, is) in [
            ("203.0.113.7:4711", "203.0.113.7"),
            ("2001:db8::7", "2001:db8::7"),
            ("[2001:db8::7]:4711", "2001:db8::7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("203.0.113.7 , ::1", "203.0.113.7"),
            ("203.0.113.7, ::ffff", "::ffff"),
            ("203.0.113.7, \u{e9}", "::1"),
        ] {
            let headers = HeaderMap::from_iter([(
                FORWARDED_FOR.parse().unwrap(),
                said.as_bytes().try_into().unwrap(),
            )]);
            let person = proxies.person("::1".parse().unwrap(), &headers);
            assert_eq!(person.to_string(), is, "{said}");
        }
    }
}
