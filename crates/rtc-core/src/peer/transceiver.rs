//! A transceiver from the inside.

use std::time::Instant;

use crate::codecs::LocalCodec;
use crate::ids::TransceiverId;
use crate::kind::{Kind, MediaCodec};
use crate::media::{OpusSettings, Outgoing};
use crate::transceiver::{
    Codec, DegradationPreference, Direction, Encoding, HeaderExtension, TransceiverInfo,
};

/// What was negotiated for a media section.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Negotiated {
    pub(crate) codecs: Vec<LocalCodec>,
    pub(crate) extensions: Vec<(u16, String)>,
    /// Layers that the remote side takes; empty: one without a rid.
    pub(crate) send_rids: Vec<String>,
    pub(crate) remote_ssrcs: Vec<(u32, Option<u32>)>,
    pub(crate) opus: OpusSettings,
    pub(crate) audio_feedback: bool,
    /// The sender of sound sends again what is asked for.
    pub(crate) audio_nack: bool,
}

/// The sending half.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    pub(crate) track_id: Option<String>,
    pub(crate) stream_ids: Vec<String>,
    /// Track part of the msid. Once announced it stays, whatever track replaces the first.
    pub(crate) msid_track: String,
    pub(crate) msid_announced: bool,
    pub(crate) encodings: Vec<Encoding>,
    pub(crate) degradation: Option<DegradationPreference>,
    /// Main and RTX SSRC for each encoding.
    pub(crate) ssrcs: Vec<(u32, u32)>,
    pub(crate) layers: Vec<LayerState>,
    /// As the host has it.
    pub(crate) reported: Option<Outgoing>,
    pub(crate) redundancy: Redundancy,
}

/// What goes out beside each packet of sound (RFC 2198).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Redundancy {
    /// The packets before, if that is negotiated.
    #[default]
    Before,
    /// Nothing: the packets before are not to be sent again.
    Withheld,
    /// Nothing either, and the first packet that may be sent again was handed over.
    Begun,
}

/// What is going on with one layer.
#[derive(Clone, Debug, Default)]
pub(crate) struct LayerState {
    pub(crate) target_bitrate: u64,
    /// The guard dropped a picture: only a key frame helps.
    pub(crate) awaiting_key: bool,
    /// When the host was last asked for a key frame or gave one, and when it will be asked for a
    /// request that came too soon after that.
    pub(crate) last_key: Option<Instant>,
    pub(crate) key_due: Option<Instant>,
    /// Bytes written since the stack last looked at its queue, and when it did.
    pub(crate) written: usize,
    pub(crate) sampled: Option<Instant>,
    pub(crate) frames: u64,
    pub(crate) key_frames: u64,
    pub(crate) frame_bytes: u64,
    pub(crate) size: Option<(u32, u32)>,
    /// Capture times of the last second.
    pub(crate) recent: std::collections::VecDeque<Instant>,
}

/// The receiving half.
#[derive(Clone, Debug)]
pub(crate) struct Receiver {
    pub(crate) track_id: String,
    pub(crate) stream_ids: Vec<String>,
    pub(crate) muted: bool,
    pub(crate) last_media: Option<Instant>,
    pub(crate) last_rtp: u32,
    pub(crate) last_ssrc: Option<u32>,
    /// Of the last media that came.
    pub(crate) last_payload_type: Option<u8>,
    pub(crate) level: Option<i8>,
    pub(crate) awaiting_key: bool,
    pub(crate) key_requested: Option<Instant>,
    pub(crate) frames: u64,
    pub(crate) key_frames: u64,
    /// Main SSRCs that the remote side announced last, and how often they changed.
    pub(crate) announced: Vec<u32>,
    pub(crate) generation: u32,
}

