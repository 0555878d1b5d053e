use proptest::prelude::*;

use super::*;

const TEXT: &str = "\
# What I like.

# My name
name = \"Amina\"   # as my friends know me

# Quiet please
ringtone = false
future = { kept = true }

[of_a_later_version]
kept = 1
";

fn file(
    computer: &Computer,
    act: impl FnOnce(&UserFile<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let path = computer.places().user.unwrap();
    act(&UserFile::new(&path, &computer.load()))
}

#[test]
fn writing_keeps_what_else_is_there() {
    let mut computer = Computer::new();
    computer.user(TEXT);
    file(&computer, |file| file.set(Key::Name, &json!("Bruno"))).unwrap();
    assert_eq!(computer.user_text(), TEXT.replace("Amina", "Bruno"));
    file(&computer, |file| file.set(Key::HistoryDays, &json!(30))).unwrap();
    let text = computer.user_text();
    assert_eq!(
        text,
        TEXT.replace("Amina", "Bruno")
            .replace("true }\n", "true }\nhistory_days = 30\n")
    );
    assert_eq!(computer.load().history_days, 30);
}

#[test]
fn taking_out_leaves_the_comments() {
    let mut computer = Computer::new();
    computer.user(TEXT);
    file(&computer, |file| file.unset(Key::Name)).unwrap();
    assert_eq!(
        computer.user_text(),
        TEXT.replace("name = \"Amina\"   # as my friends know me\n", "")
    );
    computer.user("# first\nname = 'A'\n# only\nringtone = true\n# last\n");
    file(&computer, |file| file.unset(Key::Ringtone)).unwrap();
    assert_eq!(
        computer.user_text(),
        "# first\nname = 'A'\n# only\n# last\n"
    );
    file(&computer, |file| file.unset(Key::Ringtone)).unwrap();
}

#[test]
fn a_file_and_its_folder_are_made() {
    let computer = Computer::new();
    let path = computer.folder.path().join("a/b/settings.toml");
    let settings = Settings::default();
    let file = UserFile::new(&path, &settings);
    file.set(Key::Server, &json!("wss://m.example")).unwrap();
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        "server = \"wss://m.example/\"\n"
    );
    // Nothing half-written is left beside it.
    assert_eq!(path.parent().unwrap().read_dir().unwrap().count(), 1);
}

#[test]
fn what_is_locked_or_wrong_is_not_written() {
    let mut computer = Computer::new();
    computer.user(TEXT).policy("[values]\nname = 'IT'\n");
    let code = |key, value: Json| {
        file(&computer, |file| file.set(key, &value))
            .unwrap_err()
            .code
    };
    assert_eq!(code(Key::Name, json!("Bruno")), Code::SettingsLocked);
    assert_eq!(code(Key::Ringtone, json!("loud")), Code::SettingsInvalid);
    assert_eq!(code(Key::Ringtone, Json::Null), Code::SettingsInvalid);
    assert_eq!(code(Key::HistoryDays, json!({})), Code::SettingsInvalid);
    let unset = file(&computer, |file| file.unset(Key::Name)).unwrap_err();
    assert_eq!(unset.code, Code::SettingsLocked);
    assert_eq!(computer.user_text(), TEXT);
}

#[test]
fn a_file_that_cannot_be_understood_is_left_alone() {
    let mut computer = Computer::new();
    computer.user("name = \n");
    let fault = file(&computer, |file| file.set(Key::Ringtone, &json!(true))).unwrap_err();
    assert_eq!(fault.code, Code::SettingsInvalid);
    assert!(fault.detail.contains("settings.toml:1:"), "{fault}");
    assert_eq!(computer.user_text(), "name = \n");
}

#[cfg(unix)]
#[test]
fn links_and_permissions_of_the_file_stay() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let computer = Computer::new();
    let real = computer.folder.path().join("real.toml");
    let path = computer.places().user.unwrap();
    std::fs::write(&real, "").unwrap();
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&real, &path).unwrap();
    file(&computer, |file| file.set(Key::Ringtone, &json!(false))).unwrap();
    assert!(path.is_symlink());
    assert_eq!(
        std::fs::read_to_string(&real).unwrap(),
        "ringtone = false\n"
    );
    let mode = std::fs::metadata(&real).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}

