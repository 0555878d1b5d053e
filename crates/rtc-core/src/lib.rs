//! A peer connection in the shape of W3C's `RTCPeerConnection`, without sockets, threads or
//! clock.
//!
//! Time comes in as an argument, datagrams come in through
//! [`PeerConnection::handle_receive`], and everything that the connection wants (datagrams to
//! send, events, the next time-out) is taken out of [`PeerConnection::poll_output`]. Whoever
//! changes the connection drains its outputs afterwards, until [`Output::Timeout`] comes.
//!
//! The offer/answer machine (RFC 8829, webrtc-pc) is this crate's own; ICE, DTLS, SRTP, RTP and
//! SCTP are str0m's. Nothing here encodes, decodes or plays media: encoded media goes in by
//! [`PeerConnection::write_video`] and [`PeerConnection::write_audio`], and comes out as
//! [`Event::Video`] and [`Event::Audio`].
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]

mod allocator;
mod candidate;
mod codecs;
mod configuration;
mod data;
mod description;
mod error;
mod event;
mod held_data;
mod ids;
mod kind;
mod media;
mod peer;
pub mod sdp;
mod stack;
mod state;
mod stats;
mod transceiver;

pub use allocator::{LayerDemand, SenderDemand, allocate};
pub use candidate::{
    CandidateKind, IceCandidate, LocalCandidate, Protocol, RelayProtocol, RemoteCandidate,
    parse_candidate,
};
pub use configuration::{BundlePolicy, Configuration, IceServer, IceTransportPolicy};
pub use data::{DataChannelInfo, DataChannelInit, DataChannelState, MAX_DATA_BUFFER};
pub use description::{DescriptionOutcome, OfferOptions, RemoteTrack, SdpType, SessionDescription};
pub use error::Error;
pub use event::{Event, Output, Transmit};
pub use ids::{DataChannelId, FIRST_OWN_ID, TransceiverId};
pub use kind::{Kind, MediaCodec};
pub use media::{
    AudioPacket, EncodedAudio, EncodedFrame, EncodedVideo, KeyFrameRequest, OpusSettings, Outgoing,
    OutgoingLayer, SynchronizationSource, Written,
};
pub use peer::PeerConnection;
pub use state::{
    ConnectionState, DtlsState, IceConnectionState, IceGatheringState, SctpState, SctpTransport,
    SignalingState,
};
pub use stats::{
    CandidatePairStats, CandidateStats, CertificateStats, CodecStats, DataChannelStats,
    InboundRtpStats, MediaSourceStats, OutboundRtpStats, PeerConnectionStats,
    QualityLimitationReason, RemoteInboundRtpStats, RemoteOutboundRtpStats, Stats, StatsReport,
    TransportStats,
};
pub use transceiver::{
    Capabilities, Codec, DegradationPreference, Direction, Encoding, HeaderExtension, Priority,
    SendParameters, Side, TransceiverInfo, TransceiverInit,
};
