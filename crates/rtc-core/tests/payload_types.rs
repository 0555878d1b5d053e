//! What stands under which payload type, when sections do not all have the same, and after a rollback.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

mod common;

use std::collections::BTreeSet;
use std::time::Duration;

use common::{Pair, red_first, sending};
use rtc_core::{
    Codec, EncodedAudio, Event, Kind, OfferOptions, SdpType, SessionDescription, TransceiverId,
    Written,
};

const FIRST: TransceiverId = TransceiverId(1);
const SECOND: TransceiverId = TransceiverId(2);
/// RED, under the number that everybody gives it.
const RED: u8 = 63;

fn without_red() -> Vec<Codec> {
    let mut codecs = red_first();
    codecs.retain(|codec| codec.mime_type != "audio/red");
    codecs
}

/// A description as a page may edit it: RED is not in it.
fn edited(sdp: &str) -> String {
    let red = format!(":{RED} ");
    let lines = sdp.split_inclusive('\n');
    lines
        .filter(|line| !line.contains(&red))
        .map(|line| line.replace(&format!(" {RED}"), ""))
        .collect()
}

/// Sends a second of sound and says under which payload types it left, and how much of it came.
fn second_of_sound(pair: &mut Pair, id: TransceiverId) -> (BTreeSet<u8>, usize) {
    pair.left.clear();
    pair.b.events.clear();
    pair.send_audio(id, 1);
    pair.run(Duration::from_millis(200));
    let left = pair.left.iter().filter(|packet| packet.from_a);
    let types = left.map(|packet| packet.payload_type).collect();
    (types, pair.b.heard().len())
}

/// One more section is agreed on with RED: its sound is sent so, and all of it comes.
fn has_redundancy_in_a_second_section(pair: &mut Pair) {
    pair.add(SECOND, Kind::Audio, sending("second"));
    let second = pair.a.pc.set_codec_preferences(SECOND, red_first());
    second.unwrap();
    pair.negotiate();
    let (types, came) = second_of_sound(pair, SECOND);
    assert!(types.contains(&RED), "{types:?}");
    assert_eq!(came, 50);
}

#[test]
fn sound_with_redundancy_is_heard_after_an_answer_had_left_redundancy_out() {
    let mut pair = Pair::new();
    pair.add(FIRST, Kind::Audio, sending("first"));
    pair.a.pc.set_local_description(None).unwrap();
    pair.drain();
    let offer = pair.a.pc.pending_local_description().unwrap();
    assert!(offer.sdp.contains(&format!("a=rtpmap:{RED} red/48000/2")));
    pair.b.pc.set_remote_description(offer).unwrap();
    let answer = pair.b.pc.create_answer().unwrap();
    let answer = SessionDescription::answer(edited(&answer.sdp));
    pair.b.pc.set_local_description(Some(answer)).unwrap();
    pair.drain();
    let answer = pair.b.pc.current_local_description().unwrap();
    let answer = SessionDescription::answer(edited(&answer.sdp));
    pair.a.pc.set_remote_description(answer).unwrap();
    pair.drain();
    assert!(pair.run_until(Duration::from_secs(20), Pair::connected));
    let (types, came) = second_of_sound(&mut pair, FIRST);
    assert!(!types.contains(&RED), "it was not in the answer: {types:?}");
    assert_eq!(came, 50);

    has_redundancy_in_a_second_section(&mut pair);
    let (types, came) = second_of_sound(&mut pair, FIRST);
    assert!(!types.contains(&RED), "the first is as it was: {types:?}");
    assert_eq!(came, 50);
}

#[test]
fn a_first_section_without_redundancy_leaves_it_to_later_ones() {
    let mut pair = Pair::new();
    pair.add(FIRST, Kind::Audio, sending("first"));
    pair.a
        .pc
        .set_codec_preferences(FIRST, without_red())
        .unwrap();
    pair.connect();
    let (types, came) = second_of_sound(&mut pair, FIRST);
    assert!(!types.contains(&RED), "{types:?}");
    assert_eq!(came, 50);

    has_redundancy_in_a_second_section(&mut pair);
}

#[test]
fn a_number_of_redundancy_that_is_another_codec_s_takes_only_redundancy_away() {
    let mut pair = Pair::new();
    pair.add(FIRST, Kind::Video, sending("camera"));
    pair.add(SECOND, Kind::Audio, sending("voice"));
    let offer = pair.a.pc.create_offer(OfferOptions::default()).unwrap();
    let vp8 = RED.to_string();
    let sdp = offer
        .sdp
        .replace("SAVPF 96 97", &format!("SAVPF {vp8} 97"))
        .replace(":96 ", &format!(":{vp8} "))
        .replace("apt=96", &format!("apt={vp8}"));
    pair.b
        .pc
        .set_remote_description(SessionDescription::offer(sdp))
        .unwrap();
    let answer = pair.b.pc.create_answer().unwrap().sdp;
    assert!(answer.contains("a=rtpmap:63 VP8/90000"), "{answer}");
    assert!(answer.contains("a=rtpmap:111 opus/48000/2"), "{answer}");
    assert!(!answer.contains(" red/"), "{answer}");
    pair.b.pc.set_local_description(None).unwrap();
}

