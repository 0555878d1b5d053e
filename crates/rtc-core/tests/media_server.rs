//! A media server at the other end, played by the RTP stack alone: it chooses SSRCs, sequence
//! numbers and codecs, puts one track after the other on the same section, and asks for key frames.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

#[path = "common/bare.rs"]
mod bare;

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use bare::Bare;
use rtc_core::{
    ConnectionState, Direction, EncodedVideo, Event, Kind, MediaCodec, Stats, TransceiverId,
    TransceiverInit,
};
use str0m::Event as StackEvent;
use str0m::media::{Mid, Pt};
use str0m::rtp::{RtpWrite, Ssrc};

const OWN: TransceiverId = TransceiverId(1);
const PLACE: TransceiverId = TransceiverId(2);
const VP8: u8 = 96;
const VP9: u8 = 98;

/// What the server sends in a section: SSRC and that of RTX, and the next sequence number.
#[derive(Clone, Copy)]
struct Stream {
    mid: &'static str,
    ssrc: u32,
    sequence: u64,
}

struct Pair(Bare);

impl Deref for Pair {
    type Target = Bare;
    fn deref(&self) -> &Bare {
        &self.0
    }
}

impl DerefMut for Pair {
    fn deref_mut(&mut self) -> &mut Bare {
        &mut self.0
    }
}

impl Pair {
    fn new() -> Self {
        Self(Bare::new())
    }

    /// We offer; the server announces `streams` with tracks named after their SSRCs.
    fn negotiate(&mut self, streams: &[Stream]) {
        self.0.negotiate(
            |server, answer| {
                for stream in streams {
                    let (main, rtx) = (Ssrc::from(stream.ssrc), Ssrc::from(stream.ssrc + 1));
                    let mid = Mid::from(stream.mid);
                    let mut direct = server.direct_api();
                    let before = direct.stream_tx_by_mid(mid, None).unwrap().ssrc();
                    if before != main {
                        direct.remove_stream_tx(before);
                        direct.declare_stream_tx(main, Some(rtx), mid, None);
                    }
                }
                announce(&answer, streams)
            },
            |pair| pair.ours.connection_state() == ConnectionState::Connected,
        );
        self.run(Duration::from_millis(100));
    }

    /// Sections of which the server was asked for a key frame since the last time.
    fn asked(&mut self) -> Vec<String> {
        let their_events = std::mem::take(&mut self.their_events).into_iter();
        their_events
            .filter_map(|event| match event {
                StackEvent::KeyframeRequest(request) => Some(request.mid.to_string()),
                _ => None,
            })
            .collect()
    }

    fn write(&mut self, stream: &mut Stream, payload_type: u8, payload: &[u8]) {
        let time = (stream.sequence * 3000) as u32;
        let sequence = stream.sequence.into();
        let packet = RtpWrite::new(Pt::from(payload_type), sequence, time, self.now, payload)
            .marker(true)
            .nackable(true);
        stream.sequence += 1;
        let mut direct = self.theirs.direct_api();
        let sender = direct.stream_tx_by_mid(Mid::from(stream.mid), None);
        sender.unwrap().write_rtp(packet);
        self.run(Duration::from_millis(33));
    }

    /// The pictures of a transceiver since the last time: codec, and whether they are key frames.
    fn pictures(&mut self, id: TransceiverId) -> Vec<(MediaCodec, bool)> {
        let pick = |event: Event| match event {
            Event::Video(v) if v.transceiver == id => Some((v.codec, v.key_frame)),
            _ => None,
        };
        std::mem::take(&mut self.events)
            .into_iter()
            .filter_map(pick)
            .collect()
    }
}

