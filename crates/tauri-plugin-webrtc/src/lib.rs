//! `RTCPeerConnection` and `navigator.mediaDevices` for webviews that have none.
//!
//! On Linux, Tauri's webview comes without WebRTC. This plugin puts the standard API back: the
//! script in `guest-js` (injected before any of the page's own) defines it, and does nothing where
//! it exists already; the work is done in Rust, by `rtc-host`. Page and plugin talk over one
//! WebSocket on the loopback interface, as [`wire`] describes.
//!
//! Elsewhere the crate is empty: the webview has WebRTC of its own, and nothing of this is linked.

#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]

mod gestures;
mod opener;
mod random;
mod server;
mod session;
pub mod wire;

use tauri::plugin::TauriPlugin;
use tauri::{Manager, Runtime};

use opener::Opener;

pub use gestures::Gestures;
pub use rtc_host::media::{DeviceOptions, FakeDevices, FakeSound, MediaDevices};
pub use server::Server;

/// Runs before any script of the page.
const POLYFILL: &str = include_str!("../guest-js/dist/polyfill.js");

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

    /// Offers a fake camera and a fake microphone.
    #[must_use]
    pub fn fake_devices(mut self, fake: FakeDevices) -> Self {
        self.devices.fake = fake;
        self
    }

    /// What the fake microphone gives.
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
        let gestures = Gestures::default();
        let opener = Opener::new(self.devices, self.origins, gestures.clone());
        tauri::plugin::Builder::new("webrtc")
            .js_init_script(POLYFILL)
            .invoke_handler(tauri::generate_handler![opener::open])
            .setup(move |app, _| {
                app.manage(opener);
                Ok(())
            })
            .on_webview_ready(move |webview| {
                let gestures = gestures.clone();
                let heard = webview.with_webview(move |inner| hear(&inner.inner(), &gestures));
                if let Err(error) = heard {
                    tracing::warn!(%error, "screens cannot be shared: clicks are not heard of");
                }
            })
            .build()
    }
}

/// Counts what the user does in a webview. Events that WebKit makes itself do not come by here.
fn hear(webview: &webkit2gtk::WebView, gestures: &Gestures) {
    use gtk::glib::Propagation;
    use gtk::prelude::WidgetExt as _;

    let heard = |gestures: &Gestures| {
        let gestures = gestures.clone();
        move || {
            gestures.happened();
            Propagation::Proceed
        }
    };
    let (button, key, touch) = (heard(gestures), heard(gestures), heard(gestures));
    webview.connect_button_press_event(move |_, _| button());
    webview.connect_key_press_event(move |_, _| key());
    webview.connect_touch_event(move |_, _| touch());
}

#[cfg(test)]
mod generated;
