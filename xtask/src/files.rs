//! Rules for files that somebody writes: not for those that a program does.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, Result, bail};

use crate::process::{command, root};

/// What can be read in one sitting.
const MOST_LINES: usize = 600;

/// What is checked in, and what is new and not ignored; from the root.
///
/// # Errors
/// If Git does not say.
pub(crate) fn all() -> Result<Vec<PathBuf>> {
    let mut git = command("git");
    git.args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]);
    let listed = git
        .stderr(Stdio::inherit())
        .output()
        .context("git does not start")?;
    if !listed.status.success() {
        bail!("git does not list the files");
    }
    let files = String::from_utf8(listed.stdout)?;
    let files = files.split_terminator('\0').map(PathBuf::from);
    // One that is removed and still in the index is none.
    Ok(files.filter(|file| root().join(file).is_file()).collect())
}

/// Folders of npm's packages.
///
/// # Errors
/// As [`all`].
pub(crate) fn npm_packages() -> Result<Vec<PathBuf>> {
    let files = all()?.into_iter();
    let packages = files.filter(|file| file.ends_with("package.json"));
    Ok(packages
        .filter_map(|file| Some(file.parent()?.to_owned()))
        .collect())
}

/// Looks for what somebody wrote that is too long.
///
/// # Errors
/// If there is something.
pub(crate) fn lengths() -> Result<()> {
    let files = all()?;
    let generated = generated(&files)?;
    let mut long = Vec::new();
    for file in files.iter().filter(|file| !generated.contains(file)) {
        let content = std::fs::read(root().join(file))?;
        if let Some(lines) = too_long(&content) {
            long.push(format!("{} has {lines} lines", file.display()));
        }
    }
    if !long.is_empty() {
        bail!("over {MOST_LINES} lines: {}", long.join("; "));
    }
    Ok(())
}

/// The lines of a text that somebody wrote, if they are too many.
fn too_long(content: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(content).ok()?;
    let first = text.lines().next().unwrap_or_default();
    let generated = first.contains("Generated") && first.contains("Do not edit");
    let lines = text.lines().count();
    (!generated && lines > MOST_LINES && !text.contains('\0')).then_some(lines)
}

/// Those of which `.gitattributes` says that a program writes them.
fn generated(files: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut git = command("git");
    git.args(["check-attr", "-z", "--stdin", "linguist-generated"]);
    let mut git = git
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("git does not start")?;
    let names: Vec<_> = files.iter().filter_map(|file| file.to_str()).collect();
    let names = names.join("\0");
    let mut stdin = git.stdin.take().context("no input")?;
    // It answers while it reads.
    let writing = std::thread::spawn(move || stdin.write_all(names.as_bytes()));
    let answer = git.wait_with_output()?;
    writing.join().ok().context("writing to git panicked")??;
    if !answer.status.success() {
        bail!("git does not say which files are generated");
    }
    Ok(set(&String::from_utf8(answer.stdout)?))
}

/// Files that have the attribute, of triples that end in NUL: file, attribute, value.
fn set(answer: &str) -> Vec<PathBuf> {
    let fields: Vec<_> = answer.split_terminator('\0').collect();
    let set = fields
        .chunks(3)
        .filter(|of| matches!(of, [_, _, "set" | "true"]));
    set.map(|of| Path::new(of[0]).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_somebody_wrote_may_not_be_too_long() {
        let lines = |count: usize| "a line\n".repeat(count);
        assert_eq!(too_long(lines(MOST_LINES).as_bytes()), None);
        assert_eq!(
            too_long(lines(MOST_LINES + 1).as_bytes()),
            Some(MOST_LINES + 1)
        );
        let generated = format!(
            "// Generated from x by `./x types`. Do not edit.\n{}",
            lines(900)
        );
        assert_eq!(too_long(generated.as_bytes()), None);
        // Who only speaks of it further down wrote it.
        let wrote = format!("// A file.\n// Generated. Do not edit.\n{}", lines(900));
        assert_eq!(too_long(wrote.as_bytes()), Some(902));
        let picture = [b"\xff\xd8".as_slice(), lines(900).as_bytes()].concat();
        assert_eq!(too_long(&picture), None);
    }

    #[test]
    fn what_the_attributes_say_is_believed() {
        let answer = "a\0linguist-generated\0set\0b\0linguist-generated\0unspecified\0\
                      c\0linguist-generated\0unset\0d\0linguist-generated\0true\0";
        assert_eq!(set(answer), [Path::new("a"), Path::new("d")]);
        let files = all().unwrap();
        let generated = generated(&files).unwrap();
        assert!(
            generated.contains(&PathBuf::from("Cargo.lock")),
            "{generated:?}"
        );
        assert!(!generated.contains(&PathBuf::from("Cargo.toml")));
    }

    #[test]
    fn npms_packages_are_found() {
        let found = npm_packages().unwrap();
        assert!(found.contains(&PathBuf::from("ui")), "{found:?}");
        assert!(
            !found
                .iter()
                .any(|folder| folder.iter().any(|part| part == "node_modules"))
        );
    }
}