#[test]
fn some_changes_count_at_once_and_others_after_a_restart() {
    let mut computer = Computer::new();
    computer.user("server = 'wss://one.example'\n");
    let live = LiveSettings::start(computer.sources());
    let mut changes = live.subscribe();
    live.set(Key::Ringtone, &json!(false)).unwrap();
    assert!(changes.has_changed().unwrap());
    assert!(!changes.borrow_and_update().ringtone && !live.now().ringtone);

    // With an editor: the page does not choose servers.
    computer.user("server = 'wss://two.example'\nringtone = false\n");
    live.report();
    assert!(!changes.has_changed().unwrap());
    assert_eq!(
        live.now().server.as_ref().unwrap().as_str(),
        "wss://one.example/"
    );
    let report = live.report();
    let of = |key| {
        report
            .settings
            .iter()
            .find(|setting| setting.key == key)
            .unwrap()
    };
    assert_eq!(of(Key::Server).value, json!("wss://two.example/"));
    assert!(of(Key::Server).after_restart && of(Key::Server).applies == Applies::Restart);
    assert!(!of(Key::Ringtone).after_restart);

    live.unset(Key::Ringtone).unwrap();
    assert!(live.now().ringtone);
    assert!(changes.has_changed().unwrap());
}

#[test]
fn what_counts_at_once_is_what_a_restart_would_give() {
    let mut computer = Computer::new();
    computer.user("");
    let live = LiveSettings::start(computer.sources());
    let mut changed = 0;
    for key in Key::ALL.iter().filter(|key| key.applies() == Applies::Now) {
        let value = match live.now().settled.get(key).map(|settled| &settled.value) {
            Some(Json::Bool(on)) => json!(!on),
            Some(Json::Number(_)) => json!(7),
            _ if *key == Key::UpdateChannel => json!("beta"),
            _ if *key == Key::Language => json!("fr"),
            _ if *key == Key::UpdateUrl => json!("https://mirror.example/"),
            _ => json!("Amina"),
        };
        if key.is_changed_in_app() {
            live.set(*key, &value).unwrap();
        } else {
            let text = format!("{}{} = {value}\n", computer.user_text(), key.name());
            computer.user(&text);
            live.read_again();
        }
        assert_eq!(live.now().settled[key].value, value);
        let (now, restarted) = (live.now(), computer.load());
        assert_eq!(format!("{now:?}"), format!("{restarted:?}"), "{key:?}");
        changed += 1;
    }
    assert!(changed > 3, "{changed}");
}

#[test]
fn the_page_changes_neither_servers_nor_dev_mode_nor_what_was_locked_meanwhile() {
    let mut computer = Computer::new();
    let live = LiveSettings::start(computer.sources());
    for key in [
        Key::Dev,
        Key::AllowDev,
        Key::FakeDevices,
        Key::ProfileFolders,
        Key::Profile,
        Key::Backend,
        Key::Server,
    ] {
        let fault = live.set(key, &json!(true)).unwrap_err();
        assert_eq!(fault.code, Code::SettingsInvalid, "{key:?}");
    }
    computer.policy("[values]\nname = 'IT'\n");
    let fault = live.set(Key::Name, &json!("Amina")).unwrap_err();
    assert_eq!(fault.code, Code::SettingsLocked);
    assert!(!computer.places().user.unwrap().exists());
}

proptest! {
    #[test]
    fn what_is_written_is_read(name in "[^\\p{C}]{0,12}[a-z\"'\\\\#=]", days: u32, ringtone: bool) {
        let mut computer = Computer::new();
        computer.user(TEXT);
        let all = [
            (Key::Name, json!(name)),
            (Key::HistoryDays, json!(days)),
            (Key::Ringtone, json!(ringtone)),
        ];
        for (key, value) in &all {
            file(&computer, |file| file.set(*key, value)).unwrap();
        }
        let settings = computer.load();
        for (key, value) in all {
            prop_assert_eq!(&settings.settled[&key].value, &value);
            prop_assert_eq!(settings.settled[&key].from.layer, Layer::User);
        }
        let text = computer.user_text();
        for comment in TEXT.lines().filter(|line| line.starts_with('#')) {
            prop_assert!(text.contains(comment));
        }
    }
}
