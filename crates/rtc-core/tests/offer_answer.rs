//! An offer, an answer, a connection, and media both ways of thinking about it.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

mod common;

use std::time::Duration;

use common::{Pair, picture, sending};
use rtc_core::{ConnectionState, Event, Kind, SignalingState, TransceiverId, Written};

const AUDIO: TransceiverId = TransceiverId(1);
const VIDEO: TransceiverId = TransceiverId(2);

#[test]
fn an_exchange_connects_and_media_arrives() {
    let mut pair = Pair::new();
    pair.add(AUDIO, Kind::Audio, sending("mic"));
    pair.add(VIDEO, Kind::Video, sending("cam"));
    assert!(pair.a.pc.negotiation_needed());
    let (at_b, at_a) = pair.negotiate();
    assert_eq!(at_b.added.len(), 2);
    assert_eq!(at_b.added[0].track_id, "mic");
    assert_eq!(at_b.added[1].track_id, "cam");
    assert_eq!(at_b.added[1].stream_ids, ["stream"]);
    assert!(at_a.added.is_empty());
    assert_eq!(pair.a.pc.signaling_state(), SignalingState::Stable);
    assert!(!pair.a.pc.negotiation_needed());
    assert!(!pair.b.pc.negotiation_needed());
    assert!(pair.run_until(Duration::from_secs(5), Pair::connected));

    pair.send_audio(AUDIO, 1);
    for index in 0..30 {
        let video = picture(index == 0, 3000, index, pair.now);
        assert_eq!(
            pair.a.pc.write_video(VIDEO, None, video).unwrap(),
            Written::Queued
        );
        pair.run(Duration::from_millis(33));
    }
    pair.run(Duration::from_millis(200));
    assert_eq!(pair.b.count(|e| matches!(e, Event::Audio(_))), 50);
    let videos: Vec<_> = pair
        .b
        .events
        .iter()
        .filter_map(|e| {
            if let Event::Video(v) = e {
                Some(v)
            } else {
                None
            }
        })
        .collect();
    assert_eq!(videos.len(), 30);
    assert!(videos[0].key_frame);
    assert!(videos.iter().all(|v| v.data.len() == 3000));
    let level = pair.b.events.iter().find_map(|e| match e {
        Event::Audio(a) => a.level,
        _ => None,
    });
    assert_eq!(level, Some(-20));
}

#[test]
fn create_offer_is_idempotent() {
    let mut pair = Pair::new();
    pair.add(AUDIO, Kind::Audio, sending("mic"));
    let first = pair.a.pc.create_offer(Default::default()).unwrap();
    let second = pair.a.pc.create_offer(Default::default()).unwrap();
    assert_eq!(first, second);
}

#[test]
fn an_offer_may_be_sent_before_it_is_set() {
    let mut pair = Pair::new();
    pair.add(AUDIO, Kind::Audio, sending("mic"));
    pair.negotiate_offer_set_late();
    assert!(pair.run_until(Duration::from_secs(5), Pair::connected));
}

#[test]
fn closing_ends_everything() {
    let mut pair = Pair::new();
    pair.add(AUDIO, Kind::Audio, sending("mic"));
    pair.connect();
    pair.a.pc.close();
    assert_eq!(pair.a.pc.connection_state(), ConnectionState::Closed);
    assert_eq!(pair.a.pc.signaling_state(), SignalingState::Closed);
    assert!(pair.a.pc.create_offer(Default::default()).is_err());
    pair.run(Duration::from_secs(1));
    assert_eq!(pair.b.pc.dtls_state(), rtc_core::DtlsState::Closed);
}
