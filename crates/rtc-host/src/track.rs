//! What is captured here.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use parking_lot::Mutex;
use rtc_core::Kind;
use rtc_media::{
    AudioBlock, Camera, DeviceInfo, DeviceKind, Fanout, MediaError, Microphone, Screen,
    SoundSwitches, Subscription, VideoConstraints, VideoFrame,
};
use tokio::sync::oneshot;

use crate::lane::Lane;

/// Where a local track comes from.
#[derive(Debug)]
pub enum Source {
    /// Pictures.
    Camera(Camera),
    /// Pictures of a monitor or a window.
    Screen(Screen),
    /// Sound.
    Microphone(Microphone),
}

/// What a track holds: [`LocalTrack`] describes it by a device, also where there is none.
fn described(source: &Source) -> (Kind, DeviceInfo) {
    match source {
        Source::Camera(camera) => (Kind::Video, camera.info().clone()),
        Source::Microphone(microphone) => (Kind::Audio, microphone.info().clone()),
        Source::Screen(screen) => {
            let device = DeviceInfo {
                device_id: String::new(),
                group_id: String::new(),
                kind: DeviceKind::VideoInput,
                label: screen.title().to_owned(),
            };
            (Kind::Video, device)
        }
    }
}

/// `contentHint` of a track (W3C mst-content-hint).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ContentHint {
    /// None was given.
    #[default]
    None,
    /// What moves: fluent rather than sharp.
    Motion,
    /// What has to be read: sharp, and a few pictures.
    Text,
}

impl Source {
    fn share(&self) -> Self {
        match self {
            Self::Camera(camera) => Self::Camera(camera.clone()),
            Self::Screen(screen) => Self::Screen(screen.clone()),
            Self::Microphone(microphone) => Self::Microphone(microphone.clone()),
        }
    }

    fn on_ended(&self, callback: impl Fn() + Send + Sync + 'static) -> Subscription {
        match self {
            Self::Camera(camera) => camera.on_ended(callback),
            Self::Screen(screen) => screen.on_ended(callback),
            Self::Microphone(microphone) => microphone.on_ended(callback),
        }
    }
}

/// A `MediaStreamTrack` of a device, and the only thing that holds the device: whoever shows,
/// meters or sends the track refers to it, and gets nothing more once it has ended. The device
/// closes when its last track has ended or is dropped.
#[derive(Debug)]
pub struct LocalTrack {
    kind: Kind,
    device: DeviceInfo,
    switch: Arc<Switch>,
    /// None: the track has ended.
    held: Mutex<Option<Held>>,
    hint: Mutex<ContentHint>,
    ended: Fanout<()>,
    disabled: Fanout<()>,
    lane: Lane,
}

#[derive(Debug)]
struct Held {
    source: Source,
    _gone: Subscription,
}

/// What the capture threads look at before they hand anything out.
#[derive(Debug)]
struct Switch {
    live: AtomicBool,
    enabled: Mutex<Enabled>,
}

/// `enabled`, and since when; none: it was never switched.
#[derive(Clone, Copy, Debug)]
struct Enabled {
    on: bool,
    since: Option<Instant>,
}

impl Enabled {
    const FROM_THE_BEGINNING: Self = Self {
        on: true,
        since: None,
    };

    /// Whether that changes anything.
    fn set(&mut self, on: bool, now: Instant) -> bool {
        let changes = self.on != on;
        if changes {
            *self = Self {
                on,
                since: Some(now),
            };
        }
        changes
    }

    /// Whether it was as it is now when something was captured.
    fn held_at(self, captured: Instant) -> bool {
        self.since.is_none_or(|since| captured >= since)
    }
}

impl Switch {
    fn new(live: bool, enabled: Enabled) -> Arc<Self> {
        Arc::new(Self {
            live: AtomicBool::new(live),
            enabled: Mutex::new(enabled),
        })
    }

    fn is_live(&self) -> bool {
        self.live.load(Ordering::Acquire)
    }

