//! The dictionaries and enumerations of W3C's interfaces, as the wire has them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::mirror::mirror;

mirror! {
    /// Kind of a track.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
    #[serde(rename_all = "lowercase")]
    pub enum Kind as rtc_host::core::Kind {
        /// Sound.
        Audio,
        /// Pictures.
        Video,
    }

    /// Half of a transceiver.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
    #[serde(rename_all = "lowercase")]
    pub enum Side as rtc_host::core::Side {
        /// `RTCRtpSender`.
        Sender,
        /// `RTCRtpReceiver`.
        Receiver,
    }

    /// `RTCRtpTransceiverDirection`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
    #[serde(rename_all = "lowercase")]
    #[allow(missing_docs, reason = "the names are W3C's")]
    pub enum Direction as rtc_host::core::Direction {
        SendRecv,
        SendOnly,
        RecvOnly,
        Inactive,
        Stopped,
    }

    /// A constraint on a number, as W3C `ConstrainDouble`.
    #[derive(Clone, Copy, Debug, Default, Deserialize, TS)]
    #[serde(default)]
    #[ts(optional_fields)]
    #[allow(missing_docs, reason = "the names are W3C's")]
    pub struct NumberConstraint as rtc_host::media::Range {
        pub min: Option<f64>,
        pub max: Option<f64>,
        pub ideal: Option<f64>,
        pub exact: Option<f64>,
    }

    /// `RTCIceServer`.
    #[derive(Clone, Debug, Default, Deserialize, TS)]
    #[serde(default)]
    #[ts(optional_fields)]
    pub struct IceServer as rtc_host::core::IceServer {
        /// `stun:`, `turn:`, `turns:` URLs (RFC 7064, RFC 7065).
        pub urls: Vec<String>,
        /// TURN user.
        pub username: Option<String>,
        /// TURN password.
        pub credential: Option<String>,
    }

    /// `RTCSessionDescription`.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
    pub struct SessionDescription as rtc_host::core::SessionDescription {
        /// Type.
        #[serde(rename = "type")]
        pub kind: SdpType,
        /// Empty for a rollback.
        #[serde(default)]
        pub sdp: String,
    }

    /// `RTCSdpType`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
    #[serde(rename_all = "lowercase")]
    #[allow(missing_docs, reason = "the names are W3C's")]
    pub enum SdpType as rtc_host::core::SdpType {
        Offer,
        Pranswer,
        Answer,
        Rollback,
    }

    /// `RTCIceCandidateInit`.
    #[derive(Clone, Debug, Serialize, Deserialize, TS)]
    #[serde(rename_all = "camelCase")]
    #[allow(missing_docs, reason = "the names are W3C's")]
    pub struct IceCandidate as rtc_host::core::IceCandidate {
        pub candidate: String,
        pub sdp_mid: Option<String>,
        pub sdp_m_line_index: Option<u16>,
        pub username_fragment: Option<String>,
    }

    /// `RTCRtpCodec`.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
    #[serde(rename_all = "camelCase")]
    #[ts(optional_fields)]
    pub struct Codec as rtc_host::core::Codec {
        /// `video/VP8` and the like.
        pub mime_type: String,
        /// Hertz.
        pub clock_rate: u32,
        /// Audio only.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub channels: Option<u16>,
        /// Format parameters.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub sdp_fmtp_line: Option<String>,
        /// Known once negotiated.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub payload_type: Option<u8>,
    }

    /// `RTCRtpHeaderExtensionCapability` (and, with an id, `...Parameters`).
    #[derive(Clone, Debug, PartialEq, Serialize, TS)]
    #[ts(optional_fields)]
    pub struct HeaderExtension as rtc_host::core::HeaderExtension {
        /// RFC 8285 URI.
        pub uri: String,
        /// Negotiated id.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub id: Option<u8>,
    }

    /// `RTCDataChannelInit`.
    #[derive(Clone, Debug, Serialize, Deserialize, TS)]
    #[serde(rename_all = "camelCase")]
    #[ts(optional_fields)]
    pub struct DataChannelInit as rtc_host::core::DataChannelInit {
        /// In order.
        pub ordered: bool,
        /// Milliseconds.
        pub max_packet_life_time: Option<u16>,
        /// Retransmissions.
        pub max_retransmits: Option<u16>,
        /// Subprotocol.
        pub protocol: String,
        /// Negotiated by the application.
        pub negotiated: bool,
        /// SCTP stream id, if chosen.
        pub id: Option<u16>,
    }

    /// `RTCDataChannelState`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
    #[serde(rename_all = "lowercase")]
    #[allow(missing_docs, reason = "the names are W3C's")]
    pub enum DataChannelState as rtc_host::core::DataChannelState {
        Connecting,
        Open,
        Closing,
        Closed,
    }
}

