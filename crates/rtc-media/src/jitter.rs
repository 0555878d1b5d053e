//! Packets as they come into sound as it is played: what comes late or never is made up for.
//!
//! There are two clocks: the sender's, which its packets tell (RTP time), and ours. The fastest packet
//! of the last seconds ties them together, so that at any moment there is a sample that would have just
//! arrived on the fastest way. What is played is so much older than that as packets are late at worst
//! (`arrivals`); where it is older or newer than it should be, sound is made a little shorter or longer
//! (`stretch`).
//!
//! No clock is asked here: arrivals and fetches tell when they are.

mod arrivals;
mod packets;
mod stretch;

use std::collections::VecDeque;
use std::time::Instant;

use arrivals::Arrivals;
use packets::{Packet, Packets};

use crate::audio_block::{BLOCK_SAMPLES, CHANNELS, MIX_SAMPLES, SAMPLE_RATE};
use crate::{AudioDecoder, MediaError};

/// Samples at 48 kHz, as a time or a duration.
type Samples = i64;

const SAMPLES_PER_MS: Samples = SAMPLE_RATE as Samples / 1000;
const BLOCK: Samples = BLOCK_SAMPLES as Samples;
/// What Opus makes up or recovers is a multiple of 2.5 ms (RFC 6716 section 2.1.4).
const GRAIN: Samples = 5 * SAMPLES_PER_MS / 2;

/// Bounds of the delay.
const SHORTEST_DELAY: Samples = 20 * SAMPLES_PER_MS;
const LONGEST_DELAY: Samples = 2_000 * SAMPLES_PER_MS;

/// A packet that is so much earlier than the fastest one, or so much later, is of another clock.
const EARLIER: Samples = 2_000 * SAMPLES_PER_MS;
const LATER: Samples = 4_000 * SAMPLES_PER_MS;

/// What is so much older than it should be is of the past.
const STALE: Samples = 200 * SAMPLES_PER_MS;

/// A loudspeaker that did not fetch for so long begins anew.
const FETCH_PAUSE: Samples = 300 * SAMPLES_PER_MS;
/// Loudspeakers fetch in bursts, so the least delay of so long is what counts.
const LEAST_OF: Samples = 400 * SAMPLES_PER_MS;
/// Between two changes of the speed.
const STRETCH_INTERVAL: Samples = 50 * SAMPLES_PER_MS;
/// By so much more than wanted sound is older before it is made shorter,
const SLACK: Samples = 20 * SAMPLES_PER_MS;
/// before that happens less gently,
const MUCH: Samples = 200 * SAMPLES_PER_MS;
/// and before some is left out.
const TOO_MUCH: Samples = 1_000 * SAMPLES_PER_MS;
/// How much two places must look alike to be blended, and if there is much to make up for.
const LIKENESS: f32 = 0.9;
const ROUGH_LIKENESS: f32 = 0.5;
/// A gap that is longer than this is a pause of the sender or of the network: it may become shorter.
const PAUSE: Samples = 60 * SAMPLES_PER_MS;
/// After so much that was made up there is silence: what libopus makes up has long faded.
const MADE_UP_AT_MOST: Samples = 1_000 * SAMPLES_PER_MS;
/// Over so much what is played changes to what is somewhere else.
const BLENDED: Samples = 2 * GRAIN;
/// A payload of so few bytes says that there is nothing to say (RFC 6716 section 2.1.9).
const NOTHING_TO_SAY: usize = 2;

/// What happened so far, in samples where nothing else is said.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct JitterStatistics {
    /// Made up because there was no packet.
    pub(crate) concealed: u64,
    /// Times that some had to be made up.
    pub(crate) concealment_events: u64,
    /// Packets from whose successor what they had was recovered.
    pub(crate) recovered_packets: u64,
    pub(crate) inserted: u64,
    pub(crate) removed: u64,
    /// Packets that came too late, or were left out.
    pub(crate) discarded: u64,
}

/// Where in the sender's time we are.
#[derive(Clone, Copy, Debug)]
struct Position {
    /// The sample after the last one of a packet.
    next: Samples,
    /// Samples that were given instead of those from there on.
    made_up: Samples,
}

impl Position {
    fn reached(self) -> Samples {
        self.next + self.made_up
    }
}

pub(crate) struct JitterBuffer {
    decoder: AudioDecoder,
    epoch: Instant,
    arrivals: Arrivals,
    packets: Packets,
    /// The RTP time of the newest packet, without its wrap-around.
    newest: Option<Samples>,
    /// None before sound begins.
    position: Option<Position>,
    /// Decoded and not yet fetched, interleaved.
    decoded: Vec<f32>,
    /// What of that was made up for lost packets.
    origin: Origin,
    /// What was fetched last, as much as is needed to play some of it again.
    played: Vec<f32>,
    /// What would have been played on before a jump.
    tail: Option<Vec<f32>>,
    /// The last packet said that there is nothing to say.
    quiet: bool,
    concealing: bool,
    minimum: Samples,
    fetched: Option<Samples>,
    /// The delays of the last fetches, with when they were; the front is the least.
    delays: VecDeque<(Samples, Samples)>,
    stretched: Samples,
    statistics: JitterStatistics,
}

