//! Playing what came in: one jitter buffer per remote track, mixed for each loudspeaker in use.

mod output;
mod source;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::MediaDevices;
use crate::audio_block::MIX_SAMPLES;
use crate::far_end::FarEnd;
use crate::playout::output::Output;
pub use crate::playout::source::{PlayoutStatistics, Receiver};
use crate::trouble::Trouble;

/// The loudspeaker side of a program. Each source plays on a loudspeaker of its own choice, which
/// is opened with its first source and closed with its last. Without a working loudspeaker sound is
/// consumed all the same, in real time, so that nothing piles up, and the loudspeaker is tried again
/// when a device appears. While the one that was chosen is not there, the system's default plays
/// instead.
#[derive(Clone)]
pub struct Playout(Arc<Inner>);

/// The loudspeakers of the system, by id; empty: the system's default.
trait Loudspeakers: Send + Sync {
    /// Takes a moment.
    fn open(&self, speaker: Speaker) -> Output;

    fn has(&self, device_id: &str) -> bool;

    /// Lets this time pass before one that failed is tried again.
    fn rest(&self, time: Duration);
}

impl Loudspeakers for MediaDevices {
    fn open(&self, speaker: Speaker) -> Output {
        Output::open(self, speaker)
    }

    fn has(&self, device_id: &str) -> bool {
        self.has_output(device_id)
    }

    fn rest(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

struct Inner {
    loudspeakers: Arc<dyn Loudspeakers>,
    /// Is told what is heard.
    far_end: FarEnd,
    state: Mutex<State>,
    _changes: Mutex<Vec<crate::Subscription>>,
}

/// What there should be is told by `sources` alone; `outputs` follows. So it does not matter in
/// which order threads that open and close come to their end.
#[derive(Default)]
struct State {
    next_id: u64,
    sources: Vec<Source>,
    /// By the loudspeaker's id.
    outputs: HashMap<String, Slot>,
    /// Those of them that failed, by the same id.
    troubles: HashMap<String, Trouble>,
}

struct Source {
    id: u64,
    device_id: String,
    receiver: Arc<Receiver>,
}

#[derive(Debug)]
enum Slot {
    /// A thread is opening it.
    Opening,
    Open(Output),
}

impl State {
    fn wants(&self, device_id: &str) -> bool {
        self.sources
            .iter()
            .any(|source| source.device_id == device_id)
    }
}

/// One loudspeaker, as what plays on it sees it.
#[derive(Clone)]
pub(crate) struct Speaker {
    device_id: String,
    playout: Weak<Inner>,
}

impl Speaker {
    /// Ten milliseconds of everything that is played here, interleaved stereo. They are about to
    /// be heard.
    pub(crate) fn mix(&self, mixed: &mut [f32; MIX_SAMPLES]) {
        mixed.fill(0.0);
        let Some(playout) = self.playout.upgrade() else {
            return;
        };
        let now = Instant::now();
        self.mix_of(&playout, now, mixed);
        playout.far_end.played(&self.device_id, now, mixed);
    }

    /// The same where there is no loudspeaker: nobody hears it.
    pub(crate) fn consume(&self) {
        if let Some(playout) = self.playout.upgrade() {
            self.mix_of(&playout, Instant::now(), &mut [0.0; MIX_SAMPLES]);
        }
    }

    fn mix_of(&self, playout: &Inner, now: Instant, mixed: &mut [f32; MIX_SAMPLES]) {
        // Copied out: decoding must not hold the lock that the page's calls need.
        let state = playout.state.lock();
        let playing = state.sources.iter();
        let playing = playing.filter(|source| source.device_id == self.device_id);
        let receivers: Vec<Arc<Receiver>> = playing.map(|source| source.receiver.clone()).collect();
        drop(state);
        for receiver in receivers {
            receiver.add_to(now, mixed);
        }
        for value in mixed.iter_mut() {
            *value = soft_clip(*value);
        }
    }

    /// The device is gone.
    pub(crate) fn lost(&self) {
        if let Some(playout) = self.playout.upgrade() {
            playout.lost(&self.device_id, Instant::now());
        }
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").finish_non_exhaustive()
    }
}

impl fmt::Debug for Playout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.0.state.lock();
        f.debug_struct("Playout")
            .field("sources", &state.sources.len())
            .field("outputs", &state.outputs)
            .finish_non_exhaustive()
    }
}

