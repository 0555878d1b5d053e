//! The environment.

use std::collections::BTreeMap;
use std::ffi::OsString;

use secrecy::SecretString;
use serde_json::Value as Json;

use super::Key;
use crate::{Code, Fault};

/// Where the bearer token comes from: command lines and files can be read by others.
const BACKEND_TOKEN: &str = "SALON_BACKEND_TOKEN";
/// LiveKit's own names for what signs tokens in dev mode.
const SIGNING_KEY: &str = "LIVEKIT_API_KEY";
const SIGNING_SECRET: &str = "LIVEKIT_API_SECRET";

/// What tokens are signed with in dev mode.
#[derive(Clone, Debug)]
pub struct SigningPair {
    /// The key's name, which each token carries.
    pub key: String,
    /// The secret.
    pub secret: SecretString,
}

/// What the environment says of settings; nothing else of it is kept.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    pub(super) settings: BTreeMap<Key, Json>,
    pub(super) backend_token: Option<SecretString>,
    pub(super) signing: Option<SigningPair>,
    pub(super) problems: Vec<Fault>,
}

impl Environment {
    /// The variables that hold secrets, those that only other programs of the same demo read among
    /// them. No other process is to inherit them from the app.
    pub const SECRETS: [&str; 5] = [
        BACKEND_TOKEN,
        SIGNING_KEY,
        SIGNING_SECRET,
        "STREAM_API_KEY",
        "STREAM_API_SECRET",
    ];

    /// That of this process.
    pub fn of_process() -> Self {
        Self::read(|name| std::env::var_os(name))
    }

    /// Asks for the variables of the settings and for those of secrets, and for no other. An empty one is none.
    pub fn read(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let filled = |name: &str| variable(name).filter(|value| !value.is_empty());
        let text = |name: &str| filled(name).and_then(|value| value.into_string().ok());
        let pair = text(SIGNING_KEY).zip(text(SIGNING_SECRET));
        let mut environment = Self {
            backend_token: text(BACKEND_TOKEN).map(SecretString::from),
            signing: pair.map(|(key, secret)| SigningPair {
                key,
                secret: SecretString::from(secret),
            }),
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
