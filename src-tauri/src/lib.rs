//! Salon's core: what a token is, where it comes from, which meeting.
//!
//! The page in `ui/` asks through the commands in [`commands`]; it gets tokens, never secrets.

#![deny(unsafe_code)]

pub mod account;
pub mod backend;
pub mod commands;
mod doctor;
mod error;
pub mod generated;
mod guest;
mod logging;
pub mod meeting;
mod paint;
pub mod profile;
pub mod redact;
pub mod settings;
pub mod token;
pub mod words;

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use tauri::{Manager as _, WebviewUrl, WebviewWindowBuilder};

pub use error::{Code, Fault};
pub use paint::{PaintPath, choose_paint_path};

use crate::commands::Core;
use crate::settings::{Arguments, Settings};

/// Label of the only window.
const WINDOW: &str = "main";

/// Runs the app until its window is closed.
pub fn run(paint_path: PaintPath) -> ExitCode {
    let arguments = Arguments::parse();
    if let Some((asked, room)) = arguments.doctor() {
        return doctor::run(&asked, room.as_deref());
    }
    let settings = Arc::new(Settings::from(arguments));
    let _log = logging::start();
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        ?paint_path,
        dev = settings.dev,
        "Salon"
    );
    let core = match Core::new(settings.clone(), paint_path) {
        Ok(core) => core,
        Err(fault) => {
            tracing::error!(%fault, "Salon cannot start");
            return ExitCode::FAILURE;
        }
    };
    let builder = tauri::Builder::default()
        .manage(core)
        .invoke_handler(tauri::generate_handler![
            commands::app_info,
            commands::resolve_meeting,
            commands::fetch_token,
            commands::check_meeting,
            commands::diagnose_token,
            commands::log,
            commands::account::account_state,
            commands::account::sign_in_paste,
            commands::account::sign_in_browser,
            commands::account::sign_in_link,
            commands::account::sign_in_cancel,
            commands::account::sign_out,
        ])
        .setup({
            let settings = settings.clone();
            move |app| {
                let account = app.state::<Core>().account().clone();
                commands::account::start(app.handle().clone(), account);
                open_window(app, &settings)?;
                if settings.guest {
                    guest::end_with_parent(app.handle().clone());
                }
                Ok(())
            }
        });
    #[cfg(feature = "webrtc")]
    let builder = builder.plugin(webrtc_plugin(&settings));
    match builder.run(tauri::generate_context!()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "Salon cannot start");
            ExitCode::FAILURE
        }
    }
}

fn open_window(app: &tauri::App, settings: &Settings) -> tauri::Result<()> {
    WebviewWindowBuilder::new(app, WINDOW, WebviewUrl::default())
        .title("Salon")
        .inner_size(1180.0, 760.0)
        .min_inner_size(720.0, 480.0)
        .visible(!settings.guest)
        // The page is the app's own and stays so, whatever a link in it says.
        .on_navigation(|url| url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost"))
        .build()?;
    Ok(())
}

#[cfg(feature = "webrtc")]
fn webrtc_plugin<R: tauri::Runtime>(settings: &Settings) -> tauri::plugin::TauriPlugin<R> {
    use settings::{FakeDevices, FakeSound};
    use tauri_plugin_webrtc as webrtc;

    let fake = match settings.fake_devices {
        FakeDevices::Off => webrtc::FakeDevices::Off,
        FakeDevices::WhenNone => webrtc::FakeDevices::WhenNone,
        FakeDevices::Also => webrtc::FakeDevices::Also,
        FakeDevices::Only => webrtc::FakeDevices::Only,
    };
    let sound = match settings.fake_sound {
        FakeSound::Tone => webrtc::FakeSound::Tone,
        FakeSound::Speech => webrtc::FakeSound::Speech,
    };
    webrtc::Builder::new()
        .fake_devices(fake)
        .fake_sound(sound)
        .build()
}
