//! `/api/v1/offers`: the signed-in account's, and the decision on them.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::tell;
use super::wire::OfferJson;
use crate::app::App;
use crate::auth::SignedIn;
use crate::body::{JsonBody, PathId};
use crate::id::{AccountId, CallId, MeetingSessionId, OfferId};
use crate::refusal::{ErrorBody, Refusal};
use crate::store::meetings;
use crate::store::records::{MeetingSession, OfferStatus};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(decide))
}

/// A list of offers.
#[derive(Serialize, ToSchema)]
pub(crate) struct Offers {
    offers: Vec<OfferJson>,
}

/// Offers that the signed-in account made or got, the newest first, at most 200.
#[utoipa::path(get, path = "/api/v1/offers", tag = "meetings", security(("bearer" = [])),
    responses((status = 200, body = Offers), (status = 401, body = ErrorBody)))]
async fn list(State(app): State<App>, signed_in: SignedIn) -> Result<Json<Offers>, Refusal> {
    let offers = app
        .store
        .read(move |store| meetings::offers(store, &signed_in.account))
        .await?;
    Ok(Json(Offers {
        offers: offers.into_iter().map(OfferJson::from).collect(),
    }))
}

/// A decision on an offer.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Decision {
    status: DecidedStatus,
}

/// What an offer can become.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DecidedStatus {
    Accepted,
    Rejected,
}

impl From<DecidedStatus> for OfferStatus {
    fn from(decided: DecidedStatus) -> Self {
        match decided {
            DecidedStatus::Accepted => Self::Accepted,
            DecidedStatus::Rejected => Self::Rejected,
        }
    }
}

/// The session that an accepted offer led to; `null` twice after a rejection.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Decided {
    meet_session_id: Option<MeetingSessionId>,
    call_id: Option<CallId>,
}

enum Outcome {
    /// Accepted now.
    Created(Box<MeetingSession>),
    /// Is as asked for: rejected, or accepted by an earlier request whose answer was lost.
    Settled(Option<Box<MeetingSession>>),
    NotFound,
    /// Had been decided the other way.
    Otherwise,
    /// One of the two has as many active sessions as can be.
    TooMany,
}

/// Accept or reject an offer to a request of one's own. Asking for the same again answers the same.
#[utoipa::path(patch, path = "/api/v1/offers/{id}", tag = "meetings",
    params(("id" = String, Path, description = "The offer")), request_body = Decision,
    security(("bearer" = [])),
    responses((status = 200, body = Decided), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "`offer-decided` or `too-many-sessions`"),
        (status = 429, body = ErrorBody, description = "With `Retry-After`")))]
async fn decide(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<OfferId>,
    JsonBody(decision): JsonBody<Decision>,
) -> Result<Json<Decided>, Refusal> {
    app.limits.decision(&signed_in.account, &app.metrics)?;
    let now = app.clock.now_ms();
    let telling = app.clone();
    let outcome = app
        .store
        .write_then(
            move |store| decide_in(store, &id, &signed_in.account, decision.status, now),
            move |outcome| {
                if let Outcome::Created(session) = outcome {
                    tell(&telling, session);
                }
            },
        )
        .await?;
    let session = match outcome {
        Outcome::Created(session) => {
            app.metrics.session("created");
            tracing::info!(session = %session.id, "an offer was accepted");
            Some(session)
        }
        Outcome::Settled(session) => session,
        Outcome::NotFound => return Err(Refusal::not_found()),
        Outcome::TooMany => {
            return Err(Refusal::conflict(
                "too-many-sessions",
                "One of you has too many meetings that are not over. End or cancel some first.",
            ));
        }
        Outcome::Otherwise => {
            return Err(Refusal::conflict(
                "offer-decided",
                "This offer was decided the other way already.",
            ));
        }
    };
    let (id, call) = session.map(|session| (session.id, session.call)).unzip();
    Ok(Json(Decided {
        meet_session_id: id,
        call_id: call,
    }))
}

fn decide_in(
    store: &rusqlite::Transaction<'_>,
    id: &OfferId,
    account: &AccountId,
    decided: DecidedStatus,
    now_ms: i64,
) -> rusqlite::Result<Outcome> {
    let offer = meetings::offer_by_id(store, id)?;
    let Some(offer) = offer.filter(|offer| offer.requester == *account) else {
        return Ok(Outcome::NotFound);
    };
    let wanted = offer.status == OfferStatus::Pending && decided == DecidedStatus::Accepted;
    if wanted && meetings::have_too_many(store, [&offer.requester, &offer.offerer])? {
        return Ok(Outcome::TooMany);
    }
    if !meetings::decide_offer(store, id, decided.into(), now_ms)? {
        return Ok(if offer.status == decided.into() {
            Outcome::Settled(meetings::session_of_offer(store, id)?.map(Box::new))
        } else {
            Outcome::Otherwise
        });
    }
    if decided == DecidedStatus::Rejected {
        return Ok(Outcome::Settled(None));
    }
    let session = meetings::insert_session(store, &offer, now_ms)?;
    let session = meetings::session_by_id(store, &session)?;
    Ok(session.map_or(Outcome::NotFound, |session| {
        Outcome::Created(Box::new(session))
    }))
}
