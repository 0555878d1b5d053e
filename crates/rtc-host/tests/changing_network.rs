//! Addresses of this computer that come and go in a call: it goes on, and nobody has to join again.
//!
//! Each test has a network of its own (a namespace), where it may add and take addresses.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

mod common;

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::Command;
use std::sync::mpsc::channel;

use common::tcp::taking_tcp;
use common::{AUDIO, Call, capture, host};
use rtc_host::core::{Configuration, ConnectionState, IceServer, IceTransportPolicy, Kind};
use rtc_host::{Connection, ConnectionHandle, Host};
use salon_support::turn::{PASSWORD, Turn, USER, Way};

const INSIDE: &str = "SALON_TEST_HAS_ITS_OWN_NETWORK";
/// Of networks for documentation (RFC 5737).
const FIRST: &str = "198.51.100.10";
const SECOND: &str = "198.51.100.11";

/// Runs this test in a network of its own; true in there.
#[allow(
    clippy::print_stderr,
    reason = "whoever runs it is to know that it was not tried"
)]
fn own_network() -> bool {
    if std::env::var_os(INSIDE).is_some() {
        run("ip link set lo up");
        return true;
    }
    // As root, or as root of a system of their own, where everybody may have one.
    let ways = [&["--net"][..], &["--map-root-user", "--net"]];
    let may = |way: &&&[&str]| {
        let tried = Command::new("unshare").args(**way).arg("true").status();
        tried.unwrap().success()
    };
    let Some(way) = ways.iter().find(may) else {
        eprintln!("not tried: here nobody but root may have a network of their own");
        return false;
    };
    let thread = std::thread::current();
    let inside = Command::new("unshare")
        .args(*way)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", thread.name().unwrap(), "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&inside.stdout);
    let failed = String::from_utf8_lossy(&inside.stderr);
    assert!(
        inside.status.success() && said.contains("1 passed"),
        "{said}\n{failed}"
    );
    false
}

fn run(command: &str) {
    let words: Vec<_> = command.split(' ').collect();
    let status = Command::new(words[0]).args(&words[1..]).status();
    assert!(status.unwrap().success(), "{command}");
}

fn come(ip: &str) {
    run(&format!("ip address add {ip}/32 dev lo"));
}

fn go(ip: &str) {
    run(&format!("ip address del {ip}/32 dev lo"));
}

/// What is sent to this computer itself comes from there. A route goes with its address, as the way into the
/// internet does.
fn way_from(ip: &str) {
    run(&format!(
        "ip route replace local 127.0.0.1 dev lo table local scope host src {ip}"
    ));
}

fn called(host: &Host, configuration: Configuration) -> Call {
    let microphone = capture(host, Kind::Audio).unwrap();
    let call = Call::with(host, configuration);
    call.send(AUDIO, Kind::Audio, Some(microphone));
    call
}

fn sources(call: &Call) -> BTreeSet<IpAddr> {
    call.remote.sources.iter().map(SocketAddr::ip).collect()
}

fn only(ip: &str) -> BTreeSet<IpAddr> {
    BTreeSet::from([ip.parse().unwrap()])
}

/// Hears on, from there alone.
fn goes_on_from(call: &mut Call, ip: &str) {
    let ip: IpAddr = ip.parse().unwrap();
    call.remote.sources.clear();
    call.remote.run_until("something from there", |remote| {
        remote.sources.iter().any(|source| source.ip() == ip)
    });
    hears_on(call);
    call.remote.sources.clear();
    call.remote.hear(50);
    assert_eq!(sources(call), BTreeSet::from([ip]));
}

/// Some of what is heard was sent since.
fn hears_on(call: &mut Call) {
    call.remote.catch_up();
    call.remote.hear(50);
}

/// The state, and what would be new after a restart of ICE.
fn state(connection: &ConnectionHandle) -> (ConnectionState, String) {
    let (send, answer) = channel();
    connection.post(move |connection| {
        let peer = connection.peer();
        let _ = send.send((peer.connection_state(), peer.current_local_description()));
    });
    let (state, description) = answer.recv().unwrap();
    let sdp = description.unwrap().sdp;
    let credentials = sdp.lines().find(|line| line.starts_with("a=ice-ufrag:"));
    (state, credentials.unwrap().to_owned())
}

/// A restart is asked for, and made as pages do.
fn restarted(call: &mut Call) {
    let Call {
        connection, remote, ..
    } = &mut *call;
    remote.run_until("a restart is asked for", |_| {
        state(connection).0 == ConnectionState::Failed
    });
    call.ask(Connection::restart_ice);
    call.negotiate();
    let Call {
        connection, remote, ..
    } = &mut *call;
    remote.run_until("connected again", |_| {
        state(connection).0 == ConnectionState::Connected
    });
}

