//! Fourier's transform, and what is made of it here: a room's answer, and how much of a voice is left.

use std::f32::consts::PI;

/// A complex number.
type Complex = (f32, f32);

fn times(one: Complex, other: Complex) -> Complex {
    (
        one.0 * other.0 - one.1 * other.1,
        one.0 * other.1 + one.1 * other.0,
    )
}

/// In place, of a power of two; forwards with `sign` -1, backwards (not scaled) with 1.
fn transform(values: &mut [Complex], sign: f32) {
    let size = values.len();
    let bits = size.trailing_zeros();
    for index in 0..size {
        let other = index.reverse_bits() >> (usize::BITS - bits);
        if index < other {
            values.swap(index, other);
        }
    }
    let mut half = 1;
    while half < size {
        let turns: Vec<Complex> = (0..half)
            .map(|index| (sign * PI * index as f32 / half as f32).sin_cos())
            .map(|(sine, cosine)| (cosine, sine))
            .collect();
        for part in values.chunks_exact_mut(half * 2) {
            let (low, high) = part.split_at_mut(half);
            for ((one, other), turn) in low.iter_mut().zip(high).zip(&turns) {
                let turned = times(*other, *turn);
                (*one, *other) = (
                    (one.0 + turned.0, one.1 + turned.1),
                    (one.0 - turned.0, one.1 - turned.1),
                );
            }
        }
        half *= 2;
    }
}

/// A signal as it is heard in a room that answers like this.
pub(crate) fn convolved(signal: &[f32], response: &[f32]) -> Vec<f32> {
    let size = (response.len() * 4).next_power_of_two();
    let step = size - response.len() + 1;
    let spectrum = |part: &[f32]| {
        let mut values: Vec<Complex> = part.iter().map(|value| (*value, 0.0)).collect();
        values.resize(size, (0.0, 0.0));
        transform(&mut values, -1.0);
        values
    };
    let answer = spectrum(response);
    let mut out = vec![0.0; signal.len() + size];
    for (number, part) in signal.chunks(step).enumerate() {
        let mut values = spectrum(part);
        for (value, weight) in values.iter_mut().zip(&answer) {
            *value = times(*value, *weight);
        }
        transform(&mut values, 1.0);
        for (sum, value) in out[number * step..].iter_mut().zip(&values) {
            *sum += value.0 / size as f32;
        }
    }
    out.truncate(signal.len());
    out
}

/// Samples of a frame; frames overlap by half.
const FRAME: usize = 1024;
/// Third octaves, from 150 Hz on.
const BANDS: usize = 15;
/// Frames of a segment: a third of a second.
const SEGMENT: usize = 30;

/// How loud each band is in each frame.
fn bands(signal: &[f32]) -> Vec<[f32; BANDS]> {
    let window = |index: usize| 0.5 - 0.5 * (2.0 * PI * index as f32 / FRAME as f32).cos();
    let edge = |band: f32| 150.0 * 2_f32.powf((band - 0.5) / 3.0) * FRAME as f32 / 48_000.0;
    let frames = (0..signal.len().saturating_sub(FRAME)).step_by(FRAME / 2);
    frames
        .map(|begin| {
            let frame = signal[begin..begin + FRAME].iter().enumerate();
            let mut values: Vec<Complex> = frame
                .map(|(index, value)| (value * window(index), 0.0))
                .collect();
            transform(&mut values, -1.0);
            std::array::from_fn(|band| {
                let (from, to) = (edge(band as f32), edge(band as f32 + 1.0));
                let (from, to) = (from.round() as usize, to.round() as usize);
                let of_band = &values[from..to.max(from + 1)];
                let power = of_band
                    .iter()
                    .map(|value| value.0 * value.0 + value.1 * value.1);
                power.sum::<f32>().sqrt()
            })
        })
        .collect()
}

/// How much of a clean voice is understood in `out`, at most 1.0: short-time objective
/// intelligibility (Taal et al. 2011) of two signals that are not late to each other.
pub(crate) fn intelligibility(clean: &[f32], out: &[f32]) -> f32 {
    let (clean, out) = (bands(clean), bands(out));
    let loudness = |frames: &[[f32; BANDS]]| {
        let all = frames.iter().flatten().map(|value| value * value);
        all.sum::<f32>()
    };
    let segments: Vec<_> = clean.windows(SEGMENT).zip(out.windows(SEGMENT)).collect();
    let loudest = segments
        .iter()
        .map(|(clean, _)| loudness(clean))
        .fold(0.0, f32::max);
    let mut figures = Vec::new();
    for (clean, out) in segments {
        // Pauses have nothing to be understood.
        if loudness(clean) < loudest * 1e-3 {
            continue;
        }
        for band in 0..BANDS {
            let wanted: Vec<f32> = clean.iter().map(|frame| frame[band]).collect();
            let got: Vec<f32> = out.iter().map(|frame| frame[band]).collect();
            let norm =
                |values: &[f32]| values.iter().map(|value| value * value).sum::<f32>().sqrt();
            let scale = norm(&wanted) / norm(&got).max(1e-12);
            // What is far too loud counts as no more than that.
            let most = 1.0 + 10_f32.powf(15.0 / 20.0);
            let pairs = wanted.iter().zip(&got);
            let got: Vec<f32> = pairs
                .map(|(one, other)| (other * scale).min(one * most))
                .collect();
            figures.push(correlation(&wanted, &got));
        }
    }
    figures.iter().sum::<f32>() / figures.len().max(1) as f32
}

fn correlation(one: &[f32], other: &[f32]) -> f32 {
    let mean = |values: &[f32]| values.iter().sum::<f32>() / values.len() as f32;
    let (one_mean, other_mean) = (mean(one), mean(other));
    let (mut both, mut first, mut second) = (0.0, 0.0, 0.0);
    for (one, other) in one.iter().zip(other) {
        let (one, other) = (one - one_mean, other - other_mean);
        both += one * other;
        first += one * one;
        second += other * other;
    }
    both / (first * second).sqrt().max(1e-12)
}
