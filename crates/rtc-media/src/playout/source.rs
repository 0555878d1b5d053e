//! One remote track: jitter buffer and decoder.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use parking_lot::Mutex;

use crate::MediaError;
use crate::audio_block::{BLOCK_SAMPLES, MIX_SAMPLES, SAMPLE_RATE};
use crate::jitter::JitterBuffer;

/// Totals of one remote track, as `inbound-rtp` statistics have them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PlayoutStatistics {
    /// Linear, 0.0 to 1.0, of the last 10 ms, before the volume.
    pub level: f32,
    /// Sum of squares of the samples over time, in seconds (`totalAudioEnergy`).
    pub total_energy: f64,
    /// Seconds of sound given out.
    pub total_duration: f64,
    /// Samples given out.
    pub total_samples: u64,
    /// Samples made up because a packet was missing.
    pub concealed_samples: u64,
    /// Times that samples had to be made up.
    pub concealment_events: u64,
    /// Samples put in to slow down.
    pub inserted_samples: u64,
    /// Samples left out to speed up.
    pub removed_samples: u64,
    /// Seconds spent in the jitter buffer, summed over the samples emitted.
    pub jitter_buffer_delay: f64,
    /// Samples emitted from the jitter buffer.
    pub jitter_buffer_emitted: u64,
    /// What the jitter buffer holds now, milliseconds.
    pub buffered_ms: u32,
    /// What it aims to hold, milliseconds.
    pub target_ms: u32,
    /// Packets that came too late, or were left out since they were too old.
    pub packets_discarded: u64,
}

/// One remote track without a loudspeaker: whoever has it fetches the sound. A
/// [`PlayoutSource`](crate::PlayoutSource) is one that is played.
pub struct Receiver {
    state: Mutex<State>,
    /// Bits of an `f32`.
    volume: AtomicU32,
}

struct State {
    buffer: JitterBuffer,
    totals: PlayoutStatistics,
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("statistics", &self.statistics())
            .finish()
    }
}

impl Receiver {
    /// Silent until it has a volume. `now` is any time before the first packet.
    ///
    /// # Errors
    /// If the decoder cannot be made.
    pub fn new(now: Instant) -> Result<Self, MediaError> {
        let state = State {
            buffer: JitterBuffer::new(now)?,
            totals: PlayoutStatistics::default(),
        };
        Ok(Self {
            state: Mutex::new(state),
            volume: AtomicU32::new(0),
        })
    }

    /// Takes an Opus packet with the time of its arrival, in any order.
    pub fn push_packet(&self, arrival: Instant, rtp_timestamp: u32, payload: &[u8]) {
        let mut state = self.state.lock();
        state.buffer.insert(arrival, rtp_timestamp, payload);
    }

    /// 0.0 to 1.0.
    pub fn set_volume(&self, volume: f32) {
        let volume = if volume.is_finite() {
            volume.clamp(0.0, 1.0)
        } else {
            0.0
        };
        self.volume.store(volume.to_bits(), Ordering::Relaxed);
    }

    /// Least delay that the jitter buffer keeps, in milliseconds.
    pub fn set_minimum_delay(&self, milliseconds: u32) {
        self.state.lock().buffer.set_minimum_delay(milliseconds);
    }

    /// Totals, and the level of now.
    pub fn statistics(&self) -> PlayoutStatistics {
        let state = self.state.lock();
        let lifetime = state.buffer.statistics();
        PlayoutStatistics {
            concealed_samples: lifetime.concealed,
            concealment_events: lifetime.concealment_events,
            inserted_samples: lifetime.inserted,
            removed_samples: lifetime.removed,
            buffered_ms: state.buffer.buffered_ms(),
            target_ms: state.buffer.target_ms(),
            packets_discarded: lifetime.discarded,
            ..state.totals
        }
    }

    /// Adds the next 10 ms, from `now` on, to the mix: interleaved stereo at 48 kHz.
    pub fn add_to(&self, now: Instant, mixed: &mut [f32; MIX_SAMPLES]) {
        let volume = f32::from_bits(self.volume.load(Ordering::Relaxed));
        let mut state = self.state.lock();
        let buffered = f64::from(state.buffer.buffered_ms()) / 1000.0;
        let Some(samples) = state.buffer.fetch(now) else {
            return;
        };
        let energy = samples
            .iter()
            .map(|value| f64::from(value * value))
            .sum::<f64>()
            / MIX_SAMPLES as f64;
        let totals = &mut state.totals;
        let seconds = BLOCK_SAMPLES as f64 / f64::from(SAMPLE_RATE);
        totals.level = energy.sqrt() as f32;
        totals.total_energy += energy * seconds;
        totals.total_duration += seconds;
        totals.total_samples += BLOCK_SAMPLES as u64;
        totals.jitter_buffer_delay += buffered * BLOCK_SAMPLES as f64;
        totals.jitter_buffer_emitted += BLOCK_SAMPLES as u64;
        drop(state);
        for (out, value) in mixed.iter_mut().zip(samples) {
            *out += value * volume;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::Tone;
    use crate::{AudioBlock, AudioEncoder};
    use std::time::Duration;

    #[test]
    fn a_volume_of_zero_is_silence_but_still_measured() {
        let (start, mut tone) = (Instant::now(), Tone::new(false));
        let mut encoder = AudioEncoder::new(32_000).unwrap();
        let receiver = Receiver::new(start).unwrap();
        for number in 0..100 {
            let now = start + Duration::from_millis(10) * number;
            let mut block = AudioBlock {
                samples: [0.0; BLOCK_SAMPLES],
                captured: now,
            };
            tone.fill(&mut block.samples);
            if let Some(packet) = encoder.push(&block, false).unwrap() {
                receiver.push_packet(now, packet.first_sample as u32, &packet.data);
            }
            let mut mixed = [0.0; MIX_SAMPLES];
            receiver.add_to(now, &mut mixed);
            assert!(mixed.iter().all(|value| *value == 0.0));
        }
        let statistics = receiver.statistics();
        assert!(statistics.level > 0.01 && statistics.total_energy > 0.001);
        receiver.set_volume(f32::NAN);
        receiver.add_to(start + Duration::from_secs(1), &mut [0.0; MIX_SAMPLES]);
        // The first packet came with the second block.
        assert_eq!(
            receiver.statistics().total_samples,
            100 * BLOCK_SAMPLES as u64
        );
    }
}