impl Playout {
    /// Opens nothing yet.
    pub fn new(devices: MediaDevices) -> Self {
        let playout = Self::with(Arc::new(devices.clone()), devices.far_end().clone());
        let (changed, lost) = (Arc::downgrade(&playout.0), Arc::downgrade(&playout.0));
        *playout.0._changes.lock() = vec![
            devices.on_change(move || {
                // On a thread of its own: this one is GStreamer's, and opening takes a moment.
                if let Some(inner) = changed.upgrade() {
                    inner.aside(|inner| inner.retry(|_| true));
                }
            }),
            devices.on_removed(move |device_id| {
                if let Some(inner) = lost.upgrade() {
                    inner.removed(device_id);
                }
            }),
        ];
        playout
    }

    fn with(loudspeakers: Arc<dyn Loudspeakers>, far_end: FarEnd) -> Self {
        Self(Arc::new(Inner {
            loudspeakers,
            far_end,
            state: Mutex::default(),
            _changes: Mutex::default(),
        }))
    }

    /// A new remote track, to be played on the loudspeaker of this id; empty: the system's default.
    /// It is silent until packets come, and ends when dropped. Does not wait for the loudspeaker.
    ///
    /// # Errors
    /// If the decoder cannot be made.
    pub fn add_source(&self, device_id: &str) -> Result<PlayoutSource, crate::MediaError> {
        let receiver = Arc::new(Receiver::new(Instant::now())?);
        let mut state = self.0.state.lock();
        let id = state.next_id;
        state.next_id += 1;
        state.sources.push(Source {
            id,
            device_id: device_id.into(),
            receiver: receiver.clone(),
        });
        drop(state);
        self.0.follow();
        Ok(PlayoutSource {
            id,
            receiver,
            playout: Arc::downgrade(&self.0),
        })
    }
}

impl Inner {
    /// Runs what takes a moment (opening and closing a device) on a thread of its own: those who
    /// call here carry media. Whether there is one.
    fn aside(self: &Arc<Self>, run: impl FnOnce(&Arc<Self>) + Send + 'static) -> bool {
        let inner = self.clone();
        let spawned = std::thread::Builder::new()
            .name("loudspeaker".into())
            .spawn(move || run(&inner));
        if let Err(error) = &spawned {
            tracing::error!(%error, "the loudspeaker stays as it is");
        }
        spawned.is_ok()
    }

    /// Opens loudspeakers that sources want, and closes those that none wants.
    fn follow(self: &Arc<Self>) {
        let mut guard = self.state.lock();
        let State {
            sources,
            outputs,
            troubles,
            ..
        } = &mut *guard;
        let wanted = |device_id: &str| sources.iter().any(|source| source.device_id == device_id);
        troubles.retain(|device_id, _| wanted(device_id));
        let idle: Vec<(String, Slot)> = outputs
            .extract_if(|device_id, slot| matches!(slot, Slot::Open(_)) && !wanted(device_id))
            .collect();
        let mut missing = Vec::new();
        for Source { device_id, .. } in sources.iter() {
            if !outputs.contains_key(device_id) {
                outputs.insert(device_id.clone(), Slot::Opening);
                missing.push(device_id.clone());
            }
        }
        drop(guard);
        if !idle.is_empty() {
            self.aside(move |_| drop(idle));
        }
        for device_id in missing {
            let name = device_id.clone();
            if !self.aside(move |inner| inner.open(name)) {
                self.state.lock().outputs.remove(&device_id);
            }
        }
    }

    /// Opens one loudspeaker, outside the lock, which mixing takes.
    fn open(self: &Arc<Self>, device_id: String) {
        let start = Instant::now();
        let output = self.loudspeakers.open(Speaker {
            device_id: device_id.clone(),
            playout: Arc::downgrade(self),
        });
        tracing::debug!(took = ?start.elapsed(), "loudspeaker opened");
        let mut state = self.state.lock();
        // Its last source may have gone meanwhile, or have chosen another.
        if state.wants(&device_id) {
            state.outputs.insert(device_id, Slot::Open(output));
            return;
        }
        state.outputs.remove(&device_id);
        drop(state);
        drop(output);
    }

    /// A loudspeaker failed: at once the first time, and after growing pauses from then on, it is
    /// opened again.
    fn lost(self: &Arc<Self>, device_id: &str, now: Instant) {
        let mut state = self.state.lock();
        if !state.wants(device_id) {
            return;
        }
        let opening = matches!(state.outputs.get(device_id), Some(Slot::Opening));
        let trouble = state.troubles.entry(device_id.into()).or_default();
        trouble.works(now);
        let news = trouble.failed(now);
        // One that is still being opened is not there yet to be replaced.
        let rest = if news && !opening {
            Duration::ZERO
        } else {
            trouble.rest(now)
        };
        drop(state);
        tracing::debug!(
            device_id,
            news,
            ?rest,
            "a loudspeaker failed and is opened again"
        );
        let device_id = device_id.to_owned();
        // The output must not be dropped on its own thread.
        self.aside(move |inner| {
            if !rest.is_zero() {
                inner.stand_in(&device_id);
                inner.open_after(rest, device_id);
            } else {
                inner.retry(|other| other == device_id);
            }
        });
    }

