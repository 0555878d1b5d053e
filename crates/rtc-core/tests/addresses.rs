//! TCP connections to the remote side, and addresses of this machine that come and go.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

mod common;

use std::net::SocketAddr;
use std::time::Duration;

use common::{Pair, both_ways};
use rtc_core::{
    Configuration, ConnectionState, Direction, EncodedAudio, Event, IceCandidate,
    IceTransportPolicy, Kind, LocalCandidate, OfferOptions, RelayProtocol, Stats, TransceiverId,
};

const AUDIO: TransceiverId = TransceiverId(1);
const SERVER: ([u8; 4], u16) = ([127, 0, 0, 1], 7881);
const OWN: ([u8; 4], u16) = ([127, 0, 0, 1], 50_000);

/// As a media server announces that it takes TCP connections, without saying whose credentials it means.
fn passive() -> IceCandidate {
    IceCandidate {
        candidate: "candidate:1 1 tcp 1518280447 127.0.0.1 7881 typ host tcptype passive".into(),
        sdp_mid: Some("0".into()),
        sdp_m_line_index: None,
        username_fragment: None,
    }
}

/// The connections that a is to open.
fn asked_for(pair: &Pair) -> Vec<SocketAddr> {
    let events = pair.a.events.iter();
    events
        .filter_map(|event| match event {
            Event::ConnectCandidate { remote } => Some(*remote),
            _ => None,
        })
        .collect()
}

/// How a's own candidates are reached.
fn own_protocols(pair: &mut Pair) -> Vec<&'static str> {
    let entries = pair.a.pc.get_stats(pair.now).entries.into_iter();
    entries
        .filter_map(|entry| match entry {
            Stats::LocalCandidate(candidate) => Some(candidate.protocol),
            _ => None,
        })
        .collect()
}

fn announced(pair: &mut Pair) {
    pair.a.pc.add_ice_candidate(Some(passive())).unwrap();
    pair.drain();
}

fn over_tcp() -> Pair {
    let mut pair = Pair::new();
    pair.only_tcp = true;
    pair.add(AUDIO, Kind::Audio, both_ways("mic"));
    pair.negotiate();
    let server = LocalCandidate::connection(SERVER.into());
    pair.b.pc.add_late_candidate(server).unwrap();
    announced(&mut pair);
    let taken = pair.a.pc.add_connection(OWN.into(), SERVER.into());
    assert!(taken.unwrap());
    assert!(pair.run_until(Duration::from_secs(10), Pair::connected));
    pair
}

#[test]
fn where_nothing_comes_of_udp_a_connection_to_a_passive_candidate_carries_the_call() {
    let mut pair = over_tcp();
    pair.send_audio(AUDIO, 1);
    pair.run(Duration::from_millis(100));
    assert_eq!(pair.b.count(|e| matches!(e, Event::Audio(_))), 50);
    let local = pair.a.pc.current_local_description().unwrap().sdp;
    assert!(!local.contains(" tcp "), "it is nobody's to know: {local}");
    assert!(own_protocols(&mut pair).contains(&"tcp"));
}

#[test]
fn a_connection_is_asked_for_once_and_anew_with_new_credentials() {
    let mut pair = over_tcp();
    announced(&mut pair);
    assert_eq!(asked_for(&pair), [SERVER.into()]);
    pair.a.pc.restart_ice();
    pair.drain();
    pair.negotiate();
    announced(&mut pair);
    assert_eq!(asked_for(&pair), [SERVER.into(), SERVER.into()]);
}

#[test]
fn who_wants_to_be_relayed_opens_none() {
    let mut pair = Pair::new();
    pair.a
        .pc
        .set_configuration(Configuration {
            ice_transport_policy: IceTransportPolicy::Relay,
            ..Configuration::default()
        })
        .unwrap();
    pair.add(AUDIO, Kind::Audio, both_ways("mic"));
    pair.negotiate();
    announced(&mut pair);
    assert_eq!(asked_for(&pair), []);
}

