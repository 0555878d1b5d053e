//! What goes with a release: its notes, the checksums of its files, the bill of what it is made of, and the offer for
//! copies that keep themselves up to date.

pub(crate) mod gather;
pub(crate) mod offer;
pub(crate) mod sbom;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};

use crate::process::root;

/// What lists the others.
const SUMS: &str = "SHA256SUMS";
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

/// A file that was made and its size, for whoever reads the end of a log.
///
/// # Errors
/// If it is not there.
pub(crate) fn with_size(file: &Path) -> Result<String> {
    let about = std::fs::metadata(file);
    let bytes = about
        .with_context(|| format!("no {}", file.display()))?
        .len();
    let size = if bytes < 1_000_000 {
        format!("{} kB", bytes.div_ceil(1000))
    } else {
        format!("{:.1} MB", bytes as f64 / 1e6)
    };
    Ok(format!("{} ({size})", file.display()))
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
                // The forge's own program, in one line.
                let runs = job.lines().filter_map(|line| line.split_once("run: "));
                for (_, run) in runs {
                    assert!(run.starts_with("gh release create "), "{run}");
                }
                assert!(!job.contains("checkout"), "{job}");
            }
            // Nor does anything that is compiled see a key: it is given to one step, which compiles nothing.
            for (at, _) in job.match_indices("secrets.") {
                let is_variable = |line: &&str| line.starts_with("          SALON_");
                let before = job[..at].lines().rev().skip_while(is_variable);
                let before: Vec<&str> = before.take(2).collect();
                assert_eq!(before[0], "        env:", "{job}");
                assert!(
                    before[1].starts_with("      - run: ./x release "),
                    "{before:?}"
                );
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
        let job = |name: &str| {
            let begins = format!("  {name}:\n");
            all.iter().find(|job| job.starts_with(&begins)).unwrap()
        };
        for system in ["linux", "windows", "macos"] {
            for step in [
                "run: ./x release sbom ",
                "run: ./x release checksums files\n",
                &format!("name: {system}-unsigned\n"),
            ] {
                assert!(job(system).contains(step), "{step}: {}", job(system));
            }
        }
        for system in ["windows", "macos"] {
            let job = job(system);
            let signs = job.find(&format!("run: ./x release sign-{system} "));
            let kept = job.find(&format!("name: {system}-signed\n"));
            assert!(signs.is_some() && signs < kept, "{job}");
        }
        let gathers = job("gather");
        for step in [
            "needs: [linux, windows, macos]\n",
            "pattern: '*signed'\n",
            "run: ./x release gather made files\n",
        ] {
            assert!(gathers.contains(step), "{step}: {gathers}");
        }
        assert!(job("provenance").contains("subject-checksums: files/SHA256SUMS\n"));
        // Nothing is offered that was not attested, and nobody sees it before somebody has looked at it.
        assert!(job("publish").contains("needs: provenance\n"));
        assert!(job("publish").contains(" --draft "));
    }

    #[test]
    fn a_file_is_told_with_its_size() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("one.deb");
        let of = |bytes: u64| {
            std::fs::File::create(&file)
                .unwrap()
                .set_len(bytes)
                .unwrap();
            let told = with_size(&file).unwrap();
            told.strip_prefix(file.to_str().unwrap())
                .unwrap()
                .to_owned()
        };
        assert_eq!(of(0), " (0 kB)");
        assert_eq!(of(2_001), " (3 kB)");
        assert_eq!(of(10_549_999), " (10.5 MB)");
        std::fs::remove_file(&file).unwrap();
        assert!(with_size(&file).is_err());
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
}