impl Receiver {
    /// Something else comes from now on: nothing of it builds on what came before.
    pub(crate) fn begin_anew(&mut self) {
        self.last_media = None;
        self.last_ssrc = None;
        self.last_payload_type = None;
        self.level = None;
        self.awaiting_key = true;
        self.key_requested = None;
        self.frames = 0;
        self.key_frames = 0;
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Transceiver {
    pub(crate) id: TransceiverId,
    pub(crate) kind: Kind,
    pub(crate) mid: Option<String>,
    /// Given by an offer that is not set yet.
    pub(crate) proposed_mid: Option<String>,
    pub(crate) direction: Direction,
    pub(crate) current: Option<Direction>,
    /// `[[FiredDirection]]`
    pub(crate) fired: bool,
    pub(crate) by_add_track: bool,
    pub(crate) remote_created: bool,
    pub(crate) has_sent: bool,
    pub(crate) stopping: bool,
    pub(crate) stopped: bool,
    pub(crate) preferences: Vec<Codec>,
    pub(crate) negotiated: Option<Negotiated>,
    pub(crate) sender: Sender,
    pub(crate) receiver: Receiver,
}

impl Transceiver {
    /// Neither stopped nor about to be.
    pub(crate) fn live(&self) -> bool {
        !self.stopping && !self.stopped
    }

    /// Rids to offer: only if there are several layers.
    pub(crate) fn offered_rids(&self) -> Vec<String> {
        if self.sender.encodings.len() < 2 {
            return Vec::new();
        }
        self.sender
            .encodings
            .iter()
            .filter_map(|e| e.rid.clone())
            .collect()
    }

    pub(crate) fn sends(&self) -> bool {
        self.live() && self.current.is_some_and(Direction::sends)
    }

    pub(crate) fn receives(&self) -> bool {
        self.live() && self.current.is_some_and(Direction::receives)
    }

    /// The codec that we encode for it.
    pub(crate) fn sending_codec(&self) -> Option<&LocalCodec> {
        self.negotiated
            .as_ref()?
            .codecs
            .iter()
            .find(|c| c.encodable)
    }

    /// The layers that the remote side takes, as indices of the encodings.
    pub(crate) fn accepted_layers(&self) -> Vec<usize> {
        let Some(negotiated) = &self.negotiated else {
            return Vec::new();
        };
        if negotiated.send_rids.is_empty() {
            // Without simulcast only the first encoding is sent (webrtc-pc section 5.4.1).
            return vec![0];
        }
        let encodings = self.sender.encodings.iter().enumerate();
        encodings
            .filter(|(_, e)| {
                e.rid
                    .as_ref()
                    .is_some_and(|r| negotiated.send_rids.contains(r))
            })
            .map(|(index, _)| index)
            .collect()
    }

    /// The encoding of a rid; `None` names the only one.
    pub(crate) fn layer_of(&self, rid: Option<&str>) -> Option<usize> {
        match rid {
            Some(rid) => self
                .sender
                .encodings
                .iter()
                .position(|e| e.rid.as_deref() == Some(rid)),
            None => (!self.sender.encodings.is_empty()).then_some(0),
        }
    }

    /// The rid under which the stack knows a layer.
    pub(crate) fn stack_rid(&self, layer: usize) -> Option<&str> {
        let negotiated = self.negotiated.as_ref()?;
        if negotiated.send_rids.is_empty() {
            return None;
        }
        self.sender.encodings.get(layer)?.rid.as_deref()
    }

    pub(crate) fn info(&self) -> TransceiverInfo {
        let negotiated = self.negotiated.as_ref();
        let codecs = negotiated.map_or_else(Vec::new, |n| {
            n.codecs
                .iter()
                .map(|c| c.describe(Some(c.payload_type)))
                .collect()
        });
        let header_extensions = negotiated.map_or_else(Vec::new, |n| {
            let extension = |(id, uri): &(u16, String)| HeaderExtension {
                uri: uri.clone(),
                id: u8::try_from(*id).ok(),
            };
            n.extensions.iter().map(extension).collect()
        });
        TransceiverInfo {
            id: self.id,
            kind: self.kind,
            mid: self.mid.clone(),
            direction: if self.live() {
                self.direction
            } else {
                Direction::Stopped
            },
            current_direction: if self.stopped {
                Some(Direction::Stopped)
            } else {
                self.current
            },
            remote_created: self.remote_created,
            sender_track_id: self.sender.track_id.clone(),
            sender_stream_ids: self.sender.stream_ids.clone(),
            receiver_track_id: self.receiver.track_id.clone(),
            receiver_stream_ids: self.receiver.stream_ids.clone(),
            receiver_muted: self.receiver.muted,
            codec: negotiated.and_then(|n| n.codecs.first()).map(|c| c.codec),
            codecs,
            header_extensions,
        }
    }

    pub(crate) fn codec_by_payload(&self, payload_type: u8) -> Option<MediaCodec> {
        let negotiated = self.negotiated.as_ref()?;
        negotiated
            .codecs
            .iter()
            .find(|c| c.payload_type == payload_type)
            .map(|c| c.codec)
    }
}
