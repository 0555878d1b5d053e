//! Requests, offers and sessions as JSON, under the names of contract P3.

use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::SignedIn;
use crate::id::{AccountId, CallId, FamilyId, MeetingSessionId, OfferId, RequestId};
use crate::store::records::{MeetingSession, Offer, OfferStatus, Request};
use crate::store::state::State;

/// A request (*demande*).
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestJson {
    id: RequestId,
    title: String,
    demandeur_id: AccountId,
    demandeur_name: String,
    /// Milliseconds since 1970.
    created_at: i64,
}

impl From<Request> for RequestJson {
    fn from(request: Request) -> Self {
        Self {
            id: request.id,
            title: request.title,
            demandeur_id: request.requester,
            demandeur_name: request.requester_name,
            created_at: request.created_ms,
        }
    }
}

/// An offer (*offre*).
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OfferJson {
    id: OfferId,
    demande_id: RequestId,
    /// The request's.
    title: String,
    demandeur_id: AccountId,
    offreur_id: AccountId,
    offreur_name: String,
    message: String,
    status: OfferStatus,
    /// Milliseconds since 1970.
    created_at: i64,
}

impl From<Offer> for OfferJson {
    fn from(offer: Offer) -> Self {
        Self {
            id: offer.id,
            demande_id: offer.request,
            title: offer.title,
            demandeur_id: offer.requester,
            offreur_id: offer.offerer,
            offreur_name: offer.offerer_name,
            message: offer.message,
            status: offer.status,
            created_at: offer.created_ms,
        }
    }
}

/// Which of the two parties the signed-in account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    Requester,
    Offerer,
}

/// A meeting session as one of its parties sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MeetingSessionJson {
    id: MeetingSessionId,
    offre_id: OfferId,
    demande_id: RequestId,
    demandeur_id: AccountId,
    offreur_id: AccountId,
    call_id: CallId,
    #[schema(value_type = String, example = "active")]
    status: &'static str,
    /// Milliseconds since 1970.
    created_at: i64,
    /// Milliseconds since 1970; absent while the session is active.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<i64>,
    /// The request's.
    title: String,
    other_party_name: String,
    role: Role,
    /// When the viewer answered on another device, that is, got a token for the call with another
    /// sign-in; milliseconds since 1970. Absent if not.
    #[serde(skip_serializing_if = "Option::is_none")]
    answered: Option<i64>,
}

/// For whose eyes: a party, and its device.
#[derive(Clone, Debug)]
pub(super) struct Viewer {
    pub(super) account: AccountId,
    pub(super) sign_in: FamilyId,
}

impl From<SignedIn> for Viewer {
    fn from(signed_in: SignedIn) -> Self {
        Self {
            account: signed_in.account,
            sign_in: signed_in.sign_in,
        }
    }
}

impl MeetingSessionJson {
    /// As `viewer` sees it, who has to be a party.
    pub(super) fn seen_by(session: &MeetingSession, viewer: &Viewer) -> Self {
        let (role, other, answer) = if session.requester == viewer.account {
            let answer = &session.requester_answer;
            (Role::Requester, &session.offerer_name, answer)
        } else {
            let answer = &session.offerer_answer;
            (Role::Offerer, &session.requester_name, answer)
        };
        let elsewhere = answer.as_ref().filter(|answer| answer.by != viewer.sign_in);
        Self {
            id: session.id.clone(),
            offre_id: session.offer.clone(),
            demande_id: session.request.clone(),
            demandeur_id: session.requester.clone(),
            offreur_id: session.offerer.clone(),
            call_id: session.call.clone(),
            status: State::name(session.state),
            created_at: session.created_ms,
            ended_at: session.state.ended_ms(),
            title: session.title.clone(),
            other_party_name: other.clone(),
            role,
            answered: elsewhere.map(|answer| answer.at_ms),
        }
    }

    /// As [`Self::seen_by`], for many.
    pub(super) fn all(sessions: &[MeetingSession], viewer: &Viewer) -> Vec<Self> {
        let seen = |session| Self::seen_by(session, viewer);
        sessions.iter().map(seen).collect()
    }
}
