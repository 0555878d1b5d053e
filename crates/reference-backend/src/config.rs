//! What the backend has to be told.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use url::{Host, Url};

use crate::clock::Clock;
use crate::credentials::SigningKey;
use crate::faults::Faults;

/// Everything that [`crate::start`] has to know.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen; port 0 takes any that is free.
    pub listen: SocketAddr,
    /// The SQLite file, made if it is missing.
    pub database: PathBuf,
    /// How the world reaches the backend, and the issuer of its tokens. HTTPS unless it is
    /// loopback. The listening address if there is none.
    pub public_url: Option<Url>,
    /// The first signs, all are accepted.
    pub signing_keys: Vec<SigningKey>,
    /// Without it, LiveKit tokens are answered with 500.
    pub livekit: Option<LiveKit>,
    /// Without it, Stream tokens are answered with 500.
    pub stream: Option<StreamApp>,
    /// How long things last.
    pub lifetimes: Lifetimes,
    /// How often things may be asked for.
    pub limits: Limits,
    /// Believe the last address of `X-Forwarded-For`. Only behind a proxy that sets it.
    pub trust_forwarded_for: bool,
    /// Have browsers ask for every host below the public URL's by HTTPS, too. Only where all of them can
    /// be.
    pub hsts_include_subdomains: bool,
    /// Make two accounts with known passwords, a request and an offer. Loopback only.
    pub demo: bool,
    /// The time of day.
    pub clock: Clock,
    /// For tests of clients only: what to get wrong. [`crate::Running::set_faults`] changes it.
    pub faults: Faults,
}

impl Config {
    /// On any port of 127.0.0.1, with a signing key that nobody else knows and that is forgotten
    /// at the end.
    pub fn loopback(database: impl Into<PathBuf>) -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            database: database.into(),
            public_url: None,
            signing_keys: vec![SigningKey::fresh()],
            livekit: None,
            stream: None,
            lifetimes: Lifetimes::default(),
            limits: Limits::default(),
            trust_forwarded_for: false,
            hsts_include_subdomains: false,
            demo: false,
            clock: Clock::default(),
            faults: Faults::default(),
        }
    }
}

/// A LiveKit server and the pair that signs for it.
#[derive(Clone, Debug)]
pub struct LiveKit {
    /// What clients connect to, `wss://...`.
    pub url: Url,
    /// The API key.
    pub key: String,
    /// The API secret.
    pub secret: SecretString,
}

impl LiveKit {
    /// With the pair that `livekit-server --dev` publishes. `None` unless the URL is loopback:
    /// anybody could sign for such a server.
    pub fn published(url: Url) -> Option<Self> {
        is_loopback(&url).then(|| Self {
            url,
            key: "devkey".into(),
            secret: SecretString::from("secret"),
        })
    }
}

/// An app at Stream (getstream.io).
#[derive(Clone, Debug)]
pub struct StreamApp {
    /// The API key, which clients may know.
    pub key: String,
    /// The secret that signs user tokens.
    pub secret: SecretString,
}

/// How long things last.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// An access token.
    pub access: Duration,
    /// A refresh token that is not used.
    pub refresh: Duration,
    /// A sign-in, however often it is renewed.
    pub sign_in: Duration,
    /// An authorisation code.
    pub code: Duration,
    /// A token for the media server; it covers joining, not the length of the call.
    pub media: Duration,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            access: Duration::from_secs(10 * 60),
            refresh: Duration::from_secs(30 * 24 * 3600),
            sign_in: Duration::from_secs(180 * 24 * 3600),
            code: Duration::from_secs(60),
            media: Duration::from_secs(3600),
        }
    }
}

/// How often things may be asked for, and how much at a time.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Sign-ins a minute, from one address.
    pub sign_ins_per_minute: u32,
    /// Passwords an hour that are looked at for one account, from wherever they come. One address has a
    /// fifth of them, so that it cannot lock somebody else out.
    pub passwords_per_hour: u32,
    /// Tokens for media servers a minute, for one account.
    pub tokens_per_minute: u32,
    /// Renewals of the sign-in a minute, from one address.
    pub renewals_per_minute: u32,
    /// Requests a minute, of one account.
    pub requests_per_minute: u32,
    /// Offers a minute, of one account.
    pub offers_per_minute: u32,
    /// Decisions on offers a minute, of one account.
    pub decisions_per_minute: u32,
    /// Open live lists of one account.
    pub listeners_per_account: usize,
    /// Open connections.
    pub connections: usize,
    /// How long a connection may be without the head of a request, before the first one and between
    /// two.
    pub idle: Duration,
    /// How long a caller may read nothing of an answer.
    pub stalled: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sign_ins_per_minute: 10,
            passwords_per_hour: 100,
            tokens_per_minute: 30,
            renewals_per_minute: 60,
            requests_per_minute: 10,
            offers_per_minute: 30,
            decisions_per_minute: 60,
            listeners_per_account: 8,
            connections: 4096,
            idle: Duration::from_secs(10),
            stalled: Duration::from_secs(30),
        }
    }
}

/// Whether this URL leads to this computer and nowhere else.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
