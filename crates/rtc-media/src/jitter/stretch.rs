//! Sound made shorter or longer by a period of what it sounds like, so that its pitch stays.
//!
//! WSOLA in its simplest form: two places that look alike are blended into each other, and what is
//! between them is left out or comes twice.

use super::SAMPLES_PER_MS;
use crate::audio_block::CHANNELS;

/// Shortest and longest period, in frames: 2.5 to 15 ms.
const SHORTEST: usize = 5 * SAMPLES_PER_MS as usize / 2;
const LONGEST: usize = 15 * SAMPLES_PER_MS as usize;
/// Frames that are compared.
const COMPARED: usize = 10 * SAMPLES_PER_MS as usize;
/// Frames that have to be there for [`shorten`], and for [`lengthen`] before and after.
pub(super) const TO_SHORTEN: usize = 2 * LONGEST;
pub(super) const TO_LENGTHEN: usize = LONGEST;
/// Only every so many frames are looked at first.
const COARSE: usize = 4;
/// Below this mean square nobody hears where it was cut: -50 dB.
const QUIET: f32 = 1e-5;

/// Leaves out a period at the front of interleaved sound and says of how many frames; none if the
/// places do not look alike at least by `least_likeness` (1.0: the same).
pub(super) fn shorten(samples: &mut Vec<f32>, least_likeness: f32) -> usize {
    if samples.len() < TO_SHORTEN * CHANNELS {
        return 0;
    }
    let mono = mono(&samples[..TO_SHORTEN * CHANNELS]);
    let later = |lag: usize| &mono[lag..lag + COMPARED];
    let Some(period) = period(&mono[..COMPARED], later, least_likeness) else {
        return 0;
    };
    for frame in 0..period {
        for channel in 0..CHANNELS {
            let early = samples[frame * CHANNELS + channel];
            let late = &mut samples[(frame + period) * CHANNELS + channel];
            *late = blend(early, *late, frame, period);
        }
    }
    samples.drain(..period * CHANNELS);
    period
}

/// Plays the last period of `played` once more before `samples`, in the same way.
pub(super) fn lengthen(played: &[f32], samples: &mut Vec<f32>, least_likeness: f32) -> usize {
    let needed = TO_LENGTHEN * CHANNELS;
    if played.len() < needed || samples.len() < needed {
        return 0;
    }
    let played = &played[played.len() - needed..];
    let both: Vec<f32> = mono(played)
        .into_iter()
        .chain(mono(&samples[..needed]))
        .collect();
    let earlier = |lag: usize| &both[TO_LENGTHEN - lag..][..COMPARED];
    let now = &both[TO_LENGTHEN..][..COMPARED];
    let Some(period) = period(now, earlier, least_likeness) else {
        return 0;
    };
    let again = &played[played.len() - period * CHANNELS..];
    let once_more: Vec<f32> = again
        .iter()
        .zip(samples.iter())
        .enumerate()
        .map(|(index, (early, late))| blend(*late, *early, index / CHANNELS, period))
        .collect();
    samples.splice(..0, once_more);
    period
}

fn mono(samples: &[f32]) -> Vec<f32> {
    let frames = samples.chunks_exact(CHANNELS);
    frames
        .map(|frame| frame.iter().sum::<f32>() / CHANNELS as f32)
        .collect()
}

/// On the way from one value to another, in the middle of a frame of so many.
pub(super) fn blend(from: f32, to: f32, frame: usize, frames: usize) -> f32 {
    let share = (frame as f32 + 0.5) / frames as f32;
    from + (to - from) * share
}

/// How far away the place is that looks most like `here`; `there` is what is so many frames away.
fn period<'a>(
    here: &[f32],
    there: impl Fn(usize) -> &'a [f32],
    least_likeness: f32,
) -> Option<usize> {
    if energy(here) + energy(there(LONGEST)) < QUIET {
        return Some(LONGEST);
    }
    let alike = |lag: usize, step: usize| likeness(here, there(lag), step);
    let coarse = (SHORTEST..=LONGEST)
        .step_by(COARSE)
        .max_by(|a, b| alike(*a, COARSE).total_cmp(&alike(*b, COARSE)))?;
    let near = coarse.saturating_sub(COARSE).max(SHORTEST)..=(coarse + COARSE).min(LONGEST);
    let (best, likeness) = near
        .map(|lag| (lag, alike(lag, 1)))
        .max_by(|a, b| a.1.total_cmp(&b.1))?;
    (likeness >= least_likeness).then_some(best)
}

