//! Salon's shell: what is Tauri of it. The window, the commands that the page in `ui/` asks through (it
//! gets tokens, never secrets), the desktop, links, the log, and how all of it starts.
//!
//! It may depend on everything. Nothing may depend on it: what decides something is in a crate below.

#![deny(unsafe_code)]

#[cfg(target_os = "linux")]
mod activation;
#[cfg(target_os = "linux")]
mod before_gtk;
mod before_threads;
#[cfg(any(windows, test))]
mod before_webview;
mod brand;
pub mod commands;
mod config;
#[cfg(windows)]
mod console;
mod core;
pub mod desktop;
mod diagnostics;
#[cfg(target_os = "linux")]
mod front;
pub mod generated;
mod guest;
mod kept_history;
pub mod links;
mod logging;
pub mod open_meetings;
#[cfg_attr(windows, allow(dead_code, reason = "WebView2 does not tell"))]
pub mod page_life;
mod paint;
mod reach;
mod sandbox;
mod until_heard;
mod updating;
mod window;
mod words;

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use salon_base::{Code, Fault};
use salon_meeting::held::HeldMeetings;
use salon_meeting::live::Parts;
use salon_product::NAME;
use salon_settings::{Arguments, LiveSettings, Places, Settings, Sources};
use tauri::{Manager as _, WebviewUrl, WebviewWindowBuilder};

pub use before_threads::{Prepared, prepare};
pub use paint::PaintPath;

use crate::core::Core;
use crate::kept_history::KeptHistory;
use crate::sandbox::Sandbox;
use crate::window::WINDOW;

