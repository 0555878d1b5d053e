//! What goes with a release: its notes, the checksums of its files, and the signed offer that copies which keep
//! themselves up to date look for.

pub(crate) mod sbom;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use minisign::{PublicKey, SecretKey, SecretKeyBox, SignatureBox};
use semver::Version;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::process::root;

/// What lists the others.
const SUMS: &str = "SHA256SUMS";
/// The secret half of the key that is built in, as minisign's file has it, and its password.
const KEY: &str = "SALON_UPDATE_SECRET_KEY";
const PASSWORD: &str = "SALON_UPDATE_SECRET_PASSWORD";

/// Versions behind the newest one that stay on offer. With one each workday, that is more than two months.
const KEPT: usize = 50;
/// Bytes that the app reads.
const LARGEST_MANIFEST: usize = 64 * 1024;

/// The version that everything has: that of the workspace.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Fails unless a tag names this version: what is made of it says the workspace's.
pub(crate) fn tag(name: &str) -> Result<()> {
    if name != format!("v{VERSION}") {
        bail!("the tag is {name:?}, and the version of the workspace {VERSION}");
    }
    Ok(())
}

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

/// Writes what a channel offers and its signature, if there is a key to sign with. What the folder offered before
/// stays on offer behind it, for those who take no version before others have tried it.
pub(crate) fn offer(folder: &Path, channel: &str) -> Result<()> {
    match key()? {
        Some(key) => sign(folder, channel, VERSION, &key, Timestamp::now()),
        None => {
            println!("{KEY} is not set: no copy is told of this version");
            Ok(())
        }
    }
}

/// Takes a version from what a channel offers, the newest one, too; the one before it is the newest then, and as old
/// as it is.
///
/// # Errors
/// Without a key, or if nothing would be left.
pub(crate) fn withdraw(folder: &Path, channel: &str, version: &str) -> Result<()> {
    let key = key()?.with_context(|| format!("{KEY} is not set"))?;
    without(folder, channel, version, &key, Timestamp::now())
}

/// Signs what a channel offers anew. Copies tell of an offer that was signed more than 30 days ago: somebody may keep
/// newer ones from them.
///
/// # Errors
/// Without a key, or if nothing is offered that was signed with it.
pub(crate) fn renew(folder: &Path, channel: &str) -> Result<()> {
    let key = key()?.with_context(|| format!("{KEY} is not set"))?;
    renewed(folder, channel, &key, Timestamp::now())
}

fn renewed(folder: &Path, channel: &str, key: &SecretKey, now: Timestamp) -> Result<()> {
    write(folder, channel, offered(folder, channel, key)?, key, now)
}

fn without(
    folder: &Path,
    channel: &str,
    version: &str,
    key: &SecretKey,
    now: Timestamp,
) -> Result<()> {
    let before = offered(folder, channel, key)?;
    let of_it = |release: &Value| release["version"] == version;
    if !before.iter().any(of_it) {
        bail!("{channel} does not offer {version}");
    }
    let left = before.into_iter().filter(|release| !of_it(release));
    write(folder, channel, left.collect(), key, now)
}

fn key() -> Result<Option<SecretKey>> {
    let Ok(key) = std::env::var(KEY) else {
        return Ok(None);
    };
    let key = SecretKeyBox::from_string(&key)?;
    Ok(Some(match std::env::var(PASSWORD) {
        Ok(password) => key.into_secret_key(Some(password))?,
        Err(_) => key.into_unencrypted_secret_key()?,
    }))
}

fn sign(
    folder: &Path,
    channel: &str,
    version: &str,
    key: &SecretKey,
    now: Timestamp,
) -> Result<()> {
    let version: Version = version.parse()?;
    let files = json!(files_of(&version, folder)?);
    let mut published = json!(now.to_string());
    let mut releases = Vec::new();
    for release in offered(folder, channel, key)? {
        let before: Version = release["version"].as_str().unwrap_or_default().parse()?;
        match before.cmp_precedence(&version) {
            Ordering::Greater => bail!("{before} is on offer, and {version} is older"),
            // Offered again: whoever waits has waited for it already.
            Ordering::Equal if release["files"] == files => {
                published.clone_from(&release["published"]);
            }
            Ordering::Equal => {}
            Ordering::Less if urls(&release).all(|url| folder.join(url).is_file()) => {
                releases.push(release);
            }
            Ordering::Less => println!("{before} is withdrawn: not all of its files are there"),
        }
    }
    releases.truncate(KEPT);
    let newest = json!({
        "version": version.to_string(),
        "published": published,
        "files": files,
    });
    releases.insert(0, newest);
    write(folder, channel, releases, key, now)
}

