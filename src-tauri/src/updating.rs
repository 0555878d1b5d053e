//! New versions: `salon update` looks once and says what came of it, a running app keeps looking.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use jiff::Timestamp;
use salon_base::{Code, Fault};
use salon_settings::{LiveSettings, Settings, Sources};
use salon_update::{Calls, InstalledCopy, Outcome, Policy, Seen, Source, Updater};
use tauri::{AppHandle, Manager as _};
use tokio::sync::watch;
use url::Url;

use crate::desktop::Notification;

/// Where new versions are, as whoever built this copy says.
const FOLDER: Option<&str> = option_env!("SALON_BUILD_UPDATE_URL");
/// Who signs them.
const KEY: Option<&str> = option_env!("SALON_BUILD_UPDATE_KEY");

/// `salon update`. Ends with 1 if it failed.
pub(crate) fn run(sources: Sources) -> ExitCode {
    let settings = Settings::load(&sources);
    let outcome = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Fault::new(Code::Internal, error.to_string()))
        .and_then(|runtime| runtime.block_on(look(&settings)));
    let (words, failed) = match outcome {
        Ok(Outcome::Current) => ("This is the newest version.".to_owned(), false),
        Ok(Outcome::NotBefore(from)) => (format!("A newer version is taken from {from}."), false),
        Ok(Outcome::Installed(version)) => (
            format!("Version {version} is installed and runs from the next start."),
            false,
        ),
        Ok(Outcome::Replaced) => (
            "Another version was put in its place just now. It runs from the next start."
                .to_owned(),
            false,
        ),
        Err(fault) => (told(&fault), true),
    };
    let written = writeln!(std::io::stdout(), "{words}");
    if failed || written.is_err() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

fn told(fault: &Fault) -> String {
    let detail = match fault.detail.as_str() {
        "" => String::new(),
        detail => format!(" ({detail})"),
    };
    match fault.code.words() {
        Some(words) => format!("{} {}{detail}", words.sentence, words.next),
        None => fault.to_string(),
    }
}

async fn look(settings: &Settings) -> Result<Outcome, Fault> {
    let mut updater = updater()?;
    updater.look(&policy(settings), Timestamp::now()).await
}

/// Looks as long as the app runs, but never in a call.
async fn keep(app: AppHandle, in_call: watch::Receiver<bool>) {
    let live = app.state::<LiveSettings>();
    let changes = live.subscribe();
    let settings = live.now();
    let updater = match updater() {
        Ok(updater) => updater,
        Err(fault) => {
            tracing::info!(%fault, "this copy does not update itself");
            return;
        }
    };
    let (wanted, policies) = watch::channel(policy(&settings));
    let notice = changes.clone();
    // Closes when dropped.
    let mut shown = None;
    let told = |version: &semver::Version| {
        if notice.borrow().update_notice {
            shown = Some(Notification::of_update(&app, version));
        }
    };
    let read_again = || {
        live.read_again();
        tell(&wanted, &live.now());
    };
    let keeping = updater.keep(read_again, policies, in_call, told);
    tokio::join!(keeping, follow(changes, &wanted));
}

/// Tells of the settings that concern updates, when they change.
async fn follow(mut changes: watch::Receiver<Arc<Settings>>, wanted: &watch::Sender<Policy>) {
    while changes.changed().await.is_ok() {
        let settings = changes.borrow_and_update().clone();
        tell(wanted, &settings);
    }
}

fn tell(wanted: &watch::Sender<Policy>, settings: &Settings) {
    let policy = policy(settings);
    wanted.send_if_modified(|before| {
        let changed = *before != policy;
        *before = policy;
        changed
    });
}

fn policy(settings: &Settings) -> Policy {
    let off = (!settings.updates).then(|| Code::UpdateOff.into());
    let built_in = || Url::parse(FOLDER?).ok();
    Policy {
        refused: off.or_else(|| settings.updates_unknown.clone()),
        folder: settings.update_url.clone().or_else(built_in),
        channel: settings.update_channel.name().to_owned(),
        delay_days: settings.update_delay_days,
    }
}

fn updater() -> Result<Updater, Fault> {
    let copy = this_copy();
    if copy == InstalledCopy::OfSystem {
        return Err(Code::UpdateBySystem.into());
    }
    let version = env!("CARGO_PKG_VERSION")
        .parse()
        .map_err(|error| Fault::new(Code::Internal, format!("version: {error}")))?;
    let key = key().ok_or(Code::UpdateOff)?;
    Updater::new(copy, version, Source::new(&key)?, calls(), seen())
}

/// By which the Salons of one user know of each other's calls.
fn calls() -> Calls {
    Calls::at(beside_history("call.lock"))
}

/// When the offers were signed that this user's copies have seen.
fn seen() -> Seen {
    Seen::at(beside_history("offers.json"))
}

/// In the place that no option moves.
fn beside_history(name: &str) -> Option<PathBuf> {
    salon_history::default_path().map(|file| file.with_file_name(name))
}

/// Tells other processes as long as this one is in a call.
async fn mark(mut in_call: watch::Receiver<bool>) {
    while in_call.wait_for(|in_call| *in_call).await.is_ok() {
        let marking = tokio::task::spawn_blocking(|| calls().mark());
        let marked = marking.await.map_err(std::io::Error::from).flatten();
        if let Err(error) = &marked {
            tracing::warn!(%error, "other processes do not know of this call");
        }
        if in_call.wait_for(|in_call| !in_call).await.is_err() {
            return;
        }
    }
}

fn this_copy() -> InstalledCopy {
    let variable = |name| std::env::var_os(name);
    match std::env::current_exe() {
        Ok(program) => InstalledCopy::of(&program, variable("APPIMAGE"), variable("APPDIR")),
        Err(_) => InstalledCopy::OfSystem,
    }
}

fn key() -> Option<String> {
    // Not in what is shipped: whoever sets the environment must not choose who signs.
    #[cfg(debug_assertions)]
    if let Ok(key) = std::env::var("SALON_UPDATE_KEY") {
        return Some(key);
    }
    KEY.map(str::to_owned)
}

/// Keeps the app up to date, unless it runs beside another or for a test's guest; these, too, are not disturbed in
/// a call.
pub(crate) fn start(app: &AppHandle, in_call: watch::Receiver<bool>) {
    tauri::async_runtime::spawn(mark(in_call.clone()));
    if app.state::<LiveSettings>().now().is_single() {
        tauri::async_runtime::spawn(keep(app.clone(), in_call));
    }
}
