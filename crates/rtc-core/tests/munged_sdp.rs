//! Descriptions that the SDKs rewrite before setting them.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

mod common;

use std::time::Duration;

use common::{Pair, sending};
use rtc_core::{Event, Kind, SessionDescription, TransceiverId};

const AUDIO: TransceiverId = TransceiverId(1);
const VIDEO: TransceiverId = TransceiverId(2);

fn prepare(pair: &mut Pair) {
    for (id, kind) in [(AUDIO, Kind::Audio), (VIDEO, Kind::Video)] {
        pair.add(id, kind, sending(&format!("{kind:?}")));
    }
}

#[test]
fn offers_and_answers_of_livekit_client() {
    let mut pair = Pair::new();
    prepare(&mut pair);
    let offer = pair.a.pc.create_offer(Default::default()).unwrap().sdp;
    let munged = offer
        .replace("useinbandfec=1\r\n", "useinbandfec=1;stereo=1\r\n")
        .replace(
            "a=rtpmap:96 VP8/90000\r\n",
            "a=rtpmap:96 VP8/90000\r\na=fmtp:96 x-google-start-bitrate=1000\r\n",
        )
        .replace(
            "a=extmap:13 urn:3gpp:video-orientation\r\n",
            "a=extmap:13 urn:3gpp:video-orientation\r\na=extmap:14 https://aomediacodec.github.io/\
             av1-rtp-spec/#dependency-descriptor-rtp-header-extension\r\n",
        );
    assert_ne!(munged, offer);
    pair.a
        .pc
        .set_local_description(Some(SessionDescription::offer(&*munged)))
        .unwrap();
    let pending = pair.a.pc.pending_local_description().unwrap();
    assert_eq!(pending.sdp, munged, "the text is kept as it was given");
    pair.drain();
    let pending = pair.a.pc.pending_local_description().unwrap();
    pair.b.pc.set_remote_description(pending).unwrap();
    pair.b.pc.set_local_description(None).unwrap();
    pair.drain();
    let answer = pair.b.pc.current_local_description().unwrap().sdp;
    let munged = answer.replace(
        "useinbandfec=1\r\n",
        "useinbandfec=1;usedtx=1;stereo=1;maxaveragebitrate=24000\r\n",
    );
    pair.a
        .pc
        .set_remote_description(SessionDescription::answer(munged))
        .unwrap();
    assert!(pair.run_until(Duration::from_secs(5), Pair::connected));
    let outgoing = pair.a.pc.outgoing(AUDIO).unwrap();
    assert!(outgoing.opus.dtx && outgoing.opus.stereo && outgoing.opus.in_band_fec);
    assert_eq!(outgoing.opus.max_average_bitrate, Some(24_000));
    assert_eq!(outgoing.layers[0].target_bitrate, 24_000);
    let video = pair.a.events.iter().find_map(|event| match event {
        Event::Outgoing(outgoing) if outgoing.transceiver == VIDEO && outgoing.sending => {
            Some(outgoing.layers[0].target_bitrate)
        }
        _ => None,
    });
    let of_the_start_bitrate = 1_000_000 - 24_000;
    assert_eq!(video, Some(of_the_start_bitrate), "what the sound leaves");
    pair.send_audio(AUDIO, 1);
}

#[test]
fn a_text_without_carriage_returns_is_read() {
    let mut pair = Pair::new();
    prepare(&mut pair);
    let offer = pair
        .a
        .pc
        .create_offer(Default::default())
        .unwrap()
        .sdp
        .replace("\r\n", "\n");
    pair.a
        .pc
        .set_local_description(Some(SessionDescription::offer(&*offer)))
        .unwrap();
    pair.b
        .pc
        .set_remote_description(SessionDescription::offer(offer))
        .unwrap();
    pair.b.pc.set_local_description(None).unwrap();
}

#[test]
fn payload_types_and_extension_ids_of_the_offerer_are_taken_over() {
    let mut pair = Pair::new();
    prepare(&mut pair);
    let offer = pair.a.pc.create_offer(Default::default()).unwrap().sdp;
    // As another stack might number them.
    let renumbered = offer
        .replace(" 111", " 96")
        .replace(":111 ", ":96 ")
        .replace(
            "m=video 9 UDP/TLS/RTP/SAVPF 96 97",
            "m=video 9 UDP/TLS/RTP/SAVPF 120 121",
        )
        .replace("a=rtpmap:96 VP8", "a=rtpmap:120 VP8")
        .replace("a=rtcp-fb:96 nack", "a=rtcp-fb:120 nack")
        .replace("a=rtpmap:97 rtx", "a=rtpmap:121 rtx")
        .replace("a=fmtp:97 apt=96", "a=fmtp:121 apt=120")
        .replace(
            "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
            "a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid",
        );
    pair.b
        .pc
        .set_remote_description(SessionDescription::offer(renumbered))
        .unwrap();
    let answer = pair.b.pc.create_answer().unwrap().sdp;
    assert!(answer.contains("a=rtpmap:96 opus/48000/2"), "{answer}");
    assert!(answer.contains("a=rtpmap:120 VP8/90000"), "{answer}");
    assert!(answer.contains("a=fmtp:121 apt=120"), "{answer}");
    assert!(
        answer.contains("a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid"),
        "{answer}"
    );
    pair.b.pc.set_local_description(None).unwrap();
    let codecs = pair.b.pc.transceivers()[1].codecs.clone();
    assert_eq!(codecs[0].payload_type, Some(120));
}
