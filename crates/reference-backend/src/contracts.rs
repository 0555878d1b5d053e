//! The endpoints whose form other people's products have set: P1, P2 and P4.
//!
//! A contract is what a kind of backend is asked, and has a number in code and tests; a profile is the file that
//! says it to the app.
//!
//! | contract | profile | |
//! |---|---|---|
//! | P1 | `stream-rest` | Stream's tokens |
//! | P2 | `next-video-call` | Stream's tokens, and which call |
//! | P3 | `convex`, `convex-livekit`; over REST the sessions of all others (`meetings`) | meeting sessions |
//! | P4 | `livekit-meetings` | LiveKit's tokens |
//! | P5 | none | dev mode, in which the app signs |

mod livekit_meetings;
mod next_video_call;
mod stream_rest;

use axum::Json;
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::refusal::Refusal;

pub(crate) fn routes() -> OpenApiRouter<App> {
    let reshaped = |routes: OpenApiRouter<App>, shape: fn(&Refusal) -> Value| {
        routes.layer(map_response(move |response: Response| async move {
            reshape(response, shape)
        }))
    };
    OpenApiRouter::new()
        .merge(reshaped(stream_rest::routes(), stream_rest::refusal_body))
        .merge(reshaped(
            next_video_call::routes(),
            next_video_call::refusal_body,
        ))
        .merge(reshaped(
            livekit_meetings::routes(),
            livekit_meetings::refusal_body,
        ))
}

/// Writes a refusal's body as the contract has it; status and headers stay.
fn reshape(response: Response, shape: fn(&Refusal) -> Value) -> Response {
    let Some(refusal) = response.extensions().get::<Refusal>() else {
        return response;
    };
    let body = Json(shape(refusal)).into_response().into_body();
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(axum::http::header::CONTENT_LENGTH);
    Response::from_parts(parts, body)
}