/// An answer whose sections announce these streams instead of what the stack made up, and which
/// takes from us what LiveKit takes from a publisher of VP8: nothing else.
fn announce(answer: &str, streams: &[Stream]) -> String {
    let mut text = String::new();
    for (index, section) in answer.split("m=").enumerate() {
        if index > 0 {
            text.push_str("m=");
        }
        let of_vp8 = |line: &str| [" 96", ":96 ", ":97 "].iter().any(|pt| line.contains(pt));
        let taken = section.contains("a=recvonly");
        let ours = |line: &&str| {
            let codec = ["a=rtpmap:", "a=fmtp:", "a=rtcp-fb:"];
            let codec = codec.iter().any(|name| line.starts_with(name));
            !line.starts_with("a=ssrc")
                && !line.starts_with("a=msid:")
                && (!taken || !codec || of_vp8(line))
        };
        for line in section.lines().filter(ours) {
            let line = match line.split_once("SAVPF ") {
                Some((kind, _)) if taken => format!("{kind}SAVPF 96 97"),
                _ => line.to_owned(),
            };
            text.push_str(&line);
            text.push_str("\r\n");
        }
        let here = |s: &&Stream| section.contains(&format!("a=mid:{}\r\n", s.mid));
        if let Some(Stream { ssrc, .. }) = streams.iter().find(here) {
            let rtx = ssrc + 1;
            text.push_str(&format!(
                "a=msid:s{ssrc} t{ssrc}\r\na=ssrc-group:FID {ssrc} {rtx}\r\n\
                 a=ssrc:{ssrc} cname:x\r\na=ssrc:{rtx} cname:x\r\n"
            ));
        }
    }
    text
}

fn place() -> TransceiverInit {
    TransceiverInit {
        direction: Direction::RecvOnly,
        ..TransceiverInit::default()
    }
}

fn own() -> TransceiverInit {
    TransceiverInit {
        direction: Direction::SendOnly,
        track_id: Some("cam".into()),
        ..TransceiverInit::default()
    }
}

/// One packet, one picture (RFC 7741: a descriptor of one byte, S set).
fn vp8(key_frame: bool) -> Vec<u8> {
    let mut payload = vec![0x10, if key_frame { 0x10 } else { 0x11 }, 2, 0];
    payload.extend([0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00, 0, 0, 0]);
    payload
}

/// One packet, one picture (RFC 9628: picture id, P for what is no key frame, B and E), as the Go
/// SDK writes it.
fn vp9(key_frame: bool, id: u16) -> Vec<u8> {
    let predicted = if key_frame { 0 } else { 0x40 };
    let [high, low] = (id & 0x7fff | 0x8000).to_be_bytes();
    let mut payload = vec![0x8c | predicted, high, low];
    payload.extend([if key_frame { 0x82 } else { 0x86 }, 0x49, 0x83, 0x42, 0, 0]);
    payload
}

#[test]
fn a_reused_section_shows_the_pictures_of_its_next_track() {
    let mut pair = Pair::new();
    pair.ours
        .add_transceiver(PLACE, Kind::Video, place())
        .unwrap();
    let mut first = Stream {
        mid: "0",
        ssrc: 1000,
        sequence: 60_000,
    };
    pair.negotiate(&[first]);
    for index in 0..20 {
        pair.write(&mut first, VP8, &vp8(index == 0));
    }
    assert_eq!(pair.pictures(PLACE).len(), 20);

    // Another participant's: its numbers begin far below.
    let mut second = Stream {
        mid: "0",
        ssrc: 2000,
        sequence: 100,
    };
    pair.asked();
    pair.negotiate(&[second]);
    let reset =
        |e: &Event| matches!(e, Event::ReceiverReset { transceiver } if *transceiver == PLACE);
    assert!(pair.events.iter().any(reset));
    pair.write(&mut second, VP8, &vp8(false));
    assert!(pair.pictures(PLACE).is_empty(), "nothing to build on yet");
    assert_eq!(pair.asked(), ["0"], "a key frame of the new track");
    for index in 0..20 {
        pair.write(&mut second, VP8, &vp8(index == 0));
    }
    let pictures = pair.pictures(PLACE);
    assert_eq!(pictures.len(), 20);
    assert!(pictures[0].1);

    pair.run(Duration::from_secs(1));
    let now = pair.now;
    let inbound: Vec<_> = pair
        .ours
        .get_stats(now)
        .entries
        .into_iter()
        .filter_map(|s| match s {
            Stats::InboundRtp(s) => Some(s),
            _ => None,
        })
        .collect();
    assert_eq!(inbound.len(), 1);
    assert_eq!((inbound[0].ssrc, &inbound[0].rid), (2000, &None));
    assert_eq!(inbound[0].frames_received, 21);
    assert_eq!(inbound[0].track_identifier, "t2000");
    // And the first one comes back, where it had been.
    pair.negotiate(&[first]);
    for index in 0..20 {
        pair.write(&mut first, VP8, &vp8(index == 0));
    }
    assert_eq!(pair.pictures(PLACE).len(), 20);
}

