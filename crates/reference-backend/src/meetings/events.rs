//! `/api/v1/meeting-sessions/events`: the live list, as Server-Sent Events.
//!
//! Each event is the whole list, so that one that is lost or skipped does no harm. `id:` is the
//! revision that the list is of; who comes back with it as `Last-Event-ID` is also told what ended
//! meanwhile, and how.

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream};
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::wire::{MeetingSessionJson, Viewer};
use crate::app::App;
use crate::auth::SignedIn;
use crate::body::Connection;
use crate::live::Listener;
use crate::refusal::{ErrorBody, Refusal};
use crate::store::records::MeetingSession;
use crate::store::{StoreError, meetings};

/// Comments that keep proxies from closing a quiet connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How many ended sessions are passed on to a listener that was away or slow.
const ENDED_KEPT: usize = 16;
/// Who has not read the end of the list by then is not waited for.
const FAREWELL: Duration = Duration::from_secs(5);

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
    Extension(connection): Extension<Connection>,
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
    let present = Present::of(&app, &viewer, last_seen).await?;
    let left = u64::try_from(expires_at - app.clock.now_s()).unwrap_or_default();
    let until = Instant::now() + Duration::from_secs(left);
    let over = CancellationToken::new();
    tokio::spawn(see_off(
        app.clone(),
        viewer.clone(),
        listener.beside(),
        until,
        over.clone(),
        connection,
    ));
    let subscription = Subscription {
        until,
        seen: present.revision,
        first: Some(present),
        viewer,
        listener,
        app,
        _over: over.drop_guard(),
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

/// Ends the connection of a list that has ended and whose end is not read: who reads nothing would keep
/// it, and what it holds, beyond the sign-in. `over` says that the list is gone by itself.
async fn see_off(
    app: App,
    viewer: Viewer,
    mut changes: watch::Receiver<i64>,
    until: Instant,
    over: CancellationToken,
    connection: Connection,
) {
    let ended =
        async { while !app.ended.contains(&viewer.sign_in) && changes.changed().await.is_ok() {} };
    tokio::select! {
        () = over.cancelled() => return,
        () = tokio::time::sleep_until(until) => {}
        () = ended => {}
    }
    tokio::select! {
        () = over.cancelled() => {}
        () = tokio::time::sleep(FAREWELL) => connection.end(),
    }
}

/// A list as it is.
struct Present {
    /// Grows with each change of any session.
    revision: i64,
    active: Vec<MeetingSession>,
    /// What ended since somebody looked, the oldest first.
    ended: Vec<MeetingSession>,
}

impl Present {
    /// `since`: the revision that was seen last.
    async fn of(app: &App, viewer: &Viewer, since: Option<i64>) -> Result<Self, StoreError> {
        let of = viewer.account.clone();
        app.store
            .read(move |store| {
                Ok(Self {
                    revision: meetings::revision(store)?,
                    active: meetings::active_sessions(store, &of)?,
                    ended: match since {
                        Some(since) => meetings::ended_since(store, &of, since, ENDED_KEPT)?,
                        None => Vec::new(),
                    },
                })
            })
            .await
    }
}

struct Subscription {
    app: App,
    viewer: Viewer,
    listener: Listener,
    /// What is sent at once.
    first: Option<Present>,
    /// The revision of what was sent last.
    seen: i64,
    /// When the access token ends.
    until: Instant,
    _over: DropGuard,
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
            return self.event(&present);
        }
        let closing = self.app.closing.clone();
        loop {
            // Before each wait: it can have ended before we began to listen.
            if self.app.ended.contains(&self.viewer.sign_in) {
                return None;
            }
            let changed = tokio::select! {
                () = closing.cancelled() => return None,
                () = tokio::time::sleep_until(self.until) => return None,
                changed = self.listener.changed() => changed?,
            };
            if changed > self.seen {
                let present = Present::of(&self.app, &self.viewer, Some(self.seen)).await;
                // Whoever is sent away comes back, and asks anew.
                let present = present
                    .inspect_err(|error| tracing::error!(%error, "a live list ends"))
                    .ok()?;
                self.seen = present.revision;
                return self.event(&present);
            }
        }
    }

    fn event(&self, present: &Present) -> Option<Event> {
        let ended = present.ended.iter();
        let list = LiveList {
            sessions: MeetingSessionJson::all(&present.active, &self.viewer),
            ended: ended
                .map(|session| MeetingSessionJson::seen_by(session, &self.viewer))
                .collect(),
        };
        let event = Event::default()
            .event("sessions")
            .id(present.revision.to_string());
        event.json_data(list).ok()
    }
}
