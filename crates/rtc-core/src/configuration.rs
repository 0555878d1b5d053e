//! `RTCConfiguration`.

use std::fmt;

/// How a connection is set up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configuration {
    /// STUN and TURN servers. The connection only validates and keeps them; the host uses them.
    pub ice_servers: Vec<IceServer>,
    /// Which candidates may be used.
    pub ice_transport_policy: IceTransportPolicy,
    /// How media sections are bundled. Everything is always bundled on one transport with RTCP
    /// multiplexed, so this is only kept.
    pub bundle_policy: BundlePolicy,
}

/// `RTCIceServer`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct IceServer {
    /// `stun:`, `turn:`, `turns:` URLs (RFC 7064, RFC 7065).
    pub urls: Vec<String>,
    /// TURN user name.
    pub username: Option<String>,
    /// TURN password.
    pub credential: Option<String>,
}

impl fmt::Debug for IceServer {
    /// Without what is secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("IceServer").field(&self.urls).finish()
    }
}

/// `RTCIceTransportPolicy`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum IceTransportPolicy {
    /// Any candidate.
    #[default]
    All,
    /// Only relayed ones: other local candidates are ignored.
    Relay,
}

/// `RTCBundlePolicy`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BundlePolicy {
    /// One transport for each kind if the remote side does not bundle.
    #[default]
    Balanced,
    /// One transport for each section if the remote side does not bundle.
    MaxCompat,
    /// One transport.
    MaxBundle,
}
