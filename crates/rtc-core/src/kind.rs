//! What media there is: kinds, and the codecs of each.

/// Audio or video.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Sound.
    Audio,
    /// Pictures.
    Video,
}

impl Kind {
    /// `audio` or `video`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Audio => "audio",
            Self::Video => "video",
        }
    }
}

/// Codecs that the connection carries. It encodes and decodes none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MediaCodec {
    /// Opus (RFC 7587), 48 kHz.
    Opus,
    /// VP8 (RFC 7741).
    Vp8,
    /// VP9 (RFC 9628).
    Vp9,
    /// H.264 (RFC 6184); frames are in Annex B form.
    H264,
}

impl MediaCodec {
    /// Audio or video.
    pub fn kind(self) -> Kind {
        match self {
            Self::Opus => Kind::Audio,
            Self::Vp8 | Self::Vp9 | Self::H264 => Kind::Video,
        }
    }
}
