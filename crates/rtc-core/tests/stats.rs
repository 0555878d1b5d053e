//! Statistics in W3C's shape: everything refers to something that is there.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

mod common;

use std::collections::HashSet;
use std::time::Duration;

use common::{Network, Pair, picture, sending};
use rtc_core::{DataChannelId, DataChannelInit, Kind, Stats, TransceiverId};

#[test]
fn reports_hold_together() {
    let mut pair = Pair::with(Network {
        loss: 0.02,
        ..Network::default()
    });
    let (audio, video) = (TransceiverId(1), TransceiverId(2));
    for (id, kind) in [(audio, Kind::Audio), (video, Kind::Video)] {
        pair.add(id, kind, sending(&format!("{kind:?}")));
    }
    let channel = DataChannelId(1);
    pair.a
        .pc
        .create_data_channel(channel, "chat", DataChannelInit::default())
        .unwrap();
    pair.connect();
    pair.run(Duration::from_secs(1));
    pair.a.pc.send(channel, true, b"12345").unwrap();
    for index in 0..150 {
        let frame = picture(index == 0, 2500, index, pair.now);
        pair.a.pc.write_video(video, None, frame).unwrap();
        pair.run(Duration::from_millis(33));
    }
    pair.send_audio(audio, 5);
    pair.run(Duration::from_secs(2));

    let sender = pair.a.pc.get_stats(pair.now).entries;
    let receiver = pair.b.pc.get_stats(pair.now).entries;
    for entries in [&sender, &receiver] {
        let ids: HashSet<&str> = entries.iter().map(Stats::id).collect();
        assert_eq!(ids.len(), entries.len(), "ids occur once");
        for entry in entries.iter() {
            let mut refers = Vec::new();
            match entry {
                Stats::InboundRtp(s) => refers.extend([&s.codec_id, &s.remote_id]),
                Stats::OutboundRtp(s) => {
                    refers.extend([&s.codec_id, &s.remote_id, &s.media_source_id]);
                }
                Stats::Transport(s) => refers.push(&s.selected_candidate_pair_id),
                _ => {}
            }
            for id in refers.into_iter().flatten() {
                assert!(ids.contains(id.as_str()), "{id} is not there");
            }
            if let Stats::CandidatePair(s) = entry {
                assert!(ids.contains(s.local_candidate_id.as_str()));
                assert!(ids.contains(s.remote_candidate_id.as_str()));
                assert!(s.current_round_trip_time.unwrap() > 0.09);
                assert!(s.bytes_sent > 0);
            }
        }
        let kinds: HashSet<&str> = entries.iter().map(Stats::kind).collect();
        for kind in [
            "peer-connection",
            "transport",
            "candidate-pair",
            "local-candidate",
            "remote-candidate",
            "codec",
            "data-channel",
            "certificate",
        ] {
            assert!(kinds.contains(kind), "no {kind}");
        }
    }
    let outbound = sender.iter().find_map(|s| match s {
        Stats::OutboundRtp(o) if o.kind == Kind::Video => Some(o),
        _ => None,
    });
    let outbound = outbound.unwrap();
    assert_eq!(outbound.frames_sent, 150);
    assert_eq!(outbound.key_frames_encoded, 1);
    assert_eq!(outbound.frame_width, Some(320));
    assert!(outbound.bytes_sent >= 150 * 2500);
    let remote = sender.iter().find_map(|s| match s {
        Stats::RemoteInboundRtp(r) if r.kind == Kind::Video => Some(r),
        _ => None,
    });
    let rtt = remote
        .unwrap_or_else(|| panic!("{sender:#?}"))
        .round_trip_time
        .unwrap();
    assert!((0.09..0.2).contains(&rtt), "{rtt} s");
    let inbound = receiver.iter().find_map(|s| match s {
        Stats::InboundRtp(i) if i.kind == Kind::Video => Some(i),
        _ => None,
    });
    let inbound = inbound.unwrap();
    assert!(inbound.frames_received >= 140);
    assert_eq!(inbound.track_identifier, "Video");
    assert!(
        receiver
            .iter()
            .any(|s| matches!(s, Stats::RemoteOutboundRtp(_)))
    );
    let sent = sender.iter().find_map(|s| match s {
        Stats::DataChannel(d) => Some((d.messages_sent, d.bytes_sent)),
        _ => None,
    });
    assert_eq!(sent, Some((1, 5)));
}

/// What b says of the audio that it gets: received, lost.
fn received(pair: &mut Pair) -> (u64, i64) {
    let entries = pair.b.pc.get_stats(pair.now).entries;
    let inbound = entries.iter().find_map(|s| match s {
        Stats::InboundRtp(i) if i.kind == Kind::Audio => Some(i),
        _ => None,
    });
    inbound.map_or((0, 0), |i| (i.packets_received, i.packets_lost))
}

#[test]
fn lost_packets_are_those_that_were_sent_and_did_not_come() {
    let audio = TransceiverId(1);
    let mut pair = Pair::new();
    pair.add(audio, Kind::Audio, sending("voice"));
    pair.connect();
    pair.send_audio(audio, 4);
    pair.run(Duration::from_secs(3));
    assert_eq!(received(&mut pair), (200, 0));

    pair.network.loss = 0.1;
    pair.send_audio(audio, 20);
    pair.network.loss = 0.0;
    pair.send_audio(audio, 4);
    pair.run(Duration::from_secs(3));
    let (came, lost) = received(&mut pair);
    let missing = 200 + 1000 + 200 - came as i64;
    assert!((60..140).contains(&missing), "{missing} of 1000");
    assert!((lost - missing).abs() <= 5, "{lost} for {missing}");

    // What comes after a bad time makes it no worse.
    pair.send_audio(audio, 20);
    pair.run(Duration::from_secs(3));
    let (later, still) = received(&mut pair);
    assert_eq!(later, came + 1000);
    assert_eq!(still, lost);
}
