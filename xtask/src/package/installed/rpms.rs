//! The rpm, by `rpm --root`: in an empty system that has, in place of a distribution, one package with the names
//! of Fedora's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::build::own_brand;
use crate::process::{output, run};
use crate::release::VERSION;

const NAMES: &str = include_str!("fedora.txt");
/// Fedora's C library and compiler, whose symbols up to these are there.
const SYMBOLS: [(&str, [u32; 2]); 2] = [("GLIBC_", [2, 41]), ("GCC_", [15, 0])];

/// Looks for faults. Packages are signed where they are published.
///
/// # Errors
/// If there is one; what rpmlint only warns of is printed.
pub(super) fn lint(package: &Path) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let settings = folder.path().join("settings.toml");
    fs::write(&settings, "Filters = ['no-signature']\n")?;
    run(Command::new("rpmlint")
        .arg("--config")
        .arg(settings)
        .arg(package))
}

/// Installs the older version, puts the newer one in its place and takes it away again.
///
/// # Errors
/// If a name is missing, or something is left.
pub(super) fn install_upgrade_remove(older: &Path, newer: &Path) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let stand_in = stand_in(folder.path(), &requires(newer)?)?;
    let root = folder.path().join("root");
    fs::create_dir(&root)?;
    let rpm = || {
        let mut rpm = Command::new("rpm");
        rpm.arg("--root").arg(&root);
        rpm
    };
    let program = own_brand()?.program;
    run(rpm().arg("--initdb"))?;
    run(rpm().arg("--install").arg(stand_in))?;
    run(rpm().args(["--install", "--nosignature"]).arg(older))?;
    run(rpm().args(["--upgrade", "--nosignature"]).arg(newer))?;
    let found = output(rpm().args(["-q", "--queryformat", "%{VERSION}", &program]));
    if found.as_deref() != Some(VERSION) {
        bail!("the system has {found:?}");
    }
    // All its files are as they were packed.
    run(rpm().args(["--verify", "--nodeps", &program]))?;
    run(rpm().args(["--erase", &program]))?;
    let mut find = Command::new("find");
    let left = output(find.arg(&root).args(["-iname", &format!("*{program}*")]));
    match left.as_deref() {
        Some("") => Ok(()),
        left => bail!("what is left: {left:?}"),
    }
}

/// What a package asks for.
fn requires(package: &Path) -> Result<Vec<String>> {
    let said = output(Command::new("rpm").args(["-qp", "--requires"]).arg(package));
    let said = said.context("rpm does not read it")?;
    Ok(said.lines().map(str::to_owned).collect())
}

/// A package that has Fedora's names, and nothing else.
fn stand_in(folder: &Path, asked: &[String]) -> Result<PathBuf> {
    let provided: String = provides(asked)
        .iter()
        .map(|name| format!("Provides: {name}\n"))
        .collect();
    let spec = folder.join("names.spec");
    fs::write(
        &spec,
        format!(
            "Name: fedora-names\nVersion: 42\nRelease: 1\nSummary: Names\nLicense: MIT\nBuildArch: noarch\n\
             {provided}\n%description\nNames.\n\n%files\n"
        ),
    )?;
    let mut build = Command::new("rpmbuild");
    build.args(["-bb", "--quiet"]);
    for define in ["_topdir", "_rpmdir"] {
        build.args(["--define", &format!("{define} {}", folder.display())]);
    }
    build.args(["--define", "_build_name_fmt names.rpm"]);
    run(build.arg(&spec))?;
    Ok(folder.join("names.rpm"))
}

/// All names of the list, and those symbols of its libraries that are asked for and are there.
fn provides(asked: &[String]) -> Vec<String> {
    let lines = NAMES.lines().filter(|line| !line.starts_with('#'));
    let names: Vec<String> = lines
        .flat_map(str::split_whitespace)
        .map(str::to_owned)
        .collect();
    let symbols = asked.iter().filter(|name| {
        symbol(name)
            .is_some_and(|(library, there)| there && names.contains(&format!("{library}()(64bit)")))
    });
    names.iter().chain(symbols).cloned().collect()
}

/// Of `libc.so.6(GLIBC_2.34)(64bit)` the library, and whether Fedora's has that version.
fn symbol(name: &str) -> Option<(&str, bool)> {
    let (library, rest) = name.split_once('(')?;
    let version = rest.strip_suffix(")(64bit)")?;
    SYMBOLS.iter().find_map(|(prefix, newest)| {
        let mut parts = version.strip_prefix(prefix)?.split('.').map(str::parse);
        let version = [parts.next()?.ok()?, parts.next()?.ok()?];
        Some((library, version <= *newest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_the_list_lacks_is_not_provided() {
        let asked = [
            "libc.so.6(GLIBC_2.34)(64bit)",
            "libc.so.6(GLIBC_2.99)(64bit)",
            "libother.so.1(GLIBC_2.2)(64bit)",
            "libother.so.1()(64bit)",
        ];
        let provided = provides(&asked.map(String::from));
        let has = asked.map(|name| provided.iter().any(|provided| provided == name));
        assert_eq!(has, [true, false, false, false]);
        assert!(provided.iter().any(|name| name == "xdg-utils"));
    }
}
