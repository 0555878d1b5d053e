//! Layers: what is offered, what is sent, and how parameters and bandwidth switch them.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

mod common;

use std::time::Duration;

use common::{Pair, picture, sending};
use rtc_core::{
    EncodedVideo, Encoding, Event, Kind, SessionDescription, TransceiverId, TransceiverInit,
    Written,
};

const CAMERA: TransceiverId = TransceiverId(7);

fn layers() -> Vec<Encoding> {
    [
        ("q", 4.0, 150_000),
        ("h", 2.0, 500_000),
        ("f", 1.0, 1_700_000),
    ]
    .into_iter()
    .map(|(rid, scale, max)| Encoding {
        rid: Some(rid.into()),
        scale_resolution_down_by: Some(scale),
        max_bitrate: Some(max),
        ..Encoding::default()
    })
    .collect()
}

fn camera() -> TransceiverInit {
    TransceiverInit {
        send_encodings: layers(),
        ..sending("cam")
    }
}

/// b plays the media server: its answer takes all three layers.
fn connect_simulcast(pair: &mut Pair) {
    pair.add(CAMERA, Kind::Video, camera());
    let offer = pair.a.pc.create_offer(Default::default()).unwrap();
    assert!(
        offer.sdp.contains("a=simulcast:send q;h;f\r\n"),
        "{}",
        offer.sdp
    );
    pair.a
        .pc
        .set_local_description(Some(offer.clone()))
        .unwrap();
    pair.b.pc.set_remote_description(offer).unwrap();
    pair.b.pc.set_local_description(None).unwrap();
    pair.drain();
    let mut answer = pair.b.pc.current_local_description().unwrap().sdp;
    answer.push_str("a=rid:q recv\r\na=rid:h recv\r\na=rid:f recv\r\na=simulcast:recv q;h;f\r\n");
    pair.a
        .pc
        .set_remote_description(SessionDescription::answer(answer))
        .unwrap();
    assert!(pair.run_until(Duration::from_secs(5), Pair::connected));
    pair.run(Duration::from_millis(100));
}

#[test]
fn layers_are_told_and_written_by_rid() {
    let mut pair = Pair::new();
    connect_simulcast(&mut pair);
    let outgoing = pair.a.pc.outgoing(CAMERA).unwrap();
    assert!(outgoing.sending);
    let rids: Vec<_> = outgoing
        .layers
        .iter()
        .map(|l| l.rid.as_deref().unwrap())
        .collect();
    assert_eq!(rids, ["q", "h", "f"]);
    assert!(outgoing.layers[0].active);
    for rid in ["q", "h", "f"] {
        let video = picture(true, 1000, 0, pair.now);
        assert_eq!(
            pair.a.pc.write_video(CAMERA, Some(rid), video).unwrap(),
            Written::Queued
        );
    }
    let error = pair
        .a
        .pc
        .write_video(CAMERA, Some("x"), picture(true, 1000, 0, pair.now));
    assert_eq!(error.unwrap_err().name(), "InvalidAccessError");
    pair.run(Duration::from_secs(2));
    let stats = pair.a.pc.get_stats(pair.now);
    let sent = stats.entries.iter().filter(|s| match s {
        rtc_core::Stats::OutboundRtp(o) => o.packets_sent > 0 && o.rid.is_some(),
        _ => false,
    });
    assert_eq!(sent.count(), 3);
}

#[test]
fn a_layer_switched_off_is_not_sent() {
    let mut pair = Pair::new();
    connect_simulcast(&mut pair);
    let mut encodings = layers();
    encodings[2].active = false;
    pair.a
        .pc
        .set_sender_parameters(CAMERA, encodings, None)
        .unwrap();
    pair.drain();
    let outgoing = pair.a.pc.outgoing(CAMERA).unwrap();
    assert!(outgoing.layers[0].active);
    assert!(!outgoing.layers[2].active);
    let video = picture(true, 1000, 0, pair.now);
    let written = pair.a.pc.write_video(CAMERA, Some("f"), video).unwrap();
    assert_eq!(written, Written::NotSending);
    let told = pair.a.events.iter().rev().find_map(|e| match e {
        Event::Outgoing(o) => Some(o.clone()),
        _ => None,
    });
    assert_eq!(told, Some(outgoing));
}

#[test]
fn parameters_keep_their_layers() {
    let mut pair = Pair::new();
    connect_simulcast(&mut pair);
    let error = pair
        .a
        .pc
        .set_sender_parameters(CAMERA, layers()[..2].to_vec(), None);
    assert_eq!(error.unwrap_err().name(), "InvalidModificationError");
}