    fn enabled(&self) -> Enabled {
        *self.enabled.lock()
    }

    /// Whether what was captured at that moment is for others. Some microphones deliver late: what
    /// was said before unmuting stays unsaid.
    fn shows(&self, captured: Instant) -> bool {
        let enabled = self.enabled();
        enabled.on && enabled.held_at(captured)
    }
}

impl LocalTrack {
    pub(crate) fn new(source: Source, lane: Lane) -> Arc<Self> {
        let (kind, device) = described(&source);
        let track = Arc::new(Self {
            kind,
            device,
            switch: Switch::new(true, Enabled::FROM_THE_BEGINNING),
            held: Mutex::default(),
            hint: Mutex::default(),
            ended: Fanout::default(),
            disabled: Fanout::default(),
            lane,
        });
        track.hold(source);
        track
    }

    fn hold(self: &Arc<Self>, source: Source) {
        let this = Arc::downgrade(self);
        let _gone = source.on_ended(move || {
            if let Some(track) = this.upgrade() {
                tracing::info!(kind = track.kind.as_str(), "the device of a track is gone");
                track.stop();
            }
        });
        *self.held.lock() = Some(Held { source, _gone });
        if !self.is_live() {
            // The device went while this was being set up.
            self.release();
        }
    }

    /// A second track on the same source, with its own switch. One of an ended track has ended.
    #[must_use]
    pub fn duplicate(&self) -> Arc<Self> {
        let source = self.with_source(Source::share);
        let copy = Arc::new(Self {
            kind: self.kind,
            device: self.device.clone(),
            switch: Switch::new(source.is_some(), self.switch.enabled()),
            held: Mutex::default(),
            hint: Mutex::new(self.content_hint()),
            ended: Fanout::default(),
            disabled: Fanout::default(),
            lane: self.lane.clone(),
        });
        if let Some(source) = source {
            copy.hold(source);
        }
        copy
    }

    /// Kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Device.
    pub fn device(&self) -> &DeviceInfo {
        &self.device
    }

    /// Looks at the source; none: the track has ended. The source must not be kept: it would stay
    /// open.
    pub fn with_source<T>(&self, look: impl FnOnce(&Source) -> T) -> Option<T> {
        self.held.lock().as_ref().map(|held| look(&held.source))
    }

    /// Ends the track (`MediaStreamTrack.stop`): from now on nothing comes of it. Does not wait
    /// for the device to close.
    pub fn stop(&self) {
        if self.switch.live.swap(false, Ordering::AcqRel) {
            self.release();
            self.ended.send(&());
        }
    }

    /// Ends it and waits for the device to close. On the lane only.
    pub(crate) fn close(&self) {
        self.switch.live.store(false, Ordering::Release);
        let held = self.held.lock().take();
        drop(held);
    }

    fn release(&self) {
        let held = self.held.lock().take();
        if let Some(held) = held {
            self.lane.close(held);
        }
    }

    /// `readyState` is `live`.
    pub fn is_live(&self) -> bool {
        self.switch.is_live()
    }

    /// Calls back when the track ends, because it was stopped or its device went away.
    pub fn on_ended(&self, callback: impl Fn() + Send + Sync + 'static) -> Subscription {
        self.ended.subscribe(move |()| callback())
    }

    /// `MediaStreamTrack.enabled`.
    pub fn is_enabled(&self) -> bool {
        self.switch.enabled().on
    }

    /// Off gives silence or black to whoever uses the track. The device stays open.
    pub fn set_enabled(&self, enabled: bool) {
        let mut switch = self.switch.enabled.lock();
        if switch.set(enabled, Instant::now()) && !enabled {
            // With the lock: before anything that is black already.
            self.disabled.send(&());
        }
    }

    /// Calls back when the track is switched off, before the first silence or black. It must not ask
    /// the track anything.
    pub fn on_disabled(&self, callback: impl Fn() + Send + Sync + 'static) -> Subscription {
        self.disabled.subscribe(move |()| callback())
    }

