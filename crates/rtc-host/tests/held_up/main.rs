//! Encoders and cameras that do not answer, and cameras that go: what becomes of a call meanwhile.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

mod cameras;
#[path = "../common/mod.rs"]
mod common;
mod encoder;
mod gate;

use std::sync::Arc;
use std::sync::Once;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use common::{AUDIO, Call, VIDEO, wait_closed};
use gate::LIMIT;
use parking_lot::{Mutex, MutexGuard};
use rtc_host::core::{KeyFrameRequest, Kind};
use rtc_host::media::{
    DeviceKind, DeviceOptions, FakeDevices, LayerConfig, MediaDevices, Range, SimulcastEncoder,
    SoundSwitches, VideoConstraints, VideoFrame,
};
use rtc_host::{Connection, Host, LocalTrack, Source};

/// The doubles are the whole process's: one test at a time.
fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    static INSTALLED: Once = Once::new();
    let turn = TURN.lock();
    INSTALLED.call_once(|| {
        encoder::install();
        cameras::install();
    });
    turn
}

/// The test's cameras among the real ones, and the fake microphone.
fn host() -> Host {
    Host::new(DeviceOptions {
        fake: FakeDevices::Also,
        ..DeviceOptions::default()
    })
    .unwrap()
}

fn id_of(devices: &MediaDevices, kind: DeviceKind, label: &str) -> Option<String> {
    let mut all = devices.enumerate().into_iter();
    let found = all.find(|info| info.kind == kind && info.label == label)?;
    Some(found.device_id)
}

fn microphone(host: &Host) -> Arc<LocalTrack> {
    let opening = host.capture(Kind::Audio, |devices| {
        let id = id_of(devices, DeviceKind::AudioInput, "Fake microphone");
        devices
            .open_microphone(id.as_deref(), SoundSwitches::NONE)
            .map(Source::Microphone)
    });
    opening.blocking_recv().unwrap().unwrap()
}

fn camera(host: &Host, label: &'static str) -> Arc<LocalTrack> {
    let opening = host.capture(Kind::Video, move |devices| {
        let id = id_of(devices, DeviceKind::VideoInput, label).unwrap();
        let any = VideoConstraints::default();
        devices.open_camera(Some(&id), &any).map(Source::Camera)
    });
    opening.blocking_recv().unwrap().unwrap()
}

/// Runs something on the connection's loop, which has to answer.
fn ask<T: Send + 'static>(
    call: &Call,
    run: impl FnOnce(&mut Connection) -> T + Send + 'static,
) -> T {
    let (send, answer) = channel();
    call.connection.post(move |connection| {
        let _ = send.send(run(connection));
    });
    answer
        .recv_timeout(LIMIT)
        .expect("the loop does not answer")
}

/// What `getStats` gathers.
fn statistics(connection: &mut Connection) -> (usize, u32) {
    let entries = connection.get_stats(Instant::now()).entries.len();
    let sender = connection.sender_statistics(VIDEO);
    let width = sender.track.unwrap().with_source(|source| match source {
        Source::Camera(camera) => camera.settings().width,
        Source::Microphone(_) | Source::Screen(_) => 0,
    });
    (entries, width.unwrap())
}

fn with_bitrate(connection: &mut Connection, bitrate: u64) {
    let mut parameters = connection.peer().sender_parameters(VIDEO).unwrap();
    parameters.encodings[0].max_bitrate = Some(bitrate);
    let preference = parameters.degradation_preference;
    connection
        .set_sender_parameters(VIDEO, parameters.encodings, preference)
        .unwrap();
}

#[test]
fn the_call_goes_on_while_an_encoder_and_a_camera_do_not_answer() {
    let _alone = alone();
    cameras::plug("Slow");
    let host = host();
    let (microphone, camera) = (microphone(&host), camera(&host, "Slow"));
    let mut call = Call::new(&host);
    call.send(AUDIO, Kind::Audio, Some(microphone));
    call.send(VIDEO, Kind::Video, Some(camera.clone()));
    let encoding = encoder::ENCODING.close();
    call.negotiate();
    call.remote.hear(5);
    encoding.wait();
    let opening = cameras::OPENING.close();
    let wanted = VideoConstraints {
        width: Range {
            exact: Some(320.0),
            ..Range::default()
        },
        ..VideoConstraints::default()
    };
    let reopened = camera.reconfigure(wanted, SoundSwitches::NONE);
    opening.wait();
    // From here on one holds its lock, the other does not answer.
    for bitrate in [90_000, 80_000, 70_000] {
        ask(&call, move |connection| with_bitrate(connection, bitrate));
        let asked = call
            .remote
            .pc
            .request_key_frame(VIDEO, KeyFrameRequest::Pli);
        drop(asked);
        let (entries, width) = ask(&call, statistics);
        assert!(entries > 0);
        assert_eq!(width, 640, "what it delivered last");
        call.remote.hear(25);
    }
    drop(opening);
    reopened.blocking_recv().unwrap().unwrap();
    assert_eq!(ask(&call, statistics).1, 320);
    drop(encoding);
    call.remote.see(2);
    assert_eq!(encoder::BITRATE.load(Ordering::SeqCst), 70_000);
    // A track may be taken away from an encoder that holds on to a picture, and come back.
    let encoding = encoder::ENCODING.close();
    encoding.wait();
    for track in [None, Some(camera.clone())] {
        let taken = ask(&call, move |connection| {
            let name = track.is_some().then(|| "again".into());
            connection.set_sender_track(VIDEO, track, name)
        });
        taken.unwrap();
        call.remote.hear(25);
    }
    drop(encoding);
    call.remote.see(2);
    cameras::pull("Slow");
}

