//! What the plugin is told of devices where it has none: the webview has its own.

/// When fake devices are offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "accepted and without effect: the webview has its own devices"
)]
pub enum FakeDevices {
    #[default]
    Off,
    WhenNone,
    Also,
    Only,
}

/// What the fake microphone gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "accepted and without effect: the webview has its own devices"
)]
pub enum FakeSound {
    #[default]
    Tone,
    Speech,
}

/// Devices of the plugin.
#[derive(Clone, Copy, Debug, Default)]
#[allow(
    missing_docs,
    reason = "accepted and without effect: the webview has its own devices"
)]
pub struct DeviceOptions {
    pub fake: FakeDevices,
    pub fake_sound: FakeSound,
}
