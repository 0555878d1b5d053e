//! Sound between its samples.

use std::f64::consts::PI;
use std::sync::OnceLock;

use crate::audio_block::{BLOCK_SAMPLES, CHANNELS};

/// Samples that one between them is made of.
pub(super) const TAPS: usize = 16;
/// Places between two samples that are told apart: at 8 kHz an error of -60 dB.
const PLACES: usize = 512;

/// One row of weights for each place; that of place 0 leaves a sample as it is.
fn weights() -> &'static [[f32; TAPS]] {
    static WEIGHTS: OnceLock<Vec<[f32; TAPS]>> = OnceLock::new();
    WEIGHTS.get_or_init(|| {
        let row = |place: usize| {
            let weight = |tap: usize| {
                let at = tap as f64 - (TAPS / 2 - 1) as f64 - place as f64 / PLACES as f64;
                if at == 0.0 {
                    return 1.0;
                }
                // A sinc under a Hann window.
                let window = 0.5 + 0.5 * (2.0 * PI * at / TAPS as f64).cos();
                ((PI * at).sin() / (PI * at) * window) as f32
            };
            let row: [f32; TAPS] = std::array::from_fn(weight);
            let sum: f32 = row.iter().sum();
            // A constant stays what it is.
            row.map(|weight| weight / sum)
        };
        (0..PLACES).map(row).collect()
    })
}

/// Ten milliseconds of two channels.
pub(crate) type Block = [[f32; BLOCK_SAMPLES]; CHANNELS];

/// Adds a block, whose first sample lies at `from` (0.0 to below 1.0, after the sample of index
/// `TAPS / 2 - 1`) and the next ones `step` apart. Samples that are missing at the end count as
/// the last one.
pub(super) fn add(interleaved: &[f32], from: f64, step: f64, block: &mut Block) {
    let weights = weights();
    let [left, right] = block;
    for (index, (left, right)) in left.iter_mut().zip(right).enumerate() {
        let at = from + step * index as f64;
        let mut whole = at as usize;
        let mut place = ((at - whole as f64) * PLACES as f64).round() as usize;
        if place == PLACES {
            (whole, place) = (whole + 1, 0);
        }
        let last = interleaved.len() / CHANNELS - TAPS;
        let begin = whole.min(last) * CHANNELS;
        let taps = interleaved[begin..begin + TAPS * CHANNELS].chunks_exact(CHANNELS);
        for (weight, pair) in weights[place].iter().zip(taps) {
            *left += weight * pair[0];
            *right += weight * pair[1];
        }
    }
}

/// Samples of each channel that [`add`] looks at, with that step.
pub(super) fn needed(step: f64) -> usize {
    (step * BLOCK_SAMPLES as f64).ceil() as usize + TAPS + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f32::consts::TAU;

    #[test]
    fn a_tone_between_samples_is_that_tone() {
        for (step, hertz) in [(1.0, 440.0), (1.0001, 3000.0), (0.9999, 8000.0)] {
            let tone = |at: f64| (TAU as f64 * hertz / 48_000.0 * at).sin() as f32;
            let samples: Vec<f32> = (0..needed(step))
                .flat_map(|sample| [tone(sample as f64), -tone(sample as f64)])
                .collect();
            for from in [0.0, 0.3, 0.999] {
                let mut block = [[0.0; BLOCK_SAMPLES]; CHANNELS];
                add(&samples, from, step, &mut block);
                for (index, value) in block[0].iter().enumerate() {
                    let at = (TAPS / 2 - 1) as f64 + from + step * index as f64;
                    assert!((value - tone(at)).abs() < 0.01, "{hertz} Hz at {at}");
                    assert!((value + block[1][index]).abs() < 1e-6);
                }
            }
        }
    }

    #[test]
    fn what_lies_on_a_sample_is_left_as_it_is() {
        let samples: Vec<f32> = (0..needed(1.0) * 2)
            .map(|value| value as f32 / 2048.0)
            .collect();
        let mut block = [[0.0; BLOCK_SAMPLES]; CHANNELS];
        add(&samples, 0.0, 1.0, &mut block);
        for (index, value) in block[0].iter().enumerate() {
            assert_eq!(*value, samples[(TAPS / 2 - 1 + index) * 2]);
        }
    }
}