/// Payload types of the first video section of a description.
fn first_video(sdp: &str) -> Vec<u8> {
    let line = sdp.lines().find(|l| l.starts_with("m=video")).unwrap();
    let words = line.split(' ').skip(3);
    words.map(|pt| pt.parse().unwrap()).collect()
}

#[test]
fn vp9_is_shown_in_a_section_made_after_our_own() {
    let mut pair = Pair::new();
    pair.ours.add_transceiver(OWN, Kind::Video, own()).unwrap();
    // LiveKit can send later, in any section, only what the first one names.
    let offer = pair.ours.create_offer(Default::default()).unwrap();
    let named = first_video(&offer.sdp);
    assert_eq!(named[0], VP8, "preferred, since it is what we encode");
    assert!(named.contains(&VP9), "{named:?}");
    pair.negotiate(&[]);
    pair.ours
        .add_transceiver(PLACE, Kind::Video, place())
        .unwrap();
    let mut stream = Stream {
        mid: "1",
        ssrc: 1000,
        sequence: 60_000,
    };
    pair.negotiate(&[stream]);
    let sent = pair.ours.outgoing(OWN).unwrap();
    assert_eq!(sent.codec, Some(MediaCodec::Vp8));
    for index in 0..60 {
        pair.write(&mut stream, VP9, &vp9(index % 30 == 5, index));
    }
    let pictures = pair.pictures(PLACE);
    assert_eq!(pictures.len(), 55);
    assert_eq!(pictures[0], (MediaCodec::Vp9, true));
    pair.run(Duration::from_secs(1));
    let now = pair.now;
    let stats = pair.ours.get_stats(now);
    let codec = stats.entries.iter().find_map(|s| match s {
        Stats::InboundRtp(s) => s.codec_id.clone(),
        _ => None,
    });
    let named = stats.entries.iter().find_map(|s| match s {
        Stats::Codec(c) if Some(&c.id) == codec.as_ref() => Some(c.mime_type.as_str()),
        _ => None,
    });
    assert_eq!(named, Some("video/VP9"));
}

#[test]
fn a_flood_of_key_frame_requests_is_no_flood_of_key_frames() {
    let mut pair = Pair::new();
    pair.ours.add_transceiver(OWN, Kind::Video, own()).unwrap();
    pair.negotiate(&[]);
    let mid = Mid::from("0");
    let mut direct = pair.theirs.direct_api();
    let ssrc = direct.stream_rx_by_mid(mid, None).unwrap().ssrc();
    pair.events.clear();
    for _ in 0..300 {
        pair.theirs.direct_api().send_pli_feedback(1.into(), ssrc);
        pair.run(Duration::from_millis(10));
    }
    let wanted = |e: &&Event| matches!(e, Event::KeyFrameRequested { .. });
    let count = pair.events.iter().filter(wanted).count();
    assert!((9..=11).contains(&count), "{count} in three seconds");
    // One that comes right after another is not forgotten.
    pair.run(Duration::from_secs(1));
    pair.events.clear();
    for _ in 0..2 {
        pair.theirs.direct_api().send_pli_feedback(1.into(), ssrc);
        pair.run(Duration::from_millis(10));
    }
    assert_eq!(pair.events.iter().filter(wanted).count(), 1);
    pair.run(Duration::from_secs(1));
    assert_eq!(pair.events.iter().filter(wanted).count(), 2);
    // Nor is one that comes right after a key frame that nobody asked for.
    pair.run(Duration::from_secs(1));
    pair.events.clear();
    let video = EncodedVideo {
        codec: MediaCodec::Vp8,
        rtp_time: 0,
        key_frame: true,
        captured: pair.now,
        width: 320,
        height: 180,
        data: [0x10; 100].into(),
    };
    pair.ours.write_video(OWN, None, video).unwrap();
    pair.theirs.direct_api().send_pli_feedback(1.into(), ssrc);
    pair.run(Duration::from_millis(250));
    assert_eq!(pair.events.iter().filter(wanted).count(), 0);
    pair.run(Duration::from_millis(100));
    assert_eq!(pair.events.iter().filter(wanted).count(), 1);
}
