//! The rooms at the media server: they are closed with their meeting sessions, so that everybody
//! who is still in one is led out.

use std::sync::Arc;
use std::time::Duration;

use livekit_api::services::room::RoomClient;
use livekit_api::services::{ServerError, ServerErrorCode, ServiceError};
use secrecy::ExposeSecret as _;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::config::LiveKit;
use crate::id::CallId;
use crate::metrics::Metrics;

/// The media server is asked to close so many rooms at a time.
const AT_A_TIME: usize = 16;
/// More than these are not waiting to be closed. A media server that is gone must not fill memory.
const WAITING: usize = 1024;
/// For one request. LiveKit Cloud is tried in another region after a failure, twice at most.
const EACH: Duration = Duration::from_secs(5);
/// Waiting included. LiveKit closes a room that nobody is in by itself, so giving up is no loss
/// once everybody has left.
const LONGEST: Duration = Duration::from_secs(15);
/// What is being closed when the program ends has this long.
const FAREWELL: Duration = Duration::from_secs(5);

/// Closes rooms in the background. Nobody waits for it and nothing fails by it.
#[derive(Debug)]
pub(crate) struct Rooms {
    server: Option<Arc<RoomClient>>,
    places: Arc<Semaphore>,
    under_way: TaskTracker,
    metrics: Arc<Metrics>,
}

impl Rooms {
    pub(crate) fn new(server: Option<&LiveKit>, metrics: Arc<Metrics>) -> Self {
        let client = |server: &LiveKit| {
            let secret = server.secret.expose_secret();
            let client = RoomClient::with_api_key(server.url.as_str(), &server.key, secret);
            Arc::new(client.with_request_timeout(EACH))
        };
        Self {
            server: server.map(client),
            places: Arc::new(Semaphore::new(AT_A_TIME)),
            under_way: TaskTracker::new(),
            metrics,
        }
    }

    /// Has the room of `call` closed. Returns at once; without a media server nothing happens.
    pub(crate) fn close(&self, call: CallId) {
        let Some(server) = self.server.clone() else {
            return;
        };
        let metrics = Arc::clone(&self.metrics);
        if self.under_way.len() >= WAITING {
            failed(&metrics, &call, &"too many are waiting");
            return;
        }
        let places = Arc::clone(&self.places);
        self.under_way.spawn(async move {
            let closing = async {
                let _place = places.acquire().await;
                server.delete_room(call.as_ref()).await
            };
            match tokio::time::timeout(LONGEST, closing).await {
                Ok(Ok(())) => metrics.room("closed"),
                Ok(Err(error)) if is_absent(&error) => metrics.room("absent"),
                Ok(Err(error)) => failed(&metrics, &call, &error),
                Err(late) => failed(&metrics, &call, &late),
            }
        });
    }

    /// Waits for what is under way, for five seconds at most.
    pub(crate) async fn finish(&self) {
        self.under_way.close();
        if tokio::time::timeout(FAREWELL, self.under_way.wait())
            .await
            .is_err()
        {
            tracing::warn!(left = self.under_way.len(), "some rooms were not closed");
        }
    }
}

fn failed(metrics: &Metrics, call: &CallId, error: &dyn std::fmt::Display) {
    metrics.room("failed");
    tracing::warn!(room = %call, %error, "the media server did not close a room");
}

/// Nobody had joined, or all have left long ago.
fn is_absent(error: &ServiceError) -> bool {
    matches!(error, ServiceError::Twirp(ServerError::Twirp(refusal))
        if refusal.code == ServerErrorCode::NOT_FOUND)
}
