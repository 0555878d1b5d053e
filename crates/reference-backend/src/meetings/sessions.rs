//! `/api/v1/meeting-sessions`: the signed-in account's, their end, and tokens for their calls.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::tell;
use super::wire::{MeetingSessionJson, Viewer};
use crate::app::App;
use crate::auth::SignedIn;
use crate::body::PathId;
use crate::clock::{rfc3339, seconds};
use crate::id::{AccountId, MeetingSessionId};
use crate::media_tokens::{LiveKitGrant, livekit_token};
use crate::refusal::{ErrorBody, Refusal};
use crate::store::meetings::{self, Ended};
use crate::store::records::MeetingSession;
use crate::store::state::{Ending, Over, State as SessionState};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(one))
        .routes(routes!(end))
        .routes(routes!(cancel))
        .routes(routes!(token))
}

/// A list of meeting sessions.
#[derive(Serialize, ToSchema)]
pub(crate) struct MeetingSessions {
    sessions: Vec<MeetingSessionJson>,
}

/// The signed-in account's active sessions, the newest first.
#[utoipa::path(get, path = "/api/v1/meeting-sessions", tag = "meetings",
    security(("bearer" = [])),
    responses((status = 200, body = MeetingSessions), (status = 401, body = ErrorBody)))]
async fn list(
    State(app): State<App>,
    signed_in: SignedIn,
) -> Result<Json<MeetingSessions>, Refusal> {
    let id = signed_in.account.clone();
    let sessions = app
        .store
        .read(move |store| meetings::active_sessions(store, &id))
        .await?;
    Ok(Json(MeetingSessions {
        sessions: MeetingSessionJson::all(&sessions, &signed_in.into()),
    }))
}

/// One session, whatever its status. Only for its two parties.
#[utoipa::path(get, path = "/api/v1/meeting-sessions/{id}", tag = "meetings",
    params(("id" = String, Path, description = "The session")), security(("bearer" = [])),
    responses((status = 200, body = MeetingSessionJson), (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
async fn one(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<MeetingSessionId>,
) -> Result<Json<MeetingSessionJson>, Refusal> {
    let session = load(&app, &signed_in.account, id).await?;
    Ok(Json(MeetingSessionJson::seen_by(
        &session,
        &signed_in.into(),
    )))
}

/// The call is over: the session becomes `completed`, and the media server closes its room.
#[utoipa::path(post, path = "/api/v1/meeting-sessions/{id}/end", tag = "meetings",
    params(("id" = String, Path, description = "The session")), security(("bearer" = [])),
    responses((status = 200, body = MeetingSessionJson), (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "`session-completed` or `session-cancelled`")))]
async fn end(
    app: State<App>,
    signed_in: SignedIn,
    id: PathId<MeetingSessionId>,
) -> Result<Json<MeetingSessionJson>, Refusal> {
    end_as(app, signed_in, id, Ending::Completed).await
}

/// The meeting is called off: the session becomes `cancelled`, stops ringing, and the media
/// server closes its room.
#[utoipa::path(post, path = "/api/v1/meeting-sessions/{id}/cancel", tag = "meetings",
    params(("id" = String, Path, description = "The session")), security(("bearer" = [])),
    responses((status = 200, body = MeetingSessionJson), (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "`session-completed` or `session-cancelled`")))]
async fn cancel(
    app: State<App>,
    signed_in: SignedIn,
    id: PathId<MeetingSessionId>,
) -> Result<Json<MeetingSessionJson>, Refusal> {
    end_as(app, signed_in, id, Ending::Cancelled).await
}

async fn end_as(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<MeetingSessionId>,
    ending: Ending,
) -> Result<Json<MeetingSessionJson>, Refusal> {
    let now = app.clock.now_ms();
    let account = signed_in.account.clone();
    let telling = app.clone();
    let ended = app
        .store
        .write_then(
            move |store| meetings::end_session(store, &id, &account, ending, now),
            move |ended| {
                if let Ended::Now(session) = ended {
                    tell(&telling, session);
                }
            },
        )
        .await?;
    match ended {
        Ended::Now(session) => {
            app.metrics.session(session.state.name());
            tracing::info!(session = %session.id, status = session.state.name(), "a session ended");
            app.rooms.close(session.call.clone());
            Ok(Json(MeetingSessionJson::seen_by(
                &session,
                &Viewer::from(signed_in),
            )))
        }
        Ended::Already(over) => Err(is_over(over)),
        Ended::NotFound => Err(Refusal::not_found()),
    }
}

