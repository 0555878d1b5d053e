//! What was played, in the rhythm of one microphone.

use std::collections::HashMap;
use std::time::Instant;

use super::earliest::Earliest;
use super::interpolation::{self, Block, TAPS, needed};
use super::{FarEnd, Listening, Played};
use crate::audio_block::{AudioBlock, BLOCK_SAMPLES, CHANNELS};
use crate::capture_clock::{GAP, length};

/// What was played is taken so much earlier than its time, in samples: 10 ms. It is there then, also if
/// the loudspeaker was late in fetching it, and no echo is faster: a loudspeaker has more in stock.
const BEFOREHAND: f64 = 480.0;
/// A deviation of more than this, in samples (5 ms), is not due to clocks: here something began anew.
const JUMP: f64 = 240.0;
/// So many blocks from the beginning (2 s) it is not yet known well when a device began; then a deviation of more
/// than this (0.5 ms) is made up for at once: nobody has got used to another delay.
const YOUNG: u32 = 200;
const YOUNG_JUMP: f64 = 24.0;
/// Less than this, in samples (a third of a millisecond), is not made up for: devices with one clock, which most
/// are, are only told of by chance as if they had two, and an echo that does not move is cancelled best.
const NOTHING: f64 = 16.0;
/// How fast a loudspeaker's clock is followed, in 1/s: slow enough for what is late by chance not to
/// count, fast enough for 100 ppm to deviate by a millisecond and a half at most.
const PACE: f64 = 0.1;
/// Seconds in a block.
const BLOCK: f64 = 0.01;
/// No two clocks differ by more.
const MOST: f64 = 0.001;
/// Blocks that are waited for at most; then they count as silence.
const WAITED: u64 = 20;

/// Gives for each 10 ms that a microphone captured the 10 ms that were played, of all loudspeakers
/// together, at a delay that stays the same: differences of the clocks are made up for.
pub(crate) struct Reference {
    far_end: Listening,
    /// Blocks captured and given since the beginning.
    captured: u64,
    given: u64,
    origin: Earliest,
    next: Option<Instant>,
    readers: HashMap<String, Reader>,
}

/// Where in what a loudspeaker was given the next block begins.
struct Reader {
    began: Instant,
    at: f64,
    /// Samples of the loudspeaker for one of the microphone, beyond one.
    drift: f64,
    /// Blocks read so far.
    age: u32,
}

enum Part {
    /// Interleaved, with the place of the first sample and the step.
    Sound(Vec<f32>, f64, f64),
    /// It may come yet.
    NotYet,
    Silence,
}

impl Reference {
    pub(crate) fn new(far_end: &FarEnd) -> Self {
        Self {
            far_end: Listening::new(far_end),
            captured: 0,
            given: 0,
            origin: Earliest::default(),
            next: None,
            readers: HashMap::new(),
        }
    }

    /// A block was captured. Gives the blocks that were played until then, as far as they are known:
    /// usually one, several after the loudspeaker was late.
    pub(crate) fn follow(
        &mut self,
        now: Instant,
        block: &AudioBlock,
        mut give: impl FnMut(&Block),
    ) {
        let paused = self
            .next
            .is_some_and(|next| block.captured.saturating_duration_since(next) > GAP);
        if paused {
            (self.captured, self.given) = (0, 0);
            self.origin = Earliest::default();
            self.readers.clear();
        }
        self.next = Some(block.captured + length(BLOCK_SAMPLES));
        let at = self.far_end.0.samples_at(block.captured);
        self.origin
            .see(at, at - (self.captured * BLOCK_SAMPLES as u64) as f64);
        self.captured += 1;
        while self.given < self.captured {
            let mut heard = [[0.0; BLOCK_SAMPLES]; CHANNELS];
            let late = self.captured - self.given > WAITED;
            if !self.read(now, late, &mut heard) {
                return;
            }
            self.given += 1;
            give(&heard);
        }
    }

