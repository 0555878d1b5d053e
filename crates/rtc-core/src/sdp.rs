//! Session descriptions (RFC 8866) as far as WebRTC uses them (RFC 8829 section 5).
//!
//! The reader is lenient: what it does not know it skips, and only what would make the
//! description meaningless is an error with its line number.

mod parse;
pub(crate) mod write;

pub use parse::parse_description;

use crate::transceiver::Direction;

/// A parsed description.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// `a=ice-lite`
    pub ice_lite: bool,
    /// Mids of `a=group:BUNDLE`; `None` without such a group.
    pub bundle: Option<Vec<String>>,
    /// Media sections in order.
    pub sections: Vec<Section>,
}

/// One media section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// What it carries.
    pub kind: SectionKind,
    /// Line number of its `m=` line, from 1.
    pub line: u32,
    /// 0: rejected, unless bundle-only.
    pub port: u16,
    /// `a=mid`, or made up from the index where there is none.
    pub mid: String,
    /// Direction as written; `sendrecv` where nothing is said.
    pub direction: Direction,
    /// `a=bundle-only`
    pub bundle_only: bool,
    /// `a=ice-ufrag` and `a=ice-pwd`, also of the session level.
    pub ice: Option<IceCredentials>,
    /// Fingerprints as (algorithm, value), also of the session level.
    pub fingerprints: Vec<(String, String)>,
    /// `a=setup`, also of the session level.
    pub setup: Option<Setup>,
    /// `a=candidate` values, beginning with `candidate:`.
    pub candidates: Vec<String>,
    /// `a=end-of-candidates`
    pub end_of_candidates: bool,
    /// Codecs in the order of the `m=` line, RTX and RED among them.
    pub codecs: Vec<SdpCodec>,
    /// `a=extmap` as (id, uri).
    pub extensions: Vec<(u16, String)>,
    /// `a=msid` as (stream, track).
    pub msids: Vec<(String, Option<String>)>,
    /// `a=rid`
    pub rids: Vec<SdpRid>,
    /// `a=simulcast`: rids to be sent, in order; each with whether it is paused.
    pub simulcast_send: Vec<(String, bool)>,
    /// `a=simulcast`: rids to be received.
    pub simulcast_recv: Vec<(String, bool)>,
    /// `a=ssrc` with its `cname`s and `msid`s dropped: main SSRCs and the RTX SSRC of each.
    pub ssrcs: Vec<(u32, Option<u32>)>,
    /// `a=max-message-size`
    pub max_message_size: Option<u32>,
    /// `a=sctp-port`
    pub sctp_port: Option<u16>,
    /// `a=ptime`, milliseconds.
    pub packet_time: Option<u32>,
}

impl Section {
    /// Port 0 and not bundle-only.
    pub fn rejected(&self) -> bool {
        self.port == 0 && !self.bundle_only
    }
}

/// What a media section carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SectionKind {
    /// `m=audio`
    Audio,
    /// `m=video`
    Video,
    /// `m=application` with SCTP over DTLS.
    Application,
    /// Anything else, to be rejected.
    Other(String),
}

impl SectionKind {
    /// The token of the `m=` line.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Audio => "audio",
            Self::Video => "video",
            Self::Application => "application",
            Self::Other(other) => other,
        }
    }
}

/// ICE user name fragment and password (RFC 8839 section 5.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IceCredentials {
    /// User name fragment.
    pub ufrag: String,
    /// Password.
    pub pwd: String,
}

/// `a=setup` (RFC 8842).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setup {
    /// Opens the DTLS association.
    Active,
    /// Waits for it.
    Passive,
    /// Either.
    ActPass,
}

/// A payload type with its `rtpmap`, `fmtp` and `rtcp-fb`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SdpCodec {
    /// Payload type, 0 to 127.
    pub payload_type: u8,
    /// Encoding name as written.
    pub name: String,
    /// Hertz.
    pub clock_rate: u32,
    /// Channels, for audio.
    pub channels: Option<u16>,
    /// Format parameters as written.
    pub fmtp: Option<String>,
    /// Feedback values, such as `nack pli`.
    pub feedback: Vec<String>,
}

impl SdpCodec {
    /// Value of a format parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        parameter(self.fmtp.as_deref()?, name)
    }
}

/// Value of a format parameter in an `fmtp` text.
pub fn parameter<'a>(fmtp: &'a str, name: &str) -> Option<&'a str> {
    fmtp.split(';').find_map(|entry| {
        let (key, value) = entry.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// `a=rid` (RFC 8851).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SdpRid {
    /// Name.
    pub id: String,
    /// The writer sends it; else it receives it.
    pub send: bool,
}
