//! Compiling for another system than the one that it is done on.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::build::{cargo, target};
use crate::process::{command, find, output, run};

/// Where all of this is built: apart from what this computer runs.
pub(crate) fn folder() -> PathBuf {
    // Named when there was one such system.
    target().join("windows")
}

/// `cargo VERB` for another system.
pub(crate) fn cargo_for(target: &str, verb: &str) -> Command {
    let mut cargo = cargo(&[verb, "--target", target]);
    cargo
        .env("CARGO_TARGET_DIR", folder())
        // Half of what is written otherwise, and nobody debugs these here.
        .env("CARGO_PROFILE_DEV_DEBUG", "0");
    cargo
}

/// The compiler is the usual one; what it lacks is the other system's standard library.
///
/// # Errors
/// If it cannot be had.
pub(crate) fn standard_library(target: &str) -> Result<()> {
    let arguments = ["--print", "target-libdir", "--target", target];
    let folder = output(command("rustc").args(arguments));
    if folder.is_some_and(|folder| Path::new(&folder).is_dir()) {
        return Ok(());
    }
    if find("rustup").is_none() {
        bail!("Rust's standard library for {target} is missing; rustup would bring it");
    }
    run(command("rustup").args(["target", "add", target]))
}

/// The workspace's packages that ship on a system.
///
/// # Errors
/// If cargo does not say.
pub(crate) fn packages(target: &str) -> Result<Vec<String>> {
    Ok(of_workspace(&tree(target, "normal")?))
}

/// The app's packages there, a line each, such as `salon v0.1.0 (/folder)`.
///
/// # Errors
/// If cargo does not say.
pub(crate) fn tree(target: &str, edges: &str) -> Result<String> {
    let arguments = ["tree", "--package", "salon", "--target", target];
    let shown = ["--edges", edges, "--prefix", "none", "--format", "{p}"];
    let tree = output(command("cargo").args(arguments).args(shown));
    tree.context("cargo tree failed")
}

/// Those that lie in a folder.
fn of_workspace(tree: &str) -> Vec<String> {
    let lines = tree.lines().filter(|line| line.contains(" ("));
    let mut packages: Vec<_> = lines
        .filter(|line| line.contains(std::path::MAIN_SEPARATOR))
        .filter_map(|line| Some(line.split_whitespace().next()?.to_owned()))
        .collect();
    packages.sort();
    packages.dedup();
    packages
}

/// Has cargo say once more what it has compiled, in JSON, which is the answer: what a lint warns of there, nobody sees on
/// this system.
///
/// # Errors
/// If something was warned of.
pub(crate) fn without_warnings(compile: &mut Command) -> Result<String> {
    let said = output(compile.args(["--message-format", "json"]));
    let said = said.context("cargo does not say what it has compiled")?;
    let warned = warned(&said);
    if !warned.is_empty() {
        bail!("compiled for there, lints warn:\n{}", warned.join("\n"));
    }
    Ok(said)
}

/// What cargo's messages warn of, as the compiler shows it; each once, though tests compile it again.
fn warned(said: &str) -> Vec<String> {
    let messages = said
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["message"]["level"] == "warning")
        // Without a lint it only counts the others.
        .filter(|message| message["message"]["code"].is_object());
    let mut shown: Vec<String> = messages
        .filter_map(|message| Some(message["message"]["rendered"].as_str()?.to_owned()))
        .collect();
    shown.sort();
    shown.dedup();
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lints_warn_of_is_told_once_and_counts_are_not() {
        let said = r#"{"reason":"compiler-artifact","target":{"name":"salon"}}
{"reason":"compiler-message","message":{"level":"warning","code":{"code":"dead_code"},"rendered":"warning: never used\n"}}
{"reason":"compiler-message","message":{"level":"warning","code":null,"rendered":"warning: 1 warning emitted\n"}}
{"reason":"compiler-message","message":{"level":"warning","code":{"code":"dead_code"},"rendered":"warning: never used\n"}}
{"reason":"build-finished","success":true}"#;
        assert_eq!(warned(said), ["warning: never used\n"]);
        assert!(warned("{\"reason\":\"build-finished\"}").is_empty());
    }

    #[test]
    fn the_workspaces_packages_are_told_from_others() {
        let tree = "salon v0.1.0 (/home/me/salon)\nserde v1.0.0\nserde_derive v1.0.0 (proc-macro)\n\
                    salon-base v0.1.0 (/home/me/salon/crates/salon-base)\nserde v1.0.0 (*)\n\
                    salon-base v0.1.0 (/home/me/salon/crates/salon-base) (*)\n";
        assert_eq!(of_workspace(tree), ["salon", "salon-base"]);
    }

    #[test]
    fn what_ships_elsewhere_is_asked_of_cargo() {
        for target in ["x86_64-pc-windows-gnu", "aarch64-apple-darwin"] {
            let packages = packages(target).unwrap();
            for there in ["salon", "salon-private", "salon-settings"] {
                assert!(
                    packages.iter().any(|package| package == there),
                    "{packages:?}"
                );
            }
            assert!(!packages.iter().any(|package| package == "rtc-host"));
        }
    }
}
