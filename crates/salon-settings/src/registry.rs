//! The administrator's policy in Windows' registry: what group policy and device management write. Its two
//! keys are the two tables of the policy file.

use super::file::Reading;

/// Reads the policy below this key: that of the user first, so that the computer's, which comes later,
/// counts more. A key that is not there says nothing.
#[cfg(windows)]
pub(crate) fn policy(key: &str) -> Reading {
    use windows_registry::{CURRENT_USER, LOCAL_MACHINE};

    let mut reading = Reading::default();
    for (name, root) in [("HKCU", CURRENT_USER), ("HKLM", LOCAL_MACHINE)] {
        windows::add(root, &format!("{name}\\{key}"), key, &mut reading);
    }
    reading
}

/// Nothing: there is no registry.
#[cfg(not(windows))]
pub(crate) fn policy(_key: &str) -> Reading {
    Reading::default()
}

#[cfg(windows)]
mod windows {
    use windows_registry::{Key, Type, Value};

    use super::Reading;
    use crate::file::Hides;
    use crate::stored::{self, Stored, TABLES, fault};

    /// What Windows says of a key that is not there, as HRESULT.
    const NOT_FOUND: u32 = 0x8007_0002;

    pub(super) fn add(root: &Key, shown: &str, path: &str, reading: &mut Reading) {
        if let Some(key) = open(root, path, shown, reading) {
            for (name, _) in values(&key, shown, reading) {
                let why = "lies in neither of the keys Values and Defaults";
                let hides = Hides::of_name(&name.to_ascii_lowercase());
                reading.problem(fault(&format!("{shown}\\{name}"), why), hides);
            }
            for name in keys(&key, shown, reading) {
                let is_table = |(table, _): &(&str, _)| table.eq_ignore_ascii_case(&name);
                if !TABLES.iter().any(is_table) {
                    let why = "is neither of the keys Values and Defaults";
                    unknown(&key, &name, &format!("{shown}\\{name}"), why, reading);
                }
            }
        }
        for (table, layer) in TABLES {
            let shown = format!("{shown}\\{table}");
            if let Some(key) = open(root, &format!("{path}\\{table}"), &shown, reading) {
                let found = values(&key, &shown, reading);
                stored::add(&format!("{shown}\\"), layer, found, reading);
                for name in keys(&key, &shown, reading) {
                    let why = "is a key, and no setting is one";
                    unknown(&key, &name, &format!("{shown}\\{name}"), why, reading);
                }
            }
        }
    }

    /// A key that is none of ours, perhaps one of ours misspelt: what lies in it is locked by nobody, and is told.
    fn unknown(parent: &Key, name: &str, shown: &str, why: &str, reading: &mut Reading) {
        let Some(key) = open(parent, name, shown, reading) else {
            return;
        };
        let names: Vec<String> = values(&key, shown, reading)
            .into_iter()
            .map(|(name, _)| name.to_ascii_lowercase())
            .collect();
        let hides = if keys(&key, shown, reading).is_empty() {
            let within = names.iter().map(String::as_str);
            Hides::of_table(&name.to_ascii_lowercase(), within)
        } else {
            // Both tables may lie in there.
            Hides::All
        };
        reading.problem(fault(shown, why), hides);
    }

    fn open(root: &Key, path: &str, shown: &str, reading: &mut Reading) -> Option<Key> {
        match root.open(path) {
            Ok(key) => Some(key),
            Err(error) if error.code().0.cast_unsigned() == NOT_FOUND => None,
            Err(error) => {
                reading.problem(fault(shown, &error.message()), Hides::All);
                None
            }
        }
    }

    fn values(key: &Key, shown: &str, reading: &mut Reading) -> Vec<(String, Stored)> {
        match key.values() {
            Ok(values) => values.map(|(name, value)| (name, read(value))).collect(),
            Err(error) => {
                reading.problem(fault(shown, &error.message()), Hides::All);
                Vec::new()
            }
        }
    }

    fn keys(key: &Key, shown: &str, reading: &mut Reading) -> Vec<String> {
        match key.keys() {
            Ok(keys) => keys.collect(),
            Err(error) => {
                reading.problem(fault(shown, &error.message()), Hides::All);
                Vec::new()
            }
        }
    }

