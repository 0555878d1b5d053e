//! Writing the user's file.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use salon_base::{Code, Fault};
use serde_json::Value as Json;
use toml_edit::{Array, DocumentMut, Item, RawString, Value};

use super::{Key, Settings};

/// The user's file, to be changed. What else is in it stays as it is, comments too.
#[derive(Debug)]
pub struct UserFile<'a> {
    path: &'a Path,
    settings: &'a Settings,
}

impl<'a> UserFile<'a> {
    /// The file at `path`, which need not exist; `settings` say what is locked.
    pub fn new(path: &'a Path, settings: &'a Settings) -> Self {
        Self { path, settings }
    }

    /// Writes a value.
    ///
    /// # Errors
    /// [`Code::SettingsLocked`]; [`Code::SettingsInvalid`] if the value does not fit or the file
    /// cannot be understood, which is then left alone; [`Code::SettingsNotSaved`].
    pub fn set(&self, key: Key, value: &Json) -> Result<(), Fault> {
        self.unlocked(key)?;
        let invalid = |must_be| {
            let detail = format!("{} {must_be}", key.name());
            Fault::new(Code::SettingsInvalid, detail)
        };
        let value = key.check(value).map_err(invalid)?;
        let mut value = toml(&value).ok_or_else(|| invalid(key.must_be()))?;
        self.edit(|document| {
            match document.get_mut(key.name()) {
                Some(Item::Value(old)) => {
                    // With the comment that may follow it.
                    *value.decor_mut() = old.decor().clone();
                    *old = value;
                }
                Some(other) => *other = Item::Value(value),
                None => {
                    document.insert(key.name(), Item::Value(value));
                }
            }
        })
    }

    /// Takes a value out.
    ///
    /// # Errors
    /// As of [`UserFile::set`].
    pub fn unset(&self, key: Key) -> Result<(), Fault> {
        self.unlocked(key)?;
        self.edit(|document| remove(document, key.name()))
    }

    fn unlocked(&self, key: Key) -> Result<(), Fault> {
        if self.settings.is_locked(key) {
            return Err(Fault::new(Code::SettingsLocked, key.name()));
        }
        Ok(())
    }

    fn edit(&self, change: impl FnOnce(&mut DocumentMut)) -> Result<(), Fault> {
        let text = match std::fs::read_to_string(self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(self.not_saved(&error)),
        };
        let mut document: DocumentMut = match text.parse() {
            Ok(document) => document,
            // Told as when it is read.
            Err(_) => {
                let reading = super::file::parse_user(&text, self.path);
                let problem = reading.problems.into_iter().next();
                return Err(problem.unwrap_or_else(|| Code::SettingsInvalid.into()));
            }
        };
        change(&mut document);
        self.write(&document.to_string())
            .map_err(|error| self.not_saved(&error))
    }

    /// All of it or nothing.
    fn write(&self, text: &str) -> std::io::Result<()> {
        // A link to a file somewhere else stays one.
        let path = match self.path.canonicalize() {
            Ok(path) => path,
            Err(_) => self.path.to_owned(),
        };
        let folder = path.parent().map_or_else(PathBuf::new, Path::to_owned);
        salon_private::make_folder(&folder)?;
        let mut file = tempfile::Builder::new()
            .prefix(".settings")
            .tempfile_in(&folder)?;
        file.write_all(text.as_bytes())?;
        if let Ok(old) = std::fs::metadata(&path) {
            file.as_file().set_permissions(old.permissions())?;
        }
        file.as_file().sync_all()?;
        file.persist(&path)?;
        Ok(())
    }

    fn not_saved(&self, error: &std::io::Error) -> Fault {
        Fault::new(
            Code::SettingsNotSaved,
            format!("{}: {error}", self.path.display()),
        )
    }
}

/// Removes a key, and leaves the comments above it to what follows.
fn remove(document: &mut DocumentMut, name: &str) {
    let prefix = |raw: Option<&RawString>| raw.and_then(RawString::as_str).unwrap_or("").to_owned();
    let above = document
        .key(name)
        .map(|key| prefix(key.leaf_decor().prefix()))
        .filter(|above| above.contains('#'));
    let next = document
        .iter()
        .map(|(name, _)| name.to_owned())
        .skip_while(|other| other != name)
        .nth(1);
    document.remove(name);
    let Some(above) = above else {
        return;
    };
    let after = next.and_then(|next| {
        let is_value = document.get(&next).is_some_and(Item::is_value);
        document.key_mut(&next).filter(|_| is_value)
    });
    match after {
        Some(mut key) => {
            let own = prefix(key.leaf_decor().prefix());
            key.leaf_decor_mut().set_prefix(above + &own);
        }
        None => {
            let own = prefix(Some(document.trailing()));
            document.set_trailing(above + &own);
        }
    }
}

/// Absent for what no setting is.
fn toml(value: &Json) -> Option<Value> {
    match value {
        Json::Bool(switch) => Some(Value::from(*switch)),
        Json::Number(number) => number.as_i64().map(Value::from),
        Json::String(text) => Some(Value::from(text.as_str())),
        Json::Array(list) => list
            .iter()
            .map(toml)
            .collect::<Option<Array>>()
            .map(Value::from),
        Json::Null | Json::Object(_) => None,
    }
}
