//! The profiles that there are: built in, and of files.

use std::path::{Path, PathBuf};

use salon_base::{Code, Fault};

use crate::builtin;
use crate::parse::{format_of, read};
use crate::profile::Profile;

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
