//! What every handler has at hand.

use std::ops::Deref;
use std::sync::Arc;

use axum::http::HeaderValue;
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::clock::Clock;
use crate::config::{Config, Lifetimes, LiveKit, StreamApp};
use crate::credentials::{EndedSignIns, Passwords, SigningKeys};
use crate::faults::Faults;
use crate::limits::Limiters;
use crate::live::Hub;
use crate::metrics::Metrics;
use crate::rooms::Rooms;
use crate::store::Store;

/// Shared by all handlers; clones are cheap.
#[derive(Clone, Debug)]
pub(crate) struct App(Arc<Parts>);

/// What [`App`] leads to.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) store: Arc<Store>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) keys: SigningKeys,
    pub(crate) ended: EndedSignIns,
    pub(crate) passwords: Passwords,
    pub(crate) limits: Limiters,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) rooms: Rooms,
    pub(crate) livekit: Option<LiveKit>,
    pub(crate) stream: Option<StreamApp>,
    pub(crate) lifetimes: Lifetimes,
    pub(crate) clock: Clock,
    pub(crate) faults: Mutex<Faults>,
    /// Without a slash at its end.
    pub(crate) public_url: String,
    /// Whether the world reaches us by HTTPS.
    pub(crate) https: bool,
    /// What browsers are told of HTTPS (RFC 6797), where the world reaches us by it.
    pub(crate) transport_security: Option<HeaderValue>,
    pub(crate) trust_forwarded_for: bool,
    /// Live lists end with it; without that they would hold up the end of the program.
    pub(crate) closing: CancellationToken,
}

impl App {
    pub(crate) fn new(
        config: &Config,
        public_url: &Url,
        store: Store,
        passwords: Passwords,
    ) -> Self {
        let metrics = Metrics::new();
        let https = public_url.scheme() == "https";
        Self(Arc::new(Parts {
            store: Arc::new(store),
            hub: Hub::new(config.limits.listeners_per_account),
            keys: SigningKeys::new(config.signing_keys.clone()),
            ended: EndedSignIns::new(config.lifetimes.access),
            passwords,
            limits: Limiters::new(&config.limits),
            rooms: Rooms::new(config.livekit.as_ref(), Arc::clone(&metrics)),
            metrics,
            livekit: config.livekit.clone(),
            stream: config.stream.clone(),
            lifetimes: config.lifetimes,
            clock: config.clock.clone(),
            faults: Mutex::new(config.faults),
            public_url: public_url.as_str().trim_end_matches('/').to_owned(),
            transport_security: https.then(|| {
                HeaderValue::from_static(if config.hsts_include_subdomains {
                    "max-age=31536000; includeSubDomains"
                } else {
                    "max-age=31536000"
                })
            }),
            https,
            trust_forwarded_for: config.trust_forwarded_for,
            closing: CancellationToken::new(),
        }))
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
