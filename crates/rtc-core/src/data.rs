//! Data channels (RFC 8831, RFC 8832) as the caller sees them.

use crate::DataChannelId;

/// Bytes that may wait on one data channel before `send` refuses more, as Chromium has it
/// (webrtc-pc section 6.2, `send`, leaves the number open).
pub const MAX_DATA_BUFFER: usize = 16 * 1024 * 1024;

/// `RTCDataChannelInit`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataChannelInit {
    /// Messages arrive in the order sent.
    pub ordered: bool,
    /// Milliseconds during which a message is retransmitted. Excludes `max_retransmits`.
    pub max_packet_life_time: Option<u16>,
    /// Retransmissions of a message. Excludes `max_packet_life_time`.
    pub max_retransmits: Option<u16>,
    /// Subprotocol, free to choose.
    pub protocol: String,
    /// Both sides create the data channel under the same `id`; nothing is announced in-band.
    pub negotiated: bool,
    /// SCTP stream id; needed with `negotiated`, otherwise ignored, as W3C says.
    pub id: Option<u16>,
}

impl Default for DataChannelInit {
    fn default() -> Self {
        Self {
            ordered: true,
            max_packet_life_time: None,
            max_retransmits: None,
            protocol: String::new(),
            negotiated: false,
            id: None,
        }
    }
}

/// `RTCDataChannelState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DataChannelState {
    /// Not open yet.
    Connecting,
    /// Open.
    Open,
    /// Being closed.
    Closing,
    /// Closed.
    Closed,
}

impl DataChannelState {
    /// W3C's string.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Open => "open",
            Self::Closing => "closing",
            Self::Closed => "closed",
        }
    }
}

/// What is known of a data channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataChannelInfo {
    /// Id.
    pub id: DataChannelId,
    /// Label.
    pub label: String,
    /// How it was created; `id` is filled in once known.
    pub init: DataChannelInit,
    /// State.
    pub state: DataChannelState,
    /// Bytes handed over and not yet sent to the network.
    pub buffered_amount: usize,
}
