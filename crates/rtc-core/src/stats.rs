//! Statistics in the form of W3C's webrtc-stats, as plain values.
//!
//! Names and units are those of the specification (bytes, seconds, totals since the beginning);
//! times are [`Instant`]s, which the host turns into wall-clock milliseconds. What only the media
//! side can know (`media-source`, decoding, playout) is for the host to fill in.

use std::time::Instant;

use crate::{DataChannelState, DtlsState, Kind, TransceiverId};

/// All that is known at one moment.
#[derive(Clone, Debug)]
pub struct StatsReport {
    /// When it was put together.
    pub timestamp: Instant,
    /// The objects; each id occurs once.
    pub entries: Vec<Stats>,
}

/// One object of a report.
#[derive(Clone, Debug, PartialEq)]
#[allow(
    clippy::large_enum_variant,
    reason = "reports are made about once a second"
)]
pub enum Stats {
    /// `codec`
    Codec(CodecStats),
    /// `inbound-rtp`
    InboundRtp(InboundRtpStats),
    /// `outbound-rtp`
    OutboundRtp(OutboundRtpStats),
    /// `remote-inbound-rtp`
    RemoteInboundRtp(RemoteInboundRtpStats),
    /// `remote-outbound-rtp`
    RemoteOutboundRtp(RemoteOutboundRtpStats),
    /// `media-source`
    MediaSource(MediaSourceStats),
    /// `peer-connection`
    PeerConnection(PeerConnectionStats),
    /// `data-channel`
    DataChannel(DataChannelStats),
    /// `transport`
    Transport(TransportStats),
    /// `candidate-pair`
    CandidatePair(CandidatePairStats),
    /// `local-candidate`
    LocalCandidate(CandidateStats),
    /// `remote-candidate`
    RemoteCandidate(CandidateStats),
    /// `certificate`
    Certificate(CertificateStats),
}

impl Stats {
    /// `RTCStats.id`: the same for the same object in every report.
    pub fn id(&self) -> &str {
        match self {
            Self::Codec(s) => &s.id,
            Self::InboundRtp(s) => &s.id,
            Self::OutboundRtp(s) => &s.id,
            Self::RemoteInboundRtp(s) => &s.id,
            Self::RemoteOutboundRtp(s) => &s.id,
            Self::MediaSource(s) => &s.id,
            Self::PeerConnection(s) => &s.id,
            Self::DataChannel(s) => &s.id,
            Self::Transport(s) => &s.id,
            Self::CandidatePair(s) => &s.id,
            Self::LocalCandidate(s) | Self::RemoteCandidate(s) => &s.id,
            Self::Certificate(s) => &s.id,
        }
    }

    /// `RTCStats.type`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Codec(_) => "codec",
            Self::InboundRtp(_) => "inbound-rtp",
            Self::OutboundRtp(_) => "outbound-rtp",
            Self::RemoteInboundRtp(_) => "remote-inbound-rtp",
            Self::RemoteOutboundRtp(_) => "remote-outbound-rtp",
            Self::MediaSource(_) => "media-source",
            Self::PeerConnection(_) => "peer-connection",
            Self::DataChannel(_) => "data-channel",
            Self::Transport(_) => "transport",
            Self::CandidatePair(_) => "candidate-pair",
            Self::LocalCandidate(_) => "local-candidate",
            Self::RemoteCandidate(_) => "remote-candidate",
            Self::Certificate(_) => "certificate",
        }
    }
}

/// `RTCCodecStats`
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the names are W3C's")]
pub struct CodecStats {
    pub id: String,
    pub payload_type: u8,
    pub transport_id: String,
    pub mime_type: String,
    pub clock_rate: u32,
    pub channels: Option<u16>,
    pub sdp_fmtp_line: Option<String>,
}

/// `RTCInboundRtpStreamStats`, without what decoding and playout know.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the names are W3C's")]
pub struct InboundRtpStats {
    pub id: String,
    /// Whose receiver this is; not part of the dictionary.
    pub transceiver: TransceiverId,
    pub ssrc: u32,
    pub kind: Kind,
    pub transport_id: String,
    pub codec_id: Option<String>,
    pub mid: String,
    pub rid: Option<String>,
    pub track_identifier: String,
    /// `remote-outbound-rtp`, once a sender report came.
    pub remote_id: Option<String>,
    pub packets_received: u64,
    pub bytes_received: u64,
    pub packets_lost: i64,
    /// Seconds.
    pub jitter: f64,
    pub last_packet_received: Option<Instant>,
    /// Whole pictures put together (video).
    pub frames_received: u64,
    /// Key frames among them (video).
    pub key_frames_received: u64,
    pub nack_count: u64,
    pub pli_count: u64,
    pub fir_count: u64,
    /// Linear level of the last packet that told one, 0.0 to 1.0 (audio).
    pub audio_level: Option<f64>,
}

