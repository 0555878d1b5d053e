//! `salon doctor`: on the command line, what a token says, or the whole way into a meeting.
//!
//! It may depend on everything that a meeting is joined with. It must never know: the desktop, the page,
//! the history.

#![forbid(unsafe_code)]

mod media;
mod walk;

use std::io::{Read, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::SystemTime;

use media::MediaPorts;
use salon_account::account_of;
use salon_base::{Code, Fault};
use salon_http::http_client;
use salon_meeting::server::known;
use salon_meeting::stream::StreamSettings;
use salon_profile::default_profile;
use salon_settings::{DoctorArguments, Key, Places, Settings, Sources};
use salon_token::doctor::diagnose;
use salon_token::inspect::Expected;
use walk::{Status, Step, Way, walk};

/// Bytes that are read; no token is longer.
const LONGEST: u64 = 64 * 1024;
/// What is asked for a token for, if no room is named.
const ROOM: &str = "salon-doctor";
/// The token or the way has a fault.
const ILL: u8 = 1;
/// It could not be looked at.
const UNREADABLE: u8 = 2;

/// Prints the diagnosis. Ends with 0 for a healthy token or way, 1 for one with a fault, 2 if there
/// was none to be looked at.
pub fn run(arguments: &DoctorArguments, room: Option<&str>, sources: &Sources) -> ExitCode {
    let examined = match &arguments.token {
        Some(token) => examine(arguments, token, room)
            .map_err(|error| format!("the token cannot be read: {error}")),
        None => examine_way(arguments, room, sources).map_err(|fault| match fault.code.words() {
            Some(words) => format!("{} {} ({fault})", words.sentence, words.next),
            None => fault.to_string(),
        }),
    };
    match examined {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(ILL),
        Err(words) => {
            // The last words of a program that has no log.
            let _ = writeln!(std::io::stderr(), "{words}");
            ExitCode::from(UNREADABLE)
        }
    }
}

/// Walks the way that the settings lead: true if no step failed.
fn examine_way(
    arguments: &DoctorArguments,
    room: Option<&str>,
    sources: &Sources,
) -> Result<bool, Fault> {
    let settings = Settings::load(sources);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(internal)?;
    let steps = runtime.block_on(steps(arguments, room, &settings, &sources.places))?;
    let mut out = std::io::stdout().lock();
    let printed = if arguments.json {
        writeln!(out, "{}", json(&steps).map_err(internal)?)
    } else {
        write!(out, "{}", walk::text(&steps))
    };
    printed.map_err(internal)?;
    Ok(steps.iter().all(|step| step.status != Status::Failed))
}

async fn steps(
    arguments: &DoctorArguments,
    room: Option<&str>,
    settings: &Settings,
    places: &Places,
) -> Result<Vec<Step>, Fault> {
    let (profiles, faults) = settings.profiles(places);
    let name = settings.profile.as_deref().unwrap_or(default_profile());
    // The one that is asked about may be one of those that cannot be read.
    let profile = profiles.require(name).map_err(|unknown| {
        let named = |fault: &Fault| fault.detail.contains(name);
        faults.into_iter().find(named).unwrap_or(unknown)
    })?;
    let backend = settings.backend.as_ref().or(profile.backend.as_ref());
    let backend = backend.ok_or_else(|| Fault::new(Code::DevModeOff, "no backend is set"))?;
    salon_backend_client::require_secure(backend)?;
    let client = http_client()?;
    let chosen = (profile.clone(), backend.clone());
    let way = Way {
        profile,
        backend: backend.clone(),
        credentials: Arc::new(account_of(settings, Some(&chosen), &client)),
        client,
        room: room.unwrap_or(ROOM),
        session: arguments.session.as_deref(),
        server: known(settings, profile.provider, profile.server.as_ref()),
        server_locked: settings.is_locked(Key::Server),
        stream: StreamSettings::of(settings, None),
        ports: MediaPorts {
            stun: arguments.stun_port,
            tcp: arguments.tcp_port,
            ..MediaPorts::default()
        },
    };
    Ok(walk(&way).await)
}

fn internal(error: impl std::fmt::Display) -> Fault {
    Fault::new(Code::Internal, error.to_string())
}

fn examine(arguments: &DoctorArguments, token: &str, room: Option<&str>) -> std::io::Result<bool> {
    let token = read(token)?;
    let expected = Expected {
        room,
        identity: arguments.identity.as_deref(),
        ..Expected::anything(SystemTime::now())
    };
    let diagnosis = diagnose(token.trim(), arguments.kind, expected);
    let mut out = std::io::stdout().lock();
    if arguments.json {
        writeln!(out, "{}", json(&diagnosis)?)?;
    } else {
        write!(out, "{}", diagnosis.text())?;
    }
    Ok(diagnosis.healthy)
}

fn json(report: &impl serde::Serialize) -> std::io::Result<String> {
    serde_json::to_string_pretty(report).map_err(std::io::Error::other)
}

fn read(from: &str) -> std::io::Result<String> {
    let mut text = String::new();
    if from == "-" {
        std::io::stdin()
            .lock()
            .take(LONGEST)
            .read_to_string(&mut text)?;
    } else {
        std::fs::File::open(from)?
            .take(LONGEST)
            .read_to_string(&mut text)?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests;
