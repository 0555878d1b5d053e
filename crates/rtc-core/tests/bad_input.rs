//! Whatever comes in from page or network, there is an error with a name, or nothing; never a
//! panic.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]
#![allow(clippy::disallowed_methods, reason = "where the virtual clock begins")]

mod common;

use std::time::Instant;

use common::Pair;
use proptest::prelude::*;
use rtc_core::sdp::parse_description;
use rtc_core::{
    Configuration, Direction, IceCandidate, IceServer, Kind, PeerConnection, Protocol,
    SessionDescription, TransceiverId, TransceiverInit, parse_candidate,
};

fn fresh() -> PeerConnection {
    PeerConnection::new(Configuration::default(), &[], Instant::now()).unwrap()
}

fn some_offer() -> String {
    let mut pc = fresh();
    let init = TransceiverInit {
        track_id: Some("t".into()),
        ..TransceiverInit::default()
    };
    pc.add_transceiver(TransceiverId(1), Kind::Audio, init.clone())
        .unwrap();
    pc.add_transceiver(TransceiverId(2), Kind::Video, init)
        .unwrap();
    pc.create_data_channel(rtc_core::DataChannelId(1), "d", Default::default())
        .unwrap();
    pc.create_offer(Default::default()).unwrap().sdp
}

#[test]
fn errors_have_their_line() {
    let mut pc = fresh();
    let text = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio x UDP/TLS/RTP/SAVPF 0\r\n";
    let error = pc
        .set_remote_description(SessionDescription::offer(text))
        .unwrap_err();
    assert_eq!(error.name(), "RTCError");
    assert_eq!(error.detail(), Some("sdp-syntax-error"));
    assert_eq!(error.sdp_line(), Some(5));
}

#[test]
fn the_wrong_moment_is_an_invalid_state() {
    let mut pc = fresh();
    let answer = SessionDescription::answer(some_offer());
    assert_eq!(
        pc.set_remote_description(answer).unwrap_err().name(),
        "InvalidStateError"
    );
    assert_eq!(pc.create_answer().unwrap_err().name(), "InvalidStateError");
    let candidate = IceCandidate {
        sdp_mid: Some("0".into()),
        ..IceCandidate::default()
    };
    let error = pc.add_ice_candidate(Some(candidate)).unwrap_err();
    assert_eq!(error.name(), "InvalidStateError");
}

#[test]
fn candidates_are_checked_as_w3c_says() {
    let mut pc = fresh();
    pc.set_remote_description(SessionDescription::offer(some_offer()))
        .unwrap();
    let with = |text: &str, mid: Option<&str>| IceCandidate {
        candidate: text.into(),
        sdp_mid: mid.map(Into::into),
        ..IceCandidate::default()
    };
    let good = "candidate:1 1 udp 2113937151 192.0.2.1 5000 typ host";
    pc.add_ice_candidate(Some(with(good, Some("0")))).unwrap();
    pc.add_ice_candidate(None).unwrap();
    pc.add_ice_candidate(Some(with("", Some("0")))).unwrap();
    let name = |e: Result<(), rtc_core::Error>| e.unwrap_err().name();
    assert_eq!(
        name(pc.add_ice_candidate(Some(with(good, None)))),
        "TypeError"
    );
    assert_eq!(
        name(pc.add_ice_candidate(Some(with(good, Some("nine"))))),
        "OperationError"
    );
    assert_eq!(
        name(pc.add_ice_candidate(Some(with("candidate:x", Some("0"))))),
        "OperationError"
    );
    // As media servers written with pion send them.
    pc.add_ice_candidate(Some(IceCandidate {
        sdp_m_line_index: Some(0),
        username_fragment: Some(String::new()),
        ..with(good, Some(""))
    }))
    .unwrap();
    // Of no use to us, but nothing to complain about.
    for text in [
        "candidate:1 1 udp 2113937151 3c2e0000-0000-4000-8000-000000000000.local 5000 typ host",
        "candidate:1 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active",
        "candidate:1 1 tcp 1518280447 192.0.2.1 7881 typ host tcptype passive",
        "candidate:1 2 udp 2113937151 2001:db8::1 5000 typ host",
        "candidate:1 1 ssltcp 2113937151 192.0.2.1 443 typ host",
    ] {
        pc.add_ice_candidate(Some(with(text, Some("0")))).unwrap();
    }
    let other = IceCandidate {
        username_fragment: Some("none".into()),
        ..with(good, Some("0"))
    };
    assert_eq!(name(pc.add_ice_candidate(Some(other))), "OperationError");
}

