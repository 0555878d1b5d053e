//! Ways into a call where the short one is closed: relays, TCP, servers that know nothing.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

mod common;

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};

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

/// Carries what comes over one TCP connection to the remote side's socket and back, as the media server that
/// takes such connections does. Where that is.
fn taking_tcp(remote: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.connect(remote).unwrap();
        let (mut out, back) = (stream.try_clone().unwrap(), socket.try_clone().unwrap());
        std::thread::spawn(move || {
            let mut packet = vec![0; 65_535];
            while let Ok(length) = back.recv(&mut packet) {
                let header = u16::try_from(length).unwrap().to_be_bytes();
                if out
                    .write_all(&[&header[..], &packet[..length]].concat())
                    .is_err()
                {
                    return;
                }
            }
        });
        while let Some(packet) = next(&stream) {
            let _ = socket.send(&packet);
        }
    });
    address
}

fn next(mut stream: &TcpStream) -> Option<Vec<u8>> {
    let mut header = [0; 2];
    stream.read_exact(&mut header).ok()?;
    let mut packet = vec![0; usize::from(u16::from_be_bytes(header))];
    stream.read_exact(&mut packet).ok()?;
    Some(packet)
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