    /// The next block of all loudspeakers; false if it is not there yet.
    fn read(&mut self, now: Instant, late: bool, block: &mut Block) -> bool {
        let origin = self.origin.get().unwrap_or_default();
        let at = origin + (self.given * BLOCK_SAMPLES as u64) as f64 - BEFOREHAND;
        let loudspeakers = self.far_end.0.0.loudspeakers.lock();
        self.readers.retain(|id, reader| {
            let played = loudspeakers.get(id);
            played.is_some_and(|played| played.began == reader.began)
        });
        let mut parts = Vec::new();
        for (id, played) in loudspeakers.iter() {
            let reader = self.readers.get(id);
            match part(reader, played, at, now) {
                Part::NotYet if !late => return false,
                Part::Sound(samples, from, step) => parts.push((samples, from, step)),
                Part::NotYet | Part::Silence => {}
            }
        }
        // All are there: now each goes on.
        for (id, played) in loudspeakers.iter() {
            let target = target(played, at);
            match self.readers.get_mut(id) {
                Some(reader) => reader.go_on(target),
                None => {
                    let reader = Reader {
                        began: played.began,
                        at: target + BLOCK_SAMPLES as f64,
                        drift: 0.0,
                        age: 0,
                    };
                    self.readers.insert(id.clone(), reader);
                }
            }
        }
        // Others need the lock.
        drop(loudspeakers);
        for (samples, from, step) in parts {
            interpolation::add(&samples, from, step, block);
        }
        true
    }

    /// How much faster than the microphone the first loudspeaker's clock is.
    #[cfg(test)]
    fn drift(&self) -> f64 {
        self.readers
            .values()
            .next()
            .map_or(0.0, |reader| reader.drift)
    }
}

/// The number of the sample that a loudspeaker was given at that time.
fn target(played: &Played, at: f64) -> f64 {
    at - played.origin.get().unwrap_or_default()
}

fn part(reader: Option<&Reader>, played: &Played, at: f64, now: Instant) -> Part {
    let target = target(played, at);
    let (from, step) = match reader {
        Some(reader) => (reader.place(target), reader.step(target)),
        None => (target, 1.0),
    };
    // Before it began.
    let first = from - (TAPS / 2 - 1) as f64;
    if first < played.first as f64 {
        return Part::Silence;
    }
    let whole = from.floor();
    match played.copy(whole as u64 + 1 - (TAPS / 2) as u64, needed(step)) {
        Some(samples) => Part::Sound(samples, from - whole, step),
        None if played.is_silent(now) => Part::Silence,
        None => Part::NotYet,
    }
}

impl Reader {
    fn jumps(&self, target: f64) -> bool {
        let most = if self.age < YOUNG { YOUNG_JUMP } else { JUMP };
        (target - self.at).abs() > most
    }

    fn place(&self, target: f64) -> f64 {
        if self.jumps(target) { target } else { self.at }
    }

    /// By how much the place is wrong that counts.
    fn error(&self, target: f64) -> f64 {
        let off = target - self.at;
        off - off.clamp(-NOTHING, NOTHING)
    }

    /// From one sample to the next.
    fn step(&self, target: f64) -> f64 {
        if self.jumps(target) {
            return 1.0 + self.drift;
        }
        // A phase-locked loop of second order, critically damped.
        let hurry = 2.0 * PACE * BLOCK * self.error(target) / BLOCK_SAMPLES as f64;
        1.0 + (self.drift + hurry).clamp(-MOST, MOST)
    }