#[test]
fn a_connection_of_credentials_of_before_is_of_no_use() {
    let mut pair = Pair::new();
    pair.only_tcp = true;
    pair.add(AUDIO, Kind::Audio, both_ways("mic"));
    pair.negotiate();
    let other = SocketAddr::from(([127, 0, 0, 1], 9));
    assert!(!pair.a.pc.add_connection(OWN.into(), other).unwrap());
    assert_eq!(own_protocols(&mut pair), ["udp"]);
}

/// b sends, too, from the next exchange on.
fn answered(pair: &mut Pair) -> TransceiverId {
    let id = pair.b.pc.transceivers()[0].id;
    pair.b.pc.set_direction(id, Direction::SendRecv).unwrap();
    pair.b
        .pc
        .set_sender_track(id, Some("other".into()))
        .unwrap();
    pair.negotiate();
    pair.run(Duration::from_secs(1));
    id
}

/// Whether what a sends is heard by b, and what b sends by a.
fn heard_both_ways(pair: &mut Pair, of_b: TransceiverId) -> (bool, bool) {
    pair.a.events.clear();
    pair.b.events.clear();
    let audio = EncodedAudio {
        rtp_time: 1 << 20,
        captured: pair.now,
        level: None,
        voice: true,
        data: vec![1; 40].into(),
    };
    pair.b.pc.write_audio(of_b, audio).unwrap();
    pair.send_audio(AUDIO, 1);
    pair.run(Duration::from_millis(100));
    let heard = |event: &Event| matches!(event, Event::Audio(_));
    // What was held back behind a loss comes, too.
    (pair.b.count(heard) >= 50, pair.a.count(heard) == 1)
}

#[test]
fn who_stays_with_an_address_that_has_gone_is_reached_by_a_restart_that_is_asked_for_at_once() {
    let mut pair = Pair::new();
    pair.add(AUDIO, Kind::Audio, both_ways("mic"));
    pair.connect();
    let of_b = answered(&mut pair);
    assert_eq!(heard_both_ways(&mut pair, of_b), (true, true));
    let gone = LocalCandidate::host(pair.a.address);
    pair.a.pc.remove_local_candidate(&gone);
    pair.gone.push(pair.a.address);
    pair.a.address = ([127, 0, 0, 1], 1003).into();
    let late = LocalCandidate::host(pair.a.address);
    pair.a.pc.add_late_candidate(late).unwrap();
    // The checks succeed, and what is sent arrives.
    pair.run(Duration::from_millis(500));
    assert!(pair.connected());
    // Nothing comes back, however.
    assert_eq!(heard_both_ways(&mut pair, of_b), (true, false));
    assert_eq!(pair.a.pc.connection_state(), ConnectionState::Failed);
    pair.a.pc.restart_ice();
    pair.drain();
    pair.negotiate();
    assert!(pair.run_until(Duration::from_secs(5), Pair::connected));
    assert_eq!(heard_both_ways(&mut pair, of_b), (true, true));
    pair.run(Duration::from_secs(5));
    assert!(pair.connected());
}

/// The connection's address goes. What is left is better than what was, so that the remote side comes along.
fn only_udp_is_left(pair: &mut Pair) {
    pair.a.events.clear();
    pair.only_tcp = false;
    pair.gone.push(OWN.into());
    let gone = LocalCandidate::connection(OWN.into());
    pair.a.pc.remove_local_candidate(&gone);
    // The pairs that there were have been given up meanwhile.
    let late = LocalCandidate::host(([127, 0, 0, 1], 1003).into());
    pair.a.pc.add_late_candidate(late).unwrap();
}

#[test]
fn nothing_is_restarted_where_the_remote_side_comes_along() {
    let mut pair = over_tcp();
    let of_b = answered(&mut pair);
    assert_eq!(heard_both_ways(&mut pair, of_b), (true, true));
    let before = pair.a.pc.current_local_description();
    only_udp_is_left(&mut pair);
    pair.send_audio(AUDIO, 2);
    assert_eq!(failures(&pair), 0);
    assert_eq!(heard_both_ways(&mut pair, of_b), (true, true));
    pair.run(Duration::from_secs(5));
    assert!(pair.connected());
    assert_eq!(failures(&pair), 0);
    assert_eq!(pair.a.pc.current_local_description(), before);
}

