//! What becomes of a track, as the devices and the other side see it.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

#[path = "../common/mod.rs"]
mod common;
mod pictures;

use std::sync::Arc;
use std::time::Instant;

use common::{AUDIO, Call, VIDEO, capture, device, host, wait_closed};
use rtc_host::core::{AudioPacket, Kind};
use rtc_host::media::VideoConstraints;
use rtc_host::{Host, LocalTrack, Source};

/// What is on its way, 200 ms of it, has arrived after so many packets of sound.
const IN_FLIGHT: usize = 10;

/// How often it is looked whether something has come back, however long the machine takes to make it.
const PATIENCE: usize = 100;

/// A call with camera and microphone, both of which have arrived.
fn call(host: &Host) -> (Call, Arc<LocalTrack>, Arc<LocalTrack>) {
    let microphone = capture(host, Kind::Audio).unwrap();
    let camera = capture(host, Kind::Video).unwrap();
    let mut call = Call::new(host);
    call.send(AUDIO, Kind::Audio, Some(microphone.clone()));
    call.send(VIDEO, Kind::Video, Some(camera.clone()));
    call.negotiate();
    call.remote.see(5);
    call.remote.hear(5);
    (call, microphone, camera)
}

#[test]
fn a_camera_that_is_switched_off_closes_and_not_a_byte_of_it_arrives() {
    let host = host();
    let (mut call, _microphone, camera) = call(&host);
    camera.stop();
    wait_closed(&host, Kind::Video);
    call.remote.hear(IN_FLIGHT);
    let before = call.remote.video_bytes();
    call.remote.hear(150);
    assert_eq!(call.remote.video_bytes(), before);
}

#[test]
fn a_camera_that_is_covered_shows_nothing_of_before_to_those_who_missed_it() {
    let host = host();
    let (mut call, _microphone, camera) = call(&host);
    call.remote.loses_pictures = true;
    let (seen, lost) = (call.remote.pictures.len(), Instant::now());
    call.remote.hear(30);
    let covered = lost.elapsed();
    camera.set_enabled(false);
    call.remote.hear(IN_FLIGHT);
    call.remote.loses_pictures = false;
    // Now they ask for what they miss.
    call.remote.see(2);
    let pictures = &call.remote.pictures;
    let (before, after) = (pictures[seen - 1].rtp_time, pictures[seen].rtp_time);
    assert!(
        after - before >= covered.as_micros() as u64 * 9 / 100,
        "filmed {} ms after the last one that was seen, covered after {covered:?}",
        (after - before) / 90
    );
}

#[test]
fn covered_all_that_is_still_sent_is_black_and_the_camera_stays_open() {
    let host = host();
    let (mut call, _microphone, camera) = call(&host);
    for _ in 0..3 {
        call.remote.see(5);
        let covered = camera.clone();
        call.ask(move |_| covered.set_enabled(false));
        call.remote.catch_up();
        let seen = call.remote.pictures.len();
        call.remote.see(5);
        // A decoder that did not see the rest, as that of somebody who comes now.
        let black = pictures::decode(&call.remote.pictures[seen..]);
        assert!(black.len() >= 5);
        assert!(black.iter().all(|picture| picture.is_black()), "{black:?}");
        assert!(host.devices().fake_usage(device(Kind::Video)).is_open());
        let uncovered = camera.clone();
        call.ask(move |_| uncovered.set_enabled(true));
        let back = (0..PATIENCE).any(|_| {
            call.remote.see(5);
            let all = pictures::decode(&call.remote.pictures[seen..]);
            !all.last().unwrap().is_black()
        });
        assert!(back, "black after it was uncovered");
    }
    assert_eq!(host.devices().fake_usage(device(Kind::Video)).opened, 1);
}

#[test]
fn a_camera_that_is_switched_on_again_at_once_is_not_busy() {
    let host = host();
    let (mut call, _microphone, mut camera) = call(&host);
    for _ in 0..3 {
        camera.stop();
        camera = capture(&host, Kind::Video).unwrap();
        call.replace(VIDEO, Some(camera.clone()));
        call.remote.see(2);
    }
    let usage = host.devices().fake_usage(device(Kind::Video));
    assert_eq!((usage.opened, usage.closed), (4, 3));
}

