//! The package for group policy and device management.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use super::running::beside;
use super::{OTHER_INSTALLER, RUN, SCHEME, step};
use crate::windows::installers::Installers;
use crate::windows::wine::Wine;

/// What `msiexec` ends with if a package refuses (1603), as far as it gets through Wine: its last eight bits.
const REFUSED: i32 = 1603 & 0xff;
const PROGRAM: &str = "C:\\Program Files\\Salon\\salon.exe";
const LISTED: &str = "HKLM\\Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall";

/// What it ends with.
fn msiexec(wine: &Wine, verb: &str, package: &Path, properties: &[&str]) -> Result<i32> {
    let mut msiexec = wine.command();
    msiexec.args(["msiexec", verb]).arg(package).arg("/qn");
    wine.ended(msiexec.args(properties))
}

pub(super) fn done(wine: &Wine, verb: &str, package: &Path, properties: &[&str]) -> Result<()> {
    let ended = msiexec(wine, verb, package, properties)?;
    ensure!(
        ended == 0,
        "msiexec {verb} {properties:?} ended with {ended}"
    );
    Ok(())
}

/// What the registry has below a key; nothing, if that is not there.
pub(super) fn registry(wine: &Wine, key: &str) -> Result<String> {
    let mut reg = wine.command();
    let found = wine.output(reg.args(["reg", "query", key, "/s"]))?;
    if !found.status.success() {
        return Ok(String::new());
    }
    Ok(String::from_utf8_lossy(&found.stdout).into_owned())
}

/// How many of ours Windows lists.
fn products(wine: &Wine) -> Result<usize> {
    let listed = registry(wine, LISTED)?;
    let ours = |line: &&str| {
        let mut words = line.split_whitespace();
        (words.next(), words.last()) == (Some("DisplayName"), Some("Salon"))
    };
    Ok(listed.lines().filter(ours).count())
}

/// Installs, upgrades and takes it away.
///
/// # Errors
/// At the first thing that is not as it should be.
pub(super) fn run(wine: &Wine, installers: &Installers, before: &Installers) -> Result<()> {
    step("installs and goes", || {
        installs(wine, installers, &[], false)?;
        goes(wine, installers)
    })?;
    step("starts with the system, and refuses", || {
        installs(wine, installers, &["ADDLOCAL=Program,Autostart"], true)?;
        refuses(wine, installers)?;
        let older = msiexec(wine, "/i", &before.package, &[])?;
        ensure!(
            older == REFUSED && products(wine)? == 1,
            "over a later version, msiexec ended with {older}"
        );
        goes(wine, installers)
    })?;
    step("replaces what was tried before it", || {
        replaces(wine, installers, before)
    })?;
    step("refuses where nobody knows whether it runs", || {
        cannot_find_out(wine, installers)
    })
}

fn folder(wine: &Wine) -> PathBuf {
    wine.drive_c().join("Program Files/Salon")
}

/// Whether the registry names the program there.
fn says(wine: &Wine, key: &str) -> Result<bool> {
    Ok(registry(wine, &format!("HKLM\\{key}"))?.contains(PROGRAM))
}

fn installs(
    wine: &Wine,
    installers: &Installers,
    properties: &[&str],
    starts_with_the_system: bool,
) -> Result<()> {
    done(wine, "/i", &installers.package, properties)?;
    let program = folder(wine).join("salon.exe");
    ensure!(
        program.is_file() && says(wine, SCHEME)? && says(wine, RUN)? == starts_with_the_system,
        "the package does not install what it should with {properties:?}"
    );
    Ok(())
}

fn goes(wine: &Wine, installers: &Installers) -> Result<()> {
    done(wine, "/x", &installers.package, &[])?;
    ensure!(
        !folder(wine).join("salon.exe").exists() && !says(wine, SCHEME)? && !says(wine, RUN)?,
        "the package leaves something behind"
    );
    Ok(())
}

/// A version over what was tried before it: there is one then, and its files.
fn replaces(wine: &Wine, installers: &Installers, before: &Installers) -> Result<()> {
    done(wine, "/i", &before.package, &[])?;
    let notice = folder(wine).join("NOTICE");
    let new = std::fs::read(&notice)?;
    std::fs::write(&notice, "of an older version")?;
    done(wine, "/i", &installers.package, &[])?;
    ensure!(
        products(wine)? == 1
            && folder(wine).join("salon.exe").is_file()
            && std::fs::read(&notice)? == new,
        "the package does not replace what was tried before it"
    );
    done(wine, "/x", &installers.package, &[])?;
    ensure!(
        !folder(wine).exists(),
        "the package leaves something behind"
    );
    Ok(())
}

/// The package is installed: it leaves a running program alone, and the other installer leaves it alone.
fn refuses(wine: &Wine, installers: &Installers) -> Result<()> {
    let (ended_with, goes_on) = beside(wine, PROGRAM, || {
        let install = msiexec(wine, "/i", &installers.package, &[])?;
        anyhow::Ok((install, msiexec(wine, "/x", &installers.package, &[])?))
    })?;
    ensure!(
        ended_with == (REFUSED, REFUSED) && goes_on,
        "with the program running, msiexec ended with {ended_with:?}, and it goes on: {goes_on}"
    );
    let mut other = wine.program(&Wine::path_of(&installers.machine)?);
    let other = wine.ended(other.arg("/S"))?;
    ensure!(
        other == OTHER_INSTALLER,
        "beside the package, the .exe ended with {other}"
    );
    Ok(())
}

/// Whether a program runs that cannot be opened, nobody knows.
fn cannot_find_out(wine: &Wine, installers: &Installers) -> Result<()> {
    let odd = wine.drive_c().join("Trial/Odd");
    std::fs::create_dir_all(odd.join("salon.exe"))?;
    let log = wine.drive_c().join("Trial/msi.log");
    let properties = ["INSTALLDIR=C:\\Trial\\Odd\\", "/l*v", "C:\\Trial\\msi.log"];
    let ended = msiexec(wine, "/i", &installers.package, &properties)?;
    let said = std::fs::read_to_string(&log).context("there is no log")?;
    std::fs::remove_dir_all(&odd)?;
    ensure!(
        ended == REFUSED && said.contains("Whether Salon is running cannot be found out"),
        "where nobody knows whether it runs, msiexec ended with {ended}"
    );
    Ok(())
}

/// `machine.exe` is installed.
///
/// # Errors
/// If the package does not refuse.
pub(super) fn refuses_beside_the_other(wine: &Wine, installers: &Installers) -> Result<()> {
    let ended = msiexec(wine, "/i", &installers.package, &[])?;
    ensure!(
        ended == REFUSED,
        "beside the .exe, msiexec ended with {ended}"
    );
    Ok(())
}
