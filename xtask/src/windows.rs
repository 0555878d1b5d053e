//! `./x check windows`: what ships on Windows is compiled with its tests for Windows, on another system, and
//! linked; `--run` runs those tests that need no screen under Wine.

mod installers;
mod shipped;
mod wine;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::build::{self, cargo, target};
use crate::npm::Packages;
use crate::process::{command, find, output, root, run};
use crate::setup;
use crate::tools::Needs;

pub(crate) use shipped::no_traces;

/// What it is compiled for. The compiler and linker of the other Windows target are to be had on Windows only.
const TARGET: &str = "x86_64-pc-windows-gnu";
const LINKER: &str = "x86_64-w64-mingw32-gcc";

/// Packages whose tests need neither a screen nor a network.
const RUN: [&str; 7] = [
    "salon-base",
    "salon-history",
    "salon-meeting",
    "salon-private",
    "salon-profile",
    "salon-settings",
    "salon-token",
];

/// Compiles and links everything that ships, with its tests; `run_tests`: runs those of [`RUN`] as well.
///
/// # Errors
/// If something does not compile, a test fails, or a tool cannot be had.
pub(crate) fn check(run_tests: bool, packages: Packages, yes: bool) -> Result<()> {
    if cfg!(windows) {
        bail!("on Windows itself, `x test` is this check");
    }
    setup::ensure(Needs::Run, packages, yes)?;
    setup::tools_for_windows(yes)?;
    build::page()?;
    standard_library()?;
    let mut compile = for_windows("test");
    compile.arg("--no-run");
    for package in shipped::packages()? {
        compile.args(["--package", &package]);
    }
    run(&mut compile)?;
    if !run_tests {
        return Ok(());
    }
    // Nothing is compiled any more; it says where the tests are.
    compile.args(["--message-format", "json"]);
    let said = output(&mut compile).context("cargo does not say where the tests are")?;
    let wine = wine::get(yes)?;
    let mut failed = Vec::new();
    for (name, program) in tests(&said) {
        println!("\n=== {name} under Wine");
        // As cargo does: tests look for files from there.
        let folder = root().join("crates").join(&name);
        if run(wine.command().arg(program).current_dir(folder)).is_err() {
            failed.push(name);
        }
    }
    if !failed.is_empty() {
        bail!("under Wine, tests fail in {}", failed.join(", "));
    }
    Ok(())
}

/// The tests of [`RUN`], of what cargo says.
fn tests(said: &str) -> Vec<(String, PathBuf)> {
    let messages = said
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let tests = messages.filter_map(|message| {
        let target = &message["target"];
        let name = target["name"].as_str()?.replace('_', "-");
        let is_library = target["kind"].as_array()?.iter().any(|kind| kind == "lib");
        let ours = is_library && RUN.contains(&name.as_str());
        let program = message["executable"].as_str().filter(|_| ours)?;
        Some((name, PathBuf::from(program)))
    });
    tests.collect()
}

/// Makes the installers; `dev`: of a build that is not the one that ships.
///
/// # Errors
/// If one cannot be made.
pub(crate) fn package(dev: bool, packages: Packages, yes: bool) -> Result<()> {
    setup::ensure(Needs::Run, packages, yes)?;
    setup::tools_for_windows(yes)?;
    setup::tools_for_installers(yes)?;
    build::page()?;
    standard_library()?;
    for installer in installers::build(dev)? {
        println!("{}", installer.display());
    }
    Ok(())
}

/// The compiler is the usual one; what it lacks is Windows' standard library.
fn standard_library() -> Result<()> {
    let arguments = ["--print", "target-libdir", "--target", TARGET];
    let folder = output(command("rustc").args(arguments));
    if folder.is_some_and(|folder| Path::new(&folder).is_dir()) {
        return Ok(());
    }
    if find("rustup").is_none() {
        bail!("Rust's standard library for {TARGET} is missing; rustup would bring it");
    }
    run(command("rustup").args(["target", "add", TARGET]))
}

/// Where all of this is built: apart from what this computer runs.
fn folder() -> PathBuf {
    target().join("windows")
}

/// `cargo VERB` for Windows.
fn for_windows(verb: &str) -> Command {
    let mut cargo = cargo(&[verb, "--target", TARGET]);
    cargo
        .env("CARGO_TARGET_DIR", folder())
        .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER", LINKER)
        // Half of what is written otherwise, and nobody debugs these here.
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        // Where there is no package for them, what is shipped goes without.
        .env("CARGO_PROFILE_DIST_STRIP", "debuginfo");
    cargo
}

#[cfg(test)]
mod of_messages {
    use super::*;

    #[test]
    fn of_what_cargo_says_only_the_libraries_own_tests_are_run() {
        let said = r#"{"reason":"compiler-artifact","target":{"kind":["lib"],"name":"salon_token"},"executable":"/t/salon_token-1.exe"}
{"reason":"compiler-artifact","target":{"kind":["lib"],"name":"salon_token"},"executable":null}
{"reason":"compiler-artifact","target":{"kind":["lib"],"name":"salon"},"executable":"/t/salon-1.exe"}
{"reason":"compiler-artifact","target":{"kind":["test"],"name":"salon_token"},"executable":"/t/other.exe"}
not JSON
{"reason":"build-finished","success":true}"#;
        let found = tests(said);
        assert_eq!(
            found,
            [(
                "salon-token".to_owned(),
                PathBuf::from("/t/salon_token-1.exe")
            )]
        );
    }
}
