//! A room with a loudspeaker, a microphone and somebody who speaks, without a clock: the same each time.
#![allow(dead_code, reason = "tests and the benchmark use their parts of this")]

use std::f32::consts::TAU;
use std::time::{Duration, Instant};

use super::spectrum::{convolved, intelligibility};
use rtc_media::{AudioBlock, BLOCK_SAMPLES, FarEnd, MIX_SAMPLES, NearEnd, SAMPLE_RATE};

/// Samples of a second.
pub(crate) const SECOND: usize = SAMPLE_RATE as usize;

/// Chance with a seed (xorshift).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// 0.0 to 1.0.
    pub(crate) fn roll(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1_u64 << 24) as f32
    }

    fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.roll()
    }

    /// Around 0, with a variance of 1.
    fn normal(&mut self) -> f32 {
        (0..12).map(|_| self.roll()).sum::<f32>() - 6.0
    }
}

/// Steady noise of this level.
pub(crate) fn noise(dice: &mut Dice, samples: usize, level: f32) -> Vec<f32> {
    (0..samples).map(|_| dice.normal() * level).collect()
}

/// A resonance of the vocal tract.
#[derive(Default)]
struct Formant {
    before: [f32; 2],
}

impl Formant {
    fn pass(&mut self, value: f32, hertz: f32, width: f32) -> f32 {
        let radius = (-std::f32::consts::PI * width / SECOND as f32).exp();
        let turn = 2.0 * radius * (TAU * hertz / SECOND as f32).cos();
        let out = (1.0 - radius) * value + turn * self.before[0] - radius * radius * self.before[1];
        self.before = [out, self.before[0]];
        out
    }
}

/// Vowels, by their first three formants.
const VOWELS: [[f32; 3]; 6] = [
    [730.0, 1090.0, 2440.0],
    [530.0, 1840.0, 2480.0],
    [270.0, 2290.0, 3010.0],
    [570.0, 840.0, 2410.0],
    [300.0, 870.0, 2240.0],
    [500.0, 1500.0, 2500.0],
];

/// Somebody who speaks: syllables of voiced and unvoiced sounds, words, pauses. `level` is that of what
/// is spoken, pauses not counted.
pub(crate) fn speech(dice: &mut Dice, samples: usize, pitch: f32, level: f32) -> Vec<f32> {
    let mut out = Vec::with_capacity(samples);
    let mut formants: [Formant; 3] = Default::default();
    let (mut phase, mut hiss) = (0.0_f32, 0.0_f32);
    let mut from = VOWELS[0];
    let mut syllables = 0;
    while out.len() < samples {
        syllables += 1;
        let to = VOWELS[(dice.roll() * 5.99) as usize];
        let length = (dice.between(0.12, 0.28) * SECOND as f32) as usize;
        let fricative = (dice.between(0.0, 0.35) * length as f32) as usize;
        let tune = pitch * dice.between(0.85, 1.25);
        let loud = dice.between(0.5, 1.0);
        for at in 0..length {
            let part = at as f32 / length as f32;
            let envelope = loud * (std::f32::consts::PI * part).sin().max(0.0).sqrt();
            let white = dice.normal();
            let source = if at < fricative {
                // High-passed.
                let high = white - hiss;
                hiss = white;
                out.push(0.05 * envelope * high);
                continue;
            } else {
                phase += tune * (1.0 + 0.1 * part) / SECOND as f32;
                let closed = phase >= 1.0;
                phase -= f32::from(closed);
                if closed { 60.0 } else { 0.02 * white }
            };
            let voiced = formants
                .iter_mut()
                .enumerate()
                .fold(0.0, |sum, (number, formant)| {
                    let hertz = from[number] + (to[number] - from[number]) * part.min(0.5) * 2.0;
                    let width = 70.0 + 40.0 * number as f32;
                    sum + formant.pass(source, hertz, width) / (1.0 + number as f32)
                });
            out.push(envelope * voiced);
        }
        from = to;
        let pause = match syllables % 12 {
            0 => dice.between(0.4, 0.9),
            3 | 6 | 9 => 0.1,
            _ => 0.015,
        };
        out.extend(std::iter::repeat_n(0.0, (pause * SECOND as f32) as usize));
    }
    out.truncate(samples);
    let spoken = out.iter().filter(|value| **value != 0.0).count().max(1);
    let power = out.iter().map(|value| value * value).sum::<f32>() / spoken as f32;
    let gain = level / power.sqrt();
    out.iter()
        .map(|value| (value * gain).clamp(-1.0, 1.0))
        .collect()
}

