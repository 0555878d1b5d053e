//! `./x release gather`: what was made on each system, in one folder for whoever downloads it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};

use super::{SUMS, checksums, files, name_of, sha256};

/// What CHANGELOG.md says of the version, among what was made.
const NOTES: &str = "NOTES.md";
/// How folders end whose files nobody has signed, and those whose files somebody has.
const UNSIGNED: &str = "-unsigned";
const SIGNED: &str = "-signed";
/// Kinds of files that users' systems ask a signature of; those that nobody has signed are called so. A disk image is
/// called so already, and packages for Linux are signed by way of their repositories.
const ASKED: [&str; 2] = ["exe", "msi"];

/// Gathers what lies in folders called `SYSTEM-signed` or `SYSTEM-unsigned`, each with its checksums, and writes the
/// checksums of all. Where a system has both, what was signed counts.
///
/// # Errors
/// If a file is not what its checksum says, two of one name differ, or a folder has another name.
pub(crate) fn gather(made: &Path, into: &Path) -> Result<()> {
    let mut folders = BTreeMap::new();
    for entry in fs::read_dir(made).with_context(|| format!("no {}", made.display()))? {
        let path = entry?.path();
        folders.insert(name_of(&path)?, path);
    }
    ensure!(!folders.is_empty(), "nothing was made");
    fs::create_dir_all(into)?;
    for (name, folder) in &folders {
        are_whole(folder)?;
        let (system, signed) = match (name.strip_suffix(UNSIGNED), name.strip_suffix(SIGNED)) {
            (Some(system), _) => (system, false),
            (_, Some(system)) => (system, true),
            _ => bail!("whether {name} was signed is not said"),
        };
        let better = folders.get(&format!("{system}{SIGNED}"));
        for file in files(folder)? {
            let name = name_of(&file)?;
            // A disk image that nobody has signed is called so from the beginning.
            let plain = name.replace(&format!("{UNSIGNED}."), ".");
            if name == SUMS || !signed && better.is_some_and(|better| better.join(plain).is_file())
            {
                continue;
            }
            let called = if signed { name } else { unsigned(&name) };
            put(&file, &into.join(called))?;
        }
    }
    ensure!(into.join(NOTES).is_file(), "there are no notes");
    checksums(into)
}

/// Whether all files of a folder are those that its checksums are of.
fn are_whole(folder: &Path) -> Result<()> {
    let sums = fs::read_to_string(folder.join(SUMS))
        .with_context(|| format!("{} has no checksums", folder.display()))?;
    let sums: BTreeMap<&str, &str> = sums
        .lines()
        .filter_map(|line| line.split_once("  "))
        .map(|(sum, name)| (name, sum))
        .collect();
    for file in files(folder)? {
        let name = name_of(&file)?;
        ensure!(
            name == SUMS || sums.get(&*name) == Some(&&*sha256(&fs::read(&file)?)),
            "{} is not what its checksum is of",
            file.display()
        );
    }
    if let Some(missing) = sums.keys().find(|name| !folder.join(name).is_file()) {
        bail!("{} has lost {missing}", folder.display());
    }
    Ok(())
}

/// What a file is called that nobody has signed.
fn unsigned(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((stem, kind)) if ASKED.contains(&kind) => format!("{stem}{UNSIGNED}.{kind}"),
        _ => name.to_owned(),
    }
}

