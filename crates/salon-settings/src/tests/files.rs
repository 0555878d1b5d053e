use proptest::prelude::*;

use super::super::file::{parse_policy, parse_user};
use super::*;

/// The problems of a user's file, without its path.
fn problems(text: &str) -> Vec<(Code, String)> {
    let reading = parse_user(text, Path::new("settings.toml"));
    let place = "settings.toml:";
    let faults = reading.problems.into_iter();
    faults
        .map(|fault| {
            let detail = fault.detail.strip_prefix(place).unwrap().to_owned();
            (fault.code, detail)
        })
        .collect()
}

#[test]
fn what_is_wrong_is_told_with_line_and_column_and_why() {
    use Code::{SettingsInvalid, SettingsUnknownKey};
    for (text, code, detail) in [
        (
            "\nringtone = 1",
            SettingsInvalid,
            "2:12: ringtone must be true or false",
        ),
        (
            "# é\nhistory_days = -1",
            SettingsInvalid,
            "2:16: history_days must be a whole number, 0 or more",
        ),
        (
            "history_days = 1.5",
            SettingsInvalid,
            "1:16: history_days must be a whole number, 0 or more",
        ),
        (
            "server = 'https://a.example'",
            SettingsInvalid,
            "1:10: server must be a wss or ws address without user and password",
        ),
        (
            "stream_api_key = 'a/b'",
            SettingsInvalid,
            "1:18: stream_api_key must be 1 to 64 of the characters a-z, A-Z, 0-9, \"-\" and \"_\"",
        ),
        (
            "stream_url = 'http://video.example'",
            SettingsInvalid,
            "1:14: stream_url must be an https address, or http on this computer, without user, \
             password and query",
        ),
        (
            "\"fake_devices\" = 'maybe'",
            SettingsInvalid,
            "1:18: fake_devices must be off, when-none, also or only",
        ),
        (
            "profile_folders = ['here']",
            SettingsInvalid,
            "1:19: profile_folders must be a list of whole paths of folders",
        ),
        (
            "a = 1",
            SettingsUnknownKey,
            "1:1: \"a\" is no setting of this version",
        ),
        (
            "\n[table]\n",
            SettingsUnknownKey,
            "2:2: \"table\" is no setting of this version",
        ),
        (
            "[name]\nfirst = 'A'",
            SettingsInvalid,
            "1:1: name must be one line of text, at most 200 characters, and not empty",
        ),
    ] {
        assert_eq!(problems(text), [(code, detail.to_owned())], "{text}");
    }
    let [(code, detail)] = &problems("name = 'A'\nringtone = \n")[..] else {
        panic!()
    };
    assert_eq!(*code, SettingsInvalid);
    assert!(detail.starts_with("2:1"), "{detail}");
    let [(_, detail)] = &problems("name = 'A'\nname = 'B'\n")[..] else {
        panic!()
    };
    assert!(detail.starts_with("2:1: duplicate key"), "{detail}");
}

#[test]
fn what_is_right_counts_beside_what_is_wrong() {
    let mut computer = Computer::new();
    computer.user("history_days = 'many'\nname = 'Amina'\nlater = true\n");
    let settings = computer.load();
    assert_eq!(settings.name.as_deref(), Some("Amina"));
    assert_eq!(settings.history_days, 365);
    assert_eq!(
        codes(&settings),
        [Code::SettingsInvalid, Code::SettingsUnknownKey]
    );
    assert!(has_faults(&computer));
    computer.user("later = true\n");
    assert!(!has_faults(&computer), "it may be of a later version");
}

#[test]
fn a_secret_in_the_wrong_place_is_not_repeated() {
    let texts = [
        "server = 'wss://user:planted@m.example'",
        "backend = 'https://planted@b.example'",
        "ringtone = 'planted'",
        "name = \"planted\nnext\"",
        "fake_sound = 'planted",
    ];
    for text in texts {
        let problems = problems(text);
        assert_eq!(problems.len(), 1, "{text}");
        assert!(!problems[0].1.contains("planted"), "{problems:?}");
    }
}

