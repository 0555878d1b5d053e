//! What the lock files of cargo and npm say.

use anyhow::Result;
use serde_json::{Map, Value};

use crate::process::root;

/// A crate in `Cargo.lock`.
#[derive(Clone, Debug)]
pub(crate) struct Crate {
    pub(crate) name: String,
    pub(crate) version: String,
    /// SHA-256, hexadecimal, of one that comes from elsewhere.
    #[cfg_attr(not(unix), expect(dead_code, reason = "packages for Linux ask for it"))]
    pub(crate) checksum: Option<String>,
}

/// All of this workspace.
///
/// # Errors
/// If the file cannot be read.
pub(crate) fn crates() -> Result<Vec<Crate>> {
    let lock = std::fs::read_to_string(root().join("Cargo.lock"))?;
    Ok(crates_of(&lock))
}

/// Those that the text of a `Cargo.lock` names.
pub(crate) fn crates_of(lock: &str) -> Vec<Crate> {
    let packages = lock.split("[[package]]").skip(1);
    let crates = packages.filter_map(|package| {
        let value = |field: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(field));
            Some(line?.strip_prefix(" = \"")?.strip_suffix('"')?.to_owned())
        };
        Some(Crate {
            name: value("name")?,
            version: value("version")?,
            checksum: value("checksum"),
        })
    });
    crates.collect()
}

/// The packages of the page, by where they are installed.
///
/// # Errors
/// If the file cannot be read.
pub(crate) fn of_the_page() -> Result<Map<String, Value>> {
    let text = std::fs::read_to_string(root().join("ui/package-lock.json"))?;
    let mut lock: Value = serde_json::from_str(&text)?;
    Ok(match lock["packages"].take() {
        Value::Object(packages) => packages,
        _ => Map::new(),
    })
}
