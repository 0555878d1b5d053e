//! One remote track: jitter buffer and decoder.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};

use neteq::codec;
use neteq::{AudioPacket, NetEq, NetEqConfig, RtpHeader};
use parking_lot::Mutex;

use super::{CHANNELS, MIX_SAMPLES};
use crate::audio_block::{BLOCK_SAMPLES, SAMPLE_RATE};
use crate::{AudioDecoder, MediaError};

/// The number under which the decoder is registered; the real payload type does not matter here.
const PAYLOAD_TYPE: u8 = 111;

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
    /// Packets that came too late.
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
    neteq: NetEq,
    /// Nothing is decoded or concealed before the first packet.
    timeline: Option<Timeline>,
    /// Jitter is known.
    settled: bool,
    totals: PlayoutStatistics,
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("statistics", &self.statistics())
            .finish()
    }
}

/// Milliseconds that the jitter buffer may hold at most while it has not seen enough packets to
/// measure their jitter; without this bound it would first collect seconds.
const STARTING_DELAY_MS: u32 = 60;
/// And afterwards.
const LONGEST_DELAY_MS: u32 = 2_000;
/// And at least: two packets, since loudspeakers fetch in bursts.
const SHORTEST_DELAY_MS: u32 = 40;
/// Seconds of sound after which jitter is known.
const STARTING_TIME: f64 = 1.0;

/// Milliseconds of sound that may wait at most; more begins a new timeline. Never reached by a
/// sender whose time goes on with its sound: of what spans three times its aim the jitter buffer
/// gives up most before it takes another packet.
const MOST_HELD_MS: u32 = 3 * LONGEST_DELAY_MS + 120;
/// Packets that the jitter buffer holds at most.
const MOST_PACKETS: usize = 200;

/// RTP time counted from the first packet. The jitter buffer orders packets by plain comparison
/// and multiplies their distances in 32 bits, so it must see neither the wrap-around nor a leap,
/// and hold no packets that are far from each other.
struct Timeline {
    offset: u32,
    newest: u32,
    /// Where the newest packets are, in order, each place once: those that are held are among
    /// them, since the oldest is the first to go.
    held: VecDeque<u32>,
}

impl Timeline {
    /// Where the first packet is put: there is room for some that were sent before it.
    const START: u32 = Self::LEAP;
    /// Farther from the newest packet than this, a packet begins a new timeline: 10 s.
    const LEAP: u32 = 10 * SAMPLE_RATE;
    /// And if those that may be held are farther apart than this, 70 s: times 1000, it has 32 bits,
    /// also with a late one that is older than all of them.
    const WIDEST: u32 = 70 * SAMPLE_RATE;

    fn starting(rtp_timestamp: u32) -> Self {
        Self {
            offset: rtp_timestamp.wrapping_sub(Self::START),
            newest: Self::START,
            held: VecDeque::from([Self::START]),
        }
    }

    fn place(&mut self, rtp_timestamp: u32, nothing_held: bool) -> Option<u32> {
        if nothing_held {
            self.held.clear();
        }
        let timestamp = rtp_timestamp.wrapping_sub(self.offset);
        if timestamp.abs_diff(self.newest) >= Self::LEAP {
            return None;
        }
        self.newest = self.newest.max(timestamp);
        if let Err(at) = self.held.binary_search(&timestamp) {
            self.held.insert(at, timestamp);
        }
        if self.held.len() > MOST_PACKETS {
            self.held.pop_front();
        }
        let oldest = self.held.front().copied().unwrap_or(timestamp);
        (self.newest - oldest < Self::WIDEST).then_some(timestamp)
    }
}

impl codec::AudioDecoder for AudioDecoder {
    fn sample_rate(&self) -> u32 {
        SAMPLE_RATE
    }

    fn channels(&self) -> u8 {
        1
    }

    fn decode(&mut self, encoded: &[u8]) -> neteq::Result<Vec<f32>> {
        Self::decode(self, encoded)
            .map_err(|error| neteq::NetEqError::DecoderError(error.to_string()))
    }
}

fn failed(error: neteq::NetEqError) -> MediaError {
    MediaError::Codec {
        codec: "Opus",
        reason: error.to_string(),
    }
}

