//! What lets a user into a meeting, and where it comes from.

mod dev;
pub mod inspect;
mod livekit_meetings;
pub mod preflight;

use std::future::Future;
use std::time::Duration;

use serde::Serialize;

pub use dev::DevSigner;
pub use livekit_meetings::LiveKitMeetings;

use crate::Fault;
use crate::meeting::Meeting;

/// Reaching a host, DNS and TLS included.
const CONNECT_LIMIT: Duration = Duration::from_secs(8);
/// A whole exchange.
const TOTAL_LIMIT: Duration = Duration::from_secs(15);

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
    reqwest::Client::builder()
        .connect_timeout(CONNECT_LIMIT)
        .timeout(TOTAL_LIMIT)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("Salon/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| Fault::new(crate::Code::Internal, error.to_string()))
}

/// How an exchange failed before there was an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreachable {
    Dns,
    Refused,
    Tls,
    Timeout,
}

impl Unreachable {
    /// Reads the chain of causes; the library has no kinds for these.
    pub(crate) fn of(error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::Timeout;
        }
        let mut words = String::new();
        let mut cause: Option<&dyn std::error::Error> = Some(error);
        while let Some(error) = cause {
            words.push_str(&error.to_string().to_lowercase());
            words.push(' ');
            cause = error.source();
        }
        if words.contains("dns") || words.contains("lookup") {
            Self::Dns
        } else if words.contains("certificate")
            || words.contains("tls")
            || words.contains("handshake")
        {
            Self::Tls
        } else {
            Self::Refused
        }
    }
}
