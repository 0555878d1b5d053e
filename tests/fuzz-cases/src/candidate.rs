//! The `candidate` attribute.

use rtc_core::{Protocol, RemoteCandidate, parse_candidate};

/// Reads a candidate; what can be read means the same when it is written and read again.
pub fn candidate(data: &[u8]) {
    let Some(text) = crate::text::text(data) else {
        return;
    };
    if let Ok(read) = parse_candidate(text) {
        let written = write(&read);
        let again = parse_candidate(&written).expect("what was read can be read again");
        assert_eq!(read, again, "{written}");
    }
}

fn write(candidate: &RemoteCandidate) -> String {
    let transport = match candidate.protocol {
        Some(Protocol::Udp) => "udp",
        Some(Protocol::Tcp) => "tcp",
        None => "other",
    };
    let RemoteCandidate {
        foundation,
        component,
        priority,
        address,
        port,
        ..
    } = candidate;
    let kind = candidate.kind.as_str();
    let mut line = format!(
        "candidate:{foundation} {component} {transport} {priority} {address} {port} typ {kind}"
    );
    if let Some(related) = candidate.related {
        line += &format!(" raddr {} rport {}", related.ip(), related.port());
    }
    if let Some(tcp_type) = &candidate.tcp_type {
        line += &format!(" tcptype {tcp_type}");
    }
    if let Some(ufrag) = &candidate.username_fragment {
        line += &format!(" ufrag {ufrag}");
    }
    line
}
