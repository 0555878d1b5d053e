//! Which layer a setting comes from, and which of several counts.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::Serialize;
use serde_json::Value as Json;

use super::Key;

/// Where a value comes from: what is further down counts more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ts_rs::TS)]
#[serde(rename_all = "kebab-case")]
#[ts(rename = "SettingLayer")]
pub enum Layer {
    /// Built in.
    Default,
    /// The table `defaults` of the administrator's file.
    PolicyDefault,
    /// The user's file.
    User,
    /// The environment.
    Environment,
    /// The command line.
    CommandLine,
    /// A meeting's link.
    Link,
    /// The table `values` of the administrator's file: locked.
    Policy,
}

/// Where exactly a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// Layer.
    pub layer: Layer,
    /// The file, if it is one.
    pub file: Option<PathBuf>,
    /// Line in the file, from 1.
    pub line: Option<usize>,
    /// The variable or the option, if it is one.
    pub name: Option<String>,
}

impl Provenance {
    pub(super) fn of(layer: Layer) -> Self {
        Self {
            layer,
            file: None,
            line: None,
            name: None,
        }
    }

    pub(super) fn named(layer: Layer, name: String) -> Self {
        Self {
            name: Some(name),
            ..Self::of(layer)
        }
    }
}

impl fmt::Display for Provenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.layer {
            Layer::Default => "default",
            Layer::PolicyDefault => "policy default",
            Layer::User => "user's file",
            Layer::Environment => "environment",
            Layer::CommandLine => "command line",
            Layer::Link => "link",
            Layer::Policy => "policy",
        })?;
        if let Some(file) = &self.file {
            write!(f, " {}", file.display())?;
        }
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(name) = &self.name {
            write!(f, " {name}")?;
        }
        Ok(())
    }
}

/// A value that a layer gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The value.
    pub value: Json,
    /// Where it comes from.
    pub from: Provenance,
}

/// The value that counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    /// The value; null: not set.
    pub value: Json,
    /// Where it comes from.
    pub from: Provenance,
    /// Nothing but the administrator changes it.
    pub locked: bool,
    /// What others wanted that the administrator does not allow.
    pub ignored: Vec<Candidate>,
}

impl Settled {
    pub(super) fn by_default(value: Json) -> Self {
        Self {
            value,
            from: Provenance::of(Layer::Default),
            locked: false,
            ignored: Vec::new(),
        }
    }
}

/// What all layers give.
#[derive(Debug, Default)]
pub(super) struct Layers(BTreeMap<Key, Vec<Candidate>>);

impl Layers {
    pub(super) fn add(&mut self, key: Key, value: Json, from: Provenance) {
        self.0
            .entry(key)
            .or_default()
            .push(Candidate { value, from });
    }

    /// What counts; absent if no layer gives the setting.
    pub(super) fn settle(&self, key: Key) -> Option<Settled> {
        let candidates = self.0.get(&key)?;
        let chosen = candidates
            .iter()
            .max_by_key(|candidate| candidate.from.layer)?;
        let locked = chosen.from.layer == Layer::Policy;
        let wanted = |candidate: &&Candidate| {
            (Layer::User..Layer::Policy).contains(&candidate.from.layer) && locked
        };
        Some(Settled {
            value: chosen.value.clone(),
            from: chosen.from.clone(),
            locked,
            ignored: candidates.iter().filter(wanted).cloned().collect(),
        })
    }
}
