//! What was heard of a list, told to who follows it; and how long things may take.

use std::collections::VecDeque;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use salon_base::{Code, Fault};
use salon_meeting::feed::FeedState;
use salon_meeting::session::{MeetingSession, Status};
use serde_json::Value;
use tokio::sync::watch;

use crate::parse::Reader;

/// Seconds between two looks, unless the profile says otherwise.
const POLL: u32 = 5;
/// Ended ones that are told along with each list: who reads the list slowly misses none.
const ENDED_KEPT: usize = 16;

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// Without a byte for so long, an event stream is dead. The reference backend, as many others,
    /// sends a comment every 15 s: three of them were lost.
    pub(crate) silence: Duration,
    /// Without an event for so long in the beginning, something on the way holds events back.
    pub(crate) first_event: Duration,
    /// Wait after the first failure.
    pub(crate) shortest_wait: Duration,
    /// Waits grow up to this.
    pub(crate) longest_wait: Duration,
    /// Between two looks.
    pub(crate) poll: Duration,
}

impl Pace {
    pub(crate) fn new(poll_seconds: Option<u32>) -> Self {
        // Profiles are checked; nobody is asked all the time if one is not.
        let poll = poll_seconds.unwrap_or(POLL).max(1);
        Self {
            silence: Duration::from_secs(45),
            first_event: Duration::from_secs(20),
            shortest_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(30),
            poll: Duration::from_secs(poll.into()),
        }
    }

    /// Waits between attempts: each twice as long as the one before and a part by chance, so that
    /// not all come back at once. `shortest`: what the backend asks for.
    pub(super) fn backoff(&self, shortest: Option<Duration>) -> ExponentialBackoff {
        // The part by chance may double a wait.
        let longest = self.longest_wait / 2;
        let shortest = shortest.unwrap_or(self.shortest_wait);
        ExponentialBuilder::default()
            .with_min_delay(shortest.clamp(self.shortest_wait.min(longest), longest))
            .with_max_delay(longest)
            .with_factor(2.0)
            .with_jitter()
            .without_max_times()
            .build()
    }
}

/// Tells what was heard to who holds the [`Feed`].
pub(super) struct Teller {
    tell: watch::Sender<FeedState>,
    reader: Reader,
    at: String,
    /// The last ones that ended.
    ended: VecDeque<MeetingSession>,
}

impl Teller {
    /// Tells by `tell` of lists that lie at `at` in an answer and are read by `reader`.
    pub(super) fn new(tell: watch::Sender<FeedState>, reader: Reader, at: String) -> Self {
        Self {
            tell,
            reader,
            at,
            ended: VecDeque::new(),
        }
    }

    /// What an answer or an event has.
    pub(super) fn answer(
        &mut self,
        answer: &Value,
        ended: Option<&str>,
        user_id: &str,
    ) -> Result<(), Fault> {
        let list = answer
            .pointer(&self.at)
            .filter(|list| list.is_array())
            .ok_or_else(|| Fault::new(Code::BackendError, "there is no list in its answer"))?;
        let parsed = self.reader.read(list, user_id);
        if let Some(ended) = ended.and_then(|pointer| answer.pointer(pointer)) {
            let over = self.reader.read(ended, user_id).sessions;
            self.ended
                .extend(over.into_iter().filter(|s| s.status != Status::Active));
            let surplus = self.ended.len().saturating_sub(ENDED_KEPT);
            self.ended.drain(..surplus);
        }
        let mut sessions = parsed.sessions;
        sessions.extend(self.ended.iter().cloned());
        self.update(FeedState {
            sessions: Some(sessions),
            answered: parsed.answered,
            fault: None,
        });
        Ok(())
    }

    /// Whether there was a list.
    pub(super) fn has_heard(&self) -> bool {
        self.tell.borrow().sessions.is_some()
    }

    /// Nothing new, but the backend is there.
    pub(super) fn unchanged(&self) {
        let mut state = self.tell.borrow().clone();
        state.fault = None;
        self.update(state);
    }

    /// Nothing new, and why.
    pub(super) fn fault(&self, fault: Fault) {
        let mut state = self.tell.borrow().clone();
        if state.fault.as_ref().map(|known| known.code) != Some(fault.code) {
            tracing::info!(%fault, "the list of meetings may be old");
        }
        state.fault = Some(fault);
        self.update(state);
    }

    fn update(&self, state: FeedState) {
        self.tell.send_if_modified(|held| {
            let changed = *held != state;
            *held = state;
            changed
        });
    }
}
