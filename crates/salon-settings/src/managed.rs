//! The administrator's policy on a Mac: what a configuration profile for all users of a computer says of Salon, which
//! macOS keeps as a property list. Its two dictionaries are the two tables of the policy file. Read and tested on
//! every system, and looked for on a Mac only.

use std::fs::File;
use std::io;
use std::path::Path;

use plist::Value;

use super::file::{Hides, Reading};
use super::stored::{self, Stored, TABLES, fault};

/// Bytes; settings are a page of text.
const LONGEST: u64 = 256 * 1024;

/// Reads the property list, which may be written as XML or binary. One that is not there says nothing.
pub(super) fn policy(file: &Path) -> Reading {
    let mut reading = Reading::default();
    match value(file) {
        Ok(None) => {}
        Ok(Some(value)) => add(&value, &file.display().to_string(), &mut reading),
        Err(why) => reading.problem(fault(&file.display().to_string(), &why), Hides::All),
    }
    reading
}

fn value(file: &Path) -> Result<Option<Value>, String> {
    let file = match File::open(file) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let length = file.metadata().map_err(|error| error.to_string())?.len();
    if length > LONGEST {
        return Err(format!("is longer than {LONGEST} bytes"));
    }
    // The library's words may repeat what stands there.
    let read = Value::from_reader(file).map_err(|_| "is no property list".to_owned())?;
    Ok(Some(read))
}

fn add(value: &Value, shown: &str, reading: &mut Reading) {
    let Some(tables) = value.as_dictionary() else {
        return reading.problem(fault(shown, "is no dictionary"), Hides::All);
    };
    for (name, value) in tables {
        // What the profile says of itself.
        if name.starts_with('_') || name.starts_with("Payload") {
            continue;
        }
        let at = format!("{shown}: {name}");
        let Some((_, layer)) = TABLES.iter().find(|(table, _)| table == name) else {
            let within = value.as_dictionary().into_iter().flatten();
            let hides = Hides::of_table(name, within.map(|(name, _)| name.as_str()));
            reading.problem(fault(&at, "is neither Values nor Defaults"), hides);
            continue;
        };
        let Some(table) = value.as_dictionary() else {
            reading.problem(fault(&at, "is no dictionary"), Hides::All);
            continue;
        };
        let found = table
            .iter()
            .map(|(name, value)| (name.clone(), read(value)));
        stored::add(&format!("{at}."), *layer, found.collect(), reading);
    }
}

fn read(value: &Value) -> Stored {
    let text = |value: &Value| value.as_string().map(str::to_owned);
    match value {
        Value::Boolean(on) => Stored::Switch(*on),
        Value::Integer(number) => {
            let number = number
                .as_unsigned()
                .and_then(|number| number.try_into().ok());
            number.map_or(Stored::Other, Stored::Number)
        }
        Value::String(line) => Stored::Text(line.clone()),
        Value::Array(lines) => {
            let lines: Option<Vec<String>> = lines.iter().map(text).collect();
            lines.map_or(Stored::Other, Stored::Lines)
        }
        _ => Stored::Other,
    }
}

#[cfg(test)]
mod tests {
    use salon_base::Code;

    use super::*;
    use crate::{Key, Places, Settings, Sources};

    /// A profile as it is given to device management; what macOS makes of it is its payload.
    const PROFILE: &str = include_str!("../../../docs/policy/salon.mobileconfig");

    /// The settings of a Mac whose profile says this.
    fn of(text: &[u8]) -> Settings {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("app.salon.desktop.plist");
        std::fs::write(&file, text).unwrap();
        Settings::load(&Sources {
            places: Places {
                policy_plist: Some(file),
                ..Places::default()
            },
            ..Sources::default()
        })
    }

    fn xml(content: &str) -> Vec<u8> {
        format!("<?xml version=\"1.0\"?><plist version=\"1.0\"><dict>{content}</dict></plist>")
            .into()
    }

    #[test]
    fn what_the_profile_in_the_documents_locks_is_locked() {
        let profile = Value::from_reader(io::Cursor::new(PROFILE)).unwrap();
        let payload = &profile.as_dictionary().unwrap()["PayloadContent"]
            .as_array()
            .unwrap()[0];
        assert_eq!(
            payload.as_dictionary().unwrap()["PayloadType"].as_string(),
            Some("app.salon.desktop")
        );
        // As macOS stores it.
        let mut binary = Vec::new();
        payload.to_writer_binary(&mut binary).unwrap();
        let settings = of(&binary);
        assert_eq!(settings.problems, []);
        assert_eq!(
            settings.backend.unwrap().as_str(),
            "https://meetings.example/"
        );
        assert!(settings.settled[&Key::AllowDev].locked && !settings.updates);
        assert!(settings.start_camera_off && !settings.settled[&Key::StartCameraOff].locked);
        assert_eq!(settings.history_days, 30);
    }

    #[test]
    fn a_fault_in_a_profile_costs_what_one_in_the_policy_file_costs() {
        let unknown = of(&xml(
            "<key>Values</key><dict><key>of_a_later_version</key><true/></dict>",
        ));
        assert_eq!(unknown.problems[0].code, Code::PolicyInvalid);
        assert!(unknown.settled[&Key::Dev].locked && unknown.updates_unknown.is_none());
        for faulty in [
            xml("<key>Values</key><dict><key>updates</key><string>nope</string></dict>"),
            xml("<key>Values</key><dict><key>updates</key><integer>2</integer></dict>"),
            xml("<key>Values</key><dict><key>update_delay_days</key><true/></dict>"),
            xml("<key>Values</key><string/>"),
            xml("<key>updates</key><false/>"),
            xml("<key>Vaules</key><dict><key>updates</key><false/></dict>"),
            b"<plist><dict>".to_vec(),
            b"bplist00".to_vec(),
        ] {
            let settings = of(&faulty);
            let text = String::from_utf8_lossy(&faulty);
            let fault = settings.updates_unknown.unwrap_or_else(|| panic!("{text}"));
            assert_eq!(fault.code, Code::PolicyInvalid);
            assert!(fault.detail.contains("app.salon.desktop.plist"), "{fault}");
        }
    }
}
