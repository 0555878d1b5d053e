//! Opus packets (RFC 6716) into sound, whatever is in them.

use std::fmt;

use crate::MediaError;
use crate::audio_block::SAMPLE_RATE;

/// Decodes one remote track, to mono at 48 kHz.
pub struct AudioDecoder(opus::Decoder);

impl fmt::Debug for AudioDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AudioDecoder").finish_non_exhaustive()
    }
}

fn failed(error: opus::Error) -> MediaError {
    MediaError::Codec {
        codec: "Opus",
        reason: error.to_string(),
    }
}

impl AudioDecoder {
    /// Samples in the longest packet: 120 ms (RFC 6716 section 2.1.4).
    pub const LONGEST: usize = 120 * SAMPLE_RATE as usize / 1000;

    /// For the packets of one track, from the first on.
    ///
    /// # Errors
    /// If libopus has no memory for it.
    pub fn new() -> Result<Self, MediaError> {
        let decoder = opus::Decoder::new(SAMPLE_RATE, opus::Channels::Mono).map_err(failed)?;
        Ok(Self(decoder))
    }

    /// Samples in a packet as its first bytes tell, 1 to [`Self::LONGEST`]; none if they are not
    /// those of a packet.
    pub fn samples_in(payload: &[u8]) -> Option<usize> {
        let samples = opus::packet::get_nb_samples(payload, SAMPLE_RATE).ok()?;
        (1..=Self::LONGEST).contains(&samples).then_some(samples)
    }

    /// Decodes the packet that follows the last one: samples from -1.0 to 1.0, whatever was sent.
    ///
    /// # Errors
    /// If it is not a packet of Opus. The next one can be decoded all the same.
    pub fn decode(&mut self, payload: &[u8]) -> Result<Vec<f32>, MediaError> {
        let mut samples = vec![0.0; Self::LONGEST];
        let count = self
            .0
            .decode_float(payload, &mut samples, false)
            .map_err(failed)?;
        samples.truncate(count);
        // libopus gives what it calculates, whose size only the sender bounds.
        for value in &mut samples {
            *value = if value.is_nan() {
                0.0
            } else {
                value.clamp(-1.0, 1.0)
            };
        }
        Ok(samples)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_is_no_louder_than_sound_can_be() {
        let (mut decoder, mut state) = (AudioDecoder::new().unwrap(), 1_u32);
        let mut byte = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        let mut loudest: f32 = 0.0;
        for _ in 0..2_000 {
            let packet: Vec<u8> = (0..80).map(|_| byte()).collect();
            let told = AudioDecoder::samples_in(&packet);
            let Ok(samples) = decoder.decode(&packet) else {
                continue;
            };
            assert_eq!(Some(samples.len()), told);
            for value in samples {
                assert!((-1.0..=1.0).contains(&value), "{value}");
                loudest = loudest.max(value.abs());
            }
        }
        assert!(loudest > 0.5, "{loudest}");
    }
}