/// Sends a note when a track ends.
fn ending(track: &LocalTrack) -> (Receiver<()>, rtc_host::media::Subscription) {
    let (send, ended) = channel();
    let subscription = track.on_ended(move || {
        let _ = send.send(());
    });
    (ended, subscription)
}

#[test]
fn a_camera_that_is_pulled_out_is_sent_no_more_and_again_when_it_is_back() {
    let _alone = alone();
    cameras::plug("First");
    cameras::plug("Second");
    let host = host();
    let (first, second) = (camera(&host, "First"), camera(&host, "Second"));
    let mut call = Call::new(&host);
    call.send(AUDIO, Kind::Audio, Some(microphone(&host)));
    call.send(VIDEO, Kind::Video, Some(first.clone()));
    call.negotiate();
    call.remote.see(5);
    let (ended, _subscription) = ending(&first);
    cameras::pull("First");
    ended.recv_timeout(LIMIT).expect("it did not end");
    assert!(second.is_live());
    call.remote.hear(10);
    let before = call.remote.pictures.len();
    call.remote.hear(50);
    assert_eq!(call.remote.pictures.len(), before);
    cameras::plug("First");
    call.replace(VIDEO, Some(camera(&host, "First")));
    call.remote.see(5);
    cameras::pull("First");
    cameras::pull("Second");
}

#[test]
fn whoever_has_devices_is_told_of_changes_whoever_else_has_them_or_had() {
    let _alone = alone();
    let (send, told) = channel();
    let watching = |name: &'static str| {
        let devices = MediaDevices::new(DeviceOptions::default());
        devices.enumerate();
        let send = send.clone();
        let subscription = devices.on_change(move || {
            let _ = send.send(name);
        });
        (devices, subscription)
    };
    // Cameras say so on the thread that plugs them in; whatever the real ones do meanwhile is no less true.
    let told_of = |change: fn(&str), who: &[&str]| {
        let before = told.try_iter().count();
        change("New");
        let now: Vec<_> = told.try_iter().collect();
        assert!(
            who.iter().all(|name| now.contains(name)),
            "{before} {now:?}"
        );
    };
    let first = watching("first");
    let second = watching("second");
    told_of(cameras::plug, &["first", "second"]);
    drop(first);
    told_of(cameras::pull, &["second"]);
    let third = watching("third");
    drop(second);
    told_of(cameras::plug, &["third"]);
    drop(third);
    let fourth = watching("fourth");
    told_of(cameras::pull, &["fourth"]);
    drop(fourth);
}

#[test]
fn a_camera_closes_at_once_while_another_one_does_not_answer() {
    let _alone = alone();
    cameras::plug("Slow");
    let host = host();
    let filming = camera(&host, "Fake camera");
    let gate = cameras::OPENING.close();
    let opening = host.capture(Kind::Video, |devices| {
        let id = id_of(devices, DeviceKind::VideoInput, "Slow").unwrap();
        let any = VideoConstraints::default();
        devices.open_camera(Some(&id), &any).map(Source::Camera)
    });
    gate.wait();
    filming.stop();
    wait_closed(&host, Kind::Video);
    drop(gate);
    opening.blocking_recv().unwrap().unwrap();
    cameras::pull("Slow");
}

#[test]
fn an_encoder_that_does_not_start_is_tried_now_and_then_and_works_once_it_can() {
    let _alone = alone();
    let (send, encoded) = channel();
    let send = Mutex::new(send);
    let encoder = SimulcastEncoder::new(move |frame| {
        let _ = send.lock().send(frame.captured);
    })
    .unwrap();
    encoder.configure(vec![LayerConfig {
        rid: String::new(),
        active: true,
        scale_resolution_down_by: 1.0,
        bitrate: 300_000,
        max_frame_rate: 30.0,
        keep_resolution: false,
    }]);
    let start = Instant::now();
    let push = |milliseconds: u64| {
        let captured = start + Duration::from_millis(milliseconds);
        encoder.push(&Arc::new(VideoFrame::black(640, 360, captured).unwrap()));
    };
    let made = || encoder::MADE.load(Ordering::SeqCst);
    *encoder::BROKEN.lock() = true;
    let before = made();
    // Each attempt that is due is made, whatever becomes of the pictures in between.
    for (attempt, due) in [(1, 0), (2, 1_010), (3, 3_020), (4, 7_030)] {
        push(due);
        while made() < before + attempt {
            std::thread::yield_now();
        }
        (1..30).for_each(|picture| push(due + 33 * picture));
    }
    assert_eq!(made(), before + 4);
    *encoder::BROKEN.lock() = false;
    push(15_040);
    let first = encoded.recv_timeout(LIMIT).unwrap();
    assert_eq!(first, start + Duration::from_millis(15_040));
    assert_eq!(made(), before + 5);
}
