//! What lets the page into one meeting, as it is handed to the page.

use serde::Serialize;

/// What lets the page into one meeting: a token that passed inspection, and where it counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(tag = "provider", rename_all = "lowercase")]
pub enum JoinGrant {
    /// Into a room of LiveKit's.
    Livekit(LiveKitGrant),
    /// Into a call of Stream's.
    Stream(StreamGrant),
}

/// What lets into a room of LiveKit's.
#[derive(Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct LiveKitGrant {
    /// The JWT.
    pub token: String,
    /// Media server.
    pub server_url: String,
    /// Who the user is there.
    pub identity: String,
    /// The room it is for.
    pub room: String,
}

/// What lets into a call of Stream's.
#[derive(Clone, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct StreamGrant {
    /// The JWT.
    pub token: String,
    /// Public: says whose app it is.
    pub api_key: String,
    /// Whom to connect as.
    pub identity: String,
    /// What the others call the user; empty: as the server knows them.
    pub name: String,
    /// Type of the call.
    pub call_type: String,
    /// Id of the call.
    pub call_id: String,
    /// Makes the call where there is none yet.
    pub create: bool,
    /// The coordinator; absent: Stream's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub base_url: Option<String>,
}

impl JoinGrant {
    /// The JWT.
    pub fn token(&self) -> &str {
        match self {
            Self::Livekit(grant) => &grant.token,
            Self::Stream(grant) => &grant.token,
        }
    }

    /// Who the user is there.
    pub fn identity(&self) -> &str {
        match self {
            Self::Livekit(grant) => &grant.identity,
            Self::Stream(grant) => &grant.identity,
        }
    }

    /// The room, or the call's id.
    pub fn room(&self) -> &str {
        match self {
            Self::Livekit(grant) => &grant.room,
            Self::Stream(grant) => &grant.call_id,
        }
    }
}

impl std::fmt::Debug for LiveKitGrant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiveKitGrant")
            .field("identity", &self.identity)
            .field("room", &self.room)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for StreamGrant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamGrant")
            .field("identity", &self.identity)
            .field("api_key", &self.api_key)
            .field("call_type", &self.call_type)
            .field("call_id", &self.call_id)
            .finish_non_exhaustive()
    }
}
