//! Transceivers as the caller sees them.

use crate::ids::TransceiverId;
use crate::kind::{Kind, MediaCodec};

/// `RTCRtpTransceiverDirection`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Both ways.
    SendRecv,
    /// Out.
    SendOnly,
    /// In.
    RecvOnly,
    /// Neither.
    Inactive,
    /// Stopped for good.
    Stopped,
}

impl Direction {
    /// Includes sending.
    pub fn sends(self) -> bool {
        matches!(self, Self::SendRecv | Self::SendOnly)
    }

    /// Includes receiving.
    pub fn receives(self) -> bool {
        matches!(self, Self::SendRecv | Self::RecvOnly)
    }

    /// W3C's string.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SendRecv => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::RecvOnly => "recvonly",
            Self::Inactive => "inactive",
            Self::Stopped => "stopped",
        }
    }

    /// From its two halves.
    pub(crate) fn of(sends: bool, receives: bool) -> Self {
        match (sends, receives) {
            (true, true) => Self::SendRecv,
            (true, false) => Self::SendOnly,
            (false, true) => Self::RecvOnly,
            (false, false) => Self::Inactive,
        }
    }

    /// The same seen from the other side.
    pub(crate) fn reversed(self) -> Self {
        Self::of(self.receives(), self.sends())
    }

    /// What both allow, `other` being seen from the same side.
    pub(crate) fn intersect(self, other: Self) -> Self {
        Self::of(
            self.sends() && other.sends(),
            self.receives() && other.receives(),
        )
    }
}

/// `RTCRtpTransceiverInit`, and what `addTrack` implies.
#[derive(Clone, Debug, PartialEq)]
pub struct TransceiverInit {
    /// Wanted direction.
    pub direction: Direction,
    /// Id of the track that the sender sends; `None`: none yet.
    pub track_id: Option<String>,
    /// Ids of the streams that the track is said to be in.
    pub stream_ids: Vec<String>,
    /// Layers; empty means one, without a rid.
    pub send_encodings: Vec<Encoding>,
    /// Made by `addTrack`: a remote offer may take it over (RFC 8829 section 5.10).
    pub by_add_track: bool,
}

impl Default for TransceiverInit {
    fn default() -> Self {
        Self {
            direction: Direction::SendRecv,
            track_id: None,
            stream_ids: Vec::new(),
            send_encodings: Vec::new(),
            by_add_track: false,
        }
    }
}

/// `RTCRtpEncodingParameters`: one simulcast layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoding {
    /// Name (RFC 8852): letters, digits, `-` and `_`, up to 16 of them; needed if there are
    /// several.
    pub rid: Option<String>,
    /// Sent at all.
    pub active: bool,
    /// Bits per second at most.
    pub max_bitrate: Option<u64>,
    /// Frames per second at most.
    pub max_framerate: Option<f64>,
    /// Divides width and height; 1.0 or more.
    pub scale_resolution_down_by: Option<f64>,
    /// `L1T1` and the like (webrtc-svc).
    pub scalability_mode: Option<String>,
    /// Share of the bandwidth.
    pub priority: Priority,
    /// DSCP marking; only kept.
    pub network_priority: Priority,
}

impl Default for Encoding {
    fn default() -> Self {
        Self {
            rid: None,
            active: true,
            max_bitrate: None,
            max_framerate: None,
            scale_resolution_down_by: None,
            scalability_mode: None,
            priority: Priority::Low,
            network_priority: Priority::Low,
        }
    }
}

/// `RTCPriorityType`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Half of low.
    VeryLow,
    /// What is usual.
    #[default]
    Low,
    /// Twice of low.
    Medium,
    /// Four times of low.
    High,
}

/// `RTCDegradationPreference`. Only kept: the host's encoder decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DegradationPreference {
    /// Keep the frame rate.
    MaintainFramerate,
    /// Keep the resolution.
    MaintainResolution,
    /// Lower both.
    Balanced,
}

/// `RTCRtpCodec`, and with a payload type `RTCRtpCodecParameters`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Codec {
    /// `video/VP8` and the like.
    pub mime_type: String,
    /// Hertz.
    pub clock_rate: u32,
    /// Channels, for audio.
    pub channels: Option<u16>,
    /// Format parameters, as in SDP.
    pub sdp_fmtp_line: Option<String>,
    /// Payload type, once negotiated.
    pub payload_type: Option<u8>,
}

/// `RTCRtpHeaderExtensionParameters`, and without an id `...Capability`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderExtension {
    /// URI (RFC 8285).
    pub uri: String,
    /// Id, once negotiated.
    pub id: Option<u8>,
}

/// `RTCRtpCapabilities`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Codecs, preferred first.
    pub codecs: Vec<Codec>,
    /// Header extensions.
    pub header_extensions: Vec<HeaderExtension>,
}

/// Half of a transceiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// `RTCRtpSender`.
    Sender,
    /// `RTCRtpReceiver`.
    Receiver,
}

/// `RTCRtpSendParameters`.
#[derive(Clone, Debug, PartialEq)]
pub struct SendParameters {
    /// Layers, in the order of `send_encodings`.
    pub encodings: Vec<Encoding>,
    /// Codecs negotiated, preferred first.
    pub codecs: Vec<Codec>,
    /// Header extensions negotiated.
    pub header_extensions: Vec<HeaderExtension>,
    /// RTCP canonical name.
    pub cname: String,
    /// As set last.
    pub degradation_preference: Option<DegradationPreference>,
}

/// What is known of a transceiver.
#[derive(Clone, Debug, PartialEq)]
pub struct TransceiverInfo {
    /// Id.
    pub id: TransceiverId,
    /// Kind.
    pub kind: Kind,
    /// Media section; `None` until a description names it.
    pub mid: Option<String>,
    /// Wanted direction.
    pub direction: Direction,
    /// Negotiated direction.
    pub current_direction: Option<Direction>,
    /// Created by a remote description.
    pub remote_created: bool,
    /// Id of the track being sent.
    pub sender_track_id: Option<String>,
    /// Ids of the streams that the sender names.
    pub sender_stream_ids: Vec<String>,
    /// `MediaStreamTrack.id` of the receiver's track, which exists from the beginning.
    pub receiver_track_id: String,
    /// Ids of the streams that the remote `msid` names.
    pub receiver_stream_ids: Vec<String>,
    /// No media has arrived, or none is negotiated.
    pub receiver_muted: bool,
    /// Codec in use, once negotiated.
    pub codec: Option<MediaCodec>,
    /// Codecs negotiated, preferred first.
    pub codecs: Vec<Codec>,
    /// Header extensions negotiated.
    pub header_extensions: Vec<HeaderExtension>,
}