    /// What failed consumes nothing until it is opened again.
    fn stand_in(self: &Arc<Self>, device_id: &str) {
        let output = Output::stand_in(Speaker {
            device_id: device_id.into(),
            playout: Arc::downgrade(self),
        });
        let mut state = self.state.lock();
        let old = match state.outputs.get_mut(device_id) {
            Some(Slot::Open(failed)) if !failed.audible() => std::mem::replace(failed, output),
            _ => output,
        };
        drop(state);
        drop(old);
    }

    /// Does not keep the playout alive while it waits.
    fn open_after(self: &Arc<Self>, rest: Duration, device_id: String) {
        let (loudspeakers, inner) = (self.loudspeakers.clone(), Arc::downgrade(self));
        let spawned = std::thread::Builder::new()
            .name("loudspeaker-rest".into())
            .spawn(move || {
                loudspeakers.rest(rest);
                if let Some(inner) = inner.upgrade() {
                    inner.retry(|other| other == device_id);
                }
            });
        if let Err(error) = spawned {
            tracing::error!(%error, "the loudspeaker stays silent");
        }
    }

    /// The sound server lets what played on this loudspeaker go on with another one.
    fn removed(&self, device_id: &str) {
        for slot in self.state.lock().outputs.values_mut() {
            if let Slot::Open(output) = slot {
                output.removed(device_id);
            }
        }
    }

    /// A fresh start for those of `which` that give no sound now, or not where it is wanted while
    /// they could.
    fn retry(self: &Arc<Self>, which: impl Fn(&str) -> bool) {
        let state = self.state.lock();
        let chosen = state.outputs.keys().filter(|device_id| which(device_id));
        let chosen: Vec<String> = chosen.cloned().collect();
        drop(state);
        // Asked outside the lock, which mixing takes.
        let present: Vec<&String> = chosen
            .iter()
            .filter(|device_id| self.loudspeakers.has(device_id))
            .collect();
        let wrong = |device_id: &String, slot: &mut Slot| match slot {
            Slot::Open(output) if chosen.contains(device_id) => {
                !output.audible() || (present.contains(&device_id) && !output.is_on(device_id))
            }
            _ => false,
        };
        let old: Vec<(String, Slot)> = self.state.lock().outputs.extract_if(wrong).collect();
        drop(old);
        self.follow();
    }
}

/// Leaves up to 0.8 alone and bends what is above, so that loud voices together do not crackle.
fn soft_clip(value: f32) -> f32 {
    const KNEE: f32 = 0.8;
    let size = value.abs();
    if size <= KNEE {
        return value;
    }
    let over = (size - KNEE) / (1.0 - KNEE);
    (KNEE + (1.0 - KNEE) * (over / (1.0 + over))) * value.signum()
}

/// One remote track being played.
#[derive(Debug)]
pub struct PlayoutSource {
    id: u64,
    receiver: Arc<Receiver>,
    playout: Weak<Inner>,
}

impl PlayoutSource {
    /// Takes an Opus packet with the time of its arrival, in any order.
    pub fn push_packet(&self, arrival: Instant, rtp_timestamp: u32, payload: &[u8]) {
        self.receiver.push_packet(arrival, rtp_timestamp, payload);
    }

    /// 0.0 to 1.0; 0.0 while nobody listens: the sound is decoded, but not heard.
    pub fn set_volume(&self, volume: f32) {
        self.receiver.set_volume(volume);
    }

    /// Least delay that the jitter buffer keeps, in milliseconds (`jitterBufferTarget`).
    pub fn set_minimum_delay(&self, milliseconds: u32) {
        self.receiver.set_minimum_delay(milliseconds);
    }

    /// Plays on another loudspeaker from now on; empty: the system's default. Does not wait for it.
    pub fn set_output_device(&self, device_id: &str) {
        let Some(playout) = self.playout.upgrade() else {
            return;
        };
        let mut state = playout.state.lock();
        let mine = state.sources.iter_mut().find(|source| source.id == self.id);
        let Some(mine) = mine.filter(|source| source.device_id != device_id) else {
            return;
        };
        mine.device_id = device_id.into();
        drop(state);
        playout.follow();
    }

    /// Totals, and the level of now.
    pub fn statistics(&self) -> PlayoutStatistics {
        self.receiver.statistics()
    }
}

impl Drop for PlayoutSource {
    fn drop(&mut self) {
        if let Some(playout) = self.playout.upgrade() {
            let mut state = playout.state.lock();
            state.sources.retain(|source| source.id != self.id);
            drop(state);
            playout.follow();
        }
    }
}

#[cfg(test)]
mod tests;
