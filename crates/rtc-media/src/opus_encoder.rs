//! Opus (RFC 6716), packed for RTP (RFC 7587).

use std::fmt;
use std::time::{Duration, Instant};

use crate::MediaError;
use crate::microphone::{AudioBlock, BLOCK_SAMPLES, SAMPLE_RATE};

/// Blocks in a packet: 20 ms.
const BLOCKS: usize = 2;
/// Samples in a packet.
const PACKET_SAMPLES: u32 = (BLOCKS * BLOCK_SAMPLES) as u32;
/// Upper bound of a packet, bytes.
const MAX_PACKET: usize = 1275;
/// A source that paused longer than this makes the RTP time jump as well.
const GAP: Duration = Duration::from_millis(200);
/// What libopus gives for "nothing to say": at most this many bytes are not worth sending.
const DTX_BYTES: usize = 2;

/// A packet of sound.
#[derive(Clone, Debug)]
pub struct EncodedAudioPacket {
    /// 48 kHz.
    pub rtp_timestamp: u32,
    /// RTP payload.
    pub data: Vec<u8>,
    /// RFC 6464: 0 (loudest) to 127 (silence), in -dBov.
    pub level: u8,
    /// Louder than room noise.
    pub voice: bool,
    /// When its last sample was captured.
    pub captured: Instant,
}

/// Encodes one microphone.
pub struct AudioEncoder {
    encoder: opus::Encoder,
    pending: Vec<f32>,
    rtp_timestamp: u32,
    last: Option<Instant>,
    dtx: bool,
    muted: bool,
}

impl fmt::Debug for AudioEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AudioEncoder")
            .field("rtp_timestamp", &self.rtp_timestamp)
            .finish()
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
        encoder.set_packet_loss_perc(5).map_err(failed)?;
        let mut this = Self {
            encoder,
            pending: Vec::with_capacity(PACKET_SAMPLES as usize),
            rtp_timestamp: 0,
            last: None,
            dtx: false,
            muted: false,
        };
        this.set_bitrate(bitrate)?;
        Ok(this)
    }

    /// Bits per second, kept within what Opus has.
    ///
    /// # Errors
    /// If libopus refuses.
    pub fn set_bitrate(&mut self, bitrate: u32) -> Result<(), MediaError> {
        let bitrate = bitrate.clamp(6_000, 510_000) as i32;
        self.encoder
            .set_bitrate(opus::Bitrate::Bits(bitrate))
            .map_err(failed)
    }

    /// Whether silence is left out (`usedtx`, RFC 7587 section 6.1).
    ///
    /// # Errors
    /// If libopus refuses.
    pub fn set_dtx(&mut self, on: bool) -> Result<(), MediaError> {
        self.dtx = on;
        self.encoder.set_dtx(on).map_err(failed)
    }

    /// Loss that error correction is to expect, in percent.
    ///
    /// # Errors
    /// If libopus refuses.
    pub fn set_expected_loss(&mut self, percent: u8) -> Result<(), MediaError> {
        self.encoder
            .set_packet_loss_perc(i32::from(percent.min(100)))
            .map_err(failed)
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
        if let Some(last) = self.last {
            let silence = block.captured.saturating_duration_since(last);
            if silence > GAP {
                let samples = silence.as_millis() as u64 * u64::from(SAMPLE_RATE) / 1000;
                self.rtp_timestamp = self.rtp_timestamp.wrapping_add(samples as u32);
                self.pending.clear();
            }
        }
        self.last = Some(block.captured);
        if muted && !self.muted {
            // A packet also carries over what came before it: half of its own sound, error
            // correction for the packet before, and what the codec remembers.
            self.pending.fill(0.0);
            self.encoder.reset_state().map_err(failed)?;
        }
        self.muted = muted;
        if muted {
            self.pending.resize(self.pending.len() + BLOCK_SAMPLES, 0.0);
        } else {
            self.pending.extend_from_slice(&block.samples);
        }
        if self.pending.len() < PACKET_SAMPLES as usize {
            return Ok(None);
        }
        let rtp_timestamp = self.rtp_timestamp;
        self.rtp_timestamp = rtp_timestamp.wrapping_add(PACKET_SAMPLES);
        let level = level(&self.pending);
        let data = self
            .encoder
            .encode_vec_float(&self.pending, MAX_PACKET)
            .map_err(failed);
        self.pending.clear();
        let data = data?;
        if self.dtx && data.len() <= DTX_BYTES {
            return Ok(None);
        }
        let captured = block.captured;
        Ok(Some(EncodedAudioPacket {
            rtp_timestamp,
            data,
            level,
            voice: level < 50,
            captured,
        }))
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
                assert_eq!(packet.rtp_timestamp, packets * PACKET_SAMPLES);
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
        encoder.set_dtx(true).unwrap();
        let mut sent = Vec::new();
        for block in blocks(400) {
            sent.extend(encoder.push(&block, true).unwrap());
        }
        assert!(sent.len() < 60, "{} of 200 packets for silence", sent.len());
        assert!(
            sent.iter()
                .all(|packet| packet.level == 127 && !packet.voice)
        );
        assert!(sent.last().unwrap().rtp_timestamp > 100 * PACKET_SAMPLES);
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
        let step = packets[1].rtp_timestamp - packets[0].rtp_timestamp;
        assert!(step.abs_diff(SAMPLE_RATE) < 2 * PACKET_SAMPLES, "{step}");
    }
}
