//! The words of the wire: events to clients as JSON, and what clients ask over HTTP.

use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::TrackKind;
use super::faults::Advice;

/// Why a call ends for a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndReason {
    Ended,
    Kicked,
}

impl EndReason {
    fn number(self) -> u8 {
        match self {
            Self::Ended => 1,
            Self::Kicked => 3,
        }
    }
}

/// Why a track is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    Muted,
    PermissionRevoked,
    Moderation,
}

impl Cause {
    fn number(self) -> u8 {
        match self {
            Self::Muted => 1,
            Self::PermissionRevoked => 2,
            Self::Moderation => 3,
        }
    }
}

/// How well a participant is connected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Quality {
    #[default]
    Unknown,
    Poor,
    Good,
    Excellent,
}

impl Quality {
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Unknown => 0,
            Self::Poor => 1,
            Self::Good => 2,
            Self::Excellent => 3,
        }
    }
}

impl TrackKind {
    pub(crate) const ALL: [Self; 4] = [
        Self::Audio,
        Self::Video,
        Self::ScreenShare,
        Self::ScreenShareAudio,
    ];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Audio => "TRACK_TYPE_AUDIO",
            Self::Video => "TRACK_TYPE_VIDEO",
            Self::ScreenShare => "TRACK_TYPE_SCREEN_SHARE",
            Self::ScreenShareAudio => "TRACK_TYPE_SCREEN_SHARE_AUDIO",
        }
    }

    fn number(self) -> u64 {
        match self {
            Self::Audio => 1,
            Self::Video => 2,
            Self::ScreenShare => 3,
            Self::ScreenShareAudio => 4,
        }
    }

    pub(crate) fn is_picture(self) -> bool {
        matches!(self, Self::Video | Self::ScreenShare)
    }
}

/// Protobuf's JSON has an enum's word or its number.
impl<'de> Deserialize<'de> for TrackKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let is = |kind: &Self| {
            value.as_str() == Some(kind.word()) || value.as_u64() == Some(kind.number())
        };
        let known = Self::ALL.into_iter().find(is);
        known.ok_or_else(|| serde::de::Error::custom("no kind of track"))
    }
}

/// One layer that a client announces.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Layer {
    pub(crate) rid: String,
    pub(crate) video_dimension: Dimension,
    pub(crate) bitrate: u32,
    pub(crate) fps: u32,
}

/// In pixels.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default)]
pub(crate) struct Dimension {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// A track that a client announces.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TrackInfo {
    pub(crate) track_type: TrackKind,
    #[serde(default)]
    pub(crate) layers: Vec<Layer>,
    #[serde(default)]
    pub(crate) mid: String,
    #[serde(default)]
    pub(crate) muted: bool,
    #[serde(default)]
    pub(crate) publish_option_id: u32,
    #[serde(default)]
    pub(crate) codec: Value,
}

/// A track that a client wants to have.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Subscription {
    pub(crate) session_id: String,
    pub(crate) track_type: TrackKind,
    #[serde(default)]
    pub(crate) dimension: Dimension,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MuteState {
    pub(crate) track_type: TrackKind,
    #[serde(default)]
    pub(crate) muted: bool,
}

/// What is asked over HTTP, of all methods together: each has some of it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Asked {
    pub(crate) session_id: String,
    pub(crate) sdp: String,
    pub(crate) tracks: Vec<Value>,
    pub(crate) mute_states: Vec<MuteState>,
    /// Absent for the publisher's connection.
    pub(crate) peer_type: Value,
    pub(crate) ice_candidate: String,
    pub(crate) negotiation_id: u32,
}

impl Asked {
    pub(crate) fn is_of_subscriber(&self) -> bool {
        self.peer_type.as_u64() == Some(1) || self.peer_type == "PEER_TYPE_SUBSCRIBER"
    }

    /// What of its list can be read.
    pub(crate) fn list<T: for<'de> Deserialize<'de>>(&self) -> Vec<T> {
        let read = |value: &Value| T::deserialize(value).ok();
        self.tracks.iter().filter_map(read).collect()
    }
}

/// An error as answers over HTTP and events have it.
pub(crate) fn error(code: u16, message: &str, should_retry: bool) -> Value {
    json!({ "code": code, "message": message, "shouldRetry": should_retry })
}

