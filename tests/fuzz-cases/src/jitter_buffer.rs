//! What arrivals may do to the sound of a participant: in any order, with any numbers and times, at
//! any moment between two fetches of the loudspeaker.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use rtc_media::{
    AudioBlock, AudioDecoder, AudioEncoder, BLOCK_SAMPLES, MIX_SAMPLES, PlayoutStatistics,
    Receiver, SAMPLE_RATE,
};

use crate::records::{Record, records};

/// Samples of a packet, unless it says otherwise.
const PACKET: usize = 960;
/// The most that may wait, milliseconds, with what is decoded already: more would only be heard later.
const MOST_HELD: u32 = 6_270;
/// One, and what may come of rounding.
const ROUNDED: f32 = 1.0001;
/// Bounds of what a jitter buffer aims to hold, milliseconds.
const TARGET: std::ops::RangeInclusive<u32> = 20..=2_000;

/// Lets packets arrive and a loudspeaker fetch as the records say. Whatever happened, a participant
/// who goes on as usual is heard again.
pub fn jitter_buffer(data: &[u8]) {
    let mut track = Track::new();
    for record in records(data) {
        track.apply(record);
        track.check();
    }
    track.runs_out();
    track.goes_on();
}

#[derive(Clone)]
struct Packet {
    time: u32,
    payload: Vec<u8>,
}

struct Track {
    receiver: Receiver,
    volume: f32,
    /// It passes as the loudspeaker fetches.
    now: Instant,
    /// When the sound of the next packet is.
    time: u32,
    /// By how much time goes on with each packet; none: by its sound.
    step: Option<u32>,
    /// The last ones.
    sent: Vec<Packet>,
    before: PlayoutStatistics,
    /// Something that can be decoded has come.
    begun: bool,
}

impl Track {
    fn new() -> Self {
        let now = Instant::now();
        let receiver = Receiver::new(now).unwrap();
        receiver.set_volume(1.0);
        Self {
            before: receiver.statistics(),
            receiver,
            volume: 1.0,
            now,
            // Soon to wrap around.
            time: u32::MAX - 4 * PACKET as u32,
            step: None,
            sent: Vec::new(),
            begun: false,
        }
    }

    fn apply(&mut self, record: Record<'_>) {
        let number = record.number(0);
        match record.what & 0x0f {
            // The next packet.
            0..=2 => self.send(record.bytes.to_vec()),
            // Many, without sound in them: so long is what each stands for.
            3 => {
                for _ in 0..number % 256 {
                    self.send(record.rest(2).to_vec());
                }
            }
            // Some are lost.
            4 => {
                self.time = self
                    .time
                    .wrapping_add(u32::from(number % 256) * PACKET as u32);
            }
            // One of before again, or late.
            5 => {
                let index = usize::from(record.what >> 4) % self.sent.len().max(1);
                if let Some(packet) = self.sent.get(index).cloned() {
                    self.arrives(&packet);
                }
            }
            // Those of before again, in the other order.
            6 => {
                for packet in self.sent.clone().iter().rev() {
                    self.arrives(packet);
                }
            }
            // Any.
            7 => self.arrives(&Packet {
                time: u32::from(record.number(2)) << 16 | u32::from(record.number(4)),
                payload: record.rest(6).to_vec(),
            }),
            // The sender's clock jumps.
            8 => {
                let jump = u32::from(number) << 16 | u32::from(record.number(2));
                self.time = self.time.wrapping_add(jump);
            }
            // Nothing is fetched for a while.
            9 => self.now += Duration::from_millis(number.into()),
            // Its clock runs differently from its sound.
            10 => self.step = (number > 0).then_some(u32::from(number)),
            11 => self.receiver.set_minimum_delay(u32::from(number)),
            12 => {
                let bits = u32::from(number) << 16 | u32::from(record.number(2));
                let volume = f32::from_bits(bits);
                self.receiver.set_volume(volume);
                self.volume = if volume.is_finite() {
                    volume.clamp(0.0, 1.0)
                } else {
                    0.0
                };
            }
            // The loudspeaker fetches.
            _ => {
                for _ in 0..=number % 256 {
                    self.fetch();
                }
            }
        }
    }

    fn send(&mut self, payload: Vec<u8>) {
        let own = AudioDecoder::samples_in(&payload).unwrap_or(PACKET) as u32;
        let packet = Packet {
            time: self.time,
            payload,
        };
        self.time = self.time.wrapping_add(self.step.unwrap_or(own));
        self.arrives(&packet);
        if self.sent.len() == 16 {
            self.sent.remove(0);
        }
        self.sent.push(packet);
    }

    fn arrives(&mut self, packet: &Packet) {
        self.receiver
            .push_packet(self.now, packet.time, &packet.payload);
        self.begun |= AudioDecoder::samples_in(&packet.payload).is_some();
    }

