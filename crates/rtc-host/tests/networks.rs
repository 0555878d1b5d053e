//! Ways into a call where the short one is closed: relays, TCP, servers that know nothing.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

mod common;

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};

use common::tcp::taking_tcp;
use common::{AUDIO, Call, capture, host};
use rtc_host::Host;
use rtc_host::core::{Configuration, IceServer, IceTransportPolicy, Kind};
use salon_support::turn::{PASSWORD, Turn, USER, Way};

fn through(url: String, password: &str, policy: IceTransportPolicy) -> Configuration {
    Configuration {
        ice_servers: vec![IceServer {
            urls: vec![url],
            username: Some(USER.to_owned()),
            credential: Some(password.to_owned()),
        }],
        ice_transport_policy: policy,
        ..Configuration::default()
    }
}

/// A call that wants to be relayed is heard through the relay alone, and gives it back at its end.
fn relayed(host: &Host, turn: &Turn, url: String) {
    let microphone = capture(host, Kind::Audio).unwrap();
    let configuration = through(url, PASSWORD, IceTransportPolicy::Relay);
    let mut call = Call::with(host, configuration);
    call.send(AUDIO, Kind::Audio, Some(microphone));
    let candidates = call.offer();
    assert!(
        candidates.len() == 1 && candidates[0].contains("typ relay"),
        "{candidates:?}"
    );
    call.answer();
    call.remote.hear(50);
    let relays = turn.relays.borrow().clone();
    assert_eq!(relays, Vec::from_iter(call.remote.sources.clone()));
    drop(call.connection);
    wait_for(turn, |relays| relays.is_empty());
}

fn url(turn: &Turn) -> String {
    format!("turn:{}", turn.address)
}

fn wait_for(turn: &Turn, so: impl FnMut(&Vec<SocketAddr>) -> bool) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let mut relays = turn.relays.clone();
    runtime.block_on(relays.wait_for(so)).unwrap();
}

#[test]
fn a_call_is_heard_through_a_relay_that_is_given_back_at_its_end() {
    let host = host();
    let turn = Turn::start(Way::Udp);
    relayed(&host, &turn, url(&turn));
}

#[test]
fn the_same_where_the_relay_is_reached_by_tcp_alone() {
    let host = host();
    let turn = Turn::start(Way::Tcp);
    relayed(&host, &turn, format!("{}?transport=tcp", url(&turn)));
}

#[test]
fn who_wants_to_be_relayed_from_now_on_sends_nothing_else_after_a_restart() {
    let host = host();
    let turn = Turn::start(Way::Udp);
    let microphone = capture(&host, Kind::Audio).unwrap();
    let configuration = through(url(&turn), PASSWORD, IceTransportPolicy::All);
    let mut call = Call::with(&host, configuration);
    call.send(AUDIO, Kind::Audio, Some(microphone));
    call.negotiate();
    call.remote.hear(10);
    let short = call.remote.sources.clone();
    let relayed = through(url(&turn), PASSWORD, IceTransportPolicy::Relay);
    call.ask(move |connection| {
        connection.set_configuration(relayed)?;
        connection.restart_ice();
        Ok::<_, rtc_host::core::Error>(())
    })
    .unwrap();
    call.negotiate();
    // What was on its way.
    call.remote.catch_up();
    call.remote.sources.clear();
    call.remote.hear(50);
    assert!(call.remote.sources.is_disjoint(&short));
    let relays = turn.relays.borrow().clone();
    assert!(
        call.remote
            .sources
            .iter()
            .all(|source| relays.contains(source))
    );
}

#[test]
fn a_relay_that_lets_nobody_in_or_does_not_answer_keeps_no_call_from_the_short_way() {
    let host = host();
    let turn = Turn::start(Way::Udp);
    // Nobody reads what comes here.
    let silent = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let silent = format!("turn:{}", silent.local_addr().unwrap());
    for (url, password) in [(url(&turn), "wrong"), (silent, PASSWORD)] {
        let microphone = capture(&host, Kind::Audio).unwrap();
        let mut call = Call::with(&host, through(url, password, IceTransportPolicy::All));
        call.send(AUDIO, Kind::Audio, Some(microphone));
        let candidates = call.offer();
        assert!(!candidates.is_empty());
        assert!(candidates.iter().all(|one| one.contains("typ host")));
        call.answer();
        call.remote.hear(10);
    }
    assert!(turn.relays.borrow().is_empty());
}

#[test]
fn a_call_goes_over_tcp_where_the_remote_side_takes_nothing_else() {
    let host = host();
    let microphone = capture(&host, Kind::Audio).unwrap();
    let mut call = Call::new(&host);
    call.send(AUDIO, Kind::Audio, Some(microphone));
    let passive = taking_tcp(call.remote.address);
    call.negotiate_over_tcp(passive);
    call.remote.hear(50);
    assert_eq!(call.remote.sources.len(), 1, "all by one way");
}