#[test]
fn files_of_other_editors_and_no_files_are_read() {
    let mut computer = Computer::new();
    assert_eq!(codes(&computer.load()), []);
    let settings = computer
        .user("\u{feff}name = 'Amina'\r\nhistory = false\r\n")
        .load();
    assert_eq!(
        (settings.name.as_deref(), settings.history),
        (Some("Amina"), false)
    );
    let user = computer.places().user.unwrap();
    std::fs::write(&user, b"name = 'A'\nprofile = '\xff'\n").unwrap();
    let settings = computer.load();
    assert_eq!(codes(&settings), [Code::SettingsInvalid]);
    assert!(
        settings.problems[0]
            .detail
            .ends_with("it is not UTF-8 at 2:12")
    );
    std::fs::write(&user, "#".repeat(300 * 1024)).unwrap();
    assert_eq!(codes(&computer.load()), [Code::SettingsInvalid]);
}

#[test]
fn folders_of_profiles_lie_beside_the_files() {
    let computer = Computer::new();
    let places = computer.places();
    let folder = computer.folder.path().join("profiles");
    assert_eq!(places.user_profiles(), Some(folder.clone()));
    assert_eq!(places.policy_profiles(), Some(folder));
    let system = Places::of_system();
    if cfg!(target_os = "linux") && std::env::var_os("SALON_POLICY_FILE").is_none() {
        assert_eq!(system.policy, Some(PathBuf::from("/etc/salon/policy.toml")));
        assert_eq!(
            system.policy_profiles(),
            Some(PathBuf::from("/etc/salon/profiles"))
        );
    }
    assert!(Places::default().policy_profiles().is_none());
}

/// Text that often is TOML of ours.
fn file_text() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        proptest::sample::select(Key::ALL).prop_map(|key| key.name().to_owned()),
        "[a-z_.\"'\\[\\]]{0,12}",
    ];
    let value = prop_oneof![
        Just("true".to_owned()),
        Just("'wss://a.example'".to_owned()),
        "-?[0-9]{1,20}",
        "[\\[{\"' -~]{0,16}",
    ];
    let line = prop_oneof![
        (name, value).prop_map(|(name, value)| format!("{name} = {value}")),
        Just("[values]".to_owned()),
        Just("[defaults]".to_owned()),
        any::<String>(),
    ];
    proptest::collection::vec(line, 0..6).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #[test]
    fn any_text_is_survived(text in file_text()) {
        let path = Path::new("settings.toml");
        for reading in [parse_user(&text, path), parse_policy(&text, path)] {
            // Nothing comes through that has not been checked.
            for (key, value, from) in reading.values {
                prop_assert_eq!(key.check(&value), Ok(value));
                prop_assert!(from.line.is_some_and(|line| line <= text.lines().count()));
            }
        }
    }

    #[test]
    fn any_files_end_in_settings(policy in file_text(), user in file_text()) {
        let mut computer = Computer::with(&["--dev"]);
        let settings = computer.policy(&policy).user(&user).load();
        let faulty = settings.problems.iter().any(|fault| fault.code == Code::PolicyInvalid);
        prop_assert!(!(faulty && settings.dev));
        prop_assert_eq!(settings.explain().len(), Key::ALL.len());
    }

    #[test]
    fn the_environment_sets_what_it_names_and_nothing_else(
        name in "[A-Za-z_.=\\[\\]\n]{0,16}",
        key in proptest::sample::select(Key::ALL),
        value in file_text(),
    ) {
        let before = settings(&[]);
        let mut computer = Computer::new();
        let other = format!("SALON_{name}");
        computer.set(&name, "true").set(&other, "true").set(&key.variable(), &value);
        let named = |wanted: Key| {
            wanted == key || [&name, &other].iter().any(|given| **given == wanted.variable())
        };
        for (changed, settled) in computer.load().settled {
            if settled != before.settled[&changed] {
                // Dev mode changes what two others are by default.
                let by_dev = settled.from.layer == Layer::Default;
                prop_assert!(named(changed) || by_dev, "{changed:?}");
            }
        }
    }
}

#[test]
fn the_policy_in_the_roll_out_guide_is_sound() {
    let guide = include_str!("../../../../docs/deploy.md");
    let policy = guide.split("```toml\n").nth(1).unwrap();
    let policy = policy.split("```").next().unwrap();
    let settings = Settings::of_texts(policy, "updates = true\nhistory_days = 1\n");
    assert_eq!(codes(&settings), []);
    // Locked, and to be changed.
    assert!(!settings.updates && settings.is_locked(Key::Updates));
    assert_eq!(settings.history_days, 1);
    // Settings that the guide speaks of are there.
    for word in guide.split('`').skip(1).step_by(2) {
        if let Some((name, _)) = word.split_once(" = ")
            && !word.contains('\n')
        {
            assert!(Key::named(name).is_some(), "{name}");
        }
    }
}
