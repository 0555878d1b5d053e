//! Contract P4, `livekit-meetings`: a LiveKit token for a reading club's room.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::SignedIn;
use crate::body::JsonBody;
use crate::clock::seconds;
use crate::media_tokens::{LiveKitGrant, livekit_token};
use crate::refusal::Refusal;
use crate::text::text;

const LONGEST_NAME: usize = 80;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(token))
}

pub(super) fn refusal_body(refusal: &Refusal) -> Value {
    json!({ "error": refusal.message })
}

/// What P4 is asked.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ClubToken {
    #[schema(example = 123)]
    reading_club_id: u64,
    /// One to eighty characters.
    participant_name: String,
}

/// What P4 answers. The media server's URL comes from configuration.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClubTokenAnswer {
    token: String,
    #[schema(example = "reading-club-123")]
    room_name: String,
    participant_name: String,
}

/// P4: a LiveKit token. The identity is the signed-in account, the name as asked. Who belongs to a club
/// is the product's to know and to check here: this backend has no clubs, and lets everybody who is signed
/// in into each.
#[utoipa::path(post, path = "/api/reading-clubs/meetings/token", tag = "contracts",
    request_body = ClubToken, security(("bearer" = [])),
    responses(
        (status = 200, body = ClubTokenAnswer),
        (status = 400, description = "`{\"error\"}`"),
        (status = 401, description = "`{\"error\"}`"),
        (status = 429, description = "With `Retry-After`"),
        (status = 500, description = "`{\"error\": \"Failed to generate token\"}`")))]
async fn token(
    State(app): State<App>,
    signed_in: SignedIn,
    JsonBody(body): JsonBody<ClubToken>,
) -> Result<Json<ClubTokenAnswer>, Refusal> {
    app.limits.token(&signed_in.account, &app.metrics)?;
    let account = signed_in.load(&app).await?;
    let name = text(&body.participant_name, LONGEST_NAME).ok_or_else(|| {
        Refusal::bad_request(
            "name-invalid",
            "participant_name has to have 1 to 80 characters and no control characters.",
        )
    })?;
    let failed = || {
        Refusal::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "token-failed",
            "Failed to generate token",
        )
    };
    let server = app.livekit.as_ref().ok_or_else(failed)?;
    let room = format!("reading-club-{}", body.reading_club_id);
    let now = app.clock.now_s();
    let grant = LiveKitGrant {
        room: &room,
        identity: account.id.as_ref(),
        name,
        now_s: now,
        expires_s: now.saturating_add(seconds(app.lifetimes.media)),
    };
    let fault = app.faults.lock().livekit_token;
    let token = livekit_token(server, grant, fault).map_err(|_| failed())?;
    Ok(Json(ClubTokenAnswer {
        token,
        room_name: room,
        participant_name: name.to_owned(),
    }))
}