pub(crate) fn error_event(code: u16, message: &str, advice: Advice) -> Value {
    let retry = !matches!(advice, Advice::Disconnect);
    json!({ "error": {
        "error": error(code, message, retry),
        "reconnectStrategy": advice.number(),
    } })
}

pub(crate) fn call_ended(reason: EndReason) -> Value {
    json!({ "callEnded": { "reason": reason.number() } })
}

/// `GO_AWAY_REASON_REBALANCE`.
pub(crate) fn go_away() -> Value {
    json!({ "goAway": { "reason": 2 } })
}

/// An update of a participant who has come at a time with two digits of a second: protobuf's JSON has
/// none, three, six or nine, and whoever reads it refuses the whole message for that.
pub(crate) fn unreadable() -> Value {
    json!({ "participantUpdated": { "participant": { "joinedAt": "2026-01-01T00:00:00.25Z" } } })
}

pub(crate) fn migration_complete() -> Value {
    json!({ "participantMigrationComplete": {} })
}

pub(crate) fn health(total: usize) -> Value {
    json!({ "healthCheckResponse": { "participantCount": { "total": total } } })
}

pub(crate) fn participant_event(name: &str, cid: &str, participant: &Value) -> Value {
    json!({ name: { "callCid": cid, "participant": participant } })
}

pub(crate) fn track_published(
    user: &str,
    session: &str,
    kind: TrackKind,
    participant: &Value,
) -> Value {
    json!({ "trackPublished": {
        "userId": user, "sessionId": session, "type": kind.word(), "participant": participant,
    } })
}

pub(crate) fn track_unpublished(
    user: &str,
    session: &str,
    kind: TrackKind,
    cause: Cause,
    participant: &Value,
) -> Value {
    json!({ "trackUnpublished": {
        "userId": user, "sessionId": session, "type": kind.word(), "cause": cause.number(),
        "participant": participant,
    } })
}

pub(crate) fn subscriber_offer(sdp: &str, ice_restart: bool, negotiation: u32) -> Value {
    json!({ "subscriberOffer": {
        "sdp": sdp, "iceRestart": ice_restart, "negotiationId": negotiation,
    } })
}

/// Asks a client to restart ICE on its publisher's connection.
pub(crate) fn publisher_ice_restart() -> Value {
    json!({ "iceRestart": {} })
}

pub(crate) fn quality_changed(user: &str, session: &str, quality: Quality) -> Value {
    json!({ "connectionQualityChanged": { "connectionQualityUpdates": [{
        "userId": user, "sessionId": session, "connectionQuality": quality.number(),
    }] } })
}

pub(crate) fn grants(publish: &[TrackKind]) -> Value {
    json!({ "callGrantsUpdated": { "currentGrants": {
        "canPublishAudio": publish.contains(&TrackKind::Audio),
        "canPublishVideo": publish.contains(&TrackKind::Video),
        "canScreenshare": publish.contains(&TrackKind::ScreenShare),
    } } })
}

pub(crate) fn inbound_state(user: &str, session: &str, kind: TrackKind, paused: bool) -> Value {
    json!({ "inboundStateNotification": { "inboundVideoStates": [{
        "userId": user, "sessionId": session, "trackType": kind.word(), "paused": paused,
    }] } })
}

/// How clients are to encode what they publish.
pub(crate) fn publish_options() -> Value {
    let opus = json!({
        "name": "opus", "clockRate": 48_000, "encodingParameters": "2", "fmtp": "useinbandfec=1",
    });
    let vp8 = json!({ "name": "VP8", "clockRate": 90_000 });
    json!([
        {
            "id": 1, "trackType": TrackKind::Audio.word(), "codec": opus, "bitrate": 64_000,
        },
        {
            "id": 2, "trackType": TrackKind::Video.word(), "codec": vp8, "bitrate": 1_250_000,
            "fps": 30, "maxSpatialLayers": 3, "maxTemporalLayers": 1,
            "videoDimension": { "width": 1280, "height": 720 },
        },
        {
            "id": 3, "trackType": TrackKind::ScreenShare.word(), "codec": vp8,
            "bitrate": 1_500_000, "fps": 20, "maxSpatialLayers": 3, "maxTemporalLayers": 1,
            "videoDimension": { "width": 1920, "height": 1080 },
        },
        {
            "id": 4, "trackType": TrackKind::ScreenShareAudio.word(), "codec": opus,
            "bitrate": 128_000,
        },
    ])
}