/// `MediaDeviceInfo`.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DeviceInfo {
    /// Stable over restarts, opaque.
    pub device_id: String,
    /// Same for the parts of one physical device.
    pub group_id: String,
    /// `audioinput`, `audiooutput` or `videoinput`.
    pub kind: String,
    /// What the system calls it.
    pub label: String,
}

/// A constraint on a string, as W3C `ConstrainDOMString`, lists flattened.
#[derive(Clone, Debug, Default, Deserialize, TS)]
#[serde(default)]
#[allow(missing_docs, reason = "the names are W3C's")]
pub struct StringConstraint {
    pub ideal: Vec<String>,
    pub exact: Vec<String>,
}

/// `MediaTrackConstraints`, bare values already read as `ideal` by the page.
#[derive(Clone, Debug, Default, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(optional_fields)]
#[allow(missing_docs, reason = "the names are W3C's")]
pub struct TrackConstraints {
    pub device_id: Option<StringConstraint>,
    pub width: Option<NumberConstraint>,
    pub height: Option<NumberConstraint>,
    pub frame_rate: Option<NumberConstraint>,
    pub aspect_ratio: Option<NumberConstraint>,
    pub channel_count: Option<NumberConstraint>,
    pub sample_rate: Option<NumberConstraint>,
    pub echo_cancellation: Option<bool>,
    pub noise_suppression: Option<bool>,
    pub auto_gain_control: Option<bool>,
    pub cursor: Option<StringConstraint>,
}

/// `MediaTrackSettings`.
#[derive(Clone, Debug, Default, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields)]
#[allow(missing_docs, reason = "the names are W3C's")]
pub struct TrackSettings {
    pub device_id: String,
    pub group_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame_rate: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample_rate: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub echo_cancellation: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise_suppression: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_gain_control: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_surface: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// What came of asking for a screen.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum DisplayAnswer {
    /// The system's own dialog asked the user.
    Chosen {
        /// What they chose.
        tracks: Vec<LocalTrack>,
    },
    /// The page asks the user.
    Choose {
        /// What there is.
        sources: Vec<DisplaySource>,
    },
}

/// A monitor or window that can be shared.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DisplaySource {
    /// Says nothing, and counts once, while it is offered.
    pub id: String,
    /// `monitor` or `window`.
    pub surface: String,
    /// The window's title, or the monitor's connector. Other programs choose it.
    pub title: String,
    /// The window's program; empty for monitors.
    pub application: String,
    /// A small picture, as a `data:` URL.
    pub thumbnail: Option<String>,
}

/// A track that captures a device.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LocalTrack {
    /// Host's id.
    pub track: u32,
    /// Kind.
    pub kind: Kind,
    /// The device's label.
    pub label: String,
    /// What the device delivers.
    pub settings: TrackSettings,
}

/// `RTCRtpSynchronizationSource`: who sends, and what its last packet told.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SynchronizationSource {
    /// SSRC.
    pub source: u32,
    /// RTP time of the packet, as it came.
    pub rtp_timestamp: u32,
    /// Milliseconds since it came.
    pub age: f64,
    /// Linear, 0.0 to 1.0, if the sender told it (RFC 6464).
    pub audio_level: Option<f64>,
}

/// What a page's decoder achieved, totals.
#[derive(Clone, Copy, Debug, Default, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DecodeReport {
    /// Pictures decoded.
    pub frames_decoded: u32,
    /// Key frames among them.
    pub key_frames_decoded: u32,
    /// Pictures that arrived but were not painted.
    pub frames_dropped: u32,
    /// Seconds spent in the decoder.
    pub total_decode_time: f64,
    /// Last picture's width, in pixels.
    pub frame_width: u32,
    /// Last picture's height, in pixels.
    pub frame_height: u32,
    /// Pictures painted in the last second.
    pub frames_per_second: f64,
    /// Freezes as webrtc-stats counts them.
    pub freeze_count: u32,
    /// Seconds frozen.
    pub total_freezes_duration: f64,
    /// Pauses as webrtc-stats counts them: more than five seconds without a picture.
    pub pause_count: u32,
    /// Seconds paused.
    pub total_pauses_duration: f64,
}

