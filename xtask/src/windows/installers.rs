//! `./x package-windows`: installers by scripts of our own, which need no network (`packaging/windows`).

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::{LINKER, TARGET, compile, for_windows};
use crate::elsewhere::folder;
use crate::process::{command, root, run};

const VERSION: &str = env!("CARGO_PKG_VERSION");
const PROGRAM: &str = "salon.exe";
/// What is installed beside the program, from the root.
const TEXTS: [&str; 3] = ["LICENSE-APACHE", "LICENSE-MIT", "NOTICE"];
/// What the installers ask of the system, made of the C file of this name.
const CHECKS: &str = "checks.dll";
/// Finds WebView2's runtime; a build of this target does not have it inside.
const LOADER: &str = "WebView2Loader.dll";

/// What Windows compares: of a version for trial there is only the one that it leads to.
fn numbers() -> &'static str {
    VERSION.split(['-', '+']).next().unwrap_or(VERSION)
}

/// The installers.
#[derive(Debug)]
pub(super) struct Installers {
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
    let payload = folder().join("payload");
    collect(&folder().join(TARGET).join(built), &payload)?;
    checks(&payload.join(CHECKS))?;
    let made = folder().join("installers");
    std::fs::create_dir_all(&made)?;
    let name = |rest: &str| made.join(format!("salon-{VERSION}-{rest}"));
    let installers = Installers {
        user: name("user.exe"),
        machine: name("machine.exe"),
        package: name("x64.msi"),
    };
    installer("user", dev, &payload, &installers.user)?;
    installer("machine", dev, &payload, &installers.machine)?;
    package(&payload, &installers.package)?;
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

fn installer(scope: &str, quick: bool, payload: &Path, out: &Path) -> Result<()> {
    let mut makensis = command("makensis");
    makensis.args(["-V2", "-WX"]);
    if quick {
        makensis.arg("-DQUICK");
    }
    for (name, value) in [
        ("SCOPE", scope.as_ref()),
        ("VERSION", VERSION.as_ref()),
        ("NUMBERS", numbers().as_ref()),
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

fn package(payload: &Path, out: &Path) -> Result<()> {
    // It knows no whole paths of what it packs.
    std::fs::copy(icon(), payload.join("icon.ico"))?;
    let mut wixl = Command::new("wixl");
    wixl.current_dir(payload)
        .args(["--arch", "x64", "--define"]);
    wixl.arg(format!("Version={}", numbers()));
    wixl.arg("--output").arg(out);
    run(wixl.arg(root().join("packaging/windows/salon.wxs")))
}
