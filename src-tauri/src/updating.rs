//! New versions: `salon update` looks once and says what came of it, a running app keeps looking.

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use jiff::Timestamp;
use salon_base::{Code, Fault};
use salon_settings::{LiveSettings, Settings, Sources};
use salon_update::{InstalledCopy, Outcome, Policy, Source, Updater};
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
    let mut updater = updater(settings)?;
    updater.look(&policy(settings), Timestamp::now()).await
}

/// Looks as long as the app runs, but never in a call.
async fn keep(live: watch::Receiver<Arc<Settings>>, in_call: watch::Receiver<bool>) {
    let settings = live.borrow().clone();
    let updater = match updater(&settings) {
        Ok(updater) => updater,
        Err(fault) => {
            tracing::info!(%fault, "this copy does not update itself");
            return;
        }
    };
    let (wanted, policies) = watch::channel(policy(&settings));
    let notice = live.clone();
    // Closes when dropped.
    let mut shown = None;
    let told = |version: &semver::Version| {
        if notice.borrow().update_notice {
            shown = Some(Notification::of_update(version));
        }
    };
    tokio::join!(updater.keep(policies, in_call, told), follow(live, wanted));
}

/// Tells of the settings that concern updates, when they change.
async fn follow(mut live: watch::Receiver<Arc<Settings>>, wanted: watch::Sender<Policy>) {
    while live.changed().await.is_ok() {
        let policy = policy(&live.borrow_and_update());
        wanted.send_if_modified(|before| {
            let changed = *before != policy;
            *before = policy;
            changed
        });
    }
}

fn policy(settings: &Settings) -> Policy {
    Policy {
        on: settings.updates,
        channel: settings.update_channel.name().to_owned(),
        delay_days: settings.update_delay_days,
    }
}

fn updater(settings: &Settings) -> Result<Updater, Fault> {
    let copy = this_copy();
    if copy == InstalledCopy::OfSystem {
        return Err(Code::UpdateBySystem.into());
    }
    let version = env!("CARGO_PKG_VERSION")
        .parse()
        .map_err(|error| Fault::new(Code::Internal, format!("version: {error}")))?;
    let folder = settings
        .update_url
        .clone()
        .or_else(|| Url::parse(FOLDER?).ok());
    let (Some(folder), Some(key)) = (folder, key()) else {
        return Err(Code::UpdateOff.into());
    };
    Updater::new(copy, version, Source::new(folder, &key)?)
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

/// Keeps the app up to date, unless it runs beside another or for a test's guest.
pub(crate) fn start(live: &LiveSettings, in_call: watch::Receiver<bool>) {
    if !live.now().is_single() {
        return;
    }
    tauri::async_runtime::spawn(keep(live.subscribe(), in_call));
}