impl JitterBuffer {
    /// # Errors
    /// If the decoder cannot be made.
    pub(crate) fn new(epoch: Instant) -> Result<Self, MediaError> {
        Ok(Self {
            decoder: AudioDecoder::new()?,
            epoch,
            arrivals: Arrivals::new(),
            packets: Packets::default(),
            newest: None,
            position: None,
            decoded: Vec::new(),
            origin: Origin::default(),
            played: Vec::new(),
            tail: None,
            quiet: false,
            concealing: false,
            minimum: SHORTEST_DELAY,
            fetched: None,
            delays: VecDeque::new(),
            stretched: 0,
            statistics: JitterStatistics::default(),
        })
    }

    fn samples_at(&self, at: Instant) -> Samples {
        let samples = |time: std::time::Duration| {
            (time.as_nanos() * u128::from(SAMPLE_RATE) / 1_000_000_000) as Samples
        };
        match at.checked_duration_since(self.epoch) {
            Some(since) => samples(since),
            None => -samples(self.epoch - at),
        }
    }

    /// Takes an Opus packet that arrived at this time, in any order.
    pub(crate) fn insert(&mut self, at: Instant, rtp_timestamp: u32, payload: &[u8]) {
        // Of an unreadable packet nothing is known, not even its length: it is as if lost.
        let Some(duration) = AudioDecoder::samples_in(payload) else {
            return;
        };
        let at = self.samples_at(at);
        let mut time = self.without_wrap(rtp_timestamp);
        if self.is_of_another_clock(at - time) {
            tracing::debug!(rtp_timestamp, "a timeline of sound begins");
            self.begin();
            time = Samples::from(rtp_timestamp);
        }
        let overtaken = self.newest.is_some_and(|newest| time < newest);
        self.newest = Some(self.newest.map_or(time, |newest| newest.max(time)));
        self.arrivals.arrived(at, at - time, overtaken);
        let late = self.position.is_some_and(|position| time < position.next);
        if late {
            self.statistics.discarded += 1;
            return;
        }
        self.statistics.discarded += self.packets.insert(Packet {
            time,
            duration: duration as Samples,
            payload: payload.to_vec(),
        });
    }

    fn without_wrap(&self, rtp_timestamp: u32) -> Samples {
        let Some(newest) = self.newest else {
            return Samples::from(rtp_timestamp);
        };
        let ahead = rtp_timestamp.wrapping_sub(newest as u32).cast_signed();
        newest + Samples::from(ahead)
    }

    fn is_of_another_clock(&self, transit: Samples) -> bool {
        let base = self.arrivals.base();
        base.is_some_and(|base| transit < base - EARLIER || transit > base + LATER)
    }

    fn begin(&mut self) {
        self.arrivals.begin();
        self.packets.clear();
        self.newest = None;
        self.stop();
    }

    /// Sound begins again with a packet that is as old as it should be.
    fn stop(&mut self) {
        self.position = None;
        self.decoded.clear();
        self.origin = Origin::default();
        self.played.clear();
        self.tail = None;
        self.delays.clear();
    }

    /// The delay aimed for, after the fastest packet.
    fn target(&self) -> Samples {
        let needed = self.arrivals.needed().max(self.minimum);
        needed.clamp(SHORTEST_DELAY, LONGEST_DELAY)
    }

    /// Least delay that is kept, in milliseconds.
    pub(crate) fn set_minimum_delay(&mut self, milliseconds: u32) {
        self.minimum = Samples::from(milliseconds) * SAMPLES_PER_MS;
    }

    /// Milliseconds that wait, decoded or not.
    pub(crate) fn buffered_ms(&self) -> u32 {
        let samples = self.packets.held() + self.decoded_frames();
        (samples / SAMPLES_PER_MS) as u32
    }

    pub(crate) fn target_ms(&self) -> u32 {
        (self.target() / SAMPLES_PER_MS) as u32
    }

    pub(crate) fn statistics(&self) -> JitterStatistics {
        self.statistics
    }

    fn decoded_frames(&self) -> Samples {
        (self.decoded.len() / CHANNELS) as Samples
    }

