//! The environment.

use std::collections::BTreeMap;
use std::ffi::OsString;

use secrecy::SecretString;
use serde_json::Value as Json;

use super::Key;
use crate::{Code, Fault};

/// Where the bearer token comes from: command lines and files can be read by others.
const BACKEND_TOKEN: &str = "SALON_BACKEND_TOKEN";

/// What the environment says of settings; nothing else of it is kept.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    pub(super) settings: BTreeMap<Key, Json>,
    pub(super) backend_token: Option<SecretString>,
    pub(super) problems: Vec<Fault>,
}

impl Environment {
    /// That of this process.
    pub fn of_process() -> Self {
        Self::read(|name| std::env::var_os(name))
    }

    /// Asks for the variables of the settings, and for no other. An empty one is none.
    pub fn read(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let filled = |name: &str| variable(name).filter(|value| !value.is_empty());
        let mut environment = Self {
            backend_token: filled(BACKEND_TOKEN)
                .and_then(|token| token.into_string().ok())
                .map(SecretString::from),
            ..Self::default()
        };
        for key in Key::ALL {
            let name = key.variable();
            let Some(text) = filled(&name) else {
                continue;
            };
            let value = text.to_str().ok_or(key.must_be());
            match value.and_then(|text| key.read(text)) {
                Ok(value) => {
                    environment.settings.insert(*key, value);
                }
                Err(must_be) => environment.problems.push(Fault::new(
                    Code::SettingsInvalid,
                    format!("environment {name}: {must_be}"),
                )),
            }
        }
        environment
    }
}