impl Receiver {
    /// Silent until it has a volume.
    ///
    /// # Errors
    /// If the decoder or the jitter buffer cannot be made.
    pub fn new() -> Result<Self, MediaError> {
        let config = NetEqConfig {
            sample_rate: SAMPLE_RATE,
            channels: 1,
            max_packets_in_buffer: MOST_PACKETS,
            ..NetEqConfig::default()
        };
        let mut neteq = NetEq::new(config).map_err(failed)?;
        neteq.set_minimum_delay(SHORTEST_DELAY_MS);
        neteq.set_maximum_delay(STARTING_DELAY_MS);
        neteq.register_decoder(PAYLOAD_TYPE, Box::new(AudioDecoder::new()?));
        let state = State {
            neteq,
            timeline: None,
            settled: false,
            totals: PlayoutStatistics::default(),
        };
        Ok(Self {
            state: Mutex::new(state),
            volume: AtomicU32::new(0),
        })
    }

    /// Takes an Opus packet as it arrives, in any order.
    pub fn push_packet(&self, sequence_number: u16, rtp_timestamp: u32, payload: &[u8]) {
        // Of an unreadable packet nothing is known, not even its length: it is as if lost.
        let Some(samples) = AudioDecoder::samples_in(payload) else {
            return;
        };
        let duration_ms = (samples * 1000 / SAMPLE_RATE as usize) as u32;
        let mut state = self.state.lock();
        let fits = state.neteq.current_buffer_size_ms() + duration_ms <= MOST_HELD_MS;
        let nothing_held = state.neteq.is_empty();
        let timestamp = match state
            .timeline
            .as_mut()
            .filter(|_| fits)
            .and_then(|line| line.place(rtp_timestamp, nothing_held))
        {
            Some(timestamp) => timestamp,
            None => {
                state.neteq.flush();
                state.timeline = Some(Timeline::starting(rtp_timestamp));
                tracing::debug!(sequence_number, rtp_timestamp, "a timeline of sound begins");
                Timeline::START
            }
        };
        let header = RtpHeader::new(sequence_number, timestamp, 1, PAYLOAD_TYPE, false);
        let packet = AudioPacket::new(header, payload.to_vec(), SAMPLE_RATE, 1, duration_ms);
        if let Err(error) = state.neteq.insert_packet(packet) {
            tracing::debug!(%error, "the jitter buffer refused a packet");
        }
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
        self.state
            .lock()
            .neteq
            .set_minimum_delay(milliseconds.clamp(SHORTEST_DELAY_MS, LONGEST_DELAY_MS));
    }

    /// Totals, and the level of now.
    pub fn statistics(&self) -> PlayoutStatistics {
        let state = self.state.lock();
        let statistics = state.neteq.get_statistics();
        let lifetime = &statistics.lifetime;
        PlayoutStatistics {
            concealed_samples: lifetime.concealed_samples,
            concealment_events: lifetime.concealment_events,
            inserted_samples: lifetime.inserted_samples_for_deceleration,
            removed_samples: lifetime.removed_samples_for_acceleration,
            buffered_ms: statistics.current_buffer_size_ms,
            target_ms: statistics.target_delay_ms,
            packets_discarded: lifetime.late_packets_discarded,
            ..state.totals
        }
    }

