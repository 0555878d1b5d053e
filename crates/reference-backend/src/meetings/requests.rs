//! `/api/v1/requests`: what people want help with, and offers to it.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::wire::{OfferJson, RequestJson};
use crate::app::App;
use crate::auth::SignedIn;
use crate::body::{JsonBody, PathId};
use crate::id::RequestId;
use crate::refusal::{ErrorBody, Refusal};
use crate::store::meetings;
use crate::store::records::Offer;
use crate::text::text;

const LONGEST_TITLE: usize = 200;
const LONGEST_MESSAGE: usize = 2000;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(offer))
}

/// A list of requests.
#[derive(Serialize, ToSchema)]
pub(crate) struct Requests {
    requests: Vec<RequestJson>,
}

/// Everybody's requests, the newest first, at most 200.
#[utoipa::path(get, path = "/api/v1/requests", tag = "meetings", security(("bearer" = [])),
    responses((status = 200, body = Requests), (status = 401, body = ErrorBody)))]
async fn list(State(app): State<App>, _signed_in: SignedIn) -> Result<Json<Requests>, Refusal> {
    let requests = app.store.read(meetings::requests).await?;
    Ok(Json(Requests {
        requests: requests.into_iter().map(RequestJson::from).collect(),
    }))
}

/// What is wanted.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewRequest {
    /// One to 200 characters.
    title: String,
}

/// Ask for help.
#[utoipa::path(post, path = "/api/v1/requests", tag = "meetings", request_body = NewRequest,
    security(("bearer" = [])),
    responses((status = 201, body = RequestJson), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 429, body = ErrorBody, description = "With `Retry-After`")))]
async fn create(
    State(app): State<App>,
    signed_in: SignedIn,
    JsonBody(body): JsonBody<NewRequest>,
) -> Result<(StatusCode, Json<RequestJson>), Refusal> {
    app.limits.request(&signed_in.account, &app.metrics)?;
    let account = signed_in.load(&app).await?.id;
    let title = text(&body.title, LONGEST_TITLE)
        .ok_or_else(|| {
            Refusal::bad_request(
                "title-invalid",
                "The title has to have 1 to 200 characters.",
            )
        })?
        .to_owned();
    let now = app.clock.now_ms();
    let request = app
        .store
        .write(move |store| {
            let id = meetings::insert_request(store, &account, &title, now)?;
            meetings::request_by_id(store, &id)
        })
        .await?
        .ok_or_else(Refusal::internal)?;
    Ok((StatusCode::CREATED, Json(request.into())))
}

/// What comes with an offer.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewOffer {
    /// At most 2000 characters.
    #[serde(default)]
    message: String,
}

enum Offered {
    Now(Box<Offer>),
    NoRequest,
    OwnRequest,
    Already,
}

/// Offer help with somebody else's request. One offer can be pending at a time.
#[utoipa::path(post, path = "/api/v1/requests/{id}/offers", tag = "meetings",
    params(("id" = String, Path, description = "The request")), request_body = NewOffer,
    security(("bearer" = [])),
    responses((status = 201, body = OfferJson), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "`offer-own-request` or `offer-pending`"),
        (status = 429, body = ErrorBody, description = "With `Retry-After`")))]
async fn offer(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<RequestId>,
    JsonBody(body): JsonBody<NewOffer>,
) -> Result<(StatusCode, Json<OfferJson>), Refusal> {
    app.limits.offer(&signed_in.account, &app.metrics)?;
    let account = signed_in.load(&app).await?.id;
    let message = body.message.trim().to_owned();
    if message.chars().count() > LONGEST_MESSAGE {
        return Err(Refusal::bad_request(
            "message-invalid",
            "The message has more than 2000 characters.",
        ));
    }
    let now = app.clock.now_ms();
    let offered = app
        .store
        .write(move |store| {
            let Some(request) = meetings::request_by_id(store, &id)? else {
                return Ok(Offered::NoRequest);
            };
            if request.requester == account {
                return Ok(Offered::OwnRequest);
            }
            let Some(offer) = meetings::insert_offer(store, &id, &account, &message, now)? else {
                return Ok(Offered::Already);
            };
            let offer = meetings::offer_by_id(store, &offer)?;
            Ok(offer.map_or(Offered::NoRequest, |offer| Offered::Now(Box::new(offer))))
        })
        .await?;
    match offered {
        Offered::Now(offer) => Ok((StatusCode::CREATED, Json((*offer).into()))),
        Offered::NoRequest => Err(Refusal::not_found()),
        Offered::OwnRequest => Err(Refusal::conflict(
            "offer-own-request",
            "Nobody can make an offer to a request of their own.",
        )),
        Offered::Already => Err(Refusal::conflict(
            "offer-pending",
            "An offer of yours is pending there already.",
        )),
    }
}
