//! The pieces that sound is handed on in, heard or played.

use std::time::Instant;

/// Samples a second of everything heard and played here.
pub const SAMPLE_RATE: u32 = 48_000;
/// Samples in a block: 10 ms, one channel.
pub const BLOCK_SAMPLES: usize = 480;
/// Channels of what is decoded and played.
pub(crate) const CHANNELS: usize = 2;
/// Samples of 10 ms of what is played, interleaved.
pub const MIX_SAMPLES: usize = BLOCK_SAMPLES * CHANNELS;

/// Ten milliseconds of sound.
#[derive(Clone, Debug)]
pub struct AudioBlock {
    /// -1.0 to 1.0.
    pub samples: [f32; BLOCK_SAMPLES],
    /// When the first of them was captured. That of a microphone that gives its sound in coarse
    /// pieces is seconds ago.
    pub captured: Instant,
}

impl AudioBlock {
    /// Root mean square, 0.0 to 1.0.
    pub fn level(&self) -> f32 {
        (self.samples.iter().map(|value| value * value).sum::<f32>() / BLOCK_SAMPLES as f32).sqrt()
    }
}
