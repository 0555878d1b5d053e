//! The states that a connection shows.

/// `RTCSignalingState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignalingState {
    /// No exchange in progress.
    Stable,
    /// A local offer waits for its answer.
    HaveLocalOffer,
    /// A remote offer waits for its answer.
    HaveRemoteOffer,
    /// A provisional local answer is set.
    HaveLocalPranswer,
    /// A provisional remote answer is set.
    HaveRemotePranswer,
    /// Closed.
    Closed,
}

impl SignalingState {
    /// W3C's string.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::HaveLocalOffer => "have-local-offer",
            Self::HaveRemoteOffer => "have-remote-offer",
            Self::HaveLocalPranswer => "have-local-pranswer",
            Self::HaveRemotePranswer => "have-remote-pranswer",
            Self::Closed => "closed",
        }
    }
}

/// `RTCIceGatheringState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IceGatheringState {
    /// Not begun.
    New,
    /// Under way.
    Gathering,
    /// Done.
    Complete,
}

impl IceGatheringState {
    /// W3C's string.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Gathering => "gathering",
            Self::Complete => "complete",
        }
    }
}

/// `RTCIceConnectionState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IceConnectionState {
    /// No candidate pair to check yet.
    New,
    /// Checking.
    Checking,
    /// A pair works.
    Connected,
    /// A pair works, and nothing is left to check.
    Completed,
    /// Connectivity is lost, perhaps only for now.
    Disconnected,
    /// Nothing works; only an ICE restart helps.
    Failed,
    /// Closed.
    Closed,
}

impl IceConnectionState {
    /// W3C's string.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Checking => "checking",
            Self::Connected => "connected",
            Self::Completed => "completed",
            Self::Disconnected => "disconnected",
            Self::Failed => "failed",
            Self::Closed => "closed",
        }
    }
}

/// `RTCPeerConnectionState`: ICE and DTLS together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConnectionState {
    /// Nothing begun.
    New,
    /// ICE or DTLS on its way.
    Connecting,
    /// Both are through.
    Connected,
    /// ICE lost its pair, perhaps only for now.
    Disconnected,
    /// ICE or DTLS failed.
    Failed,
    /// Closed.
    Closed,
}

impl ConnectionState {
    /// W3C's string.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Connecting => "connecting",
            Self::Connected => "connected",
            Self::Disconnected => "disconnected",
            Self::Failed => "failed",
            Self::Closed => "closed",
        }
    }
}

/// `RTCDtlsTransportState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DtlsState {
    /// Not begun.
    New,
    /// Handshake on its way.
    Connecting,
    /// Keys are agreed, the fingerprint is verified.
    Connected,
    /// Closed.
    Closed,
    /// The handshake or the fingerprint failed.
    Failed,
}

impl DtlsState {
    /// W3C's string.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Connecting => "connecting",
            Self::Connected => "connected",
            Self::Closed => "closed",
            Self::Failed => "failed",
        }
    }
}

/// `RTCSctpTransportState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SctpState {
    /// Association on its way.
    Connecting,
    /// Data channels can open.
    Connected,
    /// Closed.
    Closed,
}

impl SctpState {
    /// W3C's string.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Connected => "connected",
            Self::Closed => "closed",
        }
    }
}

/// `RTCSctpTransport`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SctpTransport {
    /// State.
    pub state: SctpState,
    /// Bytes that one message may have.
    pub max_message_size: u32,
    /// Data channels that can be open at a time, once connected.
    pub max_channels: Option<u16>,
}
