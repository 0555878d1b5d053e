//! The environment.

use std::collections::BTreeMap;
use std::ffi::OsString;

use salon_base::{Code, Fault};
use secrecy::SecretString;
use serde_json::Value as Json;

use crate::keys::{Key, STREAM_KEY};

/// Where the bearer token comes from: command lines and files can be read by others.
const BACKEND_TOKEN: &str = "SALON_BACKEND_TOKEN";
/// LiveKit's own names for what signs tokens in dev mode.
const SIGNING_KEY: &str = "LIVEKIT_API_KEY";
const SIGNING_SECRET: &str = "LIVEKIT_API_SECRET";
const STREAM_SECRET: &str = "STREAM_API_SECRET";

/// What tokens are signed with in dev mode.
#[derive(Clone, Debug)]
pub struct SigningPair {
    /// The key's name, which each token carries.
    pub key: String,
    /// The secret.
    pub secret: SecretString,
}

/// The pair of each provider, if there is one.
#[derive(Clone, Debug, Default)]
pub struct Signing {
    /// For LiveKit.
    pub livekit: Option<SigningPair>,
    /// For Stream.
    pub stream: Option<SigningPair>,
}

/// What the environment says of settings; nothing else of it is kept.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// With the variable that each is of.
    pub(super) settings: BTreeMap<Key, (String, Json)>,
    pub(super) backend_token: Option<SecretString>,
    pub(super) signing: Signing,
    pub(super) problems: Vec<Fault>,
    /// Which of them is of a setting that decides which new versions are installed.
    pub(super) of_updates: Option<Fault>,
}

impl Environment {
    /// The variables that hold secrets, those that only other programs of the same demo read among
    /// them. No other process is to inherit them from the app.
    pub const SECRETS: [&str; 5] = [
        BACKEND_TOKEN,
        SIGNING_KEY,
        SIGNING_SECRET,
        STREAM_KEY,
        STREAM_SECRET,
    ];

    /// That of this process.
    pub fn of_process() -> Self {
        Self::read(|name| std::env::var_os(name))
    }

    /// Asks for the variables of the settings and for those of secrets, and for no other. An empty one is none.
    pub fn read(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let filled = |name: &str| variable(name).filter(|value| !value.is_empty());
        let text = |name: &str| filled(name).and_then(|value| value.into_string().ok());
        let pair = |key, secret| {
            let (key, secret) = text(key).zip(text(secret))?;
            let secret = SecretString::from(secret);
            Some(SigningPair { key, secret })
        };
        let mut environment = Self {
            backend_token: text(BACKEND_TOKEN).map(SecretString::from),
            signing: Signing {
                livekit: pair(SIGNING_KEY, SIGNING_SECRET),
                stream: pair(STREAM_KEY, STREAM_SECRET),
            },
            ..Self::default()
        };
        for key in Key::ALL {
            let names = [
                Some(key.variable()),
                key.other_variable().map(str::to_owned),
            ];
            let found = names
                .into_iter()
                .flatten()
                .find_map(|name| filled(&name).map(|text| (name, text)));
            let Some((name, text)) = found else {
                continue;
            };
            let value = text.to_str().ok_or(key.must_be());
            match value.and_then(|text| key.read(text)) {
                Ok(value) => {
                    environment.settings.insert(*key, (name, value));
                }
                Err(must_be) => {
                    let detail = format!("environment {name}: {must_be}");
                    let fault = Fault::new(Code::SettingsInvalid, detail);
                    if key.is_of_updates() {
                        environment.of_updates.get_or_insert_with(|| fault.clone());
                    }
                    environment.problems.push(fault);
                }
            }
        }
        environment
    }
}
