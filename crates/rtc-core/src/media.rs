//! Media as it is handed in and out.

use std::sync::Arc;
use std::time::Instant;

use crate::ids::TransceiverId;
use crate::kind::{Kind, MediaCodec};
use crate::transceiver::DegradationPreference;

/// An encoded picture to send.
#[derive(Clone, Debug)]
pub struct EncodedVideo {
    /// Its codec; must be the one that [`Outgoing::codec`] names.
    pub codec: MediaCodec,
    /// Time in units of 1/90000 s, without wrapping; all layers of one picture share it.
    pub rtp_time: u64,
    /// Decodable without those before it.
    pub key_frame: bool,
    /// When the picture was taken; used for sender reports.
    pub captured: Instant,
    /// Width in pixels, for statistics.
    pub width: u32,
    /// Height in pixels, for statistics.
    pub height: u32,
    /// The bitstream.
    pub data: Arc<[u8]>,
}

/// An encoded stretch of sound to send.
#[derive(Clone, Debug)]
pub struct EncodedAudio {
    /// Time in units of 1/48000 s, without wrapping.
    pub rtp_time: u64,
    /// When its first sample was recorded; used for sender reports.
    pub captured: Instant,
    /// Level in dBov, 0 (loudest) to -127 (silence) (RFC 6464); `None` sends no level.
    pub level: Option<i8>,
    /// Somebody speaks.
    pub voice: bool,
    /// The Opus packet.
    pub data: Arc<[u8]>,
}

/// What became of something handed over for sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Written {
    /// It is on its way.
    Queued,
    /// The transceiver does not send this now (direction, no connection, layer off).
    NotSending,
    /// Dropped, since too much waits to be sent; a key frame is asked for.
    Congested,
    /// Dropped: after a loss of its own making, the layer waits for a key frame.
    AwaitingKeyFrame,
}

/// What the caller should encode for a transceiver.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    /// Transceiver.
    pub transceiver: TransceiverId,
    /// Kind.
    pub kind: Kind,
    /// The negotiated direction includes sending, and a track is set.
    pub sending: bool,
    /// What to encode; `None` until negotiated.
    pub codec: Option<MediaCodec>,
    /// Layers as the parameters name them, one or more, lowest index as given by the caller.
    pub layers: Vec<OutgoingLayer>,
    /// What to give up when not all can be had.
    pub degradation: Option<DegradationPreference>,
    /// How the remote side wants Opus.
    pub opus: OpusSettings,
}

/// One layer (W3C: encoding) to encode.
#[derive(Clone, Debug, PartialEq)]
pub struct OutgoingLayer {
    /// Name (RFC 8852); `None` if the transceiver has a single layer without one.
    pub rid: Option<String>,
    /// Encode and send it: switched on by the parameters, accepted by the remote side, and given
    /// a share of the bandwidth estimate.
    pub active: bool,
    /// Bits per second to aim at; 0 when inactive.
    pub target_bitrate: u64,
    /// Frames per second at most.
    pub max_framerate: Option<f64>,
    /// Divide width and height by this, 1.0 or more.
    pub scale_resolution_down_by: f64,
}

/// What the remote side's `fmtp` says about the Opus it wants to receive (RFC 7587 section 6.1).
/// The host's encoder follows `dtx` and `max_average_bitrate`; the others are for a whole media path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpusSettings {
    /// In-band forward error correction.
    pub in_band_fec: bool,
    /// Discontinuous transmission.
    pub dtx: bool,
    /// Two channels are welcome.
    pub stereo: bool,
    /// Bits per second on average, at most.
    pub max_average_bitrate: Option<u32>,
    /// Constant bitrate.
    pub constant_bitrate: bool,
    /// Milliseconds of sound in a packet.
    pub packet_time: u32,
}

impl Default for OpusSettings {
    fn default() -> Self {
        Self {
            in_band_fec: true,
            dtx: false,
            stereo: false,
            max_average_bitrate: None,
            constant_bitrate: false,
            packet_time: 20,
        }
    }
}

/// Sound that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AudioPacket {
    /// Transceiver.
    pub transceiver: TransceiverId,
    /// Time in units of 1/48000 s, unwrapped.
    pub rtp_time: u64,
    /// Sequence number, unwrapped; the low 16 bits are those on the wire.
    pub sequence_number: u64,
    /// Synchronisation source.
    pub ssrc: u32,
    /// When it arrived.
    pub arrival: Instant,
    /// Level in dBov, 0 to -127, if the sender told it (RFC 6464).
    pub level: Option<i8>,
    /// Voice activity, if the sender told it.
    pub voice: Option<bool>,
    /// First packet after a silence.
    pub start_of_talk_spurt: bool,
    /// The Opus packet.
    pub data: Arc<[u8]>,
}

/// A picture that arrived, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedFrame {
    /// Transceiver.
    pub transceiver: TransceiverId,
    /// Codec.
    pub codec: MediaCodec,
    /// Time in units of 1/90000 s, unwrapped.
    pub rtp_time: u64,
    /// Decodable without those before it.
    pub key_frame: bool,
    /// The pictures that it builds on were handed out too. If not, a key frame has been asked
    /// for, and decoding goes on from there.
    pub contiguous: bool,
    /// When its first packet arrived.
    pub arrival: Instant,
    /// The bitstream.
    pub data: Arc<[u8]>,
}

/// How a key frame is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyFrameRequest {
    /// Picture Loss Indication (RFC 4585 section 6.3.1).
    Pli,
    /// Full Intra Request (RFC 5104 section 4.3.1).
    Fir,
}

/// `RTCRtpSynchronizationSource`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SynchronizationSource {
    /// SSRC.
    pub source: u32,
    /// When its last packet arrived.
    pub arrival: Instant,
    /// Wire timestamp of that packet.
    pub rtp_timestamp: u32,
    /// Linear level, 0.0 to 1.0, for audio if the sender told it.
    pub audio_level: Option<f64>,
}
