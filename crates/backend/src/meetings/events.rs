//! `/api/v1/meeting-sessions/events`: the live list, as Server-Sent Events.
//!
//! Each event is the whole list, so that one that is lost or skipped does no harm. `id:` is the
//! revision that the list is of; who comes back with it as `Last-Event-ID` is also told what ended
//! meanwhile, and how.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream};
use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::wire::{MeetingSessionJson, Viewer};
use crate::app::App;
use crate::auth::SignedIn;
use crate::live::{ENDED_KEPT, Listener, Snapshot};
use crate::refusal::{ErrorBody, Refusal};
use crate::store::meetings;

/// Comments that keep proxies from closing a quiet connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(events))
}

/// The data of one event.
#[derive(Serialize, ToSchema)]
pub(crate) struct LiveList {
    /// All active sessions, the newest first.
    sessions: Vec<MeetingSessionJson>,
    /// Those that ended since the event before this one, or since `Last-Event-ID`; at most 16.
    ended: Vec<MeetingSessionJson>,
}

/// The signed-in account's active sessions, at once and after each change. Ends with the access
/// token or the sign-in; come back with a new one and `Last-Event-ID`.
#[utoipa::path(get, path = "/api/v1/meeting-sessions/events", tag = "meetings",
    params(("Last-Event-ID" = Option<String>, Header, description = "The last `id:` seen")),
    security(("bearer" = [])),
    responses(
        (status = 200, body = LiveList, content_type = "text/event-stream",
            description = "Events `sessions`"),
        (status = 401, body = ErrorBody),
        (status = 429, body = ErrorBody, description = "`too-many-listeners`")))]
async fn events(
    State(app): State<App>,
    signed_in: SignedIn,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let expires_at = signed_in.expires_at;
    let viewer = Viewer::from(signed_in);
    // Listen first, look then: a change in between is seen twice rather than not at all, and the
    // revision tells.
    let listener = app
        .hub
        .listen(&viewer.account)
        .map_err(|_| Refusal::too_many("too-many-listeners", Duration::from_secs(30)))?;
    let last_seen = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok()?.parse().ok());
    let of = viewer.account.clone();
    let present = app
        .store
        .read(move |store| {
            let revision = meetings::revision(store)?;
            Ok(Snapshot {
                revision,
                active: meetings::active_sessions(store, &of)?,
                ended: match last_seen {
                    Some(since) => meetings::ended_since(store, &of, since, ENDED_KEPT)?,
                    None => Vec::new(),
                },
            })
        })
        .await?;
    let left = u64::try_from(expires_at - app.clock.now_s()).unwrap_or_default();
    let subscription = Subscription {
        until: Instant::now() + Duration::from_secs(left),
        seen: present.revision,
        first: Some(present),
        viewer,
        listener,
        app,
    };
    let sse =
        Sse::new(subscription.into_stream()).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    let mut response = sse.into_response();
    // Reverse proxies are not to collect events (nginx) nor anybody to keep them.
    let headers = response.headers_mut();
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

struct Subscription {
    app: App,
    viewer: Viewer,
    listener: Listener,
    /// What is sent at once.
    first: Option<Snapshot>,
    /// The revision of what was sent last.
    seen: i64,
    /// When the access token ends.
    until: Instant,
}

impl Subscription {
    fn into_stream(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, |mut subscription| async move {
            let event = subscription.next().await?;
            Some((Ok(event), subscription))
        })
    }

    async fn next(&mut self) -> Option<Event> {
        if let Some(present) = self.first.take() {
            return self.event(&present, i64::MIN);
        }
        let closing = self.app.closing.clone();
        loop {
            // Before each wait: it can have ended before we began to listen.
            if self.app.ended.contains(&self.viewer.sign_in) {
                return None;
            }
            let snapshot = tokio::select! {
                () = closing.cancelled() => return None,
                () = tokio::time::sleep_until(self.until) => return None,
                snapshot = self.listener.changed() => snapshot?,
            };
            if snapshot.revision > self.seen {
                let after = std::mem::replace(&mut self.seen, snapshot.revision);
                return self.event(&snapshot, after);
            }
        }
    }

    /// The list, with what ended after the revision `after`.
    fn event(&self, snapshot: &Snapshot, after: i64) -> Option<Event> {
        let ended = snapshot.ended.iter();
        let list = LiveList {
            sessions: MeetingSessionJson::all(&snapshot.active, &self.viewer),
            ended: ended
                .filter(|session| session.revision > after)
                .map(|session| MeetingSessionJson::seen_by(session, &self.viewer))
                .collect(),
        };
        let event = Event::default()
            .event("sessions")
            .id(snapshot.revision.to_string());
        event.json_data(list).ok()
    }
}
