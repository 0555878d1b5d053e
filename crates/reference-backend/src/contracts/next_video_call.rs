//! Contract P2, `next-video-call`: a Stream user token by cookie or bearer, and the call's
//! configuration.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::CookieOrBearer;
use crate::body::JsonBody;
use crate::clock::seconds;
use crate::config::StreamApp;
use crate::media_tokens::stream_token;
use crate::refusal::Refusal;
use crate::store::meetings;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(token))
        .routes(routes!(configuration, configuration_by_post))
}

pub(super) fn refusal_body(refusal: &Refusal) -> Value {
    json!({ "error": refusal.message })
}

/// What P2 is asked.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NextToken {
    /// Has to be there, as clients of the original send it, but decides nothing: the token is for
    /// who is signed in.
    #[serde(rename = "userId")]
    _user_id: String,
}

/// What P2 answers.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NextTokenAnswer {
    token: String,
    /// The signed-in account's id, sanitised. The client connects as this one.
    user_id: String,
}

/// P2: a Stream token for the signed-in account.
#[utoipa::path(post, path = "/api/video-call/token", tag = "contracts",
    request_body = NextToken, security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = NextTokenAnswer),
        (status = 400, description = "`{\"error\"}`"),
        (status = 401, description = "`{\"error\"}`"),
        (status = 429, description = "With `Retry-After`"),
        (status = 500, description = "`{\"error\"}`")))]
async fn token(
    State(app): State<App>,
    CookieOrBearer(signed_in): CookieOrBearer,
    JsonBody(_body): JsonBody<NextToken>,
) -> Result<Json<NextTokenAnswer>, Refusal> {
    app.limits.token(&signed_in.account, &app.metrics)?;
    let account = signed_in.load(&app).await?;
    let stream = stream_app(&app)?;
    let now = app.clock.now_s();
    let expires = now.saturating_add(seconds(app.lifetimes.media));
    let for_another = app.faults.lock().stream_for_another;
    let token = stream_token(stream, &account.media_id, (now, expires), for_another)
        .map_err(|_| failed())?;
    Ok(Json(NextTokenAnswer {
        token,
        user_id: account.media_id,
    }))
}

/// Which call to join, and as whose app. No token.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CallConfiguration {
    api_key: String,
    #[schema(example = "default")]
    call_type: &'static str,
    /// That of the newest active meeting session, or a call of the account's own.
    call_id: String,
}

/// P2: the call's configuration.
#[utoipa::path(get, path = "/api/video-call", tag = "contracts",
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = CallConfiguration), (status = 401), (status = 500)))]
async fn configuration(
    State(app): State<App>,
    CookieOrBearer(signed_in): CookieOrBearer,
) -> Result<Json<CallConfiguration>, Refusal> {
    let account = signed_in.load(&app).await?;
    let id = account.id;
    let newest = app
        .store
        .read(move |store| meetings::active_sessions(store, &id))
        .await?
        .into_iter()
        .next();
    Ok(Json(CallConfiguration {
        api_key: stream_app(&app)?.key.clone(),
        call_type: "default",
        call_id: newest.map_or_else(
            || format!("call-{}", account.media_id),
            |session| session.call.to_string(),
        ),
    }))
}

/// P2: as with GET. A body is not read.
#[utoipa::path(post, path = "/api/video-call", tag = "contracts",
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = CallConfiguration), (status = 401), (status = 500)))]
async fn configuration_by_post(
    app: State<App>,
    signed_in: CookieOrBearer,
) -> Result<Json<CallConfiguration>, Refusal> {
    configuration(app, signed_in).await
}

fn stream_app(app: &App) -> Result<&StreamApp, Refusal> {
    app.stream.as_ref().ok_or_else(failed)
}

fn failed() -> Refusal {
    Refusal::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "token-failed",
        "Failed to generate token",
    )
}
