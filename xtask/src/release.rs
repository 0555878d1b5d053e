//! What goes with a release: its notes, the checksums of its files, and the signed offer that copies which keep
//! themselves up to date look for.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use minisign::{SecretKey, SecretKeyBox};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::process::root;

/// What lists the others.
const SUMS: &str = "SHA256SUMS";
/// The secret half of the key that is built in, as minisign's file has it, and its password.
const KEY: &str = "SALON_UPDATE_SECRET_KEY";
const PASSWORD: &str = "SALON_UPDATE_SECRET_PASSWORD";

/// The version that everything has: that of the workspace.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Writes what CHANGELOG.md says of this version, or fails if it says nothing.
pub(crate) fn notes(into: &Path) -> Result<()> {
    let changelog = std::fs::read_to_string(root().join("CHANGELOG.md"))?;
    let notes = section(&changelog, VERSION)
        .with_context(|| format!("CHANGELOG.md has no heading for {VERSION}"))?;
    std::fs::write(into, notes)?;
    Ok(())
}

/// What stands under the heading of a version, up to the next.
pub(crate) fn section(changelog: &str, version: &str) -> Option<String> {
    let ours = |line: &&str| {
        let named = line
            .strip_prefix("## ")
            .map(|line| line.trim_start_matches('['));
        named.is_some_and(|named| {
            let rest = named.strip_prefix(version);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ']']))
        })
    };
    let lines = changelog.lines().skip_while(|line| !ours(line)).skip(1);
    let text: Vec<&str> = lines.take_while(|line| !line.starts_with("## ")).collect();
    let text = text.join("\n").trim().to_owned();
    (!text.is_empty()).then_some(text + "\n")
}

/// Writes the SHA-256 of every file in a folder, as `sha256sum --check` reads them.
pub(crate) fn checksums(folder: &Path) -> Result<()> {
    let mut sums = String::new();
    for file in files(folder)? {
        let name = name_of(&file)?;
        if name != SUMS {
            sums += &format!("{}  {name}\n", sha256(&std::fs::read(&file)?));
        }
    }
    std::fs::write(folder.join(SUMS), sums)?;
    Ok(())
}

/// Writes what a channel offers and its signature, if there is a key to sign with.
pub(crate) fn offer(folder: &Path, channel: &str) -> Result<()> {
    let Ok(key) = std::env::var(KEY) else {
        println!("{KEY} is not set: no copy is told of this version");
        return Ok(());
    };
    let key = SecretKeyBox::from_string(&key)?;
    let key = match std::env::var(PASSWORD) {
        Ok(password) => key.into_secret_key(Some(password))?,
        Err(_) => key.into_unencrypted_secret_key()?,
    };
    sign(folder, channel, &key, Timestamp::now())
}

fn sign(folder: &Path, channel: &str, key: &SecretKey, published: Timestamp) -> Result<()> {
    let mut offered = BTreeMap::new();
    for file in files(folder)? {
        let name = name_of(&file)?;
        let Some(target) = target(&name) else {
            continue;
        };
        let content = std::fs::read(&file)?;
        let artifact = json!({ "url": name, "sha256": sha256(&content), "size": content.len() });
        if offered.insert(target, artifact).is_some() {
            bail!("{} has two files for {target}", folder.display());
        }
    }
    if offered.is_empty() {
        bail!("{} has no AppImage", folder.display());
    }
    let manifest = json!({
        "channel": channel,
        "version": VERSION,
        "published": published.to_string(),
        "files": offered,
    });
    let text = serde_json::to_vec_pretty(&manifest)?;
    let comment = format!("Salon {VERSION} {channel}");
    let signature = minisign::sign(None, key, Cursor::new(&text), Some(&comment), None)?;
    std::fs::write(folder.join(format!("{channel}.json")), text)?;
    let beside = folder.join(format!("{channel}.json.minisig"));
    std::fs::write(beside, signature.into_string())?;
    Ok(())
}

/// The system that a file is for, as the app names it, if copies of it keep themselves up to date.
fn target(name: &str) -> Option<&'static str> {
    let stem = name.strip_suffix(".AppImage")?;
    let is = |machines: [&str; 2]| machines.iter().any(|machine| stem.ends_with(machine));
    if is(["x86_64", "amd64"]) {
        Some("linux-x86_64")
    } else if is(["aarch64", "arm64"]) {
        Some("linux-aarch64")
    } else {
        None
    }
}

/// The files in a folder, by name.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("{} cannot be read", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn name_of(file: &Path) -> Result<String> {
    let name = file.file_name().and_then(|name| name.to_str());
    Ok(name.context("a file has an odd name")?.to_owned())
}

fn sha256(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    use minisign::KeyPair;

    #[test]
    fn the_notes_are_those_of_the_version_alone() {
        let changelog = "# Changelog\n\n## Unreleased\n- soon\n\n## [0.2.0] - 2026-11-28\n\n### Added\n\
                         - new\n\n## 0.2.0-beta.1\n- trial\n\n## 0.1.0\n- first\n";
        let notes = |version| section(changelog, version);
        assert_eq!(notes("0.2.0").unwrap(), "### Added\n- new\n");
        assert_eq!(notes("0.2.0-beta.1").unwrap(), "- trial\n");
        assert_eq!(notes("0.1.0").unwrap(), "- first\n");
        assert_eq!(notes("0.1"), None);
    }

    #[test]
    fn sha256sum_accepts_the_checksums() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("one.deb"), "one").unwrap();
        std::fs::write(folder.path().join("two.rpm"), "two").unwrap();
        checksums(folder.path()).unwrap();
        // Again: its own file is not in it.
        checksums(folder.path()).unwrap();
        let sums = std::fs::read_to_string(folder.path().join(SUMS)).unwrap();
        assert_eq!(sums.lines().count(), 2, "{sums}");
        if cfg!(target_os = "linux") {
            let checked = std::process::Command::new("sha256sum")
                .args(["--check", "--strict", SUMS])
                .current_dir(folder.path())
                .output();
            assert!(checked.unwrap().status.success(), "{sums}");
        }
    }

    #[test]
    fn an_offer_is_signed_and_names_the_appimage_alone() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str| std::fs::write(folder.path().join(name), "content").unwrap();
        put("salon.deb");
        let keys = KeyPair::generate_unencrypted_keypair().unwrap();
        let at = Timestamp::from_second(1_800_000_000).unwrap();
        assert!(sign(folder.path(), "stable", &keys.sk, at).is_err());
        put("Salon-x86_64.AppImage");
        sign(folder.path(), "stable", &keys.sk, at).unwrap();
        let text = std::fs::read(folder.path().join("stable.json")).unwrap();
        let signature = folder.path().join("stable.json.minisig");
        let signature = minisign::SignatureBox::from_file(signature).unwrap();
        let text = Cursor::new(text);
        minisign::verify(&keys.pk, &signature, text.clone(), true, false, false).unwrap();
        let offered: serde_json::Value = serde_json::from_reader(text).unwrap();
        assert_eq!(offered["version"], VERSION);
        assert_eq!(offered["published"], "2027-01-15T08:00:00Z");
        let files = offered["files"].as_object().unwrap();
        assert_eq!(files.len(), 1, "{offered}");
        assert_eq!(files["linux-x86_64"]["size"], 7);
    }
}
