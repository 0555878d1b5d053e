//! Opus (RFC 6716), packed for RTP (RFC 7587).

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::MediaError;
use crate::audio_block::{AudioBlock, BLOCK_SAMPLES, SAMPLE_RATE};
use crate::capture_clock::{GAP, length, samples_in};

/// Blocks in a packet: 20 ms.
const BLOCKS: usize = 2;
/// Samples in a packet.
const PACKET_SAMPLES: u32 = (BLOCKS * BLOCK_SAMPLES) as u32;
/// Upper bound of a packet, bytes.
const MAX_PACKET: usize = 1275;
/// What libopus gives for "nothing to say": at most this many bytes are not worth sending.
const DTX_BYTES: usize = 2;

/// A packet of sound.
#[derive(Clone, Debug)]
pub struct EncodedAudioPacket {
    /// Which sample of its encoder's is the first, at 48 kHz; those of pauses are counted. See
    /// [`SoundTime`].
    pub first_sample: u64,
    /// RTP payload.
    pub data: Vec<u8>,
    /// RFC 6464: 0 (loudest) to 127 (silence), in -dBov.
    pub level: u8,
    /// Louder than room noise.
    pub voice: bool,
    /// When its first sample was captured.
    pub captured: Instant,
}

/// What an encoder is to do, from anywhere: it is looked at with each block, and nobody waits.
#[derive(Debug)]
pub struct AudioSettings {
    bitrate: AtomicU32,
    dtx: AtomicBool,
}

impl AudioSettings {
    /// Bits per second, kept within what Opus has.
    pub fn set_bitrate(&self, bitrate: u32) {
        self.bitrate.store(bitrate, Ordering::Relaxed);
    }

    /// Whether silence is left out (`usedtx`, RFC 7587 section 6.1).
    pub fn set_dtx(&self, on: bool) {
        self.dtx.store(on, Ordering::Relaxed);
    }
}

/// Encodes one microphone.
pub struct AudioEncoder {
    encoder: opus::Encoder,
    settings: Arc<AudioSettings>,
    /// What libopus was set to last: bits per second, and whether silence is left out.
    applied: Option<(u32, bool)>,
    pending: Vec<f32>,
    muted: bool,
    /// When the first of `pending` was captured.
    captured: Option<Instant>,
    /// Samples so far, with those of pauses.
    position: u64,
    /// When the next block is captured if the source goes on.
    next: Option<Instant>,
}

impl fmt::Debug for AudioEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AudioEncoder")
            .field("settings", &self.settings)
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

fn failed(error: opus::Error) -> MediaError {
    MediaError::Codec {
        codec: "Opus",
        reason: error.to_string(),
    }
}

impl AudioEncoder {
    /// For speech, mono, with in-band error correction. `bitrate` in bits per second.
    ///
    /// # Errors
    /// If libopus refuses the settings.
    pub fn new(bitrate: u32) -> Result<Self, MediaError> {
        let mut encoder =
            opus::Encoder::new(SAMPLE_RATE, opus::Channels::Mono, opus::Application::Voip)
                .map_err(failed)?;
        encoder.set_inband_fec(true).map_err(failed)?;
        // Per cent, the same for every call: a whole media path follows what the remote side reports.
        encoder.set_packet_loss_perc(5).map_err(failed)?;
        let settings = Arc::new(AudioSettings {
            bitrate: AtomicU32::new(bitrate),
            dtx: AtomicBool::new(false),
        });
        let mut this = Self {
            encoder,
            settings,
            applied: None,
            pending: Vec::with_capacity(PACKET_SAMPLES as usize),
            muted: false,
            captured: None,
            position: 0,
            next: None,
        };
        this.obey()?;
        Ok(this)
    }

    /// What it is to do, to be changed at any time.
    pub fn settings(&self) -> Arc<AudioSettings> {
        self.settings.clone()
    }

    fn obey(&mut self) -> Result<(), MediaError> {
        let bitrate = self.settings.bitrate.load(Ordering::Relaxed);
        let dtx = self.settings.dtx.load(Ordering::Relaxed);
        if self.applied == Some((bitrate, dtx)) {
            return Ok(());
        }
        // Also if it is refused: it would be with the next block.
        self.applied = Some((bitrate, dtx));
        let bitrate = opus::Bitrate::Bits(bitrate.clamp(6_000, 510_000) as i32);
        self.encoder.set_bitrate(bitrate).map_err(failed)?;
        self.encoder.set_dtx(dtx).map_err(failed)
    }