#[test]
fn a_camera_stays_open_until_its_last_clone_is_stopped() {
    let host = host();
    let (mut call, _microphone, camera) = call(&host);
    let clone = camera.duplicate();
    camera.stop();
    call.replace(VIDEO, Some(clone.clone()));
    call.remote.see(5);
    assert!(host.devices().fake_usage(device(Kind::Video)).is_open());
    clone.stop();
    wait_closed(&host, Kind::Video);
}

#[test]
fn a_sender_takes_a_track_that_has_ended_and_sends_nothing_of_it() {
    let host = host();
    let microphone = capture(&host, Kind::Audio).unwrap();
    let camera = capture(&host, Kind::Video).unwrap();
    camera.stop();
    let mut call = Call::new(&host);
    call.send(AUDIO, Kind::Audio, Some(microphone));
    call.send(VIDEO, Kind::Video, Some(camera.duplicate()));
    call.negotiate();
    call.remote.hear(50);
    assert_eq!(call.remote.video_bytes(), 0);
    let another = capture(&host, Kind::Video).unwrap();
    call.replace(VIDEO, Some(another));
    call.remote.see(5);
    call.replace(VIDEO, Some(camera));
    call.remote.hear(IN_FLIGHT);
    let before = call.remote.video_bytes();
    call.remote.hear(50);
    assert_eq!(call.remote.video_bytes(), before);
}

/// Peaks of what packets decode to.
fn peaks(decoder: &mut opus::Decoder, packets: &[AudioPacket]) -> Vec<f32> {
    let mut samples = vec![0.0_f32; 5760];
    let peak = |packet: &AudioPacket| {
        let decoded = decoder.decode_float(&packet.data, &mut samples, false);
        let samples = &samples[..decoded.unwrap()];
        samples.iter().fold(0.0_f32, |peak, s| peak.max(s.abs()))
    };
    packets.iter().map(peak).collect()
}

#[test]
fn muted_all_that_is_still_sent_is_silence_and_the_microphone_stays_open() {
    let host = host();
    let (mut call, microphone, _camera) = call(&host);
    for _ in 0..5 {
        call.remote.sound.clear();
        call.remote.hear(20);
        let muted = microphone.clone();
        call.ask(move |_| muted.set_enabled(false));
        call.remote.catch_up();
        let heard = call.remote.sound.len();
        call.remote.hear(50);
        // A decoder that did not hear the rest, as that of somebody who comes now.
        let mut fresh = opus::Decoder::new(48_000, opus::Channels::Mono).unwrap();
        let quiet = peaks(&mut fresh, &call.remote.sound[heard..]);
        assert!(quiet.iter().all(|peak| *peak < 0.0005), "{quiet:?}");
        assert!(host.devices().fake_usage(device(Kind::Audio)).is_open());
        let unmuted = microphone.clone();
        call.ask(move |_| unmuted.set_enabled(true));
        let back = (0..PATIENCE).any(|_| {
            let heard = call.remote.sound.len();
            call.remote.hear(10);
            let loud = peaks(&mut fresh, &call.remote.sound[heard..]);
            loud[5..].iter().all(|peak| *peak > 0.05)
        });
        assert!(back, "silent after it was unmuted");
    }
    assert_eq!(host.devices().fake_usage(device(Kind::Audio)).opened, 1);
}

#[test]
fn a_device_that_is_pulled_out_ends_its_tracks_and_is_let_go() {
    let host = host();
    let (mut call, microphone, camera) = call(&host);
    let clone = camera.duplicate();
    host.devices().plug_fake(device(Kind::Video), false);
    assert!(!camera.is_live() && !clone.is_live() && microphone.is_live());
    wait_closed(&host, Kind::Video);
    call.remote.hear(IN_FLIGHT);
    let before = call.remote.video_bytes();
    call.remote.hear(50);
    assert_eq!(call.remote.video_bytes(), before);
    host.devices().plug_fake(device(Kind::Video), true);
    call.replace(VIDEO, Some(capture(&host, Kind::Video).unwrap()));
    call.remote.see(5);
}

#[test]
fn a_device_that_nobody_waits_for_any_more_closes_again() {
    let host = host();
    let (given_up, wait) = std::sync::mpsc::channel();
    let opening = host.capture(Kind::Video, move |devices| {
        let camera = devices.open_camera(None, &VideoConstraints::default());
        wait.recv().unwrap();
        camera.map(Source::Camera)
    });
    drop(opening);
    given_up.send(()).unwrap();
    // Busy, if it were still open.
    drop(capture(&host, Kind::Video).unwrap());
    wait_closed(&host, Kind::Video);
}
