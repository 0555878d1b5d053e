//! `./x package-windows`: installers by scripts of our own, which need no network (`packaging/windows`).

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use semver::{Prerelease, Version};

use super::{LINKER, TARGET, compile, for_windows};
use crate::elsewhere::folder;
use crate::process::{command, root, run};
use crate::release::VERSION;

const PROGRAM: &str = "salon.exe";
/// What is installed beside the program, from the root.
const TEXTS: [&str; 3] = ["LICENSE-APACHE", "LICENSE-MIT", "NOTICE"];
/// What the installers ask of the system, made of the C file of this name.
const CHECKS: &str = "checks.dll";
/// Finds WebView2's runtime; a build of this target does not have it inside.
const LOADER: &str = "WebView2Loader.dll";

/// What a version for trial begins with, in their order, and what each adds to a third number.
const STAGES: [(&str, u64); 3] = [("alpha", 0), ("beta", 300), ("rc", 600)];
/// What a release adds.
const RELEASE: u64 = 999;

/// What Windows compares of a version: three numbers (the first two up to 255, the third up to 65,535), which are in
/// the order of the versions, so that a release replaces what was tried before it.
///
/// # Errors
/// If there are none for it.
pub(super) fn numbers(version: &Version) -> Result<String> {
    let stage = match version.pre.as_str() {
        "" => Some(RELEASE),
        trial => STAGES.iter().find_map(|(name, from)| {
            let number: u64 = trial.strip_prefix(name)?.strip_prefix('.')?.parse().ok()?;
            (number < 300).then_some(from + number)
        }),
    };
    let stage = stage.with_context(|| {
        format!(
            "Windows' numbers have no place for {version}: alpha.N, beta.N or rc.N, N below 300"
        )
    })?;
    ensure!(
        version.major <= 255 && version.minor <= 255 && version.patch <= 64,
        "Windows' numbers have no place for {version}"
    );
    let third = version.patch * 1000 + stage;
    Ok(format!("{}.{}.{third}", version.major, version.minor))
}

/// The installers.
#[derive(Debug)]
pub(super) struct Installers {
    /// What they install.
    pub(super) version: Version,
    /// For who runs it.
    pub(super) user: PathBuf,
    /// For everybody.
    pub(super) machine: PathBuf,
    /// For everybody, as group policy and device management want it.
    pub(super) package: PathBuf,
}

/// Builds the program, as it ships unless `dev`, and its installers.
///
/// # Errors
/// If something cannot be built.
pub(super) fn build(dev: bool) -> Result<Installers> {
    let built = if dev {
        // Tests start the program, so that it is among what is compiled for them.
        run(&mut compile()?)?;
        "debug"
    } else {
        let mut build = for_windows("build");
        run(build.args(["--package", "salon", "--bin", "salon", "--profile", "dist"]))?;
        "dist"
    };
    let payload = payload();
    collect(&folder().join(TARGET).join(built), &payload)?;
    checks(&payload.join(CHECKS))?;
    of_version(&VERSION.parse()?, dev, &folder().join("installers"))
}

/// The installers of what was built, as if it were an earlier version: for trying an upgrade.
///
/// # Errors
/// If one cannot be made.
pub(super) fn earlier(dev: bool) -> Result<Installers> {
    let mut version: Version = VERSION.parse()?;
    // Before each that somebody makes.
    version.pre = Prerelease::new("alpha.0")?;
    of_version(&version, dev, &folder().join("installers/earlier"))
}

fn payload() -> PathBuf {
    folder().join("payload")
}

fn of_version(version: &Version, dev: bool, made: &Path) -> Result<Installers> {
    std::fs::create_dir_all(made)?;
    let name = |rest: &str| made.join(format!("salon-{version}-{rest}"));
    let installers = Installers {
        version: version.clone(),
        user: name("user.exe"),
        machine: name("machine.exe"),
        package: name("x64.msi"),
    };
    installer("user", dev, version, &installers.user)?;
    installer("machine", dev, version, &installers.machine)?;
    package(version, &installers.package)?;
    Ok(installers)
}

