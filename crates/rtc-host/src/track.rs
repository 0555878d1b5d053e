//! What is captured here.

use std::sync::atomic::{AtomicBool, Ordering};

use rtc_core::Kind;
use rtc_media::{Camera, DeviceInfo, Microphone};

/// Where a local track comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// Pictures.
    Camera(Camera),
    /// Sound.
    Microphone(Microphone),
}

/// A `MediaStreamTrack` of a device. The device closes when its last track is dropped.
#[derive(Debug)]
pub struct LocalTrack {
    source: Source,
    enabled: AtomicBool,
}

impl LocalTrack {
    /// A track on this source, enabled.
    pub fn new(source: Source) -> Self {
        Self {
            source,
            enabled: AtomicBool::new(true),
        }
    }

    /// A second track on the same source, with its own switch.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        let enabled = AtomicBool::new(self.is_enabled());
        Self {
            source: self.source.clone(),
            enabled,
        }
    }

    /// Source.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Kind.
    pub fn kind(&self) -> Kind {
        match self.source {
            Source::Camera(_) => Kind::Video,
            Source::Microphone(_) => Kind::Audio,
        }
    }

    /// Device.
    pub fn device(&self) -> &DeviceInfo {
        match &self.source {
            Source::Camera(camera) => camera.info(),
            Source::Microphone(microphone) => microphone.info(),
        }
    }

    /// Root mean square of the last 10 ms of a microphone, 0.0 to 1.0; 0.0 while disabled.
    pub fn level(&self) -> f32 {
        match &self.source {
            Source::Microphone(microphone) if self.is_enabled() => microphone.level(),
            _ => 0.0,
        }
    }

    /// `MediaStreamTrack.enabled`.
    pub fn is_enabled(&self) -> bool {
        self.enabled.load(Ordering::Relaxed)
    }

    /// Off gives silence or black to whoever uses the track.
    pub fn set_enabled(&self, enabled: bool) {
        self.enabled.store(enabled, Ordering::Relaxed);
    }
}
