//! The payload types and header extension ids of a connection, and what it can carry at all.
//!
//! All media sections share one transport, so there is one table of each. An entry moves to the
//! ids of the first remote offer that names it and is fixed from then on.

use crate::kind::{Kind, MediaCodec};
use crate::sdp::{SdpCodec, SectionKind, parameter};
use crate::transceiver::{Capabilities, Codec, HeaderExtension, Side};

pub(crate) const MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
pub(crate) const RID: &str = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
pub(crate) const REPAIRED_RID: &str = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
pub(crate) const TRANSPORT_CC: &str =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
const ABS_SEND_TIME: &str = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
const AUDIO_LEVEL: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
const VIDEO_ORIENTATION: &str = "urn:3gpp:video-orientation";

/// The payload type of Opus with the packets before, until negotiation gives it another one; the one
/// that the RTP stack begins with as well.
const RED: u8 = 63;

/// The one-byte form of RFC 8285 ends here.
const MAX_EXTENSION_ID: u16 = 14;

/// A codec that the connection can carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LocalCodec {
    pub(crate) codec: MediaCodec,
    pub(crate) name: &'static str,
    pub(crate) clock_rate: u32,
    pub(crate) channels: Option<u16>,
    pub(crate) fmtp: Option<&'static str>,
    pub(crate) payload_type: u8,
    pub(crate) rtx: Option<u8>,
    /// The payload type of packets that have those before them as well (RFC 2198).
    pub(crate) red: Option<u8>,
    /// Whether the description names it before the codec itself: whoever receives wants that.
    pub(crate) red_first: bool,
    /// The host has an encoder for it.
    pub(crate) encodable: bool,
    /// Negotiated once: the payload types no longer change.
    fixed: bool,
}

/// Other payload types that a description has for a codec.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Companions {
    /// Packets that are sent again (RFC 4588).
    pub(crate) rtx: Option<u8>,
    /// Packets that have those before them as well (RFC 2198),
    pub(crate) red: Option<u8>,
    /// and whether they are named before the codec.
    pub(crate) red_first: bool,
}

impl LocalCodec {
    fn payload_types(&self) -> impl Iterator<Item = u8> {
        [Some(self.payload_type), self.rtx, self.red]
            .into_iter()
            .flatten()
    }

    pub(crate) fn feedback(&self) -> &'static [&'static str] {
        match self.codec.kind() {
            Kind::Audio => &["transport-cc", "nack"],
            Kind::Video => &["goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"],
        }
    }

    /// Whether a remote payload type is this codec in the same profile.
    pub(crate) fn matches(&self, remote: &SdpCodec) -> bool {
        if !remote.name.eq_ignore_ascii_case(self.name)
            || remote.clock_rate != self.clock_rate
            || remote.channels.unwrap_or(1) != self.channels.unwrap_or(1)
        {
            return false;
        }
        let own = |name| self.fmtp.and_then(|f| parameter(f, name));
        match self.codec {
            MediaCodec::Opus | MediaCodec::Vp8 => true,
            MediaCodec::Vp9 => {
                remote.parameter("profile-id").unwrap_or("0") == own("profile-id").unwrap_or("0")
            }
            MediaCodec::H264 => {
                let mode = |v: Option<&str>| v.unwrap_or("0") == "1";
                let profile = |v: Option<&str>| {
                    v.and_then(|v| v.get(..2))
                        .unwrap_or("42")
                        .to_ascii_lowercase()
                };
                mode(remote.parameter("packetization-mode")) == mode(own("packetization-mode"))
                    && profile(remote.parameter("profile-level-id"))
                        == profile(own("profile-level-id"))
            }
        }
    }

    /// As the page sees it.
    pub(crate) fn describe(&self, payload_type: Option<u8>) -> Codec {
        Codec {
            mime_type: format!("{}/{}", self.codec.kind().as_str(), self.name),
            clock_rate: self.clock_rate,
            channels: self.channels,
            sdp_fmtp_line: self.fmtp.map(str::to_owned),
            payload_type,
        }
    }
}

/// Payload types and header extension ids in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tables {
    pub(crate) codecs: Vec<LocalCodec>,
    /// (id, uri, fixed)
    extensions: Vec<(u16, &'static str, bool)>,
}