    /// Adds the next 10 ms to the mix: interleaved stereo at 48 kHz.
    pub fn add_to(&self, mixed: &mut [f32; MIX_SAMPLES]) {
        let volume = f32::from_bits(self.volume.load(Ordering::Relaxed));
        let mut state = self.state.lock();
        if state.timeline.is_none() {
            return;
        }
        let buffered = f64::from(state.neteq.current_buffer_size_ms()) / 1000.0;
        let frame = match state.neteq.get_audio() {
            Ok(frame) => frame,
            Err(error) => {
                tracing::debug!(%error, "the jitter buffer gave nothing");
                return;
            }
        };
        let samples = frame.samples.get(..BLOCK_SAMPLES).unwrap_or(&frame.samples);
        let energy = samples
            .iter()
            .map(|value| f64::from(value * value))
            .sum::<f64>();
        let totals = &mut state.totals;
        let count = samples.len().max(1) as f64;
        totals.level = (energy / count).sqrt() as f32;
        totals.total_energy += energy / f64::from(SAMPLE_RATE);
        totals.total_duration += count / f64::from(SAMPLE_RATE);
        totals.total_samples += samples.len() as u64;
        totals.jitter_buffer_delay += buffered * count;
        totals.jitter_buffer_emitted += samples.len() as u64;
        if totals.total_duration >= STARTING_TIME && !state.settled {
            state.settled = true;
            state.neteq.set_maximum_delay(LONGEST_DELAY_MS);
        }
        drop(state);
        for (out, value) in mixed.chunks_exact_mut(CHANNELS).zip(samples) {
            for channel in out {
                *channel += value * volume;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::Tone;
    use crate::{AudioBlock, AudioEncoder, EncodedAudioPacket};
    use proptest::prelude::*;
    use std::time::{Duration, Instant};

    fn tone(seconds: u32) -> Vec<EncodedAudioPacket> {
        let (start, mut tone) = (Instant::now(), Tone::new(false));
        let mut encoder = AudioEncoder::new(32_000).unwrap();
        (0..seconds * 100)
            .filter_map(|number| {
                let captured = start + Duration::from_millis(10) * number;
                let mut block = AudioBlock {
                    samples: [0.0; BLOCK_SAMPLES],
                    captured,
                };
                tone.fill(&mut block.samples);
                encoder.push(&block, false).unwrap()
            })
            .collect()
    }

    /// Power at 440 Hz and in all, of a piece of the left channel.
    fn powers(samples: &[f32]) -> (f32, f32) {
        let step = std::f32::consts::TAU * 440.0 / SAMPLE_RATE as f32;
        let (mut re, mut im, mut all) = (0.0, 0.0, 0.0);
        for (index, value) in samples.iter().enumerate() {
            re += value * (step * index as f32).cos();
            im += value * (step * index as f32).sin();
            all += value * value;
        }
        let count = samples.len() as f32;
        (2.0 * (re * re + im * im) / (count * count), all / count)
    }

    /// Plays packets, two blocks for each, as they would come from a network that does this to
    /// the packet with this number: nothing (`Some(0)`), delays it by so many packets, loses it.
    fn play(seconds: u32, network: impl Fn(usize) -> Option<usize>) -> (Vec<f32>, Receiver) {
        let packets = tone(seconds);
        let mut arrivals: Vec<_> = (0..packets.len())
            .filter_map(|number| Some((number + network(number)?, number)))
            .collect();
        arrivals.sort_unstable();
        let receiver = Receiver::new().unwrap();
        receiver.set_volume(1.0);
        let (mut arrivals, mut heard) = (arrivals.into_iter().peekable(), Vec::new());
        // In real time: the jitter buffer measures arrivals by the clock.
        let (beats, beat) = std::sync::mpsc::channel();
        let ticker =
            crate::ticker::Ticker::start("network", Duration::from_millis(20), move |_| {
                let _ = beats.send(());
            });
        for (slot, ()) in (0..packets.len()).zip(beat) {
            while let Some((_, number)) = arrivals.next_if(|(arrival, _)| *arrival <= slot) {
                let packet = &packets[number];
                // Any start, also one that wraps around.
                let sequence = (number as u16).wrapping_add(65_500);
                let time = (packet.first_sample as u32).wrapping_add(u32::MAX - 10_000);
                receiver.push_packet(sequence, time, &packet.data);
            }
            for _ in 0..2 {
                let mut mixed = [0.0; MIX_SAMPLES];
                receiver.add_to(&mut mixed);
                heard.extend(mixed.chunks_exact(CHANNELS).map(|both| both[0]));
            }
        }
        drop(ticker);
        (heard, receiver)
    }

    fn assert_tone(heard: &[f32], tolerance_db: f32) {
        // Short pieces: the phase may jump where time was stretched.
        let pieces: Vec<_> = heard
            .chunks_exact(SAMPLE_RATE as usize / 10)
            .map(powers)
            .collect();
        let tone = pieces.iter().map(|(tone, _)| tone).sum::<f32>() / pieces.len() as f32;
        let level = 10.0 * tone.log10();
        assert!((level + 23.0).abs() < tolerance_db, "{level} dB");
    }

    #[test]
    fn what_arrives_in_order_is_heard_as_it_was() {
        let (heard, receiver) = play(4, |_| Some(0));
        assert_tone(&heard[2 * SAMPLE_RATE as usize..], 1.0);
        let statistics = receiver.statistics();
        assert!(statistics.concealed_samples < 48 * 200, "{statistics:?}");
        assert!(statistics.total_energy > 0.01, "{statistics:?}");
    }

    #[test]
    fn five_percent_loss_and_reordering_are_bridged() {
        let (heard, _) = play(6, |number| match number % 20 {
            7 => None,
            12 => Some(2),
            _ => Some(0),
        });
        assert_tone(&heard[2 * SAMPLE_RATE as usize..], 3.0);
    }

    /// Milliseconds from the start of the loudspeaker until sound is heard, if the loudspeaker
    /// begins `late` milliseconds after the packets and fetches `burst` blocks at once.
    fn until_heard(late: u32, burst: u32) -> u32 {
        let packets = tone(4);
        let receiver = Receiver::new().unwrap();
        receiver.set_volume(1.0);
        let (beats, beat) = std::sync::mpsc::channel();
        let _ticker =
            crate::ticker::Ticker::start("network", Duration::from_millis(10), move |_| {
                let _ = beats.send(());
            });
        for (tick, ()) in (0..390).zip(beat) {
            if tick % 2 == 0 {
                let packet = &packets[tick as usize / 2];
                receiver.push_packet(tick as u16 / 2, packet.first_sample as u32, &packet.data);
            }
            if tick * 10 < late || !tick.is_multiple_of(burst) {
                continue;
            }
            for _ in 0..burst {
                let mut mixed = [0.0; MIX_SAMPLES];
                receiver.add_to(&mut mixed);
                if mixed.iter().any(|value| value.abs() > 0.02) {
                    return tick * 10 - late;
                }
            }
        }
        u32::MAX
    }

    #[test]
    fn sound_begins_soon_whenever_the_loudspeaker_does() {
        for (late, burst) in [
            (0, 1),
            (0, 4),
            (30, 1),
            (100, 4),
            (300, 1),
            (300, 8),
            (1500, 4),
        ] {
            let waited = until_heard(late, burst);
            assert!(
                waited <= 200,
                "{waited} ms with a loudspeaker {late} ms late, {burst} at once"
            );
        }
    }

    #[test]
    fn a_volume_of_zero_is_silence_but_still_measured() {
        let receiver = Receiver::new().unwrap();
        for (number, packet) in tone(1).iter().enumerate() {
            receiver.push_packet(number as u16, packet.first_sample as u32, &packet.data);
        }
        let mut mixed = [0.0; MIX_SAMPLES];
        for _ in 0..50 {
            receiver.add_to(&mut mixed);
        }
        assert!(mixed.iter().all(|value| *value == 0.0));
        assert!(receiver.statistics().level > 0.01);
    }

    #[test]
    fn packets_that_are_far_from_each_other_do_not_end_the_sound() {
        let receiver = Receiver::new().unwrap();
        receiver.set_minimum_delay(LONGEST_DELAY_MS);
        receiver.set_volume(1.0);
        // 2.5 ms each, without sound in it: many of them may wait.
        for number in 0..150 {
            receiver.push_packet(number as u16, number * 400_000, &[0x80]);
        }
        let packets = tone(3);
        for (number, packet) in packets.iter().enumerate() {
            let time = 150 * 400_000 + packet.first_sample as u32;
            receiver.push_packet(150 + number as u16, time, &packet.data);
        }
        let mut mixed = [0.0; MIX_SAMPLES];
        for _ in 0..100 {
            receiver.add_to(&mut mixed);
        }
        assert!(receiver.statistics().level > 0.01);
    }

    #[test]
    fn a_sender_whose_clock_stands_almost_is_not_heard_later_and_later() {
        let receiver = Receiver::new().unwrap();
        // 120 ms each.
        for number in 0..300 {
            receiver.push_packet(number as u16, number * 20, &[0x1b, 2]);
            let held = receiver.statistics().buffered_ms;
            assert!(held <= 6_120, "{held} ms");
        }
    }

    proptest! {
        #[test]
        fn garbage_never_panics(
            packets in proptest::collection::vec(
                (any::<u16>(), any::<u32>(), proptest::collection::vec(any::<u8>(), 0..80)), 0..60,
            ),
        ) {
            let receiver = Receiver::new().unwrap();
            let mut mixed = [0.0; MIX_SAMPLES];
            for (sequence, time, payload) in packets {
                receiver.push_packet(sequence, time, &payload);
                receiver.add_to(&mut mixed);
            }
        }
    }
}
