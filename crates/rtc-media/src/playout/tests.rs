use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver as Inbox, Sender as Outbox, channel};
use std::time::{Duration, Instant};

use super::*;
use crate::AudioEncoder;

#[test]
fn clipping_is_gentle_and_bounded() {
    assert_eq!(soft_clip(0.5), 0.5);
    assert!(soft_clip(0.9) < 0.9 && soft_clip(0.9) > 0.8);
    assert!(soft_clip(50.0) < 1.0 && soft_clip(-50.0) > -1.0);
}

/// Longest wait for a thread, which none needs.
const PATIENCE: Duration = Duration::from_secs(30);

/// Loudspeakers that open when the test lets them, and play when it fetches.
struct Desk {
    playout: Playout,
    asked: Inbox<(Speaker, Outbox<Output>)>,
    rests: Inbox<(Duration, Outbox<()>)>,
}

/// Every loudspeaker is there, and opens when told to.
struct Hand {
    asks: Mutex<Outbox<(Speaker, Outbox<Output>)>>,
    rests: Mutex<Outbox<(Duration, Outbox<()>)>>,
}

impl Loudspeakers for Hand {
    fn open(&self, speaker: Speaker) -> Output {
        let (answer, answered) = channel();
        self.asks.lock().send((speaker, answer)).unwrap();
        answered.recv().unwrap()
    }

    fn has(&self, _: &str) -> bool {
        true
    }

    fn rest(&self, time: Duration) {
        let (over, wait) = channel();
        self.rests.lock().send((time, over)).unwrap();
        // Until the test lets go of it.
        assert!(wait.recv().is_err());
    }
}

/// A loudspeaker that is being opened.
struct Opening {
    speaker: Speaker,
    answer: Outbox<Output>,
}

/// One that is open, for as long as somebody else holds its flag.
struct Opened {
    speaker: Speaker,
    flag: Arc<AtomicBool>,
}

impl Desk {
    fn new() -> Self {
        let ((asks, asked), (rest, rests)) = (channel(), channel());
        let hand = Hand {
            asks: Mutex::new(asks),
            rests: Mutex::new(rest),
        };
        let playout = Playout::with(Arc::new(hand), FarEnd::default());
        Self {
            playout,
            asked,
            rests,
        }
    }

    /// The next loudspeaker that is asked for.
    fn asked(&self) -> Opening {
        let (speaker, answer) = self.asked.recv_timeout(PATIENCE).unwrap();
        Opening { speaker, answer }
    }

    fn nothing_is_asked(&self) {
        assert!(self.asked.try_recv().is_err());
    }

    fn is_open(&self, device_id: &str) -> bool {
        let state = self.playout.0.state.lock();
        matches!(state.outputs.get(device_id), Some(Slot::Open(_)))
    }
}

impl Opening {
    fn open(self, desk: &Desk) -> Opened {
        let opened = self.open_in_vain();
        until(|| desk.is_open(&opened.speaker.device_id));
        opened
    }

    /// It opens, but nobody wants it any more.
    fn open_in_vain(self) -> Opened {
        let flag = Arc::new(AtomicBool::new(false));
        let output = Output::for_tests(&self.speaker.device_id, flag.clone());
        self.answer.send(output).unwrap();
        Opened {
            speaker: self.speaker,
            flag,
        }
    }
}

impl Opened {
    fn closed(&self) -> bool {
        Arc::strong_count(&self.flag) == 1
    }

    fn fail(&self, desk: &Desk, now: Instant) {
        self.flag.store(true, std::sync::atomic::Ordering::Release);
        desk.playout.0.lost(&self.speaker.device_id, now);
    }

    /// Whether half a second of what is played here has sound in it.
    fn sounds(&self) -> bool {
        let mut mixed = [0.0; MIX_SAMPLES];
        (0..50).any(|_| {
            self.speaker.mix(&mut mixed);
            mixed.iter().any(|value| value.abs() > 0.01)
        })
    }
}

fn until(mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < PATIENCE, "it never happened");
        std::thread::yield_now();
    }
}

/// The last second's tone.
fn feed(source: &PlayoutSource) {
    let start = Instant::now() - Duration::from_secs(1);
    let mut tone = crate::fake::Tone::new(false);
    let mut encoder = AudioEncoder::new(32_000).unwrap();
    for number in 0..100_u32 {
        let captured = start + Duration::from_millis(10) * number;
        let mut block = crate::AudioBlock {
            samples: [0.0; crate::BLOCK_SAMPLES],
            captured,
        };
        tone.fill(&mut block.samples);
        if let Some(packet) = encoder.push(&block, false).unwrap() {
            let time = packet.first_sample as u32;
            source.push_packet(captured, time, &packet.data);
        }
    }
    source.set_volume(1.0);
}

