//! What a value that an administrator's tool has stored says of a setting: in Windows' registry, or in a property
//! list on a Mac.

use salon_base::{Code, Fault};
use serde_json::Value as Json;

use crate::Key;
use crate::file::{Hides, Reading};
use crate::keys::Shape;
use crate::layers::{Layer, Provenance};

/// The keys below the policy's own, and the layers that they are.
pub(crate) const TABLES: [(&str, Layer); 2] = [
    ("Values", Layer::Policy),
    ("Defaults", Layer::PolicyDefault),
];

/// What lies under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stored {
    /// Of a property list: the registry has numbers for it.
    #[cfg(any(target_os = "macos", test))]
    Switch(bool),
    /// A DWORD, or an integer.
    Number(u32),
    /// A string.
    Text(String),
    /// Several.
    Lines(Vec<String>),
    /// What no setting is written as.
    Other,
}

/// Adds what a key says; `at` is the key as it is shown, with what separates it from a name.
pub(crate) fn add(at: &str, layer: Layer, stored: Vec<(String, Stored)>, reading: &mut Reading) {
    for (name, stored) in stored {
        let at = format!("{at}{name}");
        // The registry does not tell capitals from small letters.
        let Some(key) = Key::named(&name.to_ascii_lowercase()) else {
            let fault = fault(&at, "is no setting of this version");
            reading.problem(fault, Hides::Unknown);
            continue;
        };
        match value(key, stored) {
            Ok(value) => {
                let from = Provenance::named(layer, at);
                reading.values.push((key, value, from));
            }
            Err(must_be) => reading.problem(fault(&at, must_be), Hides::Key(key)),
        }
    }
}

fn value(key: Key, stored: Stored) -> Result<Json, &'static str> {
    let value = match (key.shape(), stored) {
        #[cfg(any(target_os = "macos", test))]
        (Shape::Switch, Stored::Switch(on)) => Json::Bool(on),
        (Shape::Switch, Stored::Number(number @ (0 | 1))) => Json::Bool(number == 1),
        (Shape::Count, Stored::Number(number)) => Json::from(number),
        (Shape::Folders, Stored::Lines(lines)) => Json::from(lines),
        // As in the environment.
        (_, Stored::Text(text)) => return key.read(&text),
        _ => return Err(key.must_be()),
    };
    key.check(&value)
}

/// Says nothing of the value: it may be a secret in the wrong place.
pub(crate) fn fault(at: &str, why: &str) -> Fault {
    Fault::new(Code::PolicyInvalid, format!("{at} {why}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(stored: &[(&str, Stored)]) -> Reading {
        let mut reading = Reading::default();
        let stored = stored
            .iter()
            .map(|(name, stored)| ((*name).to_owned(), stored.clone()));
        add(
            "HKLM\\x\\Values\\",
            Layer::Policy,
            stored.collect(),
            &mut reading,
        );
        reading
    }

    #[test]
    fn each_kind_of_setting_is_written_as_group_policy_writes_it() {
        let text = |text: &str| Stored::Text(text.into());
        let folder = if cfg!(windows) {
            "C:\\profiles"
        } else {
            "/profiles"
        };
        for (name, stored, expected) in [
            ("dev", Stored::Number(0), json!(false)),
            ("Ringtone", Stored::Number(1), json!(true)),
            ("allow_dev", text("no"), json!(false)),
            ("history_days", Stored::Number(30), json!(30)),
            ("history_days", text("30"), json!(30)),
            (
                "server",
                text("wss://it.example/"),
                json!("wss://it.example/"),
            ),
            ("fake_devices", text("off"), json!("off")),
            (
                "profile_folders",
                Stored::Lines(vec![folder.into()]),
                json!([folder]),
            ),
        ] {
            let reading = read(&[(name, stored)]);
            assert_eq!(reading.problems, [], "{name}");
            let [(_, value, from)] = &reading.values[..] else {
                panic!("{name}")
            };
            assert_eq!(*value, expected);
            assert_eq!(from.to_string(), format!("policy HKLM\\x\\Values\\{name}"));
        }
    }

    #[test]
    fn what_fits_no_setting_is_told_and_its_value_is_not() {
        for (name, stored, why) in [
            (
                "allow_dv",
                Stored::Number(0),
                "is no setting of this version",
            ),
            ("dev", Stored::Number(2), "must be true or false"),
            ("dev", Stored::Other, "must be true or false"),
            (
                "history_days",
                Stored::Text("planted".into()),
                "must be a whole number, 0 or more",
            ),
            (
                "name",
                Stored::Number(1),
                "must be one line of text, at most 200 characters, and not empty",
            ),
        ] {
            let reading = read(&[(name, stored)]);
            assert!(reading.values.is_empty());
            let [problem] = &reading.problems[..] else {
                panic!("{name}")
            };
            assert_eq!(problem.code, Code::PolicyInvalid);
            assert_eq!(problem.detail, format!("HKLM\\x\\Values\\{name} {why}"));
        }
    }
}
