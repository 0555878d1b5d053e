//! Profiles from files.

use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::Profile;
use super::builtin;
use super::check::check;
use super::position::{Format, Position, find};
use crate::settings::{Places, Settings};
use crate::{Code, Fault};

/// The profile of a backend that is set without one.
pub const DEFAULT_PROFILE: &str = "livekit-meetings";

/// Bytes of a file.
const LARGEST: u64 = 64 * 1024;

/// What is wrong with a profile, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where.
    pub position: Position,
    /// What.
    pub why: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { line, column } = self.position;
        write!(f, "line {line}, column {column}: {}", self.why)
    }
}

impl std::error::Error for Mistake {}

/// Reads and checks a profile.
///
/// # Errors
/// The first mistake.
pub fn parse(text: &str, format: Format) -> Result<Profile, Mistake> {
    if text.len() as u64 > LARGEST {
        return Err(Mistake {
            position: Position::START,
            why: "a profile has at most 64 KB".into(),
        });
    }
    let profile: Profile = match format {
        Format::Toml => toml::from_str(text).map_err(|error: toml::de::Error| Mistake {
            position: error
                .span()
                .map_or(Position::START, |span| Position::of(text, span.start)),
            why: error.message().to_owned(),
        })?,
        Format::Json => serde_json::from_str(text).map_err(|error| Mistake {
            position: json_position(text, &error),
            why: without_position(&error),
        })?,
    };
    check(&profile).map_err(|wrong| {
        let keys = wrong.path.join(".");
        let colon = if keys.is_empty() { "" } else { ": " };
        Mistake {
            position: find(text, format, &wrong.path),
            why: format!("{keys}{colon}{}", wrong.why),
        }
    })?;
    Ok(profile)
}

/// The library counts columns in bytes.
fn json_position(text: &str, error: &serde_json::Error) -> Position {
    let line = error.line().max(1);
    let bytes = error.column().saturating_sub(1);
    let text = text.split('\n').nth(line - 1).unwrap_or_default();
    let before = text.char_indices().take_while(|(at, _)| *at < bytes);
    Position {
        line,
        column: before.count() + 1,
    }
}

fn without_position(error: &serde_json::Error) -> String {
    let words = error.to_string();
    let end = format!(" at line {} column {}", error.line(), error.column());
    words.strip_suffix(&end).unwrap_or(&words).to_owned()
}

/// Reads and checks a profile's file, by its extension TOML or JSON.
///
/// # Errors
/// [`Code::ProfileInvalid`] with file, line, column and cause.
pub fn read(file: &Path) -> Result<Profile, Fault> {
    let fault = |why: String| {
        let file = file.display();
        Fault::new(Code::ProfileInvalid, format!("{file}, {why}"))
    };
    let format = format_of(file).ok_or_else(|| fault("it is neither .toml nor .json".into()))?;
    let mut bytes = Vec::new();
    std::fs::File::open(file)
        // One more, to see that there is more.
        .and_then(|opened| opened.take(LARGEST + 1).read_to_end(&mut bytes))
        .map_err(|error| fault(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes());
        let Position { line, column } = Position::of(&text, good);
        fault(format!("line {line}, column {column}: it is not UTF-8"))
    })?;
    parse(&text, format).map_err(|mistake| fault(mistake.to_string()))
}

fn format_of(file: &Path) -> Option<Format> {
    match file.extension()?.to_str()? {
        "toml" => Some(Format::Toml),
        "json" => Some(Format::Json),
        _ => None,
    }
}

/// Who wrote a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// An administrator.
    Policy,
    /// It comes with Salon.
    BuiltIn,
    /// The user.
    User,
}

/// The profiles that there are, by name.
#[derive(Clone, Debug, Default)]
pub struct Profiles(Vec<(Profile, Origin)>);

impl Profiles {
    /// The built-in ones, and those of the user's folders. A folder need not exist.
    ///
    /// Faulty ones are left out, each with its fault; so is one with the name of another.
    pub fn load(folders: &[PathBuf]) -> (Self, Vec<Fault>) {
        Self::load_with_policy(&[], folders)
    }

    /// Those that settings and the places of files lead to.
    pub fn of(settings: &Settings, places: &Places) -> (Self, Vec<Fault>) {
        let mut user = Vec::from_iter(places.user_profiles());
        user.extend(settings.profile_folders.iter().cloned());
        Self::load_with_policy(&Vec::from_iter(places.policy_profiles()), &user)
    }

    /// As [`Self::load`]. Profiles of policy folders take the place of built-in ones.
    pub fn load_with_policy(policy: &[PathBuf], user: &[PathBuf]) -> (Self, Vec<Fault>) {
        let (mut profiles, mut faults) = (Self::default(), Vec::new());
        for (folders, origin) in [(policy, Origin::Policy), (user, Origin::User)] {
            for file in folders.iter().flat_map(|folder| files(folder)) {
                let read = read(&file).and_then(|profile| profiles.add(profile, origin, &file));
                faults.extend(read.err());
            }
            if origin == Origin::Policy {
                for profile in builtin::all() {
                    if profiles.get(&profile.name).is_none() {
                        profiles.0.push((profile, Origin::BuiltIn));
                    }
                }
            }
        }
        profiles.0.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
        (profiles, faults)
    }

    fn add(&mut self, profile: Profile, origin: Origin, file: &Path) -> Result<(), Fault> {
        if let Some((_, of)) = self.0.iter().find(|(other, _)| other.name == profile.name) {
            let whose = match of {
                Origin::Policy => "of the administrator's",
                Origin::BuiltIn => "that is built in",
                Origin::User => "in another file",
            };
            let (file, name) = (file.display(), &profile.name);
            let why =
                format!("{file}: there is a profile \"{name}\" {whose}; give it another name");
            return Err(Fault::new(Code::ProfileInvalid, why));
        }
        self.0.push((profile, origin));
        Ok(())
    }

    /// The profile of this name.
    ///
    /// # Errors
    /// [`Code::ProfileUnknown`], with the names that there are.
    pub fn require(&self, name: &str) -> Result<&Profile, Fault> {
        self.get(name).ok_or_else(|| {
            let names: Vec<_> = self.all().map(|profile| profile.name.as_str()).collect();
            let why = format!("{name}; there are {}", names.join(", "));
            Fault::new(Code::ProfileUnknown, why)
        })
    }

    /// The profile of this name, if there is one.
    pub fn get(&self, name: &str) -> Option<&Profile> {
        self.all().find(|profile| profile.name == name)
    }

    /// Who wrote the profile of this name.
    pub fn origin(&self, name: &str) -> Option<Origin> {
        let found = self.0.iter().find(|(profile, _)| profile.name == name);
        found.map(|(_, origin)| *origin)
    }

    /// All of them, by name.
    pub fn all(&self) -> impl Iterator<Item = &Profile> {
        self.0.iter().map(|(profile, _)| profile)
    }
}

/// The profiles of a folder, in the order of their names.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_file() && format_of(path).is_some())
        .collect();
    files.sort();
    files
}