/// Mean square.
fn energy(samples: &[f32]) -> f32 {
    samples.iter().map(|value| value * value).sum::<f32>() / samples.len().max(1) as f32
}

/// Normalised correlation, of every `step`th frame.
fn likeness(here: &[f32], there: &[f32], step: usize) -> f32 {
    let (mut both, mut one, mut other) = (0.0_f32, 0.0, 0.0);
    for (a, b) in here.iter().zip(there).step_by(step) {
        both += a * b;
        one += a * a;
        other += b * b;
    }
    let product: f32 = one * other;
    if product > 0.0 {
        both / product.sqrt()
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tone(frames: usize, frequency: f32) -> Vec<f32> {
        let step = std::f32::consts::TAU * frequency / 48_000.0;
        (0..frames)
            .flat_map(|frame| [0.3 * (step * frame as f32).sin(); CHANNELS])
            .collect()
    }

    /// Largest step between neighbours of the left channel.
    fn steepest(samples: &[f32]) -> f32 {
        let left: Vec<f32> = samples.iter().step_by(CHANNELS).copied().collect();
        left.windows(2)
            .map(|two| (two[1] - two[0]).abs())
            .fold(0.0, f32::max)
    }

    #[test]
    fn a_tone_that_is_shortened_stays_a_tone() {
        for frequency in [80.0, 220.0, 440.0, 997.0] {
            let whole = tone(2_000, frequency);
            let mut shorter = whole.clone();
            let frames = shorten(&mut shorter, 0.9);
            assert!((SHORTEST..=LONGEST).contains(&frames), "{frequency} Hz");
            assert_eq!(whole.len() - shorter.len(), frames * CHANNELS);
            let (before, after) = (steepest(&whole), steepest(&shorter));
            assert!(after < 1.1 * before, "{frequency} Hz: {after} of {before}");
        }
    }

    #[test]
    fn a_tone_that_is_lengthened_stays_a_tone() {
        for frequency in [80.0, 220.0, 440.0, 997.0] {
            let whole = tone(2_000, frequency);
            let (played, rest) = whole.split_at(1_001 * CHANNELS);
            let mut longer = rest.to_vec();
            let frames = lengthen(played, &mut longer, 0.9);
            assert!((SHORTEST..=LONGEST).contains(&frames), "{frequency} Hz");
            assert_eq!(longer.len() - rest.len(), frames * CHANNELS);
            let heard = [played, &longer].concat();
            let (before, after) = (steepest(&whole), steepest(&heard));
            assert!(after < 1.1 * before, "{frequency} Hz: {after} of {before}");
        }
    }

    fn noise(loud: f32) -> Vec<f32> {
        let mut state = 1_u32;
        (0..TO_SHORTEN * CHANNELS)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state as f32 / u32::MAX as f32 - 0.5) * loud
            })
            .collect()
    }

    #[test]
    fn where_nothing_is_alike_nothing_is_changed_and_what_is_quiet_may_be_cut_anywhere() {
        let loud = noise(0.5);
        let half = loud.split_at(TO_LENGTHEN * CHANNELS);
        assert_eq!(shorten(&mut loud.clone(), 0.9), 0);
        assert_eq!(lengthen(half.0, &mut half.1.to_vec(), 0.9), 0);
        let quiet = noise(0.001);
        let half = quiet.split_at(TO_LENGTHEN * CHANNELS);
        assert_eq!(shorten(&mut quiet.clone(), 0.9), LONGEST);
        assert_eq!(lengthen(half.0, &mut half.1.to_vec(), 0.9), LONGEST);
    }

    #[test]
    fn too_little_is_left_alone() {
        let mut short = tone(TO_SHORTEN - 1, 440.0);
        assert_eq!(shorten(&mut short, 0.0), 0);
        assert_eq!(lengthen(&[], &mut short, 0.0), 0);
        assert_eq!(short.len(), (TO_SHORTEN - 1) * CHANNELS);
    }

    proptest! {
        #[test]
        fn nothing_gets_louder(
            played in proptest::collection::vec(-1.0_f32..=1.0, TO_LENGTHEN * CHANNELS),
            samples in proptest::collection::vec(-1.0_f32..=1.0, TO_SHORTEN * CHANNELS),
        ) {
            let mut shorter = samples.clone();
            shorten(&mut shorter, -1.0);
            let mut longer = samples;
            lengthen(&played, &mut longer, -1.0);
            prop_assert!(shorter.iter().chain(&longer).all(|value| value.abs() <= 1.0));
        }
    }
}