fn collect(built: &Path, payload: &Path) -> Result<()> {
    if payload.exists() {
        std::fs::remove_dir_all(payload)?;
    }
    std::fs::create_dir_all(payload)?;
    let programs = [PROGRAM, LOADER].map(|name| (built.join(name), name));
    let texts = TEXTS.map(|name| (root().join(name), name));
    for (from, name) in programs.into_iter().chain(texts) {
        let copied = std::fs::copy(&from, payload.join(name));
        copied.with_context(|| format!("{} cannot be copied", from.display()))?;
    }
    Ok(())
}

fn checks(out: &Path) -> Result<()> {
    let mut compile = Command::new(LINKER);
    compile.args(["-shared", "-Os", "-s", "-Wall", "-Wextra", "-Werror", "-o"]);
    compile.arg(out);
    compile.arg(root().join("packaging/windows/checks.c"));
    run(compile.args(["-lmsi", "-lwintrust", "-lcrypt32"]))
}

fn icon() -> PathBuf {
    root().join("icons/icon.ico")
}

fn installer(scope: &str, quick: bool, version: &Version, out: &Path) -> Result<()> {
    let payload = payload();
    let mut makensis = command("makensis");
    makensis.args(["-V2", "-WX"]);
    if quick {
        makensis.arg("-DQUICK");
    }
    for (name, value) in [
        ("SCOPE", scope.as_ref()),
        ("VERSION", version.to_string().as_ref()),
        ("NUMBERS", numbers(version)?.as_ref()),
        ("PAYLOAD", payload.as_os_str()),
        ("CHECKS", payload.join(CHECKS).as_os_str()),
        ("ICON", icon().as_os_str()),
        ("OUT", out.as_os_str()),
    ] {
        let mut definition = std::ffi::OsString::from(format!("-D{name}="));
        definition.push(value);
        makensis.arg(definition);
    }
    run(makensis.arg("packaging/windows/salon.nsi"))
}

fn package(version: &Version, out: &Path) -> Result<()> {
    let payload = payload();
    // It knows no whole paths of what it packs.
    std::fs::copy(icon(), payload.join("icon.ico"))?;
    let mut wixl = Command::new("wixl");
    wixl.current_dir(&payload)
        .args(["--arch", "x64"])
        .args(["--define", &format!("Version={}", numbers(version)?)])
        .args(["--define", &format!("Shown={version}")]);
    wixl.arg("--output").arg(out);
    run(wixl.arg(root().join("packaging/windows/salon.wxs")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn what_windows_compares_is_in_the_order_of_the_versions() {
        let versions = [
            "0.1.0",
            "0.2.0-alpha.0",
            "0.2.0-alpha.10",
            "0.2.0-beta.1",
            "0.2.0-beta.299",
            "0.2.0-rc.1",
            "0.2.0",
            "0.2.1-beta.2",
            "0.2.1",
            "0.2.64",
            "0.3.0-alpha.1",
            "1.0.0-rc.3",
            "1.0.0",
            "255.255.64",
        ]
        .map(|version| version.parse::<Version>().unwrap());
        let compared = versions.each_ref().map(|version| {
            let numbers = numbers(version).unwrap();
            let numbers = numbers.split('.').map(|number| number.parse().unwrap());
            <[u32; 3]>::try_from(numbers.collect::<Vec<_>>()).unwrap()
        });
        assert!(versions.is_sorted_by(|one, next| one < next));
        assert!(
            compared.is_sorted_by(|one, next| one < next),
            "{compared:?}"
        );
        // As much as Windows has room for.
        let most = compared.iter().map(|[_, _, third]| third).max().unwrap();
        assert!(*most <= 65_535, "{most}");
    }

    #[test]
    fn a_version_that_windows_could_not_place_has_no_installer() {
        for version in [
            "256.0.0",
            "0.256.0",
            "0.2.65",
            "0.2.0-nightly.1",
            "0.2.0-beta",
            "0.2.0-beta.300",
            "0.2.0-beta.1.2",
        ] {
            assert!(numbers(&version.parse().unwrap()).is_err(), "{version}");
        }
    }
}
