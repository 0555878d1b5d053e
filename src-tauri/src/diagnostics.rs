//! What somebody who helps wants to know of this computer and this app, as text that can be read before
//! it is passed on.

use std::fmt::Write as _;
use std::path::Path;

use salon_settings::{Key, SettingsReport};

use crate::logging::LogFolder;

/// Lines of the log at most, the newest.
const LOG_LINES: usize = 200;
/// What stands for what nobody needs to know.
const LEFT_OUT: &str = "(left out)";

/// Version, system, settings with where they come from, and the end of the log. Without the user's name
/// and the name of the user's folder; tokens and keys are in none of these.
pub(crate) fn diagnostics(mut report: SettingsReport, log: &LogFolder) -> String {
    let name = report.settings.iter_mut().find(|it| it.key == Key::Name);
    if let Some(name) = name.filter(|name| !name.value.is_null()) {
        name.value = LEFT_OUT.into();
        for ignored in &mut name.ignored {
            ignored.value = LEFT_OUT.into();
        }
    }
    let mut text = about();
    let _ = write!(text, "\nSettings\n{}", report.text());
    text.push_str("\nLog\n");
    match log.newest(LOG_LINES) {
        Ok(lines) if !lines.is_empty() => text.push_str(&lines),
        Ok(_) => text.push_str("(nothing)\n"),
        Err(error) => {
            let _ = writeln!(text, "(it cannot be read: {})", error.kind());
        }
    }
    match std::env::home_dir() {
        Some(home) => without_home(&text, &home),
        None => text,
    }
}

fn about() -> String {
    let brand = salon_product::NAME;
    let mut text = format!("{brand} {}\n", env!("CARGO_PKG_VERSION"));
    let arch = std::env::consts::ARCH;
    let _ = writeln!(text, "System: {}, {arch}", system());
    let view = tauri::webview_version().unwrap_or_else(|error| error.to_string());
    let _ = writeln!(text, "Web view: {view}");
    #[cfg(target_os = "linux")]
    {
        let of = |name| std::env::var(name).unwrap_or_else(|_| "unknown".into());
        let (desktop, session) = (of("XDG_CURRENT_DESKTOP"), of("XDG_SESSION_TYPE"));
        let _ = writeln!(text, "Desktop: {desktop}, {session}");
    }
    text
}

fn system() -> String {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    pretty_name(&release).unwrap_or_else(|| std::env::consts::OS.to_owned())
}

/// The `PRETTY_NAME` of `os-release`.
fn pretty_name(release: &str) -> Option<String> {
    let mut lines = release.lines();
    let value = lines.find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    let name = value.trim_matches(['"', '\'']);
    (!name.is_empty()).then(|| name.to_owned())
}

/// The folder's own name is in many paths, and is the user's.
fn without_home(text: &str, home: &Path) -> String {
    match home.to_str() {
        // Replacing `/` would leave nothing of any path.
        Some(home) if home.len() > 1 => text.replace(home, "~"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use salon_settings::{Arguments, Environment, LiveSettings, Places, Sources};

    fn report(folder: &Path) -> SettingsReport {
        let user = folder.join("s.toml");
        std::fs::write(&user, "name = 'Amina'\nringtone = false\n").unwrap();
        let sources = Sources {
            places: Places {
                user: Some(user),
                ..Places::default()
            },
            environment: Environment::read(|name| {
                (name == "SALON_BACKEND_TOKEN").then(|| "planted-secret".into())
            }),
            arguments: Arguments::default(),
            link: None,
        };
        LiveSettings::start(sources).report()
    }

    #[test]
    fn it_has_the_version_the_settings_and_the_newest_of_the_log_but_neither_name_nor_secret() {
        let folder = tempfile::tempdir().unwrap();
        let day = format!("{}.2026-11-01.log", salon_product::program!());
        let lines: String = (0..LOG_LINES * 2).map(|n| format!("line {n}\n")).collect();
        std::fs::write(folder.path().join(day), lines).unwrap();
        let log = LogFolder(Some(folder.path().to_owned()));
        let text = diagnostics(report(folder.path()), &log);
        let first = text.lines().next().unwrap();
        assert!(first.contains(env!("CARGO_PKG_VERSION")), "{text}");
        assert!(text.contains("ringtone"), "{text}");
        assert!(text.contains(LEFT_OUT), "{text}");
        for private in ["Amina", "planted-secret"] {
            assert!(!text.contains(private), "{text}");
        }
        let log = text.split("\nLog\n").nth(1).unwrap();
        assert_eq!(log.lines().count(), LOG_LINES);
        assert_eq!(log.lines().last(), Some("line 399"));
    }

    #[test]
    fn a_log_that_is_not_there_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let text = diagnostics(report(folder.path()), &LogFolder(None));
        assert!(text.ends_with("\nLog\n(nothing)\n"), "{text}");
    }

    #[test]
    fn the_users_folder_is_a_tilde() {
        let text = without_home("at /home/amina/.config/s.toml:2", Path::new("/home/amina"));
        assert_eq!(text, "at ~/.config/s.toml:2");
        assert_eq!(without_home("at /a/b", Path::new("/")), "at /a/b");
    }

    #[test]
    fn a_distribution_says_what_it_is_called() {
        let release = "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n";
        assert_eq!(
            pretty_name(release).as_deref(),
            Some("Debian GNU/Linux 12 (bookworm)")
        );
        assert_eq!(pretty_name("ID=x\n"), None);
    }
}
