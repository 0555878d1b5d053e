//! What waits to be sent to the page.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio_tungstenite::tungstenite::Message;

use crate::wire::{Event, FromHost, Reply, WireError};

/// A page that has this many bytes waiting is too slow for pictures: they are left out, control
/// and data never are.
const PICTURE_LIMIT: usize = 4 << 20;

/// Writing end; cheap to clone, usable from any thread.
#[derive(Clone, Debug)]
pub(super) struct Outbox {
    queue: UnboundedSender<Message>,
    waiting: Arc<AtomicUsize>,
}

/// Reading end.
pub(super) struct Outgoing {
    queue: UnboundedReceiver<Message>,
    waiting: Arc<AtomicUsize>,
}

pub(super) fn channel() -> (Outbox, Outgoing) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let waiting: Arc<AtomicUsize> = Arc::default();
    let outgoing = Outgoing {
        queue: receiver,
        waiting: waiting.clone(),
    };
    (
        Outbox {
            queue: sender,
            waiting,
        },
        outgoing,
    )
}

impl Outgoing {
    pub(super) async fn next(&mut self) -> Option<Message> {
        self.queue.recv().await.map(|message| self.taken(message))
    }

    pub(super) fn try_next(&mut self) -> Option<Message> {
        self.queue
            .try_recv()
            .ok()
            .map(|message| self.taken(message))
    }

    fn taken(&self, message: Message) -> Message {
        self.waiting.fetch_sub(message.len(), Ordering::Relaxed);
        message
    }
}

impl Outbox {
    fn push(&self, message: Message) {
        self.waiting.fetch_add(message.len(), Ordering::Relaxed);
        // The page is gone if nobody takes it.
        let _ = self.queue.send(message);
    }

    fn text(&self, message: &FromHost) {
        match serde_json::to_string(message) {
            Ok(text) => self.push(Message::text(text)),
            Err(error) => tracing::error!(%error, "a message to the page cannot be written"),
        }
    }

    pub(super) fn event(&self, event: &Event) {
        self.text(&FromHost::Event(event.clone()));
    }

    pub(super) fn reply(&self, request: u32, result: Result<Value, WireError>) {
        let (value, error) = match result {
            Ok(value) => (Some(value), None),
            Err(error) => (None, Some(error)),
        };
        self.text(&FromHost::Reply(Reply {
            reply: request,
            value,
            error,
        }));
    }

    pub(super) fn data(&self, message: Vec<u8>) {
        self.push(Message::binary(message));
    }

    /// Whether pictures may be sent now.
    pub(super) fn has_room(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) < PICTURE_LIMIT
    }
}
