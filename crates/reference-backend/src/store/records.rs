//! Requests, offers and meeting sessions as the database has them.

use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::state::State;
use crate::id::{AccountId, CallId, FamilyId, MeetingSessionId, OfferId, RequestId};

/// What somebody wants help with.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) id: RequestId,
    pub(crate) title: String,
    pub(crate) requester: AccountId,
    pub(crate) requester_name: String,
    pub(crate) created_ms: i64,
}

/// An answer to a request.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) id: OfferId,
    pub(crate) request: RequestId,
    /// The request's.
    pub(crate) title: String,
    pub(crate) requester: AccountId,
    pub(crate) offerer: AccountId,
    pub(crate) offerer_name: String,
    pub(crate) message: String,
    pub(crate) status: OfferStatus,
    pub(crate) created_ms: i64,
}

/// Where an offer is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OfferStatus {
    Pending,
    Accepted,
    Rejected,
}

impl ToSql for OfferStatus {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
        }
        .into())
    }
}

impl FromSql for OfferStatus {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_str()? {
            "pending" => Ok(Self::Pending),
            "accepted" => Ok(Self::Accepted),
            "rejected" => Ok(Self::Rejected),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

/// A meeting session, with what is shown of it.
#[derive(Clone, Debug)]
pub(crate) struct MeetingSession {
    pub(crate) id: MeetingSessionId,
    pub(crate) offer: OfferId,
    pub(crate) request: RequestId,
    /// The request's.
    pub(crate) title: String,
    pub(crate) requester: AccountId,
    pub(crate) requester_name: String,
    pub(crate) offerer: AccountId,
    pub(crate) offerer_name: String,
    pub(crate) call: CallId,
    pub(crate) state: State,
    pub(crate) created_ms: i64,
    /// Which change of all sessions' made it what it is.
    pub(crate) revision: i64,
    pub(crate) requester_answer: Option<Answer>,
    pub(crate) offerer_answer: Option<Answer>,
}

/// That a party went into the call: it asked for a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) at_ms: i64,
    /// With which sign-in, and so on which device. Nobody else's business.
    pub(crate) by: FamilyId,
}

impl MeetingSession {
    pub(crate) fn is_party(&self, account: &AccountId) -> bool {
        [&self.requester, &self.offerer].contains(&account)
    }
}