    /// Takes 10 ms; every second call gives a packet, unless silence is left out. With `muted`
    /// the sound is replaced by silence (mediacapture-main: a track that is not enabled).
    ///
    /// # Errors
    /// If libopus fails; the sound is lost, the next call may work.
    pub fn push(
        &mut self,
        block: &AudioBlock,
        muted: bool,
    ) -> Result<Option<EncodedAudioPacket>, MediaError> {
        if let Err(error) = self.obey() {
            tracing::warn!(%error, "Opus keeps its old settings");
        }
        let pause = self.next.map_or(Duration::ZERO, |next| {
            block.captured.saturating_duration_since(next)
        });
        if pause > GAP {
            self.position += samples_in(pause) as u64;
            self.pending.clear();
        }
        if muted && !self.muted {
            // A packet also carries over what came before it: half of its own sound, error
            // correction for the packet before, and what the codec remembers.
            self.pending.fill(0.0);
            self.encoder.reset_state().map_err(failed)?;
        }
        self.muted = muted;
        self.next = Some(block.captured + length(BLOCK_SAMPLES));
        if self.pending.is_empty() {
            self.captured = Some(block.captured);
        }
        self.position += BLOCK_SAMPLES as u64;
        if muted {
            self.pending.resize(self.pending.len() + BLOCK_SAMPLES, 0.0);
        } else {
            self.pending.extend_from_slice(&block.samples);
        }
        if self.pending.len() < PACKET_SAMPLES as usize {
            return Ok(None);
        }
        let level = level(&self.pending);
        let data = self
            .encoder
            .encode_vec_float(&self.pending, MAX_PACKET)
            .map_err(failed);
        self.pending.clear();
        let data = data?;
        let dtx = self.applied.is_some_and(|(_, dtx)| dtx);
        if dtx && data.len() <= DTX_BYTES {
            return Ok(None);
        }
        Ok(Some(EncodedAudioPacket {
            first_sample: self.position - u64::from(PACKET_SAMPLES),
            data,
            level,
            voice: level < 50,
            captured: self.captured.unwrap_or(block.captured),
        }))
    }
}

/// The RTP time of one sender's sound. It goes on when another microphone, and with it another
/// encoder, takes over (RFC 3550 section 5.1: it reflects the sampling instant), since whoever
/// listens throws away what seems to lie in the past or far in the future.
#[derive(Debug, Default)]
pub struct SoundTime {
    encoder: u64,
    /// RTP time of the encoder's first sample.
    begin: u64,
    /// RTP time after the last packet, and when that was.
    end: Option<(u64, Instant)>,
}

impl SoundTime {
    /// RTP time, at 48 kHz, of a packet of the encoder with this number. Encoders follow one
    /// another, each with a number of its own.
    pub fn place(&mut self, encoder: u64, packet: &EncodedAudioPacket) -> u64 {
        if encoder != self.encoder || self.end.is_none() {
            let start = self.end.map_or(0, |(end, at)| {
                end + samples_in(packet.captured.saturating_duration_since(at)) as u64
            });
            self.encoder = encoder;
            // An encoder's first packet need not be that with its first sample.
            self.begin = start.wrapping_sub(packet.first_sample);
        }
        let time = self.begin.wrapping_add(packet.first_sample);
        let end = packet.captured + length(PACKET_SAMPLES as usize);
        self.end = Some((time.wrapping_add(u64::from(PACKET_SAMPLES)), end));
        time
    }
}

