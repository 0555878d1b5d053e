//! Devices that need no hardware: a moving picture with a time stamp, a tone.

mod device;

use std::f32::consts::TAU;
use std::time::{Instant, SystemTime};

use crate::VideoFrame;
use crate::audio_block::{BLOCK_SAMPLES, SAMPLE_RATE};
use crate::timestamp_strip;

pub(crate) use self::device::FakeDevice;
pub use self::device::FakeUsage;

/// Draws the fake camera's pictures.
#[derive(Debug)]
pub(crate) struct Pattern {
    width: usize,
    height: usize,
    background: Vec<u8>,
}

impl Pattern {
    pub(crate) fn new(width: u32, height: u32) -> Self {
        let (width, height) = (width as usize, height as usize);
        let mut background = Vec::with_capacity(width * height * 3 / 2);
        for y in 0..height {
            // Soft diagonal bands: enough detail to see sharpness, cheap to encode.
            background.extend((0..width).map(|x| {
                let band = ((x * 16 / width + y * 9 / height) % 2) as u8;
                (70 + 70 * y / height) as u8 + band * 24
            }));
        }
        for plane in [0_usize, 1] {
            for y in 0..height / 2 {
                background.extend((0..width / 2).map(|x| {
                    let along = if plane == 0 {
                        x * 2 * 80 / width
                    } else {
                        y * 2 * 80 / height
                    };
                    // The strip stays grey.
                    if y < height / 24 {
                        128
                    } else {
                        (148 - along) as u8
                    }
                }));
            }
        }
        Self {
            width,
            height,
            background,
        }
    }

    /// The picture with this number: a bright square wanders over the background.
    pub(crate) fn draw(&self, number: u64) -> Option<VideoFrame> {
        let (width, height) = (self.width, self.height);
        let captured = Instant::now();
        let mut data = self.background.clone();
        let side = (height / 6) & !1;
        let travel = |range: usize, speed: u64| {
            let range = range.max(1) as u64;
            let at = number * speed % (2 * range);
            (if at < range { at } else { 2 * range - at }) as usize
        };
        let top = height / 8 + travel(height - height / 8 - side, 4);
        let left = travel(width - side, 7);
        for row in data[..width * height]
            .chunks_exact_mut(width)
            .skip(top)
            .take(side)
        {
            row[left..left + side].fill(210);
        }
        let unix = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        timestamp_strip::write(&mut data, width, height, unix.as_millis() as u64);
        VideoFrame::new(width as u32, height as u32, data, captured)
    }
}

/// What the fake microphone gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FakeSound {
    /// 440 Hz at -20 dBFS peak.
    #[default]
    Tone,
    /// Something with the rhythm of speech.
    Speech,
}

/// Makes the fake microphone's sound.
#[derive(Debug)]
pub(crate) struct Tone {
    /// Also loudness in syllable-like bursts.
    speech: bool,
    phase: f32,
    sample: u64,
}

impl Tone {
    /// Hertz.
    const FREQUENCY: f32 = 440.0;
    /// Peak: -20 dBFS.
    const AMPLITUDE: f32 = 0.1;

    pub(crate) fn new(speech: bool) -> Self {
        Self {
            speech,
            phase: 0.0,
            sample: 0,
        }
    }

    pub(crate) fn fill(&mut self, block: &mut [f32; BLOCK_SAMPLES]) {
        for value in block {
            let second = self.sample as f32 / SAMPLE_RATE as f32;
            let (frequency, loudness) = if self.speech {
                // Four syllables a second, a pause every fourth second, a melody over both.
                let syllable = (second * 4.0 * TAU).sin().max(0.0);
                let pause = f32::from(second % 4.0 < 3.0);
                (180.0 + 60.0 * (second * 0.7 * TAU).sin(), syllable * pause)
            } else {
                (Self::FREQUENCY, 1.0)
            };
            *value = Self::AMPLITUDE * loudness * self.phase.sin();
            self.phase = (self.phase + TAU * frequency / SAMPLE_RATE as f32) % TAU;
            // Wraps after an hour, on a whole number of seconds, where the melody starts anew.
            self.sample = (self.sample + 1) % (3600 * u64::from(SAMPLE_RATE));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_differ_and_carry_the_time() {
        let pattern = Pattern::new(1280, 720);
        let before = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap();
        let frames: Vec<_> = (0..300)
            .map(|number| pattern.draw(number).unwrap())
            .collect();
        for pair in frames.windows(2) {
            assert_ne!(pair[0].data()[1280 * 60..], pair[1].data()[1280 * 60..]);
        }
        let read = timestamp_strip::read(frames[0].data(), 1280, 720).unwrap();
        let expected = before.as_millis() as u64 & ((1 << 40) - 1);
        assert!(
            read >= expected && read < expected + 1000,
            "{read} {expected}"
        );
    }

    #[test]
    fn the_tone_is_440_hertz_at_minus_20_dbfs() {
        let mut tone = Tone::new(false);
        let (mut crossings, mut peak, mut last) = (0, 0_f32, 0.0);
        let mut block = [0.0; BLOCK_SAMPLES];
        for _ in 0..100 {
            tone.fill(&mut block);
            for value in block {
                crossings += u32::from(last < 0.0 && value >= 0.0);
                peak = peak.max(value.abs());
                last = value;
            }
        }
        assert!(crossings.abs_diff(440) <= 1, "{crossings}");
        assert!((peak - 0.1).abs() < 0.001, "{peak}");
    }
}