/// Runs the app until its window is closed.
pub fn run(prepared: Prepared) -> ExitCode {
    let Prepared {
        paint_path,
        sandbox,
        environment,
    } = prepared;
    let arguments = Arguments::parse();
    let doctor = arguments.doctor();
    let update = arguments.is_update();
    let config = arguments.config();
    let sources = Sources {
        places: Places::of(&arguments),
        environment,
        arguments,
        link: config.as_ref().and_then(|(_, link)| link.clone()),
    };
    if let Some((asked, room)) = doctor {
        return salon_doctor::run(&asked, room.as_deref(), &sources);
    }
    if let Some((asked, _)) = config {
        return config::run(&asked, sources);
    }
    if update {
        return updating::run(sources);
    }
    let places = sources.places.clone();
    let live = LiveSettings::start(sources);
    let settings = live.now();
    let unmade = settings.beside.as_ref().and_then(|own| own.make().err());
    let log_folder = match &settings.beside {
        Some(_) if unmade.is_some() => None,
        Some(beside) => Some(beside.logs()),
        None => logging::folder(),
    };
    let _log = logging::start(log_folder.clone());
    if let Some(error) = unmade {
        tracing::error!(%error, "the folder of --beside cannot be used");
        return ExitCode::FAILURE;
    }
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        ?paint_path,
        dev = settings.dev,
        "{NAME}"
    );
    if let Sandbox::Off(why) = &sandbox {
        tracing::warn!(why, "the page's process is not in a sandbox");
    }
    for fault in &settings.problems {
        tracing::warn!(%fault, "settings");
    }
    let core = match Core::new(settings.clone(), &places, paint_path) {
        Ok(core) => core,
        Err(fault) => return cannot_start(&fault),
    };
    #[cfg(windows)]
    if let Err(fault) = before_webview::begin() {
        return cannot_start(&fault);
    }
    #[cfg(windows)]
    console::detach();
    #[cfg(target_os = "linux")]
    let refusing = match before_gtk::begin() {
        Ok(refusing) => refusing,
        Err(fault) => return cannot_start(&fault),
    };
    let history = KeptHistory::of(&settings);
    let closing = desktop::Closing::of(&settings);
    let mut context = tauri::generate_context!();
    brand::apply(&mut context);
    let policy = &mut context.config_mut().app.security.csp;
    reach::limit(policy, &settings, core.profile());
    let (sessions, inbox) = salon_meeting::live::inbox();
    let settings_now = live.subscribe();
    let retention = commands::retention::keep_to_setting(
        history.clone(),
        live.subscribe(),
        Arc::new(salon_account::SystemClock),
    );
    let (signed_in, live_backend) = (core.account().state(), core.live_backend());
    let builder = tauri::Builder::default()
        .manage(core)
        .manage(HeldMeetings::default())
        .manage(links::Links::default())
        .manage(links::Problems::default())
        .manage(live)
        .manage(history.clone())
        .manage(logging::LogFolder(log_folder))
        .manage(sessions.clone())
        .manage(open_meetings::OpenMeetings::default())
        .manage(page_life::PageLife::default())
        .manage(closing)
        .manage(desktop::Written::default())
        .manage(window::WhileHidden::default())
        .on_window_event(|window, event| {
            let app = window.app_handle();
            if let tauri::WindowEvent::Focused(true) = event {
                app.state::<desktop::Written>().seen();
            }
            if let tauri::WindowEvent::CloseRequested { api, .. } = event
                && app.state::<desktop::Closing>().keeps(app)
            {
                api.prevent_close();
            }
        })
        .invoke_handler(tauri::generate_handler![
            commands::app_info,
            commands::resolve_meeting,
            commands::fetch_token,
            commands::check_meeting,
            commands::diagnose_token,
            commands::pending_links,
            commands::pending_problems,
            commands::log,
            commands::outside::open_address,
            commands::window::close_answered,
            commands::window::message_written,
            commands::downloads::save_download,
            commands::account::account_state,
            commands::account::sign_in_paste,
            commands::account::sign_in_browser,
            commands::account::sign_in_link,
            commands::account::sign_in_cancel,
            commands::account::sign_out,
            commands::sessions::sessions_state,
            commands::sessions::pending_meeting,
            commands::sessions::session_join,
            commands::sessions::session_dismiss,
            commands::sessions::session_end,
            commands::sessions::session_cancel,
            commands::sessions::call_connecting,
            commands::sessions::call_entered,
            commands::sessions::call_left,
            commands::settings::settings_explain,
            commands::settings::settings_set,
            commands::settings::settings_unset,
            commands::settings::diagnostics,
            commands::history::history_begin,
            commands::history::history_update,
            commands::history::history_finish,
            commands::history::history_list,
            commands::history::history_delete,
            commands::history::history_clear,
            commands::history::history_export,
            commands::retention::erase_traces,
        ])
        .setup({
            let settings = settings.clone();
            move |app| {
                let account = app.state::<Core>().account().clone();
                commands::account::start(app.handle().clone(), account);
                open_window(app, &settings)?;
                // GTK has begun, and the window is there.
                #[cfg(target_os = "linux")]
                {
                    drop(refusing);
                    tauri::async_runtime::spawn(desktop::follow_theme(app.handle().clone()));
                    let in_room = app.state::<page_life::PageLife>().in_room();
                    tauri::async_runtime::spawn(desktop::keep_display_on(in_room));
                    if settings.is_single() {
                        tauri::async_runtime::spawn(activation::serve(app.handle().clone()));
                    }
                }
                links::started_with(app.handle(), settings.open.as_deref());
                // On macOS the system tells of links by an event; elsewhere they are arguments.
                #[cfg(target_os = "macos")]
                {
                    use tauri_plugin_deep_link::DeepLinkExt as _;
                    let handle = app.handle().clone();
                    app.deep_link().on_open_url(move |event| {
                        for url in event.urls() {
                            links::open(&handle, url.as_str());
                        }
                    });
                }
                tauri::async_runtime::spawn(retention);
                let in_call = app.state::<page_life::PageLife>().in_call();
                let patient = app.handle().clone();
                tauri::async_runtime::spawn(async move {
                    patient.state::<page_life::PageLife>().have_patience().await;
                });
                updating::start(app.handle(), in_call);
                if settings.guest {
                    guest::end_with_parent(app.handle().clone());
                } else {
                    let parts = Parts {
                        account: signed_in,
                        settings: settings_now,
                        backends: Box::new(move || live_backend.clone()),
                        desktop: desktop::Desktop::new(
                            app.handle().clone(),
                            sessions,
                            settings.beside.as_ref(),
                        ),
                    };
                    tauri::async_runtime::spawn(salon_meeting::live::live(inbox, parts));
                }
                Ok(())
            }
        });
    // First of the plugins: a second start is to end before anything else of it begins.
    let builder = if settings.is_single() {
        builder.plugin(tauri_plugin_single_instance::init(|app, arguments, _| {
            match links::asked_to_open(arguments) {
                Some(link) => links::open(app, &link),
                None => window::show(app),
            }
        }))
    } else {
        builder
    };
    let builder = builder.plugin(tauri_plugin_deep_link::init());
    #[cfg(target_os = "macos")]
    let builder = page_life::watched(builder);
    #[cfg(all(feature = "webrtc", target_os = "linux"))]
    let builder = builder.plugin(webrtc_plugin(&settings));
    match run_until_closed(builder, context) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "{NAME} cannot start");
            ExitCode::FAILURE
        }
    }
}

#[cfg(not(target_os = "macos"))]
fn run_until_closed(
    builder: tauri::Builder<tauri::Wry>,
    context: tauri::Context<tauri::Wry>,
) -> tauri::Result<()> {
    builder.run(context)
}

