//! The list of a backend that is asked over HTTP: its events, or else one look after another.

use std::collections::VecDeque;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use serde_json::Value;
use tokio::sync::watch;

use super::ask::Asker;
use super::{Feed, FeedState, events, poll};
use crate::meeting::parse::Reader;
use crate::meeting::session::{MeetingSession, Status};
use crate::profile::{RestSessions, SessionFields};
use crate::{Code, Fault};

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

/// What is followed, with placeholders replaced.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// Path of the list.
    pub(crate) list: String,
    /// JSON Pointer to the list.
    pub(crate) at: String,
    /// Path and name of the events, and the pointer to those that ended.
    pub(crate) events: Option<WantedEvents>,
    /// Where things lie in one of the list.
    pub(crate) fields: SessionFields,
}

/// The events of [`Wanted`].
#[derive(Clone, Debug)]
pub(crate) struct WantedEvents {
    pub(crate) path: String,
    pub(crate) name: String,
    pub(crate) ended: String,
}

impl Wanted {
    /// As a profile says; `path` replaces placeholders.
    pub(crate) fn new(
        sessions: &RestSessions,
        path: impl Fn(&str) -> Result<String, Fault>,
    ) -> Result<Self, Fault> {
        let events = sessions.events.as_ref().map(|events| {
            Ok::<_, Fault>(WantedEvents {
                path: path(&events.path)?,
                name: events.event.clone(),
                ended: events.ended.clone(),
            })
        });
        Ok(Self {
            list: path(&sessions.list)?,
            at: sessions.at.clone(),
            events: events.transpose()?,
            fields: sessions.fields.clone(),
        })
    }
}

/// Follows a backend's list, in the runtime that calls this.
pub(crate) fn follow(asker: Asker, wanted: Wanted, pace: Pace) -> Feed {
    let (tell, state) = watch::channel(FeedState::default());
    let mut teller = Teller {
        tell,
        reader: Reader::new(wanted.fields.clone()),
        at: wanted.at.clone(),
        ended: VecDeque::new(),
    };
    let task = tokio::spawn(async move {
        if let Some(events) = &wanted.events {
            events::listen(&asker, events, &pace, &mut teller).await;
        }
        poll::look(&asker, &wanted.list, &pace, &mut teller).await;
    });
    Feed::new(state, task)
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
