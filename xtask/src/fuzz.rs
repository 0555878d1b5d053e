//! Running the fuzz targets.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::npm::Packages;
use crate::process::{self, command, root, succeeds};
use crate::setup;
use crate::tools::{self, Needs};

/// Targets that come with Tauri.
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
/// Targets that come with GStreamer and libopus.
const WITH_SOUND: [&str; 2] = ["jitter_buffer", "opus"];
/// The one for libopus alone, whose C is compiled for fuzzing.
const LIBOPUS: &str = "opus";
/// Inputs after which a mistake that was made on purpose has to be found. It takes a few hundred.
const INPUTS_FOR_PLANTED: u32 = 20_000;
/// An input that takes longer is a finding.
const SECONDS_PER_INPUT: u32 = 10;

/// Runs each target, or the one named so, for some seconds, all of them, also after a finding.
pub(crate) fn run(seconds: u32, only: Option<&str>, packages: Packages, yes: bool) -> Result<()> {
    let targets = targets(only)?;
    prepare(&targets, packages, yes)?;
    if targets.iter().any(|t| t == LIBOPUS) {
        find_planted()?;
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

/// Fuzzes with a buffer that is too short for what libopus writes, until that is found. Otherwise
/// its C is not watched, and that nothing is found in it says nothing.
pub(crate) fn planted(packages: Packages, yes: bool) -> Result<()> {
    prepare(&targets(Some(LIBOPUS))?, packages, yes)?;
    find_planted()
}

fn prepare(targets: &[String], packages: Packages, yes: bool) -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!("fuzzing is done on Linux, where all of the code under it is");
    }
    let tauri = targets.iter().any(|t| WITH_TAURI.contains(&t.as_str()));
    let sound = targets.iter().any(|t| WITH_SOUND.contains(&t.as_str()));
    if tauri || sound {
        setup::ensure(Needs::Run, packages, yes)?;
    }
    if tauri {
        // The app has the page inside.
        crate::build::page()?;
    }
    forget_c_of_other_flags()
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

/// What a target is built with alone: instrumenting everything takes many minutes.
fn feature(target: &str) -> &'static str {
    if WITH_TAURI.contains(&target) {
        "app"
    } else if WITH_SOUND.contains(&target) {
        "sound"
    } else {
        "net"
    }
}

/// Runs one target and gives what it found.
fn fuzz(target: &str, seconds: u32) -> Result<Vec<(String, PathBuf)>> {
    let artefacts = folder().join("artifacts").join(target);
    let before = files(&artefacts);
    // What libFuzzer finds of use goes to the first folder, which is not checked in.
    let corpus = folder().join("corpus").join(target);
    std::fs::create_dir_all(&corpus)?;
    let mut run = cargo_fuzz("run", target, feature(target))?;
    run.arg(&corpus);
    for more in ["seeds", "regressions"] {
        let more = folder().join(more).join(target);
        if more.is_dir() {
            run.arg(more);
        }
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

fn find_planted() -> Result<()> {
    println!("\n=== a mistake on purpose in what calls libopus");
    // What it finds is kept apart: it is no finding.
    let kept = folder().join("target/planted");
    std::fs::create_dir_all(&kept)?;
    // By itself, since what the other one prints is kept back.
    process::run(&mut cargo_fuzz("build", LIBOPUS, "planted")?)?;
    let mut run = cargo_fuzz("run", LIBOPUS, "planted")?;
    run.arg(&kept)
        .arg(folder().join("seeds").join(LIBOPUS))
        .arg("--")
        .args(["-seed=1", &format!("-runs={INPUTS_FOR_PLANTED}")])
        .arg(format!("-artifact_prefix={}/", kept.display()));
    let output = run
        .output()
        .with_context(|| format!("{run:?} does not start"))?;
    let report = String::from_utf8_lossy(&output.stderr);
    std::fs::remove_dir_all(&kept)?;
    let Some(summary) = overflow(&report) else {
        print!("{report}");
        bail!(
            "the overflow that was planted in libopus was not found ({})",
            output.status
        );
    };
    println!("found: {summary}");
    Ok(())
}

/// What AddressSanitizer sums up of a write beyond the end of a buffer on the heap.
fn overflow(report: &str) -> Option<&str> {
    report
        .lines()
        .any(|line| line.starts_with("WRITE of size"))
        .then(|| {
            report
                .lines()
                .find(|line| line.starts_with("SUMMARY: AddressSanitizer: heap-buffer-overflow"))
        })
        .flatten()
}

/// How libopus is compiled for fuzzing: a toolchain file of CMake's.
fn flags_of_c() -> PathBuf {
    folder().join("c/libopus.cmake")
}

/// Cargo does not know of the flags: a libopus that was built with others is removed.
fn forget_c_of_other_flags() -> Result<()> {
    let target = folder().join("target");
    let (wanted, stamp) = (std::fs::read(flags_of_c())?, target.join("libopus.cmake"));
    if std::fs::read(&stamp).is_ok_and(|built| built == wanted) {
        return Ok(());
    }
    // By triple, and there by profile.
    for profile in files(&target).iter().flat_map(|triple| files(triple)) {
        for part in ["build", ".fingerprint"] {
            for package in files(&profile.join(part)) {
                let name = package.file_name().and_then(|name| name.to_str());
                if name.is_some_and(|name| name.starts_with("opusic-sys-")) {
                    std::fs::remove_dir_all(package)?;
                }
            }
        }
    }
    std::fs::create_dir_all(&target)?;
    std::fs::write(stamp, wanted)?;
    Ok(())
}

fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return BTreeSet::new();
    };
    entries.filter_map(|e| Some(e.ok()?.path())).collect()
}

/// `cargo fuzz` for a target, with a compiler that takes its flags.
///
/// Sanitisers and coverage are unstable flags. A stable compiler has them too, and carries the
/// sanitisers' libraries; where nightly is not installed it is told to take the flags rather than
/// another half a gigabyte fetched. Nothing that is built this way leaves the machine.
fn cargo_fuzz(verb: &str, target: &str, feature: &str) -> Result<Command> {
    let mut fuzz = command(tools::cargo_fuzz()?);
    fuzz.args(["fuzz", verb, target, "--features", feature]);
    // The cargo that runs us puts its own path and toolchain there.
    fuzz.env_remove("CARGO");
    if succeeds(Command::new("rustup").args(["run", "nightly", "rustc", "--version"])) {
        fuzz.env("RUSTUP_TOOLCHAIN", "nightly");
    } else {
        fuzz.env("RUSTC_BOOTSTRAP", "1");
    }
    fuzz.env("CMAKE_TOOLCHAIN_FILE", flags_of_c());
    Ok(fuzz)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_write_beyond_a_buffer_on_the_heap_is_the_planted_mistake() {
        let summary = "SUMMARY: AddressSanitizer: heap-buffer-overflow (opus+0x2a) in celt_decode";
        let report = format!("==1==ERROR: AddressSanitizer\nWRITE of size 4 at 0x1\n{summary}\n");
        assert_eq!(overflow(&report), Some(summary));
        for other in [
            report.replace("WRITE", "READ"),
            report.replace("heap-buffer-overflow", "stack-buffer-overflow"),
            "SUMMARY: libFuzzer: deadly signal\n".to_owned(),
            String::new(),
        ] {
            assert_eq!(overflow(&other), None, "{other}");
        }
    }
}