#[test]
fn a_refused_simulcast_leaves_one_layer() {
    let mut pair = Pair::new();
    pair.add(CAMERA, Kind::Video, camera());
    pair.connect();
    let outgoing = pair.a.pc.outgoing(CAMERA).unwrap();
    let active: Vec<bool> = outgoing.layers.iter().map(|l| l.active).collect();
    assert_eq!(active, [true, false, false]);
    let video = picture(true, 1000, 0, pair.now);
    assert_eq!(
        pair.a.pc.write_video(CAMERA, Some("q"), video).unwrap(),
        Written::Queued
    );
    pair.run(Duration::from_millis(200));
    assert_eq!(pair.b.count(|e| matches!(e, Event::Video(_))), 1);
}

#[test]
fn a_burst_beyond_the_estimate_is_dropped_and_a_key_frame_wanted() {
    let mut pair = Pair::new();
    connect_simulcast(&mut pair);
    pair.a.events.clear();
    let mut congested = 0;
    for index in 0..30 {
        let video = picture(index == 0, 40_000, index, pair.now);
        if pair.a.pc.write_video(CAMERA, Some("f"), video).unwrap() == Written::Congested {
            congested += 1;
        }
    }
    assert!(congested > 20, "only {congested} were dropped");
    // Once the queue has drained, what depends on the dropped pictures is refused.
    pair.run(Duration::from_secs(3));
    let video = picture(false, 1000, 40, pair.now);
    let written = pair.a.pc.write_video(CAMERA, Some("f"), video).unwrap();
    assert_eq!(written, Written::AwaitingKeyFrame);
    pair.drain();
    let wanted = |e: &Event| matches!(e, Event::KeyFrameRequested { rid: Some(r), .. } if r == "f");
    assert!(pair.a.count(wanted) >= 1);
    let video = picture(true, 1000, 41, pair.now);
    let written = pair.a.pc.write_video(CAMERA, Some("f"), video).unwrap();
    assert_eq!(written, Written::Queued);
}

/// Sends what is to be sent for some seconds, at 30 pictures a second, with a key frame in the
/// beginning and where one is asked for.
fn send_layers(pair: &mut Pair, seconds: u64) {
    const PICTURE: Duration = Duration::from_micros(33_333);
    let begin = pair.now;
    let mut heard = pair.a.events.len();
    for index in 0..seconds * 30 {
        let mut asked = Vec::new();
        for event in &pair.a.events[heard..] {
            if let Event::KeyFrameRequested { rid, .. } = event {
                asked.push(rid.clone());
            }
        }
        heard = pair.a.events.len();
        let time = (pair.now - pair.start).as_micros() as u64 * 9 / 100;
        for layer in pair.a.pc.outgoing(CAMERA).unwrap().layers {
            if layer.active {
                let size = usize::try_from(layer.target_bitrate / 30 / 8).unwrap();
                let key_frame = index == 0 || asked.contains(&layer.rid);
                let video = EncodedVideo {
                    rtp_time: time,
                    ..picture(key_frame, size, 0, pair.now)
                };
                let rid = layer.rid.as_deref();
                pair.a.pc.write_video(CAMERA, rid, video).unwrap();
            }
        }
        let next = begin + PICTURE * (index as u32 + 1);
        pair.run(next - pair.now);
    }
}

fn active(pair: &Pair) -> Vec<bool> {
    let outgoing = pair.a.pc.outgoing(CAMERA).unwrap();
    outgoing.layers.iter().map(|layer| layer.active).collect()
}

#[test]
fn layers_come_back_after_the_network_was_narrow() {
    let mut pair = Pair::new();
    connect_simulcast(&mut pair);
    pair.network.rate = Some(10_000_000);
    send_layers(&mut pair, 20);
    assert_eq!(active(&pair), [true; 3]);
    // The two lower layers fit into this at their least, the largest never does.
    pair.network.rate = Some(250_000);
    send_layers(&mut pair, 25);
    let [lowest, _, largest] = active(&pair)[..] else {
        panic!("three layers");
    };
    assert!(lowest && !largest);
    pair.network.rate = Some(10_000_000);
    let since = pair.now;
    while active(&pair) != [true; 3] {
        send_layers(&mut pair, 1);
        let took = pair.now - since;
        // Five or six; without padding towards the next layer half a minute is not enough.
        assert!(took < Duration::from_secs(12), "{:?}", active(&pair));
    }
    send_layers(&mut pair, 10);
    assert_eq!(active(&pair), [true; 3]);
}
