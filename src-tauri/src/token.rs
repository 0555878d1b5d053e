//! What lets a user into a meeting, and where it comes from.

mod dev;
pub mod doctor;
pub mod inspect;
#[cfg(test)]
pub(crate) mod made_up;
pub mod preflight;
pub mod stream;

use std::future::Future;
use std::time::{Duration, SystemTime};

use serde::Serialize;

pub use dev::DevSigner;

use crate::meeting::Meeting;
use crate::{Code, Fault};

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

/// A token that passed inspection, on its way to the page.
#[derive(Clone, Serialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct MeetingToken {
    /// The JWT.
    pub token: String,
    /// Media server.
    pub server_url: String,
    /// Who the user is there.
    pub identity: String,
    /// The room it is for.
    pub room: String,
}

impl std::fmt::Debug for MeetingToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MeetingToken")
            .field("identity", &self.identity)
            .field("room", &self.room)
            .finish_non_exhaustive()
    }
}

/// Hands out tokens for one meeting after another; a fresh one each time.
pub trait TokenSource {
    /// A token for this meeting. `display_name` is what the others see.
    ///
    /// # Errors
    /// A [`Fault`] that names the cause; among them everything that [`inspect`] finds.
    fn fetch(
        &self,
        meeting: &Meeting,
        display_name: &str,
    ) -> impl Future<Output = Result<MeetingToken, Fault>> + Send;
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
        // Another try is decided about where it is known what is safe to repeat.
        .retry(reqwest::retry::never())
        .user_agent(concat!("Salon/", env!("CARGO_PKG_VERSION")))
}

/// Whom an exchange is with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// What hands out tokens.
    Backend,
    /// What carries calls.
    MediaServer,
}

/// Why there was no answer at all. The address is left out: it may hold the token.
pub fn unreachable(party: Party, error: reqwest::Error) -> Fault {
    let error = error.without_url();
    let (backend, server) = cause(&error);
    let code = match party {
        Party::Backend => backend,
        Party::MediaServer => server,
    };
    Fault::new(code, words(&error))
}

/// The whole chain of causes: the first alone says no more than that it failed.
fn words(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !words.contains(&more) {
            words = format!("{words}: {more}");
        }
        cause = error.source();
    }
    words
}

/// Reads the chain of causes, since the library has no kinds for these.
fn cause(error: &reqwest::Error) -> (Code, Code) {
    if error.is_timeout() {
        return (Code::BackendTimeout, Code::ServerTimeout);
    }
    let words = words(error).to_lowercase();
    let has = |part| words.contains(part);
    if has("tunnel") || has("proxy") {
        (Code::BackendUnreachableProxy, Code::ServerUnreachableProxy)
    } else if has("certificate") || has("tls") || has("handshake") || has("corrupt message") {
        (Code::BackendUnreachableTls, Code::ServerUnreachableTls)
    } else if has("dns") || has("lookup") {
        // After certificates: what is wrong with one may be a DNS name.
        (Code::BackendUnreachableDns, Code::ServerUnreachableDns)
    } else {
        (
            Code::BackendUnreachableRefused,
            Code::ServerUnreachableRefused,
        )
    }
}

/// When an answer was given, by the clock of who gave it (RFC 9110, section 6.6.1).
pub(crate) fn date(answer: &reqwest::Response) -> Option<SystemTime> {
    let date = answer.headers().get(reqwest::header::DATE)?.to_str().ok()?;
    httpdate::parse_http_date(date).ok()
}