    /// The next 10 ms, interleaved; none before the first packet came.
    pub(crate) fn fetch(&mut self, now: Instant) -> Option<[f32; MIX_SAMPLES]> {
        let now = self.samples_at(now);
        if self.fetched.is_some_and(|last| now - last > FETCH_PAUSE) {
            self.stop();
        }
        self.fetched = Some(now);
        // The sample that would have arrived now on the fastest way.
        let fastest = now - self.arrivals.base()?;
        if self.position.is_none() {
            self.start(fastest);
        }
        let mut block = [0.0; MIX_SAMPLES];
        if self.position.is_none() {
            return Some(block);
        }
        self.watch(now, fastest);
        self.keep_pace(now, fastest);
        while self.decoded_frames() < BLOCK {
            self.decode_more();
        }
        block.copy_from_slice(&self.decoded[..MIX_SAMPLES]);
        self.decoded.drain(..MIX_SAMPLES);
        // Counted as it is fetched: of the sound that was given it is a part (webrtc-stats, `concealedSamples`).
        self.statistics.concealed += self.origin.take(BLOCK).unsigned_abs();
        let kept = stretch::TO_LENGTHEN * CHANNELS - MIX_SAMPLES;
        self.played.drain(..self.played.len().saturating_sub(kept));
        self.played.extend_from_slice(&block);
        Some(block)
    }

    /// Begins with the packet that is as old as it should be, as soon as there is one.
    fn start(&mut self, fastest: Samples) {
        let from = fastest - self.target();
        // The last one is better than nothing, if it is not of long ago.
        self.statistics.discarded += self.packets.forget_ended(from, from - STALE);
        if let Some(first) = self.packets.first()
            && first.time <= from
        {
            self.position = Some(Position {
                next: first.time,
                made_up: 0,
            });
        }
    }

    /// Notes how old what is fetched now is.
    fn watch(&mut self, now: Samples, fastest: Samples) {
        let Some(position) = self.position else {
            return;
        };
        let delay = fastest - (position.reached() - self.decoded_frames());
        while let Some((since, _)) = self.delays.front()
            && now - since > LEAST_OF
        {
            self.delays.pop_front();
        }
        while let Some((_, longer)) = self.delays.back()
            && *longer >= delay
        {
            self.delays.pop_back();
        }
        self.delays.push_back((now, delay));
    }

    /// By how much sound is older than it should be.
    fn excess(&self) -> Samples {
        let least = self.delays.front().map(|(_, delay)| *delay);
        least.unwrap_or(self.target()) - self.target()
    }

    fn aged(&mut self, samples: Samples) {
        for (_, delay) in &mut self.delays {
            *delay += samples;
        }
    }

    /// Makes sound a little shorter or longer where it is older or newer than it should be.
    fn keep_pace(&mut self, now: Samples, fastest: Samples) {
        let excess = self.excess();
        if excess > TOO_MUCH {
            self.jump(fastest - self.target(), excess);
            return;
        }
        let much = excess > MUCH;
        let interval = if much { BLOCK } else { STRETCH_INTERVAL };
        let wrong = excess > SLACK || excess < -self.target() / 4;
        let needed = if excess > 0 {
            stretch::TO_SHORTEN
        } else {
            stretch::TO_LENGTHEN
        };
        if !wrong || now - self.stretched < interval || !self.look_ahead(needed) {
            return;
        }
        let likeness = if much { ROUGH_LIKENESS } else { LIKENESS };
        let changed = if excess > 0 {
            let removed = stretch::shorten(&mut self.decoded, likeness);
            self.statistics.removed += removed as u64;
            self.origin.take(removed as Samples);
            -(removed as Samples)
        } else {
            let inserted = stretch::lengthen(&self.played, &mut self.decoded, likeness);
            self.statistics.inserted += inserted as u64;
            self.origin.lengthen(inserted as Samples);
            inserted as Samples
        };
        if changed != 0 {
            self.stretched = now;
            self.aged(changed);
        }
    }

    /// Decodes so many frames; whether there are so many without making anything up.
    fn look_ahead(&mut self, frames: usize) -> bool {
        while self.decoded.len() < frames * CHANNELS {
            let follows = match (&self.position, self.packets.first()) {
                (Some(position), Some(first)) => first.time - position.reached() < GRAIN,
                _ => false,
            };
            if !follows {
                return false;
            }
            self.decode_more();
        }
        true
    }

    /// Goes on with a later packet.
    fn jump(&mut self, to: Samples, excess: Samples) {
        let left_out = self.packets.forget_ended(to, Samples::MIN);
        self.statistics.discarded += left_out;
        if let (Some(position), Some(first)) = (&mut self.position, self.packets.first()) {
            let reached = position.reached();
            if first.time <= reached {
                return;
            }
            tracing::debug!(left_out, excess, "sound was left out, it was too old");
            *position = Position {
                next: first.time.min(reached + excess),
                made_up: 0,
            };
            let skipped = position.next - reached;
            self.tail = self.decoder.conceal(BLENDED as usize).ok();
            self.aged(-skipped);
        }
    }