/// What to join the session's call with.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CallToken {
    /// For LiveKit.
    token: String,
    /// The media server's.
    #[schema(example = "wss://livekit.example")]
    url: String,
    /// The session's call id.
    room: String,
    identity: AccountId,
    participant_name: String,
    /// RFC 3339, UTC.
    #[schema(example = "2024-12-31T23:59:59Z")]
    expires_at: String,
}

/// A LiveKit token for the call of an active session. The first one answers it: the account's other
/// sign-ins see it as `answered` from then on.
#[utoipa::path(post, path = "/api/v1/meeting-sessions/{id}/token", tag = "meetings",
    params(("id" = String, Path, description = "The session")), security(("bearer" = [])),
    responses((status = 200, body = CallToken), (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "`session-completed` or `session-cancelled`"),
        (status = 429, body = ErrorBody, description = "With `Retry-After`"),
        (status = 500, body = ErrorBody, description = "`token-failed`")))]
async fn token(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<MeetingSessionId>,
) -> Result<Json<CallToken>, Refusal> {
    app.limits.token(&signed_in.account, &app.metrics)?;
    let account = signed_in.load(&app).await?;
    let session = load(&app, &account.id, id).await?;
    match session.state {
        SessionState::Active => {}
        SessionState::Completed { .. } => return Err(is_over(Over(Ending::Completed))),
        SessionState::Cancelled { .. } => return Err(is_over(Over(Ending::Cancelled))),
    }
    let failed = || {
        Refusal::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "token-failed",
            "This server cannot sign tokens for the media server.",
        )
    };
    let server = app.livekit.as_ref().ok_or_else(failed)?;
    let now = app.clock.now_s();
    let expires = now.saturating_add(seconds(app.lifetimes.media));
    let grant = LiveKitGrant {
        room: session.call.as_ref(),
        identity: account.id.as_ref(),
        name: &account.name,
        now_s: now,
        expires_s: expires,
    };
    let fault = app.faults.lock().livekit_token;
    let token = livekit_token(server, grant, fault).map_err(|_| failed())?;
    answer(&app, &session, signed_in).await?;
    Ok(Json(CallToken {
        token,
        url: server.url.to_string(),
        room: session.call.to_string(),
        identity: account.id,
        participant_name: account.name,
        expires_at: rfc3339(expires),
    }))
}

/// Keeps that the account goes into the call, and has its other devices stop ringing.
async fn answer(app: &App, session: &MeetingSession, by: SignedIn) -> Result<(), Refusal> {
    let answered = if session.requester == by.account {
        session.requester_answer.is_some()
    } else {
        session.offerer_answer.is_some()
    };
    // Tokens are renewed: nothing is written for that.
    if answered {
        return Ok(());
    }
    let (telling, now) = (app.clone(), app.clock.now_ms());
    let (id, account) = (session.id.clone(), by.account.clone());
    app.store
        .write_then(
            move |store| meetings::answer_session(store, &id, &by.account, &by.sign_in, now),
            move |answered| {
                if let Some(session) = answered {
                    telling.hub.changed(&account, session.revision);
                }
            },
        )
        .await?;
    Ok(())
}

async fn load(
    app: &App,
    account: &AccountId,
    id: MeetingSessionId,
) -> Result<MeetingSession, Refusal> {
    app.store
        .read(move |store| meetings::session_by_id(store, &id))
        .await?
        .filter(|session| session.is_party(account))
        .ok_or_else(Refusal::not_found)
}

fn is_over(Over(ending): Over) -> Refusal {
    match ending {
        Ending::Completed => {
            Refusal::conflict("session-completed", "This meeting is over already.")
        }
        Ending::Cancelled => Refusal::conflict("session-cancelled", "This meeting was called off."),
    }
}
