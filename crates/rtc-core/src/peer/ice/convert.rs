//! Between our candidates, those of the RTP stack, and text.

use std::net::SocketAddr;

use str0m::Candidate;
use str0m::net::{Protocol as StackProtocol, TcpType};

use super::super::Applied;
use crate::candidate::{CandidateKind, LocalCandidate, Protocol, RemoteCandidate};
use crate::configuration::IceServer;
use crate::error::Error;

/// The text with attributes added at the end of sections, unless it has them.
pub(super) fn insert_lines(applied: &Applied, additions: Vec<(usize, String)>) -> String {
    if additions.is_empty() {
        return applied.text.clone();
    }
    let mut text = String::with_capacity(applied.text.len() + 128 * additions.len());
    let mut section: Option<usize> = None;
    let add = |text: &mut String, section: Option<usize>| {
        for (index, line) in &additions {
            if section == Some(*index) && !applied.text.contains(line.as_str()) {
                text.push_str(&format!("a={line}\r\n"));
            }
        }
    };
    for line in applied.text.lines() {
        if line.starts_with("m=") {
            add(&mut text, section);
            section = Some(section.map_or(0, |s| s + 1));
        }
        text.push_str(line.trim_end_matches('\r'));
        text.push_str("\r\n");
    }
    add(&mut text, section);
    text
}

fn stack_protocol(protocol: Protocol) -> StackProtocol {
    match protocol {
        Protocol::Udp => StackProtocol::Udp,
        Protocol::Tcp => StackProtocol::Tcp,
    }
}

pub(super) fn to_stack(candidate: &LocalCandidate) -> Result<Candidate, Error> {
    let LocalCandidate {
        kind,
        protocol,
        address,
        base,
        ..
    } = candidate;
    let built = match (kind, protocol) {
        (CandidateKind::Host, Protocol::Udp) => Candidate::host(*address, StackProtocol::Udp),
        (CandidateKind::Host, Protocol::Tcp) => Candidate::builder()
            .tcp()
            .host(*address)
            .tcptype(TcpType::Active)
            .build(),
        (CandidateKind::ServerReflexive | CandidateKind::PeerReflexive, protocol) => {
            Candidate::server_reflexive(*address, *base, stack_protocol(*protocol))
        }
        (CandidateKind::Relayed, protocol) => {
            Candidate::relayed(*address, *base, stack_protocol(*protocol))
        }
    };
    built.map_err(|e| Error::Type(e.to_string()))
}

/// `None`: nothing that we could send to.
pub(super) fn remote_to_stack(candidate: &RemoteCandidate) -> Option<Candidate> {
    let address = SocketAddr::new(candidate.address.parse().ok()?, candidate.port);
    let unusable = address.ip().is_unspecified() || address.ip().is_multicast();
    // We open TCP connections and do not accept any: only passive ones are of use.
    let passive = candidate.tcp_type.as_deref() != Some("active");
    if candidate.component != 1 || unusable || !passive || candidate.port == 0 {
        return None;
    }
    let protocol = candidate.protocol?;
    let kind = match candidate.kind {
        CandidateKind::Host => str0m::CandidateKind::Host,
        CandidateKind::ServerReflexive => str0m::CandidateKind::ServerReflexive,
        CandidateKind::PeerReflexive => str0m::CandidateKind::PeerReflexive,
        CandidateKind::Relayed => str0m::CandidateKind::Relayed,
    };
    Some(Candidate::from_parts(
        candidate.foundation.clone(),
        1,
        stack_protocol(protocol),
        candidate.priority,
        address,
        kind,
        candidate.related,
        (protocol == Protocol::Tcp).then_some(TcpType::Passive),
        candidate.username_fragment.clone(),
    ))
}

/// Candidates of the same kind, base and server share it (RFC 8445 section 5.1.1.3).
pub(super) fn foundation(candidate: &LocalCandidate) -> String {
    let tag = format!(
        "{:?} {:?} {} {:?}",
        candidate.kind,
        candidate.protocol,
        candidate.base.ip(),
        candidate.url
    );
    // FNV-1a: the same in every run, and that is all it needs.
    let hash = tag.bytes().fold(0x811c_9dc5_u32, |h, b| {
        (h ^ u32::from(b)).wrapping_mul(16_777_619)
    });
    hash.to_string()
}

/// webrtc-pc section 4.4.1.6, "validate an ICE server URL".
pub(in super::super) fn check_servers(servers: &[IceServer]) -> Result<(), Error> {
    for server in servers {
        if server.urls.is_empty() {
            return Err(Error::Syntax("an ICE server without URL".into()));
        }
        for url in &server.urls {
            let bad = || Error::Syntax(format!("{url} is no ICE server"));
            let (scheme, rest) = url.split_once(':').ok_or_else(bad)?;
            let scheme = scheme.to_ascii_lowercase();
            if !matches!(scheme.as_str(), "stun" | "stuns" | "turn" | "turns") {
                return Err(bad());
            }
            let host = rest.split('?').next().unwrap_or_default();
            if host.is_empty() || host.contains(['/', '@', ' ']) {
                return Err(bad());
            }
            let relay = scheme.starts_with("turn");
            if relay && (server.username.is_none() || server.credential.is_none()) {
                return Err(Error::InvalidAccess(
                    "a TURN server without credentials".into(),
                ));
            }
        }
    }
    Ok(())
}