/// `RTCOutboundRtpStreamStats`: one for each layer.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the names are W3C's")]
pub struct OutboundRtpStats {
    pub id: String,
    /// Whose sender this is; not part of the dictionary.
    pub transceiver: TransceiverId,
    pub ssrc: u32,
    pub kind: Kind,
    pub transport_id: String,
    pub codec_id: Option<String>,
    pub mid: String,
    pub rid: Option<String>,
    pub media_source_id: Option<String>,
    /// `remote-inbound-rtp`, once a receiver report came.
    pub remote_id: Option<String>,
    pub active: bool,
    pub packets_sent: u64,
    pub bytes_sent: u64,
    /// Bits per second that the layer was last told to aim at.
    pub target_bitrate: f64,
    pub frames_encoded: u64,
    pub key_frames_encoded: u64,
    pub frames_sent: u64,
    /// Bytes before packetisation.
    pub total_encoded_frame_bytes: u64,
    pub frame_width: Option<u32>,
    pub frame_height: Option<u32>,
    /// Pictures of the last second.
    pub frames_per_second: Option<f64>,
    pub nack_count: u64,
    pub pli_count: u64,
    pub fir_count: u64,
    pub quality_limitation_reason: QualityLimitationReason,
    pub scalability_mode: Option<String>,
}

/// `RTCQualityLimitationReason`, as far as the connection can tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum QualityLimitationReason {
    /// Nothing limits it.
    #[default]
    None,
    /// The estimate gives it less than it may use.
    Bandwidth,
}

impl QualityLimitationReason {
    /// W3C's string.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Bandwidth => "bandwidth",
        }
    }
}

/// `RTCRemoteInboundRtpStreamStats`
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the names are W3C's")]
pub struct RemoteInboundRtpStats {
    pub id: String,
    pub transceiver: TransceiverId,
    pub ssrc: u32,
    pub kind: Kind,
    pub transport_id: String,
    pub codec_id: Option<String>,
    /// `outbound-rtp`
    pub local_id: String,
    pub packets_lost: i64,
    /// Seconds.
    pub jitter: f64,
    /// 0.0 to 1.0.
    pub fraction_lost: Option<f64>,
    /// Seconds.
    pub round_trip_time: Option<f64>,
}

/// `RTCRemoteOutboundRtpStreamStats`
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the names are W3C's")]
pub struct RemoteOutboundRtpStats {
    pub id: String,
    pub transceiver: TransceiverId,
    pub ssrc: u32,
    pub kind: Kind,
    pub transport_id: String,
    pub codec_id: Option<String>,
    /// `inbound-rtp`
    pub local_id: String,
    pub packets_sent: u64,
    pub bytes_sent: u64,
}

/// `RTCMediaSourceStats`: the host fills in what it knows of the capture.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the names are W3C's")]
pub struct MediaSourceStats {
    pub id: String,
    pub transceiver: TransceiverId,
    pub track_identifier: String,
    pub kind: Kind,
}

/// `RTCPeerConnectionStats`
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the names are W3C's")]
pub struct PeerConnectionStats {
    pub id: String,
    pub data_channels_opened: u32,
    pub data_channels_closed: u32,
}

/// `RTCDataChannelStats`
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the names are W3C's")]
pub struct DataChannelStats {
    pub id: String,
    pub label: String,
    pub protocol: String,
    pub data_channel_identifier: Option<u16>,
    pub state: DataChannelState,
    pub messages_sent: u64,
    pub bytes_sent: u64,
    pub messages_received: u64,
    pub bytes_received: u64,
}

/// `RTCTransportStats`
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the names are W3C's")]
pub struct TransportStats {
    pub id: String,
    pub bytes_sent: u64,
    pub bytes_received: u64,
    pub packets_sent: u64,
    pub packets_received: u64,
    pub dtls_state: DtlsState,
    /// `controlling` or `controlled`.
    pub ice_role: &'static str,
    pub ice_local_username_fragment: String,
    /// W3C string of the ICE transport's state.
    pub ice_state: &'static str,
    pub selected_candidate_pair_id: Option<String>,
    pub selected_candidate_pair_changes: u32,
    pub local_certificate_id: String,
    pub remote_certificate_id: Option<String>,
}

/// `RTCIceCandidatePairStats` of the selected pair.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the names are W3C's")]
pub struct CandidatePairStats {
    pub id: String,
    pub transport_id: String,
    pub local_candidate_id: String,
    pub remote_candidate_id: String,
    /// `RTCStatsIceCandidatePairState`
    pub state: &'static str,
    pub nominated: bool,
    pub bytes_sent: u64,
    pub bytes_received: u64,
    pub packets_sent: u64,
    pub packets_received: u64,
    /// Seconds.
    pub current_round_trip_time: Option<f64>,
    /// Seconds.
    pub total_round_trip_time: f64,
    pub responses_received: u64,
    /// Bits per second.
    pub available_outgoing_bitrate: Option<f64>,
    pub last_packet_sent: Option<Instant>,
    pub last_packet_received: Option<Instant>,
}

/// `RTCIceCandidateStats`
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the names are W3C's")]
pub struct CandidateStats {
    pub id: String,
    pub transport_id: String,
    pub address: String,
    pub port: u16,
    /// `udp` or `tcp`.
    pub protocol: &'static str,
    /// `host`, `srflx`, `prflx` or `relay`.
    pub candidate_type: &'static str,
    pub priority: u32,
    pub foundation: String,
    pub url: Option<String>,
    /// `udp`, `tcp` or `tls`, for a relayed local candidate.
    pub relay_protocol: Option<&'static str>,
    pub username_fragment: Option<String>,
}

/// `RTCCertificateStats`, without the certificate.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the names are W3C's")]
pub struct CertificateStats {
    pub id: String,
    pub fingerprint: String,
    pub fingerprint_algorithm: String,
}
