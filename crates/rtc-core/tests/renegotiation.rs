//! Tracks come and go over many exchanges on one connection.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

mod common;

use std::time::Duration;

use common::{Pair, picture, receiving, sending};
use rtc_core::{Direction, Event, Kind, TransceiverId, Written};

#[test]
fn ten_tracks_come_one_after_the_other() {
    let mut pair = Pair::new();
    for number in 1..=10 {
        let kind = if number % 2 == 0 {
            Kind::Video
        } else {
            Kind::Audio
        };
        let id = TransceiverId(number);
        pair.add(id, kind, sending(&format!("t{number}")));
        let (at_b, _) = pair.negotiate();
        assert_eq!(at_b.added.len(), 1);
        assert_eq!(at_b.added[0].track_id, format!("t{number}"));
        assert!(pair.run_until(Duration::from_secs(5), Pair::connected));
    }
    assert_eq!(pair.b.pc.transceivers().len(), 10);
    pair.b.events.clear();
    pair.send_audio(TransceiverId(9), 1);
    pair.run(Duration::from_millis(100));
    let last = pair.b.pc.transceivers()[8].id;
    let of_last = |e: &Event| matches!(e, Event::Audio(a) if a.transceiver == last);
    assert_eq!(pair.b.count(of_last), 50);
}

#[test]
fn an_offer_created_before_an_answer_can_be_set_after_it() {
    // livekit-client's, when a track is published while its first offer is still under way.
    let mut pair = Pair::new();
    let (first, second) = (TransceiverId(1), TransceiverId(2));
    pair.a
        .pc
        .add_transceiver(first, Kind::Audio, sending("first"))
        .unwrap();
    let offer = pair.a.pc.create_offer(Default::default()).unwrap();
    pair.a
        .pc
        .set_local_description(Some(offer.clone()))
        .unwrap();
    pair.a
        .pc
        .add_transceiver(second, Kind::Video, sending("second"))
        .unwrap();
    let next = pair.a.pc.create_offer(Default::default()).unwrap();
    pair.b.pc.set_remote_description(offer).unwrap();
    pair.b.pc.set_local_description(None).unwrap();
    let answer = pair.b.pc.current_local_description().unwrap();
    pair.a.pc.set_remote_description(answer).unwrap();

    pair.a.pc.set_local_description(Some(next.clone())).unwrap();
    let added = pair.b.pc.set_remote_description(next).unwrap().added;
    assert_eq!(added.len(), 1);
    assert_eq!(added[0].track_id, "second");
    pair.b.pc.set_local_description(None).unwrap();
    let answer = pair.b.pc.current_local_description().unwrap();
    pair.a.pc.set_remote_description(answer).unwrap();
    assert!(!pair.a.pc.negotiation_needed());
    assert!(pair.run_until(Duration::from_secs(5), Pair::connected));
}

#[test]
fn a_track_that_is_no_longer_sent_is_removed_and_may_return() {
    let mut pair = Pair::new();
    let id = TransceiverId(1);
    pair.add(id, Kind::Audio, sending("mic"));
    pair.connect();
    pair.a.pc.set_direction(id, Direction::Inactive).unwrap();
    pair.drain();
    assert!(pair.a.pc.negotiation_needed());
    let (at_b, _) = pair.negotiate();
    assert_eq!(at_b.removed.len(), 1);
    pair.a.pc.set_direction(id, Direction::SendOnly).unwrap();
    let (at_b, _) = pair.negotiate();
    assert_eq!(at_b.added.len(), 1);
    pair.b.events.clear();
    pair.send_audio(id, 1);
    pair.run(Duration::from_millis(100));
    assert_eq!(pair.b.count(|e| matches!(e, Event::Audio(_))), 50);
}

#[test]
fn a_stopped_section_is_used_again() {
    let mut pair = Pair::new();
    let (one, two) = (TransceiverId(1), TransceiverId(2));
    pair.add(one, Kind::Audio, sending("mic"));
    pair.add(two, Kind::Audio, sending("mic2"));
    pair.connect();
    pair.a.pc.stop(one).unwrap();
    let (at_b, _) = pair.negotiate();
    assert_eq!(at_b.stopped.len(), 1);
    assert_eq!(at_b.removed.len(), 1);
    let three = TransceiverId(3);
    pair.add(three, Kind::Video, sending("cam"));
    let (at_b, _) = pair.negotiate();
    assert_eq!(at_b.added.len(), 1);
    let offer = pair.a.pc.current_local_description().unwrap().sdp;
    assert_eq!(
        offer.matches("\nm=").count(),
        2,
        "the first section is recycled"
    );
    pair.b.events.clear();
    pair.send_audio(two, 1);
    pair.run(Duration::from_millis(100));
    assert_eq!(pair.b.count(|e| matches!(e, Event::Audio(_))), 50);
}

#[test]
fn add_track_takes_over_a_transceiver_that_never_sent() {
    let mut pair = Pair::new();
    let id = TransceiverId(1);
    pair.add(id, Kind::Audio, receiving());
    assert_eq!(pair.a.pc.transceiver_for_add_track(Kind::Audio), Some(id));
    assert_eq!(pair.a.pc.transceiver_for_add_track(Kind::Video), None);
    pair.a.pc.set_sender_track(id, Some("mic".into())).unwrap();
    pair.a.pc.set_direction(id, Direction::SendRecv).unwrap();
    assert_eq!(pair.a.pc.transceiver_for_add_track(Kind::Audio), None);
    let (at_b, _) = pair.negotiate();
    assert_eq!(at_b.added[0].track_id, "mic");
}

#[test]
fn two_hundred_participants_who_come_and_go_leave_nothing_behind() {
    let mut pair = Pair::new();
    pair.add(TransceiverId(1), Kind::Audio, sending("mic"));
    pair.connect();
    let mut first = None;
    for round in 0..20 {
        let ids = (0..10).map(|number| TransceiverId(100 + round * 10 + number));
        for id in ids.clone() {
            pair.add(id, Kind::Video, sending(&format!("camera-{}", id.0)));
        }
        pair.negotiate();
        for id in ids.clone() {
            let picture = picture(true, 500, 0, pair.now);
            let written = pair.a.pc.write_video(id, None, picture).unwrap();
            assert_eq!(written, Written::Queued);
        }
        // Long enough for statistics.
        pair.run(Duration::from_millis(500));
        for id in ids {
            pair.a.pc.stop(id).unwrap();
        }
        pair.negotiate();
        pair.a.events.clear();
        pair.b.events.clear();
        // It tells how much is kept.
        let kept = format!("{:?} {:?}", pair.a.pc, pair.b.pc);
        assert_eq!(first.get_or_insert_with(|| kept.clone()), &kept);
    }
    assert_eq!(pair.a.pc.transceivers().len(), 1);
}
