//! Binary messages. All numbers are big-endian.
//!
//! | byte 0 | direction | then |
//! |---|---|---|
//! | 1 | both | data-channel message: `u32` channel, `u8` 1 = binary / 0 = text, payload |
//! | 2 | to the page | [`Picture`]: `u8` flags (1 = key frame), `u8` codec, `u8` 0, `u32` track, `u32` RTP timestamp (90 kHz), `u32` counter, `f64` arrival (Unix ms), payload |
//! | 3 | to the page | [`RawPicture`]: `u8` 0, `u16` width, `u16` height, `u16` 0, `u32` track, `u32` counter, `f64` capture (Unix ms), I420 planes without padding |

/// First byte of a data-channel message.
pub const DATA: u8 = 1;
/// First byte of an encoded picture.
pub const PICTURE: u8 = 2;
/// First byte of a raw picture.
pub const RAW_PICTURE: u8 = 3;
/// Bytes before the payload of a data-channel message.
pub const DATA_HEADER: usize = 6;
/// Bytes before the payload of an encoded picture.
pub const PICTURE_HEADER: usize = 24;
/// Bytes before the planes of a raw picture.
pub const RAW_PICTURE_HEADER: usize = 24;

/// Codec of a [`Picture`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum PictureCodec {
    /// RFC 6386.
    Vp8 = 0,
    /// VP9 bitstream.
    Vp9 = 1,
    /// H.264, Annex B.
    H264 = 2,
    /// AV1, low-overhead OBU format.
    Av1 = 3,
}

/// An encoded picture of a remote track, whole.
#[derive(Clone, Copy, Debug)]
pub struct Picture<'a> {
    /// Host's track id.
    pub track: u32,
    /// Decodable without those before it.
    pub key_frame: bool,
    /// Codec.
    pub codec: PictureCodec,
    /// 90 kHz.
    pub rtp_timestamp: u32,
    /// Counts the pictures of this track; a gap means that some were not sent.
    pub counter: u32,
    /// When its last packet came in, in milliseconds since 1970.
    pub arrival: f64,
    /// The bitstream.
    pub data: &'a [u8],
}

impl Picture<'_> {
    /// The message's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut message = Vec::with_capacity(PICTURE_HEADER + self.data.len());
        message.extend([PICTURE, u8::from(self.key_frame), self.codec as u8, 0]);
        message.extend(self.track.to_be_bytes());
        message.extend(self.rtp_timestamp.to_be_bytes());
        message.extend(self.counter.to_be_bytes());
        message.extend(self.arrival.to_be_bytes());
        message.extend(self.data);
        message
    }
}

/// An uncompressed picture of a local track.
#[derive(Clone, Copy, Debug)]
pub struct RawPicture<'a> {
    /// Host's track id.
    pub track: u32,
    /// Pixels; even.
    pub width: u16,
    /// Pixels; even.
    pub height: u16,
    /// Counts the pictures of this track.
    pub counter: u32,
    /// Capture time in milliseconds since 1970.
    pub capture: f64,
    /// Y, U and V planes, one after the other, `width * height * 3 / 2` bytes.
    pub i420: &'a [u8],
}

impl RawPicture<'_> {
    /// The message's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut message = Vec::with_capacity(RAW_PICTURE_HEADER + self.i420.len());
        message.extend([RAW_PICTURE, 0]);
        message.extend(self.width.to_be_bytes());
        message.extend(self.height.to_be_bytes());
        message.extend([0, 0]);
        message.extend(self.track.to_be_bytes());
        message.extend(self.counter.to_be_bytes());
        message.extend(self.capture.to_be_bytes());
        message.extend(self.i420);
        message
    }
}

/// A data-channel message, either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataMessage<'a> {
    /// Channel id.
    pub channel: u32,
    /// Else the payload is UTF-8 text.
    pub binary: bool,
    /// Payload.
    pub data: &'a [u8],
}

impl<'a> DataMessage<'a> {
    /// The message's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut message = Vec::with_capacity(DATA_HEADER + self.data.len());
        message.push(DATA);
        message.extend(self.channel.to_be_bytes());
        message.push(u8::from(self.binary));
        message.extend(self.data);
        message
    }

    /// Reads a message of the page. `None` if it is none.
    pub fn decode(message: &'a [u8]) -> Option<Self> {
        let (header, data) = message.split_at_checked(DATA_HEADER)?;
        let [DATA, a, b, c, d, binary] = *header else {
            return None;
        };
        let binary = match binary {
            0 => false,
            1 => true,
            _ => return None,
        };
        if !binary && std::str::from_utf8(data).is_err() {
            return None;
        }
        Some(Self {
            channel: u32::from_be_bytes([a, b, c, d]),
            binary,
            data,
        })
    }
}