/// RFC 6464 section 3.
fn level(samples: &[f32]) -> u8 {
    let power = samples.iter().map(|value| value * value).sum::<f32>() / samples.len() as f32;
    (-10.0 * power.max(1e-13).log10()).clamp(0.0, 127.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::Tone;

    fn blocks(count: u32) -> Vec<AudioBlock> {
        let (start, mut tone) = (Instant::now(), Tone::new(false));
        (0..count)
            .map(|number| {
                let captured = start + Duration::from_millis(10) * number;
                let mut block = AudioBlock {
                    samples: [0.0; BLOCK_SAMPLES],
                    captured,
                };
                tone.fill(&mut block.samples);
                block
            })
            .collect()
    }

    #[test]
    fn a_tone_survives_with_its_level() {
        let mut encoder = AudioEncoder::new(32_000).unwrap();
        let mut decoder = opus::Decoder::new(SAMPLE_RATE, opus::Channels::Mono).unwrap();
        let mut out = vec![0.0; PACKET_SAMPLES as usize];
        let mut packets = 0;
        for block in blocks(100) {
            if let Some(packet) = encoder.push(&block, false).unwrap() {
                assert_eq!(packet.first_sample, packets * u64::from(PACKET_SAMPLES));
                assert_eq!((packet.level, packet.voice), (23, true));
                decoder.decode_float(&packet.data, &mut out, false).unwrap();
                packets += 1;
            }
        }
        assert_eq!(packets, 50);
        let rms = (out.iter().map(|value| value * value).sum::<f32>() / out.len() as f32).sqrt();
        assert!((20.0 * rms.log10() + 23.0).abs() < 1.0, "{rms}");
    }

    #[test]
    fn silence_is_left_out_if_wanted_and_time_goes_on() {
        let mut encoder = AudioEncoder::new(32_000).unwrap();
        encoder.settings().set_dtx(true);
        let mut sent = Vec::new();
        for block in blocks(400) {
            sent.extend(encoder.push(&block, true).unwrap());
        }
        assert!(sent.len() < 60, "{} of 200 packets for silence", sent.len());
        assert!(
            sent.iter()
                .all(|packet| packet.level == 127 && !packet.voice)
        );
        assert!(sent.last().unwrap().first_sample > 100 * u64::from(PACKET_SAMPLES));
    }

    #[test]
    fn a_pause_of_the_source_shows_in_the_time() {
        let mut encoder = AudioEncoder::new(32_000).unwrap();
        let mut blocks = blocks(4);
        for block in &mut blocks[2..] {
            block.captured += Duration::from_secs(1);
        }
        let packets: Vec<_> = blocks
            .iter()
            .filter_map(|block| encoder.push(block, false).unwrap())
            .collect();
        let step = packets[1].first_sample - packets[0].first_sample;
        assert_eq!(step, u64::from(SAMPLE_RATE + PACKET_SAMPLES));
    }

    #[test]
    fn a_packet_is_as_old_as_its_first_sample() {
        let mut encoder = AudioEncoder::new(32_000).unwrap();
        let blocks = blocks(4);
        let captured: Vec<_> = blocks
            .iter()
            .filter_map(|block| encoder.push(block, false).unwrap())
            .map(|packet| packet.captured)
            .collect();
        assert_eq!(captured, [blocks[0].captured, blocks[2].captured]);
    }

    #[test]
    fn a_new_microphone_goes_on_where_the_old_one_stopped() {
        let mut time = SoundTime::default();
        let mut blocks = blocks(40);
        // Opening the second one takes a while, and it gives what it heard half a second ago.
        for (number, block) in blocks.iter_mut().enumerate() {
            block.captured += match number {
                0..10 => Duration::ZERO,
                10..20 => Duration::from_millis(700),
                20..30 => Duration::from_millis(200),
                _ => Duration::from_secs(60),
            };
        }
        let mut times = Vec::new();
        for (number, microphone) in blocks.chunks(10).enumerate() {
            let mut encoder = AudioEncoder::new(32_000).unwrap();
            for block in microphone {
                if let Some(packet) = encoder.push(block, false).unwrap() {
                    times.push(time.place(number as u64 + 1, &packet));
                }
            }
        }
        let steps: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let whole = u64::from(PACKET_SAMPLES);
        let after = |milliseconds: u64| whole + milliseconds * 48;
        for (number, step) in steps.into_iter().enumerate() {
            let expected = match number {
                4 => after(700),
                // It cannot go back: what it heard before is put after what was sent.
                9 => whole,
                14 => after(59_800),
                _ => whole,
            };
            assert_eq!(step, expected, "after packet {number}");
        }
    }
}
