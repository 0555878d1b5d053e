//! Playing what came in: one jitter buffer per remote track, mixed, one loudspeaker.

mod output;
mod source;

use std::fmt;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use crate::MediaDevices;
use crate::microphone::BLOCK_SAMPLES;
use crate::playout::output::Output;
pub use crate::playout::source::PlayoutStatistics;
use crate::playout::source::Receiver;

/// Channels of what is played.
pub(crate) const CHANNELS: usize = 2;
/// Samples of 10 ms of what is played, interleaved.
pub(crate) const MIX_SAMPLES: usize = BLOCK_SAMPLES * CHANNELS;

/// The loudspeaker side of a program. Opened when the first source is added, closed with the last.
/// Without a working loudspeaker sound is consumed all the same, in real time, so that nothing
/// piles up, and the loudspeaker is tried again when a device appears. While the one that was
/// chosen is not there, the system's default plays instead.
#[derive(Clone)]
pub struct Playout(Arc<Inner>);

pub(crate) struct Inner {
    devices: MediaDevices,
    state: Mutex<State>,
    _changes: Mutex<Vec<crate::Subscription>>,
}

#[derive(Default)]
struct State {
    device_id: String,
    next_id: u64,
    sources: Vec<(u64, Arc<Receiver>)>,
    output: Option<Output>,
    /// A thread is opening the loudspeaker.
    opening: bool,
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
            .field("device_id", &state.device_id)
            .field("sources", &state.sources.len())
            .field("output", &state.output)
            .finish_non_exhaustive()
    }
}

impl Playout {
    /// Opens nothing yet.
    pub fn new(devices: MediaDevices) -> Self {
        let inner = Arc::new(Inner {
            devices: devices.clone(),
            state: Mutex::default(),
            _changes: Mutex::default(),
        });
        let (changed, lost) = (Arc::downgrade(&inner), Arc::downgrade(&inner));
        *inner._changes.lock() = vec![
            devices.on_change(move || {
                // On a thread of its own: this one is GStreamer's, and opening takes a moment.
                if let Some(inner) = changed.upgrade() {
                    inner.aside(Inner::retry);
                }
            }),
            devices.on_removed(move |device_id| {
                if let Some(inner) = lost.upgrade() {
                    inner.removed(device_id);
                }
            }),
        ];
        Self(inner)
    }

    /// Plays on another loudspeaker; empty: the system's default.
    pub fn set_output_device(&self, device_id: &str) {
        let mut state = self.0.state.lock();
        if state.device_id != device_id {
            state.device_id = device_id.into();
            let old = state.output.take();
            drop(state);
            if let Some(old) = old {
                self.0.aside(|inner| {
                    drop(old);
                    inner.open();
                });
            }
        }
    }

    /// A new remote track. It is silent until packets come, and ends when dropped. Does not wait
    /// for the loudspeaker.
    ///
    /// # Errors
    /// If the decoder cannot be made.
    pub fn add_source(&self) -> Result<PlayoutSource, crate::MediaError> {
        let receiver = Arc::new(Receiver::new()?);
        let id = {
            let mut state = self.0.state.lock();
            let id = state.next_id;
            state.next_id += 1;
            state.sources.push((id, receiver.clone()));
            id
        };
        self.0.aside(Inner::open);
        Ok(PlayoutSource {
            id,
            receiver,
            playout: Arc::downgrade(&self.0),
        })
    }
}

impl Inner {
    /// Runs what takes a moment (opening and closing a device) on a thread of its own: those who
    /// call here carry media.
    fn aside(self: &Arc<Self>, run: impl FnOnce(&Arc<Self>) + Send + 'static) {
        let inner = self.clone();
        let spawned = std::thread::Builder::new()
            .name("loudspeaker".into())
            .spawn(move || run(&inner));
        if let Err(error) = spawned {
            tracing::error!(%error, "the loudspeaker stays as it is");
        }
    }

