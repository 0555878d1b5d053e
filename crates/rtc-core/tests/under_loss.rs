//! Audio and video over networks that lose, delay and reorder.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

mod common;

use std::time::Duration;

use common::{Network, Pair, picture, red_first, sending};
use rtc_core::{Direction, EncodedAudio, Event, Kind, TransceiverId, Written};

const AUDIO: TransceiverId = TransceiverId(1);
const VIDEO: TransceiverId = TransceiverId(2);

fn connected(network: Network) -> Pair {
    let mut pair = Pair::new();
    for (id, kind) in [(AUDIO, Kind::Audio), (VIDEO, Kind::Video)] {
        pair.add(id, kind, sending(&format!("{kind:?}")));
    }
    pair.negotiate();
    assert!(pair.run_until(Duration::from_secs(20), Pair::connected));
    // Only now: how often the handshake is lost is another question.
    pair.network = network;
    pair
}

/// Sends video for `seconds` at 30 pictures a second, answering key frame requests, and gives
/// the number of pictures that were taken.
fn send_video(pair: &mut Pair, seconds: u64, size: usize) -> u64 {
    let mut key = true;
    let mut seen = pair.a.events.len();
    let mut count = 0;
    for index in 0..seconds * 30 {
        let wanted = |e: &Event| matches!(e, Event::KeyFrameRequested { .. });
        key |= pair.a.events[seen..].iter().any(wanted);
        seen = pair.a.events.len();
        let video = picture(key, size, index, pair.now);
        if pair.a.pc.write_video(VIDEO, None, video).unwrap() == Written::Queued {
            key = false;
            count += 1;
        }
        pair.run(Duration::from_micros(33_333));
    }
    pair.run(Duration::from_secs(1));
    count
}

fn video_arrivals(pair: &Pair) -> Vec<(u64, bool, bool)> {
    let pick = |e: &Event| match e {
        Event::Video(v) => Some((v.rtp_time, v.key_frame, v.contiguous)),
        _ => None,
    };
    pair.b.events.iter().filter_map(pick).collect()
}

#[test]
fn audio_is_handed_over_at_once_and_not_held_behind_a_loss() {
    let mut pair = connected(Network {
        loss: 0.05,
        ..Network::default()
    });
    pair.b.events.clear();
    pair.send_audio(AUDIO, 10);
    pair.run(Duration::from_millis(200));
    let packets: Vec<_> = pair
        .b
        .events
        .iter()
        .filter_map(|e| {
            if let Event::Audio(a) = e {
                Some(a)
            } else {
                None
            }
        })
        .collect();
    assert!(
        (440..=500).contains(&packets.len()),
        "{} packets",
        packets.len()
    );
    // Evenly sent packets come evenly: none waits for another.
    for two in packets.windows(2) {
        let sent = (two[1].rtp_time - two[0].rtp_time) as f64 / 48_000.0;
        let came = two[1].arrival.duration_since(two[0].arrival).as_secs_f64();
        assert!(
            (sent - came).abs() < 0.005,
            "sent {sent} s apart, came {came} s apart"
        );
    }
}

/// Packets of 10 s of sound that come over a network that loses one in ten, if the sender is asked to
/// put the packet before into each, or not.
fn packets_with_redundancy(redundancy: bool) -> usize {
    let mut pair = Pair::new();
    pair.add(AUDIO, Kind::Audio, sending("voice"));
    if redundancy {
        pair.a.pc.set_codec_preferences(AUDIO, red_first()).unwrap();
    }
    pair.negotiate();
    assert!(pair.run_until(Duration::from_secs(20), Pair::connected));
    pair.network = Network {
        loss: 0.1,
        ..Network::default()
    };
    pair.b.events.clear();
    pair.send_audio(AUDIO, 10);
    pair.run(Duration::from_millis(200));
    pair.b.heard().len()
}

#[test]
fn what_is_lost_of_sound_comes_with_the_next_packet_if_the_other_side_prefers_that() {
    let (without, with) = (
        packets_with_redundancy(false),
        packets_with_redundancy(true),
    );
    assert!((430..=470).contains(&without), "{without} of 500");
    // Two in a row are lost once in a hundred packets.
    assert!(with >= 490, "{with} of 500");
}

