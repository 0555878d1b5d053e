//! Addresses: which are on this computer, and how they are written down.

use url::{Host, Url};

/// A server's address as SDKs take it: without the slash at its end.
pub fn address(server: &Url) -> String {
    server.as_str().trim_end_matches('/').to_owned()
}

/// Whether a server's address is on this computer.
pub fn is_loopback(url: &Url) -> bool {
    url.host().is_some_and(|host| is_loopback_host(&host))
}

/// The same of a host alone. Names count only if no resolver decides where they lead (RFC 6761, section
/// 6.3).
pub fn is_loopback_host<S: AsRef<str>>(host: &Host<S>) -> bool {
    match host {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        Host::Domain(name) => name.as_ref() == "localhost",
    }
}
