//! Devices of a real sound server that come and go, and what the program notices of it.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

mod server;

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rtc_media::{
    AudioBlock, AudioEncoder, DeviceKind, DeviceOptions, FakeDevices, FakeSound, MediaDevices,
    Microphone, Playout, SAMPLE_RATE, SoundSwitches, Subscription,
};
use server::{LIMIT, SoundServer, with_sound_server};

const MICROPHONE: &[&str] = &[
    "module-sine-source",
    "source_name=first",
    "source_properties=device.description=First",
    "frequency=440",
];
const ANOTHER: &[&str] = &[
    "module-sine-source",
    "source_name=second",
    "source_properties=device.description=Second",
];

struct Devices {
    devices: MediaDevices,
    changes: Receiver<()>,
    _subscription: Subscription,
}

impl Devices {
    fn new() -> Self {
        let devices = MediaDevices::new(DeviceOptions::default());
        let (send, changes) = channel();
        let _subscription = devices.on_change(move || {
            let _ = send.send(());
        });
        Self {
            devices,
            changes,
            _subscription,
        }
    }

    /// The id of a device, once it is there.
    fn wait_for(&self, kind: DeviceKind, label: &str) -> String {
        loop {
            let mut all = self.devices.enumerate().into_iter();
            if let Some(found) = all.find(|info| info.kind == kind && info.label == label) {
                return found.device_id;
            }
            self.changes.recv_timeout(LIMIT).expect(label);
        }
    }

    fn open_microphone(&self, label: &str) -> Microphone {
        let id = self.wait_for(DeviceKind::AudioInput, label);
        let none = SoundSwitches::NONE;
        self.devices.open_microphone(Some(&id), none).unwrap()
    }
}

fn hear(microphone: &Microphone) -> (Receiver<AudioBlock>, Subscription) {
    let (send, blocks) = channel();
    let subscription = microphone.on_block(move |block| drop(send.send(block.clone())));
    (blocks, subscription)
}

fn ending(microphone: &Microphone) -> (Receiver<()>, Subscription) {
    let (send, ended) = channel();
    let subscription = microphone.on_ended(move || {
        let _ = send.send(());
    });
    (ended, subscription)
}

#[test]
fn a_microphone_that_is_pulled_out_ends_and_works_again_when_it_is_back() {
    let test = "a_microphone_that_is_pulled_out_ends_and_works_again_when_it_is_back";
    with_sound_server(test, |server| {
        let devices = Devices::new();
        let plug = server.plug(MICROPHONE);
        // The server would let a program go on with this one without a word.
        server.plug(ANOTHER);
        let microphone = devices.open_microphone("First");
        let ((blocks, _heard), (ended, _ending)) = (hear(&microphone), ending(&microphone));
        blocks.recv_timeout(LIMIT).unwrap();
        server.pull(&plug);
        ended.recv_timeout(LIMIT).expect("it did not end");
        // Who asks too late is told at once.
        ending(&microphone).0.try_recv().unwrap();
        while blocks.try_recv().is_ok() {}
        let other = devices.open_microphone("Second");
        let (others, _heard_too) = hear(&other);
        for _ in 0..50 {
            others.recv_timeout(LIMIT).unwrap();
        }
        assert!(
            blocks.try_recv().is_err(),
            "another one is heard in its place"
        );
        drop(microphone);
        server.plug(MICROPHONE);
        let again = devices.open_microphone("First");
        hear(&again).0.recv_timeout(LIMIT).unwrap();
        assert!(ending(&again).0.try_recv().is_err());
    });
}

#[test]
fn a_microphone_that_gives_two_seconds_at_once_is_heard_whole_and_evenly() {
    let test = "a_microphone_that_gives_two_seconds_at_once_is_heard_whole_and_evenly";
    with_sound_server(test, |server| {
        let devices = Devices::new();
        server.plug(MICROPHONE);
        let microphone = devices.open_microphone("First");
        let (heard, _subscription) = hear(&microphone);
        let mut encoder = AudioEncoder::new(32_000).unwrap();
        let (mut blocks, mut packets) = (Vec::new(), 0);
        // Three of the pieces that the server gives.
        while blocks.len() < 850 {
            let block = heard.recv_timeout(LIMIT).unwrap();
            packets += usize::from(encoder.push(&block, false).unwrap().is_some());
            blocks.push(block);
        }
        assert_eq!(packets, 425);
        // At first the server gives what it had kept, which is too much and is left out.
        let blocks = &blocks[250..];
        let took = blocks[599].captured - blocks[0].captured;
        assert!(took.abs_diff(Duration::from_millis(5990)) < Duration::from_millis(200));
        // In a tone each sample follows from the two before it, unless some are missing.
        let twice = 2.0 * (std::f32::consts::TAU * 440.0 / SAMPLE_RATE as f32).cos();
        let samples: Vec<_> = blocks.iter().flat_map(|block| block.samples).collect();
        let follows = |three: &[f32]| (three[2] - twice * three[1] + three[0]).abs() < 0.02;
        let breaks = samples.windows(3).filter(|three| !follows(three)).count();
        assert_eq!(breaks, 0);
    });
}