    fn read(value: Value) -> Stored {
        let read = match value.ty() {
            Type::U32 => u32::try_from(value).map(Stored::Number),
            // Not expanded: whoever sets the environment must not choose the policy.
            Type::String => String::try_from(value).map(Stored::Text),
            Type::MultiString => Vec::<String>::try_from(value).map(|mut lines| {
                lines.retain(|line| !line.is_empty());
                Stored::Lines(lines)
            }),
            _ => return Stored::Other,
        };
        read.unwrap_or(Stored::Other)
    }
}

/// With the registry itself.
#[cfg(all(test, windows))]
mod in_windows {
    use windows_registry::{CURRENT_USER, LOCAL_MACHINE};

    use crate::{Places, Settings, Sources};

    /// A key of its own below both roots, gone at the end.
    struct Own(String);

    impl Own {
        fn new(name: &str) -> Self {
            Self(format!(
                "Software\\Salon test {name} {}",
                std::process::id()
            ))
        }

        fn load(&self) -> Settings {
            Settings::load(&Sources {
                places: Places {
                    policy_key: Some(self.0.clone()),
                    ..Places::default()
                },
                ..Sources::default()
            })
        }
    }

    impl Drop for Own {
        fn drop(&mut self) {
            for root in [CURRENT_USER, LOCAL_MACHINE] {
                let _ = root.remove_tree(&self.0);
            }
        }
    }

    #[test]
    fn what_group_policy_writes_is_locked_and_the_computers_counts_more_than_the_users() {
        let own = Own::new("locks");
        assert!(!own.load().is_locked(crate::Key::Name));
        let users = CURRENT_USER.create(format!("{}\\Values", own.0)).unwrap();
        users.set_string("name", "User's").unwrap();
        users.set_u32("allow_dev", 0).unwrap();
        let defaults = CURRENT_USER.create(format!("{}\\Defaults", own.0)).unwrap();
        defaults.set_u32("history_days", 30).unwrap();
        let settings = own.load();
        assert_eq!(settings.name.as_deref(), Some("User's"));
        assert_eq!(settings.history_days, 30);
        assert!(settings.is_locked(crate::Key::AllowDev));
        assert!(!settings.is_locked(crate::Key::HistoryDays));
        // Only administrators may write it.
        if let Ok(computers) = LOCAL_MACHINE.create(format!("{}\\Values", own.0)) {
            computers.set_string("name", "Front desk").unwrap();
            assert_eq!(own.load().name.as_deref(), Some("Front desk"));
        }
    }

    #[test]
    fn a_fault_in_the_registry_costs_dev_mode() {
        let own = Own::new("fault");
        let values = CURRENT_USER.create(format!("{}\\Values", own.0)).unwrap();
        values.set_u32("dev", 1).unwrap();
        assert!(own.load().dev);
        values.set_u32("allow_dv", 0).unwrap();
        let settings = own.load();
        assert!(!settings.dev && settings.is_locked(crate::Key::Dev));
    }

    #[test]
    fn a_misspelt_key_is_told_and_holds_back_the_updates_that_it_may_forbid() {
        for (name, lies_in_it, holds_updates) in [
            ("Vaules", "updates", true),
            ("Vaules", "name", false),
            ("Values\\updates", "on", true),
            ("Values\\name", "on", false),
            ("Machine\\Values", "updates", true),
        ] {
            let own = Own::new("misspelt");
            let key = CURRENT_USER.create(format!("{}\\{name}", own.0)).unwrap();
            key.set_u32(lies_in_it, 0).unwrap();
            let settings = own.load();
            let [problem] = &settings.problems[..] else {
                panic!("{name}: {:?}", settings.problems)
            };
            let first = name.strip_suffix("\\Values").unwrap_or(name);
            assert!(
                problem
                    .detail
                    .starts_with(&format!("HKCU\\{}\\{first} is ", own.0)),
                "{problem}"
            );
            assert_eq!(settings.updates_unknown.is_some(), holds_updates, "{name}");
            assert!(settings.is_locked(crate::Key::Dev), "{name}");
        }
        // Capitals are no mistake.
        let own = Own::new("capitals");
        let key = CURRENT_USER.create(format!("{}\\VALUES", own.0)).unwrap();
        key.set_string("name", "Front desk").unwrap();
        let settings = own.load();
        assert_eq!(settings.problems, []);
        assert_eq!(settings.name.as_deref(), Some("Front desk"));
    }
}