impl Tables {
    /// Before anything is negotiated; `encoders` are the codecs that the host encodes.
    pub(crate) fn new(encoders: &[MediaCodec]) -> Self {
        let codec = |codec, name, clock_rate, channels, fmtp, payload_type, rtx| LocalCodec {
            encodable: encoders.contains(&codec),
            codec,
            name,
            clock_rate,
            channels,
            fmtp,
            payload_type,
            rtx,
            red: (codec == MediaCodec::Opus).then_some(RED),
            red_first: false,
            fixed: false,
        };
        let h264_1 = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f";
        let h264_0 = "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f";
        let opus = "minptime=10;useinbandfec=1";
        Self {
            codecs: vec![
                codec(
                    MediaCodec::Opus,
                    "opus",
                    48_000,
                    Some(2),
                    Some(opus),
                    111,
                    None,
                ),
                codec(MediaCodec::Vp8, "VP8", 90_000, None, None, 96, Some(97)),
                codec(
                    MediaCodec::H264,
                    "H264",
                    90_000,
                    None,
                    Some(h264_1),
                    108,
                    Some(109),
                ),
                codec(
                    MediaCodec::H264,
                    "H264",
                    90_000,
                    None,
                    Some(h264_0),
                    125,
                    Some(107),
                ),
                codec(
                    MediaCodec::Vp9,
                    "VP9",
                    90_000,
                    None,
                    Some("profile-id=0"),
                    98,
                    Some(99),
                ),
            ],
            extensions: vec![
                (1, AUDIO_LEVEL, false),
                (2, ABS_SEND_TIME, false),
                (3, TRANSPORT_CC, false),
                (4, MID, false),
                (10, RID, false),
                (11, REPAIRED_RID, false),
                (13, VIDEO_ORIENTATION, false),
            ],
        }
    }
}

fn extension_fits(uri: &str, kind: Kind) -> bool {
    match uri {
        AUDIO_LEVEL => kind == Kind::Audio,
        RID | REPAIRED_RID | VIDEO_ORIENTATION => kind == Kind::Video,
        _ => true,
    }
}

impl Tables {
    /// Codecs of a kind, preferred first.
    pub(crate) fn codecs_of(&self, kind: Kind) -> impl Iterator<Item = &LocalCodec> {
        self.codecs.iter().filter(move |c| c.codec.kind() == kind)
    }

    /// Header extensions to offer for a kind, as (id, uri).
    pub(crate) fn extensions_of(&self, kind: Kind) -> impl Iterator<Item = (u16, &'static str)> {
        self.extensions
            .iter()
            .filter(move |(_, uri, _)| extension_fits(uri, kind))
            .map(|(id, uri, _)| (*id, *uri))
    }

    /// The codec that a remote payload type stands for, after moving ours to that payload type if
    /// it is still free to move. `None`: not carried, or mapped differently before. `with` are the
    /// other payload types that its packets come under.
    pub(crate) fn adopt_codec(
        &mut self,
        remote: &SdpCodec,
        with: Companions,
    ) -> Option<LocalCodec> {
        let Companions {
            rtx,
            red,
            red_first,
        } = with;
        // A fixed entry of this payload type wins; else the first that matches.
        let index = self
            .codecs
            .iter()
            .position(|c| c.fixed && c.payload_type == remote.payload_type && c.matches(remote))
            .or_else(|| {
                self.codecs
                    .iter()
                    .position(|c| !c.fixed && c.matches(remote))
            })?;
        if !self.codecs[index].fixed {
            let used = |pt: u8| {
                let mut fixed = self.codecs.iter().filter(|c| c.fixed);
                fixed.any(|c| c.payload_types().any(|own| own == pt))
            };
            if used(remote.payload_type) {
                return None;
            }
            // A companion whose number is something else already is left out, not the codec with it.
            let free = |pt: &u8| *pt != remote.payload_type && !used(*pt);
            let rtx = rtx.filter(free);
            let own_red = self.codecs[index].red;
            // A description without RED does not keep later ones from having it: the stack fixes the
            // number with the codec, so ours is what it fixes, and 63 is what all others use as well.
            let red = red.or(own_red).filter(free).filter(|red| Some(*red) != rtx);
            let entry = &mut self.codecs[index];
            entry.payload_type = remote.payload_type;
            entry.rtx = entry.rtx.and(rtx);
            entry.red = entry.red.and(red);
            entry.fixed = true;
            self.resolve_collisions(index);
        }
        let mut codec = self.codecs[index].clone();
        codec.rtx = codec.rtx.filter(|own| Some(*own) == rtx);
        codec.red = codec.red.filter(|own| Some(*own) == red);
        codec.red_first = codec.red.is_some() && red_first;
        Some(codec)
    }

    /// A negotiated codec with all payload types that its packets can come under in any section.
    ///
    /// A section may leave a companion out that others have. What the stack is told of a codec first
    /// it keeps, so it has to be told all of it, or it takes what comes there later for nothing.
    pub(crate) fn with_all_companions(&self, codec: &LocalCodec) -> LocalCodec {
        let entry = self
            .codecs
            .iter()
            .find(|c| c.fixed && c.payload_type == codec.payload_type);
        LocalCodec {
            rtx: entry.and_then(|e| e.rtx),
            red: entry.and_then(|e| e.red),
            ..codec.clone()
        }
    }

