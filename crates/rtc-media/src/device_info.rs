//! What is known of a device, and when it goes.

use std::sync::Arc;

use crate::fanout::Fanout;

/// Kind of a device, as `MediaDeviceInfo.kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceKind {
    /// Microphone.
    AudioInput,
    /// Loudspeaker.
    AudioOutput,
    /// Camera.
    VideoInput,
}

impl DeviceKind {
    /// W3C name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AudioInput => "audioinput",
            Self::AudioOutput => "audiooutput",
            Self::VideoInput => "videoinput",
        }
    }
}

/// A device, as `MediaDeviceInfo`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo {
    /// Stable over restarts, opaque.
    pub device_id: String,
    /// Same for the parts of one physical device.
    pub group_id: String,
    /// Kind.
    pub kind: DeviceKind,
    /// What the system calls it.
    pub label: String,
}

/// Tells the ids of devices that are no longer there.
pub(crate) type Removals = Arc<Fanout<String>>;