/// Where a click on the icon in the dock brings a hidden window back.
#[cfg(target_os = "macos")]
fn run_until_closed(
    builder: tauri::Builder<tauri::Wry>,
    context: tauri::Context<tauri::Wry>,
) -> tauri::Result<()> {
    builder.build(context)?.run(|app, event| {
        if let tauri::RunEvent::Reopen { .. } = event {
            window::show(app);
        }
    });
    Ok(())
}

/// How the program ends if WebView2's runtime is missing, for those who roll it out.
const WEBVIEW_MISSING: u8 = 3;

/// Says why in the table's words, also where nobody reads the log.
fn cannot_start(fault: &Fault) -> ExitCode {
    tracing::error!(%fault, "{NAME} cannot start");
    if let Some(words) = fault.code.words() {
        let said = format!("{} {}", words.sentence, words.next);
        // Who closed it does not want to know.
        let _ = writeln!(std::io::stderr(), "{said}");
        #[cfg(windows)]
        if !console::is_read() {
            console::show(&said);
        }
    }
    match fault.code {
        Code::WebviewMissing => ExitCode::from(WEBVIEW_MISSING),
        _ => ExitCode::FAILURE,
    }
}

/// What the page says that it runs in: WebKitGTK's own words, but for the version, which is that of no
/// Safari there ever was. LiveKit takes it for one that sends no VP9, and then names none in sections
/// that only receive, either, whenever a track is there before its section (docs/decisions/codecs.md).
#[cfg(target_os = "linux")]
const USER_AGENT: &str = "Mozilla/5.0 (X11; Linux) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                          Version/18.3 Safari/605.1.15";

/// Opens the window, with the page in it.
fn open_window(app: &tauri::App, settings: &Settings) -> tauri::Result<()> {
    let builder = WebviewWindowBuilder::new(app, WINDOW, WebviewUrl::default())
        .initialization_script(brand::page_script());
    #[cfg(target_os = "linux")]
    let builder = builder.user_agent(USER_AGENT);
    #[cfg(not(target_os = "linux"))]
    let builder = builder.on_permission_request(|_, wanted| answer(wanted));
    let builder = match &settings.beside {
        None => builder.title(NAME),
        // There, a webview has no folder that could be chosen.
        Some(beside) if cfg!(target_os = "macos") => builder.title(beside.title()).incognito(true),
        Some(beside) => builder
            .title(beside.title())
            .data_directory(beside.webview()),
    };
    let window = builder
        .inner_size(1180.0, 760.0)
        .min_inner_size(720.0, 480.0)
        .visible(!settings.guest)
        .on_page_load({
            let handle = app.handle().clone();
            move |_, payload| {
                if payload.event() == tauri::webview::PageLoadEvent::Started {
                    page_life::replaced(&handle);
                }
            }
        })
        // The page is the app's own and stays so, whatever a link in it says.
        .on_navigation(|url| url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost"))
        .build()?;
    #[cfg(target_os = "linux")]
    page_life::watch(&window)?;
    #[cfg(not(target_os = "linux"))]
    drop(window);
    Ok(())
}

/// Camera, microphone and screen are the app's purpose, and the user has asked for them in the page; where
/// the system asks besides, it does. Others are heard without a click. The page, which is the app's own,
/// wants nothing else.
#[cfg(any(not(target_os = "linux"), test))]
fn answer(wanted: tauri::webview::PermissionKind) -> tauri::webview::PermissionResponse {
    use tauri::webview::{PermissionKind, PermissionResponse};

    match wanted {
        PermissionKind::Autoplay
        | PermissionKind::Camera
        | PermissionKind::DisplayCapture
        | PermissionKind::Microphone => PermissionResponse::Allow,
        _ => PermissionResponse::Deny,
    }
}

#[cfg(all(feature = "webrtc", target_os = "linux"))]
fn webrtc_plugin<R: tauri::Runtime>(settings: &Settings) -> tauri::plugin::TauriPlugin<R> {
    use salon_settings::{FakeDevices, FakeSound};
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

#[cfg(test)]
mod tests {
    use tauri::webview::{PermissionKind, PermissionResponse};

    use super::answer;

    #[test]
    fn the_page_gets_what_a_call_needs_and_nothing_else() {
        for wanted in [PermissionKind::Camera, PermissionKind::Microphone] {
            assert_eq!(answer(wanted), PermissionResponse::Allow);
        }
        for wanted in [PermissionKind::Geolocation, PermissionKind::Other] {
            assert_eq!(answer(wanted), PermissionResponse::Deny);
        }
    }
}
