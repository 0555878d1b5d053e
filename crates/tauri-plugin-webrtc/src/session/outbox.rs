//! What waits to be sent to the page, and what the page has not handled yet.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::Value;
use tokio::sync::Notify;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio_tungstenite::tungstenite::Message;

use crate::wire::{Event, FromHost, Reply, WireError};

/// A page that has this many bytes waiting is too slow for pictures: they are left out.
const PICTURE_LIMIT: usize = 4 << 20;
/// With this many bytes of data-channel messages that the page has not handled, no more are read
/// from the network: they stay with their sender.
const DATA_LIMIT: usize = 8 << 20;
/// A page for which this much waits in spite of both does not read at all any more. It is given up:
/// its WebSocket closes, and with it everything that it has open.
const LIMIT: usize = 64 << 20;
/// What a message takes beside its bytes.
const OVERHEAD: usize = 128;

/// Writing end; cheap to clone, usable from any thread.
#[derive(Clone, Debug)]
pub(super) struct Outbox {
    queue: UnboundedSender<Message>,
    amounts: Arc<Amounts>,
}

/// Reading end.
pub(super) struct Outgoing {
    queue: UnboundedReceiver<Message>,
    amounts: Arc<Amounts>,
}

#[derive(Debug, Default)]
struct Amounts {
    /// Bytes of all that waits here.
    waiting: AtomicUsize,
    /// Bytes of data-channel messages that the page has not said to have handled.
    unhandled: AtomicUsize,
    overflown: AtomicBool,
    overflow: Notify,
}

pub(super) fn channel() -> (Outbox, Outgoing) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let amounts: Arc<Amounts> = Arc::default();
    let outgoing = Outgoing {
        queue: receiver,
        amounts: amounts.clone(),
    };
    (
        Outbox {
            queue: sender,
            amounts,
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
        let size = message.len() + OVERHEAD;
        self.amounts.waiting.fetch_sub(size, Ordering::Relaxed);
        message
    }
}

impl Outbox {
    fn push(&self, message: Message) {
        if self.amounts.overflown.load(Ordering::Relaxed) {
            return;
        }
        let size = message.len() + OVERHEAD;
        if self.amounts.waiting.fetch_add(size, Ordering::Relaxed) + size > LIMIT {
            tracing::warn!("the page does not read what it is sent");
            self.amounts.overflown.store(true, Ordering::Relaxed);
            self.amounts.overflow.notify_one();
        }
        // The page is gone if nobody takes it.
        let _ = self.queue.send(message);
    }

    /// Returns once more waits for the page than one that reads could leave waiting. Nothing is
    /// queued from then on.
    pub(super) async fn overflow(&self) {
        self.amounts.overflow.notified().await;
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

    /// A data-channel message. Never left out; [`is_full_of_data`](Self::is_full_of_data) is asked
    /// before more are read.
    pub(super) fn data(&self, message: Vec<u8>) {
        let unhandled = &self.amounts.unhandled;
        unhandled.fetch_add(message.len(), Ordering::Relaxed);
        self.push(Message::binary(message));
    }

    /// The page has handled data-channel messages of so many bytes.
    pub(super) fn data_taken(&self, bytes: usize) {
        let less = |before: usize| Some(before.saturating_sub(bytes));
        // Never fails: there always is a next value.
        let _ = self
            .amounts
            .unhandled
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }

    /// Whether data-channel messages have to stay with their sender for now.
    pub(super) fn is_full_of_data(&self) -> bool {
        self.amounts.unhandled.load(Ordering::Relaxed) >= DATA_LIMIT
    }

    /// A picture, encoded or not.
    pub(super) fn picture(&self, message: Vec<u8>) {
        self.push(Message::binary(message));
    }

    /// Whether pictures may be sent now.
    pub(super) fn has_room(&self) -> bool {
        self.amounts.waiting.load(Ordering::Relaxed) < PICTURE_LIMIT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_waits_until_the_page_has_handled_what_came() {
        let (outbox, mut outgoing) = channel();
        while !outbox.is_full_of_data() {
            outbox.data(vec![0; 1 << 20]);
        }
        // Having left for the page is not having been handled.
        while outgoing.try_next().is_some() {}
        assert!(outbox.is_full_of_data());
        outbox.data_taken(1 << 20);
        assert!(!outbox.is_full_of_data());
        outbox.data_taken(usize::MAX);
        assert!(!outbox.is_full_of_data());
    }

    #[tokio::test]
    async fn a_page_that_reads_nothing_is_given_up_and_takes_no_more_memory() {
        let (outbox, mut outgoing) = channel();
        let mut sent = 0;
        while !outbox.amounts.overflown.load(Ordering::Relaxed) {
            outbox.event(&Event::DeviceChange);
            sent += 1;
        }
        outbox.overflow().await;
        for _ in 0..sent {
            outbox.event(&Event::DeviceChange);
        }
        let mut kept = 0;
        while outgoing.try_next().is_some() {
            kept += 1;
        }
        assert_eq!(kept, sent);
    }
}