/// How often a said that nothing but a restart helps.
fn failures(pair: &Pair) -> usize {
    pair.a
        .count(|event| matches!(event, Event::ConnectionState(ConnectionState::Failed)))
}

#[test]
fn without_any_way_that_works_nothing_is_given_up_before_its_time() {
    let mut pair = Pair::new();
    pair.add(AUDIO, Kind::Audio, both_ways("mic"));
    pair.connect();
    pair.send_audio(AUDIO, 1);
    // An address that leads nowhere, such as that of a container's network.
    let useless = LocalCandidate::host(([127, 0, 0, 1], 1003).into());
    pair.a.pc.add_late_candidate(useless).unwrap();
    let own = LocalCandidate::host(pair.a.address);
    pair.blocked = true;
    pair.a.pc.remove_local_candidate(&own);
    pair.run(Duration::from_secs(8));
    assert_eq!(failures(&pair), 0);
    // The cable is back.
    pair.blocked = false;
    pair.a.pc.add_late_candidate(own).unwrap();
    assert!(pair.run_until(Duration::from_secs(5), Pair::connected));
    pair.send_audio(AUDIO, 2);
    assert_eq!(failures(&pair), 0);
}

#[test]
fn who_comes_along_late_is_there_again_without_a_restart() {
    let mut pair = over_tcp();
    let of_b = answered(&mut pair);
    assert_eq!(heard_both_ways(&mut pair, of_b), (true, true));
    only_udp_is_left(&mut pair);
    pair.only_checks = true;
    pair.send_audio(AUDIO, 3);
    assert_eq!(failures(&pair), 1);
    assert_eq!(pair.a.pc.connection_state(), ConnectionState::Failed);
    pair.only_checks = false;
    assert_eq!(heard_both_ways(&mut pair, of_b), (true, true));
    assert!(pair.connected());
}

#[test]
fn an_address_that_nothing_was_sent_from_goes_without_consequence() {
    let mut pair = Pair::new();
    pair.add(AUDIO, Kind::Audio, both_ways("mic"));
    pair.connect();
    pair.send_audio(AUDIO, 1);
    let other = LocalCandidate::host(([127, 0, 0, 1], 1003).into());
    pair.a.pc.add_late_candidate(other.clone()).unwrap();
    pair.a.pc.remove_local_candidate(&other);
    pair.network.loss = 1.0;
    pair.run(Duration::from_secs(2));
    assert_ne!(pair.a.pc.connection_state(), ConnectionState::Failed);
}

#[test]
fn who_wants_to_be_relayed_from_now_on_has_no_other_candidate_after_a_restart() {
    let mut pair = Pair::new();
    pair.add(AUDIO, Kind::Audio, both_ways("mic"));
    pair.connect();
    let configuration = Configuration {
        ice_transport_policy: IceTransportPolicy::Relay,
        ..Configuration::default()
    };
    pair.a.pc.set_configuration(configuration).unwrap();
    pair.a.pc.restart_ice();
    pair.drain();
    pair.negotiate();
    // What goes on by the pair of before ends with its socket, which is the host's.
    assert_eq!(own_protocols(&mut pair), [""; 0]);
}

#[test]
fn where_a_relay_was_asked_from_is_not_said() {
    let mut pair = Pair::new();
    pair.add(AUDIO, Kind::Audio, both_ways("mic"));
    let offer = pair.a.pc.create_offer(OfferOptions::default()).unwrap();
    pair.a.pc.set_local_description(Some(offer)).unwrap();
    let relayed = LocalCandidate::relayed(
        ([192, 0, 2, 9], 4000).into(),
        ([10, 1, 2, 3], 5000).into(),
        "turn:relay.example".into(),
        RelayProtocol::Udp,
    );
    pair.a.pc.add_local_candidate(relayed).unwrap();
    pair.drain();
    let said = pair.a.pc.pending_local_description().unwrap().sdp;
    assert!(said.contains("192.0.2.9 4000 typ relay raddr 0.0.0.0 rport 9"));
    assert!(!said.contains("10.1.2.3"), "{said}");
}
