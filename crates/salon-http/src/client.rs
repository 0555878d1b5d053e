//! The client for backends and media servers.

use std::time::Duration;

use salon_base::{Code, Fault};

/// How long is waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For reaching a host, DNS and TLS included.
    pub connect: Duration,
    /// For a whole exchange.
    pub total: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(8),
            total: Duration::from_secs(15),
        }
    }
}

/// A client for backends and media servers: system proxies, the system's certificates, no
/// redirects (they are followed by hand, within the same origin).
///
/// # Errors
/// If the TLS library does not start.
pub fn http_client() -> Result<reqwest::Client, Fault> {
    http_client_builder(Limits::default())
        .build()
        .map_err(|error| Fault::new(Code::Internal, error.to_string()))
}

/// As [`http_client`], for what needs more: a proxy, or certificates that the system does not know.
pub fn http_client_builder(limits: Limits) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .connect_timeout(limits.connect)
        .timeout(limits.total)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!(
            salon_product::program!(),
            "/",
            env!("CARGO_PKG_VERSION")
        ))
}
