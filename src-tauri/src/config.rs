//! `salon config`: what is set and where from.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use crate::settings::{ConfigArguments, LiveSettings, Places, Sources};

/// A file or the environment has a fault.
const FAULTY: u8 = 2;

/// Prints the settings or the paths. Ends with 2 if a file or the environment has a fault.
pub(crate) fn run(asked: &ConfigArguments, sources: Sources) -> ExitCode {
    let (text, faulty) = answer(asked, sources);
    if std::io::stdout().lock().write_all(text.as_bytes()).is_err() {
        return ExitCode::FAILURE;
    }
    if faulty {
        ExitCode::from(FAULTY)
    } else {
        ExitCode::SUCCESS
    }
}

/// What is printed, and whether there is a fault.
fn answer(asked: &ConfigArguments, sources: Sources) -> (String, bool) {
    if asked.path {
        return (paths(&sources.places, asked.json), false);
    }
    let settings = LiveSettings::start(sources);
    let report = settings.report();
    let text = if asked.json {
        json(&report)
    } else {
        report.text()
    };
    (text, settings.now().has_faults())
}

fn paths(places: &Places, as_json: bool) -> String {
    let paths = [
        ("user", places.user.clone()),
        ("user_profiles", places.user_profiles()),
        ("policy", places.policy.clone()),
        ("policy_profiles", places.policy_profiles()),
    ];
    if as_json {
        let paths: std::collections::BTreeMap<_, _> = paths.into_iter().collect();
        return json(&paths);
    }
    let mut text = String::new();
    for (name, path) in paths {
        let path = path.map_or_else(|| "(none)".into(), |path| path.display().to_string());
        let _ = writeln!(text, "{name:17}{path}");
    }
    text
}

fn json(value: &impl serde::Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}
