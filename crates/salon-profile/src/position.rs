//! Where in a profile's file something stands.

use std::collections::HashMap;

use serde_json::value::RawValue;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// How a profile is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// TOML.
    Toml,
    /// JSON.
    Json,
}

/// A place in a text, counted from 1; columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
}

impl Position {
    /// The beginning of a text.
    pub const START: Self = Self { line: 1, column: 1 };

    /// That of a byte.
    pub fn of(text: &str, byte: usize) -> Self {
        let before = text.get(..byte).unwrap_or(text);
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line..].chars().count() + 1,
        }
    }
}

/// Where the value lies that keys and indices lead to; if they lead nowhere, the last that they do
/// lead to.
pub(super) fn find(text: &str, format: Format, path: &[String]) -> Position {
    let byte = match format {
        Format::Toml => in_toml(text, path),
        Format::Json => in_json(text, path),
    };
    byte.map_or(Position::START, |byte| Position::of(text, byte))
}

fn in_toml(text: &str, path: &[String]) -> Option<usize> {
    let document = DeTable::parse(text).ok()?;
    let (first, rest) = path.split_first()?;
    let (mut found, mut value) = entry(document.get_ref(), first)?;
    for step in rest {
        let next = match value.get_ref() {
            DeValue::Table(table) => entry(table, step),
            DeValue::Array(list) => step
                .parse::<usize>()
                .ok()
                .and_then(|index| list.get(index))
                .map(|value| (value.span().start, value)),
            _ => None,
        };
        let Some(next) = next else { break };
        (found, value) = next;
    }
    Some(found)
}

/// Where an entry's value begins; of a table that of its key: its own begins with its header.
fn entry<'t, 'i>(table: &'t DeTable<'i>, key: &str) -> Option<(usize, &'t Spanned<DeValue<'i>>)> {
    let (key, value) = table.iter().find(|(name, _)| name.get_ref() == key)?;
    let start = match value.get_ref() {
        DeValue::Table(_) => key.span().start,
        _ => value.span().start,
    };
    Some((start, value))
}

fn in_json(text: &str, path: &[String]) -> Option<usize> {
    let mut found = None;
    let mut value = text;
    for step in path {
        let next = serde_json::from_str::<HashMap<String, &RawValue>>(value)
            .ok()
            .and_then(|mut map| map.remove(step))
            .or_else(|| {
                let list = serde_json::from_str::<Vec<&RawValue>>(value).ok()?;
                list.get(step.parse::<usize>().ok()?).copied()
            });
        let Some(next) = next else { break };
        value = next.get();
        // A raw value is a part of the text that it was read from.
        found = (value.as_ptr() as usize).checked_sub(text.as_ptr() as usize);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, format: Format, path: &[&str]) -> (usize, usize) {
        let path: Vec<_> = path.iter().map(|step| (*step).to_owned()).collect();
        let position = find(text, format, &path);
        (position.line, position.column)
    }

    #[test]
    fn values_are_found() {
        let toml = "a = 1\n[rest.token]\n  path = \"ü\"\nbody = { b = [1, \"c\"] }\n";
        for (path, expected) in [
            (&["a"][..], (1, 5)),
            (&["rest", "token", "path"], (3, 10)),
            (&["rest", "token", "body", "b", "1"], (4, 18)),
            (&["rest", "token"], (2, 7)),
            (&["rest", "token", "missing"], (2, 7)),
            (&["missing"], (1, 1)),
        ] {
            assert_eq!(at(toml, Format::Toml, path), expected, "{path:?}");
        }
        let json = "{\n \"a\": 1,\n \"b\": { \"c\": [ 7,\n   8] } }";
        for (path, expected) in [
            (&["a"][..], (2, 7)),
            (&["b", "c", "1"], (4, 4)),
            (&["b", "d"], (3, 7)),
            (&["d"], (1, 1)),
        ] {
            assert_eq!(at(json, Format::Json, path), expected, "{path:?}");
        }
    }
}
