//! What a connection tells its host.

use std::net::SocketAddr;
use std::time::Instant;

use crate::{
    AudioPacket, ConnectionState, DataChannelId, DataChannelInit, DataChannelState, DtlsState,
    EncodedFrame, IceCandidate, IceConnectionState, IceGatheringState, Outgoing, Protocol,
    SctpTransport, SignalingState, TransceiverId,
};

/// What [`PeerConnection::poll_output`](crate::PeerConnection::poll_output) hands out.
#[derive(Debug)]
pub enum Output {
    /// Send this.
    Transmit(Transmit),
    /// Something happened.
    Event(Event),
    /// Nothing more for now: call
    /// [`handle_timeout`](crate::PeerConnection::handle_timeout) at this time, or earlier if
    /// something comes in.
    Timeout(Instant),
}

/// A datagram to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transmit {
    /// How.
    pub protocol: Protocol,
    /// Which local address it leaves from: the `base` of a host or server reflexive candidate,
    /// the `address` of a relayed one (then it goes through the TURN server).
    pub source: SocketAddr,
    /// Where to.
    pub destination: SocketAddr,
    /// The datagram, without the framing of RFC 4571.
    pub contents: Vec<u8>,
}

/// What happened. Changes of state are told once the call that caused them has returned.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// `negotiationneeded` (webrtc-pc section 4.7.3). Fires once for each time that the flag
    /// becomes true in the stable state.
    NegotiationNeeded,
    /// `signalingstatechange`.
    SignalingState(SignalingState),
    /// `icegatheringstatechange`.
    IceGatheringState(IceGatheringState),
    /// `iceconnectionstatechange`.
    IceConnectionState(IceConnectionState),
    /// `connectionstatechange`.
    ConnectionState(ConnectionState),
    /// The DTLS transport's `statechange`.
    DtlsState(DtlsState),
    /// The SCTP transport appeared or changed.
    Sctp(SctpTransport),
    /// A local description wants candidates: add each with
    /// [`add_local_candidate`](crate::PeerConnection::add_local_candidate) (also those already
    /// known, if this is a restart), then call
    /// [`end_of_local_candidates`](crate::PeerConnection::end_of_local_candidates).
    GatherCandidates {
        /// The ICE credentials are new; sockets and allocations may be kept.
        restart: bool,
    },
    /// `icecandidate`; `None` is the end of candidates.
    IceCandidate(Option<IceCandidate>),
    /// A remote `.local` candidate (RFC 8828, mDNS), which no host resolves yet and a whole media
    /// path will: resolve `host`, then hand the address to
    /// [`add_resolved_candidate`](crate::PeerConnection::add_resolved_candidate).
    ResolveCandidate {
        /// The candidate as it came.
        candidate: IceCandidate,
        /// Name ending in `.local`.
        host: String,
    },
    /// The remote side takes TCP connections (RFC 6544, a passive candidate): open one to this address, and
    /// tell it by [`add_connection`](crate::PeerConnection::add_connection). New credentials of the remote
    /// side want another one, also to an address of before.
    ConnectCandidate {
        /// Where to.
        remote: SocketAddr,
    },
    /// What the caller should encode and send on a transceiver changed: direction, codec,
    /// layers, bitrates.
    Outgoing(Outgoing),
    /// The remote side, or the pacer's guard, needs a key frame.
    KeyFrameRequested {
        /// Transceiver.
        transceiver: TransceiverId,
        /// Layer; `None` if the transceiver has only one without a rid.
        rid: Option<String>,
    },
    /// Media of a receiver began to arrive, or its track was taken away: `unmute` and `mute`. As
    /// in Chromium, a remote side that sends nothing for a while mutes no track: whoever is merely
    /// muted would look cut off.
    TrackMuted {
        /// Transceiver.
        transceiver: TransceiverId,
        /// No media is to be expected.
        muted: bool,
    },
    /// What a receiver is sent from now on is something else, or nothing: another track was put on
    /// its section, or the old one under another SSRC, or it was taken away. Whatever is kept of
    /// the old one is of no use.
    ReceiverReset {
        /// Transceiver.
        transceiver: TransceiverId,
    },
    /// Audio arrived. Handed over at once, in the order of arrival, not of sequence numbers.
    Audio(AudioPacket),
    /// A whole picture arrived, in decoding order.
    Video(EncodedFrame),
    /// The remote side opened a data channel: `datachannel`.
    DataChannel {
        /// Allocated id.
        channel: DataChannelId,
        /// Label.
        label: String,
        /// Parameters.
        init: DataChannelInit,
    },
    /// State of a data channel.
    DataChannelState {
        /// Data channel.
        channel: DataChannelId,
        /// State.
        state: DataChannelState,
        /// SCTP stream id, once known.
        stream_id: Option<u16>,
    },
    /// A message arrived.
    DataChannelMessage {
        /// Data channel.
        channel: DataChannelId,
        /// Else the data is UTF-8 text.
        binary: bool,
        /// Message.
        data: Vec<u8>,
    },
    /// Bytes handed over but not yet sent.
    DataChannelBuffered {
        /// Data channel.
        channel: DataChannelId,
        /// Bytes.
        amount: usize,
    },
}
