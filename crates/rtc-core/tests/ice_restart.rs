//! ICE restarts by either side, and what happens when the network goes away.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

mod common;

use std::time::Duration;

use common::{Pair, both_ways};
use rtc_core::{ConnectionState, Event, IceConnectionState, Kind, OfferOptions, TransceiverId};

const AUDIO: TransceiverId = TransceiverId(1);

fn connected() -> Pair {
    let mut pair = Pair::new();
    pair.add(AUDIO, Kind::Audio, both_ways("mic"));
    pair.connect();
    pair
}

fn ufrag(sdp: &str) -> String {
    let line = sdp.lines().find(|l| l.starts_with("a=ice-ufrag:")).unwrap();
    line.trim_start_matches("a=ice-ufrag:").to_owned()
}

#[test]
fn a_restart_brings_new_credentials_and_media_goes_on() {
    let mut pair = connected();
    let before_a = ufrag(&pair.a.pc.current_local_description().unwrap().sdp);
    let before_b = ufrag(&pair.b.pc.current_local_description().unwrap().sdp);
    pair.a.pc.restart_ice();
    pair.drain();
    assert!(pair.a.pc.negotiation_needed());
    pair.negotiate();
    assert!(!pair.a.pc.negotiation_needed());
    assert_ne!(
        ufrag(&pair.a.pc.current_local_description().unwrap().sdp),
        before_a
    );
    assert_ne!(
        ufrag(&pair.b.pc.current_local_description().unwrap().sdp),
        before_b
    );
    let gathered = |e: &Event| matches!(e, Event::GatherCandidates { restart: true });
    assert_eq!(pair.a.count(gathered), 1);
    assert_eq!(pair.b.count(gathered), 1);
    assert!(pair.run_until(Duration::from_secs(5), Pair::connected));
    pair.b.events.clear();
    pair.send_audio(AUDIO, 1);
    pair.run(Duration::from_millis(100));
    assert_eq!(pair.b.count(|e| matches!(e, Event::Audio(_))), 50);
}

#[test]
fn offers_with_the_same_option_restart_too() {
    let mut pair = connected();
    let before = ufrag(&pair.a.pc.current_local_description().unwrap().sdp);
    let plain = pair.a.pc.create_offer(OfferOptions::default()).unwrap();
    assert_eq!(ufrag(&plain.sdp), before);
    let restart = pair
        .a
        .pc
        .create_offer(OfferOptions { ice_restart: true })
        .unwrap();
    assert_ne!(ufrag(&restart.sdp), before);
    // Not set, it changes nothing.
    let plain = pair.a.pc.create_offer(OfferOptions::default()).unwrap();
    assert_eq!(ufrag(&plain.sdp), before);
}

#[test]
fn a_lost_network_disconnects_then_fails_and_a_restart_revives() {
    let mut pair = connected();
    pair.blocked = true;
    let disconnected = |p: &Pair| p.a.pc.ice_connection_state() == IceConnectionState::Disconnected;
    assert!(pair.run_until(Duration::from_secs(30), disconnected));
    let failed = |p: &Pair| p.a.pc.connection_state() == ConnectionState::Failed;
    assert!(pair.run_until(Duration::from_secs(30), failed));
    pair.blocked = false;
    pair.a.pc.restart_ice();
    pair.negotiate();
    assert!(pair.run_until(Duration::from_secs(10), Pair::connected));
    pair.b.events.clear();
    pair.send_audio(AUDIO, 1);
    pair.run(Duration::from_millis(100));
    assert_eq!(pair.b.count(|e| matches!(e, Event::Audio(_))), 50);
}

#[test]
fn a_restart_offer_that_is_rolled_back_is_still_wanted() {
    let mut pair = connected();
    pair.a.pc.restart_ice();
    pair.a.pc.set_local_description(None).unwrap();
    pair.a
        .pc
        .set_local_description(Some(rtc_core::SessionDescription::rollback()))
        .unwrap();
    assert!(pair.a.pc.negotiation_needed());
}

#[test]
fn a_remote_side_that_said_goodbye_is_missed_like_one_that_fell_silent() {
    let mut pair = connected();
    pair.a.pc.close();
    pair.run(Duration::from_secs(5));
    assert_eq!(pair.b.pc.dtls_state(), rtc_core::DtlsState::Closed);
    assert_eq!(
        pair.b.pc.connection_state(),
        ConnectionState::Connected,
        "a goodbye alone is no lost pair (webrtc-pc section 4.3.3)"
    );
    pair.run(Duration::from_secs(4));
    assert_eq!(
        pair.b.pc.ice_connection_state(),
        IceConnectionState::Disconnected
    );
    assert_eq!(pair.b.pc.connection_state(), ConnectionState::Disconnected);
    pair.run(Duration::from_secs(20));
    assert_eq!(pair.b.pc.connection_state(), ConnectionState::Failed);
}
