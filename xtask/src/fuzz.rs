//! Running the fuzz targets.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::npm::Packages;
use crate::process::{command, root, succeeds};
use crate::setup::{self, Needs};
use crate::tools;

/// Targets that come with Tauri; building it with instrumentation takes many minutes, so the
/// others are built without.
const WITH_TAURI: [&str; 10] = [
    "answer",
    "data_message",
    "link",
    "meetings",
    "profile",
    "redact",
    "request",
    "settings",
    "sign_in",
    "token",
];
/// An input that takes longer is a finding.
const SECONDS_PER_INPUT: u32 = 10;

/// Runs each target, or those named so, for some seconds, all of them, also after a finding.
pub(crate) fn run(seconds: u32, only: Option<&str>, packages: Packages, yes: bool) -> Result<()> {
    let targets = targets(only)?;
    if targets.iter().any(|t| WITH_TAURI.contains(&t.as_str())) {
        setup::ensure(Needs::Run, packages, yes)?;
        // The app has the page inside.
        crate::build::page()?;
    }
    let mut findings = Vec::new();
    for target in &targets {
        println!("\n=== {target}, {seconds} s");
        findings.extend(fuzz(target, seconds)?);
    }
    if findings.is_empty() {
        println!("\nno finding in {} targets", targets.len());
        return Ok(());
    }
    for (target, artefact) in &findings {
        let artefact = artefact.display();
        println!("finding: {artefact}");
        println!("  once it is fixed: cp {artefact} fuzz/regressions/{target}/");
    }
    bail!("findings: {}", findings.len())
}

fn folder() -> PathBuf {
    root().join("fuzz")
}

fn targets(only: Option<&str>) -> Result<Vec<String>> {
    let mut targets = Vec::new();
    for entry in std::fs::read_dir(folder().join("fuzz_targets"))? {
        let path = entry?.path();
        let name = path
            .file_stem()
            .and_then(|s| s.to_str())
            .unwrap_or_default();
        if only.is_none_or(|only| only == name) {
            targets.push(name.to_owned());
        }
    }
    targets.sort();
    if targets.is_empty() {
        bail!("there is no target {}", only.unwrap_or_default());
    }
    Ok(targets)
}

/// Runs one target and gives what it found.
fn fuzz(target: &str, seconds: u32) -> Result<Vec<(String, PathBuf)>> {
    let artefacts = folder().join("artifacts").join(target);
    let before = files(&artefacts);
    // What libFuzzer finds of use goes to the first folder, which is not checked in.
    let corpus = folder().join("corpus").join(target);
    std::fs::create_dir_all(&corpus)?;
    let mut run = cargo_fuzz()?;
    run.args(["fuzz", "run", target]).arg(&corpus);
    for more in ["seeds", "regressions"] {
        let more = folder().join(more).join(target);
        if more.is_dir() {
            run.arg(more);
        }
    }
    if WITH_TAURI.contains(&target) {
        run.args(["--features", "app"]);
    }
    run.arg("--")
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-timeout={SECONDS_PER_INPUT}"))
        .arg("-print_final_stats=1");
    let dictionary = folder().join(format!("dictionaries/{target}.dict"));
    if dictionary.is_file() {
        run.arg(format!("-dict={}", dictionary.display()));
    }
    let status = run
        .status()
        .with_context(|| format!("{run:?} does not start"))?;
    let found: Vec<_> = files(&artefacts)
        .difference(&before)
        .map(|file| (target.to_owned(), file.clone()))
        .collect();
    if !status.success() && found.is_empty() {
        // One that does not build, or the same finding as the last time.
        bail!(
            "{target} failed ({status}) without anything new in {}",
            artefacts.display()
        );
    }
    Ok(found)
}

fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return BTreeSet::new();
    };
    entries.filter_map(|e| Some(e.ok()?.path())).collect()
}

/// `cargo-fuzz`, with a compiler that takes its flags.
///
/// Sanitisers and coverage are unstable flags. A stable compiler has them too, and carries the
/// sanitisers' libraries; where nightly is not installed it is told to take the flags rather than
/// another half a gigabyte fetched. Nothing that is built this way leaves the machine.
fn cargo_fuzz() -> Result<Command> {
    let mut fuzz = command(tools::cargo_fuzz()?);
    // The cargo that runs us puts its own path and toolchain there.
    fuzz.env_remove("CARGO");
    if succeeds(Command::new("rustup").args(["run", "nightly", "rustc", "--version"])) {
        fuzz.env("RUSTUP_TOOLCHAIN", "nightly");
    } else {
        fuzz.env("RUSTC_BOOTSTRAP", "1");
    }
    Ok(fuzz)
}
