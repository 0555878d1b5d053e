//! What the loudspeakers were given, and when: the reference of echo cancellation.
//!
//! Each loudspeaker has a clock of its own, and so has each microphone. Here everything is put on the
//! program's clock; [`Reference`] then reads it in the rhythm of one microphone.

mod earliest;
mod interpolation;
mod reference;

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::audio_block::{BLOCK_SAMPLES, CHANNELS, MIX_SAMPLES, SAMPLE_RATE};
use earliest::Earliest;
pub(crate) use reference::Reference;

/// What was played is kept for so long: microphones that give seconds at once are late.
const KEPT: Duration = Duration::from_secs(6);
/// A loudspeaker that fetched nothing for so long is silent.
const SILENT: Duration = Duration::from_millis(200);

/// What this program plays, on all its loudspeakers. Cheap to clone. Nothing is kept while nobody
/// listens.
#[derive(Clone)]
pub struct FarEnd(Arc<Inner>);

struct Inner {
    /// Times are told in samples since then.
    start: Instant,
    listeners: AtomicUsize,
    /// By the loudspeaker's id.
    loudspeakers: Mutex<HashMap<String, Played>>,
}

impl fmt::Debug for FarEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FarEnd")
            .field("listeners", &self.0.listeners.load(Ordering::Relaxed))
            .finish_non_exhaustive()
    }
}

impl Default for FarEnd {
    fn default() -> Self {
        Self(Arc::new(Inner {
            start: Instant::now(),
            listeners: AtomicUsize::default(),
            loudspeakers: Mutex::default(),
        }))
    }
}

impl FarEnd {
    /// A loudspeaker was given these 10 ms at that time: interleaved stereo at 48 kHz.
    pub fn played(&self, device_id: &str, now: Instant, mixed: &[f32; MIX_SAMPLES]) {
        if self.0.listeners.load(Ordering::Relaxed) == 0 {
            return;
        }
        let at = self.samples_at(now);
        let mut loudspeakers = self.0.loudspeakers.lock();
        // A loudspeaker that has been closed fetches no more.
        loudspeakers.retain(|id, played| id == device_id || !played.is_silent(now));
        match loudspeakers.get_mut(device_id) {
            Some(played) if !played.is_silent(now) => played.add(now, at, mixed),
            // It begins anew, whatever was before.
            _ => {
                let mut played = Played::new(now);
                played.add(now, at, mixed);
                loudspeakers.insert(device_id.into(), played);
            }
        }
    }

    #[cfg(test)]
    pub(crate) fn is_listened_to(&self) -> bool {
        self.0.listeners.load(Ordering::Relaxed) > 0
    }

    /// Samples at 48 kHz from the beginning of all counting to that moment.
    fn samples_at(&self, at: Instant) -> f64 {
        let since = at.saturating_duration_since(self.0.start).as_secs_f64();
        let before = self.0.start.saturating_duration_since(at).as_secs_f64();
        (since - before) * f64::from(SAMPLE_RATE)
    }
}

/// Counts as a listener until it is dropped.
#[derive(Debug)]
struct Listening(FarEnd);

impl Listening {
    fn new(far_end: &FarEnd) -> Self {
        far_end.0.listeners.fetch_add(1, Ordering::Relaxed);
        Self(far_end.clone())
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if self.0.0.listeners.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.0.0.loudspeakers.lock().clear();
        }
    }
}

/// What one loudspeaker was given since it last began.
struct Played {
    began: Instant,
    last: Instant,
    /// Interleaved; the first of them has the number `first`, in samples of one channel.
    kept: VecDeque<f32>,
    first: u64,
    /// When the sample of number 0 was fetched, by the earliest that others were: a thread that
    /// wakes late says nothing about the device, nor does the device when it fills its buffer.
    origin: Earliest,
}

impl Played {
    fn new(now: Instant) -> Self {
        Self {
            began: now,
            last: now,
            kept: VecDeque::new(),
            first: 0,
            origin: Earliest::default(),
        }
    }

    fn is_silent(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.last) > SILENT
    }

    fn add(&mut self, now: Instant, at: f64, mixed: &[f32; MIX_SAMPLES]) {
        self.origin.see(at, at - self.end() as f64);
        self.last = now;
        self.kept.extend(mixed);
        let most = KEPT.as_secs() as usize * SAMPLE_RATE as usize * CHANNELS;
        if self.kept.len() > most {
            self.kept.drain(..MIX_SAMPLES);
            self.first += BLOCK_SAMPLES as u64;
        }
    }

    /// The number of the sample that comes next.
    fn end(&self) -> u64 {
        self.first + (self.kept.len() / CHANNELS) as u64
    }

    /// `count` samples of each channel from this number on; `None` for those that are not kept any
    /// more, or not there yet.
    fn copy(&self, from: u64, count: usize) -> Option<Vec<f32>> {
        let skip = usize::try_from(from.checked_sub(self.first)?).ok()? * CHANNELS;
        let all = count * CHANNELS;
        (skip + all <= self.kept.len())
            .then(|| self.kept.range(skip..skip + all).copied().collect())
    }
}
