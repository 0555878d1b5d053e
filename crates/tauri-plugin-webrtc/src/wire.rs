//! What the page and the plugin say to each other over the loopback WebSocket.
//!
//! Control is JSON text: the page sends [`Request`]s, each is answered by exactly one
//! [`FromHost::Reply`], in order; the host sends [`FromHost::Event`]s in between. Data-channel
//! messages and pictures are binary, see [`binary`]. The TypeScript twin of every type here is
//! generated (`guest-js/src/wire.ts`), never written by hand.
//!
//! Ids: the page chooses those of what its API creates synchronously (connections, transceivers,
//! data channels, sinks), counting up from 1. The host chooses those of what it creates itself,
//! from [`FIRST_HOST_ID`] up: tracks (local ones too), transceivers and data channels that the
//! remote side opened.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub mod binary;
mod mirror;
mod values;

pub use values::*;

/// WebSocket subprotocol that the server selects; the page offers it beside its secret.
pub const SUBPROTOCOL: &str = "webrtc.v1";

/// The first id that the host hands out.
pub const FIRST_HOST_ID: u32 = 0x8000_0000;

/// Answer of the command `plugin:webrtc|open`: where the page finds its WebSocket.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Opened {
    /// `ws://127.0.0.1:PORT/`.
    pub url: String,
    /// One-time secret, offered as the second subprotocol.
    pub secret: String,
}

/// One request of the page.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct Request {
    /// Chosen by the page; the reply repeats it.
    pub id: u32,
    /// What is asked.
    #[serde(flatten)]
    pub op: Op,
}

/// What the page may ask. `pc` names the connection.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(tag = "op", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[allow(missing_docs, reason = "fields are named after what W3C calls them")]
#[allow(clippy::large_enum_variant, reason = "each lives for one request")]
pub enum Op {
    // --- Media Capture and Streams ---
    /// Reply: [`DeviceInfo`] list.
    EnumerateDevices,
    /// Reply: [`LocalTrack`] list, audio first. Errors carry W3C names.
    GetUserMedia {
        /// Present if a microphone is asked for.
        audio: Option<TrackConstraints>,
        /// Present if a camera is asked for.
        video: Option<TrackConstraints>,
    },
    /// `getDisplayMedia`, soon after the user did something. Reply: [`DisplayAnswer`]. Sound is not
    /// captured.
    GetDisplayMedia { video: TrackConstraints },
    /// What the user chose of the sources that were offered last, which are offered no more; absent:
    /// nothing. Reply: [`LocalTrack`] list.
    ChooseDisplaySource { source: Option<String> },
    /// `MediaStreamTrack.contentHint` of a local track. Reply: null.
    SetContentHint { track: u32, hint: String },
    /// A second track on the source of a local one. `clone`: its id, chosen by the page since
    /// `MediaStreamTrack.clone()` is synchronous. Reply: [`LocalTrack`].
    CloneTrack { track: u32, clone: u32 },
    /// Ends a local track. The device closes with its last track. Reply: null.
    StopTrack { track: u32 },
    /// `MediaStreamTrack.enabled`: off sends silence or black. Works on remote tracks too. Reply: null.
    SetTrackEnabled { track: u32, enabled: bool },
    /// Reply: [`TrackSettings`] in force afterwards.
    ApplyConstraints {
        track: u32,
        constraints: TrackConstraints,
    },

    // --- Rendering ---
    /// Sends the pictures of a video track to the page from now on: [`binary::Picture`] for remote
    /// tracks (a key frame is asked for at once), [`binary::RawPicture`] for local ones. Reply: null.
    AttachVideo {
        sink: u32,
        track: u32,
        /// CSS size times the device pixel ratio, in pixels.
        width: u32,
        height: u32,
    },
    /// New size of a sink, or hidden (nothing is sent until visible again). Reply: null.
    UpdateVideo {
        sink: u32,
        width: u32,
        height: u32,
        visible: bool,
    },
    /// Reply: null.
    DetachVideo { sink: u32 },
    /// The page's decoder lost its footing. Reply: null.
    RequestKeyFrame { track: u32 },
    /// What the page's decoder achieved since the connection began; feeds `inbound-rtp` statistics. Reply: null.
    ReportDecoded { track: u32, report: DecodeReport },
    /// Plays a remote audio track. Reply: null.
    AttachAudio {
        sink: u32,
        track: u32,
        /// 0.0 to 1.0.
        volume: f32,
        muted: bool,
        /// Empty: the default output.
        device_id: String,
    },
    /// Reply: null.
    UpdateAudio {
        sink: u32,
        volume: f32,
        muted: bool,
        device_id: String,
    },
    /// Reply: null.
    DetachAudio { sink: u32 },
    /// Switches [`Event::AudioLevel`] of an audio track on or off. Reply: null.
    WatchLevel { track: u32, on: bool },

