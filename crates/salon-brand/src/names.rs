//! What systems take for a name of each kind.

use crate::error::{Error, refuse};

/// Schemes that mean something else, to the system or to the webview (a prefix `web+` is for pages).
const TAKEN: [&str; 21] = [
    "about",
    "asset",
    "blob",
    "callto",
    "chrome",
    "data",
    "facetime",
    "file",
    "ftp",
    "http",
    "https",
    "intent",
    "ipc",
    "javascript",
    "mailto",
    "sip",
    "sips",
    "tauri",
    "tel",
    "ws",
    "wss",
];

/// Folders of systems that are others'.
const FOLDERS: [&str; 16] = [
    "apt",
    "applications",
    "autostart",
    "dbus-1",
    "default",
    "fonts",
    "icons",
    "local",
    "mime",
    "pulse",
    "security",
    "skel",
    "ssl",
    "systemd",
    "themes",
    "xdg",
];
/// Of Windows and macOS, and names that Windows takes for devices.
const NAMES: [&str; 16] = [
    "apple",
    "aux",
    "caches",
    "com1",
    "con",
    "history",
    "lpt1",
    "microsoft",
    "nul",
    "packages",
    "preferences",
    "prn",
    "programs",
    "temp",
    "windows",
    "com apple",
];

type Checked = Result<(), Error>;

fn check(holds: bool, field: &'static str, why: &str) -> Checked {
    if holds {
        Ok(())
    } else {
        Err(refuse(field, why))
    }
}

/// As people read it, and as folders are called.
pub(crate) fn name(name: &str) -> Checked {
    let all = |character: char| character.is_alphanumeric() || " -".contains(character);
    let holds = (1..=40).contains(&name.chars().count())
        && name.chars().all(all)
        && name.starts_with(char::is_alphanumeric)
        && name.ends_with(char::is_alphanumeric);
    check(
        holds,
        "name",
        "must be letters, digits, single words apart by spaces or dashes, at most 40",
    )?;
    check(!name.contains("  "), "name", "has two spaces in a row")?;
    let taken = NAMES.contains(&name.to_lowercase().as_str());
    check(!taken, "name", "is a folder or a device of a system's")
}

/// Debian Policy 5.6.7 (package names) and what a shell takes for a command.
pub(crate) fn program(program: &str) -> Checked {
    let all = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let holds = (2..=30).contains(&program.len())
        && program.bytes().all(all)
        && program.starts_with(|first: char| first.is_ascii_lowercase())
        && !program.ends_with('-');
    let why = "must be 2 to 30 of a to z, 0 to 9 and -, and begin with a letter";
    check(holds, "program", why)?;
    check(
        !FOLDERS.contains(&program),
        "program",
        "is a folder of the system's",
    )
}

/// D-Bus Specification, "Valid Names", without what desktop entries, bundles and application user models
/// do not take.
pub(crate) fn id(id: &str) -> Checked {
    let part = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphabetic())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let holds = id.len() <= 100 && id.split('.').count() >= 3 && id.split('.').all(part);
    let why = "must be three words or more with dots between them, such as org.example.Meet";
    check(holds, "id", why)?;
    let taken = [
        "org.freedesktop.",
        "org.gnome.",
        "com.apple.",
        "com.microsoft.",
    ];
    let own = !taken
        .iter()
        .any(|start| id.to_lowercase().starts_with(start));
    check(own, "id", "is below a name of somebody else's")
}

pub(crate) fn scheme(scheme: &str) -> Checked {
    let all =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte);
    let holds = (2..=40).contains(&scheme.len())
        && scheme.bytes().all(all)
        && scheme.starts_with(|first: char| first.is_ascii_lowercase());
    let why = "must be 2 to 40 of a to z, 0 to 9, +, - and ., and begin with a letter";
    check(holds, "scheme", why)?;
    check(
        !TAKEN.contains(&scheme),
        "scheme",
        "means something else already",
    )
}

/// One line of text.
pub(crate) fn line(field: &'static str, line: &str) -> Checked {
    let holds = !line.trim().is_empty() && line.trim() == line && !line.contains(char::is_control);
    check(holds, field, "must be one line, without spaces around it")
}

pub(crate) fn website(field: &'static str, address: &str) -> Checked {
    let plain =
        |character: char| character.is_ascii_graphic() && !"\"'<>\\^`{|}".contains(character);
    let host = address.strip_prefix("https://").unwrap_or_default();
    let holds =
        host.starts_with(|first: char| first.is_ascii_alphanumeric()) && host.chars().all(plain);
    check(holds, field, "must be an https address")
}

/// Debian Policy 5.6.2.
pub(crate) fn maintainer(maintainer: &str) -> Checked {
    line("maintainer", maintainer)?;
    let parts = maintainer
        .strip_suffix('>')
        .and_then(|start| start.split_once(" <"));
    let holds = parts.is_some_and(|(name, address)| {
        let sides = address.split_once('@');
        !name.is_empty()
            && !name.contains(['<', '>', ',', '"'])
            && address
                .chars()
                .all(|character| character.is_ascii_graphic())
            && sides.is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
    });
    check(holds, "maintainer", "must be a name and an address in <>")
}

/// 42 bytes as Base64, which begin with "Ed".
pub(crate) fn key(key: &str) -> Checked {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+/".contains(&byte);
    let holds = key.len() == 56 && key.starts_with("RW") && key.bytes().all(plain);
    check(
        holds,
        "updates.key",
        "must be the second line of a public key of minisign",
    )
}
