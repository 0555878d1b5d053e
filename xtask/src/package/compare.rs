//! `./x package --compare`: the last commit built and packed in two folders, without a network, and whether the packages
//! are the same, byte for byte. Whoever doubts what was published can then build it again and compare.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use super::repositories::is_of;
use super::{Wish, moment};
use crate::build::target;
use crate::process::{is_root, output, root, run};
use crate::release::{files, with_size};

/// Two folders whose names have another length, and in which system and shell are set up otherwise: time zone, mask for
/// new files, and how much is compiled at a time.
const FOLDERS: [(&str, [&str; 3]); 2] = [
    ("one", ["UTC", "022", "2"]),
    ("another-folder", ["Pacific/Chatham", "077", "3"]),
];
/// Bytes that are shown of a difference.
const SHOWN: usize = 48;

/// Builds and packs twice.
///
/// # Errors
/// If something cannot be built, or differs: with what.
pub(crate) fn run_task(wish: &Wish) -> Result<()> {
    let folder = std::path::absolute(target())?.join("compare");
    let moment = moment()?.as_second().to_string();
    // Somebody may commit in the hour that this may take.
    let commit = last_commit(&root())?;
    let mut made = Vec::new();
    for (name, [zone, mask, jobs]) in FOLDERS {
        let sources = folder.join(name);
        check_out(&commit, &sources)?;
        println!("=== {}", sources.display());
        let packages = sources.join("packages");
        let mut build = without_network();
        build
            .current_dir(&sources)
            .args([
                "sh",
                "-c",
                &format!("umask {mask}; exec ./x --yes package \"$@\""),
                "sh",
            ])
            .arg("--into")
            .arg(&packages)
            .env("SOURCE_DATE_EPOCH", &moment)
            .env("TZ", zone)
            .env("CARGO_BUILD_JOBS", jobs)
            .env_remove("CARGO_TARGET_DIR");
        if let Some(brand) = &wish.brand {
            build.arg("--brand").arg(std::path::absolute(brand)?);
        }
        if wish.quick {
            build.arg("--quick");
        }
        run(&mut build)?;
        made.push(packages);
    }
    let differ = differences(&made[0], &made[1])?;
    if !differ.is_empty() {
        bail!("built in two folders, these differ:\n{}", differ.join("\n"));
    }
    println!("Both folders made the same, byte for byte:");
    for file in keep(&made[0], &target().join("packages"))? {
        println!("{}", with_size(&file)?);
    }
    // Some gigabytes.
    Ok(fs::remove_dir_all(folder)?)
}

/// Moves packages to where those lie that are not compared.
fn keep(made: &Path, folder: &Path) -> Result<Vec<PathBuf>> {
    fs::create_dir_all(folder)?;
    let mut kept = Vec::new();
    for name in packages(made)? {
        let file = folder.join(&name);
        fs::rename(made.join(name), &file)?;
        kept.push(file);
    }
    Ok(kept)
}

/// Runs what follows where nobody is reached, not even this computer itself.
pub(super) fn without_network() -> Command {
    let mut unshare = Command::new("unshare");
    if !is_root() {
        // Who may not make such a namespace is allowed to within one of users.
        unshare.arg("--map-current-user");
    }
    unshare.arg("--net");
    unshare
}

/// A commit, with the packages of the page that are installed here.
fn check_out(commit: &str, sources: &Path) -> Result<()> {
    if sources.exists() {
        fs::remove_dir_all(sources)?;
    }
    unpack(&root(), commit, sources)?;
    let packages = root().join("ui/node_modules");
    let copy = sources.join("ui/node_modules");
    run(Command::new("cp").arg("-a").arg(packages).arg(&copy))?;
    // What it says is built was built of other files.
    let _ = fs::remove_file(copy.join(".salon-page"));
    Ok(())
}

/// The full name of the commit that a repository is at.
fn last_commit(repository: &Path) -> Result<String> {
    let mut git = Command::new("git");
    git.args(["rev-parse", "HEAD"]).current_dir(repository);
    output(&mut git).context("git knows no commit")
}

/// The files of a commit, in a folder that is made for them.
fn unpack(repository: &Path, commit: &str, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let mut archive = Command::new("git")
        .args(["archive", "--format=tar", commit])
        .current_dir(repository)
        .stdout(Stdio::piped())
        .spawn()
        .context("no git")?;
    let content = archive.stdout.take().context("git says nothing")?;
    let unpacked = run(Command::new("tar")
        .arg("-x")
        .arg("-C")
        .arg(folder)
        .stdin(content));
    // If there is no archive, that is why.
    ensure!(archive.wait()?.success(), "git archives no {commit}");
    unpacked
}

