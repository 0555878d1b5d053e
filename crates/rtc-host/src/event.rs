//! What a connection reports.

use std::sync::Arc;
use std::time::Instant;

use rtc_core::{
    ConnectionState, DataChannelId, DataChannelInit, DataChannelState, DtlsState, IceCandidate,
    IceConnectionState, IceGatheringState, MediaCodec, SctpTransport, SessionDescription,
    SignalingState, TransceiverInfo,
};

/// Something happened on a connection.
#[derive(Debug)]
pub enum ConnectionEvent {
    /// Some state changed.
    State(Box<Snapshot>),
    /// `icecandidate`; `None`: gathering is complete.
    IceCandidate(Option<IceCandidate>),
    /// `negotiationneeded`.
    NegotiationNeeded,
    /// Media of a remote track began or ceased to arrive.
    TrackMuted {
        /// Number of the track.
        track: u32,
        /// Nothing arrives.
        muted: bool,
    },
    /// A picture of a remote track that is being shown.
    Picture(Picture),
    /// The remote side opened a data channel.
    DataChannel {
        /// Id.
        channel: DataChannelId,
        /// Label.
        label: String,
        /// How it was opened.
        init: DataChannelInit,
    },
    /// A data channel changed its state.
    DataChannelState {
        /// Id.
        channel: DataChannelId,
        /// State.
        state: DataChannelState,
        /// SCTP stream id, once known.
        stream_id: Option<u16>,
    },
    /// What the caller sent on a data channel was not taken: the channel is being closed, since a
    /// message that silently is not there would be worse.
    DataChannelFailed {
        /// Id.
        channel: DataChannelId,
        /// In plain words.
        reason: String,
    },
    /// Payload bytes of a data channel that have left, in all.
    DataChannelSent {
        /// Id.
        channel: DataChannelId,
        /// Bytes.
        sent: u64,
    },
    /// A message came.
    DataChannelMessage {
        /// Id.
        channel: DataChannelId,
        /// Else UTF-8 text.
        binary: bool,
        /// Payload.
        data: Vec<u8>,
    },
}

/// An encoded picture for the page.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Number of the track.
    pub track: u32,
    /// Codec.
    pub codec: MediaCodec,
    /// 90 kHz.
    pub rtp_timestamp: u32,
    /// Decodable by itself.
    pub key_frame: bool,
    /// Counts what is handed to the page, without gaps.
    pub counter: u32,
    /// When it came in.
    pub arrival: Instant,
    /// The bitstream.
    pub data: Arc<[u8]>,
}

/// The four descriptions of webrtc-pc section 4.4.1.2.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are W3C's")]
pub struct Descriptions {
    pub current_local: Option<SessionDescription>,
    pub pending_local: Option<SessionDescription>,
    pub current_remote: Option<SessionDescription>,
    pub pending_remote: Option<SessionDescription>,
}

/// All states of a connection at one moment.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the names are W3C's")]
pub struct Snapshot {
    pub signaling: SignalingState,
    pub ice_gathering: IceGatheringState,
    pub ice_connection: IceConnectionState,
    pub connection: ConnectionState,
    pub dtls: DtlsState,
    pub sctp: Option<SctpTransport>,
    /// Absent if unchanged since the last snapshot.
    pub descriptions: Option<Descriptions>,
    pub transceivers: Vec<TransceiverSnapshot>,
}

/// A transceiver and the number of its receiver's track.
#[derive(Clone, Debug)]
pub struct TransceiverSnapshot {
    /// As the connection sees it.
    pub info: TransceiverInfo,
    /// Number of the receiver's track.
    pub receiver_track: u32,
}