/// How a room answers: what comes straight, and an echo that fades by 60 dB in `fades` seconds.
pub(crate) fn room(dice: &mut Dice, fades: f32, loudness: f32) -> Vec<f32> {
    let samples = (fades * 0.6 * SECOND as f32) as usize;
    let mut response: Vec<f32> = (0..samples)
        .map(|at| {
            let seconds = at as f32 / SECOND as f32;
            dice.normal() * 10_f32.powf(-3.0 * seconds / fades)
        })
        .collect();
    response[0] = 6.0;
    // A loudspeaker gives little of the highest.
    let mut low = 0.0;
    for value in &mut response {
        low += 0.5 * (*value - low);
        *value = low;
    }
    let energy = response.iter().map(|value| value * value).sum::<f32>();
    response
        .iter()
        .map(|value| value * loudness / energy.sqrt())
        .collect()
}

/// What happens in a room.
pub(crate) struct Scene {
    /// Given to the loudspeaker, in its own samples.
    pub(crate) far: Vec<f32>,
    /// What reaches the microphone of somebody in the room.
    pub(crate) near: Vec<f32>,
    /// And of its noise.
    pub(crate) noise: Vec<f32>,
    /// The room.
    pub(crate) response: Vec<f32>,
    /// From when the loudspeaker fetches a sample until the microphone gives it, in milliseconds.
    pub(crate) delay: u32,
    /// Millionths by which the loudspeaker's clock is faster than the microphone's.
    pub(crate) drift: f64,
    /// Louder than this the loudspeaker cannot be: it distorts.
    pub(crate) clips_at: f32,
    /// Longest time by which threads wake late, in milliseconds.
    pub(crate) jitter: f32,
}

impl Default for Scene {
    fn default() -> Self {
        Self {
            far: Vec::new(),
            near: Vec::new(),
            noise: Vec::new(),
            response: vec![1.0],
            delay: 60,
            drift: 0.0,
            clips_at: 1.0,
            jitter: 4.0,
        }
    }
}

/// What the devices ask of a program, in its order.
pub(crate) enum Step {
    /// The loudspeaker fetches this block at that time (seconds).
    Play(usize, f64),
    /// The microphone gives this block, which it captured at that time, at that time.
    Capture(usize, f64, f64),
}

impl Scene {
    /// What the microphone hears of the loudspeaker.
    pub(crate) fn echo(&self) -> Vec<f32> {
        let clipped = |value: &f32| value.clamp(-self.clips_at, self.clips_at);
        let given: Vec<f32> = self.far.iter().map(clipped).collect();
        let mut played = convolved(&given, &self.response);
        played.resize(self.far.len() + SECOND, 0.0);
        let delay = f64::from(self.delay) * f64::from(SAMPLE_RATE) / 1000.0;
        let speed = 1.0 + self.drift / 1e6;
        (0..self.far.len())
            .map(|sample| between(&played, (sample as f64 - delay) * speed))
            .collect()
    }

    /// What the microphone gives.
    pub(crate) fn heard(&self) -> Vec<f32> {
        let at = |signal: &[f32], sample: usize| signal.get(sample).copied().unwrap_or_default();
        let echo = self.echo();
        let sum = |(sample, echo): (usize, &f32)| {
            (echo + at(&self.near, sample) + at(&self.noise, sample)).clamp(-1.0, 1.0)
        };
        echo.iter().enumerate().map(sum).collect()
    }

