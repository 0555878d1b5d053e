//! Following a list, as a profile says.

use salon_base::Fault;
use salon_meeting::feed::{Feed, FeedState};
use salon_profile::{RestSessions, SessionFields};
use tokio::sync::watch;

use super::ask::Asker;
use super::events::WantedEvents;
use super::tell::{Pace, Teller};
use super::{events, poll};
use crate::parse::Reader;

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
    let reader = Reader::new(wanted.fields.clone());
    let mut teller = Teller::new(tell, reader, wanted.at.clone());
    let task = tokio::spawn(async move {
        if let Some(events) = &wanted.events {
            events::listen(&asker, events, &pace, &mut teller).await;
        }
        poll::look(&asker, &wanted.list, &pace, &mut teller).await;
    });
    Feed::new(state, task)
}