/// Writes and signs an offer of these, the newest first.
fn write(
    folder: &Path,
    channel: &str,
    mut releases: Vec<Value>,
    key: &SecretKey,
    now: Timestamp,
) -> Result<()> {
    if releases.is_empty() {
        bail!("nothing would be left on offer: take {channel}.json away instead");
    }
    let mut manifest = releases.remove(0);
    let version = manifest["version"].as_str().unwrap_or_default().to_owned();
    manifest["channel"] = json!(channel);
    manifest["signed"] = json!(now.to_string());
    manifest["earlier"] = json!(releases);
    let text = serde_json::to_vec(&manifest)?;
    if text.len() > LARGEST_MANIFEST {
        bail!(
            "{} bytes of {channel}.json are more than the app reads",
            text.len()
        );
    }
    let comment = format!("Salon {version} {channel}");
    let signature = minisign::sign(None, key, Cursor::new(&text), Some(&comment), None)?;
    std::fs::write(folder.join(format!("{channel}.json")), text)?;
    let beside = folder.join(format!("{channel}.json.minisig"));
    std::fs::write(beside, signature.into_string())?;
    Ok(())
}

/// What the folder offers, the newest first.
fn offered(folder: &Path, channel: &str, key: &SecretKey) -> Result<Vec<Value>> {
    let place = folder.join(format!("{channel}.json"));
    if !place.exists() {
        return Ok(Vec::new());
    }
    let text = std::fs::read(&place)?;
    let signature = SignatureBox::from_file(folder.join(format!("{channel}.json.minisig")))?;
    // What is signed again was ours before.
    let public = PublicKey::from_secret_key(key)?;
    minisign::verify(&public, &signature, Cursor::new(&text), true, false, false)
        .with_context(|| format!("{} is not signed with this key", place.display()))?;
    let Value::Object(mut newest) = serde_json::from_slice(&text)? else {
        bail!("{} is no offer", place.display());
    };
    if newest.remove("channel") != Some(json!(channel)) {
        bail!("{} is of another channel", place.display());
    }
    newest.remove("signed");
    let earlier = match newest.remove("earlier") {
        Some(Value::Array(earlier)) => earlier,
        _ => Vec::new(),
    };
    Ok(std::iter::once(Value::Object(newest))
        .chain(earlier)
        .collect())
}

/// Where the files of a version are.
fn urls(release: &Value) -> impl Iterator<Item = &str> {
    let files = release["files"].as_object().into_iter().flatten();
    files.filter_map(|(_, artifact)| artifact["url"].as_str())
}

/// The files of a version. Those of others are told by their names, and stay for whoever takes them later.
fn files_of(version: &Version, folder: &Path) -> Result<BTreeMap<&'static str, Value>> {
    let mut offered = BTreeMap::new();
    for file in files(folder)? {
        let name = name_of(&file)?;
        let Some(target) = target(&name, version) else {
            continue;
        };
        let content = std::fs::read(&file)?;
        let artifact = json!({ "url": name, "sha256": sha256(&content), "size": content.len() });
        if offered.insert(target, artifact).is_some() {
            bail!("{} has two files for {target}", folder.display());
        }
    }
    if offered.is_empty() {
        bail!(
            "{} has no NAME-{version}-MACHINE.AppImage",
            folder.display()
        );
    }
    Ok(offered)
}

/// The system that a file is for, as the app names it, if it is of this version and copies of it keep themselves
/// up to date.
fn target(name: &str, version: &Version) -> Option<&'static str> {
    let stem = name.strip_suffix(".AppImage")?;
    let of = |target, machines: [&str; 2]| {
        let ours = machines
            .iter()
            .any(|machine| stem.ends_with(&format!("-{version}-{machine}")));
        ours.then_some(target)
    };
    of("linux-x86_64", ["x86_64", "amd64"]).or_else(|| of("linux-aarch64", ["aarch64", "arm64"]))
}