    /// Decodes the next packet, or makes up for it.
    fn decode_more(&mut self) {
        let Some(mut position) = self.position else {
            return;
        };
        self.statistics.discarded += self.packets.forget_before(position.next);
        let Some(first) = self.packets.first() else {
            self.make_up(position, BLOCK);
            return;
        };
        let (time, duration) = (first.time, first.duration);
        let mut gap = time - position.reached();
        // In a pause nothing is lost by waiting less, until sound is as old as it should be.
        let excess = self.excess().min(gap);
        if gap > PAUSE && excess > 0 {
            position.next += excess;
            gap -= excess;
            self.aged(-excess);
        }
        let lost = gap / GRAIN * GRAIN;
        if lost <= 0 {
            self.decode_first(position);
        } else if lost > duration {
            self.make_up(position, (lost - duration).min(BLOCK));
        } else {
            self.recover(position, lost);
        }
    }

    fn decode_first(&mut self, position: Position) {
        let Some(packet) = self.packets.pop() else {
            return;
        };
        match self.decoder.decode(&packet.payload) {
            Ok(samples) => {
                let frames = (samples.len() / CHANNELS) as Samples;
                self.position = Some(Position {
                    next: packet.time + frames,
                    made_up: 0,
                });
                self.append(samples, false);
                // What was given instead of what came late is more than there was.
                let more = position.reached() - packet.time;
                self.aged(more);
                self.quiet = packet.payload.len() <= NOTHING_TO_SAY;
                self.concealing = false;
            }
            Err(error) => {
                tracing::debug!(%error, "a packet could not be decoded");
                self.position = Some(position);
            }
        }
    }

    /// Gives what the packet after the lost one has of it, or makes it up.
    fn recover(&mut self, position: Position, lost: Samples) {
        let Some(first) = self.packets.first() else {
            return;
        };
        let has_it = lost == first.duration && AudioDecoder::has_previous(&first.payload);
        let recovered = self.decoder.recover(&first.payload, lost as usize);
        match recovered {
            Ok(samples) if has_it => {
                self.statistics.recovered_packets += 1;
                self.concealing = false;
                self.gave(position, samples, false);
            }
            Ok(samples) => {
                let lost = self.count_made_up();
                self.gave(position, samples, lost);
            }
            Err(_) => self.silence(position, lost),
        }
    }

    fn make_up(&mut self, position: Position, count: Samples) {
        if position.made_up >= MADE_UP_AT_MOST {
            self.silence(position, count);
            return;
        }
        match self.decoder.conceal(count as usize) {
            Ok(samples) => {
                let lost = self.count_made_up();
                self.gave(position, samples, lost);
            }
            Err(_) => self.silence(position, count),
        }
    }

    fn silence(&mut self, position: Position, count: Samples) {
        let lost = self.count_made_up();
        self.gave(position, vec![0.0; count as usize * CHANNELS], lost);
    }

    fn gave(&mut self, mut position: Position, samples: Vec<f32>, lost: bool) {
        position.made_up += (samples.len() / CHANNELS) as Samples;
        self.position = Some(position);
        self.append(samples, lost);
    }

    /// Whether anything is lost: a sender who has nothing to say leaves packets out.
    fn count_made_up(&mut self) -> bool {
        if self.quiet {
            return false;
        }
        self.statistics.concealment_events += u64::from(!self.concealing);
        self.concealing = true;
        true
    }

    fn append(&mut self, mut samples: Vec<f32>, lost: bool) {
        if let Some(tail) = self.tail.take() {
            let frames = tail.len().min(samples.len()) / CHANNELS;
            for (index, (to, from)) in samples.iter_mut().zip(&tail).enumerate() {
                *to = stretch::blend(*from, *to, index / CHANNELS, frames);
            }
        }
        let frames = (samples.len() / CHANNELS) as Samples;
        self.origin.0.push_back((frames, lost));
        self.decoded.append(&mut samples);
    }
}

/// Of sound that waits, in its order: how many samples, and whether they were made up for lost ones.
#[derive(Debug, Default)]
struct Origin(VecDeque<(Samples, bool)>);

impl Origin {
    /// Takes so many from its beginning; how many of them were made up.
    fn take(&mut self, mut count: Samples) -> Samples {
        let mut made_up = 0;
        while count > 0
            && let Some((samples, lost)) = self.0.front_mut()
        {
            let taken = count.min(*samples);
            made_up += if *lost { taken } else { 0 };
            count -= taken;
            *samples -= taken;
            if *samples == 0 {
                self.0.pop_front();
            }
        }
        made_up
    }

    /// Its beginning became longer.
    fn lengthen(&mut self, count: Samples) {
        if let Some((samples, _)) = self.0.front_mut() {
            *samples += count;
        }
    }
}

#[cfg(test)]
mod tests;
