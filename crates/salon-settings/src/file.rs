//! Reading the user's and the administrator's file.

use std::io::Read as _;
use std::path::Path;

use salon_base::{Code, Fault};
use serde_json::Value as Json;
use toml_edit::{Document, Item, Table, Value};

use super::Key;
use super::layers::{Layer, Provenance};

/// Bytes of a file; settings are a page of text.
const LONGEST: u64 = 256 * 1024;

/// What a file says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Reading {
    pub(super) values: Vec<(Key, Json, Provenance)>,
    pub(super) problems: Vec<Fault>,
    /// Because of which of them it cannot be known what it says of updates, if there is such a one.
    pub(super) of_updates: Option<Fault>,
}

/// What a problem may have hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hides {
    /// All that is said.
    All,
    /// What is said of a setting.
    Key(Key),
    /// Nothing that this version knows of.
    Unknown,
}

impl Hides {
    /// What lies where no setting is looked for, under this name.
    pub(super) fn of_name(name: &str) -> Self {
        Key::named(name).map_or(Self::Unknown, Self::Key)
    }

    /// The same with the names of what lies within: it may be a table of a later version, or one of ours misspelt.
    pub(super) fn of_table<'a>(name: &str, within: impl IntoIterator<Item = &'a str>) -> Self {
        let mut within = within.into_iter().filter_map(Key::named);
        let hidden = within.find(|key| key.is_of_updates());
        hidden.map_or(Self::of_name(name), Self::Key)
    }
}

impl Reading {
    pub(super) fn problem(&mut self, fault: Fault, hides: Hides) {
        let of_updates = match hides {
            Hides::All => true,
            Hides::Key(key) => key.is_of_updates(),
            Hides::Unknown => false,
        };
        if of_updates {
            self.of_updates.get_or_insert_with(|| fault.clone());
        }
        self.problems.push(fault);
    }
}

/// Reads the user's file. One that is not there says nothing.
pub(super) fn user(path: &Path) -> Reading {
    match text(path) {
        Ok(Some(text)) => parse_user(&text, path),
        Ok(None) => Reading::default(),
        Err(why) => Reading::failed(Code::SettingsInvalid, path, &why),
    }
}

/// Reads the administrator's file. One that is not there says nothing.
pub(super) fn policy(path: &Path) -> Reading {
    match text(path) {
        Ok(Some(text)) => parse_policy(&text, path),
        Ok(None) => Reading::default(),
        Err(why) => Reading::failed(Code::PolicyInvalid, path, &why),
    }
}

fn text(path: &Path) -> Result<Option<String>, String> {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let mut bytes = Vec::new();
    file.take(LONGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LONGEST {
        return Err(format!("it is longer than {LONGEST} bytes"));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text)),
        Err(error) => {
            let whole = error.utf8_error().valid_up_to();
            let good = String::from_utf8_lossy(&error.as_bytes()[..whole]);
            let place = Place::at(&good, good.len());
            Err(format!(
                "it is not UTF-8 at {}:{}",
                place.line, place.column
            ))
        }
    }
}

/// Reads the text of a user's file.
pub(super) fn parse_user(text: &str, path: &Path) -> Reading {
    let mut reading = Reading::default();
    let file = Text {
        text,
        path,
        invalid: Code::SettingsInvalid,
        // Perhaps of a later version: told, and left alone.
        unknown: Code::SettingsUnknownKey,
    };
    match Document::parse(text) {
        Ok(document) => file.table(document.as_table(), Layer::User, &mut reading),
        Err(error) => reading.problem(file.syntax(&error), Hides::All),
    }
    reading
}

/// Reads the text of an administrator's file.
pub(super) fn parse_policy(text: &str, path: &Path) -> Reading {
    let mut reading = Reading::default();
    let file = Text {
        text,
        path,
        invalid: Code::PolicyInvalid,
        // Perhaps a lock that is misspelt.
        unknown: Code::PolicyInvalid,
    };
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) => {
            reading.problem(file.syntax(&error), Hides::All);
            return reading;
        }
    };
    for (name, item) in document.iter() {
        let layer = match name {
            "values" => Layer::Policy,
            "defaults" => Layer::PolicyDefault,
            _ => {
                let at = file.key(document.as_table(), name);
                let why = format!("{name:?} is neither the table values nor defaults");
                let within = item.as_table().into_iter().flatten();
                let hides = Hides::of_table(name, within.map(|(name, _)| name));
                reading.problem(file.fault(file.unknown, at, &why), hides);
                continue;
            }
        };
        match item {
            Item::Table(table) => file.table(table, layer, &mut reading),
            _ => {
                let at = file.key(document.as_table(), name);
                let why = format!("{name} must be a table: [{name}]");
                reading.problem(file.fault(file.invalid, at, &why), Hides::All);
            }
        }
    }
    reading
}

impl Reading {
    fn failed(code: Code, path: &Path, why: &str) -> Self {
        let mut reading = Self::default();
        let fault = Fault::new(code, format!("{}: {why}", path.display()));
        reading.problem(fault, Hides::All);
        reading
    }
}

/// A text and how to speak of it.
struct Text<'a> {
    text: &'a str,
    path: &'a Path,
    invalid: Code,
    unknown: Code,
}

impl Text<'_> {
    fn table(&self, table: &Table, layer: Layer, reading: &mut Reading) {
        for (name, item) in table.iter() {
            let begin = self.key(table, name);
            let Some(key) = Key::named(name) else {
                let why = format!("{name:?} is no setting of this version");
                reading.problem(self.fault(self.unknown, begin, &why), Hides::Unknown);
                continue;
            };
            let value = item.as_value().and_then(json).ok_or(key.must_be());
            match value.and_then(|value| key.check(&value)) {
                Ok(value) => {
                    let from = Provenance {
                        file: Some(self.path.to_owned()),
                        line: Some(Place::at(self.text, begin).line),
                        ..Provenance::of(layer)
                    };
                    reading.values.push((key, value, from));
                }
                Err(must_be) => {
                    let at = item.span().map_or(begin, |span| span.start);
                    let why = format!("{name} {must_be}");
                    reading.problem(self.fault(self.invalid, at, &why), Hides::Key(key));
                }
            }
        }
    }

    /// Where a key begins.
    fn key(&self, table: &Table, name: &str) -> usize {
        let key = table.get_key_value(name).and_then(|(key, _)| key.span());
        key.map_or(0, |span| span.start)
    }

    fn syntax(&self, error: &toml_edit::TomlError) -> Fault {
        let at = error.span().map_or(0, |span| span.start);
        // The message without the line itself, in which a secret may be.
        self.fault(self.invalid, at, error.message())
    }

    fn fault(&self, code: Code, at: usize, why: &str) -> Fault {
        let Place { line, column } = Place::at(self.text, at);
        Fault::new(
            code,
            format!("{}:{line}:{column}: {why}", self.path.display()),
        )
    }
}

/// A place in a text, both from 1; columns are characters.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    line: usize,
    column: usize,
}

impl Place {
    fn at(text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let begin = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[begin..].chars().count() + 1,
        }
    }
}

/// Absent for what no setting can be: dates, tables, numbers with a fraction.
fn json(value: &Value) -> Option<Json> {
    match value {
        Value::String(text) => Some(Json::from(text.value().as_str())),
        Value::Integer(number) => Some(Json::from(*number.value())),
        Value::Boolean(switch) => Some(Json::Bool(*switch.value())),
        Value::Array(array) => array.iter().map(json).collect(),
        Value::Float(_) | Value::Datetime(_) | Value::InlineTable(_) => None,
    }
}