/// What is not the same in two folders with packages, a line or more each.
///
/// # Errors
/// If a package cannot be read, or there is none.
fn differences(one: &Path, other: &Path) -> Result<Vec<String>> {
    let (ours, theirs) = (packages(one)?, packages(other)?);
    ensure!(!ours.is_empty(), "{} has no package", one.display());
    ensure!(
        ours == theirs,
        "packages are called {ours:?} and {theirs:?}"
    );
    let mut differ = Vec::new();
    for name in &ours {
        let (one, other) = (one.join(name), other.join(name));
        let Some(difference) = difference(&fs::read(&one)?, &fs::read(&other)?) else {
            continue;
        };
        differ.push(format!("{name}: {difference}"));
        if is_of(&one, "deb") {
            differ.extend(within(&one, &other)?);
        }
    }
    Ok(differ)
}

/// The names of the packages in a folder, in their order.
fn packages(folder: &Path) -> Result<Vec<String>> {
    let packages = files(folder)?.into_iter();
    let packages = packages.filter(|file| ["deb", "rpm"].iter().any(|kind| is_of(file, kind)));
    let names = packages.filter_map(|file| Some(file.file_name()?.to_str()?.to_owned()));
    Ok(names.collect())
}

/// Which of the files that two packages bring differ.
fn within(one: &Path, other: &Path) -> Result<Vec<String>> {
    let folder = tempfile::tempdir()?;
    let unpacked = |package: &Path, name: &str| {
        let place = folder.path().join(name);
        run(Command::new("dpkg-deb")
            .arg("--raw-extract")
            .arg(package)
            .arg(&place))?;
        anyhow::Ok(place)
    };
    let places = [unpacked(one, "one")?, unpacked(other, "other")?];
    let [ours, theirs] = [below(&places[0])?, below(&places[1])?];
    let mut differ = Vec::new();
    let missing = |from: &[PathBuf], of: &[PathBuf], which: &str| -> Vec<String> {
        let only = from.iter().filter(|file| !of.contains(file));
        only.map(|file| format!("  {} is only in the {which}", file.display()))
            .collect()
    };
    differ.extend(missing(&ours, &theirs, "first"));
    differ.extend(missing(&theirs, &ours, "second"));
    for file in ours.iter().filter(|file| theirs.contains(file)) {
        let [one, other] = places.each_ref().map(|place| place.join(file));
        let (ours, theirs) = (fs::read(&one)?, fs::read(&other)?);
        if let Some(difference) = difference(&ours, &theirs) {
            let section = first(&ours, &theirs).and_then(|at| section(&one, at));
            let section = section.map_or(String::new(), |name| format!(", in {name}"));
            differ.push(format!("  {}{section}: {difference}", file.display()));
        }
    }
    Ok(differ)
}

/// All files below a folder, as seen from there.
fn below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut find = Command::new("find");
    let found = output(find.arg(folder).args(["-type", "f", "-printf", "%P\\n"]));
    let mut files: Vec<_> = found
        .context("find failed")?
        .lines()
        .map(PathBuf::from)
        .collect();
    files.sort();
    Ok(files)
}

/// The place of the first byte that differs.
fn first(one: &[u8], other: &[u8]) -> Option<usize> {
    let both = one.iter().zip(other);
    let at = both.clone().position(|(ours, theirs)| ours != theirs);
    at.or_else(|| (one.len() != other.len()).then_some(one.len().min(other.len())))
}

/// How two files differ, and what stands there.
fn difference(one: &[u8], other: &[u8]) -> Option<String> {
    let at = first(one, other)?;
    let count = one
        .iter()
        .zip(other)
        .filter(|(ours, theirs)| ours != theirs)
        .count();
    let around = |bytes: &[u8]| {
        let from = at.saturating_sub(SHOWN / 3).min(bytes.len());
        let to = (from + SHOWN).min(bytes.len());
        bytes[from..to].escape_ascii().to_string()
    };
    Some(format!(
        "{count} of {} and {} bytes, first at {at:#x}: \"{}\" and \"{}\"",
        one.len(),
        other.len(),
        around(one),
        around(other)
    ))
}

