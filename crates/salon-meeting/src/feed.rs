//! The live list of the user's meeting sessions.

use salon_base::Fault;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::session::MeetingSession;

/// The newest that a backend told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeedState {
    /// The user's meeting sessions; absent: nothing was heard yet. Kept while the backend is away.
    pub sessions: Option<Vec<MeetingSession>>,
    /// Ids of those that the user is in on another device, if the backend tells.
    pub answered: Vec<String>,
    /// Why nothing new is heard at present.
    pub fault: Option<Fault>,
}

/// A list that is kept up to date as long as this lives.
#[derive(Debug)]
pub struct Feed {
    state: watch::Receiver<FeedState>,
    task: JoinHandle<()>,
}

impl Feed {
    /// Fed by a task that ends with this.
    pub fn new(state: watch::Receiver<FeedState>, task: JoinHandle<()>) -> Self {
        Self { state, task }
    }

    /// The newest.
    pub fn state(&self) -> FeedState {
        self.state.borrow().clone()
    }

    /// Waits for something newer than what was last returned; `None`: there will be nothing more.
    pub async fn changed(&mut self) -> Option<FeedState> {
        self.state.changed().await.ok()?;
        Some(self.state.borrow_and_update().clone())
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What the page shows of the user's meeting sessions.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct SessionsState {
    /// The active ones, newest first; absent: nothing was heard yet.
    pub sessions: Option<Vec<MeetingSession>>,
    /// Ids of those that ring now.
    pub ringing: Vec<String>,
    /// Ids of the last ones that rang until nobody waited any more, the newest last: neither answered nor
    /// dismissed, be it here, outside of the page or on another device.
    pub missed: Vec<String>,
    /// Whether the ringtone is to be heard now.
    pub ringtone: bool,
    /// Ids of active ones that the user answered on another device, as far as the backend tells.
    pub answered_elsewhere: Vec<String>,
    /// Why the list may be old.
    pub fault: Option<Fault>,
}