    /// Whether what was captured at that moment may still go out. Encoders take a while: what was
    /// seen and heard before the track was switched off may come out of them afterwards.
    pub fn may_send(&self, captured: Instant) -> bool {
        let enabled = self.switch.enabled();
        self.is_live() && (enabled.on || enabled.held_at(captured))
    }

    /// Root mean square of the last 10 ms of a microphone, 0.0 to 1.0; 0.0 while disabled.
    pub fn level(&self) -> f32 {
        let level = self.with_source(|source| match source {
            Source::Microphone(microphone) if self.is_enabled() => microphone.level(),
            _ => 0.0,
        });
        level.unwrap_or_default()
    }

    /// Calls back with each picture and whether the track is enabled, on the capture thread, until
    /// the track ends. None for a track without pictures.
    pub fn on_picture(
        &self,
        callback: impl Fn(&Arc<VideoFrame>, bool) + Send + Sync + 'static,
    ) -> Option<Subscription> {
        let switch = self.switch.clone();
        let hand_on = move |frame: &Arc<VideoFrame>| {
            if switch.is_live() {
                callback(frame, switch.shows(frame.captured()));
            }
        };
        self.with_source(|source| match source {
            Source::Camera(camera) => Some(camera.on_frame(hand_on)),
            Source::Screen(screen) => Some(screen.on_frame(hand_on)),
            Source::Microphone(_) => None,
        })?
    }

    /// The same for each 10 ms of sound.
    pub fn on_sound(
        &self,
        callback: impl Fn(&AudioBlock, bool) + Send + Sync + 'static,
    ) -> Option<Subscription> {
        let switch = self.switch.clone();
        self.with_source(|source| match source {
            Source::Microphone(microphone) => Some(microphone.on_block(move |block| {
                if switch.is_live() {
                    callback(block, switch.shows(block.captured));
                }
            })),
            Source::Camera(_) | Source::Screen(_) => None,
        })?
    }

    /// `MediaStreamTrack.contentHint`.
    pub fn content_hint(&self) -> ContentHint {
        *self.hint.lock()
    }

    /// Encoders heed it from the next time that they are set up.
    pub fn set_content_hint(&self, hint: ContentHint) {
        *self.hint.lock() = hint;
    }

    /// Makes a camera or microphone deliver something else (`applyConstraints`), for all who share
    /// it. Answers once that is done, with nothing if the track ended before.
    pub fn reconfigure(
        self: &Arc<Self>,
        wanted: VideoConstraints,
        switches: SoundSwitches,
    ) -> oneshot::Receiver<Result<(), MediaError>> {
        let (done, outcome) = oneshot::channel();
        let track = self.clone();
        self.lane.run(move || {
            // A clone, so that the track can be stopped meanwhile.
            let outcome = match track.with_source(Source::share) {
                Some(Source::Camera(camera)) => camera.reconfigure(&wanted).map(drop),
                Some(Source::Screen(screen)) => screen.reconfigure(&wanted),
                Some(Source::Microphone(microphone)) => {
                    microphone.switch(switches);
                    Ok(())
                }
                None => Ok(()),
            };
            // Nobody waits if the page has gone.
            let _ = done.send(outcome);
        });
        outcome
    }
}

impl Drop for LocalTrack {
    fn drop(&mut self) {
        self.release();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_was_said_while_muted_stays_unsaid_however_late_it_is_delivered() {
        let switch = Switch::new(true, Enabled::FROM_THE_BEGINNING);
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        assert!(switch.shows(at(0)));
        switch.enabled.lock().set(false, at(1));
        assert!(!switch.shows(at(0)) && !switch.shows(at(2)));
        switch.enabled.lock().set(true, at(3));
        // Set once more without a change.
        switch.enabled.lock().set(true, at(5));
        assert!(!switch.shows(at(2)) && switch.shows(at(3)) && switch.shows(at(4)));
    }
}