    // --- RTCPeerConnection ---
    /// Reply: null.
    PcCreate {
        pc: u32,
        configuration: Configuration,
    },
    /// Reply: null.
    PcSetConfiguration {
        pc: u32,
        configuration: Configuration,
    },
    /// Reply: [`SessionDescription`].
    PcCreateOffer { pc: u32, ice_restart: bool },
    /// Reply: [`SessionDescription`].
    PcCreateAnswer { pc: u32 },
    /// `description` absent: implicit, as W3C says. Reply: [`DescriptionSet`].
    PcSetLocalDescription {
        pc: u32,
        description: Option<SessionDescription>,
    },
    /// Reply: [`DescriptionSet`].
    PcSetRemoteDescription {
        pc: u32,
        description: SessionDescription,
    },
    /// `candidate` absent or empty: end of candidates. Reply: null.
    PcAddIceCandidate {
        pc: u32,
        candidate: Option<IceCandidate>,
    },
    /// Reply: null.
    PcRestartIce { pc: u32 },
    /// Reply: null.
    PcAddTransceiver {
        pc: u32,
        transceiver: u32,
        kind: Kind,
        init: TransceiverInit,
    },
    /// Reply: null.
    TransceiverSetDirection {
        pc: u32,
        transceiver: u32,
        direction: Direction,
    },
    /// Reply: null.
    TransceiverStop { pc: u32, transceiver: u32 },
    /// Reply: null.
    TransceiverSetCodecPreferences {
        pc: u32,
        transceiver: u32,
        codecs: Vec<Codec>,
    },
    /// `track` absent, or one that has ended: sends nothing. `track_id`: its
    /// `MediaStreamTrack.id`. Reply: null.
    SenderReplaceTrack {
        pc: u32,
        transceiver: u32,
        track: Option<u32>,
        track_id: Option<String>,
    },
    /// Reply: null.
    SenderSetStreams {
        pc: u32,
        transceiver: u32,
        streams: Vec<String>,
    },
    /// Encodings in the order and number of the last parameters. Reply: null.
    SenderSetParameters {
        pc: u32,
        transceiver: u32,
        encodings: Vec<Encoding>,
        degradation_preference: Option<String>,
    },
    /// `RTCRtpReceiver.jitterBufferTarget`, in milliseconds; absent: adaptive. Reply: null.
    ReceiverSetJitterBufferTarget {
        pc: u32,
        transceiver: u32,
        milliseconds: Option<f64>,
    },
    /// Reply: null; the state follows as events.
    PcCreateDataChannel {
        pc: u32,
        channel: u32,
        label: String,
        init: DataChannelInit,
    },
    /// Reply: null.
    DataChannelClose { channel: u32 },
    /// The page has handled data-channel messages of so many bytes, headers included, since it last
    /// said so. What it has not handled is limited: beyond that the host reads no more from the
    /// network. Reply: null.
    DataTaken { bytes: u32 },
    /// W3C statistics; `transceiver` narrows them to its sender or receiver. Reply: object of id to stats dictionary.
    PcGetStats {
        pc: u32,
        transceiver: Option<u32>,
        side: Option<Side>,
    },
    /// Reply: null.
    PcClose { pc: u32 },
}

/// What the host sends as text.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(untagged)]
pub enum FromHost {
    /// The answer to a request.
    Reply(Reply),
    /// Something happened.
    Event(Event),
}

/// The answer to one request: `value` on success, else `error`.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Reply {
    /// The request's id.
    pub reply: u32,
    /// Null where the operation has nothing to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "unknown")]
    pub value: Option<serde_json::Value>,
    /// Absent on success.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub error: Option<WireError>,
}

/// An error as the page throws it.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WireError {
    /// A `DOMException` name, `TypeError`, `RangeError`, `RTCError` or `OverconstrainedError`.
    pub name: String,
    /// In plain words, without secrets.
    pub message: String,
    /// `OverconstrainedError.constraint`, or `RTCError.errorDetail`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub detail: Option<String>,
    /// `RTCError.sdpLineNumber`, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub sdp_line: Option<u32>,
}

impl WireError {
    /// Without details.
    pub fn new(name: &str, message: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            message: message.into(),
            detail: None,
            sdp_line: None,
        }
    }
}

/// What happens without having been asked for.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(
    tag = "event",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[allow(missing_docs, reason = "fields are named after what W3C calls them")]
#[allow(clippy::large_enum_variant, reason = "each lives until it is written")]
pub enum Event {
    /// `devicechange`.
    DeviceChange,
    /// A local track's device went away, or a remote track's transceiver stopped.
    TrackEnded { track: u32 },
    /// `muted` of a track: a local device fell silent by itself, or no media arrives.
    TrackMuted { track: u32, muted: bool },
    /// Ten to twenty times a second while watched. `level`: linear RMS of what is captured or played,
    /// 0.0 to 1.0. `source`: of a remote track, where its packets come from.
    AudioLevel {
        track: u32,
        level: f32,
        source: Option<SynchronizationSource>,
    },
    /// Any of the connection's states changed. Sent after the reply that caused it, if there was one.
    PcState { pc: u32, state: PcState },
    /// `icecandidate`; absent: gathering is complete.
    PcIceCandidate {
        pc: u32,
        candidate: Option<IceCandidate>,
    },
    /// `icecandidateerror`. Nobody sends it yet: servers that reflect or relay are not asked. A whole
    /// media path will.
    PcIceCandidateError {
        pc: u32,
        url: String,
        error_code: u16,
        error_text: String,
    },
    /// `negotiationneeded`.
    PcNegotiationNeeded { pc: u32 },
    /// The remote side opened a data channel.
    PcDataChannel {
        pc: u32,
        channel: u32,
        label: String,
        init: DataChannelInit,
    },
    /// State and SCTP stream id of a data channel.
    DataChannelState {
        channel: u32,
        state: DataChannelState,
        stream_id: Option<u16>,
    },
    /// What the page sent on a data channel could not be sent, and the channel is being closed.
    DataChannelFailed { channel: u32, reason: String },
    /// Payload bytes of this channel that have left the host since it was opened. What the page
    /// handed over less this is `bufferedAmount`, also while messages are on their way to the host.
    DataChannelSent {
        channel: u32,
        #[ts(type = "number")]
        sent: u64,
    },
}
