//! `RTCPeerConnection` and `navigator.mediaDevices` for webviews that have none.
//!
//! On Linux, Tauri's webview comes without WebRTC. This plugin puts the standard API back: the
//! script in `guest-js` (injected before any of the page's own) defines it, and does nothing where
//! it exists already; the work is done in Rust, by `rtc-host`. Page and plugin talk over one
//! WebSocket on the loopback interface, as [`wire`] describes.
//!
//! On other systems the plugin only carries the script, which steps aside.

#![forbid(unsafe_code)]

#[cfg(target_os = "linux")]
mod server;
#[cfg(target_os = "linux")]
mod session;
pub mod wire;

use parking_lot::Mutex;
use serde::Serialize;
use tauri::plugin::TauriPlugin;
use tauri::{Manager, Runtime};

#[cfg(target_os = "linux")]
pub use rtc_host::media::{DeviceOptions, FakeDevices, FakeSound, MediaDevices};
#[cfg(target_os = "linux")]
pub use server::Server;

/// Runs before any script of the page.
const POLYFILL: &str = include_str!("../guest-js/dist/polyfill.js");

/// Where the pages of Tauri's own protocol come from, on Linux and elsewhere.
#[cfg(target_os = "linux")]
const PAGE_ORIGINS: [&str; 3] = [
    "tauri://localhost",
    "http://tauri.localhost",
    "https://tauri.localhost",
];

/// When fake devices are offered.
#[cfg(not(target_os = "linux"))]
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
#[cfg(not(target_os = "linux"))]
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
#[cfg(not(target_os = "linux"))]
#[derive(Clone, Copy, Debug, Default)]
#[allow(
    missing_docs,
    reason = "accepted and without effect: the webview has its own devices"
)]
pub struct DeviceOptions {
    pub fake: FakeDevices,
    pub fake_sound: FakeSound,
}

/// Makes the plugin.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    devices: DeviceOptions,
    origins: Vec<String>,
}

impl Builder {
    /// No fake devices; pages of Tauri's own protocol only.
    pub fn new() -> Self {
        Self::default()
    }

    /// Offers a fake camera and a fake microphone. Linux only.
    #[must_use]
    pub fn fake_devices(mut self, fake: FakeDevices) -> Self {
        self.devices.fake = fake;
        self
    }

    /// What the fake microphone gives. Linux only.
    #[must_use]
    pub fn fake_sound(mut self, sound: FakeSound) -> Self {
        self.devices.fake_sound = sound;
        self
    }

    /// Lets pages of another origin connect, too, such as those of a development server.
    #[must_use]
    pub fn allow_origin(mut self, origin: impl Into<String>) -> Self {
        self.origins.push(origin.into());
        self
    }

    /// The plugin, for `tauri::Builder::plugin`.
    pub fn build<R: Runtime>(self) -> TauriPlugin<R> {
        let opener = Opener {
            builder: self,
            server: Mutex::default(),
        };
        tauri::plugin::Builder::new("webrtc")
            .js_init_script(POLYFILL)
            .invoke_handler(tauri::generate_handler![commands::open])
            .setup(move |app, _| {
                app.manage(opener);
                Ok(())
            })
            .build()
    }
}

/// Starts the server when the first page asks for it.
struct Opener {
    #[cfg_attr(
        not(target_os = "linux"),
        allow(dead_code, reason = "there is no server")
    )]
    builder: Builder,
    #[cfg(target_os = "linux")]
    server: Mutex<Option<Server>>,
    #[cfg(not(target_os = "linux"))]
    server: Mutex<()>,
}

/// Why a page cannot have its WebSocket.
#[derive(Debug, thiserror::Error)]
enum OpenError {
    #[cfg(target_os = "linux")]
    #[error("the WebRTC host does not start: {0}")]
    Io(#[from] std::io::Error),
    #[cfg(not(target_os = "linux"))]
    #[error("the webview has WebRTC of its own")]
    NotNeeded,
}

impl Serialize for OpenError {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_string())
    }
}

impl Opener {
    #[cfg(target_os = "linux")]
    fn open(&self) -> Result<wire::Opened, OpenError> {
        let mut slot = self.server.lock();
        let server = match &mut *slot {
            Some(server) => server,
            empty => {
                let origins = PAGE_ORIGINS.map(String::from).into_iter();
                let origins = origins.chain(self.builder.origins.clone()).collect();
                let server = Server::start(self.builder.devices, origins)?;
                // Now, and not before the page is there: its own start needs the processor more.
                server.warm_up();
                empty.insert(server)
            }
        };
        Ok(server.invite()?)
    }

    #[cfg(not(target_os = "linux"))]
    fn open(&self) -> Result<wire::Opened, OpenError> {
        let () = *self.server.lock();
        Err(OpenError::NotNeeded)
    }
}

mod commands {
    use tauri::State;

    use super::{OpenError, Opener, wire};

    /// A WebSocket for the calling page, with a secret that works once.
    #[tauri::command]
    pub(super) fn open(opener: State<'_, Opener>) -> Result<wire::Opened, OpenError> {
        opener.open()
    }
}

#[cfg(test)]
mod generated;
