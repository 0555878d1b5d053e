//! `./x check macos`: what ships on macOS is type-checked with its tests for both kinds of Mac, on another system.
//!
//! Apple's SDK is to be had on a Mac only. A type check links nothing, so what C and Objective-C code there is among
//! the dependencies is left to a compiler that writes empty files: whatever Rust says is checked, and nothing else.

mod image;
mod keychain;
pub(crate) mod signed;
mod system;

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::build;
use crate::elsewhere::{self, folder};
use crate::npm::Packages;
use crate::process::run;
use crate::setup;
use crate::tools::Needs;

pub(crate) use image::package;

/// Macs of 2020 and later, and those before.
pub(crate) const TARGETS: [&str; 2] = ["aarch64-apple-darwin", "x86_64-apple-darwin"];

/// In place of Clang. It says that it is that, and makes of every source an empty object.
const COMPILER: &str = r##"#!/bin/sh
for argument in "$@"; do
  case $argument in
    # Only Microsoft's takes this.
    '-?') exit 1 ;;
    -E) echo '#pragma message "clang"'; exit ;;
    --version) echo 'clang version 19.0.0'; exit ;;
  esac
done
while [ $# -gt 1 ]; do
  case $1 in
    -o) : > "$2" ;;
    -o*) : > "${1#-o}" ;;
  esac
  shift
done
case $1 in -o*) : > "${1#-o}" ;; esac
"##;

/// Type-checks everything that ships, with its tests.
///
/// # Errors
/// If something does not compile, or Rust's standard library cannot be had.
pub(crate) fn check(packages: Packages, yes: bool) -> Result<()> {
    if cfg!(target_os = "macos") {
        bail!("on a Mac, `./x test` is this check");
    }
    setup::ensure(Needs::Run, packages, yes)?;
    build::page()?;
    let compiler = compiler()?;
    for target in TARGETS {
        elsewhere::standard_library(target)?;
        println!("=== {target}");
        let mut check = elsewhere::cargo_for(target, "check");
        check.arg("--tests");
        for package in elsewhere::packages(target)? {
            check.args(["--package", &package]);
        }
        run(with_compiler(&mut check, target, &compiler))?;
        elsewhere::without_warnings(&mut check)?;
    }
    Ok(())
}

fn with_compiler<'a>(check: &'a mut Command, target: &str, compiler: &Path) -> &'a mut Command {
    let variable = |name: &str| format!("{name}_{}", target.replace('-', "_"));
    for name in ["CC", "CXX"] {
        check.env(variable(name), compiler);
    }
    // The system's packs whatever it is given.
    check
        .env(variable("AR"), "ar")
        .env(variable("RANLIB"), "true");
    // Nobody looks for Apple's.
    check.env("SDKROOT", "/")
}

fn compiler() -> Result<PathBuf> {
    let file = folder().join("empty-objects.sh");
    std::fs::create_dir_all(folder())?;
    std::fs::write(&file, COMPILER)?;
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755))?;
    Ok(file)
}
