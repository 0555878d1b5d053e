//! Meeting sessions as a backend knows them, with their life cycle (contract P3).

use serde::{Deserialize, Serialize};

/// Where a meeting session is in its life. There is no way back from the last two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "lowercase")]
#[ts(rename = "SessionStatus")]
pub enum Status {
    /// The two can meet.
    Active,
    /// They have met.
    Completed,
    /// They will not meet.
    Cancelled,
}

impl Status {
    /// Whether a meeting session that is `self` may become `next`.
    pub fn may_become(self, next: Self) -> bool {
        self == next || self == Self::Active
    }
}

/// Which of the two the user is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Asked, and accepted the offer: goes straight into the lobby.
    Requester,
    /// Offered: is rung.
    Offerer,
}

/// One meeting of two parties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct MeetingSession {
    /// The backend's name for it.
    pub id: String,
    /// The offer that was accepted.
    pub offer_id: String,
    /// The request that it was made for.
    pub request_id: String,
    /// Who asked.
    pub requester_id: String,
    /// Who offered.
    pub offerer_id: String,
    /// The call's id: the media server's room.
    pub call_id: String,
    /// Where it is in its life.
    pub status: Status,
    /// Milliseconds since 1970.
    #[ts(type = "number")]
    pub created_at: u64,
    /// Milliseconds since 1970.
    #[ts(type = "number | null")]
    pub ended_at: Option<u64>,
    /// Title of the request.
    pub title: String,
    /// Name of the other party.
    pub other_party: String,
    /// Which of the two the user is.
    pub role: Role,
}
