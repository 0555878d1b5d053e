//! What a media server does with sections that we made as receive-only placeholders: tracks of
//! other participants appear on them, change and disappear, by msid.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

mod common;

use std::time::Duration;

use common::{Pair, picture, receiving};
use rtc_core::{Direction, Event, Kind, SessionDescription, TransceiverId, Written};

const PLACE: TransceiverId = TransceiverId(1);

/// The server answers with a direction and, when it sends, an msid.
fn answer(pair: &mut Pair, send: Option<(&str, &str)>) -> rtc_core::DescriptionOutcome {
    let offer = pair.a.pc.create_offer(Default::default()).unwrap();
    pair.a.pc.set_local_description(Some(offer)).unwrap();
    pair.drain();
    let offer = pair.a.pc.pending_local_description().unwrap();
    pair.b.pc.set_remote_description(offer).unwrap();
    let id = pair.b.pc.transceivers()[0].id;
    let direction = if send.is_some() {
        Direction::SendOnly
    } else {
        Direction::Inactive
    };
    pair.b.pc.set_direction(id, direction).unwrap();
    let track = send.map(|(_, track)| track.to_owned());
    pair.b.pc.set_sender_track(id, track).unwrap();
    let mut text = pair.b.pc.create_answer().unwrap().sdp;
    if let Some((stream, track)) = send {
        let line = text
            .lines()
            .find(|l| l.starts_with("a=msid:"))
            .unwrap()
            .to_owned();
        text = text.replace(&line, &format!("a=msid:{stream} {track}"));
    }
    pair.b
        .pc
        .set_local_description(Some(SessionDescription::answer(text)))
        .unwrap();
    pair.drain();
    let answer = pair.b.pc.current_local_description().unwrap();
    let outcome = pair.a.pc.set_remote_description(answer).unwrap();
    pair.drain();
    outcome
}

#[test]
fn tracks_appear_change_and_disappear_on_a_placeholder() {
    let mut pair = Pair::new();
    pair.add(PLACE, Kind::Video, receiving());
    let outcome = answer(&mut pair, None);
    assert!(outcome.added.is_empty());
    assert!(pair.run_until(Duration::from_secs(5), Pair::connected));

    let outcome = answer(&mut pair, Some(("PA_one|camera", "TR_one")));
    assert_eq!(outcome.added.len(), 1);
    assert_eq!(outcome.added[0].track_id, "TR_one");
    assert_eq!(outcome.added[0].stream_ids, ["PA_one|camera"]);
    assert_eq!(
        Some(&outcome.added[0].mid),
        pair.a.pc.transceiver(PLACE).unwrap().mid.as_ref()
    );
    let id = pair.b.pc.transceivers()[0].id;
    for index in 0..10 {
        let video = picture(index == 0, 2000, index, pair.now);
        assert_eq!(
            pair.b.pc.write_video(id, None, video).unwrap(),
            Written::Queued
        );
        pair.run(Duration::from_millis(33));
    }
    pair.run(Duration::from_millis(100));
    assert_eq!(pair.a.count(|e| matches!(e, Event::Video(_))), 10);
    let unmuted = |e: &Event| matches!(e, Event::TrackMuted { muted: false, .. });
    assert_eq!(pair.a.count(unmuted), 1);

    let outcome = answer(&mut pair, Some(("PA_two|camera", "TR_two")));
    assert_eq!(outcome.removed.len(), 1);
    assert_eq!(outcome.removed[0].track_id, "TR_one");
    assert_eq!(outcome.added[0].track_id, "TR_two");

    let outcome = answer(&mut pair, None);
    assert_eq!(outcome.removed[0].track_id, "TR_two");
    assert!(outcome.added.is_empty());
    // The placeholder stays open for the next one.
    assert_eq!(
        pair.a.pc.transceiver(PLACE).unwrap().direction,
        Direction::RecvOnly
    );
    assert!(!pair.a.pc.negotiation_needed());
}

#[test]
fn the_first_offer_is_set_together_with_its_answer() {
    let mut pair = Pair::new();
    pair.add(PLACE, Kind::Video, receiving());
    pair.negotiate_offer_set_late();
    assert!(pair.run_until(Duration::from_secs(5), Pair::connected));
}
