use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Parser as _;
use salon_base::{Code, Fault};
use serde_json::{Value as Json, json};

use super::keys::Values;
use super::*;

mod files;
mod layering;
mod writing;

/// A computer of its own: two files, an environment and a command line.
struct Computer {
    folder: tempfile::TempDir,
    environment: BTreeMap<String, String>,
    arguments: Vec<String>,
    link: Option<String>,
}

impl Computer {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            environment: BTreeMap::new(),
            arguments: Vec::new(),
            link: None,
        }
    }

    fn with(arguments: &[&str]) -> Self {
        let mut computer = Self::new();
        computer.start(arguments);
        computer
    }

    fn start(&mut self, arguments: &[&str]) -> &mut Self {
        self.arguments = arguments.iter().map(ToString::to_string).collect();
        self
    }

    fn set(&mut self, variable: &str, value: &str) -> &mut Self {
        self.environment.insert(variable.into(), value.into());
        self
    }

    fn policy(&mut self, text: &str) -> &mut Self {
        std::fs::write(self.places().policy.unwrap(), text).unwrap();
        self
    }

    fn user(&mut self, text: &str) -> &mut Self {
        std::fs::write(self.places().user.unwrap(), text).unwrap();
        self
    }

    fn user_text(&self) -> String {
        std::fs::read_to_string(self.places().user.unwrap()).unwrap()
    }

    fn places(&self) -> Places {
        Places {
            policy: Some(self.folder.path().join("policy.toml")),
            user: Some(self.folder.path().join("settings.toml")),
            ..Places::default()
        }
    }

    fn sources(&self) -> Sources {
        let program = std::iter::once("salon".to_owned());
        Sources {
            places: self.places(),
            environment: Environment::read(|name| self.environment.get(name).map(OsString::from)),
            arguments: Arguments::try_parse_from(program.chain(self.arguments.clone())).unwrap(),
            link: self.link.clone(),
        }
    }

    fn load(&self) -> Settings {
        Settings::load(&self.sources())
    }
}

fn settings(arguments: &[&str]) -> Settings {
    Computer::with(arguments).load()
}

/// Where a setting comes from, in words, with the names of files instead of their paths.
fn source(settings: &Settings, key: Key) -> String {
    let from = settings.provenance(key).unwrap().clone();
    let file = from.file.as_deref().and_then(Path::file_name);
    Provenance {
        file: file.map(PathBuf::from),
        ..from
    }
    .to_string()
}

/// Whether the report of this computer's settings has faults.
fn has_faults(computer: &Computer) -> bool {
    LiveSettings::start(computer.sources())
        .report()
        .has_faults()
}

fn codes(settings: &Settings) -> Vec<Code> {
    settings.problems.iter().map(|fault| fault.code).collect()
}

#[test]
fn dev_mode_brings_a_server_and_fakes_for_what_is_missing() {
    let settings = settings(&["--dev", "--room", "demo", "--lobby"]);
    assert!(settings.dev && settings.lobby && !settings.guest);
    assert_eq!(settings.open.as_deref(), Some("demo"));
    assert_eq!(settings.server.unwrap().as_str(), "ws://127.0.0.1:7880/");
    assert_eq!(settings.fake_devices, FakeDevices::WhenNone);
}

#[test]
fn outside_dev_mode_there_is_neither() {
    let settings = settings(&["salon://join?room=x"]);
    assert!(!settings.dev && settings.server.is_none());
    assert_eq!(settings.fake_devices, FakeDevices::Off);
    assert_eq!(settings.open.as_deref(), Some("salon://join?room=x"));
}

#[test]
fn options_may_stand_before_and_after_a_command() {
    for arguments in [
        ["guest", "--dev", "--room", "demo", "--name", "Guest"],
        ["--dev", "--room", "demo", "--name", "Guest", "guest"],
        ["--dev", "guest", "--room", "demo", "--name", "Guest"],
    ] {
        let settings = settings(&arguments);
        assert!(settings.guest && settings.dev, "{arguments:?}");
        assert_eq!(settings.fake_devices, FakeDevices::Only);
        assert_eq!(settings.name.as_deref(), Some("Guest"));
        assert_eq!(settings.open.as_deref(), Some("demo"));
    }
}

#[test]
fn options_may_stand_alone_or_with_a_value() {
    assert_eq!(
        settings(&["--fake-devices"]).fake_devices,
        FakeDevices::Also
    );
    assert_eq!(
        settings(&["--fake-devices=only"]).fake_devices,
        FakeDevices::Only
    );
    // What follows a lonely option is the link.
    let settings = settings(&["--dev", "salon://join?room=x"]);
    assert!(settings.dev && settings.open.is_some());
    assert!(!self::settings(&["--dev=no"]).dev);
    let folder = std::env::temp_dir();
    let folder = folder.to_str().unwrap();
    let folders = ["--profile-folders", folder, "--profile-folders", folder];
    assert_eq!(
        self::settings(&folders).profile_folders,
        [folder, folder].map(PathBuf::from)
    );
}

#[test]
fn a_wrong_command_line_is_refused() {
    for arguments in [
        ["--dev=perhaps"].as_slice(),
        &["--server", "https://a.example"],
        &["--backend", "http://a.example"],
        &["--fake-sound", "drum"],
        &["--history-days", "-1"],
        &["--unknown"],
    ] {
        let all = std::iter::once(&"salon").chain(arguments);
        assert!(Arguments::try_parse_from(all).is_err(), "{arguments:?}");
    }
}

#[test]
fn the_environment_can_be_wrong_without_an_end() {
    let mut computer = Computer::new();
    computer.set("SALON_DEV", "perhaps").set("SALON_SERVER", "");
    let settings = computer.load();
    assert!(!settings.dev && settings.server.is_none());
    assert_eq!(
        settings.problems,
        [Fault {
            code: Code::SettingsInvalid,
            detail: "environment SALON_DEV: must be true or false".into(),
        }]
    );
}

#[test]
fn secrets_of_the_environment_are_shown_nowhere() {
    use secrecy::ExposeSecret as _;
    let mut computer = Computer::new();
    computer
        .set("LIVEKIT_API_KEY", "key")
        .set("STREAM_API_KEY", "key");
    // Half of a pair is none.
    let Signing { livekit, stream } = computer.load().signing;
    assert!(livekit.is_none() && stream.is_none());
    computer
        .set("LIVEKIT_API_SECRET", "planted-secret")
        .set("STREAM_API_SECRET", "planted-secret")
        .set("SALON_BACKEND_TOKEN", "planted-secret");
    let settings = computer.load();
    for pair in [&settings.signing.livekit, &settings.signing.stream] {
        let pair = pair.as_ref().unwrap();
        assert_eq!(pair.secret.expose_secret(), "planted-secret");
    }
    let token = settings.backend_token.as_ref().unwrap();
    assert_eq!(token.expose_secret(), "planted-secret");
    let explained = serde_json::to_string(&settings.explain()).unwrap();
    let everything = format!("{settings:?} {:?} {explained}", computer.sources());
    assert!(!everything.contains("planted-secret"), "{everything}");
}

#[test]
fn every_name_is_spelt_in_one_way() {
    for key in Key::ALL {
        assert_eq!(serde_json::to_value(key).unwrap(), json!(key.name()));
        assert_eq!(Key::named(key.name()), Some(*key));
        assert!(!key.about().is_empty() && !key.about().contains('\n'));
    }
    // Defaults are values that the files may have, too.
    for (key, value) in Values::defaults().by_key() {
        assert!(value.is_null() || key.check(&value) == Ok(value.clone()));
    }
}
