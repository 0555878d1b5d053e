//! What still leaves after a camera was switched off, on links that do not keep up.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

mod common;

use std::time::Duration;

use common::{Network, Pair, both_ways, picture, sending};
use rtc_core::{Direction, Event, Kind, TransceiverId, Written};

const CAMERA: TransceiverId = TransceiverId(2);

const PICTURE: Duration = Duration::from_micros(33_333);

/// A camera that has been sending for a while, at a bit more than the link takes.
struct Filming {
    pair: Pair,
    index: u64,
    rate: u64,
}

impl Filming {
    fn on(network: Network) -> Self {
        let mut pair = Pair::new();
        pair.add(CAMERA, Kind::Video, sending("camera"));
        pair.connect();
        pair.network = network;
        let mut filming = Self {
            pair,
            index: 0,
            rate: network.rate.unwrap_or(1_000_000),
        };
        filming.film(Duration::from_secs(6));
        // In the midst of a picture.
        filming.write();
        filming
    }

    fn write(&mut self) -> Written {
        self.index += 1;
        let wanted = |e: &Event| matches!(e, Event::KeyFrameRequested { .. });
        let key = self.index == 1 || self.pair.a.count(wanted) > 0;
        self.pair.a.events.clear();
        let rate = self.rate as f64 * 1.3;
        let size = (rate / 8.0 * PICTURE.as_secs_f64()) as usize * if key { 3 } else { 1 };
        let video = picture(key, size, self.index, self.pair.now);
        self.pair.a.pc.write_video(CAMERA, None, video).unwrap()
    }

    fn film(&mut self, time: Duration) {
        let end = self.pair.now + time;
        while self.pair.now < end {
            self.write();
            self.pair.run(PICTURE);
        }
    }

    /// Bytes of pictures that leave in the next three seconds, and when the last of them does.
    fn leaves(&mut self) -> (usize, Duration) {
        let off = self.pair.now;
        self.pair.left.clear();
        self.pair.run(Duration::from_secs(3));
        let left = self.pair.left.iter().filter(|rtp| rtp.from_a);
        let (mut bytes, mut last) = (0, Duration::ZERO);
        for rtp in left {
            bytes += rtp.bytes;
            last = last.max(rtp.at - off);
        }
        (bytes, last)
    }
}

/// Slow and lossy links: bits per second, and the share of datagrams lost.
const LINKS: [(u64, f64); 4] = [
    (150_000, 0.0),
    (300_000, 0.05),
    (700_000, 0.0),
    (2_000_000, 0.1),
];

/// Films on each of the links, switches off in a way, and expects that nothing leaves any more.
fn nothing_leaves_after(switch_off: impl Fn(&mut Filming)) {
    for (rate, loss) in LINKS {
        let network = Network {
            rate: Some(rate),
            loss,
            ..Network::default()
        };
        let mut waiting = Filming::on(network).leaves();
        assert!(waiting.0 > 0, "at {rate} bit/s nothing waited");
        let mut filming = Filming::on(network);
        switch_off(&mut filming);
        waiting = filming.leaves();
        assert_eq!(waiting.0, 0, "at {rate} bit/s, until {:?}", waiting.1);
    }
}

#[test]
fn a_camera_that_is_switched_off_is_silent_at_once_on_a_slow_link() {
    nothing_leaves_after(|filming| {
        let off = filming.pair.a.pc.set_sender_track(CAMERA, None);
        off.unwrap();
    });
}

#[test]
fn nothing_of_a_camera_leaves_after_another_one_took_its_place() {
    nothing_leaves_after(|filming| {
        let other = filming
            .pair
            .a
            .pc
            .set_sender_track(CAMERA, Some("other".into()));
        other.unwrap();
    });
}

#[test]
fn nothing_leaves_after_a_sender_was_stopped() {
    nothing_leaves_after(|filming| filming.pair.a.pc.stop(CAMERA).unwrap());
}

#[test]
fn nothing_leaves_after_both_agreed_that_nothing_is_sent() {
    nothing_leaves_after(|filming| {
        let pc = &mut filming.pair.a.pc;
        pc.set_direction(CAMERA, Direction::Inactive).unwrap();
        filming.pair.negotiate();
    });
}

#[test]
fn a_camera_that_is_covered_shows_nothing_of_before_and_goes_on_with_a_key_frame() {
    nothing_leaves_after(|filming| {
        filming.pair.a.pc.take_back(CAMERA);
        filming.pair.a.events.clear();
        let video = picture(false, 100, filming.index + 1, filming.pair.now);
        let delta = filming.pair.a.pc.write_video(CAMERA, None, video);
        assert_eq!(delta.unwrap(), Written::AwaitingKeyFrame);
    });
}

#[test]
fn a_camera_that_is_switched_on_again_is_seen_and_one_that_comes_in_meanwhile_too() {
    let mut pair = Pair::new();
    pair.add(CAMERA, Kind::Video, both_ways("camera"));
    pair.connect();
    let theirs = pair.b.pc.transceivers()[0].id;
    pair.b
        .pc
        .set_direction(theirs, Direction::SendRecv)
        .unwrap();
    pair.b
        .pc
        .set_sender_track(theirs, Some("theirs".into()))
        .unwrap();
    pair.negotiate_from_b();
    pair.run(Duration::from_secs(1));
    for round in 0..3 {
        let off = pair.a.pc.set_sender_track(CAMERA, None);
        off.unwrap();
        let on = pair
            .a
            .pc
            .set_sender_track(CAMERA, Some(format!("camera-{round}")));
        on.unwrap();
        pair.a.events.clear();
        pair.b.events.clear();
        for index in 0..10 {
            let index = round * 100 + index;
            let ours = picture(index % 100 == 0, 3000, index, pair.now);
            let ours = pair.a.pc.write_video(CAMERA, None, ours);
            assert_eq!(ours.unwrap(), Written::Queued);
            let other = picture(index == 0, 3000, index, pair.now);
            let other = pair.b.pc.write_video(theirs, None, other);
            assert_eq!(other.unwrap(), Written::Queued);
            pair.run(PICTURE);
        }
        pair.run(Duration::from_secs(1));
        let seen = |e: &Event| matches!(e, Event::Video(v) if v.contiguous);
        assert_eq!((pair.a.count(seen), pair.b.count(seen)), (10, 10));
    }
}