/// The files in a folder, by name.
///
/// # Errors
/// If it cannot be read.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
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
    fn a_tag_of_another_version_is_refused() {
        tag(&format!("v{VERSION}")).unwrap();
        for other in [VERSION, "v0.0.9", "v", "", &format!("v{VERSION}-beta.1")] {
            assert!(tag(other).is_err(), "{other}");
        }
    }

    /// With the right to attest, a test or a dependency could say of anything that it was made here.
    #[test]
    fn nothing_of_ours_runs_with_a_right_to_write() {
        let workflow = root().join(".github/workflows/release.yml");
        let text = std::fs::read_to_string(workflow).unwrap();
        let (top, jobs) = text.split_once("\njobs:\n").unwrap();
        assert!(top.ends_with("\npermissions: {}\n"), "{top}");
        let all = jobs_of(jobs);
        assert!(all.len() >= 3, "{all:?}");
        for job in all {
            assert!(job.contains("\n    permissions:\n"), "{job}");
            if job.contains(": write") {
                assert!(!job.contains("run: ") && !job.contains("checkout"), "{job}");
            }
            // Nor does anything that is compiled see a key: it is given to one step, which compiles nothing.
            for (at, _) in job.match_indices("secrets.") {
                let before: Vec<&str> = job[..at].lines().rev().take(3).collect();
                assert!(
                    before[2].starts_with("      - run: ./x release "),
                    "{before:?}"
                );
                assert!(before[1] == "        env:", "{before:?}");
            }
        }
    }

    /// The jobs of a workflow. One begins with a name that two spaces stand before.
    fn jobs_of(jobs: &str) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for line in jobs.lines() {
            match all.last_mut() {
                Some(job) if line.is_empty() || line.starts_with("   ") => {
                    *job += &format!("{line}\n")
                }
                // Of the job that it stands before.
                _ if line.starts_with("  #") => {}
                _ => all.push(format!("{line}\n")),
            }
        }
        all
    }

    #[test]
    fn what_is_made_on_each_system_has_checksums_and_a_bill_and_is_attested() {
        let workflow = root().join(".github/workflows/release.yml");
        let text = std::fs::read_to_string(workflow).unwrap();
        let all = jobs_of(text.split_once("\njobs:\n").unwrap().1);
        let attests = all
            .iter()
            .find(|job| job.starts_with("  provenance:"))
            .unwrap();
        for system in ["linux", "windows", "macos"] {
            let made = format!("name: {system}-unsigned\n");
            let job = all
                .iter()
                .find(|job| job.starts_with(&format!("  {system}:")))
                .unwrap();
            for step in [
                "run: ./x release sbom ",
                "run: ./x release checksums files\n",
                made.as_str(),
            ] {
                assert!(job.contains(step), "{step}: {job}");
            }
            assert!(attests.contains(&made), "{attests}");
            let sums = format!("subject-checksums: {system}/SHA256SUMS\n");
            assert!(attests.contains(&sums), "{attests}");
        }
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

    struct Site {
        folder: tempfile::TempDir,
        keys: KeyPair,
    }

    impl Site {
        fn new() -> Self {
            Self {
                folder: tempfile::tempdir().unwrap(),
                keys: KeyPair::generate_unencrypted_keypair().unwrap(),
            }
        }

        fn put(&self, name: &str, content: &str) {
            std::fs::write(self.folder.path().join(name), content).unwrap();
        }

        /// Offers a version so many days after the first.
        fn sign(&self, version: &str, day: i64) -> Result<()> {
            let at = Timestamp::from_second(1_800_000_000 + day * 24 * 60 * 60).unwrap();
            sign(self.folder.path(), "stable", version, &self.keys.sk, at)
        }

        /// What is offered, if it is rightly signed.
        fn offered(&self) -> Value {
            let text = std::fs::read(self.folder.path().join("stable.json")).unwrap();
            let signature = self.folder.path().join("stable.json.minisig");
            let signature = SignatureBox::from_file(signature).unwrap();
            let text = Cursor::new(text);
            minisign::verify(&self.keys.pk, &signature, text.clone(), true, false, false).unwrap();
            serde_json::from_reader(text).unwrap()
        }

        /// The versions behind the newest one.
        fn earlier(&self) -> Vec<String> {
            let offered = self.offered();
            let earlier = offered["earlier"].as_array().unwrap().iter();
            let version = |release: &Value| release["version"].as_str().unwrap().to_owned();
            earlier.map(version).collect()
        }
    }

    #[test]
    fn an_offer_is_signed_and_names_the_appimage_alone() {
        let site = Site::new();
        site.put("salon.deb", "content");
        assert!(site.sign(VERSION, 0).is_err());
        site.put(&format!("Salon-{VERSION}-x86_64.AppImage"), "content");
        site.sign(VERSION, 0).unwrap();
        let offered = site.offered();
        assert_eq!(offered["version"], VERSION);
        assert_eq!(offered["published"], "2027-01-15T08:00:00Z");
        let files = offered["files"].as_object().unwrap();
        assert_eq!(files.len(), 1, "{offered}");
        assert_eq!(files["linux-x86_64"]["size"], 7);
    }

    #[test]
    fn what_was_on_offer_stays_so_behind_the_new_version() {
        let site = Site::new();
        for (day, version) in [(0, "0.1.0"), (1, "0.2.0"), (2, "0.3.0")] {
            site.put(&format!("Salon-{version}-x86_64.AppImage"), version);
            site.sign(version, day).unwrap();
        }
        assert_eq!(site.earlier(), ["0.2.0", "0.1.0"]);
        let offered = site.offered();
        let second = &offered["earlier"][0];
        assert_eq!(second["published"], "2027-01-16T08:00:00Z");
        let file = &second["files"]["linux-x86_64"];
        assert_eq!(file["url"], "Salon-0.2.0-x86_64.AppImage");
        assert_eq!(file["sha256"], sha256(b"0.2.0"));
        // Offered again it is there once, as old as it is, and an older one does not take its place.
        site.sign("0.3.0", 3).unwrap();
        assert_eq!(site.earlier(), ["0.2.0", "0.1.0"]);
        assert_eq!(site.offered()["published"], "2027-01-17T08:00:00Z");
        assert!(site.sign("0.2.5", 4).is_err());
        // Without its file, a version is withdrawn.
        std::fs::remove_file(site.folder.path().join("Salon-0.2.0-x86_64.AppImage")).unwrap();
        site.sign("0.3.0", 5).unwrap();
        assert_eq!(site.earlier(), ["0.1.0"]);
    }

    #[test]
    fn the_newest_can_be_withdrawn_and_the_one_before_it_is_as_old_as_it_is() {
        let site = Site::new();
        for (day, version) in [(0, "0.1.0"), (1, "0.2.0")] {
            site.put(&format!("Salon-{version}-x86_64.AppImage"), version);
            site.sign(version, day).unwrap();
        }
        let now = Timestamp::from_second(1_800_600_000).unwrap();
        let without = |version| without(site.folder.path(), "stable", version, &site.keys.sk, now);
        assert!(without("0.3.0").is_err());
        without("0.2.0").unwrap();
        let offered = site.offered();
        assert_eq!(offered["version"], "0.1.0");
        assert_eq!(offered["published"], "2027-01-15T08:00:00Z");
        assert_eq!(offered["channel"], "stable");
        assert_eq!(offered["signed"], now.to_string());
        assert!(site.earlier().is_empty());
        assert!(without("0.1.0").is_err(), "nothing would be left");
        // Another file under the same name is another release: it waits again.
        site.put("Salon-0.1.0-x86_64.AppImage", "mended");
        site.sign("0.1.0", 2).unwrap();
        assert_eq!(site.offered()["published"], "2027-01-17T08:00:00Z");
    }

    #[test]
    fn signed_anew_an_offer_says_the_same_at_a_later_time() {
        let site = Site::new();
        for (day, version) in [(0, "0.1.0"), (1, "0.2.0")] {
            site.put(&format!("Salon-{version}-x86_64.AppImage"), version);
            site.sign(version, day).unwrap();
        }
        let mut before = site.offered();
        assert_eq!(before["signed"], "2027-01-16T08:00:00Z");
        let now = "2027-02-16T08:00:00Z";
        let folder = site.folder.path();
        renewed(folder, "stable", &site.keys.sk, now.parse().unwrap()).unwrap();
        before["signed"] = json!(now);
        assert_eq!(site.offered(), before);
        // Of what was signed before only the newest had a time; a folder without an offer has nothing to sign.
        assert!(before["earlier"][0].get("signed").is_none());
        let none = renewed(folder, "beta", &site.keys.sk, now.parse().unwrap());
        assert!(none.is_err());
    }

    #[test]
    fn what_somebody_else_offers_is_not_signed_again() {
        let mut site = Site::new();
        site.put("Salon-0.1.0-x86_64.AppImage", "0.1.0");
        site.sign("0.1.0", 0).unwrap();
        site.put("Salon-0.2.0-x86_64.AppImage", "0.2.0");
        site.keys = KeyPair::generate_unencrypted_keypair().unwrap();
        assert!(site.sign("0.2.0", 1).is_err());
    }

    #[test]
    fn the_file_of_another_version_is_not_taken_for_this_one() {
        let version = "0.2.0".parse().unwrap();
        assert_eq!(
            target("Salon-0.2.0-amd64.AppImage", &version),
            Some("linux-x86_64")
        );
        assert_eq!(
            target("Salon-0.2.0-aarch64.AppImage", &version),
            Some("linux-aarch64")
        );
        for other in ["10.2.0", "0.2.0-beta.1", "0.2.0.1", "0.1.0"] {
            assert_eq!(
                target(&format!("Salon-{other}-x86_64.AppImage"), &version),
                None
            );
        }
    }

    #[test]
    fn as_many_as_are_kept_are_read_by_the_app() {
        let site = Site::new();
        for day in 0..60 {
            let version = format!("0.{day}.0");
            for machine in ["x86_64", "aarch64"] {
                site.put(&format!("Salon-{version}-{machine}.AppImage"), &version);
            }
            site.sign(&version, day).unwrap();
        }
        let earlier = site.earlier();
        assert_eq!((earlier.len(), earlier[0].as_str()), (KEPT, "0.58.0"));
    }
}
