//! Contract P1, `stream-rest`: a Stream user token.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::SignedIn;
use crate::clock::{rfc3339, seconds};
use crate::media_tokens::stream_token;
use crate::refusal::Refusal;

const FAILED: &str = "Failed to generate video call token";

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(token))
}

pub(super) fn refusal_body(refusal: &Refusal) -> Value {
    json!({ "success": false, "message": refusal.message })
}

/// The answer of P1.
#[derive(Serialize, ToSchema)]
pub(crate) struct StreamRestAnswer {
    success: bool,
    data: StreamRestToken,
    #[schema(example = "Token generated successfully")]
    message: &'static str,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StreamRestToken {
    token: String,
    user_id: String,
    #[schema(example = "2024-12-31T23:59:59Z")]
    expires_at: String,
}

/// P1: a Stream token for the signed-in account. A body is not needed and not read.
#[utoipa::path(post, path = "/api/v1/stream/token", tag = "contracts",
    security(("bearer" = [])),
    responses(
        (status = 200, body = StreamRestAnswer),
        (status = 401, description = "`{\"success\": false, \"message\"}`"),
        (status = 429, description = "With `Retry-After`"),
        (status = 500, description = "`{\"success\": false, \"message\"}`")))]
async fn token(
    State(app): State<App>,
    signed_in: SignedIn,
) -> Result<Json<StreamRestAnswer>, Refusal> {
    app.limits.token(&signed_in.account, &app.metrics)?;
    let account = signed_in.load(&app).await?;
    let failed = || Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "token-failed", FAILED);
    let stream = app.stream.as_ref().ok_or_else(failed)?;
    let now = app.clock.now_s();
    let expires = now.saturating_add(seconds(app.lifetimes.media));
    let for_another = app.faults.lock().stream_for_another;
    let token = stream_token(stream, &account.media_id, (now, expires), for_another)
        .map_err(|_| failed())?;
    Ok(Json(StreamRestAnswer {
        success: true,
        data: StreamRestToken {
            token,
            user_id: account.media_id,
            expires_at: rfc3339(expires),
        },
        message: "Token generated successfully",
    }))
}
