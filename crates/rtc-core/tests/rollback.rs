//! Rollback of local and remote offers, and glare between polite and impolite peers.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

mod common;

use std::time::Duration;

use common::{Pair, both_ways};
use rtc_core::{Direction, Event, Kind, SessionDescription, SignalingState, TransceiverId};

const ONE: TransceiverId = TransceiverId(1);

fn add(pair: &mut Pair, on_a: bool, kind: Kind) {
    let peer = if on_a { &mut pair.a } else { &mut pair.b };
    peer.pc
        .add_transceiver(ONE, kind, both_ways("track"))
        .unwrap();
}

#[test]
fn a_local_offer_rolls_back() {
    let mut pair = Pair::new();
    add(&mut pair, true, Kind::Audio);
    pair.drain();
    pair.a.pc.set_local_description(None).unwrap();
    assert_eq!(pair.a.pc.signaling_state(), SignalingState::HaveLocalOffer);
    assert!(pair.a.pc.transceiver(ONE).unwrap().mid.is_some());
    pair.a
        .pc
        .set_local_description(Some(SessionDescription::rollback()))
        .unwrap();
    assert_eq!(pair.a.pc.signaling_state(), SignalingState::Stable);
    assert_eq!(pair.a.pc.transceiver(ONE).unwrap().mid, None);
    assert_eq!(pair.a.pc.pending_local_description(), None);
    assert!(pair.a.pc.negotiation_needed());
    pair.connect();
}

#[test]
fn a_remote_offer_rolls_back_and_its_tracks_go() {
    let mut pair = Pair::new();
    add(&mut pair, true, Kind::Video);
    let offer = pair.a.pc.create_offer(Default::default()).unwrap();
    let outcome = pair.b.pc.set_remote_description(offer).unwrap();
    assert_eq!(outcome.added.len(), 1);
    let made = outcome.added[0].transceiver;
    let outcome = pair
        .b
        .pc
        .set_remote_description(SessionDescription::rollback())
        .unwrap();
    assert_eq!(outcome.removed.len(), 1);
    assert_eq!(outcome.gone, [made]);
    assert!(pair.b.pc.transceivers().is_empty());
    assert_eq!(pair.b.pc.signaling_state(), SignalingState::Stable);
}

#[test]
fn rollback_in_the_stable_state_is_refused() {
    let mut pair = Pair::new();
    let error = pair
        .a
        .pc
        .set_local_description(Some(SessionDescription::rollback()));
    assert_eq!(error.unwrap_err().name(), "InvalidStateError");
    let error = pair
        .a
        .pc
        .set_remote_description(SessionDescription::rollback());
    assert_eq!(error.unwrap_err().name(), "InvalidStateError");
}

#[test]
fn after_a_rollback_it_is_told_again_that_negotiation_is_needed() {
    let mut pair = Pair::new();
    add(&mut pair, true, Kind::Audio);
    pair.drain();
    let told = |pair: &Pair| pair.a.count(|e| *e == Event::NegotiationNeeded);
    assert_eq!(told(&pair), 1);
    pair.a.pc.set_local_description(None).unwrap();
    let back = SessionDescription::rollback();
    pair.a.pc.set_local_description(Some(back)).unwrap();
    pair.drain();
    assert!(pair.a.pc.negotiation_needed());
    assert_eq!(told(&pair), 2);
}

#[test]
fn in_glare_the_polite_peer_yields_and_then_offers_again() {
    let mut pair = Pair::new();
    add(&mut pair, true, Kind::Audio);
    add(&mut pair, false, Kind::Video);
    pair.a.pc.set_local_description(None).unwrap();
    pair.b.pc.set_local_description(None).unwrap();
    pair.drain();
    // b is polite: a's offer rolls its own back.
    let offer = pair.a.pc.pending_local_description().unwrap();
    let outcome = pair.b.pc.set_remote_description(offer).unwrap();
    assert_eq!(pair.b.pc.signaling_state(), SignalingState::HaveRemoteOffer);
    assert_eq!(outcome.added.len(), 1);
    pair.b.pc.set_local_description(None).unwrap();
    let answer = pair.b.pc.current_local_description().unwrap();
    pair.a.pc.set_remote_description(answer).unwrap();
    pair.drain();
    assert!(
        pair.b.pc.negotiation_needed(),
        "its own track is still to be offered"
    );
    assert!(pair.b.count(|e| *e == Event::NegotiationNeeded) >= 2);
    let (at_a, _) = pair.negotiate_from_b();
    assert_eq!(at_a.added.len(), 1);
    assert!(!pair.b.pc.negotiation_needed());
    assert!(pair.run_until(Duration::from_secs(5), Pair::connected));
    let video = pair.b.pc.transceiver(ONE).unwrap();
    assert_eq!(video.current_direction, Some(Direction::SendOnly));
}