    /// Fetches 10 ms, both channels.
    fn fetch(&mut self) -> [f32; MIX_SAMPLES] {
        let mut mixed = [0.0; MIX_SAMPLES];
        let before = self.receiver.statistics().total_samples;
        self.receiver.add_to(self.now, &mut mixed);
        self.now += Duration::from_millis(10);
        let given = self.receiver.statistics().total_samples - before;
        // Whether there was sound or not: it must not be behind what the loudspeaker fetches.
        let expected = if self.begun { BLOCK_SAMPLES as u64 } else { 0 };
        assert_eq!(given, expected);
        for value in mixed {
            // Blending two pieces rounds.
            let most = self.volume * ROUNDED;
            assert!((-most..=most).contains(&value), "{value} of {most}");
        }
        mixed
    }

    /// What holds at any moment.
    fn check(&mut self) {
        let now = self.receiver.statistics();
        assert!(now.buffered_ms <= MOST_HELD, "{now:?}");
        assert!(TARGET.contains(&now.target_ms), "{now:?}");
        assert!((0.0..=ROUNDED).contains(&now.level), "{now:?}");
        let energy = now.total_duration * f64::from(ROUNDED * ROUNDED);
        assert!((0.0..=energy).contains(&now.total_energy), "{now:?}");
        let seconds = now.total_samples as f64 / f64::from(SAMPLE_RATE);
        assert!((now.total_duration - seconds).abs() < 0.001, "{now:?}");
        assert!(now.concealed_samples <= now.total_samples, "{now:?}");
        assert_eq!(now.jitter_buffer_emitted, now.total_samples, "{now:?}");
        // Delays of blocks are at most what was held.
        let longest = f64::from(MOST_HELD) / 1000.0 * now.jitter_buffer_emitted as f64;
        assert!(now.jitter_buffer_delay <= longest, "{now:?}");
        let before = &self.before;
        assert!(
            now.concealed_samples >= before.concealed_samples
                && now.concealment_events >= before.concealment_events
                && now.inserted_samples >= before.inserted_samples
                && now.removed_samples >= before.removed_samples
                && now.packets_discarded >= before.packets_discarded
                && now.jitter_buffer_delay >= before.jitter_buffer_delay,
            "{now:?} after {before:?}"
        );
        self.before = now;
    }

    /// Nothing comes any more: what is held is played, within the longest delay, what may be more than
    /// that, and all that may wait.
    fn runs_out(&mut self) {
        for _ in 0..(2_000 + 1_000 + MOST_HELD) / 10 {
            self.fetch();
        }
        let now = self.receiver.statistics();
        assert!(now.buffered_ms <= 120, "{now:?}");
        self.check();
    }

    /// The participant goes on as usual. What was kept comes first, and as much as is aimed for
    /// may have to wait before sound begins.
    fn goes_on(&mut self) {
        self.receiver.set_volume(1.0);
        self.volume = 1.0;
        self.receiver.set_minimum_delay(0);
        self.step = None;
        for payload in tone().iter().cycle().take(250) {
            self.send(payload.clone());
            for _ in 0..PACKET / BLOCK_SAMPLES {
                if is_tone(&self.fetch()) {
                    return self.check();
                }
            }
        }
        panic!("silent for 5 s: {:?}", self.receiver.statistics());
    }
}

/// 440 Hz, in radians a sample.
const STEP: f32 = std::f32::consts::TAU * 440.0 / SAMPLE_RATE as f32;

/// Half a second of a loud tone.
fn tone() -> &'static [Vec<u8>] {
    static TONE: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    TONE.get_or_init(|| {
        let (start, mut encoder) = (Instant::now(), AudioEncoder::new(32_000).unwrap());
        (0..50)
            .filter_map(|number: usize| {
                let mut block = AudioBlock {
                    samples: [0.0; BLOCK_SAMPLES],
                    captured: start + Duration::from_millis(10) * number as u32,
                };
                for (index, value) in block.samples.iter_mut().enumerate() {
                    *value = 0.3 * (STEP * (number * BLOCK_SAMPLES + index) as f32).sin();
                }
                Some(encoder.push(&block, false).unwrap()?.data)
            })
            .collect()
    })
}

/// Whether most of what is heard is the tone.
fn is_tone(mixed: &[f32; MIX_SAMPLES]) -> bool {
    let (mut re, mut im, mut all) = (0.0, 0.0, 0.0);
    for (index, value) in mixed.iter().step_by(2).enumerate() {
        let (sin, cos) = (STEP * index as f32).sin_cos();
        (re, im, all) = (re + value * cos, im + value * sin, all + value * value);
    }
    let count = BLOCK_SAMPLES as f32;
    all / count > 0.01 && 2.0 * (re * re + im * im) / count > 0.8 * all
}
