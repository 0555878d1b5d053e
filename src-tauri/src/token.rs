//! What lets a user into a meeting, and where it comes from.

pub mod coordinator;
mod dev;
pub mod doctor;
pub mod inspect;
#[cfg(test)]
pub(crate) mod made_up;
pub mod preflight;
pub mod stream;

use std::time::{Duration, SystemTime};

use serde::Serialize;

pub use dev::DevSigner;

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

/// What lets the page into one meeting: a token that passed inspection, and where it counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(tag = "provider", rename_all = "lowercase")]
pub enum JoinGrant {
    /// Into a room of LiveKit's.
    Livekit(LiveKitGrant),
    /// Into a call of Stream's.
    Stream(StreamGrant),
}

/// What lets into a room of LiveKit's.
#[derive(Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct LiveKitGrant {
    /// The JWT.
    pub token: String,
    /// Media server.
    pub server_url: String,
    /// Who the user is there.
    pub identity: String,
    /// The room it is for.
    pub room: String,
}

/// What lets into a call of Stream's.
#[derive(Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct StreamGrant {
    /// The JWT.
    pub token: String,
    /// Public: says whose app it is.
    pub api_key: String,
    /// Whom to connect as.
    pub identity: String,
    /// What the others call the user; empty: as the server knows them.
    pub name: String,
    /// Type of the call.
    pub call_type: String,
    /// Id of the call.
    pub call_id: String,
    /// Makes the call where there is none yet.
    pub create: bool,
    /// The coordinator; absent: Stream's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub base_url: Option<String>,
}

impl JoinGrant {
    /// The JWT.
    pub fn token(&self) -> &str {
        match self {
            Self::Livekit(grant) => &grant.token,
            Self::Stream(grant) => &grant.token,
        }
    }

    /// Who the user is there.
    pub fn identity(&self) -> &str {
        match self {
            Self::Livekit(grant) => &grant.identity,
            Self::Stream(grant) => &grant.identity,
        }
    }

    /// The room, or the call's id.
    pub fn room(&self) -> &str {
        match self {
            Self::Livekit(grant) => &grant.room,
            Self::Stream(grant) => &grant.call_id,
        }
    }
}

impl std::fmt::Debug for LiveKitGrant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiveKitGrant")
            .field("identity", &self.identity)
            .field("room", &self.room)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for StreamGrant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamGrant")
            .field("identity", &self.identity)
            .field("api_key", &self.api_key)
            .field("call_type", &self.call_type)
            .field("call_id", &self.call_id)
            .finish_non_exhaustive()
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