    /// Opens the loudspeaker if there is something to play and it is not open or being opened.
    fn open(self: &Arc<Self>) {
        loop {
            let device_id = {
                let mut state = self.state.lock();
                if state.output.is_some() || state.opening || state.sources.is_empty() {
                    return;
                }
                state.opening = true;
                state.device_id.clone()
            };
            // Opened outside the lock, which the mixing callback takes.
            let start = std::time::Instant::now();
            let output = Output::open(&self.devices, &device_id, Arc::downgrade(self));
            tracing::debug!(took = ?start.elapsed(), "loudspeaker opened");
            let mut state = self.state.lock();
            state.opening = false;
            // Another may have been chosen meanwhile, or the last source have gone.
            if state.device_id == device_id && !state.sources.is_empty() {
                state.output = Some(output);
                return;
            }
            drop(state);
            drop(output);
        }
    }

    /// The sound server lets what played on this loudspeaker go on with another one.
    fn removed(&self, device_id: &str) {
        if let Some(output) = &mut self.state.lock().output {
            output.removed(device_id);
        }
    }

    /// The loudspeaker failed or devices changed: a fresh start if there is no sound now, or not
    /// where it is wanted while it could be.
    fn retry(self: &Arc<Self>) {
        let wanted = self.state.lock().device_id.clone();
        // Asked outside the lock, which the mixing callback takes.
        let there = self.devices.has_output(&wanted);
        let mut state = self.state.lock();
        let still_wanted = there && state.device_id == wanted;
        let wrong =
            |output: &mut Output| !output.audible() || (still_wanted && !output.is_on(&wanted));
        let Some(old) = state.output.take_if(wrong) else {
            return;
        };
        drop(state);
        drop(old);
        self.open();
    }

    /// Called by the output when its device is gone.
    pub(crate) fn device_lost(self: &Arc<Self>) {
        // The output must not be dropped on its own thread.
        self.aside(Self::retry);
    }

    /// Ten milliseconds of everything, interleaved stereo.
    pub(crate) fn mix(&self, mixed: &mut [f32; MIX_SAMPLES]) {
        // Copied out: decoding must not hold the lock that the page's calls need.
        let sources = self.state.lock().sources.clone();
        mixed.fill(0.0);
        for (_, source) in sources {
            source.add_to(mixed);
        }
        for value in mixed.iter_mut() {
            *value = soft_clip(*value);
        }
    }

    fn remove_source(self: &Arc<Self>, id: u64) {
        let mut state = self.state.lock();
        state.sources.retain(|(other, _)| *other != id);
        let idle = state
            .sources
            .is_empty()
            .then(|| state.output.take())
            .flatten();
        drop(state);
        if let Some(idle) = idle {
            self.aside(move |_| drop(idle));
        }
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
    /// Takes an Opus packet as it arrives, in any order.
    pub fn push_packet(&self, sequence_number: u16, rtp_timestamp: u32, payload: &[u8]) {
        self.receiver
            .push_packet(sequence_number, rtp_timestamp, payload);
    }

    /// 0.0 to 1.0; 0.0 while nobody listens: the sound is decoded, but not heard.
    pub fn set_volume(&self, volume: f32) {
        self.receiver.set_volume(volume);
    }

    /// Least delay that the jitter buffer keeps, in milliseconds (`jitterBufferTarget`).
    pub fn set_minimum_delay(&self, milliseconds: u32) {
        self.receiver.set_minimum_delay(milliseconds);
    }

    /// Totals, and the level of now.
    pub fn statistics(&self) -> PlayoutStatistics {
        self.receiver.statistics()
    }
}

impl Drop for PlayoutSource {
    fn drop(&mut self) {
        if let Some(playout) = self.playout.upgrade() {
            playout.remove_source(self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clipping_is_gentle_and_bounded() {
        assert_eq!(soft_clip(0.5), 0.5);
        assert!(soft_clip(0.9) < 0.9 && soft_clip(0.9) > 0.8);
        assert!(soft_clip(50.0) < 1.0 && soft_clip(-50.0) > -1.0);
    }
}