/// The section of a program that a place of its file lies in.
fn section(program: &Path, at: usize) -> Option<String> {
    let listed = output(
        Command::new("readelf")
            .args(["--section-headers", "--wide"])
            .arg(program),
    )?;
    let number = |word: &str| usize::from_str_radix(word, 16).ok();
    let mut sections = listed.lines().filter_map(|line| {
        // [Nr] Name Type Address Offset Size …
        let words: Vec<&str> = line.split(']').nth(1)?.split_whitespace().collect();
        let (offset, size) = (number(words.get(3)?)?, number(words.get(4)?)?);
        (words.get(1)? != &"NOBITS").then(|| (words[0].to_owned(), offset..offset + size))
    });
    sections.find_map(|(name, place)| place.contains(&at).then_some(name))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn what_differs_is_named_with_its_place() {
        assert_eq!(difference(b"same", b"same"), None);
        let said = difference(b"built in /home/a/salon", b"built in /home/b/salon").unwrap();
        assert!(
            said.starts_with("1 of 22 and 22 bytes, first at 0xf: "),
            "{said}"
        );
        assert!(
            said.contains("/home/a/salon") && said.contains("/home/b/salon"),
            "{said}"
        );
        let said = difference(b"short", b"shorter").unwrap();
        assert!(
            said.starts_with("0 of 5 and 7 bytes, first at 0x5"),
            "{said}"
        );
        assert!(difference(b"", &[0xff; 100]).unwrap().contains("\\xff"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_place_in_a_program_is_in_one_of_its_sections() {
        let program = std::env::current_exe().unwrap();
        let content = fs::read(&program).unwrap();
        // What loads it is named first of all.
        let text = b"/ld-linux";
        let at = content.windows(text.len()).position(|part| part == text);
        assert_eq!(section(&program, at.unwrap()).as_deref(), Some(".interp"));
        assert_eq!(section(&program, content.len() + 1), None);
    }

    #[test]
    fn what_is_committed_meanwhile_is_not_in_the_second_folder() {
        let folder = tempfile::tempdir().unwrap();
        let repository = folder.path().join("repository");
        fs::create_dir(&repository).unwrap();
        let git = |arguments: &[&str]| {
            let mut git = Command::new("git");
            git.args(["-c", "commit.gpgsign=false", "-c", "user.name=a"])
                .args(["-c", "user.email=a@b.example"])
                .args(arguments);
            run(git.current_dir(&repository)).unwrap();
        };
        let commit = |content: &str| {
            fs::write(repository.join("file"), content).unwrap();
            git(&["add", "file"]);
            git(&["commit", "--quiet", "--message", content]);
        };
        git(&["init", "--quiet"]);
        assert!(last_commit(&repository).is_err(), "there is none");
        commit("before");
        let before = last_commit(&repository).unwrap();
        commit("meanwhile");
        fs::write(repository.join("file"), "not committed").unwrap();
        let unpacked = folder.path().join("deep/unpacked");
        unpack(&repository, &before, &unpacked).unwrap();
        assert_eq!(fs::read(unpacked.join("file")).unwrap(), b"before");
        let failed = unpack(&repository, "none", &folder.path().join("none"));
        let told = failed.unwrap_err().to_string();
        assert!(told.contains("git archives no none"), "{told}");
    }

    #[test]
    fn packages_that_are_the_same_stay() {
        let [made, folder] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        for name in ["a.deb", "a.rpm", "note.txt"] {
            fs::write(made.path().join(name), name).unwrap();
        }
        let target = folder.path().join("target/packages");
        let kept = keep(made.path(), &target).unwrap();
        assert_eq!(kept, ["a.deb", "a.rpm"].map(|name| target.join(name)));
        assert_eq!(fs::read(&kept[0]).unwrap(), b"a.deb");
    }

    #[test]
    fn folders_with_other_packages_are_not_the_same() {
        let folders = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let [one, other] = folders.each_ref().map(tempfile::TempDir::path);
        assert!(differences(one, other).is_err(), "there is none");
        for folder in [one, other] {
            fs::write(folder.join("a.rpm"), "the same").unwrap();
            fs::write(folder.join("note.txt"), folder.to_str().unwrap()).unwrap();
        }
        assert_eq!(differences(one, other).unwrap(), Vec::<String>::new());
        fs::write(other.join("a.rpm"), "the sane").unwrap();
        let differ = differences(one, other).unwrap();
        assert!(differ[0].starts_with("a.rpm: 1 of 8 "), "{differ:?}");
        fs::write(other.join("b.rpm"), "").unwrap();
        assert!(differences(one, other).is_err(), "one more");
    }
}
