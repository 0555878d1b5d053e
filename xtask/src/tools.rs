//! Programs that no package manager brings: kept in the user's cache.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::{find, run};

/// Later versions cannot be had by `go install`.
const LIVEKIT: &str = "github.com/livekit/livekit-server/cmd/server@v1.13.5";
const CARGO_FUZZ: &str = "cargo-fuzz@0.13.2";
const CARGO_CYCLONEDX: &str = "cargo-cyclonedx@0.5.9";
const CYCLONEDX_NPM: &str = "@cyclonedx/cyclonedx-npm@6.0.1";
const ACTIONLINT: &str = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12";

/// libwebrtc for Python: only what is measured has to be compared with it.
const LIBWEBRTC: &str = "livekit==1.2.1";

/// How much is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// To build and start the app.
    Run,
    /// To make packages of it.
    Package,
    /// To test it as well.
    Test,
}

/// Where our own tools are.
pub(crate) fn cache() -> Result<PathBuf> {
    let base = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| {
            let home = std::env::var_os(if cfg!(windows) { "USERPROFILE" } else { "HOME" })?;
            Some(Path::new(&home).join(".cache"))
        });
    Ok(base.context("there is no home folder")?.join("salon-dev"))
}

fn tool(name: &str) -> Option<PathBuf> {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let ours = cache().ok()?.join("bin").join(file);
    find(name).or_else(|| ours.is_file().then_some(ours))
}

/// The LiveKit server, if it is there.
pub(crate) fn livekit_server() -> Option<PathBuf> {
    tool("livekit-server")
}

/// A Python that has libwebrtc, installed in a folder of its own when it is missing: only one task needs it.
pub(crate) fn libwebrtc() -> Result<PathBuf> {
    let folder = cache()?.join("libwebrtc");
    let python = folder.join("bin/python");
    let there = || {
        let mut command = Command::new(&python);
        let imported = command.args(["-c", "import livekit.rtc"]).output();
        imported.is_ok_and(|output| output.status.success())
    };
    if !there() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", LIBWEBRTC]))?;
    }
    Ok(python)
}

/// `cargo-deny`.
pub(crate) fn cargo_deny() -> Result<PathBuf> {
    tool("cargo-deny").context("cargo-deny is not installed")
}

/// `cargo-fuzz`, installed when it is missing: only one task needs it.
pub(crate) fn cargo_fuzz() -> Result<PathBuf> {
    cargo_tool("cargo-fuzz", CARGO_FUZZ)?;
    tool("cargo-fuzz").context("cargo-fuzz is not installed")
}

/// `cargo-cyclonedx`, installed when it is missing.
pub(crate) fn cargo_cyclonedx() -> Result<PathBuf> {
    cargo_tool("cargo-cyclonedx", CARGO_CYCLONEDX)?;
    tool("cargo-cyclonedx").context("cargo-cyclonedx is not installed")
}

/// `cyclonedx-npm`, installed when it is missing: apart from the page's packages, which it lists.
pub(crate) fn cyclonedx_npm() -> Result<PathBuf> {
    let folder = cache()?.join("npm");
    let program = folder.join("node_modules/.bin/cyclonedx-npm");
    if !program.exists() {
        std::fs::create_dir_all(&folder)?;
        let mut install = Command::new("npm");
        install.args(["install", "--no-audit", "--no-fund", "--prefix"]);
        run(install.arg(&folder).arg(CYCLONEDX_NPM))?;
    }
    Ok(program)
}

/// `actionlint`.
pub(crate) fn actionlint() -> Result<PathBuf> {
    tool("actionlint").context("actionlint is not installed")
}

/// `tauri-driver`.
pub(crate) fn tauri_driver() -> Result<PathBuf> {
    tool("tauri-driver").context("tauri-driver is not installed")
}

/// Installs what is missing.
pub(crate) fn ensure(needs: Needs) -> Result<()> {
    if needs == Needs::Package {
        return Ok(());
    }
    if livekit_server().is_none() {
        println!("Building the LiveKit server (a minute or two)");
        let bin = cache()?.join("bin");
        std::fs::create_dir_all(&bin)?;
        run(Command::new("go")
            .args(["install", LIVEKIT])
            .env("GOBIN", &bin))?;
        let suffix = std::env::consts::EXE_SUFFIX;
        let built = bin.join(format!("server{suffix}"));
        std::fs::rename(built, bin.join(format!("livekit-server{suffix}")))?;
    }
    if needs == Needs::Test {
        if tool("actionlint").is_none() {
            println!("Building actionlint");
            let mut install = Command::new("go");
            run(install
                .args(["install", ACTIONLINT])
                .env("GOBIN", cache()?.join("bin")))?;
        }
        cargo_tool("cargo-deny", "cargo-deny@0.20.2")?;
        if cfg!(target_os = "linux") {
            cargo_tool("tauri-driver", "tauri-driver@^2")?;
        }
    }
    Ok(())
}

fn cargo_tool(name: &str, package: &str) -> Result<()> {
    if tool(name).is_some() {
        return Ok(());
    }
    println!("Building {name} (a few minutes)");
    let cache = cache()?;
    run(Command::new("cargo")
        .args(["install", package, "--locked", "--root"])
        .arg(&cache)
        .env("CARGO_TARGET_DIR", cache.join("target")))
}