#[test]
fn a_microphone_works_again_after_the_sound_server_was_away() {
    let test = "a_microphone_works_again_after_the_sound_server_was_away";
    with_sound_server(test, |server| {
        let devices = Devices::new();
        server.plug(MICROPHONE);
        let microphone = devices.open_microphone("First");
        let (ended, _ending) = ending(&microphone);
        server.stop();
        ended.recv_timeout(LIMIT).expect("it did not end");
        drop(microphone);
        server.start();
        server.plug(MICROPHONE);
        let again = devices.open_microphone("First");
        hear(&again).0.recv_timeout(LIMIT).unwrap();
    });
}

/// The loudspeaker that something plays on.
fn playing_on(server: &SoundServer) -> Option<String> {
    let inputs = server.pactl(&["list", "short", "sink-inputs"]);
    let sink = inputs.lines().next()?.split('\t').nth(1)?.to_owned();
    let sinks = server.pactl(&["list", "short", "sinks"]);
    let mut sinks = sinks.lines().map(|line| line.split('\t'));
    sinks.find_map(|mut line| (line.next()? == sink).then(|| line.next().map(str::to_owned))?)
}

#[test]
fn sound_goes_on_elsewhere_without_the_chosen_loudspeaker_and_back_to_it() {
    let test = "sound_goes_on_elsewhere_without_the_chosen_loudspeaker_and_back_to_it";
    with_sound_server(test, |server| {
        let sink = |name: &str| {
            let named = format!("sink_name={name}");
            let labelled = format!("sink_properties=device.description={name}");
            server.plug(&["module-null-sink", &named, &labelled])
        };
        let devices = Devices::new();
        sink("built-in");
        let plug = sink("headset");
        let chosen = devices.wait_for(DeviceKind::AudioOutput, "headset");
        let playout = Playout::new(devices.devices.clone());
        let _source = playout.add_source(&chosen).unwrap();
        let plays_on = |name: &str| {
            server.until(name, |server| (playing_on(server)? == name).then_some(()));
        };
        plays_on("headset");
        server.pull(&plug);
        plays_on("built-in");
        sink("headset");
        plays_on("headset");
    });
}

/// Root mean square of the next second, in dBFS.
fn loudness(blocks: &Receiver<AudioBlock>) -> f32 {
    let second = (0..100).map(|_| blocks.recv_timeout(LIMIT).unwrap().level().powi(2));
    10.0 * (second.sum::<f32>() / 100.0).max(1e-12).log10()
}

#[test]
fn what_the_loudspeaker_plays_is_not_heard_through_the_microphone_but_others_are() {
    let test = "what_the_loudspeaker_plays_is_not_heard_through_the_microphone_but_others_are";
    with_sound_server(test, |server| {
        // A room in which the microphone hears the loudspeaker and nothing else.
        server.plug(&["module-null-sink", "sink_name=room", "rate=48000"]);
        server.plug(&[
            "module-remap-source",
            "source_name=ear",
            "master=room.monitor",
            "source_properties=device.description=Ear",
        ]);
        let devices = Devices::new();
        let id = devices.wait_for(DeviceKind::AudioInput, "Ear");
        let open = |echo_cancellation| {
            let switches = SoundSwitches {
                echo_cancellation,
                ..SoundSwitches::NONE
            };
            let opened = devices.devices.open_microphone(Some(&id), switches);
            opened.unwrap()
        };
        let (with, without) = (open(false), open(true));
        // Somebody far away speaks.
        let playout = Playout::new(devices.devices.clone());
        let source = playout.add_source("").unwrap();
        source.set_volume(1.0);
        let far = MediaDevices::new(DeviceOptions {
            fake: FakeDevices::Only,
            fake_sound: FakeSound::Speech,
        });
        let far = far.open_microphone(None, SoundSwitches::NONE).unwrap();
        let encoder = Mutex::new(AudioEncoder::new(32_000).unwrap());
        let _far = far.on_block(move |block| {
            if let Some(packet) = encoder.lock().unwrap().push(block, false).unwrap() {
                source.push_packet(Instant::now(), packet.first_sample as u32, &packet.data);
            }
        });
        let ((with, _echo), (without, _none)) = (hear(&with), hear(&without));
        // On a busy machine both devices have gaps: it takes as long as it takes.
        let deadline = Instant::now() + LIMIT;
        loop {
            let (echo, left) = (loudness(&with), loudness(&without));
            if echo > -40.0 && echo - left > 20.0 {
                break;
            }
            assert!(Instant::now() < deadline, "{echo} to {left} dB");
        }
        // Somebody in the room is heard while the echo stays out.
        server.plug(&["module-sine", "sink=room", "frequency=1000"]);
        let deadline = Instant::now() + LIMIT;
        while loudness(&without) < -20.0 {
            assert!(Instant::now() < deadline, "nobody is heard");
        }
    });
}