fn put(file: &Path, place: &Path) -> Result<()> {
    let content = fs::read(file)?;
    if place.is_file() {
        // What the page is made of is the same on each system.
        ensure!(
            fs::read(place)? == content,
            "there are two that are called {}",
            place.display()
        );
    }
    Ok(fs::write(place, content)?)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// Folders with files, each with its checksums.
    fn made(folders: &[(&str, &[(&str, &str)])]) -> tempfile::TempDir {
        let all = tempfile::tempdir().unwrap();
        for (name, files) in folders {
            let folder = all.path().join("made").join(name);
            fs::create_dir_all(&folder).unwrap();
            for (name, content) in *files {
                fs::write(folder.join(name), content).unwrap();
            }
            checksums(&folder).unwrap();
        }
        all
    }

    fn gathered(all: &tempfile::TempDir) -> Result<BTreeMap<String, String>> {
        let into = all.path().join("files");
        gather(&all.path().join("made"), &into)?;
        let content = |file: &PathBuf| Ok((name_of(file)?, fs::read_to_string(file)?));
        files(&into)?.iter().map(content).collect()
    }

    const LINUX: (&str, &[(&str, &str)]) = (
        "linux-unsigned",
        &[
            ("NOTES.md", "- new"),
            ("salon_1_amd64.deb", "deb"),
            ("salon-page.cdx.json", "page"),
        ],
    );
    const WINDOWS: (&str, &[(&str, &str)]) = (
        "windows-unsigned",
        &[
            ("salon-1-user.exe", "plain"),
            ("salon-1-x64.msi", "plain"),
            ("salon.admx", "template"),
            ("salon-page.cdx.json", "page"),
        ],
    );

    #[test]
    fn what_nobody_has_signed_is_called_so() {
        let all = gathered(&made(&[LINUX, WINDOWS])).unwrap();
        let names: Vec<_> = all.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "NOTES.md",
                SUMS,
                "salon-1-user-unsigned.exe",
                "salon-1-x64-unsigned.msi",
                "salon-page.cdx.json",
                "salon.admx",
                "salon_1_amd64.deb",
            ]
        );
        assert_eq!(all[SUMS].lines().count(), names.len() - 1);
    }

    #[test]
    fn what_was_signed_takes_the_place_of_what_was_not() {
        let signed: &[_] = &[("salon-1-user.exe", "good"), ("salon-1-x64.msi", "good")];
        let all = gathered(&made(&[LINUX, WINDOWS, ("windows-signed", signed)])).unwrap();
        assert_eq!(all["salon-1-user.exe"], "good");
        assert_eq!(all["salon.admx"], "template");
        assert!(!all.keys().any(|name| name.contains("unsigned")), "{all:?}");
    }

    #[test]
    fn of_disk_images_the_signed_one_is_gathered_alone() {
        let unsigned: &[_] = &[
            ("salon-1-universal-unsigned.dmg", "plain"),
            ("salon.mobileconfig", "profile"),
        ];
        let unsigned = ("macos-unsigned", unsigned);
        let alone = gathered(&made(&[LINUX, unsigned])).unwrap();
        assert_eq!(alone["salon-1-universal-unsigned.dmg"], "plain");
        let signed: &[_] = &[("salon-1-universal.dmg", "good")];
        let both = gathered(&made(&[LINUX, unsigned, ("macos-signed", signed)])).unwrap();
        assert_eq!(both["salon-1-universal.dmg"], "good");
        assert_eq!(both["salon.mobileconfig"], "profile");
        assert!(
            !both.contains_key("salon-1-universal-unsigned.dmg"),
            "{both:?}"
        );
    }

    #[test]
    fn nothing_is_gathered_of_what_is_not_as_it_was_made() {
        let broken = |spoil: &dyn Fn(&Path)| {
            let all = made(&[LINUX, WINDOWS]);
            spoil(&all.path().join("made"));
            gathered(&all).is_err()
        };
        assert!(!broken(&|_| {}));
        let change = |made: &Path| fs::write(made.join("linux-unsigned/salon_1_amd64.deb"), "bad");
        assert!(broken(&|made| change(made).unwrap()));
        let lose = |made: &Path| fs::remove_file(made.join("linux-unsigned/salon_1_amd64.deb"));
        assert!(broken(&|made| lose(made).unwrap()));
        let add = |made: &Path| fs::write(made.join("linux-unsigned/more.deb"), "bad");
        assert!(broken(&|made| add(made).unwrap()));
        let hide = |made: &Path| fs::remove_file(made.join("linux-unsigned").join(SUMS));
        assert!(broken(&|made| hide(made).unwrap()));
        let name = |made: &Path| fs::rename(made.join("linux-unsigned"), made.join("linux"));
        assert!(broken(&|made| name(made).unwrap()));
        // Two of one name that differ.
        let other: &[_] = &[("salon-page.cdx.json", "another page")];
        assert!(gathered(&made(&[LINUX, ("macos-unsigned", other)])).is_err());
    }
}
