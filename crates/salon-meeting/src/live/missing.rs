//! Meeting sessions that the page shows and that the list does not have. Each is asked for by its
//! id, again and again, until the list has it or the backend says that it is over.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use salon_base::Code;
use tokio::task::JoinHandle;

use super::{Command, LiveBackend, Sessions};
use crate::session::Status;

/// Between the first two questions; then twice as long each time, and a part by chance.
const SHORTEST_WAIT: Duration = Duration::from_secs(2);
/// Longest wait but for that part: whoever hears of an end by no list is told within a minute.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Meeting sessions that the page has on its screen, as far as it is known here.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// Whose lobby it was led to last.
    pub(super) lobby: Option<String>,
    /// Whose call it is in.
    pub(super) call: Option<String>,
}

impl Page {
    pub(super) fn shows(&self, id: &str) -> bool {
        [&self.lobby, &self.call]
            .into_iter()
            .flatten()
            .any(|shown| shown == id)
    }

    /// It is in no call any more; it may have been led from there to another lobby.
    pub(super) fn left(&mut self, call: Option<&str>) {
        self.call = None;
        self.lobby.take_if(|lobby| Some(lobby.as_str()) == call);
    }
}

/// Those that are asked for.
#[derive(Debug, Default)]
pub(super) struct Missing(HashMap<String, Asking>);

impl Missing {
    pub(super) fn ids(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    /// Asks until it is removed; what is found out is told as [`Command::Ended`] or
    /// [`Command::Gone`].
    pub(super) fn ask_for(&mut self, id: &str, backend: &Arc<dyn LiveBackend>, own: &Sessions) {
        if self.0.contains_key(id) {
            return;
        }
        tracing::info!(session = id, "the list lacks the meeting on the screen");
        let asked = ask(id.to_owned(), backend.clone(), own.clone());
        self.0.insert(id.to_owned(), Asking(tokio::spawn(asked)));
    }

    /// Asks for no others any more.
    pub(super) fn keep(&mut self, such: impl Fn(&str) -> bool) {
        self.0.retain(|id, _| such(id));
    }

    /// Whether it was asked for.
    pub(super) fn remove(&mut self, id: &str) -> bool {
        self.0.remove(id).is_some()
    }
}

/// Ends with this.
#[derive(Debug)]
struct Asking(JoinHandle<()>);

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn ask(id: String, backend: Arc<dyn LiveBackend>, own: Sessions) {
    let mut waits = ExponentialBuilder::default()
        .with_min_delay(SHORTEST_WAIT)
        .with_max_delay(LONGEST_WAIT)
        .with_jitter()
        .without_max_times()
        .build();
    let found = loop {
        let Some(asked) = backend.one(&id) else {
            // The list is all that such a product says.
            break Command::Gone { id };
        };
        match asked.await {
            Ok(Status::Active) => tracing::debug!(session = id, "it goes on, unlisted"),
            Ok(status) => break Command::Ended { id, status },
            Err(fault) => match fault.code {
                Code::MeetingCompleted => {
                    let status = Status::Completed;
                    break Command::Ended { id, status };
                }
                Code::MeetingCancelled => {
                    let status = Status::Cancelled;
                    break Command::Ended { id, status };
                }
                Code::MeetingNotFound => break Command::Gone { id },
                _ => tracing::info!(%fault, "it is not known whether the meeting goes on"),
            },
        }
        tokio::time::sleep(waits.next().unwrap_or(LONGEST_WAIT)).await;
    };
    own.tell(found);
}