    fn go_on(&mut self, target: f64) {
        let (at, step) = (self.place(target), self.step(target));
        if !self.jumps(target) {
            let turn = (PACE * BLOCK).powi(2) * self.error(target) / BLOCK_SAMPLES as f64;
            self.drift = (self.drift + turn).clamp(-MOST, MOST);
        }
        self.at = at + step * BLOCK_SAMPLES as f64;
        self.age = self.age.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio_block::{MIX_SAMPLES, SAMPLE_RATE};
    use std::f64::consts::TAU;
    use std::time::Duration;

    /// Plays a slow wave for so many seconds on a loudspeaker whose clock is off by so many ppm, and
    /// tells for each block that the microphone captured by how much its first sample is off, in
    /// samples. Devices are late by up to so many milliseconds.
    fn deviations(seconds: u32, ppm: f64, late: u32) -> (Vec<(u32, f64)>, f64) {
        let far_end = FarEnd::default();
        let mut reference = Reference::new(&far_end);
        let start = Instant::now() + Duration::from_secs(1);
        let at = |seconds: f64| start + Duration::from_secs_f64(seconds);
        // The place of a sample shows in its value.
        let wave = |sample: f64| (TAU * sample / (4.0 * f64::from(SAMPLE_RATE))).sin();
        let (mut played, mut off, mut dice) = (0, Vec::new(), 1_u32);
        let mut chance = || {
            dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(dice >> 16) / 65_536.0 * f64::from(late) / 1000.0
        };
        let speed = 1.0 + ppm / 1e6;
        let mut block = 0;
        for number in 0..seconds * 100 {
            let begins = f64::from(number) * BLOCK;
            while f64::from(played) * BLOCK / speed <= begins + BLOCK {
                let first = played * BLOCK_SAMPLES as u32;
                let mixed: [f32; MIX_SAMPLES] =
                    std::array::from_fn(|index| wave(f64::from(first) + (index / 2) as f64) as f32);
                far_end.played("", at(f64::from(played) * BLOCK / speed + chance()), &mixed);
                played += 1;
            }
            let captured = AudioBlock {
                samples: [0.0; BLOCK_SAMPLES],
                captured: at(begins + chance()),
            };
            reference.follow(at(begins + BLOCK), &captured, |given| {
                let truth = (f64::from(block) * 480.0 - BEFOREHAND) * speed;
                // Where the wave is steep its value tells the place.
                let slope = (TAU * truth / (4.0 * f64::from(SAMPLE_RATE))).cos();
                if slope > 0.7 {
                    let error = f64::from(given[0][0]) - wave(truth);
                    let error = error / slope * 4.0 * f64::from(SAMPLE_RATE) / TAU;
                    off.push((block, error));
                }
                block += 1;
            });
        }
        assert_eq!(block, seconds * 100, "none is left out or comes twice");
        off.retain(|(block, _)| *block > 2 * YOUNG);
        (off, reference.drift())
    }

    fn bounds(off: &[(u32, f64)]) -> (f64, f64) {
        let all = off.iter().map(|(_, off)| *off);
        let least = all.clone().fold(f64::MAX, f64::min);
        (least, all.fold(f64::MIN, f64::max))
    }

    #[test]
    fn what_was_played_is_found_at_its_time() {
        let (off, drift) = deviations(20, 0.0, 0);
        assert!(off.iter().all(|(_, off)| off.abs() < 2.0));
        assert!(drift.abs() < 1e-6, "{drift}");
    }

    #[test]
    fn a_clock_that_is_off_is_followed_without_jumps() {
        for ppm in [100.0, -100.0] {
            let (off, drift) = deviations(120, ppm, 0);
            // A millisecond and a half at the beginning, and little once the clock is known.
            assert!(off.iter().all(|(_, off)| off.abs() < 72.0));
            let (least, most) = bounds(&off[off.len() / 2..]);
            assert!(most - least < 2.5 * NOTHING, "{least} to {most}");
            assert!((drift * 1e6 - ppm).abs() < 20.0, "{drift}");
            let follow = off.windows(2).filter(|pair| pair[1].0 == pair[0].0 + 1);
            assert!(follow.clone().count() > 2000);
            for pair in follow {
                assert!((pair[1].1 - pair[0].1).abs() < 0.5, "{pair:?}");
            }
        }
    }

    #[test]
    fn lateness_by_chance_moves_nothing() {
        let (off, drift) = deviations(60, 0.0, 8);
        let (least, most) = bounds(&off);
        assert!(most - least < 24.0, "{least} to {most}");
        assert!(drift.abs() < 1e-5, "{drift}");
    }

    #[test]
    fn a_loudspeaker_that_stops_is_silent_and_nobody_waits_for_it() {
        let far_end = FarEnd::default();
        let mut reference = Reference::new(&far_end);
        let start = Instant::now();
        let mut heard = Vec::new();
        for number in 0..200_u32 {
            let now = start + Duration::from_millis(10) * number;
            if number < 100 {
                far_end.played("", now, &[0.3; MIX_SAMPLES]);
            }
            let captured = AudioBlock {
                samples: [0.0; BLOCK_SAMPLES],
                captured: now,
            };
            reference.follow(now + Duration::from_millis(10), &captured, |given| {
                heard.push(given[1][240]);
            });
        }
        assert!(heard[10..95].iter().all(|value| (value - 0.3).abs() < 0.01));
        assert!(heard[110..].iter().all(|value| *value == 0.0));
        assert_eq!(heard.len(), 200);
    }
}
