//! Saying what is set and where from.

use std::fmt::Write as _;

use salon_base::{Code, Fault};
use serde::Serialize;
use serde_json::Value as Json;

use super::{Applies, Key, Layer, Settings};

/// A setting, its value and where that comes from.
#[derive(Clone, Debug, PartialEq, Serialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct Explained {
    /// Name.
    pub key: Key,
    /// Value; null: not set.
    #[ts(type = "boolean | number | string | string[] | null")]
    pub value: Json,
    /// Layer that it comes from.
    pub layer: Layer,
    /// Where exactly: layer, file and line, variable or option.
    pub source: String,
    /// Only the administrator changes it.
    pub locked: bool,
    /// The page may change it.
    pub editable: bool,
    /// When a change counts.
    pub applies: Applies,
    /// It was changed, and the app still runs with the former value.
    pub after_restart: bool,
    /// What others wanted that the administrator does not allow.
    pub ignored: Vec<Ignored>,
}

/// A value that is not allowed.
#[derive(Clone, Debug, PartialEq, Serialize, ts_rs::TS)]
pub struct Ignored {
    /// The value.
    #[ts(type = "boolean | number | string | string[] | null")]
    pub value: Json,
    /// Layer that it comes from.
    pub layer: Layer,
    /// Where exactly.
    pub source: String,
}

/// All settings, for the page and for `salon config --json`.
#[derive(Clone, Debug, PartialEq, Serialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct SettingsReport {
    /// Each setting.
    pub settings: Vec<Explained>,
    /// What is wrong with the files, those of backend profiles among them, and with the
    /// environment, and what was refused.
    pub problems: Vec<Fault>,
    /// The user's file, which may not be there yet; empty: there is no place for it.
    pub user_file: String,
}

impl Settings {
    /// Each setting with where it comes from. Secrets are no settings, and not among them.
    pub fn explain(&self) -> Vec<Explained> {
        let explained = self.settled.iter().map(|(key, settled)| Explained {
            key: *key,
            value: settled.value.clone(),
            layer: settled.from.layer,
            source: settled.from.to_string(),
            locked: settled.locked,
            editable: key.is_changed_in_app() && settled.from.layer <= Layer::User,
            applies: key.applies(),
            after_restart: false,
            ignored: settled
                .ignored
                .iter()
                .map(|candidate| Ignored {
                    value: candidate.value.clone(),
                    layer: candidate.from.layer,
                    source: candidate.from.to_string(),
                })
                .collect(),
        });
        explained.collect()
    }
}

impl SettingsReport {
    /// Whether a file or the environment has a fault.
    pub fn has_faults(&self) -> bool {
        let faults = [
            Code::SettingsInvalid,
            Code::PolicyInvalid,
            Code::ProfileInvalid,
        ];
        self.problems
            .iter()
            .any(|problem| faults.contains(&problem.code))
    }

    /// A table for a terminal.
    pub fn text(&self) -> String {
        let rows: Vec<_> = self
            .settings
            .iter()
            .map(|setting| (setting.key.name(), shown(&setting.value), setting))
            .collect();
        let widest =
            |lengths: &mut dyn Iterator<Item = usize>| lengths.max().unwrap_or_default() + 2;
        let names = widest(&mut rows.iter().map(|(name, ..)| name.len()));
        let values = widest(&mut rows.iter().map(|(_, value, _)| value.chars().count()));
        let mut text = String::new();
        for (name, value, setting) in rows {
            let lock = if setting.locked { " (locked)" } else { "" };
            let _ = writeln!(text, "{name:names$}{value:values$}{}{lock}", setting.source);
            for ignored in &setting.ignored {
                let (value, source) = (shown(&ignored.value), &ignored.source);
                let _ = writeln!(text, "{:names$}locked by policy: {source} = {value}", "");
            }
        }
        for problem in &self.problems {
            let sentence = problem.code.words().map_or("", |words| &words.sentence);
            let _ = write!(
                text,
                "\n{}: {sentence}\n  {}\n",
                problem.code.name(),
                problem.detail
            );
        }
        text
    }
}

fn shown(value: &Json) -> String {
    match value {
        Json::Null => "(not set)".to_owned(),
        value => value.to_string(),
    }
}
