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
    /// Protocol between `address` and the remote side. Over TCP it is the end of a connection that the
    /// host has opened (an active candidate, RFC 6544).
    pub protocol: Protocol,
    /// Where the remote side reaches it.
    pub address: SocketAddr,
    /// The socket behind it; equal to `address` for a host candidate.
    pub base: SocketAddr,
    /// URL of the STUN or TURN server it came from.
    pub url: Option<String>,
    /// For a relayed candidate.
    pub relay_protocol: Option<RelayProtocol>,
}

impl LocalCandidate {
    /// An address of this machine, over UDP.
    pub fn host(address: SocketAddr) -> Self {
        Self::socket(Protocol::Udp, address)
    }

    /// This end of a TCP connection to the remote side.
    pub fn connection(local: SocketAddr) -> Self {
        Self::socket(Protocol::Tcp, local)
    }

    fn socket(protocol: Protocol, address: SocketAddr) -> Self {
        Self {
            kind: CandidateKind::Host,
            protocol,
            address,
            base: address,
            url: None,
            relay_protocol: None,
        }
    }

    /// How a STUN server sees the socket at `base`.
    pub fn reflexive(address: SocketAddr, base: SocketAddr, url: String) -> Self {
        Self {
            kind: CandidateKind::ServerReflexive,
            protocol: Protocol::Udp,
            address,
            base,
            url: Some(url),
            relay_protocol: None,
        }
    }

    /// What a TURN server, reached from `base`, has allocated.
    pub fn relayed(
        address: SocketAddr,
        base: SocketAddr,
        url: String,
        relay_protocol: RelayProtocol,
    ) -> Self {
        Self {
            kind: CandidateKind::Relayed,
            protocol: Protocol::Udp,
            address,
            base,
            url: Some(url),
            relay_protocol: Some(relay_protocol),
        }
    }
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

/// A `candidate` attribute of the remote side, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteCandidate {
    /// Groups candidates of the same origin.
    pub foundation: String,
    /// 1: RTP; 2: RTCP, which is multiplexed here.
    pub component: u16,
    /// `None`: a transport that we do not know.
    pub protocol: Option<Protocol>,
    /// Priority (RFC 8445 section 5.1.2).
    pub priority: u32,
    /// An IP address, or a name such as an mDNS one.
    pub address: String,
    /// Port.
    pub port: u16,
    /// Kind.
    pub kind: CandidateKind,
    /// `raddr` and `rport`, if they are an address.
    pub related: Option<SocketAddr>,
    /// `tcptype`: `active`, `passive` or `so`.
    pub tcp_type: Option<String>,
    /// `ufrag`
    pub username_fragment: Option<String>,
}

/// Reads a `candidate` attribute, with or without `a=` and `candidate:`.
///
/// # Errors
/// [`Error::Operation`], as `addIceCandidate` wants it.
pub fn parse_candidate(text: &str) -> Result<RemoteCandidate, Error> {
    let bad = |what: &str| Error::Operation(format!("the candidate has a bad {what}"));
    // Ended where the words below end: they know no other white space.
    let text = text.trim_ascii();
    // It becomes a line of a description, and must not become two.
    if text.contains(char::is_control) {
        return Err(bad("character"));
    }
    let text = text.strip_prefix("a=").unwrap_or(text);
    let text = text.strip_prefix("candidate:").unwrap_or(text);
    let mut words = text.split_ascii_whitespace();
    let mut next = |what| words.next().ok_or_else(|| bad(what));
    let foundation = next("foundation")?.to_owned();
    let component = next("component")?.parse().map_err(|_| bad("component"))?;
    let transport = next("transport")?;
    let priority = next("priority")?.parse().map_err(|_| bad("priority"))?;
    let address = next("address")?.to_owned();
    let port = next("port")?.parse().map_err(|_| bad("port"))?;
    if next("type")? != "typ" {
        return Err(bad("type"));
    }
    let kind = match next("type")? {
        "host" => CandidateKind::Host,
        "srflx" => CandidateKind::ServerReflexive,
        "prflx" => CandidateKind::PeerReflexive,
        "relay" => CandidateKind::Relayed,
        _ => return Err(bad("type")),
    };
    let protocol = match transport.to_ascii_lowercase().as_str() {
        "udp" => Some(Protocol::Udp),
        "tcp" => Some(Protocol::Tcp),
        _ => None,
    };
    let mut candidate = RemoteCandidate {
        foundation,
        component,
        protocol,
        priority,
        address,
        port,
        kind,
        related: None,
        tcp_type: None,
        username_fragment: None,
    };
    let (mut related_address, mut related_port) = (None, None);
    while let (Some(key), Some(value)) = (words.next(), words.next()) {
        match key {
            "raddr" => related_address = value.parse::<IpAddr>().ok(),
            "rport" => related_port = value.parse::<u16>().ok(),
            "tcptype" => candidate.tcp_type = Some(value.to_owned()),
            "ufrag" => candidate.username_fragment = Some(value.to_owned()),
            _ => {}
        }
    }
    candidate.related = related_address.zip(related_port).map(SocketAddr::from);
    Ok(candidate)
}