#[test]
fn descriptions_without_transport_are_refused() {
    let offer = some_offer();
    for prefix in ["a=ice-ufrag", "a=fingerprint"] {
        let lines: Vec<&str> = offer.lines().filter(|l| !l.starts_with(prefix)).collect();
        let text = lines.join("\r\n") + "\r\n";
        let error = fresh()
            .set_remote_description(SessionDescription::offer(text))
            .unwrap_err();
        assert_eq!(error.name(), "InvalidAccessError", "without {prefix}");
    }
}

#[test]
fn a_description_cannot_grow_in_reading() {
    // Each list is short as text, and was long by what another multiplied it with.
    let many = |line: &str, count: usize| format!("{line}\r\n").repeat(count);
    let numbered = |line: &str| (0..20_000).map(|n| format!("{line}{n}\r\n")).collect();
    let sections = many("m=audio 9 UDP/TLS/RTP/SAVPF 0", 1000);
    let formats = "m=audio 9 UDP/TLS/RTP/SAVPF".to_owned() + &" 0".repeat(200_000) + "\r\n";
    let long = format!("a=extmap:1 {}\r\n", "x".repeat(500_000));
    for (before, after) in [
        (many("a=fingerprint:a AA", 20_000), sections.clone()),
        (numbered("a=extmap:1 x"), sections.clone()),
        (long, sections),
        (formats, many("a=rtcp-fb:* x", 20_000)),
        (many("m=audio 9 RTP/SAVPF 0", 1), numbered("a=ssrc:1")),
    ] {
        let error = parse_description(&format!("v=0\r\n{before}{after}")).unwrap_err();
        assert_eq!(error.detail(), Some("sdp-syntax-error"));
    }
}

#[test]
fn servers_and_encodings_are_checked() {
    let with = |url: &str| Configuration {
        ice_servers: vec![IceServer {
            urls: vec![url.into()],
            ..IceServer::default()
        }],
        ..Configuration::default()
    };
    let name = |c| {
        PeerConnection::new(c, &[], Instant::now())
            .unwrap_err()
            .name()
    };
    assert_eq!(name(with("http://example.org")), "SyntaxError");
    assert_eq!(name(with("turn:example.org")), "InvalidAccessError");
    PeerConnection::new(with("stun:example.org:3478"), &[], Instant::now()).unwrap();
    let mut pc = fresh();
    let twice = vec![rtc_core::Encoding::default(), rtc_core::Encoding::default()];
    let init = TransceiverInit {
        send_encodings: twice,
        ..TransceiverInit::default()
    };
    let error = pc
        .add_transceiver(TransceiverId(1), Kind::Video, init)
        .unwrap_err();
    assert_eq!(error.name(), "TypeError");
    let error = pc
        .set_direction(TransceiverId(9), Direction::Inactive)
        .unwrap_err();
    assert_eq!(error.name(), "InvalidStateError");
}

#[test]
fn an_answer_must_fit_its_offer() {
    let mut pair = Pair::new();
    pair.a
        .pc
        .add_transceiver(TransceiverId(1), Kind::Audio, TransceiverInit::default())
        .unwrap();
    pair.a.pc.set_local_description(None).unwrap();
    let error = pair
        .a
        .pc
        .set_remote_description(SessionDescription::answer(some_offer()));
    assert_eq!(error.unwrap_err().name(), "InvalidAccessError");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        let _ = parse_description(&text);
        let _ = parse_candidate(&text);
    }

    #[test]
    fn any_lines_are_read_or_refused(lines in prop::collection::vec("[a-z]=[ -~]{0,60}", 0..30)) {
        let _ = parse_description(&format!("v=0\r\n{}", lines.join("\r\n")));
    }

    #[test]
    fn a_damaged_offer_is_applied_or_refused(
        cut in any::<prop::sample::Index>(),
        line in "[ -~]{0,40}",
        drop in any::<bool>(),
    ) {
        let offer = some_offer();
        let mut lines: Vec<&str> = offer.lines().collect();
        let at = cut.index(lines.len());
        if drop {
            lines.remove(at);
        } else {
            lines[at] = &line;
        }
        let mut pc = fresh();
        if pc.set_remote_description(SessionDescription::offer(lines.join("\r\n"))).is_ok() {
            let _ = pc.set_local_description(None);
        }
    }

    #[test]
    fn candidates_survive_a_round_trip(
        ip in any::<std::net::Ipv4Addr>(), port in 1u16.., priority in any::<u32>(),
    ) {
        let text = format!("candidate:7 1 udp {priority} {ip} {port} typ srflx raddr 192.0.2.7 rport 9");
        let read = parse_candidate(&text).unwrap();
        prop_assert_eq!(read.address, ip.to_string());
        prop_assert_eq!(read.port, port);
        prop_assert_eq!(read.priority, priority);
    }

    #[test]
    fn any_datagram_is_swallowed(data in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut pc = fresh();
        let address = "192.0.2.1:5".parse().unwrap();
        pc.handle_receive(Instant::now(), Protocol::Udp, address, address, &data);
    }
}