/// `RTCConfiguration`.
#[derive(Clone, Debug, Default, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
pub struct Configuration {
    /// STUN and TURN servers.
    pub ice_servers: Vec<IceServer>,
    /// `all` or `relay`.
    pub ice_transport_policy: String,
    /// `balanced`, `max-compat` or `max-bundle`.
    pub bundle_policy: String,
}

/// `RTCRtpTransceiverInit` and, for `addTrack`, what it implies.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TransceiverInit {
    /// Local track to send.
    pub track: Option<u32>,
    /// `MediaStreamTrack.id` of it, shown as the track part of the msid.
    pub track_id: Option<String>,
    /// Wanted direction.
    pub direction: Direction,
    /// Ids of the streams the track belongs to.
    pub streams: Vec<String>,
    /// Empty: one encoding.
    pub send_encodings: Vec<Encoding>,
    /// Made by `addTrack` (may be reused by a remote offer, JSEP section 5.10).
    pub by_add_track: bool,
}

/// `RTCRtpEncodingParameters`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(optional_fields)]
pub struct Encoding {
    /// Name of the layer (RFC 8852).
    pub rid: Option<String>,
    /// Off: not sent. Absent: on.
    pub active: Option<bool>,
    /// Bits per second.
    pub max_bitrate: Option<f64>,
    /// Frames per second.
    pub max_framerate: Option<f64>,
    /// 1 or more.
    pub scale_resolution_down_by: Option<f64>,
    /// `L1T1` and the like (webrtc-svc).
    pub scalability_mode: Option<String>,
    /// `very-low` to `high`.
    pub priority: Option<String>,
    /// `very-low` to `high`.
    pub network_priority: Option<String>,
}

/// `RTCRtpCapabilities`.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Capabilities {
    /// Codecs, preferred first.
    pub codecs: Vec<Codec>,
    /// Header extensions.
    pub header_extensions: Vec<HeaderExtension>,
}

/// Answer of the two `set...Description` operations.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DescriptionSet {
    /// State right after.
    pub state: PcState,
    /// Remote tracks that came, in order: fire `track` for each (remote descriptions only).
    pub added: Vec<RemoteTrack>,
    /// Remote tracks that went from their streams: mute and remove.
    pub removed: Vec<RemoteTrack>,
}

/// A remote track and the streams that its `msid` names.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RemoteTrack {
    /// Transceiver.
    pub transceiver: u32,
    /// Host's id of the receiver's track.
    pub track: u32,
    /// `MediaStreamTrack.id` to show (the msid's track part if given).
    pub track_id: String,
    /// Stream ids.
    pub streams: Vec<String>,
}

/// All that the page shows synchronously of a connection.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names are W3C's")]
pub struct PcState {
    pub signaling_state: String,
    pub ice_gathering_state: String,
    pub ice_connection_state: String,
    pub connection_state: String,
    /// `new`, `connecting`, `connected`, `closed` or `failed`: all transports are bundled.
    pub dtls_state: String,
    /// Absent until data channels are negotiated.
    pub sctp: Option<SctpState>,
    /// Absent: unchanged since the last snapshot that carried them.
    pub descriptions: Option<Descriptions>,
    pub transceivers: Vec<TransceiverState>,
}

/// The four descriptions of W3C section 4.4.1.2.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names are W3C's")]
pub struct Descriptions {
    pub current_local: Option<SessionDescription>,
    pub pending_local: Option<SessionDescription>,
    pub current_remote: Option<SessionDescription>,
    pub pending_remote: Option<SessionDescription>,
}

/// `RTCSctpTransport`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SctpState {
    /// `connecting`, `connected` or `closed`.
    pub state: String,
    /// Bytes.
    pub max_message_size: u32,
    /// Streams.
    pub max_channels: Option<u16>,
}

/// One transceiver. Those unknown to the page were created by a remote description.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TransceiverState {
    /// Id.
    pub id: u32,
    /// Kind.
    pub kind: Kind,
    /// Absent until a description is set.
    pub mid: Option<String>,
    /// Wanted.
    pub direction: Direction,
    /// Negotiated.
    pub current_direction: Option<Direction>,
    /// Host's id of the receiver's track (exists from creation on).
    pub receiver_track: u32,
    /// Codecs negotiated, preferred first.
    pub codecs: Vec<Codec>,
    /// Header extensions negotiated.
    pub header_extensions: Vec<HeaderExtension>,
}
