//! What the operator can watch, in the Prometheus text format.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Route patterns only: an id or a token in a path must not become a label.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: String,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

/// Counters of one running backend.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Mutex<Registry>,
    answered: Family<Answered, Counter>,
    took: Histogram,
    sign_ins: Family<Outcome, Counter>,
    limited: Counter,
    listeners: Gauge,
    sessions: Family<Outcome, Counter>,
    rooms: Family<Outcome, Counter>,
}

impl Metrics {
    pub(crate) fn new() -> Arc<Self> {
        let mut registry = Registry::with_prefix("salon");
        let took = Histogram::new([0.001, 0.005, 0.02, 0.1, 0.2, 0.5, 1.0, 5.0]);
        let answered = Family::default();
        let sign_ins = Family::default();
        let limited = Counter::default();
        let listeners = Gauge::default();
        let sessions = Family::default();
        let rooms = Family::default();
        registry.register("http_requests", "Requests answered", answered.clone());
        registry.register(
            "http_request_seconds",
            "Time until the head of the answer, live lists left out",
            took.clone(),
        );
        registry.register("sign_ins", "Attempts to sign in", sign_ins.clone());
        registry.register("rate_limited", "Requests refused with 429", limited.clone());
        registry.register("live_lists", "Open live lists", listeners.clone());
        registry.register(
            "meeting_sessions",
            "Changes of meeting sessions",
            sessions.clone(),
        );
        registry.register(
            "rooms_closed",
            "Rooms that the media server was asked to close after their meeting",
            rooms.clone(),
        );
        Arc::new(Self {
            registry: Mutex::new(registry),
            answered,
            took,
            sign_ins,
            limited,
            listeners,
            sessions,
            rooms,
        })
    }

    pub(crate) fn answered(&self, method: &str, route: &str, status: u16, took: Option<Duration>) {
        let labels = Answered {
            method: method.to_owned(),
            route: route.to_owned(),
            status,
        };
        self.answered.get_or_create(&labels).inc();
        if let Some(took) = took {
            self.took.observe(took.as_secs_f64());
        }
    }

    pub(crate) fn sign_in(&self, outcome: &'static str) {
        self.sign_ins.get_or_create(&Outcome { outcome }).inc();
    }

    pub(crate) fn limited(&self) {
        self.limited.inc();
    }

    pub(crate) fn session(&self, outcome: &'static str) {
        self.sessions.get_or_create(&Outcome { outcome }).inc();
    }

    pub(crate) fn room(&self, outcome: &'static str) {
        self.rooms.get_or_create(&Outcome { outcome }).inc();
    }

    /// All of it as it stands, with so many open live lists.
    pub(crate) fn text(&self, listeners: usize) -> Result<String, std::fmt::Error> {
        self.listeners
            .set(i64::try_from(listeners).unwrap_or(i64::MAX));
        let mut text = String::new();
        encode(&mut text, &self.registry.lock())?;
        Ok(text)
    }
}