#[test]
fn reordered_audio_comes_out_as_it_arrives() {
    let network = Network {
        jitter: Duration::from_millis(60),
        ..Network::default()
    };
    let mut pair = connected(network);
    pair.b.events.clear();
    pair.send_audio(AUDIO, 5);
    pair.run(Duration::from_millis(500));
    let numbers: Vec<u64> = pair
        .b
        .events
        .iter()
        .filter_map(|e| {
            if let Event::Audio(a) = e {
                Some(a.sequence_number)
            } else {
                None
            }
        })
        .collect();
    assert_eq!(numbers.len(), 250);
    assert!(
        numbers.windows(2).any(|n| n[0] > n[1]),
        "nothing was reordered"
    );
}

#[test]
fn what_was_overtaken_does_not_turn_synchronization_sources_back() {
    let mut pair = connected(Network {
        jitter: Duration::from_millis(60),
        ..Network::default()
    });
    let id = pair.b.pc.transceivers()[0].id;
    let (mut newest, mut overtaken, mut seen) = (0, 0, 0);
    for number in 0..250_u64 {
        let audio = EncodedAudio {
            rtp_time: number * 960,
            captured: pair.now,
            level: Some(-20),
            voice: true,
            data: [1, 2, 3].as_slice().into(),
        };
        pair.a.pc.write_audio(AUDIO, audio).unwrap();
        pair.run(Duration::from_millis(20));
        let told = pair.b.pc.synchronization_sources(id);
        let Some(told) = told.first().map(|source| source.rtp_timestamp) else {
            continue;
        };
        assert!(told >= newest, "{told} after {newest}");
        newest = told;
        for event in &pair.b.events[seen..] {
            if let Event::Audio(packet) = event {
                overtaken += u32::from(packet.rtp_time < u64::from(newest));
            }
        }
        seen = pair.b.events.len();
    }
    assert!(overtaken > 10, "only {overtaken} were overtaken");
}

#[test]
fn retransmission_repairs_five_percent_loss() {
    let mut pair = connected(Network {
        loss: 0.05,
        ..Network::default()
    });
    let sent = send_video(&mut pair, 10, 3000);
    let arrived = video_arrivals(&pair);
    let share = arrived.len() as f64 / sent as f64;
    assert!(share > 0.95, "{} of {sent} pictures", arrived.len());
    assert!(arrived.windows(2).all(|w| w[0].0 < w[1].0), "out of order");
}

#[test]
fn twenty_percent_loss_recovers_by_key_frames() {
    let network = Network {
        loss: 0.2,
        jitter: Duration::from_millis(10),
        ..Network::default()
    };
    let mut pair = connected(network);
    send_video(&mut pair, 20, 2000);
    let arrived = video_arrivals(&pair);
    assert!(arrived.len() > 200, "{} pictures", arrived.len());
    assert!(arrived[0].1, "begins with a key frame");
    // A gap is followed by a key frame sooner or later, so decoding goes on.
    let broken = arrived.iter().position(|(_, _, contiguous)| !contiguous);
    if let Some(broken) = broken {
        assert!(
            arrived[broken..].iter().any(|(_, key, _)| *key),
            "no key frame after a gap"
        );
    }
}

#[test]
fn who_is_merely_muted_does_not_look_cut_off() {
    let mut pair = connected(Network::default());
    pair.send_audio(AUDIO, 1);
    pair.run(Duration::from_secs(8));
    pair.send_audio(AUDIO, 1);
    let id = pair.b.pc.transceivers()[0].id;
    let changes = |pair: &Pair| -> Vec<bool> {
        let pick = |e: &Event| match e {
            Event::TrackMuted { transceiver, muted } if *transceiver == id => Some(*muted),
            _ => None,
        };
        pair.b.events.iter().filter_map(pick).collect()
    };
    assert_eq!(changes(&pair), [false]);
    let sources = pair.b.pc.synchronization_sources(id);
    assert_eq!(sources.len(), 1);
    assert!((sources[0].audio_level.unwrap() - 0.1).abs() < 1e-6);
    // Taken away, it is; given again, it is not once sound comes.
    pair.a.pc.set_direction(AUDIO, Direction::Inactive).unwrap();
    pair.negotiate();
    assert_eq!(changes(&pair), [false, true]);
    pair.a.pc.set_direction(AUDIO, Direction::SendOnly).unwrap();
    pair.negotiate();
    pair.send_audio(AUDIO, 1);
    pair.run(Duration::from_millis(200));
    assert_eq!(changes(&pair), [false, true, false]);
}