#[test]
fn another_participant_at_the_default_loudspeaker_leaves_the_first_where_it_is() {
    let desk = Desk::new();
    let first = desk.playout.add_source("headset").unwrap();
    let headset = desk.asked().open(&desk);
    assert_eq!(headset.speaker.device_id, "headset");
    feed(&first);
    assert!(headset.sounds());

    // An element begins with the default, and chooses before that has opened.
    let second = desk.playout.add_source("").unwrap();
    let default = desk.asked();
    second.set_output_device("headset");
    let default = default.open_in_vain();
    until(|| default.closed());
    desk.nothing_is_asked();
    assert!(!headset.closed() && !default.sounds());
    feed(&second);
    drop(first);
    assert!(headset.sounds(), "the second is heard there, too");
    drop(second);
    until(|| headset.closed());
}

#[test]
fn the_loudspeaker_chosen_last_is_the_one_that_plays_whichever_opens_last() {
    let desk = Desk::new();
    let source = desk.playout.add_source("a").unwrap();
    let a = desk.asked();
    source.set_output_device("b");
    let b = desk.asked();
    source.set_output_device("c");
    let c = desk.asked().open(&desk);
    let (b, a) = (b.open_in_vain(), a.open_in_vain());
    until(|| a.closed() && b.closed());
    feed(&source);
    assert!(!a.sounds() && !b.sounds() && c.sounds());
    assert!(!c.closed());
    // And back, while the one before is still to be opened.
    source.set_output_device("a");
    let again = desk.asked();
    until(|| c.closed());
    source.set_output_device("c");
    let c = desk.asked().open(&desk);
    let again = again.open_in_vain();
    until(|| again.closed());
    assert!(!c.closed());
}

#[test]
fn two_participants_play_on_a_loudspeaker_each() {
    let desk = Desk::new();
    let (left, _right) = (
        desk.playout.add_source("left").unwrap(),
        desk.playout.add_source("right").unwrap(),
    );
    let opened = [desk.asked().open(&desk), desk.asked().open(&desk)];
    feed(&left);
    for speaker in opened {
        assert_eq!(speaker.sounds(), speaker.speaker.device_id == "left");
    }
}

#[test]
fn a_loudspeaker_that_was_lost_is_opened_again_and_the_others_play_on() {
    let desk = Desk::new();
    let _first = desk.playout.add_source("a").unwrap();
    let a = desk.asked().open(&desk);
    let _second = desk.playout.add_source("b").unwrap();
    let b = desk.asked().open(&desk);
    a.fail(&desk, Instant::now());
    let again = desk.asked();
    assert_eq!(again.speaker.device_id, "a");
    assert!(a.closed() && !b.closed());
    again.open(&desk);
    desk.nothing_is_asked();
}

#[test]
fn sound_goes_back_to_the_chosen_loudspeaker_when_that_comes_back() {
    let desk = Desk::new();
    let _source = desk.playout.add_source("headset").unwrap();
    let headset = desk.asked().open(&desk);
    desk.playout.0.removed("speaker");
    desk.playout.0.retry(|_| true);
    desk.nothing_is_asked();
    // The sound server goes on elsewhere until it is asked again.
    desk.playout.0.removed("headset");
    desk.playout.0.retry(|_| true);
    let again = desk.asked().open(&desk);
    assert!(headset.closed() && !again.closed());
}

#[test]
fn a_loudspeaker_that_fails_each_time_is_opened_ever_more_rarely_and_uses_up_what_comes() {
    let desk = Desk::new();
    let source = desk.playout.add_source("a").unwrap();
    feed(&source);
    let (start, mut passed) = (Instant::now(), Duration::ZERO);
    let mut rests = Vec::new();
    desk.asked().open(&desk).fail(&desk, start);
    for _ in 0..8 {
        // A tenth of a second later it fails again.
        let again = desk.asked().open(&desk);
        passed += Duration::from_millis(100);
        again.fail(&desk, start + passed);
        let (rest, _over) = desk.rests.recv_timeout(PATIENCE).unwrap();
        assert!(again.closed());
        let played = source.statistics().total_samples;
        until(|| source.statistics().total_samples > played);
        rests.push(rest.as_secs());
        passed += rest;
    }
    assert_eq!(rests, [2, 4, 8, 16, 32, 60, 60, 60]);
    // Once it played for a while, it is opened at once again.
    let again = desk.asked().open(&desk);
    passed += Duration::from_secs(200);
    again.fail(&desk, start + passed);
    desk.asked().open(&desk);
    assert!(desk.rests.try_recv().is_err());
    drop(source);
    until(|| !desk.is_open("a"));
    assert!(desk.playout.0.state.lock().troubles.is_empty());
}