    /// Everything that happens, by the times of a program's clock.
    pub(crate) fn steps(&self) -> Vec<Step> {
        let mut dice = Dice::new(77);
        let mut late = || f64::from(dice.roll() * self.jitter / 1000.0);
        let blocks = self.far.len() / BLOCK_SAMPLES;
        let mut steps: Vec<(f64, Step)> = Vec::new();
        for block in 0..blocks {
            let played = block as f64 * 0.01 / (1.0 + self.drift / 1e6);
            let played = played + late();
            steps.push((played, Step::Play(block, played)));
            let begins = block as f64 * 0.01;
            let given = begins + 0.01 + late();
            // Its time is guessed by when it came.
            steps.push((given, Step::Capture(block, given - 0.01, given)));
        }
        steps.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        steps.into_iter().map(|(_, step)| step).collect()
    }

    /// What comes out of the microphone in the end, of what it `heard`.
    pub(crate) fn run(&self, heard: &[f32], far_end: &FarEnd, near_end: &mut NearEnd) -> Vec<f32> {
        let start = Instant::now() + Duration::from_secs(1);
        let time = |seconds: f64| start + Duration::from_secs_f64(seconds);
        let mut out = Vec::with_capacity(heard.len());
        for step in self.steps() {
            match step {
                Step::Play(block, at) => {
                    let mut mixed = [0.0; MIX_SAMPLES];
                    let played = &self.far[block * BLOCK_SAMPLES..(block + 1) * BLOCK_SAMPLES];
                    for (pair, value) in mixed.chunks_exact_mut(2).zip(played) {
                        pair.fill(*value);
                    }
                    far_end.played("", time(at), &mixed);
                }
                Step::Capture(block, captured, at) => {
                    let mut samples = [0.0; BLOCK_SAMPLES];
                    let range = block * BLOCK_SAMPLES..(block + 1) * BLOCK_SAMPLES;
                    samples.copy_from_slice(&heard[range]);
                    let captured = time(captured);
                    let mut block = AudioBlock { samples, captured };
                    near_end.process(time(at), &mut block);
                    out.extend(block.samples);
                }
            }
        }
        out
    }
}

/// A sample that lies between others (a sinc of 32 under a Hann window).
fn between(signal: &[f32], at: f64) -> f32 {
    if at < 0.0 {
        return 0.0;
    }
    let whole = at.floor();
    let part = (at - whole) as f32;
    if part == 0.0 {
        return signal.get(whole as usize).copied().unwrap_or_default();
    }
    let pi = std::f32::consts::PI;
    (-15..=16)
        .map(|tap: i64| {
            let value = usize::try_from(whole as i64 + tap)
                .ok()
                .and_then(|at| signal.get(at));
            let off = tap as f32 - part;
            let sinc = (pi * off).sin() / (pi * off);
            value.copied().unwrap_or_default() * sinc * (0.5 + 0.5 * (pi * off / 16.5).cos())
        })
        .sum()
}

/// Decibels of the mean square, from this second to that one.
pub(crate) fn level(signal: &[f32], from: f32, to: f32) -> f32 {
    let at = |seconds: f32| ((seconds * SECOND as f32) as usize).min(signal.len());
    let part = &signal[at(from)..at(to)];
    let power = part.iter().map(|value| value * value).sum::<f32>() / part.len().max(1) as f32;
    10.0 * power.max(1e-12).log10()
}

/// By how many samples `out` is later than `clean`, up to 30 ms.
pub(crate) fn lateness(clean: &[f32], out: &[f32]) -> usize {
    let alike = |late: usize| {
        let pairs = clean.iter().zip(&out[late..]);
        pairs.map(|(one, other)| one * other).sum::<f32>().abs()
    };
    let all = 0..SECOND * 3 / 100;
    all.max_by(|one, other| alike(*one).total_cmp(&alike(*other)))
        .unwrap_or_default()
}

/// How much of a clean voice is understood in `out`, from this second to that one; 1.0: all.
pub(crate) fn understood(clean: &[f32], out: &[f32], from: f32, to: f32) -> f32 {
    let at = |seconds: f32| (seconds * SECOND as f32) as usize;
    let (from, to) = (at(from), at(to).min(clean.len() - SECOND / 10));
    let middle = (from + to) / 2;
    let probe = middle..(middle + SECOND).min(to);
    let late = lateness(&clean[probe.clone()], &out[probe.start..]);
    intelligibility(&clean[from..to], &out[from + late..to + late])
}