/// Of this process, as the system has them: local addresses of UDP sockets.
fn bound_at(ip: &str) -> bool {
    let ip: Ipv4Addr = ip.parse().unwrap();
    let hexadecimal = format!("{:08X}:", u32::from_le_bytes(ip.octets()));
    let sockets = std::fs::read_to_string("/proc/self/net/udp").unwrap();
    sockets.contains(&hexadecimal)
}

#[test]
fn an_address_that_takes_the_place_of_another_carries_the_call_on() {
    if !own_network() {
        return;
    }
    come(FIRST);
    let host = host();
    let mut call = called(&host, Configuration::default());
    call.negotiate();
    call.remote.hear(50);
    assert_eq!(sources(&call), only(FIRST));
    go(FIRST);
    come(SECOND);
    goes_on_from(&mut call, SECOND);
    // The remote side has no need to send anywhere else before that.
    restarted(&mut call);
    assert!(!bound_at(FIRST) && bound_at(SECOND));
    goes_on_from(&mut call, SECOND);
}

#[test]
fn a_network_that_was_away_for_a_while_carries_the_call_on() {
    if !own_network() {
        return;
    }
    come(FIRST);
    let host = host();
    let mut call = called(&host, Configuration::default());
    call.negotiate();
    call.remote.hear(50);
    let before = state(&call.connection);
    go(FIRST);
    let Call {
        connection, remote, ..
    } = &mut call;
    remote.run_until("its end is noticed", |_| {
        state(connection).0 == ConnectionState::Disconnected
    });
    come(FIRST);
    let port = call.remote.sources.clone();
    goes_on_from(&mut call, FIRST);
    assert_eq!(call.remote.sources, port, "the same way");
    // Long enough for whoever waits in vain to have given it up.
    call.remote.hear(100);
    assert_eq!(state(&call.connection), before, "nothing is restarted");
}

#[test]
fn without_its_cable_the_call_goes_on_by_the_other_network() {
    if !own_network() {
        return;
    }
    run("ip link add wire type veth peer name wall");
    run("ip link set wire up");
    run("ip link set wall up");
    run(&format!("ip address add {FIRST}/32 dev wire"));
    let host = host();
    let mut call = called(&host, Configuration::default());
    call.negotiate();
    call.remote.hear(50);
    assert_eq!(sources(&call), only(FIRST));
    come(SECOND);
    run("ip link set wall down");
    goes_on_from(&mut call, SECOND);
    assert!(bound_at(FIRST), "it waits");
    run("ip link set wall up");
    go(SECOND);
    goes_on_from(&mut call, FIRST);
}

#[test]
fn what_was_relayed_is_relayed_from_the_new_address() {
    if !own_network() {
        return;
    }
    come(FIRST);
    way_from(FIRST);
    let turn = Turn::start(Way::Udp);
    let host = host();
    let mut call = called(
        &host,
        Configuration {
            ice_servers: vec![IceServer {
                urls: vec![format!("turn:{}", turn.address)],
                username: Some(USER.to_owned()),
                credential: Some(PASSWORD.to_owned()),
            }],
            ice_transport_policy: IceTransportPolicy::Relay,
            ..Configuration::default()
        },
    );
    call.negotiate();
    call.remote.hear(50);
    let first = call.remote.sources.clone();
    let before = state(&call.connection);
    go(FIRST);
    come(SECOND);
    way_from(SECOND);
    call.remote
        .run_until("another relay", |remote| !remote.sources.is_subset(&first));
    hears_on(&mut call);
    call.remote.sources.clear();
    // Long enough for whoever waits in vain to have given it up.
    call.remote.hear(100);
    assert!(call.remote.sources.is_disjoint(&first));
    assert_eq!(state(&call.connection), before, "the way back, too");
}

#[test]
fn a_connection_that_went_with_its_address_is_opened_from_the_next_one() {
    if !own_network() {
        return;
    }
    come(FIRST);
    way_from(FIRST);
    let host = host();
    let mut call = called(&host, Configuration::default());
    let passive = taking_tcp(call.remote.address);
    call.negotiate_over_tcp(passive);
    call.remote.hear(50);
    let first = call.remote.sources.clone();
    assert_eq!(first.len(), 1, "all by one way");
    go(FIRST);
    come(SECOND);
    way_from(SECOND);
    call.remote.run_until("another connection", |remote| {
        !remote.sources.is_subset(&first)
    });
    hears_on(&mut call);
    call.remote.sources.clear();
    call.remote.hear(50);
    assert!(call.remote.sources.is_disjoint(&first));
}
