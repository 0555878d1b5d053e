//! `salon config`: what is set and where from.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use salon_settings::{ConfigArguments, LiveSettings, Places, Sources};

/// A file, those of profiles among them, or the environment has a fault.
const FAULTY: u8 = 2;

/// Prints the settings or the paths. Ends with 2 if a file or the environment has a fault.
pub(crate) fn run(arguments: &ConfigArguments, sources: Sources) -> ExitCode {
    let (text, faulty) = answer(arguments, sources);
    if std::io::stdout().lock().write_all(text.as_bytes()).is_err() {
        return ExitCode::FAILURE;
    }
    if faulty {
        ExitCode::from(FAULTY)
    } else {
        ExitCode::SUCCESS
    }
}

/// What is printed, and whether there is a fault.
fn answer(arguments: &ConfigArguments, sources: Sources) -> (String, bool) {
    if arguments.path {
        return (paths(&sources.places, arguments.json), false);
    }
    let settings = LiveSettings::start(sources);
    let report = settings.report();
    let text = if arguments.json {
        json(&report)
    } else {
        report.text()
    };
    (text, report.has_faults())
}

fn paths(places: &Places, as_json: bool) -> String {
    let paths = [
        ("user", places.user.clone()),
        ("user_profiles", places.user_profiles()),
        ("policy", places.policy.clone()),
        ("policy_key", places.policy_key.clone().map(PathBuf::from)),
        ("policy_plist", places.policy_plist.clone()),
        ("policy_profiles", places.policy_profiles()),
    ];
    if as_json {
        let paths: std::collections::BTreeMap<_, _> = paths.into_iter().collect();
        return json(&paths);
    }
    let mut text = String::new();
    for (name, path) in paths {
        let path = path.map_or_else(|| "(none)".into(), |path| path.display().to_string());
        let _ = writeln!(text, "{name:17}{path}");
    }
    text
}

fn json(value: &impl serde::Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use salon_settings::{Arguments, Environment};

    /// What `salon config` prints on a computer with these files, and whether there is a fault.
    fn printed(arguments: &[&str], policy: &str, user: &str) -> (String, bool) {
        let folder = tempfile::tempdir().unwrap();
        let (policy_file, user_file) = (folder.path().join("p.toml"), folder.path().join("s.toml"));
        std::fs::write(&policy_file, policy).unwrap();
        std::fs::write(&user_file, user).unwrap();
        let program = ["salon", "config"].iter().chain(arguments);
        let arguments = Arguments::try_parse_from(program).unwrap();
        let (config, link) = arguments.config().unwrap();
        let sources = Sources {
            places: Places {
                policy: Some(policy_file),
                user: Some(user_file),
                ..Places::default()
            },
            environment: Environment::read(|name| match name {
                "SALON_HISTORY_DAYS" => Some("7".into()),
                "SALON_BACKEND_TOKEN" => Some("planted-secret".into()),
                _ => None,
            }),
            arguments,
            link,
        };
        let (text, faulty) = answer(&config, sources);
        assert!(!text.contains("planted-secret"), "{text}");
        let folder = format!("{}{}", folder.path().display(), std::path::MAIN_SEPARATOR);
        // JSON writes Windows' separator twice.
        let in_json = folder.replace('\\', "\\\\");
        (text.replace(&in_json, "").replace(&folder, ""), faulty)
    }

    /// The words of the line that begins with a name.
    fn line(text: &str, name: &str) -> String {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_setting_says_where_it_comes_from() {
        let (text, faulty) = printed(
            &["--show", "--server", "wss://mine.example", "--dev"],
            "[values]\nserver = 'wss://m.example'\n[defaults]\nringtone = false\n",
            "\nname = 'Amina'\n",
        );
        assert!(!faulty);
        for (name, expected) in [
            ("dev ", "dev true command line --dev"),
            ("history ", "history true default"),
            (
                "history_days",
                "history_days 7 environment SALON_HISTORY_DAYS",
            ),
            ("name", "name \"Amina\" user's file s.toml:2"),
            ("profile ", "profile (not set) default"),
            ("ringtone", "ringtone false policy default p.toml:4"),
            (
                "server",
                "server \"wss://m.example/\" policy p.toml:2 (locked)",
            ),
        ] {
            assert_eq!(line(&text, name), expected, "{text}");
        }
        assert!(
            text.contains("locked by policy: command line --server = \"wss://mine.example/\""),
            "{text}"
        );
    }

    #[test]
    fn a_link_is_a_layer() {
        let link = "salon://join?room=r&server=ws://127.0.0.1:9";
        let (text, _) = printed(&["--dev", "--show", link], "", "");
        assert_eq!(line(&text, "server"), "server \"ws://127.0.0.1:9/\" link");
    }

    #[test]
    fn faults_are_told_and_the_rest_is_printed() {
        let (text, faulty) = printed(&[], "", "name = 'Amina'\nringtone = 1\n");
        assert!(faulty);
        assert_eq!(line(&text, "name"), "name \"Amina\" user's file s.toml:1");
        assert!(text.contains("settings-invalid: "), "{text}");
        assert!(
            text.contains("s.toml:2:12: ringtone must be true or false"),
            "{text}"
        );
    }

    #[test]
    fn a_mistake_in_a_profile_is_told() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("club.toml"), "format =\n").unwrap();
        let folders = folder.path().to_str().unwrap();
        let (text, faulty) = printed(&["--profile-folders", folders], "", "");
        assert!(faulty);
        assert!(text.contains("profile-invalid: "), "{text}");
        assert!(text.contains("club.toml, line 1, column "), "{text}");
    }

    #[test]
    fn json_is_for_programs() {
        let (text, _) = printed(&["--json"], "[values]\nname = 'IT'\n", "name = 'Amina'\n");
        let report: serde_json::Value = serde_json::from_str(&text).unwrap();
        let settings = report["settings"].as_array().unwrap();
        let name = settings.iter().find(|one| one["key"] == "name").unwrap();
        assert_eq!(name["value"], "IT");
        assert_eq!(
            (&name["layer"], &name["locked"]),
            (&"policy".into(), &true.into())
        );
        assert_eq!(name["ignored"][0]["value"], "Amina");
        assert_eq!(name["ignored"][0]["layer"], "user");
    }

    #[test]
    fn paths_can_be_asked_for() {
        let (text, _) = printed(&["--path"], "", "");
        assert_eq!(line(&text, "user "), "user s.toml");
        assert_eq!(line(&text, "policy_profiles"), "policy_profiles profiles");
        let (text, _) = printed(&["--path", "--json"], "", "");
        let paths: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(paths["policy"], "p.toml");
    }
}
