//! Wine, which runs programs of Windows: the system's, or where that is too old Debian 13's, in a root file
//! system of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::TARGET;
use crate::elsewhere::folder;
use crate::process::{find, output, root, run};
use crate::{setup, tools};

/// The oldest that has what Rust's standard library asks for (`bcryptprimitives.dll`).
const OLDEST: u32 = 9;
/// The distribution whose Wine is new enough.
const SUITE: &str = "trixie";
const MIRROR: &str = "http://deb.debian.org/debian";

/// How a program of Windows is run: what stands before it, and the variables.
#[derive(Debug)]
pub(crate) struct Wine {
    before: Vec<String>,
    prefix: PathBuf,
}

/// Wine, set up if it has to be.
///
/// # Errors
/// If there is none to be had.
pub(crate) fn get(yes: bool) -> Result<Wine> {
    let prefix = folder().join("wine");
    let temporary = folder().join("tmp");
    for folder in [&prefix, &temporary] {
        std::fs::create_dir_all(folder)?;
    }
    let settings = [
        ("WINEPREFIX", text(&prefix)?),
        ("HOME", text(&prefix)?),
        // Where the tests find WebView2's loader.
        (
            "WINEPATH",
            Wine::path_of(&folder().join(TARGET).join("debug"))?,
        ),
        // Its own complaints, and the offer to fetch what nobody here needs.
        ("WINEDEBUG", "-all".to_owned()),
        ("WINEDLLOVERRIDES", "mscoree,mshtml=".to_owned()),
    ];
    if !own_will_do() {
        setup::tools_for_wine(yes)?;
    }
    let wine = if own_will_do() {
        let set = settings
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let before = ["env".to_owned()].into_iter().chain(set);
        Wine {
            before: before.chain(["wine".to_owned()]).collect(),
            prefix: prefix.clone(),
        }
    } else {
        let system = root_file_system()?;
        let mut before = vec!["bwrap".to_owned()];
        let mut add = |words: &[&str]| before.extend(words.iter().map(|word| (*word).to_owned()));
        for folder in ["/usr", "/etc"] {
            add(&["--ro-bind", &format!("{}{folder}", text(&system)?), folder]);
        }
        for folder in ["lib", "lib64", "bin"] {
            add(&["--symlink", &format!("usr/{folder}"), &format!("/{folder}")]);
        }
        add(&["--dev", "/dev", "--proc", "/proc"]);
        // The same for all, as Wine's server listens there.
        add(&["--bind", &text(&temporary)?, "/tmp"]);
        for shared in [root(), folder()] {
            let shared = text(&shared)?;
            add(&["--bind", &shared, &shared]);
        }
        for (name, value) in &settings {
            add(&["--setenv", name, value]);
        }
        add(&["wine"]);
        Wine {
            before,
            prefix: prefix.clone(),
        }
    };
    if !prefix.join("system.reg").is_file() {
        println!("Setting up Wine (a minute)");
        run(wine.command().args(["wineboot", "--init"]))?;
    }
    Ok(wine)
}

fn text(path: &Path) -> Result<String> {
    let text = path.to_str().context("a folder's name is no UTF-8")?;
    Ok(text.to_owned())
}

/// Whether the system's is new enough.
fn own_will_do() -> bool {
    let version = output(Command::new("wine").arg("--version"));
    version.and_then(|version| parse(&version)) >= Some(OLDEST)
}

/// Of `wine-10.0 (Debian 10.0~repack-6)` and the like.
fn parse(version: &str) -> Option<u32> {
    version
        .strip_prefix("wine-")?
        .split('.')
        .next()?
        .parse()
        .ok()
}

/// Debian with Wine, all of it or nothing.
fn root_file_system() -> Result<PathBuf> {
    let system = tools::cache()?.join(format!("{SUITE}-wine"));
    // A link, which leads to somewhere within.
    if system.join("usr/bin/wine").is_symlink() {
        return Ok(system);
    }
    if find("debootstrap").is_none() {
        bail!("Wine {OLDEST} or later is needed, or debootstrap, which makes a system that has it");
    }
    println!("Making a Debian with Wine (some minutes, 1 GB)");
    let unfinished = tools::cache()?.join(format!("{SUITE}-wine-new"));
    let place = text(&unfinished)?;
    let sudo = setup::sudo();
    let steps = [
        format!("{sudo}rm -rf '{place}'"),
        format!("{sudo}debootstrap --variant=minbase {SUITE} '{place}' {MIRROR}"),
        format!(
            "{sudo}chroot '{place}' env DEBIAN_FRONTEND=noninteractive apt-get install -y \
             --no-install-recommends wine wine64"
        ),
        format!("{sudo}mv '{place}' '{}'", text(&system)?),
    ];
    for step in steps {
        run(Command::new("sh").args(["-c", &step]))?;
    }
    Ok(system)
}

impl Wine {
    /// A command that has what it runs for arguments.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.before[0]);
        command.args(&self.before[1..]);
        command
    }

    /// A program of Windows, with the code that it ends with: run directly, Wine loses it every other time
    /// if the program has threads.
    pub(super) fn program(&self, path: &str) -> Command {
        let mut command = self.command();
        command.args(["cmd", "/c", path]);
        command
    }

    /// What a program of Windows calls a file of ours.
    pub(super) fn path_of(file: &Path) -> Result<String> {
        Ok(format!("Z:{}", text(file)?.replace('/', "\\")))
    }

    /// The drive `C:`.
    pub(super) fn drive_c(&self) -> PathBuf {
        self.prefix.join("drive_c")
    }

    /// The folder of who runs it.
    pub(super) fn user_folder(&self) -> PathBuf {
        let user = output(Command::new("id").arg("-un")).unwrap_or_default();
        self.drive_c().join("users").join(user)
    }

    /// Until all that runs under it has ended.
    pub(super) fn until_idle(&self) -> Result<()> {
        let Some((_, before)) = self.before.split_last() else {
            bail!("there is no Wine");
        };
        run(Command::new(&before[0])
            .args(&before[1..])
            .args(["wineserver", "--wait"]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wine_that_is_too_old_is_told_from_one_that_is_not() {
        assert!(parse("wine-8.0 (Debian 8.0~repack-4)") < Some(OLDEST));
        assert_eq!(parse("wine-10.0 (Debian 10.0~repack-6)"), Some(10));
        assert_eq!(parse("something else"), None);
    }
}
