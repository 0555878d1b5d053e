//! What a request leads to, beside its answer: events for those who watch, and orders to media servers.

use serde_json::{Value, json};

use super::sfu::TrackKind;
use crate::clock::stamp;

/// Whom an event is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// All connections that watch the call.
    Call,
    /// Those of them that are these users'.
    Among(Vec<String>),
    /// All connections that watch the call, and all of these users, watching or not.
    CallAnd(Vec<String>),
}

/// What a media server is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MediaOrder {
    End,
    Remove(String),
    Mute(String, Vec<TrackKind>),
    Permit(String, Vec<TrackKind>),
}

/// What is to happen in one call once the request has been answered.
#[derive(Debug)]
pub(crate) struct Orders {
    pub(crate) cid: String,
    pub(crate) events: Vec<(Audience, Value)>,
    pub(crate) media: Vec<MediaOrder>,
}

impl Orders {
    pub(crate) fn new(cid: &str) -> Self {
        Self {
            cid: cid.to_owned(),
            events: Vec::new(),
            media: Vec::new(),
        }
    }

    /// An event; `fields` is what it has beside its type, call and time.
    pub(crate) fn tell(&mut self, audience: Audience, kind: &str, fields: Value) {
        let mut event = json!({
            "type": kind, "call_cid": self.cid, "created_at": stamp(),
        });
        if let (Value::Object(event), Value::Object(fields)) = (&mut event, fields) {
            event.extend(fields);
        }
        self.events.push((audience, event));
    }
}
