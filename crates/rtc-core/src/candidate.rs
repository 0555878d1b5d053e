//! ICE candidates: those the host found, and the `candidate` attribute (RFC 8839 section 5.1).

use std::net::{IpAddr, SocketAddr};

use crate::Error;

/// How datagrams travel between a candidate's base and the remote side (or the TURN server's
/// relayed address and the remote side).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// UDP.
    Udp,
    /// TCP with the framing of RFC 4571 (RFC 6544).
    Tcp,
}

/// What kind of address a local candidate is (RFC 8445 section 5.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CandidateKind {
    /// A socket of this machine.
    Host,
    /// How a STUN server sees such a socket.
    ServerReflexive,
    /// Relayed by a TURN server.
    Relayed,
    /// How the remote side sees a socket; never added by the host.
    PeerReflexive,
}

impl CandidateKind {
    /// The token of SDP and `RTCIceCandidateType`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::ServerReflexive => "srflx",
            Self::PeerReflexive => "prflx",
            Self::Relayed => "relay",
        }
    }
}

/// `RTCIceServerTransportProtocol`: how the host talks to the TURN server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RelayProtocol {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
    /// TLS over TCP.
    Tls,
}

impl RelayProtocol {
    /// W3C's string.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
        }
    }
}

/// A candidate that the host gathered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LocalCandidate {
    /// Kind.
    pub kind: CandidateKind,
    /// Protocol between `address` and the remote side. TCP candidates are active ones (RFC 6544):
    /// the connection is opened by the host when something is first sent.
    pub protocol: Protocol,
    /// Where the remote side reaches it. For an active TCP candidate the port is not used and is
    /// announced as 9.
    pub address: SocketAddr,
    /// The socket behind it; equal to `address` for a host candidate.
    pub base: SocketAddr,
    /// URL of the STUN or TURN server it came from.
    pub url: Option<String>,
    /// For a relayed candidate.
    pub relay_protocol: Option<RelayProtocol>,
}

/// `RTCIceCandidateInit`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IceCandidate {
    /// The `candidate` attribute without `a=`; empty marks the end of candidates of a section.
    pub candidate: String,
    /// Media section by name.
    pub sdp_mid: Option<String>,
    /// Media section by index, from 0; used without `sdp_mid`.
    pub sdp_m_line_index: Option<u16>,
    /// The ICE user name fragment it belongs to.
    pub username_fragment: Option<String>,
}