    /// Moves what still can move out of the way of a newly fixed entry.
    fn resolve_collisions(&mut self, fixed: usize) {
        let mut used: Vec<u8> = Vec::new();
        for codec in self.codecs.iter().filter(|c| c.fixed) {
            used.extend(codec.payload_types());
        }
        let mut free = |pt: u8| {
            let choice = if used.contains(&pt) {
                (96..=127)
                    .chain(35..=63)
                    .find(|p| !used.contains(p))
                    .unwrap_or(pt)
            } else {
                pt
            };
            used.push(choice);
            choice
        };
        for (index, codec) in self.codecs.iter_mut().enumerate() {
            if index != fixed && !codec.fixed {
                codec.payload_type = free(codec.payload_type);
                codec.rtx = codec.rtx.map(&mut free);
                codec.red = codec.red.map(&mut free);
            }
        }
    }

    /// Moves an extension to a remote id if it is still free to move; says whether it is in use
    /// under that id now.
    pub(crate) fn adopt_extension(&mut self, id: u16, uri: &str, kind: Kind) -> bool {
        if id == 0 || id > MAX_EXTENSION_ID || !extension_fits(uri, kind) {
            return false;
        }
        let Some(index) = self.extensions.iter().position(|(_, own, _)| *own == uri) else {
            return false;
        };
        let (own_id, _, fixed) = self.extensions[index];
        if own_id != id {
            if fixed {
                return false;
            }
            if let Some(other) = self
                .extensions
                .iter()
                .position(|(other, _, _)| *other == id)
            {
                if self.extensions[other].2 {
                    return false;
                }
                // Swapped, as the RTP stack does it.
                self.extensions[other].0 = own_id;
            }
            self.extensions[index].0 = id;
        }
        self.extensions[index].2 = true;
        true
    }
}

/// `getCapabilities`
pub(crate) fn capabilities(kind: Kind, side: Side, encoders: &[MediaCodec]) -> Capabilities {
    let tables = Tables::new(encoders);
    let mut codecs: Vec<Codec> = tables
        .codecs_of(kind)
        .filter(|c| side == Side::Receiver || c.encodable)
        .map(|c| c.describe(None))
        .collect();
    codecs.push(match kind {
        Kind::Video => Codec {
            mime_type: "video/rtx".to_owned(),
            clock_rate: 90_000,
            channels: None,
            sdp_fmtp_line: None,
            payload_type: None,
        },
        Kind::Audio => Codec {
            mime_type: "audio/red".to_owned(),
            clock_rate: 48_000,
            channels: Some(2),
            sdp_fmtp_line: Some("111/111".to_owned()),
            payload_type: None,
        },
    });
    let header_extensions = tables
        .extensions_of(kind)
        .map(|(_, uri)| HeaderExtension {
            uri: uri.to_owned(),
            id: None,
        })
        .collect();
    Capabilities {
        codecs,
        header_extensions,
    }
}

/// Kind of the media that a section carries.
pub(crate) fn kind_of(section: &SectionKind) -> Option<Kind> {
    match section {
        SectionKind::Audio => Some(Kind::Audio),
        SectionKind::Video => Some(Kind::Video),
        SectionKind::Application | SectionKind::Other(_) => None,
    }
}

/// The other payload types of a codec in a section, as far as both descriptions have them.
pub(crate) fn companions_of(
    codecs: &[SdpCodec],
    payload_type: u8,
    both: impl Fn(u8) -> bool,
) -> Companions {
    let place = |pt: u8| codecs.iter().position(|c| c.payload_type == pt);
    let named = |name: &str, is_of: &dyn Fn(&SdpCodec) -> bool| {
        let mut of_this_name = codecs.iter().filter(|c| c.name.eq_ignore_ascii_case(name));
        let found = of_this_name.find(|c| both(c.payload_type) && is_of(c));
        found.map(|c| c.payload_type)
    };
    let rtx = named("rtx", &|c| {
        c.parameter("apt").and_then(|apt| apt.parse().ok()) == Some(payload_type)
    });
    // "111/111": the payload types of what is in it, the newest first (RFC 2198 section 5).
    let red = named("red", &|c| {
        let mut levels = c.fmtp.as_deref().unwrap_or_default().split('/').peekable();
        levels.peek().is_some() && levels.all(|level| level.trim().parse() == Ok(payload_type))
    });
    Companions {
        rtx,
        red,
        red_first: red.is_some_and(|red| place(red) < place(payload_type)),
    }
}
