//! Session descriptions and what setting one did.

use crate::TransceiverId;

/// `RTCSdpType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SdpType {
    /// An offer.
    Offer,
    /// A provisional answer.
    Pranswer,
    /// An answer.
    Answer,
    /// Back to the last stable state; carries no SDP.
    Rollback,
}

/// `RTCSessionDescription`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionDescription {
    /// Type.
    pub kind: SdpType,
    /// SDP (RFC 8866); empty for a rollback.
    pub sdp: String,
}

impl SessionDescription {
    /// An offer.
    pub fn offer(sdp: impl Into<String>) -> Self {
        Self {
            kind: SdpType::Offer,
            sdp: sdp.into(),
        }
    }

    /// An answer.
    pub fn answer(sdp: impl Into<String>) -> Self {
        Self {
            kind: SdpType::Answer,
            sdp: sdp.into(),
        }
    }

    /// A rollback.
    pub fn rollback() -> Self {
        Self {
            kind: SdpType::Rollback,
            sdp: String::new(),
        }
    }
}

/// `RTCOfferOptions`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OfferOptions {
    /// Offer new ICE credentials.
    pub ice_restart: bool,
}

/// What a description did to the remote tracks (webrtc-pc section 4.4.1.5, steps for tracks).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DescriptionOutcome {
    /// Tracks that came or changed streams: fire `track` for each, in order. Only remote
    /// descriptions bring any.
    pub added: Vec<RemoteTrack>,
    /// Tracks that left their streams: mute them and take them out.
    pub removed: Vec<RemoteTrack>,
    /// Transceivers that stopped: their tracks have ended.
    pub stopped: Vec<TransceiverId>,
    /// Transceivers that a rollback took away, or that stopped and are negotiated away.
    pub gone: Vec<TransceiverId>,
}

/// The track of a receiver, as the remote `msid` names it (RFC 8830).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteTrack {
    /// The transceiver whose receiver it is.
    pub transceiver: TransceiverId,
    /// Its media section.
    pub mid: String,
    /// `MediaStreamTrack.id`: the msid's track part, else one made up by the connection.
    pub track_id: String,
    /// Ids of the streams that the track is in.
    pub stream_ids: Vec<String>,
}
