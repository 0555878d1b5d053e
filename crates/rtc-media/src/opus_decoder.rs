//! Opus packets (RFC 6716) into sound, whatever is in them.

use std::fmt;

use crate::MediaError;
use crate::audio_block::{CHANNELS, SAMPLE_RATE};

/// Decodes one remote track, to stereo at 48 kHz: what was sent with one channel is on both.
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
    /// Samples of a channel in the longest packet: 120 ms (RFC 6716 section 2.1.4).
    pub const LONGEST: usize = 120 * SAMPLE_RATE as usize / 1000;

    /// For the packets of one track, from the first on.
    ///
    /// # Errors
    /// If libopus has no memory for it.
    pub fn new() -> Result<Self, MediaError> {
        let decoder = opus::Decoder::new(SAMPLE_RATE, opus::Channels::Stereo).map_err(failed)?;
        Ok(Self(decoder))
    }

    /// Samples of a channel in a packet as its first bytes tell, 1 to [`Self::LONGEST`]; none if they
    /// are not those of a packet.
    pub fn samples_in(payload: &[u8]) -> Option<usize> {
        let samples = opus::packet::get_nb_samples(payload, SAMPLE_RATE).ok()?;
        (1..=Self::LONGEST).contains(&samples).then_some(samples)
    }

    /// Whether a packet has the sound of the one before it once more, in fewer bits (RFC 6716 section
    /// 4.2.4: the LBRR flag of the first frame, after one voice activity bit for each 20 ms).
    pub fn has_previous(payload: &[u8]) -> bool {
        let Ok(packet) = opus::packet::parse(payload) else {
            return false;
        };
        // Of the 32 configurations the first 16 have a SILK layer (RFC 6716 section 3.1).
        let configuration = packet.toc >> 3;
        let Some(first) = packet.frames.first().and_then(|frame| frame.first()) else {
            return false;
        };
        let parts = match configuration {
            // 10, 20, 40 and 60 ms.
            0..12 => [1, 1, 2, 3][usize::from(configuration % 4)],
            12..16 => 1,
            _ => return false,
        };
        let stereo = packet.toc & 0x04 != 0;
        let flag = |at: u8| first >> (7 - at) & 1 == 1;
        flag(parts) || (stereo && flag(2 * parts + 1))
    }

    /// Decodes the packet that follows the last one: interleaved samples from -1.0 to 1.0, whatever was
    /// sent.
    ///
    /// # Errors
    /// If it is not a packet of Opus. The next one can be decoded all the same.
    pub fn decode(&mut self, payload: &[u8]) -> Result<Vec<f32>, MediaError> {
        // Without a payload libopus would make something up.
        if payload.is_empty() {
            return Err(MediaError::Codec {
                codec: "Opus",
                reason: "an empty packet".into(),
            });
        }
        self.run(payload, Self::LONGEST, false)
    }

    /// Makes up so many samples of each channel, a multiple of 120, for what was lost after the last
    /// packet: it sounds on and fades.
    ///
    /// # Errors
    /// If it is not such a number, or more than [`Self::LONGEST`].
    pub fn conceal(&mut self, samples: usize) -> Result<Vec<f32>, MediaError> {
        self.run(&[], samples, false)
    }

    /// The last so many samples of each channel before a packet, as that packet has them
    /// ([`Self::has_previous`]); what it lacks is made up. The packet itself is to be decoded next.
    ///
    /// # Errors
    /// As [`Self::conceal`], or if it is not a packet.
    pub fn recover(&mut self, next: &[u8], samples: usize) -> Result<Vec<f32>, MediaError> {
        self.run(next, samples, true)
    }

    fn run(&mut self, payload: &[u8], most: usize, previous: bool) -> Result<Vec<f32>, MediaError> {
        let mut samples = vec![0.0; most * CHANNELS];
        let count = self
            .0
            .decode_float(payload, &mut samples, previous)
            .map_err(failed)?;
        samples.truncate(count * CHANNELS);
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
            assert_eq!(Some(samples.len() / CHANNELS), told);
            for value in samples {
                assert!((-1.0..=1.0).contains(&value), "{value}");
                loudest = loudest.max(value.abs());
            }
        }
        assert!(loudest > 0.5, "{loudest}");
    }
}