/// Sends one packet of 20 ms.
fn say(pair: &mut Pair, number: u64, word: &str) {
    let audio = EncodedAudio {
        rtp_time: number * 960,
        captured: pair.now,
        level: Some(-20),
        voice: true,
        data: word.as_bytes().into(),
    };
    let written = pair.a.pc.write_audio(FIRST, audio).unwrap();
    assert_eq!(written, Written::Queued);
    pair.run(Duration::from_millis(20));
}

#[test]
fn what_was_said_before_a_microphone_was_switched_off_is_not_sent_again_after_it() {
    let mut pair = Pair::new();
    pair.add(FIRST, Kind::Audio, sending("voice"));
    pair.a.pc.set_codec_preferences(FIRST, red_first()).unwrap();
    pair.connect();
    let heard = |pair: &Pair, word: &str| {
        let events = pair.b.events.iter();
        events
            .filter(|e| matches!(e, Event::Audio(p) if *p.data == *word.as_bytes()))
            .count()
    };
    for (number, off) in [(1, false), (101, true)] {
        pair.run(Duration::from_secs(1));
        say(&mut pair, number, "word");
        pair.b.events.clear();
        // It is lost on its way.
        pair.blocked = true;
        say(&mut pair, number + 1, "last");
        pair.blocked = false;
        if off {
            pair.a.pc.take_back(FIRST);
        }
        pair.left.clear();
        for later in 2..7 {
            say(&mut pair, number + later, "quiet");
        }
        pair.run(Duration::from_millis(200));
        assert_eq!(heard(&pair, "quiet"), 5);
        assert_eq!(heard(&pair, "last"), usize::from(!off), "off: {off}");
        let types = pair.left.iter().filter(|rtp| rtp.from_a);
        let types: Vec<u8> = types.map(|rtp| rtp.payload_type).collect();
        assert!(types[1..].iter().all(|pt| *pt == RED), "{types:?}");
    }
}

/// b answers provisionally what a offers, and takes that back.
fn taken_back(pair: &mut Pair) {
    let offer = pair.a.pc.create_offer(OfferOptions::default()).unwrap();
    let b = &mut pair.b.pc;
    b.set_remote_description(offer).unwrap();
    let provisional = SessionDescription {
        kind: SdpType::Pranswer,
        ..b.create_answer().unwrap()
    };
    b.set_local_description(Some(provisional)).unwrap();
    b.set_local_description(Some(SessionDescription::rollback()))
        .unwrap();
}

#[test]
fn what_was_answered_provisionally_and_taken_back_can_be_offered_again() {
    let mut pair = Pair::new();
    pair.add(FIRST, Kind::Audio, sending("voice"));
    taken_back(&mut pair);
    pair.connect();
    let (_, came) = second_of_sound(&mut pair, FIRST);
    assert_eq!(came, 50);
}

#[test]
fn after_a_provisional_answer_was_taken_back_its_numbers_are_not_another_codec_s() {
    let mut pair = Pair::new();
    pair.add(FIRST, Kind::Audio, sending("voice"));
    taken_back(&mut pair);
    // As somebody else might number them: what was a voice is a camera now.
    let mut other = Pair::new();
    other.add(FIRST, Kind::Audio, sending("voice"));
    other.add(SECOND, Kind::Video, sending("camera"));
    let offer = other.a.pc.create_offer(OfferOptions::default()).unwrap();
    let mut sdp = offer.sdp;
    for (from, to) in [("111", "112"), ("96", "111")] {
        sdp = sdp
            .replace(&format!(" {from} "), &format!(" {to} "))
            .replace(&format!(":{from} "), &format!(":{to} "))
            .replace(&format!("apt={from}\r"), &format!("apt={to}\r"));
    }
    let offer = SessionDescription::offer(sdp.replace("111/111", "112/112"));
    assert!(offer.sdp.contains("a=rtpmap:111 VP8"), "{}", offer.sdp);
    let b = &mut pair.b.pc;
    b.set_remote_description(offer).unwrap();
    b.set_local_description(None).unwrap();
    let answer = b.current_local_description().unwrap().sdp;
    assert!(!answer.contains("a=rtpmap:111 VP8"), "{answer}");
    assert!(answer.contains("a=rtpmap:108 H264/90000"), "{answer}");
}
